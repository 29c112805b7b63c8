/* Baselines: what was asked, read and written. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/baseline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "measure/baseline_private.h"
#include "measure/manifest.h"
#include "measure/tolerance.h"
#include "sim/base/alloc.h"

const char *const ho_baseline_files[HO_BASELINE_TABLES] = {
    "runs.csv", "handoffs.csv", "milestones.csv"};

/* ---- what was asked ---- */

static void add(ho_csv_row *row, size_t *cap, const char *field) {
  ho_grow(&row->fields, row->count, cap, sizeof(char *));
  row->fields[row->count++] = ho_strdup(field);
}

static void add_number(ho_csv_row *row, size_t *cap, uint64_t value) {
  char *text = ho_format("%" PRIu64, value);

  add(row, cap, text);
  free(text);
}

static void begin(ho_csv_row *row, size_t *cap, const char *kind, bool given) {
  add(row, cap, "asked");
  add(row, cap, kind);
  add(row, cap, given ? "given" : "file");
}

static void ask_arms(ho_csv_row *row, size_t *cap, const ho_plan *plan) {
  for (size_t i = 0; i < plan->arms_count; i++) {
    add(row, cap, plan->scenario->arms[plan->arms[i]].name);
  }
}

static void ask_vary(ho_csv_row *row, size_t *cap, const ho_vary *vary) {
  add(row, cap, vary->key);
  for (size_t i = 0; i < vary->count; i++) {
    add(row, cap, vary->values[i]);
  }
}

bool ho_baseline_asked(const ho_plan *plan, const ho_baseline_given *given,
                       size_t index, ho_csv_row *row) {
  size_t cap = 0, sets = plan->overrides_count;

  *row = (ho_csv_row){0};
  if (index == 0) {
    begin(row, &cap, "seed", given->seed);
    add_number(row, &cap, plan->seed);
  } else if (index == 1) {
    begin(row, &cap, "repeat", true);
    add_number(row, &cap, plan->repeat);
  } else if (index == 2) {
    begin(row, &cap, "arms", given->arms);
    ask_arms(row, &cap, plan);
  } else if (index == 3) {
    begin(row, &cap, "checks", true);
    add(row, &cap, plan->no_checks ? "no" : "yes");
  } else if (index < 4 + sets) {
    begin(row, &cap, "set", true);
    add(row, &cap, plan->overrides[index - 4].key);
    add(row, &cap, plan->overrides[index - 4].value);
  } else if (index < 4 + sets + plan->vary_count) {
    begin(row, &cap, "vary", given->vary);
    ask_vary(row, &cap, &plan->vary[index - 4 - sets]);
  } else {
    return false;
  }
  return true;
}

void ho_baseline_asked_free(ho_csv_row *row) {
  for (size_t i = 0; i < row->count; i++) {
    free(row->fields[i]);
  }
  free(row->fields);
  *row = (ho_csv_row){0};
}

/* ---- whose a row is ---- */

const char *ho_baseline_cell(const ho_csv_file *file, size_t row,
                             const char *column) {
  int at = ho_csv_column(file, column);

  return at < 0 || (size_t)at >= file->rows[row].count
             ? ""
             : file->rows[row].fields[at];
}

static bool is_of(const ho_plan *plan, const ho_csv_file *file, size_t row,
                  size_t index, const char *seed) {
  const ho_override *values = ho_plan_values(plan, ho_plan_point(plan, index));
  uint64_t number;
  size_t arm;

  ho_plan_run(plan, index, &arm, &number);
  for (size_t i = 0; i < plan->vary_count; i++) {
    if (strcmp(ho_baseline_cell(file, row, values[i].key), values[i].value) !=
        0) {
      return false;
    }
  }
  return !strcmp(ho_baseline_cell(file, row, "arm"),
                 plan->scenario->arms[arm].name) &&
         !strcmp(ho_baseline_cell(file, row, "seed"), seed);
}

size_t ho_baseline_slice(const ho_plan *plan, const ho_csv_file *file,
                         size_t at, size_t index) {
  size_t count = 0, arm;
  uint64_t number;
  char *seed;

  ho_plan_run(plan, index, &arm, &number);
  seed = ho_format("%" PRIu64, number);
  while (at + count < file->count &&
         is_of(plan, file, at + count, index, seed)) {
    count++;
  }
  free(seed);
  return count;
}

char *ho_baseline_run(const ho_plan *plan, size_t index) {
  char *where = ho_plan_point_text(plan, ho_plan_point(plan, index));
  uint64_t seed;
  size_t arm;
  char *text;

  ho_plan_run(plan, index, &arm, &seed);
  text = ho_format("%s%sarm %s, seed %" PRIu64, where, *where ? ", " : "",
                   plan->scenario->arms[arm].name, seed);
  free(where);
  return text;
}

/* ---- writing ---- */

/* What has been written, to be ended by its number. */
typedef struct {
  ho_csv csv;
  size_t rows;
} writer;

static void end_row(writer *w) {
  ho_csv_end(&w->csv);
  w->rows++;
}

static void write_library(void *user, const char *name, const char *value) {
  writer *w = user;

  if (strcmp(name, "handoff") != 0) {
    ho_csv_text(&w->csv, "library");
    ho_csv_text(&w->csv, name);
    ho_csv_text(&w->csv, value);
    end_row(w);
  }
}

static void write_asked(writer *w, const ho_plan *plan,
                        const ho_baseline_given *given) {
  ho_csv_row row;

  for (size_t i = 0; ho_baseline_asked(plan, given, i, &row); i++) {
    for (size_t k = 0; k < row.count; k++) {
      ho_csv_text(&w->csv, row.fields[k]);
    }
    end_row(w);
    ho_baseline_asked_free(&row);
  }
}

bool ho_baseline_column(const char *column) {
  return strcmp(column, "scenario") != 0 && ho_tolerance_kept(column);
}

static void write_table(writer *w, const char *name, const ho_csv_file *file) {
  for (size_t i = 0; i < file->count; i++) {
    ho_csv_text(&w->csv, name);
    for (size_t k = 0; k < file->rows[i].count; k++) {
      if (k < file->rows[0].count &&
          ho_baseline_column(file->rows[0].fields[k])) {
        ho_csv_text(&w->csv, file->rows[i].fields[k]);
      }
    }
    end_row(w);
  }
}

void ho_baseline_write(const ho_plan *plan, const ho_baseline_given *given,
                       const ho_baseline_rows *rows, FILE *out) {
  writer w = {.rows = 0};

  ho_csv_init(&w.csv, out);
  ho_csv_text(&w.csv, HO_BASELINE_MAGIC);
  ho_csv_text(&w.csv, HO_BASELINE_VERSION);
  ho_csv_text(&w.csv, plan->scenario->name);
  end_row(&w);
  ho_manifest_versions(write_library, &w);
  write_asked(&w, plan, given);
  write_table(&w, ho_baseline_files[HO_BASELINE_RUNS], rows->runs);
  write_table(&w, ho_baseline_files[HO_BASELINE_HANDOFFS], rows->handoffs);
  write_table(&w, ho_baseline_files[HO_BASELINE_MILESTONES], rows->milestones);
  ho_csv_text(&w.csv, "end");
  ho_csv_u64(&w.csv, w.rows + 1);
  end_row(&w);
}
