/* Which keys a plan varies: the file's and the command line's. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/vary.h"

#include <stdlib.h>
#include <string.h>

#include "measure/expect.h"
#include "measure/meter.h"
#include "sim/base/alloc.h"

/* A grid beyond this is a slip of the finger. */
enum { RUNS_MAX = 10000000 };

/* ---- --vary KEY=V1,V2,... ---- */

/* Takes the next value off |*rest|, which becomes NULL after the last. */
static char *next_value(const char **rest) {
  char *value = ho_alloc(strlen(*rest) + 1), *out = value;
  const char *c = *rest;

  for (; *c && *c != ','; c++) {
    if (c[0] == '\\' && (c[1] == ',' || c[1] == '\\')) {
      c++;
    }
    *out++ = *c;
  }
  *rest = *c ? c + 1 : NULL;
  return value;
}

static void add_value(ho_vary *vary, const char *value, const char *text,
                      ho_diag *diag) {
  char *origin;

  if (!*value) {
    ho_diag_add(diag, NULL, "--vary '%s' has an empty value", text);
  } else if (ho_vary_has(vary, value)) {
    ho_diag_add(diag, NULL, "--vary '%s' has '%s' twice", text, value);
  } else {
    origin = ho_format("--vary %s=%s", vary->key, value);
    ho_vary_add(vary, value, origin);
    free(origin);
  }
}

int ho_vary_parse(ho_vary *vary, const char *text, ho_diag *diag) {
  const char *equals = strchr(text, '='), *rest;
  size_t before = diag->count;

  *vary = (ho_vary){0};
  if (!equals || equals == text) {
    ho_diag_add(diag, NULL, "--vary needs KEY=V1,V2,..., not '%s'", text);
    return HO_ERR_INPUT;
  }
  vary->key = ho_format("%.*s", (int)(equals - text), text);
  for (rest = equals + 1; rest && diag->count == before;) {
    char *value = next_value(&rest);
    add_value(vary, value, text, diag);
    free(value);
  }
  return diag->count == before ? 0 : HO_ERR_INPUT;
}

/* ---- the keys ---- */

/* A name under vars is the same with and without "vars.". */
static bool is_same_key(const char *a, const char *b) {
  static const char vars[] = "vars.";
  size_t len = sizeof(vars) - 1;

  return !strcmp(a, b) || (!strncmp(a, vars, len) && !strcmp(a + len, b)) ||
         (!strncmp(b, vars, len) && !strcmp(b + len, a));
}

static bool is_column(const char *key) {
  size_t count;
  const ho_table *tables = ho_tables(&count);

  for (size_t i = 0; i < count; i++) {
    for (size_t k = 0; k < tables[i].count; k++) {
      if (!strcmp(tables[i].columns[k].name, key)) {
        return true;
      }
    }
  }
  return false;
}

/* Keys on which more depends than what a run does. */
static const struct {
  const char *key, *why;
} fixed[] = {
    {"name", "it names the result folder"},
    {"seed", "--repeat takes one seed after the other"},
    {"vary", "it says what is varied"},
};

static void check_key(const ho_plan *plan, const char *key, ho_diag *diag) {
  for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
    if (!strcmp(key, fixed[i].key)) {
      ho_diag_add(diag, &(ho_place){.file = plan->source.file},
                  "'%s' cannot be varied: %s", key, fixed[i].why);
      return;
    }
  }
  if (is_column(key)) {
    ho_diag_add(diag, &(ho_place){.file = plan->source.file},
                "'%s' cannot name a column of the results, which have one of "
                "that name (for a variable, write vars.%s)",
                key, key);
  }
}

static void check_asked(const ho_plan *plan, const ho_vary *asked,
                        size_t asked_count, ho_diag *diag) {
  for (size_t i = 0; i < asked_count; i++) {
    for (size_t k = 0; k < i; k++) {
      if (is_same_key(asked[i].key, asked[k].key)) {
        ho_diag_add(diag, NULL, "--vary %s is given twice", asked[i].key);
      }
    }
    for (size_t k = 0; k < plan->overrides_count; k++) {
      if (is_same_key(asked[i].key, plan->overrides[k].key)) {
        ho_diag_add(diag, NULL, "'%s' is both set and varied", asked[i].key);
      }
    }
  }
}

static const ho_vary *find(const ho_vary *list, size_t count, const char *key) {
  for (size_t i = 0; i < count; i++) {
    if (is_same_key(list[i].key, key)) {
      return &list[i];
    }
  }
  return NULL;
}

static bool is_set(const ho_plan *plan, const char *key) {
  for (size_t i = 0; i < plan->overrides_count; i++) {
    if (is_same_key(plan->overrides[i].key, key)) {
      return true;
    }
  }
  return false;
}

