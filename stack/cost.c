/* CPU time by side and library, for cost.csv alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/cost.h"

#include <assert.h>

#include "stack/entropy.h"

uint64_t ho_cost_ns[2][HO_COST_KINDS];

enum { MAX_DEPTH = 16 };

static uint64_t *charged[MAX_DEPTH];
static int depth;
static uint64_t since;

static void settle(void) {
  uint64_t now = ho_entropy_real_ns();

  if (depth > 0) {
    *charged[depth - 1] += now - since;
  }
  since = now;
}

void ho_cost_begin(ho_side side, ho_cost_kind kind) {
  assert(depth < MAX_DEPTH);
  settle();
  charged[depth++] = &ho_cost_ns[side][kind];
}

void ho_cost_end(void) {
  assert(depth > 0);
  settle();
  depth--;
}
