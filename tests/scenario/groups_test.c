/* Tests of observers, of groups of clients, and of the pairs of the swap game.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenario/load.h"

#define MS 1000000ull
#define S  1000000000ull

/* Clients 0 to 2, 3 and 4, 5 to 8. */
#define GROUPS                                                                 \
  "groups:\n"                                                                  \
  "  walkers: {clients: 3}\n"                                                  \
  "  readers: {clients: 2, moves: false, start: cell, begin: 1s..5s, "         \
  "workload: {type: echo, every: 1s, bytes: 9B}}\n"                            \
  "  others: {clients: 4, start: cell, begin: 7s}\n"

START_TEST(who_looks_on) {
  static const struct {
    const char *text;
    unsigned observers;
  } cases[] = {
      {"", 0},
      {"observers: [both]\n", 1u << HO_VANTAGE_BOTH},
      {"observers: [all, old]\n", 1u << HO_VANTAGE_ALL | 1u << HO_VANTAGE_OLD},
      {"observers: new, server\n",
       1u << HO_VANTAGE_NEW | 1u << HO_VANTAGE_SERVER},
      {"vars: {who: server}\nobservers: $who\n", 1u << HO_VANTAGE_SERVER},
  };
  char *text = ho_format(BASE "%s", cases[_i].text);
  ho_scenario *sc = must_load(text, 0);

  ck_assert_uint_eq(sc->observers, cases[_i].observers);
  ck_assert(!sc->swap_game);
  ho_scenario_del(sc);
  free(text);
}
END_TEST

START_TEST(vantages_have_names) {
  static const char *const names[] = {"old", "new", "both", "server", "all"};

  ck_assert_int_eq(HO_VANTAGE_COUNT, COUNT(names));
  for (int i = 0; i < HO_VANTAGE_COUNT; i++) {
    ck_assert_str_eq(ho_vantage_name((ho_vantage)i), names[i]);
  }
}
END_TEST

START_TEST(alike_without_groups) {
  ho_scenario *sc = must_load(
      BASE "clients: 2\nclient: {start: cell}\nswap_game: false\n", 0);

  ck_assert_ptr_null(sc->groups);
  for (size_t i = 0; i < 2; i++) {
    ck_assert_ptr_eq(ho_scenario_work(sc, i), &sc->work);
    ck_assert_int_eq(ho_scenario_start(sc, i), 1);
    ck_assert(ho_scenario_moves(sc, i));
  }
  ho_scenario_del(sc);
}
END_TEST

START_TEST(each_group_has_its_own) {
  ho_scenario *sc = must_load(BASE GROUPS "clients: 9\n"
                                          "client: {begin: 3s}\n",
                              4);

  ck_assert_uint_eq(sc->clients, 9);
  ck_assert_uint_eq(sc->groups_count, 3);
  ck_assert_str_eq(sc->groups[1].name, "readers");
  ck_assert_uint_eq(sc->groups[2].clients, 4);
  for (size_t i = 0; i < 9; i++) {
    bool reader = i == 3 || i == 4;
    ck_assert_int_eq(ho_scenario_moves(sc, i), !reader);
    ck_assert_int_eq(ho_scenario_start(sc, i), i >= 3);
    ck_assert_int_eq(ho_scenario_work(sc, i)->type,
                     reader ? HO_WORK_ECHO : HO_WORK_DOWNLOAD);
    ck_assert_uint_eq(ho_scenario_work(sc, i)->bytes, reader ? 9 : 1000000);
    if (!reader) {
      ck_assert_uint_eq(sc->client_begin[i], i < 3 ? 3 * S : 7 * S);
    }
  }
  ho_scenario_del(sc);
}
END_TEST

