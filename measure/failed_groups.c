/* Which runs to look into where several together are not as expected. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/failed_groups.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/cells.h"
#include "measure/metric.h"
#include "sim/base/alloc.h"

/* One expectation at one point. */
typedef struct {
  const ho_plan *plan;
  const ho_expect *e;
  size_t point;
  const ho_csv_file *file; /* the one that holds the metric */
  ho_metric metric, other;
  FILE *out;
} group;

static const char *cell(const group *g, size_t row, const char *name) {
  int column = ho_csv_column(g->file, name);

  if (column < 0 || (size_t)column >= g->file->rows[row].count) {
    return "";
  }
  return g->file->rows[row].fields[column];
}

/* ---- the worst row ---- */

/* The other arm's row of the same run, client and handoff; 0: none. */
static size_t partner(const group *g, size_t row) {
  static const char *const keys[] = {"seed", "client", "handoff"};
  size_t count = g->metric.runs ? 1 : 3;

  for (size_t i = 1; i < g->file->count; i++) {
    size_t k = 0;
    while (k < count && !strcmp(cell(g, i, keys[k]), cell(g, row, keys[k]))) {
      k++;
    }
    if (k == count && !strcmp(cell(g, i, "arm"), g->e->other_arm)) {
      return i;
    }
  }
  return 0;
}

/* What counts in a row, or how far it is from the other arm's; NAN where that
 * cannot be told. */
static double value_of(const group *g, size_t row) {
  const char *text = cell(g, row, g->metric.column), *beside;
  double value, other;
  size_t at;

  if (g->e->other_arm && g->metric.text) {
    at = partner(g, row);
    beside = at ? cell(g, at, g->other.column) : "";
    return (strcmp(text, beside) == 0) == (g->e->op == HO_EQ) ? 0 : NAN;
  }
  if (!ho_metric_value(&g->metric, text, &value)) {
    return NAN;
  }
  if (g->e->other_arm) {
    at = partner(g, row);
    if (!at ||
        !ho_metric_value(&g->other, cell(g, at, g->other.column), &other)) {
      return NAN;
    }
    value -= other; /* NA less NA is nothing that can be told */
  }
  return g->e->op == HO_EQ || g->e->op == HO_NE ? fabs(value) : value;
}

static bool is_worse(const group *g, double a, double b) {
  bool more = g->e->op != HO_GT && g->e->op != HO_GE;

  if (isnan(a) || isnan(b)) {
    return isnan(a) && !isnan(b);
  }
  return more ? a > b : a < b;
}

/* The first of the worst rows; 0 if the arm has none. */
static size_t worst(const group *g) {
  double best = 0;
  size_t found = 0;

  for (size_t i = 1; i < g->file->count; i++) {
    if (!strcmp(cell(g, i, "arm"), g->e->arm)) {
      double value = value_of(g, i);
      if (found == 0 || is_worse(g, value, best)) {
        found = i;
        best = value;
      }
    }
  }
  return found;
}

/* ---- what is said ---- */

/* Where in the grid a run is; the number of runs if it is not. */
static size_t index_of(const group *g, const char *arm, uint64_t seed) {
  const ho_plan *plan = g->plan;
  size_t a = 0;

  while (a < plan->arms_count &&
         strcmp(plan->scenario->arms[plan->arms[a]].name, arm) != 0) {
    a++;
  }
  if (a == plan->arms_count || seed < plan->seed ||
      seed - plan->seed >= plan->repeat) {
    return ho_plan_runs(plan);
  }
  return (g->point * plan->arms_count + a) * plan->repeat +
         (size_t)(seed - plan->seed);
}

static void say_command(const group *g, const char *arm, uint64_t seed) {
  size_t index = index_of(g, arm, seed);
  char *again;

  if (index < ho_plan_runs(g->plan)) {
    again = ho_plan_command(g->plan, index);
    fprintf(g->out, "  look into it with: %s --qlog --pcap\n", again);
    free(again);
  }
}

