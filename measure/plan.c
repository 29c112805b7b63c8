/* What was asked for: a scenario, and the varied values, arms, seeds and files
 * wanted of it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/plan.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/shell.h"
#include "sim/base/alloc.h"

void ho_plan_free(ho_plan *plan) {
  ho_source_free(&plan->source);
  if (plan->scenario) {
    ho_scenario_del(plan->scenario);
  }
  for (size_t i = 0; i < plan->vary_count; i++) {
    ho_vary_free(&plan->vary[i]);
  }
  free(plan->vary);
  free(plan->points);
  free(plan->arms);
  free(plan->out);
  *plan = (ho_plan){0};
}

size_t ho_plan_runs(const ho_plan *plan) {
  return ho_plan_points(plan) * plan->arms_count * (size_t)plan->repeat;
}

void ho_plan_run(const ho_plan *plan, size_t index, size_t *arm,
                 uint64_t *seed) {
  assert(index < ho_plan_runs(plan));
  *arm = plan->arms[index / plan->repeat % plan->arms_count];
  *seed = plan->seed + index % plan->repeat;
}

size_t ho_plan_points(const ho_plan *plan) {
  size_t points = 1;

  for (size_t i = 0; i < plan->vary_count; i++) {
    points *= plan->vary[i].count;
  }
  return points;
}

size_t ho_plan_point(const ho_plan *plan, size_t index) {
  return index / (plan->arms_count * (size_t)plan->repeat);
}

/* Which of its values key |i| has at |point|: the last key goes round first. */
static size_t value_index(const ho_plan *plan, size_t point, size_t i) {
  for (size_t k = plan->vary_count - 1; k > i; k--) {
    point /= plan->vary[k].count;
  }
  return point % plan->vary[i].count;
}

void ho_plan_cross(ho_plan *plan) {
  size_t points = ho_plan_points(plan);

  free(plan->points);
  plan->points =
      ho_alloc_array(points * plan->vary_count + 1, sizeof(ho_override));
  for (size_t p = 0; p < points; p++) {
    for (size_t i = 0; i < plan->vary_count; i++) {
      const ho_vary *v = &plan->vary[i];
      size_t k = value_index(plan, p, i);
      plan->points[p * plan->vary_count + i] =
          (ho_override){v->key, v->values[k], v->origins[k]};
    }
  }
}

const ho_override *ho_plan_values(const ho_plan *plan, size_t point) {
  return plan->vary_count ? plan->points + point * plan->vary_count : NULL;
}

char *ho_plan_point_text(const ho_plan *plan, size_t point) {
  const ho_override *values = ho_plan_values(plan, point);
  char *text = ho_strdup("");

  for (size_t i = 0; i < plan->vary_count; i++) {
    char *longer = ho_format("%s%s%s=%s", text, i > 0 ? ", " : "",
                             values[i].key, values[i].value);
    free(text);
    text = longer;
  }
  return text;
}

int ho_plan_load(const ho_plan *plan, size_t point, uint64_t seed,
                 ho_scenario **out, ho_diag *diag) {
  size_t fixed = plan->overrides_count, all = fixed + plan->vary_count;
  const ho_override *values = ho_plan_values(plan, point);
  ho_override *overrides = ho_alloc_array(all + 1, sizeof(ho_override));
  int rv;

  for (size_t i = 0; i < all; i++) {
    overrides[i] = i < fixed ? plan->overrides[i] : values[i - fixed];
  }
  rv = ho_scenario_load(&plan->source, overrides, all, seed, out, diag);
  if (rv == 0) {
    (*out)->point = values;
    (*out)->point_count = plan->vary_count;
  }
  free(overrides);
  return rv;
}

/* ---- a folder for each run ---- */

enum { LABEL_MAX = 40 };

/* |value| as it may stand in a folder's name. */
static char *as_label(const char *value) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+";
  char *label = ho_strdup(value);

  for (char *c = label; *c; c++) {
    *c = strchr(plain, *c) ? *c : '_';
  }
  return label;
}

/* Whether the labels of |vary|'s values are short and all different; without
 * "-" in them they are then different together, too. */
static bool labels_tell(const ho_vary *vary) {
  bool tell = true;

  for (size_t i = 0; i < vary->count && tell; i++) {
    char *own = as_label(vary->values[i]);
    tell = strlen(own) <= LABEL_MAX;
    for (size_t k = 0; k < i && tell; k++) {
      char *other = as_label(vary->values[k]);
      tell = strcmp(own, other) != 0;
      free(other);
    }
    free(own);
  }
  return tell;
}

char *ho_plan_name(const ho_plan *plan, size_t index) {
  size_t arm, point = ho_plan_point(plan, index);
  uint64_t seed;
  char *name;

  ho_plan_run(plan, index, &arm, &seed);
  name = ho_format("%s-%" PRIu64, plan->scenario->arms[arm].name, seed);
  for (size_t i = 0; i < plan->vary_count; i++) {
    size_t k = value_index(plan, point, i);
    char *label = labels_tell(&plan->vary[i])
                      ? as_label(plan->vary[i].values[k])
                      : ho_format("%zu", k + 1);
    char *longer = ho_format("%s-%s", name, label);
    free(label);
    free(name);
    name = longer;
  }
  return name;
}

bool ho_plan_has(const ho_plan *plan, const char *name) {
  for (size_t i = 0; i < plan->arms_count; i++) {
    if (!strcmp(plan->scenario->arms[plan->arms[i]].name, name)) {
      return true;
    }
  }
  return false;
}

/* Writes " --OPTION KEY=VALUE"; in a list of values a comma is "\\,". */
static void put_value(FILE *out, const char *option, const ho_override *o,
                      bool list) {
  char *word = NULL;
  size_t len;
  FILE *text = open_memstream(&word, &len);

  if (!text) {
    return;
  }
  fprintf(text, "%s=", o->key);
  for (const char *c = o->value; *c; c++) {
    if (list && (*c == ',' || *c == '\\')) {
      fputc('\\', text);
    }
    fputc(*c, text);
  }
  fclose(text);
  fprintf(out, " --%s", option);
  ho_shell_word(out, word);
  free(word);
}

bool ho_plan_mine(const ho_plan *plan, size_t index) {
  return plan->shards == 0 || index % plan->shards + 1 == plan->shard;
}

size_t ho_plan_mine_count(const ho_plan *plan) {
  size_t runs = ho_plan_runs(plan);

  return plan->shards == 0 ? runs
                           : (runs + plan->shards - plan->shard) / plan->shards;
}

char *ho_plan_command(const ho_plan *plan, size_t index) {
  char *text = NULL;
  size_t len, arm;
  uint64_t seed;
  FILE *out = open_memstream(&text, &len);

  if (!out) {
    return ho_strdup("handoff run");
  }
  ho_plan_run(plan, index, &arm, &seed);
  fputs("handoff run", out);
  ho_shell_word(out, plan->source.file);
  fputs(" --arm", out);
  ho_shell_word(out, plan->scenario->arms[arm].name);
  fprintf(out, " --seed %" PRIu64, seed);
  for (size_t i = 0; i < plan->overrides_count; i++) {
    put_value(out, "set", &plan->overrides[i], false);
  }
  for (size_t i = 0; i < plan->vary_count; i++) {
    size_t point = ho_plan_point(plan, index);
    put_value(out, "vary", &ho_plan_values(plan, point)[i], true);
  }
  fclose(out);
  return text;
}
