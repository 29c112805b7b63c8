/* What the radios of a scenario carry, measured before its runs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_CALIBRATION_H
#define HO_MEASURE_CALIBRATION_H

#include "measure/plan.h"

/* ho_calibration_list finds what there is to measure: every radio network of
 * |plan|'s scenario at every place where a walk begins or ends (the first eight
 * of each network).  What varies without a network's knowing is measured once.
 * Only a bulk workload needs it: for others, and without radios,
 * |*calibration| has no places. */
void ho_calibration_list(const ho_plan *plan, ho_calibration *calibration);

/* ho_calibration_distribute gives each point of the plan the places that could
 * be measured (see measure/survey.h). */
void ho_calibration_distribute(ho_calibration *calibration);
void ho_calibration_free(ho_calibration *calibration);

#endif
