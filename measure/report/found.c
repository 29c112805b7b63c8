/* What a report is made of: a result folder, read and checked whole. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/report/found.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/manifest_json.h"
#include "sim/base/alloc.h"

/* Seconds of events.csv that are kept about a handoff. */
#define BEFORE  0.5
#define AFTER   0.5
#define LONGEST 10.0

/* ---- files ---- */

/* A file of which only some rows are kept. */
typedef struct {
  ho_found *source;
  ho_csv_file *file;
  size_t width, line;
  int t; /* the column of the time, which must be near the handoff; -1: any */
  bool all, events;
} sieve;

static double cell_number(const ho_found *source, const ho_csv_row *row,
                          const char *name) {
  const char *text = ho_found_cell(&source->handoffs_csv, row, name);

  return *text && strcmp(text, "NA") != 0 ? strtod(text, NULL) : NAN;
}

/* Of all that happens in a run, a handoff's picture needs little. */
static bool is_near(const sieve *s, const ho_moment *moment,
                    const ho_csv_row *row) {
  double loss = cell_number(s->source, moment->row, "t_loss_s"), t, end;

  if (s->t < 0) {
    return true;
  }
  t = strtod(row->fields[s->t], NULL);
  end = fmax(cell_number(s->source, moment->row, "t_first_byte_s"),
             cell_number(s->source, moment->row, "t_validated_s"));
  return t >= loss - BEFORE && t <= (isnan(end) ? loss + LONGEST : end + AFTER);
}

static bool is_wanted(const sieve *s, const ho_csv_row *row) {
  const ho_found *source = s->source;
  size_t labels = source->runs.vary_count + 3; /* scenario, ..., arm, seed */

  for (size_t i = 0; !s->all && i < source->moments_count; i++) {
    const ho_csv_row *wanted = source->moments[i].row;
    size_t k = 0;
    while (k < labels && !strcmp(row->fields[k], wanted->fields[k])) {
      k++;
    }
    if (k == labels && is_near(s, &source->moments[i], row)) {
      return true;
    }
  }
  return s->all;
}

static int on_row(void *user, const ho_csv_row *row) {
  sieve *s = user;
  ho_csv_row *kept;

  s->line++;
  if (s->line == 1) {
    s->width = row->count;
    s->t = s->events ? ho_csv_field(row, "t_s") : -1;
  } else if (row->count != s->width) {
    return HO_ERR_INPUT;
  } else if (!is_wanted(s, row)) {
    return 0;
  }
  ho_grow(&s->file->rows, s->file->count, &s->file->cap, sizeof(ho_csv_row));
  kept = &s->file->rows[s->file->count++];
  kept->count = row->count;
  kept->fields = ho_alloc_array(row->count, sizeof(char *));
  for (size_t i = 0; i < row->count; i++) {
    kept->fields[i] = ho_strdup(row->fields[i]);
  }
  return 0;
}

static bool ends_whole(const char *path) {
  FILE *in = fopen(path, "re");
  int last = '\n';

  if (in && fseek(in, -1, SEEK_END) == 0) {
    last = getc(in);
  }
  if (in) {
    fclose(in);
  }
  return last == '\n';
}

static int read_file(ho_found *source, ho_csv_file *file, const char *name,
                     bool all, ho_diag *diag) {
  char *path = ho_format("%s/%s", source->dir, name);
  sieve s = {.source = source, .file = file, .all = all};
  int rv;

  s.events = file == &source->events;
  rv = ho_csv_scan(path, on_row, &s);

  if (rv == HO_ERR_IO) {
    ho_diag_add(diag, NULL, "'%s' cannot be read: %s", path, strerror(errno));
  } else if (rv != 0 || s.line == 0 || !ends_whole(path)) {
    ho_diag_add(diag, NULL, "'%s', row %zu: it was cut off or changed", path,
                s.line);
    rv = HO_ERR_INPUT;
  }
  free(path);
  return rv == 0 ? 0 : HO_ERR_INPUT;
}

/* Files that are there only if they were asked for. */
static bool read_other(ho_found *source, ho_csv_file *file, const char *name,
                       bool all, ho_diag *diag) {
  char *path = ho_format("%s/%s", source->dir, name);
  bool there = access(path, F_OK) == 0;

  if (there) {
    read_file(source, file, name, all, diag);
  }
  free(path);
  return there;
}

static void check_counts(const ho_found *source, ho_diag *diag) {
  json_int_t said =
      json_integer_value(json_object_get(source->manifest, "runs"));

  if (said < 0 || source->runs.lines != (uint64_t)said) {
    ho_diag_add(diag, NULL,
                "'%s' has %" PRIu64 " rows, its manifest says "
                "%" JSON_INTEGER_FORMAT " runs",
                source->runs.file, source->runs.lines, said);
  } else if (source->handoffs.lines != source->runs.handoffs) {
    ho_diag_add(diag, NULL,
                "'%s' has %" PRIu64 " rows, runs.csv beside it counts %" PRIu64
                " handoffs",
                source->handoffs.file, source->handoffs.lines,
                source->runs.handoffs);
  }
}

