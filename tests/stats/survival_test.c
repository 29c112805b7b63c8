/* Kaplan and Meier's curve on published data; the empirical distribution. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <math.h>

#include "measure/stats/survival.h"
#include "tests/suite.h"

/* Freireich et al. (1963): weeks of remission of leukaemia under
 * 6-mercaptopurine, the example of Cox and Oakes (1984, table 1.1) and of most
 * textbooks.  The curve and its standard errors are in Kleinbaum and Klein,
 * Survival Analysis, 2.III: .8571 .8067 .7529 .6902 .6275 .5378 .4482 at 6 7 10
 * 13 16 22 23 weeks; the median is 23. */
static const struct {
  double weeks;
  int count, censored;
} remission[] = {
    {6, 3, 1},  {7, 1, 0},  {9, 0, 1},  {10, 1, 1}, {11, 0, 1}, {13, 1, 0},
    {16, 1, 0}, {17, 0, 1}, {19, 0, 1}, {20, 0, 1}, {22, 1, 0}, {23, 1, 0},
    {25, 0, 1}, {32, 0, 2}, {34, 0, 1}, {35, 0, 1},
};
static const double curve[][2] = {{6, .8571},  {7, .8067},  {10, .7529},
                                  {13, .6902}, {16, .6275}, {22, .5378},
                                  {23, .4482}};

/* Those censored first: the order of what is given must not matter. */
static size_t patients(ho_lifetime *out) {
  size_t n = 0;

  for (int censored = 1; censored >= 0; censored--) {
    for (size_t i = 0; i < COUNT(remission); i++) {
      int k = censored ? remission[i].censored : remission[i].count;
      while (k-- > 0) {
        out[n++] = (ho_lifetime){remission[i].weeks, censored != 0};
      }
    }
  }
  return n;
}

/* Goal: the published curve.  R's survfit with conf.type = "log-log" has 0.620
 * to 0.952 at 6 weeks and 0.188 to 0.680 at 23. */
START_TEST(published) {
  ho_lifetime lifetimes[21];
  ho_step steps[21];
  size_t n = patients(lifetimes);

  ck_assert_uint_eq(n, 21);
  n = ho_kaplan_meier(lifetimes, n, steps);
  ck_assert_uint_eq(n, COUNT(curve));
  for (size_t i = 0; i < n; i++) {
    ck_assert_double_eq(steps[i].x, curve[i][0]);
    ck_assert_double_eq_tol(steps[i].y, curve[i][1], 1e-4);
    ck_assert(steps[i].lo < steps[i].y && steps[i].y < steps[i].hi);
  }
  ck_assert_double_eq_tol(steps[0].lo, 0.620, 5e-4);
  ck_assert_double_eq_tol(steps[0].hi, 0.952, 5e-4);
  ck_assert_double_eq_tol(steps[6].lo, 0.188, 5e-4);
  ck_assert_double_eq_tol(steps[6].hi, 0.680, 5e-4);
  ck_assert_double_eq(ho_kaplan_meier_median(steps, n), 23);
  ck_assert(isinf(ho_kaplan_meier_median(steps, n - 1)));
}
END_TEST

/* Goal: without censoring it is the share that is left, down to 0; with more
 * than half censored there is no median; with nothing there is no step. */
START_TEST(plain) {
  ho_lifetime all[] = {{4, false}, {1, false}, {2, false}, {3, false}};
  ho_lifetime late[] = {{1, false}, {30, true}, {30, true}};
  ho_step steps[4];

  ck_assert_uint_eq(ho_kaplan_meier(all, 4, steps), 4);
  for (size_t i = 0; i < 4; i++) {
    ck_assert_double_eq(steps[i].x, (double)i + 1);
    ck_assert_double_eq_tol(steps[i].y, 0.75 - 0.25 * (double)i, 1e-12);
  }
  ck_assert(isnan(steps[3].lo) && isnan(steps[3].hi));
  ck_assert_double_eq(ho_kaplan_meier_median(steps, 4), 2);
  ck_assert_uint_eq(ho_kaplan_meier(late, 3, steps), 1);
  ck_assert(isinf(ho_kaplan_meier_median(steps, 1)));
  ck_assert_uint_eq(ho_kaplan_meier(late, 0, steps), 0);
}
END_TEST

/* Goal: the band of Wasserman, All of Statistics (2004), 7.1: epsilon =
 * sqrt(ln(2 / 0.05) / 2n), 0.1358 for n = 100. */
START_TEST(band) {
  ck_assert_double_eq_tol(ho_dkw(100), 0.135810, 1e-6);
  ck_assert_double_eq_tol(ho_dkw(1), 1.358102, 1e-6);
}
END_TEST

/* Goal: a step for each value, as high as the share up to it; the band stays
 * within 0 and 1; a censored value keeps the curve below 1. */
START_TEST(distribution) {
  double values[] = {5, INFINITY, 1, 5}, many[400];
  ho_step steps[400];

  ck_assert_uint_eq(ho_ecdf(values, 4, steps), 2);
  ck_assert_double_eq(steps[0].x, 1);
  ck_assert_double_eq(steps[0].y, 0.25);
  ck_assert_double_eq(steps[0].lo, 0);
  ck_assert_double_eq(steps[1].x, 5);
  ck_assert_double_eq(steps[1].y, 0.75);
  ck_assert_double_eq(steps[1].hi, 1);
  for (size_t i = 0; i < COUNT(many); i++) {
    many[i] = (double)i;
  }
  ck_assert_uint_eq(ho_ecdf(many, 400, steps), 400);
  ck_assert_double_eq_tol(steps[199].lo, 0.5 - 0.067905, 1e-6);
  ck_assert_double_eq_tol(steps[199].hi, 0.5 + 0.067905, 1e-6);
  ck_assert_uint_eq(ho_ecdf(many, 0, steps), 0);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, published);
  tcase_add_test(tc, plain);
  tcase_add_test(tc, band);
  tcase_add_test(tc, distribution);
}

int main(void) {
  return suite_run("survival", add);
}
