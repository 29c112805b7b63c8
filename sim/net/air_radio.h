/* The radio of an air: what a network's configuration asks ns-3 for; for air.c
 * alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_AIR_RADIO_H
#define HO_NET_AIR_RADIO_H

#include "sim/net/air.h"

/* ho_air_others is how many stations |net| has besides the clients. */
size_t ho_air_others(const ho_net_config *net);

/* ho_air_place is where |client| stands whose scenario says |p|, in metres:
 * clients are a hand's breadth apart, so that no two are in one place. */
ho_place_m ho_air_place(ho_position p, size_t client);

/* ho_air_radio_new makes the radio with all its stations, the clients first.
 */
ho_radio *ho_air_radio_new(const ho_air_config *config,
                           const ho_radio_upcalls *upcalls);

#endif
