/* Goal: a schedule is a function of the seed, its number and what was kept; it
 * stays within its bounds; and every one is a good scenario. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "base.h"
#include "search/draw.h"
#include "search/values.h"

#define SEARCH "search: {span: 2s, most: 4}\n"
#define FULL   HEAD HOME CELL WORK SEARCH

#define RADIOS(cells)                                                          \
  HEAD "  air: {type: lte, distance: 300m, cells: " #cells ", nat: cgn}\n"     \
       "  home: {type: wifi, distance: 20m}\n" WORK SEARCH

static void begin(ho_draw *draw, ho_scenario **sc, const char *text) {
  *sc = load_base(text);
  ho_draw_init(draw, *sc, 7, NULL, 0);
}

static void end(ho_draw *draw, ho_scenario *sc) {
  ho_draw_free(draw);
  ho_scenario_del(sc);
}

START_TEST(same_again) {
  ho_draw a, b;
  ho_scenario *sa, *sb;

  begin(&a, &sa, FULL);
  begin(&b, &sb, FULL);
  for (uint64_t i = 0; i < 200; i++) {
    ho_schedule x = ho_draw_schedule(&a, i), y = ho_draw_schedule(&b, i);
    ho_schedule z = ho_draw_schedule(&b, i + 1);
    ck_assert(ho_schedule_eq(&x, &y));
    ck_assert(!ho_schedule_eq(&x, &z));
    ho_schedule_free(&x);
    ho_schedule_free(&y);
    ho_schedule_free(&z);
  }
  end(&a, sa);
  end(&b, sb);
}
END_TEST

START_TEST(another_seed) {
  ho_draw draw;
  ho_scenario *sc;
  ho_schedule a, b;

  begin(&draw, &sc, FULL);
  a = ho_draw_schedule(&draw, 3);
  draw.seed = 8;
  b = ho_draw_schedule(&draw, 3);
  ck_assert(!ho_schedule_eq(&a, &b));
  ho_schedule_free(&a);
  ho_schedule_free(&b);
  end(&draw, sc);
}
END_TEST

static void check_bounds(const ho_draw *draw, const ho_schedule *s) {
  const ho_scenario *sc = draw->scenario;

  ck_assert_uint_ge(s->actions_count, 1);
  /* What begins may have an end of its own. */
  ck_assert_uint_le(s->actions_count, sc->search.most + 1);
  ck_assert_int_eq(sc->arms[s->arm].transport, HO_TRANSPORT_QUIC);
  for (size_t i = 0; i < s->actions_count; i++) {
    ck_assert_uint_le(s->actions[i].at, sc->search.span);
    ck_assert(i == 0 || s->actions[i - 1].at <= s->actions[i].at);
  }
  for (size_t i = 0; i < s->settings_count; i++) {
    for (size_t k = 0; k < i; k++) {
      ck_assert_str_ne(s->settings[i].key, s->settings[k].key);
    }
  }
}

static void check_loads(const ho_draw *draw, const ho_schedule *s,
                        const char *base) {
  ho_schedule_words words = {.seed = 5};
  ho_source source = source_of(base);
  ho_scenario *sc;
  ho_diag diag = {0};
  char *text = NULL;

  ck_assert_int_eq(ho_schedule_write(s, &source,
                                     draw->scenario->arms[s->arm].name, &words,
                                     &text, &diag),
                   0);
  sc = load_base(text);
  ck_assert_uint_eq(sc->timeline_count, s->actions_count);
  ck_assert_uint_eq(sc->arms_count, 1);
  ck_assert_uint_eq(sc->seed, 5);
  ck_assert_str_eq(sc->arms[0].name, draw->scenario->arms[s->arm].name);
  for (size_t i = 0; i < s->actions_count; i++) {
    ck_assert_uint_eq(sc->timeline[i].at, s->actions[i].at);
  }
  ho_scenario_del(sc);
  ho_diag_free(&diag);
  free(text);
}

