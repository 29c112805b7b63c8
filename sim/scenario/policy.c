/* An arm's `policy`: what makes its client move, and how far. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

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
static const ho_words_key cause_key = {
    {"causes", HO_KEY_WORD, .words = causes, .words_count = HO_COUNT(causes)},
    "a",
    "cause",
    "[disconnected, default]"};

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
    ok = !list || ho_words_key_read(l, &cause_key, list, &policy->causes);
    if (ok) {
      check_degrading(l, &section, policy);
    }
  }
  free(path);
}
