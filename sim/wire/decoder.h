/* Decrypts the packets of one QUIC connection, with the secrets that its
 * endpoints' TLS exports, as Wireshark would: no QUIC stack is asked. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_WIRE_DECODER_H
#define HO_WIRE_DECODER_H

#include <stdbool.h>

#include "sim/wire/frame.h"
#include "sim/wire/header.h"
#include "sim/wire/params.h"

enum {
  HO_WIRE_PACKETS = 8,  /* coalesced into one datagram, at most */
  HO_WIRE_FRAMES = 64,  /* kept of one datagram */
  HO_WIRE_BYTES = 2048, /* of a datagram, at most */
};

/* ho_wire_packet is one packet of a datagram, decrypted where that could be
 * done. */
typedef struct {
  ho_header header; /* |token| points into |plain| of the datagram, and so
                       lives as long as that */
  bool opened;      /* false: what follows is not set but |why|, |offset| and
                       |len| */
  const char *why; /* "no key", "authentication failed", "not protected" (Retry,
                      Version Negotiation) or "too large" (HO_WIRE_BYTES) */
  uint64_t pn;
  unsigned pn_len; /* bytes it took on the wire */
  bool key_phase, spin;
  uint8_t reserved; /* the two reserved bits, which MUST be 0 */
  bool malformed;   /* it has a frame that is none: |frames| end before it */
  bool cut;         /* it has more frames than could be kept */
  bool probing;     /* every frame is a probing one (9.1) */
  bool eliciting;   /* one asks for an ACK */
  const ho_frame *frames;
  size_t frames_count;  /* HO_WIRE_FRAMES at most over the datagram */
  size_t offset, len;   /* where it is in the UDP payload */
  const uint8_t *plain; /* its frames' bytes */
  size_t plain_len;
} ho_wire_packet;

/* ho_wire_datagram is one UDP payload.  It owns all that its packets point to,
 * and must not be copied. */
typedef struct {
  size_t bytes; /* of the UDP payload */
  ho_wire_packet packets[HO_WIRE_PACKETS];
  size_t packets_count;
  ho_token tail;    /* its last 16 bytes: perhaps a stateless reset token */
  bool maybe_reset; /* nothing in it could be opened, it begins like a 1-RTT
                       packet and has 21 bytes or more (RFC 9000, 10.3) */
  ho_frame frames[HO_WIRE_FRAMES];
  size_t frames_count;
  uint8_t plain[HO_WIRE_BYTES];
  size_t plain_len;
} ho_wire_datagram;

typedef struct ho_decoder ho_decoder;

/* ho_decoder_new makes the decoder of one connection of QUIC version 1.  All
 * AEADs of RFC 9001, 5.3 but CCM are known.  Which one it is, the ServerHello
 * tells; for 0-RTT, or where there was none, what opens the first packet. */
ho_decoder *ho_decoder_new(void);
void ho_decoder_del(ho_decoder *d);

/* ho_decoder_secret gives it a secret that |of| has, of NSS's key log format:
 * |label| is CLIENT_EARLY_TRAFFIC_SECRET, CLIENT_ or
 * SERVER_HANDSHAKE_TRAFFIC_SECRET, CLIENT_ or SERVER_TRAFFIC_SECRET_0; others
 * are ignored, and so is a secret not of 32 or 48 bytes.
 *
 * A server that has another secret than it gave before has been restarted
 * within the handshake, and begins the connection again: its secrets, packet
 * numbers and transport parameters do so, too.  The client's first secret but
 * the early one says which server it is with, for good; from then on a secret
 * that the decoder has is not replaced.
 *
 * Returns whether the connection is with another server than it seemed. */
bool ho_decoder_secret(ho_decoder *d, ho_side of, const char *label,
                       const uint8_t *secret, size_t len);

/* ho_decoder_keep has |d| keep to the first secrets that it is given: it is for
 * one connection with one server, whatever else answers the same client. */
void ho_decoder_keep(ho_decoder *d);

/* ho_decoder_read decrypts the datagram |data| that |from| sent, in the order
 * of sending: Initial keys come from the client's first packet (a Retry changes
 * them, which the DCID of the client's next packet shows), truncated packet
 * numbers are expanded against what came before, a flipped key phase takes the
 * next keys, later packets of the one before still open.  Lengths of short
 * headers' DCIDs are known from the peer's long headers (0 before), cipher
 * suite and transport parameters from the handshake.  What follows the last
 * packet that can be told from its header is in no packet.
 *
 * ho_decoder_peek does the same without learning from it: for copies, forgeries
 * and what comes late.  |out| is overwritten. */
void ho_decoder_read(ho_decoder *d, ho_side from, const uint8_t *data,
                     size_t len, ho_wire_datagram *out);
void ho_decoder_peek(ho_decoder *d, ho_side from, const uint8_t *data,
                     size_t len, ho_wire_datagram *out);

/* ho_decoder_params are the transport parameters that |of| declared, from its
 * handshake messages; NULL before they were seen. */
const ho_wire_params *ho_decoder_params(const ho_decoder *d, ho_side of);

/* ho_decoder_seal builds a protected packet that goes into |dest|: |header|'s
 * type, version, CIDs, token, reserved bits and spin bit (0x20 of |first|), the
 * packet number |pn| (its low bits, in |pn_len| bytes), and |plain_len| bytes
 * of frames.  The bit |key_phase| of a 1-RTT packet is of the phase in force,
 * else of the one before if |pn| is of its numbers, or of the next.  Nothing is
 * learned: a packet of the next phase changes that once it is read.  For
 * rewriting what an endpoint sends.
 *
 * Returns its size, or 0: no key, a type that is not protected, or |cap| is too
 * small. */
size_t ho_decoder_seal(ho_decoder *d, ho_side from, const ho_header *header,
                       uint64_t pn, bool key_phase, const uint8_t *plain,
                       size_t plain_len, uint8_t *dest, size_t cap);

#endif
