/* A3's training. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/link/train.h"

#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/base/rng.h"

enum { PER_QUERY = 100, IN_ALL = 100000 };

typedef struct {
  ho_link_lesson *lesson;
  ho_rng rng;
  size_t per_query;
  size_t *others; /* space for candidates */
  double *bits;   /* and for flows */
} trainer;

static size_t queries_of(const ho_link_game *games, size_t count) {
  size_t queries = 0;

  for (size_t i = 0; i < count; i++) {
    for (size_t k = 0; k < games[i].rounds_count; k++) {
      queries += games[i].rounds[k].count;
    }
  }
  return queries;
}

static void add(trainer *t, const ho_link_round *round, size_t query,
                size_t candidate) {
  const ho_link_scene *scene = &round->scene;
  const ho_link_seen *fresh = scene->candidates[candidate];
  ho_link_pair pair;

  ho_link_pair_of(&pair, scene->olds[query], fresh, t->bits[fresh->index]);
  ho_link_lesson_add(t->lesson, scene, &pair, candidate == round->truth[query]);
}

static void add_query(trainer *t, const ho_link_round *round, size_t query) {
  const ho_link_scene *scene = &round->scene;
  size_t count = 0, truth = round->truth[query];

  if (!scene->olds[query]) {
    return;
  }
  ho_link_match_bits(scene->match, scene->olds[query], t->bits);
  if (scene->candidates[truth]) {
    add(t, round, query, truth);
  }
  for (size_t i = 0; i < scene->candidates_count; i++) {
    if (i != truth && scene->candidates[i]) {
      t->others[count++] = i;
    }
  }
  for (size_t i = 0; i < count && i < t->per_query; i++) {
    /* All of them need no draw. */
    size_t k = count <= t->per_query ? i : i + ho_rng_below(&t->rng, count - i);
    size_t chosen = t->others[k];
    t->others[k] = t->others[i];
    add(t, round, query, chosen);
  }
}

ho_link_model *ho_link_train(const ho_link_game *games, size_t count) {
  trainer t = {.lesson = ho_link_lesson_new()};
  size_t queries = queries_of(games, count);
  ho_link_model *model;

  ho_rng_init(&t.rng, 1, "train.linkability");
  t.per_query = queries > 0 ? IN_ALL / queries : PER_QUERY;
  t.per_query = t.per_query > PER_QUERY ? PER_QUERY : t.per_query;
  t.per_query = t.per_query < 1 ? 1 : t.per_query;
  for (size_t i = 0; i < count; i++) {
    t.bits = ho_alloc_array(games[i].flows_count, sizeof(double));
    for (size_t k = 0; k < games[i].rounds_count; k++) {
      const ho_link_round *round = &games[i].rounds[k];
      t.others = ho_alloc_array(round->scene.candidates_count, sizeof(size_t));
      for (size_t q = 0; q < round->count; q++) {
        add_query(&t, round, q);
      }
      free(t.others);
    }
    free(t.bits);
  }
  model = ho_link_lesson_learn(t.lesson);
  ho_link_lesson_del(t.lesson);
  return model;
}
