/* Goal: the rows of a run, its requests, connection IDs and samples, on
 * hand-written events. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <errno.h>
#include <signal.h>
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

/* ---- requests ---- */

START_TEST(requests_and_what_was_missed) {
  w.scenario.work = (ho_workload_config){.type = HO_WORK_REQUEST};
  w.scenario.stop = 3 * HO_SEC;
  world_begin(&w);
  for (uint64_t i = 0; i < 3; i++) {
    HO_EMIT(w.log, request_issued, MS(100 * i), 0, .request = i,
            .what = "request", .bytes = 10);
    HO_EMIT(w.log, request_attempt, MS(100 * i), 0, .request = i);
  }
  HO_EMIT(w.log, delivered, MS(250), 0, .request = 1, .endpoint = HO_CLIENT,
          .bytes = 10, .packet = 1);
  HO_EMIT(w.log, request_done, MS(260), 0, .request = 1);
  HO_EMIT(w.log, request_attempt, MS(300), 0, .request = 2, .connection = 1);
  HO_EMIT(w.log, request_done, MS(310), 0, .request = 2, .connection = 1);
  world_end(&w, 3 * HO_SEC, "stop");
  ck_assert_uint_eq(rows(&w, "requests.csv"), 3);
  ck_assert_str_eq(field(&w, "requests.csv", 0, "missed"), "1");
  ck_assert_str_eq(field(&w, "requests.csv", 0, "delay_ms"), "NA");
  ck_assert_str_eq(field(&w, "requests.csv", 1, "t_first_s"), "0.250000000");
  ck_assert_str_eq(field(&w, "requests.csv", 1, "delay_ms"), "160.000000");
  ck_assert_str_eq(field(&w, "requests.csv", 1, "bytes"), "10");
  ck_assert_str_eq(field(&w, "requests.csv", 2, "attempts"), "2");
  ck_assert_str_eq(field(&w, "requests.csv", 2, "connection"), "1");
  run_is(&w, ROW("requests", "3", "missed", "1", "delay_max_ms", "NA", "reason",
                 "stop: client 0 had 1 of 3 requests unanswered"));
}
END_TEST

START_TEST(endless_work_may_leave_the_youngest) {
  w.scenario.work = (ho_workload_config){.type = HO_WORK_ECHO};
  w.scenario.stop = 3 * HO_SEC;
  world_begin(&w);
  HO_EMIT(w.log, handshake_done, MS(5), 0, .endpoint = HO_CLIENT);
  HO_EMIT(w.log, request_issued, MS(100), 0, .what = "echo", .bytes = 10);
  HO_EMIT(w.log, request_done, MS(200), 0, .request = 0);
  HO_EMIT(w.log, request_issued, MS(2500), 0, .request = 1, .what = "echo");
  world_end(&w, w.scenario.stop, "stop");
  run_is(&w, ROW("outcome", "completed", "missed", "1", "delay_max_ms",
                 "100.000000", "fct_s", ""));
}
END_TEST

START_TEST(endless_work_that_breaks_off) {
  w.scenario.work = (ho_workload_config){.type = HO_WORK_ECHO};
  world_begin(&w);
  HO_EMIT(w.log, handshake_done, MS(5), 0, .endpoint = HO_CLIENT);
  HO_EMIT(w.log, request_issued, MS(2900), 0, .what = "echo", .bytes = 10);
  world_end(&w, 3 * HO_SEC, "nothing scheduled");
  run_is(&w, ROW("outcome", "app-failed", "reason",
                 "nothing scheduled: client 0 had 1 of 1 requests unanswered"));
}
END_TEST

START_TEST(no_connection_at_all) {
  world_begin(&w);
  HO_EMIT(w.log, request_issued, 0, 0, .what = "download", .bytes = 10);
  world_end(&w, w.scenario.stop, "stop");
  run_is(&w, ROW("outcome", "conn-failed", "reason",
                 "stop: client 0 had 1 of 1 requests unanswered"));
}
END_TEST

START_TEST(a_wrong_byte_fails_the_run) {
  download(&w, MS(100));
  HO_EMIT(w.log, byte_wrong, MS(100), 0, .endpoint = HO_CLIENT, .offset = 77,
          .reason = "wrong");
  all_done(&w, MS(110));
  world_end(&w, MS(110), "done");
  run_is(&w, ROW("outcome", "app-failed", "reason",
                 "client 0 request 0: wrong byte at 77"));
}
END_TEST

/* ---- connection IDs ---- */

