/* Tests of --set: a change reaches what it names and nothing else, and what is
 * wrong with it is said in the option's own words. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenario/load.h"
#include "tests/suite.h"

#define MS 1000000ull
#define S  1000000000ull

static ho_scenario *load_with(const char *text, const char *key,
                              const char *value) {
  ho_override override = {key, value};
  char *errors;
  ho_scenario *sc = load(text, &override, 1, 0, &errors);

  ck_assert_str_eq(errors, "");
  free(errors);
  return sc;
}

START_TEST(changes_a_value) {
  ho_scenario *sc = load_with(BASE, "networks.cell.down", "75Mbps");

  ck_assert_uint_eq(sc->nets[1].wired.down_bps, 75000000);
  ck_assert_uint_eq(sc->nets[0].wired.down_bps, 100000000);
  ck_assert_str_eq(sc->text, BASE); /* as it was written */
  ho_scenario_del(sc);
}
END_TEST

START_TEST(adds_a_value) {
  ho_scenario *sc = load_with(BASE, "networks.cell.delay", "40ms");

  ck_assert_uint_eq(sc->nets[1].wired.delay, 40 * MS);
  ho_scenario_del(sc);
  sc = load_with(BASE, "server.delay", "5ms"); /* and its section */
  ck_assert_uint_eq(sc->server.delay, 5 * MS);
  ho_scenario_del(sc);
  sc = load_with(BASE, "server.load_balancer.servers", "16");
  ck_assert(sc->server.lb);
  ck_assert_uint_eq(sc->server.lb_servers, 16);
  ho_scenario_del(sc);
  sc = load_with(BASE "client:\n", "client.start", "cell");
  ck_assert_int_eq(sc->client_start, 1);
  ho_scenario_del(sc);
  sc = load_with(BASE, "seed", "8");
  ck_assert_uint_eq(sc->seed, 8);
  ho_scenario_del(sc);
  sc = load_with(BASE, "stop", "5s");
  ck_assert_uint_eq(sc->stop, 5 * S);
  ho_scenario_del(sc);
}
END_TEST

/* A preset's name becomes a map that starts from it. */
/* Every key of a radio is within reach, in sections that are not written. */
START_TEST(reaches_radios) {
  static const char text[] = NAME "networks:\n"
                                  "  home: {type: wifi}\n"
                                  "  cell: {type: lte}\n"
                                  "  line: {type: preset, name: dsl}\n" WORK;
  ho_override overrides[] = {
      {"networks.home.backhaul.delay", "9ms"},
      {"networks.home.background.down", "3Mbps"},
      {"networks.home.standard", "802.11n"},
      {"networks.home.position", "1m,-2m"},
      {"networks.cell.cells", "3"},
      {"networks.cell.backhaul.queue", "9p"},
      {"networks.line.name", "cable"},
      {"networks.line.nat.udp_timeout", "9s"},
      {"clients", "3"},
      {"client.stagger", "1s"},
  };
  char *errors;
  ho_scenario *sc = load(text, overrides, COUNT(overrides), 0, &errors);

  ck_assert_str_eq(errors, "");
  ck_assert_uint_eq(sc->nets[0].wired.delay, 9 * MS);
  ck_assert_uint_eq(sc->nets[0].wired.down_bps, 1000000000);
  ck_assert_uint_eq(sc->nets[0].background_down_bps, 3000000);
  ck_assert_uint_eq(sc->nets[0].wifi.channel_width_mhz, 20);
  ck_assert_int_eq(sc->nets[0].wifi.ap.x_mm, 1000);
  ck_assert_int_eq(sc->nets[0].wifi.ap.y_mm, -2000);
  ck_assert_uint_eq(sc->nets[1].lte.cells, 3);
  ck_assert_uint_eq(sc->nets[1].wired.queue.amount, 9);
  ck_assert_str_eq(sc->nets[2].preset, "cable");
  ck_assert_uint_eq(sc->nets[2].nat.udp_timeout, 9 * S);
  ck_assert_uint_eq(sc->clients, 3);
  ck_assert_uint_eq(sc->client_begin[2], 2 * S);
  ho_scenario_del(sc);
  free(errors);
}
END_TEST

START_TEST(opens_a_nat_preset) {
  ho_scenario *sc = load_with(BASE, "networks.home.nat.udp_timeout", "5s");

  ck_assert(sc->nets[0].nat.present);
  ck_assert_uint_eq(sc->nets[0].nat.udp_timeout, 5 * S);
  ck_assert_int_eq(sc->nets[0].nat.ports, HO_NAT_PRESERVE);
  ho_scenario_del(sc);
  sc = load_with(NAME "networks: {a: {type: wired, down: 1Mbps, up: 1Mbps, "
                      "nat: symmetric}}\n" WORK,
                 "networks.a.nat.pool", "2");
  ck_assert_uint_eq(sc->nets[0].nat.pool, 2);
  ck_assert_uint_eq(sc->nets[0].nat.udp_timeout, 30 * S);
  ho_scenario_del(sc);
  sc = load_with(BASE, "networks.cell.nat.preset", "cgn");
  ck_assert_uint_eq(sc->nets[1].nat.pool, 4);
  ho_scenario_del(sc);
}
END_TEST

