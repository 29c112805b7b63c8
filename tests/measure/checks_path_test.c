/* Goal: E8 to E13 on hand-made packets: held, broken, never asked for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <string.h>

#include "flow_rig.h"
#include "tests/suite.h"

#define ECN_ACK(top, more, counted)                                            \
  ((ho_frame){.type = HO_FRAME_ACK_ECN,                                        \
              .largest = (top),                                                \
              .length = 1,                                                     \
              .ect0 = (counted),                                               \
              .bytes = (const uint8_t[]){(more)}})

static rig r;
static ho_endpoint home, cell;

static void setup(void) {
  rig_init(&r, 0);
  home = rig_at(1, 1000);
  cell = rig_at(2, 1000);
}

static void teardown(void) {
  rig_free(&r);
}

static void by(ho_endpoint client) {
  r.tuple.client = client;
}

/* The client moves to cell at 100 ms; the server follows it, and has validated
 * cell at 130 ms: packet 2 of the server is the first there, 2 of the client
 * brought the answer. */
static uint64_t move(void) {
  rig_begin(&r);
  GO(HO_SERVER, 60, DATA);
  by(cell);
  GO(HO_CLIENT, 100, PING);
  GO(HO_SERVER, 110, ASK(1), DATA);
  return GO(HO_CLIENT, 120, ANSWER(1), PING);
}

/* ---- E8 ---- */

START_TEST(e8_more_than_a_probe) {
  rig_begin(&r);
  GO(HO_SERVER, 100, ASK(1), PADDING);
  GO(HO_CLIENT, 110, ANSWER(1), PADDING);
  GO(HO_CLIENT, 111, ACK(1, 0));
  rig_end(&r, MS(9000));
  RIG_IS(E8, HO_PASS);
}
END_TEST

START_TEST(e8_probes_alone) {
  uint64_t asked;

  rig_begin(&r);
  asked = GO(HO_SERVER, 100, ASK(1), PADDING);
  GO(HO_CLIENT, 110, ANSWER(1), PADDING);
  rig_end(&r, MS(9000));
  RIG_FAILS(E8, HO_CLIENT, asked);
}
END_TEST

START_TEST(e8_is_not_due_yet) {
  rig_begin(&r);
  GO(HO_SERVER, 100, ASK(1), PADDING);
  GO(HO_CLIENT, 110, ANSWER(1), PADDING);
  rig_end(&r, MS(500));
  RIG_IS(E8, HO_NOT_EXERCISED);
}
END_TEST

START_TEST(e8_not_on_another_path) {
  rig_begin(&r);
  by(cell);
  GO(HO_SERVER, 100, ASK(1), PADDING);
  GO(HO_CLIENT, 110, ANSWER(1), PADDING);
  rig_end(&r, MS(9000));
  RIG_IS(E8, HO_NOT_EXERCISED);
}
END_TEST

/* Who does not answer at all may be unable to. */
START_TEST(e8_not_of_the_silent) {
  rig_begin(&r);
  GO(HO_SERVER, 100, ASK(1), PADDING);
  rig_end(&r, MS(9000));
  RIG_IS(E8, HO_NOT_EXERCISED);
}
END_TEST

/* ---- E9 ---- */

static const ho_endpoint stranger = {{4, {192, 0, 2, 9}}, 443};

START_TEST(e9_the_server_stays) {
  move();
  GO(HO_SERVER, 140, DATA);
  RIG_IS(E9, HO_PASS);
}
END_TEST

START_TEST(e9_the_server_moves) {
  uint64_t bad;

  rig_begin(&r);
  r.tuple.server = stranger;
  bad = SEND(HO_SERVER, 100, DATA);
  RIG_FAILS(E9, HO_SERVER, bad);
}
END_TEST

START_TEST(e9_a_preferred_address_is_no_stranger) {
  r.params.has_preferred = true;
  r.params.preferred_v4 = stranger;
  rig_begin(&r);
  r.tuple.server = stranger;
  GO(HO_SERVER, 100, ASK(1), PADDING);
  r.tuple.server.addr.bytes[3] = 1;
  GO(HO_CLIENT, 120, ACK(1, 0));
  rig_end(&r, MS(500));
  RIG_IS(E9, HO_NOT_EXERCISED);
}
END_TEST

