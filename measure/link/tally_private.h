/* What a tally's parts share: the outcome of every query, and their units. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_LINK_TALLY_PRIVATE_H
#define HO_LINK_TALLY_PRIVATE_H

#include "measure/adversary/posterior.h"
#include "measure/link/tally.h"

/* One query, played. */
typedef struct {
  ho_link_posterior posterior;
  double advantage; /* NaN for a single candidate */
  double score;     /* of the true one */
  double window_ms; /* NaN: none */
  size_t unit, candidates;
} ho_link_outcome;

typedef struct {
  const ho_link_trial *trial;
  ho_link_outcome *outcomes; /* in order of seed, round and client */
  size_t count;
  size_t units; /* what the bootstrap draws: seeds or queries */
  uint64_t right, wrong, games;
} ho_link_played;

/* ho_link_play plays all of |trial|'s games; ho_link_played_free frees them. */
void ho_link_play(ho_link_played *played, const ho_link_trial *trial);
void ho_link_played_free(ho_link_played *played);

/* ho_link_each_false calls |fn| with every score of a wrong candidate, and its
 * query's number: scores are computed again, for there may be too many to keep.
 */
typedef void (*ho_link_false_fn)(void *user, size_t query, double score);
void ho_link_each_false(const ho_link_played *played, ho_link_false_fn fn,
                        void *user);

#endif
