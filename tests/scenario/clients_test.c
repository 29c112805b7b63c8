/* Tests of several clients: who begins when, and what each has of its own in
 * the timeline. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenario/load.h"

#define MS 1000000ull
#define S  1000000000ull

#define RADIO NAME "networks: {a: {type: wifi, nat: home-router}}\n" WORK

START_TEST(one_by_default) {
  ho_scenario *sc = must_load(BASE, 0);

  ck_assert_uint_eq(sc->clients, 1);
  ck_assert_uint_eq(sc->client_begin[0], 0);
  ck_assert(sc->client_return == HO_NEVER);
  ho_scenario_del(sc);
}
END_TEST

START_TEST(begins) {
  ho_scenario *sc =
      must_load(BASE "clients: 4\n"
                     "client: {begin: 2s, stagger: 300ms, return: "
                     "5s}\n",
                0);

  ck_assert_uint_eq(sc->clients, 4);
  for (size_t i = 0; i < 4; i++) {
    ck_assert_uint_eq(sc->client_begin[i], 2 * S + i * 300 * MS);
  }
  ck_assert_uint_eq(sc->client_return, 5 * S);
  ck_assert(!sc->random);
  ho_scenario_del(sc);
}
END_TEST

/* A begin is drawn for each, the distance between them once. */
START_TEST(begins_at_random) {
  ho_scenario *sc = must_load(BASE "clients: 20\n"
                                   "client: {begin: 1s..2s, stagger: 0s..1s}\n",
                              3);
  ho_scenario *same = must_load(BASE "clients: 20\n"
                                     "client: {begin: 1s..2s}\n",
                                3);
  ho_time stagger = sc->client_begin[1] - same->client_begin[1];

  for (size_t i = 0; i < 20; i++) {
    ck_assert_uint_ge(same->client_begin[i], 1 * S);
    ck_assert_uint_le(same->client_begin[i], 2 * S);
    ck_assert_uint_eq(sc->client_begin[i], same->client_begin[i] + i * stagger);
    for (size_t k = 0; k < i; k++) {
      ck_assert_uint_ne(same->client_begin[i], same->client_begin[k]);
    }
  }
  ck_assert(sc->random);
  ho_scenario_del(sc);
  ho_scenario_del(same);
}
END_TEST

/* What is not random is one action for everyone. */
START_TEST(shares_what_is_certain) {
  ho_scenario *sc =
      must_load(BASE "clients: 3\n"
                     "timeline:\n"
                     "  - 1s every 1s until 3s: rebind home port\n"
                     "  - +1s: disconnect home\n",
                0);

  ck_assert_uint_eq(sc->timeline_count, 4);
  for (size_t i = 0; i < 4; i++) {
    ck_assert_int_eq(sc->timeline[i].client, -1);
  }
  ho_scenario_del(sc);
}
END_TEST

static const ho_action *find(const ho_scenario *sc, ho_action_kind kind,
                             int client) {
  const ho_action *found = NULL;

  for (size_t i = 0; i < sc->timeline_count; i++) {
    if (sc->timeline[i].kind == kind && sc->timeline[i].client == client) {
      ck_assert_ptr_null(found);
      found = &sc->timeline[i];
    }
  }
  ck_assert_ptr_nonnull(found);
  return found;
}

/* A range, and whatever depends on it, is drawn for each client; a variable has
 * one value for all its uses by one client. */
START_TEST(draws_for_each) {
  static const char format[] = BASE "%s"
                                    "vars: {t: 3s..4s}\n"
                                    "timeline:\n"
                                    "  - 1s: flush home\n"
                                    "  - 1s..2s: pause\n"
                                    "  - +100ms: resume\n"
                                    "  - $t: disconnect home\n"
                                    "  - $t: migrate cell\n"
                                    "  - +500ms: connect home\n";
  char *several = ho_format(format, "clients: 10\n");
  char *single = ho_format(format, "");
  ho_scenario *sc = must_load(several, 7), *alone = must_load(single, 7);

  ck_assert_uint_eq(sc->timeline_count, 1 + 5 * 10);
  find(sc, HO_ACT_FLUSH, -1);
  for (int i = 0; i < 10; i++) {
    ho_time pause = find(sc, HO_ACT_PAUSE, i)->at;
    ho_time leave = find(sc, HO_ACT_DISCONNECT, i)->at;
    ck_assert_uint_ge(pause, 1 * S);
    ck_assert_uint_le(pause, 2 * S);
    ck_assert_uint_eq(find(sc, HO_ACT_RESUME, i)->at, pause + 100 * MS);
    ck_assert_uint_ge(leave, 3 * S);
    ck_assert_uint_le(leave, 4 * S);
    ck_assert_uint_eq(find(sc, HO_ACT_MIGRATE, i)->at, leave);
    ck_assert_uint_eq(find(sc, HO_ACT_CONNECT, i)->at, leave + 500 * MS);
    for (int k = 0; k < i; k++) {
      ck_assert_uint_ne(pause, find(sc, HO_ACT_PAUSE, k)->at);
      ck_assert_uint_ne(leave, find(sc, HO_ACT_DISCONNECT, k)->at);
    }
  }
  for (size_t i = 1; i < sc->timeline_count; i++) {
    ck_assert_uint_ge(sc->timeline[i].at, sc->timeline[i - 1].at);
  }
  /* The first client lives as a single one would. */
  ck_assert_uint_eq(alone->timeline_count, 6);
  ck_assert_uint_eq(find(alone, HO_ACT_PAUSE, -1)->at,
                    find(sc, HO_ACT_PAUSE, 0)->at);
  ck_assert_uint_eq(find(alone, HO_ACT_DISCONNECT, -1)->at,
                    find(sc, HO_ACT_DISCONNECT, 0)->at);
  ho_scenario_del(sc);
  ho_scenario_del(alone);
  free(several);
  free(single);
}
END_TEST

