/* Goal: G1 to G7.  Faults of congestion control cannot be put on the wire, so
 * the events in which endpoints tell of it are edited. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <string.h>

#include "flow_rig.h"
#include "tests/suite.h"

static rig r;

static void setup(void) {
  rig_init(&r, 0);
}

static void teardown(void) {
  rig_free(&r);
}

/* The server's state at |ms|; RTTs in ms, the window in thousands of bytes. */
typedef struct {
  uint64_t ms, cwnd, in_flight, srtt, latest, min;
} told;

static void tell(const told *x) {
  EVENT(recovery, x->ms, .endpoint = HO_SERVER, .cwnd = 1000 * x->cwnd,
        .in_flight = x->in_flight, .srtt = MS(x->srtt),
        .latest_rtt = MS(x->latest), .min_rtt = MS(x->min));
}

#define TELL(...) tell(&(told){__VA_ARGS__})

/* At 100 ms the client moves, to another address or port, and number 2 of the
 * server (sent at 90 ms) is under way over the old path; at 130 ms cell is
 * validated.  The window was 100000 bytes, the RTT 20 ms. */
static void move(ho_endpoint to) {
  rig_begin(&r);
  TELL(60, 100, 9000, 20, 20, 20);
  GO(HO_SERVER, 89, DATA);
  GO(HO_SERVER, 90, DATA);
  r.tuple.client = to;
  GO(HO_CLIENT, 100, PING);
  GO(HO_SERVER, 110, ASK(1), PADDING); /* number 3 */
  GO(HO_CLIENT, 120, ANSWER(1), PING);
}

/* ---- G1 ---- */

typedef struct {
  const char *name;
  bool port_alone;
  told after[5];
  ho_verdict want;
} reset_case;

static const reset_case resets[] = {
    {"both begin anew",
     false,
     {{130, 12, 0, 0, 0, 0},
      {220, 13, 0, 40, 40, 40},
      {230, 14, 0, 40, 41, 40},
      {240, 15, 0, 40, 42, 40}},
     HO_PASS},
    {"the first event after it has a sample already",
     false,
     {{130, 12, 0, 41, 41, 41}},
     HO_PASS},
    {"the window is kept",
     false,
     {{130, 100, 0, 0, 0, 0},
      {220, 101, 0, 40, 40, 40},
      {230, 102, 0, 40, 41, 40},
      {240, 103, 0, 40, 42, 40}},
     HO_FAIL},
    {"the RTT is kept",
     false,
     {{130, 12, 0, 20, 20, 20},
      {220, 13, 0, 22, 40, 20},
      {230, 14, 0, 24, 41, 20},
      {240, 15, 0, 26, 42, 20}},
     HO_FAIL},
    {"a new port alone",
     true,
     {{130, 100, 0, 20, 20, 20},
      {220, 101, 0, 22, 40, 20},
      {230, 102, 0, 24, 41, 20},
      {240, 103, 0, 26, 42, 20}},
     HO_NOT_EXERCISED},
    {"too little to say",
     false,
     {{130, 100, 0, 20, 20, 20}, {220, 101, 0, 22, 40, 20}},
     HO_NOT_EXERCISED},
};

START_TEST(g1_a_fresh_start) {
  const reset_case *k = &resets[_i];

  move(k->port_alone ? rig_at(1, 2000) : rig_at(2, 1000));
  for (size_t i = 0; i < COUNT(k->after) && k->after[i].ms; i++) {
    tell(&k->after[i]);
  }
  rig_end(&r, MS(900));
  ck_assert_msg(r.findings[HO_CHECK_G1].verdict == k->want, "%s: %s", k->name,
                ho_verdict_name(r.findings[HO_CHECK_G1].verdict));
  if (k->want == HO_FAIL) {
    ck_assert_int_eq(r.findings[HO_CHECK_G1].endpoint, HO_SERVER);
  }
}
END_TEST

/* ---- G2 ---- */

START_TEST(g2_takes_a_sample_of_the_old_path) {
  uint64_t ack;

  move(rig_at(2, 1000));
  TELL(130, 12, 0, 0, 0, 0);
  ack = GO(HO_CLIENT, 190, ACK(2, 0)); /* sent at 90 ms, comes at 200 */
  TELL(200, 12, 0, 110, 110, 110);
  RIG_FAILS(G2, HO_SERVER, ack);
}
END_TEST

