/* A Check suite of one case, run and counted: what every test's main does. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_SUITE_H
#define HO_TESTS_SUITE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static inline int suite_run(const char *name, void (*add)(TCase *tc)) {
  Suite *s = suite_create(name);
  TCase *tc = tcase_create("all");
  SRunner *runner;
  int failed;

  tcase_set_timeout(tc, 280);
  add(tc);
  suite_add_tcase(s, tc);
  runner = srunner_create(s);
  srunner_run_all(runner, CK_NORMAL);
  failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed ? 1 : 0;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Where a run has a process of its own: a violation ends it, which the test
 * sees. */
#define REQUIRE(ok)                                                            \
  do {                                                                         \
    if (!(ok)) {                                                               \
      fprintf(stderr, "line %d: %s\n", __LINE__, #ok);                         \
      _Exit(3);                                                                \
    }                                                                          \
  } while (0)

#endif
