/* A result folder read back: the values of a CSV file, row by row. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/sheet.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/csv.h"
#include "sim/base/alloc.h"

/* Between the parts of a key: no field of ours has it. */
#define APART "\x1f"

/* The reading under way. */
typedef struct {
  ho_sheet *sheet;
  const ho_sheet_arms *arms;
  ho_diag *diag;
  bool runs;
  size_t line, width; /* rows read, fields of the header */
  int arm, seed, client, handoff, handoffs; /* columns, -1: none */
  int *columns;                             /* of each measure, -1: none */
  char **others;                            /* arms that were left out */
  size_t others_count, others_cap;
} reading;

static int refuse(reading *r, const char *what) {
  ho_diag_add(r->diag, NULL, "'%s' %s", r->sheet->file, what);
  return HO_ERR_INPUT;
}

/* ---- the header ---- */

static int need(reading *r, const ho_csv_row *header, const char *name,
                int *column) {
  *column = ho_csv_field(header, name);
  if (*column < 0) {
    ho_diag_add(r->diag, NULL, "'%s' has no column '%s'", r->sheet->file, name);
    return HO_ERR_INPUT;
  }
  return 0;
}

/* Varied keys stand between the scenario and the arm. */
static int on_header(reading *r, const ho_csv_row *header) {
  ho_sheet *sheet = r->sheet;
  int scenario, rv = need(r, header, "scenario", &scenario);

  r->width = header->count;
  r->client = r->handoff = r->handoffs = -1;
  rv |= need(r, header, "arm", &r->arm) | need(r, header, "seed", &r->seed);
  if (r->runs) {
    rv |= need(r, header, "handoffs", &r->handoffs);
  } else {
    rv |= need(r, header, "client", &r->client) |
          need(r, header, "handoff", &r->handoff);
  }
  if (rv != 0) {
    return HO_ERR_INPUT;
  }
  if (scenario != 0 || r->arm < 1) {
    return refuse(r, "does not begin with the scenario and the arm");
  }
  sheet->vary_count = (size_t)r->arm - 1;
  sheet->vary = ho_alloc_array(sheet->vary_count, sizeof(char *));
  for (size_t i = 0; i < sheet->vary_count; i++) {
    sheet->vary[i] = ho_strdup(header->fields[i + 1]);
  }
  r->columns = ho_alloc_array(sheet->measures_count, sizeof(int));
  for (size_t m = 0; m < sheet->measures_count; m++) {
    r->columns[m] = ho_csv_field(header, sheet->measures[m].column);
  }
  return 0;
}

/* ---- a row ---- */

static bool is_in(const char *name, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (!strcmp(names[i], name)) {
      return true;
    }
  }
  return false;
}

static bool is_wanted(reading *r, const char *arm) {
  if (r->arms->count == 0 || is_in(arm, r->arms->names, r->arms->count)) {
    return true;
  }
  if (!is_in(arm, (const char *const *)r->others, r->others_count)) {
    ho_grow(&r->others, r->others_count, &r->others_cap, sizeof(char *));
    r->others[r->others_count++] = ho_strdup(arm);
  }
  return false;
}

/* Rows of one cell follow each other. */
static ho_sheet_cell *cell_of(ho_sheet *sheet, const ho_csv_row *row) {
  size_t labels = sheet->vary_count + 1;
  ho_sheet_cell *last;

  if (sheet->cells_count > 0) {
    size_t i = 0;
    last = &sheet->cells[sheet->cells_count - 1];
    while (i < labels && !strcmp(last->labels[i], row->fields[i + 1])) {
      i++;
    }
    if (i == labels) {
      return last;
    }
  }
  ho_grow(&sheet->cells, sheet->cells_count, &sheet->cells_cap,
          sizeof(ho_sheet_cell));
  last = &sheet->cells[sheet->cells_count++];
  last->labels = ho_alloc_array(labels, sizeof(char *));
  for (size_t i = 0; i < labels; i++) {
    last->labels[i] = ho_strdup(row->fields[i + 1]);
  }
  last->first = sheet->count;
  return last;
}

static char *key_of(const reading *r, const ho_csv_row *row) {
  const char *arm = r->arms->alike ? "" : row->fields[r->arm];
  const char *client = r->client < 0 ? "" : row->fields[r->client];
  const char *handoff = r->handoff < 0 ? "" : row->fields[r->handoff];
  char *key = ho_strdup("");

  for (size_t i = 0; i < r->sheet->vary_count; i++) {
    char *longer = ho_format("%s%s" APART, key, row->fields[i + 1]);
    free(key);
    key = longer;
  }
  {
    char *whole = ho_format("%s%s" APART "%s" APART "%s" APART "%s", key, arm,
                            row->fields[r->seed], client, handoff);
    free(key);
    return whole;
  }
}

