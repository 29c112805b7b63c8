/* Goal: packet rules and attackers do to a real connection what they say, to
 * exactly the packets meant; it survives what RFC 9000 says it must, the victim
 * gets no more than its share, and runs repeat. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "runs.h"
#include "sim/base/alloc.h"
#include "sim/net/attack.h"
#include "sim/wire/frame.h"
#include "stack/world.h"
#include "tests/suite.h"

#define TEXT                                                                   \
  "name: t\nstop: 30s\nnetworks:\n"                                            \
  "  n: {type: wired, down: 20Mbps, up: 10Mbps, delay: 20ms, "                 \
  "nat: home-router, %s}\n"                                                    \
  "workload: {type: download, bytes: 4MB}\narms: [quic]\n"                     \
  "timeline:\n  - 500ms: rebind n port\n"

/* What a run was like. */
typedef struct {
  uint64_t meddled, dropped, victim, attacker, forged_got;
  uint64_t forged_lost;  /* their mapping is gone since the rebinding */
  uint64_t forged_bytes; /* UDP payload that the server got from the victim */
  uint64_t responses[2]; /* PATH_RESPONSEs received, by endpoint */
  ho_time t_challenge;   /* the server's first */
  uint64_t nat_lost;     /* after 1.1 s */
  uint64_t wrong, brought, got_copies;
  uint64_t cids_zero;      /* connections at the server */
  uint64_t first_dropped;  /* the packet */
  uint64_t first_response; /* sent by the client */
  ho_time t_done;
  char hex[65];
} tally;

static uint64_t seen[20000]; /* packets that the server got, by number */
static uint64_t made[20000]; /* packets that were made, and what from */

static void on_meddled(tally *t, const ho_ev_meddled *m) {
  t->meddled++;
  t->brought += strcmp(m->what, "bring-back") == 0;
  if (m->packet < COUNT(made)) {
    made[m->packet] = m->copy_of ? m->copy_of : m->packet;
  }
}

/* A forged copy must arrive before what it was made from. */
static void on_received(tally *t, const ho_ev_datagram_received *r) {
  ho_addr victim = ho_attackers_victim(0, 4);

  if (r->packet >= COUNT(made)) {
    return;
  }
  seen[r->packet]++;
  t->forged_got += made[r->packet] != 0;
  t->got_copies += made[r->packet] != 0 && made[r->packet] != r->packet &&
                   seen[made[r->packet]] == 0;
  if (ho_addr_eq(&r->tuple.client.addr, &victim)) {
    t->forged_bytes += r->bytes - 28;
  }
}

static void on_path(tally *t, const ho_ev_path_frame *p, ho_time now) {
  bool response = strcmp(p->frame, "PATH_RESPONSE") == 0;
  bool sent = strcmp(p->way, "sent") == 0;

  if (sent && !response && p->endpoint == HO_SERVER && !t->t_challenge) {
    t->t_challenge = now;
  }
  t->responses[p->endpoint] += response && !sent;
  if (response && sent && p->endpoint == HO_CLIENT && !t->first_response) {
    t->first_response = p->packet;
  }
}

static void count(void *user, const ho_event *ev) {
  tally *t = user;

  switch ((int)ev->kind) {
  case HO_EV_meddled:
    on_meddled(t, &ev->u.meddled);
    break;
  case HO_EV_packet_dropped:
    t->nat_lost += ev->t > 1100 * HO_MSEC &&
                   strncmp(ev->u.packet_dropped.reason, "nat-", 4) == 0;
    if (ev->u.packet_dropped.packet < COUNT(made) &&
        made[ev->u.packet_dropped.packet] != 0 &&
        strcmp(ev->u.packet_dropped.reason, "nat-unknown") == 0) {
      t->forged_lost++;
    }
    if (strcmp(ev->u.packet_dropped.reason, "rule") == 0 ||
        strcmp(ev->u.packet_dropped.reason, "attack") == 0) {
      t->first_dropped =
          t->dropped++ ? t->first_dropped : ev->u.packet_dropped.packet;
    }
    break;
  case HO_EV_diverted:
    if (strcmp(ev->u.diverted.whose, "victim") == 0) {
      t->victim += ev->u.diverted.bytes - 28;
    } else {
      t->attacker++;
    }
    break;
  case HO_EV_datagram_received:
    on_received(t, &ev->u.datagram_received);
    break;
  case HO_EV_path_frame:
    on_path(t, &ev->u.path_frame, ev->t);
    break;
  case HO_EV_cid_issued:
    t->cids_zero += ev->u.cid_issued.endpoint == HO_SERVER &&
                    ev->u.cid_issued.sequence == 0;
    break;
  case HO_EV_byte_wrong:
    t->wrong++;
    break;
  case HO_EV_work_done:
    t->t_done = ev->t;
    break;
  }
}

