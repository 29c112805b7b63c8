/* The key `nat` of a network: presets and maps in the terms of RFC 4787. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/presets.h"

#include <stdlib.h>
#include <string.h>

#include "sim/scenario/keys.h"

/* A network owns 254 addresses, and a rebind must find as many fresh ones. */
#define POOL_MAX 127

static const ho_nat_preset presets[] = {
    {"none", "no NAT: the client's address is public", {.present = false}},
    {"home-router",
     "a home's router: endpoint-independent mapping, ports kept, UDP 60 s",
     {true, HO_NAT_INDEPENDENT, HO_NAT_ADDRESS_PORT, 60 * HO_SEC, 7440 * HO_SEC,
      HO_NAT_PRESERVE, 1, false}},
    {"cgn",
     "a carrier's: endpoint-independent mapping, random ports, pool of 4, "
     "UDP 65 s",
     {true, HO_NAT_INDEPENDENT, HO_NAT_ADDRESS_PORT, 65 * HO_SEC, 7440 * HO_SEC,
      HO_NAT_RANDOM, 4, false}},
    {"symmetric",
     "address-and-port-dependent mapping, random ports, UDP 30 s, RST for "
     "unknown TCP",
     {true, HO_NAT_ADDRESS_PORT, HO_NAT_ADDRESS_PORT, 30 * HO_SEC,
      7440 * HO_SEC, HO_NAT_RANDOM, 1, true}},
    {"full-cone",
     "endpoint-independent mapping and filtering, ports kept, UDP 300 s",
     {true, HO_NAT_INDEPENDENT, HO_NAT_INDEPENDENT, 300 * HO_SEC, 7440 * HO_SEC,
      HO_NAT_PRESERVE, 1, false}},
};

static const char *const behaviours[] = {
    [HO_NAT_INDEPENDENT] = "endpoint-independent",
    [HO_NAT_ADDRESS] = "address-dependent",
    [HO_NAT_ADDRESS_PORT] = "address-and-port-dependent"};
static const char *const ports[] = {[HO_NAT_PRESERVE] = "preserve",
                                    [HO_NAT_SEQUENTIAL] = "sequential",
                                    [HO_NAT_RANDOM] = "random"};
static const char *const unknown_tcp[] = {"drop", "rst"};

#define AT(member)   offsetof(ho_nat_config, member)
#define WORDS(table) .words = table, .words_count = HO_COUNT(table)
#define POSITIVE     .min = 1, .bounds = "more than 0ns"

static const ho_key keys[] = {
    {"preset", HO_KEY_OTHER},
    {"mapping", HO_KEY_WORD, AT(mapping), WORDS(behaviours)},
    {"filtering", HO_KEY_WORD, AT(filtering), WORDS(behaviours)},
    {"udp_timeout", HO_KEY_TIME, AT(udp_timeout), POSITIVE},
    {"tcp_timeout", HO_KEY_TIME, AT(tcp_timeout), POSITIVE},
    {"ports", HO_KEY_WORD, AT(ports), WORDS(ports)},
    {"pool", HO_KEY_COUNT32, AT(pool), .min = 1, .max = POOL_MAX,
     .bounds = "1 to 127"},
    {"unknown_tcp", HO_KEY_BOOL, AT(unknown_tcp_rst), WORDS(unknown_tcp)},
};

const ho_nat_preset *ho_nat_presets(size_t *count) {
  *count = HO_COUNT(presets);
  return presets;
}

static void read_preset(ho_loader *l, const yaml_node_t *node,
                        ho_nat_config *nat) {
  const char *names[HO_COUNT(presets)];
  ho_key key = {"nat", HO_KEY_WORD, WORDS(names)};
  ho_slice text = ho_node_slice(node);
  int index;

  for (size_t i = 0; i < HO_COUNT(presets); i++) {
    names[i] = presets[i].name;
  }
  if (!ho_loader_word(l, &text, NULL)) {
    return;
  }
  index = ho_key_word(l, &key, text);
  if (index >= 0) {
    *nat = presets[index].config;
  }
}

void ho_nat_read(ho_loader *l, const yaml_node_t *node, const char *path,
                 ho_nat_config *nat) {
  ho_section section = {node, node, path, "'nat'"};
  const yaml_node_t *base;

  if (ho_node_text(node)) {
    read_preset(l, node, nat);
  } else if (ho_section_is_map(l, node, "'nat'",
                               "{mapping: endpoint-independent, udp_timeout: "
                               "30s}, or a preset")) {
    if (!nat->present) {
      *nat = presets[1].config;
    }
    base = ho_section_get(l, &section, "preset");
    if (base && !ho_node_text(base)) {
      ho_doc_error(&l->doc, base, "'preset' must be a single value");
    } else if (base) {
      read_preset(l, base, nat);
    }
    ho_section_read(l, &section, keys, HO_COUNT(keys), nat);
  }
}