static int read_count(reading *r, const char *text, uint64_t *value) {
  if (strspn(text, "0123456789") != strlen(text)) {
    ho_diag_add(r->diag, NULL, "'%s', row %zu: '%s' is no number",
                r->sheet->file, r->line, text);
    return HO_ERR_INPUT;
  }
  *value = strtoull(text, NULL, 10);
  return 0;
}

static int read_values(reading *r, const ho_csv_row *row, double *values) {
  for (size_t m = 0; m < r->sheet->measures_count; m++) {
    values[m] = NAN;
    if (r->columns[m] >= 0 &&
        !ho_measure_read(&r->sheet->measures[m], row->fields[r->columns[m]],
                         &values[m])) {
      ho_diag_add(r->diag, NULL, "'%s', row %zu: %s is '%s', no number",
                  r->sheet->file, r->line, r->sheet->measures[m].column,
                  row->fields[r->columns[m]]);
      return HO_ERR_INPUT;
    }
  }
  return 0;
}

static int add_row(reading *r, const ho_csv_row *row) {
  ho_sheet *sheet = r->sheet;
  ho_sheet_row *added;

  cell_of(sheet, row)->count++;
  ho_grow(&sheet->rows, sheet->count, &sheet->cap, sizeof(ho_sheet_row));
  added = &sheet->rows[sheet->count++];
  added->key = key_of(r, row);
  added->values = ho_alloc_array(sheet->measures_count, sizeof(double));
  if (read_count(r, row->fields[r->seed], &added->seed) != 0) {
    return HO_ERR_INPUT;
  }
  return read_values(r, row, added->values);
}

static int on_row(void *user, const ho_csv_row *row) {
  reading *r = user;
  uint64_t handoffs = 0;

  if (r->line++ == 0) {
    return on_header(r, row);
  }
  if (row->count != r->width) {
    ho_diag_add(r->diag, NULL,
                "'%s', row %zu: %zu fields under a header of %zu; it was cut "
                "off or changed",
                r->sheet->file, r->line, row->count, r->width);
    return HO_ERR_INPUT;
  }
  /* A run that was lost has NA, and no handoffs. */
  if (r->handoffs >= 0 && strcmp(row->fields[r->handoffs], "NA") != 0 &&
      read_count(r, row->fields[r->handoffs], &handoffs) != 0) {
    return HO_ERR_INPUT;
  }
  r->sheet->handoffs += handoffs;
  r->sheet->lines++;
  return is_wanted(r, row->fields[r->arm]) ? add_row(r, row) : 0;
}

/* ---- the file ---- */

/* A last line without its end was cut off, even where its fields are there. */
static int check_end(reading *r) {
  FILE *in = fopen(r->sheet->file, "re");
  int last = '\n';

  if (in && fseek(in, -1, SEEK_END) == 0) {
    last = getc(in);
  }
  if (in) {
    fclose(in);
  }
  return last == '\n' ? 0 : refuse(r, "was cut off in its last row");
}

static int by_key(const void *left, const void *right) {
  const ho_sheet_row *const *a = left, *const *b = right;

  return strcmp((*a)->key, (*b)->key);
}

static int make_index(reading *r) {
  ho_sheet *sheet = r->sheet;

  sheet->index = ho_alloc_array(sheet->count, sizeof(*sheet->index));
  for (size_t i = 0; i < sheet->count; i++) {
    sheet->index[i] = &sheet->rows[i];
  }
  qsort(sheet->index, sheet->count, sizeof(*sheet->index), by_key);
  for (size_t i = 1; i < sheet->count; i++) {
    if (by_key(&sheet->index[i - 1], &sheet->index[i]) == 0) {
      return refuse(r, "has a row twice");
    }
  }
  return 0;
}

static bool has_arm(const ho_sheet *sheet, const char *name) {
  for (size_t i = 0; i < sheet->cells_count; i++) {
    if (!strcmp(sheet->cells[i].labels[sheet->vary_count], name)) {
      return true;
    }
  }
  return false;
}

static void miss_arm(reading *r, const char *name) {
  const char *const *others = (const char *const *)r->others;
  const char *near = ho_nearest(name, others, r->others_count);
  char *list = ho_strdup("");

  for (size_t i = 0; i < r->others_count; i++) {
    char *longer = ho_format("%s%s%s", list, i > 0 ? ", " : "", others[i]);
    free(list);
    list = longer;
  }
  if (near) {
    ho_diag_add(r->diag, NULL, "'%s' has no arm '%s' (did you mean '%s'?)",
                r->sheet->dir, name, near);
  } else {
    ho_diag_add(r->diag, NULL, "'%s' has no arm '%s', but %s", r->sheet->dir,
                name, *list ? list : "none other");
  }
  free(list);
}

