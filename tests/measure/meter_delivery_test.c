/* Goal: what a handoff does to the application's bytes, on hand-written events
 * whose answer can be worked out with a pencil. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "meter_world.h"
#include "tests/suite.h"

static world w;

static void setup(void) {
  world_init(&w);
}

static void teardown(void) {
  world_free(&w);
}

START_TEST(waits_that_meet_the_window) {
  static const ho_time at[] = {MS(100),  MS(110),   MS(130),
                               MS(1000), MS(31500), MS(70000)};

  download(&w, 0);
  for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
    if (i == 4) {
      hand_off(&w, MS(1001), "migrate", 0, 1, MS(1001), 0);
    }
    deliver(&w, at[i], 1, 1000);
  }
  all_done(&w, MS(70000));
  world_end(&w, MS(70000), "done");
  /* Gaps before: 10, 20 and 870 ms. */
  handoff_is(&w, 0,
             ROW("interruption_ms", "30500.000000", "interruption_extra_ms",
                 "30480.000000"));
}
END_TEST

/* Bytes that `redo: restart` brings again are no progress. */
START_TEST(repeated_bytes_are_no_delivery) {
  download(&w, MS(1000));
  hand_off(&w, MS(1001), "migrate", 0, 1, MS(1001), 0);
  HO_EMIT(w.log, delivered, MS(1100), 0, .endpoint = HO_CLIENT, .bytes = 500,
          .again = 500, .packet = 1);
  deliver(&w, MS(1200), 1, 1000);
  all_done(&w, MS(1200));
  world_end(&w, MS(1200), "done");
  handoff_is(&w, 0, ROW("interruption_ms", "200.000000"));
  run_is(&w, ROW("bytes", "101000"));
  ck_assert_str_eq(field(&w, "requests.csv", 0, "bytes"), "101000");
}
END_TEST

/* ---- a remembered network, nothing due ---- */

START_TEST(nothing_was_due) {
  w.scenario.work.type = HO_WORK_IDLE;
  world_begin(&w);
  up(&w, 0, MS(5), 11);
  HO_EMIT(w.log, handshake_done, MS(5), 0, .endpoint = HO_CLIENT);
  HO_EMIT(w.log, network_down, MS(1000), 0, .net = 0, .in_use = 1,
          .t_loss = MS(1000));
  hand_off(&w, MS(1000), "disconnect", 0, 1, MS(1000), 0);
  world_end(&w, 60 * HO_SEC, "stop");
  handoff_is(&w, 0,
             ROW("interruption_ms", "", "t_first_byte_s", "", "outcome",
                 "unaffected"));
  run_is(&w, ROW("outcome", "completed", "fct_s", "", "goodput_mbps",
                 "0.000000", "delay_max_ms", ""));
}
END_TEST

/* ---- the rate comes back ---- */

/* 8 Mbit/s are 200000 bytes a bin, of which 180000 are 90 %: 150 packets of
 * 1228 bytes are enough (184200), 100 are not (122800). */
START_TEST(rate_comes_back) {
  static const int per_bin[] = {0, 100, 150, 100, 150, 150, 150, 150, 150};

  download(&w, MS(1000));
  HO_EMIT(w.log, network_down, MS(1000), 0, .net = 0, .in_use = 1,
          .t_loss = MS(1000));
  hand_off(&w, MS(1000), "disconnect", 0, 1, MS(1000), 0);
  w.net = 1;
  up(&w, MS(1001), MS(1002), 12);
  w.net = 0;
  down(&w, MS(1003), MS(1004), 21); /* still over the old path */
  w.net = 1;
  for (size_t bin = 0; bin < sizeof(per_bin) / sizeof(per_bin[0]); bin++) {
    for (int i = 0; i < per_bin[bin]; i++) {
      ho_time t = MS(1010 + 200 * bin) + (ho_time)i * HO_MSEC;

      down(&w, t, t, 22);
    }
  }
  all_done(&w, MS(2900));
  world_end(&w, MS(2900), "done");
  handoff_is(&w, 0, ROW("t90_ms", "800.000000", "deficit_bytes", "370200"));
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, waits_that_meet_the_window);
  tcase_add_test(tc, repeated_bytes_are_no_delivery);
  tcase_add_test(tc, nothing_was_due);
  tcase_add_test(tc, rate_comes_back);
}

int main(void) {
  return suite_run("meter_delivery", add);
}
