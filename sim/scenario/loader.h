/* What reads a scenario section by section: the state they share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SCENARIO_LOADER_H
#define HO_SCENARIO_LOADER_H

#include "sim/scenario/doc.h"
#include "sim/scenario/scenario.h"

/* ho_drawn is a value and the bounds it was drawn from, both inclusive. */
typedef struct {
  uint64_t lo, hi, value; /* in the base unit */
  ho_queue_unit queue;
} ho_drawn;

typedef struct {
  ho_doc doc;
  uint64_t seed;           /* the run's, not the file's default */
  bool random;             /* becomes ho_scenario.random */
  const yaml_node_t *vars; /* the map, or NULL */
  bool nets_bad;           /* nothing follows from their types */
  bool arms_bad;           /* who is missing among them is not known */
  size_t client;           /* whom ranges are drawn for */
  size_t *draws_as;        /* by client: as whom it draws; NULL: as itself */
  size_t clients_min, clients_max; /* over all seeds */
  ho_drawn movers;  /* of the clients, those that the timeline moves */
  bool clients_bad; /* how many there are is not known */
  size_t draws;     /* ranges drawn so far: more than before means that
                       something depends on one */
  ho_scenario *out;
} ho_loader;

/* Each reads one section of the document |root| into |l->out| and notes every
 * problem; a section with problems is left half-filled.  In this order, since
 * later ones refer to earlier ones. */
void ho_vars_read(ho_loader *l, const yaml_node_t *root);
void ho_networks_read(ho_loader *l, const yaml_node_t *root);
void ho_clients_read(ho_loader *l, const yaml_node_t *root);
void ho_observers_read(ho_loader *l, const yaml_node_t *root);
void ho_client_read(ho_loader *l, const yaml_node_t *root);
void ho_server_read(ho_loader *l, const yaml_node_t *root);
void ho_workload_read(ho_loader *l, const yaml_node_t *root);
void ho_groups_read(ho_loader *l, const yaml_node_t *root);
void ho_arms_read(ho_loader *l, const yaml_node_t *root);
void ho_timeline_read(ho_loader *l, const yaml_node_t *root);
void ho_expects_read(ho_loader *l, const yaml_node_t *root);
void ho_varies_read(ho_loader *l, const yaml_node_t *root);
void ho_search_read(ho_loader *l, const yaml_node_t *root);

/* ho_vary_map_read reads |map|, KEY: [VALUE, ...] for each key, to the end of
 * the array |*list|. */
void ho_vary_map_read(ho_loader *l, const yaml_node_t *map, ho_vary **list,
                      size_t *count, size_t *cap);

/* ho_work_read reads a workload, |node|, into |work|; |path| is its dotted
 * place.
 */
void ho_work_read(ho_loader *l, const yaml_node_t *node, const char *path,
                  ho_workload_config *work);

/* ho_root_key: |name| is a key of the root, supported or not yet. */
bool ho_root_key(const char *name);

/* ho_nat_read reads `nat`: a preset's name or a map.  What a map leaves out is
 * as in its preset, else as in |nat| when that is present, else as in a home's
 * router. */
void ho_nat_read(ho_loader *l, const yaml_node_t *node, const char *path,
                 ho_nat_config *nat);

/* ho_override_apply changes the document for every --set, before anything is
 * read from it. */
void ho_override_apply(ho_loader *l, const ho_override *overrides,
                       size_t count);

/* ho_loader_time returns "1500ms", which is always exact; the caller frees it.
 */
char *ho_loader_time(ho_time t);

/* ho_loader_stop is the earliest that `stop` can be. */
ho_time ho_loader_stop(ho_loader *l, const yaml_node_t *root);

/* ho_loader_word resolves |slice|, when all of it is $name, to that variable's
 * text.  |*var| (may be NULL) becomes the name, or NULL.  A name that is not
 * defined is a problem; then false is returned. */
bool ho_loader_word(ho_loader *l, ho_slice *slice, const char **var);

/* ho_loader_place is the place of |node| with a file name that lives as long
 * as the scenario. */
ho_place ho_loader_place(const ho_loader *l, const yaml_node_t *node);

/* ho_loader_net resolves |word| to the index of a network; an undefined one is
 * a problem, and -1. */
int ho_loader_net(ho_loader *l, ho_slice word);

/* ho_loader_arm does the same for an arm. */
int ho_loader_arm(ho_loader *l, ho_slice word);

/* ho_loader_is_name: a network's or an arm's, [A-Za-z][A-Za-z0-9_-]*, at most
 * 64 bytes. */
bool ho_loader_is_name(ho_slice slice);

/* ho_loader_suggest returns " (did you mean 'X'?)" or an empty string; the
 * caller frees it. */
char *ho_loader_suggest(ho_slice word, const char *const *names, size_t count);

/* ho_loader_alternatives returns "a, b or c"; the caller frees it. */
char *ho_loader_alternatives(const char *const *names, size_t count);

#endif
