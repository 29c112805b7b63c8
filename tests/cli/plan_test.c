/* The order of a grid's runs, and the command that repeats one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "measure/plan.h"
#include "sim/base/alloc.h"
#include "tests/suite.h"

static ho_arm arms[] = {{.name = "quic"}, {.name = "quic-0rtt"}, {.name = "t"}};
static ho_scenario scenario = {.name = "s", .arms = arms, .arms_count = 3};
static size_t chosen[] = {0, 2};

/* Goal: rows go by arm in file order, then by seed (INTERFACE, 3). */
START_TEST(order) {
  static const struct {
    size_t arm;
    uint64_t seed;
  } expected[] = {{0, 5}, {0, 6}, {0, 7}, {2, 5}, {2, 6}, {2, 7}};
  ho_plan plan = {.scenario = &scenario,
                  .arms = chosen,
                  .arms_count = 2,
                  .seed = 5,
                  .repeat = 3};

  ck_assert_uint_eq(ho_plan_runs(&plan), 6);
  for (size_t i = 0; i < 6; i++) {
    uint64_t seed;
    size_t arm;
    ho_plan_run(&plan, i, &arm, &seed);
    ck_assert_uint_eq(arm, expected[i].arm);
    ck_assert_uint_eq(seed, expected[i].seed);
  }
  ck_assert(ho_plan_has(&plan, "t"));
  ck_assert(!ho_plan_has(&plan, "quic-0rtt"));
}
END_TEST

/* Goal: points go before arms, the last key the fastest; each run has a folder
 * of its own, and repeating it gives its row again. */
START_TEST(points) {
  static const struct {
    size_t index, arm;
    const char *point, *name, *command;
  } expected[] = {
      {0, 0, "d=1ms, v=a,b", "quic-5-1ms-1",
       "handoff run f --arm quic --seed 5 --vary d=1ms --vary 'v=a\\,b'"},
      {3, 2, "d=1ms, v=a,b", "t-6-1ms-1",
       "handoff run f --arm t --seed 6 --vary d=1ms --vary 'v=a\\,b'"},
      {5, 0, "d=1ms, v=a b", "quic-6-1ms-2",
       "handoff run f --arm quic --seed 6 --vary d=1ms --vary 'v=a b'"},
      {8, 0, "d=2ms, v=a,b", "quic-5-2ms-1",
       "handoff run f --arm quic --seed 5 --vary d=2ms --vary 'v=a\\,b'"},
      {15, 2, "d=2ms, v=a b", "t-6-2ms-2",
       "handoff run f --arm t --seed 6 --vary d=2ms --vary 'v=a b'"},
  };
  ho_vary *vary = calloc(2, sizeof(*vary));
  ho_plan plan = {.source = {.file = (char *)"f"},
                  .scenario = &scenario,
                  .vary = vary,
                  .vary_count = 2,
                  .arms = chosen,
                  .arms_count = 2,
                  .seed = 5,
                  .repeat = 2};

  vary[0].key = ho_strdup("d");
  ho_vary_add(&vary[0], "1ms", "");
  ho_vary_add(&vary[0], "2ms", "");
  vary[1].key = ho_strdup("v");
  ho_vary_add(&vary[1], "a,b", "");
  ho_vary_add(&vary[1], "a b", "");
  ho_plan_cross(&plan);
  ck_assert_uint_eq(ho_plan_runs(&plan), 16);
  for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
    size_t index = expected[i].index, arm;
    char *point = ho_plan_point_text(&plan, ho_plan_point(&plan, index));
    char *name = ho_plan_name(&plan, index);
    char *command = ho_plan_command(&plan, index);
    uint64_t seed;
    ho_plan_run(&plan, index, &arm, &seed);
    ck_assert_uint_eq(arm, expected[i].arm);
    ck_assert_str_eq(point, expected[i].point);
    ck_assert_str_eq(name, expected[i].name);
    ck_assert_str_eq(command, expected[i].command);
    free(point);
    free(name);
    free(command);
  }
  ho_vary_free(&vary[0]);
  ho_vary_free(&vary[1]);
  free(vary);
  free(plan.points);
}
END_TEST

/* Goal: the command can be pasted into a shell, whatever the names. */
START_TEST(command) {
  static const struct {
    const char *file, *key, *value, *expected;
  } cases[] = {
      {"scenarios/a.yaml", "networks.cell.delay", "30ms",
       "handoff run scenarios/a.yaml --arm t --seed 6"
       " --set networks.cell.delay=30ms"},
      {"my files/it's.yaml", "about", "a $b",
       "handoff run 'my files/it'\\''s.yaml' --arm t --seed 6"
       " --set 'about=a $b'"},
      {"-", "vars.t", "3s", "handoff run - --arm t --seed 6 --set vars.t=3s"},
  };

  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    ho_override set = {.key = cases[i].key, .value = cases[i].value};
    ho_plan plan = {.source = {.file = (char *)cases[i].file},
                    .scenario = &scenario,
                    .overrides = &set,
                    .overrides_count = 1,
                    .arms = chosen,
                    .arms_count = 2,
                    .seed = 5,
                    .repeat = 2};
    char *text = ho_plan_command(&plan, 3);
    ck_assert_str_eq(text, cases[i].expected);
    free(text);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, order);
  tcase_add_test(tc, points);
  tcase_add_test(tc, command);
}

int main(void) {
  return suite_run("plan", add);
}