static void say_worst(const group *g) {
  size_t row = worst(g);
  uint64_t seed;

  if (row == 0) {
    fprintf(g->out, "  arm %s has no row\n", g->e->arm);
    return;
  }
  seed = strtoull(cell(g, row, "seed"), NULL, 10);
  fprintf(g->out, "  the worst: arm %s, seed %" PRIu64, g->e->arm, seed);
  if (!g->metric.runs) {
    fprintf(g->out, ", client %s, handoff %s", cell(g, row, "client"),
            cell(g, row, "handoff"));
  }
  fprintf(g->out, ": %s is %s\n", g->metric.column,
          *cell(g, row, g->metric.column) ? cell(g, row, g->metric.column)
                                          : "empty");
  say_command(g, g->e->arm, seed);
  if (g->e->other_arm) {
    say_command(g, g->e->other_arm, seed);
  }
}

static void say_group(group *g, const ho_expect_rows *rows) {
  char *where = ho_plan_point_text(g->plan, g->point);

  fprintf(g->out, "handoff: %s, %s%s%s: does not hold of its runs together\n",
          g->plan->scenario->name, where, *where ? ", " : "", g->e->text);
  free(where);
  if (g->metric.adversary) {
    fputs("  look into it with: --qlog --pcap without --artefacts, for it is "
          "of all runs\n",
          g->out);
    return;
  }
  g->file = g->metric.runs ? rows->runs : rows->handoffs;
  if (g->e->other_arm) {
    ho_metric_find(&g->other, g->e->other_metric);
  }
  say_worst(g);
}

/* ---- which fail ---- */

/* Evaluates one expectation as if it were the only one, and says nothing. */
static bool fails(const ho_plan *plan, const ho_expect *e,
                  const ho_expect_rows *rows) {
  ho_scenario one = *plan->scenario;
  ho_plan alone = *plan;
  ho_expect_count count;
  char *text = NULL;
  size_t len;
  FILE *out = open_memstream(&text, &len);

  one.expects = (ho_expect *)e;
  one.expects_count = 1;
  alone.scenario = &one;
  count = ho_expect_evaluate(&alone, rows, plan->known, out);
  fclose(out);
  free(text);
  return count.failed > 0;
}

static void look(const ho_plan *plan, size_t point, const ho_expect_rows *rows,
                 FILE *out) {
  for (size_t i = 0; i < plan->scenario->expects_count; i++) {
    const ho_expect *e = &plan->scenario->expects[i];
    group g = {.plan = plan, .e = e, .point = point, .out = out};

    if (ho_expect_is_group(e) && ho_metric_find(&g.metric, e->metric) &&
        fails(plan, e, rows)) {
      say_group(&g, rows);
    }
  }
}

/* Thresholds may be varied values: the scenario is read as it is there. */
static void look_at(const ho_plan *plan, size_t point,
                    const ho_expect_rows *rows, FILE *out) {
  ho_plan here = *plan;
  ho_diag diag = {0};

  if (plan->vary_count == 0) {
    look(plan, point, rows, out);
  } else if (ho_plan_load(plan, point, plan->seed, &here.scenario, &diag) ==
             0) {
    look(&here, point, rows, out);
    ho_scenario_del(here.scenario);
  }
  ho_diag_free(&diag);
}

void ho_failed_groups(const ho_plan *plan, const ho_expect_rows *rows,
                      FILE *out) {
  ho_csv_file *handoffs = ho_cells_split(plan, rows->handoffs);
  ho_csv_file *runs = ho_cells_split(plan, rows->runs);
  ho_csv_file *checks = ho_cells_split(plan, rows->checks);
  ho_csv_file *linkability = ho_cells_split(plan, rows->linkability);

  for (size_t i = 0; i < ho_plan_points(plan); i++) {
    look_at(
        plan, i,
        &(ho_expect_rows){&handoffs[i], &runs[i], &checks[i], &linkability[i]},
        out);
  }
  ho_cells_free(plan, handoffs);
  ho_cells_free(plan, runs);
  ho_cells_free(plan, checks);
  ho_cells_free(plan, linkability);
}
