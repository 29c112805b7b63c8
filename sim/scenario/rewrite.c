/* A scenario's document with parts of it replaced, as a file again. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/rewrite.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/loader.h"
#include "sim/scenario/units.h"

enum { LINE_WIDTH = 78 };

/* Nodes are known by their ids: adding one may move them all. */
typedef struct {
  ho_loader l;
  yaml_document_t *yaml;
} paper;

/* ---- making nodes ---- */

static int must(int id) {
  if (id == 0) {
    abort(); /* libyaml fails only when memory does */
  }
  return id;
}

static int add_scalar(yaml_document_t *yaml, const char *text, size_t len,
                      yaml_scalar_style_t style) {
  return must(yaml_document_add_scalar(yaml, NULL, (const yaml_char_t *)text,
                                       (int)len, style));
}

static int scalar(paper *p, const char *text) {
  return add_scalar(p->yaml, text, strlen(text), YAML_PLAIN_SCALAR_STYLE);
}

static int map(paper *p, yaml_mapping_style_t style) {
  return must(yaml_document_add_mapping(p->yaml, NULL, style));
}

static int list(paper *p, yaml_sequence_style_t style) {
  return must(yaml_document_add_sequence(p->yaml, NULL, style));
}

static void put(paper *p, int to, int key, int value) {
  must(yaml_document_append_mapping_pair(p->yaml, to, key, value));
}

static void append(paper *p, int to, int item) {
  must(yaml_document_append_sequence_item(p->yaml, to, item));
}

/* A copy of |from|'s node |id| and all below it. */
static int copy(paper *p, yaml_document_t *from, int id) {
  yaml_node_t *node = yaml_document_get_node(from, id);
  int made;

  switch (node->type) {
  case YAML_MAPPING_NODE:
    made = map(p, node->data.mapping.style);
    for (size_t i = 0; i < ho_map_count(node); i++) {
      yaml_node_pair_t pair = node->data.mapping.pairs.start[i];
      int key = copy(p, from, pair.key), value = copy(p, from, pair.value);
      put(p, made, key, value);
    }
    return made;
  case YAML_SEQUENCE_NODE:
    made = list(p, node->data.sequence.style);
    for (size_t i = 0; i < ho_list_count(node); i++) {
      append(p, made, copy(p, from, node->data.sequence.items.start[i]));
    }
    return made;
  default:
    return add_scalar(p->yaml, (const char *)node->data.scalar.value,
                      node->data.scalar.length, node->data.scalar.style);
  }
}

/* ---- parts of the root ---- */

static int find(paper *p, int in, const char *key) {
  const yaml_node_t *node = ho_doc_node(&p->l.doc, in);

  for (size_t i = 0; i < ho_map_count(node); i++) {
    yaml_node_pair_t pair = node->data.mapping.pairs.start[i];
    const char *name = ho_node_text(ho_doc_node(&p->l.doc, pair.key));
    if (name && !strcmp(name, key)) {
      return pair.value;
    }
  }
  return 0;
}

/* The map {key: value} that stands for itself in a list. */
static int single(paper *p, const char *key, int value) {
  int made = map(p, YAML_BLOCK_MAPPING_STYLE);

  put(p, made, scalar(p, key), value);
  return made;
}

/* `arms` with nothing but |name|, which is a preset, an item of a list, or a
 * key of a map. */
static int one_arm(paper *p, int arms, const char *name) {
  const yaml_node_t *node = arms ? ho_doc_node(&p->l.doc, arms) : NULL;
  int found = node && ho_node_is_map(node) ? find(p, arms, name) : 0, made;

  for (size_t i = 0; node && ho_node_is_list(node) && i < ho_list_count(node);
       i++) {
    int item = node->data.sequence.items.start[i];
    if (ho_node_is_map(ho_doc_node(&p->l.doc, item)) && find(p, item, name)) {
      found = find(p, item, name);
    }
  }
  made = list(p, YAML_FLOW_SEQUENCE_STYLE);
  if (found) {
    int own = map(p, YAML_FLOW_MAPPING_STYLE);
    put(p, own, scalar(p, name), found);
    append(p, made, own);
  } else {
    append(p, made, scalar(p, name));
  }
  return made;
}

static int timeline(paper *p, const ho_rewrite *change) {
  int made = list(p, YAML_BLOCK_SEQUENCE_STYLE);

  for (size_t i = 0; i < change->timeline_count; i++) {
    const ho_rewrite_entry *e = &change->timeline[i];
    char *at = ho_loader_time(e->at);
    append(p, made, single(p, at, scalar(p, e->action)));
    free(at);
  }
  return made;
}

