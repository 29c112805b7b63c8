/* What came of checks, as JUnit XML. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/junit.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "sim/base/alloc.h"

typedef struct {
  char *name, *message, *text;
  ho_junit_result result;
} test_case;

typedef struct {
  char *name;
  test_case *cases;
  size_t count, cap;
} suite;

struct ho_junit {
  suite *suites;
  size_t count, cap;
};

ho_junit *ho_junit_new(void) {
  return ho_alloc(sizeof(ho_junit));
}

void ho_junit_del(ho_junit *junit) {
  for (size_t i = 0; junit && i < junit->count; i++) {
    suite *s = &junit->suites[i];
    for (size_t k = 0; k < s->count; k++) {
      free(s->cases[k].name);
      free(s->cases[k].message);
      free(s->cases[k].text);
    }
    free(s->cases);
    free(s->name);
  }
  if (junit) {
    free(junit->suites);
  }
  free(junit);
}

void ho_junit_suite(ho_junit *junit, const char *name) {
  ho_grow(&junit->suites, junit->count, &junit->cap, sizeof(suite));
  junit->suites[junit->count++] = (suite){.name = ho_strdup(name)};
}

void ho_junit_case(ho_junit *junit, const char *name, ho_junit_result result,
                   const char *message, const char *text) {
  suite *s;

  assert(junit->count > 0);
  s = &junit->suites[junit->count - 1];
  ho_grow(&s->cases, s->count, &s->cap, sizeof(test_case));
  s->cases[s->count++] =
      (test_case){.name = ho_strdup(name),
                  .message = message ? ho_strdup(message) : NULL,
                  .text = text ? ho_strdup(text) : NULL,
                  .result = result};
}

/* ---- text that XML can have ---- */

/* How long the UTF-8 character at |s| is; 0 if it is none, or none of XML's
 * (XML 1.0, 2.2).  |*code| is its number. */
static size_t character(const unsigned char *s, unsigned *code) {
  static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
  size_t len = s[0] < 0x80             ? 1
               : (s[0] & 0xe0) == 0xc0 ? 2
               : (s[0] & 0xf0) == 0xe0 ? 3
               : (s[0] & 0xf8) == 0xf0 ? 4
                                       : 0;

  *code = len == 1 ? s[0] : s[0] & (0x7fu >> len);
  for (size_t i = 1; i < len; i++) {
    if ((s[i] & 0xc0) != 0x80) {
      return 0;
    }
    *code = *code << 6 | (s[i] & 0x3fu);
  }
  if (len == 0 || *code < least[len] || *code > 0x10ffff ||
      (*code >= 0xd800 && *code < 0xe000) || *code == 0xfffe ||
      *code == 0xffff || (*code < 0x20 && *code != '\t' && *code != '\n')) {
    return 0;
  }
  return len;
}

/* Inside quotes a reader would take a line's end for a space. */
static void put_escaped(FILE *out, const char *text, bool quoted) {
  const unsigned char *s = (const unsigned char *)text;

  while (s && *s) {
    unsigned code;
    size_t len = character(s, &code);
    if (len == 0) {
      fputc('?', out);
      len = 1;
    } else if (code == '&') {
      fputs("&amp;", out);
    } else if (code == '<') {
      fputs("&lt;", out);
    } else if (code == '>') {
      fputs("&gt;", out);
    } else if (quoted && (code == '"' || code < 0x20)) {
      fprintf(out, "&#%u;", code);
    } else {
      fwrite(s, 1, len, out);
    }
    s += len;
  }
}

static void put_attribute(FILE *out, const char *name, const char *value) {
  fprintf(out, " %s=\"", name);
  put_escaped(out, value, true);
  fputc('"', out);
}

/* ---- the document ---- */

static size_t count_of(const suite *s, ho_junit_result result) {
  size_t count = 0;

  for (size_t i = 0; i < s->count; i++) {
    count += s->cases[i].result == result;
  }
  return count;
}

static const char *element(ho_junit_result result) {
  switch (result) {
  case HO_JUNIT_PASSED:
    break;
  case HO_JUNIT_FAILED:
    return "failure";
  case HO_JUNIT_ERROR:
    return "error";
  case HO_JUNIT_SKIPPED:
    return "skipped";
  }
  return NULL;
}

static void write_case(const suite *s, const test_case *c, FILE *out) {
  const char *tag = element(c->result);

  fputs("    <testcase", out);
  put_attribute(out, "name", c->name);
  put_attribute(out, "classname", s->name);
  if (!tag) {
    fputs("/>\n", out);
    return;
  }
  fprintf(out, ">\n      <%s", tag);
  put_attribute(out, "message", c->message ? c->message : "");
  fputc('>', out);
  put_escaped(out, c->text, false);
  fprintf(out, "</%s>\n    </testcase>\n", tag);
}

static void write_suite(const suite *s, FILE *out) {
  fputs("  <testsuite", out);
  put_attribute(out, "name", s->name);
  fprintf(out,
          " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
          s->count, count_of(s, HO_JUNIT_FAILED), count_of(s, HO_JUNIT_ERROR),
          count_of(s, HO_JUNIT_SKIPPED));
  for (size_t i = 0; i < s->count; i++) {
    write_case(s, &s->cases[i], out);
  }
  fputs("  </testsuite>\n", out);
}

void ho_junit_write(const ho_junit *junit, FILE *out) {
  size_t tests = 0, failures = 0, errors = 0;

  for (size_t i = 0; i < junit->count; i++) {
    tests += junit->suites[i].count;
    failures += count_of(&junit->suites[i], HO_JUNIT_FAILED);
    errors += count_of(&junit->suites[i], HO_JUNIT_ERROR);
  }
  fprintf(out,
          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
          "<testsuites name=\"handoff\" tests=\"%zu\" failures=\"%zu\" "
          "errors=\"%zu\">\n",
          tests, failures, errors);
  for (size_t i = 0; i < junit->count; i++) {
    write_suite(&junit->suites[i], out);
  }
  fputs("</testsuites>\n", out);
}
