/* Goal: E1 to E7 on hand-made packets: held, broken, never asked for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "flow_rig.h"
#include "tests/suite.h"

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

/* From here on packets go by |client|. */
static void by(ho_endpoint client) {
  r.tuple.client = client;
}

static void told(uint64_t ms) {
  EVENT(handoff, ms, .kind = "switch", .from = 0, .to = 1);
  EVENT(notice, ms, .net = 1, .cause = "notice");
}

/* ---- the handshake's path ---- */

static void finished(uint64_t ms, uint64_t pn) {
  const ho_frame crypto = {.type = HO_FRAME_CRYPTO, .length = 100};

  rig_arrive(&r,
             rig_put(&r, HO_CLIENT, MS(ms), HO_WIRE_HANDSHAKE, pn, &crypto, 1),
             MS(ms) + r.delay, NULL);
}

/* The client's Finished arrives from |client|, with a 1-RTT packet behind it,
 * and then from |again|; the server says at 50 ms that the handshake is done,
 * at |confirmed|. */
static void shake_at(ho_endpoint client, ho_endpoint again,
                     ho_endpoint confirmed) {
  const ho_frame done = {.type = HO_FRAME_HANDSHAKE_DONE};

  rig_shake(&r);
  by(client);
  finished(20, 0);
  GO(HO_CLIENT, 21, PING);
  by(again);
  finished(30, 1);
  by(confirmed);
  GO(HO_SERVER, 50, done);
}

/* Nobody moves before (9): a server may discard what came from elsewhere. */
START_TEST(nobody_moves_in_a_handshake) {
  shake_at(cell, home, home);
  for (uint64_t t = 60; t < 4000; t += 100) {
    GO(HO_CLIENT, t, PING);
    GO(HO_SERVER, t + 20, DATA);
  }
  rig_end(&r, MS(5000));
  RIG_IS(E5, HO_NOT_EXERCISED);
  RIG_IS(E7, HO_NOT_EXERCISED);
  RIG_IS(C1, HO_NOT_EXERCISED);
  RIG_IS(D2, HO_NOT_EXERCISED);
}
END_TEST

/* And who then goes to where the handshake began does move. */
START_TEST(a_handshake_ends_elsewhere) {
  uint64_t moved;

  shake_at(cell, cell, cell);
  by(home);
  moved = GO(HO_CLIENT, 60, PING);
  r.bytes = 60; /* the 3x limit is no excuse */
  for (uint64_t t = 80; t < 4000; t += 100) {
    GO(HO_SERVER, t, DATA);
  }
  rig_end(&r, MS(5000));
  RIG_FAILS(C1, HO_SERVER, moved);
  RIG_FAILS(E5, HO_SERVER, moved);
}
END_TEST

/* A number from elsewhere that the server may have discarded is not the highest
 * that it knows: what comes from there with a lower one moves it. */
START_TEST(numbers_of_a_handshake) {
  uint64_t late = SEND(HO_CLIENT, 0, PING);

  shake_at(cell, _i == 0 ? home : cell, home);
  finished(52, 2);
  GO(HO_SERVER, 65, DATA);
  by(cell);
  rig_arrive(&r, late, MS(70), &r.tuple);
  GO(HO_SERVER, 80, DATA);
  rig_end(&r, MS(100));
  RIG_IS(E6, HO_NOT_EXERCISED);
}
END_TEST

/* ---- E1, E2 ---- */

START_TEST(e1_waits_for_the_handshake) {
  rig_shake(&r);
  told(20);
  GO(HO_CLIENT, 21, PING);
  rig_end(&r, MS(100));
  RIG_IS(E1, HO_PASS);
}
END_TEST

START_TEST(e1_moves_too_early) {
  uint64_t bad;

  rig_shake(&r);
  told(20);
  by(cell);
  bad = SEND(HO_CLIENT, 21, PING);
  SEND(HO_CLIENT, 22, PING);
  RIG_FAILS(E1, HO_CLIENT, bad);
}
END_TEST

