/* Goal: the checks of issued connection IDs hold, fail and stay silent where
 * they should. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sightings.h"
#include "tests/suite.h"

static sightings w;

static void begin(void) {
  sightings_init(&w);
  sightings_connect(&w);
}

START_TEST(good_supply) {
  begin();
  issue(&w, MS(60), HO_SERVER, 1, 6);
  pass(&w, MS(70), HO_SERVER, PING);
  must_be(&w, HO_CHECK_A1, HO_PASS);
  must_be(&w, HO_CHECK_A2, HO_PASS);
  must_be(&w, HO_CHECK_A3, HO_PASS);
  must_be(&w, HO_CHECK_A10, HO_PASS);
  must_be(&w, HO_CHECK_A4, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

START_TEST(no_supply) {
  begin();
  pass(&w, MS(70), HO_SERVER, PING);
  must_be(&w, HO_CHECK_A1, HO_NOT_EXERCISED);
  must_be(&w, HO_CHECK_A2, HO_NOT_EXERCISED);
  must_be(&w, HO_CHECK_A3, HO_NOT_EXERCISED);
  must_be(&w, HO_CHECK_A10, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

START_TEST(cid_issued_twice) {
  ho_frame f;
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 2);
  f = ncid(&w, HO_SERVER, 3, 0);
  f.cid = sight_cid(&w, HO_SERVER, 1);
  packet = pass(&w, MS(70), HO_SERVER, FRAMES(f));
  must_fail(&w, HO_CHECK_A1, HO_SERVER, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(repeated_frame_is_the_same_cid) {
  begin();
  issue(&w, MS(60), HO_SERVER, 1, 2);
  issue(&w, MS(70), HO_SERVER, 1, 2);
  must_be(&w, HO_CHECK_A1, HO_PASS);
  must_be(&w, HO_CHECK_A2, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(sequence_left_out) {
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 1);
  packet = pass(&w, MS(70), HO_SERVER, FRAMES(ncid(&w, HO_SERVER, 3, 0)));
  pass(&w, MS(100), HO_SERVER, PING);
  ck_assert_int_ne(w.findings[HO_CHECK_A2].verdict, HO_FAIL);
  pass(&w, MS(300), HO_SERVER, PING);
  must_fail(&w, HO_CHECK_A2, HO_SERVER, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(sequences_in_another_order) {
  begin();
  pass(&w, MS(60), HO_SERVER, FRAMES(ncid(&w, HO_SERVER, 2, 0)));
  pass(&w, MS(61), HO_SERVER, FRAMES(ncid(&w, HO_SERVER, 1, 0)));
  pass(&w, MS(900), HO_SERVER, PING);
  must_be(&w, HO_CHECK_A2, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(sequence_with_two_cids) {
  ho_frame f;
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_CLIENT, 1, 1);
  f = ncid(&w, HO_CLIENT, 1, 0);
  f.cid = sight_cid(&w, HO_CLIENT, 50);
  packet = pass(&w, MS(70), HO_CLIENT, FRAMES(f));
  must_fail(&w, HO_CHECK_A2, HO_CLIENT, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(too_many_cids) {
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 6);
  must_be(&w, HO_CHECK_A3, HO_PASS);
  packet = pass(&w, MS(70), HO_SERVER, FRAMES(ncid(&w, HO_SERVER, 7, 0)));
  must_fail(&w, HO_CHECK_A3, HO_SERVER, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(limit_after_retire_prior_to) {
  begin();
  issue(&w, MS(60), HO_SERVER, 1, 6);
  pass(&w, MS(70), HO_SERVER, FRAMES(ncid(&w, HO_SERVER, 7, 1)));
  must_be(&w, HO_CHECK_A3, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(limit_after_retirement) {
  begin();
  issue(&w, MS(60), HO_SERVER, 1, 6);
  w.dcid[HO_CLIENT] = 1;
  pass(&w, MS(70), HO_CLIENT, FRAMES(rcid(0)));
  pass(&w, MS(90), HO_SERVER, FRAMES(ncid(&w, HO_SERVER, 7, 0)));
  must_be(&w, HO_CHECK_A3, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(declared_limit_of_one) {
  sightings_init(&w);
  w.params[HO_CLIENT].active_connection_id_limit = 1;
  sightings_connect(&w);
  ck_assert_int_eq(w.findings[HO_CHECK_A3].verdict, HO_FAIL);
  ck_assert_int_eq(w.findings[HO_CHECK_A3].endpoint, HO_CLIENT);
  sightings_free(&w);
}
END_TEST

START_TEST(active_cid_ignored) {
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 1);
  w.dcid[HO_CLIENT] = 1;
  packet = pass(&w, MS(80), HO_CLIENT, PING);
  pass(&w, MS(90), HO_CLIENT, PING);
  pass(&w, MS(100), HO_CLIENT, PING);
  pass(&w, MS(120), HO_SERVER, PING);
  must_be(&w, HO_CHECK_A4, HO_NOT_EXERCISED);
  pass(&w, MS(400), HO_SERVER, PING);
  must_fail(&w, HO_CHECK_A4, HO_SERVER, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(active_cid_accepted) {
  begin();
  issue(&w, MS(60), HO_SERVER, 1, 1);
  w.dcid[HO_CLIENT] = 1;
  pass(&w, MS(80), HO_CLIENT, PING);
  pass(&w, MS(90), HO_CLIENT, PING);
  pass(&w, MS(100), HO_CLIENT, PING);
  pass(&w, MS(400), HO_SERVER, FRAMES(ack(1, 3)));
  must_be(&w, HO_CHECK_A4, HO_PASS);
  sightings_free(&w);
}
END_TEST

/* What acknowledged the first may be what the client's host could not send;
 * with the server's nobody interferes. */
