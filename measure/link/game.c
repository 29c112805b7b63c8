/* The game: rounds, queries, candidates, decoys. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/link/game.h"

#include <inttypes.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/base/rng.h"

/* ---- which handoffs make a query ---- */

typedef struct {
  ho_link_query query;
  bool fresh; /* its new flow, else its old one */
} sighting;

static int compare_queries(const void *left, const void *right) {
  const ho_link_query *a = left, *b = right;

  if (a->seed != b->seed) {
    return a->seed < b->seed ? -1 : 1;
  }
  if (a->handoff != b->handoff) {
    return a->handoff < b->handoff ? -1 : 1;
  }
  return (a->client > b->client) - (a->client < b->client);
}

static int compare_sightings(const void *left, const void *right) {
  const sighting *a = left, *b = right;
  int rv = compare_queries(&a->query, &b->query);

  return rv != 0 ? rv : a->fresh - b->fresh;
}

static sighting *sightings_of(const ho_link_flows *flows, size_t *count) {
  sighting *all = NULL;
  size_t cap = 0;

  *count = 0;
  for (size_t i = 0; i < flows->count; i++) {
    const ho_link_flow *f = &flows->flows[i];
    for (size_t k = 0; k < f->old_count + f->new_count; k++) {
      bool fresh = k >= f->old_count;
      uint64_t number = fresh ? f->new_of[k - f->old_count] : f->old_of[k];
      ho_grow(&all, *count, &cap, sizeof(*all));
      all[(*count)++] = (sighting){{f->seed, f->client, number}, fresh};
    }
  }
  if (*count > 0) {
    qsort(all, *count, sizeof(*all), compare_sightings);
  }
  return all;
}

/* A handoff whose tuples did not both show is no query: sightings of the old
 * flow stand right before those of the new one. */
void ho_link_handoffs_init(ho_link_handoffs *handoffs,
                           const ho_link_flows *flows) {
  size_t count;
  sighting *all = sightings_of(flows, &count);

  handoffs->queries = ho_alloc_array(count, sizeof(ho_link_query));
  handoffs->count = 0;
  for (size_t i = 1; i < count; i++) {
    if (!all[i - 1].fresh && all[i].fresh &&
        compare_queries(&all[i - 1].query, &all[i].query) == 0) {
      handoffs->queries[handoffs->count++] = all[i].query;
    }
  }
  free(all);
}

void ho_link_handoffs_free(ho_link_handoffs *handoffs) {
  free(handoffs->queries);
  *handoffs = (ho_link_handoffs){NULL, 0};
}

/* ---- one seed at one vantage point ---- */

static void add_rounds(ho_link_game *game, const ho_link_handoffs *handoffs) {
  ho_link_round *round = NULL;
  size_t cap = 0;

  for (size_t i = 0; i < handoffs->count; i++) {
    const ho_link_query *q = &handoffs->queries[i];
    if (q->seed != game->seed) {
      continue;
    }
    if (!round || round->number != q->handoff) {
      ho_grow(&game->rounds, game->rounds_count, &game->rounds_cap,
              sizeof(ho_link_round));
      round = &game->rounds[game->rounds_count++];
      round->seed = q->seed;
      round->number = q->handoff;
      cap = 0;
    }
    ho_grow(&round->queries, round->count, &cap, sizeof(*q));
    round->queries[round->count++] = *q;
  }
}

/* The query of |client|'s handoff |number|, or NULL. */
static ho_link_query *query_of(const ho_link_game *game, uint64_t client,
                               uint64_t number, ho_link_round **round) {
  ho_link_query key = {game->seed, client, number};

  for (size_t i = 0; i < game->rounds_count; i++) {
    if (game->rounds[i].number == number) {
      *round = &game->rounds[i];
      return bsearch(&key, (*round)->queries, (*round)->count, sizeof(key),
                     compare_queries);
    }
  }
  return NULL;
}

/* Of several flows for one handoff the last old one and the first new one
 * count. */
static void place_flow(const ho_link_game *game, const ho_link_flow *flow) {
  for (size_t i = 0; i < flow->old_count + flow->new_count; i++) {
    bool fresh = i >= flow->old_count;
    uint64_t number =
        fresh ? flow->new_of[i - flow->old_count] : flow->old_of[i];
    ho_link_round *round = NULL;
    const ho_link_query *q = query_of(game, flow->client, number, &round);
    const ho_link_seen **place;

    if (!q) {
      continue;
    }
    place = (const ho_link_seen **)(fresh ? round->scene.candidates
                                          : round->scene.olds) +
            (q - round->queries);
    if (!fresh || !*place) {
      *place = &flow->seen;
    }
  }
}

