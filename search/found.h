/* What a search has found: one line for each signature. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SEARCH_FOUND_H
#define HO_SEARCH_FOUND_H

#include <stdio.h>

#include "search/schedule.h"
#include "search/trial.h"
#include "measure/csv.h"
#include "sim/base/diag.h"

/* ho_found is one signature. */
typedef struct {
  char signature[HO_SIGNATURE_MAX];
  char detail[200];
  uint64_t count;       /* schedules that failed so */
  ho_schedule schedule; /* the first of them, or what it was shrunk to */
  bool shrunk;
  size_t with; /* whose file shows this one, too: its own index, or another */
  char *known; /* why it is known, or NULL */
  char *file;  /* the scenario file's name in the result folder, or NULL */
  bool run_again; /* that file, to its end */
  bool red;       /* it failed its expectation */
} ho_found;

/* ho_findings owns all that it has. */
typedef struct {
  ho_found *items;
  size_t count, cap;
} ho_findings;

/* ho_findings_add counts the failures of a trial.  More than 1000 signatures
 * are not kept. */
void ho_findings_add(ho_findings *findings, const ho_schedule *schedule,
                     const ho_trial *trial);
void ho_findings_free(ho_findings *findings);

/* ho_known_found is a CSV file of what is known already: it has the columns
 * signature (parts of which may be "*") and analysis, and may have library and
 * others. */
typedef struct {
  ho_csv_file file;
  size_t signature, analysis; /* columns */
  int library;                /* -1: it has none */
} ho_known_found;

/* ho_known_found_read returns 0, or
 *
 * HO_ERR_INPUT
 *     |path| cannot be read, or is no such table; |diag| says why. */
int ho_known_found_read(ho_known_found *known, const char *path, ho_diag *diag);
void ho_known_found_free(ho_known_found *known);

/* ho_findings_mark marks those that are known, by the first row of |library|
 * ("ngtcp2 1.11.0") that fits, or else by the first of any other. */
void ho_findings_mark(ho_findings *findings, const ho_known_found *known,
                      const char *library);

/* ho_findings_new counts those that are not known. */
size_t ho_findings_new(const ho_findings *findings);

/* ho_findings_expect returns the |i|th expectation that is worth trying for
 * |found|, the most telling first, for the caller to free, or NULL. */
char *ho_findings_expect(const ho_found *found, const char *arm, size_t i);

/* ho_findings_write writes found.csv; |library| is such as "ngtcp2 1.11.0". */
void ho_findings_write(const ho_findings *findings, uint64_t seed,
                       const char *library, FILE *out);

/* ho_findings_print writes the table for people. */
void ho_findings_print(const ho_findings *findings, FILE *out);

#endif
