/* Goal: every metric of a handoff, on hand-written events whose answer can be
 * worked out with a pencil. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "meter_world.h"
#include "tests/suite.h"

static world w;

static void setup(void) {
  world_init(&w);
}

static void teardown(void) {
  world_free(&w);
}

/* ---- disconnect ---- */

START_TEST(disconnect_with_a_gap) {
  uint64_t lost;

  download(&w, MS(1000));
  lost = down_sent(&w, MS(1000), 21);
  dropped(&w, MS(1005), lost);
  HO_EMIT(w.log, network_down, MS(1005), 0, .net = 0, .in_use = 1,
          .t_loss = MS(1005));
  deliver(&w, MS(1006), w.packet - 1, 1000); /* was on the wire */
  recovery(&w, MS(1100), HO_SERVER, 40000, MS(20));
  /* The client has no network to send this on. */
  HO_EMIT(w.log, quic_sent, MS(1101), 0, .endpoint = HO_CLIENT,
          .packet = ++w.packet, .type = "1rtt", .pn = w.pn[HO_CLIENT]++,
          .bytes = 40);
  HO_EMIT(w.log, packet_dropped, MS(1101), 0, .packet = w.packet, .net = 0,
          .direction = "up", .reason = "no-route", .bytes = 68);
  HO_EMIT(w.log, network_up, MS(1200), 0, .net = 1);
  hand_off(&w, MS(1200), "disconnect", 0, 1, MS(1005), MS(1200));
  HO_EMIT(w.log, notice, MS(1250), 0, .net = 1, .cause = "notice");
  migrate(&w, MS(1250), 1, 12, 22);
  HO_EMIT(w.log, packet_lost, MS(1320), 0, .endpoint = HO_SERVER,
          .type = "1rtt", .pn = w.pn[HO_SERVER] - 2);
  all_done(&w, MS(1400));
  world_end(&w, MS(1400), "done");
  handoff_is(&w, 0,
             ROW("kind", "disconnect", "from", "home", "to", "cell", "t_loss_s",
                 "1.005000000", "t_up_s", "1.200000000", "t_notice_s",
                 "1.250000000", "t_first_tx_s", "1.250000000", "t_first_rx_s",
                 "1.270000000", "t_challenge_s", "1.270000000", "t_validated_s",
                 "1.311000000", "t_mtu_validated_s", "", "t_first_byte_s",
                 "1.291000000", "gap_ms", "195.000000", "detection_ms",
                 "245.000000", "migration_latency_ms", "61.000000", "resume_ms",
                 "91.000000"));
  handoff_is(&w, 0,
             ROW("interruption_ms", "285.000000", "interruption_extra_ms",
                 "275.000000", "pv_rtts", "1.025000", "pv_rounds", "1",
                 "pv_challenges_client", "1", "pv_challenges_server", "1",
                 "pv_responses_client", "1", "pv_responses_server", "1",
                 "pv_undersized", "0", "pv_old_path_challenges", "0",
                 "pv_result", "success", "amp_blocked_ms", "0.000000"));
  handoff_is(&w, 0,
             ROW("inflight_bytes", "25000", "lost_bytes", "1200",
                 "dropped_bytes", "1296", "spurious_bytes", "0",
                 "cwnd_before_bytes", "50000", "cwnd_after_bytes", "12000",
                 "srtt_before_ms", "20.000000", "srtt_after_ms", "41.000000",
                 "t90_ms", "NA", "deficit_bytes", "NA", "cid_reused_up", "0",
                 "cid_reused_down", "0", "outcome", "migrated"));
  run_is(&w, ROW("outcome", "migrated", "reason", "", "bytes", "102000",
                 "fct_s", "1.400000000", "goodput_mbps", "0.582857",
                 "handshakes", "1", "handoffs", "1", "interruption_max_ms",
                 "285.000000", "requests", "1", "missed", "0", "delay_max_ms",
                 "1400.000000", "datagrams_up", "3", "lost_bytes", "1200"));
}
END_TEST

