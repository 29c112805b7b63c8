/* What reading, writing and comparing a baseline have in common. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_BASELINE_PRIVATE_H
#define HO_MEASURE_BASELINE_PRIVATE_H

#include "measure/baseline.h"

enum { HO_BASELINE_RUNS, HO_BASELINE_HANDOFFS, HO_BASELINE_MILESTONES };

extern const char *const ho_baseline_files[HO_BASELINE_TABLES];

/* A table of the file: its rows without their first field, the header first;
 * they are |file|'s. */
typedef struct {
  ho_csv_file rows;
  size_t first; /* index in |file| of the header */
} ho_baseline_table;

struct ho_baseline {
  char *path;
  ho_csv_file file;
  ho_baseline_table tables[HO_BASELINE_TABLES];
  char *apart;
};

#define HO_BASELINE_MAGIC   "handoff-baseline"
#define HO_BASELINE_VERSION "1"

enum { HO_BASELINE_ALWAYS = 4 }; /* rows "asked" that every baseline has */

/* ho_baseline_asked makes the |index|th row "asked,..." of |plan|, which is to
 * be freed with ho_baseline_asked_free.  Returns false after the last. */
bool ho_baseline_asked(const ho_plan *plan, const ho_baseline_given *given,
                       size_t index, ho_csv_row *row);
void ho_baseline_asked_free(ho_csv_row *row);

/* ho_baseline_column tells if |column| of a table is in the file. */
bool ho_baseline_column(const char *column);

/* ho_baseline_slice is how many rows of |file|, from |at| on, are of the
 * |index|th run of |plan|. */
size_t ho_baseline_slice(const ho_plan *plan, const ho_csv_file *file,
                         size_t at, size_t index);

/* ho_baseline_cell is a cell by its column's name, "" if there is none. */
const char *ho_baseline_cell(const ho_csv_file *file, size_t row,
                             const char *column);

/* ho_baseline_run returns "arm quic, seed 1" of the |index|th run, which the
 * caller frees. */
char *ho_baseline_run(const ho_plan *plan, size_t index);

#endif
