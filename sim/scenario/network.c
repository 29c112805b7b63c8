/* The section `networks`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/network.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

/* Each network has address blocks of its own at the client, the NAT and the
 * server's side of it. */
#define NETWORKS_MAX 64

#define RATE_MIN  .min = 1, .bounds = "more than 0bps"
#define RATIO_MAX .max = 1000000, .bounds = "0% to 100%"

/* In the order of ho_set_key, so that `set` finds them. */
static const ho_key link_keys[] = {
    [HO_SET_DOWN] = {"down", HO_KEY_RATE, offsetof(ho_wired, down_bps),
                     "the rate towards the client, such as 100Mbps", RATE_MIN},
    [HO_SET_UP] = {"up", HO_KEY_RATE, offsetof(ho_wired, up_bps),
                   "the rate from the client, such as 20Mbps", RATE_MIN},
    [HO_SET_DELAY] = {"delay", HO_KEY_TIME, offsetof(ho_wired, delay)},
    [HO_SET_JITTER] = {"jitter", HO_KEY_TIME, offsetof(ho_wired, jitter)},
    [HO_SET_LOSS] = {"loss", HO_KEY_RATIO, offsetof(ho_wired, loss_ppm),
                     RATIO_MAX},
    [HO_SET_REORDER] = {"reorder", HO_KEY_RATIO,
                        offsetof(ho_wired, reorder_ppm), RATIO_MAX},
    [HO_SET_QUEUE] = {"queue", HO_KEY_QUEUE, offsetof(ho_wired, queue),
                      .min = 1, .bounds = "more than nothing"},
};

static const char *const types[] = {"wired"};
static const char *const types_later[] = {"wifi", "lte", "trace", "preset"};
static const char *const families[] = {"ipv4", "ipv6"};

typedef struct {
  int type, family; /* indexes of the words above */
  bool connected;
} common;

static const ho_key common_keys[] = {
    {"type", HO_KEY_WORD, offsetof(common, type), "such as wired",
     .words = types, .words_count = HO_COUNT(types), .later = types_later,
     .later_count = HO_COUNT(types_later)},
    {"family", HO_KEY_WORD, offsetof(common, family), .words = families,
     .words_count = HO_COUNT(families)},
    {"connected", HO_KEY_BOOL, offsetof(common, connected)},
    {"nat", HO_KEY_OTHER},
    {"background", HO_KEY_LATER},
    {"mtu", HO_KEY_LATER},
};

static const char *elsewhere(const char *key) {
  static const char *const radio[] = {
      "standard",  "distance", "channel_width", "tx_power",
      "stations",  "cells",    "cell_spacing",  "bandwidth",
      "scheduler", "ues",      "backhaul"};

  for (size_t i = 0; i < HO_COUNT(radio); i++) {
    if (strcmp(key, radio[i]) == 0) {
      return "it belongs to a radio, and those are not yet supported";
    }
  }
  return NULL;
}

static bool is_random(const ho_wired *w) {
  return w->jitter > 0 || w->reorder_ppm > 0 ||
         (w->loss_ppm > 0 && w->loss_ppm < 1000000);
}

const ho_key *ho_link_keys(size_t *count) {
  *count = HO_COUNT(link_keys);
  return link_keys;
}

bool ho_link_key_read(ho_loader *l, ho_set_key key, ho_slice text,
                      const char *path, ho_wired *link) {
  bool ok = ho_key_read(l, &link_keys[key], text, path, link);

  l->random = l->random || (ok && is_random(link));
  return ok;
}

/* Both groups of keys stand in one map, so they are read as one table. */
static void read_keys(ho_loader *l, const ho_section *section,
                      ho_net_config *net) {
  struct {
    ho_wired wired;
    common common;
  } both = {{.queue = {HO_QUEUE_BDP, 1000}}, {.connected = true}};
  ho_key keys[HO_COUNT(link_keys) + HO_COUNT(common_keys)];
  size_t n = 0;

  for (size_t i = 0; i < HO_COUNT(common_keys); i++) {
    keys[n] = common_keys[i];
    keys[n++].offset += (size_t)((char *)&both.common - (char *)&both);
  }
  for (size_t i = 0; i < HO_COUNT(link_keys); i++) {
    keys[n++] = link_keys[i];
  }
  ho_section_read(l, section, keys, n, &both);
  net->wired = both.wired;
  net->family = both.common.family == 0 ? 4 : 6;
  net->connected = both.common.connected;
  l->random = l->random || is_random(&net->wired);
}

/* The keys of a type that cannot be read yet say nothing. */
static bool type_is_later(ho_loader *l, const ho_section *section) {
  const yaml_node_t *type = ho_section_get(l, section, "type");
  ho_slice text;

  if (!type || !ho_node_text(type)) {
    return false;
  }
  text = ho_node_slice(type);
  for (size_t i = 0; i < HO_COUNT(types_later); i++) {
    if (ho_slice_is(text, types_later[i])) {
      ho_key_word(l, &common_keys[0], text);
      return true;
    }
  }
  return false;
}

static void read_nat(ho_loader *l, const yaml_node_t *nat, const char *net_path,
                     ho_net_config *net) {
  char *path;

  if (nat) {
    path = ho_format("%s.nat", net_path);
    ho_nat_read(l, nat, path, &net->nat);
    free(path);
  }
}

static void read_network(ho_loader *l, const yaml_node_t *key,
                         const yaml_node_t *node, ho_net_config *net) {
  char *path = ho_format("networks.%s", net->name);
  char *what = ho_format("network '%s'", net->name);
  ho_section section = {node, key, path, what, elsewhere};
  const yaml_node_t *nat;

  if (ho_section_is_map(l, node, what,
                        "{type: wired, down: 100Mbps, up: 20Mbps}")) {
    nat = ho_section_get(l, &section, "nat");
    /* Whatever is wrong with a NAT, `rebind` need not say that it has none. */
    net->nat.present = nat != NULL;
    if (!type_is_later(l, &section)) {
      read_keys(l, &section, net);
      read_nat(l, nat, path, net);
    }
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
