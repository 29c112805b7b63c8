/* Networks that have a name.  Each is what a scenario would say, so that
 * `handoff list presets` prints what a person can copy and change. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/keys.h"
#include "sim/scenario/presets.h"

#define OOKLA "Ookla, 'How Starlink's Satellite Internet Stacks Up', Q2 2021: "
#define TGN                                                                    \
  "IEEE 802.11-03/940r4, 'TGn Channel Models' (2004), table of breakpoint "    \
  "distances: "
#define WEBPAGETEST "WebPageTest, www/settings/connectivity.ini.sample (2020): "

static const ho_net_preset presets[] = {
    {"home-wifi", "a room away from one's own access point",
     "{type: wifi, standard: 802.11ac, channel_width: 80MHz, distance: 5m, "
     "nat: home-router, backhaul: {down: 115Mbps, up: 17Mbps, delay: 7ms}}",
     OOKLA "medians over all fixed lines of the U.S. are 115.22 and 17.18 "
           "Mbit/s and 14 ms of round trip. " TGN "5 m at home (model B). "
           "80 MHz is what every 802.11ac device has (IEEE 802.11ac-2013)."},
    {"office-wifi", "an office with ten colleagues at the same access point",
     "{type: wifi, standard: 802.11ax, channel_width: 40MHz, tx_power: 17dBm, "
     "distance: 10m, stations: 10, nat: home-router, "
     "backhaul: {down: 1Gbps, up: 1Gbps, delay: 7ms}}",
     TGN "10 m in an office (model D). 40 MHz: Linksys, 'Access Point "
         "Capacity Planning Guide' (article 47063). CWNA-109 study guide "
         "(2021), chapter 10: 14 to 17 dBm and 30 to 50 clients an access "
         "point where it is dense; ten of them active here. 1 Gbit/s: "
         "1000BASE-T (IEEE "
         "802.3ab-1999). " OOKLA "14 ms of round trip."},
    {"cafe-wifi", "a large room with one old access point",
     "{type: wifi, standard: 802.11n, channel_width: 20MHz, distance: 20m, "
     "nat: home-router, backhaul: {down: 24.9Mbps, up: 8.7Mbps, delay: 7ms}}",
     "SpeedSpot, 'Thanks Google: Starbucks WiFi now faster than ever' (2014): "
     "24.9 and 8.7 Mbit/s on average over 650 shops with 802.11g/n. " TGN
     "20 m in a large room (model E). " OOKLA "14 ms of round trip."},
    {"lte-good", "between a city's cells, near one of them",
     "{type: lte, bandwidth: 10MHz, distance: 125m, nat: cgn, "
     "backhaul: {down: 1Gbps, up: 1Gbps, delay: 20ms}}",
     "3GPP TR 36.814 (2010), table A.2.1.1-1, case 1: 10 MHz, 500 m between "
     "sites; this is half way to a cell's border. Catchpoint, 'Network Latency "
     "of 4G' (Web Performance Calendar, 2013): median ping of 55 ms, of which "
     "about 15 ms are the radio's."},
    {"lte-edge", "in the country, on the border between two sites",
     "{type: lte, bandwidth: 10MHz, distance: 866m, nat: cgn, "
     "backhaul: {down: 1Gbps, up: 1Gbps, delay: 20ms}}",
     "3GPP TR 36.814 (2010), table A.2.1.1-1, case 3: 10 MHz, 1732 m between "
     "sites, of which this is half. Backhaul as lte-good."},
    {"train-lte", "along a railway: seven cells, the first beside the client",
     "{type: lte, bandwidth: 10MHz, position: \"0m,100m\", cells: 7, "
     "cell_spacing: 1732m, nat: cgn, "
     "backhaul: {down: 1Gbps, up: 1Gbps, delay: 20ms}}",
     "3GPP TR 38.913 (2017), 6.1.5, 'High speed': sites 1732 m apart, 100 m "
     "from the track ('move' along x at up to 500km/h). Backhaul as "
     "lte-good."},
    {"dsl", "ADSL2+ at its best",
     "{type: wired, down: 24Mbps, up: 1.4Mbps, delay: 25ms, "
     "nat: home-router}",
     "ITU-T G.992.5 (2009), annex A: 24 and 1.4 Mbit/s. " WEBPAGETEST
     "DSL has a round trip of 50 ms."},
    {"cable", "a fixed line as most of the U.S. have it",
     "{type: wired, down: 115Mbps, up: 17Mbps, delay: 7ms, nat: home-router}",
     OOKLA "medians over all fixed lines of the U.S. are 115.22 and 17.18 "
           "Mbit/s and 14 ms of round trip."},
    {"fibre", "GPON behind a gigabit port",
     "{type: wired, down: 1Gbps, up: 1Gbps, delay: 2ms, nat: home-router}",
     "ITU-T G.984.2 (2003) carries 2.488 and 1.244 Gbit/s, 1000BASE-T (IEEE "
     "802.3ab-1999) 1 Gbit/s of them. " WEBPAGETEST "FIOS has a round trip of "
     "4 ms."},
    {"satellite-leo", "Starlink",
     "{type: wired, down: 97Mbps, up: 14Mbps, delay: 20ms, jitter: 10ms, "
     "nat: cgn}",
     OOKLA "medians of 97.23 and 13.89 Mbit/s and 45 ms. Michel et al., 'A "
           "First Look at Starlink Performance' (IMC 2022): round trips of 40 "
           "to 60 ms between the quartiles, and a carrier's NAT."},
    {"satellite-geo", "a geostationary satellite, Viasat's",
     "{type: wired, down: 18Mbps, up: 3.4Mbps, delay: 315ms, "
     "nat: home-router}",
     OOKLA "medians of 18.13 and 3.38 Mbit/s and 630 ms of round trip."},
    {"3g", "a phone before LTE",
     "{type: wired, down: 1.6Mbps, up: 768kbps, delay: 150ms, nat: cgn}",
     WEBPAGETEST "3G has 1.6 and 0.768 Mbit/s and a round trip of 300 ms."},
};

const ho_net_preset *ho_net_presets(size_t *count) {
  *count = HO_COUNT(presets);
  return presets;
}
