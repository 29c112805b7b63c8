/* What came of checks, as JUnit XML: what every CI system reads. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_JUNIT_H
#define HO_MEASURE_JUNIT_H

#include <stdio.h>

/* ho_junit gathers test suites and their cases.  It has no times and no host:
 * the same results are the same bytes. */
typedef struct ho_junit ho_junit;

typedef enum {
  HO_JUNIT_PASSED,
  HO_JUNIT_FAILED,
  HO_JUNIT_ERROR, /* it could not be found out */
  HO_JUNIT_SKIPPED
} ho_junit_result;

ho_junit *ho_junit_new(void);
void ho_junit_del(ho_junit *junit);

/* ho_junit_suite begins a suite; ho_junit_case adds a case to the last one.
 * |message| is one line, |text| all there is to say; both may be NULL, are
 * copied, and stand in the file only if the case did not pass. */
void ho_junit_suite(ho_junit *junit, const char *name);
void ho_junit_case(ho_junit *junit, const char *name, ho_junit_result result,
                   const char *message, const char *text);

/* ho_junit_write writes all as UTF-8.  Bytes that XML cannot have become "?".
 * Errors stay in |out|. */
void ho_junit_write(const ho_junit *junit, FILE *out);

#endif
