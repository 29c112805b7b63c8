/* The figures of a report. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_REPORT_FIGURES_H
#define HO_REPORT_FIGURES_H

#include "measure/report/plot.h"
#include "measure/report/found.h"

/* Of points that are varied, this many have figures of their own. */
#define HO_REPORT_POINTS 6

/* Of combinations of the keys that a heat map does not show, this many have
 * some of their own. */
#define HO_REPORT_MAPS 2

/* ho_ecdf_draw draws the distributions of |metric| of handoffs.csv, |what| in
 * words, one figure a point with a curve an arm. */
void ho_ecdf_draw(const ho_found *found, ho_figures *figures,
                  const char *metric, const char *what);

/* ho_ecdf_lead says which points have one, where not all do, in words that the
 * caller frees; NULL: all. */
char *ho_ecdf_lead(const ho_found *found);

/* ho_course_draw draws bytes over time about one handoff, a figure an arm. */
void ho_course_draw(const ho_found *found, ho_figures *figures);

/* ho_varied_draw draws medians of |metric| over the values that are varied. */
void ho_varied_draw(const ho_found *found, ho_figures *figures,
                    const char *metric, const char *what);

/* ho_heat_draw draws medians of |metric| over two of the keys that are varied,
 * a figure an arm; where only one is, none. */
void ho_heat_draw(const ho_found *found, ho_figures *figures,
                  const char *metric, const char *what);

/* ho_sequence_draw draws who sent what in one handoff, a figure an arm. */
void ho_sequence_draw(const ho_found *found, ho_figures *figures);

#endif
