/* Packets that wait until a time. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/hold.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"

struct ho_held {
  ho_held *next;
  ho_packet *pkt;
  ho_time at;
};

static ho_packet *take(ho_hold *hold) {
  ho_held *h = hold->first;
  ho_packet *pkt = h->pkt;

  hold->first = h->next;
  free(h);
  return pkt;
}

static void expire(void *user) {
  ho_hold *hold = user;

  while (hold->first && hold->first->at <= ho_ns_now()) {
    hold->fn(hold->user, take(hold));
  }
  if (hold->first) {
    ho_timer_set(&hold->timer, hold->first->at);
  }
}

void ho_hold_init(ho_hold *hold, ho_pool *pool, ho_hold_fn fn, void *user) {
  *hold = (ho_hold){.pool = pool, .fn = fn, .user = user};
  ho_timer_init(&hold->timer, expire, hold);
}

void ho_hold_free(ho_hold *hold) {
  while (hold->first) {
    ho_packet_del(hold->pool, take(hold));
  }
}

void ho_hold_add(ho_hold *hold, ho_packet *pkt, ho_time at) {
  ho_held *h = ho_alloc(sizeof(*h)), **where = &hold->first;

  assert(at >= ho_ns_now());
  while (*where && (*where)->at <= at) {
    where = &(*where)->next;
  }
  *h = (ho_held){*where, pkt, at};
  *where = h;
  ho_timer_set(&hold->timer, hold->first->at);
}
