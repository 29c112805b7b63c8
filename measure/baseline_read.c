/* Reading a baseline: nothing of it may be missing. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measure/baseline.h"
#include "measure/baseline_private.h"
#include "sim/base/alloc.h"

/* A baseline being read. */
typedef struct {
  ho_baseline *b;
  const ho_plan *plan;
  const ho_baseline_given *given;
  ho_diag *diag;
} reader;

static ho_place place(const reader *r, size_t row) {
  return (ho_place){r->b->path, (int)row + 1, 1};
}

static const char *field(const ho_csv_row *row, size_t i) {
  return i < row->count ? row->fields[i] : "";
}

/* ---- the file as a whole ---- */

static bool check_head(const reader *r) {
  const ho_csv_file *file = &r->b->file;
  ho_place at = place(r, 0);

  if (file->count == 0) {
    ho_diag_add(r->diag, &at, "the baseline is empty; bless it again");
  } else if (strcmp(field(file->rows, 0), HO_BASELINE_MAGIC) != 0) {
    ho_diag_add(r->diag, &at, "this is no baseline of handoff's");
  } else if (strcmp(field(file->rows, 1), HO_BASELINE_VERSION) != 0) {
    ho_diag_add(r->diag, &at,
                "the baseline is of version '%s', not %s; bless it again",
                field(file->rows, 1), HO_BASELINE_VERSION);
  } else if (strcmp(field(file->rows, 2), r->plan->scenario->name) != 0) {
    ho_diag_add(r->diag, &at, "the baseline is of '%s', not '%s'",
                field(file->rows, 2), r->plan->scenario->name);
  } else if (strcmp(field(&file->rows[file->count - 1], 0), "end") != 0) {
    at = place(r, file->count - 1);
    ho_diag_add(r->diag, &at,
                "the baseline is truncated: its last line does not begin with "
                "'end'");
  } else {
    return true;
  }
  return false;
}

static void check_count(const reader *r) {
  const ho_csv_file *file = &r->b->file;
  const char *says = field(&file->rows[file->count - 1], 1);
  char *count = ho_format("%zu", file->count);
  ho_place at = place(r, file->count - 1);

  if (strcmp(says, count) != 0) {
    ho_diag_add(r->diag, &at,
                "the baseline has %s rows, and ends with 'end,%s': some are "
                "missing or were added",
                count, says);
  }
  free(count);
}

static int table_of(const char *name) {
  for (int i = 0; i < HO_BASELINE_TABLES; i++) {
    if (strcmp(ho_baseline_files[i], name) == 0) {
      return i;
    }
  }
  return -1;
}

/* The tables' rows stay the file's, but begin after the name of the table. */
static void add_row(ho_baseline_table *t, const ho_csv_row *row, size_t index) {
  ho_csv_file *rows = &t->rows;

  if (rows->count == 0) {
    t->first = index;
  }
  ho_grow(&rows->rows, rows->count, &rows->cap, sizeof(ho_csv_row));
  rows->rows[rows->count++] = (ho_csv_row){row->fields + 1, row->count - 1};
}

/* Rows come table by table, so that a row's line follows from its place. */
static bool split(const reader *r) {
  const ho_csv_file *file = &r->b->file;
  int current = -1;

  for (size_t i = 1; i + 1 < file->count; i++) {
    const char *name = field(&file->rows[i], 0);
    int table = table_of(name);
    ho_place at = place(r, i);
    if (table >= current && table >= 0) {
      current = table;
      add_row(&r->b->tables[table], &file->rows[i], i);
    } else if (current >= 0 ||
               (strcmp(name, "asked") != 0 && strcmp(name, "library") != 0)) {
      ho_diag_add(r->diag, &at, "'%s' is not expected here", name);
      return false;
    }
  }
  return true;
}

/* ---- is it of what is asked? ---- */

/* "set client.notice=60ms", "arms quic, tcp-notify" */
static char *describe(const ho_csv_row *row) {
  bool pair = !strcmp(field(row, 1), "set") || !strcmp(field(row, 1), "vary");
  char *text = ho_strdup(field(row, 1));

  for (size_t i = 3; i < row->count; i++) {
    const char *before = i == 3 ? " " : pair && i == 4 ? "=" : ", ";
    char *longer = ho_format("%s%s%s", text, before, row->fields[i]);
    free(text);
    text = longer;
  }
  return text;
}