/* What a group does not say is as for everyone. */
START_TEST(as_the_client_has_it) {
  ho_scenario *sc =
      must_load(BASE "client: {start: cell, begin: 2s}\n"
                     "groups: {a: {clients: 1}, b: {clients: 1, start: home, "
                     "begin: 1s}}\n",
                0);

  ck_assert_int_eq(ho_scenario_start(sc, 0), 1);
  ck_assert_int_eq(ho_scenario_start(sc, 1), 0);
  ck_assert_uint_eq(sc->client_begin[0], 2 * S);
  ck_assert_uint_eq(sc->client_begin[1], 1 * S);
  ho_scenario_del(sc);
}
END_TEST

/* Each draws for itself, in the stream of its group's key; who has no `begin`
 * of its group's draws the client's. */
START_TEST(begins_are_drawn) {
  ho_scenario *sc = must_load(BASE GROUPS "client: {begin: 1s..2s, stagger: "
                                          "100ms}\n",
                              4);
  ho_scenario *alike = must_load(BASE "clients: 9\n"
                                      "client: {begin: 1s..2s, stagger: "
                                      "100ms}\n",
                                 4);
  const ho_time *begin = sc->client_begin;

  for (size_t i = 0; i < 3; i++) {
    ck_assert_uint_eq(begin[i], alike->client_begin[i]);
  }
  for (size_t i = 3; i < 5; i++) {
    ck_assert_uint_ge(begin[i], 1 * S + i * 100 * MS);
    ck_assert_uint_le(begin[i], 5 * S + i * 100 * MS);
    ck_assert_uint_ne(begin[i], alike->client_begin[i]);
  }
  ck_assert_uint_ne(begin[3] + 100 * MS, begin[4]);
  ck_assert_uint_eq(begin[5], 7 * S + 500 * MS);
  ck_assert(sc->random);
  ho_scenario_del(sc);
  ho_scenario_del(alike);
}
END_TEST

START_TEST(numbers_may_be_drawn) {
  bool seen[4] = {false};

  for (uint64_t seed = 1; seed <= 30; seed++) {
    ho_scenario *sc = must_load(BASE "groups:\n"
                                     "  a: {clients: 1..3, moves: false}\n"
                                     "  b: {clients: 2}\n",
                                seed);
    size_t n = sc->groups[0].clients;
    ck_assert(n >= 1 && n <= 3);
    ck_assert_uint_eq(sc->groups[0].clients_max, 3);
    ck_assert_uint_eq(sc->clients, n + 2);
    ck_assert(!ho_scenario_moves(sc, n - 1) && ho_scenario_moves(sc, n));
    seen[n] = true;
    ho_scenario_del(sc);
  }
  ck_assert(seen[1] && seen[2] && seen[3]);
}
END_TEST

/* ---- who is moved ---- */

static const ho_action *find(const ho_scenario *sc, ho_action_kind kind,
                             int client) {
  for (size_t i = 0; i < sc->timeline_count; i++) {
    if (sc->timeline[i].kind == kind && sc->timeline[i].client == client) {
      return &sc->timeline[i];
    }
  }
  return NULL;
}

#define RADIOS                                                                 \
  NAME "networks:\n"                                                           \
       "  home: {type: lte, cells: 2, nat: home-router}\n"                     \
       "  cell: {type: wired, down: 50Mbps, up: 25Mbps}\n" WORK

static const struct {
  const char *action;
  bool movers; /* only */
} actions[] = {
    {"disconnect home", true},
    {"connect home", true},
    {"switch cell", true},
    {"move 10m,0m at 1m/s", true},
    {"migrate cell", true},
    {"rotate", true},
    {"rekey", true},
    {"pause", true},
    {"resume", true},
    {"handover home 2", true},
    {"rebind home port", false},
    {"flush home", false},
    {"set home delay 5ms", false},
    {"block home udp", false},
    {"throttle home udp 1Mbps", false},
    {"unblock home", false},
    {"restart server", false},
    {"drop client 1st datagram", false},
    {"delay client 1st datagram by 1ms", false},
    {"duplicate client 1st datagram", false},
    {"corrupt client 1st datagram", false},
    {"attack spoof home", false},
    {"fault client repeat-challenge", false},
};

