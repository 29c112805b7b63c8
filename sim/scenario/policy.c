/* An arm's `policy`: what makes its client move, and how far. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/policy.h"

#define AT(member) offsetof(ho_policy, member)

static const ho_key keys[] = {
    {"causes", HO_KEY_OTHER},
    {"degrading_after", HO_KEY_TIME, AT(degrading_after), .min = HO_MSEC,
     .bounds = "1ms or more"},
    {"wait", HO_KEY_TIME_OR_NEVER, AT(wait)},
    {"away", HO_KEY_TIME_OR_NEVER, AT(away), .min = 1,
     .bounds = "more than 0ns"},
    {"attempts", HO_KEY_COUNT32, AT(attempts), .max = 1000000,
     .bounds = "0 to 1000000"},
    {"port_migration", HO_KEY_BOOL, AT(port_migration)},
};

/* In the order of their bits. */
static const char *const causes[] = {"disconnected", "write-error", "default",
                                     "degrading"};
static const ho_key cause_key = {"causes", HO_KEY_WORD, .words = causes,
                                 .words_count = HO_COUNT(causes)};

static bool add_cause(ho_loader *l, ho_slice word, ho_policy *policy) {
  int index;

  if (!ho_loader_word(l, &word, NULL)) {
    return false;
  }
  index = ho_key_word(l, &cause_key, word);
  if (index < 0) {
    return false;
  }
  if (policy->causes & 1u << index) {
    ho_slice_error(&l->doc, word, "cause '%s' is named twice", causes[index]);
    return false;
  }
  policy->causes |= 1u << index;
  return true;
}

/* "disconnected, degrading": --set has no lists. */
static bool split_causes(ho_loader *l, ho_slice text, ho_policy *policy) {
  const char *comma;
  size_t len;
  bool ok = ho_loader_word(l, &text, NULL);

  while (ok) {
    comma = memchr(text.s, ',', text.len);
    len = comma ? (size_t)(comma - text.s) : text.len;
    ok = add_cause(l, ho_slice_trim(ho_slice_part(text, 0, len)), policy);
    if (!comma) {
      break;
    }
    text = ho_slice_part(text, len + 1, text.len - len - 1);
  }
  return ok;
}

static bool read_causes(ho_loader *l, const yaml_node_t *node,
                        ho_policy *policy) {
  bool ok = true;

  policy->causes = 0;
  if (ho_node_text(node)) {
    return split_causes(l, ho_node_slice(node), policy);
  }
  if (!ho_node_is_list(node) || ho_list_count(node) == 0) {
    ho_doc_error(&l->doc, node,
                 "'causes' must be a list such as [disconnected, default]");
    return false;
  }
  for (size_t i = 0; i < ho_list_count(node); i++) {
    const yaml_node_t *item = ho_list_item(&l->doc, node, i);
    if (!ho_node_text(item)) {
      ho_doc_error(&l->doc, item, "a cause must be a single word");
      ok = false;
    } else {
      ok = add_cause(l, ho_node_slice(item), policy) && ok;
    }
  }
  return ok;
}

/* What has no effect without the cause is a mistake. */
static void check_degrading(ho_loader *l, const ho_section *section,
                            const ho_policy *policy) {
  const yaml_node_t *after = ho_section_get(l, section, "degrading_after");
  const yaml_node_t *port = ho_section_get(l, section, "port_migration");

  if (policy->causes & HO_CAUSE_DEGRADING) {
    return;
  }
  if (after) {
    ho_doc_error(&l->doc, after,
                 "'degrading_after' needs 'degrading' among the causes");
  }
  if (port && policy->port_migration) {
    ho_doc_error(&l->doc, port,
                 "'port_migration' needs 'degrading' among the causes");
  }
}

void ho_policy_read(ho_loader *l, const ho_section *arm, ho_policy *policy) {
  const yaml_node_t *node = ho_section_get(l, arm, "policy"), *list;
  char *path = ho_format("%s.policy", arm->path);
  ho_section section = {node, node, path, "'policy'"};
  bool ok = true;

  if (node && ho_section_is_map(l, node, "'policy'",
                                "{causes: [disconnected, default]}")) {
    ho_section_read(l, &section, keys, HO_COUNT(keys), policy);
    list = ho_section_get(l, &section, "causes");
    ok = !list || read_causes(l, list, policy);
    if (ok) {
      check_degrading(l, &section, policy);
    }
  }
  free(path);
}
