/* The scales of a round: of gaps, of differences, and of their weight. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/adversary/scene.h"

#include <math.h>
#include <stdlib.h>

#include "sim/base/alloc.h"

#define GAP_CAP      20.0  /* nats */
#define SHAPE_CAP    10.0  /* nats, each */
#define SPREAD_LEAST 1e-9  /* less is the rounding of equal values */
#define GAIN_LEAST   1e-9  /* less is the rounding of equal likelihoods */
#define FAR          40.0  /* e^-40 of a sum is below its rounding */
#define WEIGHT_LEAST 0.125 /* the mean of HO_LINK_SHAPES */

enum { TAUS = 51, WEIGHTS = 7 };

static double gap_ms(const ho_link_seen *old, const ho_link_seen *candidate) {
  if (old == candidate) {
    return 0;
  }
  return (double)((int64_t)candidate->begin - (int64_t)old->end) / HO_MSEC;
}

static double tau_of(size_t k) {
  return pow(10, (double)k / 10);
}

/* The first of the most likely. */
static size_t likeliest(const double *likelihoods, size_t count) {
  size_t best = 0;

  for (size_t k = 1; k < count; k++) {
    if (likelihoods[k] > likelihoods[best] + GAIN_LEAST) {
      best = k;
    }
  }
  return best;
}

/* Adds ln of the sum of exp(-gap / tau) / tau over the |count| |gaps| of one
 * old flow, of which |least| is the smallest, for every tau. */
static void add_gaps(double *likelihoods, const double *gaps, size_t count,
                     double least) {
  for (size_t k = 0; k < TAUS; k++) {
    double tau = tau_of(k), sum = 0;
    for (size_t i = 0; i < count; i++) {
      double off = (gaps[i] - least) / tau;
      if (off < FAR) {
        sum += exp(-off);
      }
    }
    likelihoods[k] += log(sum) - least / tau - log(tau);
  }
}

static double fit_tau(const ho_link_scene *scene) {
  double *gaps = ho_alloc_array(scene->candidates_count, sizeof(double));
  double likelihoods[TAUS] = {0};

  for (size_t q = 0; q < scene->olds_count; q++) {
    double least = INFINITY;
    size_t count = 0;
    for (size_t i = 0; scene->olds[q] && i < scene->candidates_count; i++) {
      if (scene->candidates[i]) {
        gaps[count] = fabs(gap_ms(scene->olds[q], scene->candidates[i]));
        least = fmin(least, gaps[count++]);
      }
    }
    if (count > 0) {
      add_gaps(likelihoods, gaps, count, least);
    }
  }
  free(gaps);
  return tau_of(likeliest(likelihoods, TAUS));
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
static double spread_of(const ho_link_scene *scene, size_t shape) {
  double spread =
      sqrt(variance(scene->olds, scene->olds_count, shape) +
           variance(scene->candidates, scene->candidates_count, shape));

  return spread > SPREAD_LEAST ? spread : 0;
}

/* For every weight, of exp(-weight x unlikeness): the logarithms of its sums
 * over the candidates of an old flow, weighted by A1, added up; and its sum
 * over all pairs. */
typedef struct {
  double *bits, *timeliness, *unlikeness;
  double likelihoods[WEIGHTS], all[WEIGHTS];
  size_t olds;
} tilt;

static void add_shapes(tilt *t, size_t count, double best) {
  double sums[WEIGHTS] = {0};

  for (size_t i = 0; i < count; i++) {
    double w = exp(t->timeliness[i] - best),
           e = exp(-WEIGHT_LEAST * t->unlikeness[i]);
    for (size_t k = 0; k < WEIGHTS; k++, e *= e) {
      sums[k] += w * e;
      t->all[k] += e;
    }
  }
  for (size_t k = 0; k < WEIGHTS; k++) {
    t->likelihoods[k] += log(sums[k]);
  }
  t->olds++;
}

static void add_old(tilt *t, const ho_link_scene *scene,
                    const ho_link_seen *old) {
  double best = -INFINITY;
  size_t count = 0;

  ho_link_match_bits(scene->match, old, t->bits);
  for (size_t i = 0; i < scene->candidates_count; i++) {
    const ho_link_seen *candidate = scene->candidates[i];
    ho_link_pair pair;
    if (candidate) {
      ho_link_pair_of(&pair, old, candidate, t->bits[candidate->index]);
      t->timeliness[count] = ho_link_timeliness(scene, &pair);
      best = fmax(best, t->timeliness[count]);
      t->unlikeness[count++] = ho_link_unlikeness(scene, &pair);
    }
  }
  if (count > 0) {
    add_shapes(t, count, best);
  }
}

static double fit_weight(const ho_link_scene *scene) {
  tilt t = {0};

  t.bits = ho_alloc_array(scene->flows_count, sizeof(double));
  t.timeliness = ho_alloc_array(scene->candidates_count, sizeof(double));
  t.unlikeness = ho_alloc_array(scene->candidates_count, sizeof(double));
  for (size_t q = 0; q < scene->olds_count; q++) {
    if (scene->olds[q]) {
      add_old(&t, scene, scene->olds[q]);
    }
  }
  /* A sum in place of the mean takes the same from all. */
  for (size_t k = 0; k < WEIGHTS && t.olds > 0; k++) {
    t.likelihoods[k] -= (double)t.olds * log(t.all[k]);
  }
  free(t.bits);
  free(t.timeliness);
  free(t.unlikeness);
  return ldexp(WEIGHT_LEAST, (int)likeliest(t.likelihoods, WEIGHTS));
}

void ho_link_scene_measure(ho_link_scene *scene) {
  scene->tau_ms = fit_tau(scene);
  for (size_t i = 0; i < HO_LINK_SHAPES; i++) {
    scene->spread[i] = spread_of(scene, i);
  }
  scene->weight = fit_weight(scene);
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

double ho_link_timeliness(const ho_link_scene *scene,
                          const ho_link_pair *pair) {
  return pair->identity + fmax(-fabs(pair->gap_ms) / scene->tau_ms, -GAP_CAP);
}

double ho_link_unlikeness(const ho_link_scene *scene,
                          const ho_link_pair *pair) {
  double sum = 0;

  for (size_t i = 0; i < HO_LINK_SHAPES; i++) {
    if (scene->spread[i] > 0) {
      double z = pair->shape[i] / scene->spread[i];
      sum += fmin(z * z / 2, SHAPE_CAP);
    }
  }
  return sum;
}
