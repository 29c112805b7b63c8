/* Goal: several clients in one run, and those that a radio never reached. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "meter_world.h"
#include "tests/suite.h"

static world w;

static void setup(void) {
  world_init(&w);
}

static void teardown(void) {
  world_free(&w);
}

static void connected(int client) {
  if (client > 0) {
    HO_EMIT(w.log, connection_started, 0, client, .transport = "quic",
            .handshake = "full");
  }
  HO_EMIT(w.log, handshake_done, MS(5), client, .endpoint = HO_CLIENT);
  HO_EMIT(w.log, request_issued, MS(5), client, .what = "download",
          .bytes = 1000);
  HO_EMIT(w.log, request_attempt, MS(5), client, .connection = 0);
}

static void finished(ho_time t, int client) {
  HO_EMIT(w.log, delivered, t, client, .endpoint = HO_CLIENT, .bytes = 1000);
  HO_EMIT(w.log, request_done, t, client, .connection = 0);
  HO_EMIT(w.log, work_done, t, client, .requests = 1);
}

/* The second one begins to be heard of first, and ends first. */
START_TEST(sums_and_order) {
  w.scenario.clients = 2;
  world_begin(&w);
  HO_EMIT(w.log, radio, 0, 1, .net = 0, .state = "associated");
  connected(1);
  connected(0);
  HO_EMIT(w.log, handoff, MS(100), 1, .kind = "switch", .from = 0, .to = 1,
          .t_loss = MS(100));
  HO_EMIT(w.log, handoff, MS(200), 0, .kind = "switch", .from = 0, .to = 1,
          .t_loss = MS(200));
  finished(MS(1000), 1);
  HO_EMIT(w.log, state, MS(1000), 1, .connection = 0, .bytes = 777);
  HO_EMIT(w.log, state, MS(1500), 0, .connection = 0, .bytes = 555);
  finished(MS(2000), 0);
  world_end(&w, MS(2000), "done");
  run_is(&w, ROW("bytes", "2000", "fct_s", "2.000000000", "handshakes", "2",
                 "handoffs", "2", "requests", "2", "missed", "0",
                 "state_bytes_server", "777", "connections", "2",
                 "delay_max_ms", "1995.000000"));
  for (size_t n = 0; n < 2; n++) {
    const char *client = n == 0 ? "0" : "1";

    handoff_is(&w, n, ROW("client", client, "handoff", "0"));
    ck_assert_str_eq(field(&w, "requests.csv", n, "client"), client);
  }
  ck_assert_str_eq(field(&w, "requests.csv", 0, "what"), "download");
  ck_assert_str_eq(field(&w, "requests.csv", 1, "t_last_s"), "1.000000000");
}
END_TEST

/* What one client gives up is not counted for another. */
START_TEST(streams_are_a_clients_own) {
  w.scenario.clients = 2;
  world_begin(&w);
  connected(1);
  connected(0);
  for (int client = 0; client < 2; client++) {
    uint64_t n = 900 + (uint64_t)client;

    HO_EMIT(w.log, stream_sent, MS(10), client, .endpoint = HO_SERVER,
            .packet = n, .stream = 0, .length = 400 + 100 * (uint64_t)client);
  }
  HO_EMIT(w.log, connection_started, MS(20), 1, .connection = 1,
          .transport = "quic", .handshake = "full");
  finished(MS(1000), 0);
  finished(MS(1000), 1);
  world_end(&w, MS(1000), "done");
  run_is(&w, ROW("resent_bytes", "500"));
}
END_TEST

/* ---- out of reach ---- */

START_TEST(nobody_was_there) {
  w.nets[0].type = HO_NET_WIFI;
  world_begin(&w);
  HO_EMIT(w.log, radio, 0, 0, .net = 0, .state = "out-of-reach");
  world_end(&w, 0, "out of reach");
  run_is(&w, ROW("outcome", "conn-failed", "reason",
                 "network 'home' was out of reach: client 0 never "
                 "associated"));
}
END_TEST

START_TEST(an_idle_client_out_of_reach) {
  w.nets[0].type = HO_NET_WIFI;
  w.scenario.work = (ho_workload_config){.type = HO_WORK_IDLE};
  world_begin(&w);
  HO_EMIT(w.log, radio, 0, 0, .net = 0, .state = "out-of-reach");
  world_end(&w, w.scenario.stop, "stop");
  run_is(&w, ROW("outcome", "conn-failed"));
}
END_TEST

START_TEST(another_network_was_there) {
  w.nets[0].type = HO_NET_WIFI;
  world_begin(&w);
  HO_EMIT(w.log, radio, 0, 0, .net = 0, .state = "out-of-reach");
  connected(0);
  finished(MS(1000), 0);
  world_end(&w, MS(1000), "done");
  run_is(&w, ROW("outcome", "completed", "reason", ""));
}
END_TEST

/* It came into reach, and then failed for another reason. */
START_TEST(reached_after_all) {
  w.nets[0].type = HO_NET_WIFI;
  world_begin(&w);
  HO_EMIT(w.log, radio, 0, 0, .net = 0, .state = "out-of-reach");
  HO_EMIT(w.log, radio, MS(500), 0, .net = 0, .state = "associated");
  HO_EMIT(w.log, request_issued, MS(500), 0, .what = "download", .bytes = 10);
  world_end(&w, w.scenario.stop, "stop");
  run_is(&w, ROW("outcome", "conn-failed", "reason",
                 "stop: client 0 had 1 of 1 requests unanswered"));
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, sums_and_order);
  tcase_add_test(tc, streams_are_a_clients_own);
  tcase_add_test(tc, nobody_was_there);
  tcase_add_test(tc, an_idle_client_out_of_reach);
  tcase_add_test(tc, another_network_was_there);
  tcase_add_test(tc, reached_after_all);
}

int main(void) {
  return suite_run("meter_clients", add);
}
