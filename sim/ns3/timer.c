/* A timer that may be moved for free: its pending event finds out late. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>

#include "sim/ns3/ns3.h"

static void fire(void *user);

static void enqueue(ho_timer *timer, ho_time at) {
  timer->queued = at;
  ho_ns_at(at, fire, timer);
}

/* More than one event can be in the queue when the timer was moved forward;
 * only the one for |queued| counts, and the others find nothing due. */
static void fire(void *user) {
  ho_timer *timer = user;
  ho_time now = ho_ns_now();

  if (now != timer->queued) {
    return;
  }
  timer->queued = HO_NEVER;
  if (timer->due == HO_NEVER) {
    return;
  }
  if (timer->due > now) {
    enqueue(timer, timer->due);
    return;
  }
  timer->due = HO_NEVER;
  timer->fn(timer->user);
}

void ho_timer_init(ho_timer *timer, ho_fire_fn fn, void *user) {
  *timer = (ho_timer){fn, user, HO_NEVER, HO_NEVER};
}

void ho_timer_set(ho_timer *timer, ho_time due) {
  ho_time now = ho_ns_now();

  timer->due = due < now ? now : due;
  if (due != HO_NEVER && timer->due < timer->queued) {
    enqueue(timer, timer->due);
  }
}

void ho_timer_clear(ho_timer *timer) {
  timer->due = HO_NEVER;
}
