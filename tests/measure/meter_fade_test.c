/* Goal: handoffs whose t_loss is known late: a radio that faded, an X2
 * handover; and the phases that every handoff is made of. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "meter_world.h"
#include "tests/suite.h"

static world w;

static void setup(void) {
  world_init(&w);
  w.nets[0].type = HO_NET_WIFI;
  w.nets[1].type = HO_NET_LTE;
}

static void teardown(void) {
  world_free(&w);
}

static void radio(ho_time t, int net, const char *state) {
  HO_EMIT(w.log, radio, t, 0, .net = net, .state = state);
}

static void network_down(ho_time t, int net, ho_time t_loss) {
  HO_EMIT(w.log, network_down, t, 0, .net = net, .in_use = 1, .t_loss = t_loss);
}

static void stream_sent(ho_time t, uint64_t offset, uint64_t length) {
  HO_EMIT(w.log, stream_sent, t, 0, .endpoint = HO_SERVER,
          .packet = w.packet + 1, .offset = offset, .length = length);
}

static double number(size_t n, const char *column) {
  const char *text = field(&w, "handoffs.csv", n, column);
  char *end;
  double value = strtod(text, &end);

  ck_assert_msg(*end == '\0' && *text != '\0', "%s is %s", column, text);
  return value;
}

/* The phases that are not empty lead from t_loss to the first byte. */
static void phases_add_up(size_t n) {
  static const char *const phases[] = {
      "dissociation_ms", "association_ms", "address_ms",   "notice_ms",
      "reaction_ms",     "validation_ms",  "first_byte_ms"};
  double sum = 0;

  for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
    if (*field(&w, "handoffs.csv", n, phases[i]) != '\0') {
      sum += number(n, phases[i]);
    }
  }
  ck_assert_double_eq_tol(
      sum, 1e3 * (number(n, "t_first_byte_s") - number(n, "t_loss_s")), 1e-6);
}

/* Home last forwards at 1 s, which the OS sees at 2.024 s; the cell's radio is
 * associated at 2.2 s and has an address at 2.25 s. */
START_TEST(a_radio_fades) {
  uint64_t sent;

  download(&w, MS(980));
  recovery(&w, MS(985), HO_SERVER, 60000, MS(20));
  stream_sent(MS(990), 0, 800);
  down(&w, MS(990), HO_NEVER, 21); /* lost before the fade */
  deliver(&w, MS(1000), down(&w, MS(995), MS(1000), 21), 1000);
  sent = down_sent(&w, MS(1001), 21);
  recovery(&w, MS(1300), HO_SERVER, 30000, MS(25));
  HO_EMIT(w.log, packet_lost, MS(1400), 0, .endpoint = HO_SERVER,
          .type = "1rtt", .pn = w.pn[HO_SERVER] - 1);
  stream_sent(MS(1400), 0, 500);
  down(&w, MS(1400), HO_NEVER, 21);
  dropped(&w, MS(1500), sent);
  network_down(MS(2024), 0, MS(1000));
  radio(MS(2200), 1, "associated");
  HO_EMIT(w.log, network_up, MS(2250), 0, .net = 1);
  hand_off(&w, MS(2250), "radio", 0, 1, MS(1000), MS(2250));
  HO_EMIT(w.log, notice, MS(2300), 0, .net = 1, .cause = "notice");
  migrate(&w, MS(2310), 1, 12, 22);
  all_done(&w, MS(2400));
  world_end(&w, MS(2400), "done");
  handoff_is(&w, 0,
             ROW("kind", "radio", "t_loss_s", "1.000000000", "t_up_s",
                 "2.250000000", "gap_ms", "1250.000000", "detection_ms",
                 "1300.000000", "interruption_ms", "1351.000000",
                 "interruption_extra_ms", "1341.000000", "outcome",
                 "migrated"));
  handoff_is(&w, 0,
             ROW("inflight_bytes", "30000", "cwnd_before_bytes", "60000",
                 "srtt_before_ms", "20.000000", "lost_bytes", "1200",
                 "dropped_bytes", "2456", "resent_bytes", "500"));
  handoff_is(&w, 0,
             ROW("t_down_s", "2.024000000", "t_associated_s", "2.200000000",
                 "dissociation_ms", "1024.000000", "association_ms",
                 "176.000000", "address_ms", "50.000000", "notice_ms",
                 "50.000000", "reaction_ms", "10.000000", "validation_ms",
                 "61.000000", "first_byte_ms", "-20.000000"));
  phases_add_up(0);
}
END_TEST

