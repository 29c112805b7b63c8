/* From a manifest back to what was asked. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_MANIFEST_PLAN_H
#define HO_MEASURE_MANIFEST_PLAN_H

#include <jansson.h>

#include "measure/plan.h"

/* ho_asked is a plan, with the overrides that it points to. */
typedef struct {
  ho_plan plan; /* without |out| */
  ho_override *overrides;
  json_t *manifest; /* which has their texts */
} ho_asked;

/* ho_asked_read makes the plan of the grid that |manifest|, of the result
 * folder |dir|, is of.  |asked| is to be freed whatever is returned.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     It is damaged, or of another version, or its scenario's recordings are
 *     gone; |diag| says so. */
int ho_asked_read(ho_asked *asked, json_t *manifest, const char *dir,
                  ho_diag *diag);
void ho_asked_free(ho_asked *asked);

#endif
