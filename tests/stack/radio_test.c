/* Goal: whole runs over ns-3's radios do what a phone's would: they fade, come
 * back, hand over and scan, for one client and for several, and no run hangs.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <inttypes.h>
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

static bool is(const char *a, const char *b) {
  return strcmp(a, b) == 0;
}

#define WIFI                                                                   \
  "  home: {type: wifi, standard: 802.11n, distance: %s, nat: home-router, "   \
  "backhaul: {down: 20Mbps, up: 10Mbps, delay: 8ms}}\n"
#define LTE                                                                    \
  "  cell: {type: lte, bandwidth: 5MHz, distance: 200m, cells: 2, nat: cgn, "  \
  "backhaul: {down: 1Gbps, up: 1Gbps, delay: 20ms}}\n"
#define WIRED "  desk: {type: wired, down: 20Mbps, up: 10Mbps, delay: 10ms}\n"
#define REQUESTS                                                               \
  "workload: {type: request, every: 20ms, request: 100B, response: 1KB%s}\n"

/* ---- a walk out of the Wi-Fi ---- */

static void fades(void *user, const ho_event *ev) {
  static ho_time faded = HO_NEVER, t_loss, moved = HO_NEVER, fed;
  static ho_time received; /* by the client, over the Wi-Fi, last */

  (void)user;
  if (!ev) {
    require(faded != HO_NEVER, "the Wi-Fi did not fade", NULL);
    require(moved != HO_NEVER, "no handoff", NULL);
    require(fed > moved + HO_SEC, "nothing came over LTE", NULL);
    return;
  }
  require(ev->kind != HO_EV_byte_wrong, "a byte is wrong", ev);
  if (ev->kind == HO_EV_radio && is(ev->u.radio.state, "faded")) {
    require(faded == HO_NEVER && ev->u.radio.net == 0, "fades again", ev);
    faded = ev->t;
  } else if (ev->kind == HO_EV_network_down) {
    t_loss = ev->u.network_down.t_loss;
    require(ev->t == faded, "the OS sees it at another time", ev);
    /* Ten beacons of 102.4 ms. */
    require(t_loss < ev->t && t_loss + 3 * HO_SEC > ev->t, "t_loss", ev);
    require(t_loss >= received, "it forwarded after t_loss", ev);
  } else if (ev->kind == HO_EV_datagram_received &&
             ev->u.datagram_received.endpoint == HO_CLIENT &&
             faded == HO_NEVER) {
    received = ev->t;
  } else if (ev->kind == HO_EV_handoff) {
    require(is(ev->u.handoff.kind, "radio"), "kind", ev);
    require(ev->u.handoff.t_loss == t_loss && ev->u.handoff.to == 1, "to", ev);
    moved = ev->t;
  } else if (ev->kind == HO_EV_delivered) {
    require(moved != HO_NEVER || faded == HO_NEVER || ev->t == faded,
            "something comes from nowhere", ev);
    fed = ev->t;
  }
}

START_TEST(walking_away_fades_and_moves) {
  char *text = ho_format("name: t\nstop: 14s\nnetworks:\n" WIFI LTE REQUESTS
                         "client: {notice: 50ms}\n"
                         "arms: [quic, tcp-notify]\n"
                         "timeline:\n  - 500ms: move 60m,0m at 10m/s\n",
                         "40m", "");

  ck_assert_int_eq(runs_each(text, 3, fades, NULL), 0);
  free(text);
}
END_TEST

/* ---- nothing in reach ---- */

static void stays_out(void *user, const ho_event *ev) {
  static bool told, ended;

  (void)user;
  if (!ev) {
    require(told && ended, "it was not told, or did not end", NULL);
    return;
  }
  require(ev->kind != HO_EV_datagram_sent, "something was sent", ev);
  told |= ev->kind == HO_EV_radio && is(ev->u.radio.state, "out-of-reach");
  if (ev->kind == HO_EV_run_ended) {
    require(ev->t == 5 * HO_SEC, "not at its stop", ev);
    ended = true;
  }
}

