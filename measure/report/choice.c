/* Which run is shown: of all seeds the one in the middle, or who was asked. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/report/choice.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

/* A seed's first handoff in one arm. */
typedef struct {
  const ho_csv_row *row;
  double value; /* of the metric; infinite: it never happened */
  uint64_t seed;
} candidate;

typedef struct {
  candidate *items;
  size_t count, cap;
} candidates;

static const char *label(const ho_found *found, const ho_csv_row *row,
                         size_t index) {
  return row->fields[found->runs.vary_count + index];
}

static const char *arm_of(const ho_found *found, const ho_csv_row *row) {
  return label(found, row, 1);
}

static const char *seed_of(const ho_found *found, const ho_csv_row *row) {
  return label(found, row, 2);
}

static bool same_point(const ho_found *found, const ho_csv_row *one,
                       const ho_csv_row *other) {
  for (size_t k = 1; k <= found->runs.vary_count; k++) {
    if (strcmp(one->fields[k], other->fields[k]) != 0) {
      return false;
    }
  }
  return true;
}

/* NaN: the metric does not apply to it. */
static double value_of(const ho_found *found, const ho_csv_row *row,
                       const char *metric) {
  const char *text = ho_found_cell(&found->handoffs_csv, row, metric);

  return !*text ? NAN : !strcmp(text, "NA") ? INFINITY : strtod(text, NULL);
}

/* Seeds have their rows together, the first handoff first. */
static void list_candidates(candidates *all, const ho_found *found,
                            const ho_csv_row *first, const char *arm,
                            const char *metric) {
  const ho_csv_file *file = &found->handoffs_csv;
  const char *last = "";

  for (size_t i = 1; i < file->count; i++) {
    const ho_csv_row *row = &file->rows[i];
    const char *seed = seed_of(found, row);
    double value = value_of(found, row, metric);
    if (!same_point(found, row, first) || strcmp(arm_of(found, row), arm) ||
        !strcmp(seed, last)) {
      continue;
    }
    last = seed;
    if (!isnan(value)) {
      ho_grow(&all->items, all->count, &all->cap, sizeof(candidate));
      all->items[all->count++] =
          (candidate){row, value, strtoull(seed, NULL, 10)};
    }
  }
}

static int by_value(const void *left, const void *right) {
  const candidate *a = left, *b = right;

  if (a->value != b->value) {
    return a->value < b->value ? -1 : 1;
  }
  return a->seed < b->seed ? -1 : a->seed > b->seed;
}

/* The lower median: a run that is there, not a mean of two. */
static const ho_csv_row *middle(ho_found *found, const ho_csv_row *first,
                                const char *arm, const char *metric,
                                const char *what) {
  candidates all = {0};
  const candidate *chosen;
  const ho_csv_row *row;

  list_candidates(&all, found, first, arm, metric);
  if (all.count == 0) {
    return NULL;
  }
  qsort(all.items, all.count, sizeof(candidate), by_value);
  chosen = &all.items[(all.count - 1) / 2];
  while (chosen > all.items && chosen[-1].value == chosen->value) {
    chosen--;
  }
  row = chosen->row;
  if (all.count == 1) {
    found->choice =
        ho_format("Shown is seed %" PRIu64 ", the only one", chosen->seed);
  } else if (all.items[0].value == all.items[all.count - 1].value) {
    found->choice = ho_format("Shown is seed %" PRIu64
                              ", the first: all %zu have the same %s in %s",
                              chosen->seed, all.count, what, arm);
  } else if (isinf(chosen->value)) {
    found->choice = ho_format("Shown is seed %" PRIu64
                              ": of %zu, the one with the median %s in %s, "
                              "which never ended",
                              chosen->seed, all.count, what, arm);
  } else {
    found->choice = ho_format(
        "Shown is seed %" PRIu64 ": of %zu, the one with the median %s in %s, "
        "%.1f ms",
        chosen->seed, all.count, what, arm, chosen->value);
  }
  free(all.items);
  return row;
}

