/* Goal: where a server is restarted within the handshake and does it again, the
 * connection is judged as any other; where too little is known of it, or its
 * client keeps to the server that is gone, nothing is blamed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "measure/checks/check.h"
#include "stack/world.h"
#include "tests/stack/runs.h"
#include "tests/suite.h"

#define TEXT                                                                   \
  "name: again\nstop: 8s\nnetworks:\n"                                         \
  "  n0: {type: wired, down: 4Mbps, up: 2Mbps, delay: 10ms, "                  \
  "nat: home-router}\n"                                                        \
  "  n1: {type: wired, down: 3Mbps, up: 2Mbps, delay: 25ms, nat: cgn}\n"       \
  "client: {notice: 20ms}\n"                                                   \
  "workload: {type: download, bytes: 1500KB}\n"                                \
  "arms: [{quic: {keepalive: 500ms}}]\ntimeline:\n"
#define MOVE "  - 1500ms: switch n1\n"

typedef struct {
  ho_verdict verdicts[HO_CHECK_COUNT];
  unsigned failed; /* of level MUST, as the watcher was told */
} outcome;

static outcome *shared; /* with the process that runs */

static void on_failed(void *user, int client, ho_check_id id,
                      const ho_finding *finding) {
  assert(client == 0 && finding->verdict == HO_FAIL);
  shared->failed += ho_check_table()[id].level == HO_MUST;
  (void)user;
}

static void run(void *arg) {
  ho_scenario *s = runs_load(arg, 1);
  ho_log *log = ho_log_new();
  ho_checks *checks = ho_checks_new(s, 0, log);
  ho_checks_watcher watcher = {on_failed, NULL};
  ho_sink sink = ho_checks_sink(checks);

  ho_checks_watch(checks, &watcher);
  ho_world_run(s, 0, 1, log, &(ho_sinks){&sink, 1});
  ho_checks_finish(checks, s->stop);
  for (int id = 0; id < HO_CHECK_COUNT; id++) {
    shared->verdicts[id] =
        ho_checks_finding(checks, 0, (ho_check_id)id)->verdict;
  }
  ho_checks_del(checks);
  ho_log_del(log);
  ho_scenario_del(s);
}

static outcome judge(const char *text) {
  ho_world_preload();
  memset(shared, 0, sizeof(*shared));
  ck_assert_int_eq(runs_alone(run, (void *)(uintptr_t)text), 0);
  return *shared;
}

/* Also if the first server's answer comes when nobody asks for it any more. */
START_TEST(it_is_judged_as_any_other) {
  static const char *const texts[] = {
      TEXT "  - 0s: drop server 1st datagram\n"
           "  - 200ms: restart server\n" MOVE,
      TEXT "  - 0s: delay server 1st datagram by 1100ms\n"
           "  - 200ms: restart server\n" MOVE,
  };
  outcome once = judge(TEXT MOVE), twice = judge(texts[_i]);

  ck_assert_int_eq(once.verdicts[HO_CHECK_C1], HO_PASS);
  for (int id = 0; id < HO_CHECK_COUNT; id++) {
    ck_assert_msg(once.verdicts[id] == twice.verdicts[id], "%s: %s, then %s",
                  ho_check_table()[id].id, ho_verdict_name(once.verdicts[id]),
                  ho_verdict_name(twice.verdicts[id]));
  }
}
END_TEST

/* A server that has not yet heard of the client has nothing to forget. */
START_TEST(before_it_begins) {
  outcome o = judge(TEXT "  - 5ms: restart server\n" MOVE);

  ck_assert_int_eq(o.verdicts[HO_CHECK_C1], HO_PASS);
}
END_TEST

/* More than once: the second restart falls into the second handshake. */
START_TEST(and_again) {
  outcome o = judge(TEXT "  - 0s: drop server 1..2 datagram\n"
                         "  - 200ms: restart server\n"
                         "  - 1200ms: restart server\n"
                         "  - 3500ms: switch n1\n");

  ck_assert_int_eq(o.verdicts[HO_CHECK_C1], HO_PASS);
  ck_assert_int_eq(o.verdicts[HO_CHECK_B1], HO_PASS);
  ck_assert_int_eq(o.verdicts[HO_CHECK_D1], HO_PASS);
}
END_TEST

/* A server that has given up does it again, too: what the client repeats comes
 * from another port, and ngtcp2 discards it until it has forgotten the first.
 */
START_TEST(after_an_idle_timeout) {
  outcome o = judge(
      "name: again\nstop: 8s\nnetworks:\n"
      "  n0: {type: wired, down: 3Mbps, up: 2Mbps, delay: 25ms, nat: cgn}\n"
      "  n1: {type: wired, down: 4Mbps, up: 2Mbps, delay: 10ms}\n"
      "client: {notice: 20ms}\nserver: {idle_timeout: 2600ms}\n"
      "workload: {type: download, bytes: 1500KB}\n"
      "arms: [{quic: {keepalive: 500ms}}]\ntimeline:\n"
      "  - 0s: flush n0\n  - 7300ms: switch n1\n");

  ck_assert_int_eq(o.verdicts[HO_CHECK_C1], HO_PASS);
  ck_assert_int_eq(o.verdicts[HO_CHECK_B1], HO_PASS);
  ck_assert_int_eq(o.verdicts[HO_CHECK_D1], HO_PASS);
}
END_TEST

static const char *const unknown[] = {
    /* the client's second Initial is under way at the restart */
    TEXT "  - 0s: drop server 1st datagram\n  - 1005ms: restart server\n" MOVE,
    /* and the first server's answer comes before the second one's */
    TEXT "  - 0s: delay server 1st datagram by 990ms\n"
         "  - 200ms: restart server\n" MOVE,
};

START_TEST(what_is_not_known_is_not_blamed) {
  outcome o = judge(unknown[_i]);

  ck_assert_uint_eq(o.failed, 0);
  ck_assert_int_eq(o.verdicts[HO_CHECK_C1], HO_NOT_EXERCISED);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, it_is_judged_as_any_other, 0, 2);
  tcase_add_test(tc, before_it_begins);
  tcase_add_test(tc, and_again);
  tcase_add_test(tc, after_an_idle_timeout);
  tcase_add_loop_test(tc, what_is_not_known_is_not_blamed, 0, COUNT(unknown));
}

int main(void) {
  shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return shared == MAP_FAILED ? 1 : suite_run("checks_restart", add);
}