/* Also those that are made of others. */
static void check_all(const char *text) {
  ho_draw draw;
  ho_scenario *sc;

  begin(&draw, &sc, text);
  ho_draw_instant(&draw, 30 * HO_MSEC);
  ho_draw_delay(&draw, 90 * HO_MSEC);
  ho_draw_delay(&draw, 3 * HO_SEC);
  for (uint64_t i = 0; i < 600; i++) {
    ho_schedule s = ho_draw_schedule(&draw, i);
    check_bounds(&draw, &s);
    check_loads(&draw, &s, text);
    if (i % 2 == 0) {
      ho_draw_keep(&draw, &s);
    }
    ho_schedule_free(&s);
  }
  ck_assert_uint_eq(draw.seen_count, 256);
  end(&draw, sc);
}

START_TEST(bounds) {
  check_all(FULL);
}
END_TEST

START_TEST(bounds_of_radios) {
  check_all(RADIOS(2));
}
END_TEST

/* A third of all rules, and of those made anew alone. */
START_TEST(rules_from_the_start) {
  ho_scenario *sc;
  ho_draw draw;
  size_t rules = 0, early = 0, others = 0;

  begin(&draw, &sc, FULL);
  for (uint64_t i = 0; i < 1000; i++) {
    ho_schedule s = ho_draw_schedule(&draw, i);
    for (size_t k = 0; k < s.actions_count; k++) {
      bool rule = strstr(s.actions[k].action, "drop client") != NULL;
      rules += rule;
      early += rule && s.actions[k].at == 0;
      others += !rule && s.actions[k].at == 0 &&
                strstr(s.actions[k].action, "switch") != NULL;
    }
    ho_schedule_free(&s);
  }
  ck_assert_uint_gt(rules, 50);
  ck_assert_uint_gt(early * 5, rules);
  ck_assert_uint_lt(early * 2, rules);
  ck_assert_uint_lt(others, 10);
  end(&draw, sc);
}
END_TEST

/* Each kind of action and each of its forms, sooner or later, and what is no
 * action of a network is of none. */
START_TEST(everything_is_drawn) {
  static const char *const parts[] = {
      "disconnect ",  "connect ",  "switch ",        "rebind ", " both",
      "flush cell",   "set home ", "set cell queue", "pause",   "resume",
      "migrate ",     "rotate",    "rekey",          "block ",  " all",
      "throttle ",    "unblock ",  "restart ",       "drop ",   "delay ",
      "duplicate ",   "corrupt ",  "attack ",        " for ",   " on cell",
      "attack storm", " Initial",  " HANDSHAKE_DONE"};
  ho_scenario *sc;
  ho_draw draw;
  uint64_t found = 0;

  begin(&draw, &sc, FULL);
  for (uint64_t i = 0; i < 2000; i++) {
    ho_schedule s = ho_draw_schedule(&draw, i);
    for (size_t k = 0; k < s.actions_count * COUNT(parts); k++) {
      const char *text = s.actions[k / COUNT(parts)].action;
      bool has = strstr(text, parts[k % COUNT(parts)]) != NULL;
      found |= (uint64_t)has << k % COUNT(parts);
    }
    ho_schedule_free(&s);
  }
  ck_assert_uint_eq(found, (UINT64_C(1) << COUNT(parts)) - 1);
  end(&draw, sc);
}
END_TEST

