/* Oracles: which runs have gone wrong, and why the others have not. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SEARCH_ORACLE_H
#define HO_SEARCH_ORACLE_H

#include "search/trial.h"
#include "sim/scenario/scenario.h"

/* What an oracle minds. */
typedef struct {
  ho_time gap; /* see ho_delivery */
  bool should; /* checks of level SHOULD, too */
} ho_oracle_config;

/* ho_oracle_run runs the scenario file |source| (its first arm, its seed) and
 * writes all that is wrong into |trial|, which is zeroed.  A process may do
 * this once. */
void ho_oracle_run(const ho_source *source, const ho_oracle_config *config,
                   ho_trial *trial);

/* ho_oracle_forgives tells if |reason| of ho_ev_connection_closed is an end
 * that no rule forbids: one of the application's own, one that follows from the
 * other end's, silence, which ho_delivery judges, or an Initial that is
 * dropped.
 */
bool ho_oracle_forgives(const char *reason, int64_t error);

#endif