typedef struct {
  const ho_action *action;
  const char *nets;
  uint64_t seed;
  tally *out; /* shared with the test */
} job;

static void body(void *arg) {
  const job *j = arg;
  char *text = ho_format(TEXT, j->nets);
  ho_scenario *s = runs_load(text, j->seed);
  ho_log *log = ho_log_new();

  s->timeline = realloc(s->timeline, 2 * sizeof(ho_action));
  s->timeline[1] = *j->action;
  s->timeline[1].place = s->timeline[0].place;
  s->timeline_count = 2;
  if (s->timeline[1].at < s->timeline[0].at) {
    ho_action first = s->timeline[1];

    s->timeline[1] = s->timeline[0];
    s->timeline[0] = first;
  }
  ho_log_subscribe(log, count, j->out);
  ho_world_run(s, 0, j->seed, log, NULL);
  ho_log_digest(log, j->out->hex);
}

static tally run(const ho_action *action, const char *nets, uint64_t seed) {
  tally *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  job j = {action, nets, seed, shared};
  tally t;

  ho_world_preload();
  ck_assert_int_eq(runs_alone(body, &j), 0);
  t = *shared;
  munmap(shared, sizeof(*shared));
  ck_assert_uint_eq(t.wrong, 0);
  return t;
}

static ho_action rule(ho_action_kind kind, ho_side from, ho_match match,
                      uint64_t what, uint64_t first, uint64_t last,
                      ho_time by) {
  return (ho_action){.at = 0,
                     .kind = kind,
                     .client = -1,
                     .net = -1,
                     .rule = {.from = from,
                              .match = match,
                              .frame = what,
                              .packet = (ho_wire_type)what,
                              .first = first,
                              .last = last,
                              .net = -1,
                              .by = by}};
}

static ho_action attack(ho_attack_kind kind, uint64_t count_, ho_time lasts) {
  return (ho_action){.at = 400 * HO_MSEC,
                     .kind = HO_ACT_ATTACK,
                     .client = -1,
                     .net = 0,
                     .attack = {kind, count_, lasts}};
}

static const char quiet[] = "loss: 0%";

/* ---- rules ---- */

START_TEST(a_dropped_response_is_the_first) {
  ho_action a = rule(HO_ACT_DROP, HO_CLIENT, HO_MATCH_FRAME,
                     HO_FRAME_PATH_RESPONSE, 1, 1, 0);
  tally t = run(&a, quiet, 1);

  ck_assert_uint_eq(t.dropped, 1);
  ck_assert_uint_ne(t.first_response, 0);
  ck_assert_uint_eq(t.first_dropped, t.first_response);
  ck_assert_uint_ne(t.t_done, 0);
}
END_TEST

START_TEST(all_responses_dropped_validate_nothing) {
  ho_action a = rule(HO_ACT_DROP, HO_CLIENT, HO_MATCH_FRAME,
                     HO_FRAME_PATH_RESPONSE, 1, UINT64_MAX, 0);
  tally t = run(&a, quiet, 1);

  ck_assert_uint_eq(t.responses[HO_SERVER], 0);
  ck_assert_uint_ge(t.dropped, 2);
}
END_TEST

