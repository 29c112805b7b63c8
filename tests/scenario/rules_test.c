/* Tests of what a timeline can do to packets and to endpoints: rules, attacks
 * and faults. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/frame.h"
#include "tests/scenario/load.h"
#include "tests/suite.h"

#define MS      1000000ull
#define S       1000000000ull
#define FOREVER UINT64_MAX

static const struct {
  const char *action;
  ho_action_kind kind;
  ho_rule rule;
} rules[] = {
    {"drop client 1st PATH_RESPONSE",
     HO_ACT_DROP,
     {HO_CLIENT, HO_MATCH_FRAME, .frame = HO_FRAME_PATH_RESPONSE, .first = 1,
      .last = 1, .net = -1}},
    {"drop server datagrams 3..5",
     HO_ACT_DROP,
     {HO_SERVER, HO_MATCH_DATAGRAM, .first = 3, .last = 5, .net = -1}},
    {"drop client every PATH_CHALLENGE",
     HO_ACT_DROP,
     {HO_CLIENT, HO_MATCH_FRAME, .frame = HO_FRAME_PATH_CHALLENGE, .first = 1,
      .last = FOREVER, .net = -1}},
    {"delay server 2nd PATH_CHALLENGE by 200ms",
     HO_ACT_DELAY,
     {HO_SERVER, HO_MATCH_FRAME, .frame = HO_FRAME_PATH_CHALLENGE, .first = 2,
      .last = 2, .net = -1, .by = 200 * MS}},
    {"delay client datagram 4 by 1us on cell",
     HO_ACT_DELAY,
     {HO_CLIENT, HO_MATCH_DATAGRAM, .first = 4, .last = 4, .net = 1,
      .by = 1000}},
    {"duplicate client 1st..3rd NEW_CONNECTION_ID",
     HO_ACT_DUPLICATE,
     {HO_CLIENT, HO_MATCH_FRAME, .frame = HO_FRAME_NEW_CONNECTION_ID,
      .first = 1, .last = 3, .net = -1}},
    {"corrupt server datagrams 3..5 on home",
     HO_ACT_CORRUPT,
     {HO_SERVER, HO_MATCH_DATAGRAM, .first = 3, .last = 5, .net = 0}},
    {"drop server datagrams every",
     HO_ACT_DROP,
     {HO_SERVER, HO_MATCH_DATAGRAM, .first = 1, .last = FOREVER, .net = -1}},
    {"drop client 1 Initial",
     HO_ACT_DROP,
     {HO_CLIENT, HO_MATCH_PACKET, .packet = HO_WIRE_INITIAL, .first = 1,
      .last = 1, .net = -1}},
    /* Packets whose names begin with a digit. */
    {"drop client 0-RTT 1..2",
     HO_ACT_DROP,
     {HO_CLIENT, HO_MATCH_PACKET, .packet = HO_WIRE_0RTT, .first = 1, .last = 2,
      .net = -1}},
    {"drop client 11th..13 1-RTT",
     HO_ACT_DROP,
     {HO_CLIENT, HO_MATCH_PACKET, .packet = HO_WIRE_1RTT, .first = 11,
      .last = 13, .net = -1}},
    {"drop server every Handshake",
     HO_ACT_DROP,
     {HO_SERVER, HO_MATCH_PACKET, .packet = HO_WIRE_HANDSHAKE, .first = 1,
      .last = FOREVER, .net = -1}},
    {"drop server Retry 1st",
     HO_ACT_DROP,
     {HO_SERVER, HO_MATCH_PACKET, .packet = HO_WIRE_RETRY, .first = 1,
      .last = 1, .net = -1}},
    {"drop server 21st..999999999th STREAM",
     HO_ACT_DROP,
     {HO_SERVER, HO_MATCH_FRAME, .frame = HO_FRAME_STREAM, .first = 21,
      .last = 999999999, .net = -1}},
    {"drop $who $nth $what on $net",
     HO_ACT_DROP,
     {HO_SERVER, HO_MATCH_FRAME, .frame = HO_FRAME_CRYPTO, .first = 2,
      .last = 3, .net = 1}},
};

#define VARS                                                                   \
  "vars: {who: server, nth: 2..3, what: CRYPTO, net: cell, k: replay, n: 4,"   \
  " t: 7s, f: repeat-challenge}\n"

/* Loads a timeline of one action at 3 s. */
static ho_scenario *load_action(const char *action) {
  char *text = ho_format(BASE VARS "timeline:\n  - 3s: %s\n", action);
  ho_scenario *sc = must_load(text, 0);

  free(text);
  ck_assert_uint_eq(sc->timeline_count, 1);
  ck_assert_uint_eq(sc->timeline[0].at, 3 * S);
  ck_assert_int_eq(sc->timeline[0].client, -1);
  return sc;
}