START_TEST(cids_and_where_they_were_seen) {
  world_begin(&w);
  HO_EMIT(w.log, cid_issued, 0, 0, .endpoint = HO_SERVER, .sequence = 1,
          .cid = {.len = 1, .bytes = {0x0c}}, .token = {{0xab}});
  HO_EMIT(w.log, cid_issued, 0, 0, .endpoint = HO_SERVER, .sequence = 0,
          .cid = {.len = 1, .bytes = {0x0b}});
  HO_EMIT(w.log, cid_issued, 0, 0, .endpoint = HO_CLIENT, .sequence = 0,
          .cid = {.len = 1, .bytes = {0x15}});
  up(&w, MS(1), MS(2), 0x0b);
  up(&w, MS(3), MS(4), 0x0b);
  w.outside = 6000;
  up(&w, MS(5), MS(6), 0x0b);
  up(&w, MS(7), HO_NEVER, 0x0c); /* nobody saw it */
  HO_EMIT(w.log, cid_retired, MS(8), 0, .endpoint = HO_SERVER, .sequence = 0);
  world_end(&w, MS(10), "stop");
  ck_assert_uint_eq(rows(&w, "cids.csv"), 4);
  ck_assert_str_eq(field(&w, "cids.csv", 0, "issuer"), "client");
  ck_assert_str_eq(field(&w, "cids.csv", 0, "tuple"), "");
  ck_assert_str_eq(field(&w, "cids.csv", 1, "cid"), "0b");
  ck_assert_str_eq(field(&w, "cids.csv", 1, "reset_token"), "");
  ck_assert_str_eq(field(&w, "cids.csv", 1, "tuple"),
                   "198.51.100.1:5000>192.0.2.1:443");
  ck_assert_str_eq(field(&w, "cids.csv", 1, "t_last_s"), "0.004000000");
  ck_assert_str_eq(field(&w, "cids.csv", 1, "t_retired_s"), "0.008000000");
  ck_assert_str_eq(field(&w, "cids.csv", 2, "tuple"),
                   "198.51.100.1:6000>192.0.2.1:443");
  ck_assert_str_eq(field(&w, "cids.csv", 3, "sequence"), "1");
  ck_assert_str_eq(field(&w, "cids.csv", 3, "t_first_s"), "");
  ck_assert_str_eq(field(&w, "cids.csv", 3, "t_retired_s"), "NA");
  ck_assert_str_eq(field(&w, "cids.csv", 3, "reset_token"),
                   "ab000000000000000000000000000000");
  run_is(&w, ROW("cids_used_client", "0", "cids_used_server", "1"));
}
END_TEST

/* ---- what is sent again ---- */

static void stream(ho_time t, uint64_t offset, uint64_t length) {
  HO_EMIT(w.log, stream_sent, t, 0, .endpoint = HO_SERVER,
          .packet = w.packet + 1, .stream = 4, .offset = offset,
          .length = length);
}

START_TEST(ranges_sent_again) {
  uint64_t late;

  world_begin(&w);
  up(&w, 0, MS(1), 11);
  stream(MS(1), 0, 1000);
  down(&w, MS(1), MS(1), 21);
  stream(MS(1), 1000, 1000);
  down(&w, MS(1), HO_NEVER, 21);
  stream(MS(1), 2000, 1000);
  late = down_sent(&w, MS(1), 21);
  hand_off(&w, MS(2), "switch", 0, 1, MS(2), 0);
  stream(MS(3), 500, 1000); /* 500 needless, 500 needed */
  down(&w, MS(3), MS(3), 21);
  stream(MS(3), 500, 500); /* needless again: the same bytes */
  down(&w, MS(3), MS(3), 21);
  stream(MS(3), 2500, 1000); /* 500 that are on their way, 500 new ones */
  down(&w, MS(3), MS(3), 21);
  down_got(&w, MS(4), late);
  stream(40 * HO_SEC, 2500, 100); /* outside the window */
  down(&w, 40 * HO_SEC, 40 * HO_SEC, 21);
  world_end(&w, 41 * HO_SEC, "stop");
  handoff_is(&w, 0, ROW("resent_bytes", "2000", "spurious_bytes", "1000"));
  run_is(&w, ROW("resent_bytes", "2100"));
}
END_TEST

/* Pieces arrive in any order; what an abandoned connection had sent beyond the
 * first hole must be sent again. */
