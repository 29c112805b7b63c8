/* --set KEY=VALUE: changes to the document before it is read. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/loader.h"
#include "sim/scenario/presets.h"

/* Nodes are known by their ids here: adding one may move them all.
 *
 * Every map on the way to the changed value is replaced by a copy of its own,
 * since an alias may have put the same map in several places. */

typedef struct {
  ho_loader *l;
  yaml_document_t *yaml;
  char **parts; /* of the key, split at its dots */
  size_t count;
  const char *value;
  int root;
} change;

static void must(int id) {
  /* libyaml fails only when memory does: texts are checked to be UTF-8. */
  if (id == 0) {
    abort();
  }
}

static int new_scalar(change *c, const char *text) {
  int id = yaml_document_add_scalar(c->yaml, NULL, (yaml_char_t *)text,
                                    (int)strlen(text), YAML_PLAIN_SCALAR_STYLE);
  must(id);
  return id;
}

static int new_map(change *c) {
  int id = yaml_document_add_mapping(c->yaml, NULL, YAML_FLOW_MAPPING_STYLE);
  must(id);
  return id;
}

static int new_list(change *c) {
  int id = yaml_document_add_sequence(c->yaml, NULL, YAML_FLOW_SEQUENCE_STYLE);
  must(id);
  return id;
}

static void put(change *c, int map, const char *key, int value) {
  must(yaml_document_append_mapping_pair(c->yaml, map, new_scalar(c, key),
                                         value));
}

static yaml_node_t *node(const change *c, int id) {
  return ho_doc_node(&c->l->doc, id);
}

static void keep_place(change *c, int copy, int original) {
  node(c, copy)->start_mark = node(c, original)->start_mark;
  node(c, copy)->end_mark = node(c, original)->end_mark;
}

static int copy_map(change *c, int original) {
  int copy = new_map(c);

  for (size_t i = 0; i < ho_map_count(node(c, original)); i++) {
    yaml_node_pair_t pair = node(c, original)->data.mapping.pairs.start[i];
    must(
        yaml_document_append_mapping_pair(c->yaml, copy, pair.key, pair.value));
  }
  keep_place(c, copy, original);
  return copy;
}

static int copy_list(change *c, int original) {
  int copy = new_list(c);

  for (size_t i = 0; i < ho_list_count(node(c, original)); i++) {
    int item = node(c, original)->data.sequence.items.start[i];
    must(yaml_document_append_sequence_item(c->yaml, copy, item));
  }
  keep_place(c, copy, original);
  return copy;
}

/* Returns where the map holds the id of the value of |key|, or NULL. */
static int *find_value(const change *c, int map, const char *key) {
  yaml_node_t *m = node(c, map);

  for (size_t i = 0; i < ho_map_count(m); i++) {
    yaml_node_pair_t *pair = &m->data.mapping.pairs.start[i];
    const char *text = ho_node_text(node(c, pair->key));
    if (text && strcmp(text, key) == 0) {
      return &pair->value;
    }
  }
  return NULL;
}

/* The file or the map has no such key: a name was misspelled. */
static void note_missing(change *c, int map, size_t depth) {
  yaml_node_t *m = node(c, map);
  size_t n = 0, count = ho_map_count(m);
  const char **names = ho_alloc_array(count, sizeof(*names));
  const char *text = c->parts[depth];
  char *hint;

  for (size_t i = 0; i < count; i++) {
    names[n] = ho_node_text(node(c, m->data.mapping.pairs.start[i].key));
    n += names[n] != NULL;
  }
  hint = ho_loader_suggest((ho_slice){NULL, text, strlen(text)}, names, n);
  ho_doc_error(&c->l->doc, node(c, new_scalar(c, "")), "no '%s' in %s%s", text,
               depth == 0 ? "the scenario" : c->parts[depth - 1], hint);
  free(hint);
  free(names);
}

/* A list of arms, as `[quic, mine: {...}]`: returns the position of the item
 * with that name, or the list's length. */
