/* Goal: streams are xoshiro256**, differ by seed and by name, and bounded draws
 * are uniform. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/base/rng.h"

#include "tests/suite.h"

/* From the state {1, 2, 3, 4}; computed with the authors' reference code's
 * definition: rotl(s1 * 5, 7) * 9. */
START_TEST(first_values_are_the_reference_s) {
  static const uint64_t want[] = {11520, 0, 1509978240, 1215971899390074240};
  ho_rng rng = {{1, 2, 3, 4}};

  for (size_t i = 0; i < COUNT(want); i++) {
    ck_assert_uint_eq(ho_rng_u64(&rng), want[i]);
  }
}
END_TEST

START_TEST(streams_differ) {
  ho_rng a, b, c, again;

  ho_rng_init(&a, 1, "loss.home.up");
  ho_rng_init(&b, 1, "loss.home.down");
  ho_rng_init(&c, 2, "loss.home.up");
  ho_rng_init(&again, 1, "loss.home.up");
  uint64_t x = ho_rng_u64(&a);
  ck_assert_uint_ne(x, ho_rng_u64(&b));
  ck_assert_uint_ne(x, ho_rng_u64(&c));
  ck_assert_uint_eq(x, ho_rng_u64(&again));
}
END_TEST

/* 70000 draws below 7: each value 10000 times, within 5 standard deviations
 * (sqrt(70000 x 1/7 x 6/7) = 92.6). */
START_TEST(bounded_draws_are_uniform) {
  unsigned counts[7] = {0};
  ho_rng rng;

  ho_rng_init(&rng, 1, "test");
  for (int i = 0; i < 70000; i++) {
    counts[ho_rng_below(&rng, 7)]++;
  }
  for (size_t i = 0; i < COUNT(counts); i++) {
    ck_assert_uint_gt(counts[i], 10000 - 463);
    ck_assert_uint_lt(counts[i], 10000 + 463);
  }
}
END_TEST

START_TEST(unit_is_within_zero_and_one) {
  double sum = 0;
  ho_rng rng;

  ho_rng_init(&rng, 1, "test");
  for (int i = 0; i < 10000; i++) {
    double x = ho_rng_unit(&rng);
    ck_assert(x >= 0 && x < 1);
    sum += x;
  }
  /* 5 standard deviations of the mean: 5 x 0.2887 / 100. */
  ck_assert_double_eq_tol(sum / 10000, 0.5, 0.0145);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, first_values_are_the_reference_s);
  tcase_add_test(tc, streams_differ);
  tcase_add_test(tc, bounded_draws_are_uniform);
  tcase_add_test(tc, unit_is_within_zero_and_one);
}

int main(void) {
  return suite_run("rng", add);
}
