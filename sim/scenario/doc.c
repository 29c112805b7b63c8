/* Typed access to the nodes of a document, and the problems found in it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/doc.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

/* A message quotes what was written, and that may be a megabyte of it. */
#define MESSAGE_MAX 300

static void add_problem(ho_doc *doc, ho_place place, char *text) {
  size_t len = strlen(text), order = doc->problems_count;

  if (len > MESSAGE_MAX) {
    /* Do not cut a UTF-8 character in two. */
    for (len = MESSAGE_MAX - 3; len > 0 && (text[len] & 0xc0) == 0x80; len--) {
    }
    memcpy(text + len, "...", 4);
  }
  for (char *c = text; *c; c++) {
    if ((unsigned char)*c < 0x20 || *c == 0x7f) {
      *c = '?';
    }
  }
  ho_grow(&doc->problems, doc->problems_count, &doc->problems_cap,
          sizeof(ho_problem));
  doc->problems[doc->problems_count++] = (ho_problem){place, order, text};
}

static char *format(const char *fmt, va_list ap) {
  char *text = NULL;

  if (vasprintf(&text, fmt, ap) < 0) {
    return ho_strdup(fmt);
  }
  return text;
}

/* Nodes that no file contains have no marks: overrides made them. */
static bool is_made(const yaml_node_t *node) {
  return node->end_mark.index == 0;
}

static int node_id(const ho_doc *doc, const yaml_node_t *node) {
  return (int)(node - doc->yaml.nodes.start) + 1;
}

ho_place ho_doc_place(const ho_doc *doc, const yaml_node_t *node) {
  ho_place place = {doc->file, 0, 0};

  if (!node) {
    return place;
  }
  if (!is_made(node)) {
    place.line = (int)node->start_mark.line + 1;
    place.column = (int)node->start_mark.column + 1;
    return place;
  }
  for (size_t i = 0; i < doc->origins_count; i++) {
    if (doc->origins[i].first_id <= node_id(doc, node)) {
      place.file = doc->origins[i].label;
    }
  }
  return place;
}

void ho_doc_error(ho_doc *doc, const yaml_node_t *node, const char *fmt, ...) {
  va_list ap;

  va_start(ap, fmt);
  add_problem(doc, ho_doc_place(doc, node), format(fmt, ap));
  va_end(ap);
}

void ho_doc_error_at(ho_doc *doc, int line, int column, const char *text) {
  add_problem(doc, (ho_place){doc->file, line, column}, ho_strdup(text));
}

/* Characters between the start of a node and the text in it, or -1 when the
 * text is not written in the file as it is read. */
static int text_offset(const yaml_node_t *node) {
  size_t written = node->end_mark.index - node->start_mark.index;
  size_t len = node->data.scalar.length;

  if (node->start_mark.line != node->end_mark.line) {
    return -1;
  }
  return written == len ? 0 : written == len + 2 ? 1 : -1;
}

void ho_slice_error(ho_doc *doc, ho_slice slice, const char *fmt, ...) {
  ho_place place = ho_doc_place(doc, slice.node);
  va_list ap;

  if (slice.node && place.line > 0 && text_offset(slice.node) >= 0) {
    place.column +=
        text_offset(slice.node) + (int)(slice.s - ho_node_text(slice.node));
  }
  va_start(ap, fmt);
  add_problem(doc, place, format(fmt, ap));
  va_end(ap);
}

static int by_place(const void *va, const void *vb) {
  const ho_problem *a = va, *b = vb;

  if (a->place.line != b->place.line) {
    return a->place.line < b->place.line ? -1 : 1;
  }
  if (a->place.column != b->place.column) {
    return a->place.column < b->place.column ? -1 : 1;
  }
  return a->order < b->order ? -1 : a->order > b->order;
}

size_t ho_doc_report(ho_doc *doc, ho_diag *diag) {
  if (doc->problems_count > 0) {
    qsort(doc->problems, doc->problems_count, sizeof(ho_problem), by_place);
  }
  for (size_t i = 0; i < doc->problems_count; i++) {
    ho_diag_add(diag, &doc->problems[i].place, "%s", doc->problems[i].text);
  }
  return doc->problems_count;
}

yaml_node_t *ho_doc_node(const ho_doc *doc, int id) {
  assert(id > 0 && doc->yaml.nodes.start + id <= doc->yaml.nodes.top);
  return doc->yaml.nodes.start + id - 1;
}

const char *ho_node_text(const yaml_node_t *node) {
  return node->type == YAML_SCALAR_NODE ? (char *)node->data.scalar.value
                                        : NULL;
}

ho_slice ho_node_slice(const yaml_node_t *node) {
  assert(node->type == YAML_SCALAR_NODE);
  return ho_slice_trim(
      (ho_slice){node, ho_node_text(node), node->data.scalar.length});
}

bool ho_node_is_empty(const yaml_node_t *node) {
  return node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0 &&
         node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

bool ho_node_is_map(const yaml_node_t *node) {
  return node->type == YAML_MAPPING_NODE;
}

bool ho_node_is_list(const yaml_node_t *node) {
  return node->type == YAML_SEQUENCE_NODE;
}

size_t ho_map_count(const yaml_node_t *map) {
  return (size_t)(map->data.mapping.pairs.top - map->data.mapping.pairs.start);
}

void ho_map_pair(const ho_doc *doc, const yaml_node_t *map, size_t i,
                 const yaml_node_t **key, const yaml_node_t **value) {
  const yaml_node_pair_t *pair = &map->data.mapping.pairs.start[i];

  assert(i < ho_map_count(map));
  *key = ho_doc_node(doc, pair->key);
  *value = ho_doc_node(doc, pair->value);
}

const yaml_node_t *ho_map_get(const ho_doc *doc, const yaml_node_t *map,
                              const char *key) {
  const yaml_node_t *k, *v;

  for (size_t i = 0; i < ho_map_count(map); i++) {
    ho_map_pair(doc, map, i, &k, &v);
    if (ho_node_text(k) && strcmp(ho_node_text(k), key) == 0) {
      return v;
    }
  }
  return NULL;
}

size_t ho_list_count(const yaml_node_t *list) {
  return (size_t)(list->data.sequence.items.top -
                  list->data.sequence.items.start);
}

const yaml_node_t *ho_list_item(const ho_doc *doc, const yaml_node_t *list,
                                size_t i) {
  assert(i < ho_list_count(list));
  return ho_doc_node(doc, list->data.sequence.items.start[i]);
}
