/* Tests of what moves a client and of where it may go: policies, preferred
 * addresses, ECN, and how the command line reaches them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenario/load.h"
#include "tests/suite.h"

#define MS 1000000ull
#define S  1000000000ull

#define NO_LIMIT .wait = HO_NEVER, .away = HO_NEVER, .attempts = UINT32_MAX
#define USUAL    HO_CAUSE_DISCONNECTED | HO_CAUSE_DEFAULT

static const struct {
  const char *arm;
  ho_policy policy;
} policies[] = {
    {"{quic: {}}", {USUAL, 3 * S, NO_LIMIT}},
    {"{h3-h2: {policy: {}}}", {USUAL, 3 * S, NO_LIMIT}},
    {"[quic-probe]", {USUAL, 3 * S, NO_LIMIT}},
    {"[tcp-hang]", {USUAL, 3 * S, NO_LIMIT}},
    {"{quic: {policy: {causes: [disconnected]}}}",
     {HO_CAUSE_DISCONNECTED, 3 * S, NO_LIMIT}},
    {"{quic: {policy: {causes: write-error}}}",
     {HO_CAUSE_WRITE_ERROR, 3 * S, NO_LIMIT}},
    {"{quic: {policy: {causes: 'default,  degrading'}}}",
     {HO_CAUSE_DEFAULT | HO_CAUSE_DEGRADING, 3 * S, NO_LIMIT}},
    {"{quic: {policy: {causes: $causes}}}",
     {HO_CAUSE_DISCONNECTED | HO_CAUSE_WRITE_ERROR, 3 * S, NO_LIMIT}},
    {"{quic: {policy: {wait: 10s, away: never, attempts: 0}}}",
     {USUAL, 3 * S, 10 * S, HO_NEVER, 0, false}},
    {"{h3-h2: {policy: {causes: [disconnected, write-error, default, "
     "degrading], degrading_after: 200ms, wait: never, away: 128s, attempts: "
     "5, port_migration: true}}}",
     {15, 200 * MS, HO_NEVER, 128 * S, 5, true}},
    {"{mine: {transport: quic, on_change: probe, policy: {wait: 0s, "
     "port_migration: off}}}",
     {USUAL, 3 * S, 0, HO_NEVER, UINT32_MAX, false}},
};

static void check_policy(const ho_policy *got, const ho_policy *want) {
  ck_assert_uint_eq(got->causes, want->causes);
  ck_assert_uint_eq(got->degrading_after, want->degrading_after);
  ck_assert(got->wait == want->wait);
  ck_assert(got->away == want->away);
  ck_assert_uint_eq(got->attempts, want->attempts);
  ck_assert_int_eq(got->port_migration, want->port_migration);
}

START_TEST(reads_policies) {
  char *text = ho_format(BASE "vars: {causes: 'disconnected, write-error'}\n"
                              "arms: %s\n",
                         policies[_i].arm);
  ho_scenario *sc = must_load(text, 0);

  check_policy(&sc->arms[0].policy, &policies[_i].policy);
  ho_scenario_del(sc);
  free(text);
}
END_TEST

/* An arm's own keys, and what those have that say nothing. */
START_TEST(reads_what_a_client_accepts) {
  ho_scenario *sc = must_load(
      BASE "arms:\n"
           "  - quic\n"
           "  - tcp-notify\n"
           "  - h3-h2: {active_connection_id_limit: 8, preferred_address: "
           "true}\n"
           "  - few: {transport: quic, active_connection_id_limit: 2, "
           "preferred_address: false}\n",
      0);

  for (size_t i = 0; i < 2; i++) {
    ck_assert_uint_eq(sc->arms[i].active_connection_id_limit, 7);
    ck_assert(sc->arms[i].preferred_address);
  }
  ck_assert_uint_eq(sc->arms[2].active_connection_id_limit, 8);
  ck_assert(sc->arms[2].preferred_address);
  ck_assert_uint_eq(sc->arms[3].active_connection_id_limit, 2);
  ck_assert(!sc->arms[3].preferred_address);
  ho_scenario_del(sc);
}
END_TEST

static const struct {
  const char *server;
  ho_preferred preferred;
} addresses[] = {
    {"{}", {false, false, false}},
    /* Nothing is offered, so no connection ID is missing. */
    {"{cid_length: 0}", {false, false, false}},
    {"{preferred_address: ipv4}", {true, false, false}},
    {"{preferred_address: ipv6}", {false, true, false}},
    {"{preferred_address: both}", {true, true, false}},
    {"{preferred_address: {}}", {true, true, false}},
    {"{preferred_address: }", {true, true, false}},
    {"{preferred_address: {dead: true}}", {true, true, true}},
    {"{preferred_address: {family: $f, dead: no}}", {false, true, false}},
    {"{preferred_address: {family: ipv4, dead: yes}, cid_length: 1..3}",
     {true, false, true}},
};

START_TEST(reads_preferred_addresses) {
  char *text =
      ho_format(BASE "vars: {f: ipv6}\nserver: %s\n", addresses[_i].server);
  ho_scenario *sc = must_load(text, 0);
  const ho_preferred *got = &sc->server.preferred;

  ck_assert_int_eq(got->v4, addresses[_i].preferred.v4);
  ck_assert_int_eq(got->v6, addresses[_i].preferred.v6);
  ck_assert_int_eq(got->dead, addresses[_i].preferred.dead);
  ho_scenario_del(sc);
  free(text);
}
END_TEST

