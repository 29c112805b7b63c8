/* What is summarised: every metric is a column; cells, seeds, intervals. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/metric.h"
#include "measure/sample.h"
#include "tests/suite.h"

/* Goal: each name means its column to `expect`, too, and handoffs.csv's are
 * first. */
START_TEST(are_columns) {
  size_t count;
  const ho_measure *measures = ho_measures(&count);

  ck_assert_uint_gt(count, 30);
  for (size_t i = 0; i < count; i++) {
    ho_metric metric;
    ck_assert_msg(ho_metric_find(&metric, measures[i].name), "%s",
                  measures[i].name);
    ck_assert_str_eq(metric.column, measures[i].column);
    ck_assert(measures[i].more == !strcmp(metric.column, "goodput_mbps"));
    ck_assert(metric.runs == measures[i].runs && !metric.text);
    ck_assert(i == 0 || measures[i].runs >= measures[i - 1].runs);
  }
}
END_TEST

/* Goal: a cell is a number, NA or empty, and nothing else; NA is the worst,
 * also where more is better. */
START_TEST(cells) {
  static const char *const wrong[] = {"x",  "inf", "nan", "1e3",  " 1",
                                      "1 ", "-",   "na",  "1.2.3"};
  static const ho_measure less = {.more = false}, more = {.more = true};
  double value;

  ck_assert(ho_measure_read(&more, "NA", &value) && value == 0);
  ck_assert(ho_measure_read(&less, "-1.5", &value) && value == -1.5);
  ck_assert(ho_measure_read(&less, "NA", &value) && isinf(value) && value > 0);
  ck_assert(ho_measure_read(&less, "", &value) && isnan(value));
  for (size_t i = 0; i < COUNT(wrong); i++) {
    ck_assert_msg(!ho_measure_read(&less, wrong[i], &value), "%s", wrong[i]);
  }
}
END_TEST

static ho_sample sample_of(size_t seeds, size_t each) {
  ho_sample sample = {0};

  for (size_t i = 0; i < seeds * each; i++) {
    ho_sample_add(&sample, (double)(i / seeds), i % seeds);
  }
  return sample;
}

/* Goal: with 10 seeds, each of which has 0, 1, ... 8, any draw of seeds has the
 * median 4: no doubt is left.  With 9 seeds rows are drawn, and there is. */
START_TEST(units) {
  ho_sample ten = sample_of(10, 9), nine = sample_of(9, 9);
  ho_interval interval = ho_sample_interval(&ten, "x");

  ck_assert_uint_eq(ho_sample_seeds(&ten), 10);
  ck_assert_double_eq(interval.lo, 4);
  ck_assert_double_eq(interval.hi, 4);
  interval = ho_sample_interval(&nine, "x");
  ck_assert_double_lt(interval.lo, 4);
  ck_assert_double_gt(interval.hi, 4);
  ho_sample_free(&ten);
  ho_sample_free(&nine);
}
END_TEST

/* Goal: the interval of a median does not depend on the order in which values
 * came, has NA's infinity where so many are, and there is none of one value. */
START_TEST(intervals) {
  ho_sample up = {0}, down = {0};
  ho_interval a, b;

  ho_sample_add(&up, 1, 1);
  ck_assert(isnan(ho_sample_interval(&up, "x").lo));
  ho_sample_free(&up);
  for (size_t i = 0; i < 40; i++) {
    ho_sample_add(&up, i < 21 ? (double)i : INFINITY, i);
    ho_sample_add(&down, 39 - i < 21 ? (double)(39 - i) : INFINITY, 39 - i);
  }
  a = ho_sample_interval(&up, "x");
  b = ho_sample_interval(&down, "x");
  ck_assert_mem_eq(&a, &b, sizeof(a));
  ck_assert(a.lo > 8 && a.lo < 19 && isinf(a.hi));
  ck_assert_uint_eq(ho_sample_censored(&up), 19);
  ho_sample_free(&up);
  ho_sample_free(&down);
}
END_TEST

/* Goal: a median for each seed, in their order. */
START_TEST(by_seed) {
  static const ho_sampled items[] = {{5, 2}, {1, 1}, {7, 2}, {3, 1}, {9, 2}};
  ho_sample sample = {0};
  double *medians;
  size_t count;

  for (size_t i = 0; i < COUNT(items); i++) {
    ho_sample_add(&sample, items[i].value, items[i].seed);
  }
  medians = ho_sample_by_seed(&sample, &count);
  ck_assert_uint_eq(count, 2);
  ck_assert_double_eq(medians[0], 2);
  ck_assert_double_eq(medians[1], 7);
  free(medians);
  ho_sample_free(&sample);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, are_columns);
  tcase_add_test(tc, cells);
  tcase_add_test(tc, units);
  tcase_add_test(tc, intervals);
  tcase_add_test(tc, by_seed);
}

int main(void) {
  return suite_run("measures", add);
}
