/* Goal: every type of network gives a saturating flow what theory says, a small
 * packet its round trip, and a transfer most of what the flow gets. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/calibrate.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/theory.h"
#include "runs.h"
#include "sim/base/alloc.h"
#include "tests/suite.h"

enum { IP_BYTES = 1500, ECHOES = 30 };

static const double to_a_packet = 0.0005;

/* ---- what a process of its own measures ---- */

typedef struct {
  const char *network;
  ho_time span;
  int fd;
} request;

typedef struct {
  uint64_t down, up;
} rates;

static ho_scenario *load(const char *network) {
  char *text = ho_format("name: n\nstop: 1s\nnetworks:\n  n: %s\n"
                         "workload: {type: idle}\n",
                         network);
  ho_scenario *s = runs_load(text, 1);

  free(text);
  return s;
}

static void flood_body(void *arg) {
  const request *q = arg;
  ho_scenario *s = load(q->network);
  rates r;

  ho_calibrate(s, 0, (ho_position){0, 0}, 1, q->span, &r.down, &r.up);
  assert(write(q->fd, &r, sizeof(r)) == (ssize_t)sizeof(r));
  ho_scenario_del(s);
}

static void echo_body(void *arg) {
  const request *q = arg;
  ho_scenario *s = load(q->network);
  ho_time rtts[ECHOES];

  ho_calibrate_rtt(s, 0, (ho_position){0, 0}, 1, rtts, ECHOES);
  assert(write(q->fd, rtts, sizeof(rtts)) == (ssize_t)sizeof(rtts));
  ho_scenario_del(s);
}

static void ask(void (*body)(void *arg), const char *network, ho_time span,
                void *answer, size_t len) {
  int ends[2];
  request q = {network, span, 0};

  ck_assert_int_eq(pipe(ends), 0);
  q.fd = ends[1];
  ck_assert_int_eq(runs_alone(body, &q), 0);
  ck_assert_int_eq(read(ends[0], answer, len), (ssize_t)len);
  close(ends[0]);
  close(ends[1]);
}

static rates flood(const char *network, ho_time span) {
  rates r;

  ask(flood_body, network, span, &r, sizeof(r));
  return r;
}

static void near(const char *what, uint64_t measured, double theory,
                 double tolerance) {
  double off = (double)measured / theory - 1;

  ck_assert_msg(fabs(off) <= tolerance,
                "%s: %.3f Mbit/s, theory %.3f: %+.3f %%", what,
                (double)measured / 1e6, theory / 1e6, 100 * off);
}

/* ---- rates ---- */

typedef struct {
  const char *network;
  double down, up, tolerance;
} expected;

static void check_rates(const expected *e, ho_time span) {
  rates r = flood(e->network, span);

  near(e->network, r.down, e->down, e->tolerance);
  near(e->network, r.up, e->up, e->tolerance);
}

/* Goal: a wire carries its rate, to a packet of the half second, however long
 * it is and however short its queue. */
START_TEST(wired_rates) {
  static const expected cases[] = {
      {"{type: wired, down: 100Mbps, up: 20Mbps, delay: 10ms}", 100e6, 20e6,
       to_a_packet},
      {"{type: wired, down: 18Mbps, up: 6Mbps, delay: 315ms}", 18e6, 6e6,
       0.003},
      {"{type: wired, down: 1Gbps, up: 1Gbps, queue: 1p, nat: home-router}",
       1e9, 1e9, to_a_packet},
      {"{type: wired, down: 24Mbps, up: 6Mbps, family: ipv6, mtu: 1280}", 24e6,
       6e6, 0.003},
  };

  check_rates(&cases[_i], 500 * HO_MSEC);
}
END_TEST

/* Goal: a recording carries its mean over a period: of mahimahi's chances to
 * send, or of CSV's rates less its losses, however long its delays. */
START_TEST(trace_rates) {
  static const char *const networks[] = {
      "{type: trace, down: scenarios/traces/steady.trace, "
      "up: scenarios/traces/steady.trace, delay: 300ms}",
      "{type: trace, down: scenarios/traces/drive-down.mahimahi, "
      "up: scenarios/traces/drive-up.mahimahi}",
      "{type: trace, down: scenarios/traces/drive.csv, "
      "up: scenarios/traces/drive-up.csv}",
  };
  static const double tolerances[] = {to_a_packet, 0.001, 0.003};
  ho_scenario *s = load(networks[_i]);
  const ho_net_config *net = &s->nets[0];
  expected e = {networks[_i], (double)net->trace_down.mean_bps,
                (double)net->trace_up.mean_bps, tolerances[_i]};

  ck_assert_uint_eq(net->trace_down.period, net->trace_up.period);
  check_rates(&e,
              _i == 0 ? 50 * net->trace_down.period : net->trace_down.period);
  ho_scenario_del(s);
}
END_TEST

/* Goal: Wi-Fi carries what 802.11's timing leaves of the PHY's rate; see
 * bench/theory.c.  At 22 m ns-3's path loss and noise leave 27 dB of SNR
 * at 20 MHz, as good as 5 m, and 21 dB at 80 MHz, enough for 64-QAM 5/6 (MCS 7)
 * and 1 dB too few for the next one. */