/* Somebody on the way gives the server's packet another source. */
static void from_a_stranger(bool acknowledged, bool again) {
  ho_tuple wrong;
  uint64_t packet, bad = 0;

  rig_begin(&r);
  packet = SEND(HO_SERVER, 100, DATA);
  wrong = r.tuple;
  wrong.server = stranger;
  rig_arrive(&r, packet, MS(110), &wrong);
  if (again) {
    rig_arrive(&r, packet, MS(111), NULL);
  }
  bad = acknowledged ? SEND(HO_CLIENT, 120, ACK(1, 1))
                     : SEND(HO_CLIENT, 120, ACK(0, 0));
  rig_end(&r, MS(500));
  if (acknowledged && !again) {
    RIG_FAILS(E9, HO_CLIENT, bad);
  } else {
    RIG_IS(E9, again ? HO_NOT_EXERCISED : HO_PASS);
  }
}

START_TEST(e9_strangers) {
  from_a_stranger(_i & 1, _i & 2);
}
END_TEST

/* ---- E10 ---- */

START_TEST(e10_gives_a_token) {
  move();
  GO(HO_SERVER, 131, TOKEN);
  rig_end(&r, MS(9000));
  RIG_IS(E10, HO_PASS);
}
END_TEST

START_TEST(e10_gives_none) {
  uint64_t answer = move();

  GO(HO_SERVER, 131, DATA);
  rig_end(&r, MS(9000));
  RIG_FAILS(E10, HO_SERVER, answer);
}
END_TEST

START_TEST(e10_not_due_for) {
  static const struct {
    uint8_t n;
    uint16_t port;
    uint64_t end_ms;
  } cases[] = {{1, 2000, 9000}, {2, 1000, 500}};

  rig_begin(&r);
  by(rig_at(cases[_i].n, cases[_i].port));
  GO(HO_CLIENT, 100, PING);
  GO(HO_SERVER, 110, ASK(1), DATA);
  GO(HO_CLIENT, 120, ANSWER(1), PING);
  rig_end(&r, MS(cases[_i].end_ms));
  RIG_IS(E10, HO_NOT_EXERCISED);
}
END_TEST

/* ---- E11 ---- */

/* The server marks what it sends to cell: numbers 2 and 3. */
static void mark(void) {
  rig_begin(&r);
  GO(HO_SERVER, 60, DATA);
  by(cell);
  GO(HO_CLIENT, 100, PING);
  r.ecn = 2;
  GO(HO_SERVER, 110, ASK(1), DATA);
  GO(HO_SERVER, 111, DATA);
  r.ecn = 0;
}

START_TEST(e11_counts_come) {
  mark();
  GO(HO_CLIENT, 125, ECN_ACK(3, 1, 2));
  r.ecn = 2;
  GO(HO_SERVER, 140, DATA);
  RIG_IS(E11, HO_PASS);
}
END_TEST

START_TEST(e11_no_counts_no_marks) {
  mark();
  GO(HO_CLIENT, 125, ACK(3, 1));
  GO(HO_SERVER, 140, DATA);
  RIG_IS(E11, HO_PASS);
}
END_TEST

START_TEST(e11_marks_in_spite) {
  uint64_t bad;

  mark();
  if (_i == 0) {
    GO(HO_CLIENT, 125, ACK(3, 1));
  } else {
    GO(HO_CLIENT, 125, ECN_ACK(3, 1, 1)); /* one of two */
  }
  r.ecn = 2;
  SEND(HO_SERVER, 135, DATA); /* was on its way */
  bad = SEND(HO_SERVER, 140, DATA);
  RIG_FAILS(E11, HO_SERVER, bad);
}
END_TEST

/* Counts that fall do not count what was marked. */
START_TEST(e11_counts_fall) {
  uint64_t bad;

  mark();
  GO(HO_CLIENT, 125, ECN_ACK(3, 1, 2));
  r.ecn = 2;
  GO(HO_SERVER, 126, DATA);
  GO(HO_CLIENT, 140, ECN_ACK(4, 0, 1));
  SEND(HO_SERVER, 150, DATA); /* was on its way */
  bad = SEND(HO_SERVER, 155, DATA);
  RIG_FAILS(E11, HO_SERVER, bad);
}
END_TEST

/* 13.4.2.2: it MAY try again. */
START_TEST(e11_tries_again) {
  mark();
  GO(HO_CLIENT, 125, ACK(3, 1));
  GO(HO_SERVER, 140, DATA);
  r.ecn = 2;
  GO(HO_SERVER, 400, DATA);
  RIG_IS(E11, HO_PASS);
}
END_TEST

/* 13.4.2.1: an ACK that does not raise the largest decides nothing. */
START_TEST(e11_old_acks_do_not_count) {
  mark();
  GO(HO_CLIENT, 125, ECN_ACK(3, 0, 2));
  GO(HO_CLIENT, 126, ACK(2, 0));
  r.ecn = 2;
  GO(HO_SERVER, 140, DATA);
  RIG_IS(E11, HO_PASS);
}
END_TEST

