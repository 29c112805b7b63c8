/* Goal: C6 to C10 on hand-written datagrams: who has to answer, where, how
 * often, and what excuses silence. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "sightings.h"
#include "tests/suite.h"

static sightings w;

static void setup(void) {
  sightings_init(&w);
  sightings_connect(&w);
  w.pad_to[HO_CLIENT] = w.pad_to[HO_SERVER] = 1200;
}

static void teardown(void) {
  sightings_free(&w);
}

static void window(ho_time t, ho_side side, uint64_t in_flight) {
  event_at(&w, &(ho_event){.kind = HO_EV_recovery,
                           .t = t,
                           .u.recovery = {.endpoint = side,
                                          .cwnd = 12000,
                                          .in_flight = in_flight,
                                          .srtt = MS(20)}});
}

START_TEST(silence_breaks_the_rule) {
  uint64_t asked = pass(&w, MS(1000), HO_SERVER, FRAMES(path_challenge(1)));

  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C6), HO_FAIL);
  must_fail(&w, HO_CHECK_C6, HO_CLIENT, asked);
  ck_assert_int_eq(w.findings[HO_CHECK_C10].verdict, HO_NOT_EXERCISED);
}
END_TEST

START_TEST(silence_to_a_small_one) {
  uint64_t asked;

  w.pad_to[HO_SERVER] = 35;
  asked = pass(&w, MS(1000), HO_SERVER, FRAMES(path_challenge(1)));
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C10), HO_FAIL);
  must_fail(&w, HO_CHECK_C10, HO_CLIENT, asked);
}
END_TEST

START_TEST(nobody_asked_after_all) {
  sent(&w, MS(1000), HO_SERVER, FRAMES(path_challenge(1)));
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C6), HO_NOT_EXERCISED);
}
END_TEST

START_TEST(the_end_comes_first) {
  pass(&w, MS(1000), HO_SERVER, FRAMES(path_challenge(1)));
  ck_assert_int_eq(verdict_at(&w, MS(1900), HO_CHECK_C6), HO_NOT_EXERCISED);
}
END_TEST

START_TEST(a_full_window_excuses) {
  window(MS(900), HO_CLIENT, 11000);
  pass(&w, MS(1000), HO_SERVER, FRAMES(path_challenge(1)));
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C6), HO_NOT_EXERCISED);
}
END_TEST

/* While it waits for the window, newer ones may take its place. */
START_TEST(a_window_that_was_full_excuses) {
  window(MS(900), HO_CLIENT, 11000);
  pass(&w, MS(1000), HO_SERVER, FRAMES(path_challenge(1)));
  window(MS(1300), HO_CLIENT, 5000);
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C6), HO_NOT_EXERCISED);
}
END_TEST

START_TEST(a_path_that_was_left_excuses) {
  pass(&w, MS(1000), HO_SERVER, FRAMES(path_challenge(1)));
  tell(&w, MS(1100), 1);
  pass(&w, MS(1100), HO_CLIENT, PING);
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C6), HO_NOT_EXERCISED);
}
END_TEST

START_TEST(damage_excuses) {
  uint64_t asked = sent(&w, MS(1000), HO_SERVER, FRAMES(path_challenge(1)));

  w.sents[asked - 1].damaged = true;
  got(&w, MS(1010), asked);
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C6), HO_NOT_EXERCISED);
}
END_TEST

/* A datagram that its host could not send may have been the answer: sent since
 * it was asked, and before patience ends. */
START_TEST(what_nobody_sees_excuses) {
  static const ho_time unsent[] = {990, 1011, 2009, 2100};
  bool excused = _i == 1 || _i == 2;

  w.pad_to[HO_SERVER] = 35;
  for (int i = 0; i < 2; i++) {
    if ((i == 0) == (_i == 0)) {
      event_at(&w, &(ho_event){.kind = HO_EV_packet_dropped,
                               .t = MS(unsent[_i]),
                               .u.packet_dropped = {.direction = "up",
                                                    .reason = "no-route"}});
    }
    if (i == 0) {
      pass(&w, MS(1000), HO_SERVER, FRAMES(path_challenge(1)));
    }
  }
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C6),
                   excused ? HO_NOT_EXERCISED : HO_FAIL);
  ck_assert_int_eq(w.findings[HO_CHECK_C10].verdict,
                   excused ? HO_NOT_EXERCISED : HO_FAIL);
}
END_TEST

/* RFC 9001, 6.5: keys of before an update may be gone. */
START_TEST(old_keys_excuse) {
  uint64_t late = sent(&w, MS(1000), HO_SERVER, FRAMES(path_challenge(1)));

  w.key_phase[HO_SERVER] = _i == 0;
  pass(&w, MS(1001), HO_SERVER, PING);
  got(&w, MS(1500), late);
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C6),
                   _i == 0 ? HO_NOT_EXERCISED : HO_FAIL);
}
END_TEST

START_TEST(new_keys_do_not) {
  w.key_phase[HO_SERVER] = true;
  pass(&w, MS(1000), HO_SERVER, FRAMES(path_challenge(1)));
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C6), HO_FAIL);
}
END_TEST

/* RFC 9000, 8.2.2: the limit is the path's.  3600 bytes for what came to the
 * original address allow nothing at the preferred one, where 100 came. */
