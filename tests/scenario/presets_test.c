/* Tests of networks that have a name: each loads, says where its numbers are
 * from, and gives way to every key that stands beside it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>

#include "tests/scenario/load.h"

#define MS 1000000ull

static ho_scenario *load_preset(const char *keys) {
  char *text = ho_format(NAME "networks: {a: {type: preset, %s}}\n" WORK, keys);
  ho_scenario *sc = must_load(text, 0);

  free(text);
  return sc;
}

/* A source without a year is none that a reader could find. */
static bool has_year(const char *text) {
  for (; *text; text++) {
    if ((strncmp(text, "19", 2) == 0 || strncmp(text, "20", 2) == 0) &&
        isdigit((unsigned char)text[2]) && isdigit((unsigned char)text[3])) {
      return true;
    }
  }
  return false;
}

/* The line that is listed is a network by itself, and the same one. */
static void check_same(const ho_listed *listed, const ho_net_config *net) {
  char *text = ho_format(NAME "networks: {a: %s}\n" WORK, listed->text);
  ho_scenario *sc = must_load(text, 0);
  const ho_net_config *same = &sc->nets[0];

  ck_assert_int_eq(net->type, same->type);
  ck_assert_int_eq(memcmp(&net->wired, &same->wired, sizeof(net->wired)), 0);
  ck_assert_int_eq(memcmp(&net->wifi, &same->wifi, sizeof(net->wifi)), 0);
  ck_assert_int_eq(memcmp(&net->lte, &same->lte, sizeof(net->lte)), 0);
  ck_assert_uint_eq(net->nat.pool, same->nat.pool);
  ck_assert_uint_eq(net->background_down_bps, same->background_down_bps);
  ck_assert(net->nat.present);
  ho_scenario_del(sc);
  free(text);
}

START_TEST(each_loads_and_has_a_source) {
  size_t count, nets = 0;
  const ho_listed *listed = ho_list_presets(&count);

  for (size_t i = 0; i < count && listed[i].text; i++) {
    char *keys = ho_format("name: %s", listed[i].name);
    ho_scenario *sc = load_preset(keys);
    ck_assert_str_eq(sc->nets[0].name, "a");
    ck_assert_str_eq(sc->nets[0].preset, listed[i].name);
    ck_assert_msg(has_year(listed[i].source), "%s", listed[i].name);
    ck_assert_msg(listed[i].about[0], "%s", listed[i].name);
    check_same(&listed[i], &sc->nets[0]);
    ho_scenario_del(sc);
    free(keys);
    nets++;
  }
  ck_assert_uint_eq(nets, 12);
}
END_TEST

START_TEST(gives_way) {
  ho_scenario *sc = load_preset(
      "name: home-wifi, standard: 802.11n, position: '1m,2m', nat: none, "
      "family: ipv6, mtu: 1400, backhaul: {delay: 9ms}, background: {up: "
      "1Mbps}, connected: true");
  const ho_net_config *net = &sc->nets[0];

  ck_assert_int_eq(net->wifi.standard, HO_WIFI_N);
  ck_assert_uint_eq(net->wifi.channel_width_mhz, 20); /* one that it has */
  ck_assert_int_eq(net->wifi.ap.x_mm, 1000);
  ck_assert(!net->nat.present);
  ck_assert_uint_eq(net->family, 6);
  ck_assert_uint_eq(net->mtu, 1400);
  ck_assert_uint_eq(net->wired.delay, 9 * MS);
  ck_assert_uint_eq(net->wired.down_bps, 115000000); /* the preset's */
  ck_assert_uint_eq(net->background_up_bps, 1000000);
  ho_scenario_del(sc);
}
END_TEST

START_TEST(keeps_the_rest) {
  ho_scenario *sc = load_preset("name: lte-edge, ues: 2, nat: {pool: 9}");
  const ho_net_config *net = &sc->nets[0];

  ck_assert_int_eq(net->lte.enb.x_mm, -866000);
  ck_assert_uint_eq(net->background_down_bps, 2000000);
  /* A map of a NAT starts from the preset's. */
  ck_assert_uint_eq(net->nat.pool, 9);
  ck_assert_int_eq(net->nat.ports, HO_NAT_RANDOM);
  ho_scenario_del(sc);
  sc = load_preset("name: office-wifi");
  ck_assert_uint_eq(sc->nets[0].wifi.stations, 10);
  ck_assert_uint_eq(sc->nets[0].background_down_bps, 10000000);
  ho_scenario_del(sc);
  /* A width that another standard has too stays. */
  sc = load_preset("name: office-wifi, standard: 802.11n");
  ck_assert_int_eq(sc->nets[0].wifi.standard, HO_WIFI_N);
  ck_assert_uint_eq(sc->nets[0].wifi.channel_width_mhz, 40);
  ho_scenario_del(sc);
  /* Random only as far as what is left of it. */
  sc = load_preset("name: satellite-leo, jitter: 0ms, nat: home-router");
  ck_assert(!sc->random);
  ho_scenario_del(sc);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, each_loads_and_has_a_source);
  tcase_add_test(tc, gives_way);
  tcase_add_test(tc, keeps_the_rest);
}

int main(void) {
  return suite_run("presets", add);
}
