/* The key `clients` and the section `client`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/scenario/group.h"
#include "sim/scenario/range.h"

static const ho_key keys[] = {
    {"start", HO_KEY_OTHER},
    {"notice", HO_KEY_TIME_OR_NEVER, offsetof(ho_scenario, client_notice)},
    {"begin", HO_KEY_OTHER},
    {"stagger", HO_KEY_OTHER},
    {"return", HO_KEY_TIME_OR_NEVER, offsetof(ho_scenario, client_return)},
};

bool ho_clients_count(ho_loader *l, const ho_section *section, ho_slice text,
                      ho_drawn *out) {
  char *path =
      ho_format("%s%sclients", section->path, *section->path ? "." : "");
  ho_drawn drawn;
  bool ok = ho_range_read(l, text, HO_UNITS_COUNT, path, &drawn) == 0;

  free(path);
  if (ok && (drawn.lo < 1 || drawn.hi > HO_CLIENTS_MAX)) {
    ho_loader_word(l, &text, NULL);
    ho_slice_error(&l->doc, text,
                   "'%.*s' is out of range for 'clients' (expected 1 to %d)",
                   HO_SLICE(text), HO_CLIENTS_MAX);
    return false;
  }
  if (ok) {
    *out = drawn;
  }
  return ok;
}

/* Where there are groups, `clients` says only what they add up to. */
static void check_sum(ho_loader *l, ho_slice text, const ho_drawn *drawn) {
  if (l->clients_bad ||
      (drawn->lo == drawn->hi && drawn->lo == l->clients_max &&
       drawn->lo == l->clients_min)) {
    return;
  }
  ho_loader_word(l, &text, NULL);
  if (l->clients_min < l->clients_max) {
    ho_slice_error(&l->doc, text,
                   "'clients' cannot be given where the groups' numbers are "
                   "drawn");
  } else {
    ho_slice_error(&l->doc, text,
                   "'%.*s' is not what the clients of the groups add up to, "
                   "%zu",
                   HO_SLICE(text), l->clients_max);
  }
}

void ho_clients_read(ho_loader *l, const yaml_node_t *root) {
  ho_section section = {root, root, "", "the scenario"};
  const yaml_node_t *groups = ho_map_get(&l->doc, root, "groups");
  ho_drawn drawn = {1, 1, 1, 0};
  ho_slice text;
  bool given, ok;

  l->out->clients = l->clients_min = l->clients_max = 1;
  given = ho_section_text(l, &section, "clients", &text);
  ok = given && ho_clients_count(l, &section, text, &drawn);
  if (groups) {
    ho_groups_count(l, groups);
    if (ok) {
      check_sum(l, text, &drawn);
    }
    return;
  }
  l->clients_bad = ho_section_get(l, &section, "clients") && !ok;
  l->out->clients = drawn.value;
  l->clients_min = drawn.lo;
  l->clients_max = drawn.hi;
  l->movers = drawn;
}

void ho_start_read(ho_loader *l, const ho_section *section, int *start) {
  ho_slice text;
  int net;

  if (!ho_section_text(l, section, "start", &text)) {
    return;
  }
  net = ho_loader_net(l, text);
  if (net < 0) {
    return;
  }
  *start = net;
  if (!l->out->nets[net].connected) {
    ho_doc_error(&l->doc, text.node,
                 "%s.start: network '%s' is not connected at time 0",
                 section->path, l->out->nets[net].name);
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

/* begins is the `begin` of clients that are alike. */
typedef struct {
  const yaml_node_t *node; /* NULL: none is given */
  const char *path;
  ho_drawn drawn;
} begins;

static void read_begin(ho_loader *l, begins *b) {
  if (!b->node) {
    return;
  }
  if (!ho_node_text(b->node)) {
    ho_doc_error(&l->doc, b->node, "'begin' must be a single value");
    b->node = NULL;
  } else if (ho_range_read(l, ho_node_slice(b->node), HO_UNITS_TIME, b->path,
                           &b->drawn) != 0) {
    b->drawn = (ho_drawn){0};
    b->node = NULL;
  }
}

/* `begin` is drawn for each client, `stagger` once. */
static void draw_begins(ho_loader *l, begins *b, size_t from, size_t count,
                        const ho_drawn *stagger) {
  for (size_t i = from; i < from + count; i++) {
    if (i > 0 && b->drawn.lo < b->drawn.hi) {
      l->client = i;
      read_begin(l, b);
    }
    l->out->client_begin[i] = b->drawn.value + i * stagger->value;
  }
  l->client = 0;
}

/* |most|: the number, at most, of the last client that begins so. */
static bool check_begins(ho_loader *l, const begins *b, size_t most,
                         const yaml_node_t *stagger, const ho_drawn *by,
                         ho_time stop) {
  ho_time latest = b->drawn.hi + (most - 1) * by->hi;
  char *last, *end;

  if (latest < stop) {
    return true;
  }
  last = ho_loader_time(latest);
  end = ho_loader_time(stop);
  ho_doc_error(&l->doc, stagger ? stagger : b->node,
               "%s can begin at %s, which is not before 'stop' at "
               "%s",
               l->clients_max > 1 ? "a client" : "the client", last, end);
  free(last);
  free(end);
  return false;
}

static ho_drawn read_stagger(ho_loader *l, const ho_section *section) {
  ho_drawn stagger = {0};
  ho_slice text;

  if (ho_section_text(l, section, "stagger", &text) &&
      ho_range_read(l, text, HO_UNITS_TIME, "client.stagger", &stagger) != 0) {
    stagger = (ho_drawn){0};
  }
  return stagger;
}

static void read_begins(ho_loader *l, const yaml_node_t *root,
                        const ho_section *section) {
  const ho_scenario *sc = l->out;
  const yaml_node_t *by = ho_section_get(l, section, "stagger");
  ho_drawn stagger = read_stagger(l, section);
  begins all = {ho_section_get(l, section, "begin"), "client.begin", {0}};
  ho_time stop = ho_loader_stop(l, root);
  size_t from = 0, most = 0;
  bool ok = true; /* so far, with what groups have in common */

  read_begin(l, &all);
  if (sc->groups_count == 0) {
    draw_begins(l, &all, 0, sc->clients, &stagger);
    check_begins(l, &all, l->clients_max, by, &stagger, stop);
  }
  for (size_t i = 0; i < sc->groups_count; i++) {
    char *path;
    begins own = {ho_group_begin(l, root, i, &path), path, {0}};

    read_begin(l, &own);
    draw_begins(l, own.node ? &own : &all, from, sc->groups[i].clients,
                &stagger);
    from += sc->groups[i].clients;
    most += sc->groups[i].clients_max;
    if (own.node && !by) {
      check_begins(l, &own, most, NULL, &stagger, stop);
    } else if (ok) {
      ok = check_begins(l, own.node ? &own : &all, most, by, &stagger, stop);
    }
    free(path);
  }
}

void ho_client_read(ho_loader *l, const yaml_node_t *root) {
  const yaml_node_t *node = ho_map_get(&l->doc, root, "client");
  ho_section section = {node, node, "client", "'client'"};

  l->out->client_notice = 0;
  l->out->client_return = HO_NEVER;
  l->out->client_begin = ho_alloc_array(l->out->clients, sizeof(ho_time));
  check_connected(l, root);
  choose_start(l);
  if (node && !ho_section_is_map(l, node, "'client'", "{start: home}")) {
    return;
  }
  if (node) {
    ho_section_read(l, &section, keys, HO_COUNT(keys), l->out);
  }
  read_begins(l, root, &section);
  ho_start_read(l, &section, &l->out->client_start);
}