START_TEST(reads_ecn) {
  ho_scenario *sc =
      must_load(NAME "networks:\n"
                     "  a: {type: wired, down: 1Mbps, up: 1Mbps}\n"
                     "  b: {type: wired, down: 1Mbps, up: 1Mbps, ecn: pass}\n"
                     "  c: {type: wired, down: 1Mbps, up: 1Mbps, ecn: bleach}\n"
                     "  d: {type: wifi, ecn: bleach}\n"
                     "  e: {type: preset, name: lte-good, ecn: bleach}\n" WORK,
                0);

  for (size_t i = 0; i < sc->nets_count; i++) {
    ck_assert_int_eq(sc->nets[i].bleaches, i >= 2);
  }
  ho_scenario_del(sc);
}
END_TEST

/* A check is a metric with a verdict. */
START_TEST(expects_checks) {
  static const struct {
    const char *metric, *word;
    ho_compare op;
  } want[] = {{"check.C4", "PASS", HO_EQ},
              {"check.E13", "FAIL", HO_NE},
              {"check.A1", "NOT-EXERCISED", HO_EQ},
              {"check.I1", "FAIL", HO_EQ}};
  ho_scenario *sc = must_load(BASE "vars: {v: FAIL}\n"
                                   "expect:\n"
                                   "  - quic: check.C4 == PASS\n"
                                   "  - quic: check.E13 != FAIL\n"
                                   "  - quic.check.A1 == NOT-EXERCISED\n"
                                   "  - quic: check.I1 == $v\n",
                              0);

  ck_assert_uint_eq(sc->expects_count, COUNT(want));
  for (size_t i = 0; i < COUNT(want); i++) {
    ck_assert_str_eq(sc->expects[i].arm, "quic");
    ck_assert_str_eq(sc->expects[i].metric, want[i].metric);
    ck_assert_str_eq(sc->expects[i].word, want[i].word);
    ck_assert_int_eq(sc->expects[i].op, want[i].op);
    ck_assert_ptr_null(sc->expects[i].other_arm);
  }
  ho_scenario_del(sc);
}
END_TEST

static ho_scenario *load_with(const char *text, const char *key,
                              const char *value) {
  ho_override set = {key, value};
  char *errors;
  ho_scenario *sc = load(text, &set, 1, 0, &errors);

  ck_assert_str_eq(errors, "");
  free(errors);
  return sc;
}

/* --set makes the maps that it needs, and keeps what they say otherwise. */
START_TEST(overrides_reach_maps) {
  ho_scenario *sc = load_with(BASE, "arms.quic.policy.wait", "10s");

  ck_assert_uint_eq(sc->arms[0].policy.wait, 10 * S);
  ck_assert_uint_eq(sc->arms[0].policy.causes, USUAL);
  ho_scenario_del(sc);
  sc = load_with(BASE "arms: {quic: {policy: {away: 5s}}}\n",
                 "arms.quic.policy.causes", "disconnected, degrading");
  ck_assert_uint_eq(sc->arms[0].policy.causes,
                    HO_CAUSE_DISCONNECTED | HO_CAUSE_DEGRADING);
  ck_assert_uint_eq(sc->arms[0].policy.away, 5 * S);
  ho_scenario_del(sc);
  sc = load_with(BASE, "server.preferred_address.dead", "true");
  ck_assert(sc->server.preferred.v4 && sc->server.preferred.v6 &&
            sc->server.preferred.dead);
  ho_scenario_del(sc);
  sc = load_with(BASE "server: {preferred_address: ipv6}\n",
                 "server.preferred_address.dead", "true");
  ck_assert(!sc->server.preferred.v4 && sc->server.preferred.v6 &&
            sc->server.preferred.dead);
  ho_scenario_del(sc);
}
END_TEST

START_TEST(overrides_reach_words) {
  ho_scenario *sc = load_with(BASE, "server.preferred_address", "ipv4");

  ck_assert(sc->server.preferred.v4 && !sc->server.preferred.v6);
  ho_scenario_del(sc);
  sc = load_with(BASE, "networks.cell.ecn", "bleach");
  ck_assert(!sc->nets[0].bleaches && sc->nets[1].bleaches);
  ho_scenario_del(sc);
  sc = load_with(BASE, "arms.quic.active_connection_id_limit", "3");
  ck_assert_uint_eq(sc->arms[0].active_connection_id_limit, 3);
  ho_scenario_del(sc);
  sc = load_with(BASE "vars: {n: 1st}\n"
                      "timeline: [1s: drop client $n PATH_CHALLENGE]\n",
                 "n", "3rd..4th");
  ck_assert_uint_eq(sc->timeline[0].rule.first, 3);
  ck_assert_uint_eq(sc->timeline[0].rule.last, 4);
  ho_scenario_del(sc);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, reads_policies, 0, COUNT(policies));
  tcase_add_test(tc, reads_what_a_client_accepts);
  tcase_add_loop_test(tc, reads_preferred_addresses, 0, COUNT(addresses));
  tcase_add_test(tc, reads_ecn);
  tcase_add_test(tc, expects_checks);
  tcase_add_test(tc, overrides_reach_maps);
  tcase_add_test(tc, overrides_reach_words);
}

int main(void) {
  return suite_run("policy", add);
}