static size_t find_item(const change *c, int list, const char *name) {
  size_t count = ho_list_count(node(c, list));

  for (size_t i = 0; i < count; i++) {
    int item = node(c, list)->data.sequence.items.start[i];
    const char *text = ho_node_text(node(c, item));
    if ((text && strcmp(text, name) == 0) ||
        (ho_node_is_map(node(c, item)) && find_value(c, item, name))) {
      return i;
    }
  }
  return count;
}

/* Makes item |i| of |list| a map with one key, its name, and returns it. */
static int item_as_map(change *c, int list, size_t i) {
  int item = node(c, list)->data.sequence.items.start[i], map;

  if (ho_node_is_map(node(c, item))) {
    map = copy_map(c, item);
  } else {
    map = new_map(c);
    must(yaml_document_append_mapping_pair(c->yaml, map, item, new_map(c)));
  }
  node(c, list)->data.sequence.items.start[i] = map;
  return map;
}

/* Sections that a scenario may leave out can still be changed. */
static bool may_be_missing(const change *c, size_t depth) {
  static const struct {
    size_t depth;
    const char *root, *key;
  } table[] = {
      {0, "client", "client"},
      {0, "server", "server"},
      {2, "networks", "nat"},
      {2, "networks", "backhaul"},
      {2, "arms", "policy"},
      {2, "networks", "background"},
      {1, "server", "preferred_address"},
      {1, "server", "load_balancer"},
  };

  for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
    if (depth == table[i].depth && strcmp(c->parts[0], table[i].root) == 0 &&
        strcmp(c->parts[depth], table[i].key) == 0) {
      return true;
    }
  }
  return false;
}

/* The key whose value `KEY: WORD` stands for, or NULL. */
static const char *short_for(const char *key) {
  if (strcmp(key, "nat") == 0) {
    return "preset";
  }
  return strcmp(key, "preferred_address") == 0 ? "family" : NULL;
}

/* `nat: cgn` and an empty value become maps, so that a key of them can be
 * changed; anything else that is no map is left to fail. */
static int as_map(change *c, int id, const char *key) {
  const char *name = short_for(key);
  int map;

  if (ho_node_is_map(node(c, id))) {
    return copy_map(c, id);
  }
  if (!ho_node_text(node(c, id))) {
    return 0;
  }
  map = new_map(c);
  if (name) {
    put(c, map, name, id);
    keep_place(c, map, id);
    return map;
  }
  return ho_node_is_empty(node(c, id)) ? map : 0;
}

static void note_no_map(change *c, size_t depth) {
  ho_doc_error(&c->l->doc, node(c, new_scalar(c, "")),
               "'%s' is not a map, so it has no '%s'", c->parts[depth],
               c->parts[depth + 1]);
}

/* Goes from |map| through part |depth| of the key to the map that it names;
 * 0 when there is none, which is then noted. */
static int descend(change *c, int map, size_t depth) {
  const char *key = c->parts[depth];
  int *slot = find_value(c, map, key), next;

  if (!slot && !may_be_missing(c, depth)) {
    note_missing(c, map, depth);
    return 0;
  }
  if (!slot) {
    next = new_map(c);
    put(c, map, key, next);
    return next;
  }
  next = as_map(c, *slot, key);
  if (next == 0) {
    note_no_map(c, depth);
    return 0;
  }
  *find_value(c, map, key) = next;
  return next;
}

/* Writes the list that is in force when there is no `arms`. */
static void write_default_arms(change *c) {
  static const char *const names[] = {"quic", "quic-reconnect", "tcp-notify"};
  int list = new_list(c);

  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    must(yaml_document_append_sequence_item(c->yaml, list,
                                            new_scalar(c, names[i])));
  }
  put(c, c->root, "arms", list);
}

/* arms.NAME.KEY where `arms` is a list: returns the map that holds NAME. */
static int descend_list(change *c, int *slot) {
  int list = copy_list(c, *slot);
  size_t at = find_item(c, list, c->parts[1]);

  *find_value(c, c->root, "arms") = list;
  if (at == ho_list_count(node(c, list))) {
    ho_doc_error(&c->l->doc, node(c, new_scalar(c, "")),
                 "no arm '%s' in this scenario", c->parts[1]);
    return 0;
  }
  return item_as_map(c, list, at);
}

