/* Whole runs for tests: a scenario's text in, its events to a callback. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_STACK_RUNS_H
#define HO_TESTS_STACK_RUNS_H

#include "sim/base/event.h"
#include "sim/scenario/scenario.h"

/* runs_load parses |text|; a mistake in it ends the test with its messages. */
ho_scenario *runs_load(const char *text, uint64_t seed);

/* runs_each runs arm after arm of |text| with |seed|, each in a process of its
 * own, where |fn| sees every event and then gets one call with NULL.  Returns
 * the number of runs in which |fn| or the world failed (assert, abort or
 * _Exit); what they printed is on standard error. */
int runs_each(const char *text, uint64_t seed, ho_log_fn fn, void *user);

/* runs_digest is the trace hash of the first arm of |text|. */
void runs_digest(const char *text, uint64_t seed, char hex[65]);

/* runs_alone calls |body| with |arg| in a process of its own, since a process
 * simulates but once and its clock is virtual from then on.  Returns its exit
 * status. */
int runs_alone(void (*body)(void *arg), void *arg);

/* runs_reference tells whether QUIC is by ngtcp2 1.11.0, whose times, to the
 * millisecond, the tests have as literals. */
bool runs_reference(void);

/* runs_as_told tells whether |told| is the story |expected|: "1000 default
 * cell; 1030 notice cell at 1000".  With another library than that, the times
 * that open an entry or follow "at" may be 50 ms off; all else is the same. */
bool runs_as_told(const char *told, const char *expected);

#endif
