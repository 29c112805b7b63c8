/* Goal: what a path could have carried: at a rate, as recorded, at the place
 * where the client was. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "measure/meter_state.h"
#include "meter_world.h"
#include "tests/suite.h"

static ho_net_config net;
static ho_action moves[3];
static ho_scenario scenario;
static ho_meter m;
static ho_meter_client c;

static void setup(void) {
  net = (ho_net_config){.name = "n"};
  net.wired =
      (ho_wired){.down_bps = 8000000, .up_bps = 1000000, .delay = MS(20)};
  scenario = (ho_scenario){.nets = &net, .nets_count = 1, .timeline = moves};
  m = (ho_meter){.nets = &net};
  m.config.scenario = &scenario;
  c = (ho_meter_client){.index = 0, .sender = HO_SERVER};
}

static uint64_t bytes(ho_time from, ho_time length) {
  uint64_t value;

  ck_assert(ho_meter_capacity(&m, &c, 0, from, length, &value));
  return value;
}

START_TEST(at_a_rate) {
  ck_assert_uint_eq(bytes(MS(1000), MS(200)), 200000);
  c.sender = HO_CLIENT;
  ck_assert_uint_eq(bytes(MS(1000), MS(200)), 25000);
}
END_TEST

/* 8 Mbit/s for 500 ms, then 4 Mbit/s for as long, 10 and 20 ms away. */
START_TEST(as_recorded) {
  ho_trace_row rows[] = {{0, 8000000, MS(10), 0},
                         {MS(500), 4000000, MS(20), 0}};

  net.type = HO_NET_TRACE;
  net.trace_down =
      (ho_trace){.file = "f", .rows = rows, .count = 2, .period = MS(1000)};
  ck_assert_uint_eq(bytes(MS(110), MS(200)), 200000);
  ck_assert_uint_eq(bytes(MS(410), MS(200)), 150000);
  ck_assert_uint_eq(bytes(MS(620), MS(200)), 100000);
  /* 900 to 1100 ms, over the end of the recording */
  ck_assert_uint_eq(bytes(MS(920), MS(200)), 150000);
  /* 5900 to 8900 ms: three laps */
  ck_assert_uint_eq(bytes(MS(5920), MS(3000)), 2250000);
  /* Nothing departs before the beginning. */
  ck_assert_uint_eq(bytes(MS(5), MS(200)), 200000);
  /* Up, the server is 5 ms beyond the link. */
  c.sender = HO_CLIENT;
  net.trace_up = net.trace_down;
  scenario.server.delay = MS(5);
  ck_assert_uint_eq(bytes(MS(415), MS(200)), 150000);
}
END_TEST

/* 0, 10, 10, 50 ms of every 100 ms. */
START_TEST(opportunities) {
  ho_trace_row rows[] = {{0}, {MS(10)}, {MS(10)}, {MS(50)}};

  net.type = HO_NET_TRACE;
  net.wired.delay = MS(5);
  net.trace_down = (ho_trace){.file = "f",
                              .opportunities = true,
                              .rows = rows,
                              .count = 4,
                              .period = MS(100)};
  ck_assert_uint_eq(bytes(MS(1005), MS(200)), 8 * 1500);
  ck_assert_uint_eq(bytes(MS(1016), MS(50)), 1500);
  ck_assert_uint_eq(bytes(MS(1065), MS(50)), 3 * 0 + 1500);
  ck_assert_uint_eq(bytes(MS(1066), MS(30)), 0);
  ck_assert_uint_eq(bytes(MS(1014), MS(2)), 3000);
}
END_TEST

/* Client 0 leaves 0,0 at 1 s for 20,0 m at 1 m/s; at 8 s, at 7,0, it goes back
 * at 7 m/s.  The rate changes half way between two places, at 5 m. */
START_TEST(where_the_client_is) {
  static const ho_capacity_place places[] = {
      {0, {0, 0}, 50000000, 5000000},
      {0, {10000, 0}, 20000000, 2000000},
      {1, {5000, 0}, 1000, 1000},
  };
  static const ho_capacity capacity = {places, 3};

  moves[0] = (ho_action){.at = MS(1000),
                         .kind = HO_ACT_MOVE,
                         .client = -1,
                         .to = {20000, 0},
                         .mm_per_s = 1000};
  moves[1] = (ho_action){.at = MS(2000),
                         .kind = HO_ACT_MOVE,
                         .client = 1,
                         .to = {20000, 0},
                         .mm_per_s = 100000};
  moves[2] = (ho_action){
      .at = MS(8000), .kind = HO_ACT_MOVE, .client = 0, .mm_per_s = 7000};
  scenario.timeline_count = 3;
  net.type = HO_NET_WIFI;
  net.wired.down_bps = 30000000;
  net.wired.up_bps = 30000000;
  m.config.capacity = &capacity;
  ck_assert_uint_eq(bytes(0, MS(200)), 750000); /* the backhaul's */
  ck_assert_uint_eq(bytes(MS(5900), MS(200)), 750000);
  ck_assert_uint_eq(bytes(MS(6100), MS(200)), 500000);
  ck_assert_uint_eq(bytes(MS(8200), MS(200)), 500000); /* 5.6 m */
  ck_assert_uint_eq(bytes(MS(8400), MS(200)), 750000); /* 4.2 m */
  ck_assert_uint_eq(bytes(MS(20000), MS(200)), 750000);
  c.sender = HO_CLIENT;
  ck_assert_uint_eq(bytes(MS(20000), MS(200)), 125000);
}
END_TEST