/* RFC 9001, 4.1.2: an ACK of a 1-RTT packet will do. */
START_TEST(e1_moves_after_an_ack) {
  rig_shake(&r);
  GO(HO_CLIENT, 21, PING);
  GO(HO_SERVER, 31, ACK(0, 0));
  by(cell);
  SEND(HO_CLIENT, 42, PING);
  rig_end(&r, MS(100));
  RIG_IS(E1, HO_NOT_EXERCISED);
}
END_TEST

START_TEST(e1_nobody_told_it) {
  rig_shake(&r);
  EVENT(handoff, 20, .kind = "switch", .from = 0, .to = 1);
  by(cell);
  SEND(HO_CLIENT, 21, PING);
  rig_end(&r, MS(100));
  RIG_IS(E1, HO_NOT_EXERCISED);
}
END_TEST

static void forbid(void) {
  r.params.disable_active_migration = true;
  rig_begin(&r);
}

/* An application that gives up does not tell its connection where it is. */
START_TEST(e1_gave_up) {
  rig_shake(&r);
  EVENT(handoff, 20, .kind = "switch", .from = 0, .to = 1);
  EVENT(notice, 20, .net = 1, .cause = "give-up");
  by(cell);
  SEND(HO_CLIENT, 21, PING);
  rig_end(&r, MS(100));
  RIG_IS(E1, HO_PASS);
}
END_TEST

START_TEST(e2_stays) {
  forbid();
  told(100);
  GO(HO_CLIENT, 101, PING);
  rig_end(&r, MS(200));
  RIG_IS(E2, HO_PASS);
}
END_TEST

START_TEST(e2_probes_from_elsewhere) {
  uint64_t bad;

  forbid();
  told(100);
  by(cell);
  bad = SEND(HO_CLIENT, 101, ASK(1), PADDING);
  RIG_FAILS(E2, HO_CLIENT, bad);
}
END_TEST

START_TEST(e2_does_not_know_that_it_moved) {
  forbid();
  EVENT(handoff, 100, .kind = "switch", .from = 0, .to = 1);
  by(cell);
  GO(HO_CLIENT, 101, PING);
  rig_end(&r, MS(200));
  RIG_IS(E2, HO_NOT_EXERCISED);
}
END_TEST

/* 18.2: whoever has acted on a preferred address may migrate. */
START_TEST(e2_has_a_preferred_address) {
  r.params.has_preferred = true;
  r.params.preferred_v4 = (ho_endpoint){ho_addr_v4(0xc0000202u), 443};
  forbid();
  r.tuple.server = r.params.preferred_v4;
  GO(HO_CLIENT, 60, PING);
  told(100);
  by(cell);
  GO(HO_CLIENT, 101, PING);
  r.tuple.server.addr = ho_addr_v4(0xc0000201u);
  GO(HO_CLIENT, 120, PING);
  rig_end(&r, MS(200));
  RIG_IS(E2, HO_NOT_EXERCISED);
}
END_TEST

START_TEST(e2_nobody_forbade_it) {
  rig_begin(&r);
  told(100);
  by(cell);
  GO(HO_CLIENT, 101, PING);
  rig_end(&r, MS(200));
  RIG_IS(E2, HO_NOT_EXERCISED);
}
END_TEST

/* ---- E3 ---- */

static const struct {
  uint64_t after_ms, error;
  bool forbidden, broken;
} endings[] = {
    {0, 0x0a, true, true},     {20, 0x0a, true, true},  {0, 0x02, true, true},
    {0, 0x09, true, false}, /* of a frame, not of the address */
    {2000, 0x0a, true, false}, {0, 0x0a, false, false},
};

START_TEST(e3_closes) {
  uint64_t bad;

  r.params.disable_active_migration = endings[_i].forbidden;
  rig_begin(&r);
  by(cell);
  GO(HO_CLIENT, 100, PING);
  by(home);
  bad = SEND(HO_SERVER, 110 + endings[_i].after_ms, CLOSE(endings[_i].error));
  rig_end(&r, MS(3000));
  if (endings[_i].broken) {
    RIG_FAILS(E3, HO_SERVER, bad);
  } else {
    RIG_IS(E3, endings[_i].forbidden ? HO_PASS : HO_NOT_EXERCISED);
  }
}
END_TEST