START_TEST(a_network_that_comes_back_is_no_handoff) {
  download(&w, MS(1000));
  HO_EMIT(w.log, network_down, MS(1005), 0, .net = 0, .in_use = 1,
          .t_loss = MS(1005));
  HO_EMIT(w.log, network_up, MS(1200), 0, .net = 0);
  deliver(&w, MS(1250), down(&w, MS(1240), MS(1250), 21), 1000);
  all_done(&w, MS(1250));
  world_end(&w, MS(1250), "done");
  ck_assert_uint_eq(rows(&w, "handoffs.csv"), 0);
  run_is(&w, ROW("outcome", "completed", "interruption_max_ms", ""));
}
END_TEST

START_TEST(nothing_is_delivered_after) {
  download(&w, MS(1000));
  HO_EMIT(w.log, network_down, MS(1005), 0, .net = 0, .in_use = 1,
          .t_loss = MS(1005));
  hand_off(&w, MS(1005), "disconnect", 0, 1, MS(1005), 0);
  HO_EMIT(w.log, notice, MS(1055), 0, .net = 1, .cause = "notice");
  w.net = 1;
  for (int i = 0; i < 3; i++) {
    challenge(&w, MS(1055 + 100 * i), HO_CLIENT, 1 + i, 1200);
    up(&w, MS(1055 + 100 * i), HO_NEVER, 12);
  }
  HO_EMIT(w.log, path_validation, MS(4000), 0, .endpoint = HO_CLIENT,
          .tuple = world_inside(1, 4000), .result = "failure");
  world_end(&w, 60 * HO_SEC, "stop");
  handoff_is(&w, 0,
             ROW("t_first_tx_s", "1.055000000", "t_first_rx_s", "NA",
                 "t_challenge_s", "NA", "t_validated_s", "NA", "t_first_byte_s",
                 "NA", "gap_ms", "0.000000", "migration_latency_ms", "NA",
                 "resume_ms", "NA", "interruption_ms", "NA",
                 "interruption_extra_ms", "NA", "pv_rtts", "NA", "pv_rounds",
                 "3", "pv_challenges_client", "3", "pv_result", "failure",
                 "cwnd_after_bytes", "NA", "dropped_bytes", "0",
                 "cid_reused_up", "", "outcome", "app-failed"));
  run_is(&w, ROW("outcome", "app-failed", "fct_s", "NA", "missed", "1",
                 "delay_max_ms", "NA", "interruption_max_ms", "NA"));
}
END_TEST

/* ---- make before break ---- */

START_TEST(switch_while_the_old_network_works) {
  download(&w, MS(1000));
  hand_off(&w, MS(1001), "switch", 0, 1, MS(1001), 0);
  w.inside = 4009; /* something else on the network that is left */
  up(&w, MS(1010), MS(1020), 11);
  w.inside = 4000;
  HO_EMIT(w.log, notice, MS(1051), 0, .net = 1, .cause = "notice");
  deliver(&w, MS(1060), down(&w, MS(1052), MS(1060), 21), 1000);
  migrate(&w, MS(1070), 1, 12, 22);
  HO_EMIT(w.log, network_down, MS(1401), 0, .net = 0, .in_use = 0,
          .t_loss = MS(1401));
  all_done(&w, MS(1500));
  world_end(&w, MS(1500), "done");
  handoff_is(&w, 0,
             ROW("kind", "switch", "gap_ms", "-400.000000", "detection_ms",
                 "50.000000", "t_first_byte_s", "1.111000000",
                 "interruption_ms", "60.000000", "outcome", "migrated"));
}
END_TEST

START_TEST(switch_whose_old_network_never_goes) {
  download(&w, MS(1000));
  hand_off(&w, MS(1001), "switch", 0, 1, MS(1001), 0);
  migrate(&w, MS(1070), 1, 12, 22);
  all_done(&w, MS(2001));
  world_end(&w, MS(2001), "done");
  handoff_is(
      &w, 0,
      ROW("gap_ms", "-1000.000000", "t_notice_s", "NA", "detection_ms", "NA"));
}
END_TEST

/* ---- NAT ---- */