/* Of two groups, only the second one's clients walk when all do. */
START_TEST(who_stays_has_not_walked) {
  static const ho_capacity_place places[] = {{0, {0, 0}, 8000000, 1000},
                                             {0, {9000, 0}, 4000000, 1000}};
  static const ho_capacity capacity = {places, 2};
  ho_group groups[] = {{.clients = 1}, {.clients = 1, .moves = true}};

  moves[0] = (ho_action){
      .kind = HO_ACT_MOVE, .client = -1, .to = {9000, 0}, .mm_per_s = 1000000};
  scenario.timeline_count = 1;
  scenario.groups = groups;
  scenario.groups_count = 2;
  net.type = HO_NET_WIFI;
  m.config.capacity = &capacity;
  ck_assert_uint_eq(bytes(MS(1000), MS(200)), 200000);
  c = (ho_meter_client){.index = 1, .sender = HO_SERVER};
  ck_assert_uint_eq(bytes(MS(1000), MS(200)), 100000);
}
END_TEST

START_TEST(where_nobody_measured) {
  static const ho_capacity_place place = {1, {0, 0}, 1000, 1000};
  static const ho_capacity capacity = {&place, 1};
  uint64_t value;

  net.type = HO_NET_LTE;
  ck_assert(!ho_meter_capacity(&m, &c, 0, 0, MS(200), &value));
  m.config.capacity = &capacity;
  ck_assert(!ho_meter_capacity(&m, &c, 0, 0, MS(200), &value));
}
END_TEST

/* ---- in a row ---- */

/* The recording of the cell has nothing from 1.2 to 1.4 s, which counts neither
 * way; 150 packets of 1228 bytes are 92 % of a bin. */
static void recover_on(ho_net_type type) {
  static const int per_bin[] = {150, 0, 150, 150, 150, 150};
  ho_trace_row rows[] = {
      {0, 8000000, 0, 0}, {MS(1200), 0, 0, 0}, {MS(1400), 8000000, 0, 0}};
  world w;

  world_init(&w);
  w.nets[1].type = type;
  if (type == HO_NET_TRACE) {
    w.nets[1].trace_down =
        (ho_trace){.file = "f", .rows = rows, .count = 3, .period = MS(9000)};
  }
  download(&w, MS(1000));
  HO_EMIT(w.log, network_down, MS(1000), 0, .net = 0, .in_use = 1,
          .t_loss = MS(1000));
  hand_off(&w, MS(1000), "disconnect", 0, 1, MS(1000), 0);
  w.net = 1;
  up(&w, MS(1001), MS(1002), 12);
  for (size_t bin = 0; bin < sizeof(per_bin) / sizeof(per_bin[0]); bin++) {
    for (int i = 0; i < per_bin[bin]; i++) {
      ho_time t = MS(1010 + 200 * bin) + (ho_time)i * HO_MSEC;

      down(&w, t, t, 22);
    }
  }
  all_done(&w, MS(2300));
  world_end(&w, MS(2300), "done");
  if (type == HO_NET_TRACE) {
    handoff_is(&w, 0, ROW("t90_ms", "0.000000", "deficit_bytes", "0"));
  } else {
    handoff_is(&w, 0, ROW("t90_ms", "NA", "deficit_bytes", "NA"));
  }
  world_free(&w);
}

START_TEST(a_hole_in_a_recording) {
  recover_on(HO_NET_TRACE);
}
END_TEST

START_TEST(a_radio_that_nobody_measured) {
  recover_on(HO_NET_WIFI);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, NULL);
  tcase_add_test(tc, at_a_rate);
  tcase_add_test(tc, as_recorded);
  tcase_add_test(tc, opportunities);
  tcase_add_test(tc, where_the_client_is);
  tcase_add_test(tc, who_stays_has_not_walked);
  tcase_add_test(tc, where_nobody_measured);
  tcase_add_test(tc, a_hole_in_a_recording);
  tcase_add_test(tc, a_radio_that_nobody_measured);
}

int main(void) {
  return suite_run("meter_capacity", add);
}
