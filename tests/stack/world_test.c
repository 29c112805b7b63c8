/* Goal: whole runs keep what the RFCs and the scenario promise, whatever the
 * workload, the arm and the network do. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runs.h"
#include "sim/base/alloc.h"
#include "tests/suite.h"

/* A violation ends the run's process, which the test counts. */
static void require(bool ok, const char *what, const ho_event *ev) {
  if (!ok) {
    fprintf(stderr, "at %.9f s: %s\n", ev ? (double)ev->t / 1e9 : -1.0, what);
    _Exit(3);
  }
}

#define TWO_NETWORKS                                                           \
  "name: t\n"                                                                  \
  "stop: 60s\n"                                                                \
  "networks:\n"                                                                \
  "  home: {type: wired, down: 20Mbps, up: 10Mbps, delay: 10ms, "              \
  "nat: home-router, loss: %s, jitter: 3ms, reorder: %s}\n"                    \
  "  cell: {type: wired, down: 20Mbps, up: 10Mbps, delay: 20ms, nat: cgn}\n"   \
  "client: {start: home, notice: 30ms}\n"

#define ALL_ARMS                                                               \
  "arms: [quic, quic-probe, quic-passive, quic-reconnect, quic-0rtt, "         \
  "tcp-notify, tcp-resume, tcp-rst, tcp-timer]\n"

#define TROUBLE                                                                \
  "timeline:\n"                                                                \
  "  - 300ms: rebind home port\n"                                              \
  "  - 4.5s: disconnect home\n"                                                \
  "  - 5.5s: connect home\n"                                                   \
  "  - 9.5s: switch home\n"                                                    \
  "  - +100ms: rekey\n"

/* ---- every workload on every arm ---- */

static const char *const workloads[] = {
    "workload: {type: download, bytes: 8MB}\n" ALL_ARMS,
    "workload: {type: download, bytes: 2MB, objects: 4}\n" ALL_ARMS,
    "workload: {type: upload, bytes: 6MB}\n" ALL_ARMS,
    "workload: {type: upload, bytes: 2MB, objects: 3}\n" ALL_ARMS,
    "workload: {type: request, every: 200ms, request: 700B, response: 30KB, "
    "count: 60}\n" ALL_ARMS,
    "workload: {type: download, bytes: 6MB}\n"
    "arms:\n"
    "  redo: {transport: quic, on_change: reconnect, redo: restart}\n"
    "  redo-tcp: {transport: tcp, redo: restart}\n"
    "  no-cid: {transport: quic, on_change: none, cid_length: 0}\n"
    "  long-cid: {transport: quic, cid_length: 20}\n"
    "  bbr: {transport: quic, cc: bbr}\n"
    "  reno: {transport: quic, cc: reno}\n"
    "  small: {transport: quic, pmtud: off}\n"
    "  timer: {transport: quic, detect: 300ms}\n"
    "  reno-tcp: {transport: tcp, cc: reno}\n"
    "  bbr-tcp: {transport: tcp, cc: bbr}\n",
};

/* The work is done and no byte was wrong, repeated or missing. */
static void completes(void *user, const ho_event *ev) {
  static bool done;

  (void)user;
  if (!ev) {
    require(done, "the workload is not complete", NULL);
    return;
  }
  require(ev->kind != HO_EV_byte_wrong, "a byte is wrong", ev);
  done |= ev->kind == HO_EV_work_done;
}

START_TEST(every_byte_arrives) {
  char *text = ho_format(TWO_NETWORKS "%s" TROUBLE, "1%", "1%", workloads[_i]);

  ck_assert_int_eq(runs_each(text, 7, completes, NULL), 0);
  free(text);
}
END_TEST

/* ---- a network lost while connecting ---- */

static void is_soon_done(void *user, const ho_event *ev) {
  static bool done;

  (void)user;
  if (!ev) {
    require(done, "the workload is not complete", NULL);
    return;
  }
  done |= ev->kind == HO_EV_work_done;
}

/* At 630 ms the client's handshake is done, at 1260 ms it is confirmed; before
 * that nobody may migrate (RFC 9000, 9), and waiting for it is no use. */
START_TEST(a_loss_while_connecting_is_no_stall) {
  char *text =
      ho_format("name: t\nstop: 5s\nnetworks:\n"
                "  x: {type: wired, down: 20Mbps, up: 5Mbps, delay: 315ms}\n"
                "  y: {type: wired, down: 20Mbps, up: 5Mbps, delay: 20ms}\n"
                "client: {notice: 20ms}\n"
                "workload: {type: download, bytes: 100KB}\n"
                "arms: [quic, quic-probe, h3-h2, tcp-notify]\n"
                "timeline:\n  - %dms: disconnect x\n",
                100 + 150 * _i);

  ck_assert_int_eq(runs_each(text, 1, is_soon_done, NULL), 0);
  free(text);
}
END_TEST

