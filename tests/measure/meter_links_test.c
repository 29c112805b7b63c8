/* Goal: which connection IDs tie tuples together, for how long and by what, on
 * hand-written events. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "meter_world.h"
#include "tests/suite.h"

static world w;

#define HOME  "198.51.100.1:5000>192.0.2.1:443"
#define MOVED "198.51.100.1:6000>192.0.2.1:443"
#define CELL  "198.51.101.1:5000>192.0.2.1:443"

static void setup(void) {
  world_init(&w);
}

static void teardown(void) {
  world_free(&w);
}

static void link_is(size_t n, const char *const *pairs) {
  row_is(&w, "cid_links.csv", n, pairs);
}

static void issue(ho_time t, ho_side side, uint64_t sequence, uint8_t cid) {
  HO_EMIT(w.log, cid_issued, t, 0, .endpoint = side, .sequence = sequence,
          .cid = {1, {cid}});
}

/* ---- nothing to find ---- */

START_TEST(fresh_cids_tie_nothing) {
  download(&w, MS(1000));
  hand_off(&w, MS(1001), "switch", 0, 1, MS(1001), 0);
  migrate(&w, MS(1070), 1, 12, 22);
  all_done(&w, MS(1500));
  world_end(&w, MS(1500), "done");
  ck_assert_uint_eq(rows(&w, "cid_links.csv"), 0);
  handoff_is(
      &w, 0,
      ROW("cid_reused_up", "0", "cid_reused_down", "0", "link_window_ms", ""));
}
END_TEST

START_TEST(empty_cids_tie_nothing) {
  world_begin(&w);
  up(&w, MS(1), MS(2), 0);
  down(&w, MS(3), MS(4), 0);
  hand_off(&w, MS(5), "rebind-port", 0, 0, MS(5), 0);
  w.outside = 6000;
  up(&w, MS(6), MS(7), 0);
  down(&w, MS(8), MS(9), 0);
  world_end(&w, MS(10), "done");
  ck_assert_uint_eq(rows(&w, "cid_links.csv"), 0);
  handoff_is(&w, 0, ROW("cid_reused_up", "", "link_window_ms", ""));
}
END_TEST

/* ---- one CID, two tuples ---- */

/* The client has no part in it; the server learns of it by and by. */
START_TEST(rebind) {
  uint64_t n;

  world_begin(&w);
  issue(0, HO_SERVER, 3, 11);
  issue(0, HO_CLIENT, 4, 21);
  up(&w, MS(1), MS(2), 11);
  down(&w, MS(3), MS(4), 21);
  hand_off(&w, MS(5), "rebind-port", 0, 0, MS(5), 0);
  w.outside = 6000;
  frame(&w, MS(10), HO_CLIENT, true, false, 1, 1200, w.packet + 1);
  n = up_sent(&w, MS(10), 11);
  up_got(&w, MS(20), n);
  challenge(&w, MS(21), HO_SERVER, 5, 1200);
  down(&w, MS(21), MS(24), 21);
  w.outside = 5000;
  challenge(&w, MS(25), HO_SERVER, 6, 1200);
  down(&w, MS(25), HO_NEVER, 21);
  w.outside = 6000;
  down(&w, MS(40), MS(50), 21);
  world_end(&w, MS(60), "done");
  ck_assert_uint_eq(rows(&w, "cid_links.csv"), 2);
  link_is(0, ROW("issuer", "client", "sequence", "4", "cid", "15", "direction",
                 "down", "tuple", HOME, "tuple_next", MOVED, "t_first_s",
                 "0.003000000", "t_next_s", "0.021000000", "t_last_s",
                 "0.025000000", "t_next_last_s", "0.040000000", "window_ms",
                 "4.000000", "packets", "2", "cause", "PATH_CHALLENGE",
                 "packet", "4"));
  link_is(1, ROW("issuer", "server", "sequence", "3", "cid", "0b", "direction",
                 "up", "tuple", HOME, "tuple_next", MOVED, "t_first_s",
                 "0.002000000", "t_next_s", "0.020000000", "t_last_s",
                 "0.002000000", "t_next_last_s", "0.020000000", "window_ms",
                 "0.000000", "packets", "1", "cause", "rebind-port", "packet",
                 "3"));
  handoff_is(&w, 0,
             ROW("cid_reused_up", "1", "cid_reused_down", "1", "link_window_ms",
                 "4.000000"));
}
END_TEST

