/* Goal: a call's frames: what is late is lost, what stands still, and when a
 * call has failed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "meter_world.h"
#include "tests/suite.h"

static world w;

/* A frame each way every 100 ms, late after 150 ms; 3 s. */
static void setup(void) {
  world_init(&w);
  w.scenario.work = (ho_workload_config){
      .type = HO_WORK_STREAM, .frame = MS(100), .deadline = MS(150)};
  w.scenario.stop = 3 * HO_SEC;
}

static void teardown(void) {
  world_free(&w);
}

/* Frame |k|'s request down is 2k, up 2k + 1. */
static void issue(uint64_t k) {
  ho_time t = MS(100 * k);

  HO_EMIT(w.log, request_issued, t, 0, .request = 2 * k, .what = "frame-down",
          .bytes = 500);
  HO_EMIT(w.log, request_issued, t, 0, .request = 2 * k + 1, .what = "frame-up",
          .bytes = 500);
}

static void arrive(ho_time t, uint64_t request) {
  HO_EMIT(w.log, delivered, t, 0, .request = request,
          .endpoint = request % 2 ? HO_SERVER : HO_CLIENT, .bytes = 500,
          .packet = 1);
  HO_EMIT(w.log, request_done, t, 0, .request = request);
}

static void begin(void) {
  world_begin(&w);
  up(&w, 0, 0, 11);
  HO_EMIT(w.log, handshake_done, 0, 0, .endpoint = HO_CLIENT);
}

/* down: 10 is 10 ms late, 11 never comes, so it stands still from the deadline
 * of 10 at 1.15 s until 12 comes at 1.29 s; up: 20 never comes, but 21 is there
 * before its deadline at 2.15 s; 29 down comes after the end. */
START_TEST(late_is_lost) {
  begin();
  for (uint64_t k = 0; k < 30; k++) {
    issue(k);
    if (k == 11) {
      arrive(MS(1110), 2 * k + 1);
      arrive(MS(1160), 20);
      continue;
    }
    if (k != 10 && k != 12 && k != 29) {
      arrive(MS(100 * k + 10), 2 * k);
    }
    if (k != 20) {
      arrive(MS(100 * k + 10), 2 * k + 1);
    }
    if (k == 12) {
      arrive(MS(1290), 2 * k);
    }
  }
  world_end(&w, w.scenario.stop, "stop");
  run_is(&w, ROW("outcome", "completed", "reason", "", "requests", "60",
                 "missed", "3", "delay_max_ms", "160.000000", "stalls", "1",
                 "stall_ms", "140.000000", "fct_s", "", "bytes", "28500"));
  ck_assert_str_eq(field(&w, "requests.csv", 20, "what"), "frame-down");
  ck_assert_str_eq(field(&w, "requests.csv", 20, "delay_ms"), "160.000000");
  ck_assert_str_eq(field(&w, "requests.csv", 20, "missed"), "1");
  ck_assert_str_eq(field(&w, "requests.csv", 41, "what"), "frame-up");
  ck_assert_str_eq(field(&w, "requests.csv", 41, "missed"), "1");
  ck_assert_str_eq(field(&w, "requests.csv", 58, "missed"), "NA");
  ck_assert_str_eq(field(&w, "requests.csv", 59, "missed"), "0");
}
END_TEST

/* Each way stands still by itself: down from 650 to 810 ms, up from 750 ms to
 * 1.01 s. */
START_TEST(both_ways_are_summed) {
  begin();
  for (uint64_t k = 0; k < 30; k++) {
    issue(k);
    if (k < 5 || k > 7) {
      arrive(MS(100 * k + 10), 2 * k);
    }
    if (k < 6 || k > 9) {
      arrive(MS(100 * k + 10), 2 * k + 1);
    }
  }
  world_end(&w, w.scenario.stop, "stop");
  run_is(&w, ROW("missed", "7", "stalls", "2", "stall_ms", "420.000000",
                 "outcome", "completed"));
}
END_TEST

