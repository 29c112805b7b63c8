/* Goal: C1 to C5, C12 and C14 on hand-written datagrams: what is owed, when it
 * is late, and what excuses it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "sightings.h"
#include "tests/suite.h"

static sightings w;

static void setup(void) {
  sightings_init(&w);
  sightings_connect(&w);
}

static void teardown(void) {
  sightings_free(&w);
}

/* The NAT gives the client another port, of which the server learns at |t|. */
static uint64_t rebind(ho_time t) {
  w.outside++;
  return pass(&w, t - MS(10), HO_CLIENT, PING);
}

static uint64_t challenged(ho_time t, ho_side side, uint64_t n, size_t bytes) {
  w.pad_to[side] = bytes;
  return sent(&w, t, side, FRAMES(path_challenge(n)));
}

static void result(ho_time t, ho_side side, const char *what) {
  event_at(&w, &(ho_event){
                   .kind = HO_EV_path_validation,
                   .t = t,
                   .u.path_validation = {.endpoint = side,
                                         .tuple = w.sents[w.packets - 1].tuple,
                                         .result = what}});
}

/* ---- C1 ---- */

START_TEST(a_new_address_is_never_challenged) {
  uint64_t cause = rebind(MS(1000));

  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C1), HO_FAIL);
  must_fail(&w, HO_CHECK_C1, HO_SERVER, cause);
}
END_TEST

START_TEST(a_new_address_is_challenged) {
  rebind(MS(1000));
  challenged(MS(1000), HO_SERVER, 1, 35);
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C1), HO_PASS);
}
END_TEST

START_TEST(the_run_ends_before_it_is_due) {
  rebind(MS(1000));
  ck_assert_int_eq(verdict_at(&w, MS(1900), HO_CHECK_C1), HO_NOT_EXERCISED);
}
END_TEST

START_TEST(the_connection_ends_before_it_is_due) {
  rebind(MS(1000));
  pass(&w, MS(1100), HO_CLIENT, FRAMES(frame_of(HO_FRAME_CONNECTION_CLOSE)));
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C1), HO_NOT_EXERCISED);
}
END_TEST

START_TEST(the_trigger_is_lost) {
  w.outside++;
  sent(&w, MS(1000), HO_CLIENT, PING);
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C1), HO_NOT_EXERCISED);
}
END_TEST

START_TEST(an_older_packet_comes_from_elsewhere) {
  uint64_t old;

  w.outside++;
  old = sent(&w, MS(1000), HO_CLIENT, PING);
  w.outside--;
  pass(&w, MS(1001), HO_CLIENT, PING);
  got(&w, MS(1020), old);
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C1), HO_NOT_EXERCISED);
}
END_TEST

/* ---- C2 ---- */

START_TEST(data_may_be_foreseen) {
  ho_frame next = path_challenge(1);

  challenged(MS(1000), HO_CLIENT, 1, 1200);
  next.data++;
  sent(&w, MS(2000), HO_CLIENT, FRAMES(next));
  must_fail(&w, HO_CHECK_C2, HO_CLIENT, w.packets);
}
END_TEST

/* ---- C3: a PTO is 45 ms or more ---- */

typedef struct {
  ho_time at[5]; /* ms after 1 s */
  ho_verdict want;
} round_case;

static const round_case rounds[] = {
    {{0, 0, 45, 45, 135}, HO_PASS},   {{0, 20, 45, 60, 135}, HO_PASS},
    {{0, 45, 90, 135, 180}, HO_PASS}, {{0, 0, 20, 20, 60}, HO_FAIL},
    {{0, 10, 20, 30, 40}, HO_FAIL},   {{0, 0, 0, 0, 0}, HO_NOT_EXERCISED},
};

START_TEST(rounds_are_a_pto_apart) {
  for (uint64_t i = 0; i < 5; i++) {
    challenged(MS(1000 + rounds[_i].at[i]), HO_CLIENT, i + 1, 1200);
  }
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C3), rounds[_i].want);
}
END_TEST

START_TEST(an_answer_allows_another_round) {
  uint64_t last;

  for (uint64_t n = 1; n <= 2; n++) {
    last = challenged(MS(1000), HO_CLIENT, n, 1200);
    got(&w, MS(1001), last);
  }
  sent(&w, MS(1001), HO_SERVER, FRAMES(path_response(1)));
  got(&w, MS(1002), w.packets);
  challenged(MS(1003), HO_CLIENT, 3, 1200);
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C3), HO_NOT_EXERCISED);
}
END_TEST

