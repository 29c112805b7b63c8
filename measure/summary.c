/* The table that `handoff run` prints: one line an arm. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "measure/cells.h"
#include "measure/stats/quantile.h"
#include "measure/wrap.h"
#include "sim/base/alloc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The columns after arm and outcome.  |about| is for the note on NA. */
static const struct {
  bool runs; /* from runs.csv, else handoffs.csv */
  const char *column, *about;
  const char *head[2];
  int width, decimals;
} columns[] = {
    {false, "interruption_ms", "interruption", {"interruption", "ms"}, 12, 1},
    {false, "migration_latency_ms", "migration", {"migration", "ms"}, 9, 1},
    {false, "pv_rtts", "path validation", {"validation", "RTTs"}, 10, 3},
    {true, "handshakes", "handshakes", {"hand-", "shakes"}, 6, 0},
    {true, "resent_bytes", "bytes sent again", {"resent", "bytes"}, 9, 0},
    {true, "fct_s", "completion", {"completion", "s"}, 10, 3},
};

/* One column's values of one arm. */
typedef struct {
  double *values;
  size_t count, missing; /* |missing| are NA, and among |count| as infinity */
} sample;

static const char *cell(const ho_csv_file *file, size_t row, const char *name) {
  int column = ho_csv_column(file, name);

  if (column < 0 || (size_t)column >= file->rows[row].count) {
    return "";
  }
  return file->rows[row].fields[column];
}

static sample take(const ho_csv_file *file, const char *arm,
                   const char *column) {
  sample s = {.values = ho_alloc_array(file->count, sizeof(double))};

  for (size_t i = 1; i < file->count; i++) {
    const char *text = cell(file, i, column);
    if (strcmp(cell(file, i, "arm"), arm) != 0 || !*text) {
      continue;
    }
    if (!strcmp(text, "NA")) {
      s.missing++;
      s.values[s.count++] = INFINITY;
    } else {
      s.values[s.count++] = strtod(text, NULL);
    }
  }
  return s;
}

static size_t count_rows(const ho_csv_file *file, const char *arm) {
  size_t n = 0;

  for (size_t i = 1; i < file->count; i++) {
    n += !strcmp(cell(file, i, "arm"), arm);
  }
  return n;
}

/* How often each outcome came; there are fewer than ten of them. */
typedef struct {
  const char *outcome;
  size_t count;
} tally;

static size_t tally_outcomes(const ho_csv_file *runs, const char *arm,
                             tally **tallies) {
  size_t count = 0, cap = 0;

  *tallies = NULL;
  for (size_t i = 1; i < runs->count; i++) {
    const char *outcome = cell(runs, i, "outcome");
    size_t k = 0;
    if (strcmp(cell(runs, i, "arm"), arm) != 0) {
      continue;
    }
    while (k < count && strcmp((*tallies)[k].outcome, outcome) != 0) {
      k++;
    }
    if (k == count) {
      ho_grow(tallies, count, &cap, sizeof(tally));
      (*tallies)[count++].outcome = outcome;
    }
    (*tallies)[k].count++;
  }
  return count;
}

/* The most common outcome, the earlier one where two are. */
static const char *main_outcome(const ho_csv_file *runs, const char *arm,
                                size_t *count) {
  tally *tallies;
  size_t n = tally_outcomes(runs, arm, &tallies);
  const char *best = "-";

  *count = 0;
  for (size_t i = 0; i < n; i++) {
    if (tallies[i].count > *count) {
      *count = tallies[i].count;
      best = tallies[i].outcome;
    }
  }
  free(tallies);
  return best;
}

static void print_value(sample *s, int width, int decimals, FILE *out) {
  double median;

  if (s->count == 0) {
    fprintf(out, "  %*s", width, "-");
    return;
  }
  median = ho_quantile(s->values, s->count, 0.5);
  if (isinf(median)) {
    fprintf(out, "  %*s", width, "NA");
  } else {
    fprintf(out, "  %*.*f", width, decimals, median);
  }
}

/* What the lines of a table have in common. */
typedef struct {
  const ho_plan *plan;
  bool several; /* some line is of more than one run or handoff */
  int arm_width, outcome_width;
} layout;

/* As wide as the key and the longest of its values. */
static int key_width(const ho_vary *vary) {
  size_t width = strlen(vary->key);

  for (size_t i = 0; i < vary->count; i++) {
    size_t len = strlen(vary->values[i]);
    width = len > width ? len : width;
  }
  return (int)width;
}

