/* Goal: checks judge what the server sends once, where it is sent: that access
 * networks show it again, for observers, changes no verdict and no detail. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/checks/check.h"
#include "measure/meter.h"
#include "stack/world.h"
#include "tests/stack/runs.h"
#include "tests/suite.h"

static const char text[] =
    "name: once\nstop: 4s\nnetworks:\n"
    "  n0: {type: wired, down: 20Mbps, up: 10Mbps, delay: 10ms, "
    "nat: home-router}\n"
    "  n1: {type: wired, down: 20Mbps, up: 10Mbps, delay: 25ms, nat: cgn}\n"
    "workload: {type: request, every: 200ms, request: 200B, response: 30KB}\n"
    "arms: [quic]\n"
    "timeline:\n  - 200ms: attack reset-client n0 for 100ms\n"
    "  - 400ms: switch n1\n";

/* The sink of the checks, behind one that leaves something out. */
typedef struct {
  ho_sink checks;
  bool all;
  unsigned long again, forged;
} filter;

static void on_packet(void *user, ho_seen_at at, ho_side from, int net,
                      const ho_packet *pkt, ho_time now) {
  filter *f = user;
  bool enters = at == HO_ON_WIRE && from == HO_SERVER;

  f->again += enters && !pkt->forged;
  f->forged += enters && pkt->forged;
  if (f->all || !enters || pkt->forged) {
    f->checks.packet(f->checks.user, at, from, net, pkt, now);
  }
}

static void on_secret(void *user, ho_side of, int client, uint64_t connection,
                      uint8_t proto, const char *label, const uint8_t *random,
                      const uint8_t *secret, size_t len, ho_time now) {
  const ho_sink *checks = &((filter *)user)->checks;

  checks->secret(checks->user, of, client, connection, proto, label, random,
                 secret, len, now);
}

static void run(void *arg) {
  bool all = *(const bool *)arg;
  ho_scenario *s = runs_load(text, 1);
  ho_log *log = ho_log_new();
  ho_checks *checks = ho_checks_new(s, 0, log);
  filter f = {.checks = ho_checks_sink(checks), .all = all};
  ho_sink sink = {on_packet, on_secret, &f};
  FILE *out = fopen(all ? "all.csv" : "once.csv", "w");

  ho_world_run(s, 0, 1, log, &(ho_sinks){&sink, 1});
  assert(f.again > 200 && f.forged > 5);
  ho_checks_finish(checks, s->stop);
  ho_checks_write(checks, 1, out);
  assert(fclose(out) == 0);
  ho_checks_del(checks);
  ho_log_del(log);
  ho_scenario_del(s);
}

static size_t read_file(const char *path, char *dest, size_t cap) {
  FILE *in = fopen(path, "r");
  size_t n = in ? fread(dest, 1, cap, in) : 0;

  ck_assert_ptr_nonnull(in);
  ck_assert(fclose(in) == 0);
  ck_assert(unlink(path) == 0);
  return n;
}

START_TEST(nothing_is_judged_twice) {
  static char once[65536], all[65536];
  bool choices[] = {false, true};
  size_t n;

  ho_world_preload();
  for (int i = 0; i < 2; i++) {
    ck_assert_int_eq(runs_alone(run, &choices[i]), 0);
  }
  n = read_file("once.csv", once, sizeof(once) - 1);
  ck_assert_uint_gt(n, 1000);
  read_file("all.csv", all, sizeof(all) - 1);
  ck_assert_int_eq(strcmp(once, all), 0);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, nothing_is_judged_twice);
}

int main(void) {
  char dir[] = "wire.XXXXXX";
  int rv;

  if (!mkdtemp(dir) || chdir(dir) != 0) {
    return 1;
  }
  rv = suite_run("checks_wire", add);
  return chdir("..") != 0 || rmdir(dir) != 0 ? 1 : rv;
}
