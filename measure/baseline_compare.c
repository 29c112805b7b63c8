/* Comparing runs with their baseline, column by column. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "measure/baseline.h"
#include "measure/baseline_private.h"
#include "measure/manifest.h"
#include "measure/tolerance.h"
#include "sim/base/alloc.h"

enum {
  SHOWN = 6,      /* differences of a run, besides its first event */
  SHOWN_RUNS = 5, /* that differ */
};

/* One scenario being compared. */
typedef struct {
  const ho_baseline *b;
  const ho_plan *plan;
  FILE *out;
  char *run;    /* "arm quic, seed 1" */
  size_t shown; /* differences of this run */
  size_t runs;  /* that differ */
  FILE *all;    /* where |out| goes, if this run is told */
  ho_baseline_difference difference;
} comparison;

/* Some rows of a table: those of one run. */
typedef struct {
  const ho_csv_file *file;
  size_t at, count;
} slice;

/* Counts a difference at row |row| of |table|; returns whether to print it. */
static bool differ(comparison *c, int table, size_t row) {
  if (c->difference.count++ == 0) {
    c->difference.line = (int)(c->b->tables[table].first + row) + 1;
  }
  return c->shown++ < SHOWN;
}

static const char *shown(const char *text) {
  return *text ? text : "empty";
}

/* "wifi-to-lte: arm quic, seed 1, client 0, handoff 2: " */
static void say_row(const comparison *c, int table, const ho_csv_file *file,
                    size_t row) {
  fprintf(c->out, "%s: %s", c->plan->scenario->name, c->run);
  if (table == HO_BASELINE_HANDOFFS) {
    fprintf(c->out, ", client %s, handoff %s",
            ho_baseline_cell(file, row, "client"),
            ho_baseline_cell(file, row, "handoff"));
  }
  fputs(": ", c->out);
}

static void compare_cells(comparison *c, int table, const slice *was, size_t i,
                          const slice *is, size_t k) {
  const ho_csv_row *header = was->file->rows;

  for (size_t n = 0; n < header->count; n++) {
    const char *name = header->fields[n];
    const ho_tolerance *t = ho_tolerance_find(name);
    const char *blessed = was->file->rows[was->at + i].fields[n];
    const char *now = ho_baseline_cell(is->file, is->at + k, name);
    if (ho_tolerance_holds(t, blessed, now) || !differ(c, table, was->at + i)) {
      continue;
    }
    say_row(c, table, was->file, was->at + i);
    fprintf(c->out, "%s is %s, blessed as %s", name, shown(now),
            shown(blessed));
    if (t) {
      char *text = ho_tolerance_text(t);
      fprintf(c->out, " (%s)", text);
      free(text);
    }
    fputc('\n', c->out);
  }
}

/* ---- handoffs ---- */

static bool is_handoff(const slice *a, size_t i, const slice *b, size_t k) {
  static const char *const keys[] = {"client", "handoff"};

  for (size_t n = 0; n < sizeof(keys) / sizeof(keys[0]); n++) {
    if (strcmp(ho_baseline_cell(a->file, a->at + i, keys[n]),
               ho_baseline_cell(b->file, b->at + k, keys[n])) != 0) {
      return false;
    }
  }
  return true;
}

/* The handoff of |in| that is row |i| of |of|; |in|->count if there is none. */
static size_t find(const slice *of, size_t i, const slice *in) {
  size_t k = 0;

  while (k < in->count && !is_handoff(of, i, in, k)) {
    k++;
  }
  return k;
}

static void compare_handoffs(comparison *c, const slice *was, const slice *is) {
  for (size_t i = 0; i < was->count; i++) {
    size_t k = find(was, i, is);
    if (k < is->count) {
      compare_cells(c, HO_BASELINE_HANDOFFS, was, i, is, k);
    } else if (differ(c, HO_BASELINE_HANDOFFS, was->at + i)) {
      say_row(c, HO_BASELINE_HANDOFFS, was->file, was->at + i);
      fputs("it is no longer there\n", c->out);
    }
  }
  for (size_t k = 0; k < is->count; k++) {
    if (find(is, k, was) == was->count &&
        differ(c, HO_BASELINE_HANDOFFS, was->at)) {
      say_row(c, HO_BASELINE_HANDOFFS, is->file, is->at + k);
      fputs("it was not there\n", c->out);
    }
  }
}

/* ---- events ---- */

static void say_event(const comparison *c, const char *when, const slice *s,
                      size_t i) {
  size_t row = s->at + i;

  fprintf(c->out, "  %s: ", when);
  if (i >= s->count) {
    fputs("none\n", c->out);
    return;
  }
  fprintf(c->out, "%s s, ", ho_baseline_cell(s->file, row, "t_s"));
  if (*ho_baseline_cell(s->file, row, "client")) {
    fprintf(c->out, "client %s, ", ho_baseline_cell(s->file, row, "client"));
  }
  fprintf(c->out, "%s %s\n", ho_baseline_cell(s->file, row, "event"),
          ho_baseline_cell(s->file, row, "detail"));
}

