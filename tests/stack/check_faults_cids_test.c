/* Goal: each fault with connection IDs makes just its check fail, at the right
 * endpoint; without it the same run breaks nothing. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/checks/check.h"
#include "runs.h"
#include "stack/world.h"
#include "tests/suite.h"

#define NETS                                                                   \
  "name: t\nstop: 9s\nnetworks:\n"                                             \
  "  home: {type: wired, down: 5Mbps, up: 5Mbps, delay: 10ms}\n"               \
  "  cell: {type: wired, down: 5Mbps, up: 5Mbps, delay: 25ms}\n"               \
  "client: {notice: 30ms}\n"                                                   \
  "workload: {type: request, every: 50ms, request: 100B, response: 500B}\n"
#define ARM       "arms:\n  a: {transport: quic}\n"
#define EMPTY_ARM "arms:\n  a: {transport: quic, cid_length: 0}\n"
#define MOVE      "  - 1s: switch cell\n"
#define ROTATE    "  - 1s: rotate\n"
#define ROTATE_ON ROTATE "  - 1500ms: rotate\n  - 2s: rotate\n"

/* A run of |arm| with |before|, the fault, and |after| in its timeline;
 * |others| of level MUST fail, too, by necessity. */
typedef struct {
  const char *arm, *before, *fault, *after;
  ho_check_id id;
  ho_side endpoint;
  const char *others;
} fault_case;

static const fault_case cases[] = {
    {ARM, "", "0ms: fault server reuse-cid", "", HO_CHECK_A1, HO_SERVER, ""},
    {ARM, "", "0ms: fault server skip-sequence", "", HO_CHECK_A2, HO_SERVER,
     ""},
    {ARM, "", "0ms: fault server too-many-cids", "", HO_CHECK_A3, HO_SERVER,
     ""},
    {ARM, "", "0ms: fault client ignore-cid", MOVE, HO_CHECK_A4, HO_CLIENT,
     "C6 "},
    {ARM, "", "0ms: fault client no-replacement", MOVE, HO_CHECK_A5, HO_CLIENT,
     ""},
    {ARM, "", "0ms: fault client never-retire", MOVE, HO_CHECK_A6, HO_CLIENT,
     ""},
    {ARM, "  - 0ms: fault server retire-prior-to\n",
     "0ms: fault client never-retire", "", HO_CHECK_A7, HO_CLIENT, "A8 "},
    {ARM, "  - 0ms: fault server retire-prior-to\n",
     "0ms: fault client never-retire", "", HO_CHECK_A8, HO_CLIENT, "A7 "},
    {ARM, "", "500ms: fault client retire-own", "", HO_CHECK_A9, HO_CLIENT,
     "A12 "},
    {ARM, "", "0ms: fault server bad-retire-prior-to", "", HO_CHECK_A10,
     HO_SERVER, ""},
    {ARM, "  - 0ms: drop server 1st NEW_CONNECTION_ID\n",
     "0ms: fault server never-resend-cid", "", HO_CHECK_A11, HO_SERVER, ""},
    {ARM, "  - 0ms: fault server retire-prior-to\n",
     "0ms: fault client use-retired-cid", "", HO_CHECK_A12, HO_CLIENT, ""},
    {EMPTY_ARM, "", "500ms: fault client cid-for-empty", "", HO_CHECK_A13,
     HO_CLIENT, ""},
    {ARM, "", "0ms: fault client keep-cid", MOVE, HO_CHECK_B1, HO_CLIENT,
     "B3 C14 "},
    {ARM, "", "0ms: fault client keep-cid", MOVE, HO_CHECK_B3, HO_CLIENT,
     "B1 C14 "},
    {ARM, "", "0ms: fault server keep-cid", MOVE, HO_CHECK_B2, HO_SERVER,
     "B3 C14 "},
    {ARM, "", "0ms: fault server cid-prefix", "", HO_CHECK_B6, HO_SERVER, ""},
    {ARM, "  - 0ms: fault client spin\n", "0ms: fault server spin", ROTATE_ON,
     HO_CHECK_B8, HO_SERVER, ""},
    {ARM, "", "0ms: fault client send-after-reset", "  - 1s: restart server\n",
     HO_CHECK_I1, HO_CLIENT, ""},
    {ARM, "", "0ms: fault server same-token", "", HO_CHECK_I3, HO_SERVER, ""},
};

static void judge(const fault_case *c, bool faulty, const ho_checks *checks) {
  const ho_finding *f = ho_checks_finding(checks, 0, c->id);
  char failed[512] = "";

  for (int id = 0; id < HO_CHECK_COUNT; id++) {
    const ho_check_info *info = &ho_check_table()[id];
    const ho_finding *o = ho_checks_finding(checks, 0, (ho_check_id)id);
    if (o->verdict == HO_FAIL) {
      fprintf(stderr, "  %s %s: %s by %d: %s\n", faulty ? c->fault : "without",
              ho_check_table()[c->id].id, info->id, (int)o->endpoint,
              o->detail);
    }
    if (o->verdict == HO_FAIL && info->level == HO_MUST &&
        (!faulty || (ho_check_id)id != c->id)) {
      strcat(strcat(failed, info->id), " ");
    }
  }
  if (!faulty) {
    REQUIRE(f->verdict != HO_FAIL && failed[0] == '\0');
    return;
  }
  REQUIRE(f->verdict == HO_FAIL && f->endpoint == c->endpoint);
  REQUIRE(f->packet > 0);
  REQUIRE(strcmp(failed, c->others) == 0);
}

typedef struct {
  const fault_case *c;
  bool faulty;
} run_arg;

static void run(void *arg) {
  const run_arg *a = arg;
  char text[2048];
  ho_scenario *s;
  ho_log *log = ho_log_new();
  ho_checks *checks;
  ho_sink sink;

  snprintf(text, sizeof(text), NETS "%stimeline:\n%s  - %s\n%s", a->c->arm,
           a->c->before, a->faulty ? a->c->fault : "500ms: set home delay 10ms",
           a->c->after);
  s = runs_load(text, 1);
  checks = ho_checks_new(s, 0, log);
  sink = ho_checks_sink(checks);
  ho_world_run(s, 0, 1, log, &(ho_sinks){&sink, 1});
  ho_checks_finish(checks, s->stop);
  judge(a->c, a->faulty, checks);
  ho_checks_del(checks);
  ho_log_del(log);
  ho_scenario_del(s);
}

START_TEST(fault_is_seen) {
  run_arg arg = {&cases[_i], true};

  ck_assert_int_eq(runs_alone(run, &arg), 0);
}
END_TEST

START_TEST(nothing_without_it) {
  run_arg arg = {&cases[_i], false};

  ck_assert_int_eq(runs_alone(run, &arg), 0);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, fault_is_seen, 0, (int)COUNT(cases));
  tcase_add_loop_test(tc, nothing_without_it, 0, (int)COUNT(cases));
}

int main(void) {
  return suite_run("check_faults_cids", add);
}
