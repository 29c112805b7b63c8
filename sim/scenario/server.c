/* The section `server`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/keys.h"

#define AT(member) offsetof(ho_server_config, member)

static const ho_key keys[] = {
    {"delay", HO_KEY_TIME, AT(delay)},
    /* RFC 9000, 17.2: a connection ID has at most 20 bytes. */
    {"cid_length", HO_KEY_COUNT32, AT(cid_length), .max = 20,
     .bounds = "0 to 20"},
    /* RFC 9000, 18.2 wants 2 or more; ngtcp2 stores no more than 8. */
    {"active_connection_id_limit", HO_KEY_COUNT32,
     AT(active_connection_id_limit), .min = 2, .max = 8, .bounds = "2 to 8"},
    {"disable_active_migration", HO_KEY_BOOL, AT(disable_active_migration)},
    {"stateless_reset", HO_KEY_BOOL, AT(stateless_reset)},
    {"idle_timeout", HO_KEY_TIME, AT(idle_timeout), .min = 1,
     .bounds = "more than 0ns"},
    {"retry", HO_KEY_BOOL, AT(retry)},
    {"preferred_address", HO_KEY_LATER},
    {"load_balancer", HO_KEY_LATER},
};

void ho_server_read(ho_loader *l, const yaml_node_t *root) {
  const yaml_node_t *node = ho_map_get(&l->doc, root, "server");
  ho_section section = {node, node, "server", "'server'"};

  l->out->server = (ho_server_config){.cid_length = 8,
                                      .active_connection_id_limit = 7,
                                      .stateless_reset = true,
                                      .idle_timeout = 30 * HO_SEC};
  if (node && ho_section_is_map(l, node, "'server'", "{delay: 10ms}")) {
    ho_section_read(l, &section, keys, HO_COUNT(keys), &l->out->server);
  }
}