START_TEST(rebind_of_the_port) {
  uint64_t n;

  download(&w, MS(1000));
  n = up_sent(&w, MS(999 + 1), 11); /* still on its way at t_loss */
  hand_off(&w, MS(1005), "rebind-port", 0, 0, MS(1005), 0);
  up_got(&w, MS(1010), n);
  w.outside = 6000;
  n = up_sent(&w, MS(1020), 11);
  up_got(&w, MS(1030), n);
  recovery(&w, MS(1030), HO_CLIENT, 7, MS(7)); /* not the data's sender */
  recovery(&w, MS(1030), HO_SERVER, 50000, MS(20));
  challenge(&w, MS(1030), HO_SERVER, 5, 1200);
  n = down_sent(&w, MS(1030), 21);
  challenge(&w, MS(1030), HO_SERVER, 6, 1200);
  w.outside = 5000; /* the server validates the old path, too */
  down(&w, MS(1030), HO_NEVER, 21);
  w.outside = 6000;
  down_got(&w, MS(1040), n);
  deliver(&w, MS(1040), n, 1000);
  frame(&w, MS(1040), HO_CLIENT, true, false, 5, 1200, w.packet + 1);
  n = up_sent(&w, MS(1040), 11);
  up_got(&w, MS(1050), n);
  response(&w, MS(1050), HO_SERVER, 5);
  recovery(&w, MS(1050), HO_SERVER, 51000, MS(21));
  recovery(&w, MS(1060), HO_SERVER, 52000, MS(22));
  all_done(&w, MS(1100));
  world_end(&w, MS(1100), "done");
  handoff_is(&w, 0,
             ROW("t_up_s", "0.000000000", "t_notice_s", "", "detection_ms", "",
                 "gap_ms", "", "t_first_tx_s", "1.020000000", "t_first_rx_s",
                 "1.030000000", "t_challenge_s", "1.030000000", "t_validated_s",
                 "1.050000000", "migration_latency_ms", "30.000000", "pv_rtts",
                 "1.000000", "pv_challenges_server", "1",
                 "pv_challenges_client", "0", "pv_responses_client", "1",
                 "pv_old_path_challenges", "1", "pv_result", "success"));
  handoff_is(&w, 0,
             ROW("cwnd_before_bytes", "50000", "cwnd_after_bytes", "50000",
                 "srtt_after_ms", "22.000000", "cid_reused_up", "1",
                 "cid_reused_down", "1", "dropped_bytes", "1228", "outcome",
                 "migrated"));
}
END_TEST

START_TEST(flush_that_keeps_the_port_moves_nothing) {
  download(&w, MS(1000));
  hand_off(&w, MS(1005), "nat-flush", 0, 0, MS(1005), 0);
  up(&w, MS(1020), MS(1030), 11);
  deliver(&w, MS(1050), down(&w, MS(1040), MS(1050), 21), 1000);
  deliver(&w, MS(1060), w.packet, 1000);
  world_end(&w, w.scenario.stop, "stop");
  handoff_is(&w, 0,
             ROW("t_first_tx_s", "", "t_validated_s", "", "resume_ms", "",
                 "cwnd_after_bytes", "", "t90_ms", "", "interruption_ms", "NA",
                 "outcome", "unaffected"));
  run_is(&w, ROW("outcome", "app-failed", "handoffs", "1"));
}
END_TEST

/* ---- validation in pieces ---- */

