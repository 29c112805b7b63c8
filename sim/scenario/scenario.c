/* From a source to a scenario: the root of the document. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/range.h"
#include "sim/scenario/trace.h"

static const ho_key seed_key = {"seed", HO_KEY_COUNT,
                                offsetof(ho_scenario, seed), .min = 1,
                                .bounds = "1 or more"};

static const ho_key keys[] = {
    {"name", HO_KEY_OTHER, .required = "it names the result folder"},
    {"about", HO_KEY_OTHER},
    {"stop", HO_KEY_TIME, offsetof(ho_scenario, stop),
     "the limit in virtual time, such as 60s", .min = 1,
     .bounds = "more than 0ns"},
    {"seed", HO_KEY_OTHER},
    {"vars", HO_KEY_OTHER},
    {"networks", HO_KEY_OTHER, .required = "at least one"},
    {"clients", HO_KEY_OTHER},
    {"groups", HO_KEY_OTHER},
    {"client", HO_KEY_OTHER},
    {"server", HO_KEY_OTHER},
    {"workload", HO_KEY_OTHER,
     .required = "such as {type: download, bytes: 10MB}"},
    {"arms", HO_KEY_OTHER},
    {"timeline", HO_KEY_OTHER},
    {"expect", HO_KEY_OTHER},
    {"observers", HO_KEY_OTHER},
    {"swap_game", HO_KEY_BOOL, offsetof(ho_scenario, swap_game)},
    {"vary", HO_KEY_OTHER},
    {"search", HO_KEY_OTHER},
};

bool ho_root_key(const char *name) {
  for (size_t i = 0; i < HO_COUNT(keys); i++) {
    if (strcmp(keys[i].name, name) == 0) {
      return true;
    }
  }
  return false;
}

/* A name becomes the name of a folder. */
static bool is_folder_name(ho_slice name) {
  static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

  return name.len > 0 && name.len <= 100 && !ho_slice_is(name, ".") &&
         !ho_slice_is(name, "..") && strspn(name.s, allowed) >= name.len;
}

static void read_name(ho_loader *l, const yaml_node_t *node) {
  ho_slice text;

  if (!node) {
    return;
  }
  if (!ho_node_text(node)) {
    ho_doc_error(&l->doc, node, "'name' must be a single value");
    return;
  }
  text = ho_node_slice(node);
  if (!is_folder_name(text)) {
    ho_slice_error(&l->doc, text,
                   "'%.*s' cannot name a folder (expected at "
                   "most 100 letters, digits, . _ and -)",
                   HO_SLICE(text));
    return;
  }
  l->out->name = ho_slice_dup(text);
}

static void read_about(ho_loader *l, const yaml_node_t *node) {
  if (node && !ho_node_text(node)) {
    ho_doc_error(&l->doc, node, "'about' must be a text");
  } else if (node) {
    l->out->about = ho_slice_dup(ho_node_slice(node));
  }
}

/* The seed comes before everything that is drawn from it, so it cannot be
 * drawn itself. */
static void read_seed(ho_loader *l, const yaml_node_t *node) {
  ho_slice text;

  l->out->seed = 1;
  if (node && !ho_node_text(node)) {
    ho_doc_error(&l->doc, node, "'seed' must be a single value");
  } else if (node) {
    text = ho_node_slice(node);
    if (ho_loader_word(l, &text, NULL) && memmem(text.s, text.len, "..", 2)) {
      ho_slice_error(&l->doc, text, "'seed' cannot be a range");
    } else {
      ho_key_read(l, &seed_key, ho_node_slice(node), "seed", l->out);
    }
  }
  if (l->seed == 0) {
    l->seed = l->out->seed;
  }
}

