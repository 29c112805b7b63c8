/* The grid of runs: one process each, several at once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_GRID_H
#define HO_MEASURE_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/grid_signals.h"
#include "measure/plan.h"
#include "measure/slots.h"

/* ho_grid_result is how a grid ended.  |crashed| and |timeout| are among
 * |finished|: their rows say so.  |finished| counts those of an earlier attempt
 * too, the others do not. */
typedef struct {
  size_t finished, crashed, timeout;
} ho_grid_result;

/* ho_grid is the runs of one plan on their way, each in a child process, but
 * for those that an earlier attempt has finished.  It waits for nothing but at
 * its end, so that several share the slots: whoever has it starts runs while
 * there are slots, and looks at it whenever ho_grid_signals_wait
 * returns.  Once a run
 * counts as finished, its rows are safe in |work|/parts (see ho_keeper); of one
 * that does not count nothing is left.  A crash or timeout of a run ends that
 * run alone, with a message. */
typedef struct ho_grid ho_grid;

/* ho_grid_begin makes a grid; |plan|, |work| and |slots| must outlive it.
 * ho_world_preload and ho_grid_signals_block must have been called.
 *
 * Returns 0 and what ho_grid_end frees in |*grid|, or
 *
 * HO_ERR_IO
 *     |work| cannot be read or written, or memory not be shared; errno says
 *     why. */
int ho_grid_begin(ho_grid **grid, const ho_plan *plan, const char *work,
                  ho_slots *slots);

/* ho_grid_more tells if there is a run to start. */
bool ho_grid_more(const ho_grid *grid);

/* ho_grid_start starts the next run, in a slot that must be free.  Where the
 * system has no room for a process more, it waits until one of ours has ended
 * (see ho_slots_wait); without any, the grid is over. */
void ho_grid_start(ho_grid *grid);

/* ho_grid_look sees to what has ended, is to be kept, or takes too long. */
void ho_grid_look(ho_grid *grid);

/* ho_grid_finished is how many runs count, ho_grid_due_ns the real time at
 * which one will have taken too long, UINT64_MAX without any. */
size_t ho_grid_finished(const ho_grid *grid);
uint64_t ho_grid_due_ns(const ho_grid *grid);

/* ho_grid_keeping tells if a process is keeping rows. */
bool ho_grid_keeping(const ho_grid *grid);

/* ho_grid_over tells that no run is left, or that writing failed. */
bool ho_grid_over(const ho_grid *grid);

/* ho_grid_end ends the runs under way, takes away what they wrote, waits until
 * all others are kept, and frees |grid|.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Writing failed in a run or here; errno says why.  What was finished
 *     before is kept. */
int ho_grid_end(ho_grid *grid, ho_grid_result *result);

#endif
