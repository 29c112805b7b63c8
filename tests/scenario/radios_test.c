/* Tests of radios and of the keys of every network: what is written is what is
 * meant, what is left out has its documented default. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenario/load.h"

#define MS 1000000ull
#define S  1000000000ull

static ho_scenario *load_net(const char *keys) {
  char *text = ho_format(NAME "networks:\n  a: {%s}\n" WORK, keys);
  ho_scenario *sc = must_load(text, 0);

  free(text);
  return sc;
}

static void check_position(ho_position p, int64_t x_mm, int64_t y_mm) {
  ck_assert_int_eq(p.x_mm, x_mm);
  ck_assert_int_eq(p.y_mm, y_mm);
}

START_TEST(wifi_defaults) {
  ho_scenario *sc = load_net("type: wifi");
  const ho_net_config *net = &sc->nets[0];

  ck_assert_int_eq(net->type, HO_NET_WIFI);
  ck_assert(ho_net_is_radio(net));
  ck_assert_int_eq(net->wifi.standard, HO_WIFI_AC);
  ck_assert_uint_eq(net->wifi.channel_width_mhz, 80);
  ck_assert_int_eq(net->wifi.tx_power_mdbm, 20000);
  check_position(net->wifi.ap, -5000, 0);
  ck_assert_uint_eq(net->wifi.stations, 0);
  ck_assert_int_eq(net->wifi.queue.unit, HO_QUEUE_PACKETS);
  ck_assert_uint_eq(net->wifi.queue.amount, 1000);
  ck_assert(net->wifi.scan_every == HO_NEVER);
  ck_assert_uint_eq(net->wifi.scan_lo, 100 * MS);
  ck_assert_uint_eq(net->wifi.scan_hi, 250 * MS);
  ck_assert_uint_eq(net->wired.down_bps, 1000000000);
  ck_assert_uint_eq(net->wired.up_bps, 1000000000);
  ck_assert_uint_eq(net->wired.delay, 5 * MS);
  ck_assert_int_eq(net->wired.queue.unit, HO_QUEUE_BDP);
  ck_assert_uint_eq(net->wired.queue.amount, 1000);
  ck_assert_uint_eq(net->background_down_bps, 0);
  ck_assert_uint_eq(net->background_up_bps, 0);
  ck_assert_uint_eq(net->mtu, 1500);
  ck_assert_uint_eq(net->address, 0);
  ck_assert_uint_eq(net->family, 4);
  ck_assert(net->connected);
  ck_assert(!net->nat.present);
  ck_assert_ptr_null(net->preset);
  ck_assert(sc->random);
  ho_scenario_del(sc);
}
END_TEST

START_TEST(wifi_keys) {
  ho_scenario *sc = load_net(
      "type: wifi, standard: 802.11ax, channel_width: 160MHz, tx_power: "
      "16.5dBm, position: \"60m,-2.5m\", stations: 3, queue: 64KB, scan_every: "
      "5s, scan_for: 120ms, nat: cgn, family: ipv6, connected: true,\n"
      "    address: 30ms, mtu: 1400, backhaul: {down: 100Mbps, jitter: 1ms, "
      "loss: 1%, reorder: 2%, queue: 9p}");
  const ho_net_config *net = &sc->nets[0];

  ck_assert_int_eq(net->wifi.standard, HO_WIFI_AX);
  ck_assert_uint_eq(net->wifi.channel_width_mhz, 160);
  ck_assert_int_eq(net->wifi.tx_power_mdbm, 16500);
  check_position(net->wifi.ap, 60000, -2500);
  ck_assert_uint_eq(net->wifi.stations, 3);
  ck_assert_int_eq(net->wifi.queue.unit, HO_QUEUE_BYTES);
  ck_assert_uint_eq(net->wifi.queue.amount, 64000);
  ck_assert_uint_eq(net->wifi.scan_every, 5 * S);
  ck_assert_uint_eq(net->wifi.scan_lo, 120 * MS);
  ck_assert_uint_eq(net->wifi.scan_hi, 120 * MS);
  ck_assert_uint_eq(net->nat.pool, 4);
  ck_assert_uint_eq(net->family, 6);
  ck_assert_uint_eq(net->address, 30 * MS);
  ck_assert_uint_eq(net->mtu, 1400);
  ck_assert_uint_eq(net->wired.down_bps, 100000000);
  ck_assert_uint_eq(net->wired.up_bps, 1000000000); /* as without a map */
  ck_assert_uint_eq(net->wired.delay, 5 * MS);
  ck_assert_uint_eq(net->wired.jitter, 1 * MS);
  ck_assert_uint_eq(net->wired.loss_ppm, 10000);
  ck_assert_uint_eq(net->wired.reorder_ppm, 20000);
  ck_assert_uint_eq(net->wired.queue.amount, 9);
  /* Each of the others has a load of its own. */
  ck_assert_uint_eq(net->background_down_bps, 3000000);
  ck_assert_uint_eq(net->background_up_bps, 600000);
  ho_scenario_del(sc);
}
END_TEST