/* At a certain time it is one action for all whom it concerns; at a random one
 * it is one for each of them, where each can have its own. */
START_TEST(only_movers_are_moved) {
  char *certain =
      ho_format(RADIOS GROUPS "timeline: ['2s': '%s']\n", actions[_i].action);
  char *drawn = ho_format(RADIOS GROUPS "timeline: ['2s..3s': '%s']\n",
                          actions[_i].action);
  ho_scenario *sc = must_load(certain, 1);
  size_t own = 0;

  ck_assert_uint_eq(sc->timeline_count, 1);
  ck_assert_int_eq(sc->timeline[0].client, -1);
  for (size_t i = 0; i < 9; i++) {
    ck_assert_int_eq(ho_scenario_concerns(sc, &sc->timeline[0], i),
                     !actions[_i].movers || ho_scenario_moves(sc, i));
  }
  ho_scenario_del(sc);
  sc = must_load(drawn, 1);
  for (int i = 0; i < 9; i++) {
    const ho_action *a = find(sc, sc->timeline[0].kind, i);
    own += a != NULL;
    if (a) {
      ck_assert(!actions[_i].movers || ho_scenario_moves(sc, (size_t)i));
      ck_assert(ho_scenario_concerns(sc, a, (size_t)i));
      ck_assert(!ho_scenario_concerns(sc, a, (size_t)(i + 1) % 9));
    }
  }
  ck_assert_uint_eq(sc->timeline_count, own > 0 ? own : 1);
  if (own > 0) {
    ck_assert_uint_eq(own, actions[_i].movers ? 7 : 9);
  }
  ck_assert(own > 0 || !actions[_i].movers);
  ho_scenario_del(sc);
  free(certain);
  free(drawn);
}
END_TEST

/* The first client may stay, too. */
START_TEST(the_first_may_stay) {
  ho_scenario *sc = must_load(BASE "groups:\n"
                                   "  a: {clients: 2, moves: false}\n"
                                   "  b: {clients: 2}\n"
                                   "timeline: [1s..2s: disconnect home]\n",
                              1);

  ck_assert_uint_eq(sc->timeline_count, 2);
  ck_assert_ptr_nonnull(find(sc, HO_ACT_DISCONNECT, 2));
  ck_assert_ptr_nonnull(find(sc, HO_ACT_DISCONNECT, 3));
  ho_scenario_del(sc);
}
END_TEST

/* ---- pairs ---- */

#define GAME                                                                   \
  BASE "observers: [both]\n"                                                   \
       "groups:\n"                                                             \
       "  a: {clients: 1, begin: 0s..1s}\n"                                    \
       "  b: {clients: 2, moves: false, begin: 0s..1s}\n"                      \
       "  c: {clients: 5, begin: 0s..1s}\n"                                    \
       "vars: {t: 10s..12s}\n"                                                 \
       "timeline:\n"                                                           \
       "  - 2s..3s: rebind home port\n"                                        \
       "  - +1s..2s: disconnect home\n"                                        \
       "  - $t: connect home\n"

/* Of the clients that move, 0 and 3, 4 and 5, 6 and 7 are pairs; the first of
 * each lives as it does without the game, and so do those that stay.  Client 0
 * and 3 are of different groups, so their keys have different streams. */
