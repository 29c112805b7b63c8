/* Goal: a client follows its networks as an operating system would, and each
 * arm learns of a change, and acts, as its name says. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "runs.h"
#include "sim/base/alloc.h"
#include "tests/suite.h"

/* ---- a run as a story: "1030 notice cell notice; ..." in milliseconds ---- */

static char story[4096];
static const char *expected;

__attribute__((format(printf, 2, 3))) static void tell(ho_time t,
                                                       const char *fmt, ...) {
  size_t at = strlen(story);
  va_list ap;

  at += (size_t)snprintf(story + at, sizeof(story) - at, "%s%lu ",
                         at ? "; " : "", (unsigned long)(t / HO_MSEC));
  va_start(ap, fmt);
  vsnprintf(story + at, sizeof(story) - at, fmt, ap);
  va_end(ap);
}

static const char *net_name(int net) {
  static const char *const names[] = {"none", "home", "cell"};

  return names[net + 1];
}

static void note(void *user, const ho_event *ev) {
  (void)user;
  if (!ev) {
    if (!runs_as_told(story, expected)) {
      fprintf(stderr, "got:    %s\nwanted: %s\n", story, expected);
      _Exit(3);
    }
    return;
  }
  if (ev->kind == HO_EV_default_network) {
    const ho_ev_default_network *d = &ev->u.default_network;
    tell(ev->t, "default %s", net_name(d->to));
  } else if (ev->kind == HO_EV_handoff) {
    const ho_ev_handoff *h = &ev->u.handoff;
    tell(ev->t, "%s %s>%s at %lu", h->kind, net_name(h->from), net_name(h->to),
         (unsigned long)(h->t_loss / HO_MSEC));
  } else if (ev->kind == HO_EV_notice) {
    tell(ev->t, "notice %s %s", net_name(ev->u.notice.net), ev->u.notice.cause);
  } else if (ev->kind == HO_EV_connection_started && ev->t > 0) {
    const ho_ev_connection_started *c = &ev->u.connection_started;
    tell(ev->t, "open %s %s", net_name(c->net), c->handshake);
  }
}

/* Two wired networks of 20 ms round trip; %s: keys of cell, of the client. */
#define NETWORKS                                                               \
  "name: t\nstop: %s\nnetworks:\n"                                             \
  "  home: {type: wired, down: 2Mbps, up: 2Mbps, delay: 10ms, nat: %s}\n"      \
  "  cell: {type: wired, down: 2Mbps, up: 2Mbps, delay: 10ms%s}\n"             \
  "client: {notice: %s}\n"                                                     \
  "workload: {type: %s, bytes: 50MB}\n"                                        \
  "arms:\n  a: {%s}\n"                                                         \
  "timeline:\n"

typedef struct {
  const char *arm, *timeline, *stop, *notice, *cell, *nat, *work, *expected;
} tale;

#define LOST    "  - 1s: disconnect home\n"
#define MOVED   "1000 default cell; 1000 disconnect home>cell at 1000"
#define QUIC    "transport: quic"
#define PASSIVE QUIC ", on_change: none"
#define AGAIN   QUIC ", on_change: reconnect"
#define TCP     "transport: tcp"

