/* Tests of what is said of bad radios and presets.  ns-3 would crash on most of
 * them, so nothing of the kind may load. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenario/errors.h"

#define NET(keys)  NAME "networks: {a: {" keys "}}\n" WORK
#define WIFI(keys) NET("type: wifi, " keys)
#define LTE(keys)  NET("type: lte, " keys)

static const bad_case bad_wifi[] = {
    {WIFI("standard: 802.11b"),
     "x:3:38: '802.11b' is no value of 'standard' (expected 802.11n, 802.11ac "
     "or 802.11ax)\n"},
    {WIFI("standard: 802.11n, channel_width: 80MHz"),
     "x:3:62: '80MHz' is no channel_width of 802.11n (expected 20MHz or "
     "40MHz)\n"},
    {WIFI("channel_width: 30MHz"),
     "x:3:43: '30MHz' is no channel_width of 802.11ac (expected 20MHz, 40MHz, "
     "80MHz or 160MHz)\n"},
    {WIFI("channel_width: 20MHz..40MHz"),
     "x:3:43: '20MHz..40MHz' is no channel_width of 802.11ac (expected 20MHz, "
     "40MHz, 80MHz or 160MHz)\n"},
    {WIFI("channel_width: 20"),
     "x:3:43: '20' has no unit (expected a frequency such as 20MHz)\n"},
    {WIFI("tx_power: 31dBm"),
     "x:3:38: '31dBm' is out of range for 'tx_power' (expected 0dBm to "
     "30dBm)\n"},
    {WIFI("tx_power: -1dBm"),
     "x:3:38: '-1dBm' is negative (expected a power such as 20dBm)\n"},
    {WIFI("tx_power: 20dBm..40dBm"),
     "x:3:38: '20dBm..40dBm' is out of range for 'tx_power' (expected 0dBm to "
     "30dBm)\n"},
    {WIFI("distance: 0m"),
     "x:3:38: '0m' is out of range for 'distance' (expected more than 0m, at "
     "most 100km)\n"},
    {WIFI("distance: 100.1km"),
     "x:3:38: '100.1km' is out of range for 'distance' (expected more than 0m, "
     "at most 100km)\n"},
    {WIFI("distance: 5"),
     "x:3:38: '5' has no unit (expected a length such as 5m)\n"},
    {WIFI("distance: 5m, position: '5m,0m'"),
     "x:3:52: 'position' and 'distance' both say where it stands\n"},
    {WIFI("position: '0m,0m'"), "x:3:39: '0m,0m' is where the clients stand\n"},
    {WIFI("position: '5m,-101km'"),
     "x:3:42: '-101km' is out of range (expected -100km to 100km)\n"},
    {WIFI("position: 60m,0m"),
     "x:3:38: '60m' is not a position (expected one such as 60m,0m; within {} "
     "or [] in quotes)\n"
     "x:3:42: '0m' is not a key of network 'a': a position within {} must be "
     "in "
     "quotes, such as \"60m,0m\"\n"},
    {WIFI("position: [1m, 2m]"), "x:3:38: 'position' must be a single value\n"},
    {WIFI("stations: 200"),
     "x:3:38: '200' is out of range for 'stations' (with 1 client, network 'a' "
     "has room for 200 in all)\n"},
    {WIFI("stations: 0..196") "clients: 5\n",
     "x:3:38: '0..196' is out of range for 'stations' (with 5 clients, "
     "network 'a' has room for 200 in all)\n"},
    {WIFI("stations: 1000000000000000000"),
     "x:3:38: '1000000000000000000' is out of range for 'stations' (with 1 "
     "client, network 'a' has room for 200 in all)\n"},
    {WIFI("nat: cgn") "clients: 100..201\n",
     "x:3:12: network 'a' has room for 200 clients, not 201\n"},
    {WIFI("queue: 1bdp"),
     "x:3:35: '1bdp' is no queue of a Wi-Fi device (expected 1p to 100000p, or "
     "1500B to 1GB)\n"},
    {WIFI("queue: 0p"),
     "x:3:35: '0p' is no queue of a Wi-Fi device (expected 1p to 100000p, or "
     "1500B to 1GB)\n"},
    {WIFI("queue: 1499B"), "x:3:35: '1499B' is no queue of a Wi-Fi device "
                           "(expected 1p to 100000p, or "
                           "1500B to 1GB)\n"},
    {WIFI("queue: 5p..200000p"),
     "x:3:35: '5p..200000p' is no queue of a Wi-Fi device (expected 1p to "
     "100000p, or 1500B to 1GB)\n"},
    {WIFI("scan_every: 250ms"),
     "x:3:40: '250ms': a scan could last until the next ('scan_every' must be "
     "more than 'scan_for')\n"},
    {WIFI("scan_every: 1s..5s, scan_for: 100ms..1s"),
     "x:3:40: '1s..5s': a scan could last until the next ('scan_every' must be "
     "more than 'scan_for')\n"},
    {WIFI("scan_for: 0s, scan_every: soon"),
     "x:3:38: '0s' is out of range for 'scan_for' (expected more than 0ns)\n"
     "x:3:54: 'soon' is no value of 'scan_every' (expected a duration such as "
     "20ms, or never)\n"},
    {WIFI("backhaul: 5Mbps"),
     "x:3:38: 'backhaul' must be a map such as {down: 1Gbps, delay: 5ms}\n"},
    {WIFI("backhaul: {down: 0Mbps, dwon: 3, nat: cgn}"),
     "x:3:45: '0Mbps' is out of range for 'down' (expected more than 0bps)\n"
     "x:3:52: unknown key 'dwon' in 'backhaul' (did you mean 'down'?)\n"
     "x:3:61: unknown key 'nat' in 'backhaul'\n"},
    {WIFI("down: 1Mbps, bandwidth: 10MHz, name: x, standrad: 802.11n"),
     "x:3:28: 'down' is not a key of network 'a': it belongs to 'backhaul'\n"
     "x:3:41: 'bandwidth' is not a key of network 'a': it belongs to lte\n"
     "x:3:59: 'name' is not a key of network 'a': it belongs to preset\n"
     "x:3:68: unknown key 'standrad' in network 'a' (did you mean "
     "'standard'?)\n"},
};

static const bad_case bad_lte[] = {
    {LTE("bandwidth: 7MHz"),
     "x:3:38: '7MHz' is no bandwidth of LTE (expected 1.4MHz, 3MHz, 5MHz, "
     "10MHz, 15MHz or 20MHz)\n"},
    {LTE("bandwidth: 5MHz..10MHz"),
     "x:3:38: '5MHz..10MHz' is no bandwidth of LTE (expected 1.4MHz, 3MHz, "
     "5MHz, 10MHz, 15MHz or 20MHz)\n"},
    {LTE("cells: 0, cell_spacing: 0m, scheduler: fair"),
     "x:3:34: '0' is out of range for 'cells' (expected 1 to 7)\n"
     "x:3:51: '0m' is out of range for 'cell_spacing' (expected more than 0m, "
     "at most 100km)\n"
     "x:3:66: 'fair' is no value of 'scheduler' (expected proportional-fair or "
     "round-robin)\n"},
    {LTE("ues: 320"), "x:3:32: '320' is out of range for 'ues' (with 1 client, "
                      "network 'a' has room for 320 in all)\n"},
    {LTE("distance: 5m") "clients: 321\n",
     "x:3:12: network 'a' has room for 320 clients, not 321\n"},
    {LTE("queue: 100p"),
     "x:3:34: '100p' is no queue of an LTE bearer (expected 1500B to 1GB)\n"},
    {LTE("queue: 2000000KB"),
     "x:3:34: '2000000KB' is no queue of an LTE bearer (expected 1500B to "
     "1GB)\n"},
    {LTE("stations: 3"),
     "x:3:27: 'stations' is not a key of network 'a': it belongs to wifi\n"},
};

static const bad_case bad_presets[] = {
    {NET("type: preset"),
     "x:3:12: network 'a' lacks 'name' (see 'handoff list presets')\n"},
    {NET("type: preset, name: home-wfi"),
     "x:3:36: 'home-wfi' is no value of 'name' (expected home-wifi, "
     "office-wifi, cafe-wifi, lte-good, lte-edge, train-lte, dsl, cable, "
     "fibre, "
     "satellite-leo, satellite-geo or 3g)\n"},
    {NET("type: preset, name: [dsl]"),
     "x:3:36: 'name' must be a single value\n"},
    {NET("type: preset, name: dsl, distance: 5m"),
     "x:3:41: 'distance' is not a key of network 'a': it belongs to wifi and "
     "lte\n"},
    /* What the preset says counts too. */
    {NET("type: preset, name: office-wifi") "clients: 191\n",
     "x:3:12: network 'a' has room for 200 clients and others, not 201\n"},
};

ERRORS_TEST(wifi)
ERRORS_TEST(lte)
ERRORS_TEST(presets)

static void add(TCase *tc) {
  tcase_add_loop_test(tc, wifi_errors, 0, COUNT(bad_wifi));
  tcase_add_loop_test(tc, lte_errors, 0, COUNT(bad_lte));
  tcase_add_loop_test(tc, presets_errors, 0, COUNT(bad_presets));
}

int main(void) {
  return suite_run("radio_errors", add);
}
