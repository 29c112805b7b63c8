/* Which runs to look into where several together are not as expected. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_FAILED_GROUPS_H
#define HO_MEASURE_FAILED_GROUPS_H

#include <stdio.h>

#include "measure/expect.h"
#include "measure/plan.h"

/* ho_failed_groups says of each expectation of |plan| about several runs that
 * does not hold for |rows|, and is not known to fail, which of them has the
 * worst value, and the command that repeats it with captures and logs. */
void ho_failed_groups(const ho_plan *plan, const ho_expect_rows *rows,
                      FILE *out);

#endif
