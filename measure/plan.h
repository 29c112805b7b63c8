/* What was asked for: a scenario, and the arms, seeds and files wanted of it.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_PLAN_H
#define HO_MEASURE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/meter.h"
#include "sim/base/time.h"
#include "sim/scenario/scenario.h"

/* ho_plan is one scenario's grid of runs.  It owns all but |overrides| and
 * |capacity|. */
typedef struct {
  ho_source source;
  const ho_override *overrides;
  size_t overrides_count;
  ho_scenario *scenario; /* resolved for |seed| */
  size_t *arms;          /* indices into scenario->arms, in file order */
  size_t arms_count;
  uint64_t seed, repeat;       /* seeds |seed|, |seed| + 1, ...; |repeat| > 0 */
  bool events, series;         /* artefacts that are off by default */
  bool pcap;                   /* captures, likewise */
  bool no_checks;              /* RFC checks are not made */
  ho_time timeout;             /* wall clock of one run; 0: none */
  const ho_capacity *capacity; /* of its radios, or NULL */
  char *out;                   /* result folder */
} ho_plan;

/* ho_plan_free frees what |plan| owns and leaves it zeroed. */
void ho_plan_free(ho_plan *plan);

/* ho_plan_runs is how many runs |plan| has. */
size_t ho_plan_runs(const ho_plan *plan);

/* ho_plan_run tells which run is the |index|th in the order of the result
 * folder's rows: arm by arm as the file lists them, seed by seed. */
void ho_plan_run(const ho_plan *plan, size_t index, size_t *arm,
                 uint64_t *seed);

/* ho_plan_has tells if arm |name| is among those to be run. */
bool ho_plan_has(const ho_plan *plan, const char *name);

/* ho_plan_command returns the command line that repeats the |index|th run
 * alone, quoted for a shell; the caller frees it. */
char *ho_plan_command(const ho_plan *plan, size_t index);

#endif