START_TEST(wifi_rates) {
  static const struct {
    const char *standard, *distance;
    ho_theory_phy (*phy)(unsigned mcs);
    unsigned mcs;
  } cases[] = {
      {"802.11n", "5m", ho_theory_n20, 7},
      {"802.11n", "22m", ho_theory_n20, 7},
      {"802.11ac", "5m", ho_theory_ac80, 9},
      {"802.11ac", "22m", ho_theory_ac80, 7},
      {"802.11ax", "5m", ho_theory_ax80, 11},
      {"802.11ax", "22m", ho_theory_ax80, 7},
  };
  double rate = ho_theory_wifi(cases[_i].phy(cases[_i].mcs), IP_BYTES);
  char *network = ho_format("{type: wifi, standard: %s, distance: %s}",
                            cases[_i].standard, cases[_i].distance);
  expected e = {network, rate, rate, 0.015};

  check_rates(&e, 500 * HO_MSEC);
  free(network);
}
END_TEST

/* Goal: LTE carries a transport block at MCS 28 a millisecond, less the
 * headers; see bench/theory.c.  Downlink comes in groups of 2 resource
 * blocks at 5 MHz, of 3 at 10 MHz and of 4 at 20 MHz (3GPP TS 36.213, 7.1.6.1),
 * of which ns-3 leaves out an incomplete last one. */
START_TEST(lte_rates) {
  static const struct {
    const char *network;
    unsigned down, up;
  } cases[] = {
      {"{type: lte, bandwidth: 5MHz, distance: 100m}", 24, 25},
      {"{type: lte, bandwidth: 10MHz, distance: 100m}", 48, 50},
      {"{type: lte, bandwidth: 20MHz, distance: 100m}", 100, 100},
      {"{type: lte, bandwidth: 10MHz, distance: 100m, queue: 100KB}", 48, 50},
  };
  expected e = {cases[_i].network, ho_theory_lte(cases[_i].down, IP_BYTES),
                ho_theory_lte(cases[_i].up, IP_BYTES), 0.015};

  check_rates(&e, 500 * HO_MSEC);
}
END_TEST

/* Goal: a preset carries the rates that it states, or at least a share of what
 * its air has: of 10 colleagues with 1 Mbit/s each, of two cells' border. */
START_TEST(preset_rates) {
  static const struct {
    const char *name;
    double down[2], up[2]; /* at least, at most, Mbit/s */
  } cases[] = {
      {"home-wifi", {114.4, 115.1}, {16.9, 17.1}},
      {"cafe-wifi", {24.8, 25}, {8.6, 8.8}},
      {"office-wifi", {100, 200}, {60, 200}},
      {"lte-good", {34, 35.2}, {30, 36.7}},
      {"lte-edge", {10, 35.2}, {1, 36.7}},
      {"train-lte", {30, 35.2}, {30, 36.7}},
      {"dsl", {23.9, 24.1}, {1.36, 1.44}},
      {"cable", {114.9, 115.1}, {16.9, 17.1}},
      {"fibre", {999, 1001}, {999, 1001}},
      {"satellite-leo", {96.4, 97.6}, {13.9, 14.1}},
      {"satellite-geo", {17.9, 18.1}, {3.37, 3.43}},
      {"3g", {1.56, 1.64}, {0.74, 0.79}},
  };
  char *network = ho_format("{type: preset, name: %s}", cases[_i].name);
  rates r = flood(network, 500 * HO_MSEC);
  double down = (double)r.down / 1e6, up = (double)r.up / 1e6;

  ck_assert_msg(down >= cases[_i].down[0] && down <= cases[_i].down[1],
                "%s: %.3f Mbit/s down", cases[_i].name, down);
  ck_assert_msg(up >= cases[_i].up[0] && up <= cases[_i].up[1],
                "%s: %.3f Mbit/s up", cases[_i].name, up);
  free(network);
}
END_TEST

/* Goal: where there is no network there is no rate and no answer. */
START_TEST(out_of_reach) {
  static const char *const networks[] = {"{type: wifi, distance: 500m}",
                                         "{type: lte, distance: 100km}"};
  rates r = flood(networks[_i], 500 * HO_MSEC);
  ho_time rtts[ECHOES];

  ck_assert_uint_eq(r.down, 0);
  ck_assert_uint_eq(r.up, 0);
  ask(echo_body, networks[_i], 0, rtts, sizeof(rtts));
  for (size_t i = 0; i < ECHOES; i++) {
    ck_assert_uint_eq(rtts[i], HO_NEVER);
  }
}
END_TEST

/* ---- round trips ---- */

/* Goal: on a wire a small packet takes twice the delay and its serialisation
 * each way, to the nanosecond, the server's own delay not counted. */
