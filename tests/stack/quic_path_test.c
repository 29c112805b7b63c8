/* Goal: QUIC's connection IDs, datagram sizes, windows and path validations on
 * the wire are those of RFC 9000 and 9002. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runs.h"
#include "sim/base/alloc.h"
#include "tests/suite.h"

#define NETWORKS                                                               \
  "name: t\nstop: %s\nnetworks:\n"                                             \
  "  home: {type: wired, down: 20Mbps, up: 20Mbps, delay: 10ms%s}\n"           \
  "  cell: {type: wired, down: 20Mbps, up: 20Mbps, delay: 25ms%s}\n"           \
  "client: {notice: 30ms}\nserver: {%s}\nworkload: {%s}\narms:\n  a: {%s}\n"   \
  "%s"

typedef struct {
  const char *nets, *server, *work, *arm, *timeline;
} setting;

static int run(const setting *s, ho_log_fn fn, const void *user) {
  char *arm = ho_format("transport: quic%s%s", s->arm ? ", " : "",
                        s->arm ? s->arm : "");
  char *text =
      ho_format(NETWORKS, "3s", s->nets ? s->nets : "", s->nets ? s->nets : "",
                s->server ? s->server : "delay: 0ms",
                s->work ? s->work : "type: download, bytes: 50MB", arm,
                s->timeline ? s->timeline : "");
  int failed = runs_each(text, 1, fn, (void *)user);

  free(arm);
  free(text);
  return failed;
}

#define MOVES "timeline:\n  - 1s: switch cell\n  - 2s: switch home\n"

/* ---- connection IDs (RFC 9000, 5.1) ---- */

typedef struct {
  uint32_t len[2]; /* of the client's and the server's own */
} cid_lengths;

static const cid_lengths lengths[] = {{{8, 8}},   {{0, 8}}, {{1, 8}},
                                      {{20, 8}},  {{8, 1}}, {{8, 20}},
                                      {{20, 20}}, {{0, 20}}};

/* Every short header carries a CID of the other's length, and the connection
 * lives through its moves. */
static void note_lengths(void *user, const ho_event *ev) {
  const cid_lengths *want = user;
  static uint64_t packets[2], late;

  if (!ev) {
    REQUIRE(packets[0] > 0 && packets[1] > 0 && late > 0);
  } else if (ev->kind == HO_EV_quic_sent &&
             strcmp(ev->u.quic_sent.type, "1rtt") == 0) {
    ho_side from = ev->u.quic_sent.endpoint;
    REQUIRE(ev->u.quic_sent.dcid.len == want->len[!from]);
    packets[from]++;
  } else if (ev->kind == HO_EV_cid_issued) {
    REQUIRE(ev->u.cid_issued.cid.len == want->len[ev->u.cid_issued.endpoint]);
  } else if (ev->kind == HO_EV_connection_started) {
    REQUIRE(ev->u.connection_started.connection == 0);
  } else if (ev->kind == HO_EV_delivered && ev->t > 2500 * HO_MSEC) {
    late++;
  }
}

START_TEST(cids_have_their_lengths) {
  const cid_lengths *l = &lengths[_i];
  char *server = ho_format("cid_length: %u", l->len[HO_SERVER]);
  char *arm = ho_format("cid_length: %u", l->len[HO_CLIENT]);
  setting s = {.server = server, .arm = arm, .timeline = MOVES};

  ck_assert_int_eq(run(&s, note_lengths, l), 0);
  free(server);
  free(arm);
}
END_TEST

/* As many CIDs as the peer allows are outstanding, never more. */
static void note_limit(void *user, const ho_event *ev) {
  const uint64_t *limits = user; /* of what the client, and the server, issue */
  static uint64_t active[2], most[2];

  if (!ev) {
    REQUIRE(most[HO_CLIENT] == limits[HO_CLIENT]);
    REQUIRE(most[HO_SERVER] == limits[HO_SERVER]);
    return;
  }
  if (ev->kind == HO_EV_cid_issued) {
    ho_side side = ev->u.cid_issued.endpoint;
    active[side]++;
    most[side] = active[side] > most[side] ? active[side] : most[side];
  } else if (ev->kind == HO_EV_cid_retired) {
    active[ev->u.cid_retired.endpoint]--;
  }
}

START_TEST(the_cid_limit_is_kept) {
  static const uint64_t limits[][2] = {{2, 7}, {8, 7}, {7, 7}};
  char *server =
      ho_format("active_connection_id_limit: %u", (unsigned)limits[_i][0]);
  setting s = {.server = server, .timeline = MOVES};

  ck_assert_int_eq(run(&s, note_limit, limits[_i]), 0);
  free(server);
}
END_TEST