/* More clients change nothing for those that were there. */
START_TEST(another_client_shifts_none) {
  ho_scenario *few = must_load(BASE "clients: 3\n"
                                    "timeline: [3s..4s: disconnect home]\n",
                               2);
  ho_scenario *many = must_load(BASE "clients: 9\n"
                                     "timeline: [3s..4s: disconnect home]\n",
                                2);

  for (int i = 0; i < 3; i++) {
    ck_assert_uint_eq(find(few, HO_ACT_DISCONNECT, i)->at,
                      find(many, HO_ACT_DISCONNECT, i)->at);
  }
  ho_scenario_del(few);
  ho_scenario_del(many);
}
END_TEST

/* What all have in common changes once, and what follows it follows that. */
START_TEST(changes_the_common_once) {
  ho_scenario *sc = must_load(BASE "clients: 4\n"
                                   "timeline:\n"
                                   "  - 1s..2s: set home delay 1ms..9ms\n"
                                   "  - +1s: rotate\n"
                                   "  - 4s..5s: block home udp\n"
                                   "  - 6s..7s: throttle home all 1Mbps\n"
                                   "  - 8s..9s: unblock home\n"
                                   "  - 10s..11s: restart server\n",
                              2);
  ho_time set = find(sc, HO_ACT_SET, -1)->at;

  ck_assert_uint_eq(sc->timeline_count, 5 + 4);
  for (int i = 0; i < 4; i++) {
    ck_assert_uint_eq(find(sc, HO_ACT_ROTATE, i)->at, set + 1 * S);
  }
  find(sc, HO_ACT_BLOCK, -1);
  find(sc, HO_ACT_THROTTLE, -1);
  find(sc, HO_ACT_UNBLOCK, -1);
  find(sc, HO_ACT_RESTART, -1);
  ho_scenario_del(sc);
}
END_TEST

/* Where one walks may be random though when is not. */
START_TEST(walks_of_ones_own) {
  ho_scenario *sc = must_load(RADIO "clients: 3\n"
                                    "timeline:\n"
                                    "  - 2s: move 10m..80m,0m at "
                                    "1m/s..2m/s\n",
                              2);
  const ho_action *first = find(sc, HO_ACT_MOVE, 0);

  ck_assert_uint_eq(sc->timeline_count, 3);
  for (int i = 1; i < 3; i++) {
    const ho_action *a = find(sc, HO_ACT_MOVE, i);
    ck_assert_uint_eq(a->at, 2 * S);
    ck_assert_int_ge(a->to.x_mm, 10000);
    ck_assert_int_le(a->to.x_mm, 80000);
    ck_assert_int_ne(a->to.x_mm, first->to.x_mm);
    ck_assert_uint_ge(a->mm_per_s, 1000);
    ck_assert_uint_le(a->mm_per_s, 2000);
  }
  ho_scenario_del(sc);
}
END_TEST

/* Equal times keep the order of the file, then that of the clients. */
START_TEST(keeps_the_order) {
  ho_scenario *sc = must_load(BASE "clients: 2\n"
                                   "timeline:\n"
                                   "  - 1s..2s: set home delay 5ms\n"
                                   "  - +1s: pause\n"
                                   "  - +0s: set home delay 6ms\n"
                                   "  - +0s: resume\n",
                              2);
  static const struct {
    ho_action_kind kind;
    int client;
  } want[] = {{HO_ACT_SET, -1}, {HO_ACT_PAUSE, 0},  {HO_ACT_PAUSE, 1},
              {HO_ACT_SET, -1}, {HO_ACT_RESUME, 0}, {HO_ACT_RESUME, 1}};

  ck_assert_uint_eq(sc->timeline_count, COUNT(want));
  for (size_t i = 0; i < COUNT(want); i++) {
    ck_assert_int_eq(sc->timeline[i].kind, want[i].kind);
    ck_assert_int_eq(sc->timeline[i].client, want[i].client);
  }
  ho_scenario_del(sc);
}
END_TEST

START_TEST(how_many_may_be_drawn) {
  bool seen[4] = {false};

  for (uint64_t seed = 1; seed <= 30; seed++) {
    ho_scenario *sc = must_load(BASE "clients: 1..3\n"
                                     "client: {stagger: 1s}\n",
                                seed);
    ck_assert_uint_ge(sc->clients, 1);
    ck_assert_uint_le(sc->clients, 3);
    ck_assert_uint_eq(sc->client_begin[sc->clients - 1], (sc->clients - 1) * S);
    seen[sc->clients] = true;
    ho_scenario_del(sc);
  }
  ck_assert(seen[1] && seen[2] && seen[3]);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, one_by_default);
  tcase_add_test(tc, begins);
  tcase_add_test(tc, begins_at_random);
  tcase_add_test(tc, shares_what_is_certain);
  tcase_add_test(tc, draws_for_each);
  tcase_add_test(tc, another_client_shifts_none);
  tcase_add_test(tc, changes_the_common_once);
  tcase_add_test(tc, walks_of_ones_own);
  tcase_add_test(tc, keeps_the_order);
  tcase_add_test(tc, how_many_may_be_drawn);
}

int main(void) {
  return suite_run("clients", add);
}
