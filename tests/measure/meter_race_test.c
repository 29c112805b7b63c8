/* Goal: arms that race QUIC against TCP: what counts is where the application
 * went, not who else tried. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "meter_world.h"
#include "tests/suite.h"

static world w;

static void setup(void) {
  world_init(&w);
  w.arm.name = "h3-h2";
  w.arm.transport = HO_TRANSPORT_AUTO;
}

static void teardown(void) {
  world_free(&w);
}

/* begin_one: the first packet of connection |n| leaves at |t| and arrives, if
 * it does, 10 ms later. */
static void begin_one(ho_time t, uint64_t n, const char *transport,
                      bool arrives) {
  w.connection = n;
  w.inside = (uint16_t)(4000 + n);
  w.outside = (uint16_t)(5000 + n);
  HO_EMIT(w.log, connection_started, t, 0, .connection = n,
          .transport = transport, .handshake = "full", .net = w.net);
  up(&w, t, arrives ? t + MS(10) : HO_NEVER, 0);
}

static void shake(ho_time t, uint64_t n) {
  HO_EMIT(w.log, handshake_done, t, 0, .connection = n, .endpoint = HO_CLIENT);
}

static void attempt(ho_time t, uint64_t n) {
  w.connection = n;
  HO_EMIT(w.log, request_attempt, t, 0, .connection = n);
}

static void closed(ho_time t, uint64_t n) {
  HO_EMIT(w.log, connection_closed, t, 0, .connection = n,
          .endpoint = HO_CLIENT, .reason = "gave up", .error = -1);
}

static void begin(bool quic_works) {
  world_begin(&w);
  HO_EMIT(w.log, request_issued, 0, 0, .what = "download", .bytes = 2000);
  up(&w, 0, quic_works ? MS(10) : HO_NEVER, 0);
}

static void served(ho_time t) {
  deliver(&w, t, down(&w, t - MS(10), t, 0), 1000);
}

START_TEST(lost_at_the_start) {
  begin(false);
  begin_one(MS(300), 1, "tcp", true);
  shake(MS(340), 1);
  attempt(MS(340), 1);
  closed(MS(340), 0);
  served(MS(400));
  all_done(&w, MS(400));
  world_end(&w, MS(400), "done");
  run_is(&w, ROW("outcome", "fallback", "reason", "", "handshakes", "1",
                 "connections", "2", "fallback_ms", "340.000000",
                 "cids_used_client", "0"));
}
END_TEST

START_TEST(won_in_spite_of_a_rival) {
  begin(true);
  begin_one(MS(300), 1, "tcp", true);
  shake(MS(320), 0);
  attempt(MS(320), 0);
  shake(MS(330), 1); /* too late */
  closed(MS(331), 1);
  served(MS(400));
  all_done(&w, MS(400));
  world_end(&w, MS(400), "done");
  run_is(&w, ROW("outcome", "completed", "handshakes", "2", "connections", "2",
                 "fallback_ms", ""));
}
END_TEST

/* QUIC migrates at 1.06 s and is silent; a new race has QUIC from 4.06 s and
 * TCP from 4.36 s. */
static void race_after_a_handoff(void) {
  begin(true);
  shake(MS(40), 0);
  attempt(MS(40), 0);
  served(MS(1000));
  HO_EMIT(w.log, network_down, MS(1005), 0, .net = 0, .in_use = 1,
          .t_loss = MS(1005));
  hand_off(&w, MS(1005), "disconnect", 0, 1, MS(1005), 0);
  HO_EMIT(w.log, notice, MS(1055), 0, .net = 1, .cause = "notice");
  w.net = 1;
  w.inside = 4010;
  up(&w, MS(1060), HO_NEVER, 0);
  begin_one(MS(4060), 1, "quic", false);
  begin_one(MS(4360), 2, "tcp", true);
  recovery(&w, MS(4371), HO_SERVER, 14400, 0);
  recovery(&w, MS(4390), HO_SERVER, 20000, MS(20));
}

START_TEST(gives_way_after_a_handoff) {
  race_after_a_handoff();
  shake(MS(4400), 2);
  attempt(MS(4405), 2);
  closed(MS(4405), 1);
  served(MS(4440));
  all_done(&w, MS(4440));
  world_end(&w, MS(4440), "done");
  handoff_is(&w, 0,
             ROW("t_first_tx_s", "4.360000000", "t_first_rx_s", "4.370000000",
                 "t_validated_s", "4.400000000", "migration_latency_ms",
                 "40.000000", "t_first_byte_s", "4.440000000",
                 "cwnd_after_bytes", "14400", "srtt_after_ms", "20.000000",
                 "outcome", "fallback"));
  run_is(&w, ROW("outcome", "fallback", "connections", "3", "handshakes", "2",
                 "fallback_ms", "3340.000000"));
}
END_TEST

