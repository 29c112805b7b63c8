/* A metric's median over the values that are varied. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/report/axes.h"
#include "measure/report/figures.h"
#include "sim/base/alloc.h"

/* Arms stand beside each other at a value. */
#define BESIDE 0.05

typedef struct {
  ho_axes axes;
  const char *metric, *what;
} lines;

static double read_cell(const lines *l, const ho_csv_row *row,
                        const char *name) {
  const char *text = ho_found_cell(&l->axes.found->summary, row, name);

  return *text && strcmp(text, "NA") != 0 ? strtod(text, NULL) : NAN;
}

/* Writes an arm's block; returns how many medians it has.  Without any there is
 * no block: gnuplot would not count it. */
static size_t write_arm(const lines *l, char *const *labels, size_t arm,
                        FILE *out) {
  const ho_csv_file *file = &l->axes.found->summary;
  size_t vary = l->axes.found->runs.vary_count, count = 0;
  double beside = (double)arm - (double)(l->axes.found->arms_count - 1) / 2;

  for (size_t i = 1; i < file->count; i++) {
    char *const *fields = file->rows[i].fields + 1;
    double median = read_cell(l, &file->rows[i], "median"), lo, hi;
    if (!ho_axes_same(&l->axes, fields, labels) || isnan(median) ||
        strcmp(fields[vary], l->axes.found->arms[arm]) != 0 ||
        strcmp(fields[vary + 1], l->metric) != 0) {
      continue;
    }
    if (count++ == 0) {
      fprintf(out, "# %s: place median lower upper\n",
              l->axes.found->arms[arm]);
    }
    lo = read_cell(l, &file->rows[i], "median_lo");
    hi = read_cell(l, &file->rows[i], "median_hi");
    fprintf(out, "%.3f %.9g %.9g %.9g\n",
            (double)ho_axis_place(&l->axes.x, fields[l->axes.x.key]) +
                BESIDE * beside,
            median, isnan(lo) ? median : lo, isnan(hi) ? median : hi);
  }
  fputs(count > 0 ? "\n\n" : "", out);
  return count;
}

static void write_axes(const lines *l, FILE *gp) {
  fprintf(gp, "set xrange [-0.4:%.1f]\nset yrange [0:*]\nset ylabel ",
          (double)l->axes.x.count - 0.6);
  ho_plot_text(gp, l->what);
  putc('\n', gp);
  ho_axis_write(l->axes.found, &l->axes.x, "x", gp);
  fputs("set key outside top center horizontal reverse Left samplen 2\n", gp);
}

static void draw_rest(const lines *l, ho_figures *figures, char *const *labels,
                      size_t number) {
  char *rest = ho_axes_rest(&l->axes, labels);
  char *name = *rest ? ho_format("varied-%s-%zu", l->metric, number)
                     : ho_format("varied-%s", l->metric);
  size_t blocks = 0;
  ho_plot plot;

  ho_plot_open(&plot, figures, name, 0.68);
  write_axes(l, plot.gp);
  for (size_t i = 0; i < l->axes.found->arms_count; i++) {
    size_t count = write_arm(l, labels, i, plot.data);
    if (count > 0) {
      fprintf(plot.gp,
              "%s'%s.dat' index %zu using 1:2:3:4 with yerrorlines lt %zu "
              "pt %zu ps 0.6 title ",
              blocks > 0 ? ", \\\n  " : "plot ", name, blocks, i + 1, i + 4);
      ho_plot_text(plot.gp, l->axes.found->arms[i]);
      blocks++;
    }
  }
  if (blocks > 0) {
    putc('\n', plot.gp);
    ho_plot_close(
        &plot, figures, ho_strdup(l->what),
        ho_format("%s%sMedians, with their 95 %% intervals. A median that is "
                  "missing never happened.",
                  rest, *rest ? ". " : ""));
  } else {
    ho_plot_drop(&plot, figures);
  }
  free(rest);
  free(name);
}

void ho_varied_draw(const ho_found *found, ho_figures *figures,
                    const char *metric, const char *what) {
  lines l = {.metric = metric, .what = what};
  const ho_sheet *runs = &found->runs;
  size_t number = 0, i;

  if (runs->vary_count == 0) {
    return;
  }
  ho_axes_choose(&l.axes, found, false);
  for (i = ho_axes_next(&l.axes, 0);
       i < runs->cells_count && number < HO_REPORT_POINTS;
       i = ho_axes_next(&l.axes, i + 1)) {
    draw_rest(&l, figures, runs->cells[i].labels, ++number);
  }
  ho_axes_free(&l.axes);
}