/* Each of these, too, and never beside what it contradicts. */
START_TEST(every_setting_is_drawn) {
  static const char *const keys[] = {"networks.home.family",
                                     "networks.cell.connected",
                                     "networks.home.nat.udp_timeout",
                                     "networks.cell.address",
                                     "client.start",
                                     "client.return",
                                     "server.idle_timeout",
                                     "server.load_balancer.servers",
                                     "server.preferred_address.dead",
                                     "arms.quic.idle_timeout",
                                     "arms.quic.tls",
                                     "arms.quic-probe.policy.causes",
                                     "arms.quic.policy.degrading_after",
                                     "arms.quic.policy.port_migration",
                                     "arms.quic.policy.attempts"};
  ho_scenario *sc;
  ho_draw draw;
  uint64_t found = 0;

  begin(&draw, &sc, FULL);
  for (uint64_t i = 0; i < 3000; i++) {
    ho_schedule s = ho_draw_schedule(&draw, i);
    for (size_t k = 0; k < COUNT(keys); k++) {
      found |= (uint64_t)(ho_schedule_value(&s, keys[k]) != NULL) << k;
    }
    ho_schedule_free(&s);
  }
  ck_assert_uint_eq(found, (UINT64_C(1) << COUNT(keys)) - 1);
  end(&draw, sc);
}
END_TEST

/* |key| is set after |there|; so many settings are left. */
START_TEST(contradictions) {
  static const struct {
    const char *there, *value, *key, *other;
    size_t left;
  } cases[] = {
      {"server.cid_length", "4", "server.retry", "true", 2},
      {"server.cid_length", "4", "server.preferred_address", "both", 2},
      {"server.cid_length", "0", "server.preferred_address.dead", "true", 1},
      {"server.preferred_address", "both", "server.cid_length", "0", 1},
      {"server.preferred_address", "both", "server.cid_length", "12", 2},
      {"server.cid_length", "4", "server.load_balancer.servers", "16", 2},
      {"server.load_balancer.servers", "16", "server.cid_length", "4", 1},
      {"client.start", "cell", "networks.home.connected", "false", 1},
      {"networks.cell.connected", "false", "client.start", "cell", 1},
      {"arm.policy.causes", "default", "arm.policy.degrading_after", "1s", 2},
      {"arm.policy.degrading_after", "1s", "arm.policy.causes", "default", 1},
      {"arm.policy.degrading_after", "1s", "arm.policy.port_migration", "true",
       3},
  };
  ho_scenario *sc;
  ho_draw draw;

  begin(&draw, &sc, FULL);
  for (size_t i = 0; i < COUNT(cases); i++) {
    ho_schedule s = {.arm = 1};
    ho_draw_put(&draw, &s, cases[i].there, cases[i].value);
    ho_draw_put(&draw, &s, cases[i].key, cases[i].other);
    ck_assert_msg(s.settings_count == cases[i].left, "case %zu: %zu", i,
                  s.settings_count);
    ho_schedule_free(&s);
  }
  end(&draw, sc);
}
END_TEST

/* What means nothing without another goes with it, either way. */
START_TEST(what_goes_together) {
  static const char *const keys[] = {"server.load_balancer.servers",
                                     "arm.policy.degrading_after"};
  ho_scenario *sc;
  ho_draw draw;

  begin(&draw, &sc, FULL);
  for (size_t i = 0; i < COUNT(keys); i++) {
    ho_schedule s = {.arm = 1};
    ho_draw_put(&draw, &s, "server.retry", "true");
    ho_draw_put(&draw, &s, keys[i], "16");
    ck_assert_uint_eq(s.settings_count, 3);
    ho_draw_take(&draw, &s, i == 0 ? 1 : 2); /* servers, causes */
    ck_assert_uint_eq(s.settings_count, 1);
    ck_assert_str_eq(s.settings[0].key, "server.retry");
    ho_schedule_free(&s);
  }
  end(&draw, sc);
}
END_TEST