START_TEST(g2_leaves_it) {
  move(rig_at(2, 1000));
  TELL(130, 12, 0, 0, 0, 0);
  GO(HO_CLIENT, 190, ACK(2, 0));
  TELL(200, 13, 0, 0, 0, 0);
  RIG_IS(G2, HO_PASS);
}
END_TEST

START_TEST(g2_a_sample_of_the_new_path) {
  move(rig_at(2, 1000));
  TELL(130, 12, 0, 0, 0, 0);
  GO(HO_CLIENT, 190, ACK(3, 0)); /* sent at 110 ms */
  TELL(200, 13, 0, 90, 90, 90);
  RIG_IS(G2, HO_NOT_EXERCISED);
}
END_TEST

/* Until the new path has a context of its own, it is the old one's. */
START_TEST(g2_before_the_reset) {
  rig_begin(&r);
  TELL(60, 100, 9000, 20, 20, 20);
  GO(HO_SERVER, 89, DATA);
  r.tuple.client = rig_at(2, 1000);
  GO(HO_CLIENT, 100, ACK(1, 0));
  TELL(110, 100, 0, 20, 21, 20);
  RIG_IS(G2, HO_NOT_EXERCISED);
}
END_TEST

START_TEST(g2_another_port_is_no_new_path) {
  move(rig_at(1, 2000));
  TELL(130, 12, 0, 0, 0, 0);
  GO(HO_CLIENT, 190, ACK(2, 0));
  TELL(200, 12, 0, 110, 110, 110);
  RIG_IS(G2, HO_NOT_EXERCISED);
}
END_TEST

/* ---- G3 ---- */

static void respond(const ho_frame *frames, size_t count, uint64_t latest) {
  rig_begin(&r);
  TELL(60, 100, 0, 50, 50, 50);
  GO(HO_SERVER, 100, ASK(7), PADDING);
  rig_go(&r, HO_CLIENT, MS(170), frames, count);
  TELL(180, 100, 0, 60, latest, 50);
}

START_TEST(g3_a_response_is_no_sample) {
  respond(RIG_FRAMES(ANSWER(7), PADDING), 50);
  RIG_IS(G3, HO_PASS);
}
END_TEST

START_TEST(g3_a_response_becomes_one) {
  respond(RIG_FRAMES(ANSWER(7), PADDING), 80);
  RIG_FAILS(G3, HO_SERVER, r.packet);
}
END_TEST

START_TEST(g3_an_ack_beside_it_is_one) {
  respond(RIG_FRAMES(ACK(1, 0), ANSWER(7), PADDING), 80);
  RIG_IS(G3, HO_NOT_EXERCISED);
}
END_TEST

/* ---- G4 ---- */

static const struct {
  told before, after;
  ho_verdict want;
} windows[] = {
    /* 9000 of 12000 bytes: nobody is held back. */
    {{130, 12, 0, 0, 0, 0}, {131, 12, 9000, 0, 0, 0}, HO_NOT_EXERCISED},
    {{130, 12, 0, 0, 0, 0}, {131, 12, 11900, 0, 0, 0}, HO_PASS},
    /* Two probes and a datagram more cannot be told from what is allowed. */
    {{130, 12, 11000, 0, 0, 0}, {131, 12, 16000, 0, 0, 0}, HO_PASS},
    {{130, 12, 11000, 0, 0, 0}, {131, 12, 17000, 0, 0, 0}, HO_FAIL},
    {{130, 12, 0, 0, 0, 0}, {131, 12, 30000, 0, 0, 0}, HO_FAIL},
    /* The window shrank; nothing was sent. */
    {{130, 40, 38000, 0, 0, 0}, {131, 20, 37000, 0, 0, 0}, HO_NOT_EXERCISED},
    /* The burst was before it shrank. */
    {{130, 40, 30000, 0, 0, 0}, {131, 20, 39000, 0, 0, 0}, HO_PASS},
};

START_TEST(g4_the_window_of_the_new_path) {
  move(rig_at(2, 1000));
  tell(&windows[_i].before);
  tell(&windows[_i].after);
  rig_end(&r, MS(900));
  RIG_IS(G4, windows[_i].want);
}
END_TEST