START_TEST(undersized_rounds_and_the_second_validation) {
  download(&w, MS(1000));
  HO_EMIT(w.log, network_down, MS(1005), 0, .net = 0, .in_use = 1,
          .t_loss = MS(1005));
  hand_off(&w, MS(1005), "disconnect", 0, 1, MS(1005), 0);
  w.net = 1;
  up(&w, MS(1010), MS(1030), 12);
  HO_EMIT(w.log, amplification, MS(1030), 0, .blocked = 1);
  challenge(&w, MS(1030), HO_SERVER, 1, 300);
  down(&w, MS(1030), HO_NEVER, 22);
  challenge(&w, MS(1030) + HO_MSEC / 2, HO_SERVER, 2, 300);
  down(&w, MS(1030) + HO_MSEC / 2, HO_NEVER, 22);
  challenge(&w, MS(1200), HO_SERVER, 3, 600);
  down(&w, MS(1200), MS(1220), 22);
  up(&w, MS(1220), MS(1240), 12);
  response(&w, MS(1240), HO_SERVER, 3);
  HO_EMIT(w.log, amplification, MS(1240), 0, .blocked = 0);
  challenge(&w, MS(1240), HO_SERVER, 4, 1200);
  down(&w, MS(1240), MS(1260), 22);
  deliver(&w, MS(1260), w.packet, 1000);
  up(&w, MS(1260), MS(1280), 12);
  response(&w, MS(1280), HO_SERVER, 99); /* answers nobody */
  response(&w, MS(1280), HO_SERVER, 4);
  all_done(&w, MS(1300));
  world_end(&w, MS(1300), "done");
  handoff_is(&w, 0,
             ROW("t_challenge_s", "1.200000000", "t_validated_s", "1.240000000",
                 "t_mtu_validated_s", "1.280000000", "pv_rtts", "1.000000",
                 "pv_rounds", "3", "pv_challenges_server", "4", "pv_undersized",
                 "3", "amp_blocked_ms", "210.000000", "cid_reused_up", "0",
                 "outcome", "migrated"));
}
END_TEST

/* ---- reconnecting ---- */

static void reconnect(ho_time t, const char *transport) {
  uint64_t n;

  w.connection = 1;
  w.net = 1;
  w.inside = 4001;
  w.outside = 5001;
  HO_EMIT(w.log, connection_started, t, 0, .connection = 1,
          .transport = transport, .handshake = "full", .net = 1);
  n = up_sent(&w, t, 13);
  up_got(&w, t + MS(20), n);
  recovery(&w, t + MS(20), HO_SERVER, 14400, 0);
  HO_EMIT(w.log, handshake_done, t + MS(40), 0, .connection = 1,
          .endpoint = HO_CLIENT);
  n = down_sent(&w, t + MS(60), 23);
  recovery(&w, t + MS(61), HO_SERVER, 20000, MS(41));
  down_got(&w, t + MS(80), n);
  deliver(&w, t + MS(80), n, 1000);
}

START_TEST(quic_reconnects) {
  w.arm.on_change = HO_CHANGE_RECONNECT;
  download(&w, MS(1000));
  HO_EMIT(w.log, network_down, MS(1005), 0, .net = 0, .in_use = 1,
          .t_loss = MS(1005));
  hand_off(&w, MS(1005), "disconnect", 0, 1, MS(1005), 0);
  HO_EMIT(w.log, notice, MS(1055), 0, .net = 1, .cause = "notice");
  HO_EMIT(w.log, stream_sent, MS(1060), 0, .endpoint = HO_SERVER,
          .packet = w.packet + 1, .offset = 0, .length = 500);
  w.outside = 5000;
  down(&w, MS(1060), HO_NEVER, 21);
  reconnect(MS(1065), "quic");
  all_done(&w, MS(1400));
  world_end(&w, MS(1400), "done");
  handoff_is(&w, 0,
             ROW("t_first_tx_s", "1.065000000", "t_first_rx_s", "1.085000000",
                 "t_challenge_s", "", "t_validated_s", "1.105000000",
                 "t_first_byte_s", "1.145000000", "migration_latency_ms",
                 "40.000000", "resume_ms", "140.000000", "pv_rtts", "",
                 "pv_result", "", "cwnd_after_bytes", "14400", "srtt_after_ms",
                 "41.000000", "cid_reused_up", "0", "resent_bytes", "500",
                 "outcome", "reconnected"));
  run_is(&w, ROW("outcome", "reconnected", "handshakes", "2", "resent_bytes",
                 "500"));
}
END_TEST

