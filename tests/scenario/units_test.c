/* Tests of numbers with units: exact, never rounded, and refused by a message
 * that quotes the value and says what was expected. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/units.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "tests/suite.h"

static const struct {
  ho_units_kind kind;
  const char *text;
  uint64_t value;
  ho_queue_unit queue;
} good[] = {
    {HO_UNITS_TIME, "20ms", 20000000},
    {HO_UNITS_TIME, "0s", 0},
    {HO_UNITS_TIME, "1.5s", 1500000000},
    {HO_UNITS_TIME, "0.1s", 100000000}, /* no binary fraction is 0.1 */
    {HO_UNITS_TIME, "3.940004605s", 3940004605},
    {HO_UNITS_TIME, "1.000000000000000000s", 1000000000},
    {HO_UNITS_TIME, "7ns", 7},
    {HO_UNITS_TIME, "0.25us", 250},
    {HO_UNITS_TIME, "2min", 120000000000},
    {HO_UNITS_TIME, "2h", 7200000000000},
    {HO_UNITS_TIME, "1000000000s", 1000000000000000000},
    {HO_UNITS_RATE, "100Mbps", 100000000},
    {HO_UNITS_RATE, "0.3Gbps", 300000000},
    {HO_UNITS_RATE, "1kbps", 1000},
    {HO_UNITS_RATE, "1bps", 1},
    {HO_UNITS_BYTES, "1500B", 1500},
    {HO_UNITS_BYTES, "64KB", 64000},
    {HO_UNITS_BYTES, "64KiB", 65536},
    {HO_UNITS_BYTES, "1MB", 1000000},
    {HO_UNITS_BYTES, "1MiB", 1048576},
    {HO_UNITS_BYTES, "1.5KiB", 1536},
    {HO_UNITS_RATIO, "1%", 10000},
    {HO_UNITS_RATIO, "0.0001%", 1},
    {HO_UNITS_RATIO, "100%", 1000000},
    {HO_UNITS_QUEUE, "1bdp", 1000, HO_QUEUE_BDP},
    {HO_UNITS_QUEUE, "0.125bdp", 125, HO_QUEUE_BDP},
    {HO_UNITS_QUEUE, "100p", 100, HO_QUEUE_PACKETS},
    {HO_UNITS_QUEUE, "64KB", 64000, HO_QUEUE_BYTES},
    {HO_UNITS_COUNT, "3", 3},
    {HO_UNITS_COUNT, "1000000000000000000", 1000000000000000000},
    {HO_UNITS_LENGTH, "5m", 5000},
    {HO_UNITS_LENGTH, "2.5cm", 25},
    {HO_UNITS_LENGTH, "1.2km", 1200000},
    {HO_UNITS_LENGTH, "1mm", 1},
    {HO_UNITS_COORDINATE, "0m", HO_UNITS_ORIGIN},
    {HO_UNITS_COORDINATE, "-0.001m", HO_UNITS_ORIGIN - 1},
    {HO_UNITS_COORDINATE, "60m", HO_UNITS_ORIGIN + 60000},
    {HO_UNITS_SPEED, "1.4m/s", 1400},
    {HO_UNITS_SPEED, "36km/h", 10000},
    {HO_UNITS_SPEED, "50km/h", 13889}, /* 13888.9 */
    {HO_UNITS_SPEED, "5km/h", 1389},
    {HO_UNITS_FREQUENCY, "1.4MHz", 1400000},
    {HO_UNITS_FREQUENCY, "0.02GHz", 20000000},
    {HO_UNITS_FREQUENCY, "3kHz", 3000},
    {HO_UNITS_FREQUENCY, "7Hz", 7},
    {HO_UNITS_POWER, "20dBm", 20000},
    {HO_UNITS_POWER, "16.5dBm", 16500},
    {HO_UNITS_BARE_S, "1.5", 1500000000},
    {HO_UNITS_BARE_MS, "12.000001", 12000001},
    {HO_UNITS_BARE_WHOLE_MS, "12", 12},
    {HO_UNITS_BARE_MBPS, "0.000001", 1},
    {HO_UNITS_FRACTION, "0.01", 10000},
    {HO_UNITS_FRACTION, "1", 1000000},
};

