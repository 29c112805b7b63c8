/* Goal: a fault changes what it means to and nothing else: packets that are
 * added, held back or readdressed leave the rest of the connection whole. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "faulty.h"
#include "stack/fault/fault_private.h"
#include "tests/suite.h"

#define RUN(work, timeline)                                                    \
  "name: t\nstop: 20s\nnetworks:\n"                                            \
  "  home: {type: wired, down: 20Mbps, up: 20Mbps, delay: 10ms,"               \
  " queue: 5000p}\n"                                                           \
  "  cell: {type: wired, down: 20Mbps, up: 20Mbps, delay: 10ms,"               \
  " queue: 5000p, connected: true}\n"                                          \
  "client: {notice: 30ms}\nworkload: {" work "}\n"                             \
  "arms:\n  a: {transport: quic}\n" timeline
#define REKEY    "timeline:\n  - 500ms: rekey\n  - 900ms: rekey\n"
#define DOWNLOAD RUN("type: download, bytes: 4MB", REKEY)
#define UPLOAD   RUN("type: upload, bytes: 4MB", REKEY)
#define MOVES                                                                  \
  RUN("type: download, bytes: 4MB",                                            \
      "timeline:\n  - 500ms: switch cell\n  - 900ms: switch home\n")

/* ---- faults of our own: this table stands in for the library's ---- */

static fault_def chosen;
const fault_def *const fault_table[HO_FAULT_COUNT] = {
    [HO_FAULT_REPEAT_CHALLENGE] = &chosen};

static void send_ping(fault_conn *c, ho_time delay, uint8_t ecn) {
  static const ho_frame ping = {.type = HO_FRAME_PING};
  fault_datagram g;

  fault_extra(c, &g);
  g.ecn = ecn;
  REQUIRE(fault_add(&g, &ping));
  fault_send(c, &g, delay);
}

/* 30 at once, 20 from then on every 40 ms, over key updates and moves. */
static void begin_pings(fault_conn *c, ho_time now) {
  (void)now;
  for (uint64_t i = 0; i < 50; i++) {
    send_ping(c, i < 30 ? 0 : (i - 29) * 40 * HO_MSEC, i % 2 ? 2 : 0);
  }
}

/* Every seventh datagram has a companion. */
static void leave_pings(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  if (c->memory[0]++ % 7 == 0) {
    send_ping(c, 0, g->ecn);
  }
}

static void arrive_pings(fault_conn *c, ho_time now) {
  (void)now;
  if (fault_arrived(c, HO_FRAME_STREAM) && c->memory[0]++ % 7 == 0) {
    send_ping(c, 3 * HO_MSEC, 2);
  }
}

static bool arrive_and_ping(fault_conn *c, ho_time now) {
  arrive_pings(c, now);
  return false;
}

/* Numbers that are never used. */
static void skip_numbers(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  if (c->memory[0]++ % 5 == 0) {
    g->pn += 3;
  }
}

/* Frames are written anew, if they are the same. */
static void rewrite(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)c, (void)now;
  g->changed = true;
}

static void nothing(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)c, (void)g, (void)now;
}

/* ---- what the run was like ---- */

typedef struct {
  const fault_def *fault;
  const char *text;
  ho_side side;
  int extras; /* packets that the endpoint does not know of, at least */
} whole_case;

static const fault_def burst = {.begin = begin_pings};
static const fault_def companions = {.leave = leave_pings};
static const fault_def replies = {.arrive = arrive_and_ping};
static const fault_def skips = {.leave = skip_numbers};
static const fault_def rewrites = {.leave = rewrite};

static const whole_case whole[] = {
    {&burst, DOWNLOAD, HO_SERVER, 50},
    {&burst, DOWNLOAD, HO_CLIENT, 50},
    {&burst, UPLOAD, HO_SERVER, 50},
    {&burst, UPLOAD, HO_CLIENT, 50},
    {&burst, MOVES, HO_SERVER, 50},
    {&companions, DOWNLOAD, HO_SERVER, 300},
    {&companions, UPLOAD, HO_CLIENT, 300},
    {&companions, MOVES, HO_SERVER, 300},
    {&companions, MOVES, HO_CLIENT, 50},
    {&replies, DOWNLOAD, HO_CLIENT, 300},
    {&skips, DOWNLOAD, HO_SERVER, 0},
    {&skips, UPLOAD, HO_CLIENT, 0},
    {&rewrites, DOWNLOAD, HO_SERVER, 0},
    {&rewrites, UPLOAD, HO_CLIENT, 0},
};