START_TEST(quic_gives_way_to_tcp) {
  download(&w, MS(1000));
  HO_EMIT(w.log, network_down, MS(1005), 0, .net = 0, .in_use = 1,
          .t_loss = MS(1005));
  hand_off(&w, MS(1005), "disconnect", 0, 1, MS(1005), 0);
  reconnect(MS(1065), "tcp");
  all_done(&w, MS(1400));
  world_end(&w, MS(1400), "done");
  handoff_is(&w, 0, ROW("outcome", "fallback"));
}
END_TEST

START_TEST(tcp_reconnects) {
  uint64_t first;

  w.arm = (ho_arm){.name = "tcp-notify",
                   .transport = HO_TRANSPORT_TCP,
                   .on_change = HO_CHANGE_RECONNECT};
  download(&w, MS(1000));
  HO_EMIT(w.log, stream_sent, MS(1001), 0, .endpoint = HO_SERVER,
          .packet = w.packet + 1, .stream = -1, .length = 1000);
  first = down_sent(&w, MS(1001), 0);
  HO_EMIT(w.log, network_down, MS(1005), 0, .net = 0, .in_use = 1,
          .t_loss = MS(1005));
  hand_off(&w, MS(1005), "disconnect", 0, 1, MS(1005), 0);
  HO_EMIT(w.log, stream_sent, MS(1040), 0, .endpoint = HO_SERVER,
          .packet = w.packet + 1, .stream = -1, .length = 600);
  down(&w, MS(1040), HO_NEVER, 0);
  down_got(&w, MS(1050), first); /* late: sending it again was spurious */
  HO_EMIT(w.log, notice, MS(1055), 0, .net = 1, .cause = "notice");
  reconnect(MS(1065), "tcp");
  all_done(&w, MS(1400));
  world_end(&w, MS(1400), "done");
  handoff_is(&w, 0,
             ROW("t_validated_s", "1.105000000", "pv_rounds", "",
                 "amp_blocked_ms", "", "lost_bytes", "600", "dropped_bytes",
                 "1228", "spurious_bytes", "600", "resent_bytes", "600",
                 "cid_reused_up", "", "cwnd_after_bytes", "14400", "outcome",
                 "reconnected"));
  run_is(&w, ROW("cids_used_client", "", "state_bytes_server", "", "lost_bytes",
                 "600"));
}
END_TEST

START_TEST(tcp_that_hangs) {
  w.arm = (ho_arm){.name = "tcp-hang",
                   .transport = HO_TRANSPORT_TCP,
                   .detect = HO_DETECT_HANG,
                   .on_change = HO_CHANGE_RECONNECT};
  download(&w, MS(1000));
  HO_EMIT(w.log, network_down, MS(1005), 0, .net = 0, .in_use = 1,
          .t_loss = MS(1005));
  hand_off(&w, MS(1005), "disconnect", 0, 1, MS(1005), 0);
  world_end(&w, 60 * HO_SEC, "stop");
  handoff_is(&w, 0,
             ROW("t_notice_s", "NA", "t_first_tx_s", "NA", "t_challenge_s", "",
                 "t_validated_s", "NA", "migration_latency_ms", "NA", "outcome",
                 "app-failed"));
  run_is(&w, ROW("outcome", "app-failed"));
}
END_TEST

/* ---- one after the other ---- */

/* To be stalled is app-failed; conn-failed is a connection that died. */
START_TEST(connection_dies_and_is_not_replaced) {
  download(&w, MS(1000));
  HO_EMIT(w.log, network_down, MS(1005), 0, .net = 0, .in_use = 1,
          .t_loss = MS(1005));
  hand_off(&w, MS(1005), "disconnect", 0, 1, MS(1005), 0);
  HO_EMIT(w.log, connection_closed, MS(31000), 0, .endpoint = HO_CLIENT,
          .reason = "idle timeout", .error = -224);
  world_end(&w, 60 * HO_SEC, "stop");
  handoff_is(&w, 0, ROW("outcome", "conn-failed"));
  run_is(&w, ROW("outcome", "conn-failed"));
}
END_TEST

