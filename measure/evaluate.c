/* Expectations, evaluated against the rows of a result folder. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "measure/expect.h"
#include "measure/metric.h"
#include "measure/stats/quantile.h"
#include "sim/base/alloc.h"

enum { SHOWN_ROWS = 10 };

/* One expectation being evaluated. */
typedef struct {
  const ho_plan *plan;
  const ho_expect *e;
  const ho_csv_file *file; /* the one that holds the metric */
  ho_metric metric, other; /* |other| for ARM.METRIC OP ARM.METRIC only */
  FILE *out;
  size_t failures;
  size_t cursor; /* row at which the next partner probably is */
} judge;

static const char *cell(const ho_csv_file *file, size_t row, const char *name) {
  int column = ho_csv_column(file, name);

  if (column < 0 || (size_t)column >= file->rows[row].count) {
    return "";
  }
  return file->rows[row].fields[column];
}

static bool holds(ho_compare op, double a, double b) {
  switch (op) {
  case HO_EQ:
    return a == b;
  case HO_NE:
    return a != b;
  case HO_LT:
    return a < b;
  case HO_LE:
    return a <= b;
  case HO_GT:
    return a > b;
  case HO_GE:
    return a >= b;
  }
  return false;
}

/* The first failure brings the expectation's own line with it.  Returns false
 * when enough has been said of this one. */
static bool begin_failure(judge *j) {
  const ho_place *place = &j->e->place;

  if (j->failures++ == 0) {
    fprintf(j->out, "%s: %s:%d:%d: %s\n", j->plan->scenario->name,
            place->file ? place->file : "", place->line, place->column,
            j->e->text);
  }
  return j->failures <= SHOWN_ROWS;
}

/* "arm quic, seed 1, client 0, handoff 2: " */
static void say_row(const judge *j, size_t row) {
  fprintf(j->out, "  arm %s", cell(j->file, row, "arm"));
  if (j->metric.adversary) {
    fprintf(j->out, ", adversary %s at %s: ", j->metric.adversary,
            j->metric.vantage);
    return;
  }
  fprintf(j->out, ", seed %s", cell(j->file, row, "seed"));
  if (j->metric.check) {
    fprintf(j->out, ", client %s", cell(j->file, row, "client"));
  } else if (!j->metric.runs) {
    fprintf(j->out, ", client %s, handoff %s", cell(j->file, row, "client"),
            cell(j->file, row, "handoff"));
  }
  fputs(": ", j->out);
}

static const char *shown(const char *text) {
  return *text ? text : "empty";
}

static void fail_row(judge *j, size_t row, const char *actual) {
  if (begin_failure(j)) {
    say_row(j, row);
    fprintf(j->out, "%s is %s%s%s\n",
            j->metric.check ? j->e->metric : j->metric.column, shown(actual),
            j->metric.check && *cell(j->file, row, "detail") ? ": " : "",
            j->metric.check ? cell(j->file, row, "detail") : "");
  }
}

static bool is_row_of(const judge *j, size_t row, const char *arm) {
  return !strcmp(cell(j->file, row, "scenario"), j->plan->scenario->name) &&
         !strcmp(cell(j->file, row, "arm"), arm) &&
         (!j->metric.check ||
          !strcmp(cell(j->file, row, "check"), j->metric.check)) &&
         (!j->metric.adversary ||
          (!strcmp(cell(j->file, row, "adversary"), j->metric.adversary) &&
           !strcmp(cell(j->file, row, "vantage"), j->metric.vantage)));
}

/* The expectation's number in the base unit of the metric. */
static double expected(const judge *j) {
  const ho_expect *e = j->e;

  if (e->word) {
    return INFINITY; /* NA; another word is not compared as a number */
  }
  if (j->e->aggregate == HO_AGG_COUNT) {
    return e->number;
  }
  if (e->dimension == HO_DIM_NONE && j->metric.dimension != HO_DIM_NONE) {
    return round(e->number * j->metric.scale);
  }
  if (e->dimension == HO_DIM_RATIO && j->metric.dimension == HO_DIM_NONE) {
    return e->number / 1e6;
  }
  return j->metric.dimension == HO_DIM_NONE ? e->number : round(e->number);
}

/* What never came about took infinitely long; of what nobody can know, which is
 * linkability's NA, nothing but that is true. */