/* The first arm that has a value decides for all of them. */
static const ho_csv_row *representative(ho_found *found,
                                        const ho_csv_row *first) {
  static const char *const METRICS[][2] = {
      {"interruption_ms", "interruption"},
      {"migration_latency_ms", "migration latency"}};

  for (size_t a = 0; a < found->arms_count; a++) {
    for (size_t m = 0; m < sizeof(METRICS) / sizeof(METRICS[0]); m++) {
      const ho_csv_row *row =
          middle(found, first, found->arms[a], METRICS[m][0], METRICS[m][1]);
      if (row) {
        return row;
      }
    }
  }
  found->choice = ho_format("Shown is seed %s, the first that has a handoff",
                            seed_of(found, first));
  return first;
}

static bool has_moment(const ho_found *found, const char *arm) {
  for (size_t i = 0; i < found->moments_count; i++) {
    if (!strcmp(found->moments[i].arm, arm)) {
      return true;
    }
  }
  return false;
}

/* The first handoff of each arm at the point of |first|, of |seed|. */
static void add_moments(ho_found *found, const ho_csv_row *first,
                        const char *seed) {
  const ho_csv_file *file = &found->handoffs_csv;

  for (size_t i = 1; i < file->count; i++) {
    const ho_csv_row *row = &file->rows[i];
    const char *arm = arm_of(found, row);
    if (!same_point(found, row, first) || has_moment(found, arm) ||
        strcmp(seed_of(found, row), seed) != 0) {
      continue;
    }
    ho_grow(&found->moments, found->moments_count, &found->moments_cap,
            sizeof(ho_moment));
    found->moments[found->moments_count++] = (ho_moment){
        row, arm, seed_of(found, row), ho_found_cell(file, row, "client")};
  }
}

static int check_seed(const ho_found *found, uint64_t seed, ho_diag *diag) {
  const ho_sheet *runs = &found->runs;
  uint64_t lo = UINT64_MAX, hi = 0;

  for (size_t i = 0; i < runs->count; i++) {
    if (runs->rows[i].seed == seed) {
      return 0;
    }
    lo = runs->rows[i].seed < lo ? runs->rows[i].seed : lo;
    hi = runs->rows[i].seed > hi ? runs->rows[i].seed : hi;
  }
  ho_diag_add(diag, NULL,
              "'%s' has no seed %" PRIu64 ", but %" PRIu64 " to %" PRIu64,
              found->dir, seed, lo, hi);
  return HO_ERR_INPUT;
}

int ho_choice_make(ho_found *found, uint64_t seed, ho_diag *diag) {
  const ho_csv_row *first, *chosen;
  char *text;

  if (seed != 0 && check_seed(found, seed, diag) != 0) {
    return HO_ERR_INPUT;
  }
  if (found->handoffs_csv.count < 2) {
    return 0;
  }
  first = &found->handoffs_csv.rows[1];
  if (seed == 0) {
    chosen = representative(found, first);
    text = ho_strdup(seed_of(found, chosen));
  } else {
    text = ho_format("%" PRIu64, seed);
    found->choice = ho_format("Shown is seed %s, which was asked for", text);
  }
  add_moments(found, first, text);
  free(text);
  return 0;
}

/* ", at KEY = VALUE" or nothing. */
static char *point_of(const ho_found *found) {
  char *point = ho_found_point(found, found->handoffs_csv.rows[1].fields + 1);
  char *text = *point ? ho_format(", at %s", point) : ho_strdup("");

  free(point);
  return text;
}

char *ho_choice_lead(const ho_found *found) {
  char *text, *point, *longer;

  if (!found->choice) {
    return NULL;
  }
  point = point_of(found);
  text = ho_format("%s%s; the same seed in every arm, and of it the first "
                   "handoff. Another: handoff report --seed N.",
                   found->choice, point);
  for (size_t i = 0; i < found->arms_count; i++) {
    if (!has_moment(found, found->arms[i])) {
      longer = ho_format("%s %s has no handoff there.", text, found->arms[i]);
      free(text);
      text = longer;
    }
  }
  free(point);
  return text;
}
