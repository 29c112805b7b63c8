/* Pilot runs: when the interesting things happen. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SEARCH_PILOT_H
#define HO_SEARCH_PILOT_H

#include "search/draw.h"
#include "search/trial.h"

/* ho_pilot_make returns schedules to run first, in an array for the caller to
 * free: the scenario as it is, and with one move of each kind. */
size_t ho_pilot_make(const ho_draw *draw, ho_schedule **pilots);

/* ho_pilot_learn takes from their trials when handshakes end, and how long
 * after a move challenges, responses, validations and retirements come. */
void ho_pilot_learn(ho_draw *draw, const ho_trial *trials, size_t count);

#endif
