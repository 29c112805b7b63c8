/* A result folder for people: one page, and figures for a paper. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_REPORT_H
#define HO_MEASURE_REPORT_H

#include <stdint.h>

#include "sim/base/diag.h"

/* ho_report_write writes |dir|/report.html, which needs nothing beside it, and
 * |dir|/figures/ with each figure as PDF and SVG, its gnuplot source and data,
 * and removes from there what a former report wrote and this one did not.
 * |seed| is the run whose handoff is shown packet by packet, 0: a median one.
 * The same results, gnuplot and fonts give the same bytes.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     |dir| has no whole results of this format or no such seed, or gnuplot is
 *     not installed; nothing was written; |diag| says which.
 * HO_ERR_IO
 *     Writing failed, or gnuplot did; |diag| says what. */
int ho_report_write(const char *dir, uint64_t seed, ho_diag *diag);

#endif
