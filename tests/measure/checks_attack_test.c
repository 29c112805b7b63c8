/* Goal: F1 and F3 to F7 on hand-written datagrams: what an attacker may bring
 * about, and what not. */
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

static const ho_frame challenge = {.type = HO_FRAME_PATH_CHALLENGE,
                                   .data = UINT64_C(0x9e3779b97f4a7c15)};

/* A copy of the client's packet comes from a victim's port at |t|. */
static uint64_t spoof(ho_time t) {
  uint64_t packet = sent(&w, t - MS(10), HO_CLIENT, PING);

  w.sents[packet - 1].forged = true;
  w.wires[packet - 1].client.port = 9999;
  got(&w, t, packet);
  return packet;
}

/* The server's next datagrams go to the victim, or to the client. */
static void towards(bool victim) {
  w.outside = victim ? 9999 : 1000;
}

static void in_flight(uint64_t bytes) {
  event_at(&w, &(ho_event){.kind = HO_EV_recovery,
                           .t = w.t,
                           .u.recovery = {.endpoint = HO_SERVER,
                                          .cwnd = 12000,
                                          .in_flight = bytes,
                                          .srtt = MS(20)}});
}

/* ---- F1: 3 s are recommended, 12 s are long ---- */

static uint64_t spoofed_and_challenged(void) {
  uint64_t cause = spoof(MS(1000));

  towards(true);
  w.pad_to[HO_SERVER] = 35;
  sent(&w, MS(1000), HO_SERVER, FRAMES(challenge));
  in_flight(5000);
  return cause;
}

START_TEST(the_server_returns) {
  spoofed_and_challenged();
  towards(false);
  sent(&w, MS(4100), HO_SERVER, PING);
  ck_assert_int_eq(verdict_at(&w, MS(20000), HO_CHECK_F1), HO_PASS);
}
END_TEST

START_TEST(the_server_is_silent) {
  uint64_t cause = spoofed_and_challenged();

  ck_assert_int_eq(verdict_at(&w, MS(20000), HO_CHECK_F1), HO_FAIL);
  must_fail(&w, HO_CHECK_F1, HO_SERVER, cause);
}
END_TEST

START_TEST(the_server_stays) {
  spoofed_and_challenged();
  sent(&w, MS(14000), HO_SERVER, PING);
  must_fail(&w, HO_CHECK_F1, HO_SERVER, w.packets);
}
END_TEST

START_TEST(the_server_has_nothing_to_send) {
  spoofed_and_challenged();
  in_flight(0);
  ck_assert_int_eq(verdict_at(&w, MS(20000), HO_CHECK_F1), HO_NOT_EXERCISED);
}
END_TEST

START_TEST(the_client_speaks_again) {
  spoofed_and_challenged();
  towards(false);
  pass(&w, MS(2000), HO_CLIENT, PING);
  ck_assert_int_eq(verdict_at(&w, MS(20000), HO_CHECK_F1), HO_NOT_EXERCISED);
}
END_TEST

/* ---- F3 ---- */

START_TEST(the_original_address_has_a_higher_number) {
  spoof(MS(1000));
  towards(true);
  w.pad_to[HO_SERVER] = 35;
  sent(&w, MS(1000), HO_SERVER, PING);
  towards(false);
  pass(&w, MS(1090), HO_CLIENT, PING);
  towards(_i > 0);
  sent(&w, MS(1200), HO_SERVER, PING);
  ck_assert_int_eq(verdict_at(&w, MS(2000), HO_CHECK_F3),
                   _i > 0 ? HO_FAIL : HO_PASS);
}
END_TEST

/* ---- F4, F6 ---- */

START_TEST(a_close_to_the_client_is_for_no_spoofed_address) {
  ho_frame close = {.type = HO_FRAME_CONNECTION_CLOSE, .error = 0x0a};

  spoof(MS(1000));
  sent(&w, MS(1000), HO_SERVER, FRAMES(close));
  must_fail(&w, HO_CHECK_F4, HO_SERVER, w.packets);
  ck_assert_int_eq(verdict_at(&w, MS(2000), HO_CHECK_F6), HO_PASS);
}
END_TEST

