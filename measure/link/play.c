/* Plays the games: scores, posteriors and the swap. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "measure/link/tally_private.h"
#include "sim/base/alloc.h"
#include "sim/base/rng.h"

/* With as many seeds as this, seeds are what is drawn again. */
#define SEEDS_LEAST 10

/* Nats.  Below it the odds are within 47.5 to 52.5 %: no more than what comes
 * of the order in which a simulator's links serve packets of one instant. */
#define SWAP_MARGIN 0.1

/* Space for one round: its candidates' scores, and bits by flow. */
typedef struct {
  double *scores, *bits;
} space;

static space space_of(const ho_link_round *round) {
  return (space){ho_alloc_array(round->scene.candidates_count, sizeof(double)),
                 ho_alloc_array(round->scene.flows_count, sizeof(double))};
}

static void space_free(space *s) {
  free(s->scores);
  free(s->bits);
}

static void score(const ho_link_played *p, const ho_link_round *round,
                  size_t query, space *s) {
  ho_link_scores(&round->scene, p->trial->adversary, p->trial->model, query,
                 s->bits, s->scores);
}

static void note_outcome(ho_link_played *p, const ho_link_round *round,
                         size_t query, const double *scores) {
  ho_link_outcome *o = &p->outcomes[p->count++];
  double n = (double)round->scene.candidates_count;

  o->candidates = round->scene.candidates_count;
  ho_link_posterior_of(&o->posterior, scores, o->candidates,
                       round->truth[query]);
  o->advantage = n > 1 ? (o->posterior.credit - 1 / n) / (1 - 1 / n) : NAN;
  o->score = scores[round->truth[query]];
  o->window_ms =
      ho_link_windows_find(p->trial->windows, &round->queries[query]);
}

/* One swap game: |own| and |cross| are the scores that the old flows of a pair
 * have with their true and with each other's new flow.  The adversary sees the
 * new flows in an order that a coin decides, and says if they are swapped. */
static void swap(ho_link_played *p, const ho_link_round *round, uint64_t pair,
                 double own, double cross) {
  char *name = ho_format("swap.%" PRIu64 ".%" PRIu64, round->number, pair);
  bool swapped;
  double straight, crossed;
  ho_rng rng;

  ho_rng_init(&rng, round->seed, name);
  free(name);
  swapped = ho_rng_below(&rng, 2) == 1;
  straight = swapped ? cross : own;
  crossed = swapped ? own : cross;
  p->games++;
  if (fabs(straight - crossed) < SWAP_MARGIN) {
    return;
  }
  if ((crossed > straight) == swapped) {
    p->right++;
  } else {
    p->wrong++;
  }
}

/* The place of a query's client among those that move. */
static uint64_t place_of(const ho_link_trial *trial,
                         const ho_link_query *query) {
  if (!trial->places) {
    return query->client;
  }
  return query->client < trial->places_count ? trial->places[query->client]
                                             : UINT64_MAX;
}

/* Places 2i and 2i + 1, if both are in the round, stand side by side. */
static bool is_pair(const ho_link_trial *trial, const ho_link_round *round,
                    size_t query) {
  uint64_t place = place_of(trial, &round->queries[query]);

  return place % 2 == 0 && query + 1 < round->count &&
         place_of(trial, &round->queries[query + 1]) == place + 1;
}

static void play_round(ho_link_played *p, const ho_link_round *round) {
  space s = space_of(round);
  double own = 0, cross = 0;
  bool open = false;

  for (size_t i = 0; i < round->count; i++) {
    score(p, round, i, &s);
    note_outcome(p, round, i, s.scores);
    if (open) {
      swap(p, round, place_of(p->trial, &round->queries[i]) / 2,
           own + s.scores[round->truth[i]],
           cross + s.scores[round->truth[i - 1]]);
    }
    open = p->trial->swap_game && is_pair(p->trial, round, i);
    if (open) {
      own = s.scores[round->truth[i]];
      cross = s.scores[round->truth[i + 1]];
    }
  }
  space_free(&s);
}

static size_t queries_of(const ho_link_game *game) {
  size_t queries = 0;

  for (size_t i = 0; i < game->rounds_count; i++) {
    queries += game->rounds[i].count;
  }
  return queries;
}

void ho_link_play(ho_link_played *p, const ho_link_trial *trial) {
  bool by_seed = trial->count >= SEEDS_LEAST;
  size_t queries = 0, at = 0;

  for (size_t i = 0; i < trial->count; i++) {
    queries += queries_of(&trial->games[i]);
  }
  *p = (ho_link_played){.trial = trial};
  p->outcomes = ho_alloc_array(queries, sizeof(ho_link_outcome));
  p->units = by_seed ? trial->count : queries;
  for (size_t i = 0; i < trial->count; i++) {
    for (size_t k = 0; k < trial->games[i].rounds_count; k++) {
      play_round(p, &trial->games[i].rounds[k]);
    }
    for (; at < p->count; at++) {
      p->outcomes[at].unit = by_seed ? i : at;
    }
  }
}

void ho_link_played_free(ho_link_played *played) {
  free(played->outcomes);
}

void ho_link_each_false(const ho_link_played *p, ho_link_false_fn fn,
                        void *user) {
  size_t query = 0;

  for (size_t i = 0; i < p->trial->count; i++) {
    for (size_t k = 0; k < p->trial->games[i].rounds_count; k++) {
      const ho_link_round *round = &p->trial->games[i].rounds[k];
      space s = space_of(round);
      for (size_t q = 0; q < round->count; q++, query++) {
        score(p, round, q, &s);
        for (size_t c = 0; c < round->scene.candidates_count; c++) {
          if (c != round->truth[q]) {
            fn(user, query, s.scores[c]);
          }
        }
      }
      space_free(&s);
    }
  }
}
