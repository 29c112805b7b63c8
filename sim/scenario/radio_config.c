/* Networks of type `wifi` and `lte`.  ns-3 takes bad input for an order to
 * crash, so everything is checked here. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/network.h"
#include "sim/scenario/position.h"
#include "sim/scenario/range.h"

#define WIFI(member) offsetof(ho_net_config, wifi.member)
#define LTE(member)  offsetof(ho_net_config, lte.member)
#define DISTANCE     .min = 1, .max = HO_FARTHEST

/* A device's queue: one packet at least, and what ns-3's 32 bits hold. */
#define QUEUE_BYTES_MIN   1500
#define QUEUE_BYTES_MAX   1000000000
#define QUEUE_PACKETS_MAX 100000

static const char *const standards[] = {[HO_WIFI_N] = "802.11n",
                                        [HO_WIFI_AC] = "802.11ac",
                                        [HO_WIFI_AX] = "802.11ax"};
static const char *const widths[] = {"20MHz", "40MHz", "80MHz", "160MHz"};
static const uint32_t widths_mhz[] = {20, 40, 80, 160};
static const char *const schedulers[] = {
    [HO_LTE_PF] = "proportional-fair", [HO_LTE_RR] = "round-robin"};
/* 3GPP TS 36.104, table 5.6-1. */
static const char *const bandwidths[] = {"1.4MHz", "3MHz",  "5MHz",
                                         "10MHz",  "15MHz", "20MHz"};
static const uint32_t resource_blocks[] = {6, 15, 25, 50, 75, 100};

static const ho_key wifi_keys[] = {
    {"standard", HO_KEY_WORD, WIFI(standard), .words = standards,
     .words_count = HO_COUNT(standards)},
    {"distance", HO_KEY_OTHER},
    {"position", HO_KEY_OTHER},
    {"channel_width", HO_KEY_OTHER},
    {"tx_power", HO_KEY_POWER, WIFI(tx_power_mdbm), .max = 30000,
     .bounds = "0dBm to 30dBm"},
    {"stations", HO_KEY_OTHER},
    {"queue", HO_KEY_OTHER},
    {"scan_every", HO_KEY_TIME_OR_NEVER, WIFI(scan_every), .min = HO_MSEC,
     .bounds = "1ms or more"},
    {"scan_for", HO_KEY_OTHER},
    {"backhaul", HO_KEY_OTHER},
};

static const ho_key lte_keys[] = {
    {"bandwidth", HO_KEY_OTHER},
    {"distance", HO_KEY_OTHER},
    {"position", HO_KEY_OTHER},
    {"cells", HO_KEY_COUNT32, LTE(cells), .min = 1, .max = 7,
     .bounds = "1 to 7"},
    {"cell_spacing", HO_KEY_LENGTH, LTE(cell_spacing_mm), DISTANCE,
     .bounds = "more than 0m, at most 100km"},
    {"scheduler", HO_KEY_WORD, LTE(scheduler), .words = schedulers,
     .words_count = HO_COUNT(schedulers)},
    {"ues", HO_KEY_OTHER},
    {"queue", HO_KEY_OTHER},
    {"backhaul", HO_KEY_OTHER},
};

static const ho_key distance_key = {"distance", HO_KEY_LENGTH, DISTANCE,
                                    .bounds = "more than 0m, at most 100km"};

/* Reads a quantity that the section has, with the bounds it is drawn from. */
static bool read_drawn(ho_loader *l, const ho_section *section,
                       const char *name, ho_units_kind kind, ho_slice *text,
                       ho_drawn *drawn) {
  char *path;
  int rv;

  if (!ho_section_text(l, section, name, text)) {
    return false;
  }
  path = ho_format("%s.%s", section->path, name);
  rv = ho_range_read(l, *text, kind, path, drawn);
  free(path);
  ho_loader_word(l, text, NULL); /* what is quoted is the value */
  return rv == 0;
}

/* One of a few frequencies: its index among |words|, or -1.  |of| is what has
 * them. */
static int read_frequency(ho_loader *l, const ho_section *section,
                          const char *name, const char *const *words,
                          size_t count, const char *of) {
  ho_slice text;
  ho_drawn drawn;
  ho_quantity word;
  char *list, *unused;

  if (!read_drawn(l, section, name, HO_UNITS_FREQUENCY, &text, &drawn)) {
    return -1;
  }
  for (size_t i = 0; i < count && drawn.lo == drawn.hi; i++) {
    if (ho_units_parse(words[i], strlen(words[i]), HO_UNITS_FREQUENCY, &word,
                       &unused) == 0 &&
        word.value == drawn.value) {
      return (int)i;
    }
  }
  list = ho_loader_alternatives(words, count);
  ho_slice_error(&l->doc, text, "'%.*s' is no %s of %s (expected %s)",
                 HO_SLICE(text), name, of, list);
  free(list);
  return -1;
}

