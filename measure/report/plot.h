/* A figure by gnuplot: a source and a data file that somebody may edit. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_REPORT_PLOT_H
#define HO_REPORT_PLOT_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/base/diag.h"

/* ho_figure is a figure that is made: |name|.svg is to be shown. */
typedef struct {
  char *name, *title, *caption;
} ho_figure;

typedef struct {
  char *dir; /* where the files are */
  ho_figure *items;
  size_t count, cap;
  ho_diag *diag;
} ho_figures;

/* ho_plot is one that is being written. */
typedef struct {
  char *name;
  FILE *gp, *data; /* NAME.gp, NAME.dat */
} ho_plot;

/* ho_plot_open begins NAME.gp, with terminals for a page and a paper, and
 * NAME.dat; |height| is a share of the width.  ho_plot_close ends them, has
 * gnuplot make NAME.svg and NAME.pdf, and adds the figure, taking |title| and
 * |caption|.  What fails is in the diag of |figures|. */
void ho_plot_open(ho_plot *plot, ho_figures *figures, const char *name,
                  double height);
void ho_plot_close(ho_plot *plot, ho_figures *figures, char *title,
                   char *caption);

/* ho_plot_drop gives up one that has turned out to be empty. */
void ho_plot_drop(ho_plot *plot, ho_figures *figures);

/* ho_figures_add adds a figure that is there; it takes its texts. */
void ho_figures_add(ho_figures *figures, char *name, char *title,
                    char *caption);
void ho_figures_free(ho_figures *figures);

/* ho_plot_text writes |text| as a string of gnuplot's, without markup. */
void ho_plot_text(FILE *gp, const char *text);

/* ho_plot_possible tells if there is a gnuplot. */
bool ho_plot_possible(void);

#endif
