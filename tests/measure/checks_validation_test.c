/* Goal: C11, C13 and C15 on hand-written datagrams: what validates an address,
 * and what a failure leads to. */
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

/* ---- C11, C15 ---- */

/* The server has challenged a new address, 1200 bytes of 3600. */
static void rebound(void) {
  w.outside++;
  pass(&w, MS(990), HO_CLIENT, PING);
  pass(&w, MS(1000), HO_SERVER, FRAMES(path_challenge(1)));
}

/* The server sends 1200 bytes three times: one too many, or not. */
static void go_on(int times) {
  for (int i = 0; i < times; i++) {
    sent(&w, MS(1030 + i), HO_SERVER, PING);
  }
}

START_TEST(an_ack_validates_nothing) {
  rebound();
  w.pad_to[HO_CLIENT] = 35;
  pass(&w, MS(1010), HO_CLIENT, FRAMES(ack(0, w.pn[HO_SERVER])));
  go_on(2 + _i);
  ck_assert_int_eq(verdict_at(&w, MS(1100), HO_CHECK_C11),
                   _i > 0 ? HO_FAIL : HO_PASS);
  ck_assert_int_eq(w.findings[HO_CHECK_C15].verdict, HO_NOT_EXERCISED);
}
END_TEST

START_TEST(a_wrong_answer_validates_nothing) {
  rebound();
  w.pad_to[HO_CLIENT] = 35;
  pass(&w, MS(1010), HO_CLIENT, FRAMES(path_response(2)));
  go_on(2 + _i);
  ck_assert_int_eq(verdict_at(&w, MS(1100), HO_CHECK_C15),
                   _i > 0 ? HO_FAIL : HO_PASS);
}
END_TEST

START_TEST(a_right_answer_does) {
  rebound();
  pass(&w, MS(1010), HO_CLIENT,
       FRAMES(ack(0, w.pn[HO_SERVER]), path_response(1)));
  go_on(5);
  ck_assert_int_eq(verdict_at(&w, MS(1100), HO_CHECK_C11), HO_NOT_EXERCISED);
  ck_assert_int_eq(w.findings[HO_CHECK_C15].verdict, HO_NOT_EXERCISED);
}
END_TEST

/* ---- C13 ---- */

START_TEST(failure_is_not_the_end) {
  ho_frame close = {.type = HO_FRAME_CONNECTION_CLOSE, .error = 0x10};

  rebound();
  event_at(&w, &(ho_event){
                   .kind = HO_EV_path_validation,
                   .t = MS(4100),
                   .u.path_validation = {.endpoint = HO_SERVER,
                                         .tuple = w.sents[w.packets - 1].tuple,
                                         .result = "failure"}});
  w.outside--;
  if (_i == 0) {
    sent(&w, MS(4200), HO_SERVER, PING);
    ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_C13), HO_PASS);
  } else {
    sent(&w, MS(4200), HO_SERVER, FRAMES(close));
    must_fail(&w, HO_CHECK_C13, HO_SERVER, w.packets);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_loop_test(tc, an_ack_validates_nothing, 0, 2);
  tcase_add_loop_test(tc, a_wrong_answer_validates_nothing, 0, 2);
  tcase_add_test(tc, a_right_answer_does);
  tcase_add_loop_test(tc, failure_is_not_the_end, 0, 2);
}

int main(void) {
  return suite_run("checks_validation", add);
}
