/* The section `server`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/keys.h"
#include "sim/scenario/load_balancer.h"
#include "sim/scenario/range.h"

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
    {"preferred_address", HO_KEY_OTHER},
    {"load_balancer", HO_KEY_OTHER},
};

static const char *const families[] = {"ipv4", "ipv6", "both"};
static const ho_key family_key = {"preferred_address", HO_KEY_WORD,
                                  .words = families,
                                  .words_count = HO_COUNT(families)};
static const ho_key preferred_keys[] = {
    {"family", HO_KEY_OTHER},
    {"dead", HO_KEY_BOOL, offsetof(ho_preferred, dead)},
};

static void read_family(ho_loader *l, ho_slice text, ho_preferred *preferred) {
  int index;

  if (ho_loader_word(l, &text, NULL)) {
    index = ho_key_word(l, &family_key, text);
    preferred->v4 = index != 1;
    preferred->v6 = index != 0;
  }
}

/* A family, or a map. */
static void read_preferred(ho_loader *l, const yaml_node_t *node,
                           ho_preferred *preferred) {
  ho_section section = {node, node, "server.preferred_address",
                        "'preferred_address'"};
  ho_slice text;

  preferred->v4 = preferred->v6 = true;
  if (ho_node_text(node) && !ho_node_is_empty(node)) {
    read_family(l, ho_node_slice(node), preferred);
  } else if (ho_section_is_map(l, node, section.what,
                               "{family: ipv4, dead: true}")) {
    ho_section_read(l, &section, preferred_keys, HO_COUNT(preferred_keys),
                    preferred);
    if (ho_section_text(l, &section, "family", &text)) {
      read_family(l, text, preferred);
    }
  }
}

/* RFC 9000, 18.2: it comes with a connection ID, which must not be empty. */
static void check_preferred(ho_loader *l, const ho_section *section,
                            const yaml_node_t *preferred) {
  ho_drawn length;
  ho_slice text;

  if (ho_section_text(l, section, "cid_length", &text) &&
      ho_range_read(l, text, HO_UNITS_COUNT, "server.cid_length", &length) ==
          0 &&
      length.lo == 0) {
    ho_doc_error(&l->doc, preferred,
                 "'preferred_address' needs a 'cid_length' of 1 or more (RFC "
                 "9000, 18.2)");
  }
}

void ho_server_read(ho_loader *l, const yaml_node_t *root) {
  const yaml_node_t *node = ho_map_get(&l->doc, root, "server"), *preferred,
                    *lb;
  ho_section section = {node, node, "server", "'server'"};
  size_t problems;

  l->out->server = (ho_server_config){.cid_length = 8,
                                      .active_connection_id_limit = 7,
                                      .stateless_reset = true,
                                      .idle_timeout = 30 * HO_SEC};
  if (node && ho_section_is_map(l, node, "'server'", "{delay: 10ms}")) {
    problems = l->doc.problems_count;
    ho_section_read(l, &section, keys, HO_COUNT(keys), &l->out->server);
    preferred = ho_section_get(l, &section, "preferred_address");
    if (preferred) {
      read_preferred(l, preferred, &l->out->server.preferred);
    }
    if (preferred && l->doc.problems_count == problems) {
      check_preferred(l, &section, preferred);
    }
    lb = ho_section_get(l, &section, "load_balancer");
    if (lb) {
      ho_load_balancer_read(l, lb, &l->out->server);
    }
    if (lb && l->doc.problems_count == problems) {
      ho_load_balancer_check(l, &section, lb);
    }
  }
}
