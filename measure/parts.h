/* The rows of finished runs, one after the other in a file, until all are there
 * and are sorted into the result files. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_PARTS_H
#define HO_MEASURE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The file is a record for each run, in the order of finishing:
 *
 *     run INDEX FILES
 *     file NAME BYTES     for each of FILES, and its bytes
 *     end HASH            FNV-1a of all that stands before, from "run" on
 *
 * A record that is not whole was being written when the machine stopped, and
 * ends the file.  One file is quicker than some for each run: making, syncing
 * and removing a file each take longer than its few bytes. */

/* ho_parts is an index of such a file. */
typedef struct ho_parts ho_parts;

/* ho_parts_open reads the file |path| of a grid of |total| runs; one that does
 * not exist is empty.
 *
 * Returns 0 and what the caller frees in |*parts|, or
 *
 * HO_ERR_IO
 *     It cannot be read; errno says why. */
int ho_parts_open(ho_parts **parts, const char *path, size_t total);
void ho_parts_free(ho_parts *parts);

bool ho_parts_has(const ho_parts *parts, size_t index);
size_t ho_parts_count(const ho_parts *parts);

/* ho_parts_end is how many bytes the whole records have, ho_parts_rest how many
 * come after. */
uint64_t ho_parts_end(const ho_parts *parts);
uint64_t ho_parts_rest(const ho_parts *parts);

/* ho_parts_copy writes what run |index| has of |file|, which may be nothing, to
 * |out|.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Reading or writing failed; errno says why. */
int ho_parts_copy(const ho_parts *parts, size_t index, const char *file,
                  FILE *out);

/* ho_parts_add appends to |out| a record of run |index|: every *.csv in the
 * folder |dir|.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     That failed; errno says why. */
int ho_parts_add(FILE *out, size_t index, const char *dir);

#endif
