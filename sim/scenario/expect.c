/* The section `expect`: what must hold of the results. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/units.h"

#define FORMS "expected 'ARM: METRIC OP VALUE' or 'ARM.METRIC OP ARM.METRIC'"

static const struct {
  const char *text;
  ho_compare op;
} operators[] = {
    /* Longer ones first: "<=" is not "<". */
    {"==", HO_EQ}, {"!=", HO_NE}, {"<=", HO_LE},
    {">=", HO_GE}, {"<", HO_LT},  {">", HO_GT},
};

static const char *const aggregates[] = {
    [HO_AGG_NONE] = "",     [HO_AGG_P50] = "p50",     [HO_AGG_P95] = "p95",
    [HO_AGG_P99] = "p99",   [HO_AGG_MIN] = "min",     [HO_AGG_MAX] = "max",
    [HO_AGG_MEAN] = "mean", [HO_AGG_COUNT] = "count",
};

/* rule is one expectation taken apart. */
typedef struct {
  ho_slice arm, left, right;
  ho_compare op;
} rule;

/* Adversaries alone are in capital letters. */
static bool is_metric(ho_slice s) {
  bool link = s.len > 12 && memcmp(s.s, "linkability.", 12) == 0;

  for (size_t i = 0; i < s.len; i++) {
    if (!islower((unsigned char)s.s[i]) && !isdigit((unsigned char)s.s[i]) &&
        !strchr("_.-", s.s[i]) && !(link && s.s[i] == 'A')) {
      return false;
    }
  }
  return s.len > 0;
}

static bool is_word(ho_slice s) {
  for (size_t i = 0; i < s.len; i++) {
    if (!isalnum((unsigned char)s.s[i]) && !strchr("_-", s.s[i])) {
      return false;
    }
  }
  return s.len > 0;
}

static size_t find_char(ho_slice s, char c) {
  const char *found = memchr(s.s, c, s.len);

  return found ? (size_t)(found - s.s) : s.len;
}

static ho_slice before(ho_slice s, size_t at) {
  return ho_slice_trim(ho_slice_part(s, 0, at));
}

static ho_slice after(ho_slice s, size_t at) {
  return ho_slice_trim(ho_slice_part(s, at, s.len - at));
}

/* Splits |text| at its operator. */
static bool split_operator(ho_loader *l, ho_slice text, rule *r) {
  size_t at = 0;

  while (at < text.len && !strchr("=!<>", text.s[at])) {
    at++;
  }
  for (size_t i = 0; i < HO_COUNT(operators); i++) {
    size_t n = strlen(operators[i].text);
    if (text.len - at >= n && memcmp(text.s + at, operators[i].text, n) == 0) {
      r->op = operators[i].op;
      r->left = before(text, at);
      r->right = after(text, at + n);
      return true;
    }
  }
  ho_slice_error(&l->doc, text,
                 "'%.*s' has no ==, !=, <, <=, > or >= (" FORMS ")",
                 HO_SLICE(text));
  return false;
}

/* "p95(METRIC)" */
static bool read_aggregate(ho_loader *l, ho_slice *left, ho_expect *e) {
  size_t open = find_char(*left, '(');
  ho_slice name = before(*left, open);
  char *list;

  if (open == left->len) {
    return true;
  }
  for (size_t i = 1; i < HO_COUNT(aggregates); i++) {
    if (ho_slice_is(name, aggregates[i]) && left->s[left->len - 1] == ')') {
      e->aggregate = (ho_aggregate)i;
      *left =
          ho_slice_trim(ho_slice_part(*left, open + 1, left->len - open - 2));
      return true;
    }
  }
  list = ho_loader_alternatives(aggregates + 1, HO_COUNT(aggregates) - 1);
  ho_slice_error(&l->doc, *left,
                 "'%.*s' is no aggregate (expected %s of a "
                 "metric, such as p95(interruption))",
                 HO_SLICE(*left), list);
  free(list);
  return false;
}

static bool is_check(const char *metric) {
  return strncmp(metric, "check.", 6) == 0;
}

/* "check." and a check's id, such as C4; which there are, others know. */
static bool read_check(ho_loader *l, ho_slice text, char **metric) {
  bool ok = text.len >= 8 && text.s[6] >= 'A' && text.s[6] <= 'I';

  for (size_t i = 7; i < text.len; i++) {
    ok = ok && isdigit((unsigned char)text.s[i]);
  }
  if (!ok) {
    ho_slice_error(&l->doc, text,
                   "'%.*s' is no check (expected one such as check.C4; see "
                   "'handoff list checks')",
                   HO_SLICE(text));
    return false;
  }
  *metric = ho_slice_dup(text);
  return true;
}

static bool read_metric(ho_loader *l, ho_slice text, char **metric) {
  if (text.len >= 6 && is_check(text.s)) {
    return read_check(l, text, metric);
  }
  if (!is_metric(text)) {
    ho_slice_error(&l->doc, text, "'%.*s' is no metric (" FORMS ")",
                   HO_SLICE(text));
    return false;
  }
  *metric = ho_slice_dup(text);
  return true;
}

static bool read_arm(ho_loader *l, ho_slice text, char **arm) {
  int index = ho_loader_arm(l, text);

  if (index >= 0) {
    *arm = ho_strdup(l->out->arms[index].name);
  }
  return index >= 0;
}