START_TEST(out_of_reach_ends) {
  char *text = ho_format("name: t\nstop: 5s\nnetworks:\n" WIFI REQUESTS
                         "arms: [quic, tcp-notify]\n",
                         "400m", "");

  ck_assert_int_eq(runs_each(text, 1, stays_out, NULL), 0);
  free(text);
}
END_TEST

static void starts_on_second(void *user, const ho_event *ev) {
  static bool done;

  (void)user;
  if (!ev) {
    require(done, "the work is not done", NULL);
    return;
  }
  require(ev->kind != HO_EV_handoff, "a handoff", ev);
  if (ev->kind == HO_EV_connection_started) {
    require(ev->t == 0 && ev->u.connection_started.net == 1, "where", ev);
  }
  done |= ev->kind == HO_EV_work_done;
}

START_TEST(another_network_serves) {
  char *text = ho_format("name: t\nstop: 5s\nnetworks:\n" WIFI WIRED REQUESTS
                         "arms: [quic, tcp-notify]\n",
                         "400m", ", count: 20");

  ck_assert_int_eq(runs_each(text, 1, starts_on_second, NULL), 0);
  free(text);
}
END_TEST

/* ---- switched off and on ---- */

typedef struct {
  ho_time least, most; /* from `connect` to the association */
} back;

static void comes_back(void *user, const ho_event *ev) {
  static ho_time off = HO_NEVER, on = HO_NEVER, associated = HO_NEVER,
                 up = HO_NEVER;
  const back *b = user;

  if (!ev) {
    require(up != HO_NEVER, "it never came back", NULL);
    return;
  }
  if (ev->kind == HO_EV_action) {
    *(is(ev->u.action.action, "connect") ? &on : &off) = ev->t;
  } else if (ev->kind == HO_EV_network_down) {
    require(ev->t == off && ev->u.network_down.t_loss == off, "down", ev);
  } else if (ev->kind == HO_EV_datagram_received) {
    require(off == HO_NEVER || ev->t <= off || up != HO_NEVER ||
                ev->u.datagram_received.endpoint == HO_SERVER,
            "the client gets something while cut off", ev);
  } else if (ev->kind == HO_EV_radio && is(ev->u.radio.state, "associated")) {
    require(on != HO_NEVER, "associated while cut off", ev);
    associated = ev->t;
    require(ev->t - on >= b->least && ev->t - on <= b->most, "when", ev);
  } else if (ev->kind == HO_EV_network_up) {
    require(ev->t == associated + 70 * HO_MSEC, "its address takes 70 ms", ev);
    up = ev->t;
  }
}

static const struct {
  const char *net;
  unsigned away_ms;
  back expected;
} backs[] = {
    {"{type: wifi, distance: 5m, address: 70ms}", 300, {0, 2 * HO_MSEC}},
    {"{type: wifi, distance: 5m, address: 70ms}",
     2500,
     {20 * HO_MSEC, 400 * HO_MSEC}},
    {"{type: lte, bandwidth: 5MHz, address: 70ms}", 500, {0, 2 * HO_MSEC}},
    {"{type: lte, bandwidth: 5MHz, address: 70ms}",
     4000,
     {2 * HO_MSEC, 600 * HO_MSEC}},
};

START_TEST(a_radio_comes_back) {
  char *text = ho_format("name: t\nstop: 8s\nnetworks:\n  air: %s\n" REQUESTS
                         "arms: [quic, tcp-notify]\n"
                         "timeline:\n  - 1s: disconnect air\n"
                         "  - +%ums: connect air\n",
                         backs[_i].net, "", backs[_i].away_ms);
  back expected = backs[_i].expected;

  ck_assert_int_eq(runs_each(text, 2, comes_back, &expected), 0);
  free(text);
}
END_TEST

/* ---- X2 ---- */