START_TEST(reads_rules) {
  const ho_rule *want = &rules[_i].rule, *got;
  ho_scenario *sc = load_action(rules[_i].action);

  got = &sc->timeline[0].rule;
  ck_assert_int_eq(sc->timeline[0].kind, rules[_i].kind);
  ck_assert_int_eq(sc->timeline[0].net, want->net);
  ck_assert_int_eq(got->from, want->from);
  ck_assert_int_eq(got->match, want->match);
  ck_assert_uint_eq(got->frame, want->frame);
  ck_assert_int_eq(got->packet, want->packet);
  ck_assert_uint_eq(got->first, want->first);
  ck_assert_uint_eq(got->last, want->last);
  ck_assert_int_eq(got->net, want->net);
  ck_assert_uint_eq(got->by, want->by);
  ck_assert(!sc->random);
  ho_scenario_del(sc);
}
END_TEST

/* Every frame of RFC 9000 can be named, by the RFC's name. */
START_TEST(every_frame_has_a_rule) {
  for (uint64_t type = 0; type <= HO_FRAME_HANDSHAKE_DONE; type++) {
    char *action = ho_format("drop client 1st %s", ho_frame_name(type));
    ho_scenario *sc = load_action(action);
    ck_assert_str_eq(ho_frame_name(sc->timeline[0].rule.frame),
                     ho_frame_name(type));
    ho_scenario_del(sc);
    free(action);
  }
}
END_TEST

static const struct {
  const char *action;
  int net;
  ho_attack attack;
} attacks[] = {
    {"attack forward cell", 1, {HO_ATTACK_FORWARD, FOREVER, HO_NEVER}},
    {"attack forward-both home",
     0,
     {HO_ATTACK_FORWARD_BOTH, FOREVER, HO_NEVER}},
    {"attack spoof home", 0, {HO_ATTACK_SPOOF, 1, HO_NEVER}},
    {"attack replay home", 0, {HO_ATTACK_REPLAY, 10, HO_NEVER}},
    {"attack inject home", 0, {HO_ATTACK_INJECT, 10, HO_NEVER}},
    {"attack storm home", 0, {HO_ATTACK_STORM, FOREVER, HO_NEVER}},
    {"attack drop-path home", 0, {HO_ATTACK_DROP_PATH, FOREVER, HO_NEVER}},
    {"attack reset-client home", 0, {HO_ATTACK_RESET_CLIENT, 1, HO_NEVER}},
    {"attack reset-server home", 0, {HO_ATTACK_RESET_SERVER, 1, HO_NEVER}},
    {"attack forward cell 3", 1, {HO_ATTACK_FORWARD, 3, HO_NEVER}},
    {"attack storm cell for 5s", 1, {HO_ATTACK_STORM, FOREVER, 5 * S}},
    {"attack spoof cell for 5s", 1, {HO_ATTACK_SPOOF, FOREVER, 5 * S}},
    {"attack $k $net $n", 1, {HO_ATTACK_REPLAY, 4, HO_NEVER}},
    {"attack $k $net for $t", 1, {HO_ATTACK_REPLAY, FOREVER, 7 * S}},
};

START_TEST(reads_attacks) {
  const ho_attack *want = &attacks[_i].attack, *got;
  ho_scenario *sc = load_action(attacks[_i].action);

  got = &sc->timeline[0].attack;
  ck_assert_int_eq(sc->timeline[0].kind, HO_ACT_ATTACK);
  ck_assert_int_eq(sc->timeline[0].net, attacks[_i].net);
  ck_assert_int_eq(got->kind, want->kind);
  ck_assert_uint_eq(got->count, want->count);
  ck_assert(got->lasts == want->lasts);
  ck_assert(!sc->random);
  ho_scenario_del(sc);
}
END_TEST

/* All that are listed can be written, and mean what their names say. */
START_TEST(reads_what_is_listed) {
  const ho_listed *list;
  size_t count;

  list = ho_list_attacks(&count);
  ck_assert_uint_eq(count, HO_ATTACK_RESET_SERVER + 1);
  for (size_t i = 0; i < count; i++) {
    char *action = ho_format("attack %s home", list[i].name);
    ho_scenario *sc = load_action(action);
    ck_assert_int_eq(sc->timeline[0].attack.kind, i);
    ck_assert_str_eq(ho_attack_name((ho_attack_kind)i), list[i].name);
    ck_assert(*list[i].about);
    ho_scenario_del(sc);
    free(action);
  }
  list = ho_list_faults(&count);
  ck_assert_uint_eq(count, HO_FAULT_COUNT);
  for (size_t i = 0; i < count; i++) {
    char *action =
        ho_format("fault %s %s", i % 2 ? "server" : "client", list[i].name);
    ho_scenario *sc = load_action(action);
    ck_assert_int_eq(sc->timeline[0].kind, HO_ACT_FAULT);
    ck_assert_int_eq(sc->timeline[0].net, -1);
    ck_assert_int_eq(sc->timeline[0].fault, i);
    ck_assert_int_eq(sc->timeline[0].faulty, i % 2 ? HO_SERVER : HO_CLIENT);
    ck_assert_str_eq(ho_fault_name((ho_fault_id)i), list[i].name);
    ho_scenario_del(sc);
    free(action);
  }
}
END_TEST

