/* Verdicts of many runs: what failed, what held, what was never exercised. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_VERDICTS_H
#define HO_MEASURE_VERDICTS_H

#include "measure/checks/check.h"
#include "measure/csv.h"
#include "measure/known.h"

/* ho_verdicts gathers rows of checks.csv, scenario by scenario. */
typedef struct ho_verdicts ho_verdicts;

ho_verdicts *ho_verdicts_new(void);
void ho_verdicts_del(ho_verdicts *verdicts);

/* ho_verdicts_add takes the rows of one scenario. */
void ho_verdicts_add(ho_verdicts *verdicts, const char *scenario,
                     const ho_csv_file *checks);

typedef struct {
  size_t failed; /* of level MUST, each check and arm once */
  size_t known;
} ho_verdicts_count;

/* ho_verdicts_report writes what |checks| has of |arm|: one line on how many
 * checks held, and each failed MUST that is not |known| to (which may be NULL)
 * with its first offending packet.  With |all|, the IDs too.  |known| learns
 * what failed and what held, whatever its level. */
ho_verdicts_count ho_verdicts_report(const ho_csv_file *checks,
                                     const char *scenario, const char *arm,
                                     ho_known *known, bool all, FILE *out);

/* ho_verdicts_never writes which checks no scenario has exercised, if there
 * were any scenarios. */
void ho_verdicts_never(const ho_verdicts *verdicts, FILE *out);

/* ho_verdicts_matrix writes the table check x scenario, in Markdown: "X" failed
 * in some run, "o" held, "." was not exercised, and how many scenarios exercise
 * the check. */
void ho_verdicts_matrix(const ho_verdicts *verdicts, FILE *out);

#endif