static void hands_over(void *user, const ho_event *ev) {
  static unsigned handoffs, refused;
  static ho_time fed;

  (void)user;
  if (!ev) {
    require(handoffs == 2, "two handovers", NULL);
    require(refused == 1, "one cannot be done", NULL);
    require(fed > 3500 * HO_MSEC, "data flows on", NULL);
    return;
  }
  require(ev->kind != HO_EV_network_down, "the network goes down", ev);
  require(ev->kind != HO_EV_path_validation, "a path is validated", ev);
  if (ev->kind == HO_EV_handoff) {
    const ho_ev_handoff *u = &ev->u.handoff;

    require(is(u->kind, "x2") && u->from == 0 && u->to == 0, "kind", ev);
    require(u->t_up == ev->t && u->t_loss < ev->t, "t_up", ev);
    /* TS 36.133: 20 ms to retune, after ns-3's own part. */
    require(ev->t - u->t_loss > 20 * HO_MSEC, "it takes no time", ev);
    require(ev->t - u->t_loss < 100 * HO_MSEC, "it takes long", ev);
    handoffs++;
  } else if (ev->kind == HO_EV_delivered) {
    fed = ev->t;
  }
  refused += ev->kind == HO_EV_handover_refused;
}

START_TEST(x2_keeps_the_address) {
  char *text = ho_format("name: t\nstop: 4s\nnetworks:\n" LTE REQUESTS
                         "arms: [quic, tcp-notify]\n"
                         "timeline:\n  - 1s: handover cell 2\n"
                         "  - 2s: handover cell 2\n"
                         "  - 3s: handover cell 1\n",
                         "");

  ck_assert_int_eq(runs_each(text, 1, hands_over, NULL), 0);
  free(text);
}
END_TEST

/* In mid-download nothing is lost and nothing repeated: the old cell forwards
 * what it has, in order. */
static void loses_nothing(void *user, const ho_event *ev) {
  static unsigned handoffs, refused;
  static uint64_t last;

  (void)user;
  if (!ev) {
    require(handoffs == 2 && refused == 1, "two of three handovers", NULL);
    return;
  }
  if (ev->kind == HO_EV_handover_refused) {
    require(ev->t == 1015 * HO_MSEC, "not the one while it retunes", ev);
    refused++;
  }
  require(ev->kind != HO_EV_packet_dropped, "a packet is dropped", ev);
  require(ev->kind != HO_EV_packet_lost, "a packet is taken for lost", ev);
  handoffs += ev->kind == HO_EV_handoff;
  if (ev->kind == HO_EV_datagram_received &&
      ev->u.datagram_received.endpoint == HO_CLIENT) {
    require(ev->u.datagram_received.packet > last, "it is overtaken", ev);
    last = ev->u.datagram_received.packet;
  }
}

START_TEST(x2_is_lossless) {
  ck_assert_int_eq(
      runs_each("name: t\nstop: 3s\nnetworks:\n"
                "  cell: {type: lte, bandwidth: 5MHz, distance: 250m, cells: "
                "2, queue: 20MB}\n"
                "workload: {type: download, bytes: 1GB}\narms: [quic]\n"
                "timeline:\n  - 1s: handover cell 2\n"
                "  - 1.015s: handover cell 1\n"
                "  - 2s: handover cell 1\n",
                1, loses_nothing, NULL),
      0);
}
END_TEST

/* ---- several clients ---- */

enum { CLIENTS = 6 };