START_TEST(reads_exactly) {
  ho_quantity q = {0};
  char *error;

  ck_assert_int_eq(ho_units_parse(good[_i].text, strlen(good[_i].text),
                                  good[_i].kind, &q, &error),
                   0);
  ck_assert_uint_eq(q.value, good[_i].value);
  if (good[_i].kind == HO_UNITS_QUEUE) {
    ck_assert_int_eq(q.queue, good[_i].queue);
  }
}
END_TEST

static const struct {
  ho_units_kind kind;
  const char *text, *error;
} bad[] = {
    {HO_UNITS_TIME, "", "no value (expected a duration such as 20ms)"},
    {HO_UNITS_TIME, "20",
     "'20' has no unit (expected a duration such as 20ms)"},
    {HO_UNITS_TIME, "0", "'0' has no unit (expected a duration such as 20ms)"},
    {HO_UNITS_TIME, "soon",
     "'soon' is not a duration (expected a duration such as 20ms)"},
    {HO_UNITS_TIME, ".5s",
     "'.5s' is not a duration (expected a duration such as 20ms)"},
    {HO_UNITS_TIME, "+5s",
     "'+5s' is not a duration (expected a duration such as 20ms)"},
    {HO_UNITS_TIME, "1e3ms",
     "'1e3ms' is not a duration (expected a duration such as 20ms)"},
    {HO_UNITS_TIME, "1.s",
     "'1.s' is not a duration (expected a duration such as 20ms)"},
    {HO_UNITS_TIME, "20MS",
     "'20MS' has the unknown unit 'MS' (did you mean 'ms'?)"},
    {HO_UNITS_TIME, "20 ms",
     "'20 ms' has a space before its unit (expected a duration such as 20ms)"},
    {HO_UNITS_TIME, "20Mbps",
     "'20Mbps' is a rate (expected a duration such as 20ms)"},
    {HO_UNITS_TIME, "-5ms",
     "'-5ms' is negative (expected a duration such as 20ms)"},
    {HO_UNITS_TIME, "0.5ns", "'0.5ns' is finer than 1ns"},
    {HO_UNITS_TIME, "1.0000000001s", "'1.0000000001s' is finer than 1ns"},
    {HO_UNITS_TIME, "1000000000.1s",
     "'1000000000.1s' is too large (at most 1000000000s)"},
    {HO_UNITS_TIME, "99999999999999999999h",
     "'99999999999999999999h' is too large (at most 1000000000s)"},
    {HO_UNITS_RATE, "20mbps",
     "'20mbps' has the unknown unit 'mbps' (did you mean 'Mbps'?)"},
    {HO_UNITS_RATE, "5MB", "'5MB' is a size (expected a rate such as 10Mbps)"},
    {HO_UNITS_RATE, "-1Mbps",
     "'-1Mbps' is negative (expected a rate such as 10Mbps)"},
    {HO_UNITS_RATE, "0.5bps", "'0.5bps' is finer than 1bps"},
    {HO_UNITS_BYTES, "1.5B", "'1.5B' is finer than 1B"},
    {HO_UNITS_BYTES, "10p",
     "'10p' is a queue size (expected a size such as 64KB)"},
    {HO_UNITS_RATIO, "0.01",
     "'0.01' has no unit (expected a percentage such as 1%)"},
    {HO_UNITS_RATIO, "0.00001%", "'0.00001%' is finer than 0.0001%"},
    {HO_UNITS_QUEUE, "10",
     "'10' has no unit (expected a queue size such as 1bdp, 100p or 64KB)"},
    {HO_UNITS_QUEUE, "0.5p", "'0.5p' is finer than 1B, 1p or 0.001bdp"},
    {HO_UNITS_COUNT, "3s", "'3s' is not a whole number"},
    {HO_UNITS_COUNT, "1.5", "'1.5' is not a whole number"},
    {HO_UNITS_COUNT, "x",
     "'x' is not a whole number (expected a whole number)"},
    {HO_UNITS_COUNT, "-1", "'-1' is negative (expected a whole number)"},
    {HO_UNITS_LENGTH, "5", "'5' has no unit (expected a length such as 5m)"},
    {HO_UNITS_LENGTH, "-5m",
     "'-5m' is negative (expected a length such as 5m)"},
    {HO_UNITS_LENGTH, "0.5mm", "'0.5mm' is finer than 1mm"},
    {HO_UNITS_LENGTH, "5M",
     "'5M' has the unknown unit 'M' (did you mean 'm'?)"},
    {HO_UNITS_COORDINATE, "-1000001km",
     "'-1000001km' is too large (at most 1000000km)"},
    {HO_UNITS_SPEED, "3m",
     "'3m' is a length (expected a speed such as "
     "1.4m/s)"},
    {HO_UNITS_SPEED, "3mps",
     "'3mps' has the unknown unit 'mps' (did you mean 'm/s'?)"},
    {HO_UNITS_SPEED, "0.0001m/s", "'0.0001m/s' is finer than 0.001m/s"},
    {HO_UNITS_FREQUENCY, "20mhz",
     "'20mhz' has the unknown unit 'mhz' (did you mean 'MHz'?)"},
    {HO_UNITS_FREQUENCY, "20Mbps",
     "'20Mbps' is a rate (expected a frequency such as 20MHz)"},
    {HO_UNITS_POWER, "20dB",
     "'20dB' has the unknown unit 'dB' (did you mean 'dBm'?)"},
    {HO_UNITS_TIME, "5m",
     "'5m' is a length (expected a duration such as "
     "20ms)"},
    {HO_UNITS_BARE_S, "1.5s",
     "'1.5s' is a duration (expected seconds such as 1.5)"},
    {HO_UNITS_BARE_S, "0.0000000001",
     "'0.0000000001' is finer than 0.000000001"},
    {HO_UNITS_BARE_MBPS, "-1",
     "'-1' is negative (expected Mbit/s such as "
     "12.5)"},
    {HO_UNITS_BARE_MBPS, "fast",
     "'fast' is not a rate in Mbit/s (expected Mbit/s such as 12.5)"},
    {HO_UNITS_BARE_WHOLE_MS, "1.5", "'1.5' is finer than 1"},
    {HO_UNITS_FRACTION, "1.1", "'1.1' is too large (at most 1)"},
};

