/* What a report is made of: a result folder, read and checked whole. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/report/found.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/manifest_json.h"
#include "measure/report/asked.h"
#include "measure/report/choice.h"
#include "sim/base/alloc.h"

/* Seconds of events.csv that are kept about a handoff. */
#define BEFORE  0.5
#define AFTER   0.5
#define LONGEST 10.0

/* ---- files ---- */

/* A file of which only some rows are kept. */
typedef struct {
  ho_found *found;
  ho_csv_file *file;
  const char *name;
  ho_diag *diag;
  size_t width, line;
  int t; /* the column of the time, which must be near the handoff; -1: any */
  bool all, events;
} sieve;

static double cell_number(const ho_found *found, const ho_csv_row *row,
                          const char *name) {
  const char *text = ho_found_cell(&found->handoffs_csv, row, name);

  return *text && strcmp(text, "NA") != 0 ? strtod(text, NULL) : NAN;
}

/* Of all that happens in a run, a handoff's picture needs little. */
static bool is_near(const sieve *s, const ho_moment *moment,
                    const ho_csv_row *row) {
  double loss = cell_number(s->found, moment->row, "t_loss_s"), t, end;

  if (s->t < 0) {
    return true;
  }
  t = strtod(row->fields[s->t], NULL);
  end = fmax(cell_number(s->found, moment->row, "t_first_byte_s"),
             cell_number(s->found, moment->row, "t_validated_s"));
  end = fmax(end, cell_number(s->found, moment->row, "t_mtu_validated_s"));
  return t >= loss - BEFORE && t <= (isnan(end) ? loss + LONGEST : end + AFTER);
}

static bool is_wanted(const sieve *s, const ho_csv_row *row) {
  const ho_found *found = s->found;
  size_t labels = found->runs.vary_count + 3; /* scenario, ..., arm, seed */

  for (size_t i = 0; !s->all && i < found->moments_count; i++) {
    const ho_csv_row *wanted = found->moments[i].row;
    size_t k = 0;
    while (k < labels && !strcmp(row->fields[k], wanted->fields[k])) {
      k++;
    }
    if (k == labels && is_near(s, &found->moments[i], row)) {
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
    if (ho_asked_header(s->found, s->name, row, s->diag) != 0) {
      return HO_ERR_INPUT;
    }
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

static int read_file(ho_found *found, ho_csv_file *file, const char *name,
                     bool all, ho_diag *diag) {
  char *path = ho_format("%s/%s", found->dir, name);
  sieve s = {
      .found = found, .file = file, .name = name, .diag = diag, .all = all};
  size_t before = diag->count;
  int rv;

  s.events = file == &found->events;
  rv = ho_csv_scan(path, on_row, &s);

  if (rv == HO_ERR_IO) {
    ho_diag_add(diag, NULL, "'%s' cannot be read: %s", path, strerror(errno));
  } else if (diag->count > before) {
    /* The header has said why. */
  } else if (rv != 0 || s.line == 0 || !ends_whole(path)) {
    ho_diag_add(diag, NULL, "'%s', row %zu: it was cut off or changed", path,
                s.line);
    rv = HO_ERR_INPUT;
  }
  free(path);
  return rv == 0 ? 0 : HO_ERR_INPUT;
}

/* Files that are there only if they were asked for. */
static bool read_other(ho_found *found, ho_csv_file *file, const char *name,
                       bool all, ho_diag *diag) {
  char *path = ho_format("%s/%s", found->dir, name);
  bool there = access(path, F_OK) == 0;

  if (there) {
    read_file(found, file, name, all, diag);
  }
  free(path);
  return there;
}

/* ---- arms ---- */

size_t ho_found_arm(const ho_found *found, const char *name) {
  size_t i = 0;

  while (i < found->arms_count && strcmp(found->arms[i], name) != 0) {
    i++;
  }
  return i;
}

static void list_arms(ho_found *found) {
  for (size_t i = 0; i < found->runs.cells_count; i++) {
    const char *arm = found->runs.cells[i].labels[found->runs.vary_count];
    if (ho_found_arm(found, arm) == found->arms_count) {
      ho_grow(&found->arms, found->arms_count, &found->arms_cap,
              sizeof(char *));
      found->arms[found->arms_count++] = ho_strdup(arm);
    }
  }
}

/* ---- all of it ---- */

int ho_found_read(ho_found *found, const char *dir, uint64_t seed,
                  ho_diag *diag) {
  static const ho_sheet_arms every = {0};
  size_t before = diag->count;

  *found = (ho_found){.dir = dir};
  found->manifest = ho_manifest_open(dir, diag);
  if (!found->manifest) {
    return HO_ERR_INPUT;
  }
  ho_sheet_read(&found->runs, dir, true, &every, diag);
  ho_sheet_read(&found->handoffs, dir, false, &every, diag);
  if (diag->count == before) {
    json_int_t said =
        json_integer_value(json_object_get(found->manifest, "runs"));
    ho_sheet_check(&found->runs, &found->handoffs, said, diag);
  }
  if (diag->count > before ||
      read_file(found, &found->runs_csv, "runs.csv", true, diag) != 0) {
    return HO_ERR_INPUT;
  }
  list_arms(found);
  if (ho_asked_check(found, diag) != 0 ||
      read_file(found, &found->handoffs_csv, "handoffs.csv", true, diag) != 0 ||
      read_file(found, &found->summary, "summary.csv", true, diag) != 0 ||
      ho_choice_make(found, seed, diag) != 0) {
    return HO_ERR_INPUT;
  }
  read_other(found, &found->linkability, "linkability.csv", true, diag);
  found->has_series =
      read_other(found, &found->series, "series.csv", false, diag);
  found->has_events =
      read_other(found, &found->events, "events.csv", false, diag);
  return diag->count > before ? HO_ERR_INPUT : 0;
}

void ho_found_free(ho_found *found) {
  json_decref(found->manifest);
  ho_sheet_free(&found->runs);
  ho_sheet_free(&found->handoffs);
  ho_csv_file_free(&found->runs_csv);
  ho_csv_file_free(&found->handoffs_csv);
  ho_csv_file_free(&found->summary);
  ho_csv_file_free(&found->linkability);
  ho_csv_file_free(&found->series);
  ho_csv_file_free(&found->events);
  for (size_t i = 0; i < found->arms_count; i++) {
    free(found->arms[i]);
  }
  free(found->arms);
  free(found->moments);
  free(found->choice);
  *found = (ho_found){0};
}

const char *ho_found_cell(const ho_csv_file *file, const ho_csv_row *row,
                          const char *name) {
  int column = file->count > 0 ? ho_csv_column(file, name) : -1;

  return column < 0 ? "" : row->fields[column];
}

char *ho_found_point(const ho_found *found, char *const *labels) {
  char *text = ho_strdup("");

  for (size_t i = 0; i < found->runs.vary_count; i++) {
    char *longer = ho_format("%s%s%s = %s", text, i > 0 ? ", " : "",
                             found->runs.vary[i], labels[i]);
    free(text);
    text = longer;
  }
  return text;
}
