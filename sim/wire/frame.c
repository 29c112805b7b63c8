/* The frames of a decrypted QUIC packet. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/frame.h"

#include <string.h>

/* A reader that remembers whether it ran over the end. */
typedef struct {
  const uint8_t *p, *end;
  bool bad;
} reader;

/* Variable-length integers: RFC 9000, 16. */
static uint64_t varint(reader *r) {
  size_t n;
  uint64_t v;

  if (r->p == r->end) {
    r->bad = true;
    return 0;
  }
  n = (size_t)1 << (*r->p >> 6);
  if ((size_t)(r->end - r->p) < n) {
    r->bad = true;
    return 0;
  }
  v = *r->p & 0x3f;
  for (size_t i = 1; i < n; i++) {
    v = v << 8 | r->p[i];
  }
  r->p += n;
  return v;
}

static void skip(reader *r, uint64_t n) {
  if ((uint64_t)(r->end - r->p) < n) {
    r->bad = true;
    return;
  }
  r->p += n;
}

static void copy(reader *r, void *dest, size_t n) {
  if ((size_t)(r->end - r->p) < n) {
    r->bad = true;
    return;
  }
  memcpy(dest, r->p, n);
  r->p += n;
}

static void varints(reader *r, int n) {
  while (n-- > 0) {
    varint(r);
  }
}

/* 19.3: largest, delay, range count, first range, then pairs. */
static void read_ack(reader *r, bool ecn) {
  uint64_t ranges;

  varints(r, 2);
  ranges = varint(r);
  varint(r);
  while (ranges-- > 0 && !r->bad) {
    varints(r, 2);
  }
  if (ecn) {
    varints(r, 3);
  }
}

/* 19.8: the low bits of the type say which fields there are. */
static void read_stream(reader *r, ho_frame *frame, uint64_t type) {
  frame->type = HO_FRAME_STREAM;
  frame->stream = varint(r);
  frame->offset = type & 0x04 ? varint(r) : 0;
  frame->length = type & 0x02 ? varint(r) : (uint64_t)(r->end - r->p);
  skip(r, frame->length);
}

static void read_new_cid(reader *r, ho_frame *frame) {
  frame->sequence = varint(r);
  frame->retire_prior_to = varint(r);
  copy(r, &frame->cid.len, 1);
  if (r->bad || frame->cid.len < 1 || frame->cid.len > 20) {
    r->bad = true;
    return;
  }
  copy(r, frame->cid.bytes, frame->cid.len);
  copy(r, frame->token.bytes, sizeof(frame->token.bytes));
}

static void read_path(reader *r, ho_frame *frame) {
  uint8_t b[8] = {0};

  copy(r, b, sizeof(b));
  for (size_t i = 0; i < sizeof(b); i++) {
    frame->data = frame->data << 8 | b[i];
  }
}

static void read_padding(reader *r, ho_frame *frame) {
  const uint8_t *start = r->p;

  while (r->p < r->end && *r->p == 0) {
    r->p++;
  }
  frame->length = 1 + (uint64_t)(r->p - start);
}

static void read_rest(reader *r, ho_frame *frame) {
  switch (frame->type) {
  case HO_FRAME_PADDING:
    read_padding(r, frame);
    break;
  case HO_FRAME_PING:
  case HO_FRAME_HANDSHAKE_DONE:
    break;
  case HO_FRAME_ACK:
  case HO_FRAME_ACK_ECN:
    read_ack(r, frame->type == HO_FRAME_ACK_ECN);
    break;
  case HO_FRAME_RESET_STREAM:
    varints(r, 3);
    break;
  case HO_FRAME_STOP_SENDING:
  case HO_FRAME_MAX_STREAM_DATA:
  case HO_FRAME_STREAM_DATA_BLOCKED:
    varints(r, 2);
    break;
  case HO_FRAME_CRYPTO:
    frame->offset = varint(r);
    frame->length = varint(r);
    skip(r, frame->length);
    break;
  case HO_FRAME_NEW_TOKEN:
  case HO_FRAME_DATAGRAM_LEN:
    frame->length = varint(r);
    skip(r, frame->length);
    break;
  case HO_FRAME_MAX_DATA:
  case HO_FRAME_MAX_STREAMS_BIDI:
  case HO_FRAME_MAX_STREAMS_UNI:
  case HO_FRAME_DATA_BLOCKED:
  case HO_FRAME_STREAMS_BLOCKED_BIDI:
  case HO_FRAME_STREAMS_BLOCKED_UNI:
    varint(r);
    break;
  case HO_FRAME_NEW_CONNECTION_ID:
    read_new_cid(r, frame);
    break;
  case HO_FRAME_RETIRE_CONNECTION_ID:
    frame->sequence = varint(r);
    break;
  case HO_FRAME_PATH_CHALLENGE:
  case HO_FRAME_PATH_RESPONSE:
    read_path(r, frame);
    break;
  case HO_FRAME_CONNECTION_CLOSE:
  case HO_FRAME_CONNECTION_CLOSE_APP:
    varints(r, frame->type == HO_FRAME_CONNECTION_CLOSE ? 2 : 1);
    skip(r, varint(r));
    break;
  case HO_FRAME_DATAGRAM:
    r->p = r->end;
    break;
  default:
    r->bad = true;
  }
}

size_t ho_frame_next(ho_frame *frame, const uint8_t *p, size_t len) {
  reader r = {p, p + len, false};
  uint64_t type = varint(&r);

  *frame = (ho_frame){.type = type};
  if (r.bad) {
    return 0;
  }
  if (type >= HO_FRAME_STREAM && type <= 0x0f) {
    read_stream(&r, frame, type);
  } else {
    read_rest(&r, frame);
  }
  return r.bad ? 0 : (size_t)(r.p - p);
}

bool ho_frame_eliciting(uint64_t type) {
  return type != HO_FRAME_PADDING && type != HO_FRAME_ACK &&
         type != HO_FRAME_ACK_ECN && type != HO_FRAME_CONNECTION_CLOSE &&
         type != HO_FRAME_CONNECTION_CLOSE_APP;
}
