/* Goal: a Wi-Fi radio carries what 802.11 would, says when it is lost and
 * found, and every packet comes back once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/wait.h>
#include <unistd.h>

#include "tests/ns3/wifi_rig.h"
#include "tests/suite.h"

/* Of the case that runs; what is 0 stays as it is. */
static ho_wifi_setup changes = {.standard = HO_80211AC};

static void change(ho_wifi_setup *setup) {
  setup->index = changes.index;
  setup->standard = changes.standard;
  setup->width_mhz = changes.width_mhz ? changes.width_mhz : setup->width_mhz;
  if (changes.queue_packets || changes.queue_bytes) {
    setup->queue_packets = changes.queue_packets;
    setup->queue_bytes = changes.queue_bytes;
  }
}

/* Each test has its own process, so its own simulator. */
static rig *start(size_t stations, double x) {
  ho_ns_start(1);
  return rig_new(stations, x, change);
}

static void end(rig *r) {
  rig_end(r);
  ho_ns_end();
}

/* The bits that a data field carries in a second: subcarriers x bits x coding
 * / symbol time, one stream.  What is left after preambles, contention and
 * block acknowledgements is 60 to 95 % with aggregates of 64 KB at most. */
static const struct {
  ho_80211 standard;
  unsigned width_mhz;
  double x, phy_mbps; /* of the best rate at that place */
  double lo, hi;      /* Mbit/s expected; RADIOS' table within 5 % */
} rates[] = {
    {HO_80211N, 20, 5, 65, 57, 63},       {HO_80211N, 40, 5, 135, 105, 130},
    {HO_80211AC, 20, 5, 78, 66, 76},      {HO_80211AC, 40, 5, 180, 140, 175},
    {HO_80211AC, 80, 5, 390, 312, 344},   {HO_80211AC, 80, 22, 0, 152, 168},
    {HO_80211AC, 80, 44, 0, 78, 86},      {HO_80211AC, 160, 5, 780, 380, 700},
    {HO_80211AX, 20, 5, 143.4, 100, 136}, {HO_80211AX, 40, 5, 286.8, 190, 272},
    {HO_80211AX, 80, 5, 600.5, 380, 570}, {HO_80211AX, 160, 5, 1201, 500, 1100},
};

START_TEST(a_saturating_flow_gets_what_the_air_has) {
  uint64_t before;
  double down, up;

  changes.standard = rates[_i].standard;
  changes.width_mhz = rates[_i].width_mhz;
  rig *r = start(1, rates[_i].x);
  ho_ns_run(MS(200));
  r->lanes[0][true].window = 900;
  ho_ns_run(MS(500));
  before = r->lanes[0][true].arrived;
  ho_ns_run(MS(1000));
  down = rig_rate(r, 0, true, before, MS(500));
  r->lanes[0][true].window = 0;
  ho_ns_run(MS(1200));
  r->lanes[0][false].window = 900;
  ho_ns_run(MS(1500));
  before = r->lanes[0][false].arrived;
  ho_ns_run(MS(2000));
  up = rig_rate(r, 0, false, before, MS(500));
  ck_assert_double_ge(down, rates[_i].lo);
  ck_assert_double_le(down, rates[_i].hi);
  ck_assert_double_ge(up, rates[_i].lo);
  ck_assert_double_le(up, rates[_i].hi);
  if (rates[_i].phy_mbps > 0) {
    ck_assert_double_lt(down, rates[_i].phy_mbps);
  }
  end(r);
}
END_TEST