/* From 1.5 s on nothing comes down; it is judged by the frames captured between
 * 1.5 and 2.5 s. */
START_TEST(a_call_that_does_not_come_back) {
  w.scenario.stop = MS(3500);
  begin();
  for (uint64_t k = 0; k < 35; k++) {
    issue(k);
    if (k < 15) {
      arrive(MS(100 * k + 10), 2 * k);
    }
    arrive(MS(100 * k + 10), 2 * k + 1);
  }
  world_end(&w, w.scenario.stop, "stop");
  run_is(&w, ROW("outcome", "app-failed", "reason",
                 "stop: client 0 had no frame in time down in the second "
                 "before the last",
                 "delay_max_ms", "10.000000", "stalls", "1", "stall_ms",
                 "1850.000000"));
}
END_TEST

/* The last second of a call is too late to come back in. */
START_TEST(a_call_that_comes_back_too_late) {
  begin();
  for (uint64_t k = 0; k < 30; k++) {
    issue(k);
    if (k < 10 || k >= 20) {
      arrive(MS(100 * k + 10), 2 * k);
    }
    arrive(MS(100 * k + 10), 2 * k + 1);
  }
  world_end(&w, w.scenario.stop, "stop");
  run_is(&w,
         ROW("outcome", "app-failed", "stalls", "1", "stall_ms", "860.000000"));
}
END_TEST

/* One frame in time is enough, and a late one is not. */
START_TEST(a_call_that_hangs_on) {
  begin();
  for (uint64_t k = 0; k < 30; k++) {
    issue(k);
    if (k < 10 || k == 19) {
      arrive(MS(100 * k + 10), 2 * k);
    }
    arrive(MS(100 * k + 10), 2 * k + 1);
  }
  world_end(&w, w.scenario.stop, "stop");
  run_is(&w, ROW("outcome", "completed"));
}
END_TEST

START_TEST(a_call_that_is_always_late) {
  begin();
  for (uint64_t k = 0; k < 30; k++) {
    issue(k);
    arrive(MS(100 * k + 10), 2 * k);
    if (k > 1) {
      arrive(MS(100 * k + 10), 2 * (k - 2) + 1); /* 210 ms */
    }
  }
  world_end(&w, w.scenario.stop, "stop");
  run_is(&w,
         ROW("outcome", "app-failed", "delay_max_ms", "210.000000", "reason",
             "stop: client 0 had no frame in time up in the second before "
             "the last"));
}
END_TEST

START_TEST(a_call_without_frames) {
  world_begin(&w);
  world_end(&w, w.scenario.stop, "stop");
  run_is(&w, ROW("outcome", "conn-failed", "stalls", "0"));
}
END_TEST

/* What goes up is no delivery to the one who waits for the other end. */
START_TEST(interruption_is_that_of_the_down_direction) {
  begin();
  for (uint64_t k = 0; k < 30; k++) {
    issue(k);
    if (k == 10) {
      HO_EMIT(w.log, network_down, MS(1005), 0, .net = 0, .in_use = 1,
              .t_loss = MS(1005));
      hand_off(&w, MS(1005), "disconnect", 0, 1, MS(1005), 0);
    }
    if (k < 10 || k > 14) {
      arrive(MS(100 * k + 10), 2 * k);
    }
    arrive(MS(100 * k + 20), 2 * k + 1);
  }
  world_end(&w, w.scenario.stop, "stop");
  handoff_is(&w, 0,
             ROW("interruption_ms", "600.000000", "interruption_extra_ms",
                 "500.000000"));
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, late_is_lost);
  tcase_add_test(tc, both_ways_are_summed);
  tcase_add_test(tc, a_call_that_does_not_come_back);
  tcase_add_test(tc, a_call_that_comes_back_too_late);
  tcase_add_test(tc, a_call_that_hangs_on);
  tcase_add_test(tc, a_call_that_is_always_late);
  tcase_add_test(tc, a_call_without_frames);
  tcase_add_test(tc, interruption_is_that_of_the_down_direction);
}

int main(void) {
  return suite_run("meter_call", add);
}