/* Flows of clients that stay, begun while movers' new flows began. */
static void add_decoys(ho_link_round *round, const ho_link_flow *const *rows,
                       size_t count) {
  const ho_link_seen **candidates =
      (const ho_link_seen **)round->scene.candidates;
  ho_time earliest = HO_NEVER, latest = 0;

  for (size_t i = 0; i < round->count; i++) {
    if (candidates[i]) {
      ho_time first = candidates[i]->first;
      earliest = first < earliest ? first : earliest;
      latest = first > latest ? first : latest;
    }
  }
  round->scene.candidates_count = round->count;
  for (size_t i = 0; i < count; i++) {
    if (!rows[i]->moves && rows[i]->seen.first >= earliest &&
        rows[i]->seen.first <= latest) {
      candidates[round->scene.candidates_count++] = &rows[i]->seen;
    }
  }
}

/* Queries' candidates stand in the order of the queries until here. */
static void hide_truth(ho_link_round *round) {
  const ho_link_seen **candidates =
      (const ho_link_seen **)round->scene.candidates;
  size_t count = round->scene.candidates_count;
  size_t *was = ho_alloc_array(count, sizeof(*was));
  char *name = ho_format("candidates.%" PRIu64, round->number);
  ho_rng rng;

  ho_rng_init(&rng, round->seed, name);
  free(name);
  for (size_t i = 0; i < count; i++) {
    size_t k = (size_t)ho_rng_below(&rng, i + 1);
    const ho_link_seen *candidate = candidates[i];
    was[i] = was[k];
    was[k] = i;
    candidates[i] = candidates[k];
    candidates[k] = candidate;
  }
  for (size_t i = 0; i < count; i++) {
    if (was[i] < round->count) {
      round->truth[was[i]] = i;
    }
  }
  free(was);
}

static void make_scenes(ho_link_game *game, const ho_link_flow *const *rows) {
  for (size_t i = 0; i < game->rounds_count; i++) {
    ho_link_round *round = &game->rounds[i];
    round->scene.match = game->match;
    round->scene.flows_count = game->flows_count;
    round->scene.olds_count = round->count;
    round->truth = ho_alloc_array(round->count, sizeof(*round->truth));
    round->scene.olds = ho_alloc_array(round->count, sizeof(ho_link_seen *));
    round->scene.candidates = ho_alloc_array(round->count + game->flows_count,
                                             sizeof(ho_link_seen *));
  }
  for (size_t i = 0; i < game->flows_count; i++) {
    place_flow(game, rows[i]);
  }
  for (size_t i = 0; i < game->rounds_count; i++) {
    add_decoys(&game->rounds[i], rows, game->flows_count);
    hide_truth(&game->rounds[i]);
    ho_link_scene_measure(&game->rounds[i].scene);
  }
}

void ho_link_game_init(ho_link_game *game, ho_link_flows *flows,
                       const ho_link_handoffs *handoffs, uint64_t seed,
                       ho_vantage vantage) {
  const ho_link_flow **rows = ho_alloc_array(flows->count, sizeof(*rows));

  *game = (ho_link_game){.seed = seed};
  game->flows = ho_alloc_array(flows->count, sizeof(*game->flows));
  for (size_t i = 0; i < flows->count; i++) {
    ho_link_flow *f = &flows->flows[i];
    if (f->seed == seed && f->vantage == vantage) {
      f->seen.index = game->flows_count;
      rows[game->flows_count] = f;
      game->flows[game->flows_count++] = &f->seen;
    }
  }
  game->match = ho_link_match_new(game->flows, game->flows_count);
  add_rounds(game, handoffs);
  make_scenes(game, rows);
  free(rows);
}

void ho_link_game_free(ho_link_game *game) {
  for (size_t i = 0; i < game->rounds_count; i++) {
    free(game->rounds[i].queries);
    free(game->rounds[i].truth);
    free((void *)game->rounds[i].scene.olds);
    free((void *)game->rounds[i].scene.candidates);
  }
  free(game->rounds);
  free(game->flows);
  ho_link_match_del(game->match);
  *game = (ho_link_game){0};
}