/* ---- arms, and the run that is looked at ---- */

size_t ho_found_arm(const ho_found *source, const char *name) {
  size_t i = 0;

  while (i < source->arms_count && strcmp(source->arms[i], name) != 0) {
    i++;
  }
  return i;
}

static void list_arms(ho_found *source) {
  for (size_t i = 0; i < source->runs.cells_count; i++) {
    const char *arm = source->runs.cells[i].labels[source->runs.vary_count];
    if (ho_found_arm(source, arm) == source->arms_count) {
      ho_grow(&source->arms, source->arms_count, &source->arms_cap,
              sizeof(char *));
      source->arms[source->arms_count++] = ho_strdup(arm);
    }
  }
}

static bool has_moment(const ho_found *source, const char *arm) {
  for (size_t i = 0; i < source->moments_count; i++) {
    if (!strcmp(source->moments[i].arm, arm)) {
      return true;
    }
  }
  return false;
}

/* The first handoff of the first point and seed that has one, in each arm. */
static void choose_moments(ho_found *source) {
  const ho_csv_file *file = &source->handoffs_csv;
  size_t vary = source->runs.vary_count;

  for (size_t i = 1; i < file->count; i++) {
    const ho_csv_row *row = &file->rows[i];
    const ho_csv_row *first =
        source->moments_count > 0 ? source->moments[0].row : row;
    const char *arm = row->fields[vary + 1];
    size_t k = 1;
    while (k <= vary && !strcmp(row->fields[k], first->fields[k])) {
      k++;
    }
    if (k <= vary || strcmp(row->fields[vary + 2], first->fields[vary + 2]) ||
        has_moment(source, arm)) {
      continue;
    }
    ho_grow(&source->moments, source->moments_count, &source->moments_cap,
            sizeof(ho_moment));
    source->moments[source->moments_count++] = (ho_moment){
        row, arm, row->fields[vary + 2], ho_found_cell(file, row, "client")};
  }
}

/* ---- all of it ---- */

int ho_found_read(ho_found *source, const char *dir, ho_diag *diag) {
  static const ho_sheet_arms every = {0};
  size_t before = diag->count;

  *source = (ho_found){.dir = dir};
  source->manifest = ho_manifest_open(dir, diag);
  if (!source->manifest) {
    return HO_ERR_INPUT;
  }
  ho_sheet_read(&source->runs, dir, true, &every, diag);
  ho_sheet_read(&source->handoffs, dir, false, &every, diag);
  if (diag->count == before) {
    check_counts(source, diag);
  }
  if (diag->count > before ||
      read_file(source, &source->summary, "summary.csv", true, diag) != 0 ||
      read_file(source, &source->runs_csv, "runs.csv", true, diag) != 0 ||
      read_file(source, &source->handoffs_csv, "handoffs.csv", true, diag) !=
          0) {
    return HO_ERR_INPUT;
  }
  list_arms(source);
  choose_moments(source);
  read_other(source, &source->linkability, "linkability.csv", true, diag);
  source->has_series =
      read_other(source, &source->series, "series.csv", false, diag);
  source->has_events =
      read_other(source, &source->events, "events.csv", false, diag);
  return diag->count > before ? HO_ERR_INPUT : 0;
}

void ho_found_free(ho_found *source) {
  json_decref(source->manifest);
  ho_sheet_free(&source->runs);
  ho_sheet_free(&source->handoffs);
  ho_csv_file_free(&source->runs_csv);
  ho_csv_file_free(&source->handoffs_csv);
  ho_csv_file_free(&source->summary);
  ho_csv_file_free(&source->linkability);
  ho_csv_file_free(&source->series);
  ho_csv_file_free(&source->events);
  for (size_t i = 0; i < source->arms_count; i++) {
    free(source->arms[i]);
  }
  free(source->arms);
  free(source->moments);
  *source = (ho_found){0};
}

const char *ho_found_cell(const ho_csv_file *file, const ho_csv_row *row,
                          const char *name) {
  int column = file->count > 0 ? ho_csv_column(file, name) : -1;

  return column < 0 ? "" : row->fields[column];
}

char *ho_found_point(const ho_found *source, char *const *labels) {
  char *text = ho_strdup("");

  for (size_t i = 0; i < source->runs.vary_count; i++) {
    char *longer = ho_format("%s%s%s = %s", text, i > 0 ? ", " : "",
                             source->runs.vary[i], labels[i]);
    free(text);
    text = longer;
  }
  return text;
}