static const tale tales[] = {
    /* The OS moves the default route at once and tells a while later. */
    {QUIC, LOST, .expected = MOVED "; 1030 notice cell notice"},
    {QUIC, LOST, .notice = "200ms",
     .expected = MOVED "; 1200 notice cell notice"},
    {QUIC, LOST, .notice = "0ms",
     .expected = MOVED "; 1000 notice cell notice"},
    {QUIC, LOST, .notice = "never", .expected = MOVED},
    {PASSIVE, LOST, .expected = MOVED},
    {AGAIN, LOST,
     .expected = MOVED "; 1030 notice cell notice; 1030 open cell full"},
    {AGAIN ", tls: resume", LOST,
     .expected = MOVED "; 1030 notice cell notice; 1030 open cell resume"},
    {AGAIN ", tls: 0rtt", LOST,
     .expected = MOVED "; 1030 notice cell notice; 1030 open cell 0rtt"},
    {TCP, LOST,
     .expected = MOVED "; 1030 notice cell notice; 1030 open cell full"},
    {TCP ", tls: resume", LOST,
     .expected = MOVED "; 1030 notice cell notice; 1030 open cell resume"},

    /* One that is not in use may go, and come. */
    {QUIC, "  - 1s: disconnect cell\n  - 2s: connect cell\n", .expected = ""},
    /* One that comes back takes nothing over. */
    {QUIC, LOST "  - 2s: connect home\n",
     .expected = MOVED "; 1030 notice cell notice"},
    /* It comes back to no other: nothing moved, so no handoff. */
    {QUIC, LOST "  - 1.5s: connect home\n", .cell = ", connected: false",
     .expected = "1000 default none; 1500 default home"},
    {TCP, LOST "  - 1.5s: connect home\n", .cell = ", connected: false",
     .expected = "1000 default none; 1500 default home"},
    /* The other comes later than the loss. */
    {QUIC, LOST "  - 1.5s: connect cell\n", .cell = ", connected: false",
     .expected = "1000 default none; 1500 default cell; "
                 "1500 disconnect home>cell at 1000; 1530 notice cell notice"},

    /* The OS switches while the old network works; to and fro. */
    {QUIC, "  - 1s: switch cell\n  - 2s: switch home\n",
     .expected = "1000 default cell; 1000 switch home>cell at 1000; "
                 "1030 notice cell notice; 2000 default home; "
                 "2000 switch cell>home at 2000; 2030 notice home notice"},
    {QUIC, "  - 1s: switch home\n", .expected = ""},
    {QUIC, "  - 1s: switch cell\n", .cell = ", connected: false",
     .expected = ""},
    {TCP, "  - 1s: switch cell\n",
     .expected = "1000 default cell; 1000 switch home>cell at 1000; "
                 "1030 notice cell notice; 1030 open cell full"},
    /* What has changed again by then is not told. */
    {QUIC, "  - 1s: switch cell\n  - 1.01s: switch home\n",
     .expected = "1000 default cell; 1000 switch home>cell at 1000; "
                 "1010 default home; 1010 switch cell>home at 1010"},
    {QUIC, LOST "  - 1.01s: disconnect cell\n  - 1.5s: connect cell\n",
     .expected = MOVED "; 1010 default none; 1500 default cell; "
                       "1530 notice cell notice"},

    /* The application's own wishes. */
    {QUIC, "  - 1s: migrate cell\n",
     .expected = "1000 migrate home>cell at 1000; 1000 notice cell app"},
    {TCP, "  - 1s: migrate cell\n",
     .expected = "1000 migrate home>cell at 1000; 1000 notice cell app; "
                 "1000 open cell full"},
    {QUIC, "  - 1s: rotate\n",
     .expected = "1000 rotate home>home at 1000; 1000 notice home app"},
    {TCP, "  - 1s: rotate\n",
     .expected = "1000 rotate home>home at 1000; 1000 notice home app; "
                 "1000 open home full"},
    /* A network that only the application uses goes: the OS tells of that. */
    {QUIC, "  - 1s: migrate cell\n  - 2s: disconnect cell\n",
     .expected = "1000 migrate home>cell at 1000; 1000 notice cell app; "
                 "2000 disconnect cell>home at 2000; 2030 notice home notice"},
    {TCP, "  - 1s: migrate cell\n  - 2s: disconnect cell\n",
     .expected = "1000 migrate home>cell at 1000; 1000 notice cell app; "
                 "1000 open cell full; 2000 disconnect cell>home at 2000; "
                 "2030 notice home notice; 2030 open home full"},
    /* There is no going to, or staying on, a network that is not there. */
    {QUIC, "  - 1s: disconnect cell\n  - 1.5s: migrate cell\n", .expected = ""},
    {QUIC, LOST "  - 1.5s: rotate\n  - 2s: connect home\n",
     .cell = ", connected: false",
     .expected = "1000 default none; 2000 default home"},
    /* RFC 9000, 9: a client cannot choose the server's other family. */
    {QUIC, LOST, .cell = ", family: ipv6",
     .expected = MOVED "; 1030 notice cell notice; 1030 open cell full"},

    /* What a NAT does, nobody is told. */
    {QUIC, "  - 1s: rebind home port\n", .nat = "home-router",
     .expected = "1000 rebind-port home>home at 1000"},
    {QUIC, "  - 1s: rebind home address\n", .nat = "home-router",
     .expected = "1000 rebind-address home>home at 1000"},
};

static void run_tale(const tale *t) {
  char *head =
      ho_format(NETWORKS, t->stop ? t->stop : "3s", t->nat ? t->nat : "none",
                t->cell ? t->cell : "", t->notice ? t->notice : "30ms",
                t->work ? t->work : "download", t->arm);
  char *text = ho_format("%s%s", head, t->timeline);

  expected = t->expected;
  ck_assert_int_eq(runs_each(text, 1, note, NULL), 0);
  free(head);
  free(text);
}

START_TEST(a_client_follows_its_networks) {
  run_tale(&tales[_i]);
}
END_TEST

