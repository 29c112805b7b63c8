/* Tables of bad scenarios and of what is said about them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_SCENARIO_ERRORS_H
#define TESTS_SCENARIO_ERRORS_H

#include "tests/scenario/load.h"

typedef struct {
  const char *text;
  const char *errors; /* every message, in the order of their places */
} bad_case;

static inline void check_bad(const bad_case *bad) {
  char *errors;
  ho_scenario *sc = load(bad->text, NULL, 0, 0, &errors);

  ck_assert_str_eq(errors, bad->errors);
  ck_assert_ptr_null(sc);
  free(errors);
}

/* ERRORS_TEST makes the loop test NAME_errors of the table bad_NAME. */
#define ERRORS_TEST(name)                                                      \
  START_TEST(name##_errors) {                                                  \
    check_bad(&bad_##name[_i]);                                                \
  }                                                                            \
  END_TEST

#endif