static bool is_same(const ho_csv_row *a, const ho_csv_row *b) {
  bool same = a->count == b->count;

  for (size_t i = 1; same && i < a->count; i++) {
    same = i == 2 || strcmp(a->fields[i], b->fields[i]) == 0;
  }
  return same;
}

/* |blessed| or |now| is NULL where one has more rows than the other. */
static void tell_apart(const reader *r, const ho_csv_row *blessed,
                       const ho_csv_row *now, size_t line) {
  char *was = blessed ? describe(blessed) : NULL;
  char *is = now ? describe(now) : NULL;
  bool given = (blessed && !strcmp(field(blessed, 2), "given")) ||
               (now && !strcmp(field(now, 2), "given"));
  ho_place at = place(r, line);
  char *text = !was  ? ho_format("blessed without %s", is ? is : "")
               : !is ? ho_format("blessed with %s, run without", was)
                     : ho_format("blessed with %s, run with %s", was, is);

  if (given) {
    r->b->apart = text;
  } else {
    ho_diag_add(r->diag, &at, "the scenario has changed: %s; bless it again",
                text);
    free(text);
  }
  free(was);
  free(is);
}

/* Compares the |i|th row "asked" of the file, at |at|, with the plan's; returns
 * whether to go on. */
static bool compare_one(const reader *r, size_t at, size_t i) {
  const ho_csv_file *file = &r->b->file;
  bool there = at < file->count && !strcmp(field(&file->rows[at], 0), "asked");
  const ho_csv_row *blessed = there ? &file->rows[at] : NULL;
  size_t line = there ? at : file->count - 1;
  ho_place where = place(r, line);
  ho_csv_row now;
  bool more = ho_baseline_asked(r->plan, r->given, i, &now);
  bool same = blessed && more && is_same(blessed, &now);

  if (i < HO_BASELINE_ALWAYS &&
      (!blessed || strcmp(field(blessed, 1), field(&now, 1)) != 0)) {
    ho_diag_add(r->diag, &where,
                "the baseline does not say with which '%s' it was blessed",
                field(&now, 1));
  } else if (!same && (blessed || more)) {
    tell_apart(r, blessed, more ? &now : NULL, line);
  }
  ho_baseline_asked_free(&now);
  return same;
}

/* The rows "asked" of the file, one after the other, beside the plan's. */
static void compare_asked(const reader *r) {
  const ho_csv_file *file = &r->b->file;
  size_t at = 1, i = 0;

  while (at < file->count && strcmp(field(&file->rows[at], 0), "asked") != 0) {
    at++;
  }
  while (compare_one(r, at + i, i)) {
    i++;
  }
}

/* ---- does it have the rows of what is asked? ---- */

/* The |i|th column of a table in which varied keys follow the scenario. */
static const char *column(const ho_plan *plan, const ho_table *declared,
                          size_t i) {
  if (i > 0 && i <= plan->vary_count) {
    return plan->vary[i - 1].key;
  }
  return declared->columns[i == 0 ? 0 : i - plan->vary_count].name;
}

static bool wrong_column(const reader *r, int table, const char *was,
                         const char *now) {
  ho_place at = place(r, r->b->tables[table].first);

  ho_diag_add(r->diag, &at,
              "the baseline is of another version: its columns of %s have '%s' "
              "where '%s' is now; bless it again",
              ho_baseline_files[table], was, now);
  return false;
}

static bool check_header(const reader *r, int table) {
  const ho_baseline_table *t = &r->b->tables[table];
  const ho_table *declared = ho_table_find(ho_baseline_files[table]);
  ho_place at = place(r, t->first);
  size_t k = 0;

  if (t->rows.count == 0) {
    at = place(r, r->b->file.count - 1);
    ho_diag_add(r->diag, &at, "the baseline has no %s; bless it again",
                declared->file);
    return false;
  }
  for (size_t i = 0; i < declared->count + r->plan->vary_count; i++) {
    const char *name = column(r->plan, declared, i);
    if (ho_baseline_column(name) &&
        strcmp(field(t->rows.rows, k++), name) != 0) {
      return wrong_column(r, table, field(t->rows.rows, k - 1), name);
    }
  }
  return k == t->rows.rows[0].count ||
         wrong_column(r, table, field(t->rows.rows, k), "nothing more");
}

