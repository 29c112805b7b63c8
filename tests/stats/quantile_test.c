/* Quantiles, with values that never came. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <math.h>
#include <string.h>

#include "measure/stats/quantile.h"
#include "tests/suite.h"

/* Goal: R's default (type 7), whatever the order; censored values count as
 * larger than all others and never make a NaN. */
static const struct {
  double values[5];
  size_t count;
  double q, expected;
} cases[] = {
    {{7}, 1, 0.5, 7},
    {{7}, 1, 0.99, 7},
    {{2, 1}, 2, 0.5, 1.5},
    {{3, 1, 2}, 3, 0.5, 2},
    {{4, 1, 3, 2}, 4, 0.5, 2.5},
    {{5, 4, 3, 2, 1}, 5, 0, 1},
    {{5, 4, 3, 2, 1}, 5, 1, 5},
    {{5, 4, 3, 2, 1}, 5, 0.95, 4.8},
    {{INFINITY, 1, 2}, 3, 0.5, 2},
    {{INFINITY, 1}, 2, 0.5, INFINITY},
    {{INFINITY, INFINITY, 1}, 3, 0.75, INFINITY},
    {{INFINITY, 1, 2}, 3, 1, INFINITY},
    {{INFINITY, 1, 2}, 3, 0, 1},
};

START_TEST(quantiles) {
  double values[5], got;

  memcpy(values, cases[_i].values, sizeof(values));
  got = ho_quantile(values, cases[_i].count, cases[_i].q);
  if (isinf(cases[_i].expected)) {
    ck_assert(isinf(got));
  } else {
    ck_assert_double_eq_tol(got, cases[_i].expected, 1e-12);
  }
}
END_TEST

/* Goal: repeating values is the same as having them several times. */
START_TEST(repeated) {
  static const double values[] = {1, 2, 4, 8, INFINITY};
  static const struct {
    uint32_t times[5];
    double median;
  } rows[] = {
      {{1, 1, 1, 1, 0}, 3}, {{1, 1, 1, 1, 1}, 4},
      {{0, 3, 0, 1, 0}, 2}, {{0, 2, 0, 2, 0}, 5},
      {{0, 0, 0, 1, 0}, 8}, {{1, 0, 0, 0, 2}, INFINITY},
      {{2, 0, 0, 0, 1}, 1}, {{1, 0, 0, 0, 1}, INFINITY},
  };
  static const uint32_t none[5] = {0};

  for (size_t i = 0; i < COUNT(rows); i++) {
    double list[16], got;
    size_t n = 0;
    for (size_t k = 0; k < 5; k++) {
      for (uint32_t t = 0; t < rows[i].times[k]; t++) {
        list[n++] = values[k];
      }
    }
    got = ho_median_repeated(values, rows[i].times, 5);
    ck_assert(got == rows[i].median);
    ck_assert(ho_median(list, n) == rows[i].median);
  }
  ck_assert(isnan(ho_median_repeated(values, none, 5)));
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, repeated);
  tcase_add_loop_test(tc, quantiles, 0, sizeof(cases) / sizeof(cases[0]));
}

int main(void) {
  return suite_run("quantile", add);
}