/* The usual gap is that in the 5 s before t_loss, 10 ms but for the last ones;
 * what trickles in after it, every 20 ms, is not. */
START_TEST(the_usual_gap_is_that_before) {
  download(&w, MS(5900));
  for (ho_time t = MS(5930); t <= MS(5990); t += MS(30)) {
    deliver(&w, t, 1, 1000);
  }
  for (ho_time t = MS(6020); t <= MS(10880); t += MS(20)) {
    deliver(&w, t, 1, 1000);
  }
  network_down(MS(10900), 0, MS(6005));
  hand_off(&w, MS(10900), "radio", 0, 1, MS(6005), 0);
  deliver(&w, MS(11080), 1, 1000);
  all_done(&w, MS(11080));
  world_end(&w, MS(11080), "done");
  handoff_is(&w, 0,
             ROW("interruption_ms", "200.000000", "interruption_extra_ms",
                 "190.000000"));
}
END_TEST

/* The window of a handoff ends where the next fade began: what was counted
 * since goes over to the one that it belongs to. */
START_TEST(a_fade_ends_the_window_before) {
  uint64_t old, fresh;

  download(&w, MS(1000));
  radio(MS(1000), 0, "associated"); /* long before it is needed again */
  stream_sent(MS(1000), 0, 900);
  old = down_sent(&w, MS(1000), 21);
  hand_off(&w, MS(1001), "switch", 0, 1, MS(1001), 0);
  migrate(&w, MS(1070), 1, 12, 22);
  stream_sent(MS(1300), 0, 100);
  down(&w, MS(1300), HO_NEVER, 22);
  fresh = down_sent(&w, MS(1350), 22);
  dropped(&w, MS(1500), old);
  dropped(&w, MS(1501), fresh);
  stream_sent(MS(1600), 100, 700);
  down_sent(&w, MS(1600), 22);
  network_down(MS(2400), 1, MS(1400));
  hand_off(&w, MS(2400), "radio", 1, 0, MS(1400), 0);
  world_end(&w, MS(60000), "stop");
  handoff_is(&w, 0, ROW("dropped_bytes", "0", "resent_bytes", "100"));
  handoff_is(&w, 1,
             ROW("t_loss_s", "1.400000000", "dropped_bytes", "1228",
                 "resent_bytes", "700", "dissociation_ms", "1000.000000",
                 "association_ms", "0.000000", "t_associated_s", "",
                 "notice_ms", "NA", "reaction_ms", "NA"));
}
END_TEST

/* A client may be sooner than its operating system. */
START_TEST(silence_is_noticed_first) {
  download(&w, MS(1000));
  HO_EMIT(w.log, notice, MS(1600), 0, .net = 0, .cause = "timer");
  network_down(MS(2024), 0, MS(1000));
  hand_off(&w, MS(2024), "radio", 0, 1, MS(1000), 0);
  migrate(&w, MS(2100), 1, 12, 22);
  all_done(&w, MS(2200));
  world_end(&w, MS(2200), "done");
  handoff_is(&w, 0,
             ROW("detection_ms", "600.000000", "notice_ms", "-424.000000",
                 "reaction_ms", "500.000000"));
  phases_add_up(0);
}
END_TEST

