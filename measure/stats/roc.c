/* The receiver operating characteristic of scores, pooled over units. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/stats/roc.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

typedef struct {
  double score;
  size_t unit;
} pair;

/* Only where a false score lies among the true ones matters: below[i] counts
 * false scores of the unit under way between the true scores i-1 and i,
 * equal[i] those equal to the true score i (the first of several equal ones).
 */
struct ho_roc {
  size_t units, count;
  pair *trues; /* in ascending order */
  uint64_t *below, *equal;
  size_t current;
  bool open;
  double *wins;                       /* exact: [true's unit][false's unit] */
  double *won_by, *lost_by;           /* else: sums over rows and columns */
  uint64_t *unit_trues, *unit_falses; /* a unit's number of either */
  uint64_t *above;                    /* false scores >= the true score i */
  uint64_t falses;
};

static int compare(const void *left, const void *right) {
  double a = ((const pair *)left)->score, b = ((const pair *)right)->score;

  return (a > b) - (a < b);
}

ho_roc *ho_roc_new(size_t units, const double *scores, const size_t *unit,
                   size_t count) {
  ho_roc *roc = ho_alloc(sizeof(*roc));

  roc->units = units;
  roc->count = count;
  roc->trues = ho_alloc_array(count, sizeof(pair));
  roc->below = ho_alloc_array(count + 1, sizeof(uint64_t));
  roc->equal = ho_alloc_array(count + 1, sizeof(uint64_t));
  roc->above = ho_alloc_array(count, sizeof(uint64_t));
  roc->unit_trues = ho_alloc_array(units, sizeof(uint64_t));
  roc->unit_falses = ho_alloc_array(units, sizeof(uint64_t));
  if (units <= HO_ROC_EXACT) {
    roc->wins = ho_alloc_array(units * units, sizeof(double));
  }
  roc->won_by = ho_alloc_array(units, sizeof(double));
  roc->lost_by = ho_alloc_array(units, sizeof(double));
  for (size_t i = 0; i < count; i++) {
    assert(unit[i] < units && !isnan(scores[i]));
    roc->trues[i] = (pair){scores[i], unit[i]};
    roc->unit_trues[unit[i]]++;
  }
  if (count > 0) {
    qsort(roc->trues, count, sizeof(pair), compare);
  }
  return roc;
}

void ho_roc_del(ho_roc *roc) {
  if (!roc) {
    return;
  }
  free(roc->trues);
  free(roc->below);
  free(roc->equal);
  free(roc->above);
  free(roc->unit_trues);
  free(roc->unit_falses);
  free(roc->wins);
  free(roc->won_by);
  free(roc->lost_by);
  free(roc);
}

/* The first true score that is not less than |score|. */
static size_t position(const ho_roc *roc, double score) {
  size_t lo = 0, hi = roc->count;

  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    if (roc->trues[mid].score < score) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo;
}

/* Settles the unit under way: what its false pairs lose to each true one. */
static void settle(ho_roc *roc) {
  uint64_t less = 0, total = roc->unit_falses[roc->current], same = 0;

  for (size_t i = 0; i < roc->count; i++) {
    const pair *t = &roc->trues[i];
    double wins;

    if (i == 0 || t->score > roc->trues[i - 1].score) {
      less += roc->below[i] + same;
      same = roc->equal[i];
    }
    wins = (double)less + 0.5 * (double)same;
    roc->above[i] += total - less;
    if (roc->wins) {
      roc->wins[t->unit * roc->units + roc->current] += wins;
    }
    roc->won_by[t->unit] += wins;
    roc->lost_by[roc->current] += wins;
  }
  memset(roc->below, 0, (roc->count + 1) * sizeof(uint64_t));
  memset(roc->equal, 0, (roc->count + 1) * sizeof(uint64_t));
  roc->open = false;
}

void ho_roc_false(ho_roc *roc, size_t unit, double score) {
  size_t at = position(roc, score);

  assert(unit < roc->units && !isnan(score));
  if (roc->open && roc->current != unit) {
    settle(roc);
  }
  roc->open = true;
  roc->current = unit;
  roc->unit_falses[unit]++;
  roc->falses++;
  if (at < roc->count && roc->trues[at].score == score) {
    roc->equal[at]++;
  } else {
    roc->below[at]++;
  }
}

void ho_roc_end(ho_roc *roc) {
  if (roc->open) {
    settle(roc);
  }
}

uint64_t ho_roc_falses(const ho_roc *roc) {
  return roc->falses;
}

double ho_roc_auc(const ho_roc *roc) {
  double wins = 0;

  if (roc->count == 0 || roc->falses == 0) {
    return NAN;
  }
  for (size_t i = 0; i < roc->units; i++) {
    wins += roc->won_by[i];
  }
  return wins / ((double)roc->count * (double)roc->falses);
}

static double drawn_exactly(const ho_roc *roc, const uint32_t *times) {
  double wins = 0, trues = 0, falses = 0;

  for (size_t i = 0; i < roc->units; i++) {
    double row = 0;
    if (times[i] == 0) {
      continue;
    }
    trues += times[i] * (double)roc->unit_trues[i];
    falses += times[i] * (double)roc->unit_falses[i];
    for (size_t k = 0; k < roc->units; k++) {
      row += times[k] * roc->wins[i * roc->units + k];
    }
    wins += times[i] * row;
  }
  return trues > 0 && falses > 0 ? wins / (trues * falses) : NAN;
}

static double drawn_linearly(const ho_roc *roc, const uint32_t *times) {
  double auc = ho_roc_auc(roc), trues = (double)roc->count,
         falses = (double)roc->falses, change = 0;

  for (size_t i = 0; i < roc->units; i++) {
    change += ((double)times[i] - 1) *
              ((roc->won_by[i] + roc->lost_by[i]) / (trues * falses) -
               auc * (double)roc->unit_trues[i] / trues -
               auc * (double)roc->unit_falses[i] / falses);
  }
  return fmin(fmax(auc + change, 0), 1);
}

double ho_roc_auc_drawn(const ho_roc *roc, const uint32_t *times) {
  if (roc->count == 0 || roc->falses == 0) {
    return NAN;
  }
  return roc->wins ? drawn_exactly(roc, times) : drawn_linearly(roc, times);
}

/* With the false scores f[0] >= f[1] >= ... the threshold is f[allowed]: a true
 * score exceeds it when at most |allowed| false ones are as great as it. */
uint64_t ho_roc_detected(const ho_roc *roc, uint64_t allowed) {
  uint64_t detected = 0;

  for (size_t i = 0; i < roc->count; i++) {
    detected += roc->above[i] <= allowed;
  }
  return detected;
}

double ho_auc(const double *true_scores, size_t true_count,
              const double *false_scores, size_t false_count) {
  size_t *unit = ho_alloc_array(true_count, sizeof(*unit));
  ho_roc *roc = ho_roc_new(1, true_scores, unit, true_count);
  double auc;

  for (size_t i = 0; i < false_count; i++) {
    ho_roc_false(roc, 0, false_scores[i]);
  }
  ho_roc_end(roc);
  auc = ho_roc_auc(roc);
  free(unit);
  ho_roc_del(roc);
  return auc;
}