/* ---- E4 ---- */

START_TEST(e4_answers_probes_with_probes) {
  rig_begin(&r);
  by(cell);
  GO(HO_CLIENT, 100, ASK(1), PADDING);
  GO(HO_SERVER, 110, ANSWER(1), ASK(2), PADDING);
  RIG_IS(E4, HO_PASS);
}
END_TEST

START_TEST(e4_answers_probes_with_more) {
  uint64_t bad;

  rig_begin(&r);
  by(cell);
  GO(HO_CLIENT, 100, ASK(1), PADDING);
  bad = GO(HO_SERVER, 110, ANSWER(1), PING);
  RIG_FAILS(E4, HO_SERVER, bad);
}
END_TEST

START_TEST(e4_the_client_has_moved) {
  rig_begin(&r);
  by(cell);
  GO(HO_CLIENT, 100, ASK(1), PING);
  GO(HO_SERVER, 110, ANSWER(1), PING);
  RIG_IS(E4, HO_NOT_EXERCISED);
}
END_TEST

/* ---- E5 to E7 ---- */

/* The client moves to cell at 100 ms; the server knows at 110. */
static uint64_t move(void) {
  rig_begin(&r);
  GO(HO_SERVER, 60, DATA);
  by(cell);
  return GO(HO_CLIENT, 100, PING);
}

START_TEST(e5_follows) {
  move();
  GO(HO_SERVER, 110, ASK(1), PADDING);
  RIG_IS(E5, HO_NOT_EXERCISED); /* until more has gone there */
  GO(HO_SERVER, 111, DATA);
  rig_end(&r, MS(9000));
  RIG_IS(E5, HO_PASS);
}
END_TEST

START_TEST(e5_does_not_follow) {
  uint64_t bad;

  move();
  GO(HO_SERVER, 110, ASK(1), PADDING);
  by(home);
  SEND(HO_SERVER, 110, DATA); /* was on its way */
  bad = SEND(HO_SERVER, 120, DATA);
  RIG_FAILS(E5, HO_SERVER, bad);
}
END_TEST

/* 9.5: to go there the server needs a CID of the client's that is new. */
static const ho_frame fresh = {
    .type = HO_FRAME_NEW_CONNECTION_ID, .sequence = 1, .cid = {.len = 8}};

static uint64_t move_without_cid(void) {
  uint64_t trigger = move();

  r.flow->ends[HO_CLIENT].cids[0].cid.len = 8; /* the one in use */
  return trigger;
}

START_TEST(e5_has_no_cid_to_follow_with) {
  uint64_t bad;

  move_without_cid();
  by(home);
  SEND(HO_SERVER, 120, DATA);
  RIG_IS(E5, HO_NOT_EXERCISED);
  by(cell);
  GO(HO_CLIENT, 1000, fresh);
  by(home);
  bad = SEND(HO_SERVER, 1020, DATA);
  RIG_FAILS(E5, HO_SERVER, bad);
}
END_TEST

/* Its time runs from when it has one. */
START_TEST(e5_gets_a_cid_late) {
  uint64_t trigger = move_without_cid();

  GO(HO_CLIENT, 9000, fresh);
  GO(HO_CLIENT, 9010, PING);
  RIG_IS(E5, HO_NOT_EXERCISED);
  rig_end(&r, MS(20000));
  RIG_FAILS(E5, HO_SERVER, trigger);
}
END_TEST

START_TEST(e5_never_challenges) {
  uint64_t trigger = move();

  GO(HO_SERVER, 111, DATA);
  rig_end(&r, MS(9000));
  RIG_FAILS(E5, HO_SERVER, trigger);
}
END_TEST

START_TEST(e5_is_not_due_yet) {
  move();
  GO(HO_SERVER, 111, DATA);
  rig_end(&r, MS(500));
  RIG_IS(E5, HO_NOT_EXERCISED);
}
END_TEST

