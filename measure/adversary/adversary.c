/* The adversaries A0 to A2. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/adversary/adversary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/adversary/learned.h"
#include "measure/stats/quantile.h"
#include "sim/base/alloc.h"

#define TAU_MIN_MS   1.0
#define GAP_CAP      20.0 /* nats */
#define SHAPE_CAP    10.0 /* nats, each */
#define SPREAD_LEAST 1e-9 /* less is the rounding of equal values */
#define SCORE_STEPS  1e9

const char *ho_adversary_name(ho_adversary adversary) {
  static const char *const names[HO_ADVERSARIES] = {"A0", "A1", "A2", "A3"};

  return names[adversary];
}

static double gap_ms(const ho_link_seen *old, const ho_link_seen *candidate) {
  if (old == candidate) {
    return 0;
  }
  return (double)((int64_t)candidate->begin - (int64_t)old->end) / HO_MSEC;
}

static double nearest_gap(const ho_link_scene *scene, const ho_link_seen *old) {
  double least = INFINITY;

  for (size_t i = 0; i < scene->candidates_count; i++) {
    if (scene->candidates[i]) {
      least = fmin(least, fabs(gap_ms(old, scene->candidates[i])));
    }
  }
  return least;
}

static double scale_of_gaps(const ho_link_scene *scene) {
  double *gaps = ho_alloc_array(scene->olds_count, sizeof(double)), tau = 0;
  size_t count = 0;

  for (size_t i = 0; i < scene->olds_count; i++) {
    double gap = scene->olds[i] ? nearest_gap(scene, scene->olds[i]) : INFINITY;
    if (isfinite(gap)) {
      gaps[count++] = gap;
    }
  }
  if (count > 0) {
    tau = ho_median(gaps, count);
  }
  free(gaps);
  return fmax(tau, TAU_MIN_MS);
}

/* The variance of one shape over the flows that are visible. */
static double variance(const ho_link_seen *const *flows, size_t count,
                       size_t shape) {
  double sum = 0, squares = 0;
  size_t n = 0;

  for (size_t i = 0; i < count; i++) {
    if (flows[i]) {
      sum += flows[i]->shape[shape];
      n++;
    }
  }
  for (size_t i = 0; i < count; i++) {
    if (flows[i]) {
      double d = flows[i]->shape[shape] - sum / (double)n;
      squares += d * d;
    }
  }
  return n > 0 ? squares / (double)n : 0;
}

/* Every visible old flow makes a pair with every visible candidate, so the
 * variance of differences is the sum of both variances. */
void ho_link_scene_measure(ho_link_scene *scene) {
  scene->tau_ms = scale_of_gaps(scene);
  for (size_t i = 0; i < HO_LINK_SHAPES; i++) {
    double spread =
        sqrt(variance(scene->olds, scene->olds_count, i) +
             variance(scene->candidates, scene->candidates_count, i));
    scene->spread[i] = spread > SPREAD_LEAST ? spread : 0;
  }
}

void ho_link_pair_of(ho_link_pair *pair, const ho_link_seen *old,
                     const ho_link_seen *candidate, double bits) {
  pair->identity = bits * M_LN2;
  pair->gap_ms = gap_ms(old, candidate);
  for (size_t i = 0; i < HO_LINK_SHAPES; i++) {
    pair->shape[i] = candidate->shape[i] - old->shape[i];
  }
  pair->bytes = (double)old->bytes + (double)candidate->bytes;
}

static double score_of(const ho_link_scene *scene, ho_adversary adversary,
                       const ho_link_model *model, const ho_link_pair *pair) {
  double score = pair->identity;

  if (adversary == HO_ADVERSARY_A3) {
    return ho_link_model_score(model, scene, pair);
  }
  if (adversary >= HO_ADVERSARY_A1) {
    score += fmax(-fabs(pair->gap_ms) / scene->tau_ms, -GAP_CAP);
  }
  for (size_t i = 0; i < HO_LINK_SHAPES && adversary >= HO_ADVERSARY_A2; i++) {
    if (scene->spread[i] > 0) {
      double z = pair->shape[i] / scene->spread[i];
      score -= fmin(z * z / 2, SHAPE_CAP);
    }
  }
  return score;
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
