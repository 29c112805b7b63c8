/* Packets that wait for a station. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/air_hold.h"

void ho_air_hold_add(ho_air_hold *hold, ho_direction dir, ho_packet *pkt) {
  pkt->next = NULL;
  if (hold->last[dir]) {
    hold->last[dir]->next = pkt;
  } else {
    hold->first[dir] = pkt;
  }
  hold->last[dir] = pkt;
}

ho_packet *ho_air_hold_take(ho_air_hold *hold, ho_direction *dir) {
  for (int d = 0; d < 2; d++) {
    ho_packet *pkt = hold->first[d];

    if (pkt) {
      hold->first[d] = pkt->next;
      if (!pkt->next) {
        hold->last[d] = NULL;
      }
      *dir = (ho_direction)d;
      return pkt;
    }
  }
  return NULL;
}

size_t ho_air_hold_count(const ho_air_hold *hold) {
  size_t count = 0;

  for (int d = 0; d < 2; d++) {
    for (const ho_packet *pkt = hold->first[d]; pkt; pkt = pkt->next) {
      count++;
    }
  }
  return count;
}
