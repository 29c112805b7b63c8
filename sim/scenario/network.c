/* The section `networks`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/network.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/presets.h"

/* Each network has address blocks of its own at the client, the NAT and the
 * server's side of it. */
#define NETWORKS_MAX 64

/* Of all types together. */
#define KEYS_MAX 32

static const char *const types[] = {[HO_NET_WIRED] = "wired",
                                    [HO_NET_TRACE] = "trace",
                                    [HO_NET_WIFI] = "wifi",
                                    [HO_NET_LTE] = "lte",
                                    "preset"};
static const char *const families[] = {"ipv4", "ipv6"};

static const char *const ecns[] = {"pass", "bleach"};

static const ho_key type_key = {"type", HO_KEY_WORD, .words = types,
                                .words_count = HO_COUNT(types)};
static const ho_key family_key = {"family", HO_KEY_WORD, .words = families,
                                  .words_count = HO_COUNT(families)};

static const ho_key common_keys[] = {
    {"type", HO_KEY_OTHER},
    {"name", HO_KEY_OTHER}, /* of a preset: must be the second */
    {"family", HO_KEY_OTHER},
    {"connected", HO_KEY_BOOL, offsetof(ho_net_config, connected)},
    {"nat", HO_KEY_OTHER},
    {"background", HO_KEY_OTHER},
    {"mtu", HO_KEY_OTHER},
    {"address", HO_KEY_TIME, offsetof(ho_net_config, address)},
    {"ecn", HO_KEY_BOOL, offsetof(ho_net_config, bleaches), .words = ecns,
     .words_count = HO_COUNT(ecns)},
};

static const ho_key background_keys[] = {
    {"down", HO_KEY_RATE, offsetof(ho_net_config, background_down_bps)},
    {"up", HO_KEY_RATE, offsetof(ho_net_config, background_up_bps)},
};

/* All groups of keys stand in one map, so they are read as one table. */
void ho_net_keys_read(ho_loader *l, const ho_section *section,
                      const ho_key *keys, size_t count, ho_net_config *net) {
  ho_key all[KEYS_MAX];
  size_t n = 0;

  assert(count + HO_COUNT(common_keys) <= KEYS_MAX);
  for (size_t i = 0; i < HO_COUNT(common_keys); i++) {
    if (i != 1 || section->complete) {
      all[n++] = common_keys[i];
    }
  }
  for (size_t i = 0; i < count; i++) {
    all[n++] = keys[i];
  }
  ho_section_read(l, section, all, n, net);
}

static void read_family(ho_loader *l, const ho_section *section,
                        ho_net_config *net) {
  ho_slice text;
  int index;

  if (ho_section_text(l, section, "family", &text) &&
      ho_loader_word(l, &text, NULL)) {
    index = ho_key_word(l, &family_key, text);
    net->family = index == 1 ? 6 : 4;
  }
}

/* QUIC needs 1200 bytes of UDP payload (RFC 9000, 14), IPv6 a link of 1280
 * bytes (RFC 8200, 5).  Bytes are written as 1400B or, as everywhere else in
 * the world, as 1400. */
static void read_mtu(ho_loader *l, const ho_section *section,
                     ho_net_config *net) {
  static const ho_key bare = {"mtu", HO_KEY_COUNT32, .min = 1280, .max = 1500,
                              .bounds = "1280 to 1500"};
  static const ho_key bytes = {"mtu", HO_KEY_BYTES, .min = 1280, .max = 1500,
                               .bounds = "1280B to 1500B"};
  ho_slice text, value;
  uint64_t size;
  char *path;

  if (!ho_section_text(l, section, "mtu", &text)) {
    return;
  }
  value = text;
  path = ho_format("%s.mtu", section->path);
  if (!ho_loader_word(l, &value, NULL)) {
    /* it has been said */
  } else if (value.len > 0 && isdigit((unsigned char)value.s[value.len - 1])) {
    ho_key_read(l, &bare, text, path, &net->mtu);
  } else if (ho_key_read(l, &bytes, text, path, &size)) {
    net->mtu = (uint32_t)size;
  }
  free(path);
}

static void read_background(ho_loader *l, const ho_section *section,
                            ho_net_config *net) {
  const yaml_node_t *node = ho_section_get(l, section, "background");
  char *path = ho_format("%s.background", section->path);
  ho_section own = {node, node, path, "'background'"};

  if (node &&
      ho_section_is_map(l, node, "'background'", "{down: 20Mbps, up: 2Mbps}")) {
    net->background_down_bps = net->background_up_bps = 0;
    ho_section_read(l, &own, background_keys, HO_COUNT(background_keys), net);
  }
  free(path);
}