static void take(ho_plan *plan, const ho_vary *vary) {
  ho_vary *copy;

  ho_grow(&plan->vary, plan->vary_count, &plan->vary_cap, sizeof(ho_vary));
  copy = &plan->vary[plan->vary_count++];
  *copy = (ho_vary){.key = ho_strdup(vary->key)};
  for (size_t i = 0; i < vary->count; i++) {
    ho_vary_add(copy, vary->values[i], vary->origins[i]);
  }
}

/* The product of the counts may be more than any integer holds. */
static void check_size(const ho_plan *plan, ho_diag *diag) {
  double runs = (double)plan->arms_count * (double)plan->repeat;

  for (size_t i = 0; i < plan->vary_count; i++) {
    runs *= (double)plan->vary[i].count;
  }
  if (runs > RUNS_MAX) {
    ho_diag_add(diag, &(ho_place){.file = plan->source.file},
                "%.0f runs are too many (at most %d)", runs, RUNS_MAX);
  }
}

int ho_vary_choose(ho_plan *plan, const ho_vary *asked, size_t asked_count,
                   ho_diag *diag) {
  const ho_scenario *sc = plan->scenario;
  size_t before = diag->count;

  check_asked(plan, asked, asked_count, diag);
  for (size_t i = 0; i < sc->vary_count; i++) {
    const ho_vary *ours = find(asked, asked_count, sc->vary[i].key);
    if (!is_set(plan, sc->vary[i].key)) {
      take(plan, ours ? ours : &sc->vary[i]);
    }
  }
  for (size_t i = 0; i < asked_count; i++) {
    if (!find(sc->vary, sc->vary_count, asked[i].key)) {
      take(plan, &asked[i]);
    }
  }
  for (size_t i = 0; i < plan->vary_count; i++) {
    check_key(plan, plan->vary[i].key, diag);
  }
  check_size(plan, diag);
  if (diag->count == before) {
    ho_plan_cross(plan);
  }
  return diag->count == before ? 0 : HO_ERR_INPUT;
}

/* ---- the points ---- */

static bool has_arms_of(const ho_scenario *a, const ho_scenario *b) {
  bool same = a->arms_count == b->arms_count;

  for (size_t i = 0; same && i < a->arms_count; i++) {
    same = !strcmp(a->arms[i].name, b->arms[i].name);
  }
  return same;
}

/* A message that begins with where one of the point's values stands needs no
 * more to say which. */
static bool names_value(const ho_plan *plan, size_t point, const char *text) {
  const ho_override *values = ho_plan_values(plan, point);

  for (size_t i = 0; i < plan->vary_count; i++) {
    if (!strncmp(text, values[i].origin, strlen(values[i].origin))) {
      return true;
    }
  }
  return false;
}

/* What is wrong at one point mostly is at its neighbours: |seen| has what has
 * been said, without the point. */
static void report(const ho_plan *plan, size_t point, uint64_t seed,
                   const ho_diag *found, ho_diag *seen, ho_diag *diag) {
  char *where = ho_plan_point_text(plan, point);

  for (size_t i = 0; i < found->count; i++) {
    const char *text = found->messages[i];
    bool old = false;
    for (size_t k = 0; k < seen->count && !old; k++) {
      old = !strcmp(seen->messages[k], text);
    }
    if (old) {
      continue;
    }
    ho_diag_add(seen, NULL, "%s", text);
    if (plan->vary_count == 0 || names_value(plan, point, text)) {
      ho_diag_add(diag, NULL, "%s", text);
    } else if (seed == plan->seed) {
      ho_diag_add(diag, NULL, "%s (with %s)", text, where);
    } else {
      ho_diag_add(diag, NULL, "%s (with %s, seed %llu)", text, where,
                  (unsigned long long)seed);
    }
  }
  free(where);
}

static void check_point(ho_plan *plan, size_t point, uint64_t seed,
                        ho_diag *seen, ho_diag *diag) {
  ho_scenario *scenario = NULL;
  ho_diag found = {0};

  if (ho_plan_load(plan, point, seed, &scenario, &found) == 0) {
    if (!has_arms_of(scenario, plan->scenario)) {
      ho_diag_add(&found, &(ho_place){.file = plan->source.file},
                  "the names of arms cannot be varied");
    }
    ho_expect_check(scenario, &found);
    plan->random |= scenario->random;
    ho_scenario_del(scenario);
  }
  report(plan, point, seed, &found, seen, diag);
  ho_diag_free(&found);
}

int ho_vary_check(ho_plan *plan, ho_diag *diag) {
  size_t points = ho_plan_points(plan), before = diag->count;
  ho_diag seen = {0};

  for (size_t i = 0; i < points; i++) {
    check_point(plan, i, plan->seed, &seen, diag);
    if (plan->repeat > 1) {
      check_point(plan, i, plan->seed + plan->repeat - 1, &seen, diag);
    }
  }
  ho_diag_free(&seen);
  return diag->count == before ? 0 : HO_ERR_INPUT;
}