START_TEST(wired_rtt) {
  ho_time rtts[ECHOES];

  /* 800 bits at 100 and at 20 Mbit/s are 8 and 40 us. */
  ask(echo_body, "{type: wired, down: 100Mbps, up: 20Mbps, delay: 10ms}", 0,
      rtts, sizeof(rtts));
  for (size_t i = 0; i < ECHOES; i++) {
    ck_assert_uint_eq(rtts[i], 20 * HO_MSEC + 48 * HO_USEC);
  }
}
END_TEST

/* Goal: a radio adds to its backhaul's 10 ms and 1.6 us what it takes to send a
 * frame each way: between |least| and |most| us, at the first packet, after
 * which a block acknowledgement is agreed upon, and at the |others|.
 *
 * Wi-Fi: a preamble and some symbols both ways at least; at most AIFS, a whole
 * contention window, a frame and its acknowledgement both ways, behind a
 * beacon.
 *
 * LTE: up, a request that waits for its turn, every so many milliseconds by the
 * number of UEs, 4 ms to a grant and another 4 ms to its use, and 4 ms down
 * (scheduling, the block itself, decoding).  Less, by a request and its answer,
 * behind a retransmitted poll of RLC, which has a grant already; more behind a
 * status, which has a block of its own. */
START_TEST(radio_rtt) {
  static const struct {
    const char *network;
    double least, first, others;
  } cases[] = {
      {"{type: wifi, standard: 802.11n}", 90, 2000, 1000},
      {"{type: wifi, standard: 802.11ac}", 80, 2000, 1000},
      {"{type: wifi, standard: 802.11ax}", 100, 2000, 1000},
      {"{type: lte, bandwidth: 5MHz, distance: 100m}", 7000, 20000, 25000},
      {"{type: lte, bandwidth: 10MHz, distance: 100m}", 7000, 20000, 25000},
  };
  ho_time rtts[ECHOES];

  ask(echo_body, cases[_i].network, 0, rtts, sizeof(rtts));
  for (size_t i = 0; i < ECHOES; i++) {
    double us = (double)rtts[i] / 1e3 - 10001.6;

    ck_assert_msg(us >= cases[_i].least, "%zu: %.1f us", i, us);
    ck_assert_msg(us <= (i == 0 ? cases[_i].first : cases[_i].others),
                  "%zu: %.1f us", i, us);
  }
}
END_TEST

/* ---- a transfer ---- */

typedef struct {
  uint64_t total, calibrated; /* bytes, bit/s */
  uint64_t bytes;
  ho_time quarter, last; /* when a quarter was there, and everything */
} transfer;

static void on_delivery(void *user, const ho_event *ev) {
  transfer *t = user;
  double rate;

  if (ev != NULL && ev->kind == HO_EV_delivered) {
    t->bytes += ev->u.delivered.bytes;
    t->last = ev->t;
    t->quarter = t->bytes <= t->total / 4 ? ev->t : t->quarter;
  }
  if (ev == NULL) {
    assert(t->bytes == t->total);
    rate = (double)t->total * 6 / ((double)(t->last - t->quarter) / 1e9);
    fprintf(stderr, "last 75 %%: %.2f Mbit/s, %.1f %% of %.2f\n", rate / 1e6,
            100 * rate / (double)t->calibrated, (double)t->calibrated / 1e6);
    assert(rate >= 0.8 * (double)t->calibrated);
  }
}

/* Goal: nothing but its own congestion control holds a transfer up: the last
 * three quarters of it come at 80 % of what a saturating flow gets, at least.
 */
START_TEST(no_stall) {
  static const struct {
    const char *network;
    unsigned megabytes;
  } cases[] = {
      {"{type: wifi, standard: 802.11n, distance: 5m}", 50},
      {"{type: wifi, standard: 802.11ac, distance: 5m}", 50},
      {"{type: wifi, standard: 802.11ax, distance: 5m}", 50},
      {"{type: lte, bandwidth: 10MHz, distance: 100m}", 50},
  };
  transfer t = {.total = cases[_i].megabytes * 1000000ull};
  char *text = ho_format("name: n\nstop: 60s\nnetworks:\n  n: %s\n"
                         "workload: {type: download, bytes: %uMB}\n"
                         "arms: [quic, tcp-notify]\n",
                         cases[_i].network, cases[_i].megabytes);

  t.calibrated = flood(cases[_i].network, 500 * HO_MSEC).down;
  ck_assert_int_eq(runs_each(text, 1, on_delivery, &t), 0);
  free(text);
}
END_TEST

static void add_cases(TCase *tc) {
  tcase_add_loop_test(tc, wired_rates, 0, 4);
  tcase_add_loop_test(tc, trace_rates, 0, 3);
  tcase_add_loop_test(tc, wifi_rates, 0, 6);
  tcase_add_loop_test(tc, lte_rates, 0, 4);
  tcase_add_loop_test(tc, preset_rates, 0, 12);
  tcase_add_loop_test(tc, out_of_reach, 0, 2);
  tcase_add_test(tc, wired_rtt);
  tcase_add_loop_test(tc, radio_rtt, 0, 5);
  tcase_add_loop_test(tc, no_stall, 0, 4);
}

int main(void) {
  return suite_run("calibrate", add_cases);
}