/* One after the other is a link, but no time. */
START_TEST(never_at_once) {
  world_begin(&w);
  up(&w, MS(1), MS(2), 11);
  hand_off(&w, MS(5), "rebind-port", 0, 0, MS(5), 0);
  w.outside = 6000;
  up(&w, MS(10), MS(20), 11);
  world_end(&w, MS(60), "done");
  /* Nobody has issued it. */
  link_is(0, ROW("issuer", "", "sequence", "", "cid", "0b", "direction", "up"));
  handoff_is(&w, 0, ROW("cid_reused_up", "1", "link_window_ms", "0.000000"));
}
END_TEST

/* ---- causes ---- */

START_TEST(the_client_moves_and_keeps_its_cid) {
  world_begin(&w);
  up(&w, MS(1), MS(2), 11);
  down(&w, MS(3), MS(4), 21);
  hand_off(&w, MS(5), "switch", 0, 1, MS(5), 0);
  w.net = 1;
  up(&w, MS(10), MS(20), 11);
  down(&w, MS(21), MS(30), 21);
  world_end(&w, MS(60), "done");
  link_is(0, ROW("direction", "down", "tuple_next", CELL, "cause", "switch"));
  link_is(1, ROW("direction", "up", "tuple_next", CELL, "cause", "switch"));
}
END_TEST

START_TEST(the_client_probes_with_the_cid_in_use) {
  world_begin(&w);
  up(&w, MS(1), MS(2), 11);
  hand_off(&w, MS(5), "switch", 0, 1, MS(5), 0);
  w.net = 1;
  challenge(&w, MS(10), HO_CLIENT, 1, 1200);
  frame(&w, MS(10), HO_CLIENT, true, false, 2, 1200, w.packet + 1);
  up(&w, MS(10), MS(20), 11);
  world_end(&w, MS(60), "done");
  link_is(0, ROW("cause", "PATH_CHALLENGE"));
}
END_TEST

START_TEST(the_client_answers_elsewhere) {
  world_begin(&w);
  up(&w, MS(1), MS(2), 11);
  w.net = 1;
  frame(&w, MS(10), HO_CLIENT, true, false, 2, 1200, w.packet + 1);
  up(&w, MS(10), MS(20), 11);
  world_end(&w, MS(60), "done");
  link_is(0, ROW("cause", "PATH_RESPONSE"));
}
END_TEST

/* What the server still sends to a tuple that the client has left does not
 * follow any move, though one led there. */
START_TEST(late_data_to_a_tuple_that_was_left) {
  world_begin(&w);
  up(&w, MS(1), MS(2), 11);
  hand_off(&w, MS(5), "rebind-port", 0, 0, MS(5), 0);
  w.outside = 6000;
  up(&w, MS(10), MS(20), 11);
  hand_off(&w, MS(25), "switch", 0, 1, MS(25), 0);
  w.net = 1;
  w.outside = 5000;
  up(&w, MS(30), MS(40), 12);
  down(&w, MS(41), MS(42), 22);
  w.net = 0;
  w.outside = 6000;
  down(&w, MS(42), HO_NEVER, 22);
  world_end(&w, MS(60), "done");
  link_is(0, ROW("direction", "down", "tuple", CELL, "tuple_next", MOVED,
                 "cause", "data"));
}
END_TEST

START_TEST(an_attackers_packets_do_not_count) {
  uint64_t n;

  world_begin(&w);
  n = up_sent(&w, MS(1), 11);
  w.outside = 6000;
  HO_EMIT(w.log, meddled, MS(1), 0, .packet = n, .what = "rule-delay");
  up_got(&w, MS(2), n);
  w.outside = 7000;
  n = up_sent(&w, MS(3), 11);
  HO_EMIT(w.log, meddled, MS(3), 0, .packet = n, .what = "storm");
  up_got(&w, MS(4), n);
  world_end(&w, MS(60), "done");
  ck_assert_uint_eq(rows(&w, "cid_links.csv"), 0);
}
END_TEST

