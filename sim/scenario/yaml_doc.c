/* From a scenario's bytes to its document. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/doc.h"

/* Length of the valid UTF-8 sequence (RFC 3629) that |s| begins with, or 0. */
static size_t utf8_length(const unsigned char *s, size_t len) {
  size_t n = s[0] < 0x80                   ? 1
             : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
             : (s[0] & 0xf0) == 0xe0       ? 3
             : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
                                           : 0;

  if (n == 0 || n > len) {
    return 0;
  }
  for (size_t i = 1; i < n; i++) {
    if ((s[i] & 0xc0) != 0x80) {
      return 0;
    }
  }
  if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] >= 0xa0) ||
      (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] >= 0x90)) {
    return 0;
  }
  return n;
}

static bool is_bad_byte(const unsigned char *s, size_t utf8) {
  return utf8 == 0 || s[0] == 0x7f ||
         (s[0] < 0x20 && s[0] != '\t' && s[0] != '\n' && s[0] != '\r');
}

bool ho_doc_is_text(const char *text) {
  const unsigned char *s = (const unsigned char *)text;
  size_t len = strlen(text);

  for (size_t i = 0, n; i < len; i += n) {
    n = utf8_length(s + i, len - i);
    if (is_bad_byte(s + i, n)) {
      return false;
    }
  }
  return true;
}

/* libyaml tells neither line nor column of bytes that it cannot read at all,
 * so they are looked for first.  Returns false if it found some. */
static bool check_bytes(ho_doc *doc, const unsigned char *s, size_t len) {
  int line = 1, column = 1;
  char *text;

  for (size_t i = 0, n; i < len; i += n, column++) {
    n = utf8_length(s + i, len - i);
    if (is_bad_byte(s + i, n)) {
      text = ho_format(n == 0 ? "byte 0x%02x is not UTF-8"
                              : "control character 0x%02x",
                       s[i]);
      ho_doc_error_at(doc, line, column, text);
      free(text);
      return false;
    }
    if (s[i] == '\n') {
      line++;
      column = 0;
    }
  }
  return true;
}

static void note_syntax(ho_doc *doc, const yaml_parser_t *parser) {
  const char *problem = parser->problem ? parser->problem : "cannot be read";
  char *text;

  if (parser->context &&
      parser->context_mark.line != parser->problem_mark.line) {
    text = ho_format("not YAML: %s (%s that begins at %d:%d)", problem,
                     parser->context, (int)parser->context_mark.line + 1,
                     (int)parser->context_mark.column + 1);
  } else if (parser->context) {
    text = ho_format("not YAML: %s (%s)", problem, parser->context);
  } else {
    text = ho_format("not YAML: %s", problem);
  }
  ho_doc_error_at(doc, (int)parser->problem_mark.line + 1,
                  (int)parser->problem_mark.column + 1, text);
  free(text);
}

/* Keeps what is quadratic in the keys of a map short. */
#define KEYS_MAX 1000

/* Escapes can put control characters, even zero bytes, into a text. */
static void check_nodes(ho_doc *doc) {
  for (yaml_node_t *n = doc->yaml.nodes.start; n < doc->yaml.nodes.top; n++) {
    if (n->type == YAML_SCALAR_NODE &&
        (strlen(ho_node_text(n)) != n->data.scalar.length ||
         !ho_doc_is_text(ho_node_text(n)))) {
      ho_doc_error(doc, n, "a text must not contain control characters");
    } else if (n->type == YAML_MAPPING_NODE && ho_map_count(n) > KEYS_MAX) {
      ho_doc_error(doc, n, "a map of more than %d keys", KEYS_MAX);
    }
  }
}

/* Exactly one document is a scenario. */
static void check_alone(ho_doc *doc, yaml_parser_t *parser) {
  yaml_document_t second;
  yaml_node_t *root;

  if (!yaml_document_get_root_node(&doc->yaml)) {
    ho_doc_error(doc, NULL, "nothing in it (expected a scenario)");
    return;
  }
  if (!yaml_parser_load(parser, &second)) {
    note_syntax(doc, parser);
    return;
  }
  root = yaml_document_get_root_node(&second);
  if (root) {
    ho_doc_error_at(doc, (int)second.start_mark.line + 1,
                    (int)second.start_mark.column + 1,
                    "a second document (a file is one scenario)");
  }
  yaml_document_delete(&second);
}

static void begin(yaml_parser_t *parser, const char *text, size_t len) {
  if (!yaml_parser_initialize(parser)) {
    abort();
  }
  yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(parser, (const unsigned char *)text, len);
}

/* Deeper than any scenario needs. */
#define DEPTH_MAX 20

/* libyaml's scanner takes time quadratic in the depth of nesting, many minutes
 * for a megabyte of "[".  Its events come one by one, so a pass over them stops
 * in time.  Returns false if it found a place that is too deep; syntax errors
 * are left to the loader. */
static bool check_depth(ho_doc *doc, const char *text, size_t len) {
  yaml_event_type_t type = YAML_NO_EVENT;
  yaml_parser_t parser;
  yaml_event_t event;
  int depth = 0;

  begin(&parser, text, len);
  while (depth <= DEPTH_MAX && type != YAML_STREAM_END_EVENT &&
         yaml_parser_parse(&parser, &event)) {
    type = event.type;
    depth += type == YAML_MAPPING_START_EVENT;
    depth += type == YAML_SEQUENCE_START_EVENT;
    depth -= type == YAML_MAPPING_END_EVENT;
    depth -= type == YAML_SEQUENCE_END_EVENT;
    if (depth > DEPTH_MAX) {
      ho_doc_error_at(doc, (int)event.start_mark.line + 1,
                      (int)event.start_mark.column + 1,
                      "maps and lists nested too deep for a scenario");
    }
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  return depth <= DEPTH_MAX;
}

int ho_doc_parse(ho_doc *doc, const char *file, const char *text, size_t len) {
  yaml_parser_t parser;

  *doc = (ho_doc){.file = file};
  if (!check_bytes(doc, (const unsigned char *)text, len) ||
      !check_depth(doc, text, len)) {
    return HO_ERR_INPUT;
  }
  begin(&parser, text, len);
  if (!yaml_parser_load(&parser, &doc->yaml)) {
    note_syntax(doc, &parser);
  } else {
    doc->loaded = true;
    check_alone(doc, &parser);
    check_nodes(doc);
  }
  yaml_parser_delete(&parser);
  return doc->problems_count > 0 ? HO_ERR_INPUT : 0;
}

void ho_doc_free(ho_doc *doc) {
  if (doc->loaded) {
    yaml_document_delete(&doc->yaml);
  }
  for (size_t i = 0; i < doc->origins_count; i++) {
    free(doc->origins[i].label);
  }
  for (size_t i = 0; i < doc->problems_count; i++) {
    free(doc->problems[i].text);
  }
  free(doc->origins);
  free(doc->problems);
  *doc = (ho_doc){0};
}
