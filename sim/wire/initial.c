/* Initial packets, which anybody can open. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/initial.h"

#include "sim/wire/frame.h"
#include "sim/wire/lane.h"

bool ho_initial_open(const ho_cid *first, ho_side from, const uint8_t *packet,
                     const ho_header *header, uint8_t *dest,
                     const uint8_t **plain, size_t *plain_len) {
  ho_opening o = {.data = packet,
                  .len = header->len,
                  .pn_offset = header->pn_offset,
                  .dest = dest};
  ho_wire_lane lane = {0};
  uint8_t secret[32];
  bool opened;

  ho_keys_initial(secret, first, from);
  ho_wire_lane_secret(&lane, ho_suite_find(0x1301), secret, sizeof(secret));
  opened = ho_wire_lane_open(&lane, &o, false);
  ho_wire_lane_free(&lane);
  *plain = dest + o.pn_offset + o.pn_len;
  *plain_len = opened ? o.plain_len : 0;
  return opened;
}

const uint8_t *ho_initial_message(ho_handshake *h, const uint8_t *plain,
                                  size_t plain_len, size_t *message_len) {
  const uint8_t *message;
  ho_frame frame;
  size_t n;

  for (size_t at = 0; at < plain_len; at += n) {
    n = ho_frame_next(&frame, plain + at, plain_len - at);
    if (n == 0) {
      break;
    }
    if (frame.type != HO_FRAME_CRYPTO) {
      continue;
    }
    message = ho_handshake_add(h, frame.offset, frame.bytes, frame.length,
                               message_len);
    if (message) {
      return message;
    }
  }
  return NULL;
}