static void all_are_served(void *user, const ho_event *ev) {
  static unsigned moved[CLIENTS], done[CLIENTS];
  static ho_time at[CLIENTS], started[CLIENTS];

  (void)user;
  if (!ev) {
    for (int i = 0; i < CLIENTS; i++) {
      require(moved[i] == 1 && done[i] == 1, "each moves and is done", NULL);
      require(i == 0 || at[i] != at[i - 1], "they move together", NULL);
      require(i == 0 || started[i] != started[i - 1], "start together", NULL);
    }
    return;
  }
  require(ev->kind != HO_EV_byte_wrong, "a byte is wrong", ev);
  if (ev->kind == HO_EV_handoff) {
    moved[ev->client]++;
    at[ev->client] = ev->t;
  } else if (ev->kind == HO_EV_connection_started &&
             ev->u.connection_started.connection == 0) {
    started[ev->client] = ev->t;
  }
  done[ev->client < 0 ? 0 : ev->client] += ev->kind == HO_EV_work_done;
}

static const char *const crowds[] = {
    WIFI LTE,
    ("  home: {type: wired, down: 20Mbps, up: 10Mbps, delay: %s, nat: "
     "home-router}\n" LTE),
    ("  home: {type: wired, down: 20Mbps, up: 10Mbps, delay: %s}\n" WIRED),
};

START_TEST(each_client_lives_its_own_life) {
  char *nets = ho_format(crowds[_i], _i == 0 ? "5m" : "10ms");
  char *text = ho_format("name: t\nstop: 20s\nclients: 6\nnetworks:\n%s"
                         "client: {notice: 20ms, begin: 0s..500ms}\n"
                         "workload: {type: request, every: 50ms, request: "
                         "100B, response: 10KB, count: 100}\n"
                         "arms: [quic, tcp-notify]\n"
                         "timeline:\n  - 2s..4s: disconnect home\n",
                         nets);

  ck_assert_int_eq(runs_each(text, 5, all_are_served, NULL), 0);
  free(nets);
  free(text);
}
END_TEST

/* ---- scans and neighbours ---- */

static void pauses(void *user, const ho_event *ev) {
  static ho_time last, longest;
  static unsigned gaps;

  (void)user;
  if (!ev) {
    require(gaps >= 4 && gaps <= 6, "a scan every second", NULL);
    require(longest <= 330 * HO_MSEC, "a scan is longer than it may be", NULL);
    return;
  }
  require(ev->kind != HO_EV_packet_dropped, "a packet is lost", ev);
  if (ev->kind == HO_EV_delivered) {
    ho_time gap = ev->t - last;

    gaps += last > 0 && gap >= 140 * HO_MSEC;
    longest = last > 0 && gap > longest ? gap : longest;
    last = ev->t;
  }
}

START_TEST(a_scan_holds_packets) {
  ck_assert_int_eq(
      runs_each("name: t\nstop: 6s\nnetworks:\n"
                "  home: {type: wifi, distance: 5m, scan_every: 1s, "
                "scan_for: 150ms..250ms}\n"
                "workload: {type: request, every: 20ms, request: 100B, "
                "response: 1KB}\narms: [quic]\n",
                4, pauses, NULL),
      0);
}
END_TEST

static void counts_bytes(void *user, const ho_event *ev) {
  static uint64_t bytes;

  if (!ev) {
    FILE *out = fopen(user, "a");

    fprintf(out, "%" PRIu64 "\n", bytes);
    fclose(out);
  } else if (ev->kind == HO_EV_delivered) {
    bytes += ev->u.delivered.bytes;
  }
}

