/* A3: a logistic regression over pairs of flows, by liblinear. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_LINK_LEARNED_H
#define HO_LINK_LEARNED_H

#include <stdbool.h>
#include <stddef.h>

#include "measure/adversary/adversary.h"

/* ho_link_lesson collects labelled pairs of the training seeds. */
typedef struct ho_link_lesson ho_link_lesson;

ho_link_lesson *ho_link_lesson_new(void);
void ho_link_lesson_del(ho_link_lesson *lesson);

/* ho_link_lesson_add adds |pair| of a round in |scene|, which is of one client
 * (|same|) or not. */
void ho_link_lesson_add(ho_link_lesson *lesson, const ho_link_scene *scene,
                        const ho_link_pair *pair, bool same);

/* ho_link_lesson_learn trains a model: L2-regularised, C = 1, with a bias, to a
 * tolerance of 1e-4, over features brought to mean 0 and deviation 1; those
 * that do not vary are left out.  Returns NULL without a pair of either kind;
 * ho_link_model_del frees it. */
ho_link_model *ho_link_lesson_learn(ho_link_lesson *lesson);
void ho_link_model_del(ho_link_model *model);

/* ho_link_model_score is the model's log odds for |pair|, less those of the
 * kinds of pairs it was trained with: a log-likelihood ratio, in nats. */
double ho_link_model_score(const ho_link_model *model,
                           const ho_link_scene *scene,
                           const ho_link_pair *pair);

/* ho_link_library is liblinear's version, times 100. */
int ho_link_library(void);

#endif
