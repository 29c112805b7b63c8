/* The frames of a QUIC packet, written and named. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/frame.h"

#include <string.h>

#include "sim/wire/writer.h"

static void write_stream(ho_writer *w, const ho_frame *frame) {
  ho_writer_varint(w, HO_FRAME_STREAM | 0x04 | 0x02 | (frame->fin ? 1 : 0));
  ho_writer_varint(w, frame->stream);
  ho_writer_varint(w, frame->offset);
  ho_writer_varint(w, frame->length);
  ho_writer_bytes(w, frame->bytes, frame->length);
}

/* The length may be a wrong one: what is not there to follow it is 0. */
static void write_new_cid(ho_writer *w, const ho_frame *frame) {
  uint8_t cid[UINT8_MAX] = {0};

  memcpy(cid, frame->cid.bytes, sizeof(frame->cid.bytes));
  ho_writer_varint(w, frame->type);
  ho_writer_varint(w, frame->sequence);
  ho_writer_varint(w, frame->retire_prior_to);
  ho_writer_uint(w, frame->cid.len, 1);
  ho_writer_bytes(w, cid, frame->cid.len);
  ho_writer_bytes(w, frame->token.bytes, sizeof(frame->token.bytes));
}

static void write_close(ho_writer *w, const ho_frame *frame) {
  ho_writer_varint(w, frame->type);
  ho_writer_varint(w, frame->error);
  if (frame->type == HO_FRAME_CONNECTION_CLOSE) {
    ho_writer_varint(w, frame->trigger);
  }
  ho_writer_varint(w, frame->length);
  ho_writer_bytes(w, frame->bytes, frame->length);
}

static void write_counted(ho_writer *w, const ho_frame *frame) {
  ho_writer_varint(w, frame->type);
  ho_writer_varint(w, frame->length);
  ho_writer_bytes(w, frame->bytes, frame->length);
}

static void write_numbers(ho_writer *w, const ho_frame *frame) {
  ho_writer_varint(w, frame->type);
  if (frame->type == HO_FRAME_RETIRE_CONNECTION_ID) {
    ho_writer_varint(w, frame->sequence);
  } else if (frame->type == HO_FRAME_PATH_CHALLENGE ||
             frame->type == HO_FRAME_PATH_RESPONSE) {
    ho_writer_uint(w, frame->data, 8);
  }
}

size_t ho_frame_write(uint8_t *dest, size_t cap, const ho_frame *frame) {
  ho_writer w = {dest, dest + cap, false};

  switch (frame->type) {
  case HO_FRAME_PADDING:
    ho_writer_zeros(&w, frame->length);
    break;
  case HO_FRAME_STREAM:
    write_stream(&w, frame);
    break;
  case HO_FRAME_NEW_TOKEN:
    write_counted(&w, frame);
    break;
  case HO_FRAME_NEW_CONNECTION_ID:
    write_new_cid(&w, frame);
    break;
  case HO_FRAME_CONNECTION_CLOSE:
  case HO_FRAME_CONNECTION_CLOSE_APP:
    write_close(&w, frame);
    break;
  case HO_FRAME_PING:
  case HO_FRAME_HANDSHAKE_DONE:
  case HO_FRAME_RETIRE_CONNECTION_ID:
  case HO_FRAME_PATH_CHALLENGE:
  case HO_FRAME_PATH_RESPONSE:
    write_numbers(&w, frame);
    break;
  default:
    ho_writer_bytes(&w, frame->raw, frame->raw_len);
  }
  return w.full ? 0 : (size_t)(w.p - dest);
}

static const struct {
  uint64_t first, last;
  const char *name;
} names[] = {
    {HO_FRAME_PADDING, HO_FRAME_PADDING, "PADDING"},
    {HO_FRAME_PING, HO_FRAME_PING, "PING"},
    {HO_FRAME_ACK, HO_FRAME_ACK_ECN, "ACK"},
    {HO_FRAME_RESET_STREAM, HO_FRAME_RESET_STREAM, "RESET_STREAM"},
    {HO_FRAME_STOP_SENDING, HO_FRAME_STOP_SENDING, "STOP_SENDING"},
    {HO_FRAME_CRYPTO, HO_FRAME_CRYPTO, "CRYPTO"},
    {HO_FRAME_NEW_TOKEN, HO_FRAME_NEW_TOKEN, "NEW_TOKEN"},
    {HO_FRAME_STREAM, HO_FRAME_STREAM + 7, "STREAM"},
    {HO_FRAME_MAX_DATA, HO_FRAME_MAX_DATA, "MAX_DATA"},
    {HO_FRAME_MAX_STREAM_DATA, HO_FRAME_MAX_STREAM_DATA, "MAX_STREAM_DATA"},
    {HO_FRAME_MAX_STREAMS_BIDI, HO_FRAME_MAX_STREAMS_UNI, "MAX_STREAMS"},
    {HO_FRAME_DATA_BLOCKED, HO_FRAME_DATA_BLOCKED, "DATA_BLOCKED"},
    {HO_FRAME_STREAM_DATA_BLOCKED, HO_FRAME_STREAM_DATA_BLOCKED,
     "STREAM_DATA_BLOCKED"},
    {HO_FRAME_STREAMS_BLOCKED_BIDI, HO_FRAME_STREAMS_BLOCKED_UNI,
     "STREAMS_BLOCKED"},
    {HO_FRAME_NEW_CONNECTION_ID, HO_FRAME_NEW_CONNECTION_ID,
     "NEW_CONNECTION_ID"},
    {HO_FRAME_RETIRE_CONNECTION_ID, HO_FRAME_RETIRE_CONNECTION_ID,
     "RETIRE_CONNECTION_ID"},
    {HO_FRAME_PATH_CHALLENGE, HO_FRAME_PATH_CHALLENGE, "PATH_CHALLENGE"},
    {HO_FRAME_PATH_RESPONSE, HO_FRAME_PATH_RESPONSE, "PATH_RESPONSE"},
    {HO_FRAME_CONNECTION_CLOSE, HO_FRAME_CONNECTION_CLOSE_APP,
     "CONNECTION_CLOSE"},
    {HO_FRAME_HANDSHAKE_DONE, HO_FRAME_HANDSHAKE_DONE, "HANDSHAKE_DONE"},
    {HO_FRAME_DATAGRAM, HO_FRAME_DATAGRAM_LEN, "DATAGRAM"},
};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

const char *ho_frame_name(uint64_t type) {
  for (size_t i = 0; i < NAMES; i++) {
    if (type >= names[i].first && type <= names[i].last) {
      return names[i].name;
    }
  }
  return "unknown";
}

uint64_t ho_frame_type(const char *name, size_t len) {
  for (size_t i = 0; i < NAMES; i++) {
    if (strlen(names[i].name) == len && memcmp(names[i].name, name, len) == 0) {
      return names[i].first;
    }
  }
  return UINT64_MAX;
}
