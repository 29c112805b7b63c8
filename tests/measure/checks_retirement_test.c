/* Goal: the checks of retired connection IDs hold, fail and stay silent where
 * they should. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sightings.h"
#include "tests/suite.h"

static sightings w;

static void begin(void) {
  sightings_init(&w);
  sightings_connect(&w);
}

START_TEST(replaced) {
  begin();
  issue(&w, MS(60), HO_SERVER, 1, 3);
  w.dcid[HO_CLIENT] = 1;
  pass(&w, MS(80), HO_CLIENT, FRAMES(rcid(0)));
  issue(&w, MS(95), HO_SERVER, 4, 4);
  must_be(&w, HO_CHECK_A9, HO_PASS);
  must_be(&w, HO_CHECK_A5, HO_PASS);
  must_be(&w, HO_CHECK_A8, HO_PASS);
  must_be(&w, HO_CHECK_A6, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

START_TEST(not_replaced) {
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 3);
  w.dcid[HO_CLIENT] = 1;
  pass(&w, MS(80), HO_CLIENT, FRAMES(rcid(0)));
  pass(&w, MS(95), HO_SERVER, PING);
  must_be(&w, HO_CHECK_A5, HO_NOT_EXERCISED);
  packet = pass(&w, MS(400), HO_SERVER, PING);
  must_fail(&w, HO_CHECK_A5, HO_SERVER, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(asked_back_is_replaced_already) {
  begin();
  issue(&w, MS(60), HO_SERVER, 1, 3);
  pass(&w, MS(70), HO_SERVER, FRAMES(ncid(&w, HO_SERVER, 4, 1)));
  w.dcid[HO_CLIENT] = 1;
  pass(&w, MS(90), HO_CLIENT, FRAMES(rcid(0)));
  pass(&w, MS(105), HO_SERVER, PING);
  pass(&w, MS(400), HO_SERVER, PING);
  must_be(&w, HO_CHECK_A5, HO_NOT_EXERCISED);
  must_be(&w, HO_CHECK_A7, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(moves_without_a_spare) {
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 3);
  tell(&w, MS(100), 1);
  w.dcid[HO_CLIENT] = 1;
  packet = pass(&w, MS(110), HO_CLIENT, PING);
  must_fail(&w, HO_CHECK_A5, HO_CLIENT, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(moves_with_a_spare) {
  begin();
  issue(&w, MS(60), HO_SERVER, 1, 3);
  issue(&w, MS(70), HO_CLIENT, 1, 1);
  tell(&w, MS(100), 1);
  w.dcid[HO_CLIENT] = 1;
  pass(&w, MS(110), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_A5, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(old_path_not_retired) {
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 3);
  packet = pass(&w, MS(90), HO_CLIENT, PING);
  tell(&w, MS(100), 1);
  w.dcid[HO_CLIENT] = 1;
  pass(&w, MS(110), HO_CLIENT, PING);
  pass(&w, MS(4200), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_A6, HO_NOT_EXERCISED);
  pass(&w, MS(4400), HO_CLIENT, PING);
  must_fail(&w, HO_CHECK_A6, HO_CLIENT, packet);
  must_be(&w, HO_CHECK_A8, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

START_TEST(old_path_retired) {
  begin();
  issue(&w, MS(60), HO_SERVER, 1, 3);
  tell(&w, MS(100), 1);
  w.dcid[HO_CLIENT] = 1;
  pass(&w, MS(110), HO_CLIENT, PING);
  pass(&w, MS(1000), HO_CLIENT, FRAMES(rcid(0)));
  pass(&w, MS(9000), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_A6, HO_PASS);
  must_be(&w, HO_CHECK_A12, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(forgotten_on_the_same_path) {
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 3);
  packet = pass(&w, MS(90), HO_CLIENT, PING);
  w.dcid[HO_CLIENT] = 1;
  pass(&w, MS(110), HO_CLIENT, PING);
  pass(&w, MS(4200), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_A8, HO_NOT_EXERCISED);
  pass(&w, MS(4400), HO_CLIENT, PING);
  must_fail(&w, HO_CHECK_A8, HO_CLIENT, packet);
  must_be(&w, HO_CHECK_A6, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

START_TEST(still_used_is_not_forgotten) {
  begin();
  issue(&w, MS(60), HO_SERVER, 1, 3);
  for (ho_time t = MS(100); t < MS(9000); t += MS(500)) {
    w.dcid[HO_CLIENT] = 1 - w.dcid[HO_CLIENT];
    pass(&w, t, HO_CLIENT, PING);
  }
  must_be(&w, HO_CHECK_A8, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

START_TEST(retire_prior_to_ignored) {
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 1);
  pass(&w, MS(70), HO_SERVER, FRAMES(ncid(&w, HO_SERVER, 2, 1)));
  w.dcid[HO_CLIENT] = 1;
  pass(&w, MS(100), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_A7, HO_NOT_EXERCISED);
  packet = pass(&w, MS(300), HO_CLIENT, PING);
  must_fail(&w, HO_CHECK_A7, HO_CLIENT, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(retire_prior_to_and_still_used) {
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 1);
  pass(&w, MS(70), HO_SERVER, FRAMES(ncid(&w, HO_SERVER, 2, 1)));
  pass(&w, MS(100), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_A7, HO_NOT_EXERCISED);
  packet = pass(&w, MS(130), HO_CLIENT, PING);
  must_fail(&w, HO_CHECK_A7, HO_CLIENT, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(retire_prior_to_lost) {
  begin();
  issue(&w, MS(60), HO_SERVER, 1, 1);
  sent(&w, MS(70), HO_SERVER, FRAMES(ncid(&w, HO_SERVER, 2, 1)));
  pass(&w, MS(900), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_A7, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

START_TEST(late_cid_below_it) {
  uint64_t late, packet;

  begin();
  late = sent(&w, MS(60), HO_SERVER, FRAMES(ncid(&w, HO_SERVER, 1, 0)));
  pass(&w, MS(70), HO_SERVER, FRAMES(ncid(&w, HO_SERVER, 2, 2)));
  w.dcid[HO_CLIENT] = 2;
  pass(&w, MS(81), HO_CLIENT, FRAMES(rcid(0)));
  got(&w, MS(500), late);
  pass(&w, MS(510), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_A7, HO_PASS);
  packet = pass(&w, MS(800), HO_CLIENT, PING);
  must_fail(&w, HO_CHECK_A7, HO_CLIENT, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(retires_what_carries_it) {
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 1);
  packet = pass(&w, MS(80), HO_CLIENT, FRAMES(rcid(0)));
  must_fail(&w, HO_CHECK_A9, HO_CLIENT, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(retires_what_was_never_issued) {
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 1);
  packet = pass(&w, MS(80), HO_CLIENT, FRAMES(rcid(2)));
  must_fail(&w, HO_CHECK_A9, HO_CLIENT, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(retired_and_used) {
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 1);
  w.dcid[HO_CLIENT] = 1;
  sent(&w, MS(80), HO_CLIENT, FRAMES(rcid(0)));
  w.dcid[HO_CLIENT] = 0;
  packet = sent(&w, MS(81), HO_CLIENT, PING);
  must_fail(&w, HO_CHECK_A12, HO_CLIENT, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(used_before_and_arrived_later) {
  uint64_t before;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 1);
  before = sent(&w, MS(79), HO_CLIENT, PING);
  w.dcid[HO_CLIENT] = 1;
  pass(&w, MS(80), HO_CLIENT, FRAMES(rcid(0)));
  got(&w, MS(200), before);
  pass(&w, MS(210), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_A12, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(empty_cid_issues) {
  uint64_t packet;

  sightings_init(&w);
  w.cid_bytes[HO_CLIENT] = 0;
  sightings_connect(&w);
  must_be(&w, HO_CHECK_A13, HO_PASS);
  w.cid_bytes[HO_CLIENT] = 8;
  packet = sent(&w, MS(70), HO_CLIENT, FRAMES(ncid(&w, HO_CLIENT, 1, 0)));
  must_fail(&w, HO_CHECK_A13, HO_CLIENT, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(empty_cid_retired) {
  uint64_t packet;

  sightings_init(&w);
  w.cid_bytes[HO_CLIENT] = 0;
  sightings_connect(&w);
  packet = sent(&w, MS(70), HO_SERVER, FRAMES(rcid(0)));
  must_fail(&w, HO_CHECK_A13, HO_SERVER, packet);
  must_be(&w, HO_CHECK_A9, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, replaced);
  tcase_add_test(tc, not_replaced);
  tcase_add_test(tc, asked_back_is_replaced_already);
  tcase_add_test(tc, moves_without_a_spare);
  tcase_add_test(tc, moves_with_a_spare);
  tcase_add_test(tc, old_path_not_retired);
  tcase_add_test(tc, old_path_retired);
  tcase_add_test(tc, forgotten_on_the_same_path);
  tcase_add_test(tc, still_used_is_not_forgotten);
  tcase_add_test(tc, retire_prior_to_ignored);
  tcase_add_test(tc, retire_prior_to_and_still_used);
  tcase_add_test(tc, retire_prior_to_lost);
  tcase_add_test(tc, late_cid_below_it);
  tcase_add_test(tc, retires_what_carries_it);
  tcase_add_test(tc, retires_what_was_never_issued);
  tcase_add_test(tc, retired_and_used);
  tcase_add_test(tc, used_before_and_arrived_later);
  tcase_add_test(tc, empty_cid_issues);
  tcase_add_test(tc, empty_cid_retired);
}

int main(void) {
  return suite_run("checks_retirement", add);
}