/* Every arm that was asked for must be there; in handoffs.csv it need not. */
static int check_arms(reading *r) {
  int rv = 0;

  for (size_t i = 0; r->runs && i < r->arms->count; i++) {
    if (!has_arm(r->sheet, r->arms->names[i])) {
      miss_arm(r, r->arms->names[i]);
      rv = HO_ERR_INPUT;
    }
  }
  return rv;
}

static int finish(reading *r, int rv) {
  if (rv == HO_ERR_IO) {
    ho_diag_add(r->diag, NULL, "'%s' cannot be read: %s", r->sheet->file,
                strerror(errno));
    return HO_ERR_INPUT;
  }
  if (rv == HO_ERR_INPUT) {
    return rv;
  }
  if (r->line == 0) {
    return refuse(r, "is empty");
  }
  rv = check_end(r);
  rv = rv ? rv : make_index(r);
  return rv ? rv : check_arms(r);
}

static void choose_measures(ho_sheet *sheet, bool runs) {
  size_t count, first = 0;
  const ho_measure *all = ho_measures(&count);

  while (!all[first].runs) {
    first++;
  }
  sheet->measures = runs ? all + first : all;
  sheet->measures_count = runs ? count - first : first;
}

int ho_sheet_read(ho_sheet *sheet, const char *dir, bool runs,
                  const ho_sheet_arms *arms, ho_diag *diag) {
  reading r = {.sheet = sheet, .arms = arms, .diag = diag, .runs = runs};
  size_t before = diag->count;
  int rv;

  *sheet = (ho_sheet){.dir = ho_strdup(dir)};
  sheet->file = ho_format("%s/%s.csv", dir, runs ? "runs" : "handoffs");
  choose_measures(sheet, runs);
  rv = ho_csv_scan(sheet->file, on_row, &r);
  if (rv == HO_ERR_INPUT && diag->count == before) {
    refuse(&r, "is not CSV: a quote stands where none may, or it was cut off");
  }
  rv = finish(&r, rv);
  for (size_t i = 0; i < r.others_count; i++) {
    free(r.others[i]);
  }
  free(r.others);
  free(r.columns);
  return rv;
}

void ho_sheet_free(ho_sheet *sheet) {
  for (size_t i = 0; i < sheet->count; i++) {
    free(sheet->rows[i].key);
    free(sheet->rows[i].values);
  }
  for (size_t i = 0; i < sheet->cells_count; i++) {
    for (size_t k = 0; k <= sheet->vary_count; k++) {
      free(sheet->cells[i].labels[k]);
    }
    free(sheet->cells[i].labels);
  }
  for (size_t i = 0; i < sheet->vary_count; i++) {
    free(sheet->vary[i]);
  }
  free(sheet->vary);
  free(sheet->cells);
  free(sheet->rows);
  free(sheet->index);
  free(sheet->dir);
  free(sheet->file);
  *sheet = (ho_sheet){0};
}

int ho_sheet_check(const ho_sheet *runs, const ho_sheet *handoffs, int64_t said,
                   ho_diag *diag) {
  if (said < 0 || runs->lines != (uint64_t)said) {
    ho_diag_add(diag, NULL,
                "'%s' has %" PRIu64 " rows, its manifest says %" PRId64 " runs",
                runs->file, runs->lines, said);
    return HO_ERR_INPUT;
  }
  if (handoffs->lines != runs->handoffs) {
    ho_diag_add(diag, NULL,
                "'%s' has %" PRIu64 " rows, runs.csv beside it counts %" PRIu64
                " handoffs",
                handoffs->file, handoffs->lines, runs->handoffs);
    return HO_ERR_INPUT;
  }
  return 0;
}

const ho_sheet_row *ho_sheet_find(const ho_sheet *sheet, const char *key) {
  size_t lo = 0, hi = sheet->count;

  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    const ho_sheet_row *row = sheet->index[mid];
    int order = strcmp(row->key, key);
    if (order == 0) {
      return row;
    }
    *(order < 0 ? &lo : &hi) = order < 0 ? mid + 1 : mid;
  }
  return NULL;
}

const ho_sheet_cell *ho_sheet_find_cell(const ho_sheet *sheet,
                                        char *const *labels, const char *arm) {
  for (size_t i = 0; i < sheet->cells_count; i++) {
    char *const *mine = sheet->cells[i].labels;
    size_t k = 0;
    while (k < sheet->vary_count && !strcmp(mine[k], labels[k])) {
      k++;
    }
    if (k == sheet->vary_count && !strcmp(mine[k], arm)) {
      return &sheet->cells[i];
    }
  }
  return NULL;
}