START_TEST(wifi_widths) {
  static const struct {
    const char *keys;
    ho_wifi_standard standard;
    uint32_t mhz;
  } table[] = {
      {"standard: 802.11n", HO_WIFI_N, 20},
      {"standard: 802.11n, channel_width: 40MHz", HO_WIFI_N, 40},
      {"standard: 802.11ac", HO_WIFI_AC, 80},
      {"standard: 802.11ax", HO_WIFI_AX, 80},
      {"channel_width: 0.02GHz", HO_WIFI_AC, 20},
  };

  for (size_t i = 0; i < COUNT(table); i++) {
    char *keys = ho_format("type: wifi, %s", table[i].keys);
    ho_scenario *sc = load_net(keys);
    ck_assert_int_eq(sc->nets[0].wifi.standard, table[i].standard);
    ck_assert_uint_eq(sc->nets[0].wifi.channel_width_mhz, table[i].mhz);
    ho_scenario_del(sc);
    free(keys);
  }
}
END_TEST

START_TEST(lte_defaults) {
  ho_scenario *sc = load_net("type: lte");
  const ho_net_config *net = &sc->nets[0];

  ck_assert_int_eq(net->type, HO_NET_LTE);
  ck_assert_uint_eq(net->lte.resource_blocks, 50);
  check_position(net->lte.enb, -200000, 0);
  ck_assert_uint_eq(net->lte.cells, 1);
  ck_assert_uint_eq(net->lte.cell_spacing_mm, 500000);
  ck_assert_int_eq(net->lte.scheduler, HO_LTE_RR);
  ck_assert_uint_eq(net->lte.ues, 0);
  ck_assert_int_eq(net->lte.queue.unit, HO_QUEUE_BYTES);
  ck_assert_uint_eq(net->lte.queue.amount, 1000000);
  ck_assert_uint_eq(net->wired.down_bps, 1000000000);
  ck_assert_uint_eq(net->wired.delay, 5 * MS);
  ck_assert(sc->random);
  ho_scenario_del(sc);
}
END_TEST

START_TEST(lte_keys) {
  ho_scenario *sc = load_net(
      "type: lte, bandwidth: 20MHz, distance: 1.5km, cells: 7, "
      "cell_spacing: 1km, scheduler: proportional-fair, ues: 300, queue: "
      "64KiB, background: {up: 2Mbps}, backhaul: {delay: 20ms}");
  const ho_net_config *net = &sc->nets[0];

  ck_assert_uint_eq(net->lte.resource_blocks, 100);
  check_position(net->lte.enb, -1500000, 0);
  ck_assert_uint_eq(net->lte.cells, 7);
  ck_assert_uint_eq(net->lte.cell_spacing_mm, 1000000);
  ck_assert_int_eq(net->lte.scheduler, HO_LTE_PF);
  ck_assert_uint_eq(net->lte.ues, 300);
  ck_assert_uint_eq(net->lte.queue.amount, 65536);
  ck_assert_uint_eq(net->background_down_bps,
                    0); /* given, so not the others' */
  ck_assert_uint_eq(net->background_up_bps, 2000000);
  ck_assert_uint_eq(net->wired.delay, 20 * MS);
  ho_scenario_del(sc);
}
END_TEST

