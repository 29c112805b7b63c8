/* The percentile bootstrap, where its distribution is known exactly. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <math.h>
#include <string.h>

#include "measure/stats/bootstrap.h"
#include "tests/suite.h"

typedef struct {
  const double *values;
  size_t count;
  size_t calls;
} sample;

/* The mean, the mean of those over 5 (which a resample may lack), and a
 * constant. */
static void statistics(void *user, const uint32_t *times, double *out) {
  sample *s = user;
  double sum = 0, large = 0, larger = 0, drawn = 0;

  for (size_t i = 0; i < s->count; i++) {
    sum += times[i] * s->values[i];
    drawn += times[i];
    large += s->values[i] > 5 ? times[i] * s->values[i] : 0;
    larger += s->values[i] > 5 ? times[i] : 0;
  }
  ck_assert_double_eq(drawn, (double)s->count);
  s->calls++;
  out[0] = sum / drawn;
  out[1] = larger > 0 ? large / larger : NAN;
  out[2] = 7;
}

static void run(const double *values, size_t count, uint64_t seed,
                ho_interval *out) {
  sample s = {values, count, 0};
  ho_rng rng;

  ho_rng_init(&rng, seed, "bootstrap.test");
  ho_bootstrap(&rng, count, statistics, &s, 3, out);
  ck_assert_uint_eq(s.calls, count < 2 ? 0 : HO_BOOTSTRAP_RESAMPLES);
}

/* Goal: with |ones| ones in |count| units the resampled sum is binomial, whose
 * quantiles are in every table: for 5 of 10, 2.5 % lies at 2 (P(X <= 1) =
 * 0.011, P(X <= 2) = 0.055) and 97.5 % at 8; for 1 of 4, at 0 and 3; for 1 of
 * 2, at 0 and 2. */
static const struct {
  size_t ones, count;
  double lo, hi;
} binomial[] = {{5, 10, 0.2, 0.8}, {1, 4, 0, 0.75}, {1, 2, 0, 1}};

START_TEST(of_ones) {
  double values[10] = {0};
  ho_interval ci[3];

  for (size_t i = 0; i < binomial[_i].ones; i++) {
    values[i] = 1;
  }
  for (uint64_t seed = 1; seed <= 20; seed++) {
    run(values, binomial[_i].count, seed, ci);
    ck_assert_double_eq_tol(ci[0].lo, binomial[_i].lo, 1e-12);
    ck_assert_double_eq_tol(ci[0].hi, binomial[_i].hi, 1e-12);
    ck_assert_double_eq(ci[2].lo, 7);
    ck_assert_double_eq(ci[2].hi, 7);
    ck_assert(isnan(ci[1].lo) && isnan(ci[1].hi));
  }
}
END_TEST

/* Goal: resamples in which a statistic has no value do not count for it. */
START_TEST(without_value) {
  static const double values[] = {1, 2, 3, 9};
  ho_interval ci[3];

  run(values, COUNT(values), 1, ci);
  ck_assert_double_eq(ci[1].lo, 9);
  ck_assert_double_eq(ci[1].hi, 9);
}
END_TEST

/* Goal: fewer than two units vary in no way. */
START_TEST(too_few) {
  static const double one[] = {3};
  ho_interval ci[3];

  for (size_t n = 0; n < 2; n++) {
    run(one, n, 1, ci);
    for (size_t i = 0; i < 3; i++) {
      ck_assert(isnan(ci[i].lo) && isnan(ci[i].hi));
    }
  }
}
END_TEST

/* Goal: the stream decides, and it alone.  Of many different values another
 * stream gives other bounds, but close ones: the mean of 0..99 has a standard
 * error of 28.866 / 10, so bounds near 49.5 -+ 5.66. */
START_TEST(repeats) {
  double values[100];
  ho_interval a[3], b[3], c[3];

  for (size_t i = 0; i < COUNT(values); i++) {
    values[i] = (double)i;
  }
  run(values, COUNT(values), 1, a);
  run(values, COUNT(values), 1, b);
  run(values, COUNT(values), 2, c);
  ck_assert_mem_eq(a, b, sizeof(a));
  ck_assert_double_ne(a[0].lo, c[0].lo);
  ck_assert_double_eq_tol(a[0].lo, 49.5 - 5.66, 0.8);
  ck_assert_double_eq_tol(a[0].hi, 49.5 + 5.66, 0.8);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, of_ones, 0, COUNT(binomial));
  tcase_add_test(tc, without_value);
  tcase_add_test(tc, too_few);
  tcase_add_test(tc, repeats);
}

int main(void) {
  return suite_run("bootstrap", add);
}