/* ---- C4, C5 ---- */

START_TEST(the_limit_excuses_small_ones) {
  w.pad_to[HO_CLIENT] = 100;
  rebind(MS(1000));
  challenged(MS(1000), HO_SERVER, 1, 300);
  ck_assert_int_eq(verdict_at(&w, MS(1001), HO_CHECK_C4), HO_NOT_EXERCISED);
}
END_TEST

START_TEST(the_limit_allows_more) {
  w.pad_to[HO_CLIENT] = 400;
  rebind(MS(1000));
  challenged(MS(1000), HO_SERVER, 1, 1199);
  must_fail(&w, HO_CHECK_C4, HO_SERVER, w.packets);
}
END_TEST

static uint64_t small_and_answered(void) {
  w.pad_to[HO_CLIENT] = 100;
  rebind(MS(1000));
  got(&w, MS(1010), challenged(MS(1000), HO_SERVER, 1, 35));
  return pass(&w, MS(1010), HO_CLIENT, FRAMES(path_response(1)));
}

START_TEST(a_full_one_is_owed) {
  uint64_t answer = small_and_answered();

  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C5), HO_FAIL);
  must_fail(&w, HO_CHECK_C5, HO_SERVER, answer);
}
END_TEST

START_TEST(a_full_one_follows) {
  small_and_answered();
  challenged(MS(1030), HO_SERVER, 2, 1200);
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C5), HO_PASS);
}
END_TEST

START_TEST(a_path_that_was_left_owes_nothing) {
  small_and_answered();
  rebind(MS(1100));
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C5), HO_NOT_EXERCISED);
}
END_TEST

/* ---- C12 ---- */

START_TEST(failure_comes_early) {
  challenged(MS(1000), HO_CLIENT, 1, 1200);
  result(MS(3990), HO_CLIENT, "failure");
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C12), HO_FAIL);
}
END_TEST

START_TEST(failure_comes_in_time) {
  challenged(MS(1000), HO_CLIENT, 1, 1200);
  challenged(MS(2000), HO_CLIENT, 2, 1200);
  result(MS(3998), HO_CLIENT, "failure");
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C12), HO_PASS);
}
END_TEST

START_TEST(whoever_aborts_has_not_failed) {
  challenged(MS(1000), HO_CLIENT, 1, 1200);
  result(MS(1500), HO_CLIENT, "aborted");
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C12), HO_NOT_EXERCISED);
}
END_TEST

/* ---- C14 ---- */

START_TEST(a_probe_needs_a_cid) {
  bool fresh = _i == 1;

  issue(&w, MS(100), HO_SERVER, 1, 2);
  tell(&w, MS(1000), 1);
  w.dcid[HO_CLIENT] = fresh ? 1 : 0;
  challenged(MS(1000), HO_CLIENT, 1, 1200);
  if (fresh) {
    ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C14), HO_PASS);
  } else {
    must_fail(&w, HO_CHECK_C14, HO_CLIENT, w.packets);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, a_new_address_is_never_challenged);
  tcase_add_test(tc, a_new_address_is_challenged);
  tcase_add_test(tc, the_run_ends_before_it_is_due);
  tcase_add_test(tc, the_connection_ends_before_it_is_due);
  tcase_add_test(tc, the_trigger_is_lost);
  tcase_add_test(tc, an_older_packet_comes_from_elsewhere);
  tcase_add_test(tc, data_may_be_foreseen);
  tcase_add_loop_test(tc, rounds_are_a_pto_apart, 0, (int)COUNT(rounds));
  tcase_add_test(tc, an_answer_allows_another_round);
  tcase_add_test(tc, the_limit_excuses_small_ones);
  tcase_add_test(tc, the_limit_allows_more);
  tcase_add_test(tc, a_full_one_is_owed);
  tcase_add_test(tc, a_full_one_follows);
  tcase_add_test(tc, a_path_that_was_left_owes_nothing);
  tcase_add_test(tc, failure_comes_early);
  tcase_add_test(tc, failure_comes_in_time);
  tcase_add_test(tc, whoever_aborts_has_not_failed);
  tcase_add_loop_test(tc, a_probe_needs_a_cid, 0, 2);
}

int main(void) {
  return suite_run("checks_challenges", add);
}
