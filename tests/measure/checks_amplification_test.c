/* Goal: D1 to D4 on hand-written datagrams: every byte to an address that is
 * not validated counts, and no other. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <string.h>

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

static ho_frame challenge = {.type = HO_FRAME_PATH_CHALLENGE,
                             .data = UINT64_C(0x9e3779b97f4a7c15)};
static ho_frame response = {.type = HO_FRAME_PATH_RESPONSE,
                            .data = UINT64_C(0x9e3779b97f4a7c15)};

/* The server hears 100 bytes from another port at 1 s. */
static void rebind(void) {
  w.outside++;
  w.pad_to[HO_CLIENT] = 100;
  pass(&w, MS(990), HO_CLIENT, PING);
}

static uint64_t reply(ho_time t, size_t bytes) {
  w.pad_to[HO_SERVER] = bytes;
  return sent(&w, t, HO_SERVER, PING);
}

START_TEST(the_last_byte_counts) {
  rebind();
  reply(MS(1000), 250);
  reply(MS(1000), (size_t)(50 + _i));
  ck_assert_int_eq(verdict_at(&w, MS(1100), HO_CHECK_D1),
                   _i > 0 ? HO_FAIL : HO_PASS);
  if (_i > 0) {
    must_fail(&w, HO_CHECK_D1, HO_SERVER, w.packets);
  }
}
END_TEST

START_TEST(what_was_lost_allows_nothing) {
  rebind();
  sent(&w, MS(1000), HO_CLIENT, PING);
  reply(MS(1020), 301);
  must_fail(&w, HO_CHECK_D1, HO_SERVER, w.packets);
}
END_TEST

START_TEST(forged_bytes_allow_as_much) {
  uint64_t copy;

  rebind();
  copy = sent(&w, MS(1000), HO_CLIENT, PING);
  w.sents[copy - 1].forged = true;
  got(&w, MS(1010), copy);
  reply(MS(1020), 600);
  ck_assert_int_eq(verdict_at(&w, MS(1100), HO_CHECK_D1), HO_PASS);
}
END_TEST

START_TEST(an_answer_lifts_it) {
  rebind();
  w.pad_to[HO_SERVER] = 35;
  pass(&w, MS(1000), HO_SERVER, FRAMES(challenge));
  pass(&w, MS(1010), HO_CLIENT, FRAMES(response));
  reply(MS(1020), 60000);
  ck_assert_int_eq(verdict_at(&w, MS(1100), HO_CHECK_D1), HO_PASS);
}
END_TEST

/* An answer from elsewhere validates what was asked, not where it came from
 * (8.2.3). */
START_TEST(an_answer_from_elsewhere) {
  rebind();
  w.pad_to[HO_SERVER] = 35;
  pass(&w, MS(1000), HO_SERVER, FRAMES(challenge));
  w.outside++;
  pass(&w, MS(1010), HO_CLIENT, FRAMES(response));
  w.outside -= _i == 0 ? 1 : 0;
  reply(MS(1020), 6000);
  ck_assert_int_eq(verdict_at(&w, MS(1100), HO_CHECK_D1),
                   _i == 0 ? HO_PASS : HO_FAIL);
}
END_TEST

START_TEST(a_return_is_not_limited) {
  rebind();
  w.outside--;
  pass(&w, MS(1100), HO_CLIENT, PING);
  reply(MS(1110), 5000);
  ck_assert_int_eq(verdict_at(&w, MS(2000), HO_CHECK_D1), HO_PASS);
  ck_assert_int_eq(w.findings[HO_CHECK_D2].verdict, HO_PASS);
  ck_assert_ptr_nonnull(strstr(w.findings[HO_CHECK_D2].detail, "not applied"));
}
END_TEST

/* ---- D3 ---- */

START_TEST(a_timer_goes_off_at_the_limit) {
  rebind();
  reply(MS(1000), 300);
  reply(MS(1100), 35);
  must_fail(&w, HO_CHECK_D3, HO_SERVER, w.packets);
}
END_TEST

static void in_flight(ho_time t, uint64_t bytes) {
  event_at(&w, &(ho_event){.kind = HO_EV_recovery,
                           .t = t,
                           .u.recovery = {.endpoint = HO_SERVER,
                                          .cwnd = 12000,
                                          .in_flight = bytes,
                                          .srtt = MS(20)}});
}

