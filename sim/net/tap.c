/* A tap: shows what passes a place in a chain, and changes nothing. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/tap.h"

static void push(ho_element *self, ho_direction dir, ho_packet *pkt) {
  ho_tap *tap = (ho_tap *)self;

  tap->fn(tap->user, dir, pkt);
  ho_element_forward(self, dir, pkt);
}

void ho_tap_init(ho_tap *tap, ho_tap_fn fn, void *user) {
  *tap = (ho_tap){.element = {.push = push}, .fn = fn, .user = user};
}