/* ---- a server that forbids migration (RFC 9000, 18.2) ---- */

static void note_reconnect(void *user, const ho_event *ev) {
  static uint64_t opened, moved;
  uint64_t want = *(const bool *)user ? 1 : 0;

  if (!ev) {
    REQUIRE(opened == want && moved == !want);
  } else if (ev->kind == HO_EV_connection_started && ev->t > 0) {
    REQUIRE(ev->t == 1030 * HO_MSEC && ev->u.connection_started.net == 1);
    opened++;
  } else if (ev->kind == HO_EV_path_validation &&
             ev->u.path_validation.endpoint == HO_CLIENT) {
    moved = 1;
  }
}

START_TEST(a_client_obeys_disable_active_migration) {
  bool disabled = _i;
  setting s = {.server = disabled ? "disable_active_migration: true"
                                  : "disable_active_migration: false",
               .timeline = "timeline:\n  - 1s: switch cell\n"};

  ck_assert_int_eq(run(&s, note_reconnect, &disabled), 0);
}
END_TEST

/* ---- sizes ---- */

static const struct {
  const char *nets, *arm;
  uint64_t largest; /* IP bytes */
} sizes[] = {
    {NULL, "pmtud: off", 1200 + 28},
    {", family: ipv6", "pmtud: off", 1200 + 48},
    /* ngtcp2 tries 1444 bytes at most */
    {NULL, "pmtud: on", 1444 + 28},
    {", family: ipv6", "pmtud: on", 1444 + 48},
};

static void note_size(void *user, const ho_event *ev) {
  uint64_t want = *(const uint64_t *)user;
  static uint64_t largest[2];

  if (!ev) {
    REQUIRE(largest[HO_CLIENT] == want && largest[HO_SERVER] == want);
  } else if (ev->kind == HO_EV_datagram_sent) {
    uint64_t *l = &largest[ev->u.datagram_sent.endpoint];
    *l = ev->u.datagram_sent.bytes > *l ? ev->u.datagram_sent.bytes : *l;
  }
}

START_TEST(datagrams_have_their_size) {
  setting s = {.nets = sizes[_i].nets,
               .arm = sizes[_i].arm,
               .work = "type: request, every: 50ms, request: 20KB, "
                       "response: 20KB, count: 50"};

  ck_assert_int_eq(run(&s, note_size, &sizes[_i].largest), 0);
}
END_TEST

/* ---- the initial window (RFC 9002, 7.2) ---- */

/* The first flight of an upload is ten datagrams of 1200 bytes, plus what the
 * handshake's acknowledgements have added to the window. */
static void note_window(void *user, const ho_event *ev) {
  static uint64_t cwnd, most, in_flight, first;

  (void)user;
  if (!ev) {
    REQUIRE(first == 12000);
    REQUIRE(cwnd >= 12000 && cwnd <= 13200);
    /* ngtcp2 puts a whole datagram into what is left of the window. */
    REQUIRE(most < cwnd + 1200 && most + 1200 > cwnd);
    return;
  }
  if (ev->kind == HO_EV_recovery && ev->u.recovery.endpoint == HO_CLIENT) {
    if (!first) {
      first = ev->u.recovery.cwnd;
    }
    /* until the first of its acknowledgements is back */
    if (ev->t < 398 * HO_MSEC) {
      cwnd = ev->u.recovery.cwnd;
      in_flight = ev->u.recovery.in_flight;
      most = in_flight > most ? in_flight : most;
    }
  }
}

START_TEST(the_initial_window_is_ten_datagrams) {
  static const char text[] =
      "name: t\nstop: 2s\nnetworks:\n"
      "  n: {type: wired, down: 1Gbps, up: 1Gbps, delay: 100ms}\n"
      "workload: {type: upload, bytes: 10MB}\n"
      "arms:\n  a: {transport: quic, cc: %s, pmtud: off}\n";
  static const char *const ccs[] = {"cubic", "reno"};
  char *s = ho_format(text, ccs[_i]);

  ck_assert_int_eq(runs_each(s, 1, note_window, NULL), 0);
  free(s);
}
END_TEST

/* ---- path validation (RFC 9000, 8.2) ---- */

/* On a path with nothing else on it, validation takes its round trip and two
 * serialisations of a full datagram. */