/* Sets where the AP or the first cell stands. */
static void read_place(ho_loader *l, const ho_section *section,
                       ho_position *place) {
  const yaml_node_t *distance = ho_section_get(l, section, "distance");
  const yaml_node_t *position = ho_section_get(l, section, "position");
  ho_position there;
  ho_slice text;
  uint64_t mm;
  char *path;

  if (distance && position) {
    ho_doc_error(&l->doc, position,
                 "'position' and 'distance' both say where it stands");
    return;
  }
  path = ho_format("%s.%s", section->path, distance ? "distance" : "position");
  if (ho_section_text(l, section, "distance", &text) &&
      ho_key_read(l, &distance_key, text, path, &mm)) {
    *place = (ho_position){-(int64_t)mm, 0};
  }
  if (ho_section_text(l, section, "position", &text) &&
      ho_position_read(l, text, path, &there)) {
    *place = there;
    if (there.x_mm == 0 && there.y_mm == 0) {
      ho_slice_error(&l->doc, text, "'%.*s' is where the clients stand",
                     HO_SLICE(text));
    }
  }
  free(path);
}

/* Others on the network, beside the clients; |count| holds how many there are
 * without the key. */
static void read_crowd(ho_loader *l, const ho_section *section,
                       const char *name, size_t limit, uint32_t *count) {
  ho_slice text;
  ho_drawn drawn;

  if (!read_drawn(l, section, name, HO_UNITS_COUNT, &text, &drawn)) {
    if (*count + l->clients_max > limit) {
      ho_doc_error(&l->doc, section->at,
                   "%s has room for %zu clients%s, not %zu", section->what,
                   limit, *count > 0 ? " and others" : "",
                   *count + l->clients_max);
    }
  } else if (drawn.hi > limit || drawn.hi + l->clients_max > limit) {
    ho_slice_error(&l->doc, text,
                   "'%.*s' is out of range for '%s' (with %zu client%s, %s has "
                   "room for %zu in all)",
                   HO_SLICE(text), name, l->clients_max,
                   l->clients_max == 1 ? "" : "s", section->what, limit);
  } else {
    *count = (uint32_t)drawn.value;
  }
}

static void read_queue(ho_loader *l, const ho_section *section, bool packets,
                       ho_queue_size *queue) {
  ho_slice text;
  ho_drawn drawn;
  bool ok;

  if (!read_drawn(l, section, "queue", HO_UNITS_QUEUE, &text, &drawn)) {
    return;
  }
  if (drawn.queue == HO_QUEUE_PACKETS) {
    ok = packets && drawn.lo >= 1 && drawn.hi <= QUEUE_PACKETS_MAX;
  } else {
    ok = drawn.queue == HO_QUEUE_BYTES && drawn.lo >= QUEUE_BYTES_MIN &&
         drawn.hi <= QUEUE_BYTES_MAX;
  }
  if (ok) {
    *queue = (ho_queue_size){drawn.queue, drawn.value};
    return;
  }
  ho_slice_error(&l->doc, text,
                 "'%.*s' is no queue of %s (expected %s1500B to 1GB)",
                 HO_SLICE(text), packets ? "a Wi-Fi device" : "an LTE bearer",
                 packets ? "1p to 100000p, or " : "");
}

static void read_scan(ho_loader *l, const ho_section *section, bool every_ok,
                      ho_wifi_config *wifi) {
  ho_slice text = {0};
  ho_drawn drawn;
  ho_time every = wifi->scan_every;
  bool given = false;

  if (read_drawn(l, section, "scan_for", HO_UNITS_TIME, &text, &drawn)) {
    given = true;
    wifi->scan_lo = drawn.lo;
    wifi->scan_hi = drawn.hi;
    if (drawn.lo == 0) {
      ho_slice_error(&l->doc, text,
                     "'%.*s' is out of range for 'scan_for' (expected more "
                     "than 0ns)",
                     HO_SLICE(text));
      return;
    }
  }
  if (every == HO_NEVER || !every_ok) {
    return;
  }
  /* What it was drawn from, when this section says it. */
  if (ho_section_get(l, section, "scan_every") &&
      read_drawn(l, section, "scan_every", HO_UNITS_TIME, &text, &drawn)) {
    every = drawn.lo;
    given = true;
  }
  if (given && every <= wifi->scan_hi) {
    ho_slice_error(&l->doc, text,
                   "'%.*s': a scan could last until the next ('scan_every' "
                   "must be more than 'scan_for')",
                   HO_SLICE(text));
  }
}