static void print_header(const layout *l, FILE *out) {
  for (int line = 0; line < 2; line++) {
    for (size_t i = 0; i < l->plan->vary_count; i++) {
      const ho_vary *vary = &l->plan->vary[i];
      fprintf(out, "%-*s  ", key_width(vary), line ? vary->key : "");
    }
    fprintf(out, "%-*s  %-*s", l->arm_width, line ? "arm" : "",
            l->outcome_width, line ? "outcome" : "");
    if (l->several) {
      fprintf(out, "  %8s", line ? "handoffs" : "runs/");
    }
    for (size_t i = 0; i < COUNT(columns); i++) {
      fprintf(out, "  %*s", columns[i].width, columns[i].head[line]);
    }
    fputc('\n', out);
  }
}

/* "migrated", or "migrated 28/30" where runs differ; the caller frees it. */
static char *outcome_text(const ho_csv_file *runs, const char *arm) {
  size_t most, all = count_rows(runs, arm);
  const char *outcome = main_outcome(runs, arm, &most);

  return most == all ? ho_strdup(outcome)
                     : ho_format("%s %zu/%zu", outcome, most, all);
}

static void print_arm(const layout *l, size_t point, const char *arm,
                      const ho_csv_file *handoffs, const ho_csv_file *runs,
                      FILE *out) {
  const ho_override *values = ho_plan_values(l->plan, point);
  char *outcome = outcome_text(runs, arm);

  for (size_t i = 0; i < l->plan->vary_count; i++) {
    fprintf(out, "%-*s  ", key_width(&l->plan->vary[i]), values[i].value);
  }
  fprintf(out, "%-*s  %-*s", l->arm_width, arm, l->outcome_width, outcome);
  if (l->several) {
    char *counts =
        ho_format("%zu/%zu", count_rows(runs, arm), count_rows(handoffs, arm));
    fprintf(out, "  %8s", counts);
    free(counts);
  }
  for (size_t i = 0; i < COUNT(columns); i++) {
    sample s = take(columns[i].runs ? runs : handoffs, arm, columns[i].column);
    print_value(&s, columns[i].width, columns[i].decimals, out);
    free(s.values);
  }
  fputc('\n', out);
  free(outcome);
}

/* What a median hides: values that never came. */
static void note_missing(const char *who, const char *arm,
                         const ho_csv_file *handoffs, const ho_csv_file *runs,
                         FILE *out) {
  for (size_t i = 0; i < COUNT(columns); i++) {
    sample s = take(columns[i].runs ? runs : handoffs, arm, columns[i].column);
    if (s.missing > 0 && s.count > 1) {
      fprintf(out, "  %s: %s NA (did not happen) in %zu of %zu\n", who,
              columns[i].about, s.missing, s.count);
    }
    free(s.values);
  }
}

/* The runs that did not end as most of their arm's did, and what went wrong in
 * those that failed. */
static void note_outcomes(const char *who, const char *arm,
                          const ho_csv_file *runs, FILE *out) {
  enum { SHOWN = 5 };
  size_t most, others = 0;
  const char *common = main_outcome(runs, arm, &most);

  for (size_t i = 1; i < runs->count; i++) {
    const char *outcome = cell(runs, i, "outcome");
    const char *reason = cell(runs, i, "reason");
    if (strcmp(cell(runs, i, "arm"), arm) != 0 ||
        (!strcmp(outcome, common) && !*reason) || ++others > SHOWN) {
      continue;
    }
    fprintf(out, "  %s, seed %s: %s%s%s\n", who, cell(runs, i, "seed"), outcome,
            *reason ? ": " : "", reason);
  }
  if (others > SHOWN) {
    fprintf(out, "  %s: and %zu more runs (see runs.csv)\n", who,
            others - SHOWN);
  }
}

static double sum_of(const ho_csv_file *runs, const char *arm,
                     const char *column) {
  sample s = take(runs, arm, column);
  double sum = 0;

  for (size_t i = 0; i < s.count; i++) {
    sum += isinf(s.values[i]) ? 0 : s.values[i];
  }
  free(s.values);
  return sum;
}

/* A call has no completion; what counts is what did not come in time. */
static void note_calls(const ho_scenario *scenario, const char *who,
                       const char *arm, const ho_csv_file *runs, FILE *out) {
  sample s = take(runs, arm, "stalls");
  bool others = false; /* who ask for answers beside */

  for (size_t i = 0; i < scenario->clients; i++) {
    others |= ho_scenario_work(scenario, i)->type != HO_WORK_STREAM;
  }

  if (s.count > s.missing) {
    fprintf(out,
            "  %s: %.0f of %.0f frames %slate or lost, %.0f stalls of %.1f ms "
            "in all\n",
            who, sum_of(runs, arm, "missed"), sum_of(runs, arm, "requests"),
            others ? "and requests " : "", sum_of(runs, arm, "stalls"),
            sum_of(runs, arm, "stall_ms"));
  }
  free(s.values);
}

static int wider(int width, const char *text) {
  int len = (int)strlen(text);

  return len > width ? len : width;
}