static bool is_unknown(const judge *j, const char *text) {
  return j->metric.adversary && !j->e->word && strcmp(text, "NA") == 0;
}

static bool row_holds(const judge *j, const char *text) {
  double value;

  if (!*text || is_unknown(j, text)) {
    return false;
  }
  if (j->metric.text) {
    return (strcmp(text, j->e->word) == 0) == (j->e->op == HO_EQ);
  }
  return ho_metric_value(&j->metric, text, &value) &&
         holds(j->e->op, value, expected(j));
}

static void fail_absent(judge *j, const char *arm) {
  if (begin_failure(j)) {
    fprintf(j->out, "  %s has no row of arm %s\n", ho_metric_file(&j->metric),
            arm);
  }
}

static void judge_rows(judge *j) {
  size_t rows = 0;

  for (size_t i = 1; i < j->file->count; i++) {
    const char *text = cell(j->file, i, j->metric.column);
    if (!is_row_of(j, i, j->e->arm)) {
      continue;
    }
    rows++;
    if (!row_holds(j, text)) {
      fail_row(j, i, text);
    }
  }
  if (rows == 0) {
    fail_absent(j, j->e->arm);
  }
}

static double mean(const double *values, size_t count) {
  double sum = 0;

  for (size_t i = 0; i < count; i++) {
    sum += values[i];
  }
  return sum / (double)count;
}

static double aggregate(ho_aggregate kind, double *values, size_t count) {
  switch (kind) {
  case HO_AGG_NONE:
    break;
  case HO_AGG_P50:
    return ho_quantile(values, count, 0.50);
  case HO_AGG_P95:
    return ho_quantile(values, count, 0.95);
  case HO_AGG_P99:
    return ho_quantile(values, count, 0.99);
  case HO_AGG_MIN:
    return ho_quantile(values, count, 0);
  case HO_AGG_MAX:
    return ho_quantile(values, count, 1);
  case HO_AGG_MEAN:
    return mean(values, count);
  case HO_AGG_COUNT:
    return (double)count;
  }
  assert(!"an aggregate");
  return 0;
}

/* Gathers the values of the arm's rows; an empty one fails by itself. */
static size_t gather(judge *j, double *values) {
  size_t count = 0;

  for (size_t i = 1; i < j->file->count; i++) {
    const char *text = cell(j->file, i, j->metric.column);
    if (!is_row_of(j, i, j->e->arm)) {
      continue;
    }
    if (j->e->aggregate == HO_AGG_COUNT && *text) {
      count++;
    } else if (*text && !is_unknown(j, text) &&
               ho_metric_value(&j->metric, text, &values[count])) {
      count++;
    } else {
      fail_row(j, i, text);
    }
  }
  return count;
}

static void judge_aggregate(judge *j) {
  double *values = ho_alloc_array(j->file->count, sizeof(double));
  size_t count = gather(j, values);
  double value;

  if (count == 0 && j->failures == 0) {
    fail_absent(j, j->e->arm);
  }
  if (j->failures == 0) {
    value = aggregate(j->e->aggregate, values, count);
    if (!holds(j->e->op, value, expected(j)) && begin_failure(j)) {
      double scale = j->e->aggregate == HO_AGG_COUNT ? 1 : j->metric.scale;
      fprintf(j->out, "  arm %s, %zu rows: it is ", j->e->arm, count);
      if (isinf(value)) {
        fputs("NA\n", j->out);
      } else {
        fprintf(j->out, "%.9g (%s)\n", value / scale, j->metric.column);
      }
    }
  }
  free(values);
}

/* Do rows |a| and |b| have the seed, client and handoff in common? */
static bool is_joined(const judge *j, size_t a, size_t b) {
  static const char *const keys[] = {"seed", "client", "handoff"};
  size_t count = j->metric.adversary ? 0 : j->metric.runs ? 1 : 3;

  for (size_t k = 0; k < count; k++) {
    if (strcmp(cell(j->file, a, keys[k]), cell(j->file, b, keys[k])) != 0) {
      return false;
    }
  }
  return true;
}

/* The row of |arm| that belongs to |row|; 0: none.  Arms have their rows in the
 * same order, so it mostly is the one after the last that was found. */