/* ---- who is not told finds out ---- */

#define RST   TCP ", detect: rst"
#define TIMER TCP ", detect: 2s"
#define HANG  TCP ", detect: hang"
#define MUTE  "  - 1s: set home loss 100%\n"
#define ALONE ", connected: false"
#define GONE  "1000 default none"

static const tale finds[] = {
    /* The ping a second after the last sign of life meets a dead socket. */
    {RST, LOST, .stop = "4s",
     .expected = MOVED "; 2004 notice cell send-error; 2004 open cell full"},
    /* What leaves from a new port is reset a round trip later; but a client
     * connects again only a second after it last did. */
    {RST, "  - 1.5s: rebind home port\n  - 1.8s: rebind home port\n",
     .nat = "symmetric", .work = "upload",
     .expected = "1500 rebind-port home>home at 1500; 1716 notice home rst; "
                 "1716 open home full; 1800 rebind-port home>home at 1800; "
                 "2011 notice home rst; 2716 open home full"},
    /* Silence: for two seconds, on the network in use or the only one. */
    {TIMER, LOST, .stop = "5s",
     .expected = MOVED "; 3004 notice cell timer; 3004 open cell full"},
    {TIMER, MUTE, .stop = "4s",
     .expected = "3004 migrate home>cell at 3004; 3004 notice cell timer; "
                 "3004 open cell full"},
    {QUIC ", detect: 300ms", LOST,
     .expected = MOVED "; 1308 notice cell timer"},
    {QUIC ", detect: 300ms", MUTE,
     .expected = "1308 migrate home>cell at 1308; 1308 notice cell timer"},
    {AGAIN ", detect: 300ms", MUTE,
     .expected = "1308 migrate home>cell at 1308; 1308 notice cell timer; "
                 "1308 open cell full"},
    /* The transport's own patience. */
    {HANG, LOST, .stop = "600s",
     .expected = MOVED "; 524204 notice cell give-up; 524204 open cell full"},
    {QUIC ", idle_timeout: 2s", LOST "  - 6s: connect home\n",
     .notice = "never", .stop = "8s", .cell = ALONE,
     .expected = GONE "; 3162 notice none give-up; 6000 default home; "
                      "6000 open home full"},

    /* With no network left, a client waits for one. */
    {TIMER, LOST "  - 8s: connect home\n", .stop = "9s", .cell = ALONE,
     .expected = GONE "; 3004 notice none timer; 8000 default home; "
                      "8000 open home full"},
    {TIMER, LOST "  - 8s: connect cell\n", .stop = "9s", .cell = ALONE,
     .expected = GONE "; 3004 notice none timer; 8000 default cell; "
                      "8000 disconnect home>cell at 1000; 8000 open cell full"},
    {AGAIN ", detect: 300ms", LOST "  - 8s: connect home\n", .stop = "9s",
     .cell = ALONE,
     .expected = GONE "; 1308 notice none timer; 8000 default home; "
                      "8000 open home full"},
};

START_TEST(a_client_finds_out) {
  run_tale(&finds[_i]);
}
END_TEST

/* ---- sockets ---- */

/* What the arms' processes share: the client's ports in order of first use, as
 * "home 50001", by arm. */
enum { ARMS = 4, USES = 8 };

typedef struct {
  int net[USES];
  uint16_t port[USES];
  size_t count;
} uses;

typedef struct {
  uses arms[ARMS];
  int arm; /* whose turn it is */
} sockets;

static void note_port(void *user, const ho_event *ev) {
  sockets *all = user;
  uses *u = &all->arms[all->arm];
  const ho_ev_datagram_sent *d;

  if (!ev) {
    all->arm++;
    return;
  }
  d = &ev->u.datagram_sent;
  if (ev->kind != HO_EV_datagram_sent || d->endpoint != HO_CLIENT) {
    return;
  }
  for (size_t i = 0; i < u->count; i++) {
    if (u->net[i] == d->net && u->port[i] == d->tuple.client.port) {
      return;
    }
  }
  if (u->count < USES) {
    u->net[u->count] = d->net;
    u->port[u->count++] = d->tuple.client.port;
  }
}

static sockets *ports_of(const char *arms, const char *timeline,
                         uint64_t seed) {
  sockets *all = mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  char *text = ho_format(
      "name: t\nstop: 4s\nnetworks:\n"
      "  home: {type: wired, down: 2Mbps, up: 2Mbps, delay: 10ms}\n"
      "  cell: {type: wired, down: 2Mbps, up: 2Mbps, delay: 10ms}\n"
      "client: {notice: 30ms}\n"
      "workload: {type: upload, bytes: 50MB}\narms: [%s]\ntimeline:\n%s",
      arms, timeline);

  ck_assert(all != MAP_FAILED);
  ck_assert_int_eq(runs_each(text, seed, note_port, all), 0);
  free(text);
  return all;
}

