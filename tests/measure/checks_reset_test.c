/* Goal: the checks of stateless resets hold, fail and stay silent where they
 * should. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sightings.h"
#include "tests/suite.h"

static sightings w;

static void begin(void) {
  sightings_init(&w);
  sightings_connect(&w);
}

static void ended(const char *reason, ho_side side, ho_time t) {
  event_at(&w, &(ho_event){.kind = HO_EV_connection_closed,
                           .t = t,
                           .u.connection_closed = {.endpoint = side,
                                                   .reason = reason}});
}

static void restart(ho_time t) {
  event_at(&w, &(ho_event){.kind = HO_EV_action,
                           .t = t,
                           .client = -1,
                           .u.action = {.action = "restart"}});
}

START_TEST(obeyed) {
  begin();
  got(&w, MS(70), sent_reset(&w, MS(60), HO_SERVER, 0, 40));
  ended("stateless reset", HO_CLIENT, MS(70));
  must_be(&w, HO_CHECK_I1, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(sends_on) {
  uint64_t packet;

  begin();
  got(&w, MS(70), sent_reset(&w, MS(60), HO_SERVER, 0, 40));
  must_be(&w, HO_CHECK_I1, HO_NOT_EXERCISED);
  packet = sent(&w, MS(80), HO_CLIENT, PING);
  must_fail(&w, HO_CHECK_I1, HO_CLIENT, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(forged_reset_obeyed) {
  begin();
  w.forged = true;
  got(&w, MS(70), sent_reset(&w, MS(60), HO_SERVER, UINT64_MAX, 40));
  ended("stateless reset", HO_CLIENT, MS(70));
  must_fail(&w, HO_CHECK_I1, HO_CLIENT, 0);
  sightings_free(&w);
}
END_TEST

START_TEST(forged_reset_ignored) {
  begin();
  w.forged = true;
  got(&w, MS(70), sent_reset(&w, MS(60), HO_SERVER, UINT64_MAX, 40));
  w.forged = false;
  pass(&w, MS(80), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_I1, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(token_of_an_unused_cid) {
  begin();
  issue(&w, MS(60), HO_SERVER, 1, 1);
  got(&w, MS(90), sent_reset(&w, MS(80), HO_SERVER, 1, 40));
  pass(&w, MS(100), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_I1, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(lost_reset) {
  begin();
  sent_reset(&w, MS(60), HO_SERVER, 0, 40);
  pass(&w, MS(100), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_I1, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

START_TEST(small_reset) {
  begin();
  restart(MS(55));
  pass(&w, MS(60), HO_CLIENT, PING);
  sent_reset(&w, MS(70), HO_SERVER, 0, 99);
  must_be(&w, HO_CHECK_I2, HO_PASS);
  must_be(&w, HO_CHECK_I4, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(big_reset) {
  uint64_t packet;

  begin();
  restart(MS(55));
  pass(&w, MS(60), HO_CLIENT, PING);
  packet = sent_reset(&w, MS(70), HO_SERVER, 0, 100);
  must_fail(&w, HO_CHECK_I2, HO_SERVER, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(reset_of_a_living_connection) {
  uint64_t packet;

  begin();
  pass(&w, MS(60), HO_CLIENT, PING);
  packet = sent_reset(&w, MS(70), HO_SERVER, 0, 50);
  must_fail(&w, HO_CHECK_I4, HO_SERVER, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(same_token) {
  ho_frame f;
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 1);
  must_be(&w, HO_CHECK_I3, HO_PASS);
  f = ncid(&w, HO_SERVER, 2, 0);
  f.token = sight_token(HO_SERVER, 0);
  packet = pass(&w, MS(70), HO_SERVER, FRAMES(f));
  must_fail(&w, HO_CHECK_I3, HO_SERVER, packet);
  sightings_free(&w);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, obeyed);
  tcase_add_test(tc, sends_on);
  tcase_add_test(tc, forged_reset_obeyed);
  tcase_add_test(tc, forged_reset_ignored);
  tcase_add_test(tc, token_of_an_unused_cid);
  tcase_add_test(tc, lost_reset);
  tcase_add_test(tc, small_reset);
  tcase_add_test(tc, big_reset);
  tcase_add_test(tc, reset_of_a_living_connection);
  tcase_add_test(tc, same_token);
}

int main(void) {
  return suite_run("checks_reset", add);
}
