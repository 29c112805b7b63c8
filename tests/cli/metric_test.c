/* Names of metrics: which column, which unit, which value. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <math.h>

#include "measure/metric.h"
#include "tests/suite.h"

/* Goal: a column is found with and without its unit, in handoffs.csv first;
 * "run." goes to runs.csv. */
static const struct {
  const char *name;
  bool found, runs;
  const char *column;
  ho_dimension dimension;
  double scale;
} names[] = {
    {"interruption", true, false, "interruption_ms", HO_DIM_TIME, 1e6},
    {"interruption_ms", true, false, "interruption_ms", HO_DIM_TIME, 1e6},
    {"interruption_extra", true, false, "interruption_extra_ms", HO_DIM_TIME,
     1e6},
    {"t_loss", true, false, "t_loss_s", HO_DIM_TIME, 1e9},
    {"cwnd_after", true, false, "cwnd_after_bytes", HO_DIM_BYTES, 1},
    {"pv_rtts", true, false, "pv_rtts", HO_DIM_NONE, 1},
    {"outcome", true, false, "outcome", HO_DIM_NONE, 1},
    {"run.outcome", true, true, "outcome", HO_DIM_NONE, 1},
    {"fct", true, true, "fct_s", HO_DIM_TIME, 1e9},
    {"run.fct_s", true, true, "fct_s", HO_DIM_TIME, 1e9},
    {"goodput", true, true, "goodput_mbps", HO_DIM_RATE, 1e6},
    {"bytes", true, true, "bytes", HO_DIM_BYTES, 1},
    {"run.lost", true, true, "lost_bytes", HO_DIM_BYTES, 1},
    {"dissociation", true, false, "dissociation_ms", HO_DIM_TIME, 1e6},
    {"validation", true, false, "validation_ms", HO_DIM_TIME, 1e6},
    {"t_associated", true, false, "t_associated_s", HO_DIM_TIME, 1e9},
    {"fallback", true, true, "fallback_ms", HO_DIM_TIME, 1e6},
    {"run.stall", true, true, "stall_ms", HO_DIM_TIME, 1e6},
    {"stalls", true, true, "stalls", HO_DIM_NONE, 1},
    {"interrupt", false},
    {"run.interruption", false},
    {"interruption_s", false},
    {"", false},
    {"run.", false},
};

START_TEST(finds) {
  ho_metric metric;

  ck_assert_msg(ho_metric_find(&metric, names[_i].name) == names[_i].found,
                "%s", names[_i].name);
  if (names[_i].found) {
    ck_assert_str_eq(metric.column, names[_i].column);
    ck_assert_int_eq(metric.runs, names[_i].runs);
    ck_assert_int_eq(metric.dimension, names[_i].dimension);
    ck_assert_double_eq(metric.scale, names[_i].scale);
  }
}
END_TEST

/* Goal: a cell becomes a whole number of base units; NA is +infinity; what is
 * no number is refused. */
static const struct {
  const char *name, *cell;
  bool is_value;
  double value;
} cells[] = {
    {"interruption", "712.300000", true, 712300000},
    {"fct", "5.200000001", true, 5200000001},
    {"goodput", "8.5", true, 8500000},
    {"pv_rtts", "1.005", true, 1.005},
    {"pv_rtts", "NA", true, INFINITY},
    {"pv_rtts", "", false, 0},
    {"pv_rtts", "x", false, 0},
    {"pv_rtts", "1x", false, 0},
};

START_TEST(reads) {
  ho_metric metric;
  double value = 0;

  ck_assert(ho_metric_find(&metric, cells[_i].name));
  ck_assert_int_eq(ho_metric_value(&metric, cells[_i].cell, &value),
                   cells[_i].is_value);
  if (isinf(cells[_i].value)) {
    ck_assert(isinf(value));
  } else if (cells[_i].is_value) {
    ck_assert_double_eq(value, cells[_i].value);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, finds, 0, COUNT(names));
  tcase_add_loop_test(tc, reads, 0, COUNT(cells));
}

int main(void) {
  return suite_run("metric", add);
}
