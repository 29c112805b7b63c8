/* Quantiles, with values that never came. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <math.h>
#include <string.h>

#include "measure/quantile.h"
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

static void add(TCase *tc) {
  tcase_add_loop_test(tc, quantiles, 0, sizeof(cases) / sizeof(cases[0]));
}

int main(void) {
  return suite_run("quantile", add);
}
