/* Goal: clients of one run that are not alike each do their own work, from
 * their own network; only those that move are moved, and an observer's pairs
 * live through the same times. */
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

#define NETWORKS                                                               \
  "networks:\n"                                                                \
  "  home: {type: wired, down: 50Mbps, up: 20Mbps, delay: 10ms, "              \
  "nat: home-router}\n"                                                        \
  "  cell: {type: wired, down: 50Mbps, up: 20Mbps, delay: 20ms, nat: cgn}\n"   \
  "workload: {type: download, bytes: 4MB}\n"

/* Clients 0 and 1, 2, 3 and 4, 5. */
#define GROUPS                                                                 \
  "groups:\n"                                                                  \
  "  walkers: {clients: 2}\n"                                                  \
  "  senders: {clients: 1, start: cell, workload: {type: upload, bytes: "      \
  "4MB}}\n"                                                                    \
  "  readers: {clients: 2, moves: false, begin: 100ms..900ms, workload: "      \
  "{type: request, every: 200ms, request: 700B, response: 10KB}}\n"            \
  "  callers: {clients: 1, moves: false, workload: {type: stream}}\n"

enum { CLIENTS = 6, HOME = 0, CELL = 1 };

/* ---- mixed workloads ---- */

typedef struct {
  unsigned handoffs, asked, done, works_done;
  uint64_t bytes;
  int first; /* network of its first packet */
  bool sent;
} life;

static life lives[CLIENTS];

static const struct {
  const char *what;
  unsigned handoffs, works_done, asked_least, asked_most;
  uint64_t bytes; /* of who gets done */
  int first;
} want[CLIENTS] = {
    {"download", 2, 1, 1, 1, 4000000, HOME},
    {"download", 2, 1, 1, 1, 4000000, HOME},
    {"upload", 1, 1, 1, 1, 4000000, CELL},
    {"request", 0, 0, 35, 40, 0, HOME},
    {"request", 0, 0, 35, 40, 0, HOME},
    {"frame-", 0, 0, 790, 800, 0, HOME},
};

static void check_lives(void) {
  for (int i = 0; i < CLIENTS; i++) {
    const life *l = &lives[i];
    require(l->handoffs == want[i].handoffs, "only who moves is moved", NULL);
    require(l->first == want[i].first, "where it starts", NULL);
    require(l->works_done == want[i].works_done, "who gets done", NULL);
    require(!want[i].bytes || l->bytes == want[i].bytes, "all of it", NULL);
    require(l->asked >= want[i].asked_least && l->asked <= want[i].asked_most,
            "nobody else's pause", NULL);
    require(l->done * 10 >= l->asked * 9, "answers come", NULL);
  }
}

static void mixed(void *user, const ho_event *ev) {
  static bool ended;
  life *l;

  (void)user;
  if (!ev) {
    require(ended, "it ends", NULL);
    check_lives();
    return;
  }
  require(ev->kind != HO_EV_byte_wrong, "a byte is wrong", ev);
  if (ev->kind == HO_EV_run_ended) {
    require(ev->t == 8 * HO_SEC && strcmp(ev->u.run_ended.reason, "stop") == 0,
            "what has no end goes on to the stop", ev);
    ended = true;
  }
  if (ev->client < 0 || ended) {
    return;
  }
  l = &lives[ev->client];
  if (ev->kind == HO_EV_request_issued) {
    require(strncmp(ev->u.request_issued.what, want[ev->client].what,
                    strlen(want[ev->client].what)) == 0,
            "not its work", ev);
  }
  l->handoffs += ev->kind == HO_EV_handoff;
  l->asked += ev->kind == HO_EV_request_issued;
  l->done += ev->kind == HO_EV_request_done;
  l->works_done += ev->kind == HO_EV_work_done;
  if (ev->kind == HO_EV_delivered) {
    l->bytes += ev->u.delivered.bytes - ev->u.delivered.again;
  }
  if (ev->kind == HO_EV_datagram_sent && !l->sent) {
    l->sent = true;
    l->first = ev->u.datagram_sent.net;
  }
}

/* The senders are on the network to which the others switch. */
START_TEST(each_does_its_own_work) {
  ck_assert_int_eq(runs_each("name: t\nstop: 8s\n" NETWORKS GROUPS
                             "arms: [quic, quic-reconnect, tcp-notify, h3-h2]\n"
                             "timeline:\n"
                             "  - 500ms: switch cell\n"
                             "  - 1s: disconnect cell\n"
                             "  - 1.2s: pause\n"
                             "  - 1.5s: resume\n",
                             3, mixed, NULL),
                   0);
}
END_TEST

/* ---- what happens on the wire happens to all ---- */

static void all_rebound(void *user, const ho_event *ev) {
  static ho_time at[CLIENTS];

  (void)user;
  if (!ev) {
    for (int i = 0; i < CLIENTS; i++) {
      require((at[i] > 0) == (i != 2), "all who are there", NULL);
      for (int k = 0; k < i; k++) {
        require(i == 2 || at[i] != at[k], "each at its time", NULL);
      }
    }
    return;
  }
  if (ev->kind == HO_EV_handoff) {
    require(strcmp(ev->u.handoff.kind, "rebind-port") == 0, "what else", ev);
    require(at[ev->client] == 0, "once", ev);
    at[ev->client] = ev->t;
  }
}