/* "ARM: METRIC OP VALUE" */
static int expect(paper *p, const char *text) {
  const char *colon = strstr(text, ": ");
  int made = list(p, YAML_BLOCK_SEQUENCE_STYLE), value;
  char *arm;

  if (!colon) {
    append(p, made, scalar(p, text));
    return made;
  }
  arm = ho_format("%.*s", (int)(colon - text), text);
  value = scalar(p, colon + 2);
  append(p, made, single(p, arm, value));
  free(arm);
  return made;
}

static int number(paper *p, uint64_t value) {
  char text[24];

  snprintf(text, sizeof(text), "%" PRIu64, value);
  return scalar(p, text);
}

/* What stands under |key| afterwards: 0 for nothing, |was| for what was. */
static int part(paper *p, const ho_rewrite *change, const char *key, int was) {
  if (!strcmp(key, "name") && change->name) {
    return scalar(p, change->name);
  }
  if (!strcmp(key, "about") && change->about) {
    return add_scalar(p->yaml, change->about, strlen(change->about),
                      YAML_FOLDED_SCALAR_STYLE);
  }
  if (!strcmp(key, "seed") && change->seed) {
    return number(p, change->seed);
  }
  if (!strcmp(key, "networks") && was &&
      ho_node_is_map(ho_doc_node(&p->l.doc, was))) {
    /* A line each, though a setting may have put them into one. */
    ho_doc_node(&p->l.doc, was)->data.mapping.style = YAML_BLOCK_MAPPING_STYLE;
  }
  if (!strcmp(key, "arms") && change->arm) {
    return one_arm(p, was, change->arm);
  }
  if (!strcmp(key, "timeline") && change->timeline) {
    return change->timeline_count > 0 ? timeline(p, change) : 0;
  }
  if (!strcmp(key, "expect") && change->expect) {
    return *change->expect ? expect(p, change->expect) : 0;
  }
  return was;
}

/* What is written, in the order in which a person would: not `search`, not
 * `vary`. */
static const char *const order[] = {
    "name",      "about",     "stop",     "seed",   "vars",     "networks",
    "clients",   "groups",    "client",   "server", "workload", "arms",
    "observers", "swap_game", "timeline", "expect"};

static void write_root(paper *p, const ho_rewrite *change) {
  int parts[sizeof(order) / sizeof(order[0])];
  size_t count = sizeof(order) / sizeof(order[0]);
  yaml_node_t *root;

  for (size_t i = 0; i < count; i++) {
    parts[i] = part(p, change, order[i], find(p, 1, order[i]));
  }
  root = ho_doc_node(&p->l.doc, 1);
  root->data.mapping.pairs.top = root->data.mapping.pairs.start;
  root->data.mapping.style = YAML_BLOCK_MAPPING_STYLE;
  for (size_t i = 0; i < count; i++) {
    if (parts[i]) {
      put(p, 1, scalar(p, order[i]), parts[i]);
    }
  }
}

/* ---- settings ---- */

static int set_map(paper *p, const ho_override *setting, ho_diag *diag) {
  ho_doc sub = {0};
  int rv =
      ho_doc_parse(&sub, setting->key, setting->value, strlen(setting->value));

  if (rv == 0 && !ho_node_is_map(ho_doc_node(&sub, 1))) {
    ho_doc_error(&sub, NULL, "is no map");
  }
  if (ho_doc_report(&sub, diag) == 0) {
    int value = copy(p, &sub.yaml, 1);
    yaml_node_t *root = ho_doc_node(&p->l.doc, 1);
    bool there = false;
    for (size_t i = 0; i < ho_map_count(root); i++) {
      yaml_node_pair_t *pair = &root->data.mapping.pairs.start[i];
      const char *name = ho_node_text(ho_doc_node(&p->l.doc, pair->key));
      if (name && !strcmp(name, setting->key)) {
        pair->value = value;
        there = true;
      }
    }
    if (!there) {
      put(p, 1, scalar(p, setting->key), value);
    }
  } else {
    rv = HO_ERR_INPUT;
  }
  ho_doc_free(&sub);
  return rv;
}

