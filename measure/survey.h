/* Measuring the places of a calibration, each in a process of its own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_SURVEY_H
#define HO_MEASURE_SURVEY_H

#include <stdbool.h>
#include <stddef.h>

#include "measure/plan.h"
#include "measure/slots.h"

/* ho_survey measures what ho_calibrate (stack/calibrate.h) says of each place
 * of a calibration, as the plan's first seed has it.  Like a grid it takes its
 * processes from the slots, and waits for none of them.  A place whose process
 * dies is said on standard error and left out; one out of reach has rates of
 * 0. */
typedef struct ho_survey ho_survey;

/* ho_survey_begin makes a survey, which ho_survey_end frees; its arguments must
 * outlive it. */
ho_survey *ho_survey_begin(const ho_plan *plan, ho_calibration *calibration,
                           ho_slots *slots);

/* ho_survey_more tells if there is a place whose process has not been started,
 * and ho_survey_start starts it, in a slot that must be free.  Where the system
 * has no room for a process more, it waits until one of ours has ended (see
 * ho_slots_wait); without any, the place stays unknown. */
bool ho_survey_more(const ho_survey *survey);
void ho_survey_start(ho_survey *survey);

/* ho_survey_look sees to the processes that have ended, ho_survey_over tells if
 * all have. */
void ho_survey_look(ho_survey *survey);
bool ho_survey_over(const ho_survey *survey);

/* ho_survey_end ends the processes under way and frees |survey|. */
void ho_survey_end(ho_survey *survey);

#endif