START_TEST(a_nat_rebinds_all) {
  ck_assert_int_eq(runs_each("name: t\nstop: 4s\n" NETWORKS GROUPS
                             "arms: [quic]\n"
                             "timeline: [1s..2s: rebind home port]\n",
                             3, all_rebound, NULL),
                   0);
}
END_TEST

/* ---- the swap game ---- */

static void in_pairs(void *user, const ho_event *ev) {
  static ho_time begun[5], moved[5];

  (void)user;
  if (!ev) {
    /* 0 and 1, then 3 and 4: client 2 stays. */
    require(moved[0] > 0 && moved[3] > 0 && moved[2] == 0, "who moves", NULL);
    require(begun[0] == begun[1] && begun[3] == begun[4], "pairs", NULL);
    require(moved[0] == moved[1] && moved[3] == moved[4], "pairs", NULL);
    require(begun[0] != begun[3] && moved[0] != moved[3], "strangers", NULL);
    return;
  }
  if (ev->kind == HO_EV_connection_started) {
    begun[ev->client] = ev->t;
  } else if (ev->kind == HO_EV_handoff) {
    moved[ev->client] = ev->t;
  }
}

START_TEST(pairs_move_together) {
  ck_assert_int_eq(
      runs_each("name: t\nstop: 5s\n" NETWORKS "observers: [both]\n"
                "swap_game: true\n"
                "client: {begin: 100ms..200ms}\n"
                "groups:\n"
                "  a: {clients: 2}\n"
                "  b: {clients: 1, moves: false}\n"
                "  c: {clients: 2}\n"
                "arms: [quic]\ntimeline: [500ms..900ms: disconnect home]\n",
                1, in_pairs, NULL),
      0);
}
END_TEST

/* ---- nothing else changes ---- */

/* Groups that say nothing, and who looks on, leave every event as it was. */
START_TEST(what_is_not_said_changes_nothing) {
  static const char *const same[] = {
      "groups: {a: {clients: 1}, b: {clients: 3}}\n",
      "clients: 4\nobservers: [old, new, both, server, all]\n"};
  static const char format[] =
      "name: t\nstop: 5s\n" NETWORKS "%s"
      "client: {begin: 100ms..200ms}\n"
      "arms: [quic]\ntimeline: [500ms..900ms: disconnect home]\n";
  char *text = ho_format(format, "clients: 4\n");
  char plain[65], other[65];

  runs_digest(text, 2, plain);
  free(text);
  for (size_t i = 0; i < COUNT(same); i++) {
    text = ho_format(format, same[i]);
    runs_digest(text, 2, other);
    ck_assert_str_eq(other, plain);
    free(text);
  }
}
END_TEST

/* ---- how it ends ---- */

static void ends(void *user, const ho_event *ev) {
  const char *const *reason = user;

  if (ev && ev->kind == HO_EV_run_ended) {
    require(strcmp(ev->u.run_ended.reason, *reason) == 0, "its reason", ev);
  }
}

/* Without networks all connections are long gone when the run stops.  Who is
 * idle is meant to do nothing, who has work left is not. */
START_TEST(the_idle_miss_nothing) {
  static const struct {
    const char *timeline, *reason;
  } cases[] = {
      {"[5s: disconnect home, 5s: disconnect cell]", "stop"},
      {"[100ms: disconnect home, 100ms: disconnect cell]", "nothing scheduled"},
  };
  char *text = ho_format("name: t\nstop: 100s\n" NETWORKS "groups:\n"
                         "  a: {clients: 1}\n"
                         "  b: {clients: 1, workload: {type: idle}}\n"
                         "arms: [quic]\ntimeline: %s\n",
                         cases[_i].timeline);

  ck_assert_int_eq(runs_each(text, 1, ends, (void *)&cases[_i].reason), 0);
  free(text);
}
END_TEST

START_TEST(all_done_is_the_end) {
  const char *reason = "done";

  ck_assert_int_eq(runs_each("name: t\nstop: 100s\n" NETWORKS "groups:\n"
                             "  a: {clients: 1}\n"
                             "  b: {clients: 1, workload: {type: request, "
                             "every: 1s, request: 1B, response: 1B, count: "
                             "9}}\n"
                             "arms: [quic]\n",
                             1, ends, &reason),
                   0);
}
END_TEST

static void add(TCase *tc) {
  tcase_set_timeout(tc, 60);
  tcase_add_test(tc, each_does_its_own_work);
  tcase_add_test(tc, a_nat_rebinds_all);
  tcase_add_test(tc, pairs_move_together);
  tcase_add_test(tc, what_is_not_said_changes_nothing);
  tcase_add_loop_test(tc, the_idle_miss_nothing, 0, 2);
  tcase_add_test(tc, all_done_is_the_end);
}

int main(void) {
  return suite_run("groups", add);
}
