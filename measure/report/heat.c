/* A metric's median over two varied keys, by colour. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/report/axes.h"
#include "measure/report/figures.h"
#include "sim/base/alloc.h"

/* From this quotient on, the colours are logarithmic. */
#define WIDE 30

/* With more cells than these the numbers would not fit into them. */
enum { NUMBERS_X = 8, NUMBERS_Y = 12 };

/* Cividis (Nunez, Anderton and Renslow, 2018): the colour-blind see the same,
 * and in grey it goes from dark to light. */
static const char PALETTE[] =
    "set palette defined (0 '#00224e', 1 '#123570', 2 '#3b496c', "
    "3 '#575d6d', 4 '#707173', 5 '#8a8678', 6 '#a59c74', 7 '#c3b369', "
    "8 '#fee838')\n";

typedef struct {
  ho_axes axes;
  const char *metric, *what;
  double lo, hi; /* of the colours, which all figures share */
  bool log;
} heat;

/* One figure's: an arm's, where the other keys have one value. */
typedef struct {
  char *const *labels;
  const char *arm;
  char *name;
  size_t medians, never, none; /* cells that have one, that have NA, others */
} map;

/* Infinite: it never ended; NaN: there is none. */
static double median_of(const heat *h, const ho_csv_row *row) {
  const char *text = ho_found_cell(&h->axes.found->summary, row, "median");

  return !*text ? NAN : !strcmp(text, "NA") ? INFINITY : strtod(text, NULL);
}

/* The varied values, then the arm, then the metric. */
static bool is_metric(const heat *h, const ho_csv_row *row) {
  return !strcmp(row->fields[h->axes.found->runs.vary_count + 2], h->metric);
}

static void choose_range(heat *h) {
  const ho_csv_file *file = &h->axes.found->summary;

  h->lo = INFINITY;
  h->hi = -INFINITY;
  for (size_t i = 1; i < file->count; i++) {
    double median = median_of(h, &file->rows[i]);
    if (is_metric(h, &file->rows[i]) && isfinite(median)) {
      h->lo = fmin(h->lo, median);
      h->hi = fmax(h->hi, median);
    }
  }
  h->log = h->lo > 0 && h->hi / h->lo > WIDE;
  if (h->hi <= h->lo) {
    h->hi = h->lo + 1;
  }
}

/* Black or white, whichever is read on the colour of |value|. */
static unsigned ink(const heat *h, double value) {
  double share = h->log ? log(value / h->lo) / log(h->hi / h->lo)
                        : (value - h->lo) / (h->hi - h->lo);

  return share < 0.55 ? 0xffffff : 0;
}

/* Writes the cells that are |never|, or those that have a median. */
static void write_cells(const heat *h, map *m, bool never, FILE *out) {
  const ho_csv_file *file = &h->axes.found->summary;
  size_t arm = h->axes.found->runs.vary_count;

  fputs(never ? "# place in x and y: it never ended\n"
              : "# place in x and y, median, colour of its number\n",
        out);
  for (size_t i = 1; i < file->count; i++) {
    char *const *fields = file->rows[i].fields + 1;
    double median = median_of(h, &file->rows[i]);
    if (!is_metric(h, &file->rows[i]) || strcmp(fields[arm], m->arm) != 0 ||
        !ho_axes_same(&h->axes, fields, m->labels) || isnan(median) ||
        (isinf(median) != 0) != never) {
      continue;
    }
    fprintf(out, "%zu %zu", ho_axis_place(&h->axes.x, fields[h->axes.x.key]),
            ho_axis_place(&h->axes.y, fields[h->axes.y.key]));
    if (never) {
      m->never++;
    } else {
      m->medians++;
      fprintf(out, " %.9g %u", median, ink(h, median));
    }
    putc('\n', out);
  }
  fputs("\n\n", out);
}

/* gnuplot's own would be powers of ten alone. */
static void write_log_tics(const heat *h, FILE *gp) {
  const char *between = "";

  fputs("set logscale cb\nset cbtics (", gp);
  for (double unit = pow(10, floor(log10(h->lo))); unit <= h->hi; unit *= 10) {
    static const double STEPS[] = {1, 2, 5};
    for (size_t i = 0; i < 3; i++) {
      if (unit * STEPS[i] >= h->lo && unit * STEPS[i] <= h->hi) {
        fprintf(gp, "%s%g", between, unit * STEPS[i]);
        between = ", ";
      }
    }
  }
  fputs(")\n", gp);
}