static bool read_other(ho_loader *l, ho_slice right, ho_expect *e) {
  size_t dot = find_char(right, '.');

  if (e->aggregate != HO_AGG_NONE) {
    ho_slice_error(&l->doc, right,
                   "an aggregate is compared with a value, not "
                   "with '%.*s'",
                   HO_SLICE(right));
    return false;
  }
  if (!read_arm(l, before(right, dot), &e->other_arm) ||
      !read_metric(l, after(right, dot + 1), &e->other_metric)) {
    return false;
  }
  if (is_check(e->other_metric)) {
    ho_slice_error(&l->doc, right, "a check is compared with a verdict only");
    return false;
  }
  return true;
}

static bool read_word(ho_loader *l, ho_slice right, ho_expect *e) {
  if (e->op != HO_EQ && e->op != HO_NE) {
    ho_slice_error(&l->doc, right,
                   "'%.*s' can only be compared by == or !=", HO_SLICE(right));
    return false;
  }
  if (e->aggregate != HO_AGG_NONE) {
    ho_slice_error(&l->doc, right, "an aggregate is a number, not '%.*s'",
                   HO_SLICE(right));
    return false;
  }
  e->word = ho_slice_dup(right);
  return true;
}

/* What a check comes to. */
static bool read_verdict(ho_loader *l, ho_slice right, ho_expect *e) {
  static const char *const verdicts[] = {"PASS", "FAIL", "NOT-EXERCISED"};
  static const ho_key key = {"check", HO_KEY_WORD, .words = verdicts,
                             .words_count = HO_COUNT(verdicts)};

  return ho_key_word(l, &key, right) >= 0 && read_word(l, right, e);
}

static bool read_value(ho_loader *l, ho_slice right, ho_expect *e) {
  char *error;

  if (!ho_loader_word(l, &right, NULL)) {
    return false;
  }
  if (e->metric && is_check(e->metric) && right.len > 0) {
    return read_verdict(l, right, e);
  }
  if (right.len == 0) {
    ho_slice_error(&l->doc, right, "nothing to compare with (" FORMS ")");
    return false;
  }
  if (isdigit((unsigned char)right.s[0]) || right.s[0] == '-') {
    if (ho_units_number(right.s, right.len, &e->number, &e->dimension,
                        &error) != 0) {
      ho_slice_error(&l->doc, right, "%s", error);
      free(error);
      return false;
    }
    return true;
  }
  if (find_char(right, '.') < right.len) {
    return read_other(l, right, e);
  }
  if (!is_word(right)) {
    ho_slice_error(&l->doc, right, "'%.*s' is no value to compare with",
                   HO_SLICE(right));
    return false;
  }
  return read_word(l, right, e);
}

/* Without an arm in front of it, the left side is ARM.METRIC. */
static bool read_left(ho_loader *l, const rule *r, ho_expect *e) {
  ho_slice arm = r->arm, metric = r->left;
  size_t dot = find_char(metric, '.');

  if (!arm.s) {
    if (dot == metric.len) {
      ho_slice_error(&l->doc, metric, "'%.*s' names no arm (" FORMS ")",
                     HO_SLICE(metric));
      return false;
    }
    arm = before(metric, dot);
    metric = after(metric, dot + 1);
  }
  return read_arm(l, arm, &e->arm) && read_aggregate(l, &metric, e) &&
         read_metric(l, metric, &e->metric);
}

static void read_rule(ho_loader *l, ho_slice arm, ho_slice text, ho_expect *e) {
  rule r = {.arm = arm};

  if (!split_operator(l, text, &r)) {
    return;
  }
  e->op = r.op;
  read_left(l, &r, e);
  read_value(l, r.right, e);
}

/* YAML makes a map of "quic: outcome == migrated", and a text of the same in
 * quotes and of "quic.interruption < 1s". */
static void read_item(ho_loader *l, const yaml_node_t *item, ho_expect *e) {
  const yaml_node_t *key = NULL, *value = item;
  ho_slice text, arm = {0};
  size_t colon;

  if (ho_node_is_map(item) && ho_map_count(item) == 1) {
    ho_map_pair(&l->doc, item, 0, &key, &value);
  }
  if ((key && !ho_node_text(key)) || !ho_node_text(value)) {
    ho_doc_error(&l->doc, item, FORMS);
    return;
  }
  text = ho_node_slice(value);
  if (key) {
    arm = ho_node_slice(key);
    e->text = ho_format("%.*s: %.*s", HO_SLICE(arm), HO_SLICE(text));
  } else {
    e->text = ho_slice_dup(text);
    colon = find_char(text, ':');
    if (colon < text.len) {
      arm = before(text, colon);
      text = after(text, colon + 1);
    }
  }
  read_rule(l, arm, text, e);
}

void ho_expects_read(ho_loader *l, const yaml_node_t *root) {
  const yaml_node_t *list = ho_map_get(&l->doc, root, "expect"), *item;

  if (!list || ho_node_is_empty(list)) {
    return;
  }
  if (!ho_node_is_list(list)) {
    ho_doc_error(&l->doc, list,
                 "'expect' must be a list, such as '- quic: "
                 "outcome == migrated'");
    return;
  }
  l->out->expects =
      ho_alloc_array(ho_list_count(list), sizeof(*l->out->expects));
  for (size_t i = 0; i < ho_list_count(list); i++) {
    ho_expect *e = &l->out->expects[l->out->expects_count++];
    item = ho_list_item(&l->doc, list, i);
    e->place = ho_loader_place(l, item);
    read_item(l, item, e);
  }
}
