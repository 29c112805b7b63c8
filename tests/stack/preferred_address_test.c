/* A server's preferred address in whole runs (RFC 9000, 9.6): who sends where
 * and from when on, and what becomes of the connection where the address is
 * dead, of another family, or not wanted. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runs.h"
#include "tests/suite.h"

#define RUN(server, arm, more)                                                 \
  "name: t\nstop: 20s\nnetworks:\n"                                            \
  "  home: {type: wired, down: 10Mbps, up: 10Mbps, delay: 10ms}\n"             \
  "  cell: {type: wired, down: 10Mbps, up: 10Mbps, delay: 10ms}\n"             \
  "  six: {type: wired, down: 10Mbps, up: 10Mbps, delay: 10ms,"                \
  " family: ipv6}\n"                                                           \
  "server: {" server "}\n"                                                     \
  "workload: {type: download, bytes: 6MB}\n"                                   \
  "arms:\n  a: {transport: quic, " arm "}\n" more
#define QUIC    "on_change: migrate"
#define REFUSES "on_change: migrate, preferred_address: false"
#define SIX     "client: {start: six, notice: 50ms}\n"
#define ALONE   "timeline:\n  - 0s: disconnect six\n"

/* What a run must have been. */
typedef struct {
  const char *text;
  const char *last; /* server's endpoint of the last full packet */
  int net;          /* that it came by */
  bool
      offered_is_used; /* the client sent something to another than the first */
  bool switches;       /* from some time on there is but |last| */
  bool emits;          /* the client's move to another family is an event */
} whole_case;

static const char one[] = "192.0.2.1:443", two[] = "192.0.2.2:443",
                  six_one[] = "[2001:db8:ffff::1]:443",
                  six_two[] = "[2001:db8:ffff::2]:443";
enum { HOME, CELL, IPV6 };

static const whole_case cases[] = {
    {RUN("", QUIC, ""), one, HOME, false, false, false},
    {RUN("preferred_address: ipv4", QUIC, ""), two, HOME, true, true, false},
    {RUN("preferred_address: ipv4", REFUSES, ""), one, HOME, false, false,
     false},
    {RUN("preferred_address: {family: ipv4, dead: true}", QUIC, ""), one, HOME,
     true, false, false},
    /* The family in use, if it is offered (9.6.3). */
    {RUN("preferred_address: both", QUIC, ""), two, HOME, true, true, false},
    {RUN("preferred_address: both", QUIC, SIX), six_two, IPV6, true, true,
     false},
    /* The other one, where the client has an address of it. */
    {RUN("preferred_address: ipv6", QUIC, ""), six_two, IPV6, true, true, true},
    {RUN("preferred_address: ipv4", QUIC, SIX), two, HOME, true, true, true},
    /* It has left the network that it began on, which may go. */
    {RUN("preferred_address: ipv6",
         "on_change: migrate, policy: {causes: [disconnected]}",
         "timeline:\n  - 1s: disconnect home\n"),
     six_two, IPV6, true, true, true},
    {RUN("preferred_address: ipv6", QUIC, ALONE), one, HOME, false, false,
     false},
    {RUN("preferred_address: {family: ipv6, dead: true}", QUIC, ""), one, HOME,
     true, false, false},
    {RUN("preferred_address: {family: ipv6, dead: true}", QUIC, SIX), six_one,
     IPV6, true, false, false},
    /* The server is there from then on, wherever the client goes. */
    {RUN("preferred_address: ipv4", QUIC, "timeline:\n  - 1s: switch cell\n"),
     two, CELL, true, true, false},
    {RUN("preferred_address: ipv4", REFUSES,
         "timeline:\n  - 1s: switch cell\n"),
     one, CELL, false, false, false},
    {RUN("preferred_address: {family: ipv4, dead: true}", QUIC,
         "timeline:\n  - 4s: disconnect home\n"), /* has given it up by then */
     one, CELL, true, false, false},
};

typedef struct {
  const whole_case *want;
  char first[HO_ENDPOINT_TEXT], last[HO_ENDPOINT_TEXT]; /* of the server */
  int net;
  ho_time moved; /* the server's first full packet from another address */
  size_t other, early, strays, starts, notices, handoffs;
  bool done;
} seen;

/* Of the server's packets those that carry data; of the client's all. */
static void on_sent(seen *s, const ho_event *e) {
  char text[HO_ENDPOINT_TEXT];

  ho_endpoint_text(text, &e->u.datagram_sent.tuple.server);
  if (!*s->first) {
    strcpy(s->first, text);
  }
  if (e->u.datagram_sent.endpoint == HO_CLIENT) {
    s->other += strcmp(text, s->first) != 0;
    return;
  }
  if (e->u.datagram_sent.bytes < 1300) {
    return;
  }
  strcpy(s->last, text);
  s->net = e->u.datagram_sent.net;
  if (strcmp(text, s->first) != 0 && !s->moved) {
    s->moved = e->t;
  }
  s->early += !s->moved;
  s->strays += s->moved && strcmp(text, s->first) == 0;
}

static void check(const seen *s) {
  REQUIRE(s->done && s->starts == 1);
  if (strcmp(s->last, s->want->last) != 0) {
    fprintf(stderr, "%s, not %s\n", s->last, s->want->last);
    _Exit(3);
  }
  REQUIRE(s->net == s->want->net);
  REQUIRE((s->other > 0) == s->want->offered_is_used);
  REQUIRE((s->moved > 0) == s->want->switches);
  /* 9.6.2: from the original address until the new one is validated, which
   * takes two round trips after the handshake, and not any more then. */
  REQUIRE(!s->moved || (s->early > 0 && s->strays == 0));
  REQUIRE(!s->moved || (s->moved > 60 * HO_MSEC && s->moved < 200 * HO_MSEC));
  REQUIRE(s->notices == s->want->emits && s->handoffs == s->want->emits);
}

static void on_event(void *user, const ho_event *e) {
  seen *s = user;

  if (!e) {
    check(s);
  } else if (e->kind == HO_EV_datagram_sent) {
    on_sent(s, e);
  } else if (e->kind == HO_EV_connection_started) {
    s->starts++;
  } else if (e->kind == HO_EV_work_done) {
    s->done = true;
  } else if (e->kind == HO_EV_notice) {
    s->notices += !strcmp(e->u.notice.cause, "preferred-address");
  } else if (e->kind == HO_EV_handoff && e->t < 500 * HO_MSEC && e->t > 0) {
    s->handoffs += !strcmp(e->u.handoff.kind, "migrate");
  }
}

START_TEST(goes_where_it_should) {
  seen s = {.want = &cases[_i], .net = -1};

  ck_assert_int_eq(runs_each(cases[_i].text, 1, on_event, &s), 0);
}
END_TEST

static void add_tests(TCase *tc) {
  tcase_add_loop_test(tc, goes_where_it_should, 0, COUNT(cases));
}

int main(void) {
  return suite_run("preferred address", add_tests);
}