/* What an arm cannot have is not drawn for it. */
START_TEST(policies) {
  ho_scenario *sc;
  ho_draw draw;

  begin(&draw, &sc,
        HEAD HOME CELL "workload: {type: download, bytes: 1MB}\n"
                       "arms: [quic, quic-passive, wary: {transport: quic, "
                       "policy: {causes: [degrading]}}]\n" SEARCH);
  ck_assert(ho_draw_suits(&draw, 0, "arm.policy.causes"));
  ck_assert(ho_draw_suits(&draw, 0, "server.retry"));
  ck_assert(!ho_draw_suits(&draw, 1, "arm.policy.wait"));
  ck_assert(ho_draw_suits(&draw, 1, "arm.idle_timeout"));
  ck_assert(!ho_draw_suits(&draw, 2, "arm.policy.causes"));
  ck_assert(ho_draw_suits(&draw, 2, "arm.policy.wait"));
  for (uint64_t i = 0; i < 2000; i++) {
    ho_schedule s = ho_draw_schedule(&draw, i);
    for (size_t k = 0; k < s.settings_count; k++) {
      ck_assert_ptr_null(strstr(s.settings[k].key, "quic-passive.policy"));
      ck_assert(strcmp(s.settings[k].key, "arms.wary.policy.causes") != 0 ||
                strstr(s.settings[k].value, "degrading") != NULL);
    }
    ho_schedule_free(&s);
  }
  end(&draw, sc);
}
END_TEST

/* The scenario's own timeline is in every fresh schedule. */
START_TEST(base_stays) {
  static const ho_rewrite_entry base[] = {{0, (char *)"fault server stay"},
                                          {HO_SEC, (char *)"rekey"}};
  ho_scenario *sc = load_base(FULL);
  ho_draw draw;

  ho_draw_init(&draw, sc, 1, base, 2);
  for (uint64_t i = 0; i < 50; i++) {
    ho_schedule s = ho_draw_schedule(&draw, i);
    ck_assert_str_eq(s.actions[0].action, "fault server stay");
    ck_assert_uint_ge(s.actions_count, 3);
    ho_schedule_free(&s);
  }
  end(&draw, sc);
}
END_TEST

START_TEST(kinds) {
  static const struct {
    const char *text;
    ho_action_kind kind;
    bool drawn;
  } cases[] = {
      {FULL, HO_ACT_REBIND, true},
      {FULL, HO_ACT_SWITCH, true},
      {FULL, HO_ACT_ATTACK, true},
      {FULL, HO_ACT_RESTART, true},
      {FULL, HO_ACT_THROTTLE, true},
      {FULL, HO_ACT_FAULT, false}, /* is what is looked for */
      {FULL, HO_ACT_MOVE, false},
      {FULL, HO_ACT_HANDOVER, false},
      {RADIOS(2), HO_ACT_MOVE, true},
      {RADIOS(2), HO_ACT_HANDOVER, true},
      {RADIOS(1), HO_ACT_HANDOVER, false},
      {FULL, HO_ACT_CONNECT, true}, /* of what was not there at first */
      {FULL, HO_ACT_RESUME, false}, /* ends a pause */
      {HEAD BARE WORK, HO_ACT_CONNECT, false},
      {HEAD BARE CELL WORK, HO_ACT_REBIND, true},
      {HEAD BARE WORK, HO_ACT_REBIND, false},
      {HEAD BARE WORK, HO_ACT_SWITCH, false},
      {HEAD BARE WORK, HO_ACT_ROTATE, true},
      {HEAD HOME WORK "search: {actions: [attack, rebind]}\n", HO_ACT_ATTACK,
       true},
      {HEAD HOME WORK "search: {actions: [attack, rebind]}\n", HO_ACT_ROTATE,
       false},
  };

  for (size_t i = 0; i < COUNT(cases); i++) {
    ho_scenario *sc = load_base(cases[i].text);
    ck_assert_msg((ho_draw_kinds(sc) >> cases[i].kind & 1) == cases[i].drawn,
                  "case %zu", i);
    ho_scenario_del(sc);
  }
}
END_TEST

