/* Goal: the check of CIDs' frames that are lost holds, fails and stays silent
 * where it should. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sightings.h"
#include "tests/suite.h"

static sightings w;

static void begin(void) {
  sightings_init(&w);
  sightings_connect(&w);
}

/* |side| has sent packet 1 with |f|, and hears at 90 ms that 2 to 5 came. */
static uint64_t lose(ho_side side, ho_frame f) {
  uint64_t packet = sent(&w, MS(60), side, FRAMES(f));

  for (ho_time t = MS(61); t < MS(65); t += MS(1)) {
    pass(&w, t, side, PING);
  }
  pass(&w, MS(80), ho_other(side), FRAMES(ack(2, 5)));
  return packet;
}

/* A PING that is acknowledged. */
static void ping(ho_time t, ho_side side) {
  pass(&w, t, side, PING);
  pass(&w, t + MS(15), ho_other(side), FRAMES(ack(2, w.pn[side])));
}

START_TEST(lost_frame_not_sent_again) {
  uint64_t packet;

  begin();
  packet = lose(HO_SERVER, ncid(&w, HO_SERVER, 1, 0));
  ping(MS(200), HO_SERVER);
  must_be(&w, HO_CHECK_A11, HO_NOT_EXERCISED);
  pass(&w, MS(400), HO_SERVER, PING);
  must_fail(&w, HO_CHECK_A11, HO_SERVER, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(lost_frame_sent_again) {
  begin();
  lose(HO_SERVER, ncid(&w, HO_SERVER, 1, 0));
  issue(&w, MS(95), HO_SERVER, 1, 1);
  pass(&w, MS(400), HO_SERVER, PING);
  must_be(&w, HO_CHECK_A11, HO_PASS);
  sightings_free(&w);
}
END_TEST

/* Little to say is no excuse. */
START_TEST(lost_frame_of_an_idle_end) {
  uint64_t packet;

  begin();
  packet = lose(HO_CLIENT, rcid(9));
  ping(MS(190), HO_CLIENT);
  must_be(&w, HO_CHECK_A11, HO_NOT_EXERCISED);
  ping(MS(800), HO_CLIENT);
  must_fail(&w, HO_CHECK_A11, HO_CLIENT, packet);
  sightings_free(&w);
}
END_TEST

/* Probes of an end that hears nothing, whose window may be full. */
START_TEST(lost_frame_without_a_window) {
  begin();
  lose(HO_CLIENT, rcid(9));
  for (ho_time t = MS(100); t < MS(700); t += MS(100)) {
    sent(&w, t, HO_CLIENT, PING);
  }
  pass(&w, MS(700), HO_SERVER, FRAMES(ack(2, w.pn[HO_CLIENT])));
  pass(&w, MS(720), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_A11, HO_NOT_EXERCISED);
  pass(&w, MS(730), HO_CLIENT, FRAMES(rcid(9)));
  must_be(&w, HO_CHECK_A11, HO_PASS);
  sightings_free(&w);
}
END_TEST

/* The same ACK over and over frees nothing. */
START_TEST(lost_frame_and_nothing_new) {
  begin();
  lose(HO_CLIENT, rcid(9));
  for (ho_time t = MS(100); t < MS(700); t += MS(30)) {
    sent(&w, t, HO_CLIENT, PING);
    pass(&w, t + MS(15), HO_SERVER, FRAMES(ack(2, 5)));
  }
  must_be(&w, HO_CHECK_A11, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

START_TEST(lost_frame_forgotten_without_a_window) {
  uint64_t packet;

  begin();
  packet = lose(HO_CLIENT, rcid(9));
  for (ho_time t = MS(100); t < MS(700); t += MS(100)) {
    sent(&w, t, HO_CLIENT, PING);
  }
  pass(&w, MS(700), HO_SERVER, FRAMES(ack(2, w.pn[HO_CLIENT])));
  ping(MS(720), HO_CLIENT);
  must_be(&w, HO_CHECK_A11, HO_NOT_EXERCISED);
  ping(MS(1000), HO_CLIENT);
  must_fail(&w, HO_CHECK_A11, HO_CLIENT, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(late_frame_is_not_lost) {
  uint64_t packet;

  begin();
  packet = sent(&w, MS(60), HO_CLIENT, FRAMES(rcid(9)));
  for (ho_time t = MS(61); t < MS(65); t += MS(1)) {
    pass(&w, t, HO_CLIENT, PING);
  }
  pass(&w, MS(80), HO_SERVER, FRAMES(ack(2, 5)));
  got(&w, MS(100), packet);
  pass(&w, MS(400), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_A11, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

/* What a lost probe carried once more is there already. */
START_TEST(copy_of_what_arrived) {
  begin();
  issue(&w, MS(60), HO_SERVER, 1, 1);
  sent(&w, MS(61), HO_SERVER, FRAMES(ncid(&w, HO_SERVER, 1, 0)));
  for (ho_time t = MS(62); t < MS(66); t += MS(1)) {
    pass(&w, t, HO_SERVER, PING);
  }
  pass(&w, MS(80), HO_CLIENT, FRAMES(ack(3, 6)));
  pass(&w, MS(400), HO_SERVER, PING);
  must_be(&w, HO_CHECK_A11, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, lost_frame_not_sent_again);
  tcase_add_test(tc, lost_frame_sent_again);
  tcase_add_test(tc, lost_frame_of_an_idle_end);
  tcase_add_test(tc, lost_frame_without_a_window);
  tcase_add_test(tc, lost_frame_and_nothing_new);
  tcase_add_test(tc, lost_frame_forgotten_without_a_window);
  tcase_add_test(tc, late_frame_is_not_lost);
  tcase_add_test(tc, copy_of_what_arrived);
}

int main(void) {
  return suite_run("checks_resent", add);
}