START_TEST(e5_closes_before_it_is_due) {
  move();
  GO(HO_SERVER, 111, CLOSE(0));
  rig_end(&r, MS(9000));
  RIG_IS(E5, HO_NOT_EXERCISED);
}
END_TEST

/* 9.3.2: what cannot be validated is left again. */
START_TEST(e5_goes_back_when_validation_fails) {
  move();
  GO(HO_SERVER, 110, ASK(1), PADDING);
  GO(HO_SERVER, 111, DATA);
  by(home);
  SEND(HO_SERVER, 4000, DATA);
  rig_end(&r, MS(9000));
  RIG_IS(E5, HO_PASS);
  RIG_IS(E6, HO_NOT_EXERCISED);
}
END_TEST

/* 9: a server that has forbidden it may drop such packets. */
START_TEST(e5_is_not_for_who_forbade_it) {
  r.params.disable_active_migration = true;
  move();
  by(home);
  GO(HO_SERVER, 200, DATA);
  rig_end(&r, MS(9000));
  RIG_IS(E5, HO_NOT_EXERCISED);
}
END_TEST

/* 9.6.2 has the server stay until it has validated the way there. */
START_TEST(e5_goes_to_the_preferred_address) {
  ho_tuple old = r.tuple;

  r.params.has_preferred = true;
  r.params.preferred_v4 = (ho_endpoint){ho_addr_v4(0xc0000202u), 443};
  rig_begin(&r);
  by(cell);
  r.tuple.server = r.params.preferred_v4;
  GO(HO_CLIENT, 100, PING);
  r.tuple = old;
  GO(HO_SERVER, 200, DATA);
  rig_end(&r, MS(9000));
  RIG_IS(E5, HO_NOT_EXERCISED);
}
END_TEST

START_TEST(e5_probes_move_nobody) {
  rig_begin(&r);
  by(cell);
  GO(HO_CLIENT, 100, ASK(1), PADDING);
  by(home);
  GO(HO_SERVER, 200, DATA);
  rig_end(&r, MS(9000));
  RIG_IS(E5, HO_NOT_EXERCISED);
}
END_TEST

/* A packet from home is overtaken by one from cell. */
static void overtake(void) {
  uint64_t late;
  ho_tuple old = r.tuple;

  rig_begin(&r);
  late = SEND(HO_CLIENT, 99, PING);
  by(cell);
  GO(HO_CLIENT, 100, PING);
  GO(HO_SERVER, 110, ASK(1), DATA);
  rig_arrive(&r, late, MS(130), &old);
}

START_TEST(e6_stays_with_the_highest) {
  overtake();
  GO(HO_SERVER, 140, DATA);
  RIG_IS(E6, HO_PASS);
}
END_TEST

START_TEST(e6_follows_a_late_one) {
  uint64_t bad;

  overtake();
  by(home);
  bad = SEND(HO_SERVER, 140, DATA);
  RIG_FAILS(E6, HO_SERVER, bad);
  RIG_IS(E5, HO_PASS);
}
END_TEST

/* The same packet again, from elsewhere, is dropped before it can move. */
START_TEST(e6_is_not_for_duplicates) {
  uint64_t packet;
  ho_tuple other = r.tuple;

  rig_begin(&r);
  packet = GO(HO_CLIENT, 99, PING);
  other.client = cell;
  rig_arrive(&r, packet, MS(130), &other);
  GO(HO_SERVER, 140, DATA);
  rig_end(&r, MS(9000));
  RIG_IS(E6, HO_NOT_EXERCISED);
  RIG_IS(E5, HO_NOT_EXERCISED);
}
END_TEST

/* After the move: cell is validated at 130 ms. */
static uint64_t validated(void) {
  uint64_t trigger = move();

  GO(HO_SERVER, 110, ASK(1), DATA);
  GO(HO_CLIENT, 120, ANSWER(1), PING);
  return trigger;
}