/* What the file says may be set replaces the default, and only that. */
START_TEST(own_values) {
  ho_scenario *sc;
  ho_draw draw;
  size_t set = 0;

  begin(&draw, &sc,
        HEAD HOME CELL WORK
        "search: {values: {networks.cell.delay: [40ms, 50ms]}}\n");
  for (uint64_t i = 0; i < 100; i++) {
    ho_schedule s = ho_draw_schedule(&draw, i);
    ck_assert_uint_le(s.settings_count, 1);
    if (s.settings_count == 1) {
      ck_assert_str_eq(s.settings[0].key, "networks.cell.delay");
      ck_assert(!strcmp(s.settings[0].value, "40ms") ||
                !strcmp(s.settings[0].value, "50ms"));
      set++;
    }
    ho_schedule_free(&s);
  }
  ck_assert_uint_gt(set, 20);
  end(&draw, sc);
}
END_TEST

START_TEST(values) {
  static const struct {
    const char *choice, *unit;
    unsigned long lo, hi; /* in that unit or a thousandth */
  } cases[] = {{"1ms..80ms", "ms", 1, 80},
               {"500kbps..900kbps", "kbps", 500, 900},
               {"10KB..99KB", "KB", 10, 99},
               {"1230us..1239us", "us", 1230, 1239}, /* not rounded out of it */
               {"3..3", "", 3, 3},
               {"4..30", "", 4, 30}};
  ho_rng rng;

  ho_rng_init(&rng, 1, "t");
  for (size_t i = 0; i < 500; i++) {
    size_t k = i % COUNT(cases);
    char *value = ho_value_draw(cases[k].choice, &rng), *unit;
    unsigned long n = strtoul(value, &unit, 10);
    if (!strcmp(unit, cases[k].unit)) {
      ck_assert_uint_ge(n, cases[k].lo);
      ck_assert_uint_le(n, cases[k].hi);
    } else {
      ck_assert_str_eq(unit, "us"); /* less than 10 ms, with two digits */
      ck_assert_uint_ge(n, 1000);
    }
    free(value);
  }
}
END_TEST

START_TEST(words) {
  static const char *const cases[] = {"never", "{type: idle}", "3x..4",
                                      "4ms..3ms", "1ms..3Mbps"};
  ho_rng rng;

  ho_rng_init(&rng, 1, "t");
  for (size_t i = 0; i < COUNT(cases); i++) {
    char *value = ho_value_draw(cases[i], &rng);
    ck_assert_str_eq(value, cases[i]);
    free(value);
  }
  ck_assert_uint_eq(ho_value_round(123456, 2), 120000);
  ck_assert_uint_eq(ho_value_round(99, 2), 99);
  ck_assert_uint_eq(ho_value_round(0, 2), 0);
}
END_TEST

/* Every octave of a range is drawn, and both ends. */
START_TEST(logarithm) {
  unsigned octaves = 0;
  bool lo = false, hi = false;
  ho_rng rng;

  ho_rng_init(&rng, 1, "t");
  for (int i = 0; i < 4000; i++) {
    uint64_t v = ho_value_log(&rng, 5, 41);
    ck_assert(v >= 5 && v <= 41);
    octaves |= v < 10 ? 1 : v < 20 ? 2 : v < 40 ? 4 : 8;
    lo |= v == 5;
    hi |= v == 41;
  }
  ck_assert_uint_eq(octaves, 15);
  ck_assert(lo && hi);
  ck_assert_uint_eq(ho_value_log(&rng, 9, 9), 9);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, same_again);
  tcase_add_test(tc, another_seed);
  tcase_add_test(tc, bounds);
  tcase_add_test(tc, bounds_of_radios);
  tcase_add_test(tc, everything_is_drawn);
  tcase_add_test(tc, every_setting_is_drawn);
  tcase_add_test(tc, contradictions);
  tcase_add_test(tc, what_goes_together);
  tcase_add_test(tc, policies);
  tcase_add_test(tc, rules_from_the_start);
  tcase_add_test(tc, base_stays);
  tcase_add_test(tc, kinds);
  tcase_add_test(tc, own_values);
  tcase_add_test(tc, values);
  tcase_add_test(tc, words);
  tcase_add_test(tc, logarithm);
}

int main(void) {
  return suite_run("draw", add);
}