START_TEST(no_network_to_acknowledge_by) {
  ho_side side = _i == 0 ? HO_CLIENT : HO_SERVER, peer = !side;
  uint64_t packet;

  begin();
  issue(&w, MS(60), side, 1, 1);
  w.dcid[peer] = 1;
  packet = pass(&w, MS(80), peer, PING);
  event_at(&w, &(ho_event){.kind = HO_EV_packet_dropped,
                           .t = MS(91),
                           .u.packet_dropped = {.direction = "up",
                                                .reason = "link-down"}});
  pass(&w, MS(92), peer, PING);
  pass(&w, MS(100), peer, PING);
  pass(&w, MS(400), side, PING);
  if (_i == 0) {
    must_be(&w, HO_CHECK_A4, HO_NOT_EXERCISED);
  } else {
    must_fail(&w, HO_CHECK_A4, HO_SERVER, packet);
  }
  sightings_free(&w);
}
END_TEST

/* An attacker's copies came first, and were acknowledged. */
START_TEST(duplicates_are_discarded) {
  uint64_t first = 0;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 1);
  w.dcid[HO_CLIENT] = 1;
  for (int i = 0; i < 3; i++) {
    uint64_t packet = sent(&w, MS(80), HO_CLIENT, PING);
    first = i == 0 ? packet : first;
    w.sents[packet - 1].forged = true;
    got(&w, MS(85), packet);
    w.sents[packet - 1].forged = false;
  }
  pass(&w, MS(88), HO_SERVER, FRAMES(ack(1, 3)));
  for (uint64_t i = 0; i < 3; i++) {
    got(&w, MS(90), first + i);
  }
  pass(&w, MS(400), HO_SERVER, PING);
  must_be(&w, HO_CHECK_A4, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

START_TEST(what_may_be_discarded) {
  sightings_init(&w);
  w.params[HO_SERVER].disable_active_migration = true;
  sightings_connect(&w);
  issue(&w, MS(60), HO_SERVER, 1, 1);
  w.dcid[HO_CLIENT] = 1;
  w.outside = 2000;
  for (ho_time t = MS(80); t < MS(130); t += MS(10)) {
    pass(&w, t, HO_CLIENT, PING);
  }
  w.outside = 1000;
  pass(&w, MS(400), HO_SERVER, PING);
  must_be(&w, HO_CHECK_A4, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

START_TEST(lost_is_not_ignored) {
  begin();
  issue(&w, MS(60), HO_SERVER, 1, 1);
  w.dcid[HO_CLIENT] = 1;
  for (ho_time t = MS(80); t < MS(130); t += MS(10)) {
    sent(&w, t, HO_CLIENT, PING);
  }
  pass(&w, MS(400), HO_SERVER, PING);
  must_be(&w, HO_CHECK_A4, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

START_TEST(retire_prior_to_above_sequence) {
  static uint8_t plain[64];
  ho_frame f;
  ho_wire_datagram *d;
  uint64_t packet;

  begin();
  f = ncid(&w, HO_SERVER, 1, 2);
  packet = sent(&w, MS(60), HO_SERVER, FRAMES(frame_of(HO_FRAME_PING)));
  must_be(&w, HO_CHECK_A10, HO_NOT_EXERCISED);
  d = w.datagrams[packet - 1];
  d->packets[0].malformed = true;
  d->packets[0].frames_count = 0;
  d->packets[0].plain = plain;
  d->packets[0].plain_len = ho_frame_write(plain, sizeof(plain), &f);
  ho_flow_judge(w.flow, &w.sents[packet - 1]);
  must_fail(&w, HO_CHECK_A10, HO_SERVER, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(repetition_taken_for_an_error) {
  ho_frame f = {.type = HO_FRAME_CONNECTION_CLOSE, .error = 10};
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 1);
  issue(&w, MS(80), HO_SERVER, 1, 1);
  packet = pass(&w, MS(91), HO_CLIENT, FRAMES(f));
  must_fail(&w, HO_CHECK_A10, HO_CLIENT, packet);
  sightings_free(&w);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, good_supply);
  tcase_add_test(tc, no_supply);
  tcase_add_test(tc, cid_issued_twice);
  tcase_add_test(tc, repeated_frame_is_the_same_cid);
  tcase_add_test(tc, sequence_left_out);
  tcase_add_test(tc, sequences_in_another_order);
  tcase_add_test(tc, sequence_with_two_cids);
  tcase_add_test(tc, too_many_cids);
  tcase_add_test(tc, limit_after_retire_prior_to);
  tcase_add_test(tc, limit_after_retirement);
  tcase_add_test(tc, declared_limit_of_one);
  tcase_add_test(tc, active_cid_ignored);
  tcase_add_test(tc, active_cid_accepted);
  tcase_add_loop_test(tc, no_network_to_acknowledge_by, 0, 2);
  tcase_add_test(tc, duplicates_are_discarded);
  tcase_add_test(tc, what_may_be_discarded);
  tcase_add_test(tc, lost_is_not_ignored);
  tcase_add_test(tc, retire_prior_to_above_sequence);
  tcase_add_test(tc, repetition_taken_for_an_error);
}

int main(void) {
  return suite_run("checks_supply", add);
}