static bool check_widths(const reader *r, int table) {
  const ho_baseline_table *t = &r->b->tables[table];

  for (size_t i = 1; i < t->rows.count; i++) {
    ho_place at = place(r, t->first + i);
    if (t->rows.rows[i].count != t->rows.rows[0].count) {
      ho_diag_add(r->diag, &at, "%zu fields, expected %zu",
                  t->rows.rows[i].count, t->rows.rows[0].count);
      return false;
    }
  }
  return true;
}

/* How many rows run |index| has in a table; its row of runs.csv is |run|. */
static bool check_slice(const reader *r, int table, size_t run, size_t index,
                        size_t count) {
  const ho_csv_file *runs = &r->b->tables[HO_BASELINE_RUNS].rows;
  ho_place at = place(r, r->b->tables[table].first);
  const char *wanted = table == HO_BASELINE_RUNS ? "1"
                       : table == HO_BASELINE_HANDOFFS
                           ? ho_baseline_cell(runs, run, "handoffs")
                           : "some";
  char *have = ho_format("%zu", count), *name;
  bool ok =
      table == HO_BASELINE_MILESTONES ? count > 0 : strcmp(have, wanted) == 0;

  if (!ok) {
    name = ho_baseline_run(r->plan, index);
    ho_diag_add(r->diag, &at,
                "%s of the baseline has %s rows of %s, expected %s; bless it "
                "again",
                ho_baseline_files[table], have, name, wanted);
    free(name);
  }
  free(have);
  return ok;
}

static bool check_rows(const reader *r) {
  size_t at[HO_BASELINE_TABLES] = {1, 1, 1};

  for (size_t i = 0; i < ho_plan_runs(r->plan); i++) {
    size_t run = at[HO_BASELINE_RUNS];
    for (int t = 0; t < HO_BASELINE_TABLES; t++) {
      const ho_csv_file *rows = &r->b->tables[t].rows;
      size_t count = ho_baseline_slice(r->plan, rows, at[t], i);
      if (!check_slice(r, t, run, i, count)) {
        return false;
      }
      at[t] += count;
    }
  }
  for (int t = 0; t < HO_BASELINE_TABLES; t++) {
    ho_place where = place(r, r->b->tables[t].first + at[t]);
    if (at[t] < r->b->tables[t].rows.count) {
      ho_diag_add(r->diag, &where,
                  "a row of %s is of no run that was blessed, or not in its "
                  "place",
                  ho_baseline_files[t]);
      return false;
    }
  }
  return true;
}

static void check_tables(const reader *r) {
  for (int t = 0; t < HO_BASELINE_TABLES; t++) {
    if (!check_header(r, t) || !check_widths(r, t)) {
      return;
    }
  }
  check_rows(r);
}

static void check(const reader *r) {
  size_t before = r->diag->count;

  if (!check_head(r) || !split(r)) {
    return;
  }
  compare_asked(r);
  if (!r->b->apart && r->diag->count == before) {
    check_tables(r);
  }
  if (r->diag->count == before) {
    check_count(r);
  }
}

int ho_baseline_read(ho_baseline **baseline, const char *path,
                     const ho_plan *plan, const ho_baseline_given *given,
                     ho_diag *diag) {
  ho_baseline *b = ho_alloc(sizeof(*b));
  reader r = {b, plan, given, diag};
  size_t before = diag->count;
  int rv;

  *baseline = NULL;
  b->path = ho_strdup(path);
  rv = ho_csv_read(&b->file, path);
  if (rv == HO_ERR_IO && errno == ENOENT) {
    ho_baseline_del(b);
    return 0;
  }
  if (rv == HO_ERR_IO) {
    ho_diag_add(diag, NULL, "cannot read '%s': %s", path, strerror(errno));
  } else if (rv != 0) {
    ho_diag_add(diag, &(ho_place){path, 0, 0}, "it is not CSV");
  } else {
    check(&r);
  }
  if (diag->count > before) {
    ho_baseline_del(b);
    return HO_ERR_INPUT;
  }
  *baseline = b;
  return 0;
}

void ho_baseline_del(ho_baseline *baseline) {
  if (baseline) {
    for (int t = 0; t < HO_BASELINE_TABLES; t++) {
      free(baseline->tables[t].rows.rows);
    }
    ho_csv_file_free(&baseline->file);
    free(baseline->apart);
    free(baseline->path);
    free(baseline);
  }
}

const char *ho_baseline_apart(const ho_baseline *baseline) {
  return baseline->apart;
}
