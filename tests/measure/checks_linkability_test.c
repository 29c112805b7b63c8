/* Goal: the checks of what an observer can link hold, fail and stay silent
 * where they should. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sightings.h"
#include "tests/suite.h"

static sightings w;

static void begin(void) {
  sightings_init(&w);
  sightings_connect(&w);
}

START_TEST(clean_migration) {
  begin();
  issue(&w, MS(60), HO_SERVER, 1, 3);
  issue(&w, MS(70), HO_CLIENT, 1, 3);
  tell(&w, MS(100), 1);
  w.dcid[HO_CLIENT] = 1;
  pass(&w, MS(110), HO_CLIENT, PING);
  w.dcid[HO_SERVER] = 1;
  pass(&w, MS(120), HO_SERVER, PING);
  must_be(&w, HO_CHECK_B1, HO_PASS);
  must_be(&w, HO_CHECK_B2, HO_PASS);
  must_be(&w, HO_CHECK_B3, HO_PASS);
  must_be(&w, HO_CHECK_B4, HO_NOT_EXERCISED);
  must_be(&w, HO_CHECK_B5, HO_NOT_EXERCISED);
  must_be(&w, HO_CHECK_B6, HO_PASS);
  must_be(&w, HO_CHECK_B8, HO_PASS);
  must_be(&w, HO_CHECK_B10, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(cid_kept) {
  uint64_t packet;

  begin();
  tell(&w, MS(100), 1);
  packet = pass(&w, MS(110), HO_CLIENT, PING);
  must_fail(&w, HO_CHECK_B1, HO_CLIENT, packet);
  must_fail(&w, HO_CHECK_B3, HO_CLIENT, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(cid_kept_in_ignorance) {
  begin();
  w.net = 1;
  pass(&w, MS(110), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_B1, HO_NOT_EXERCISED);
  must_be(&w, HO_CHECK_B3, HO_NOT_EXERCISED);
  must_be(&w, HO_CHECK_B4, HO_PASS);
  sightings_free(&w);
}
END_TEST

/* The client's next datagram leaves from its network 0, as it takes it. */
static void as_from_home(void) {
  ho_ev_quic_sent e = {.packet = w.packets + 1,
                       .endpoint = HO_CLIENT,
                       .tuple = {.client = {ho_addr_v4(0x0a000001u), 1000}}};

  ho_flow_left(w.flow, &e);
}

/* A socket that is bound to nothing goes with the host, and what the client is
 * told of something else does not change that; nor is its way back a move.  One
 * that is bound, and a packet that leaves from where it was to, is another
 * matter. */
START_TEST(cid_kept_by_a_socket_that_drifts) {
  uint64_t packet;

  begin();
  w.arm.on_change = _i == 0 ? HO_CHANGE_NONE : HO_CHANGE_MIGRATE;
  tell(&w, MS(100), 1);
  as_from_home();
  packet = pass(&w, MS(110), HO_CLIENT, PING);
  if (_i > 0) {
    must_fail(&w, HO_CHECK_B1, HO_CLIENT, packet);
  }
  w.net = 0;
  as_from_home();
  pass(&w, MS(120), HO_CLIENT, PING);
  if (_i == 0) {
    must_be(&w, HO_CHECK_B1, HO_NOT_EXERCISED);
    must_be(&w, HO_CHECK_B3, HO_NOT_EXERCISED);
    must_be(&w, HO_CHECK_C14, HO_NOT_EXERCISED);
  }
  sightings_free(&w);
}
END_TEST

