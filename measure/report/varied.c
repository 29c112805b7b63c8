/* A metric's median over the values that are varied. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/report/figures.h"
#include "sim/base/alloc.h"

/* Arms stand beside each other at a value. */
#define BESIDE 0.05

typedef struct {
  const ho_found *found;
  const char *metric, *what;
  size_t key;         /* the one on the x axis */
  char **ticks;       /* its values, in their order */
  size_t ticks_count; /* borrowed, as |ticks| point into the cells */
} axis;

static size_t tick_of(char *const *ticks, size_t count, const char *value) {
  size_t i = 0;

  while (i < count && strcmp(ticks[i], value) != 0) {
    i++;
  }
  return i;
}

static size_t list_ticks(const ho_sheet *runs, size_t key, char **ticks) {
  size_t count = 0;

  for (size_t i = 0; i < runs->cells_count; i++) {
    char *value = runs->cells[i].labels[key];
    if (tick_of(ticks, count, value) == count) {
      ticks[count++] = value;
    }
  }
  return count;
}

/* The key with most values is on the axis, the first of several. */
static void choose_key(axis *a) {
  const ho_sheet *runs = &a->found->runs;

  a->ticks = ho_alloc_array(runs->cells_count, sizeof(char *));
  for (size_t k = 0; k < runs->vary_count; k++) {
    size_t count = list_ticks(runs, k, a->ticks);
    if (count > a->ticks_count) {
      a->ticks_count = count;
      a->key = k;
    }
  }
  a->ticks_count = list_ticks(runs, a->key, a->ticks);
}

/* The values of the keys that are not on the axis. */
static bool same_rest(const axis *a, char *const *one, char *const *other) {
  for (size_t k = 0; k < a->found->runs.vary_count; k++) {
    if (k != a->key && strcmp(one[k], other[k]) != 0) {
      return false;
    }
  }
  return true;
}

static char *rest_of(const axis *a, char *const *labels) {
  const ho_sheet *runs = &a->found->runs;
  char *text = ho_strdup("");

  for (size_t k = 0; k < runs->vary_count; k++) {
    if (k != a->key) {
      char *longer = ho_format("%s%s%s = %s", text, *text ? ", " : "",
                               runs->vary[k], labels[k]);
      free(text);
      text = longer;
    }
  }
  return text;
}

static double read_cell(const axis *a, const ho_csv_row *row,
                        const char *name) {
  const char *text = ho_found_cell(&a->found->summary, row, name);

  return *text && strcmp(text, "NA") != 0 ? strtod(text, NULL) : NAN;
}

/* Writes an arm's block; returns how many medians it has. */
static size_t write_arm(const axis *a, char *const *labels, size_t arm,
                        FILE *out) {
  const ho_csv_file *file = &a->found->summary;
  size_t vary = a->found->runs.vary_count, count = 0;

  fprintf(out, "# %s: place median lower upper\n", a->found->arms[arm]);
  for (size_t i = 1; i < file->count; i++) {
    char *const *fields = file->rows[i].fields + 1;
    double median = read_cell(a, &file->rows[i], "median"), lo, hi;
    if (!same_rest(a, fields, labels) || isnan(median) ||
        strcmp(fields[vary], a->found->arms[arm]) != 0 ||
        strcmp(fields[vary + 1], a->metric) != 0) {
      continue;
    }
    lo = read_cell(a, &file->rows[i], "median_lo");
    hi = read_cell(a, &file->rows[i], "median_hi");
    fprintf(out, "%.3f %.9g %.9g %.9g\n",
            (double)tick_of(a->ticks, a->ticks_count, fields[a->key]) +
                BESIDE * ((double)arm - (double)(a->found->arms_count - 1) / 2),
            median, isnan(lo) ? median : lo, isnan(hi) ? median : hi);
    count++;
  }
  fputs("\n\n", out);
  return count;
}

static void write_axes(const axis *a, FILE *gp) {
  fprintf(gp, "set xrange [-0.4:%.1f]\nset yrange [0:*]\nset xlabel ",
          (double)a->ticks_count - 0.6);
  ho_plot_text(gp, a->found->runs.vary[a->key]);
  fputs("\nset ylabel ", gp);
  ho_plot_text(gp, a->what);
  fputs("\nset xtics (", gp);
  for (size_t i = 0; i < a->ticks_count; i++) {
    fputs(i > 0 ? ", " : "", gp);
    ho_plot_text(gp, a->ticks[i]);
    fprintf(gp, " %zu", i);
  }
  fputs(")\nset key outside top center horizontal reverse Left samplen 2\n",
        gp);
}

static void draw_rest(const axis *a, ho_figures *figures, char *const *labels,
                      size_t number) {
  char *rest = rest_of(a, labels);
  char *name = *rest ? ho_format("varied-%s-%zu", a->metric, number)
                     : ho_format("varied-%s", a->metric);
  bool any = false;
  ho_plot plot;

  ho_plot_open(&plot, figures, name, 0.68);
  write_axes(a, plot.gp);
  for (size_t i = 0; i < a->found->arms_count; i++) {
    size_t count = write_arm(a, labels, i, plot.data);
    if (count > 0) {
      fprintf(plot.gp,
              "%s'%s.dat' index %zu using 1:2:3:4 with yerrorlines lt %zu "
              "pt %zu ps 0.6 title ",
              any ? ", \\\n  " : "plot ", name, i, i + 1, i + 4);
      ho_plot_text(plot.gp, a->found->arms[i]);
      any = true;
    }
  }
  fputs(any ? "\n" : "plot NaN notitle\n", plot.gp);
  ho_plot_close(&plot, figures, ho_strdup(a->what),
                ho_format("%s%sMedians, with their 95 %% intervals. A median "
                          "that is missing never happened.",
                          rest, *rest ? ". " : ""));
  free(rest);
  free(name);
}

void ho_varied_draw(const ho_found *found, ho_figures *figures,
                    const char *metric, const char *what) {
  axis a = {.found = found, .metric = metric, .what = what};
  const ho_sheet *runs = &found->runs;
  size_t number = 0;

  if (runs->vary_count == 0) {
    return;
  }
  choose_key(&a);
  for (size_t i = 0; i < runs->cells_count && number < HO_REPORT_POINTS; i++) {
    char *const *labels = runs->cells[i].labels;
    bool seen = false;
    for (size_t j = 0; j < i && !seen; j++) {
      seen = same_rest(&a, runs->cells[j].labels, labels);
    }
    if (!seen) {
      draw_rest(&a, figures, labels, ++number);
    }
  }
  free(a.ticks);
}
