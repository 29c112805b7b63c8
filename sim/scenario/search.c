/* The section `search`: what `handoff search` may draw. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/presets.h"

#define AT(member) offsetof(ho_search_config, member)

static const ho_key span_key = {"span", HO_KEY_TIME, AT(span), .min = HO_MSEC};
static const ho_key other_keys[] = {
    {"most", HO_KEY_COUNT, AT(most), .min = 1, .max = 50, .bounds = "1 to 50"},
    {"gap", HO_KEY_TIME, AT(gap), .min = 100 * HO_MSEC,
     .bounds = "100ms or more"},
    {"should", HO_KEY_BOOL, AT(should)},
    {"actions", HO_KEY_OTHER},
    {"values", HO_KEY_OTHER},
};

/* Verbs in the order of the table, which need not be that of their kinds. */
static void read_actions(ho_loader *l, const yaml_node_t *node,
                         unsigned *actions) {
  size_t count;
  const ho_action_syntax *table = ho_action_table(&count);
  const char **verbs = ho_alloc_array(count, sizeof(*verbs));
  ho_words_key key = {
      {"actions", HO_KEY_WORD, .words = verbs, .words_count = count},
      "an",
      "action",
      "[switch, rebind, drop]"};
  unsigned bits = 0;

  for (size_t i = 0; i < count; i++) {
    verbs[i] = table[i].verb;
  }
  ho_words_key_read(l, &key, node, &bits);
  for (size_t i = 0; i < count; i++) {
    *actions |= (bits >> i & 1u) << table[i].kind;
  }
  free(verbs);
}

/* What a search writes itself, and what says nothing to one run. */
static void refuse_key(ho_loader *l, const yaml_node_t *key) {
  static const char *const own[] = {"about",  "arms",     "expect",
                                    "name",   "seed",     "repeat",
                                    "search", "timeline", "vary"};
  const char *text = ho_node_text(key);

  for (size_t i = 0; i < HO_COUNT(own); i++) {
    if (strcmp(text, own[i]) == 0) {
      ho_doc_error(&l->doc, key,
                   "'%s' cannot be among search.values: expected a key of "
                   "networks, client, server, workload or arm, such as "
                   "networks.cell.delay",
                   text);
    }
  }
}

static void read_values(ho_loader *l, const yaml_node_t *map) {
  ho_search_config *config = &l->out->search;
  const yaml_node_t *key, *value;

  for (size_t i = 0; i < ho_map_count(map); i++) {
    ho_map_pair(&l->doc, map, i, &key, &value);
    refuse_key(l, key);
  }
  ho_vary_map_read(l, map, &config->values, &config->values_count,
                   &config->values_cap);
}

/* No action is drawn for after |stop|. */
static void read_keys(ho_loader *l, const ho_section *section, ho_time stop) {
  char *end = ho_loader_time(stop);
  char *bounds = ho_format("1ms to %s, the scenario's 'stop'", end);
  ho_key keys[1 + HO_COUNT(other_keys)] = {span_key};

  keys[0].max = stop;
  keys[0].bounds = bounds;
  memcpy(&keys[1], other_keys, sizeof(other_keys));
  ho_section_read(l, section, keys, HO_COUNT(keys), &l->out->search);
  free(bounds);
  free(end);
}

static void read_section(ho_loader *l, const ho_section *section,
                         ho_time stop) {
  const yaml_node_t *actions = ho_section_get(l, section, "actions");
  const yaml_node_t *values = ho_section_get(l, section, "values");

  read_keys(l, section, stop);
  if (actions) {
    read_actions(l, actions, &l->out->search.actions);
  }
  if (values && ho_section_is_map(l, values, "'values'",
                                  "{networks.cell.delay: [10ms..80ms]}")) {
    read_values(l, values);
  }
}

void ho_search_read(ho_loader *l, const yaml_node_t *root) {
  const yaml_node_t *node = ho_map_get(&l->doc, root, "search");
  ho_section section = {node, node, "search", "'search'"};
  ho_search_config *config = &l->out->search;

  *config =
      (ho_search_config){.span = 4 * HO_SEC, .most = 6, .gap = 4 * HO_SEC};
  if (node && ho_section_is_map(l, node, "'search'", "{span: 4s, most: 6}")) {
    read_section(l, &section, ho_loader_stop(l, root));
  }
  if (config->span > l->out->stop) {
    config->span = l->out->stop;
  }
}