START_TEST(g4_not_before_a_move) {
  rig_begin(&r);
  TELL(130, 12, 0, 0, 0, 0);
  TELL(131, 12, 30000, 0, 0, 0);
  rig_end(&r, MS(900));
  RIG_IS(G4, HO_NOT_EXERCISED);
}
END_TEST

START_TEST(g4_another_port_is_no_new_path) {
  move(rig_at(1, 2000));
  TELL(130, 12, 0, 0, 0, 0);
  TELL(131, 12, 30000, 0, 0, 0);
  RIG_IS(G4, HO_NOT_EXERCISED);
}
END_TEST

/* ---- what is told ---- */

static void says(ho_check_id id, const char *words) {
  const ho_finding *f = &r.findings[id];

  ck_assert_int_eq(f->verdict, HO_PASS);
  ck_assert_msg(strstr(f->detail, words) != NULL, "%s", f->detail);
}

START_TEST(g5_what_was_in_flight) {
  rig_begin(&r);
  GO(HO_SERVER, 88, STREAM(0, 1000));
  GO(HO_SERVER, 89, STREAM(1000, 1000));
  r.tuple.client = rig_at(2, 1000);
  GO(HO_CLIENT, 100, PING); /* at the server at 110 ms */
  GO(HO_SERVER, 130, STREAM(2000, 1000));
  GO(HO_SERVER, 150, STREAM(500, 500));
  GO(HO_SERVER, 170, STREAM(1000, 1000));
  rig_end(&r, MS(900));
  says(HO_CHECK_G5, "1500 bytes again, from 40.000 to 60.000 ms");
}
END_TEST

START_TEST(g6_a_lost_probe) {
  rig_begin(&r);
  TELL(60, 100, 0, 20, 20, 20);
  GO(HO_SERVER, 100, ASK(7), PADDING);
  EVENT(packet_lost, 200, .endpoint = HO_SERVER, .type = "1rtt", .pn = 1);
  TELL(200, 50, 0, 20, 20, 20);
  says(HO_CHECK_G6, "window 100000 before, 50000 after");
}
END_TEST

START_TEST(g6_more_than_a_probe_was_lost) {
  rig_begin(&r);
  GO(HO_SERVER, 100, ASK(7), PADDING);
  GO(HO_SERVER, 101, DATA);
  EVENT(packet_lost, 200, .endpoint = HO_SERVER, .type = "1rtt", .pn = 1);
  EVENT(packet_lost, 200, .endpoint = HO_SERVER, .type = "1rtt", .pn = 2);
  TELL(200, 50, 0, 20, 20, 20);
  RIG_IS(G6, HO_NOT_EXERCISED);
}
END_TEST

START_TEST(g7_a_return) {
  move(rig_at(2, 1000));
  TELL(130, 12, 0, 0, 0, 0);
  r.tuple.client = rig_at(1, 1000);
  GO(HO_CLIENT, 300, PING);
  TELL(310, 30, 0, 20, 20, 20);
  TELL(320, 31, 0, 20, 21, 20);
  TELL(330, 32, 0, 20, 22, 20);
  says(HO_CHECK_G7, "window 12000 before, 30000 at least after it");
  RIG_IS(G1, HO_PASS); /* of the first move alone */
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_loop_test(tc, g1_a_fresh_start, 0, (int)COUNT(resets));
  tcase_add_test(tc, g2_takes_a_sample_of_the_old_path);
  tcase_add_test(tc, g2_leaves_it);
  tcase_add_test(tc, g2_a_sample_of_the_new_path);
  tcase_add_test(tc, g2_before_the_reset);
  tcase_add_test(tc, g2_another_port_is_no_new_path);
  tcase_add_test(tc, g3_a_response_is_no_sample);
  tcase_add_test(tc, g3_a_response_becomes_one);
  tcase_add_test(tc, g3_an_ack_beside_it_is_one);
  tcase_add_loop_test(tc, g4_the_window_of_the_new_path, 0,
                      (int)COUNT(windows));
  tcase_add_test(tc, g4_not_before_a_move);
  tcase_add_test(tc, g4_another_port_is_no_new_path);
  tcase_add_test(tc, g5_what_was_in_flight);
  tcase_add_test(tc, g6_a_lost_probe);
  tcase_add_test(tc, g6_more_than_a_probe_was_lost);
  tcase_add_test(tc, g7_a_return);
}

int main(void) {
  return suite_run("checks_recovery", add);
}