typedef struct {
  const whole_case *want;
  uint64_t own, sent; /* 1-RTT packets */
  uint64_t last_pn;
  uint64_t lost, closed, wrong;
  size_t largest;
  uint64_t packet, bytes; /* what the endpoint put into its last datagram */
  uint8_t ecn;
  bool done;
} whole_seen;

static void see_sent(whole_seen *seen, const ho_ev_quic_sent *sent) {
  seen->own += strcmp(sent->type, "1rtt") == 0;
  seen->bytes = seen->packet == sent->packet ? seen->bytes : 0;
  seen->packet = sent->packet;
  seen->bytes += sent->bytes;
}

static void see_event(void *user, const ho_event *ev) {
  whole_seen *seen = user;

  if (ev->kind == HO_EV_quic_sent &&
      ev->u.quic_sent.endpoint == seen->want->side) {
    see_sent(seen, &ev->u.quic_sent);
  }
  seen->lost += ev->kind == HO_EV_packet_lost;
  seen->wrong += ev->kind == HO_EV_byte_wrong;
  seen->closed += ev->kind == HO_EV_connection_closed && !seen->done;
  seen->done |= ev->kind == HO_EV_work_done;
}

static void see_datagram(void *user, const faulty_datagram *dg) {
  whole_seen *seen = user;
  ho_packet pkt;

  if (dg->at != HO_SENT || dg->from != seen->want->side) {
    return;
  }
  pkt = *dg->pkt;
  ho_ip_fill(pkt.data, pkt.len);
  REQUIRE(ho_ip_checksums_ok(pkt.data, pkt.len));
  for (size_t i = 0; i < dg->wire->packets_count; i++) {
    const ho_wire_packet *p = &dg->wire->packets[i];
    REQUIRE(p->opened);
    if (p->header.type == HO_WIRE_1RTT) {
      REQUIRE(seen->sent == 0 || p->pn > seen->last_pn);
      seen->last_pn = p->pn;
      seen->sent++;
    }
  }
  if (dg->pkt->id == seen->packet) {
    seen->ecn = dg->ip.ecn;
    /* Full ones have no room; numbers of others may take more bytes. */
    REQUIRE(dg->wire->bytes <= seen->bytes + (seen->bytes > 1400 ? 0 : 3));
  }
  seen->largest = dg->pkt->len > seen->largest ? dg->pkt->len : seen->largest;
}

static void judge_whole(void *user, const char *digest) {
  const whole_seen *seen = user;

  (void)digest;
  REQUIRE(seen->done);
  REQUIRE(seen->wrong == 0);
  REQUIRE(seen->closed == 0);
  REQUIRE(seen->lost == 0 || seen->want->fault == &skips ||
          strcmp(seen->want->text, MOVES) == 0);
  REQUIRE(seen->sent >= seen->own + (uint64_t)seen->want->extras);
  REQUIRE(seen->largest > 1400 || seen->own < 1000);
  REQUIRE(seen->ecn == 2); /* nothing made it doubt the path */
}

START_TEST(the_rest_stays_whole) {
  whole_seen seen = {.want = &whole[_i]};
  faulty_setting setting = {.text = whole[_i].text,
                            .side = whole[_i].side,
                            .fault = HO_FAULT_REPEAT_CHALLENGE,
                            .at = 200 * HO_MSEC,
                            .event = see_event,
                            .datagram = see_datagram,
                            .done = judge_whole,
                            .user = &seen};

  chosen = *whole[_i].fault;
  ck_assert_int_eq(faulty_run(&setting), 0);
}
END_TEST

/* ---- nothing ---- */

/* A fault that does nothing changes nothing, and so does one that never
 * begins. */
static const struct {
  ho_side side;
  ho_time at;
} idle[] = {{HO_SERVER, 0},
            {HO_CLIENT, 0},
            {HO_SERVER, HO_SEC},
            {HO_CLIENT, 20 * HO_SEC},
            {HO_SERVER, HO_NEVER}};

typedef struct {
  uint64_t hash, count;
} sum;