START_TEST(cid_kept_where_it_knows) {
  uint64_t packet;

  begin();
  w.arm.on_change = HO_CHANGE_NONE;
  as_from_home();
  pass(&w, MS(90), HO_CLIENT, PING);
  tell(&w, MS(100), 1);
  packet = pass(&w, MS(110), HO_CLIENT, PING); /* by choice */
  must_fail(&w, HO_CHECK_B1, HO_CLIENT, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(server_keeps_its_cid) {
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 3);
  issue(&w, MS(70), HO_CLIENT, 1, 3);
  pass(&w, MS(90), HO_SERVER, PING);
  tell(&w, MS(100), 1);
  w.dcid[HO_CLIENT] = 1;
  pass(&w, MS(110), HO_CLIENT, PING);
  packet = pass(&w, MS(130), HO_SERVER, PING);
  must_fail(&w, HO_CHECK_B2, HO_SERVER, packet);
  must_fail(&w, HO_CHECK_B3, HO_SERVER, packet);
  must_be(&w, HO_CHECK_B1, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(rebound) {
  begin();
  pass(&w, MS(90), HO_SERVER, PING);
  w.outside = 2000;
  pass(&w, MS(110), HO_CLIENT, PING);
  pass(&w, MS(130), HO_SERVER, PING);
  must_be(&w, HO_CHECK_B2, HO_PASS);
  must_be(&w, HO_CHECK_B4, HO_PASS);
  must_be(&w, HO_CHECK_B1, HO_NOT_EXERCISED);
  must_be(&w, HO_CHECK_B3, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

START_TEST(rebound_after_a_move) {
  begin();
  issue(&w, MS(60), HO_SERVER, 1, 3);
  issue(&w, MS(70), HO_CLIENT, 1, 3);
  tell(&w, MS(100), 1);
  w.dcid[HO_CLIENT] = w.dcid[HO_SERVER] = 1;
  pass(&w, MS(110), HO_CLIENT, PING);
  pass(&w, MS(120), HO_SERVER, PING);
  w.outside = 2000;
  pass(&w, MS(140), HO_CLIENT, PING);
  pass(&w, MS(160), HO_SERVER, PING);
  must_be(&w, HO_CHECK_B1, HO_PASS);
  must_be(&w, HO_CHECK_B2, HO_PASS);
  must_be(&w, HO_CHECK_B3, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(moves_from_empty_cids) {
  uint64_t packet;

  sightings_init(&w);
  w.cid_bytes[HO_SERVER] = 0;
  sightings_connect(&w);
  tell(&w, MS(100), 1);
  packet = pass(&w, MS(110), HO_CLIENT, PING);
  must_fail(&w, HO_CHECK_B5, HO_CLIENT, packet);
  must_be(&w, HO_CHECK_B1, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

START_TEST(stays_with_empty_cids) {
  sightings_init(&w);
  w.cid_bytes[HO_SERVER] = 0;
  sightings_connect(&w);
  tell(&w, MS(100), 0);
  pass(&w, MS(110), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_B5, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(shared_prefix_of_cids) {
  ho_frame f;
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 1);
  f = ncid(&w, HO_SERVER, 2, 0);
  f.cid = sight_cid(&w, HO_SERVER, 0);
  f.cid.bytes[4] ^= 1;
  packet = pass(&w, MS(70), HO_SERVER, FRAMES(f));
  must_fail(&w, HO_CHECK_B6, HO_SERVER, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(constant_byte_in_cids) {
  uint64_t packet = 0;

  begin();
  for (uint64_t n = 1; n <= 7; n++) {
    ho_frame f = ncid(&w, HO_SERVER, n, 0);
    ck_assert_int_ne(w.findings[HO_CHECK_B6].verdict, HO_FAIL);
    f.cid.bytes[5] = sight_cid(&w, HO_SERVER, 0).bytes[5];
    packet = pass(&w, MS(60), HO_SERVER, FRAMES(f));
  }
  must_fail(&w, HO_CHECK_B6, HO_SERVER, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(labels) {
  uint64_t packet;

  begin();
  w.family = 6;
  pass(&w, MS(60), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_B7, HO_NOT_EXERCISED);
  w.label = 5;
  pass(&w, MS(70), HO_CLIENT, PING);
  tell(&w, MS(100), 1);
  w.label = 6;
  pass(&w, MS(110), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_B7, HO_PASS);
  tell(&w, MS(200), 0);
  w.inside = 1001;
  packet = pass(&w, MS(210), HO_CLIENT, PING);
  must_fail(&w, HO_CHECK_B7, HO_CLIENT, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(spins_on) {
  uint64_t packet;

  begin();
  issue(&w, MS(60), HO_SERVER, 1, 3);
  for (ho_time t = MS(100); t < MS(1500); t += MS(30)) {
    pass(&w, t, HO_SERVER, PING);
    w.spin[HO_CLIENT] = !w.spin[HO_SERVER];
    pass(&w, t + MS(12), HO_CLIENT, PING);
    w.spin[HO_SERVER] = w.spin[HO_CLIENT];
  }
  must_be(&w, HO_CHECK_B8, HO_NOT_EXERCISED);
  w.dcid[HO_CLIENT] = 1;
  w.spin[HO_CLIENT] = true;
  packet = pass(&w, MS(1600), HO_CLIENT, PING);
  must_fail(&w, HO_CHECK_B8, HO_CLIENT, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(random_spin) {
  begin();
  issue(&w, MS(60), HO_SERVER, 1, 3);
  for (unsigned n = 0; n < 60; n++) {
    w.spin[HO_CLIENT] = (n * 7 % 11) & 1;
    pass(&w, MS(100 + 10 * n), HO_CLIENT, PING);
    pass(&w, MS(100 + 10 * n), HO_SERVER, PING);
  }
  w.dcid[HO_CLIENT] = 1;
  w.spin[HO_CLIENT] = true;
  pass(&w, MS(1600), HO_CLIENT, PING);
  must_be(&w, HO_CHECK_B8, HO_PASS);
  sightings_free(&w);
}
END_TEST

START_TEST(short_packet) {
  uint64_t packet;

  begin();
  w.pad_to[HO_SERVER] = 30;
  pass(&w, MS(60), HO_SERVER, PING);
  must_be(&w, HO_CHECK_B9, HO_PASS);
  w.pad_to[HO_SERVER] = 29;
  packet = pass(&w, MS(80), HO_SERVER, PING);
  must_fail(&w, HO_CHECK_B9, HO_SERVER, packet);
  sightings_free(&w);
}
END_TEST

START_TEST(one_tuple) {
  begin();
  pass(&w, MS(60), HO_SERVER, PING);
  must_be(&w, HO_CHECK_B10, HO_NOT_EXERCISED);
  sightings_free(&w);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, clean_migration);
  tcase_add_test(tc, cid_kept);
  tcase_add_test(tc, cid_kept_in_ignorance);
  tcase_add_loop_test(tc, cid_kept_by_a_socket_that_drifts, 0, 2);
  tcase_add_test(tc, cid_kept_where_it_knows);
  tcase_add_test(tc, server_keeps_its_cid);
  tcase_add_test(tc, rebound);
  tcase_add_test(tc, rebound_after_a_move);
  tcase_add_test(tc, moves_from_empty_cids);
  tcase_add_test(tc, stays_with_empty_cids);
  tcase_add_test(tc, shared_prefix_of_cids);
  tcase_add_test(tc, constant_byte_in_cids);
  tcase_add_test(tc, labels);
  tcase_add_test(tc, spins_on);
  tcase_add_test(tc, random_spin);
  tcase_add_test(tc, short_packet);
  tcase_add_test(tc, one_tuple);
}

int main(void) {
  return suite_run("checks_linkability", add);
}