START_TEST(lte_bandwidths) {
  static const struct {
    const char *text;
    uint32_t blocks;
  } table[] = {{"1.4MHz", 6}, {"3MHz", 15},  {"5MHz", 25},
               {"10MHz", 50}, {"15MHz", 75}, {"20MHz", 100}};

  for (size_t i = 0; i < COUNT(table); i++) {
    char *keys = ho_format("type: lte, bandwidth: %s", table[i].text);
    ho_scenario *sc = load_net(keys);
    ck_assert_uint_eq(sc->nets[0].lte.resource_blocks, table[i].blocks);
    ho_scenario_del(sc);
    free(keys);
  }
}
END_TEST

/* What every type has, on a cable. */
START_TEST(common_keys) {
  ho_scenario *sc = load_net(
      "type: wired, down: 9Mbps, up: 9Mbps, background: {down: 5Mbps}, "
      "mtu: 1280B, address: 1s");

  ck_assert_uint_eq(sc->nets[0].background_down_bps, 5000000);
  ck_assert_uint_eq(sc->nets[0].background_up_bps, 0);
  ck_assert_uint_eq(sc->nets[0].mtu, 1280);
  ck_assert_uint_eq(sc->nets[0].address, 1 * S);
  ck_assert(sc->random); /* of the load */
  ho_scenario_del(sc);
  sc = load_net("type: wired, down: 9Mbps, up: 9Mbps, background: , mtu: 1500, "
                "address: 1s");
  ck_assert(!sc->random);
  ho_scenario_del(sc);
}
END_TEST

/* Every kind of value may be a range or a variable. */
START_TEST(ranges) {
  ho_scenario *sc = must_load(
      NAME "vars: {d: 2m..60m, m: 1300..1400, p: \"-5m..5m,9m\"}\n"
           "networks:\n"
           "  a: {type: wifi, distance: $d, tx_power: 10dBm..20dBm, mtu: $m, "
           "stations: 1..3, queue: 10p..20p, scan_every: 2s..3s}\n"
           "  b: {type: lte, position: $p, cell_spacing: 400m..600m, cells: "
           "2..3}\n" WORK,
      4);
  const ho_wifi_config *wifi = &sc->nets[0].wifi;
  const ho_lte_config *lte = &sc->nets[1].lte;

  ck_assert_int_ge(-wifi->ap.x_mm, 2000);
  ck_assert_int_le(-wifi->ap.x_mm, 60000);
  ck_assert_int_ge(wifi->tx_power_mdbm, 10000);
  ck_assert_int_le(wifi->tx_power_mdbm, 20000);
  ck_assert_uint_ge(sc->nets[0].mtu, 1300);
  ck_assert_uint_le(sc->nets[0].mtu, 1400);
  ck_assert_uint_ge(wifi->stations, 1);
  ck_assert_uint_le(wifi->stations, 3);
  ck_assert_uint_ge(wifi->queue.amount, 10);
  ck_assert_uint_le(wifi->queue.amount, 20);
  ck_assert_uint_ge(wifi->scan_every, 2 * S);
  ck_assert_uint_le(wifi->scan_every, 3 * S);
  ck_assert_int_ge(lte->enb.x_mm, -5000);
  ck_assert_int_le(lte->enb.x_mm, 5000);
  ck_assert_int_eq(lte->enb.y_mm, 9000);
  ck_assert_uint_ge(lte->cell_spacing_mm, 400000);
  ck_assert_uint_le(lte->cell_spacing_mm, 600000);
  ck_assert_uint_ge(lte->cells, 2);
  ck_assert_uint_le(lte->cells, 3);
  ho_scenario_del(sc);
}
END_TEST

