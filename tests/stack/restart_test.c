/* Goal: in a connection that a restarted server begins again, of which the
 * client had heard nothing, rules find the frames that they ask for, and faulty
 * endpoints do what they do. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faulty.h"
#include "runs.h"
#include "stack/fault/fault_private.h"
#include "tests/suite.h"

/* The client's second Initial packet begins the connection anew, after 1 s. */
#define AGAIN(rules)                                                           \
  "name: t\nstop: 5s\nnetworks:\n"                                             \
  "  home: {type: wired, down: 20Mbps, up: 20Mbps, delay: 10ms}\n"             \
  "workload: {type: request, every: 50ms, request: 100B, response: 500B}\n"    \
  "arms:\n  a: {transport: quic}\n"                                            \
  "timeline:\n"                                                                \
  "  - 0s: drop server 1st datagram\n" rules "  - 200ms: restart server\n"

static const ho_time restarted = 200 * HO_MSEC;

/* ---- rules ---- */

static const struct {
  const char *text;
  int dropped; /* the first server's datagram, and what else */
} rules[] = {
    {AGAIN(""), 1},
    {AGAIN("  - 0s: drop server 1st HANDSHAKE_DONE\n"), 2},
    {AGAIN("  - 0s: drop server 2..3 STREAM\n"), 3},
    {AGAIN("  - 0s: drop client 2..4 STREAM\n"), 4},
};

typedef struct {
  int dropped, wanted;
} drops;

static void count_drops(void *user, const ho_event *ev) {
  drops *seen = user;

  if (!ev) {
    REQUIRE(seen->dropped == seen->wanted);
    return;
  }
  REQUIRE(ev->kind != HO_EV_connection_closed);
  seen->dropped += ev->kind == HO_EV_packet_dropped &&
                   strcmp(ev->u.packet_dropped.reason, "rule") == 0;
}

START_TEST(rules_find_frames) {
  drops seen = {.wanted = rules[_i].dropped};

  ck_assert_int_eq(runs_each(rules[_i].text, 1, count_drops, &seen), 0);
}
END_TEST

/* ---- faults: this table stands in for the library's ---- */

static void send_ping(fault_conn *c, ho_time delay) {
  static const ho_frame ping = {.type = HO_FRAME_PING};
  fault_datagram g;

  fault_extra(c, &g);
  REQUIRE(fault_add(&g, &ping));
  fault_send(c, &g, delay);
}

/* Two extras to a connection.  What the first server has left to send when the
 * second one begins is not that one's. */
static void ping_twice(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)g, (void)now;
  if (c->memory[0]++ == 0) {
    send_ping(c, 0);
    send_ping(c, 1500 * HO_MSEC);
  }
}

static const fault_def pings = {.leave = ping_twice};
const fault_def *const fault_table[HO_FAULT_COUNT] = {
    [HO_FAULT_REPEAT_CHALLENGE] = &pings};

typedef struct {
  ho_side side;
  int own, sent, lost; /* 1-RTT packets of the second connection */
  uint64_t next_pn;
} faulty_seen;

static void see_event(void *user, const ho_event *ev) {
  faulty_seen *seen = user;

  REQUIRE(ev->kind != HO_EV_connection_closed);
  seen->lost += ev->t > restarted && ev->kind == HO_EV_packet_lost &&
                strcmp(ev->u.packet_lost.type, "1rtt") == 0;
  seen->own += ev->t > restarted && ev->kind == HO_EV_quic_sent &&
               ev->u.quic_sent.endpoint == seen->side &&
               strcmp(ev->u.quic_sent.type, "1rtt") == 0;
}

static void see_datagram(void *user, const faulty_datagram *dg) {
  faulty_seen *seen = user;

  for (size_t i = 0; dg->now > restarted && i < dg->wire->packets_count; i++) {
    const ho_wire_packet *p = &dg->wire->packets[i];
    REQUIRE(p->opened);
    if (dg->at == HO_SENT && dg->from == seen->side &&
        p->header.type == HO_WIRE_1RTT) {
      REQUIRE(p->pn == seen->next_pn++);
      seen->sent++;
    }
  }
}

static void judge_faulty(void *user, const char *digest) {
  const faulty_seen *seen = user;

  (void)digest;
  REQUIRE(seen->own > 50);
  REQUIRE(seen->sent == seen->own + 2);
  REQUIRE(seen->lost == 0);
}

START_TEST(faults_act) {
  faulty_seen seen = {.side = _i ? HO_SERVER : HO_CLIENT};
  faulty_setting setting = {.text = AGAIN(""),
                            .side = seen.side,
                            .fault = HO_FAULT_REPEAT_CHALLENGE,
                            .event = see_event,
                            .datagram = see_datagram,
                            .done = judge_faulty,
                            .user = &seen};

  ck_assert_int_eq(faulty_run(&setting), 0);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, rules_find_frames, 0, COUNT(rules));
  tcase_add_loop_test(tc, faults_act, 0, 2);
}

int main(void) {
  return suite_run("restart", add);
}
