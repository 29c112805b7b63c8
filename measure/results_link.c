/* linkability.csv of a grid: each of its points by itself. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "measure/link/linkability.h"
#include "measure/results_private.h"
#include "sim/base/alloc.h"

/* The place of each client among those that move. */
static uint64_t *places_of(const ho_scenario *scenario) {
  uint64_t *places = ho_alloc_array(scenario->clients, sizeof(*places));
  uint64_t next = 0;

  for (size_t i = 0; i < scenario->clients; i++) {
    places[i] = ho_scenario_moves(scenario, i) ? next++ : UINT64_MAX;
  }
  return places;
}

/* What the runs of |point| have of |file|, under the name |path|. */
static int write_part(const ho_plan *plan, const ho_rows *rows, size_t point,
                      const char *file, const char *path) {
  size_t runs = rows->runs / ho_plan_points(plan);
  FILE *out = fopen(path, "w");
  int rv, err;

  if (!out) {
    return HO_ERR_IO;
  }
  ho_results_header(out, ho_table_find(file), plan);
  rv = ho_results_append(out, rows, file, point * runs, (point + 1) * runs);
  err = errno;
  if (fclose(out) != 0 && rv == 0) {
    return HO_ERR_IO;
  }
  errno = err;
  return rv;
}

static int evaluate(FILE *out, const ho_plan *plan, const ho_scenario *scenario,
                    const char *flows, const char *handoffs) {
  const char **arms = ho_alloc_array(plan->arms_count, sizeof(*arms));
  uint64_t *places = places_of(scenario);
  ho_linkability what = {.scenario = scenario->name,
                         .point = scenario->point,
                         .point_count = scenario->point_count,
                         .arms = arms,
                         .arms_count = plan->arms_count,
                         .observers = scenario->observers,
                         .swap_game = scenario->swap_game,
                         .places = places,
                         .places_count = scenario->clients,
                         .flows = flows,
                         .handoffs = handoffs};
  int rv, err;

  for (size_t i = 0; i < plan->arms_count; i++) {
    arms[i] = scenario->arms[plan->arms[i]].name;
  }
  rv = ho_linkability_write(out, &what);
  err = errno;
  free(arms);
  free(places);
  errno = rv == HO_ERR_INPUT ? EINVAL : err;
  return rv == 0 ? 0 : HO_ERR_IO;
}

static int write_point(FILE *out, const ho_plan *plan, const ho_rows *rows,
                       size_t point, const ho_scenario *scenario,
                       const char *work) {
  char *flows = ho_format("%s/point-flows.csv", work);
  char *handoffs = ho_format("%s/point-handoffs.csv", work);
  int err, rv = write_part(plan, rows, point, "flows.csv", flows);

  rv = rv ? rv : write_part(plan, rows, point, "handoffs.csv", handoffs);
  rv = rv ? rv : evaluate(out, plan, scenario, flows, handoffs);
  err = errno;
  unlink(flows);
  unlink(handoffs);
  free(flows);
  free(handoffs);
  errno = err;
  return rv;
}

/* A point may have other clients and other observers than the next. */
int ho_results_link(FILE *out, const ho_plan *plan, const ho_rows *rows,
                    const char *work) {
  int rv = 0;

  for (size_t i = 0; i < ho_plan_points(plan) && rv == 0; i++) {
    ho_scenario *scenario = NULL;
    ho_diag diag = {0};
    rv = ho_plan_load(plan, i, plan->seed, &scenario, &diag);
    if (rv != 0) {
      errno = EINVAL; /* it was read before anything ran */
    } else if (scenario->observers) {
      rv = write_point(out, plan, rows, i, scenario, work);
    }
    ho_scenario_del(scenario);
    ho_diag_free(&diag);
  }
  return rv == 0 ? 0 : HO_ERR_IO;
}
