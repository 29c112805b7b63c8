/* Goal: H1 to H9 on hand-made packets: held, broken, never asked for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "flow_rig.h"
#include "tests/suite.h"

static rig r;
static const ho_endpoint original = {{4, {192, 0, 2, 1}}, 443};
static const ho_endpoint preferred = {{4, {192, 0, 2, 2}}, 443};
static const ho_endpoint preferred6 = {{6, {0x20, 1, 0xd, 0xb8, 0, 0, 0, 2}},
                                       443};

static void setup(void) {
  rig_init(&r, 0);
  r.params.has_preferred = true;
  r.params.preferred_v4 = preferred;
  r.params.preferred_cid.len = 8;
}

static void teardown(void) {
  rig_free(&r);
}

static void to(ho_endpoint server) {
  r.tuple.server = server;
}

/* The client challenges the address at 60 ms, with a fresh CID. */
static uint64_t probe(void) {
  to(preferred);
  r.dcid = 2;
  return GO(HO_CLIENT, 60, ASK(1), PADDING);
}

/* That is answered at 80 ms. */
static void validate(void) {
  rig_begin(&r);
  probe();
  GO(HO_SERVER, 70, ANSWER(1), PADDING);
}

/* The client goes there at 90 ms, and the server challenges it. */
static uint64_t use(void) {
  uint64_t came;

  validate();
  came = GO(HO_CLIENT, 90, PING);
  GO(HO_SERVER, 100, ASK(2), PADDING);
  return came;
}

/* ---- H1 ---- */

START_TEST(h1_validates) {
  validate();
  RIG_IS(H1, HO_PASS);
}
END_TEST

START_TEST(h1_too_early) {
  uint64_t bad;

  rig_shake(&r);
  bad = probe();
  RIG_FAILS(H1, HO_CLIENT, bad);
}
END_TEST

START_TEST(h1_with_a_used_cid) {
  uint64_t bad;

  rig_begin(&r);
  /* The CID in use since the handshake. */
  to(preferred);
  bad = GO(HO_CLIENT, 60, ASK(1), PADDING);
  RIG_FAILS(H1, HO_CLIENT, bad);
}
END_TEST

START_TEST(h1_not_at_all) {
  static const struct {
    uint64_t end_ms;
    bool wants, v6;
    ho_verdict want;
  } cases[] = {{9000, true, false, HO_FAIL},
               {500, true, false, HO_NOT_EXERCISED},
               {9000, false, false, HO_NOT_EXERCISED},
               {9000, true, true, HO_NOT_EXERCISED}};

  r.arm.preferred_address = cases[_i].wants;
  if (cases[_i].v6) { /* which this client cannot use */
    r.params.preferred_v4 = (ho_endpoint){{0, {0}}, 0};
    r.params.preferred_v6 = preferred6;
  }
  rig_begin(&r);
  rig_end(&r, MS(cases[_i].end_ms));
  RIG_IS(H1, cases[_i].want);
}
END_TEST

/* ---- H2, H3 ---- */

START_TEST(h2_validated_first) {
  validate();
  GO(HO_CLIENT, 90, PING);
  RIG_IS(H2, HO_PASS);
  RIG_IS(H3, HO_PASS);
}
END_TEST

START_TEST(h2_at_once) {
  uint64_t bad;

  rig_begin(&r);
  probe();
  bad = GO(HO_CLIENT, 65, PING);
  RIG_FAILS(H2, HO_CLIENT, bad);
}
END_TEST

START_TEST(h2_after_it_failed) {
  uint64_t bad;

  rig_begin(&r);
  probe();
  bad = GO(HO_CLIENT, 9000, PING);
  RIG_FAILS(H2, HO_CLIENT, bad);
}
END_TEST

START_TEST(h3_keeps_to_the_original) {
  uint64_t bad;

  validate();
  to(original);
  GO(HO_CLIENT, 90, PING);
  bad = GO(HO_CLIENT, 9000, PING);
  GO(HO_CLIENT, 9100, PING);
  RIG_FAILS(H3, HO_CLIENT, bad);
}
END_TEST