START_TEST(there_and_back) {
  download(&w, MS(1000));
  HO_EMIT(w.log, network_down, MS(1005), 0, .net = 0, .in_use = 1,
          .t_loss = MS(1005));
  hand_off(&w, MS(1005), "disconnect", 0, 1, MS(1005), 0);
  migrate(&w, MS(1055), 1, 12, 22);
  HO_EMIT(w.log, network_up, MS(1500), 0, .net = 0);
  HO_EMIT(w.log, network_down, MS(2000), 0, .net = 1, .in_use = 1,
          .t_loss = MS(2000));
  hand_off(&w, MS(2000), "disconnect", 1, 0, MS(2000), MS(1500));
  w.net = 0;
  up(&w, MS(2050), MS(2060), 14); /* a path the server remembers */
  deliver(&w, MS(2070), down(&w, MS(2060), MS(2070), 22), 1000);
  /* Once more to and fro, with nothing sent at the other end. */
  hand_off(&w, MS(2500), "switch", 0, 1, MS(2500), 0);
  hand_off(&w, MS(2600), "switch", 1, 0, MS(2600), 0);
  up(&w, MS(2650), MS(2660), 14);
  deliver(&w, MS(2670), down(&w, MS(2660), MS(2670), 22), 1000);
  all_done(&w, MS(2670));
  world_end(&w, MS(2670), "done");
  /* The wait of 974 ms for what comes next meets the first window as well. */
  handoff_is(&w, 0,
             ROW("interruption_ms", "974.000000", "cid_reused_down", "0",
                 "outcome", "migrated"));
  handoff_is(&w, 1,
             ROW("from", "cell", "to", "home", "t_first_tx_s", "2.050000000",
                 "t_validated_s", "", "t_challenge_s", "", "pv_result", "",
                 "gap_ms", "0.000000", "interruption_ms", "974.000000",
                 "resume_ms", "70.000000", "cid_reused_up", "0",
                 "cid_reused_down", "1", "outcome", "migrated"));
  handoff_is(&w, 3, ROW("t_first_tx_s", "", "outcome", "unaffected"));
}
END_TEST

START_TEST(overtaken_by_the_next) {
  download(&w, MS(1000));
  HO_EMIT(w.log, network_down, MS(1005), 0, .net = 0, .in_use = 1,
          .t_loss = MS(1005));
  hand_off(&w, MS(1005), "disconnect", 0, 1, MS(1005), 0);
  w.net = 1;
  challenge(&w, MS(1055), HO_CLIENT, 1, 1200);
  up_sent(&w, MS(1055), 12);
  HO_EMIT(w.log, network_down, MS(1060), 0, .net = 1, .in_use = 1,
          .t_loss = MS(1060));
  w.net = 0;
  deliver(&w, MS(1100), down(&w, MS(1100), HO_NEVER, 21), 1000);
  deliver(&w, MS(1250), w.packet, 1000); /* no longer the first one's wait */
  HO_EMIT(w.log, network_up, MS(1260), 0, .net = 0);
  hand_off(&w, MS(1260), "disconnect", 1, 0, MS(1060), MS(1260));
  w.net = 0;
  w.outside = 5002;
  migrate(&w, MS(1300), 0, 15, 25);
  deliver(&w, MS(1400), w.packet, 1000);
  world_end(&w, w.scenario.stop, "stop");
  handoff_is(&w, 0,
             ROW("t_first_tx_s", "1.055000000", "t_first_rx_s", "NA",
                 "t_validated_s", "NA", "pv_result", "NA", "outcome", "NA",
                 "interruption_ms", "100.000000", "dropped_bytes", "0"));
  handoff_is(&w, 1,
             ROW("t_loss_s", "1.060000000", "t_first_tx_s", "1.300000000",
                 "outcome", "migrated"));
  run_is(&w, ROW("outcome", "app-failed", "reason",
                 "stop: client 0 had 1 of 1 requests unanswered"));
}
END_TEST