START_TEST(rules_of_each_kind_act_as_often_as_they_say) {
  static const struct {
    ho_action_kind kind;
    ho_side from;
    ho_match match;
    uint64_t what, first, last, meddled;
  } rows[] = {
      {HO_ACT_DROP, HO_SERVER, HO_MATCH_DATAGRAM, 0, 3, 5, 3},
      {HO_ACT_DELAY, HO_SERVER, HO_MATCH_DATAGRAM, 0, 100, 119, 20},
      {HO_ACT_DUPLICATE, HO_CLIENT, HO_MATCH_DATAGRAM, 0, 10, 29, 20},
      {HO_ACT_CORRUPT, HO_SERVER, HO_MATCH_DATAGRAM, 0, 100, 104, 5},
      {HO_ACT_CORRUPT, HO_CLIENT, HO_MATCH_PACKET, HO_WIRE_HANDSHAKE, 1, 1, 1},
      {HO_ACT_DROP, HO_CLIENT, HO_MATCH_PACKET, HO_WIRE_INITIAL, 1, 1, 1},
      {HO_ACT_DROP, HO_SERVER, HO_MATCH_FRAME, HO_FRAME_PATH_CHALLENGE, 1, 1,
       1},
  };
  ho_action a =
      rule(rows[_i].kind, rows[_i].from, rows[_i].match, rows[_i].what,
           rows[_i].first, rows[_i].last, 35 * HO_MSEC);
  tally t = run(&a, quiet, 1), again = run(&a, quiet, 1);

  ck_assert_uint_eq(t.meddled, rows[_i].meddled);
  ck_assert_uint_eq(t.dropped, rows[_i].kind == HO_ACT_DROP ? t.meddled : 0);
  ck_assert_uint_ne(t.t_done, 0);
  ck_assert_str_eq(t.hex, again.hex);
}
END_TEST

/* The first datagram leaves at time 0 as well. */
START_TEST(a_rule_of_the_beginning_meets_the_first_datagram) {
  ho_action a =
      rule(HO_ACT_DROP, HO_CLIENT, HO_MATCH_PACKET, HO_WIRE_INITIAL, 1, 1, 0);
  tally t = run(&a, quiet, 1);

  ck_assert_uint_eq(t.dropped, 1);
  ck_assert_uint_eq(t.first_dropped, 1);
  ck_assert_uint_ne(t.t_done, 0);
}
END_TEST

/* Not one of the responses is taken that would be otherwise. */
START_TEST(what_is_damaged_is_lost) {
  ho_action none =
      rule(HO_ACT_CORRUPT, HO_CLIENT, HO_MATCH_DATAGRAM, 0, 99999, 99999, 0);
  ho_action a = rule(HO_ACT_CORRUPT, HO_CLIENT, HO_MATCH_FRAME,
                     HO_FRAME_PATH_RESPONSE, 1, UINT64_MAX, 0);
  tally before = run(&none, quiet, 1), t = run(&a, quiet, 1);

  ck_assert_uint_gt(before.responses[HO_SERVER], 0);
  ck_assert_uint_gt(t.meddled, 0);
  ck_assert_uint_eq(t.responses[HO_SERVER], 0);
}
END_TEST

/* What is still held back when the run ends is given back (the world asserts
 * that no packet is left). */
START_TEST(a_run_may_end_with_packets_held) {
  ho_action a = rule(HO_ACT_DELAY, HO_CLIENT, HO_MATCH_DATAGRAM, 0, 50,
                     UINT64_MAX, 3600 * HO_SEC);
  tally t = run(&a, quiet, 1);

  ck_assert_uint_eq(t.t_done, 0);
  ck_assert_uint_gt(t.meddled, 0);
}
END_TEST

/* ---- attackers ---- */

START_TEST(connections_survive) {
  static const struct {
    ho_attack_kind kind;
    uint64_t count;
  } rows[] = {{HO_ATTACK_FORWARD, 5},      {HO_ATTACK_FORWARD_BOTH, 20},
              {HO_ATTACK_SPOOF, 5},        {HO_ATTACK_REPLAY, 50},
              {HO_ATTACK_INJECT, 50},      {HO_ATTACK_STORM, 10},
              {HO_ATTACK_DROP_PATH, 1},    {HO_ATTACK_RESET_CLIENT, 20},
              {HO_ATTACK_RESET_SERVER, 20}};
  ho_action a = attack(rows[_i].kind, rows[_i].count, HO_NEVER);
  tally t = run(&a, quiet, 1), again = run(&a, quiet, 1);

  ck_assert_uint_eq(t.meddled - t.brought, rows[_i].count);
  ck_assert_uint_ne(t.t_done, 0);
  ck_assert_str_eq(t.hex, again.hex);
  /* RFC 9000, 8 and 9.3.1 */
  ck_assert_uint_le(t.victim, 3 * t.forged_bytes);
  switch (rows[_i].kind) {
  case HO_ATTACK_FORWARD:
  case HO_ATTACK_FORWARD_BOTH:
    ck_assert_uint_gt(t.attacker, 0);
    ck_assert_uint_eq(t.got_copies, rows[_i].count);
    ck_assert_uint_eq(t.brought > 0, rows[_i].kind == HO_ATTACK_FORWARD_BOTH);
    break;
  case HO_ATTACK_SPOOF:
    ck_assert_uint_gt(t.victim, 0);
    ck_assert_uint_eq(t.got_copies, rows[_i].count);
    break;
  case HO_ATTACK_DROP_PATH:
    ck_assert_uint_eq(t.dropped, 1);
    break;
  case HO_ATTACK_REPLAY:
  case HO_ATTACK_INJECT:
  case HO_ATTACK_STORM:
  case HO_ATTACK_RESET_CLIENT:
  case HO_ATTACK_RESET_SERVER:
    ck_assert_uint_gt(t.forged_got, 0);
    ck_assert_uint_eq(t.forged_got + t.forged_lost, rows[_i].count);
    break;
  }
}
END_TEST