/* It moves by itself, a moment before the operating system says why. */
START_TEST(moves_before_the_os_knows) {
  uint64_t sent;

  download(&w, MS(1000));
  recovery(&w, MS(1000), HO_SERVER, 60000, MS(20));
  sent = down_sent(&w, MS(1001), 21);
  recovery(&w, MS(1300), HO_SERVER, 30000, MS(25));
  dropped(&w, MS(1500), sent);
  hand_off(&w, MS(2000), "migrate", 0, 1, MS(2000), 0);
  HO_EMIT(w.log, notice, MS(2000), 0, .net = 1, .cause = "timer");
  w.net = 1;
  challenge(&w, MS(2000), HO_CLIENT, 1, 1200);
  up_sent(&w, MS(2000), 12);
  up_wire(&w, MS(2002), w.packet);
  network_down(MS(2024), 0, MS(1000));
  hand_off(&w, MS(2024), "radio", 0, 1, MS(1000), 0);
  migrate(&w, MS(2030), 1, 12, 22);
  all_done(&w, MS(2100));
  world_end(&w, MS(2100), "done");
  ck_assert_uint_eq(rows(&w, "handoffs.csv"), 1);
  handoff_is(&w, 0,
             ROW("kind", "radio", "t_loss_s", "1.000000000", "t_down_s",
                 "2.024000000", "detection_ms", "1000.000000", "t_first_tx_s",
                 "2.000000000", "notice_ms", "-24.000000", "interruption_ms",
                 "1071.000000", "interruption_extra_ms", "1061.000000",
                 "cwnd_before_bytes", "60000", "dropped_bytes", "1228",
                 "outcome", "migrated"));
  phases_add_up(0);
}
END_TEST

/* ---- phases of others ---- */

START_TEST(phases_that_do_not_apply) {
  w.nets[0].type = w.nets[1].type = HO_NET_WIRED;
  download(&w, MS(1000));
  network_down(MS(1005), 0, MS(1005));
  hand_off(&w, MS(1005), "disconnect", 0, 1, MS(1005), 0);
  HO_EMIT(w.log, notice, MS(1055), 0, .net = 1, .cause = "notice");
  migrate(&w, MS(1060), 1, 12, 22);
  hand_off(&w, MS(1500), "rebind-port", 1, 1, MS(1500), 0);
  w.outside = 6000;
  migrate(&w, MS(1600), 1, 12, 22);
  /* Back on a path that the server remembers. */
  hand_off(&w, MS(2000), "switch", 1, 0, MS(2000), 0);
  HO_EMIT(w.log, notice, MS(2050), 0, .net = 0, .cause = "notice");
  w.net = 0;
  w.outside = 5000;
  up(&w, MS(2051), MS(2060), 14);
  deliver(&w, MS(2070), down(&w, MS(2060), MS(2070), 22), 1000);
  all_done(&w, MS(2070));
  world_end(&w, MS(2070), "done");
  handoff_is(&w, 0,
             ROW("dissociation_ms", "0.000000", "association_ms", "",
                 "address_ms", "0.000000", "notice_ms", "50.000000",
                 "reaction_ms", "5.000000"));
  handoff_is(&w, 1,
             ROW("t_down_s", "", "dissociation_ms", "", "address_ms", "",
                 "notice_ms", "", "reaction_ms", "100.000000", "validation_ms",
                 "61.000000"));
  handoff_is(&w, 2,
             ROW("dissociation_ms", "", "address_ms", "0.000000",
                 "validation_ms", "", "first_byte_ms", "19.000000"));
  for (size_t n = 0; n < 3; n++) {
    phases_add_up(n);
  }
}
END_TEST

/* ---- X2 ---- */

START_TEST(x2_moves_nothing) {
  uint64_t n;

  w.nets[0].type = HO_NET_LTE;
  download(&w, MS(1000));
  radio(MS(1001), 0, "handover-start");
  n = down_sent(&w, MS(1003), 21);
  dropped(&w, MS(1010), n);
  radio(MS(1021), 0, "handover-done");
  hand_off(&w, MS(1021), "x2", 0, 0, MS(1001), MS(1021));
  up(&w, MS(1025), MS(1030), 11);
  deliver(&w, MS(1040), down(&w, MS(1030), MS(1040), 21), 1000);
  down(&w, MS(1100), HO_NEVER, 21); /* no longer its doing */
  hand_off(&w, MS(1330), "x2", 0, 0, MS(1310), MS(1330));
  deliver(&w, MS(1340), down(&w, MS(1335), MS(1340), 21), 1000);
  all_done(&w, MS(1340));
  world_end(&w, MS(1340), "done");
  handoff_is(&w, 0,
             ROW("kind", "x2", "from", "home", "to", "home", "t_loss_s",
                 "1.001000000", "t_up_s", "1.021000000", "gap_ms", "20.000000",
                 "t_notice_s", "", "t_first_tx_s", "", "interruption_ms",
                 "300.000000", "dropped_bytes", "1228", "t90_ms", "",
                 "dissociation_ms", "", "outcome", "unaffected"));
  handoff_is(&w, 1, ROW("gap_ms", "20.000000", "outcome", "unaffected"));
  run_is(&w, ROW("outcome", "completed", "handoffs", "2"));
}
END_TEST

