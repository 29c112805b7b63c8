/* Tests of the timeline and of what is drawn: actions, repetitions, ranges that
 * differ by seed only, and variables. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenario/load.h"
#include "tests/suite.h"

#define MS 1000000ull
#define S  1000000000ull

static void check_action(const ho_action *a, ho_time at, ho_action_kind kind,
                         int net) {
  ck_assert_uint_eq(a->at, at);
  ck_assert_int_eq(a->kind, kind);
  ck_assert_int_eq(a->net, net);
}

START_TEST(reads_every_action) {
  ho_scenario *sc = must_load(BASE "timeline:\n"
                                   "  - 1s: disconnect home\n"
                                   "  - 2s: connect home\n"
                                   "  - 2s: switch cell\n"
                                   "  - 3s: rebind home port\n"
                                   "  - 4s: rebind home address\n"
                                   "  - 5s: rebind home both\n"
                                   "  - 6s: flush home\n"
                                   "  - 7s: set cell delay 40ms\n"
                                   "  - 8s: set cell queue 20p\n"
                                   "  - 9s: pause\n"
                                   "  - 10s: resume\n"
                                   "  - 11s: migrate cell\n"
                                   "  - 12s: rotate\n"
                                   "  - 13s: rekey\n",
                              0);
  const ho_action *a = sc->timeline;

  ck_assert_uint_eq(sc->timeline_count, 14);
  check_action(&a[0], 1 * S, HO_ACT_DISCONNECT, 0);
  check_action(&a[1], 2 * S, HO_ACT_CONNECT, 0);
  check_action(&a[2], 2 * S, HO_ACT_SWITCH, 1);
  check_action(&a[3], 3 * S, HO_ACT_REBIND, 0);
  ck_assert_int_eq(a[3].rebind, HO_REBIND_PORT);
  ck_assert_int_eq(a[4].rebind, HO_REBIND_ADDRESS);
  ck_assert_int_eq(a[5].rebind, HO_REBIND_BOTH);
  check_action(&a[6], 6 * S, HO_ACT_FLUSH, 0);
  check_action(&a[7], 7 * S, HO_ACT_SET, 1);
  ck_assert_int_eq(a[7].key, HO_SET_DELAY);
  ck_assert_uint_eq(a[7].set.delay, 40 * MS);
  ck_assert_int_eq(a[8].key, HO_SET_QUEUE);
  ck_assert_int_eq(a[8].set.queue.unit, HO_QUEUE_PACKETS);
  ck_assert_uint_eq(a[8].set.queue.amount, 20);
  check_action(&a[9], 9 * S, HO_ACT_PAUSE, -1);
  check_action(&a[10], 10 * S, HO_ACT_RESUME, -1);
  check_action(&a[11], 11 * S, HO_ACT_MIGRATE, 1);
  check_action(&a[12], 12 * S, HO_ACT_ROTATE, -1);
  check_action(&a[13], 13 * S, HO_ACT_REKEY, -1);
  ck_assert_int_eq(a[13].place.line, 21);
  ho_scenario_del(sc);
}
END_TEST

/* A repetition includes its end; what follows "+" counts from the last of it,
 * and equal times keep the order of the file. */
START_TEST(repeats_and_sorts) {
  static const struct {
    ho_time at;
    ho_action_kind kind;
  } want[] = {
      {1 * S, HO_ACT_ROTATE},    {3 * S, HO_ACT_ROTATE},
      {5 * S, HO_ACT_ROTATE},    {5 * S, HO_ACT_REKEY},
      {5200 * MS, HO_ACT_PAUSE}, {5200 * MS, HO_ACT_RESUME},
      {60 * S, HO_ACT_FLUSH},
  };
  ho_scenario *sc = must_load(BASE "timeline:\n"
                                   "  - 1s every 2s until 5s: rotate\n"
                                   "  - 5s: rekey\n"
                                   "  - +200ms: pause\n"
                                   "  - +0s: resume\n"
                                   "  - 60s every 1s: flush home\n",
                              0);

  ck_assert_uint_eq(sc->timeline_count, COUNT(want));
  for (size_t i = 0; i < COUNT(want); i++) {
    ck_assert_uint_eq(sc->timeline[i].at, want[i].at);
    ck_assert_int_eq(sc->timeline[i].kind, want[i].kind);
  }
  ho_scenario_del(sc);
}
END_TEST

/* A range differs by seed, stays within its bounds, both of which occur, and is
 * the same whenever the seed is. */
START_TEST(draws_within_bounds) {
  static const char text[] =
      NAME NETS "workload: {type: download, bytes: 1MB, objects: 1..3}\n";
  bool seen[4] = {false};

  for (uint64_t seed = 1; seed <= 40; seed++) {
    ho_scenario *a = must_load(text, seed), *b = must_load(text, seed);
    ck_assert_uint_ge(a->work.objects, 1);
    ck_assert_uint_le(a->work.objects, 3);
    ck_assert_uint_eq(a->work.objects, b->work.objects);
    ck_assert(a->random);
    seen[a->work.objects] = true;
    ho_scenario_del(a);
    ho_scenario_del(b);
  }
  ck_assert(seen[1] && seen[2] && seen[3]);
}
END_TEST

