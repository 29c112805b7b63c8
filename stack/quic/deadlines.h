/* A heap of what is due when, for a server with many connections. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_QUIC_DEADLINES_H
#define HO_STACK_QUIC_DEADLINES_H

#include <stddef.h>
#include <stdint.h>

#include "sim/base/time.h"

/* ho_deadline sits inside what it is for.  Equal times come out in the order of
 * |order|, which its owner sets once and which is unique. */
typedef struct {
  ho_time at; /* HO_NEVER: not in the heap */
  uint64_t order;
  size_t place; /* 1 + index in the heap; 0: not in it */
} ho_deadline;

typedef struct {
  ho_deadline **items;
  size_t count, cap;
} ho_deadlines;

void ho_deadlines_free(ho_deadlines *heap);

/* ho_deadlines_set moves |d| to |at|; HO_NEVER takes it out. */
void ho_deadlines_set(ho_deadlines *heap, ho_deadline *d, ho_time at);

/* ho_deadlines_first returns the earliest, or NULL. */
ho_deadline *ho_deadlines_first(const ho_deadlines *heap);

#endif
