/* Goal: the checks of unroutable servers and of silence hold, fail and stay
 * silent where they should. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "sightings.h"
#include "tests/suite.h"

static sightings w;

static void begin(void) {
  sightings_init(&w);
  sightings_connect(&w);
}

static void idle_close(ho_side side, ho_time t) {
  event_at(&w, &(ho_event){.kind = HO_EV_connection_closed,
                           .t = t,
                           .u.connection_closed = {.endpoint = side,
                                                   .reason = "idle timeout"}});
}

START_TEST(unroutable) {
  uint64_t packet;

  begin();
  tell(&w, MS(60), 1);
  pass(&w, MS(70), HO_CLIENT, PING);
  packet = sent_reset(&w, MS(80), HO_SERVER, 0, 50);
  must_fail(&w, HO_CHECK_I5, HO_SERVER, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(unroutable_and_said_so) {
  sightings_init(&w);
  w.params[HO_SERVER].disable_active_migration = true;
  sightings_connect(&w);
  tell(&w, MS(60), 1);
  pass(&w, MS(70), HO_CLIENT, PING);
  sent_reset(&w, MS(80), HO_SERVER, 0, 50);
  must_be(&w, HO_CHECK_I5, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(restarted) {
  begin();
  tell(&w, MS(60), 1);
  event_at(&w, &(ho_event){.kind = HO_EV_action,
                           .t = MS(65),
                           .client = -1,
                           .u.action = {.action = "restart"}});
  pass(&w, MS(70), HO_CLIENT, PING);
  sent_reset(&w, MS(80), HO_SERVER, 0, 50);
  must_be(&w, HO_CHECK_I5, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

START_TEST(idle_too_soon) {
  begin();
  pass(&w, MS(60), HO_SERVER, PING);
  sent(&w, MS(100), HO_CLIENT, PING);
  sent(&w, MS(200), HO_CLIENT, PING);
  idle_close(HO_CLIENT, MS(234));
  must_fail(&w, HO_CHECK_I6, HO_CLIENT, 0);
  sightings_free(&w);
}
END_TEST

START_TEST(idle_in_time) {
  begin();
  pass(&w, MS(60), HO_SERVER, PING);
  sent(&w, MS(100), HO_CLIENT, PING);
  sent(&w, MS(200), HO_CLIENT, PING);
  idle_close(HO_CLIENT, MS(235));
  must_be(&w, HO_CHECK_I6, HO_PASS);
  sightings_free(&w);
}
END_TEST

/* What comes twice is processed once, and restarts nothing. */
START_TEST(idle_in_spite_of_copies) {
  uint64_t packet;

  begin();
  packet = pass(&w, MS(60), HO_SERVER, PING);
  got(&w, MS(200), packet);
  idle_close(HO_CLIENT, MS(205));
  must_be(&w, HO_CHECK_I6, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(silence) {
  begin();
  pass(&w, MS(100), HO_CLIENT, PING);
  pass(&w, MS(45100), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_I7, HO_PASS);
  ck_assert_ptr_nonnull(strstr(w.findings[HO_CHECK_I7].detail, "45000 ms"));
  sightings_free(&w);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, unroutable);
  tcase_add_test(tc, unroutable_and_said_so);
  tcase_add_test(tc, restarted);
  tcase_add_test(tc, idle_too_soon);
  tcase_add_test(tc, idle_in_time);
  tcase_add_test(tc, idle_in_spite_of_copies);
  tcase_add_test(tc, silence);
}

int main(void) {
  return suite_run("checks_idle", add);
}