/* Maps first: what they have may be set in turn. */
static void set_all(paper *p, const ho_rewrite *change, ho_diag *diag) {
  for (size_t i = 0; i < change->settings_count; i++) {
    if (change->settings[i].value[0] == '{') {
      set_map(p, &change->settings[i], diag);
    }
  }
  for (size_t i = 0; i < change->settings_count; i++) {
    if (change->settings[i].value[0] != '{') {
      ho_override_apply(&p->l, &change->settings[i], 1);
    }
  }
}

/* ---- the file ---- */

static int write_out(void *user, unsigned char *bytes, size_t len) {
  return fwrite(bytes, 1, len, user) == len;
}

/* The emitter frees the document. */
static void emit(paper *p, char **text) {
  yaml_emitter_t emitter;
  size_t len;
  FILE *out = open_memstream(text, &len);

  if (!out || !yaml_emitter_initialize(&emitter)) {
    abort();
  }
  yaml_emitter_set_output(&emitter, write_out, out);
  yaml_emitter_set_unicode(&emitter, 1);
  yaml_emitter_set_width(&emitter, LINE_WIDTH);
  must(yaml_emitter_open(&emitter));
  must(yaml_emitter_dump(&emitter, p->yaml));
  p->l.doc.loaded = false;
  must(yaml_emitter_close(&emitter));
  yaml_emitter_delete(&emitter);
  fclose(out);
}

static bool open_paper(paper *p, const ho_source *source) {
  *p = (paper){.yaml = &p->l.doc.yaml};
  if (ho_doc_parse(&p->l.doc, source->file, source->text, source->text_len) !=
      0) {
    return false;
  }
  if (!ho_node_is_map(ho_doc_node(&p->l.doc, 1))) {
    ho_doc_error(&p->l.doc, NULL, "a scenario is a map");
    return false;
  }
  return true;
}

int ho_scenario_rewrite(const ho_source *source, const ho_rewrite *change,
                        char **text, ho_diag *diag) {
  size_t before = diag->count;
  paper p;

  if (open_paper(&p, source)) {
    set_all(&p, change, diag);
    write_root(&p, change);
  }
  ho_doc_report(&p.l.doc, diag);
  if (diag->count == before) {
    emit(&p, text);
  }
  ho_doc_free(&p.l.doc);
  return diag->count == before ? 0 : HO_ERR_INPUT;
}

/* ---- its timeline ---- */

static void read_entry(ho_doc *doc, const yaml_node_t *item,
                       ho_rewrite_entry *out) {
  const yaml_node_t *key, *value;
  ho_quantity at;
  char *error = NULL;

  if (!ho_node_is_map(item) || ho_map_count(item) != 1) {
    return; /* the loader says so */
  }
  ho_map_pair(doc, item, 0, &key, &value);
  if (!ho_node_text(key) || !ho_node_text(value)) {
    return;
  }
  if (ho_units_parse(ho_node_text(key), strlen(ho_node_text(key)),
                     HO_UNITS_TIME, &at, &error) != 0) {
    ho_doc_error(doc, key,
                 "'%s': a search needs times that are absolute and fixed",
                 ho_node_text(key));
    free(error);
    return;
  }
  *out = (ho_rewrite_entry){at.value, ho_strdup(ho_node_text(value))};
}

int ho_scenario_entries(const ho_source *source, ho_rewrite_entry **entries,
                        size_t *count, ho_diag *diag) {
  const yaml_node_t *node = NULL;
  paper p;
  bool failed;

  *entries = NULL;
  *count = 0;
  if (open_paper(&p, source)) {
    node = ho_map_get(&p.l.doc, ho_doc_node(&p.l.doc, 1), "timeline");
  }
  if (node && ho_node_is_list(node)) {
    *entries = ho_alloc_array(ho_list_count(node) + 1, sizeof(**entries));
    for (size_t i = 0; i < ho_list_count(node); i++) {
      read_entry(&p.l.doc, ho_list_item(&p.l.doc, node, i),
                 &(*entries)[*count]);
      *count += (*entries)[*count].action != NULL;
    }
  }
  failed = ho_doc_report(&p.l.doc, diag) > 0;
  ho_doc_free(&p.l.doc);
  if (failed) {
    ho_rewrite_entries_free(*entries, *count);
    *entries = NULL;
    *count = 0;
  }
  return failed ? HO_ERR_INPUT : 0;
}

void ho_rewrite_entries_free(ho_rewrite_entry *entries, size_t count) {
  for (size_t i = 0; i < count; i++) {
    free(entries[i].action);
  }
  free(entries);
}
