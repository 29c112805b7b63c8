/* Tolerances: the edge belongs to them, counts have none, and a column that
 * nobody has thought of must be the same. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "measure/meter.h"
#include "measure/tolerance.h"
#include "tests/suite.h"

/* fct_s: 2 ms or 1 %; t_notice_s: 2 ms or 0.1 %. */
START_TEST(test_edges) {
  static const struct {
    const char *column, *blessed, *now;
    bool holds;
  } cases[] = {
      {"fct_s", "0.100000000", "0.102000000", true},
      {"fct_s", "0.100000000", "0.102000001", false},
      {"fct_s", "0.100000000", "0.098000000", true},
      {"fct_s", "0.100000000", "0.097999999", false},
      {"fct_s", "10.000000000", "10.100000000", true},
      {"fct_s", "10.000000000", "10.100000001", false},
      {"fct_s", "10.000000000", "9.900000000", true},
      {"fct_s", "10.000000000", "9.899999999", false},
      {"t_notice_s", "10.000000000", "10.010000000", true},
      {"t_notice_s", "10.000000000", "10.010000001", false},
      {"detection_ms", "50.000000", "52.000000", true},
      {"detection_ms", "50.000000", "52.000001", false},
      {"gap_ms", "-1000.000000", "-1010.000000", true},
      {"gap_ms", "-1000.000000", "-1010.000001", false},
      {"gap_ms", "-1.000000", "1.000000", true},
      {"gap_ms", "-1.000000", "1.000001", false},
      {"t90_ms", "400.000000", "600.000000", true},
      {"t90_ms", "400.000000", "601.000000", false},
      /* No value is like itself alone. */
      {"fct_s", "NA", "NA", true},
      {"fct_s", "NA", "0.000000000", false},
      {"fct_s", "0.000000000", "", false},
      {"fct_s", "", "", true},
      {"fct_s", "", "NA", false},
      {"fct_s", "0.1", "0.1x", false},
      /* What cannot be read as a number is not near another. */
      {"fct_s", "99999999999999999999", "99999999999999999998", false},
      {"fct_s", "1.0000000001", "1.0000000002", false},
      /* Counts, bytes and words. */
      {"bytes", "200000", "200001", false},
      {"bytes", "200000", "200000", true},
      {"outcome", "migrated", "reconnected", false},
      {"pv_rounds", "1", "2", false},
      {"no_such_column_ms", "1.000000", "1.000001", false},
  };

  for (size_t i = 0; i < COUNT(cases); i++) {
    const ho_tolerance *t = ho_tolerance_find(cases[i].column);
    ck_assert_msg(ho_tolerance_holds(t, cases[i].blessed, cases[i].now) ==
                      cases[i].holds,
                  "%s: %s, blessed as %s", cases[i].column, cases[i].now,
                  cases[i].blessed);
  }
}
END_TEST

static bool ends(const char *name, const char *end) {
  size_t a = strlen(name), b = strlen(end);

  return a > b && strcmp(name + a - b, end) == 0;
}

/* Every column of a time, and no other but the two that are made of times, has
 * a tolerance: a new one is not forgotten. */
START_TEST(test_every_time) {
  static const char *const files[] = {"runs.csv", "handoffs.csv",
                                      "milestones.csv"};

  for (size_t f = 0; f < COUNT(files); f++) {
    const ho_table *table = ho_table_find(files[f]);
    ck_assert_ptr_nonnull(table);
    for (size_t i = 0; i < table->count; i++) {
      const char *name = table->columns[i].name;
      bool time = ends(name, "_s") || ends(name, "_ms") ||
                  !strcmp(name, "goodput_mbps") || !strcmp(name, "pv_rtts");
      ck_assert_msg((ho_tolerance_find(name) != NULL) == time, "%s", name);
    }
  }
}
END_TEST

START_TEST(test_text) {
  char *text = ho_tolerance_text(ho_tolerance_find("fct_s"));

  ck_assert_str_eq(text, "within 2 ms or 1 %");
  free(text);
  text = ho_tolerance_text(ho_tolerance_find("t90_ms"));
  ck_assert_str_eq(text, "within 200 ms or 1 %");
  free(text);
  text = ho_tolerance_text(ho_tolerance_find("pv_rtts"));
  ck_assert_str_eq(text, "within 0.02 or 1 %");
  free(text);
  ck_assert(!ho_tolerance_kept("trace_sha256"));
  ck_assert(ho_tolerance_kept("bytes"));
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, test_edges);
  tcase_add_test(tc, test_every_time);
  tcase_add_test(tc, test_text);
}

int main(void) {
  return suite_run("tolerance", add);
}