#define TO_AND_FRO "  - 1s: switch cell\n  - 2s: switch home\n"

/* A connection has a port of its own on each network and keeps it; a new
 * connection has new ones; a passive one its first for ever. */
START_TEST(ports_are_kept) {
  static const struct {
    size_t count;
    int net[4];
    bool same;                           /* one port for all */
  } want[ARMS] = {{2, {0, 1}, false},    /* quic */
                  {3, {0, 1, 0}, false}, /* quic-reconnect */
                  {2, {0, 1}, true},     /* quic-passive */
                  {3, {0, 1, 0}, false} /* tcp-notify */};
  sockets *s =
      ports_of("quic, quic-reconnect, quic-passive, tcp-notify", TO_AND_FRO, 1);

  for (size_t a = 0; a < ARMS; a++) {
    const uses *u = &s->arms[a];
    ck_assert_uint_eq(u->count, want[a].count);
    for (size_t i = 0; i < u->count; i++) {
      ck_assert_int_eq(u->net[i], want[a].net[i]);
      ck_assert_uint_ge(u->port[i], 49152); /* RFC 6335, 6 */
      for (size_t k = 0; k < i; k++) {
        ck_assert_int_eq(u->port[i] == u->port[k], want[a].same);
      }
    }
    /* and every arm of a seed begins alike */
    ck_assert_uint_eq(u->port[0], s->arms[0].port[0]);
  }
  munmap(s, sizeof(*s));
}
END_TEST

START_TEST(seeds_have_their_own_ports) {
  sockets *a = ports_of("quic", TO_AND_FRO, 1);
  sockets *b = ports_of("quic", TO_AND_FRO, 2);

  ck_assert_uint_ne(a->arms[0].port[0], b->arms[0].port[0]);
  munmap(a, sizeof(*a));
  munmap(b, sizeof(*b));
}
END_TEST

START_TEST(a_rotation_takes_a_fresh_port) {
  sockets *s = ports_of("quic, tcp-notify", "  - 1s: rotate\n", 1);

  for (int a = 0; a < 2; a++) {
    ck_assert_uint_eq(s->arms[a].count, 2);
    ck_assert_int_eq(s->arms[a].net[1], 0);
    ck_assert_uint_ne(s->arms[a].port[0], s->arms[a].port[1]);
  }
  munmap(s, sizeof(*s));
}
END_TEST

/* ---- make before break ---- */

/* After `switch cell` at 1 s, told at 1.03 s: how the client leaves home. */
typedef struct {
  ho_time last_home;  /* the client's last packet there */
  ho_time first_cell; /* and the first here */
  ho_time validated, server_closed;
  uint64_t home_bytes, link_down; /* after the switch */
} leaving;

static void note_leaving(void *user, const ho_event *ev) {
  leaving *l = user;

  if (!ev || ev->t < HO_SEC) {
    return;
  }
  if (ev->kind == HO_EV_packet_dropped) {
    l->link_down += strcmp(ev->u.packet_dropped.reason, "link-down") == 0;
  } else if (ev->kind == HO_EV_path_validation && !l->validated &&
             ev->u.path_validation.endpoint == HO_CLIENT) {
    l->validated = ev->t;
  } else if (ev->kind == HO_EV_connection_closed &&
             ev->u.connection_closed.endpoint == HO_SERVER) {
    l->server_closed = ev->t;
  } else if (ev->kind == HO_EV_datagram_sent &&
             ev->u.datagram_sent.endpoint == HO_CLIENT) {
    if (ev->u.datagram_sent.net == 0) {
      l->last_home = ev->t;
      l->home_bytes += ev->u.datagram_sent.bytes;
    } else if (!l->first_cell) {
      l->first_cell = ev->t;
    }
  }
}

static leaving leave_with(const char *work, const char *arm, const char *client,
                          const char *action) {
  leaving *l = mmap(NULL, sizeof(*l), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0),
          out;
  char *text =
      ho_format("name: t\nstop: 3s\nnetworks:\n"
                "  home: {type: wired, down: 2Mbps, up: 2Mbps, delay: 10ms}\n"
                "  cell: {type: wired, down: 2Mbps, up: 2Mbps, delay: 50ms}\n"
                "client: {%s}\nworkload: {type: %s, bytes: 50MB}\n"
                "arms: %s\ntimeline:\n  - 1s: %s\n",
                client, work, arm, action);

  ck_assert(l != MAP_FAILED);
  ck_assert_int_eq(runs_each(text, 1, note_leaving, l), 0);
  free(text);
  out = *l;
  munmap(l, sizeof(*l));
  return out;
}

