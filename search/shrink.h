/* Shrinking: the least schedule that still fails the same way. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SEARCH_SHRINK_H
#define HO_SEARCH_SHRINK_H

#include "search/schedule.h"

/* ho_shrink_try runs |count| candidates and returns the index of the first
 * that still fails the same way, |count| if none does, or SIZE_MAX to end the
 * shrinking. */
typedef size_t (*ho_shrink_try)(void *user, const ho_schedule *candidates,
                                size_t count);

typedef struct {
  ho_shrink_try try;
  void *user;
  size_t batch;   /* candidates at a time, at most; > 0 */
  size_t runs;    /* candidates in all, at most */
  uint64_t bytes; /* of the base's workload; 0: they cannot be fewer */
} ho_shrink_config;

/* ho_shrink makes |schedule| smaller as long as it fails the same way: fewer
 * actions (delta debugging, Zeller 2002), fewer settings, times as round as can
 * be, fewer bytes to transfer.  The result does not depend on how many
 * candidates run at once.  Returns how many runs that took. */
size_t ho_shrink(ho_schedule *schedule, const ho_shrink_config *config);

#endif