static bool is_event(const slice *a, const slice *b, size_t i) {
  static const char *const columns[] = {"client", "event", "detail", "t_s"};

  for (size_t n = 0; n < sizeof(columns) / sizeof(columns[0]); n++) {
    if (!ho_tolerance_holds(ho_tolerance_find(columns[n]),
                            ho_baseline_cell(a->file, a->at + i, columns[n]),
                            ho_baseline_cell(b->file, b->at + i, columns[n]))) {
      return false;
    }
  }
  return true;
}

/* Events are compared in their order; after the first that differs the others
 * mostly do, too. */
static void compare_events(comparison *c, const slice *was, const slice *is) {
  size_t i = 0;

  while (i < was->count && i < is->count && is_event(was, is, i)) {
    i++;
  }
  if (i == was->count && i == is->count) {
    return;
  }
  differ(c, HO_BASELINE_MILESTONES, was->at + (i < was->count ? i : i - 1));
  fprintf(c->out, "%s: %s: the first event that differs is number %zu\n",
          c->plan->scenario->name, c->run, i + 1);
  say_event(c, "now", is, i);
  say_event(c, "blessed", was, i);
}

/* ---- all of it ---- */

static void compare_tables(comparison *c, const slice *was, const slice *is) {
  if (is[HO_BASELINE_RUNS].count == 0) {
    differ(c, HO_BASELINE_RUNS, was->at);
    fprintf(c->out, "%s: %s: it has no row\n", c->plan->scenario->name, c->run);
    return;
  }
  compare_cells(c, HO_BASELINE_RUNS, was, 0, is, 0);
  compare_handoffs(c, &was[HO_BASELINE_HANDOFFS], &is[HO_BASELINE_HANDOFFS]);
  if (c->shown > SHOWN) {
    fprintf(c->out, "%s: %s: and %zu more\n", c->plan->scenario->name, c->run,
            c->shown - SHOWN);
  }
  compare_events(c, &was[HO_BASELINE_MILESTONES], &is[HO_BASELINE_MILESTONES]);
}

static void compare_run(comparison *c, size_t index, const slice *was,
                        const slice *is) {
  char *text = NULL;
  size_t len;

  c->out = open_memstream(&text, &len);
  c->run = ho_baseline_run(c->plan, index);
  c->shown = 0;
  compare_tables(c, was, is);
  fclose(c->out);
  if (c->shown > 0 && c->runs == 0) {
    c->difference.run = index;
  }
  if (c->shown > 0 && ++c->runs <= SHOWN_RUNS) {
    fputs(text, c->all);
  }
  free(c->run);
  free(text);
}

static void say_command(const comparison *c) {
  char *again = ho_plan_command(c->plan, c->difference.run);

  fprintf(c->all, "%s: look into the first with: %s --qlog --pcap\n",
          c->plan->scenario->name, again);
  free(again);
}

static void say_library(void *user, const char *name, const char *value) {
  comparison *c = user;
  const ho_csv_file *file = &c->b->file;

  for (size_t i = 1; i < file->count; i++) {
    char **f = file->rows[i].fields;
    if (file->rows[i].count == 3 && !strcmp(f[0], "library") &&
        !strcmp(f[1], name) && strcmp(f[2], value) != 0) {
      fprintf(c->all, "%s: blessed with %s %s, run with %s\n",
              c->plan->scenario->name, name, f[2], value);
    }
  }
}

ho_baseline_difference ho_baseline_compare(const ho_baseline *baseline,
                                           const ho_plan *plan,
                                           const ho_baseline_rows *rows,
                                           FILE *out) {
  comparison c = {.b = baseline, .plan = plan, .all = out};
  slice was[HO_BASELINE_TABLES],
      is[HO_BASELINE_TABLES] = {
          {rows->runs, 1, 0}, {rows->handoffs, 1, 0}, {rows->milestones, 1, 0}};

  for (int t = 0; t < HO_BASELINE_TABLES; t++) {
    was[t] = (slice){&baseline->tables[t].rows, 1, 0};
  }
  for (size_t i = 0; i < ho_plan_runs(plan); i++) {
    for (int t = 0; t < HO_BASELINE_TABLES; t++) {
      was[t].count = ho_baseline_slice(plan, was[t].file, was[t].at, i);
      is[t].count = ho_baseline_slice(plan, is[t].file, is[t].at, i);
    }
    compare_run(&c, i, was, is);
    for (int t = 0; t < HO_BASELINE_TABLES; t++) {
      was[t].at += was[t].count;
      is[t].at += is[t].count;
    }
  }
  if (c.runs > SHOWN_RUNS) {
    fprintf(out, "%s: and %zu more of its runs\n", plan->scenario->name,
            c.runs - SHOWN_RUNS);
  }
  if (c.difference.count > 0) {
    say_command(&c);
    ho_manifest_versions(say_library, &c);
  }
  return c.difference;
}
