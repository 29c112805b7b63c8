/* The section `groups`: clients that are not all alike. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/group.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

static const ho_key keys[] = {
    {"clients", HO_KEY_OTHER, .required = "how many there are, such as 50"},
    {"moves", HO_KEY_BOOL, offsetof(ho_group, moves)},
    {"start", HO_KEY_OTHER},
    {"begin", HO_KEY_OTHER},
    {"workload", HO_KEY_OTHER},
};

/* What is said under `client` is so for all. */
static const char *elsewhere(const char *key) {
  bool common = strcmp(key, "notice") == 0 || strcmp(key, "stagger") == 0 ||
                strcmp(key, "return") == 0;

  return common ? "it belongs to client, and is the same for all" : NULL;
}

/* ---- what a client has ---- */

static const ho_group *group_of(const ho_scenario *s, size_t client) {
  for (size_t i = 0; i < s->groups_count; i++) {
    if (client < s->groups[i].clients) {
      return &s->groups[i];
    }
    client -= s->groups[i].clients;
  }
  return NULL;
}

const ho_workload_config *ho_scenario_work(const ho_scenario *scenario,
                                           size_t client) {
  const ho_group *group = group_of(scenario, client);

  return group ? &group->work : &scenario->work;
}

int ho_scenario_start(const ho_scenario *scenario, size_t client) {
  const ho_group *group = group_of(scenario, client);

  return group ? group->start : scenario->client_start;
}

bool ho_scenario_moves(const ho_scenario *scenario, size_t client) {
  const ho_group *group = group_of(scenario, client);

  return !group || group->moves;
}

/* ---- how many ---- */

static const ho_group *find_group(const ho_scenario *sc, ho_slice name) {
  for (size_t i = 0; i < sc->groups_count; i++) {
    if (ho_slice_is(name, sc->groups[i].name)) {
      return &sc->groups[i];
    }
  }
  return NULL;
}

static void add_up(ho_drawn *sum, const ho_drawn *part) {
  sum->lo += part->lo;
  sum->hi += part->hi;
  sum->value += part->value;
}

static void count_group(ho_loader *l, const yaml_node_t *key,
                        const yaml_node_t *node, ho_group *group,
                        ho_drawn *all) {
  char *path = ho_format("groups.%s", group->name);
  char *what = ho_format("group '%s'", group->name);
  ho_section section = {node, key, path, what, elsewhere};
  ho_drawn drawn = {1, 1, 1, 0};
  ho_slice text;

  if (ho_section_is_map(l, node, what, "{clients: 50}")) {
    ho_section_read(l, &section, keys, HO_COUNT(keys), group);
    if (!ho_section_text(l, &section, "clients", &text) ||
        !ho_clients_count(l, &section, text, &drawn)) {
      l->clients_bad = true;
    }
  }
  group->clients = drawn.value;
  group->clients_max = drawn.hi;
  add_up(all, &drawn);
  if (group->moves) {
    add_up(&l->movers, &drawn);
  }
  free(path);
  free(what);
}

static void add_group(ho_loader *l, const yaml_node_t *key,
                      const yaml_node_t *node, ho_drawn *all) {
  ho_scenario *sc = l->out;
  const ho_group *same;
  ho_group *group;

  if (!ho_node_text(key) || !ho_loader_is_name(ho_node_slice(key))) {
    ho_doc_error(&l->doc, key,
                 "'%s' cannot name a group (expected a letter, then letters, "
                 "digits, - and _, at most 64)",
                 ho_node_text(key) ? ho_node_text(key) : "");
    return;
  }
  same = find_group(sc, ho_node_slice(key));
  if (same) {
    ho_doc_error(&l->doc, key, "group '%s' is defined twice (first in line %d)",
                 same->name, same->place.line);
    return;
  }
  group = &sc->groups[sc->groups_count++];
  group->name = ho_slice_dup(ho_node_slice(key));
  group->place = ho_loader_place(l, key);
  group->moves = true;
  count_group(l, key, node, group, all);
}

void ho_groups_count(ho_loader *l, const yaml_node_t *map) {
  size_t problems = l->doc.problems_count;
  const yaml_node_t *key, *value;
  ho_drawn all = {0};

  if (!ho_node_is_map(map) || ho_map_count(map) == 0) {
    ho_doc_error(&l->doc, map,
                 "'groups' must be a map such as {walkers: {clients: 50}}");
    l->clients_bad = true;
    return;
  }
  l->movers = (ho_drawn){0};
  l->out->groups = ho_alloc_array(ho_map_count(map), sizeof(ho_group));
  for (size_t i = 0; i < ho_map_count(map); i++) {
    ho_map_pair(&l->doc, map, i, &key, &value);
    add_group(l, key, value, &all);
  }
  if (all.hi > HO_CLIENTS_MAX) {
    ho_doc_error(&l->doc, map,
                 "the groups %s %llu clients (expected at most %d)",
                 all.lo < all.hi ? "can have" : "have",
                 (unsigned long long)all.hi, HO_CLIENTS_MAX);
  }
  l->clients_bad = l->clients_bad || l->doc.problems_count > problems;
  if (all.hi > 0) {
    l->out->clients = all.value;
    l->clients_min = all.lo;
    l->clients_max = all.hi;
  }
}

/* ---- the rest ---- */

static ho_section section_of(const ho_loader *l, const yaml_node_t *root,
                             const ho_group *group) {
  const yaml_node_t *map = ho_map_get(&l->doc, root, "groups");

  return (ho_section){.node = ho_map_get(&l->doc, map, group->name)};
}

const yaml_node_t *ho_group_begin(const ho_loader *l, const yaml_node_t *root,
                                  size_t i, char **path) {
  const ho_group *group = &l->out->groups[i];
  ho_section section = section_of(l, root, group);

  *path = ho_format("groups.%s.begin", group->name);
  return ho_section_get(l, &section, "begin");
}

static void read_group(ho_loader *l, const yaml_node_t *root, ho_group *group) {
  ho_section section = section_of(l, root, group);
  char *path = ho_format("groups.%s", group->name);
  char *of = ho_format("groups.%s.workload", group->name);
  const yaml_node_t *work;

  section.path = path;
  group->start = l->out->client_start;
  group->work = l->out->work;
  ho_start_read(l, &section, &group->start);
  work = ho_section_get(l, &section, "workload");
  if (work) {
    ho_work_read(l, work, of, &group->work);
  }
  free(path);
  free(of);
}

void ho_groups_read(ho_loader *l, const yaml_node_t *root) {
  for (size_t i = 0; i < l->out->groups_count; i++) {
    read_group(l, root, &l->out->groups[i]);
  }
}
