/* Packets that wait until a time. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_HOLD_H
#define HO_NET_HOLD_H

#include "sim/net/element.h"
#include "sim/ns3/ns3.h"

typedef void (*ho_hold_fn)(void *user, ho_packet *pkt);

typedef struct ho_held ho_held;

/* ho_hold hands each packet to |fn| at its time; of equal times, in the order
 * they came.  It must outlive its timer's events (see ho_timer). */
typedef struct {
  ho_pool *pool;
  ho_held *first; /* the earliest */
  ho_timer timer;
  ho_hold_fn fn;
  void *user;
} ho_hold;

void ho_hold_init(ho_hold *hold, ho_pool *pool, ho_hold_fn fn, void *user);

/* ho_hold_free gives back what is still held. */
void ho_hold_free(ho_hold *hold);

/* ho_hold_add takes over |pkt| until |at|, which must not be in the past. */
void ho_hold_add(ho_hold *hold, ho_packet *pkt, ho_time at);

#endif
