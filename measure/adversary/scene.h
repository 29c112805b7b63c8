/* One round as an adversary sees it, and the scales that it takes from it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_LINK_SCENE_H
#define HO_LINK_SCENE_H

#include <stddef.h>

#include "measure/adversary/match.h"
#include "measure/adversary/seen.h"

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
  double weight;                        /* of what shapes say */
} ho_link_scene;

/* ho_link_scene_measure computes |tau_ms|, |spread| and |weight| of |scene|,
 * whose other fields are set.
 *
 * tau is the most likely of 10^(k/10) ms, k = 0 to 50, if each visible old
 * flow's gap to one of the visible candidates, all equally probable, is Laplace
 * distributed with that scale, and the rest are anywhere.
 *
 * The spread is the standard deviation over all visible pairs.
 *
 * The weight is the most likely of 1/8, 1/4, ... 8 if the differences of true
 * pairs are distributed as those of all, tilted by exp(-weight x unlikeness),
 * and A1 says how probable each candidate is.  The least is the mean of the
 * eight shapes: what they say if all say the same.  The first of equals wins
 * (to 1e-9). */
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

/* ho_link_timeliness is A1's score of |pair|, in nats: identity and gap. */
double ho_link_timeliness(const ho_link_scene *scene, const ho_link_pair *pair);

/* ho_link_unlikeness is the sum of (d/s)^2 / 2 over the shapes of |pair|, each
 * capped at 10. */
double ho_link_unlikeness(const ho_link_scene *scene, const ho_link_pair *pair);

#endif
