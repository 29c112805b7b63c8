/* A3's training: pairs of flows whose truth it is told. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_LINK_TRAIN_H
#define HO_LINK_TRAIN_H

#include <stddef.h>

#include "measure/link/game.h"
#include "measure/adversary/learned.h"

/* ho_link_train trains on |count| games, one a seed, at one vantage point: on
 * all pairs that are of one client, and of the others on 100 a query, fewer
 * where that would be more than 100,000 in all, drawn by the stream
 * "train.linkability" of seed 1.  (Fewer negatives shift the model's log odds
 * by what ho_link_model_score takes away again.)  Returns NULL without a pair
 * of either kind. */
ho_link_model *ho_link_train(const ho_link_game *games, size_t count);

#endif
