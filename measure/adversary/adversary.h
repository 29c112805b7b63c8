/* The adversaries: how much speaks for two flows being of one client. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_LINK_ADVERSARY_H
#define HO_LINK_ADVERSARY_H

#include <stddef.h>

#include "measure/adversary/scene.h"

typedef enum {
  HO_ADVERSARY_A0, /* identifiers */
  HO_ADVERSARY_A1, /* and time */
  HO_ADVERSARY_A2, /* and sizes, volumes, spin bit */
  HO_ADVERSARY_A3, /* the same, weighted by training */
  HO_ADVERSARIES,
} ho_adversary;

/* ho_adversary_name is "A0" to "A3". */
const char *ho_adversary_name(ho_adversary adversary);

/* What A3 has learned; NULL for the others. */
typedef struct ho_link_model ho_link_model;

/* ho_link_scores writes to |scores| the score of each candidate of old flow
 * |index|, in nats and rounded to 1e-9, so that what is equal by the formulas
 * ties.  All are 0 where the old flow is not visible; a candidate that is not
 * has the mean of those that are.  |bits| is space for a number for each flow
 * of the vantage point. */
void ho_link_scores(const ho_link_scene *scene, ho_adversary adversary,
                    const ho_link_model *model, size_t index, double *bits,
                    double *scores);

#endif
