/* The signed-rank test, Cliff's delta and Holm's adjustment, on data whose
 * results are published. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <math.h>

#include "measure/stats/wilcoxon.h"
#include "tests/suite.h"

/* Hollander and Wolfe, Nonparametric Statistical Methods (1973), p. 29:
 * depression scale factors of nine patients before and after a tranquilizer;
 * the example of R's wilcox.test.  V = 40, two-sided p = 0.0390625. */
static const double depression[] = {1.83 - 0.878, 0.50 - 0.647, 1.62 - 0.598,
                                    2.48 - 2.05,  1.68 - 1.06,  1.88 - 1.29,
                                    1.55 - 1.06,  3.06 - 3.14,  1.30 - 1.29};

/* Darwin's crossed and self-fertilized maize, differences in eighths of an
 * inch (Fisher, The Design of Experiments, 1935, table 3; Wilcoxon's own
 * example, Biometrics Bulletin 1, 1945).  The ranks of the negative ones sum to
 * 24, those of the others to 96.  R's wilcox.test: p = 0.04125977. */
static const double maize[] = {49, -67, 8,  16, 6,  23, 28, 41,
                               14, 29,  56, 24, 75, 60, -48};

/* Goal: the published sums and p values, of either sign. */
START_TEST(published) {
  double turned[COUNT(depression)];
  ho_wilcoxon_result r = ho_wilcoxon(depression, COUNT(depression));

  ck_assert_uint_eq(r.n, 9);
  ck_assert_double_eq(r.sum, 40);
  ck_assert(r.exact);
  ck_assert_double_eq_tol(r.p, 0.0390625, 1e-12); /* 20 / 2^9 */
  for (size_t i = 0; i < COUNT(depression); i++) {
    turned[i] = -depression[i];
  }
  r = ho_wilcoxon(turned, COUNT(turned));
  ck_assert_double_eq(r.sum, 5);
  ck_assert_double_eq_tol(r.p, 0.0390625, 1e-12);
  r = ho_wilcoxon(maize, COUNT(maize));
  ck_assert_double_eq(r.sum, 96);
  ck_assert_double_eq_tol(r.p, 0.04125977, 5e-9);
}
END_TEST

/* Goal: by hand, with ties: |d| = 1 1 2 3 3 3 has ranks 1.5 1.5 3 5 5 5, the
 * positive ones 1 2 3 3 sum to 14.5 of 21; the mean is 10.5, the variance
 * 6 x 7 x 13 / 24 - (6 + 24) / 48 = 22.125; z = 3.5 / 4.70372 = 0.744092.
 * Zeros are left out. */
START_TEST(tied) {
  static const double d[] = {0, 1, -1, 2, 3, 3, -3, 0};
  ho_wilcoxon_result r = ho_wilcoxon(d, COUNT(d));

  ck_assert_uint_eq(r.n, 6);
  ck_assert_double_eq(r.sum, 14.5);
  ck_assert(!r.exact);
  ck_assert_double_eq_tol(r.p, erfc(0.744092 / sqrt(2)), 1e-6);
}
END_TEST

/* Goal: at the limits.  All of n positive: p = 2 / 2^n exactly; no difference:
 * 1; the infinite are the largest, and equal in size. */
START_TEST(limits) {
  double d[HO_WILCOXON_EXACT + 1];
  static const double infinite[] = {-1, 2, INFINITY, -3, INFINITY};
  static const double zeros[] = {0, 0, 0}, one[] = {5}, even[] = {1, -1};
  ho_wilcoxon_result r;

  for (size_t i = 0; i < COUNT(d); i++) {
    d[i] = (double)i + 1;
  }
  r = ho_wilcoxon(d, HO_WILCOXON_EXACT);
  ck_assert(r.exact);
  ck_assert_double_eq_tol(r.p * ldexp(1, HO_WILCOXON_EXACT), 2, 1e-6);
  r = ho_wilcoxon(d, COUNT(d));
  ck_assert(!r.exact);
  /* z = (1326 / 2 - 1/2) / sqrt(51 x 52 x 103 / 24) */
  ck_assert_double_eq_tol(r.p, erfc(662.5 / sqrt(11381.5) / sqrt(2)), 1e-15);
  r = ho_wilcoxon(zeros, COUNT(zeros));
  ck_assert_uint_eq(r.n, 0);
  ck_assert_double_eq(r.p, 1);
  ck_assert_double_eq(ho_wilcoxon(NULL, 0).p, 1);
  ck_assert_double_eq(ho_wilcoxon(one, 1).p, 1);
  ck_assert_double_eq(ho_wilcoxon(even, 2).p, 1);
  r = ho_wilcoxon(infinite, COUNT(infinite));
  ck_assert_double_eq(r.sum, 2 + 4.5 + 4.5);
}
END_TEST

/* Goal: by hand.  Of the 12 pairs of {1, 2, 3} and {2, 3, 3, 9}, b is greater
 * in 1 + 2 + 2 + 3 = 8 and less in 1; infinities are equal to each other. */
START_TEST(cliff) {
  double a[] = {3, 1, 2}, b[] = {9, 3, 2, 3};
  double c[] = {INFINITY, 1}, d[] = {INFINITY, INFINITY};

  ck_assert_double_eq_tol(ho_cliff_delta(a, 3, b, 4), 7.0 / 12, 1e-12);
  ck_assert_double_eq_tol(ho_cliff_delta(b, 4, a, 3), -7.0 / 12, 1e-12);
  ck_assert_double_eq(ho_cliff_delta(a, 3, a, 3), 0);
  ck_assert_double_eq(ho_cliff_delta(a, 3, d, 2), 1);
  ck_assert_double_eq(ho_cliff_delta(c, 2, d, 2), 0.5);
  ck_assert(isnan(ho_cliff_delta(a, 0, b, 4)));
  ck_assert(isnan(ho_cliff_delta(a, 3, b, 0)));
}
END_TEST

/* Goal: the example in Wikipedia's article on the Holm-Bonferroni method, by
 * its formula: 0.01 0.04 0.03 0.005 become 0.03 0.06 0.06 0.02.  One adjusted
 * value is never below that of a smaller p, none is above 1; NaN is no test. */
START_TEST(holm) {
  static const double p[] = {0.01, 0.04, NAN, 0.03, 0.005};
  static const double large[] = {0.9, 0.4, 0.8};
  double out[5];

  ho_holm(p, COUNT(p), out);
  ck_assert_double_eq_tol(out[0], 0.03, 1e-12);
  ck_assert_double_eq_tol(out[1], 0.06, 1e-12);
  ck_assert(isnan(out[2]));
  ck_assert_double_eq_tol(out[3], 0.06, 1e-12);
  ck_assert_double_eq_tol(out[4], 0.02, 1e-12);
  ho_holm(large, COUNT(large), out);
  for (size_t i = 0; i < COUNT(large); i++) {
    ck_assert_double_eq(out[i], 1);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, published);
  tcase_add_test(tc, tied);
  tcase_add_test(tc, limits);
  tcase_add_test(tc, cliff);
  tcase_add_test(tc, holm);
}

int main(void) {
  return suite_run("wilcoxon", add);
}
