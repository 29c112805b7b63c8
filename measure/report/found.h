/* What a report is made of: a result folder, read and checked whole. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_REPORT_FOUND_H
#define HO_REPORT_FOUND_H

#include <jansson.h>

#include "measure/csv.h"
#include "measure/sheet.h"

/* ho_moment is one client's handoff in one run, that the course and the
 * sequence show. */
typedef struct {
  const ho_csv_row *row; /* of handoffs.csv */
  const char *arm, *seed, *client;
} ho_moment;

typedef struct {
  const char *dir;
  json_t *manifest;
  ho_sheet runs, handoffs;
  ho_csv_file runs_csv, handoffs_csv, summary; /* as text */
  ho_csv_file linkability;                     /* no rows: there is none */
  ho_csv_file series, events;                  /* rows of |moments| only */
  bool has_series, has_events;
  char **arms; /* in their order */
  size_t arms_count, arms_cap;
  ho_moment *moments; /* one an arm, of one seed at one point */
  size_t moments_count, moments_cap;
  char
      *choice; /* why that seed, a sentence without its dot; NULL: no handoff */
} ho_found;

/* ho_found_read reads |dir|; |seed| is the one to be shown, 0: as
 * ho_choice_make chooses.  The caller frees |found| with ho_found_free,
 * whatever is returned.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     It has no whole results of this format, its rows are not what its
 *     manifest says was asked, or it has no such seed; |diag| says what is
 *     wrong. */
int ho_found_read(ho_found *found, const char *dir, uint64_t seed,
                  ho_diag *diag);
void ho_found_free(ho_found *found);

/* ho_found_arm is the index of the arm |name|. */
size_t ho_found_arm(const ho_found *found, const char *name);

/* ho_found_cell returns the field |name| of |row| of |file|, "" if there is no
 * such column. */
const char *ho_found_cell(const ho_csv_file *file, const ho_csv_row *row,
                          const char *name);

/* ho_found_point returns the varied values of |labels| as "key = value, ...",
 * "" if nothing is varied; the caller frees it. */
char *ho_found_point(const ho_found *found, char *const *labels);

#endif