static void read_nat(ho_loader *l, const ho_section *section,
                     ho_net_config *net) {
  const yaml_node_t *nat = ho_section_get(l, section, "nat");
  size_t problems = l->doc.problems_count;
  char *path;

  if (nat) {
    path = ho_format("%s.nat", section->path);
    ho_nat_read(l, nat, path, &net->nat);
    free(path);
    /* Whatever is wrong with it, `rebind` need not say that it has none. */
    net->nat.present |= l->doc.problems_count > problems;
  }
}

/* Reads what |section| says over what |net| holds. */
static void read_keys(ho_loader *l, const ho_section *section,
                      ho_net_config *net) {
  switch (net->type) {
  case HO_NET_WIRED:
    ho_wired_read(l, section, net);
    break;
  case HO_NET_TRACE:
    ho_trace_net_read(l, section, net);
    break;
  case HO_NET_WIFI:
    ho_wifi_read(l, section, net);
    break;
  case HO_NET_LTE:
    ho_lte_read(l, section, net);
    break;
  }
  read_family(l, section, net);
  read_mtu(l, section, net);
  read_background(l, section, net);
  read_nat(l, section, net);
}

static void set_defaults(ho_net_config *net, ho_net_type type) {
  net->type = type;
  net->wired.queue = (ho_queue_size){HO_QUEUE_BDP, 1000};
  if (ho_net_is_radio(net)) {
    net->wired.down_bps = net->wired.up_bps = 1000000000;
    net->wired.delay = 5 * HO_MSEC;
  }
  if (type == HO_NET_WIFI) {
    ho_wifi_defaults(net);
  } else if (type == HO_NET_LTE) {
    ho_lte_defaults(net);
  }
}

/* Resolves `type` to an index of |types|, or notes the problem: -1. */
static int read_type(ho_loader *l, const ho_section *section) {
  ho_slice text;

  if (!ho_section_get(l, section, "type")) {
    ho_doc_error(&l->doc, section->at, "%s lacks 'type' (such as wired)",
                 section->what);
    return -1;
  }
  return ho_section_text(l, section, "type", &text) &&
                 ho_loader_word(l, &text, NULL)
             ? ho_key_word(l, &type_key, text)
             : -1;
}

/* A preset is a network in the words of a scenario. */
static void expand(const ho_net_preset *preset, ho_net_config *net) {
  ho_scenario nothing = {.file = (char *)preset->name};
  ho_loader l = {.seed = 1, .out = &nothing};
  ho_section section = {.path = "preset", .what = "the preset"};
  int type;

  ho_doc_parse(&l.doc, preset->name, preset->yaml, strlen(preset->yaml));
  section.node = section.at = yaml_document_get_root_node(&l.doc.yaml);
  type = read_type(&l, &section);
  assert(type >= 0 && type <= HO_NET_LTE);
  set_defaults(net, (ho_net_type)type);
  read_keys(&l, &section, net);
  assert(l.doc.problems_count == 0 && l.draws == 0);
  ho_doc_free(&l.doc);
  net->preset = ho_strdup(preset->name);
}

static const ho_net_preset *find_preset(ho_loader *l,
                                        const ho_section *section) {
  size_t count;
  const ho_net_preset *presets = ho_net_presets(&count);
  const char **names;
  ho_key key = {"name", HO_KEY_WORD, .words_count = count};
  ho_slice text;
  int index = -1;

  if (!ho_section_get(l, section, "name")) {
    ho_doc_error(&l->doc, section->at,
                 "%s lacks 'name' (see 'handoff list presets')", section->what);
    return NULL;
  }
  names = ho_alloc_array(count, sizeof(*names));
  for (size_t i = 0; i < count; i++) {
    names[i] = presets[i].name;
  }
  key.words = names;
  if (ho_section_text(l, section, "name", &text) &&
      ho_loader_word(l, &text, NULL)) {
    index = ho_key_word(l, &key, text);
  }
  free(names);
  return index < 0 ? NULL : &presets[index];
}

/* Others on the network want something of it too. */
static void add_load(const ho_section *section, ho_loader *l,
                     ho_net_config *net) {
  uint64_t others = net->wifi.stations + net->lte.ues;

  if (!ho_section_get(l, section, "background")) {
    net->background_down_bps += others * 1000000;
    net->background_up_bps += others * 200000;
  }
}

