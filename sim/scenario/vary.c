/* Keys that take several values in turn: `vary: {networks.cell.delay: [...]}`.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/loader.h"

void ho_vary_free(ho_vary *vary) {
  for (size_t i = 0; i < vary->count; i++) {
    free(vary->values[i]);
    free(vary->origins[i]);
  }
  free(vary->values);
  free(vary->origins);
  free(vary->key);
  *vary = (ho_vary){0};
}

void ho_vary_add(ho_vary *vary, const char *value, const char *origin) {
  ho_grow(&vary->values, vary->count, &vary->values_cap, sizeof(char *));
  ho_grow(&vary->origins, vary->count, &vary->origins_cap, sizeof(char *));
  vary->values[vary->count] = ho_strdup(value);
  vary->origins[vary->count] = ho_strdup(origin);
  vary->count++;
}

bool ho_vary_has(const ho_vary *vary, const char *value) {
  for (size_t i = 0; i < vary->count; i++) {
    if (!strcmp(vary->values[i], value)) {
      return true;
    }
  }
  return false;
}

/* What is wrong with a value is said where it stands. */
static void read_value(ho_loader *l, ho_vary *vary, const yaml_node_t *node) {
  ho_place place = ho_doc_place(&l->doc, node);
  char *value, *origin;

  if (!ho_node_text(node) || ho_node_slice(node).len == 0) {
    ho_doc_error(&l->doc, node, "a value of '%s' must be a single value",
                 vary->key);
    return;
  }
  value = ho_slice_dup(ho_node_slice(node));
  if (ho_vary_has(vary, value)) {
    ho_doc_error(&l->doc, node, "'%s' is given twice for '%s'", value,
                 vary->key);
  } else {
    origin = ho_format("%s:%d:%d", place.file, place.line, place.column);
    ho_vary_add(vary, value, origin);
    free(origin);
  }
  free(value);
}

static void read_key(ho_loader *l, const yaml_node_t *key,
                     const yaml_node_t *list, ho_vary **into, size_t *count,
                     size_t *cap) {
  const char *name = ho_node_text(key);

  if (!name || !*name) {
    ho_doc_error(&l->doc, key, "a key must be a single word");
    return;
  }
  for (size_t i = 0; i < *count; i++) {
    if (!strcmp((*into)[i].key, name)) {
      ho_doc_error(&l->doc, key, "'%s' is given twice", name);
      return;
    }
  }
  if (!ho_node_is_list(list) || ho_list_count(list) == 0) {
    ho_doc_error(&l->doc, list,
                 "what '%s' is to be must be a list such as [10ms, 50ms]",
                 name);
    return;
  }
  ho_grow(into, *count, cap, sizeof(ho_vary));
  (*into)[(*count)++] = (ho_vary){.key = ho_strdup(name)};
  for (size_t i = 0; i < ho_list_count(list); i++) {
    read_value(l, &(*into)[*count - 1], ho_list_item(&l->doc, list, i));
  }
}

void ho_vary_map_read(ho_loader *l, const yaml_node_t *map, ho_vary **list,
                      size_t *count, size_t *cap) {
  const yaml_node_t *key, *value;

  for (size_t i = 0; i < ho_map_count(map); i++) {
    ho_map_pair(&l->doc, map, i, &key, &value);
    read_key(l, key, value, list, count, cap);
  }
}

void ho_varies_read(ho_loader *l, const yaml_node_t *root) {
  const yaml_node_t *vary = ho_map_get(&l->doc, root, "vary");
  ho_scenario *sc = l->out;

  if (!vary || ho_node_is_empty(vary)) {
    return;
  }
  if (!ho_node_is_map(vary)) {
    ho_doc_error(&l->doc, vary,
                 "'vary' must be a map such as "
                 "{networks.cell.delay: [10ms, 50ms]}");
    return;
  }
  ho_vary_map_read(l, vary, &sc->vary, &sc->vary_count, &sc->vary_cap);
}
