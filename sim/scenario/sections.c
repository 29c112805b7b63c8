/* Maps of the document: known, unknown, missing and duplicate keys. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/keys.h"

bool ho_loader_is_name(ho_slice slice) {
  if (slice.len == 0 || slice.len > 64 || !isalpha((unsigned char)slice.s[0])) {
    return false;
  }
  for (size_t i = 0; i < slice.len; i++) {
    if (!isalnum((unsigned char)slice.s[i]) && slice.s[i] != '_' &&
        slice.s[i] != '-') {
      return false;
    }
  }
  return true;
}

char *ho_loader_suggest(ho_slice word, const char *const *names, size_t count) {
  char *text = ho_slice_dup(word);
  const char *nearest = ho_nearest(text, names, count);

  free(text);
  return nearest ? ho_format(" (did you mean '%s'?)", nearest) : ho_strdup("");
}

char *ho_loader_alternatives(const char *const *names, size_t count) {
  char *list = ho_strdup(""), *longer;

  for (size_t i = 0; i < count; i++) {
    longer = ho_format("%s%s%s", list,
                       i == 0          ? ""
                       : i + 1 < count ? ", "
                                       : " or ",
                       names[i]);
    free(list);
    list = longer;
  }
  return list;
}

ho_place ho_loader_place(const ho_loader *l, const yaml_node_t *node) {
  ho_place place = ho_doc_place(&l->doc, node);

  place.file = l->out->file;
  return place;
}

bool ho_section_is_map(ho_loader *l, const yaml_node_t *node, const char *what,
                       const char *example) {
  if (ho_node_is_map(node) || ho_node_is_empty(node)) {
    return true;
  }
  ho_doc_error(&l->doc, node, "%s must be a map such as %s", what, example);
  return false;
}

const yaml_node_t *ho_section_get(const ho_loader *l, const ho_section *section,
                                  const char *name) {
  return section->node && ho_node_is_map(section->node)
             ? ho_map_get(&l->doc, section->node, name)
             : NULL;
}

bool ho_section_text(ho_loader *l, const ho_section *section, const char *name,
                     ho_slice *text) {
  const yaml_node_t *node = ho_section_get(l, section, name);

  if (!node) {
    return false;
  }
  if (!ho_node_text(node)) {
    ho_doc_error(&l->doc, node, "'%s' must be a single value", name);
    return false;
  }
  *text = ho_node_slice(node);
  return true;
}

static void note_unknown(ho_loader *l, const ho_section *section,
                         const ho_key *keys, size_t count,
                         const yaml_node_t *key) {
  const char *text = ho_node_text(key);
  const char *reason = section->elsewhere ? section->elsewhere(text) : NULL;
  const char **names;
  char *hint;

  if (reason) {
    ho_doc_error(&l->doc, key, "'%s' is not a key of %s: %s", text,
                 section->what, reason);
    return;
  }
  names = ho_alloc_array(count, sizeof(*names));
  for (size_t i = 0; i < count; i++) {
    names[i] = keys[i].name;
  }
  hint = ho_loader_suggest(ho_node_slice(key), names, count);
  ho_doc_error(&l->doc, key, "unknown key '%s' in %s%s", text, section->what,
               hint);
  free(hint);
  free(names);
}

/* Line of the first of two equal keys, or 0 when pair |i| is the first. */
static int line_before(ho_loader *l, const ho_section *section, size_t i,
                       const char *text) {
  const yaml_node_t *key, *value;

  for (size_t j = 0; j < i; j++) {
    ho_map_pair(&l->doc, section->node, j, &key, &value);
    if (ho_node_text(key) && strcmp(ho_node_text(key), text) == 0) {
      return (int)key->start_mark.line + 1;
    }
  }
  return 0;
}

static void read_pair(ho_loader *l, const ho_section *section,
                      const ho_key *key, const yaml_node_t *value, void *dest) {
  char *path;

  if (key->type == HO_KEY_OTHER) {
    return;
  }
  if (!ho_node_text(value)) {
    ho_doc_error(&l->doc, value, "'%s' must be a single value", key->name);
    return;
  }
  path =
      ho_format("%s%s%s", section->path, *section->path ? "." : "", key->name);
  ho_key_read(l, key, ho_node_slice(value), path, dest);
  free(path);
}

static void check_pair(ho_loader *l, const ho_section *section, size_t i,
                       const ho_key *keys, size_t count, void *dest) {
  const yaml_node_t *key, *value;
  const char *text;
  int line;

  ho_map_pair(&l->doc, section->node, i, &key, &value);
  text = ho_node_text(key);
  if (!text) {
    ho_doc_error(&l->doc, key, "a key must be a single word");
    return;
  }
  line = line_before(l, section, i, text);
  if (line > 0) {
    ho_doc_error(&l->doc, key, "'%s' is given twice (first in line %d)", text,
                 line);
    return;
  }
  for (size_t k = 0; k < count; k++) {
    if (strcmp(keys[k].name, text) != 0) {
      continue;
    }
    if (keys[k].type == HO_KEY_LATER) {
      ho_doc_error(&l->doc, key, "'%s' is not yet supported", text);
    } else {
      read_pair(l, section, &keys[k], value, dest);
    }
    return;
  }
  note_unknown(l, section, keys, count, key);
}

void ho_section_read(ho_loader *l, const ho_section *section,
                     const ho_key *keys, size_t count, void *dest) {
  if (section->node && ho_node_is_map(section->node)) {
    for (size_t i = 0; i < ho_map_count(section->node); i++) {
      check_pair(l, section, i, keys, count, dest);
    }
  }
  for (size_t k = 0; k < count; k++) {
    if (keys[k].required && !section->complete &&
        !ho_section_get(l, section, keys[k].name)) {
      ho_doc_error(&l->doc, section->at, "%s lacks '%s' (%s)", section->what,
                   keys[k].name, keys[k].required);
    }
  }
}