static layout layout_of(const ho_plan *plan, const ho_csv_file *handoffs,
                        const ho_csv_file *runs) {
  layout l = {.plan = plan,
              .arm_width = wider(0, "arm"),
              .outcome_width = wider(0, "outcome")};

  for (size_t p = 0; p < ho_plan_points(plan); p++) {
    for (size_t i = 0; i < plan->arms_count; i++) {
      const char *arm = plan->scenario->arms[plan->arms[i]].name;
      char *outcome = outcome_text(&runs[p], arm);
      l.arm_width = wider(l.arm_width, arm);
      l.outcome_width = wider(l.outcome_width, outcome);
      l.several |=
          count_rows(&runs[p], arm) > 1 || count_rows(&handoffs[p], arm) > 1;
      free(outcome);
    }
  }
  return l;
}

static void note_all(const ho_plan *plan, size_t point, const char *arm,
                     const ho_csv_file *handoffs, const ho_csv_file *runs,
                     FILE *out) {
  char *where = ho_plan_point_text(plan, point);
  char *who = ho_format("%s%s%s", where, *where ? ", " : "", arm);

  note_outcomes(who, arm, runs, out);
  note_missing(who, arm, handoffs, runs, out);
  note_calls(plan->scenario, who, arm, runs, out);
  free(where);
  free(who);
}

void ho_summary_head(const ho_plan *plan, FILE *out) {
  const ho_scenario *scenario = plan->scenario;

  if (scenario->about && *scenario->about) {
    fprintf(out, "%s: ", scenario->name);
    ho_wrap(out, scenario->about, strlen(scenario->name) + 2, 0);
  } else {
    fprintf(out, "%s\n", scenario->name);
  }
  fprintf(out, "seed %" PRIu64, plan->seed);
  if (plan->repeat > 1) {
    fprintf(out, " to %" PRIu64, plan->seed + plan->repeat - 1);
  }
  fprintf(out, ", stop %.9g s, arms", (double)scenario->stop / (double)HO_SEC);
  for (size_t i = 0; i < plan->arms_count; i++) {
    fprintf(out, " %s", scenario->arms[plan->arms[i]].name);
  }
  for (size_t i = 0; i < plan->overrides_count; i++) {
    fprintf(out, ", %s=%s", plan->overrides[i].key, plan->overrides[i].value);
  }
  for (size_t i = 0; i < plan->vary_count; i++) {
    fprintf(out, ", %s=", plan->vary[i].key);
    for (size_t k = 0; k < plan->vary[i].count; k++) {
      fprintf(out, "%s%s", k > 0 ? "|" : "", plan->vary[i].values[k]);
    }
  }
  if (plan->shards > 0) {
    fprintf(out, ", shard %zu/%zu", plan->shard, plan->shards);
  }
  if (plan->timeout > 0) {
    fprintf(out, ", timeout %.9g s", (double)plan->timeout / (double)HO_SEC);
  }
  fprintf(out, "%s%s\n", plan->events ? ", events" : "",
          plan->series ? ", series" : "");
  if (plan->repeat > 1 && !scenario->random && !plan->random) {
    fprintf(out,
            "Nothing in this scenario is random: %" PRIu64
            " equal seeds are one sample.\n",
            plan->repeat);
  }
  fflush(out);
}

/* |handoffs| and |runs| are those of each point. */
static void print_cells(const ho_plan *plan, const ho_csv_file *handoffs,
                        const ho_csv_file *runs, FILE *out) {
  layout l = layout_of(plan, handoffs, runs);
  size_t lines = ho_plan_points(plan) * plan->arms_count;

  fputc('\n', out);
  print_header(&l, out);
  for (size_t i = 0; i < lines; i++) {
    size_t p = i / plan->arms_count, arm = plan->arms[i % plan->arms_count];
    print_arm(&l, p, plan->scenario->arms[arm].name, &handoffs[p], &runs[p],
              out);
  }
  if (l.several) {
    fputs("Medians over the runs and handoffs of an arm.\n", out);
  }
  for (size_t i = 0; i < lines; i++) {
    size_t p = i / plan->arms_count, arm = plan->arms[i % plan->arms_count];
    note_all(plan, p, plan->scenario->arms[arm].name, &handoffs[p], &runs[p],
             out);
  }
}

void ho_summary_print(const ho_plan *plan, const ho_csv_file *handoffs,
                      const ho_csv_file *runs, FILE *out) {
  ho_csv_file *handoff_cells = ho_cells_split(plan, handoffs);
  ho_csv_file *run_cells = ho_cells_split(plan, runs);

  print_cells(plan, handoff_cells, run_cells, out);
  ho_cells_free(plan, handoff_cells);
  ho_cells_free(plan, run_cells);
}