static leaving leave_by(const char *arm, const char *client,
                        const char *action) {
  char *arms = ho_format("[%s]", arm);
  leaving l = leave_with("upload", arms, client, action);

  free(arms);
  return l;
}

START_TEST(a_switch_uses_the_old_network_until_the_end) {
  leaving quic = leave_by("quic", "notice: 30ms", "switch cell");
  leaving probe = leave_by("quic-probe", "notice: 30ms", "switch cell");
  leaving tcp = leave_by("tcp-notify", "notice: 30ms", "switch cell");
  leaving passive = leave_by("quic-passive", "notice: 30ms", "switch cell");

  /* until told */
  ck_assert_uint_eq(quic.first_cell, 1030 * HO_MSEC);
  ck_assert_uint_ge(probe.first_cell, 1030 * HO_MSEC);
  ck_assert_uint_lt(probe.first_cell, 1037 * HO_MSEC); /* its turn in pacing */
  ck_assert_uint_eq(tcp.first_cell, 1030 * HO_MSEC);
  ck_assert_uint_gt(quic.home_bytes, 0);
  ck_assert_uint_le(quic.last_home, 1030 * HO_MSEC);
  /* The probe works on while the new path's 100 ms are measured. */
  ck_assert_uint_ge(probe.validated, 1130 * HO_MSEC);
  ck_assert_uint_gt(probe.last_home, 1110 * HO_MSEC);
  ck_assert_uint_le(probe.last_home, probe.validated);
  /* TCP says goodbye by the way it came. */
  ck_assert_uint_ge(tcp.last_home, 1030 * HO_MSEC);
  ck_assert_uint_ge(tcp.server_closed, 1030 * HO_MSEC);
  ck_assert_uint_lt(tcp.server_closed, 2000 * HO_MSEC);
  /* An unbound socket is moved with the default route. */
  ck_assert_uint_eq(passive.home_bytes, 0);
  ck_assert_uint_lt(passive.first_cell, 1030 * HO_MSEC);
}
END_TEST

START_TEST(a_bound_socket_dies_with_its_address) {
  leaving quic = leave_by("quic", "notice: 30ms", "disconnect home");
  leaving tcp = leave_by("tcp-notify", "notice: never", "disconnect home");
  leaving never = leave_by("quic", "notice: never", "disconnect home");

  ck_assert_uint_eq(quic.home_bytes, 0);
  ck_assert_uint_eq(quic.first_cell, 1030 * HO_MSEC);
  /* TCP stays bound to an address that is gone; QUIC is not bound. */
  ck_assert_uint_eq(tcp.first_cell, 0);
  ck_assert_uint_gt(tcp.link_down, 0);
  ck_assert_uint_lt(never.first_cell, 1030 * HO_MSEC);
  ck_assert_uint_gt(never.first_cell, 0);
}
END_TEST

/* ---- liveness ---- */

/* A download's client has nothing to send on a path that went silent, unless it
 * asks whether anybody is there: 500 ms after the last packet, at 1.5 s. */
START_TEST(a_ping_breaks_the_silence) {
  static const struct {
    const char *arm;
    ho_time last; /* packet before 1.95 s */
  } rows[] = {{"{a: {transport: tcp}}", 1100 * HO_MSEC},
              {"{a: {transport: tcp, ping: 500ms}}", 1950 * HO_MSEC}};
  leaving l = leave_with("download", rows[_i].arm, "notice: 30ms",
                         "set home loss 100%\n  - 1.95s: disconnect home");

  ck_assert_uint_le(l.last_home, rows[_i].last);
  ck_assert_uint_gt(l.last_home, rows[_i].last - 500 * HO_MSEC);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, a_client_follows_its_networks, 0, (int)COUNT(tales));
  tcase_add_loop_test(tc, a_client_finds_out, 0, (int)COUNT(finds));
  tcase_add_test(tc, ports_are_kept);
  tcase_add_test(tc, seeds_have_their_own_ports);
  tcase_add_test(tc, a_rotation_takes_a_fresh_port);
  tcase_add_test(tc, a_switch_uses_the_old_network_until_the_end);
  tcase_add_test(tc, a_bound_socket_dies_with_its_address);
  tcase_add_loop_test(tc, a_ping_breaks_the_silence, 0, 2);
}

int main(void) {
  return suite_run("client", add);
}
