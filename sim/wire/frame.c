/* The frames of a decrypted QUIC packet, read. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/frame.h"

#include "sim/wire/reader.h"

/* Both are 4.6's and 19's limits. */
#define MOST_STREAMS (UINT64_C(1) << 60)
#define MOST_BYTES   ((UINT64_C(1) << 62) - 1)

#define varint(r) ho_reader_varint(r)

static void read_bytes(ho_reader *r, ho_frame *frame) {
  frame->bytes = ho_reader_skip(r, frame->length);
}

/* A gap and the range behind it, together.  After a burst of losses an ACK has
 * hundreds, nearly all of a byte each. */
static inline uint64_t read_range(ho_reader *r) {
  uint64_t gap;

  if (ho_reader_left(r) >= 2 && ((r->p[0] | r->p[1]) & 0xc0) == 0) {
    r->p += 2;
    return (uint64_t)r->p[-2] + r->p[-1];
  }
  gap = varint(r);
  return gap + varint(r);
}

/* How far down the next four gaps and ranges go if they are eight numbers of a
 * byte each, and within |room|; else 0.  The sum is of pairs, which no byte
 * could hold. */
static inline uint64_t four_ranges(const ho_reader *r, uint64_t room) {
  static const uint64_t lows = UINT64_C(0x00ff00ff00ff00ff);
  uint64_t v, sum;

  if (ho_reader_left(r) < 8) {
    return 0;
  }
  v = ho_reader_peek64(r);
  if (v & UINT64_C(0xc0c0c0c0c0c0c0c0)) {
    return 0;
  }
  v = (v & lows) + (v >> 8 & lows);
  sum = (v * UINT64_C(0x0001000100010001) >> 48) + UINT64_C(4) * 2;
  return sum <= room ? sum : 0;
}

/* 19.3.1: every range is above 0 and below the one before. */
static void read_ranges(ho_reader *r, ho_frame *frame, uint64_t count) {
  uint64_t first = varint(r), below;

  r->bad |= first > frame->largest;
  first = frame->largest - first;
  while (count > 0 && !r->bad) {
    below = count >= 4 ? four_ranges(r, first) : 0;
    if (below > 0) {
      r->p += 8;
      count -= 4;
    } else {
      below = read_range(r) + 2; /* no sum of 62 bits wraps */
      r->bad |= below > first;
      count--;
    }
    first -= below;
  }
}

/* 19.3: largest, delay, range count, first range, then pairs. */
static void read_ack(ho_reader *r, ho_frame *frame) {
  uint64_t count;

  frame->largest = varint(r);
  frame->delay = varint(r);
  count = varint(r);
  frame->bytes = r->p;
  read_ranges(r, frame, count);
  frame->length = (uint64_t)(r->p - frame->bytes);
  if (frame->type == HO_FRAME_ACK_ECN) {
    frame->ect0 = varint(r);
    frame->ect1 = varint(r);
    frame->ce = varint(r);
  }
}

/* 19.8: the low bits of the type say which fields there are. */
static void read_stream(ho_reader *r, ho_frame *frame, uint64_t type) {
  frame->type = HO_FRAME_STREAM;
  frame->fin = type & 0x01;
  frame->stream = varint(r);
  frame->offset = type & 0x04 ? varint(r) : 0;
  frame->length = type & 0x02 ? varint(r) : ho_reader_left(r);
  read_bytes(r, frame);
  r->bad |= frame->offset + frame->length > MOST_BYTES;
}

static void read_crypto(ho_reader *r, ho_frame *frame) {
  frame->offset = varint(r);
  frame->length = varint(r);
  read_bytes(r, frame);
  r->bad |= frame->offset + frame->length > MOST_BYTES;
}

static void read_reset(ho_reader *r, ho_frame *frame) {
  frame->stream = varint(r);
  frame->error = varint(r);
  if (frame->type == HO_FRAME_RESET_STREAM) {
    frame->offset = varint(r);
  }
}

static void read_limit(ho_reader *r, ho_frame *frame) {
  frame->limit = varint(r);
}

static void read_stream_limit(ho_reader *r, ho_frame *frame) {
  frame->stream = varint(r);
  frame->limit = varint(r);
}

static void read_streams_limit(ho_reader *r, ho_frame *frame) {
  frame->limit = varint(r);
  r->bad |= frame->limit > MOST_STREAMS; /* 19.11, 19.14 */
}

static void read_counted(ho_reader *r, ho_frame *frame) {
  frame->length = varint(r);
  read_bytes(r, frame);
  r->bad |= frame->type == HO_FRAME_NEW_TOKEN && frame->length == 0; /* 19.7 */
}

static void read_new_cid(ho_reader *r, ho_frame *frame) {
  frame->sequence = varint(r);
  frame->retire_prior_to = varint(r);
  frame->cid.len = (uint8_t)ho_reader_uint(r, 1);
  if (r->bad || frame->cid.len < 1 || frame->cid.len > 20) {
    r->bad = true;
    return;
  }
  ho_reader_copy(r, frame->cid.bytes, frame->cid.len);
  ho_reader_copy(r, frame->token.bytes, sizeof(frame->token.bytes));
  r->bad |= frame->retire_prior_to > frame->sequence;
}

