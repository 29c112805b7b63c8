/* Goal: clients of one run that are not alike are each judged by their own
 * workload, and the run's row adds up what can be added. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "meter_world.h"
#include "tests/suite.h"

/* Client 0 downloads, 1 is in a call, 2 asks and asks, 3 uploads, 4 is idle. */
enum { DOWN, CALL, ASK, UP, IDLE, CLIENTS };

static world w;
static ho_group groups[CLIENTS];

static void setup(void) {
  static const ho_workload_config works[] = {
      [DOWN] = {.type = HO_WORK_DOWNLOAD, .bytes = 1000},
      [CALL] = {.type = HO_WORK_STREAM,
                .frame = 100 * HO_MSEC,
                .deadline = 150 * HO_MSEC},
      [ASK] = {.type = HO_WORK_REQUEST},
      [UP] = {.type = HO_WORK_UPLOAD, .bytes = 1000},
      [IDLE] = {.type = HO_WORK_IDLE},
  };

  world_init(&w);
  for (int i = 0; i < CLIENTS; i++) {
    groups[i] = (ho_group){.clients = 1, .start = i == ASK, .work = works[i]};
  }
  w.scenario.groups = groups;
  w.scenario.groups_count = CLIENTS;
  w.scenario.clients = CLIENTS;
  w.scenario.stop = 4 * HO_SEC;
}

static void teardown(void) {
  world_free(&w);
}

static void connected(int client) {
  if (client > 0) {
    HO_EMIT(w.log, connection_started, 0, client, .transport = "quic",
            .handshake = "full");
  }
  HO_EMIT(w.log, handshake_done, 0, client, .endpoint = HO_CLIENT);
}

static void begin(void) {
  world_begin(&w);
  for (int i = 0; i < CLIENTS; i++) {
    connected(i);
  }
}

static void issue(ho_time t, int client, uint64_t request, const char *what) {
  HO_EMIT(w.log, request_issued, t, client, .request = request, .what = what,
          .bytes = 1000);
}

static void answer(ho_time t, int client, uint64_t request, ho_side at) {
  HO_EMIT(w.log, delivered, t, client, .request = request, .endpoint = at,
          .bytes = 1000);
  HO_EMIT(w.log, request_done, t, client, .request = request);
}

/* A frame each way every 100 ms, 10 ms on the way but for number 7 down, which
 * is 300 ms late: it stands still from its deadline until frame 8 has come. */
static void call(ho_time from, ho_time to) {
  for (ho_time t = from; t < to; t += MS(100)) {
    uint64_t k = t / MS(100);

    issue(t, CALL, 2 * k, "frame-down");
    issue(t, CALL, 2 * k + 1, "frame-up");
    if (k == 11) {
      answer(MS(1100), CALL, 14, HO_CLIENT);
    }
    if (k != 7 && k != 8) {
      answer(t + MS(10), CALL, 2 * k, HO_CLIENT);
    } else if (k == 8) {
      answer(MS(870), CALL, 16, HO_CLIENT);
    }
    answer(k == 8 ? MS(870) : t + MS(10), CALL, 2 * k + 1, HO_SERVER);
  }
}

/* The call outlives both transfers; what was asked in the last second is not
 * due. */
START_TEST(each_by_its_own) {
  begin();
  issue(0, DOWN, 0, "download");
  issue(0, UP, 0, "upload");
  issue(0, ASK, 0, "request");
  answer(0, ASK, 0, HO_CLIENT);
  call(0, MS(500));
  answer(MS(500), DOWN, 0, HO_CLIENT);
  HO_EMIT(w.log, work_done, MS(500), DOWN, .requests = 1);
  call(MS(500), MS(2000));
  answer(MS(2000), UP, 0, HO_SERVER);
  HO_EMIT(w.log, work_done, MS(2000), UP, .requests = 1);
  call(MS(2000), MS(4000));
  issue(MS(3910), ASK, 1, "request");
  world_end(&w, w.scenario.stop, "stop");
  run_is(&w,
         ROW("outcome", "completed", "reason", "", "bytes", "83000", "fct_s",
             "2.000000000", "goodput_mbps", "0.166000", "handshakes", "5",
             "requests", "84", "missed", "2", "delay_max_ms", "2000.000000",
             "stalls", "1", "stall_ms", "20.000000"));
  ck_assert_str_eq(field(&w, "requests.csv", 0, "missed"), "0");
}
END_TEST

/* Who has an end and does not reach it fails the run, whatever others do. */
START_TEST(one_never_ends) {
  begin();
  issue(0, DOWN, 0, "download");
  issue(0, UP, 0, "upload");
  answer(MS(500), DOWN, 0, HO_CLIENT);
  HO_EMIT(w.log, work_done, MS(500), DOWN, .requests = 1);
  call(MS(500), MS(4000));
  world_end(&w, w.scenario.stop, "stop");
  run_is(&w,
         ROW("outcome", "app-failed", "reason",
             "stop: client 3 had 1 of 1 requests unanswered", "fct_s", "NA"));
}
END_TEST