START_TEST(h3_stays_where_it_failed) {
  rig_begin(&r);
  probe();
  to(original);
  GO(HO_CLIENT, 100, PING);
  RIG_IS(H3, HO_NOT_EXERCISED);
  GO(HO_CLIENT, 20000, PING);
  RIG_IS(H3, HO_PASS);
}
END_TEST

/* ---- H4, H5 ---- */

START_TEST(h4_waits_for_both) {
  use();
  to(original);
  GO(HO_SERVER, 101, DATA);
  to(preferred);
  GO(HO_CLIENT, 110, ANSWER(2), PADDING);
  GO(HO_SERVER, 121, DATA);
  RIG_IS(H4, HO_PASS);
  RIG_IS(H5, HO_PASS);
}
END_TEST

START_TEST(h4_before_one_came) {
  uint64_t bad;

  validate();
  bad = SEND(HO_SERVER, 81, DATA);
  RIG_FAILS(H4, HO_SERVER, bad);
}
END_TEST

START_TEST(h4_validated_before_one_came) {
  uint64_t bad;

  validate();
  GO(HO_SERVER, 81, ASK(2), PADDING);
  GO(HO_CLIENT, 91, ANSWER(2), PADDING);
  bad = SEND(HO_SERVER, 102, DATA);
  RIG_FAILS(H4, HO_SERVER, bad);
}
END_TEST

START_TEST(h4_before_it_is_validated) {
  uint64_t bad;

  use();
  bad = SEND(HO_SERVER, 101, DATA);
  RIG_FAILS(H4, HO_SERVER, bad);
}
END_TEST

/* It has no room for a datagram, ever or until 3 s. */
START_TEST(h4_waits_for_the_window) {
  validate();
  EVENT(recovery, 85, .endpoint = HO_SERVER, .cwnd = 12000, .in_flight = 11000,
        .srtt = MS(20));
  GO(HO_CLIENT, 90, PING);
  if (_i == 1) {
    GO(HO_CLIENT, 3000, PING);
    EVENT(recovery, 3001, .endpoint = HO_SERVER, .cwnd = 12000,
          .in_flight = 9000, .srtt = MS(20));
  }
  GO(HO_CLIENT, 4000, PING);
  RIG_IS(H4, HO_NOT_EXERCISED);
  rig_end(&r, MS(9000));
  RIG_IS(H4, _i == 0 ? HO_NOT_EXERCISED : HO_FAIL);
}
END_TEST

START_TEST(h4_does_not_challenge) {
  uint64_t came;

  validate();
  came = GO(HO_CLIENT, 90, PING);
  to(original);
  GO(HO_SERVER, 100, ASK(2), DATA);
  rig_end(&r, MS(9000));
  RIG_FAILS(H4, HO_SERVER, came);
}
END_TEST

START_TEST(h5_from_the_original) {
  uint64_t bad;

  use();
  GO(HO_CLIENT, 110, ANSWER(2), PING);
  to(original);
  SEND(HO_SERVER, 120, DATA); /* on its way as the answer came */
  bad = SEND(HO_SERVER, 130, DATA);
  RIG_FAILS(H5, HO_SERVER, bad);
}
END_TEST

START_TEST(h5_the_client_went_back) {
  use();
  GO(HO_CLIENT, 110, ANSWER(2), PING);
  to(original);
  GO(HO_CLIENT, 125, PING);
  SEND(HO_SERVER, 140, DATA);
  RIG_IS(H5, HO_NOT_EXERCISED);
}
END_TEST

/* ---- H6 ---- */

START_TEST(h6_other_connections) {
  static const struct {
    uint64_t connection;
    bool there;
    ho_verdict want;
  } cases[] = {{0, false, HO_NOT_EXERCISED},
               {1, false, HO_PASS},
               {1, true, HO_FAIL},
               {0, true, HO_NOT_EXERCISED}};

  rig_free(&r);
  rig_init(&r, cases[_i].connection);
  r.params.has_preferred = true;
  r.params.preferred_v4 = preferred;
  r.params.preferred_cid.len = 8;
  to(cases[_i].there ? preferred : original);
  rig_begin(&r);
  rig_end(&r, MS(100));
  RIG_IS(H6, cases[_i].want);
}
END_TEST