START_TEST(rebinds_faster_than_the_wire) {
  uint64_t first, second, third;

  download(&w, MS(1000));
  first = up_sent(&w, MS(1001), 11);
  hand_off(&w, MS(1002), "rebind-port", 0, 0, MS(1002), 0);
  w.outside = 6000;
  second = up_sent(&w, MS(1003), 11);
  hand_off(&w, MS(1004), "rebind-port", 0, 0, MS(1004), 0);
  w.outside = 7000;
  third = up_sent(&w, MS(1005), 11);
  up_got(&w, MS(1011), first);
  up_got(&w, MS(1013), second);
  up_got(&w, MS(1015), third);
  all_done(&w, MS(1020));
  world_end(&w, MS(1020), "done");
  handoff_is(&w, 1,
             ROW("t_first_tx_s", "1.005000000", "t_first_rx_s", "1.015000000"));
}
END_TEST

START_TEST(one_end_has_not_finished) {
  download(&w, MS(1000));
  hand_off(&w, MS(1001), "migrate", 0, 1, MS(1001), 0);
  w.net = 1;
  challenge(&w, MS(1001), HO_CLIENT, 1, 1200);
  up(&w, MS(1001), MS(1021), 12);
  challenge(&w, MS(1021), HO_SERVER, 2, 1200);
  down(&w, MS(1021), MS(1041), 22);
  response(&w, MS(1041), HO_CLIENT, 1);
  world_end(&w, w.scenario.stop, "stop");
  handoff_is(&w, 0,
             ROW("t_validated_s", "NA", "t_challenge_s", "NA", "pv_rtts", "NA",
                 "pv_result", "NA", "gap_ms", "", "outcome", "app-failed"));
}
END_TEST

/* What the old connection showed of the new tuple is not the new one's. */
START_TEST(tcp_learns_by_reset) {
  w.arm = (ho_arm){.name = "tcp-rst",
                   .transport = HO_TRANSPORT_TCP,
                   .detect = HO_DETECT_RST,
                   .on_change = HO_CHANGE_RECONNECT};
  download(&w, MS(1000));
  hand_off(&w, MS(1001), "rebind-port", 0, 0, MS(1001), 0);
  w.outside = 6000;
  up(&w, MS(1010), MS(1020), 0);
  HO_EMIT(w.log, notice, MS(1030), 0, .net = 0, .cause = "rst");
  w.connection = 1;
  w.inside = 4001;
  w.outside = 6001;
  HO_EMIT(w.log, connection_started, MS(1030), 0, .connection = 1,
          .transport = "tcp", .handshake = "full", .net = 0);
  up(&w, MS(1030), MS(1040), 0);
  HO_EMIT(w.log, handshake_done, MS(1060), 0, .connection = 1,
          .endpoint = HO_CLIENT);
  deliver(&w, MS(1080), down(&w, MS(1070), MS(1080), 0), 1000);
  all_done(&w, MS(1080));
  world_end(&w, MS(1080), "done");
  handoff_is(&w, 0,
             ROW("detection_ms", "29.000000", "t_first_tx_s", "1.030000000",
                 "t_first_rx_s", "1.040000000", "migration_latency_ms",
                 "30.000000", "gap_ms", "", "outcome", "reconnected"));
}
END_TEST

static void add(TCase *tc) {
  const TTest *const tests[] = {rebinds_faster_than_the_wire,
                                one_end_has_not_finished,
                                tcp_learns_by_reset,
                                disconnect_with_a_gap,
                                a_network_that_comes_back_is_no_handoff,
                                nothing_is_delivered_after,
                                switch_while_the_old_network_works,
                                switch_whose_old_network_never_goes,
                                rebind_of_the_port,
                                flush_that_keeps_the_port_moves_nothing,
                                undersized_rounds_and_the_second_validation,
                                quic_reconnects,
                                quic_gives_way_to_tcp,
                                tcp_reconnects,
                                tcp_that_hangs,
                                connection_dies_and_is_not_replaced,
                                there_and_back,
                                overtaken_by_the_next};
  tcase_add_checked_fixture(tc, setup, teardown);
  for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
    tcase_add_test(tc, tests[i]);
  }
}

int main(void) {
  return suite_run("meter_handoff", add);
}