START_TEST(reads_faults) {
  ho_scenario *sc = load_action("fault $who $f");

  ck_assert_int_eq(sc->timeline[0].faulty, HO_SERVER);
  ck_assert_int_eq(sc->timeline[0].fault, HO_FAULT_REPEAT_CHALLENGE);
  ho_scenario_del(sc);
}
END_TEST

/* `handoff list actions` spells the attacks out. */
START_TEST(actions_name_every_attack) {
  const ho_listed *actions, *kinds;
  size_t count, kinds_count;
  const char *about = NULL;

  actions = ho_list_actions(&count);
  kinds = ho_list_attacks(&kinds_count);
  for (size_t i = 0; i < count; i++) {
    if (strncmp(actions[i].name, "attack ", 7) == 0) {
      about = actions[i].about;
    }
  }
  ck_assert_ptr_nonnull(about);
  for (size_t i = 0; i < kinds_count; i++) {
    ck_assert_msg(strstr(about, kinds[i].name), "%s", kinds[i].name);
  }
}
END_TEST

/* Ranges are drawn where a value has a dimension; ordinals are no values. */
START_TEST(draws_durations_and_counts) {
  static const char text[] =
      BASE "timeline:\n"
           "  - 1s: delay client every datagram by 100ms..200ms\n"
           "  - 1s: attack storm home for 1s..2s\n"
           "  - 1s: attack replay home 5..500\n";
  bool by = false, lasts = false, count = false;
  ho_time first_by = 0, first_lasts = 0;
  uint64_t first_count = 0;

  for (uint64_t seed = 1; seed <= 8; seed++) {
    ho_scenario *sc = must_load(text, seed);
    const ho_action *a = sc->timeline;
    ck_assert(sc->random);
    ck_assert_uint_ge(a[0].rule.by, 100 * MS);
    ck_assert_uint_le(a[0].rule.by, 200 * MS);
    ck_assert_uint_ge(a[1].attack.lasts, 1 * S);
    ck_assert_uint_le(a[1].attack.lasts, 2 * S);
    ck_assert_uint_ge(a[2].attack.count, 5);
    ck_assert_uint_le(a[2].attack.count, 500);
    by |= seed > 1 && a[0].rule.by != first_by;
    lasts |= seed > 1 && a[1].attack.lasts != first_lasts;
    count |= seed > 1 && a[2].attack.count != first_count;
    first_by = a[0].rule.by;
    first_lasts = a[1].attack.lasts;
    first_count = a[2].attack.count;
    ho_scenario_del(sc);
  }
  ck_assert(by && lasts && count);
}
END_TEST

/* A rule and a fault are each client's own, an attack is everybody's. */
START_TEST(concerns_clients) {
  ho_scenario *sc =
      must_load(BASE "clients: 3\n"
                     "timeline:\n"
                     "  - 1s..2s: attack storm home\n"
                     "  - 3s: drop client 1st PATH_RESPONSE\n"
                     "  - 4s..5s: drop client 2nd PATH_RESPONSE\n"
                     "  - 6s..7s: fault client repeat-challenge\n",
                0);
  size_t own[HO_ACT_FAULT + 1] = {0}, all[HO_ACT_FAULT + 1] = {0};

  for (size_t i = 0; i < sc->timeline_count; i++) {
    (sc->timeline[i].client < 0 ? all : own)[sc->timeline[i].kind]++;
  }
  ck_assert_uint_eq(all[HO_ACT_ATTACK], 1);
  ck_assert_uint_eq(own[HO_ACT_ATTACK], 0);
  ck_assert_uint_eq(all[HO_ACT_DROP], 1);
  ck_assert_uint_eq(own[HO_ACT_DROP], 3);
  ck_assert_uint_eq(own[HO_ACT_FAULT], 3);
  ho_scenario_del(sc);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, reads_rules, 0, COUNT(rules));
  tcase_add_test(tc, every_frame_has_a_rule);
  tcase_add_loop_test(tc, reads_attacks, 0, COUNT(attacks));
  tcase_add_test(tc, reads_what_is_listed);
  tcase_add_test(tc, reads_faults);
  tcase_add_test(tc, actions_name_every_attack);
  tcase_add_test(tc, draws_durations_and_counts);
  tcase_add_test(tc, concerns_clients);
}

int main(void) {
  return suite_run("rules", add);
}