/* What a download gets in two seconds, alone and beside others. */
START_TEST(neighbours_take_their_share) {
  static const char *const nets[][2] = {
      {"{type: wifi, standard: 802.11n, distance: 5m}",
       "{type: wifi, standard: 802.11n, distance: 5m, stations: 4, background: "
       "{down: 20Mbps, up: 5Mbps}}"},
      {"{type: lte, bandwidth: 5MHz}",
       "{type: lte, bandwidth: 5MHz, ues: 4, background: {down: 10Mbps}}"},
      {"{type: wired, down: 20Mbps, up: 5Mbps, delay: 5ms}",
       "{type: wired, down: 20Mbps, up: 5Mbps, delay: 5ms, background: {down: "
       "10Mbps}}"},
  };
  char file[] = "/tmp/radio_test.XXXXXX";
  uint64_t bytes[2];
  FILE *in;
  int fd = mkstemp(file);

  ck_assert_int_ge(fd, 0);
  for (int i = 0; i < 2; i++) {
    char *text = ho_format("name: t\nstop: 2s\nnetworks:\n  air: %s\n"
                           "workload: {type: download, bytes: 1GB}\n"
                           "arms: [quic]\n",
                           nets[_i][i]);

    ck_assert_int_eq(runs_each(text, 1, counts_bytes, file), 0);
    free(text);
  }
  in = fdopen(fd, "r");
  ck_assert_int_eq(fscanf(in, "%" SCNu64 " %" SCNu64, &bytes[0], &bytes[1]), 2);
  fclose(in);
  remove(file);
  ck_assert_uint_gt(bytes[1], 0);
  ck_assert_uint_lt(bytes[1] * 4, bytes[0] * 3);
}
END_TEST

/* ---- stopping in the midst of it ---- */

static void ends(void *user, const ho_event *ev) {
  static uint64_t in_time;
  const ho_time *last = user;

  if (!ev) {
    require(in_time > 0, "nothing was sent in the pause", NULL);
    return;
  }
  if (ev->kind == HO_EV_datagram_sent) {
    in_time += ev->t > *last;
  } else if (ev->kind == HO_EV_delivered) {
    require(ev->t <= *last, "it is not in the pause that the run ends", ev);
  }
}

/* No packet may be missing (ho_air_check) where a run ends while some wait for
 * the end of a scan or of a handover. */
START_TEST(a_run_ends_while_packets_wait) {
  static const struct {
    const char *stop, *net, *timeline;
    ho_time last;
  } pauses_of[] = {
      {"1.01s", "{type: lte, bandwidth: 5MHz, distance: 250m, cells: 2}",
       "timeline:\n  - 990ms: handover air 2\n", 991 * HO_MSEC},
      {"1s", "{type: wifi, distance: 5m, scan_every: 1s, scan_for: 500ms}", "",
       720 * HO_MSEC},
  };
  char *text = ho_format(
      "name: t\nstop: %s\nnetworks:\n  air: %s\n"
      "workload: {type: request, every: 3ms, request: 100B, response: 1KB}\n"
      "arms: [quic]\n%s",
      pauses_of[_i].stop, pauses_of[_i].net, pauses_of[_i].timeline);
  ho_time last = pauses_of[_i].last;

  ck_assert_int_eq(runs_each(text, 4, ends, &last), 0);
  free(text);
}
END_TEST

/* ---- equal runs ---- */

START_TEST(runs_repeat) {
  char *text =
      ho_format("name: t\nstop: 5s\nclients: 2\nnetworks:\n" WIFI LTE REQUESTS
                "arms: [quic]\n"
                "timeline:\n  - 500ms: move 60m,0m at 20m/s\n",
                "40m", "");
  char first[65], second[65], other[65];

  runs_digest(text, 8, first);
  runs_digest(text, 8, second);
  runs_digest(text, 9, other);
  ck_assert_str_eq(first, second);
  ck_assert_str_ne(first, other);
  free(text);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, walking_away_fades_and_moves);
  tcase_add_test(tc, out_of_reach_ends);
  tcase_add_test(tc, another_network_serves);
  tcase_add_loop_test(tc, a_radio_comes_back, 0, COUNT(backs));
  tcase_add_test(tc, x2_keeps_the_address);
  tcase_add_test(tc, x2_is_lossless);
  tcase_add_loop_test(tc, each_client_lives_its_own_life, 0, COUNT(crowds));
  tcase_add_test(tc, a_scan_holds_packets);
  tcase_add_loop_test(tc, neighbours_take_their_share, 0, 3);
  tcase_add_loop_test(tc, a_run_ends_while_packets_wait, 0, 2);
  tcase_add_test(tc, runs_repeat);
}

int main(void) {
  return suite_run("radio", add);
}