static void add_event(void *user, const ho_event *ev) {
  static const char *const nets[] = {"home", "cell"};
  char text[512];
  sum *s = user;

  if (ev->kind == HO_EV_action && strcmp(ev->u.action.action, "fault") == 0) {
    return;
  }
  s->count++;
  s->hash = (s->hash ^ ev->t) * UINT64_C(0x100000001b3);
  ho_event_detail(text, sizeof(text), ev, nets, 2);
  for (const char *p = text; *p; p++) {
    s->hash = (s->hash ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
  }
}

static void keep_sum(void *user, const char *digest) {
  (void)user, (void)digest;
}

START_TEST(an_idle_fault_changes_nothing) {
  static const fault_def noop = {.leave = nothing};
  size_t size = COUNT(idle) * sizeof(sum);
  sum *got = mmap(NULL, size, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

  ck_assert_ptr_ne(got, MAP_FAILED);
  chosen = noop;
  for (size_t i = 0; i < COUNT(idle); i++) {
    faulty_setting setting = {.text = MOVES,
                              .side = idle[i].side,
                              .fault = HO_FAULT_REPEAT_CHALLENGE,
                              .at = idle[i].at,
                              .event = add_event,
                              .done = keep_sum,
                              .user = &got[i]};
    ck_assert_int_eq(faulty_run(&setting), 0);
    ck_assert_uint_gt(got[i].count, 10000);
    ck_assert_uint_eq(got[i].hash, got[0].hash);
  }
  munmap(got, size);
}
END_TEST

/* ---- addresses ---- */

/* From another network, then from another port, each time one datagram. */
static void elsewhere(fault_conn *c, fault_datagram *g, ho_time now) {
  uint64_t n = c->memory[0]++;

  (void)now;
  REQUIRE(c->locals_count == 2);
  REQUIRE(ho_addr_eq(&g->src.addr, &c->locals[0]));
  if (n == 5) {
    g->src = (ho_endpoint){c->locals[1], 7777};
  } else if (n == 10) {
    g->src.port = 7778;
  } else if (n == 15) {
    g->ecn = 3;
  } else if (n == 20) {
    g->drop = true;
  }
}

typedef struct {
  int odd_net, odd_port, ce, sent, own;
  bool done;
} elsewhere_seen;

static void see_elsewhere(void *user, const faulty_datagram *dg) {
  elsewhere_seen *seen = user;

  if (dg->from != HO_CLIENT || dg->at != HO_RECEIVED ||
      !dg->wire->packets[0].opened) {
    return;
  }
  seen->odd_net += dg->net == 1 && dg->ip.src.port == 7777;
  seen->odd_port += dg->net == 0 && dg->ip.src.port == 7778;
  seen->ce += dg->ip.ecn == 3;
}

static void count_own(void *user, const ho_event *ev) {
  elsewhere_seen *seen = user;

  seen->own += ev->kind == HO_EV_quic_sent &&
               ev->u.quic_sent.endpoint == HO_CLIENT && ev->t > 300 * HO_MSEC;
  seen->sent += ev->kind == HO_EV_datagram_sent &&
                ev->u.datagram_sent.endpoint == HO_CLIENT &&
                ev->t > 300 * HO_MSEC;
  seen->done |= ev->kind == HO_EV_work_done;
}

static void judge_elsewhere(void *user, const char *digest) {
  const elsewhere_seen *seen = user;

  (void)digest;
  REQUIRE(seen->done);
  REQUIRE(seen->odd_net == 1 && seen->odd_port == 1 && seen->ce == 1);
  REQUIRE(seen->own == seen->sent + 1);
}

START_TEST(addresses_change) {
  static const fault_def moves = {.leave = elsewhere};
  elsewhere_seen seen = {0};
  faulty_setting setting = {.text = DOWNLOAD,
                            .side = HO_CLIENT,
                            .fault = HO_FAULT_REPEAT_CHALLENGE,
                            .at = 300 * HO_MSEC,
                            .event = count_own,
                            .datagram = see_elsewhere,
                            .done = judge_elsewhere,
                            .user = &seen};

  chosen = moves;
  ck_assert_int_eq(faulty_run(&setting), 0);
}
END_TEST

/* ---- silence ---- */

static void begin_one(fault_conn *c, ho_time now) {
  REQUIRE(now == 5 * HO_SEC);
  send_ping(c, 0, 0);
  send_ping(c, 700 * HO_MSEC, 0);
}

typedef struct {
  ho_time sent[4];
  int count;
} silence_seen;

static void see_silence(void *user, const faulty_datagram *dg) {
  silence_seen *seen = user;
  if (dg->at == HO_SENT && dg->from == HO_CLIENT && dg->now >= 4 * HO_SEC &&
      dg->now <= 5700 * HO_MSEC) {
    REQUIRE(seen->count < 4 && faulty_frame(dg->wire, HO_FRAME_PING));
    seen->sent[seen->count++] = dg->now;
  }
}

static void judge_silence(void *user, const char *digest) {
  const silence_seen *seen = user;

  (void)digest;
  REQUIRE(seen->count == 2);
  REQUIRE(seen->sent[0] == 5 * HO_SEC);
  REQUIRE(seen->sent[1] == 5700 * HO_MSEC);
}

START_TEST(a_silent_endpoint_speaks) {
  static const fault_def pings = {.begin = begin_one};
  silence_seen seen = {0};
  faulty_setting setting = {.text = RUN("type: idle", ""),
                            .side = HO_CLIENT,
                            .fault = HO_FAULT_REPEAT_CHALLENGE,
                            .at = 5 * HO_SEC,
                            .datagram = see_silence,
                            .done = judge_silence,
                            .user = &seen};

  chosen = pings;
  ck_assert_int_eq(faulty_run(&setting), 0);
}
END_TEST

/* ---- before there are 1-RTT packets ---- */

static int with, without; /* of a run */

static void count_packets(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)c, (void)now;
  with += g->p != NULL;
  without += g->p == NULL;
}

static void judge_counts(void *user, const char *digest) {
  (void)digest;
  REQUIRE(with > 10);
  REQUIRE((without > 0) == *(const bool *)user);
}

/* The first Initial packet leaves before a fault can begin: the second does
 * not. */
START_TEST(only_who_asks_sees_the_handshake) {
  bool all = _i;
  faulty_setting setting = {
      .text = RUN("type: download, bytes: 1MB", "server: {retry: true}\n"),
      .side = HO_CLIENT,
      .fault = HO_FAULT_REPEAT_CHALLENGE,
      .at = 0,
      .done = judge_counts,
      .user = &all};

  chosen = (fault_def){.leave = count_packets, .all = all};
  ck_assert_int_eq(faulty_run(&setting), 0);
}
END_TEST

/* ---- deafness ---- */

static bool be_deaf(fault_conn *c, ho_time now) {
  REQUIRE(c->arrived && c->arrived_at == now && c->arrived->bytes > 0);
  return now >= 500 * HO_MSEC && now < 800 * HO_MSEC;
}

/* One for after the end, which must not keep the run from ending. */
static void begin_late(fault_conn *c, ho_time now) {
  (void)now;
  send_ping(c, HO_SEC * 100, 0);
}

typedef struct {
  uint64_t arrived, delivered;
  bool done;
} deaf_seen;

static void see_deaf(void *user, const ho_event *ev) {
  deaf_seen *seen = user;
  bool within = ev->t >= 500 * HO_MSEC && ev->t < 800 * HO_MSEC;

  seen->arrived += within && ev->kind == HO_EV_datagram_received &&
                   ev->u.datagram_received.endpoint == HO_CLIENT;
  seen->delivered += within && ev->kind == HO_EV_delivered;
  seen->done |= ev->kind == HO_EV_work_done;
}

static void judge_deaf(void *user, const char *digest) {
  const deaf_seen *seen = user;

  (void)digest;
  REQUIRE(seen->done && seen->arrived > 10 && seen->delivered == 0);
}

START_TEST(what_is_swallowed_never_came) {
  static const fault_def deaf = {.arrive = be_deaf, .begin = begin_late};
  deaf_seen seen = {0};
  faulty_setting setting = {.text = DOWNLOAD,
                            .side = HO_CLIENT,
                            .fault = HO_FAULT_REPEAT_CHALLENGE,
                            .at = 300 * HO_MSEC,
                            .event = see_deaf,
                            .done = judge_deaf,
                            .user = &seen};

  chosen = deaf;
  ck_assert_int_eq(faulty_run(&setting), 0);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, the_rest_stays_whole, 0, (int)COUNT(whole));
  tcase_add_test(tc, an_idle_fault_changes_nothing);
  tcase_add_test(tc, addresses_change);
  tcase_add_test(tc, a_silent_endpoint_speaks);
  tcase_add_loop_test(tc, only_who_asks_sees_the_handshake, 0, 2);
  tcase_add_test(tc, what_is_swallowed_never_came);
}

int main(void) {
  return suite_run("fault_extras", add);
}
