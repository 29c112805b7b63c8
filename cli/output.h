/* Files that an option names to be written: nothing of others is lost. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_CLI_OUTPUT_H
#define HO_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/base/diag.h"

/* ho_output_ours tells whether |path| may be written over: what is there is no
 * plain file, cannot be read, is empty, or has |mark| in its first line. */
bool ho_output_ours(const char *path, const char *mark);

/* ho_output_check is the same for |path| of |option|; NULL is none.  Whoever
 * forgets an option's value names a scenario there.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     The file is somebody's; |diag| says so. */
int ho_output_check(const char *option, const char *path, const char *mark,
                    ho_diag *diag);

typedef void (*ho_output_fn)(const void *user, FILE *out);

/* ho_output_write makes the file |path| of what |write| writes.  On a full disk
 * what was there stays: it is written over, in its place and with its mode and
 * links, when there is room for all of the new.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     It could not be written; errno says why. */
int ho_output_write(const char *path, ho_output_fn write, const void *user);

#endif
