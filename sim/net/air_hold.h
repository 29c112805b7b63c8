/* Packets that wait for a station; for air.c and air_scan.c alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_AIR_HOLD_H
#define HO_NET_AIR_HOLD_H

#include "sim/net/element.h"

/* ho_air_hold keeps packets in order, each direction by itself. */
typedef struct {
  ho_packet *first[2], *last[2];
} ho_air_hold;

void ho_air_hold_add(ho_air_hold *hold, ho_direction dir, ho_packet *pkt);

/* ho_air_hold_take returns one packet after the other, those that go up first;
 * NULL: there is none. */
ho_packet *ho_air_hold_take(ho_air_hold *hold, ho_direction *dir);

/* ho_air_hold_count walks through what is held. */
size_t ho_air_hold_count(const ho_air_hold *hold);

#endif
