/* The table that `handoff run` prints: one line an arm. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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

static void print_header(bool several, int arm_width, int outcome_width,
                         FILE *out) {
  for (int line = 0; line < 2; line++) {
    fprintf(out, "%-*s  %-*s", arm_width, line ? "arm" : "", outcome_width,
            line ? "outcome" : "");
    if (several) {
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

static void print_arm(const char *arm, bool several, int arm_width,
                      int outcome_width, const ho_csv_file *handoffs,
                      const ho_csv_file *runs, FILE *out) {
  char *outcome = outcome_text(runs, arm);

  fprintf(out, "%-*s  %-*s", arm_width, arm, outcome_width, outcome);
  if (several) {
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
static void note_missing(const char *arm, const ho_csv_file *handoffs,
                         const ho_csv_file *runs, FILE *out) {
  for (size_t i = 0; i < COUNT(columns); i++) {
    sample s = take(columns[i].runs ? runs : handoffs, arm, columns[i].column);
    if (s.missing > 0 && s.count > 1) {
      fprintf(out, "  %s: %s NA (did not happen) in %zu of %zu\n", arm,
              columns[i].about, s.missing, s.count);
    }
    free(s.values);
  }
}

/* The runs that did not end as most of their arm's did, and what went wrong in
 * those that failed. */
static void note_outcomes(const char *arm, const ho_csv_file *runs, FILE *out) {
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
    fprintf(out, "  %s, seed %s: %s%s%s\n", arm, cell(runs, i, "seed"), outcome,
            *reason ? ": " : "", reason);
  }
  if (others > SHOWN) {
    fprintf(out, "  %s: and %zu more runs (see runs.csv)\n", arm,
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
static void note_calls(const ho_scenario *scenario, const char *arm,
                       const ho_csv_file *runs, FILE *out) {
  sample s = take(runs, arm, "stalls");
  bool others = false; /* who ask for answers beside */

  for (size_t i = 0; i < scenario->clients; i++) {
    others |= ho_scenario_work(scenario, i)->type != HO_WORK_STREAM;
  }

  if (s.count > s.missing) {
    fprintf(out,
            "  %s: %.0f of %.0f frames %slate or lost, %.0f stalls of %.1f ms "
            "in all\n",
            arm, sum_of(runs, arm, "missed"), sum_of(runs, arm, "requests"),
            others ? "and requests " : "", sum_of(runs, arm, "stalls"),
            sum_of(runs, arm, "stall_ms"));
  }
  free(s.values);
}

static void widths(const ho_plan *plan, const ho_csv_file *handoffs,
                   const ho_csv_file *runs, int *arm_width, int *outcome_width,
                   bool *several) {
  *arm_width = (int)strlen("arm");
  *outcome_width = (int)strlen("outcome");
  *several = false;
  for (size_t i = 0; i < plan->arms_count; i++) {
    const char *arm = plan->scenario->arms[plan->arms[i]].name;
    char *outcome = outcome_text(runs, arm);
    if ((int)strlen(arm) > *arm_width) {
      *arm_width = (int)strlen(arm);
    }
    if ((int)strlen(outcome) > *outcome_width) {
      *outcome_width = (int)strlen(outcome);
    }
    *several |= count_rows(runs, arm) > 1 || count_rows(handoffs, arm) > 1;
    free(outcome);
  }
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
  if (plan->timeout > 0) {
    fprintf(out, ", timeout %.9g s", (double)plan->timeout / (double)HO_SEC);
  }
  fprintf(out, "%s%s\n", plan->events ? ", events" : "",
          plan->series ? ", series" : "");
  if (plan->repeat > 1 && !scenario->random) {
    fprintf(out,
            "Nothing in this scenario is random: %" PRIu64
            " equal seeds are one sample.\n",
            plan->repeat);
  }
  fflush(out);
}

void ho_summary_print(const ho_plan *plan, const ho_csv_file *handoffs,
                      const ho_csv_file *runs, FILE *out) {
  int arm_width, outcome_width;
  bool several;

  widths(plan, handoffs, runs, &arm_width, &outcome_width, &several);
  fputc('\n', out);
  print_header(several, arm_width, outcome_width, out);
  for (size_t i = 0; i < plan->arms_count; i++) {
    print_arm(plan->scenario->arms[plan->arms[i]].name, several, arm_width,
              outcome_width, handoffs, runs, out);
  }
  if (several) {
    fputs("Medians over the runs and handoffs of an arm.\n", out);
  }
  for (size_t i = 0; i < plan->arms_count; i++) {
    const char *arm = plan->scenario->arms[plan->arms[i]].name;
    note_outcomes(arm, runs, out);
    note_missing(arm, handoffs, runs, out);
    note_calls(plan->scenario, arm, runs, out);
  }
}
