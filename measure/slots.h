/* How many processes simulate at once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_SLOTS_H
#define HO_MEASURE_SLOTS_H

#include <stdbool.h>
#include <stddef.h>

/* ho_slots is shared by all grids and surveys: whoever starts a process that
 * simulates takes a slot, and gives it back when that has ended.  Processes
 * that mostly wait for the disk take none. */
typedef struct {
  size_t count; /* how many there are, > 0 */
  size_t limit; /* fewer, where the system had no room for a process more */
  size_t taken;
  bool helped; /* processes of ours that take none are there, and will end */
  bool full;   /* there is no room until one of ours has ended */
} ho_slots;

/* ho_slots_wait is for who could not have a process: nobody starts another
 * until one of ours has ended.  Returns false if there is none. */
static inline bool ho_slots_wait(ho_slots *slots) {
  if (slots->taken == 0 && !slots->helped) {
    return false;
  }
  if (slots->taken > 0) {
    slots->limit = slots->taken;
  }
  slots->full = true;
  return true;
}

#endif
