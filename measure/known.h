/* Known failures: what a library is known to do wrong, so that only what is new
 * fails a check. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_KNOWN_H
#define HO_MEASURE_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sim/base/diag.h"

/* ho_known is the content of known-failures.csv: scenario, arm, failure,
 * library, analysis.  |failure| is a check's ID or an expectation as it is
 * written, |library| the version it was found in, |analysis| where the packets
 * are explained.  A library does some things wrong wherever it
 * can: "*" as scenario or arm stands for all, and is never called mended, since
 * that takes more than the runs at hand. */
typedef struct ho_known ho_known;

/* ho_known_read reads |path|; a file that does not exist is empty, unless
 * |wanted|.
 *
 * Returns 0 and what the caller frees in |*known|, or
 *
 * HO_ERR_INPUT
 *     It cannot be read, or is no such table; |diag| says why and where. */
int ho_known_read(ho_known **known, const char *path, bool wanted,
                  ho_diag *diag);
void ho_known_del(ho_known *known);

/* ho_known_has says whether this failure is known, and remembers that it
 * happened.  |known| may be NULL. */
bool ho_known_has(ho_known *known, const char *scenario, const char *arm,
                  const char *failure);

/* ho_known_reason returns "ngtcp2 1.11.0, docs/findings.md: ..." of a known
 * failure, which the caller frees, or NULL.  It remembers nothing. */
char *ho_known_reason(const ho_known *known, const char *scenario,
                      const char *arm, const char *failure);

/* ho_known_held remembers that this was looked at and has not failed.  What was
 * not looked at (an arm that did not run, a check that was not exercised) is
 * not mended.  |known| may be NULL. */
void ho_known_held(ho_known *known, const char *scenario, const char *arm,
                   const char *failure);

/* ho_known_mended writes a line for each known failure of |scenario|'s arm
 * |arm| that has held, and returns how many these are. */
size_t ho_known_mended(const ho_known *known, const char *scenario,
                       const char *arm, FILE *out);

#endif
