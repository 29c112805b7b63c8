/* As much of the TLS handshake as its readers need: the first message of each
 * CRYPTO stream. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_WIRE_HANDSHAKE_H
#define HO_WIRE_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ho_handshake collects one message of a CRYPTO stream, which may come in
 * pieces, in any order and more than once.  Zeroed at first. */
typedef struct {
  uint8_t *bytes, *have; /* have: which bytes came, a bit for each */
  size_t whole;          /* bytes before the first that lacks */
  bool done;             /* it was there, or is too long */
} ho_handshake;

void ho_handshake_free(ho_handshake *h);

/* ho_handshake_add takes the stream's |len| bytes at |offset|.  Returns the
 * message, type and length first, when this completes it, until the next call;
 * otherwise NULL. */
const uint8_t *ho_handshake_add(ho_handshake *h, uint64_t offset,
                                const uint8_t *data, uint64_t len,
                                size_t *message_len);

/* ho_handshake_suite returns the cipher suite in the ServerHello or
 * HelloRetryRequest |message| (RFC 8446, 4.1.3); 0 for another message. */
uint16_t ho_handshake_suite(const uint8_t *message, size_t len);

/* ho_handshake_identity returns the |n|th PSK identity, from 0, that the
 * ClientHello |message| offers: a ticket, as its server made it (RFC 8446,
 * 4.2.11).  NULL: it offers no more, or is no ClientHello.  Any input is
 * safe. */
const uint8_t *ho_handshake_identity(const uint8_t *message, size_t len,
                                     size_t n, size_t *identity_len);

#endif
