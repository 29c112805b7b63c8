/* From a manifest back to what was asked. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/manifest_plan.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

static const char *text(const json_t *object, const char *key) {
  const char *value = json_string_value(json_object_get(object, key));

  return value ? value : "";
}

static uint64_t number(const json_t *object, const char *key) {
  json_int_t value = json_integer_value(json_object_get(object, key));

  return value > 0 ? (uint64_t)value : 0;
}

static bool is_true(const json_t *object, const char *key) {
  return json_is_true(json_object_get(object, key));
}

static void read_sets(ho_asked *a, const json_t *sets) {
  size_t count = json_array_size(sets);

  a->overrides = ho_alloc_array(count + 1, sizeof(ho_override));
  for (size_t i = 0; i < count; i++) {
    const json_t *set = json_array_get(sets, i);
    a->overrides[i] =
        (ho_override){.key = text(set, "key"), .value = text(set, "value")};
  }
  a->plan.overrides = a->overrides;
  a->plan.overrides_count = count;
}

static void read_vary(ho_plan *plan, const json_t *varies) {
  for (size_t i = 0; i < json_array_size(varies); i++) {
    const json_t *vary = json_array_get(varies, i);
    const json_t *values = json_object_get(vary, "values");
    ho_vary *out;
    ho_grow(&plan->vary, plan->vary_count, &plan->vary_cap, sizeof(ho_vary));
    out = &plan->vary[plan->vary_count++];
    *out = (ho_vary){.key = ho_strdup(text(vary, "key"))};
    for (size_t k = 0; k < json_array_size(values); k++) {
      const char *value = json_string_value(json_array_get(values, k));
      ho_vary_add(out, value ? value : "", "the manifest");
    }
  }
}

static bool read_arms(ho_plan *plan, const json_t *arms) {
  plan->arms = ho_alloc_array(json_array_size(arms) + 1, sizeof(size_t));
  for (size_t i = 0; i < json_array_size(arms); i++) {
    const char *name = json_string_value(json_array_get(arms, i));
    size_t k = 0;
    while (k < plan->scenario->arms_count && name &&
           strcmp(plan->scenario->arms[k].name, name) != 0) {
      k++;
    }
    if (!name || k == plan->scenario->arms_count) {
      return false;
    }
    plan->arms[plan->arms_count++] = k;
  }
  return plan->arms_count > 0;
}

/* How large a grid may be is what the command line takes. */
static bool has_size(const ho_plan *plan) {
  double runs = (double)plan->arms_count * (double)plan->repeat;

  for (size_t i = 0; i < plan->vary_count; i++) {
    runs *= (double)plan->vary[i].count;
  }
  return runs >= 1 && runs <= 10000000;
}

static int read_plan(ho_asked *a, const char *dir, ho_diag *diag) {
  const json_t *scenario = json_object_get(a->manifest, "scenario");
  const json_t *asked = json_object_get(a->manifest, "asked");
  ho_plan *plan = &a->plan;

  plan->source = (ho_source){.file = ho_strdup(text(scenario, "file")),
                             .text = ho_strdup(text(scenario, "text")),
                             .text_len = strlen(text(scenario, "text"))};
  read_sets(a, json_object_get(asked, "set"));
  read_vary(plan, json_object_get(asked, "vary"));
  plan->seed = number(asked, "seed");
  plan->repeat = number(asked, "repeat");
  plan->events = is_true(asked, "events");
  plan->series = is_true(asked, "series");
  plan->pcap = is_true(asked, "pcap");
  plan->qlog = is_true(asked, "qlog");
  plan->timeline = is_true(asked, "timeline");
  plan->failed_only = is_true(asked, "failed_only");
  plan->milestones = is_true(asked, "milestones");
  plan->no_checks = !is_true(asked, "checks");
  plan->no_crypto = !strcmp(text(asked, "crypto"), "none");
  plan->timeout = number(asked, "timeout_ms") * HO_MSEC;
  if (ho_scenario_load(&plan->source, plan->overrides, plan->overrides_count,
                       plan->seed, &plan->scenario, diag) != 0) {
    return HO_ERR_INPUT;
  }
  if (!read_arms(plan, json_object_get(asked, "arms")) || !has_size(plan)) {
    ho_diag_add(diag, NULL,
                "'%s/manifest.json' is damaged or of another version", dir);
    return HO_ERR_INPUT;
  }
  ho_plan_cross(plan);
  return 0;
}

int ho_asked_read(ho_asked *asked, json_t *manifest, const char *dir,
                  ho_diag *diag) {
  *asked = (ho_asked){.manifest = json_incref(manifest)};
  return read_plan(asked, dir, diag);
}

void ho_asked_free(ho_asked *asked) {
  ho_plan_free(&asked->plan);
  free(asked->overrides);
  json_decref(asked->manifest);
  *asked = (ho_asked){0};
}
