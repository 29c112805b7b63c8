/* Intervals for a proportion, against published ones. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "measure/stats/proportion.h"
#include "tests/suite.h"

/* Goal: the examples of R. G. Newcombe, "Two-sided confidence intervals for the
 * single proportion", Statistics in Medicine 17 (1998), table I: method 3
 * (Wilson) and method 5 (Clopper-Pearson), 95 %, 4 decimals. */
static const struct {
  double successes, trials;
  ho_interval wilson, exact;
} published[] = {
    {81, 263, {0.2553, 0.3662}, {0.2527, 0.3676}},
    {15, 148, {0.0624, 0.1605}, {0.0578, 0.1617}},
    {0, 20, {0, 0.1611}, {0, 0.1684}},
    {1, 29, {0.0061, 0.1718}, {0.0009, 0.1776}},
    /* All of n: 1 - (0.05 / 2)^(1 / n) is missing from below (Clopper and
     * Pearson, Biometrika 26, 1934); the other is the mirror of 0 in 20. */
    {20, 20, {0.8389, 1}, {0.8316, 1}},
};

START_TEST(as_published) {
  ho_interval w = ho_wilson(published[_i].successes, published[_i].trials),
              c = ho_clopper_pearson(published[_i].successes,
                                     published[_i].trials);

  ck_assert_double_eq_tol(w.lo, published[_i].wilson.lo, 0.5e-4);
  ck_assert_double_eq_tol(w.hi, published[_i].wilson.hi, 0.5e-4);
  ck_assert_double_eq_tol(c.lo, published[_i].exact.lo, 0.5e-4);
  ck_assert_double_eq_tol(c.hi, published[_i].exact.hi, 0.5e-4);
}
END_TEST

/* Goal: what they are at the ends and without trials. */
START_TEST(at_the_ends) {
  ck_assert(isnan(ho_wilson(0, 0).lo) && isnan(ho_wilson(0, 0).hi));
  ck_assert(isnan(ho_clopper_pearson(0, 0).lo));
  ck_assert_double_eq(ho_wilson(0, 7).lo, 0);
  ck_assert_double_eq(ho_wilson(7, 7).hi, 1);
  ck_assert_double_eq(ho_clopper_pearson(0, 7).lo, 0);
  ck_assert_double_eq(ho_clopper_pearson(7, 7).hi, 1);
  /* "Rule of three", exact: 1 - 0.025^(1/100). */
  ck_assert_double_eq_tol(ho_clopper_pearson(0, 100).hi, 1 - pow(0.025, 0.01),
                          1e-12);
}
END_TEST

/* Chance of |k| or fewer successes in |n| with probability |p|. */
static double at_most(int k, int n, double p) {
  double term = pow(1 - p, n), sum = term;

  for (int i = 1; i <= k; i++) {
    term *= (n - i + 1) / (double)i * p / (1 - p);
    sum += term;
  }
  return sum;
}

/* Goal: by definition, at Clopper-Pearson's bounds the tails have 2.5 % each;
 * Wilson's bounds solve (p0 - p)^2 = z^2 p (1 - p) / n.  Both mirror. */
START_TEST(by_definition) {
  const int n = 23;
  const double z = 1.959963984540054;

  for (int k = 1; k < n; k++) {
    ho_interval c = ho_clopper_pearson(k, n), w = ho_wilson(k, n);
    double p0 = k / (double)n, p;

    ck_assert_double_eq_tol(at_most(k, n, c.hi), 0.025, 1e-9);
    ck_assert_double_eq_tol(1 - at_most(k - 1, n, c.lo), 0.025, 1e-9);
    for (int side = 0; side < 2; side++) {
      p = side ? w.hi : w.lo;
      ck_assert_double_eq_tol((p0 - p) * (p0 - p), z * z * p * (1 - p) / n,
                              1e-12);
    }
    ck_assert_double_eq_tol(ho_wilson(n - k, n).lo, 1 - w.hi, 1e-12);
    ck_assert_double_eq_tol(ho_clopper_pearson(n - k, n).lo, 1 - c.hi, 1e-9);
    ck_assert(c.lo < w.lo && w.hi < c.hi);
  }
}
END_TEST

/* Goal: a fraction of a success lies between its neighbours. */
START_TEST(fractions) {
  ck_assert_double_lt(ho_wilson(3, 10).lo, ho_wilson(3.5, 10).lo);
  ck_assert_double_lt(ho_wilson(3.5, 10).lo, ho_wilson(4, 10).lo);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, as_published, 0, COUNT(published));
  tcase_add_test(tc, at_the_ends);
  tcase_add_test(tc, by_definition);
  tcase_add_test(tc, fractions);
}

int main(void) {
  return suite_run("proportion", add);
}
