/* A timer that may be moved for free: its pending events find out late. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>

#include "sim/ns3/ns3.h"

static void fire(void *user);

static ho_time earliest(const ho_timer *timer) {
  return timer->count ? timer->queued[timer->count - 1] : HO_NEVER;
}

/* A transport's deadline jumps to and fro, between the next burst and a far-off
 * timeout.  The events for the far ones stay in ns-3's queue and are remembered
 * here, latest first, so that coming back to them queues nothing new.  When
 * there are too many, the latest is forgotten and will find itself unknown. */
static void enqueue(ho_timer *timer, ho_time at) {
  if (timer->count == HO_TIMER_QUEUED) {
    for (int i = 1; i < timer->count; i++) {
      timer->queued[i - 1] = timer->queued[i];
    }
    timer->count--;
  }
  timer->queued[timer->count++] = at;
  ho_ns_at(at, fire, timer);
}

static void fire(void *user) {
  ho_timer *timer = user;
  ho_time now = ho_ns_now();

  if (earliest(timer) != now) {
    return;
  }
  timer->count--;
  if (timer->due == HO_NEVER) {
    return;
  }
  if (timer->due > now) {
    if (timer->due < earliest(timer)) {
      enqueue(timer, timer->due);
    }
    return;
  }
  timer->due = HO_NEVER;
  timer->fn(timer->user);
}

void ho_timer_init(ho_timer *timer, ho_fire_fn fn, void *user) {
  *timer = (ho_timer){.fn = fn, .user = user, .due = HO_NEVER};
}

void ho_timer_set(ho_timer *timer, ho_time due) {
  ho_time now = ho_ns_now();

  timer->due = due < now ? now : due;
  if (due != HO_NEVER && timer->due < earliest(timer)) {
    enqueue(timer, timer->due);
  }
}

void ho_timer_clear(ho_timer *timer) {
  timer->due = HO_NEVER;
}
