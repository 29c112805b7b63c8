/* The adversaries: how much speaks for two flows being of one client. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_LINK_ADVERSARY_H
#define HO_LINK_ADVERSARY_H

#include <stddef.h>

#include "measure/adversary/match.h"
#include "measure/adversary/seen.h"

typedef enum {
  HO_ADVERSARY_A0, /* identifiers */
  HO_ADVERSARY_A1, /* and time */
  HO_ADVERSARY_A2, /* and sizes, volumes, spin bit */
  HO_ADVERSARY_A3, /* the same, weighted by training */
  HO_ADVERSARIES,
} ho_adversary;

/* ho_adversary_name is "A0" to "A3". */
const char *ho_adversary_name(ho_adversary adversary);

/* ho_link_scene is what an adversary has before it in one round of the game:
 * old flows, and the new flows that each may have gone on as.  NULL stands for
 * one that its vantage point does not show.  No truth is in it. */
typedef struct {
  const ho_link_match *match;
  const ho_link_seen *const *olds;
  size_t olds_count;
  const ho_link_seen *const *candidates;
  size_t candidates_count, flows_count; /* flows: all of the vantage point */
  double tau_ms;                        /* the scale of gaps */
  double spread[HO_LINK_SHAPES];        /* of new - old; 0: says nothing */
} ho_link_scene;

/* ho_link_scene_measure computes |tau_ms| and |spread| of |scene|, whose other
 * fields are set: tau is the median, over visible old flows, of the smallest
 * |gap| to a visible candidate, and at least 1 ms; the spread is the standard
 * deviation over all visible pairs. */
void ho_link_scene_measure(ho_link_scene *scene);

/* ho_link_pair is what A1 to A3 look at. */
typedef struct {
  double identity; /* A0's score, nats */
  double gap_ms;   /* from the end of the old to the begin of the new flow */
  double shape[HO_LINK_SHAPES]; /* new - old */
  double bytes;                 /* of both flows */
} ho_link_pair;

/* ho_link_pair_of compares |old| with |candidate|, between which are |bits|
 * (ho_link_match_bits).  A flow that goes on without a cut has neither gap nor
 * difference. */
void ho_link_pair_of(ho_link_pair *pair, const ho_link_seen *old,
                     const ho_link_seen *candidate, double bits);

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
