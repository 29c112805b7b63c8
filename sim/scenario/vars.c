/* Named values: `vars: {t: 3s}` and $t. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/loader.h"

static bool is_var_name(ho_slice name) {
  if (name.len == 0 || isdigit((unsigned char)name.s[0])) {
    return false;
  }
  for (size_t i = 0; i < name.len; i++) {
    if (!isalnum((unsigned char)name.s[i]) && name.s[i] != '_') {
      return false;
    }
  }
  return true;
}

static void check_var(ho_loader *l, const yaml_node_t *map, size_t i) {
  const yaml_node_t *key, *value, *other, *unused;
  ho_slice name;

  ho_map_pair(&l->doc, map, i, &key, &value);
  if (!ho_node_text(key) || !is_var_name(name = ho_node_slice(key))) {
    ho_doc_error(&l->doc, key,
                 "'%s' cannot name a variable (expected letters, digits and _)",
                 ho_node_text(key) ? ho_node_text(key) : "");
    return;
  }
  for (size_t j = 0; j < i; j++) {
    ho_map_pair(&l->doc, map, j, &other, &unused);
    if (ho_node_text(other) && ho_slice_is(name, ho_node_text(other))) {
      ho_doc_error(&l->doc, key, "variable '%.*s' is defined twice",
                   HO_SLICE(name));
      return;
    }
  }
  if (!ho_node_text(value)) {
    ho_doc_error(&l->doc, value, "variable '%.*s' must be a single value",
                 HO_SLICE(name));
  } else if (strchr(ho_node_text(value), '$')) {
    ho_doc_error(&l->doc, value,
                 "variable '%.*s' must not refer to another variable",
                 HO_SLICE(name));
  }
}

void ho_vars_read(ho_loader *l, const yaml_node_t *root) {
  const yaml_node_t *vars = ho_map_get(&l->doc, root, "vars");

  if (!vars || ho_node_is_empty(vars)) {
    return;
  }
  if (!ho_node_is_map(vars)) {
    ho_doc_error(&l->doc, vars, "'vars' must be a map such as {t: 3s}");
    return;
  }
  l->vars = vars;
  for (size_t i = 0; i < ho_map_count(vars); i++) {
    check_var(l, vars, i);
  }
}

static char *suggest_var(ho_loader *l, ho_slice word) {
  size_t count = l->vars ? ho_map_count(l->vars) : 0, n = 0;
  const char **names = ho_alloc_array(count, sizeof(*names));
  const yaml_node_t *key, *value;
  char *text;

  for (size_t i = 0; i < count; i++) {
    ho_map_pair(&l->doc, l->vars, i, &key, &value);
    if (ho_node_text(key)) {
      names[n++] = ho_node_text(key);
    }
  }
  text = ho_loader_suggest(word, names, n);
  free(names);
  return text;
}

bool ho_loader_word(ho_loader *l, ho_slice *slice, const char **var) {
  ho_slice name;
  const yaml_node_t *key, *value;
  char *hint;

  if (var) {
    *var = NULL;
  }
  if (slice->len == 0 || slice->s[0] != '$') {
    return true;
  }
  name = ho_slice_part(*slice, 1, slice->len - 1);
  if (!is_var_name(name)) {
    return true; /* "$a..$b": its parts are resolved one by one */
  }
  for (size_t i = 0; l->vars && i < ho_map_count(l->vars); i++) {
    ho_map_pair(&l->doc, l->vars, i, &key, &value);
    if (ho_node_text(key) && ho_slice_is(name, ho_node_text(key)) &&
        ho_node_text(value)) {
      if (var) {
        *var = ho_node_text(key);
      }
      *slice = ho_node_slice(value);
      return true;
    }
  }
  hint = suggest_var(l, name);
  ho_slice_error(&l->doc, *slice, "'%.*s' is not defined under 'vars'%s",
                 HO_SLICE(*slice), hint);
  free(hint);
  return false;
}