/* RFC 9000, 10.2.3: in a handshake that is how an application's close looks. */
START_TEST(an_application_gives_up) {
  ho_frame close = {.type = HO_FRAME_CONNECTION_CLOSE, .error = 0x0c};

  spoof(MS(1000));
  sent(&w, MS(1400), HO_CLIENT, FRAMES(close));
  ck_assert_int_eq(verdict_at(&w, MS(2000), HO_CHECK_F4), HO_PASS);
}
END_TEST

START_TEST(an_attacker_closes_nothing) {
  ho_frame close = {.type = HO_FRAME_CONNECTION_CLOSE, .error = 0x0a};

  spoof(MS(1000));
  towards(true);
  w.pad_to[HO_SERVER] = 35;
  if (_i > 0) {
    sent(&w, MS(1000), HO_SERVER, FRAMES(close));
    must_fail(&w, HO_CHECK_F4, HO_SERVER, w.packets);
    must_fail(&w, HO_CHECK_F6, HO_SERVER, w.packets);
  } else {
    ck_assert_int_eq(verdict_at(&w, MS(2000), HO_CHECK_F4), HO_PASS);
    ck_assert_int_eq(w.findings[HO_CHECK_F6].verdict, HO_PASS);
  }
}
END_TEST

/* A close for another reason, half a second after noise, or after a packet that
 * had come already. */
START_TEST(what_is_discarded_closes_nothing_later) {
  ho_frame close = {.type = HO_FRAME_CONNECTION_CLOSE, .error = 0x09};
  uint64_t packet = _i == 0
                        ? sent_reset(&w, MS(1000), HO_SERVER, UINT64_MAX, 43)
                        : pass(&w, MS(1000), HO_CLIENT, PING);

  w.sents[packet - 1].forged = true;
  got(&w, MS(1020), packet);
  sent(&w, MS(1500), HO_SERVER, FRAMES(close));
  ck_assert_int_eq(verdict_at(&w, MS(2000), HO_CHECK_F4), HO_PASS);
}
END_TEST

/* But at once, or where the server had not seen it, it may be the reason. */
START_TEST(what_is_not_discarded_closes_later) {
  ho_frame close = {.type = HO_FRAME_CONNECTION_CLOSE, .error = 0x09};
  uint64_t packet = sent(&w, MS(1000), HO_CLIENT, PING);

  if (_i > 0) {
    got(&w, MS(1010), packet);
  }
  w.sents[packet - 1].forged = true;
  got(&w, MS(1020), packet);
  sent(&w, _i > 0 ? MS(1020) : MS(1500), HO_SERVER, FRAMES(close));
  must_fail(&w, HO_CHECK_F4, HO_SERVER, w.packets);
}
END_TEST

START_TEST(a_reset_for_a_spoofed_address) {
  spoof(MS(1000));
  towards(true);
  must_fail(&w, HO_CHECK_F6, HO_SERVER,
            sent_reset(&w, MS(1000), HO_SERVER, 0, 43));
}
END_TEST

/* Whoever sends an old packet again gets one, which ends nothing. */
START_TEST(a_reset_for_a_retired_cid) {
  pass(&w, MS(900), HO_CLIENT, FRAMES(rcid(0)));
  spoof(MS(1000));
  towards(true);
  sent_reset(&w, MS(1000), HO_SERVER, 0, 43);
  ck_assert_int_ne(verdict_at(&w, MS(2000), HO_CHECK_F6), HO_FAIL);
}
END_TEST