/* The same, and QUIC gets through after all. */
START_TEST(quic_wins_the_second_race) {
  race_after_a_handoff();
  shake(MS(4395), 1);
  attempt(MS(4395), 1);
  shake(MS(4400), 2);
  closed(MS(4400), 2);
  served(MS(4440));
  all_done(&w, MS(4440));
  world_end(&w, MS(4440), "done");
  handoff_is(&w, 0,
             ROW("t_first_tx_s", "4.060000000", "t_first_rx_s", "NA",
                 "t_validated_s", "4.395000000", "outcome", "reconnected"));
  run_is(&w, ROW("outcome", "reconnected", "fallback_ms", ""));
}
END_TEST

/* No network changed, but UDP no longer gets through. */
START_TEST(gives_way_in_between) {
  begin(true);
  shake(MS(40), 0);
  attempt(MS(40), 0);
  served(MS(1000));
  begin_one(MS(4000), 1, "quic", false);
  begin_one(MS(4300), 2, "tcp", true);
  shake(MS(4345), 2);
  attempt(MS(4345), 2);
  served(MS(4400));
  all_done(&w, MS(4400));
  world_end(&w, MS(4400), "done");
  run_is(&w, ROW("outcome", "fallback", "handoffs", "0", "fallback_ms",
                 "345.000000"));
}
END_TEST

/* The network changes in mid-race: the rival's packets are not the handoff's,
 * since QUIC wins and then migrates. */
START_TEST(a_rival_is_not_the_handoffs) {
  begin(true);
  hand_off(&w, MS(100), "switch", 0, 1, MS(100), 0);
  w.net = 1;
  begin_one(MS(300), 1, "tcp", true);
  shake(MS(320), 0);
  attempt(MS(320), 0);
  closed(MS(320), 1);
  w.inside = 4000;
  w.outside = 5000;
  migrate(&w, MS(330), 1, 0, 0);
  all_done(&w, MS(400));
  world_end(&w, MS(400), "done");
  handoff_is(&w, 0,
             ROW("t_first_tx_s", "0.330000000", "t_first_rx_s", "0.350000000",
                 "outcome", "migrated"));
  run_is(&w, ROW("outcome", "migrated", "connections", "2"));
}
END_TEST

/* The handoff had succeeded: a later loss of the path is not its own. */
START_TEST(a_success_keeps_its_instants) {
  begin(true);
  shake(MS(40), 0);
  attempt(MS(40), 0);
  served(MS(100));
  hand_off(&w, MS(1000), "switch", 0, 1, MS(1000), 0);
  migrate(&w, MS(1030), 1, 0, 0);
  begin_one(MS(2000), 1, "quic", false);
  begin_one(MS(2300), 2, "tcp", true);
  shake(MS(2345), 2);
  attempt(MS(2345), 2);
  served(MS(2400));
  all_done(&w, MS(2400));
  world_end(&w, MS(2400), "done");
  handoff_is(&w, 0,
             ROW("t_first_tx_s", "1.030000000", "t_first_rx_s", "1.050000000",
                 "t_first_byte_s", "1.071000000", "outcome", "migrated"));
}
END_TEST

/* QUIC had lost there before, so it was not tried, and cost nothing. */
START_TEST(tcp_at_once) {
  begin(true);
  shake(MS(40), 0);
  attempt(MS(40), 0);
  begin_one(MS(4000), 1, "tcp", true);
  shake(MS(4040), 1);
  attempt(MS(4040), 1);
  served(MS(4400));
  all_done(&w, MS(4400));
  world_end(&w, MS(4400), "done");
  run_is(&w, ROW("outcome", "fallback", "fallback_ms", ""));
}
END_TEST

/* A new connection without a race that changed the transport. */
START_TEST(quic_again_is_reconnected) {
  begin(true);
  shake(MS(40), 0);
  attempt(MS(40), 0);
  begin_one(MS(4000), 1, "quic", true);
  shake(MS(4040), 1);
  attempt(MS(4040), 1);
  served(MS(4400));
  all_done(&w, MS(4400));
  world_end(&w, MS(4400), "done");
  run_is(&w, ROW("outcome", "reconnected", "fallback_ms", ""));
}
END_TEST

/* Frames have no attempts; where they come from tells. */
START_TEST(a_call_gives_way) {
  w.scenario.work =
      (ho_workload_config){.type = HO_WORK_STREAM, .deadline = MS(100)};
  w.scenario.stop = MS(500);
  begin(false);
  begin_one(MS(300), 1, "tcp", true);
  shake(MS(340), 1);
  served(MS(400));
  HO_EMIT(w.log, request_done, MS(400), 0, .connection = 1);
  world_end(&w, MS(500), "stop");
  run_is(&w, ROW("outcome", "fallback", "fallback_ms", "340.000000"));
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, lost_at_the_start);
  tcase_add_test(tc, won_in_spite_of_a_rival);
  tcase_add_test(tc, gives_way_after_a_handoff);
  tcase_add_test(tc, quic_wins_the_second_race);
  tcase_add_test(tc, gives_way_in_between);
  tcase_add_test(tc, a_rival_is_not_the_handoffs);
  tcase_add_test(tc, a_success_keeps_its_instants);
  tcase_add_test(tc, tcp_at_once);
  tcase_add_test(tc, quic_again_is_reconnected);
  tcase_add_test(tc, a_call_gives_way);
}

int main(void) {
  return suite_run("meter_race", add);
}
