/* A tap: shows what passes a place in a chain, and changes nothing. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_TAP_H
#define HO_NET_TAP_H

#include "sim/net/element.h"

/* ho_tap_fn sees |pkt|, which travels in direction |dir|, before it goes on; it
 * must neither keep it nor change it. */
typedef void (*ho_tap_fn)(void *user, ho_direction dir, const ho_packet *pkt);

/* ho_tap is an element that lives in its owner. */
typedef struct {
  ho_element element;
  ho_tap_fn fn;
  void *user;
} ho_tap;

void ho_tap_init(ho_tap *tap, ho_tap_fn fn, void *user);

#endif