START_TEST(an_attacker_was_there_first) {
  uint64_t n;

  world_begin(&w);
  w.outside = 6000;
  n = up_sent(&w, MS(1), 11);
  HO_EMIT(w.log, meddled, MS(1), 0, .packet = n, .what = "storm");
  up_got(&w, MS(2), n);
  w.outside = 5000;
  up(&w, MS(3), MS(4), 11);
  w.outside = 6000;
  up(&w, MS(5), MS(6), 11);
  world_end(&w, MS(60), "done");
  link_is(0, ROW("tuple", HOME, "tuple_next", MOVED, "t_next_s", "0.006000000",
                 "packets", "1"));
}
END_TEST

/* ---- coming back ---- */

/* On each visit the CIDs count from then on; what lies behind the next handoff
 * is that one's. */
START_TEST(there_and_back) {
  world_begin(&w);
  up(&w, MS(1), MS(2), 11);
  down(&w, MS(3), MS(4), 21);
  hand_off(&w, MS(10), "switch", 0, 1, MS(10), 0);
  w.net = 1;
  up(&w, MS(20), MS(21), 11);
  hand_off(&w, MS(30), "switch", 1, 0, MS(30), 0);
  w.net = 0;
  up(&w, MS(40), MS(41), 11);
  w.net = 1;
  up(&w, MS(48), MS(49), 11);
  w.net = 0;
  up(&w, MS(50), MS(51), 11);
  world_end(&w, MS(60), "done");
  handoff_is(&w, 0, ROW("cid_reused_up", "1", "link_window_ms", "0.000000"));
  handoff_is(&w, 1,
             ROW("cid_reused_up", "1", "cid_reused_down", "0", "link_window_ms",
                 "8.000000"));
  link_is(0, ROW("t_first_s", "0.002000000", "t_last_s", "0.051000000",
                 "t_next_s", "0.021000000", "t_next_last_s", "0.049000000",
                 "window_ms", "28.000000"));
}
END_TEST

/* The tuple was known with that CID from an earlier visit, but not now. */
START_TEST(back_with_another_cid) {
  world_begin(&w);
  up(&w, MS(1), MS(2), 11);
  hand_off(&w, MS(10), "switch", 0, 1, MS(10), 0);
  w.net = 1;
  up(&w, MS(20), MS(21), 11);
  hand_off(&w, MS(30), "switch", 1, 0, MS(30), 0);
  w.net = 0;
  up(&w, MS(40), MS(41), 12);
  hand_off(&w, MS(50), "switch", 0, 1, MS(50), 0);
  w.net = 1;
  up(&w, MS(55), MS(56), 11);
  world_end(&w, MS(60), "done");
  handoff_is(&w, 1, ROW("cid_reused_up", "0", "link_window_ms", ""));
  handoff_is(&w, 2, ROW("cid_reused_up", "1", "link_window_ms", "0.000000"));
}
END_TEST

/* What was fresh for the new path goes to the old one too. */
START_TEST(new_path_first) {
  world_begin(&w);
  up(&w, MS(1), MS(2), 11);
  hand_off(&w, MS(10), "switch", 0, 1, MS(10), 0);
  w.net = 1;
  up(&w, MS(20), MS(21), 12);
  down(&w, MS(22), MS(23), 22);
  w.net = 0;
  challenge(&w, MS(32), HO_SERVER, 1, 1200);
  down(&w, MS(32), HO_NEVER, 22);
  w.net = 1;
  down(&w, MS(34), MS(34), 22);
  w.net = 0;
  down(&w, MS(37), HO_NEVER, 22);
  w.net = 1;
  down(&w, MS(40), MS(42), 22);
  world_end(&w, MS(60), "done");
  handoff_is(&w, 0, ROW("cid_reused_down", "1", "link_window_ms", "5.000000"));
  link_is(0, ROW("direction", "down", "tuple", CELL, "tuple_next", HOME,
                 "window_ms", "5.000000", "cause", "PATH_CHALLENGE"));
}
END_TEST

