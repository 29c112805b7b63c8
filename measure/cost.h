/* cost.csv: what a run cost the machine. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_COST_H
#define HO_MEASURE_COST_H

#include <stdint.h>
#include <sys/resource.h>

#include "sim/scenario/scenario.h"
#include "stack/cost.h"

/* ho_run_cost is what one run cost.  |usage| is that of its process;
 * |library_ns| is from ho_cost_read, or NULL if the run did not live to tell;
 * |bytes| are the application's, 0 if unknown. */
typedef struct {
  const ho_scenario *scenario;
  size_t arm;
  uint64_t seed;
  uint64_t wall_ns, bytes;
  struct rusage usage;
  const uint64_t (*library_ns)[HO_COST_KINDS];
} ho_run_cost;

/* ho_run_cost_write writes the row of |cost| to |dir|/cost.csv.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Writing failed; errno says why. */
int ho_run_cost_write(const ho_run_cost *cost, const char *dir);

#endif
