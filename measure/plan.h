/* What was asked for: a scenario, and the varied values, arms, seeds and files
 * wanted of it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_PLAN_H
#define HO_MEASURE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/known.h"
#include "measure/meter.h"
#include "sim/base/time.h"
#include "sim/scenario/scenario.h"

/* ho_calibrated is a place of a radio network, as it was measured once for all
 * points at which it is the same. */
typedef struct {
  ho_capacity_place place;
  char *network, *key; /* its name; all that the rates depend on */
  size_t *points, points_count, points_cap;
  bool known; /* it could be measured */
} ho_calibrated;

typedef struct {
  ho_calibrated *places;
  size_t count, cap;
  ho_capacity *points; /* of each point of the plan */
  size_t points_count;
} ho_calibration;

/* ho_plan is one scenario's grid of runs.  It owns all but |overrides|,
 * |known| and |calibration|.
 *
 * A point is one combination of varied values; there is one, without any, where
 * nothing is varied. */
typedef struct {
  ho_source source;
  const ho_override *overrides;
  size_t overrides_count;
  ho_scenario *scenario; /* resolved for |seed|, nothing varied */
  ho_vary *vary;         /* crossed, the later the faster */
  size_t vary_count, vary_cap;
  ho_override *points; /* |vary_count| for each point, see ho_plan_values */
  bool random;         /* something at some point differs between seeds */
  size_t *arms;        /* indices into scenario->arms, in file order */
  size_t arms_count;
  uint64_t seed, repeat; /* seeds |seed|, |seed| + 1, ...; |repeat| > 0 */
  bool events, series;   /* artefacts that are off by default */
  bool pcap, qlog;       /* captures and logs of each run, likewise */
  bool timeline;         /* and a picture */
  bool failed_only;      /* of the last three, only those of failed runs */
  bool milestones;       /* what a baseline is made of, likewise */
  bool no_checks;        /* RFC checks are not made */
  bool no_crypto;        /* packets have ho_null_use's protection */
  size_t shard, shards;  /* the |shard|th of |shards| parts of the grid, from 1;
                            |shards| 0: all of it */
  ho_time timeout;       /* wall clock of one run; 0: none */
  ho_known *known; /* failures that |failed_only| does not count, or NULL */
  const ho_calibration *calibration; /* of its radios, or NULL */
  char *out;                         /* result folder */
} ho_plan;

/* ho_plan_free frees what |plan| owns and leaves it zeroed. */
void ho_plan_free(ho_plan *plan);

/* ho_plan_runs is how many runs |plan| has. */
size_t ho_plan_runs(const ho_plan *plan);

/* ho_plan_mine tells if the |index|th run is in |plan|'s shard, which has every
 * |shards|th run, and ho_plan_mine_count how many are. */
bool ho_plan_mine(const ho_plan *plan, size_t index);
size_t ho_plan_mine_count(const ho_plan *plan);

/* ho_plan_run tells which run is the |index|th in the order of the result
 * folder's rows: point by point, arm by arm as the file lists them, seed by
 * seed. */
void ho_plan_run(const ho_plan *plan, size_t index, size_t *arm,
                 uint64_t *seed);

/* ho_plan_cross makes the points, once |plan|->vary is all there. */
void ho_plan_cross(ho_plan *plan);
size_t ho_plan_points(const ho_plan *plan);

/* ho_plan_point is the point of the |index|th run. */
size_t ho_plan_point(const ho_plan *plan, size_t index);

/* ho_plan_values are the |plan|->vary_count values of a point. */
const ho_override *ho_plan_values(const ho_plan *plan, size_t point);

/* ho_plan_point_text returns "networks.cell.delay=20ms, t=3s", empty where
 * nothing is varied; the caller frees it. */
char *ho_plan_point_text(const ho_plan *plan, size_t point);

/* ho_plan_load reads the scenario as it is at |point| for |seed|; its rows will
 * have the point's values.  It must not outlive |plan|.
 *
 * Returns as ho_scenario_load does. */
int ho_plan_load(const ho_plan *plan, size_t point, uint64_t seed,
                 ho_scenario **out, ho_diag *diag);

/* ho_plan_name returns a name for the |index|th run's own folder, ARM-SEED or
 * ARM-SEED-VALUE-..., which no other run has; the caller frees it. */
char *ho_plan_name(const ho_plan *plan, size_t index);

/* ho_plan_has tells if arm |name| is among those to be run. */
bool ho_plan_has(const ho_plan *plan, const char *name);

/* ho_plan_command returns the command line that repeats the |index|th run
 * alone, quoted for a shell; the caller frees it. */
char *ho_plan_command(const ho_plan *plan, size_t index);

#endif
