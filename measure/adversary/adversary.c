/* The adversaries A0 to A2. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/adversary/adversary.h"

#include <math.h>

#include "measure/adversary/learned.h"

#define SCORE_STEPS 1e9

const char *ho_adversary_name(ho_adversary adversary) {
  static const char *const names[HO_ADVERSARIES] = {"A0", "A1", "A2", "A3"};

  return names[adversary];
}

static double score_of(const ho_link_scene *scene, ho_adversary adversary,
                       const ho_link_model *model, const ho_link_pair *pair) {
  switch (adversary) {
  case HO_ADVERSARY_A0:
    return pair->identity;
  case HO_ADVERSARY_A1:
    return ho_link_timeliness(scene, pair);
  case HO_ADVERSARY_A2:
    return ho_link_timeliness(scene, pair) -
           scene->weight * ho_link_unlikeness(scene, pair);
  case HO_ADVERSARY_A3:
    return ho_link_model_score(model, scene, pair);
  case HO_ADVERSARIES:
    break;
  }
  return 0;
}

static double rounded(double score) {
  return nearbyint(score * SCORE_STEPS) / SCORE_STEPS;
}

void ho_link_scores(const ho_link_scene *scene, ho_adversary adversary,
                    const ho_link_model *model, size_t index, double *bits,
                    double *scores) {
  const ho_link_seen *old = scene->olds[index];
  ho_link_pair pair;
  double sum = 0;
  size_t visible = 0;

  for (size_t i = 0; i < scene->candidates_count; i++) {
    scores[i] = 0;
  }
  if (!old) {
    return;
  }
  ho_link_match_bits(scene->match, old, bits);
  for (size_t i = 0; i < scene->candidates_count; i++) {
    const ho_link_seen *candidate = scene->candidates[i];
    if (candidate) {
      ho_link_pair_of(&pair, old, candidate, bits[candidate->index]);
      scores[i] = rounded(score_of(scene, adversary, model, &pair));
      sum += scores[i];
      visible++;
    }
  }
  for (size_t i = 0; i < scene->candidates_count && visible > 0; i++) {
    if (!scene->candidates[i]) {
      scores[i] = rounded(sum / (double)visible);
    }
  }
}
