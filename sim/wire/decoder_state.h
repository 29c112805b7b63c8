/* What a decoder knows of its connection. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_WIRE_DECODER_STATE_H
#define HO_WIRE_DECODER_STATE_H

#include "sim/wire/decoder.h"
#include "sim/wire/handshake.h"
#include "sim/wire/lane.h"

/* ho_level is an encryption level (RFC 9001, 2.1). */
typedef enum {
  HO_LEVEL_INITIAL,
  HO_LEVEL_EARLY,
  HO_LEVEL_HANDSHAKE,
  HO_LEVEL_APP,
  HO_LEVELS,
} ho_level;

struct ho_decoder {
  const ho_suite *suite; /* the ServerHello's; NULL: not seen */
  ho_wire_lane lanes[HO_LEVELS][2];
  uint64_t next_pn[HO_LEVELS][2]; /* by space and sender */
  uint8_t cid_len[2];             /* of the CIDs that a side receives */
  ho_handshake crypto[HO_LEVELS][2];
  bool has_params[2];
  ho_wire_params params[2];
  bool chosen;        /* the client has told which server's secrets it has */
  ho_decoder *before; /* as it was with the server before, but for what is the
                         client's; NULL: there was none, or it is chosen */
};

/* ho_level_of is HO_LEVELS for what is not protected. */
ho_level ho_level_of(ho_wire_type type);

#endif