static void write_axes(const heat *h, FILE *gp) {
  const ho_found *found = h->axes.found;

  fputs(PALETTE, gp);
  fprintf(gp,
          "set xrange [-0.5:%.1f]\nset yrange [-0.5:%.1f]\n"
          "set cbrange [%.9g:%.9g]\n",
          (double)h->axes.x.count - 0.5, (double)h->axes.y.count - 0.5, h->lo,
          h->hi);
  if (h->log) {
    write_log_tics(h, gp);
  }
  fputs("set cblabel ", gp);
  ho_plot_text(gp, h->what);
  putc('\n', gp);
  ho_axis_write(found, &h->axes.x, "x", gp);
  ho_axis_write(found, &h->axes.y, "y", gp);
  fputs("unset grid\nunset key\nset colorbox noborder\n", gp);
}

static void write_source(const heat *h, const map *m, FILE *gp) {
  const char *between = "plot ";

  write_axes(h, gp);
  fputs("small = form eq 'svg' ? 'sans-serif,11' : 'sans-serif,5.5'\n"
        "number(x) = sprintf(x < 10 ? '%.2f' : x < 100 ? '%.1f' : '%.0f', x)\n",
        gp);
  if (m->medians > 0) {
    fprintf(gp,
            "%s'%s.dat' index 0 using 1:2:(0.48):(0.48):3 with boxxyerror "
            "fillcolor palette fillstyle solid 1 noborder",
            between, m->name);
    between = ", \\\n  ";
  }
  if (m->never > 0) {
    fprintf(gp,
            "%s'%s.dat' index %d using 1:2:(0.48):(0.48) with boxxyerror "
            "linecolor rgb '#777777' fillstyle pattern 4 border",
            between, m->name, m->medians > 0 ? 1 : 0);
    between = ", \\\n  ";
  }
  if (h->axes.x.count <= NUMBERS_X && h->axes.y.count <= NUMBERS_Y &&
      m->medians > 0) {
    fprintf(gp,
            "%s'%s.dat' index 0 using 1:2:(number($3)):4 with labels font "
            "small textcolor rgb variable",
            between, m->name);
  }
  putc('\n', gp);
}

static char *caption_of(const heat *h, const map *m) {
  char *rest = ho_axes_rest(&h->axes, m->labels);
  char *never =
      m->never > 0
          ? ho_format(" Hatched (%zu): it never ended in most runs.", m->never)
          : ho_strdup("");
  char *text =
      ho_format("%s%sMedians by colour, which means the same in every arm.%s%s",
                rest, *rest ? ". " : "", never,
                m->none > 0 ? " Blank: there is nothing to measure." : "");

  free(rest);
  free(never);
  return text;
}

static void draw_map(const heat *h, ho_figures *figures, map *m) {
  double height = 0.34 + 0.08 * (double)h->axes.y.count;
  ho_plot plot;

  ho_plot_open(&plot, figures, m->name, fmin(height, 1.2));
  write_cells(h, m, false, plot.data);
  write_cells(h, m, true, plot.data);
  m->none = h->axes.x.count * h->axes.y.count - m->medians - m->never;
  if (m->medians + m->never > 0) {
    write_source(h, m, plot.gp);
    ho_plot_close(&plot, figures, ho_format("%s: %s", m->arm, h->what),
                  caption_of(h, m));
  } else {
    ho_plot_drop(&plot, figures);
  }
}

void ho_heat_draw(const ho_found *found, ho_figures *figures,
                  const char *metric, const char *what) {
  heat h = {.metric = metric, .what = what};
  size_t cells = found->runs.cells_count, number = 0, i;

  if (found->runs.vary_count < 2) {
    return;
  }
  ho_axes_choose(&h.axes, found, true);
  choose_range(&h);
  for (i = ho_axes_next(&h.axes, 0);
       i < cells && number < HO_REPORT_MAPS && isfinite(h.lo);
       i = ho_axes_next(&h.axes, i + 1)) {
    number++;
    for (size_t k = 0; k < found->arms_count; k++) {
      map m = {.labels = found->runs.cells[i].labels, .arm = found->arms[k]};
      m.name = found->runs.vary_count > 2
                   ? ho_format("heat-%s-%s-%zu", metric, m.arm, number)
                   : ho_format("heat-%s-%s", metric, m.arm);
      draw_map(&h, figures, &m);
      free(m.name);
    }
  }
  ho_axes_free(&h.axes);
}