START_TEST(a_full_queue_loses_what_comes_late) {
  static const struct {
    unsigned packets;
    uint64_t bytes;
    uint64_t through; /* of 300 at once; each takes 1538 bytes */
  } queues[] = {{100, 0, 100}, {0, 154000, 100}, {0, 1, 1}};
  rig *rigs[COUNT(queues)];

  for (size_t i = 0; i < COUNT(queues); i++) {
    changes.queue_packets = queues[i].packets;
    changes.queue_bytes = queues[i].bytes;
    changes.index = (unsigned)i;
    rig *r = rigs[i] = i == 0 ? start(1, 5) : rig_new(1, 5, change);
    ho_ns_run(ho_ns_now() + MS(300));
    r->lanes[0][true].window = 300;
    ho_ns_run(ho_ns_now() + MS(1) / 2);
    r->lanes[0][true].window = 0;
    ho_ns_run(ho_ns_now() + MS(100));
    ck_assert_uint_eq(r->lanes[0][true].sent, 300);
    ck_assert_msg(r->lanes[0][true].arrived + r->lanes[0][true].lost ==
                      r->lanes[0][true].sent,
                  "queue %zu: %ju arrived, %ju lost", i,
                  (uintmax_t)r->lanes[0][true].arrived,
                  (uintmax_t)r->lanes[0][true].lost);
    ck_assert_uint_eq(r->lanes[0][true].arrived, queues[i].through);
  }
  for (size_t i = 0; i < COUNT(queues); i++) {
    rig_end(rigs[i]);
  }
  ho_ns_end();
}
END_TEST

static void load(rig *r, unsigned window) {
  for (unsigned i = 0; i < r->stations; i++) {
    r->lanes[i][false].window = r->lanes[i][true].window = window;
  }
}

/* Packets gone both ways between now and |later|. */
static uint64_t flow(rig *r, ho_time later) {
  uint64_t up = r->lanes[0][false].arrived, down = r->lanes[0][true].arrived;

  ho_ns_run(ho_ns_now() + later);
  up = r->lanes[0][false].arrived - up;
  down = r->lanes[0][true].arrived - down;
  return up < down ? up : down;
}

START_TEST(walking_out_of_range_and_back) {
  static const double speeds[] = {1000, 20, 7};
  ho_time faded, heard;
  rig *r = start(1, 5);
  double speed = speeds[_i];

  load(r, 300);
  ho_ns_run(MS(500));
  ho_radio_walk(r->radio, 0, (ho_place_m){80, 0}, speed);
  while (rig_change_after(r, 0, HO_RADIO_FADED, 0) == HO_NEVER &&
         ho_ns_now() < MS(20000)) {
    ho_ns_run(ho_ns_now() + MS(10));
  }
  faded = rig_change_after(r, 0, HO_RADIO_FADED, 0);
  heard = ho_radio_heard(r->radio, 0);
  ck_assert_uint_ne(faded, HO_NEVER);
  /* The last beacon is never later than what was heard last. */
  ck_assert_uint_le(faded - heard, MS(1024));
  ck_assert_uint_ge(faded - heard, MS(850));
  ck_assert(!ho_radio_is_associated(r->radio, 0));
  ck_assert_uint_eq(flow(r, MS(2000)), 0);
  ck_assert_uint_eq(r->changes_count, 4); /* SEARCHING ... FADED SEARCHING */
  ck_assert_int_eq(r->changes[3].state, HO_RADIO_SEARCHING);

  ho_radio_walk(r->radio, 0, (ho_place_m){5, 0}, 1e6);
  ho_time back = ho_ns_now();
  ho_ns_run(back + MS(400));
  ck_assert(ho_radio_is_associated(r->radio, 0));
  ck_assert_uint_ne(rig_change_after(r, 0, HO_RADIO_ASSOCIATED, back),
                    HO_NEVER);
  ck_assert_uint_gt(flow(r, MS(500)), 1000);
  end(r);
}
END_TEST

START_TEST(cut_and_restored) {
  /* As long as beacons are missed for less than 1.024 s, nothing is lost. */
  static const struct {
    ho_time cut;
    bool survives;
  } cuts[] = {{MS(1), true},   {MS(100), true},   {MS(500), true},
              {MS(850), true}, {MS(1200), false}, {MS(3000), false}};
  rig *r = start(1, 5);
  uint64_t arrived;
  ho_time restored, found;
  size_t told;

  load(r, 300);
  ho_ns_run(MS(500));
  told = r->changes_count;
  arrived = r->lanes[0][false].arrived + r->lanes[0][true].arrived;
  ho_radio_cut(r->radio, 0, true);
  ck_assert(!ho_radio_is_associated(r->radio, 0));
  ho_ns_run(MS(500) + cuts[_i].cut);
  ck_assert_uint_eq(arrived,
                    r->lanes[0][false].arrived + r->lanes[0][true].arrived);
  ck_assert_uint_eq(told, r->changes_count); /* nothing, nor FADED */
  ho_radio_cut(r->radio, 0, false);
  restored = ho_ns_now();
  ho_ns_run(restored + MS(400));
  found = rig_change_after(r, 0, HO_RADIO_ASSOCIATED, restored);
  if (cuts[_i].survives) {
    ck_assert_uint_eq(found, restored);
    ck_assert_uint_eq(told + 1, r->changes_count);
  } else {
    ck_assert_uint_eq(rig_change_after(r, 0, HO_RADIO_SEARCHING, restored),
                      restored);
    ck_assert_uint_ge(found - restored, MS(20));
    ck_assert_uint_le(found - restored, MS(300));
    ck_assert_uint_eq(told + 2, r->changes_count);
  }
  ck_assert_uint_gt(flow(r, MS(500)), 1000);
  end(r);
}
END_TEST

