/* The distribution of a metric, with the band that it is within. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/report/figures.h"
#include "measure/stats/survival.h"
#include "sim/base/alloc.h"

/* From this quotient on, the axis is logarithmic. */
#define WIDE 30

typedef struct {
  const char *arm;
  ho_step *steps;
  size_t steps_count, count, censored;
} curve;

/* The curves of one point. */
typedef struct {
  curve *items;
  size_t count, cap;
  double lo, hi; /* of the axis */
  bool log;
} curves;

static size_t find_measure(const ho_sheet *sheet, const char *metric) {
  size_t m = 0;

  while (m < sheet->measures_count &&
         strcmp(sheet->measures[m].column, metric) != 0) {
    m++;
  }
  return m;
}

static void add_curve(curves *all, const ho_sheet *sheet,
                      const ho_sheet_cell *cell, size_t m) {
  double *values = ho_alloc_array(cell->count, sizeof(double));
  curve c = {.arm = cell->labels[sheet->vary_count]};

  for (size_t i = 0; i < cell->count; i++) {
    double value = sheet->rows[cell->first + i].values[m];
    if (!isnan(value)) {
      values[c.count++] = value;
      c.censored += isinf(value) ? 1 : 0;
    }
  }
  if (c.count > c.censored) {
    c.steps = ho_alloc_array(c.count, sizeof(ho_step));
    c.steps_count = ho_ecdf(values, c.count, c.steps);
    ho_grow(&all->items, all->count, &all->cap, sizeof(curve));
    all->items[all->count++] = c;
  }
  free(values);
}

static void choose_axis(curves *all) {
  double lo = INFINITY, hi = -INFINITY, room;

  for (size_t i = 0; i < all->count; i++) {
    const curve *c = &all->items[i];
    lo = fmin(lo, c->steps[0].x);
    hi = fmax(hi, c->steps[c->steps_count - 1].x);
  }
  all->log = lo > 0 && hi / lo > WIDE;
  room = fmax((hi - lo) * 0.06, fmax(fabs(hi) * 0.02, 0.001));
  all->lo = all->log ? lo / 1.3 : lo - room;
  all->hi = all->log ? hi * 1.3 : hi + room;
  if (lo >= 0 && all->lo < 0) {
    all->lo = 0;
  }
}

/* Corners, so that a line through them has steps, and a band too. */
static void write_curve(const curves *all, const curve *c, FILE *out) {
  double y = 0, lo = 0, hi = ho_dkw(c->count);

  fprintf(out, "# %s: value share lower upper\n", c->arm);
  fprintf(out, "%.9g %.6f %.6f %.6f\n", all->lo, y, lo, hi);
  for (size_t i = 0; i < c->steps_count; i++) {
    const ho_step *s = &c->steps[i];
    fprintf(out, "%.9g %.6f %.6f %.6f\n", s->x, y, lo, hi);
    fprintf(out, "%.9g %.6f %.6f %.6f\n", s->x, s->y, s->lo, s->hi);
    y = s->y;
    lo = s->lo;
    hi = s->hi;
  }
  fprintf(out, "%.9g %.6f %.6f %.6f\n\n\n", all->hi, y, lo, hi);
}

static void write_source(const ho_found *found, const curves *all,
                         const ho_plot *plot, const char *what) {
  FILE *gp = plot->gp;

  fprintf(gp, "set xrange [%.9g:%.9g]\nset yrange [0:1]\n%s", all->lo, all->hi,
          all->log ? "set logscale x\n" : "");
  fputs("set ylabel 'share of handoffs'\nset xlabel ", gp);
  ho_plot_text(gp, what);
  fputs("\nset key outside top center horizontal reverse Left "
        "samplen 2\n"
        "plot \\\n",
        gp);
  for (size_t i = 0; i < all->count; i++) {
    fprintf(gp,
            "  '%s.dat' index %zu every ::1::%zu using 1:3:4 with filledcurves "
            "lt %zu fs transparent solid 0.15 notitle, \\\n",
            plot->name, i, 2 * all->items[i].steps_count,
            ho_found_arm(found, all->items[i].arm) + 1);
  }
  for (size_t i = 0; i < all->count; i++) {
    fprintf(gp, "  '%s.dat' index %zu using 1:2 with lines lt %zu title ",
            plot->name, i, ho_found_arm(found, all->items[i].arm) + 1);
    ho_plot_text(gp, all->items[i].arm);
    fputs(i + 1 < all->count ? ", \\\n" : "\n", gp);
  }
}

static char *caption_of(const curves *all, const char *point) {
  char *text =
      ho_format("%s%sOf all handoffs, the share that took at most so long. The "
                "bands, drawn from the least value to the greatest, hold the "
                "whole true curve with 95 %% confidence.",
                point, *point ? ". " : "");

  for (size_t i = 0; i < all->count; i++) {
    const curve *c = &all->items[i];
    char *longer = NULL;
    if (c->censored > 0) {
      longer = ho_format("%s %s: %zu of %zu had not ended when the run did, so "
                         "its curve stays below 1.",
                         text, c->arm, c->censored, c->count);
      free(text);
      text = longer;
    }
  }
  return text;
}

static bool same_point(const ho_sheet *sheet, const ho_sheet_cell *a,
                       const ho_sheet_cell *b) {
  for (size_t i = 0; i < sheet->vary_count; i++) {
    if (strcmp(a->labels[i], b->labels[i]) != 0) {
      return false;
    }
  }
  return true;
}

static void draw_point(const ho_found *found, ho_figures *figures,
                       const curves *all, const char *metric, const char *what,
                       const ho_sheet_cell *cell, size_t number) {
  char *point = ho_found_point(found, cell->labels);
  char *name = *point ? ho_format("ecdf-%s-%zu", metric, number)
                      : ho_format("ecdf-%s", metric);
  ho_plot plot;

  ho_plot_open(&plot, figures, name, 0.68);
  for (size_t i = 0; i < all->count; i++) {
    write_curve(all, &all->items[i], plot.data);
  }
  write_source(found, all, &plot, what);
  ho_plot_close(&plot, figures, ho_strdup(what), caption_of(all, point));
  free(point);
  free(name);
}

static void free_curves(curves *all) {
  for (size_t i = 0; i < all->count; i++) {
    free(all->items[i].steps);
  }
  free(all->items);
}

char *ho_ecdf_lead(const ho_found *found) {
  const ho_sheet *sheet = &found->handoffs;
  size_t points = 0;

  for (size_t i = 0; i < sheet->cells_count; i++) {
    points +=
        i == 0 || !same_point(sheet, &sheet->cells[i - 1], &sheet->cells[i]);
  }
  return points > HO_REPORT_POINTS
             ? ho_format("Of %zu combinations of varied values the first %d "
                         "are drawn; the Summary has all.",
                         points, HO_REPORT_POINTS)
             : NULL;
}

void ho_ecdf_draw(const ho_found *found, ho_figures *figures,
                  const char *metric, const char *what) {
  const ho_sheet *sheet = &found->handoffs;
  size_t m = find_measure(sheet, metric), next, points = 0;

  for (size_t i = 0; i < sheet->cells_count && points < HO_REPORT_POINTS;
       i = next) {
    curves all = {0};
    next = i;
    while (next < sheet->cells_count &&
           same_point(sheet, &sheet->cells[i], &sheet->cells[next])) {
      add_curve(&all, sheet, &sheet->cells[next++], m);
    }
    points++;
    if (all.count > 0) {
      choose_axis(&all);
      draw_point(found, figures, &all, metric, what, &sheet->cells[i], points);
    }
    free_curves(&all);
  }
}
