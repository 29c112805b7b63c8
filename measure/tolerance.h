/* How far each column may be from what was blessed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_TOLERANCE_H
#define HO_MEASURE_TOLERANCE_H

#include <stdbool.h>
#include <stdint.h>

/* ho_tolerance is what a column of numbers may differ by: by |parts_ppm|
 * millionths of the blessed value, or by |least|, whichever is more.  |least|
 * is in billionths of the column's unit. */
typedef struct {
  const char *column;
  int64_t least;
  int64_t parts_ppm;
} ho_tolerance;

/* ho_tolerance_find returns that of |column|, or NULL: it must be the same to
 * the letter, as counts, bytes, words and identifiers must. */
const ho_tolerance *ho_tolerance_find(const char *column);

/* ho_tolerance_kept tells if |column| is part of a baseline at all. */
bool ho_tolerance_kept(const char *column);

/* ho_tolerance_holds compares |now| with |blessed|.  NA and the empty cell are
 * the same as themselves alone; |tolerance| may be NULL. */
bool ho_tolerance_holds(const ho_tolerance *tolerance, const char *blessed,
                        const char *now);

/* ho_tolerance_text returns "within 2 ms or 1 %", which the caller frees;
 * |tolerance| is not NULL. */
char *ho_tolerance_text(const ho_tolerance *tolerance);

#endif