/* The fade of the next handoff is known only later. */
START_TEST(until_the_next_loss) {
  world_begin(&w);
  up(&w, MS(1), MS(2), 11);
  down(&w, MS(3), MS(4), 21);
  hand_off(&w, MS(10), "switch", 0, 1, MS(10), 0);
  w.net = 1;
  up(&w, MS(20), MS(20), 11);
  w.net = 0;
  up(&w, MS(48), MS(49), 11);
  w.net = 1;
  up(&w, MS(50), MS(50), 11);
  hand_off(&w, MS(60), "radio", 1, 0, MS(45), MS(60));
  world_end(&w, MS(70), "done");
  handoff_is(&w, 0, ROW("link_window_ms", "25.000000"));
}
END_TEST

/* A mapping's end may be known only long after its window. */
START_TEST(nat_timeout_long_ago) {
  world_begin(&w);
  up(&w, MS(1), MS(2), 11);
  hand_off(&w, MS(50000), "nat-timeout", 0, 0, MS(5000), 0);
  w.outside = 6000;
  up(&w, MS(50000), MS(50010), 11);
  world_end(&w, MS(50060), "done");
  handoff_is(&w, 0, ROW("cid_reused_up", "1", "link_window_ms", "0.000000"));
  link_is(0, ROW("cause", "nat-timeout"));
}
END_TEST

/* ---- vantage points ---- */

static void cid_is(size_t n, uint8_t cid, const char *vantages) {
  char text[3];

  snprintf(text, sizeof(text), "%02x", cid);
  row_is(&w, "cids.csv", n, ROW("cid", text, "vantages", vantages));
}

/* One CID for each fate of a packet. */
static void fates(void) {
  uint64_t n;

  w.scenario.clients = 1;
  world_begin(&w);
  for (uint8_t i = 0; i < 8; i++) {
    issue(0, i < 3 ? HO_CLIENT : HO_SERVER, i, 10 + i);
  }
  down(&w, MS(1), HO_NEVER, 10); /* lost in the access network */
  n = down_sent(&w, MS(2), 11);
  HO_EMIT(w.log, packet_dropped, MS(2), 0, .packet = n, .direction = "down",
          .reason = "rule", .bytes = 1228);
  n = down_sent(&w, MS(3), 12);
  HO_EMIT(w.log, packet_dropped, MS(4), 0, .packet = n, .direction = "down",
          .reason = "rule", .bytes = 1228); /* at the client's end */
  up(&w, MS(5), MS(6), 13);
  n = up_sent(&w, MS(7), 14);
  up_wire(&w, MS(8), n); /* no more */
  up(&w, MS(9), HO_NEVER, 15);
  w.net = 1;
  up(&w, MS(10), MS(11), 16);
  world_end(&w, MS(20), "done");
}

START_TEST(five_vantages) {
  w.scenario.observers = (1u << HO_VANTAGE_COUNT) - 1;
  fates();
  cid_is(0, 10, "old both server all");
  cid_is(1, 11, "server all");
  cid_is(2, 12, "old both server all");
  cid_is(3, 13, "old both server all");
  cid_is(4, 14, "old both all");
  cid_is(5, 15, "");
  cid_is(6, 16, "new both server all");
  cid_is(7, 17, ""); /* never used */
}
END_TEST

START_TEST(one_vantage) {
  w.scenario.observers = 1u << HO_VANTAGE_NEW;
  fates();
  cid_is(3, 13, "");
  cid_is(6, 16, "new");
}
END_TEST

START_TEST(no_vantage) {
  fates();
  cid_is(6, 16, "");
}
END_TEST

static void add(TCase *tc) {
  const TTest *const tests[] = {fresh_cids_tie_nothing,
                                empty_cids_tie_nothing,
                                rebind,
                                never_at_once,
                                the_client_moves_and_keeps_its_cid,
                                the_client_probes_with_the_cid_in_use,
                                the_client_answers_elsewhere,
                                late_data_to_a_tuple_that_was_left,
                                an_attackers_packets_do_not_count,
                                an_attacker_was_there_first,
                                there_and_back,
                                back_with_another_cid,
                                new_path_first,
                                until_the_next_loss,
                                nat_timeout_long_ago,
                                five_vantages,
                                one_vantage,
                                no_vantage};
  tcase_add_checked_fixture(tc, setup, teardown);
  for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
    tcase_add_test(tc, tests[i]);
  }
}

int main(void) {
  return suite_run("meter_links", add);
}
