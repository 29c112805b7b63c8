/* Keeping the captures, logs and pictures of runs that failed, and of no
 * others. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_FAILED_H
#define HO_MEASURE_FAILED_H

#include <stdbool.h>
#include <stdio.h>

#include "measure/expect.h"
#include "measure/plan.h"

/* A run has failed if its outcome is conn-failed or app-failed, which its
 * scenario does not expect, a MUST of the RFC checks failed, or an expectation
 * that is about single rows does not hold for its own.  What |plan|->known has
 * is no failure, nor is an outcome that comes with it.  What is expected of
 * several runs together (see ho_expect_is_group) says nothing of one. */

/* ho_artefact tells if a file of the name |name| is a capture, a log or a
 * picture of a run. */
bool ho_artefact(const char *name);

/* ho_failed_settle looks at the rows that the |index|th run has left in |dir|.
 * If it has failed, failed.txt there says why; if not, its artefacts are
 * removed.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Reading or writing failed; errno says why. */
int ho_failed_settle(const ho_plan *plan, size_t index, const char *dir);

/* ho_failed_lost removes from |dir| all but the artefacts of a run that died,
 * which |why| says; they end where it did.  Returns as ho_failed_settle. */
int ho_failed_lost(const char *dir, const char *why);

/* ho_failed_tell says of each failed run in the result folder of |plan| why it
 * failed, what to open, and how to repeat it alone; of the first ten, if there
 * are more.  Of what is expected of several runs together and does not hold for
 * |rows|, which are all of the folder, it names the worst of them. */
void ho_failed_tell(const ho_plan *plan, const ho_expect_rows *rows, FILE *out);

#endif
