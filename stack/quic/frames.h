/* The frames of a decrypted QUIC packet (RFC 9000, 19; RFC 9221). */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_QUIC_FRAMES_H
#define HO_STACK_QUIC_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "sim/base/event.h"

enum {
  HO_FRAME_PADDING = 0x00,
  HO_FRAME_PING = 0x01,
  HO_FRAME_ACK = 0x02,
  HO_FRAME_ACK_ECN = 0x03,
  HO_FRAME_RESET_STREAM = 0x04,
  HO_FRAME_STOP_SENDING = 0x05,
  HO_FRAME_CRYPTO = 0x06,
  HO_FRAME_NEW_TOKEN = 0x07,
  HO_FRAME_STREAM = 0x08, /* to 0x0f */
  HO_FRAME_MAX_DATA = 0x10,
  HO_FRAME_MAX_STREAM_DATA = 0x11,
  HO_FRAME_MAX_STREAMS_BIDI = 0x12,
  HO_FRAME_MAX_STREAMS_UNI = 0x13,
  HO_FRAME_DATA_BLOCKED = 0x14,
  HO_FRAME_STREAM_DATA_BLOCKED = 0x15,
  HO_FRAME_STREAMS_BLOCKED_BIDI = 0x16,
  HO_FRAME_STREAMS_BLOCKED_UNI = 0x17,
  HO_FRAME_NEW_CONNECTION_ID = 0x18,
  HO_FRAME_RETIRE_CONNECTION_ID = 0x19,
  HO_FRAME_PATH_CHALLENGE = 0x1a,
  HO_FRAME_PATH_RESPONSE = 0x1b,
  HO_FRAME_CONNECTION_CLOSE = 0x1c,
  HO_FRAME_CONNECTION_CLOSE_APP = 0x1d,
  HO_FRAME_HANDSHAKE_DONE = 0x1e,
  HO_FRAME_DATAGRAM = 0x30,
  HO_FRAME_DATAGRAM_LEN = 0x31,
};

/* ho_frame is one frame; a run of PADDING is one.  The members that its type
 * has are set. */
typedef struct {
  uint64_t type;     /* STREAM with its flag bits cleared */
  uint64_t stream;   /* STREAM */
  uint64_t offset;   /* STREAM, CRYPTO */
  uint64_t length;   /* STREAM, CRYPTO: bytes of data; PADDING: how many */
  uint64_t data;     /* PATH_*: its 8 bytes, big-endian */
  uint64_t sequence; /* NEW_ and RETIRE_CONNECTION_ID */
  uint64_t retire_prior_to;
  ho_cid cid;
  ho_token token;
} ho_frame;

/* ho_frame_next reads the frame at |p| of |len| bytes.  Any input is safe.
 * Returns the bytes it takes, or 0 if they are no frame. */
size_t ho_frame_next(ho_frame *frame, const uint8_t *p, size_t len);

/* ho_frame_eliciting says whether |type| asks for an ACK (RFC 9002, 2). */
bool ho_frame_eliciting(uint64_t type);

#endif
