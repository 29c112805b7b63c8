/* A small C API over ns-3: clock and event queue.  TCP is in ns3_tcp.h. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NS3_NS3_H
#define HO_NS3_NS3_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/time.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ns-3's simulator is a process global: one run, one process. */

typedef void (*ho_fire_fn)(void *user);

/* ho_ns_start prepares the simulator for a run whose random streams (of ns-3's
 * own models) derive from |seed|. */
void ho_ns_start(uint64_t seed);

/* ho_ns_warm_up runs the simulator, before anything of the run is scheduled,
 * until |ready| says so, which is asked every 10 ms, but no longer than
 * |limit|. What ns-3's own models have scheduled stays; the time is then 0.
 * Returns what |ready| said last. */
bool ho_ns_warm_up(bool (*ready)(void *user), void *user, ho_time limit);

/* ho_ns_now is the current virtual time.  A packet asks for it some 25 times;
 * |ho_ns_clock|, ns-3's time and what it was at the run's time 0, is for that
 * alone. */
extern struct ho_ns_clock { int64_t now, zero; } ho_ns_clock;

static inline ho_time ho_ns_now(void) {
  return (ho_time)(ho_ns_clock.now - ho_ns_clock.zero);
}

/* ho_ns_at calls |fn|(|user|) at |at|, which must not be in the past.  Equal
 * times run in the order they were scheduled.  It cannot be taken back; see
 * ho_timer for one that can. */
void ho_ns_at(ho_time at, ho_fire_fn fn, void *user);

/* ho_ns_run runs events until none is left, ho_ns_stop is called, or the next
 * one would be later than |until|; the clock then stands at |until|, unless it
 * was stopped earlier.  Returns true if it came to |until| with an event left
 * in the queue. */
bool ho_ns_run(ho_time until);
void ho_ns_stop(void);

/* ho_ns_end destroys every ns-3 object of the run. */
void ho_ns_end(void);

/* ho_ns_preload has ns-3 work out, once for all processes that are forked
 * later, what its random streams begin with. */
void ho_ns_preload(void);

/* ho_ns_version is ns-3's version, such as "3.37". */
const char *ho_ns_version(void);

/* ho_timer calls |fn| once at the time last set.  Setting it later than before
 * costs nothing: the pending event finds out when it fires and goes on waiting.
 * A timer must outlive its events: never free one whose |armed| is true before
 * ho_ns_end; ho_timer_clear and wait, or keep it in an object that stays. */
enum { HO_TIMER_QUEUED = 4 };

typedef struct {
  ho_fire_fn fn;
  void *user;
  ho_time due; /* HO_NEVER: not set */
  /* Times of its events in ns-3's queue, the earliest last. */
  ho_time queued[HO_TIMER_QUEUED];
  int count;
} ho_timer;

void ho_timer_init(ho_timer *timer, ho_fire_fn fn, void *user);
void ho_timer_set(ho_timer *timer, ho_time due);
void ho_timer_clear(ho_timer *timer);

#ifdef __cplusplus
}
#endif

#endif