START_TEST(e7_validates_the_old_path) {
  validated();
  by(home);
  SEND(HO_SERVER, 131, ASK(2), PADDING);
  rig_end(&r, MS(9000));
  RIG_IS(E7, HO_PASS);
}
END_TEST

START_TEST(e7_forgets_the_old_path) {
  uint64_t trigger = validated();

  GO(HO_SERVER, 131, DATA);
  rig_end(&r, MS(9000));
  RIG_FAILS(E7, HO_SERVER, trigger);
}
END_TEST

START_TEST(e7_is_not_due_yet) {
  validated();
  rig_end(&r, MS(600));
  RIG_IS(E7, HO_NOT_EXERCISED);
}
END_TEST

START_TEST(e7_waits_for_the_new_path) {
  move();
  GO(HO_SERVER, 110, ASK(1), DATA);
  rig_end(&r, MS(9000));
  RIG_IS(E7, HO_NOT_EXERCISED);
}
END_TEST

/* Small challenges were answered, those of 1200 bytes are not yet. */
START_TEST(e7_waits_for_the_full_size) {
  validated();
  GO(HO_SERVER, 2000, ASK(3), PADDING);
  GO(HO_SERVER, 2001, DATA);
  rig_end(&r, MS(4500));
  RIG_IS(E7, HO_NOT_EXERCISED);
}
END_TEST

/* The server has deleted the connection without a word. */
START_TEST(e7_is_not_for_what_is_gone) {
  validated();
  EVENT(connection_closed, 300, .endpoint = HO_SERVER, .reason = "idle");
  rig_end(&r, MS(9000));
  RIG_IS(E7, HO_NOT_EXERCISED);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, nobody_moves_in_a_handshake);
  tcase_add_test(tc, a_handshake_ends_elsewhere);
  tcase_add_loop_test(tc, numbers_of_a_handshake, 0, 2);
  tcase_add_test(tc, e1_waits_for_the_handshake);
  tcase_add_test(tc, e1_moves_too_early);
  tcase_add_test(tc, e1_moves_after_an_ack);
  tcase_add_test(tc, e1_nobody_told_it);
  tcase_add_test(tc, e1_gave_up);
  tcase_add_test(tc, e2_stays);
  tcase_add_test(tc, e2_probes_from_elsewhere);
  tcase_add_test(tc, e2_does_not_know_that_it_moved);
  tcase_add_test(tc, e2_has_a_preferred_address);
  tcase_add_test(tc, e2_nobody_forbade_it);
  tcase_add_loop_test(tc, e3_closes, 0, (int)COUNT(endings));
  tcase_add_test(tc, e4_answers_probes_with_probes);
  tcase_add_test(tc, e4_answers_probes_with_more);
  tcase_add_test(tc, e4_the_client_has_moved);
  tcase_add_test(tc, e5_follows);
  tcase_add_test(tc, e5_does_not_follow);
  tcase_add_test(tc, e5_has_no_cid_to_follow_with);
  tcase_add_test(tc, e5_gets_a_cid_late);
  tcase_add_test(tc, e5_never_challenges);
  tcase_add_test(tc, e5_is_not_due_yet);
  tcase_add_test(tc, e5_closes_before_it_is_due);
  tcase_add_test(tc, e5_goes_back_when_validation_fails);
  tcase_add_test(tc, e5_is_not_for_who_forbade_it);
  tcase_add_test(tc, e5_goes_to_the_preferred_address);
  tcase_add_test(tc, e5_probes_move_nobody);
  tcase_add_test(tc, e6_stays_with_the_highest);
  tcase_add_test(tc, e6_follows_a_late_one);
  tcase_add_test(tc, e6_is_not_for_duplicates);
  tcase_add_test(tc, e7_validates_the_old_path);
  tcase_add_test(tc, e7_forgets_the_old_path);
  tcase_add_test(tc, e7_is_not_due_yet);
  tcase_add_test(tc, e7_waits_for_the_new_path);
  tcase_add_test(tc, e7_waits_for_the_full_size);
  tcase_add_test(tc, e7_is_not_for_what_is_gone);
}

int main(void) {
  return suite_run("checks_migration", add);
}
