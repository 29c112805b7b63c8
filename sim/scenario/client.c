/* The section `client`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/keys.h"

static const ho_key keys[] = {
    {"start", HO_KEY_OTHER},
    {"notice", HO_KEY_TIME_OR_NEVER, offsetof(ho_scenario, client_notice)},
};

static void read_start(ho_loader *l, const yaml_node_t *start) {
  int net;

  if (!ho_node_text(start)) {
    ho_doc_error(&l->doc, start, "'start' must be a single value");
    return;
  }
  net = ho_loader_net(l, ho_node_slice(start));
  if (net < 0) {
    return;
  }
  l->out->client_start = net;
  if (!l->out->nets[net].connected) {
    ho_doc_error(&l->doc, start,
                 "client.start: network '%s' is not connected at time 0",
                 l->out->nets[net].name);
  }
}

/* Without client.start it is the first network that is there to be used. */
static void choose_start(ho_loader *l) {
  for (size_t i = 0; i < l->out->nets_count; i++) {
    if (l->out->nets[i].connected) {
      l->out->client_start = (int)i;
      return;
    }
  }
}

static void check_connected(ho_loader *l, const yaml_node_t *root) {
  for (size_t i = 0; i < l->out->nets_count; i++) {
    if (l->out->nets[i].connected) {
      return;
    }
  }
  if (l->out->nets_count > 0) {
    ho_doc_error(&l->doc, ho_map_get(&l->doc, root, "networks"),
                 "no network is connected at time 0");
  }
}

void ho_client_read(ho_loader *l, const yaml_node_t *root) {
  const yaml_node_t *node = ho_map_get(&l->doc, root, "client"), *start;
  ho_section section = {node, node, "client", "'client'"};

  check_connected(l, root);
  choose_start(l);
  if (!node || !ho_section_is_map(l, node, "'client'", "{start: home}")) {
    return;
  }
  ho_section_read(l, &section, keys, HO_COUNT(keys), l->out);
  start = ho_section_get(l, &section, "start");
  if (start) {
    read_start(l, start);
  }
}