/* At the limit, 1200 bytes come; then there is a probe, or silence. */
START_TEST(a_datagram_sets_the_timer_again) {
  uint64_t heard;

  rebind();
  reply(MS(1000), 300);
  in_flight(MS(1000), _i == 2 ? 0 : 9000);
  w.pad_to[HO_CLIENT] = 1200;
  heard = pass(&w, MS(1100), HO_CLIENT, PING);
  if (_i == 0) {
    reply(MS(1200), 1200);
  }
  verdict_at(&w, MS(9000), HO_CHECK_D3);
  switch (_i) {
  case 0:
    ck_assert_int_eq(w.findings[HO_CHECK_D3].verdict, HO_PASS);
    break;
  case 1:
    must_fail(&w, HO_CHECK_D3, HO_SERVER, heard);
    break;
  default: /* nothing is in flight */
    ck_assert_int_eq(w.findings[HO_CHECK_D3].verdict, HO_NOT_EXERCISED);
  }
}
END_TEST

/* RFC 9002, 6.2.1: nothing has been acknowledged since 50 ms, or since 1090 ms;
 * what is heard at 1110 ms waits for as long, and a PTO of 45 ms. */
START_TEST(a_timer_backs_off) {
  static const ho_time ends[] = {2215, 2216, 2111};
  bool acked = _i == 2;
  uint64_t heard;

  pass(&w, MS(40), HO_CLIENT, FRAMES(ack(0, w.pn[HO_SERVER])));
  rebind();
  reply(MS(1000), 300);
  in_flight(MS(1000), 9000);
  if (acked) {
    w.pad_to[HO_CLIENT] = 1;
    pass(&w, MS(1080), HO_CLIENT, FRAMES(ack(0, w.pn[HO_SERVER])));
  }
  w.pad_to[HO_CLIENT] = 1200;
  heard = pass(&w, MS(1100), HO_CLIENT, PING);
  verdict_at(&w, MS(ends[_i]), HO_CHECK_D3);
  if (_i == 0) {
    ck_assert_int_eq(w.findings[HO_CHECK_D3].verdict, HO_NOT_EXERCISED);
  } else {
    must_fail(&w, HO_CHECK_D3, HO_SERVER, acked ? heard - 1 : heard);
  }
}
END_TEST

/* A probe that goes the wrong way is one; where it goes is E5's matter. */
START_TEST(a_probe_on_another_path) {
  rebind();
  reply(MS(1000), 300);
  in_flight(MS(1000), 9000);
  w.pad_to[HO_CLIENT] = 1200;
  pass(&w, MS(1100), HO_CLIENT, PING);
  w.outside--;
  reply(MS(1200), 1200);
  if (_i == 1) {
    w.outside++;
    reply(MS(1210), 1200);
  }
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_D3),
                   _i == 0 ? HO_NOT_EXERCISED : HO_PASS);
}
END_TEST

/* ---- D4 ---- */

START_TEST(a_small_trigger) {
  rebind();
  w.pad_to[HO_SERVER] = 35;
  pass(&w, MS(1000), HO_SERVER, FRAMES(challenge));
  if (_i == 0) {
    pass(&w, MS(1010), HO_CLIENT, FRAMES(response));
  }
  ck_assert_int_eq(verdict_at(&w, MS(9000), HO_CHECK_D4), HO_PASS);
  ck_assert_ptr_nonnull(strstr(w.findings[HO_CHECK_D4].detail,
                               _i == 0 ? "led to a validated path in 20000 us"
                                       : "led to no validated path"));
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_loop_test(tc, the_last_byte_counts, 0, 2);
  tcase_add_test(tc, what_was_lost_allows_nothing);
  tcase_add_test(tc, forged_bytes_allow_as_much);
  tcase_add_test(tc, an_answer_lifts_it);
  tcase_add_loop_test(tc, an_answer_from_elsewhere, 0, 2);
  tcase_add_test(tc, a_return_is_not_limited);
  tcase_add_test(tc, a_timer_goes_off_at_the_limit);
  tcase_add_loop_test(tc, a_datagram_sets_the_timer_again, 0, 3);
  tcase_add_loop_test(tc, a_timer_backs_off, 0, 3);
  tcase_add_loop_test(tc, a_probe_on_another_path, 0, 2);
  tcase_add_loop_test(tc, a_small_trigger, 0, 2);
}

int main(void) {
  return suite_run("checks_amplification", add);
}