START_TEST(no_path_is_validated_behind_a_dropper) {
  ho_action a = attack(HO_ATTACK_DROP_PATH, UINT64_MAX, HO_NEVER);
  tally t = run(&a, quiet, 1);

  ck_assert_uint_gt(t.dropped, 0);
  ck_assert_uint_eq(t.responses[HO_SERVER] + t.responses[HO_CLIENT], 0);
}
END_TEST

START_TEST(an_attack_lasts_as_long_as_it_says) {
  ho_action a = attack(HO_ATTACK_RESET_CLIENT, UINT64_MAX, 95 * HO_MSEC);
  tally t = run(&a, quiet, 1);

  ck_assert_uint_eq(t.meddled, 10);
}
END_TEST

/* With the challenge past it, what it takes is the response. */
START_TEST(a_dropper_takes_responses_too) {
  ho_action a = attack(HO_ATTACK_DROP_PATH, 0, HO_NEVER);
  tally t = run(&a, quiet, 1);

  ck_assert_uint_ne(t.t_challenge, 0);
  a.at = t.t_challenge + 5 * HO_MSEC;
  a.attack.count = 1;
  t = run(&a, quiet, 1);
  ck_assert_uint_eq(t.dropped, 1);
  ck_assert_uint_eq(t.first_dropped, t.first_response);
}
END_TEST

/* No NAT gets to see a port that it has not given out. */
START_TEST(a_storm_is_translated_back) {
  ho_action a = attack(HO_ATTACK_STORM, 40, HO_NEVER);
  tally t;

  a.at = 1200 * HO_MSEC;
  t = run(&a, quiet, 1);
  ck_assert_uint_eq(t.meddled, 40);
  ck_assert_uint_eq(t.nat_lost, 0);
  ck_assert_uint_ne(t.t_done, 0);
}
END_TEST

/* The first Initial is among what comes again, after the handshake, too. */
START_TEST(an_old_initial_makes_no_connection) {
  ho_action a = attack(HO_ATTACK_INJECT, 10, HO_NEVER);
  tally t;

  a.at = 0;
  t = run(&a, quiet, 1);
  ck_assert_uint_gt(t.forged_got, 0);
  ck_assert_uint_eq(t.cids_zero, 1);
  ck_assert_uint_ne(t.t_done, 0);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, an_old_initial_makes_no_connection);
  tcase_add_test(tc, a_dropped_response_is_the_first);
  tcase_add_test(tc, all_responses_dropped_validate_nothing);
  tcase_add_loop_test(tc, rules_of_each_kind_act_as_often_as_they_say, 0, 7);
  tcase_add_test(tc, a_rule_of_the_beginning_meets_the_first_datagram);
  tcase_add_test(tc, a_run_may_end_with_packets_held);
  tcase_add_loop_test(tc, connections_survive, 0, 9);
  tcase_add_test(tc, what_is_damaged_is_lost);
  tcase_add_test(tc, a_dropper_takes_responses_too);
  tcase_add_test(tc, a_storm_is_translated_back);
  tcase_add_test(tc, no_path_is_validated_behind_a_dropper);
  tcase_add_test(tc, an_attack_lasts_as_long_as_it_says);
}

int main(void) {
  return suite_run("attack", add);
}
