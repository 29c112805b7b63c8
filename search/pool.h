/* Schedules run by processes, several at once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SEARCH_POOL_H
#define HO_SEARCH_POOL_H

#include <stddef.h>
#include <sys/types.h>

#include "search/oracle.h"

/* ho_workers runs one process for each text that it is given: ns-3 and the TLS
 * library keep the state of a process. */
typedef struct ho_workers ho_workers;

/* ho_workers_new makes a pool of |jobs| processes for at most |most| texts at a
 * time.  ho_world_preload must have been called, and ho_grid_signals_block.
 *
 * Returns NULL where memory cannot be shared; errno says why. */
ho_workers *ho_workers_new(size_t jobs, size_t most,
                           const ho_oracle_config *config);
void ho_workers_del(ho_workers *pool);

/* ho_workers_run runs |count| scenario files |texts| and returns their trials,
 * in the same order, until it is called again.  A process that dies, or uses
 * more than 30 s of processor time, leaves a trial that says so.  Where there
 * is room for fewer processes than |jobs|, or descriptors for fewer, fewer do
 * it.
 *
 * Returns NULL if SIGINT, SIGTERM or SIGHUP came (then ho_workers_signal says
 * which), or if there can be no process; errno says why. */
const ho_trial *ho_workers_run(ho_workers *pool, char *const *texts,
                               size_t count);
int ho_workers_signal(const ho_workers *pool);

#endif
