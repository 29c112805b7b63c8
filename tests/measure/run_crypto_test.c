/* Goal: a run has the packet protection that its plan asks for, whatever was
 * before. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/run.h"

#include <stdlib.h>
#include <string.h>

#include "measure/tree.h"
#include "sim/base/alloc.h"
#include "sim/wire/null_cipher.h"
#include "stack/world.h"
#include "tests/stack/runs.h"
#include "tests/suite.h"

static const char text[] = "name: one\n"
                           "stop: 10s\n"
                           "networks: {home: {type: wired, down: 10Mbps,"
                           " up: 10Mbps, delay: 5ms}}\n"
                           "workload: {type: download, bytes: 20KB}\n"
                           "arms: [quic]\n";

static void run(void *arg) {
  bool no_crypto = *(bool *)arg;
  char dir[] = "/tmp/handoff-run-XXXXXX";
  ho_plan plan = {.source = {.file = ho_strdup("one.yaml"),
                             .text = ho_strdup(text),
                             .text_len = strlen(text)},
                  .scenario = runs_load(text, 1),
                  .arms = ho_alloc(sizeof(size_t)),
                  .arms_count = 1,
                  .seed = 1,
                  .repeat = 1,
                  .no_crypto = no_crypto};

  ck_assert_ptr_nonnull(mkdtemp(dir));
  ho_plan_cross(&plan);
  ho_world_preload();
  ho_null_use(!no_crypto);
  ck_assert_int_eq(ho_run_one(&plan, 0, dir), 0);
  ck_assert_int_eq(ho_null_used(), no_crypto);
  ck_assert_int_eq(ho_tree_remove(dir), 0);
  ho_plan_free(&plan);
}

START_TEST(a_run_is_protected_as_asked) {
  bool no_crypto = _i;

  ck_assert_int_eq(runs_alone(run, &no_crypto), 0);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, a_run_is_protected_as_asked, 0, 2);
}

int main(void) {
  return suite_run("a run's protection", add);
}