static size_t partner(judge *j, size_t row, const char *arm) {
  size_t rows = j->file->count - 1;

  for (size_t n = 0; n < rows; n++) {
    size_t i = 1 + (j->cursor + n) % rows;
    if (is_row_of(j, i, arm) && is_joined(j, i, row)) {
      j->cursor = i;
      return i;
    }
  }
  return 0;
}

static bool pair_holds(const judge *j, const char *left, const char *right) {
  double a, b;

  if (!*left || !*right || is_unknown(j, left) || is_unknown(j, right)) {
    return false;
  }
  if (j->metric.text) {
    return (strcmp(left, right) == 0) == (j->e->op == HO_EQ);
  }
  return ho_metric_value(&j->metric, left, &a) &&
         ho_metric_value(&j->other, right, &b) && holds(j->e->op, a, b);
}

static void judge_pair(judge *j, size_t row) {
  size_t other = partner(j, row, j->e->other_arm);
  const char *left = cell(j->file, row, j->metric.column), *right;

  if (other == 0) {
    if (begin_failure(j)) {
      say_row(j, row);
      fprintf(j->out, "arm %s has no such row\n", j->e->other_arm);
    }
    return;
  }
  right = cell(j->file, other, j->other.column);
  if (!pair_holds(j, left, right) && begin_failure(j)) {
    say_row(j, row);
    fprintf(j->out, "%s is %s, arm %s's %s is %s\n", j->metric.column,
            shown(left), j->e->other_arm, j->other.column, shown(right));
  }
}

/* Every row of either arm needs its partner: one that is missing is an arm to
 * which something did not happen. */
static void judge_pairs(judge *j) {
  size_t rows = 0;

  for (size_t i = 1; i < j->file->count; i++) {
    if (is_row_of(j, i, j->e->arm)) {
      rows++;
      judge_pair(j, i);
    }
  }
  for (size_t i = 1; i < j->file->count; i++) {
    if (is_row_of(j, i, j->e->other_arm) && partner(j, i, j->e->arm) == 0 &&
        begin_failure(j)) {
      say_row(j, i);
      fprintf(j->out, "arm %s has no such row\n", j->e->arm);
    }
  }
  if (rows == 0 && j->failures == 0) {
    fail_absent(j, j->e->arm);
  }
}

static bool is_wanted(const ho_plan *plan, const ho_expect *e) {
  return ho_plan_has(plan, e->arm) &&
         (!e->other_arm || ho_plan_has(plan, e->other_arm));
}

/* Evaluates one expectation, with what there is to say of it in |text|. */
static size_t judge_one(judge *j, const ho_expect_rows *rows, char **text) {
  size_t len;

  j->out = open_memstream(text, &len);
  j->file = j->metric.check       ? rows->checks
            : j->metric.adversary ? rows->linkability
            : j->metric.runs      ? rows->runs
                                  : rows->handoffs;
  if (j->e->other_arm) {
    ho_metric_find(&j->other, j->e->other_metric);
    judge_pairs(j);
  } else if (j->e->aggregate != HO_AGG_NONE) {
    judge_aggregate(j);
  } else {
    judge_rows(j);
  }
  if (j->failures > SHOWN_ROWS) {
    fprintf(j->out, "  and %zu more\n", j->failures - SHOWN_ROWS);
  }
  fclose(j->out);
  return j->failures;
}

ho_expect_count ho_expect_evaluate(const ho_plan *plan,
                                   const ho_expect_rows *rows, ho_known *known,
                                   FILE *out) {
  ho_expect_count count = {0};

  for (size_t i = 0; i < plan->scenario->expects_count; i++) {
    judge j = {.plan = plan, .e = &plan->scenario->expects[i]};
    char *text = NULL;
    if (!is_wanted(plan, j.e) || !ho_metric_find(&j.metric, j.e->metric) ||
        (j.metric.check && plan->no_checks)) {
      continue;
    }
    count.evaluated++;
    if (judge_one(&j, rows, &text) > 0) {
      if (ho_known_has(known, plan->scenario->name, j.e->arm, j.e->text)) {
        count.known++;
      } else {
        count.failed++;
        fputs(text, out);
      }
    } else {
      ho_known_held(known, plan->scenario->name, j.e->arm, j.e->text);
    }
    free(text);
  }
  return count;
}