static void read_close(ho_reader *r, ho_frame *frame) {
  frame->error = varint(r);
  if (frame->type == HO_FRAME_CONNECTION_CLOSE) {
    frame->trigger = varint(r);
  }
  frame->length = varint(r);
  read_bytes(r, frame);
}

static void read_padding(ho_reader *r, ho_frame *frame) {
  const uint8_t *start = r->p;

  while (r->p < r->end && *r->p == 0) {
    r->p++;
  }
  frame->length = 1 + (uint64_t)(r->p - start);
}

static void read_rest(ho_reader *r, ho_frame *frame) {
  switch (frame->type) {
  case HO_FRAME_PADDING:
    read_padding(r, frame);
    break;
  case HO_FRAME_PING:
  case HO_FRAME_HANDSHAKE_DONE:
    break;
  case HO_FRAME_ACK:
  case HO_FRAME_ACK_ECN:
    read_ack(r, frame);
    break;
  case HO_FRAME_RESET_STREAM:
  case HO_FRAME_STOP_SENDING:
    read_reset(r, frame);
    break;
  case HO_FRAME_CRYPTO:
    read_crypto(r, frame);
    break;
  case HO_FRAME_NEW_TOKEN:
  case HO_FRAME_DATAGRAM_LEN:
    read_counted(r, frame);
    break;
  case HO_FRAME_MAX_DATA:
  case HO_FRAME_DATA_BLOCKED:
    read_limit(r, frame);
    break;
  case HO_FRAME_MAX_STREAM_DATA:
  case HO_FRAME_STREAM_DATA_BLOCKED:
    read_stream_limit(r, frame);
    break;
  case HO_FRAME_MAX_STREAMS_BIDI:
  case HO_FRAME_MAX_STREAMS_UNI:
  case HO_FRAME_STREAMS_BLOCKED_BIDI:
  case HO_FRAME_STREAMS_BLOCKED_UNI:
    read_streams_limit(r, frame);
    break;
  case HO_FRAME_NEW_CONNECTION_ID:
    read_new_cid(r, frame);
    break;
  case HO_FRAME_RETIRE_CONNECTION_ID:
    frame->sequence = varint(r);
    break;
  case HO_FRAME_PATH_CHALLENGE:
  case HO_FRAME_PATH_RESPONSE:
    frame->data = ho_reader_uint(r, 8);
    break;
  case HO_FRAME_CONNECTION_CLOSE:
  case HO_FRAME_CONNECTION_CLOSE_APP:
    read_close(r, frame);
    break;
  case HO_FRAME_DATAGRAM:
    frame->length = ho_reader_left(r);
    read_bytes(r, frame);
    break;
  default:
    r->bad = true;
  }
}

size_t ho_frame_next(ho_frame *frame, const uint8_t *p, size_t len) {
  ho_reader r = {p, p + len, false};
  uint64_t type = varint(&r);

  *frame = (ho_frame){.type = type, .raw = p};
  if (r.bad) {
    return 0;
  }
  if (type >= HO_FRAME_STREAM && type <= 0x0f) {
    read_stream(&r, frame, type);
  } else {
    read_rest(&r, frame);
  }
  if (r.bad) {
    return 0;
  }
  frame->raw_len = (size_t)(r.p - p);
  return frame->raw_len;
}

bool ho_frame_ack_next(const ho_frame *ack, size_t *at, uint64_t *first,
                       uint64_t *last) {
  bool is_ack = ack->type == HO_FRAME_ACK || ack->type == HO_FRAME_ACK_ECN;
  ho_reader r;

  if (!is_ack || *at >= ack->length) {
    return false;
  }
  r = (ho_reader){ack->bytes + *at, ack->bytes + ack->length, false};
  *last = *at == 0 ? ack->largest : *first - varint(&r) - 2;
  *first = *last - varint(&r);
  *at = (size_t)(r.p - ack->bytes);
  return true;
}

bool ho_frame_acks(const ho_frame *ack, uint64_t pn) {
  uint64_t first, last;
  size_t at = 0;

  while (ho_frame_ack_next(ack, &at, &first, &last)) {
    if (pn >= first) {
      return pn <= last;
    }
  }
  return false;
}

bool ho_frame_eliciting(uint64_t type) {
  return type != HO_FRAME_PADDING && type != HO_FRAME_ACK &&
         type != HO_FRAME_ACK_ECN && type != HO_FRAME_CONNECTION_CLOSE &&
         type != HO_FRAME_CONNECTION_CLOSE_APP;
}

bool ho_frame_probing(uint64_t type) {
  return type == HO_FRAME_PADDING || type == HO_FRAME_PATH_CHALLENGE ||
         type == HO_FRAME_PATH_RESPONSE || type == HO_FRAME_NEW_CONNECTION_ID;
}