START_TEST(a_station_may_start_switched_off) {
  rig *r = start(2, 5);

  ho_radio_cut(r->radio, 1, true);
  load(r, 10);
  ho_ns_run(MS(1500));
  ck_assert(ho_radio_is_associated(r->radio, 0));
  ck_assert(!ho_radio_is_associated(r->radio, 1));
  ck_assert_uint_eq(ho_radio_heard(r->radio, 1), HO_NEVER);
  ck_assert_uint_eq(rig_change_after(r, 1, HO_RADIO_SEARCHING, 0), HO_NEVER);
  ho_radio_cut(r->radio, 1, false);
  ho_ns_run(MS(2000));
  ck_assert(ho_radio_is_associated(r->radio, 1));
  ck_assert_uint_eq(rig_change_after(r, 1, HO_RADIO_SEARCHING, 0), MS(1500));
  ck_assert_uint_gt(r->lanes[1][true].arrived, 100);
  end(r);
}
END_TEST

START_TEST(deletion_gives_back_what_is_under_way) {
  rig *r = start(3, 30);

  load(r, 200);
  ho_ns_run(MS(777));
  ck_assert_uint_gt(r->lanes[2][true].sent, r->lanes[2][true].arrived);
  end(r);
}
END_TEST

START_TEST(out_of_range_is_never_associated) {
  rig *r = start(1, 300);

  load(r, 10);
  ho_ns_run(MS(5000));
  ck_assert_uint_eq(r->changes_count, 1);
  ck_assert_int_eq(r->changes[0].state, HO_RADIO_SEARCHING);
  ck_assert(!ho_radio_is_associated(r->radio, 0));
  ck_assert_uint_eq(ho_radio_heard(r->radio, 0), HO_NEVER);
  end(r);
}
END_TEST

/* One leaves, by walking away or by being switched off, in the middle of a
 * download; the other 19 go on. */
START_TEST(twenty_stations_and_one_that_leaves) {
  uint64_t before[20];
  rig *r = start(20, 5);

  ho_ns_run(MS(600));
  for (unsigned i = 0; i < 20; i++) {
    ck_assert_msg(ho_radio_is_associated(r->radio, i), "station %u", i);
    r->lanes[i][true].every = 20;
  }
  ho_ns_run(MS(1000));
  if (_i) {
    ho_radio_cut(r->radio, 7, true);
  } else {
    ho_radio_walk(r->radio, 7, (ho_place_m){300, 0}, 1e6);
    ho_ns_run(MS(2200));
    ck_assert(!ho_radio_is_associated(r->radio, 7));
  }
  for (unsigned i = 0; i < 20; i++) {
    before[i] = r->lanes[i][true].arrived;
  }
  ho_ns_run(ho_ns_now() + MS(1000));
  for (unsigned i = 0; i < 20; i++) {
    uint64_t got = r->lanes[i][true].arrived - before[i];
    ck_assert_msg(i == 7 ? got == 0 : got >= 48, "station %u: %ju", i,
                  (uintmax_t)got);
  }
  end(r);
}
END_TEST

START_TEST(twenty_stations_that_start_at_once) {
  rig *r = start(20, 5);

  ho_ns_run(MS(600) + MS(1) / 2);
  for (unsigned i = 0; i < 20; i++) {
    r->lanes[i][false].every = 20;
  }
  ho_ns_run(MS(700));
  for (unsigned i = 0; i < 20; i++) {
    ck_assert_msg(r->lanes[i][false].arrived >= 4, "station %u: %ju", i,
                  (uintmax_t)r->lanes[i][false].arrived);
  }
  end(r);
}
END_TEST