/* Whichever end closes, and with either frame. */
START_TEST(a_reset_after_the_end) {
  ho_frame close = {.type = _i % 2 ? HO_FRAME_CONNECTION_CLOSE_APP
                                   : HO_FRAME_CONNECTION_CLOSE};

  if (_i < 2) {
    sent(&w, MS(900), HO_SERVER, FRAMES(close));
  } else {
    pass(&w, MS(900), HO_CLIENT, FRAMES(close));
  }
  spoof(MS(1000));
  towards(true);
  sent_reset(&w, MS(1000), HO_SERVER, 0, 43);
  ck_assert_int_ne(verdict_at(&w, MS(2000), HO_CHECK_F6), HO_FAIL);
}
END_TEST

/* A close that does not arrive ends nothing at the server. */
START_TEST(a_reset_after_a_lost_close) {
  ho_frame close = {.type = HO_FRAME_CONNECTION_CLOSE};

  sent(&w, MS(900), HO_CLIENT, FRAMES(close));
  spoof(MS(1000));
  towards(true);
  must_fail(&w, HO_CHECK_F6, HO_SERVER,
            sent_reset(&w, MS(1000), HO_SERVER, 0, 43));
}
END_TEST

START_TEST(a_forged_reset_ends_nothing) {
  uint64_t reset = sent_reset(&w, MS(1000), HO_SERVER, UINT64_MAX, 43);

  w.sents[reset - 1].forged = true;
  got(&w, MS(1010), reset);
  if (_i > 0) {
    event_at(&w,
             &(ho_event){.kind = HO_EV_connection_closed,
                         .t = MS(1010),
                         .u.connection_closed = {.endpoint = HO_CLIENT,
                                                 .reason = "stateless reset"}});
    must_fail(&w, HO_CHECK_F4, HO_CLIENT, 0);
  } else {
    ck_assert_int_eq(verdict_at(&w, MS(2000), HO_CHECK_F4), HO_PASS);
  }
}
END_TEST

/* ---- F5 ---- */

START_TEST(a_victim_gets_three_times_as_much) {
  spoof(MS(1000)); /* 100 bytes */
  towards(true);
  w.pad_to[HO_SERVER] = (size_t)(300 + _i);
  sent(&w, MS(1000), HO_SERVER, PING);
  ck_assert_int_eq(verdict_at(&w, MS(2000), HO_CHECK_F5),
                   _i > 0 ? HO_FAIL : HO_PASS);
}
END_TEST

/* ---- F7 ---- */

START_TEST(some_ports_are_blocked) {
  w.inside = _i > 0 ? 5353 : 5354;
  sent(&w, MS(1000), HO_CLIENT, PING);
  ck_assert_int_eq(verdict_at(&w, MS(2000), HO_CHECK_F7),
                   _i > 0 ? HO_FAIL : HO_PASS);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, the_server_returns);
  tcase_add_test(tc, the_server_is_silent);
  tcase_add_test(tc, the_server_stays);
  tcase_add_test(tc, the_server_has_nothing_to_send);
  tcase_add_test(tc, the_client_speaks_again);
  tcase_add_loop_test(tc, the_original_address_has_a_higher_number, 0, 2);
  tcase_add_test(tc, an_application_gives_up);
  tcase_add_test(tc, a_close_to_the_client_is_for_no_spoofed_address);
  tcase_add_loop_test(tc, an_attacker_closes_nothing, 0, 2);
  tcase_add_loop_test(tc, what_is_discarded_closes_nothing_later, 0, 2);
  tcase_add_loop_test(tc, what_is_not_discarded_closes_later, 0, 2);
  tcase_add_test(tc, a_reset_for_a_spoofed_address);
  tcase_add_test(tc, a_reset_for_a_retired_cid);
  tcase_add_loop_test(tc, a_reset_after_the_end, 0, 4);
  tcase_add_test(tc, a_reset_after_a_lost_close);
  tcase_add_loop_test(tc, a_forged_reset_ends_nothing, 0, 2);
  tcase_add_loop_test(tc, a_victim_gets_three_times_as_much, 0, 2);
  tcase_add_loop_test(tc, some_ports_are_blocked, 0, 2);
}

int main(void) {
  return suite_run("checks_attack", add);
}
