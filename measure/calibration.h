/* What the radios of a scenario carry, measured before its runs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_CALIBRATION_H
#define HO_MEASURE_CALIBRATION_H

#include "measure/plan.h"

/* ho_calibration_make measures, for every radio network of |plan|'s scenario
 * and every place where a walk begins or ends (the first eight of each
 * network), what ho_calibrate (stack/calibrate.h) says, as the plan's first
 * seed has it, each in a process of its own, |jobs| at once.  What varies
 * without a network's knowing is measured once.  Only a bulk workload needs it:
 * for others, and without radios, |*calibration| has no places.  A place whose
 * process dies is said on standard error and left out; one out of reach has
 * rates of 0. */
void ho_calibration_make(const ho_plan *plan, size_t jobs,
                         ho_calibration *calibration);
void ho_calibration_free(ho_calibration *calibration);

#endif