static void read_typed(ho_loader *l, ho_section *section, ho_net_config *net) {
  int type = read_type(l, section);
  const ho_net_preset *preset;

  if (type < 0) {
    net->nat.present = ho_section_get(l, section, "nat") != NULL;
    return;
  }
  if (type > HO_NET_LTE) {
    preset = find_preset(l, section);
    if (!preset) {
      net->nat.present = true;
      return;
    }
    expand(preset, net);
    section->complete = true;
  } else {
    set_defaults(net, (ho_net_type)type);
  }
  read_keys(l, section, net);
  add_load(section, l, net);
  l->random = l->random || ho_net_is_radio(net) ||
              ho_link_is_random(&net->wired) ||
              net->background_down_bps + net->background_up_bps > 0 ||
              (net->nat.present && net->nat.ports == HO_NAT_RANDOM);
}

static void read_network(ho_loader *l, const yaml_node_t *key,
                         const yaml_node_t *node, ho_net_config *net) {
  char *path = ho_format("networks.%s", net->name);
  char *what = ho_format("network '%s'", net->name);
  ho_section section = {node, key, path, what, ho_net_elsewhere};

  if (ho_section_is_map(l, node, what,
                        "{type: wired, down: 100Mbps, up: 20Mbps}")) {
    read_typed(l, &section, net);
  }
  free(path);
  free(what);
}

static const ho_net_config *find_net(const ho_scenario *sc, ho_slice name) {
  for (size_t i = 0; i < sc->nets_count; i++) {
    if (ho_slice_is(name, sc->nets[i].name)) {
      return &sc->nets[i];
    }
  }
  return NULL;
}

static void add_network(ho_loader *l, const yaml_node_t *key,
                        const yaml_node_t *node) {
  ho_scenario *sc = l->out;
  const ho_net_config *same;
  ho_net_config *net;
  ho_slice name;

  if (!ho_node_text(key) || !ho_loader_is_name(ho_node_slice(key))) {
    ho_doc_error(&l->doc, key,
                 "'%s' cannot name a network (expected a letter, "
                 "then letters, digits, - and _, at most 64)",
                 ho_node_text(key) ? ho_node_text(key) : "");
    return;
  }
  name = ho_node_slice(key);
  same = find_net(sc, name);
  if (same) {
    ho_doc_error(&l->doc, key,
                 "network '%s' is defined twice (first in line %d)", same->name,
                 same->place.line);
    return;
  }
  net = &sc->nets[sc->nets_count++];
  net->name = ho_slice_dup(name);
  net->place = ho_loader_place(l, key);
  net->connected = true;
  net->family = 4;
  net->mtu = 1500;
  read_network(l, key, node, net);
}

void ho_networks_read(ho_loader *l, const yaml_node_t *root) {
  const yaml_node_t *map = ho_map_get(&l->doc, root, "networks"), *key, *value;

  if (!map) {
    return; /* the table of the root says that it is missing */
  }
  if (!ho_node_is_map(map) || ho_map_count(map) == 0) {
    ho_doc_error(&l->doc, map,
                 "'networks' must be a map such as {home: "
                 "{type: wired, down: 100Mbps, up: 20Mbps}}");
    return;
  }
  if (ho_map_count(map) > NETWORKS_MAX) {
    ho_doc_error(&l->doc, map, "more than %d networks", NETWORKS_MAX);
    return;
  }
  l->out->nets = ho_alloc_array(ho_map_count(map), sizeof(ho_net_config));
  for (size_t i = 0; i < ho_map_count(map); i++) {
    ho_map_pair(&l->doc, map, i, &key, &value);
    add_network(l, key, value);
  }
}

int ho_loader_net(ho_loader *l, ho_slice word) {
  const ho_scenario *sc = l->out;
  const char **names;
  const ho_net_config *net;
  char *hint;

  if (!ho_loader_word(l, &word, NULL) || sc->nets_count == 0) {
    return -1;
  }
  net = find_net(sc, word);
  if (net) {
    return (int)(net - sc->nets);
  }
  names = ho_alloc_array(sc->nets_count, sizeof(*names));
  for (size_t i = 0; i < sc->nets_count; i++) {
    names[i] = sc->nets[i].name;
  }
  hint = ho_loader_suggest(word, names, sc->nets_count);
  ho_slice_error(&l->doc, word, "undefined network '%.*s'%s", HO_SLICE(word),
                 hint);
  free(hint);
  free(names);
  return -1;
}