/* A question of the last second is not due; a transfer is. */
START_TEST(who_may_be_late) {
  begin();
  call(0, MS(4000));
  issue(MS(3920), ASK, 0, "request");
  issue(MS(3920), DOWN, 0, "download");
  HO_EMIT(w.log, work_done, MS(3920), UP, .requests = 0);
  world_end(&w, w.scenario.stop, "stop");
  run_is(&w, ROW("outcome", "app-failed", "reason",
                 "stop: client 0 had 1 of 1 requests unanswered"));
}
END_TEST

START_TEST(nothing_has_an_end) {
  groups[DOWN].work = groups[UP].work = groups[IDLE].work;
  begin();
  issue(0, ASK, 0, "request");
  call(0, MS(4000));
  HO_EMIT(w.log, request_done, MS(4000), ASK, .request = 0);
  world_end(&w, w.scenario.stop, "stop");
  run_is(&w, ROW("outcome", "completed", "fct_s", "", "goodput_mbps",
                 "0.160000", "stalls", "1"));
}
END_TEST

START_TEST(nobody_calls) {
  groups[CALL].work = groups[IDLE].work;
  begin();
  issue(0, DOWN, 0, "download");
  answer(MS(500), DOWN, 0, HO_CLIENT);
  HO_EMIT(w.log, work_done, MS(500), DOWN, .requests = 1);
  HO_EMIT(w.log, work_done, MS(500), UP, .requests = 0);
  world_end(&w, w.scenario.stop, "stop");
  run_is(&w, ROW("outcome", "completed", "fct_s", "0.500000000", "stalls", "",
                 "stall_ms", ""));
}
END_TEST

/* The sender of the data, and whether there is a rate to get back to, are the
 * client's own. */
START_TEST(handoffs_by_their_client) {
  static const struct {
    const char *client, *cwnd, *t90;
  } want[] = {{"0", "50000", "NA"},
              {"1", "50000", ""},
              {"2", "50000", ""},
              {"3", "9000", "NA"},
              {"4", "50000", ""}};

  begin();
  for (int i = 0; i < CLIENTS; i++) {
    issue(MS(10), i, 0, "download");
    for (int side = 0; side < 2; side++) {
      HO_EMIT(w.log, recovery, MS(10), i, .endpoint = (ho_side)side,
              .cwnd = side == HO_SERVER ? 50000 : 9000, .srtt = MS(20),
              .latest_rtt = MS(20), .min_rtt = MS(20));
    }
  }
  for (int i = 0; i < CLIENTS; i++) {
    HO_EMIT(w.log, handoff, MS(100), i, .kind = "switch", .from = 0, .to = 1,
            .t_loss = MS(100));
  }
  world_end(&w, MS(3000), "stop");
  ck_assert_uint_eq(rows(&w, "handoffs.csv"), CLIENTS);
  for (size_t i = 0; i < CLIENTS; i++) {
    handoff_is(&w, i,
               ROW("client", want[i].client, "cwnd_before_bytes", want[i].cwnd,
                   "t90_ms", want[i].t90));
  }
}
END_TEST

/* Who is idle works on whatever is connected. */
START_TEST(an_idle_client_falls_back) {
  for (int i = 0; i < IDLE; i++) {
    groups[i].work.count = 1;
    groups[i].work.type = HO_WORK_REQUEST;
  }
  w.arm.transport = HO_TRANSPORT_AUTO;
  begin();
  for (int i = 0; i < IDLE; i++) {
    HO_EMIT(w.log, work_done, MS(1), i, .requests = 0);
  }
  HO_EMIT(w.log, connection_started, MS(300), IDLE, .connection = 1,
          .transport = "tcp", .handshake = "full");
  HO_EMIT(w.log, handshake_done, MS(400), IDLE, .connection = 1,
          .endpoint = HO_CLIENT);
  world_end(&w, w.scenario.stop, "stop");
  run_is(&w, ROW("outcome", "fallback", "reason", ""));
}
END_TEST

START_TEST(begins_on_its_own_network) {
  w.series = true;
  begin();
  world_end(&w, MS(50), "stop");
  ck_assert_uint_eq(rows(&w, "series.csv"), CLIENTS);
  for (size_t i = 0; i < CLIENTS; i++) {
    ck_assert_str_eq(field(&w, "series.csv", i, "net"),
                     i == ASK ? "cell" : "home");
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, each_by_its_own);
  tcase_add_test(tc, one_never_ends);
  tcase_add_test(tc, who_may_be_late);
  tcase_add_test(tc, nothing_has_an_end);
  tcase_add_test(tc, nobody_calls);
  tcase_add_test(tc, handoffs_by_their_client);
  tcase_add_test(tc, an_idle_client_falls_back);
  tcase_add_test(tc, begins_on_its_own_network);
}

int main(void) {
  return suite_run("meter_groups", add);
}