static void read_root(ho_loader *l, const yaml_node_t *root) {
  ho_section section = {root, root, "", "the scenario"};
  size_t problems;

  if (!ho_node_is_map(root)) {
    ho_doc_error(&l->doc, root,
                 "a scenario is a map: name, stop, networks, "
                 "workload, ...");
    return;
  }
  ho_vars_read(l, root);
  read_seed(l, ho_map_get(&l->doc, root, "seed"));
  ho_section_read(l, &section, keys, HO_COUNT(keys), l->out);
  read_name(l, ho_map_get(&l->doc, root, "name"));
  read_about(l, ho_map_get(&l->doc, root, "about"));
  ho_clients_read(l, root);
  ho_observers_read(l, root);
  problems = l->doc.problems_count;
  ho_networks_read(l, root);
  l->nets_bad = l->doc.problems_count > problems;
  ho_client_read(l, root);
  ho_server_read(l, root);
  ho_workload_read(l, root);
  ho_groups_read(l, root);
  problems = l->doc.problems_count;
  ho_arms_read(l, root);
  l->arms_bad = l->doc.problems_count > problems;
  ho_timeline_read(l, root);
  ho_expects_read(l, root);
  ho_varies_read(l, root);
  ho_search_read(l, root);
}

static ho_scenario *new_scenario(const ho_source *source) {
  ho_scenario *sc = ho_alloc(sizeof(*sc));

  sc->file = ho_strdup(source->file);
  sc->text = ho_alloc(source->text_len + 1);
  if (source->text_len > 0) {
    memcpy(sc->text, source->text, source->text_len);
  }
  sc->text_len = source->text_len;
  return sc;
}

int ho_scenario_load(const ho_source *source, const ho_override *overrides,
                     size_t overrides_count, uint64_t seed, ho_scenario **out,
                     ho_diag *diag) {
  ho_loader l = {.seed = seed, .out = new_scenario(source)};
  bool failed;

  if (ho_doc_parse(&l.doc, source->file, source->text, source->text_len) == 0) {
    ho_override_apply(&l, overrides, overrides_count);
    read_root(&l, yaml_document_get_root_node(&l.doc.yaml));
  }
  l.out->random = l.random;
  failed = ho_doc_report(&l.doc, diag) > 0;
  ho_doc_free(&l.doc);
  free(l.draws_as);
  if (failed) {
    ho_scenario_del(l.out);
    return HO_ERR_INPUT;
  }
  *out = l.out;
  return 0;
}

/* A stop that was drawn is read again for its lower bound; one that is wrong
 * has been reported. */
ho_time ho_loader_stop(ho_loader *l, const yaml_node_t *root) {
  ho_drawn stop = {.lo = 1000000000 * HO_SEC};

  if (l->out->stop > 0) {
    ho_range_read(l, ho_node_slice(ho_map_get(&l->doc, root, "stop")),
                  HO_UNITS_TIME, "stop", &stop);
  }
  return stop.lo;
}

static void free_net(ho_net_config *net) {
  free(net->name);
  free(net->preset);
  ho_trace_free(&net->trace_down);
  ho_trace_free(&net->trace_up);
}

static void free_expect(ho_expect *e) {
  free(e->text);
  free(e->arm);
  free(e->metric);
  free(e->other_arm);
  free(e->other_metric);
  free(e->word);
}

void ho_scenario_del(ho_scenario *sc) {
  if (!sc) {
    return;
  }
  for (size_t i = 0; i < sc->nets_count; i++) {
    free_net(&sc->nets[i]);
  }
  for (size_t i = 0; i < sc->arms_count; i++) {
    free(sc->arms[i].name);
  }
  for (size_t i = 0; i < sc->expects_count; i++) {
    free_expect(&sc->expects[i]);
  }
  for (size_t i = 0; i < sc->vary_count; i++) {
    ho_vary_free(&sc->vary[i]);
  }
  free(sc->vary);
  for (size_t i = 0; i < sc->search.values_count; i++) {
    ho_vary_free(&sc->search.values[i]);
  }
  free(sc->search.values);
  free(sc->nets);
  for (size_t i = 0; i < sc->groups_count; i++) {
    free(sc->groups[i].name);
  }
  free(sc->client_begin);
  free(sc->groups);
  free(sc->arms);
  free(sc->timeline);
  free(sc->expects);
  free(sc->file);
  free(sc->name);
  free(sc->about);
  free(sc->text);
  free(sc);
}
