/* A result folder read back: the values of a CSV file, row by row. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_SHEET_H
#define HO_MEASURE_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/sample.h"
#include "sim/base/diag.h"

/* ho_sheet_row is a row.  Two of different folders are the same run, or handoff
 * of it, where their keys are equal. */
typedef struct {
  char *key;
  uint64_t seed;
  double *values; /* of each measure of the file; NaN: empty */
} ho_sheet_row;

/* ho_sheet_cell is a combination of varied values, and an arm. */
typedef struct {
  char **labels;       /* as many values as keys are varied, then the arm */
  size_t first, count; /* its rows */
} ho_sheet_cell;

typedef struct {
  char *dir, *file; /* |file| with the folder */
  const ho_measure *measures;
  size_t measures_count;
  char **vary; /* the varied keys */
  size_t vary_count;
  ho_sheet_cell *cells;
  size_t cells_count, cells_cap;
  ho_sheet_row *rows;
  size_t count, cap;
  const ho_sheet_row **index; /* in the order of keys */
  uint64_t lines;             /* rows of the file, other arms' too */
  uint64_t handoffs;          /* runs.csv: sum of that column */
} ho_sheet;

/* ho_sheet_arms restricts what is read to arms.  With |alike| their names are
 * no part of a row's key. */
typedef struct {
  const char *const *names;
  size_t count; /* 0: all */
  bool alike;
} ho_sheet_arms;

/* ho_sheet_read reads |dir|/runs.csv, or |dir|/handoffs.csv, which must be
 * whole.  The caller frees |sheet| with ho_sheet_free, whatever is returned.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     It cannot be read, was cut off, is no CSV file of ours, or has no such
 *     arm; |diag| says which. */
int ho_sheet_read(ho_sheet *sheet, const char *dir, bool runs,
                  const ho_sheet_arms *arms, ho_diag *diag);
void ho_sheet_free(ho_sheet *sheet);

/* ho_sheet_check tells if |runs| and |handoffs| have as many rows as the
 * manifest |said| there are runs, and as these count handoffs.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     They have not; |diag| says which. */
int ho_sheet_check(const ho_sheet *runs, const ho_sheet *handoffs, int64_t said,
                   ho_diag *diag);

/* ho_sheet_find returns the row with the key |key|, or NULL. */
const ho_sheet_row *ho_sheet_find(const ho_sheet *sheet, const char *key);

/* ho_sheet_find_cell returns the cell with the varied values of |labels| and
 * the arm |arm|, or NULL. */
const ho_sheet_cell *ho_sheet_find_cell(const ho_sheet *sheet,
                                        char *const *labels, const char *arm);

#endif