/* ---- RFC 9000, 8 and 9.3: never more than 3x to an unvalidated address ----
 */

typedef struct {
  ho_tuple tuple;
  uint64_t in, out;
  bool validated;
} budget;

static budget *budget_of(const ho_tuple *tuple) {
  static budget budgets[64];
  static size_t count;

  for (size_t i = 0; i < count; i++) {
    if (ho_endpoint_eq(&budgets[i].tuple.client, &tuple->client)) {
      return &budgets[i];
    }
  }
  require(count < 64, "too many addresses", NULL);
  budgets[count].tuple = *tuple;
  return &budgets[count++];
}

/* 8.2.3: the response to a challenge validates where the challenge went. */
static void take_response(const ho_ev_path_frame *f) {
  static struct {
    uint64_t data;
    ho_tuple tuple;
  } sent[1024];
  static size_t count;

  if (f->endpoint != HO_SERVER) {
    return;
  }
  if (strcmp(f->way, "sent") == 0 && strcmp(f->frame, "PATH_CHALLENGE") == 0) {
    require(count < 1024, "too many challenges", NULL);
    sent[count].data = f->data;
    sent[count++].tuple = f->tuple;
  }
  for (size_t i = 0; i < count; i++) {
    if (strcmp(f->way, "received") == 0 &&
        strcmp(f->frame, "PATH_RESPONSE") == 0 && sent[i].data == f->data) {
      budget_of(&sent[i].tuple)->validated = true;
    }
  }
}

static void keeps_3x(void *user, const ho_event *ev) {
  static ho_tuple last; /* tuple of the server's newest datagram */
  budget *b;

  (void)user;
  if (!ev) {
    return;
  }
  if (ev->kind == HO_EV_datagram_received &&
      ev->u.datagram_received.endpoint == HO_SERVER) {
    last = ev->u.datagram_received.tuple;
    budget_of(&last)->in += ev->u.datagram_received.bytes - 28;
  }
  if (ev->kind == HO_EV_datagram_sent &&
      ev->u.datagram_sent.endpoint == HO_SERVER) {
    b = budget_of(&ev->u.datagram_sent.tuple);
    b->out += ev->u.datagram_sent.bytes - 28;
    require(b->validated || b->out <= 3 * b->in, "more than 3x", ev);
  }
  if (ev->kind == HO_EV_path_frame) {
    take_response(&ev->u.path_frame);
  }
  /* A Handshake packet from there validates too (8.1). */
  if (ev->kind == HO_EV_handshake_done &&
      ev->u.handshake_done.endpoint == HO_SERVER) {
    budget_of(&last)->validated = true;
  }
}

static const char *const movers[] = {
    "workload: {type: download, bytes: 8MB}\n"
    "arms: [quic, quic-probe, quic-passive, quic-reconnect, quic-0rtt]\n",
    "workload: {type: echo, every: 50ms, bytes: 16B}\n"
    "arms: [quic, quic-probe, quic-passive, quic-reconnect, quic-0rtt]\n",
};

START_TEST(amplification_is_limited) {
  char *text = ho_format(TWO_NETWORKS "%s" TROUBLE, "1%", "1%", movers[_i]);

  ck_assert_int_eq(runs_each(text, 3, keeps_3x, NULL), 0);
  free(text);
}
END_TEST

/* ---- RFC 9000, 9.5: no DCID from more than one local address ---- */

typedef struct {
  ho_cid cid;
  ho_addr from;
} used_cid;

static void keeps_cids_apart(void *user, const ho_event *ev) {
  static used_cid used[256];
  static size_t count;
  const ho_ev_quic_sent *q;

  (void)user;
  if (!ev || ev->kind != HO_EV_quic_sent ||
      ev->u.quic_sent.endpoint != HO_CLIENT) {
    return;
  }
  q = &ev->u.quic_sent;
  for (size_t i = 0; i < count; i++) {
    if (memcmp(&used[i].cid, &q->dcid, sizeof(q->dcid)) == 0) {
      require(ho_addr_eq(&used[i].from, &q->tuple.client.addr),
              "a DCID from two addresses", ev);
      return;
    }
  }
  require(count < 256, "too many CIDs", ev);
  used[count++] = (used_cid){q->dcid, q->tuple.client.addr};
}