static void set_value(change *c, int map, const char *key) {
  int value = new_scalar(c, c->value);
  int *slot = find_value(c, map, key);

  if (slot) {
    *slot = value;
  } else {
    put(c, map, key, value);
  }
}

/* Replaces the value at the end of the path.  Whether the key is known and the
 * value good is for whoever reads the document to say; only the names that a
 * file gives itself must be there. */
static void apply_path(change *c) {
  int map = c->root, *slot;
  bool own_name;

  for (size_t depth = 0; depth + 1 < c->count && map != 0; depth++) {
    if (depth == 0 && strcmp(c->parts[0], "arms") == 0) {
      if (!find_value(c, c->root, "arms")) {
        write_default_arms(c);
      }
      slot = find_value(c, c->root, "arms");
      if (ho_node_is_list(node(c, *slot))) {
        map = descend_list(c, slot);
        continue;
      }
    }
    map = descend(c, map, depth);
  }
  if (map == 0) {
    return;
  }
  own_name = c->count == 2 && (strcmp(c->parts[0], "vars") == 0 ||
                               strcmp(c->parts[0], "networks") == 0 ||
                               strcmp(c->parts[0], "groups") == 0);
  if (own_name && !find_value(c, map, c->parts[1])) {
    note_missing(c, map, 1);
    return;
  }
  set_value(c, map, c->parts[c->count - 1]);
}

/* A KEY without a dot that is no key of the root is a name under `vars`. */
static void apply_name(change *c) {
  int *slot = find_value(c, c->root, "vars"), vars;

  if (!slot || !ho_node_is_map(node(c, *slot))) {
    note_missing(c, c->root, 0);
    return;
  }
  vars = copy_map(c, *slot);
  *find_value(c, c->root, "vars") = vars;
  if (find_value(c, vars, c->parts[0])) {
    set_value(c, vars, c->parts[0]);
  } else {
    ho_doc_error(&c->l->doc, node(c, new_scalar(c, "")),
                 "no '%s' in the scenario, nor under 'vars'", c->parts[0]);
  }
}

static size_t split(const char *key, char ***parts) {
  size_t count = 1;
  const char *end;

  for (const char *s = key; *s; s++) {
    count += *s == '.';
  }
  *parts = ho_alloc_array(count, sizeof(char *));
  for (size_t i = 0; i < count; i++) {
    end = strchrnul(key, '.');
    (*parts)[i] = ho_format("%.*s", (int)(end - key), key);
    key = *end ? end + 1 : end;
  }
  return count;
}

/* What a change adds to the document is said to be its own. */
static void begin_origin(change *c, const ho_override *override) {
  ho_doc *doc = &c->l->doc;
  int next = (int)(c->yaml->nodes.top - c->yaml->nodes.start) + 1;

  ho_grow(&doc->origins, doc->origins_count, &doc->origins_cap,
          sizeof(ho_origin));
  doc->origins[doc->origins_count++] = (ho_origin){
      next, override->origin ? ho_strdup(override->origin)
                             : ho_format("--set %s", override->key)};
}

void ho_override_apply(ho_loader *l, const ho_override *overrides,
                       size_t count) {
  change c = {.l = l, .yaml = &l->doc.yaml, .root = 1};

  if (!ho_node_is_map(ho_doc_node(&l->doc, 1))) {
    return; /* the reader of the root says so */
  }
  for (size_t i = 0; i < count; i++) {
    begin_origin(&c, &overrides[i]);
    if (!ho_doc_is_text(overrides[i].key) ||
        !ho_doc_is_text(overrides[i].value)) {
      ho_doc_error(&l->doc, ho_doc_node(&l->doc, new_scalar(&c, "")),
                   "not a text in UTF-8");
      continue;
    }
    c.count = split(overrides[i].key, &c.parts);
    c.value = overrides[i].value;
    if (c.count == 1 && !ho_root_key(c.parts[0])) {
      apply_name(&c);
    } else {
      apply_path(&c);
    }
    for (size_t k = 0; k < c.count; k++) {
      free(c.parts[k]);
    }
    free(c.parts);
  }
}
