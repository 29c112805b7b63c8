/* The game: which old flows there are, and which new ones each may have become.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_LINK_GAME_H
#define HO_LINK_GAME_H

#include <stddef.h>
#include <stdint.h>

#include "measure/adversary/adversary.h"
#include "measure/link/flows_file.h"
#include "measure/adversary/match.h"

/* ho_link_query is one handoff of one client: the truth. */
typedef struct {
  uint64_t seed, client, handoff;
} ho_link_query;

/* ho_link_round is all clients' handoffs of one number in one seed.  Query i
 * asks for the new flow of old flow |scene|.olds[i], which truly is
 * |scene|.candidates[|truth|[i]]; the candidates that are no query's are
 * decoys: flows of clients that never move.  Candidates are shuffled, so that
 * adversaries, who see |scene| alone, cannot know a true one by its place.
 * |scene|'s arrays belong to the round. */
typedef struct {
  uint64_t seed, number;
  ho_link_query *queries;
  size_t count;
  size_t *truth;
  ho_link_scene scene;
} ho_link_round;

/* ho_link_game is one seed at one vantage point. */
typedef struct {
  uint64_t seed;
  ho_link_match *match;
  const ho_link_seen **flows;
  size_t flows_count;
  ho_link_round *rounds; /* in order of their number */
  size_t rounds_count, rounds_cap;
} ho_link_game;

/* ho_link_handoffs are all handoffs that make a query, in order of seed, number
 * and client: those whose old and new flow are seen at some vantage point of
 * their seed, not necessarily the one that is asked. */
typedef struct {
  ho_link_query *queries;
  size_t count;
} ho_link_handoffs;

void ho_link_handoffs_init(ho_link_handoffs *handoffs,
                           const ho_link_flows *flows);
void ho_link_handoffs_free(ho_link_handoffs *handoffs);

/* ho_link_game_init sets up |seed|'s game at |vantage|.  |flows|, which sets
 * each flow's index, must live as long; ho_link_game_free frees the rest. */
void ho_link_game_init(ho_link_game *game, ho_link_flows *flows,
                       const ho_link_handoffs *handoffs, uint64_t seed,
                       ho_vantage vantage);
void ho_link_game_free(ho_link_game *game);

#endif
