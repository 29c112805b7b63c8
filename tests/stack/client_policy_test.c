/* A client's policy in whole runs: what makes it move, how far, and for how
 * long.  Each run is told as a story in milliseconds, which must be the one
 * that the policy prescribes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runs.h"
#include "tests/suite.h"

#define NETWORKS(cell)                                                         \
  "name: t\nstop: 20s\nnetworks:\n"                                            \
  "  home: {type: wired, down: 10Mbps, up: 10Mbps, delay: 10ms,"               \
  " nat: home-router}\n"                                                       \
  "  cell: {type: wired, down: 10Mbps, up: 10Mbps, delay: 10ms" cell "}\n"
#define WORK                                                                   \
  "client: {start: home, notice: 50ms}\n"                                      \
  "workload: {type: download, bytes: 6MB}\n"
#define RUN(arm, timeline)                                                     \
  NETWORKS("")                                                                 \
  WORK "arms:\n  a: {transport: quic, " arm "}\n"                              \
       "timeline:\n" timeline
/* The other network is not there, unless the timeline connects it. */
#define ALONE(arm, timeline)                                                   \
  NETWORKS(", connected: false")                                               \
  WORK "arms:\n  a: {transport: quic, " arm "}\n"                              \
       "timeline:\n" timeline

#define TWICE                                                                  \
  "  - 1s: block home udp\n  - 2s: unblock home\n"                             \
  "  - 3s: block home udp\n  - 5s: unblock home\n"

/* Handoffs (kind, from, to), notices (cause), connections (opened, closed), and
 * which network and port the client's packets leave by, when that changes; and
 * that the work was done. */
typedef struct {
  const char *expected;
  ho_time until; /* what comes later is not told; 0: all is */
  char told[1000];
  int net;       /* of the client's last packet */
  uint16_t port; /* that it left from */
} story;

static void tell(story *s, ho_time t, const char *what) {
  size_t len = strlen(s->told);

  if (s->until && t > s->until) {
    return;
  }
  snprintf(s->told + len, sizeof(s->told) - len, "%s%llu %s", len ? "; " : "",
           (unsigned long long)(t / HO_MSEC), what);
}

static const char *name(int net) {
  return net < 0 ? "none" : net == 0 ? "home" : "cell";
}

static void on_sent(story *s, const ho_event *e) {
  const ho_ev_datagram_sent *sent = &e->u.datagram_sent;
  char text[64];

  if (sent->endpoint != HO_CLIENT ||
      (sent->net == s->net && sent->tuple.client.port == s->port)) {
    return;
  }
  snprintf(text, sizeof(text), sent->net == s->net ? "other port" : "on %s",
           name(sent->net));
  s->net = sent->net;
  s->port = sent->tuple.client.port;
  tell(s, e->t, text);
}

static void on_event(void *user, const ho_event *e) {
  story *s = user;
  char text[100] = "";

  if (!e) {
    if (!runs_as_told(s->told, s->expected)) {
      fprintf(stderr, "expected %s\n     got %s\n", s->expected, s->told);
      abort();
    }
    return;
  }
  if (e->kind == HO_EV_datagram_sent) {
    on_sent(s, e);
  } else if (e->kind == HO_EV_handoff) {
    snprintf(text, sizeof(text), "%s %s>%s", e->u.handoff.kind,
             name(e->u.handoff.from), name(e->u.handoff.to));
  } else if (e->kind == HO_EV_notice) {
    snprintf(text, sizeof(text), "notice %s", e->u.notice.cause);
  } else if (e->kind == HO_EV_connection_started) {
    snprintf(text, sizeof(text), "opened");
  } else if (e->kind == HO_EV_connection_closed &&
             e->u.connection_closed.endpoint == HO_CLIENT) {
    snprintf(text, sizeof(text), "closed");
  }
  if (*text) {
    tell(s, e->t, text);
  }
  if (e->kind == HO_EV_work_done && !s->until) {
    strcat(s->told, "; done");
  }
}

