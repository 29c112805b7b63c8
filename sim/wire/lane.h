/* The packets of one direction at one encryption level: from a secret, through
 * all key phases. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_WIRE_LANE_H
#define HO_WIRE_LANE_H

#include "sim/wire/keys.h"

/* ho_wire_lane is zeroed before the first call.  As long as the suite is not
 * known, one that fits the secret's length is taken, and |suite| is it once a
 * packet has opened. */
typedef struct {
  const ho_suite *suite;
  uint8_t secret[HO_SECRET_MAX];
  size_t secret_bytes; /* 0: none yet */
  ho_mask mask, other_mask;
  ho_keys now, other;     /* other: of the second suite that may be */
  ho_keys last, next;     /* of the key phases beside this one */
  bool phase;             /* the bit of |now| */
  uint64_t phase_from_pn; /* of the packet that began it */
} ho_wire_lane;

/* ho_opening is a packet to decrypt. */
typedef struct {
  const uint8_t *data; /* the packet */
  size_t len, pn_offset;
  uint64_t expected; /* pn: one more than the largest so far */
  uint8_t *dest;     /* |len| bytes: the header, then the plaintext */
  /* what came out */
  unsigned pn_len;
  uint64_t pn;
  size_t plain_len; /* at dest + pn_offset + pn_len */
} ho_opening;

void ho_wire_lane_free(ho_wire_lane *lane);

/* ho_wire_lane_secret gives it its secret of 32 or 48 bytes, and |suite| if
 * that is known; a secret that it has is not replaced. */
void ho_wire_lane_secret(ho_wire_lane *lane, const ho_suite *suite,
                         const uint8_t *secret, size_t len);

/* ho_wire_lane_suite tells a lane of the handshake's result. */
void ho_wire_lane_suite(ho_wire_lane *lane, const ho_suite *suite);

/* ho_wire_lane_open decrypts |o|; false if its keys do not fit.  With |learn|,
 * a packet of the next key phase makes that the present one. */
bool ho_wire_lane_open(ho_wire_lane *lane, ho_opening *o, bool learn);

/* ho_wire_lane_seal protects a packet in place: |header_len| bytes up to the
 * end of a packet number of |pn_len| bytes, |plain_len| of payload, room for
 * the tag. False if it has no secret. */
bool ho_wire_lane_seal(ho_wire_lane *lane, uint8_t *packet, size_t header_len,
                       size_t pn_len, size_t plain_len, uint64_t pn);

#endif
