/* The radio of an air: what a network's configuration asks ns-3 for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/air_radio.h"

#include <math.h>
#include <stdlib.h>

#include "sim/base/alloc.h"

static const double apart_m = 0.1;

size_t ho_air_others(const ho_net_config *net) {
  return net->type == HO_NET_WIFI ? net->wifi.stations : net->lte.ues;
}

static ho_place_m metres(ho_position p) {
  return (ho_place_m){(double)p.x_mm / 1000, (double)p.y_mm / 1000};
}

ho_place_m ho_air_place(ho_position p, size_t client) {
  ho_place_m place = metres(p);

  place.y += apart_m * (double)client;
  return place;
}

static size_t count_stations(const ho_air_config *config) {
  return config->clients + ho_air_others(config->net);
}

/* The other stations stand around the AP or the first cell, as far from it as
 * the clients' start, at least a metre. */
static ho_place_m *place_stations(const ho_air_config *config,
                                  ho_place_m centre) {
  size_t others = ho_air_others(config->net);
  ho_place_m *places =
      ho_alloc_array(config->clients + others, sizeof(*places));
  double radius = hypot(centre.x, centre.y);

  if (radius < 1) {
    radius = 1;
  }
  for (size_t i = 0; i < config->clients; i++) {
    places[i] = ho_air_place(config->start, i);
  }
  for (size_t i = 0; i < others; i++) {
    double angle = 2 * M_PI * ((double)i + 0.5) / (double)others + M_PI / 2;

    places[config->clients + i] = (ho_place_m){centre.x + radius * cos(angle),
                                               centre.y + radius * sin(angle)};
  }
  return places;
}

static ho_radio *make_wifi(const ho_air_config *config,
                           const ho_radio_upcalls *upcalls) {
  static const ho_80211 standards[] = {[HO_WIFI_N] = HO_80211N,
                                       [HO_WIFI_AC] = HO_80211AC,
                                       [HO_WIFI_AX] = HO_80211AX};
  const ho_wifi_config *wifi = &config->net->wifi;
  ho_place_m *places = place_stations(config, metres(wifi->ap));
  ho_wifi_setup setup = {.index = (unsigned)config->index,
                         .standard = standards[wifi->standard],
                         .width_mhz = wifi->channel_width_mhz,
                         .tx_power_dbm = (double)wifi->tx_power_mdbm / 1000,
                         .ap = metres(wifi->ap),
                         .stations = places,
                         .stations_count = count_stations(config),
                         .upcalls = *upcalls};
  ho_radio *radio;

  if (wifi->queue.unit == HO_QUEUE_PACKETS) {
    setup.queue_packets = (unsigned)wifi->queue.amount;
  } else {
    setup.queue_bytes = wifi->queue.amount;
  }
  radio = ho_wifi_new(&setup);
  free(places);
  return radio;
}

static ho_radio *make_lte(const ho_air_config *config,
                          const ho_radio_upcalls *upcalls) {
  const ho_lte_config *lte = &config->net->lte;
  ho_place_m *places = place_stations(config, metres(lte->enb));
  ho_lte_setup setup = {.index = (unsigned)config->index,
                        .resource_blocks = lte->resource_blocks,
                        .enb = metres(lte->enb),
                        .cells = lte->cells,
                        .spacing_m = (double)lte->cell_spacing_mm / 1000,
                        .scripted = config->scripted,
                        .round_robin = lte->scheduler == HO_LTE_RR,
                        .stations = places,
                        .stations_count = count_stations(config),
                        .buffer_bytes = lte->queue.amount,
                        .upcalls = *upcalls};
  ho_radio *radio = ho_lte_new(&setup);

  free(places);
  return radio;
}

ho_radio *ho_air_radio_new(const ho_air_config *config,
                           const ho_radio_upcalls *upcalls) {
  return config->net->type == HO_NET_WIFI ? make_wifi(config, upcalls)
                                          : make_lte(config, upcalls);
}
