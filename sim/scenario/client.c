/* The key `clients` and the section `client`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/range.h"

static const ho_key keys[] = {
    {"start", HO_KEY_OTHER},
    {"notice", HO_KEY_TIME_OR_NEVER, offsetof(ho_scenario, client_notice)},
    {"begin", HO_KEY_OTHER},
    {"stagger", HO_KEY_OTHER},
    {"return", HO_KEY_TIME_OR_NEVER, offsetof(ho_scenario, client_return)},
};

void ho_clients_read(ho_loader *l, const yaml_node_t *root) {
  ho_section section = {root, root, "", "the scenario"};
  ho_drawn drawn;
  ho_slice text;

  l->out->clients = l->clients_max = 1;
  if (!ho_section_text(l, &section, "clients", &text) ||
      ho_range_read(l, text, HO_UNITS_COUNT, "clients", &drawn) != 0) {
    return;
  }
  if (drawn.lo < 1 || drawn.hi > HO_CLIENTS_MAX) {
    ho_loader_word(l, &text, NULL);
    ho_slice_error(&l->doc, text,
                   "'%.*s' is out of range for 'clients' (expected 1 to %d)",
                   HO_SLICE(text), HO_CLIENTS_MAX);
    return;
  }
  l->out->clients = drawn.value;
  l->clients_max = drawn.hi;
}

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

static bool read_time(ho_loader *l, const ho_section *section, const char *name,
                      const char *path, ho_drawn *drawn) {
  ho_slice text;

  return ho_section_text(l, section, name, &text) &&
         ho_range_read(l, text, HO_UNITS_TIME, path, drawn) == 0;
}

/* Fills in when each client begins; `begin` is drawn for each of them,
 * `stagger` once.  Returns the latest that the last one can begin. */
static ho_time fill_begin(ho_loader *l, const ho_section *section) {
  ho_scenario *sc = l->out;
  ho_drawn begin = {0}, stagger = {0};

  read_time(l, section, "stagger", "client.stagger", &stagger);
  if (!read_time(l, section, "begin", "client.begin", &begin)) {
    begin = (ho_drawn){0};
  }
  for (size_t i = 0; i < sc->clients; i++) {
    if (i > 0 && begin.lo < begin.hi) {
      l->client = i;
      read_time(l, section, "begin", "client.begin", &begin);
    }
    sc->client_begin[i] = begin.value + i * stagger.value;
  }
  l->client = 0;
  return begin.hi + (l->clients_max - 1) * stagger.hi;
}

static void read_begin(ho_loader *l, const yaml_node_t *root,
                       const ho_section *section) {
  ho_time latest = fill_begin(l, section), stop = ho_loader_stop(l, root);
  const yaml_node_t *at = ho_section_get(l, section, "stagger");
  char *last, *end;

  if (latest < stop) {
    return;
  }
  at = at ? at : ho_section_get(l, section, "begin");
  last = ho_loader_time(latest);
  end = ho_loader_time(stop);
  ho_doc_error(&l->doc, at,
               "%s can begin at %s, which is not before 'stop' at "
               "%s",
               l->clients_max > 1 ? "a client" : "the client", last, end);
  free(last);
  free(end);
}

void ho_client_read(ho_loader *l, const yaml_node_t *root) {
  const yaml_node_t *node = ho_map_get(&l->doc, root, "client"), *start;
  ho_section section = {node, node, "client", "'client'"};

  l->out->client_notice = 0;
  l->out->client_return = HO_NEVER;
  l->out->client_begin = ho_alloc_array(l->out->clients, sizeof(ho_time));
  check_connected(l, root);
  choose_start(l);
  if (!node || !ho_section_is_map(l, node, "'client'", "{start: home}")) {
    return;
  }
  ho_section_read(l, &section, keys, HO_COUNT(keys), l->out);
  read_begin(l, root, &section);
  start = ho_section_get(l, &section, "start");
  if (start) {
    read_start(l, start);
  }
}