START_TEST(active_migration_changes_cids) {
  char *text = ho_format(TWO_NETWORKS
                         "workload: {type: download, bytes: 8MB}\n"
                         "arms: [quic, quic-probe, quic-reconnect]\n" TROUBLE,
                         "1%", "1%");

  ck_assert_int_eq(runs_each(text, 5, keeps_cids_apart, NULL), 0);
  free(text);
}
END_TEST

/* ---- a Retry costs one round trip (RFC 9000, 8.1.2) ---- */

static void done_at_two_rtts(void *user, const ho_event *ev) {
  ho_time rtt = *(ho_time *)user;

  if (ev && ev->kind == HO_EV_handshake_done &&
      ev->u.handshake_done.endpoint == HO_CLIENT) {
    require(ev->t >= rtt && ev->t < rtt + 5 * HO_MSEC, "not the round trips",
            ev);
  }
}

START_TEST(retry_costs_a_round_trip) {
  static const struct {
    const char *server;
    ho_time rtt;
  } rows[] = {{"{retry: false}", 20 * HO_MSEC},
              {"{retry: true}", 40 * HO_MSEC}};
  char *text =
      ho_format("name: t\nstop: 5s\nnetworks:\n"
                "  n: {type: wired, down: 100Mbps, up: 100Mbps, delay: 10ms}\n"
                "workload: {type: download, bytes: 100KB}\n"
                "arms: [quic]\nserver: %s\n",
                rows[_i].server);
  ho_time rtt = rows[_i].rtt;

  ck_assert_int_eq(runs_each(text, 1, done_at_two_rtts, &rtt), 0);
  free(text);
}
END_TEST

/* ---- the scenario's link is the link ---- */

/* With a saturating download, the busy second's bytes are the rate's, and the
 * first exchange takes the round trip and two serialisations. */
static void link_is_exact(void *user, const ho_event *ev) {
  static uint64_t bytes;
  static ho_time sent;

  (void)user;
  if (!ev) {
    require(bytes * 8 > 9990000 && bytes * 8 <= 10012000, "not 10 Mbit/s",
            NULL);
    return;
  }
  if (ev->kind == HO_EV_datagram_sent && ev->u.datagram_sent.packet == 1) {
    sent = ev->t;
  }
  if (ev->kind == HO_EV_datagram_received) {
    const ho_ev_datagram_received *d = &ev->u.datagram_received;
    if (d->packet == 1) {
      ho_time want = 15 * HO_MSEC + d->bytes * 8 * 100;
      require(ev->t - sent == want, "not the delay", ev);
    }
    if (d->endpoint == HO_CLIENT && ev->t >= 2 * HO_SEC && ev->t < 3 * HO_SEC) {
      bytes += d->bytes;
    }
  }
}

START_TEST(links_are_what_the_scenario_says) {
  static const char text[] =
      "name: t\nstop: 30s\nserver: {delay: 5ms}\nnetworks:\n"
      "  n: {type: wired, down: 10Mbps, up: 10Mbps, delay: 10ms, "
      "queue: 200p}\n"
      "workload: {type: download, bytes: 8MB}\narms: [quic]\n";

  ck_assert_int_eq(runs_each(text, 1, link_is_exact, NULL), 0);
}
END_TEST

/* ---- same command, same bytes ---- */

START_TEST(runs_repeat) {
  static const char *const arms[] = {"quic", "quic-0rtt", "tcp-resume"};
  char *text = ho_format(TWO_NETWORKS "workload: {type: download, bytes: 6MB}\n"
                                      "arms: [%s]\n" TROUBLE,
                         "1%", "1%", arms[_i]);
  char a[65], b[65], c[65];

  runs_digest(text, 1, a);
  runs_digest(text, 1, b);
  runs_digest(text, 2, c);
  ck_assert_str_eq(a, b);
  ck_assert_str_ne(a, c);
  free(text);
}
END_TEST

static void add(TCase *tc) {
  tcase_set_timeout(tc, 280);
  tcase_add_loop_test(tc, a_loss_while_connecting_is_no_stall, 0, 9);
  tcase_add_loop_test(tc, every_byte_arrives, 0,
                      sizeof(workloads) / sizeof(workloads[0]));
  tcase_add_loop_test(tc, amplification_is_limited, 0,
                      sizeof(movers) / sizeof(movers[0]));
  tcase_add_test(tc, active_migration_changes_cids);
  tcase_add_loop_test(tc, retry_costs_a_round_trip, 0, 2);
  tcase_add_test(tc, links_are_what_the_scenario_says);
  tcase_add_loop_test(tc, runs_repeat, 0, 3);
}

int main(void) {
  return suite_run("world", add);
}
