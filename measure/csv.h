/* CSV files: rows with exact fixed decimals out, whole files in. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_CSV_H
#define HO_MEASURE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/base/time.h"

/* ---- writing ---- */

/* ho_csv writes fields one after the other; it does not own |out|.  Errors stay
 * in |out| (ferror). */
typedef struct {
  FILE *out;
  bool inside; /* a field of this row has been written */
} ho_csv;

void ho_csv_init(ho_csv *csv, FILE *out);

/* ho_csv_text writes a field, quoted only where RFC 4180 or libcsv needs it;
 * NULL is the empty field. */
void ho_csv_text(ho_csv *csv, const char *text);
/* ho_csv_raw writes fields as they are, such as were written elsewhere. */
void ho_csv_raw(ho_csv *csv, const char *fields, size_t len);

void ho_csv_u64(ho_csv *csv, uint64_t value);

/* ho_csv_s writes an instant or a length in seconds with 9 decimals. */
void ho_csv_s(ho_csv *csv, ho_time t);

/* ho_csv_ms writes |ns| in milliseconds with 6 decimals. */
void ho_csv_ms(ho_csv *csv, int64_t ns);

/* ho_csv_ratio writes |num| / |den| with 6 decimals, rounded half up in integer
 * arithmetic, so that every compiler writes the same; |den| > 0. */
void ho_csv_ratio(ho_csv *csv, uint64_t num, uint64_t den);

/* ho_csv_real writes an estimate with 6 decimals, never as "-0.000000". */
void ho_csv_real(ho_csv *csv, double value);

/* The two ways of having no value: "did not happen" and "does not apply". */
void ho_csv_na(ho_csv *csv);
void ho_csv_empty(ho_csv *csv);

/* ho_csv_end ends the row. */
void ho_csv_end(ho_csv *csv);

/* ---- reading ---- */

typedef struct {
  char **fields; /* zero-terminated */
  size_t count;
} ho_csv_row;

/* ho_csv_file is a CSV file in memory; the first row is the header. */
typedef struct {
  ho_csv_row *rows;
  size_t count, cap;
} ho_csv_file;

/* ho_csv_read reads |path| whole into |file|, which the caller frees with
 * ho_csv_file_free, whatever is returned.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     It cannot be opened or read; errno says why.
 * HO_ERR_INPUT
 *     It is not CSV: a quote stands where none may, or a zero byte. */
int ho_csv_read(ho_csv_file *file, const char *path);

/* ho_csv_fn gets one row after the other, the header first.  It may stop the
 * reading by returning something other than 0. */
typedef int (*ho_csv_fn)(void *user, const ho_csv_row *row);

/* ho_csv_scan reads |path| row by row, for files that are large.  Returns 0,
 * what |fn| returned, or an error of ho_csv_read. */
int ho_csv_scan(const char *path, ho_csv_fn fn, void *user);

void ho_csv_file_free(ho_csv_file *file);

/* ho_csv_column returns the index of the header's column |name|, or -1. */
int ho_csv_column(const ho_csv_file *file, const char *name);

/* ho_csv_field is the same for the row |header|. */
int ho_csv_field(const ho_csv_row *header, const char *name);

#endif