static const struct {
  const char *text, *expected;
  ho_time until;
} cases[] = {
    /* The usual causes: told 50 ms after the fact. */
    {RUN("policy: {}", "  - 1s: disconnect home\n"),
     "0 opened; 0 on home; 1000 disconnect home>cell; "
     "1050 notice notice; 1050 on cell; done"},
    {RUN("policy: {}", "  - 1s: switch cell\n"),
     "0 opened; 0 on home; 1000 switch home>cell; 1050 notice notice; "
     "1050 on cell; done"},
    /* Without one of them its fact moves nobody. */
    {RUN("policy: {causes: [default]}",
         "  - 1s: disconnect home\n  - 2s: connect home\n"),
     "0 opened; 0 on home; 1000 disconnect home>cell; done"},
    {RUN("policy: {causes: [disconnected]}",
         "  - 1s: switch cell\n  - 2s: disconnect home\n"),
     "0 opened; 0 on home; 1000 switch home>cell; "
     "2000 disconnect home>cell; 2050 notice notice; 2050 on cell; done"},
    /* Sending fails before anybody tells. */
    {RUN("policy: {causes: [write-error]}", "  - 1s: disconnect home\n"),
     "0 opened; 0 on home; 1000 disconnect home>cell; "
     "1001 notice write-error; 1001 on cell; done"},
    {RUN("policy: {causes: [write-error]}", "  - 1s: switch cell\n"),
     "0 opened; 0 on home; 1000 switch home>cell; done"},
    {ALONE("policy: {causes: [write-error]}",
           "  - 1s: disconnect home\n  - 1500ms: connect cell\n"),
     "0 opened; 0 on home; 1500 disconnect home>cell; "
     "1540 notice write-error; 1540 on cell; done"},
    /* Silence. */
    {RUN("policy: {causes: [degrading], degrading_after: 400ms}",
         "  - 1s: block home udp\n"),
     "0 opened; 0 on home; 1399 migrate home>cell; "
     "1399 notice degrading; 1399 on cell; done"},
    {RUN("policy: {causes: [degrading], degrading_after: 400ms, attempts: 0}",
         "  - 1s: block home udp\n  - 3s: unblock home\n"),
     "0 opened; 0 on home; done"},
    {RUN("policy: {}", "  - 1s: block home udp\n  - 3s: unblock home\n"),
     "0 opened; 0 on home; done"},
    /* To the default network no attempt is counted. */
    {RUN("policy: {causes: [degrading], degrading_after: 400ms, attempts: 0}",
         "  - 1s: block home udp\n  - 1s: switch cell\n"),
     "0 opened; 0 on home; 1000 switch home>cell; "
     "1399 notice degrading; 1399 on cell; done"},
    /* Away for a second, and away again, once or for good. */
    {RUN("policy: {causes: [degrading], degrading_after: 400ms, away: 1s}",
         "  - 1s: block home udp\n  - 2s: unblock home\n"),
     "0 opened; 0 on home; 1399 migrate home>cell; "
     "1399 notice degrading; 1399 on cell; 2399 migrate cell>home; "
     "2399 notice app; 2399 on home; done"},
    {RUN("policy: {causes: [degrading], degrading_after: 400ms, away: 1s, "
         "attempts: 1}",
         TWICE),
     "0 opened; 0 on home; 1399 migrate home>cell; "
     "1399 notice degrading; 1399 on cell; 2399 migrate cell>home; "
     "2399 notice app; 2399 on home; done"},
    {RUN("policy: {causes: [degrading], degrading_after: 400ms, away: 1s, "
         "attempts: 2}",
         TWICE),
     "0 opened; 0 on home; 1399 migrate home>cell; "
     "1399 notice degrading; 1399 on cell; 2399 migrate cell>home; "
     "2399 notice app; 2399 on home; 3398 migrate home>cell; "
     "3398 notice degrading; 3398 on cell",
     3500 * HO_MSEC},
    {RUN("policy: {away: 1s}", "  - 1s: migrate cell\n"),
     "0 opened; 0 on home; 1000 migrate home>cell; 1000 notice app; "
     "1000 on cell; 2000 migrate cell>home; 2000 notice app; "
     "2000 on home; done"},
    /* Each stay is counted by itself. */
    {RUN("policy: {away: 2s}", "  - 1s: migrate cell\n  - 2s: migrate home\n"
                               "  - 2500ms: migrate cell\n"),
     "0 opened; 0 on home; 1000 migrate home>cell; 1000 notice app; "
     "1000 on cell; 2000 migrate cell>home; 2000 notice app; "
     "2000 on home; 2500 migrate home>cell; 2500 notice app; "
     "2500 on cell; 4500 migrate cell>home; 4500 notice app; "
     "4500 on home; done"},
    {RUN("policy: {}", "  - 1s: migrate cell\n"),
     "0 opened; 0 on home; 1000 migrate home>cell; 1000 notice app; "
     "1000 on cell; done"},
    {RUN("policy: {away: 1s}", "  - 1s: switch cell\n"),
     "0 opened; 0 on home; 1000 switch home>cell; 1050 notice notice; "
     "1050 on cell; done"},
    /* A fresh port where there is no other network. */
    {ALONE("policy: {causes: [degrading], degrading_after: 400ms, "
           "port_migration: true}",
           "  - 1s: block home udp\n  - 1700ms: unblock home\n"),
     "0 opened; 0 on home; 1399 rotate home>home; "
     "1399 notice degrading; 1399 other port; 1799 rotate home>home; "
     "1799 notice degrading; 1799 other port; done"},
    {ALONE("policy: {causes: [degrading], degrading_after: 400ms}",
           "  - 1s: block home udp\n  - 1700ms: unblock home\n"),
     "0 opened; 0 on home; done"},
    /* How long a client without any network waits for one. */
    {ALONE("policy: {wait: 1s}", "  - 1s: disconnect home\n"
                                 "  - 1900ms: connect home\n"),
     "0 opened; 0 on home; done"},
    {ALONE("policy: {wait: 1s}", "  - 1s: disconnect home\n"
                                 "  - 2100ms: connect home\n"),
     "0 opened; 0 on home; 2000 closed; 2100 opened; 2100 other port; "
     "done"},
    {ALONE("policy: {}", "  - 1s: disconnect home\n"
                         "  - 2100ms: connect home\n"),
     "0 opened; 0 on home; done"},
    {ALONE("policy: {wait: 0s}", "  - 1s: disconnect home\n"
                                 "  - 1100ms: connect cell\n"),
     "0 opened; 0 on home; 1000 closed; 1100 disconnect home>cell; "
     "1100 opened; 1100 on cell; done"},
};

START_TEST(does_what_it_says) {
  story s = {
      .expected = cases[_i].expected, .until = cases[_i].until, .net = -1};

  ck_assert_int_eq(runs_each(cases[_i].text, 1, on_event, &s), 0);
}
END_TEST

static void add_tests(TCase *tc) {
  tcase_add_loop_test(tc, does_what_it_says, 0, COUNT(cases));
}

int main(void) {
  return suite_run("policy", add_tests);
}
