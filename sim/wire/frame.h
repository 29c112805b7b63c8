/* The frames of a decrypted QUIC packet (RFC 9000, 19; RFC 9221): read, named
 * and written without any QUIC stack. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_WIRE_FRAME_H
#define HO_WIRE_FRAME_H

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
 * has are set.  |raw| and |bytes| point into what it was read from. */
typedef struct {
  uint64_t type;     /* STREAM with its flag bits cleared */
  uint64_t stream;   /* STREAM, RESET_STREAM, STOP_SENDING, MAX_STREAM_DATA,
                        STREAM_DATA_BLOCKED */
  uint64_t offset;   /* STREAM, CRYPTO; RESET_STREAM: final size */
  uint64_t length;   /* STREAM, CRYPTO, NEW_TOKEN, DATAGRAM, CONNECTION_CLOSE
                        (reason): bytes at |bytes|; PADDING: how many;
                        ACK: bytes its ranges take at |bytes| */
  bool fin;          /* STREAM */
  uint64_t limit;    /* MAX_*, *_BLOCKED */
  uint64_t error;    /* RESET_STREAM, STOP_SENDING, CONNECTION_CLOSE */
  uint64_t trigger;  /* CONNECTION_CLOSE (0x1c): type of the frame at fault */
  uint64_t data;     /* PATH_*: its 8 bytes, big-endian */
  uint64_t sequence; /* NEW_ and RETIRE_CONNECTION_ID */
  uint64_t retire_prior_to;
  ho_cid cid;
  ho_token token;
  uint64_t largest, delay; /* ACK: as on the wire, delay not scaled */
  uint64_t ect0, ect1, ce; /* ACK with ECN counts */
  const uint8_t *bytes;    /* STREAM, CRYPTO, NEW_TOKEN, DATAGRAM, reason */
  const uint8_t *raw;      /* the frame itself, raw_len bytes */
  size_t raw_len;
} ho_frame;

/* ho_frame_next reads the frame at |p| of |len| bytes.  Any input is safe.
 * Returns the bytes it takes, or 0 if they are no frame: truncated, of an
 * unknown type, a CID length outside 1 to 20 or Retire Prior To above its own
 * sequence number (19.15), an ACK whose ranges go below 0 (19.3.1), an empty
 * NEW_TOKEN (19.7), data beyond 2^62-1 (19.6, 19.8) or more than 2^60 streams
 * (19.11, 19.14).  For NEW_CONNECTION_ID, |frame| then still holds what could
 * be read. */
size_t ho_frame_next(ho_frame *frame, const uint8_t *p, size_t len);

/* ho_frame_ack_next walks through the ranges of an ACK, the highest first: set
 * |*at| to 0 before the first call and leave |*first| alone between calls.
 * Returns false after the last one. */
bool ho_frame_ack_next(const ho_frame *ack, size_t *at, uint64_t *first,
                       uint64_t *last);

/* ho_frame_acks says whether |ack| acknowledges packet |pn|. */
bool ho_frame_acks(const ho_frame *ack, uint64_t pn);

/* ho_frame_write writes PADDING, PING, NEW_TOKEN, STREAM (with offset and
 * length), NEW_CONNECTION_ID, RETIRE_CONNECTION_ID, PATH_CHALLENGE,
 * PATH_RESPONSE, CONNECTION_CLOSE or HANDSHAKE_DONE from the members above, and
 * copies |raw| of any other type.  Nothing is checked: broken frames are what
 * tests want, a CID longer than 20 bytes among them, which ends in zeros.
 * Returns its size, or 0 if |cap| is too small. */
size_t ho_frame_write(uint8_t *dest, size_t cap, const ho_frame *frame);

/* ho_frame_eliciting says whether |type| asks for an ACK (RFC 9002, 2);
 * ho_frame_probing whether it is a probing frame (RFC 9000, 9.1). */
bool ho_frame_eliciting(uint64_t type);
bool ho_frame_probing(uint64_t type);

/* ho_frame_name is the RFC's name, such as "PATH_CHALLENGE"; one name for all
 * types of ACK, STREAM, MAX_STREAMS, STREAMS_BLOCKED, CONNECTION_CLOSE and
 * DATAGRAM, "unknown" for what is none.  ho_frame_type is its inverse, the
 * lowest type of that name; UINT64_MAX for no name of a frame. */
const char *ho_frame_name(uint64_t type);
uint64_t ho_frame_type(const char *name, size_t len);

#endif