static uint64_t one_result(bool other, bool first) {
  int ends[2], status;
  uint64_t hash = 0;
  pid_t pid;

  ck_assert_int_eq(pipe(ends), 0);
  pid = fork();
  if (pid == 0) {
    rig *second = NULL, *r;
    ho_ns_start(1);
    if (other && first) {
      changes.index = 1;
      second = rig_new(3, 10, change);
    }
    changes.index = 0;
    r = rig_new(2, 20, change);
    if (other && !first) {
      changes.index = 1;
      second = rig_new(3, 10, change);
    }
    if (second) {
      load(second, 50);
    }
    load(r, 50);
    ho_radio_walk(r->radio, 1, (ho_place_m){70, 0}, 40);
    ho_ns_run(MS(1500));
    hash = r->lanes[0][0].hash ^ r->lanes[0][1].hash * 3 ^
           r->lanes[1][0].hash * 5 ^ r->lanes[1][1].hash * 7;
    _exit(write(ends[1], &hash, sizeof(hash)) == sizeof(hash) ? 0 : 1);
  }
  ck_assert_int_eq(waitpid(pid, &status, 0), pid);
  ck_assert_int_eq(status, 0);
  ck_assert_int_eq(read(ends[0], &hash, sizeof(hash)), sizeof(hash));
  close(ends[0]);
  close(ends[1]);
  return hash;
}

START_TEST(runs_repeat_and_networks_do_not_shift_each_other) {
  uint64_t alone = one_result(false, false);

  ck_assert_uint_eq(alone, one_result(false, false));
  ck_assert_uint_eq(alone, one_result(true, false));
  ck_assert_uint_eq(alone, one_result(true, true));
}
END_TEST

START_TEST(a_walk_is_straight_and_ends) {
  rig *r = start(1, 5);
  ho_place_m at;

  ho_radio_walk(r->radio, 0, (ho_place_m){8, 4}, 2); /* 5 m: 2.5 s */
  ho_ns_run(MS(1000));
  at = ho_radio_where(r->radio, 0);
  ck_assert_double_eq_tol(at.x, 6.2, 1e-9);
  ck_assert_double_eq_tol(at.y, 1.6, 1e-9);
  ho_ns_run(MS(2600));
  at = ho_radio_where(r->radio, 0);
  ck_assert(at.x == 8 && at.y == 4);
  /* A second walk ends the first, at whose end nothing happens. */
  ho_radio_walk(r->radio, 0, (ho_place_m){0, 4}, 1);
  ho_ns_run(MS(3600));
  ho_radio_walk(r->radio, 0, (ho_place_m){7, 104}, 10);
  ho_ns_run(MS(12600));
  at = ho_radio_where(r->radio, 0);
  ck_assert_double_eq_tol(at.x, 7, 1e-9);
  ck_assert_double_eq_tol(at.y, 94, 1e-6);
  ho_radio_walk(r->radio, 0, at, 3); /* nowhere */
  ho_ns_run(MS(13000));
  ck_assert_double_eq(ho_radio_where(r->radio, 0).x, at.x);
  end(r);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, a_saturating_flow_gets_what_the_air_has, 0,
                      COUNT(rates));
  tcase_add_test(tc, a_full_queue_loses_what_comes_late);
  tcase_add_loop_test(tc, walking_out_of_range_and_back, 0, 3);
  tcase_add_loop_test(tc, cut_and_restored, 0, 6);
  tcase_add_test(tc, a_station_may_start_switched_off);
  tcase_add_test(tc, deletion_gives_back_what_is_under_way);
  tcase_add_test(tc, out_of_range_is_never_associated);
  tcase_add_loop_test(tc, twenty_stations_and_one_that_leaves, 0, 2);
  tcase_add_test(tc, twenty_stations_that_start_at_once);
  tcase_add_test(tc, runs_repeat_and_networks_do_not_shift_each_other);
  tcase_add_test(tc, a_walk_is_straight_and_ends);
}

int main(void) {
  return suite_run("wifi", add);
}
