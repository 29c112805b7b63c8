/* Bytes over time about one handoff, with its phases behind them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/report/figures.h"
#include "measure/report/phases.h"
#include "sim/base/alloc.h"

/* Seconds shown before the handoff and after the last arm's first byte. */
#define BEFORE 1.0
#define AFTER  1.5

typedef struct {
  double to, top;        /* of the axes that all arms share: seconds, MB */
  bool shown[HO_PHASES]; /* in some arm: they share the key too */
} frame;

static double cell_number(const ho_csv_file *file, const ho_csv_row *row,
                          const char *name) {
  const char *text = ho_found_cell(file, row, name);

  return *text && strcmp(text, "NA") != 0 ? strtod(text, NULL) : NAN;
}

/* The row of the series, if it is |moment|'s and within the frame. */
static bool belongs(const ho_found *found, const ho_moment *moment,
                    const ho_csv_row *row, double to, double *t) {
  const ho_csv_file *file = &found->series;

  if (strcmp(ho_found_cell(file, row, "arm"), moment->arm) != 0 ||
      strcmp(ho_found_cell(file, row, "client"), moment->client) != 0) {
    return false;
  }
  *t = cell_number(file, row, "t_s") -
       cell_number(&found->handoffs_csv, moment->row, "t_loss_s");
  return *t >= -BEFORE && *t <= to;
}

/* Writes the series if |out|; returns the megabytes that it ends with, NaN if
 * there is none. */
static double write_series(const ho_found *found, const ho_moment *moment,
                           double to, FILE *out) {
  double t, first = NAN, last = 0;

  for (size_t i = 1; i < found->series.count; i++) {
    const ho_csv_row *row = &found->series.rows[i];
    if (belongs(found, moment, row, to, &t)) {
      last = cell_number(&found->series, row, "delivered_bytes");
      first = isnan(first) ? last : first;
      if (out) {
        fprintf(out, "%.6f %.6f\n", t, (last - first) / 1e6);
      }
    }
  }
  return isnan(first) ? NAN : (last - first) / 1e6;
}

static frame choose_frame(const ho_found *found) {
  const ho_csv_file *file = &found->handoffs_csv;
  frame f = {.to = 0, .top = 0};

  for (size_t i = 0; i < found->moments_count; i++) {
    const ho_csv_row *row = found->moments[i].row;
    double length = cell_number(file, row, "t_first_byte_s") -
                    cell_number(file, row, "t_loss_s");
    f.to = isnan(length) ? f.to : fmax(f.to, length);
  }
  f.to += AFTER;
  for (size_t i = 0; i < found->moments_count; i++) {
    f.top = fmax(f.top, write_series(found, &found->moments[i], f.to, NULL));
  }
  f.top = f.top > 0 ? f.top * 1.08 : 1;
  return f;
}

/* One behind the other; one that never ended goes on to the right edge.
 * Without |gp| notes which there are. */
static void write_phases(const ho_found *found, const ho_moment *moment,
                         frame *f, FILE *gp) {
  double at = 0;

  for (size_t i = 0; i < HO_PHASES; i++) {
    const char *text =
        ho_found_cell(&found->handoffs_csv, moment->row, ho_phases[i].column);
    bool never = !strcmp(text, "NA");
    double end = never ? f->to : at + (*text ? strtod(text, NULL) / 1e3 : 0);
    if (end > at && gp) {
      fprintf(gp,
              "set object rectangle from %.6f,graph 0 to %.6f,graph 1 behind "
              "fillcolor rgb '%s' fillstyle solid 0.45 noborder # %s\n",
              at, end, ho_phases[i].colour, ho_phases[i].name);
    } else if (end > at) {
      f->shown[i] = true;
    }
    at = end;
    if (never) {
      break;
    }
  }
}

static void write_source(const ho_plot *plot, const frame *f) {
  FILE *gp = plot->gp;

  fprintf(gp,
          "set xrange [%.6f:%.6f]\nset yrange [0:%.6f]\n"
          "set xlabel 'seconds since the handoff'\n"
          "set ylabel 'delivered, MB'\n"
          "set key outside top center horizontal reverse Left samplen 1.5\n"
          "plot '%s.dat' using 1:2 with lines lc rgb '#000000' dt 1 lw 2 "
          "title 'delivered'",
          -BEFORE, f->to, f->top, plot->name);
  for (size_t i = 0; i < HO_PHASES; i++) {
    if (f->shown[i]) {
      fprintf(gp,
              ", \\\n  keyentry with boxes fillstyle solid 0.45 noborder "
              "linecolor rgb '%s' title '%s'",
              ho_phases[i].colour, ho_phases[i].name);
    }
  }
  putc('\n', gp);
}

static void draw_moment(const ho_found *found, ho_figures *figures,
                        const ho_moment *moment, frame *f) {
  const ho_csv_file *file = &found->handoffs_csv;
  char *name = ho_format("course-%s", moment->arm);
  ho_plot plot;

  ho_plot_open(&plot, figures, name, 0.62);
  fputs("# seconds since t_loss, megabytes\n", plot.data);
  write_series(found, moment, f->to, plot.data);
  write_phases(found, moment, f, plot.gp);
  write_source(&plot, f);
  ho_plot_close(
      &plot, figures, ho_strdup(moment->arm),
      ho_format("Handoff of seed %s, client %s, from %s to %s (%s): what its "
                "application had received, and what it was waiting for.",
                moment->seed, moment->client,
                ho_found_cell(file, moment->row, "from"),
                ho_found_cell(file, moment->row, "to"),
                ho_found_cell(file, moment->row, "kind")));
  free(name);
}

void ho_course_draw(const ho_found *found, ho_figures *figures) {
  frame f;

  if (!found->has_series || found->moments_count == 0) {
    return;
  }
  f = choose_frame(found);
  for (size_t i = 0; i < found->moments_count; i++) {
    write_phases(found, &found->moments[i], &f, NULL);
  }
  for (size_t i = 0; i < found->moments_count; i++) {
    if (!isnan(write_series(found, &found->moments[i], f.to, NULL))) {
      draw_moment(found, figures, &found->moments[i], &f);
    }
  }
}