static void note_validation(void *user, const ho_event *ev) {
  ho_time rtt = *(const ho_time *)user;
  static ho_time sent;
  static uint64_t bytes, challenge, validated;

  if (!ev) {
    REQUIRE(validated == 1);
    return;
  }
  if (ev->kind == HO_EV_path_frame && ev->t >= HO_SEC) {
    const ho_ev_path_frame *f = &ev->u.path_frame;
    bool challenges = strcmp(f->frame, "PATH_CHALLENGE") == 0;
    bool sends = strcmp(f->way, "sent") == 0;
    if (f->endpoint == HO_CLIENT && challenges && sends && !sent) {
      sent = ev->t;
      challenge = f->data;
      bytes = f->bytes + 28;
    } else if (f->endpoint == HO_CLIENT && !challenges && !sends &&
               f->data == challenge && !validated) {
      validated++;
      REQUIRE(bytes == 1228 && f->bytes == 1200);
      /* 20 Mbit/s: 400 ns a byte */
      REQUIRE(ev->t - sent == rtt + 2 * 1228 * 400);
    }
  }
}

START_TEST(a_clean_validation_is_one_round_trip) {
  static const struct {
    const char *action;
    ho_time rtt;
  } rows[] = {{"switch cell", 50 * HO_MSEC},
              {"disconnect home", 50 * HO_MSEC},
              {"rotate", 20 * HO_MSEC}};
  char *timeline = ho_format("timeline:\n  - 1s: %s\n", rows[_i].action);
  setting s = {.work = "type: echo, every: 700ms, bytes: 16B",
               .arm = "pmtud: off",
               .timeline = timeline};

  ck_assert_int_eq(run(&s, note_validation, &rows[_i].rtt), 0);
  free(timeline);
}
END_TEST

/* ---- congestion control on a new path (RFC 9000, 9.4) ---- */

typedef struct {
  const char *action;
  ho_side side; /* who sends the bulk */
  bool reset;   /* the window begins anew */
} moving;

static const moving movings[] = {
    {"rebind home address", HO_SERVER, true},
    {"rebind home both", HO_SERVER, true},
    {"rebind home port", HO_SERVER, false},
    {"switch cell", HO_SERVER, true},
    {"switch cell", HO_CLIENT, true},
    {"rotate", HO_SERVER, false}, /* the address is the same */
};

/* The window at the end of the very call that moved the sender. */
static void note_move(void *user, const ho_event *ev) {
  const moving *m = user;
  static ho_tuple tuple;
  static uint64_t before, moved;

  if (!ev) {
    REQUIRE(moved == 1);
    return;
  }
  if (ev->kind == HO_EV_datagram_sent &&
      ev->u.datagram_sent.endpoint == m->side) {
    moved += before > 0 && moved == 0 && ev->t > HO_SEC &&
             !ho_tuple_eq(&tuple, &ev->u.datagram_sent.tuple);
    tuple = ev->u.datagram_sent.tuple;
  } else if (ev->kind == HO_EV_recovery && ev->u.recovery.endpoint == m->side &&
             !before && moved == 0) {
    before = ev->t >= 990 * HO_MSEC ? ev->u.recovery.cwnd : 0;
    REQUIRE(before == 0 || before > 2 * 12000);
  }
}

/* Windows seen from 1 s on: the smallest is 12000 exactly, or above what a
 * window begins with. */
static void note_cwnd(void *user, const ho_event *ev) {
  const moving *m = user;
  static uint64_t smallest = UINT64_MAX;

  note_move(user, ev);
  if (!ev) {
    REQUIRE(m->reset ? smallest == 12000 : smallest > 2 * 12000);
  } else if (ev->kind == HO_EV_recovery && ev->u.recovery.endpoint == m->side &&
             ev->t >= HO_SEC && ev->t < 1300 * HO_MSEC) {
    smallest = ev->u.recovery.cwnd < smallest ? ev->u.recovery.cwnd : smallest;
  }
}

START_TEST(a_new_address_begins_anew) {
  const moving *m = &movings[_i];
  char *timeline = ho_format("timeline:\n  - 1s: %s\n", m->action);
  setting s = {.nets = ", nat: full-cone",
               .work = m->side == HO_SERVER ? "type: download, bytes: 50MB"
                                            : "type: upload, bytes: 50MB",
               .arm = "pmtud: off",
               .timeline = timeline};

  ck_assert_int_eq(run(&s, note_cwnd, m), 0);
  free(timeline);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, cids_have_their_lengths, 0, (int)COUNT(lengths));
  tcase_add_loop_test(tc, the_cid_limit_is_kept, 0, 3);
  tcase_add_loop_test(tc, a_client_obeys_disable_active_migration, 0, 2);
  tcase_add_loop_test(tc, datagrams_have_their_size, 0, (int)COUNT(sizes));
  tcase_add_loop_test(tc, the_initial_window_is_ten_datagrams, 0, 2);
  tcase_add_loop_test(tc, a_clean_validation_is_one_round_trip, 0, 3);
  tcase_add_loop_test(tc, a_new_address_begins_anew, 0, (int)COUNT(movings));
}

int main(void) {
  return suite_run("quic path", add);
}
