/* How many processes simulate at once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_SLOTS_H
#define HO_MEASURE_SLOTS_H

#include <stddef.h>

/* ho_slots is shared by all grids and surveys: whoever starts a process that
 * simulates takes a slot, and gives it back when that has ended.  Processes
 * that mostly wait for the disk take none. */
typedef struct {
  size_t count; /* how many there are, > 0 */
  size_t limit; /* fewer, where the system had no room for a process more */
  size_t taken;
} ho_slots;

#endif
