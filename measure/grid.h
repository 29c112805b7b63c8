/* The grid of runs: one process each, several at once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_GRID_H
#define HO_MEASURE_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include "measure/plan.h"

typedef struct {
  size_t jobs;   /* runs at once, > 0 */
  bool progress; /* show it, if standard error is a terminal */
} ho_grid_config;

/* ho_grid_result is how a grid ended.  |crashed| and |timeout| are among
 * |finished|: their rows say so.  |finished| counts those of an earlier attempt
 * too, the others do not. */
typedef struct {
  size_t finished, crashed, timeout;
  int signal; /* SIGINT or SIGTERM stopped it; 0: none did */
} ho_grid_result;

/* ho_grid_run runs every run of |plan|, each in a child process, but for those
 * that an earlier attempt has finished.  Once a run counts as finished, its
 * rows are safe in |work|/parts (see ho_keeper); of one that does not count
 * nothing is left.  SIGINT and SIGTERM end it early, and
 * a crash or timeout of a run ends that run alone, with a message.
 *
 * ho_world_preload must have been called.
 *
 * Returns 0 (look at |result|->signal), or
 *
 * HO_ERR_IO
 *     Writing failed in a run or here; errno says why.  What was finished
 *     before is kept. */
int ho_grid_run(const ho_plan *plan, const ho_grid_config *config,
                const char *work, ho_grid_result *result);

/* ho_grid_signals are those that ho_grid_run waits for; whoever calls it blocks
 * them around all that must not be cut short. */
void ho_grid_signals_block(void);
void ho_grid_signals_restore(void);

#endif
