/* The area under the curve, and what is detected at a rate of false alarms. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "measure/stats/roc.h"
#include "sim/base/rng.h"
#include "tests/suite.h"

/* Goal: the worked example of J. A. Hanley and B. J. McNeil, Radiology 143
 * (1982), tables I and II: ratings 1 to 5 of 58 normal and 51 abnormal images;
 * the Wilcoxon statistic, ties half, is 0.893. */
START_TEST(hanley_and_mcneil) {
  static const int normal[] = {33, 6, 6, 11, 2}, abnormal[] = {3, 2, 2, 11, 33};
  double trues[51], falses[58];
  size_t t = 0, f = 0;

  for (int rating = 0; rating < 5; rating++) {
    for (int i = 0; i < abnormal[rating]; i++) {
      trues[t++] = rating;
    }
    for (int i = 0; i < normal[rating]; i++) {
      falses[f++] = rating;
    }
  }
  ck_assert_double_eq_tol(ho_auc(trues, t, falses, f), 0.893, 0.5e-3);
  ck_assert_double_eq_tol(ho_auc(falses, f, trues, t), 1 - 0.893, 0.5e-3);
}
END_TEST

START_TEST(simple_areas) {
  static const double low[] = {1, 2}, high[] = {3, 4}, same[] = {5, 5};

  ck_assert_double_eq(ho_auc(high, 2, low, 2), 1);
  ck_assert_double_eq(ho_auc(low, 2, high, 2), 0);
  ck_assert_double_eq(ho_auc(same, 2, same, 2), 0.5);
  ck_assert(isnan(ho_auc(low, 0, high, 2)));
  ck_assert(isnan(ho_auc(low, 2, high, 0)));
}
END_TEST

/* Scores on a grid, so that there are ties; true ones are higher on average. */
typedef struct {
  double trues[600], falses[600][3];
  size_t unit[600], count;
} data;

static void draw(data *d, size_t count) {
  ho_rng rng;

  ho_rng_init(&rng, 5, "roc");
  d->count = count;
  for (size_t i = 0; i < count; i++) {
    d->trues[i] = (double)ho_rng_below(&rng, 12) + 3;
    d->unit[i] = i;
    for (size_t k = 0; k < 3; k++) {
      d->falses[i][k] = (double)ho_rng_below(&rng, 12);
    }
  }
}

static ho_roc *roc_of(const data *d) {
  ho_roc *roc = ho_roc_new(d->count, d->trues, d->unit, d->count);

  for (size_t i = 0; i < d->count; i++) {
    for (size_t k = 0; k < 3; k++) {
      ho_roc_false(roc, i, d->falses[i][k]);
    }
  }
  ho_roc_end(roc);
  return roc;
}

/* By the definition: all pairs, each as often as its units are drawn. */
static double naive(const data *d, const uint32_t *times) {
  double wins = 0, pairs = 0;

  for (size_t i = 0; i < d->count; i++) {
    for (size_t j = 0; j < d->count; j++) {
      for (size_t k = 0; k < 3; k++) {
        double weight = (double)times[i] * times[j], a = d->trues[i],
               b = d->falses[j][k];
        pairs += weight;
        wins += weight * (a > b ? 1 : a == b ? 0.5 : 0);
      }
    }
  }
  return wins / pairs;
}

static void resample(uint32_t *times, size_t count, ho_rng *rng) {
  for (size_t i = 0; i < count; i++) {
    times[i] = 0;
  }
  for (size_t i = 0; i < count; i++) {
    times[ho_rng_below(rng, count)]++;
  }
}

/* Goal: the area of a resample is that of its pairs; beyond HO_ROC_EXACT units
 * it is so to first order (its error falls with the number of units, and is
 * far below the spread, about 0.012 here). */
static const struct {
  size_t units;
  double tolerance;
} sizes[] = {{2, 1e-12}, {40, 1e-12}, {256, 1e-12}, {257, 4e-3}, {600, 2e-3}};

START_TEST(resampled) {
  static data d;
  uint32_t times[600];
  double whole, spread = 0;
  ho_roc *roc;
  ho_rng rng;

  draw(&d, sizes[_i].units);
  roc = roc_of(&d);
  for (size_t i = 0; i < d.count; i++) {
    times[i] = 1;
  }
  whole = ho_roc_auc(roc);
  ck_assert_double_eq_tol(whole, naive(&d, times), 1e-12);
  ck_assert_double_eq_tol(ho_roc_auc_drawn(roc, times), whole, 1e-12);
  ho_rng_init(&rng, 6, "roc");
  for (int i = 0; i < 10; i++) {
    resample(times, d.count, &rng);
    ck_assert_double_eq_tol(ho_roc_auc_drawn(roc, times), naive(&d, times),
                            sizes[_i].tolerance);
    spread = fmax(spread, fabs(naive(&d, times) - whole));
  }
  ck_assert_double_gt(spread, 4e-3);
  ho_roc_del(roc);
}
END_TEST

/* Goal: a unit without any pair in a resample leaves the area undefined. */
START_TEST(undefined) {
  static const double trues[] = {1};
  static const size_t unit[] = {0};
  static const uint32_t times[] = {2, 0}, others[] = {0, 2}, both[] = {1, 1};
  ho_roc *roc = ho_roc_new(2, trues, unit, 1);

  ho_roc_false(roc, 1, 0);
  ho_roc_end(roc);
  ck_assert(isnan(ho_roc_auc_drawn(roc, times)));
  ck_assert(isnan(ho_roc_auc_drawn(roc, others)));
  ck_assert_double_eq(ho_roc_auc_drawn(roc, both), 1);
  ho_roc_del(roc);
}
END_TEST

/* Goal: false scores 9 7 7 5 3.  With none allowed the threshold is 9, with one
 * 7 (two tie there, so only 9 exceeds it), with two 7 as well, with three 5,
 * with four 3, with five there is none. */
static const uint64_t detected[] = {1, 2, 2, 5, 6, 7};

START_TEST(at_a_rate) {
  static const double trues[] = {10, 9, 7, 6, 6, 5, 3},
                      falses[] = {7, 3, 9, 5, 7};
  static const size_t unit[7] = {0};
  ho_roc *roc = ho_roc_new(1, trues, unit, 7);

  for (size_t i = 0; i < COUNT(falses); i++) {
    ho_roc_false(roc, 0, falses[i]);
  }
  ho_roc_end(roc);
  ck_assert_uint_eq(ho_roc_falses(roc), 5);
  ck_assert_uint_eq(ho_roc_detected(roc, (uint64_t)_i), detected[_i]);
  ho_roc_del(roc);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, hanley_and_mcneil);
  tcase_add_test(tc, simple_areas);
  tcase_add_loop_test(tc, resampled, 0, COUNT(sizes));
  tcase_add_test(tc, undefined);
  tcase_add_loop_test(tc, at_a_rate, 0, COUNT(detected));
}

int main(void) {
  return suite_run("roc", add);
}