/* Nothing had been sent, so that there is no tuple to compare with; and a
 * connection that is lost much later is not the handover's. */
START_TEST(x2_takes_no_blame) {
  w.nets[0].type = HO_NET_LTE;
  world_begin(&w);
  HO_EMIT(w.log, request_issued, 0, 0, .what = "download", .bytes = 1000000);
  hand_off(&w, MS(30), "x2", 0, 0, MS(10), MS(30));
  up(&w, MS(40), MS(45), 11);
  HO_EMIT(w.log, handshake_done, MS(50), 0, .endpoint = HO_CLIENT);
  deliver(&w, MS(60), down(&w, MS(50), MS(60), 21), 1000);
  w.connection = 1;
  w.inside = 4001;
  HO_EMIT(w.log, connection_started, MS(40000), 0, .connection = 1,
          .transport = "quic", .handshake = "full", .net = 0);
  up(&w, MS(40000), MS(40010), 13);
  HO_EMIT(w.log, handshake_done, MS(40020), 0, .connection = 1,
          .endpoint = HO_CLIENT);
  all_done(&w, MS(40100));
  world_end(&w, MS(40100), "done");
  handoff_is(&w, 0, ROW("t_first_tx_s", "", "outcome", "unaffected"));
  run_is(&w, ROW("outcome", "reconnected"));
}
END_TEST

/* ---- pv_rtts without a configured delay ---- */

START_TEST(quickest_packets_of_a_radio) {
  download(&w, MS(1000));
  network_down(MS(1005), 0, MS(1005));
  hand_off(&w, MS(1005), "disconnect", 0, 1, MS(1005), 0);
  migrate(&w, MS(1060), 1, 12, 22);
  up(&w, MS(1500), MS(1505), 12);
  down(&w, MS(1510), MS(1517), 22);
  all_done(&w, MS(1600));
  world_end(&w, MS(1600), "done");
  /* 41 ms over 5 + 7 ms */
  handoff_is(&w, 0, ROW("pv_rtts", "3.416667"));
}
END_TEST

/* The server is 2.5 ms away each way; down the recording says 20 ms at its
 * best, up it has no delay of its own. */
START_TEST(quickest_row_of_a_trace) {
  ho_trace_row down_rows[] = {{.at = 0, .bps = 8000000, .delay = MS(30)},
                              {.at = MS(10), .bps = 8000000, .delay = MS(20)}};
  ho_trace_row up_rows[] = {{.at = 0}};

  w.nets[1].type = HO_NET_TRACE;
  w.nets[1].trace_down = (ho_trace){
      .file = "down.csv", .rows = down_rows, .count = 2, .period = MS(20)};
  w.nets[1].trace_up = (ho_trace){.file = "up",
                                  .opportunities = true,
                                  .rows = up_rows,
                                  .count = 1,
                                  .period = MS(1)};
  w.nets[1].wired.delay = MS(10);
  w.scenario.server.delay = 2500 * HO_USEC;
  download(&w, MS(1000));
  hand_off(&w, MS(1001), "switch", 0, 1, MS(1001), 0);
  migrate(&w, MS(1060), 1, 12, 22);
  all_done(&w, MS(1600));
  world_end(&w, MS(1600), "done");
  /* 41 ms over 20 + 10 + 5 ms */
  handoff_is(&w, 0, ROW("pv_rtts", "1.171429"));
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, a_radio_fades);
  tcase_add_test(tc, the_usual_gap_is_that_before);
  tcase_add_test(tc, a_fade_ends_the_window_before);
  tcase_add_test(tc, silence_is_noticed_first);
  tcase_add_test(tc, moves_before_the_os_knows);
  tcase_add_test(tc, phases_that_do_not_apply);
  tcase_add_test(tc, x2_moves_nothing);
  tcase_add_test(tc, x2_takes_no_blame);
  tcase_add_test(tc, quickest_packets_of_a_radio);
  tcase_add_test(tc, quickest_row_of_a_trace);
}

int main(void) {
  return suite_run("meter_fade", add);
}
