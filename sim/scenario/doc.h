/* A scenario's YAML document: nodes with their places, and what is wrong. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SCENARIO_DOC_H
#define HO_SCENARIO_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "sim/base/diag.h"

typedef struct {
  ho_place place;
  size_t order; /* of being found, for problems in one place */
  char *text;
} ho_problem;

/* ho_origin says which override made the nodes from |first_id| on. */
typedef struct {
  int first_id;
  char *label; /* "--set networks.cell.delay" */
} ho_origin;

/* ho_doc is a parsed document.  Nodes are those of libyaml; pointers to them
 * stay valid once every override is applied. */
typedef struct {
  yaml_document_t yaml;
  bool loaded;
  const char *file; /* for messages, not owned */
  ho_origin *origins;
  size_t origins_count, origins_cap;
  ho_problem *problems;
  size_t problems_count, problems_cap;
} ho_doc;

/* ho_slice is a part of a scalar, to be read and to be pointed at. */
typedef struct {
  const yaml_node_t *node;
  const char *s;
  size_t len;
} ho_slice;

/* For printf's %.*s. */
#define HO_SLICE(slice) (int)(slice).len, (slice).s

/* ho_doc_parse parses |len| bytes of |text|.  On failure the reason is among
 * the problems and HO_ERR_INPUT is returned; ho_doc_free is due either way. */
int ho_doc_parse(ho_doc *doc, const char *file, const char *text, size_t len);
void ho_doc_free(ho_doc *doc);

/* ho_doc_is_text: |text| is UTF-8 without control characters, as a document
 * must be. */
bool ho_doc_is_text(const char *text);

/* ho_doc_error notes a problem with |node| (NULL: the file as a whole). */
void ho_doc_error(ho_doc *doc, const yaml_node_t *node, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ho_slice_error notes a problem with |slice|, as exactly as its node's style
 * allows. */
void ho_slice_error(ho_doc *doc, ho_slice slice, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ho_doc_error_at notes a problem in a place of the file. */
void ho_doc_error_at(ho_doc *doc, int line, int column, const char *text);

/* ho_doc_report moves every problem to |diag|, ordered by place, and returns
 * how many there were. */
size_t ho_doc_report(ho_doc *doc, ho_diag *diag);

ho_place ho_doc_place(const ho_doc *doc, const yaml_node_t *node);

yaml_node_t *ho_doc_node(const ho_doc *doc, int id);

/* Scalars.  ho_node_text is NULL for maps and lists. */
const char *ho_node_text(const yaml_node_t *node);
ho_slice ho_node_slice(const yaml_node_t *node);
/* ho_node_is_empty: nothing was written, as in "expect:". */
bool ho_node_is_empty(const yaml_node_t *node);
bool ho_node_is_map(const yaml_node_t *node);
bool ho_node_is_list(const yaml_node_t *node);

bool ho_slice_is(ho_slice slice, const char *word);
char *ho_slice_dup(ho_slice slice);
/* ho_slice_trim leaves out blanks at both ends. */
ho_slice ho_slice_trim(ho_slice slice);
ho_slice ho_slice_part(ho_slice slice, size_t from, size_t len);
/* ho_slice_word takes the first blank-separated word off |*rest|; it is empty
 * when there is none. */
ho_slice ho_slice_word(ho_slice *rest);

/* ho_map_count and ho_map_pair walk a map in file order. */
size_t ho_map_count(const yaml_node_t *map);
void ho_map_pair(const ho_doc *doc, const yaml_node_t *map, size_t i,
                 const yaml_node_t **key, const yaml_node_t **value);
/* ho_map_get returns the value of |key|, or NULL. */
const yaml_node_t *ho_map_get(const ho_doc *doc, const yaml_node_t *map,
                              const char *key);
size_t ho_list_count(const yaml_node_t *list);
const yaml_node_t *ho_list_item(const ho_doc *doc, const yaml_node_t *list,
                                size_t i);

#endif
