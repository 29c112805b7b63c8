/* A3: a logistic regression over pairs of flows, by liblinear. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/adversary/learned.h"

#include <assert.h>
#include <linear.h>
#include <math.h>
#include <stdlib.h>

#include "sim/base/alloc.h"

#define GAP_CAP 20.0

/* The features of a pair. */
enum {
  IDENTITY, /* A0's score */
  GAP_TAU,  /* |gap| / tau, 20 at most */
  GAP_LOG,  /* ln(1 + |gap| in ms) */
  GAP_SIGN,
  SHAPES,                           /* |new - old| of each shape */
  VOLUME = SHAPES + HO_LINK_SHAPES, /* ln(1 + bytes of both) */
  VOLUME_OFF,                       /* its distance from what is usual */
  FEATURES,
};

typedef struct {
  double x[FEATURES];
  bool same;
} example;

struct ho_link_lesson {
  example *examples;
  size_t count, cap;
};

/* score = bias + sum of weight x feature, standardisation and prior included.
 */
struct ho_link_model {
  double usual_volume;
  double weight[FEATURES], bias;
};

int ho_link_library(void) {
  return liblinear_version;
}

ho_link_lesson *ho_link_lesson_new(void) {
  return ho_alloc(sizeof(ho_link_lesson));
}

void ho_link_lesson_del(ho_link_lesson *lesson) {
  if (lesson) {
    free(lesson->examples);
    free(lesson);
  }
}

static void features_of(double *x, const ho_link_scene *scene,
                        const ho_link_pair *pair, double usual_volume) {
  double gap = fabs(pair->gap_ms);

  x[IDENTITY] = pair->identity;
  x[GAP_TAU] = fmin(gap / scene->tau_ms, GAP_CAP);
  x[GAP_LOG] = log1p(gap);
  x[GAP_SIGN] = (pair->gap_ms > 0) - (pair->gap_ms < 0);
  for (size_t i = 0; i < HO_LINK_SHAPES; i++) {
    x[SHAPES + i] = fabs(pair->shape[i]);
  }
  x[VOLUME] = log1p(pair->bytes);
  x[VOLUME_OFF] = fabs(x[VOLUME] - usual_volume);
}

void ho_link_lesson_add(ho_link_lesson *lesson, const ho_link_scene *scene,
                        const ho_link_pair *pair, bool same) {
  ho_grow(&lesson->examples, lesson->count, &lesson->cap, sizeof(example));
  /* What volume is usual is known when all pairs are. */
  features_of(lesson->examples[lesson->count].x, scene, pair, 0);
  lesson->examples[lesson->count++].same = same;
}

static void measure_volume(ho_link_lesson *lesson, ho_link_model *model,
                           size_t positives) {
  for (size_t i = 0; i < lesson->count; i++) {
    if (lesson->examples[i].same) {
      model->usual_volume += lesson->examples[i].x[VOLUME] / (double)positives;
    }
  }
  for (size_t i = 0; i < lesson->count; i++) {
    double *x = lesson->examples[i].x;
    x[VOLUME_OFF] = fabs(x[VOLUME] - model->usual_volume);
  }
}

/* Means and deviations; a deviation of 0 leaves the feature out. */
static void measure_features(const ho_link_lesson *lesson, double *mean,
                             double *deviation) {
  double n = (double)lesson->count;

  for (size_t f = 0; f < FEATURES; f++) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < lesson->count; i++) {
      sum += lesson->examples[i].x[f];
    }
    mean[f] = sum / n;
    for (size_t i = 0; i < lesson->count; i++) {
      double d = lesson->examples[i].x[f] - mean[f];
      squares += d * d;
    }
    deviation[f] = sqrt(squares / n);
    if (deviation[f] < 1e-9) {
      deviation[f] = 0;
    }
  }
}

static void no_print(const char *text) {
  (void)text;
}

/* One row of nodes for each example: its features in order, the bias last. */
static struct feature_node *nodes_of(const ho_link_lesson *lesson,
                                     const double *mean,
                                     const double *deviation, size_t stride) {
  struct feature_node *nodes =
      ho_alloc_array(lesson->count * stride, sizeof(*nodes));

  for (size_t i = 0; i < lesson->count; i++) {
    struct feature_node *node = nodes + i * stride;
    for (size_t f = 0; f < FEATURES; f++) {
      if (deviation[f] > 0) {
        node->index = (int)f + 1;
        node->value = (lesson->examples[i].x[f] - mean[f]) / deviation[f];
        node++;
      }
    }
    *node++ = (struct feature_node){FEATURES + 1, 1};
    node->index = -1;
  }
  return nodes;
}

static struct model *train_on(const ho_link_lesson *lesson, const double *mean,
                              const double *deviation) {
  const size_t stride = FEATURES + 2;
  struct feature_node *nodes = nodes_of(lesson, mean, deviation, stride);
  struct feature_node **rows = ho_alloc_array(lesson->count, sizeof(*rows));
  double *labels = ho_alloc_array(lesson->count, sizeof(*labels));
  struct parameter how = {.solver_type = L2R_LR, .C = 1, .eps = 1e-4};
  struct problem what = {(int)lesson->count, FEATURES + 1, labels, rows, 1};
  struct model *trained;

  for (size_t i = 0; i < lesson->count; i++) {
    rows[i] = nodes + i * stride;
    labels[i] = lesson->examples[i].same ? 1 : 0;
  }
  set_print_string_function(no_print);
  assert(check_parameter(&what, &how) == NULL);
  trained = train(&what, &how);
  free(nodes);
  free(rows);
  free(labels);
  return trained;
}

ho_link_model *ho_link_lesson_learn(ho_link_lesson *lesson) {
  double mean[FEATURES], deviation[FEATURES], negatives;
  ho_link_model *model;
  struct model *trained;
  size_t positives = 0;
  int label;

  for (size_t i = 0; i < lesson->count; i++) {
    positives += lesson->examples[i].same;
  }
  if (positives == 0 || positives == lesson->count) {
    return NULL;
  }
  negatives = (double)(lesson->count - positives);
  model = ho_alloc(sizeof(*model));
  measure_volume(lesson, model, positives);
  measure_features(lesson, mean, deviation);
  trained = train_on(lesson, mean, deviation);
  /* liblinear's weights are for the label that it met first. */
  label = trained->label[0] == 1 ? 0 : 1;
  model->bias =
      get_decfun_bias(trained, label) - log((double)positives / negatives);
  for (size_t f = 0; f < FEATURES; f++) {
    if (deviation[f] > 0) {
      model->weight[f] =
          get_decfun_coef(trained, (int)f + 1, label) / deviation[f];
      model->bias -= model->weight[f] * mean[f];
    }
  }
  free_and_destroy_model(&trained);
  return model;
}

void ho_link_model_del(ho_link_model *model) {
  free(model);
}

double ho_link_model_score(const ho_link_model *model,
                           const ho_link_scene *scene,
                           const ho_link_pair *pair) {
  double x[FEATURES], score = model->bias;

  features_of(x, scene, pair, model->usual_volume);
  for (size_t f = 0; f < FEATURES; f++) {
    score += model->weight[f] * x[f];
  }
  return score;
}
