/* What an adversary achieved over many games: estimates and their intervals. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_LINK_TALLY_H
#define HO_LINK_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/link/game.h"
#include "measure/link/windows.h"
#include "measure/stats/interval.h"

/* ho_link_estimate is a value with its 95 % interval; NaN is what the sample is
 * too small for. */
typedef struct {
  bool applies;
  double value;
  ho_interval ci;
} ho_link_estimate;

/* In the order of linkability.csv's columns. */
enum {
  HO_LINK_CID_REUSE_UP,
  HO_LINK_CID_REUSE_DOWN,
  HO_LINK_WINDOW,
  HO_LINK_TOP1,
  HO_LINK_ADVANTAGE,
  HO_LINK_ENTROPY,
  HO_LINK_EFFECTIVE_SET,
  HO_LINK_MIN_ENTROPY,
  HO_LINK_LEAK,
  HO_LINK_AUC,
  HO_LINK_TPR,
  HO_LINK_SWAP,
  HO_LINK_ESTIMATES,
};

/* ho_link_tally is one row: an adversary at a vantage point. */
typedef struct {
  double n;     /* mean number of candidates */
  bool n_whole; /* every query has that many */
  uint64_t seeds, queries;
  uint64_t games, decided; /* of the swap game */
  ho_link_estimate estimates[HO_LINK_ESTIMATES];
} ho_link_tally;

/* ho_link_trial is what is tallied: |count| games, one a seed, each with at
 * least one query, all at one vantage point. */
typedef struct {
  const ho_link_game *games;
  size_t count;
  const ho_link_windows *windows;
  ho_adversary adversary;
  const ho_link_model *model; /* A3's; NULL: it could not be trained */
  bool swap_game;
  const uint64_t *places; /* as in ho_linkability */
  size_t places_count;
} ho_link_trial;

void ho_link_tally_make(ho_link_tally *tally, const ho_link_trial *trial);

#endif
