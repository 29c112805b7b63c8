/* Curves: survival by Kaplan and Meier, and the empirical distribution. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/stats/survival.h"

#include <assert.h>
#include <stdlib.h>

#define MATHLIB_STANDALONE
#include <Rmath.h>

#include "measure/stats/quantile.h"

static const double ALPHA = 0.05;

/* What happened goes before what was censored at the same time. */
static int by_time(const void *left, const void *right) {
  const ho_lifetime *a = left, *b = right;

  return a->time != b->time ? (a->time > b->time) - (a->time < b->time)
                            : (int)a->censored - (int)b->censored;
}

/* |variance| is Greenwood's sum, of log y. */
static ho_step survival_step(double x, double y, double variance) {
  double z = qnorm(1 - ALPHA / 2, 0, 1, 1, 0), spread;

  if (y <= 0) {
    return (ho_step){x, 0, NAN, NAN};
  }
  spread = z * sqrt(variance) / fabs(log(y));
  return (ho_step){x, y, pow(y, exp(spread)), pow(y, exp(-spread))};
}

size_t ho_kaplan_meier(ho_lifetime *lifetimes, size_t count, ho_step *steps) {
  double y = 1, variance = 0;
  size_t n = 0;

  qsort(lifetimes, count, sizeof(*lifetimes), by_time);
  for (size_t i = 0, end; i < count; i = end) {
    double at_risk = (double)(count - i), events;
    for (end = i; end < count && !lifetimes[end].censored &&
                  lifetimes[end].time == lifetimes[i].time;
         end++) {
    }
    if (end == i) {
      end++; /* censored */
      continue;
    }
    events = (double)(end - i);
    y *= (at_risk - events) / at_risk;
    variance += events / (at_risk * (at_risk - events));
    steps[n++] = survival_step(lifetimes[i].time, y, variance);
  }
  return n;
}

double ho_kaplan_meier_median(const ho_step *steps, size_t count) {
  for (size_t i = 0; i < count; i++) {
    /* A product of shares that should come to 1/2 may miss it by rounding. */
    if (steps[i].y <= 0.5 + 1e-12) {
      return steps[i].x;
    }
  }
  return INFINITY;
}

double ho_dkw(size_t count) {
  assert(count > 0);
  return sqrt(log(2 / ALPHA) / (2 * (double)count));
}

size_t ho_ecdf(double *values, size_t count, ho_step *steps) {
  size_t n = 0;

  qsort(values, count, sizeof(*values), ho_double_compare);
  for (size_t i = 0; i < count && isfinite(values[i]); i++) {
    double y = (double)(i + 1) / (double)count, half = ho_dkw(count);
    if (n > 0 && steps[n - 1].x == values[i]) {
      n--;
    }
    steps[n++] = (ho_step){values[i], y, fmax(y - half, 0), fmin(y + half, 1)};
  }
  return n;
}