START_TEST(each_path_has_its_limit) {
  w.params[HO_SERVER].has_preferred = true;
  w.outside++;
  pass(&w, MS(990), HO_CLIENT, PING);
  w.to_preferred = _i == 0;
  w.pad_to[HO_CLIENT] = 100;
  pass(&w, MS(1000), HO_CLIENT, PING);
  w.pad_to[HO_SERVER] = 250;
  sent(&w, MS(1010), HO_SERVER, FRAMES(path_response(1)));
  ck_assert_int_eq(w.findings[HO_CHECK_C8].verdict,
                   _i == 0 ? HO_NOT_EXERCISED : HO_FAIL);
  sent(&w, MS(1010), HO_SERVER, FRAMES(path_challenge(2)));
  ck_assert_int_eq(w.findings[HO_CHECK_C4].verdict,
                   _i == 0 ? HO_NOT_EXERCISED : HO_FAIL);
}
END_TEST

/* A PTO is 45 ms. */
START_TEST(answers_are_not_late) {
  static const ho_time after[] = {0, 45, 46};

  pass(&w, MS(1000), HO_SERVER, FRAMES(path_challenge(1)));
  sent(&w, MS(1010 + after[_i]), HO_CLIENT, FRAMES(path_response(1)));
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C6),
                   after[_i] > 45 ? HO_FAIL : HO_PASS);
}
END_TEST

START_TEST(a_full_window_delays) {
  window(MS(900), HO_CLIENT, 11000);
  pass(&w, MS(1000), HO_SERVER, FRAMES(path_challenge(1)));
  window(MS(1300), HO_CLIENT, 5000);
  sent(&w, MS(1310), HO_CLIENT, FRAMES(path_response(1)));
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C6), HO_PASS);
}
END_TEST

START_TEST(answers_stay_on_the_path) {
  pass(&w, MS(1000), HO_SERVER, FRAMES(path_challenge(1)));
  w.net = 1;
  sent(&w, MS(1010), HO_CLIENT, FRAMES(path_response(1)));
  must_fail(&w, HO_CHECK_C7, HO_CLIENT, w.packets);
}
END_TEST

/* The host moved it, behind its back; a NAT that rebinds moves no host. */
START_TEST(who_is_not_told_answers_from_where_it_is) {
  static const char *const kinds[] = {"switch", "rebind"};

  pass(&w, MS(1000), HO_SERVER, FRAMES(path_challenge(1)));
  event_at(&w, &(ho_event){.kind = HO_EV_handoff,
                           .t = MS(1005),
                           .u.handoff = {.kind = kinds[_i], .to = 1}});
  w.net = 1;
  sent(&w, MS(1010), HO_CLIENT, FRAMES(path_response(1)));
  ck_assert_int_eq(w.findings[HO_CHECK_C7].verdict,
                   _i == 0 ? HO_NOT_EXERCISED : HO_FAIL);
}
END_TEST

/* Whoever repeats a challenge gets as many answers. */
START_TEST(answers_are_counted) {
  int asked = _i == 0 ? 1 : 2;

  for (int i = 0; i < asked; i++) {
    pass(&w, MS(1000), HO_SERVER, FRAMES(path_challenge(1)));
  }
  sent(&w, MS(1010), HO_CLIENT, FRAMES(path_response(1)));
  sent(&w, MS(1010), HO_CLIENT, FRAMES(path_response(1)));
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C9),
                   asked == 2 ? HO_PASS : HO_FAIL);
}
END_TEST

START_TEST(a_datagram_that_comes_twice_asks_once) {
  got(&w, MS(1020), pass(&w, MS(1000), HO_SERVER, FRAMES(path_challenge(1))));
  sent(&w, MS(1020), HO_CLIENT, FRAMES(path_response(1)));
  sent(&w, MS(1020), HO_CLIENT, FRAMES(path_response(1)));
  must_fail(&w, HO_CHECK_C9, HO_CLIENT, w.packets);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, silence_breaks_the_rule);
  tcase_add_test(tc, silence_to_a_small_one);
  tcase_add_test(tc, nobody_asked_after_all);
  tcase_add_test(tc, the_end_comes_first);
  tcase_add_test(tc, a_full_window_excuses);
  tcase_add_test(tc, a_window_that_was_full_excuses);
  tcase_add_test(tc, a_path_that_was_left_excuses);
  tcase_add_test(tc, damage_excuses);
  tcase_add_loop_test(tc, what_nobody_sees_excuses, 0, 4);
  tcase_add_loop_test(tc, old_keys_excuse, 0, 2);
  tcase_add_test(tc, new_keys_do_not);
  tcase_add_loop_test(tc, each_path_has_its_limit, 0, 2);
  tcase_add_loop_test(tc, answers_are_not_late, 0, 3);
  tcase_add_test(tc, a_full_window_delays);
  tcase_add_test(tc, answers_stay_on_the_path);
  tcase_add_loop_test(tc, who_is_not_told_answers_from_where_it_is, 0, 2);
  tcase_add_loop_test(tc, answers_are_counted, 0, 2);
  tcase_add_test(tc, a_datagram_that_comes_twice_asks_once);
}

int main(void) {
  return suite_run("checks_responses", add);
}