START_TEST(what_an_abandoned_connection_owes) {
  static const struct {
    uint64_t offset, length;
  } pieces[] = {{200, 100}, {400, 100}, {300, 100}, {850, 50}, {700, 100},
                {0, 150},   {600, 150}, {150, 100}, {500, 100}};

  world_begin(&w);
  stream(0, 0, 1000);
  down(&w, 0, HO_NEVER, 21);
  for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
    stream(MS(1), pieces[i].offset, pieces[i].length);
    down(&w, MS(1), MS(1), 21);
  }
  HO_EMIT(w.log, stream_sent, MS(1), 0, .endpoint = HO_CLIENT,
          .packet = w.packet + 1, .stream = 4, .length = 77);
  HO_EMIT(w.log, connection_started, MS(2), 0, .connection = 1,
          .transport = "quic", .handshake = "full");
  world_end(&w, MS(3), "stop");
  /* 950 as pieces, and 200 beyond the first hole, at 800. */
  run_is(&w, ROW("resent_bytes", "1150"));
}
END_TEST

/* ---- series and events ---- */

START_TEST(series_and_events) {
  w.series = w.events = true;
  download(&w, MS(250));
  all_done(&w, MS(250));
  world_end(&w, MS(300), "done");
  ck_assert_uint_eq(rows(&w, "series.csv"), 4);
  ck_assert_str_eq(field(&w, "series.csv", 0, "delivered_bytes"), "0");
  ck_assert_str_eq(field(&w, "series.csv", 0, "cwnd_bytes"), "");
  ck_assert_str_eq(field(&w, "series.csv", 1, "t_s"), "0.100000000");
  ck_assert_str_eq(field(&w, "series.csv", 1, "delivered_bytes"), "10000");
  ck_assert_str_eq(field(&w, "series.csv", 1, "srtt_ms"), "20.000000");
  ck_assert_str_eq(field(&w, "series.csv", 3, "delivered_bytes"), "25000");
  ck_assert_str_eq(field(&w, "series.csv", 3, "net"), "home");
  ck_assert_str_eq(field(&w, "events.csv", 0, "event"), "run_started");
  ck_assert_str_eq(field(&w, "events.csv", 0, "client"), "");
}
END_TEST

START_TEST(a_folder_that_is_gone) {
  ho_meter_config config = {.scenario = &w.scenario};
  ho_meter *meter;

  world_begin(&w);
  for (int events = 0; events < 2; events++) {
    config.events = events != 0;
    meter = ho_meter_new(&config, w.log, "/nonexistent/folder");
    errno = 0;
    ck_assert_int_eq(ho_meter_finish(meter), HO_ERR_IO);
    ck_assert_int_eq(errno, ENOENT);
    ho_meter_del(meter);
  }
}
END_TEST

START_TEST(time_never_goes_back) {
  ho_meter_config config = {.scenario = &w.scenario};

  w.log = ho_log_new();
  ho_meter_new(&config, w.log, "/nonexistent/folder");
  HO_EMIT(w.log, network_up, MS(10), 0, .net = 1);
  HO_EMIT(w.log, network_up, MS(9), 0, .net = 1);
}
END_TEST

START_TEST(a_lost_run_has_a_row) {
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  ho_meter_config config = {.scenario = &w.scenario, .seed = 9};
  size_t commas = 0;

  world_begin(&w);
  ho_meter_lost_row(out, &config, "crashed", "signal 6, twice");
  fclose(out);
  ck_assert_msg(
      strncmp(text, "test,quic,9,crashed,\"signal 6, twice\",NA,", 41) == 0,
      "%s", text);
  for (size_t i = 0; i < len; i++) {
    commas += text[i] == ',';
  }
  /* One comma is in the reason. */
  ck_assert_uint_eq(commas, ho_table_find("runs.csv")->count);
  free(text);
}
END_TEST

static void add(TCase *tc) {
  const TTest *const tests[] = {a_folder_that_is_gone,
                                requests_and_what_was_missed,
                                endless_work_may_leave_the_youngest,
                                endless_work_that_breaks_off,
                                no_connection_at_all,
                                a_wrong_byte_fails_the_run,
                                cids_and_where_they_were_seen,
                                ranges_sent_again,
                                what_an_abandoned_connection_owes,
                                series_and_events,
                                a_lost_run_has_a_row};
  tcase_add_checked_fixture(tc, setup, teardown);
  for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
    tcase_add_test(tc, tests[i]);
  }
  tcase_add_test_raise_signal(tc, time_never_goes_back, SIGABRT);
}

int main(void) {
  return suite_run("meter_run", add);
}