START_TEST(new_actions) {
  ho_scenario *sc =
      must_load(NAME "networks:\n"
                     "  home: {type: wifi}\n"
                     "  cell: {type: lte, cells: 2}\n" WORK "timeline:\n"
                     "  - 1s: move 78m,-1.5m at 1.4m/s\n"
                     "  - 2s: handover cell 2\n"
                     "  - 3s: block home udp\n"
                     "  - 4s: throttle cell tcp 1Mbps\n"
                     "  - 5s: unblock home\n"
                     "  - 6s: unblock cell tcp\n"
                     "  - 7s: restart server\n"
                     "  - 8s: set home down 5Mbps\n"
                     "  - 9s: move 0m,0m at 36km/h\n",
                0);
  const ho_action *a = sc->timeline;

  ck_assert_uint_eq(sc->timeline_count, 9);
  ck_assert_int_eq(a[0].kind, HO_ACT_MOVE);
  ck_assert_int_eq(a[0].net, -1);
  check_position(a[0].to, 78000, -1500);
  ck_assert_uint_eq(a[0].mm_per_s, 1400);
  ck_assert_int_eq(a[1].kind, HO_ACT_HANDOVER);
  ck_assert_int_eq(a[1].net, 1);
  ck_assert_uint_eq(a[1].cell, 2);
  ck_assert_int_eq(a[2].kind, HO_ACT_BLOCK);
  ck_assert_int_eq(a[2].block, HO_BLOCK_UDP);
  ck_assert_int_eq(a[3].kind, HO_ACT_THROTTLE);
  ck_assert_int_eq(a[3].block, HO_BLOCK_TCP);
  ck_assert_uint_eq(a[3].limit_bps, 1000000);
  ck_assert_int_eq(a[4].kind, HO_ACT_UNBLOCK);
  ck_assert_int_eq(a[4].block, HO_BLOCK_ALL);
  ck_assert_int_eq(a[5].block, HO_BLOCK_TCP);
  ck_assert_int_eq(a[6].kind, HO_ACT_RESTART);
  ck_assert_int_eq(a[6].net, -1);
  ck_assert_int_eq(a[7].key, HO_SET_DOWN); /* of the backhaul */
  ck_assert_uint_eq(a[7].set.down_bps, 5000000);
  ck_assert_uint_eq(a[8].mm_per_s, 10000);
  ho_scenario_del(sc);
}
END_TEST

/* INTERFACE.md's own example, as it stands there. */
START_TEST(the_example) {
  ho_scenario *sc = must_load(
      "name: wifi-to-lte\n"
      "stop: 60s\n"
      "networks:\n"
      "  home:\n"
      "    type: wifi                # ns-3 802.11: one AP\n"
      "    standard: 802.11ac        # 802.11n | 802.11ac | 802.11ax\n"
      "    distance: 5m\n"
      "    nat: home-router\n"
      "    backhaul: {down: 100Mbps, up: 20Mbps, delay: 8ms, queue: 1bdp}\n"
      "  cell:\n"
      "    type: lte                 # ns-3 LTE + EPC\n"
      "    bandwidth: 10MHz\n"
      "    distance: 200m\n"
      "    nat: cgn\n"
      "    backhaul: {down: 1Gbps, up: 1Gbps, delay: 20ms}\n"
      "workload: {type: stream, up: 2Mbps, frame: 10ms, deadline: 100ms}\n"
      "timeline:\n"
      "  - 3s..4s: disconnect home   # drawn once per seed\n",
      0);

  ck_assert_uint_eq(sc->nets_count, 2);
  ck_assert_uint_eq(sc->nets[1].wired.delay, 20 * MS);
  ck_assert_int_eq(sc->work.type, HO_WORK_STREAM);
  ck_assert_uint_eq(sc->work.up_bps, 2000000);
  ck_assert_uint_eq(sc->work.down_bps, 1000000);
  ck_assert_uint_eq(sc->work.frame, 10 * MS);
  ck_assert_uint_eq(sc->work.deadline, 100 * MS);
  ho_scenario_del(sc);
}
END_TEST

START_TEST(stream_defaults) {
  ho_scenario *sc = must_load(NAME NETS "workload: {type: stream}\n", 0);

  ck_assert_uint_eq(sc->work.up_bps, 1000000);
  ck_assert_uint_eq(sc->work.down_bps, 1000000);
  ck_assert_uint_eq(sc->work.frame, 20 * MS);
  ck_assert_uint_eq(sc->work.deadline, 150 * MS);
  ho_scenario_del(sc);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, wifi_defaults);
  tcase_add_test(tc, wifi_keys);
  tcase_add_test(tc, wifi_widths);
  tcase_add_test(tc, lte_defaults);
  tcase_add_test(tc, lte_keys);
  tcase_add_test(tc, lte_bandwidths);
  tcase_add_test(tc, common_keys);
  tcase_add_test(tc, ranges);
  tcase_add_test(tc, new_actions);
  tcase_add_test(tc, the_example);
  tcase_add_test(tc, stream_defaults);
}

int main(void) {
  return suite_run("radios", add);
}