/* ---- H7 ---- */

static void go_elsewhere(bool both) {
  rig_begin(&r);
  EVENT(handoff, 50, .kind = "switch", .from = 0, .to = 1);
  EVENT(notice, 50, .net = 1, .cause = "notice");
  r.tuple.client = rig_at(2, 1000);
  GO(HO_CLIENT, 60, ASK(1), PADDING);
  if (both) {
    to(preferred);
    r.dcid = 2;
    GO(HO_CLIENT, 61, ASK(2), PADDING);
  }
}

START_TEST(h7_validates_both) {
  go_elsewhere(true);
  rig_end(&r, MS(500));
  RIG_IS(H7, HO_PASS);
}
END_TEST

START_TEST(h7_validates_one) {
  go_elsewhere(false);
  rig_end(&r, MS(9000));
  RIG_FAILS(H7, HO_CLIENT, r.packet);
}
END_TEST

START_TEST(h7_is_not_due_yet) {
  go_elsewhere(false);
  rig_end(&r, MS(500));
  RIG_IS(H7, HO_NOT_EXERCISED);
}
END_TEST

/* ---- H8, H9 ---- */

START_TEST(h8_families) {
  static const struct {
    bool six, moved;
    ho_verdict want;
  } cases[] = {{false, false, HO_PASS},
               {true, false, HO_FAIL},
               {true, true, HO_NOT_EXERCISED}};

  r.params.preferred_v6 = preferred6;
  rig_begin(&r);
  if (cases[_i].moved) {
    EVENT(handoff, 50, .kind = "switch", .from = 0, .to = 1);
  }
  to(cases[_i].six ? preferred6 : preferred);
  r.dcid = 2;
  GO(HO_CLIENT, 60, ASK(1), PADDING);
  RIG_IS(H8, cases[_i].want);
}
END_TEST

START_TEST(h8_has_no_choice) {
  validate();
  RIG_IS(H8, HO_NOT_EXERCISED);
}
END_TEST

START_TEST(h9_a_cid_for_it) {
  r.params.preferred_cid.len = _i ? 8 : 0;
  rig_begin(&r);
  RIG_IS(H9, _i ? HO_PASS : HO_FAIL);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, h1_validates);
  tcase_add_test(tc, h1_too_early);
  tcase_add_test(tc, h1_with_a_used_cid);
  tcase_add_loop_test(tc, h1_not_at_all, 0, 4);
  tcase_add_test(tc, h2_validated_first);
  tcase_add_test(tc, h2_at_once);
  tcase_add_test(tc, h2_after_it_failed);
  tcase_add_test(tc, h3_keeps_to_the_original);
  tcase_add_test(tc, h3_stays_where_it_failed);
  tcase_add_test(tc, h4_waits_for_both);
  tcase_add_test(tc, h4_before_one_came);
  tcase_add_test(tc, h4_validated_before_one_came);
  tcase_add_test(tc, h4_before_it_is_validated);
  tcase_add_loop_test(tc, h4_waits_for_the_window, 0, 2);
  tcase_add_test(tc, h4_does_not_challenge);
  tcase_add_test(tc, h5_from_the_original);
  tcase_add_test(tc, h5_the_client_went_back);
  tcase_add_loop_test(tc, h6_other_connections, 0, 4);
  tcase_add_test(tc, h7_validates_both);
  tcase_add_test(tc, h7_validates_one);
  tcase_add_test(tc, h7_is_not_due_yet);
  tcase_add_loop_test(tc, h8_families, 0, 3);
  tcase_add_test(tc, h8_has_no_choice);
  tcase_add_loop_test(tc, h9_a_cid_for_it, 0, 2);
}

int main(void) {
  return suite_run("checks_preferred", add);
}
