/* Goal: messages carry their place, and suggestions are near misses only. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/base/diag.h"

#include "tests/suite.h"

START_TEST(places) {
  static const struct {
    ho_place place;
    const char *want;
  } rows[] = {{{"a.yaml", 3, 7}, "a.yaml:3:7: no"},
              {{"a.yaml", 0, 0}, "a.yaml: no"},
              {{NULL, 0, 0}, "no"}};
  ho_diag diag = {0};

  ho_diag_add(&diag, &rows[_i].place, "%s", "no");
  ck_assert_uint_eq(diag.count, 1);
  ck_assert_str_eq(diag.messages[0], rows[_i].want);
  ho_diag_free(&diag);
}
END_TEST

START_TEST(suggestions) {
  static const char *const names[] = {"delay", "down", "queue"};
  static const struct {
    const char *word, *want;
  } rows[] = {{"dely", "delay"},  {"dwon", "down"}, {"queues", "queue"},
              {"delay", "delay"}, {"banana", NULL}, {"", NULL}};
  const char *got = ho_nearest(rows[_i].word, names, COUNT(names));

  if (rows[_i].want) {
    ck_assert_ptr_nonnull(got);
    ck_assert_str_eq(got, rows[_i].want);
  } else {
    ck_assert_ptr_null(got);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, places, 0, 3);
  tcase_add_loop_test(tc, suggestions, 0, 6);
}

int main(void) {
  return suite_run("diag", add);
}
