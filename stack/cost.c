/* CPU time by side and library, for cost.csv alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/cost.h"

#include <assert.h>

#include "stack/entropy.h"

#if defined(__x86_64__) || defined(__i386__)
#include <x86intrin.h>
#endif

enum {
  MAX_DEPTH = 16,
  /* Reading the counter twice for each call of a library would cost a long run
   * more than its checksums do, so after this many calls one in so many is
   * timed and counts for all of them. */
  ALL_TIMED = 4096,
  ONE_IN = 16,
};

static uint64_t spent[2][HO_COST_KINDS]; /* in ticks */
static uint64_t *charged[MAX_DEPTH];
static int depth;
static uint64_t since;
static uint64_t calls;      /* that were not made within another */
static uint64_t weight = 1; /* of the one under way; 0: it is not timed */

/* The same instant on both clocks, to turn ticks into ns. */
static uint64_t first_tick, first_ns;

/* A packet costs several readings, so they must cost less than a system clock
 * does; a processor's counter is good enough for shares of a sum. */
static uint64_t ticks(void) {
#if defined(__x86_64__) || defined(__i386__)
  return __rdtsc();
#elif defined(__aarch64__)
  uint64_t t;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(t));
  return t;
#else
  return ho_entropy_real_ns();
#endif
}

static void settle(void) {
  uint64_t now;

  if (weight == 0) {
    return;
  }
  now = ticks();
  if (depth > 0) {
    *charged[depth - 1] += (now - since) * weight;
  }
  since = now;
}

static void choose(void) {
  calls++;
  if (calls > ALL_TIMED) {
    weight = calls % ONE_IN == 0 ? ONE_IN : 0;
  }
}

void ho_cost_begin(ho_side side, ho_cost_kind kind) {
  assert(depth < MAX_DEPTH);
  if (first_ns == 0) {
    first_ns = ho_entropy_real_ns();
    first_tick = ticks();
  }
  if (depth == 0) {
    choose();
  }
  settle();
  charged[depth++] = &spent[side][kind];
}

void ho_cost_end(void) {
  assert(depth > 0);
  settle();
  depth--;
}

void ho_cost_read(uint64_t ns[2][HO_COST_KINDS]) {
  uint64_t elapsed_ns = ho_entropy_real_ns() - first_ns;
  uint64_t elapsed = ticks() - first_tick;
  double scale = elapsed ? (double)elapsed_ns / (double)elapsed : 0;

  for (int side = 0; side < 2; side++) {
    for (int kind = 0; kind < HO_COST_KINDS; kind++) {
      ns[side][kind] = (uint64_t)((double)spent[side][kind] * scale);
    }
  }
}