/* ---- E12 ---- */

/* The server has 1400 bytes acknowledged on home, and begins with |bytes| on
 * cell. */
static uint64_t begin_with(size_t bytes, ho_endpoint to) {
  uint64_t first;

  rig_begin(&r);
  r.bytes = 1400;
  GO(HO_SERVER, 60, DATA);
  r.bytes = 1200;
  GO(HO_CLIENT, 75, ACK(1, 0));
  by(to);
  GO(HO_CLIENT, 100, PING);
  r.bytes = bytes;
  first = GO(HO_SERVER, 110, DATA);
  for (uint64_t i = 1; i < 6; i++) {
    GO(HO_SERVER, 110 + i, DATA);
  }
  return first;
}

START_TEST(e12_begins_small) {
  begin_with(1200, cell);
  rig_end(&r, MS(500));
  RIG_IS(E12, HO_PASS);
}
END_TEST

START_TEST(e12_begins_large) {
  uint64_t first = begin_with(1400, cell);

  RIG_FAILS(E12, HO_SERVER, first);
}
END_TEST

/* 14.2 counts by IP address. */
START_TEST(e12_another_port_is_no_new_path) {
  begin_with(1400, rig_at(1, 2000));
  rig_end(&r, MS(500));
  RIG_IS(E12, HO_NOT_EXERCISED);
}
END_TEST

START_TEST(e12_probes_the_mtu) {
  begin_with(1200, cell);
  r.bytes = 1400;
  GO(HO_SERVER, 130, PING, PADDING);
  GO(HO_SERVER, 131, PING, PADDING);
  GO(HO_SERVER, 132, PING, PADDING);
  GO(HO_CLIENT, 145, ACK(8, 0));
  GO(HO_SERVER, 160, DATA);
  GO(HO_SERVER, 161, DATA);
  GO(HO_SERVER, 162, DATA);
  rig_end(&r, MS(500));
  RIG_IS(E12, HO_PASS);
}
END_TEST

/* ---- E13 ---- */

static void say(const char *word) {
  RIG_IS(E13, HO_PASS);
  ck_assert_ptr_nonnull(strstr(r.findings[HO_CHECK_E13].detail, word));
}

START_TEST(e13_waits) {
  rig_begin(&r);
  EVENT(network_down, 100, .net = 0, .in_use = 1);
  EVENT(network_up, 400, .net = 1);
  say("waited");
}
END_TEST

START_TEST(e13_closes) {
  rig_begin(&r);
  EVENT(network_down, 100, .net = 0, .in_use = 1);
  EVENT(connection_closed, 400, .endpoint = HO_CLIENT, .reason = "no path");
  say("closed after 300");
}
END_TEST

START_TEST(e13_has_another) {
  rig_begin(&r);
  EVENT(network_down, 100, .net = 0, .in_use = 1);
  EVENT(handoff, 100, .kind = "disconnect", .t_loss = MS(100), .t_up = 0);
  rig_end(&r, MS(500));
  RIG_IS(E13, HO_NOT_EXERCISED);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, e8_more_than_a_probe);
  tcase_add_test(tc, e8_probes_alone);
  tcase_add_test(tc, e8_is_not_due_yet);
  tcase_add_test(tc, e8_not_on_another_path);
  tcase_add_test(tc, e8_not_of_the_silent);
  tcase_add_test(tc, e9_the_server_stays);
  tcase_add_test(tc, e9_the_server_moves);
  tcase_add_test(tc, e9_a_preferred_address_is_no_stranger);
  tcase_add_loop_test(tc, e9_strangers, 0, 4);
  tcase_add_test(tc, e10_gives_a_token);
  tcase_add_test(tc, e10_gives_none);
  tcase_add_loop_test(tc, e10_not_due_for, 0, 2);
  tcase_add_test(tc, e11_counts_come);
  tcase_add_test(tc, e11_no_counts_no_marks);
  tcase_add_loop_test(tc, e11_marks_in_spite, 0, 2);
  tcase_add_test(tc, e11_counts_fall);
  tcase_add_test(tc, e11_tries_again);
  tcase_add_test(tc, e11_old_acks_do_not_count);
  tcase_add_test(tc, e12_begins_small);
  tcase_add_test(tc, e12_begins_large);
  tcase_add_test(tc, e12_another_port_is_no_new_path);
  tcase_add_test(tc, e12_probes_the_mtu);
  tcase_add_test(tc, e13_waits);
  tcase_add_test(tc, e13_closes);
  tcase_add_test(tc, e13_has_another);
}

int main(void) {
  return suite_run("checks_path", add);
}
