/* Names of metrics in expectations: which column of which file, which unit. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/adversary/adversary.h"
#include "measure/checks/check.h"
#include "measure/meter.h"
#include "sim/base/alloc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The suffixes of INTERFACE, 3.  runs.csv has a column that is just "bytes". */
static const struct {
  const char *suffix;
  ho_dimension dimension;
  double scale;
} units[] = {
    {"_ms", HO_DIM_TIME, 1e6},
    {"_s", HO_DIM_TIME, 1e9},
    {"_mbps", HO_DIM_RATE, 1e6},
    {"_bytes", HO_DIM_BYTES, 1},
};

static const char *const handoff_outcomes[] = {"migrated",    "reconnected",
                                               "fallback",    "app-failed",
                                               "conn-failed", "unaffected"};
static const char *const run_outcomes[] = {
    "crashed",  "timeout",     "conn-failed", "app-failed",
    "fallback", "reconnected", "migrated",    "completed"};
static const char *const kinds[] = {
    "disconnect",  "switch",  "rebind-port", "rebind-address",
    "rebind-both", "migrate", "nat-timeout", "nat-flush",
    "rotate",      "x2",      "radio"};
static const char *const verdicts[] = {"PASS", "FAIL", "NOT-EXERCISED"};
static const char *const results[] = {"success", "failure", "aborted"};

/* Columns that hold words; a list of NULL is one that we cannot know. */
static const struct {
  const char *file, *column;
  const char *const *words;
  size_t count;
} texts[] = {
    {"handoffs.csv", "outcome", handoff_outcomes, COUNT(handoff_outcomes)},
    {"runs.csv", "outcome", run_outcomes, COUNT(run_outcomes)},
    {"handoffs.csv", "kind", kinds, COUNT(kinds)},
    {"handoffs.csv", "pv_result", results, COUNT(results)},
    {"handoffs.csv", "from", NULL, 0},
    {"handoffs.csv", "to", NULL, 0},
    {"handoffs.csv", "scenario", NULL, 0},
    {"handoffs.csv", "arm", NULL, 0},
    {"runs.csv", "scenario", NULL, 0},
    {"runs.csv", "arm", NULL, 0},
    {"runs.csv", "reason", NULL, 0},
    {"runs.csv", "trace_sha256", NULL, 0},
};

static bool ends_with(const char *text, const char *suffix) {
  size_t n = strlen(text), m = strlen(suffix);

  return n > m && !strcmp(text + n - m, suffix);
}

const char *ho_metric_file(const ho_metric *metric) {
  return metric->check       ? "checks.csv"
         : metric->adversary ? "linkability.csv"
         : metric->runs      ? "runs.csv"
                             : "handoffs.csv";
}

static void describe(ho_metric *metric, const char *column, const char *name) {
  const char *file = ho_metric_file(metric);

  metric->column = column;
  metric->scale = 1;
  metric->unit_said = !strcmp(column, name);
  for (size_t i = 0; i < COUNT(units); i++) {
    if (ends_with(column, units[i].suffix) ||
        !strcmp(column, units[i].suffix + 1)) {
      metric->dimension = units[i].dimension;
      metric->scale = units[i].scale;
    }
  }
  for (size_t i = 0; i < COUNT(texts); i++) {
    if (!strcmp(texts[i].file, file) && !strcmp(texts[i].column, column)) {
      metric->text = true;
      metric->words = texts[i].words;
      metric->words_count = texts[i].count;
    }
  }
}

/* Is |column| what |name| means, exactly or but for its unit? */
static bool means(const char *column, const char *name) {
  size_t len = strlen(name);

  if (strncmp(column, name, len) != 0) {
    return false;
  }
  for (size_t i = 0; i < COUNT(units); i++) {
    if (!strcmp(column + len, units[i].suffix)) {
      return true;
    }
  }
  return column[len] == '\0';
}

static bool find_in(ho_metric *metric, const char *file, const char *name) {
  const ho_table *table = ho_table_find(file);
  const char *found = NULL;

  for (size_t i = 0; i < table->count; i++) {
    const char *column = table->columns[i].name;
    /* An exact name wins over one with a suffix. */
    if (!strcmp(column, name) || (!found && means(column, name))) {
      found = column;
    }
  }
  if (!found) {
    return false;
  }
  *metric = (ho_metric){.runs = !strcmp(file, "runs.csv")};
  describe(metric, found, name);
  return true;
}