START_TEST(changes_arms) {
  static const char *const texts[] = {
      BASE "arms: [tcp-timer, quic]\n",
      BASE "arms: [tcp-timer, quic: {cid_length: 4}]\n",
      BASE "arms: {tcp-timer: , quic: {transport: quic}}\n",
  };
  ho_scenario *sc;

  for (size_t i = 0; i < COUNT(texts); i++) {
    sc = load_with(texts[i], "arms.quic.pmtud", "off");
    ck_assert_uint_eq(sc->arms_count, 2);
    ck_assert(!sc->arms[1].pmtud);
    ck_assert(sc->arms[0].pmtud);
    ho_scenario_del(sc);
  }
  sc = load_with(BASE, "arms.tcp-notify.cc", "reno");
  ck_assert_uint_eq(sc->arms_count, 3);
  ck_assert_int_eq(sc->arms[2].cc, HO_CC_RENO);
  ck_assert_int_eq(sc->arms[2].transport, HO_TRANSPORT_TCP);
  ho_scenario_del(sc);
}
END_TEST

START_TEST(changes_a_variable) {
  static const char text[] = BASE "vars: {d: 5ms}\nserver: {delay: $d}\n";
  ho_scenario *sc = load_with(text, "d", "9ms");

  ck_assert_uint_eq(sc->server.delay, 9 * MS);
  ho_scenario_del(sc);
  sc = load_with(text, "vars.d", "8ms..9ms");
  ck_assert_uint_ge(sc->server.delay, 8 * MS);
  ck_assert(sc->random);
  ho_scenario_del(sc);
}
END_TEST

/* The other user of an alias keeps what the file says. */
START_TEST(spares_aliases) {
  ho_scenario *sc = load_with(
      NAME
      "networks: {a: &n {type: wired, down: 1Mbps, up: 1Mbps}, b: *n}\n" WORK,
      "networks.a.up", "2Mbps");

  ck_assert_uint_eq(sc->nets[0].wired.up_bps, 2000000);
  ck_assert_uint_eq(sc->nets[1].wired.up_bps, 1000000);
  ho_scenario_del(sc);
}
END_TEST

START_TEST(the_last_one_wins) {
  ho_override overrides[] = {{"stop", "5s"}, {"stop", "7s"}};
  char *errors;
  ho_scenario *sc = load(BASE, overrides, 2, 0, &errors);

  ck_assert_uint_eq(sc->stop, 7 * S);
  ho_scenario_del(sc);
  free(errors);
}
END_TEST

static const struct {
  const char *key, *value, *error;
} bad[] = {
    {"networks.cel.delay", "5ms",
     "no 'cel' in networks (did you mean 'cell'?)"},
    {"networks.cel", "5ms", "no 'cel' in networks (did you mean 'cell'?)"},
    {"netwroks.cell.delay", "5ms",
     "no 'netwroks' in the scenario (did you mean 'networks'?)"},
    {"networks.cell.dealy", "5ms",
     "unknown key 'dealy' in network 'cell' (did you mean 'delay'?)"},
    {"networks.cell.delay", "5",
     "'5' has no unit (expected a duration such as 20ms)"},
    {"networks.cell.delay", "", "no value (expected a duration such as 20ms)"},
    {"networks.cell.mtu", "1600",
     "'1600' is out of range for 'mtu' (expected 1280 to 1500)"},
    {"networks.cell.backhaul.delay", "5ms",
     "'backhaul' is not a key of network 'cell': it belongs to wifi and lte"},
    {"networks.cell.background.dwn", "5Mbps",
     "unknown key 'dwn' in 'background' (did you mean 'down'?)"},
    {"clients", "0", "'0' is out of range for 'clients' (expected 1 to 1000)"},
    {"client.begin", "60s",
     "the client can begin at 60s, which is not before 'stop' at 60s"},
    {"networks.cell", "5",
     "network 'cell' must be a map such as {type: wired, down: 100Mbps, up: "
     "20Mbps}"},
    {"arms.tcp.cc", "reno", "no arm 'tcp' in this scenario"},
    {"arms.quic.cc", "ren",
     "'ren' is no value of 'cc' (expected cubic, reno or bbr)"},
    {"client.start", "cel", "undefined network 'cel' (did you mean 'cell'?)"},
    {"vars.x", "1s", "no 'vars' in the scenario"},
    {"t", "4s", "no 't' in the scenario"},
    {"stop.x", "1s", "'stop' is not a map, so it has no 'x'"},
    {"name", "a/b",
     "'a/b' cannot name a folder (expected at most 100 letters, digits, . _ "
     "and -)"},
    {"", "5", "no '' in the scenario"},
    {"about", "\xff", "not a text in UTF-8"},
};

START_TEST(names_the_option) {
  ho_override override = {bad[_i].key, bad[_i].value};
  char *errors, *want = ho_format("--set %s: %s\n", bad[_i].key, bad[_i].error);

  ck_assert_ptr_null(load(BASE, &override, 1, 0, &errors));
  ck_assert_str_eq(errors, want);
  free(errors);
  free(want);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, changes_a_value);
  tcase_add_test(tc, adds_a_value);
  tcase_add_test(tc, reaches_radios);
  tcase_add_test(tc, opens_a_nat_preset);
  tcase_add_test(tc, changes_arms);
  tcase_add_test(tc, changes_a_variable);
  tcase_add_test(tc, spares_aliases);
  tcase_add_test(tc, the_last_one_wins);
  tcase_add_loop_test(tc, names_the_option, 0, COUNT(bad));
}

int main(void) {
  return suite_run("override", add);
}