START_TEST(refuses_in_words) {
  ho_quantity q;
  char *error = NULL;

  ck_assert_int_eq(ho_units_parse(bad[_i].text, strlen(bad[_i].text),
                                  bad[_i].kind, &q, &error),
                   HO_ERR_INPUT);
  ck_assert_str_eq(error, bad[_i].error);
  free(error);
}
END_TEST

static const struct {
  const char *text;
  double value;
  ho_dimension dimension;
} numbers[] = {
    {"1", 1, HO_DIM_NONE},           {"-1.5", -1.5, HO_DIM_NONE},
    {"0.1", 0.1, HO_DIM_NONE},       {"600ms", 6e8, HO_DIM_TIME},
    {"0.5ns", 0.5, HO_DIM_TIME},     {"2.5Mbps", 2.5e6, HO_DIM_RATE},
    {"12000B", 12000, HO_DIM_BYTES}, {"1%", 10000, HO_DIM_RATIO},
};

/* Whatever a metric is compared with becomes the nearest double. */
START_TEST(numbers_to_compare_with) {
  ho_dimension dimension;
  double value;
  char *error;

  ck_assert_int_eq(ho_units_number(numbers[_i].text, strlen(numbers[_i].text),
                                   &value, &dimension, &error),
                   0);
  ck_assert_double_eq(value, numbers[_i].value);
  ck_assert_int_eq(dimension, numbers[_i].dimension);
}
END_TEST

START_TEST(numbers_that_are_none) {
  static const struct {
    const char *text, *error;
  } table[] = {{"x", "'x' is not a number"},
               {"5sec", "'5sec' has the unknown unit 'sec'"},
               {"5p", "'5p' has the unknown unit 'p'"}};
  ho_dimension dimension;
  double value;
  char *error;

  for (size_t i = 0; i < COUNT(table); i++) {
    ck_assert_int_eq(ho_units_number(table[i].text, strlen(table[i].text),
                                     &value, &dimension, &error),
                     HO_ERR_INPUT);
    ck_assert_str_eq(error, table[i].error);
    free(error);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, reads_exactly, 0, COUNT(good));
  tcase_add_loop_test(tc, refuses_in_words, 0, COUNT(bad));
  tcase_add_loop_test(tc, numbers_to_compare_with, 0, COUNT(numbers));
  tcase_add_test(tc, numbers_that_are_none);
}

int main(void) {
  return suite_run("units", add);
}