START_TEST(pairs_live_through_the_same_times) {
  static const int first[] = {0, 1, 2, 0, 4, 4, 6, 6};
  static const ho_action_kind kinds[] = {HO_ACT_REBIND, HO_ACT_DISCONNECT,
                                         HO_ACT_CONNECT};
  ho_scenario *sc = must_load(GAME "swap_game: true\n", 5);
  ho_scenario *without = must_load(GAME, 5);

  ck_assert(sc->swap_game);
  ck_assert_uint_eq(sc->timeline_count, 8 + 6 + 6);
  for (int i = 0; i < 8; i++) {
    for (size_t k = 0; k < COUNT(kinds); k++) {
      const ho_action *a = find(sc, kinds[k], i);
      const ho_action *b = find(without, kinds[k], first[i]);
      ck_assert_int_eq(a == NULL, b == NULL);
      if (a) {
        ck_assert_uint_eq(a->at, b->at);
      }
    }
    for (int k = 0; k < i && find(sc, HO_ACT_DISCONNECT, i); k++) {
      const ho_action *other = find(sc, HO_ACT_DISCONNECT, k);
      ck_assert(!other || first[k] == first[i] ||
                other->at != find(sc, HO_ACT_DISCONNECT, i)->at);
    }
    if (i != 3) {
      ck_assert_uint_eq(sc->client_begin[i], without->client_begin[first[i]]);
    }
  }
  ck_assert_uint_ne(sc->client_begin[1], sc->client_begin[2]);
  ho_scenario_del(sc);
  ho_scenario_del(without);
}
END_TEST

START_TEST(pairs_without_groups) {
  ho_scenario *sc = must_load(BASE "clients: 4\n"
                                   "client: {begin: 0s..1s}\n"
                                   "observers: [all]\n"
                                   "swap_game: yes\n"
                                   "timeline: [2s..9s: disconnect home]\n",
                              5);

  for (int i = 0; i < 4; i += 2) {
    ck_assert_uint_eq(sc->client_begin[i], sc->client_begin[i + 1]);
    ck_assert_uint_eq(find(sc, HO_ACT_DISCONNECT, i)->at,
                      find(sc, HO_ACT_DISCONNECT, i + 1)->at);
  }
  ck_assert_uint_ne(sc->client_begin[0], sc->client_begin[2]);
  ck_assert_uint_ne(find(sc, HO_ACT_DISCONNECT, 0)->at,
                    find(sc, HO_ACT_DISCONNECT, 2)->at);
  ho_scenario_del(sc);
}
END_TEST

/* ---- from the command line ---- */

START_TEST(can_be_set) {
  static const ho_override sets[] = {
      {"groups.walkers.clients", "10"},
      {"groups.readers.workload.bytes", "77B"},
      {"groups.others.moves", "false"},
      {"observers", "new, all"},
      {"swap_game", "true"},
  };
  char *errors;
  ho_scenario *sc =
      load(BASE GROUPS "observers: [old]\n", sets, COUNT(sets), 0, &errors);

  ck_assert_str_eq(errors, "");
  ck_assert_uint_eq(sc->clients, 16);
  ck_assert(ho_scenario_moves(sc, 9) && !ho_scenario_moves(sc, 10));
  ck_assert_uint_eq(ho_scenario_work(sc, 10)->bytes, 77);
  ck_assert(!ho_scenario_moves(sc, 15));
  ck_assert_uint_eq(sc->observers, 1u << HO_VANTAGE_NEW | 1u << HO_VANTAGE_ALL);
  ck_assert(sc->swap_game);
  ho_scenario_del(sc);
  free(errors);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, who_looks_on, 0, 5);
  tcase_add_test(tc, vantages_have_names);
  tcase_add_test(tc, alike_without_groups);
  tcase_add_test(tc, each_group_has_its_own);
  tcase_add_test(tc, as_the_client_has_it);
  tcase_add_test(tc, begins_are_drawn);
  tcase_add_test(tc, numbers_may_be_drawn);
  tcase_add_loop_test(tc, only_movers_are_moved, 0, COUNT(actions));
  tcase_add_test(tc, the_first_may_stay);
  tcase_add_test(tc, pairs_live_through_the_same_times);
  tcase_add_test(tc, pairs_without_groups);
  tcase_add_test(tc, can_be_set);
}

int main(void) {
  return suite_run("groups", add);
}