static void read_width(ho_loader *l, const ho_section *section,
                       ho_wifi_config *wifi) {
  bool is_n = wifi->standard == HO_WIFI_N;
  size_t allowed = is_n ? 2 : HO_COUNT(widths);
  int index;

  if (ho_section_get(l, section, "channel_width")) {
    index = read_frequency(l, section, "channel_width", widths, allowed,
                           standards[wifi->standard]);
    wifi->channel_width_mhz = widths_mhz[index < 0 ? 0 : index];
  } else if (!section->complete ||
             wifi->channel_width_mhz > widths_mhz[allowed - 1]) {
    wifi->channel_width_mhz = is_n ? 20 : 80;
  }
}

void ho_wifi_defaults(ho_net_config *net) {
  net->wifi = (ho_wifi_config){.standard = HO_WIFI_AC,
                               .channel_width_mhz = 80,
                               .tx_power_mdbm = 20000,
                               .ap = {-5000, 0},
                               .queue = {HO_QUEUE_PACKETS, 1000},
                               .scan_every = HO_NEVER,
                               .scan_lo = 100 * HO_MSEC,
                               .scan_hi = 250 * HO_MSEC};
}

void ho_wifi_read(ho_loader *l, const ho_section *section, ho_net_config *net) {
  size_t problems = l->doc.problems_count;

  ho_net_keys_read(l, section, wifi_keys, HO_COUNT(wifi_keys), net);
  read_scan(l, section, l->doc.problems_count == problems, &net->wifi);
  read_width(l, section, &net->wifi);
  read_place(l, section, &net->wifi.ap);
  read_crowd(l, section, "stations", HO_WIFI_STATIONS_MAX, &net->wifi.stations);
  read_queue(l, section, true, &net->wifi.queue);
  ho_backhaul_read(l, section, &net->wired);
}

void ho_lte_defaults(ho_net_config *net) {
  net->lte = (ho_lte_config){.resource_blocks = 50,
                             .enb = {-200000, 0},
                             .cells = 1,
                             .scheduler = HO_LTE_RR,
                             .cell_spacing_mm = 500000,
                             .queue = {HO_QUEUE_BYTES, 1000000}};
}

void ho_lte_read(ho_loader *l, const ho_section *section, ho_net_config *net) {
  int index;

  ho_net_keys_read(l, section, lte_keys, HO_COUNT(lte_keys), net);
  index = read_frequency(l, section, "bandwidth", bandwidths,
                         HO_COUNT(bandwidths), "LTE");
  if (index >= 0) {
    net->lte.resource_blocks = resource_blocks[index];
  }
  read_place(l, section, &net->lte.enb);
  read_crowd(l, section, "ues", HO_LTE_UES_MAX, &net->lte.ues);
  read_queue(l, section, false, &net->lte.queue);
  ho_backhaul_read(l, section, &net->wired);
}

const char *ho_net_elsewhere(const char *key) {
  static const struct {
    const char *key, *owner;
  } owners[] = {
      {"down", "it belongs to 'backhaul'"},
      {"up", "it belongs to 'backhaul'"},
      {"delay", "it belongs to 'backhaul'"},
      {"jitter", "it belongs to 'backhaul'"},
      {"loss", "it belongs to 'backhaul'"},
      {"reorder", "it belongs to 'backhaul'"},
      {"standard", "it belongs to wifi"},
      {"channel_width", "it belongs to wifi"},
      {"tx_power", "it belongs to wifi"},
      {"stations", "it belongs to wifi"},
      {"scan_every", "it belongs to wifi"},
      {"scan_for", "it belongs to wifi"},
      {"distance", "it belongs to wifi and lte"},
      {"position", "it belongs to wifi and lte"},
      {"backhaul", "it belongs to wifi and lte"},
      {"bandwidth", "it belongs to lte"},
      {"cells", "it belongs to lte"},
      {"cell_spacing", "it belongs to lte"},
      {"scheduler", "it belongs to lte"},
      {"ues", "it belongs to lte"},
      {"name", "it belongs to preset"},
  };

  for (size_t i = 0; i < HO_COUNT(owners); i++) {
    if (strcmp(key, owners[i].key) == 0) {
      return owners[i].owner;
    }
  }
  return ho_position_is_length(key)
             ? "a position within {} must be in quotes, such as \"60m,0m\""
             : NULL;
}