/* Ranges have streams of their own: another one changes nothing. */
START_TEST(another_range_shifts_none) {
  ho_scenario *a = must_load(BASE "timeline: [3s..4s: disconnect home]\n", 5);
  ho_scenario *b = must_load(BASE "server: {delay: 1ms..9ms, idle_timeout: "
                                  "1ms..9ms}\n"
                                  "timeline: [3s..4s: disconnect home]\n",
                             5);
  ho_scenario *c = must_load(BASE "server: {delay: 1ms..9ms}\n", 5);
  ho_scenario *d = must_load(BASE "server: {delay: 1ms..9ms}\n", 6);

  ck_assert_uint_eq(a->timeline[0].at, b->timeline[0].at);
  ck_assert_uint_eq(b->server.delay, c->server.delay);
  ck_assert_uint_ne(b->server.delay, b->server.idle_timeout);
  ck_assert_uint_ne(c->server.delay, d->server.delay);
  /* Drawn values are exact to the nanosecond, not to the unit. */
  ck_assert_uint_ne(a->timeline[0].at % MS, 0);
  ho_scenario_del(a);
  ho_scenario_del(b);
  ho_scenario_del(c);
  ho_scenario_del(d);
}
END_TEST

/* Seed 0 is the file's own. */
START_TEST(seed_of_the_file) {
  static const char text[] = BASE "seed: 9\nserver: {delay: 1ms..9ms}\n";
  ho_scenario *own = must_load(text, 0), *nine = must_load(text, 9),
              *two = must_load(text, 2);

  ck_assert_uint_eq(own->server.delay, nine->server.delay);
  ck_assert_uint_ne(own->server.delay, two->server.delay);
  ck_assert_uint_eq(two->seed, 9);
  ho_scenario_del(own);
  ho_scenario_del(nine);
  ho_scenario_del(two);
}
END_TEST

/* A variable has one value, wherever it is used. */
START_TEST(variables) {
  ho_scenario *sc = must_load(
      BASE "vars: {t: 3s..4s, n: cell, d: 40ms, max: 600ms, w: migrated,\n"
           "  a: quic, k: delay, lo: 1s, hi: 2s}\n"
           "client: {start: $n, notice: $d}\n"
           "arms: [$a]\n"
           "server: {idle_timeout: $t, delay: $lo..$hi}\n"
           "timeline:\n"
           "  - $t: disconnect home\n"
           "  - $t: connect home\n"
           "  - +$d: set $n $k $d\n"
           "expect:\n"
           "  - quic: interruption < $max\n"
           "  - quic: outcome == $w\n",
      3);

  ck_assert_int_eq(sc->client_start, 1);
  ck_assert_uint_eq(sc->client_notice, 40 * MS);
  ck_assert_str_eq(sc->arms[0].name, "quic");
  ck_assert_uint_eq(sc->server.idle_timeout, sc->timeline[0].at);
  ck_assert_uint_ge(sc->server.delay, 1 * S);
  ck_assert_uint_le(sc->server.delay, 2 * S);
  ck_assert_uint_eq(sc->timeline[1].at, sc->timeline[0].at);
  ck_assert_uint_eq(sc->timeline[2].at, sc->timeline[0].at + 40 * MS);
  ck_assert_uint_eq(sc->timeline[2].set.delay, 40 * MS);
  ck_assert_double_eq(sc->expects[0].number, 6e8);
  ck_assert_str_eq(sc->expects[1].word, "migrated");
  ho_scenario_del(sc);
}
END_TEST

/* Something random is said to be so, and nothing else is. */
START_TEST(knows_what_is_random) {
  static const struct {
    const char *yaml; /* of a network */
    bool random;
  } table[] = {
      {"", false},
      {", jitter: 1ms", true},
      {", loss: 1%", true},
      {", loss: 100%", false},
      {", reorder: 1%", true},
      {", delay: 1ms..2ms", true},
      {", delay: 1ms..1ms", false},
      {", nat: home-router", false},
      {", nat: cgn", true},
  };

  for (size_t i = 0; i < COUNT(table); i++) {
    char *text = ho_format(NAME "networks: {a: {type: wired, down: 1Mbps, up: "
                                "1Mbps%s}}\n" WORK,
                           table[i].yaml);
    ho_scenario *sc = must_load(text, 0);
    ck_assert_msg(sc->random == table[i].random, "%s", table[i].yaml);
    ho_scenario_del(sc);
    free(text);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, reads_every_action);
  tcase_add_test(tc, repeats_and_sorts);
  tcase_add_test(tc, draws_within_bounds);
  tcase_add_test(tc, another_range_shifts_none);
  tcase_add_test(tc, seed_of_the_file);
  tcase_add_test(tc, variables);
  tcase_add_test(tc, knows_what_is_random);
}

int main(void) {
  return suite_run("timeline", add);
}
