/* Several plans through the same slots, one after the other and overlapping. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_BATCH_H
#define HO_MEASURE_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "measure/folder.h"
#include "measure/grid.h"
#include "measure/plan.h"

/* A plan goes through five stages:
 *
 *     waiting    nothing has been done
 *     surveyed   its radios are measured (measure/survey.h)
 *     running    its runs are made and kept (measure/grid.h)
 *     finishing  its files are put together (measure/finisher.h)
 *     there      its result folder is in place
 *
 * Plans begin in their order, and a slot goes to the first plan that has
 * something to start in it.  Where none has, the next begins: while the last
 * runs of one take long, and while its files are made, those of the next are
 * under way, and no core waits.  There is never more than one plan under way
 * beyond the number of slots, so neither memory nor what is half done grows
 * with the number of plans.
 *
 * What is told is in the order of the plans, and so is what a failure stops:
 * those before it go on to their end, those after it are stopped, and what they
 * have is kept, as if they had been interrupted.  So what the plans tell is
 * the same for any number of slots; how much of what is stopped is kept is not.
 * A signal stops all. */

/* ho_batch_part is one plan. |folder|, opened for it, is committed, or left
 * open to be discarded where nothing is to be kept. */
typedef struct {
  ho_plan *plan;
  ho_folder *folder;
  bool whole; /* its result folder is complete since an earlier attempt */
} ho_batch_part;

typedef struct {
  size_t jobs;   /* runs at once, > 0 */
  bool progress; /* show it, if standard error is a terminal */
  /* Both are called in the order of the plans, with |user|: |turn| when plan
   * |index| has begun and all before it are told, and |tell| when its results
   * are in place; if that returns HO_ERR_IO, no other plan is told. */
  void (*turn)(void *user, size_t index);
  int (*tell)(void *user, size_t index, const ho_grid_result *result);
  void *user;
} ho_batch_config;

typedef struct {
  int signal; /* SIGINT, SIGTERM or SIGHUP kept some plan from being told */
  bool kept; /* some run counts, so that --resume has something to go on with */
} ho_batch_result;

/* ho_batch_run runs all |count| plans, but for what earlier attempts have
 * finished.  ho_world_preload and ho_grid_signals_block must have been called.
 *
 * Returns 0 (look at |result|->signal), or
 *
 * HO_ERR_IO
 *     Writing failed; standard error says what, where and why.  Or |tell|
 *     said so. */
int ho_batch_run(const ho_batch_part *parts, size_t count,
                 const ho_batch_config *config, ho_batch_result *result);

#endif