static bool find_check(ho_metric *metric, const char *id) {
  const ho_check_info *table = ho_check_table();

  for (size_t i = 0; i < HO_CHECK_COUNT; i++) {
    if (!strcmp(table[i].id, id)) {
      *metric = (ho_metric){.check = table[i].id,
                            .column = "verdict",
                            .scale = 1,
                            .text = true,
                            .words = verdicts,
                            .words_count = COUNT(verdicts)};
      return true;
    }
  }
  return false;
}

/* "A0." at the head of |*name|, which goes on behind it: what a table of
 * |count| names calls it, or NULL. */
static const char *take_name(const char **name, const char *(*name_of)(int),
                             int count) {
  for (int i = 0; i < count; i++) {
    const char *candidate = name_of(i);
    size_t len = strlen(candidate);
    if (!strncmp(*name, candidate, len) && (*name)[len] == '.') {
      *name += len + 1;
      return candidate;
    }
  }
  return NULL;
}

static const char *adversary_name(int i) {
  return ho_adversary_name((ho_adversary)i);
}

static const char *vantage_name(int i) {
  return ho_vantage_name((ho_vantage)i);
}

/* "A0.both.top1"; what names the row is no metric. */
static bool find_linkability(ho_metric *metric, const char *name) {
  static const char *const keys[] = {"scenario", "arm", "adversary", "vantage"};
  const char *adversary = take_name(&name, adversary_name, HO_ADVERSARIES);
  const char *vantage =
      adversary ? take_name(&name, vantage_name, HO_VANTAGE_COUNT) : NULL;

  for (size_t i = 0; i < COUNT(keys); i++) {
    if (!strcmp(name, keys[i])) {
      return false;
    }
  }
  if (!vantage || !find_in(metric, "linkability.csv", name)) {
    return false;
  }
  metric->adversary = adversary;
  metric->vantage = vantage;
  return true;
}

bool ho_metric_find(ho_metric *metric, const char *name) {
  if (!strncmp(name, "linkability.", 12)) {
    return find_linkability(metric, name + 12);
  }
  if (!strncmp(name, "check.", 6)) {
    return find_check(metric, name + 6);
  }
  if (!strncmp(name, "run.", 4)) {
    return find_in(metric, "runs.csv", name + 4);
  }
  return find_in(metric, "handoffs.csv", name) ||
         find_in(metric, "runs.csv", name);
}

/* Adds a column's name, and the one without its unit, to |names|. */
static size_t add_names(char **names, size_t count, const char *column) {
  names[count++] = ho_strdup(column);
  for (size_t i = 0; i < COUNT(units); i++) {
    if (ends_with(column, units[i].suffix)) {
      names[count++] = ho_format(
          "%.*s", (int)(strlen(column) - strlen(units[i].suffix)), column);
      break;
    }
  }
  return count;
}

const char *ho_metric_nearest(const char *name) {
  static char *found; /* kept for the caller; the next call replaces it */
  const ho_table *tables[] = {ho_table_find("handoffs.csv"),
                              ho_table_find("runs.csv")};
  size_t count = 0;
  char **names =
      ho_alloc_array(2 * (tables[0]->count + tables[1]->count), sizeof(char *));
  bool run = !strncmp(name, "run.", 4);
  const char *best;

  for (size_t t = run ? 1 : 0; t < 2; t++) {
    for (size_t i = 0; i < tables[t]->count; i++) {
      count = add_names(names, count, tables[t]->columns[i].name);
    }
  }
  best = ho_nearest(run ? name + 4 : name, (const char *const *)names, count);
  free(found);
  found = best ? ho_format("%s%s", run ? "run." : "", best) : NULL;
  for (size_t i = 0; i < count; i++) {
    free(names[i]);
  }
  free(names);
  return found;
}

bool ho_metric_value(const ho_metric *metric, const char *cell, double *value) {
  char *end;

  if (!strcmp(cell, "NA")) {
    *value = INFINITY;
    return true;
  }
  *value = strtod(cell, &end);
  if (end == cell || *end != '\0') {
    return false;
  }
  /* Back to whole ns, bit/s or bytes, so that == means what it says. */
  if (metric->dimension != HO_DIM_NONE) {
    *value = round(*value * metric->scale);
  }
  return true;
}
