/* Initial packets, which anybody can open: RFC 9001, 5.2. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_WIRE_INITIAL_H
#define HO_WIRE_INITIAL_H

#include <stdbool.h>

#include "sim/wire/handshake.h"
#include "sim/wire/header.h"

/* ho_initial_open decrypts the Initial packet at |packet| that |from| sent,
 * |header| being what ho_header_read says of it, with the keys that |first|
 * gives: the DCID of the client's first packet, or after a Retry of the next.
 * |dest| has room for the |header|->len bytes of the packet; |*plain| points
 * into it at the |*plain_len| bytes of frames.
 *
 * Returns whether the packet is one of those keys.  Any input is safe. */
bool ho_initial_open(const ho_cid *first, ho_side from, const uint8_t *packet,
                     const ho_header *header, uint8_t *dest,
                     const uint8_t **plain, size_t *plain_len);

/* ho_initial_message adds the CRYPTO frames among |plain_len| bytes of frames
 * to |h|.  Returns what ho_handshake_add does, of the frame that completes the
 * message. */
const uint8_t *ho_initial_message(ho_handshake *h, const uint8_t *plain,
                                  size_t plain_len, size_t *message_len);

#endif
