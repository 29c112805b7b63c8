/* Estimates and their intervals. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/link/tally.h"

#include <math.h>
#include <stdlib.h>

#include "measure/link/tally_private.h"
#include "measure/stats/bootstrap.h"
#include "measure/stats/proportion.h"
#include "measure/stats/quantile.h"
#include "measure/stats/roc.h"
#include "sim/base/alloc.h"

/* A share of 1e-3 needs that many of which it is one. */
#define FALSES_LEAST   10000
#define FALSES_PER_ONE 1000

/* The estimates that are means over queries. */
enum { ADVANTAGE, ENTROPY, EFFECTIVE_SET, MIN_ENTROPY, LEAK, MEANS };

static const int MEAN_COLUMN[MEANS] = {HO_LINK_ADVANTAGE, HO_LINK_ENTROPY,
                                       HO_LINK_EFFECTIVE_SET,
                                       HO_LINK_MIN_ENTROPY, HO_LINK_LEAK};

/* What a resample draws: AUC and the median window follow the means. */
enum { AUC = MEANS, WINDOW, STATISTICS };

typedef struct {
  double sum[MEANS], count[MEANS];
} unit_sums;

typedef struct {
  double ms;
  size_t unit;
} unit_window;

typedef struct {
  unit_sums *sums;
  size_t units;
  ho_roc *roc;
  double *windows; /* in ascending order */
  size_t *window_units;
  uint32_t *window_times;
  size_t windows_count;
} sample;

static void set(ho_link_estimate *e, double value, ho_interval ci) {
  *e = (ho_link_estimate){.applies = true, .value = value, .ci = ci};
}

/* ---- the sample and its resamples ---- */

static void add_mean(unit_sums *u, int which, double value) {
  if (!isnan(value)) {
    u->sum[which] += value;
    u->count[which]++;
  }
}

static int compare_windows(const void *left, const void *right) {
  const unit_window *a = left, *b = right;
  int rv = ho_double_compare(&a->ms, &b->ms);

  return rv != 0 ? rv : (a->unit > b->unit) - (a->unit < b->unit);
}

static void collect_windows(sample *s, const ho_link_played *p) {
  unit_window *all = ho_alloc_array(p->count, sizeof(*all));

  for (size_t i = 0; i < p->count; i++) {
    if (!isnan(p->outcomes[i].window_ms)) {
      all[s->windows_count++] =
          (unit_window){p->outcomes[i].window_ms, p->outcomes[i].unit};
    }
  }
  if (s->windows_count > 0) {
    qsort(all, s->windows_count, sizeof(*all), compare_windows);
  }
  s->windows = ho_alloc_array(s->windows_count, sizeof(double));
  s->window_units = ho_alloc_array(s->windows_count, sizeof(size_t));
  s->window_times = ho_alloc_array(s->windows_count, sizeof(uint32_t));
  for (size_t i = 0; i < s->windows_count; i++) {
    s->windows[i] = all[i].ms;
    s->window_units[i] = all[i].unit;
  }
  free(all);
}

typedef struct {
  ho_roc *roc;
  const ho_link_outcome *outcomes;
} falses;

static void on_false(void *user, size_t query, double score) {
  falses *f = user;

  ho_roc_false(f->roc, f->outcomes[query].unit, score);
}

static void collect_roc(sample *s, const ho_link_played *p) {
  double *scores = ho_alloc_array(p->count, sizeof(*scores));
  size_t *units = ho_alloc_array(p->count, sizeof(*units));
  falses f = {NULL, p->outcomes};

  for (size_t i = 0; i < p->count; i++) {
    scores[i] = p->outcomes[i].score;
    units[i] = p->outcomes[i].unit;
  }
  f.roc = s->roc = ho_roc_new(p->units, scores, units, p->count);
  ho_link_each_false(p, on_false, &f);
  ho_roc_end(s->roc);
  free(scores);
  free(units);
}

static void sample_init(sample *s, const ho_link_played *p) {
  *s = (sample){.units = p->units};
  s->sums = ho_alloc_array(p->units, sizeof(unit_sums));
  for (size_t i = 0; i < p->count; i++) {
    const ho_link_outcome *o = &p->outcomes[i];
    unit_sums *u = &s->sums[o->unit];
    add_mean(u, ADVANTAGE, o->advantage);
    add_mean(u, ENTROPY, o->posterior.entropy_bits);
    add_mean(u, EFFECTIVE_SET, o->posterior.effective_set);
    add_mean(u, MIN_ENTROPY, o->posterior.min_entropy_bits);
    add_mean(u, LEAK, o->posterior.leak_bits);
  }
  collect_windows(s, p);
  collect_roc(s, p);
}

static void sample_free(sample *s) {
  free(s->sums);
  free(s->windows);
  free(s->window_units);
  free(s->window_times);
  ho_roc_del(s->roc);
}

/* All statistics, of the sample in which unit u occurs |times|[u] times. */
static void statistics(void *user, const uint32_t *times, double *values) {
  sample *s = user;
  unit_sums all = {{0}, {0}};

  for (size_t u = 0; u < s->units; u++) {
    for (size_t k = 0; k < MEANS; k++) {
      all.sum[k] += times[u] * s->sums[u].sum[k];
      all.count[k] += times[u] * s->sums[u].count[k];
    }
  }
  for (size_t k = 0; k < MEANS; k++) {
    values[k] = all.count[k] > 0 ? all.sum[k] / all.count[k] : NAN;
  }
  for (size_t i = 0; i < s->windows_count; i++) {
    s->window_times[i] = times[s->window_units[i]];
  }
  values[WINDOW] =
      ho_median_repeated(s->windows, s->window_times, s->windows_count);
  values[AUC] = ho_roc_auc_drawn(s->roc, times);
}

static void set_drawn(ho_link_tally *tally, sample *s) {
  ho_interval ci[STATISTICS];
  double value[STATISTICS];
  uint32_t *once = ho_alloc_array(s->units, sizeof(*once));
  ho_rng rng;

  for (size_t u = 0; u < s->units; u++) {
    once[u] = 1;
  }
  statistics(s, once, value);
  free(once);
  ho_rng_init(&rng, 1, "bootstrap.linkability");
  ho_bootstrap(&rng, s->units, statistics, s, STATISTICS, ci);
  for (size_t k = 0; k < MEANS; k++) {
    set(&tally->estimates[MEAN_COLUMN[k]], value[k], ci[k]);
  }
  set(&tally->estimates[HO_LINK_AUC], ho_roc_auc(s->roc), ci[AUC]);
  set(&tally->estimates[HO_LINK_WINDOW], value[WINDOW], ci[WINDOW]);
  tally->estimates[HO_LINK_ADVANTAGE].applies = !isnan(value[ADVANTAGE]);
  tally->estimates[HO_LINK_AUC].applies = ho_roc_falses(s->roc) > 0;
  tally->estimates[HO_LINK_WINDOW].applies = s->windows_count > 0;
}

/* ---- proportions ---- */

static bool has_cid(const ho_link_seen *flow, ho_link_kind kind) {
  for (size_t i = 0; i < flow->ids_count; i++) {
    if (flow->ids[i].kind == kind) {
      return true;
    }
  }
  return false;
}

typedef struct {
  uint64_t visible, common;
  bool any;
} reuse;

/* A flow that goes on on its own tuple shows its CIDs on one tuple alone. */
static void add_reuse(reuse *r, const ho_link_round *round, size_t query,
                      ho_link_kind kind) {
  const ho_link_scene *scene = &round->scene;
  const ho_link_seen *old = scene->olds[query],
                     *fresh = scene->candidates[round->truth[query]];

  if (!old || !fresh) {
    return;
  }
  r->visible++;
  r->any |= has_cid(old, kind) || has_cid(fresh, kind);
  r->common +=
      old != fresh && ho_link_match_common(scene->match, old, fresh, kind);
}

static void set_reuse(ho_link_estimate *e, const ho_link_trial *trial,
                      ho_link_kind kind) {
  reuse r = {0};

  for (size_t i = 0; i < trial->count; i++) {
    for (size_t k = 0; k < trial->games[i].rounds_count; k++) {
      const ho_link_round *round = &trial->games[i].rounds[k];
      for (size_t q = 0; q < round->count; q++) {
        add_reuse(&r, round, q, kind);
      }
    }
  }
  if (r.any) {
    set(e, (double)r.common / (double)r.visible,
        ho_wilson((double)r.common, (double)r.visible));
  }
}

/* Also advantage's interval where it is a mere change of scale. */
static void set_top1(ho_link_tally *tally, const ho_link_played *p) {
  double credit = 0, chance = 1 / tally->n;
  ho_interval ci;

  for (size_t i = 0; i < p->count; i++) {
    credit += p->outcomes[i].posterior.credit;
  }
  ci = ho_wilson(credit, (double)p->count);
  set(&tally->estimates[HO_LINK_TOP1], credit / (double)p->count, ci);
  if (tally->n_whole && tally->n > 1) {
    tally->estimates[HO_LINK_ADVANTAGE].ci = (ho_interval){
        (ci.lo - chance) / (1 - chance), (ci.hi - chance) / (1 - chance)};
  }
}

static void set_tpr(ho_link_estimate *e, const ho_link_played *p,
                    const ho_roc *roc) {
  uint64_t count = ho_roc_falses(roc), detected;

  if (count > 0 && count < FALSES_LEAST) {
    set(e, NAN, ho_interval_none());
  } else if (count > 0) {
    detected = ho_roc_detected(roc, count / FALSES_PER_ONE);
    set(e, (double)detected / (double)p->count,
        ho_wilson((double)detected, (double)p->count));
  }
}

static void set_swap(ho_link_tally *tally, const ho_link_played *p) {
  ho_link_estimate *e = &tally->estimates[HO_LINK_SWAP];
  double games = (double)p->games, decided = (double)(p->right + p->wrong);
  ho_interval ci;

  tally->games = p->games;
  tally->decided = p->right + p->wrong;
  if (p->games == 0) {
    return;
  }
  if (tally->decided > 0) {
    ci = ho_clopper_pearson((double)p->right, decided);
    ci.lo = (2 * ci.lo - 1) * decided / games;
    ci.hi = (2 * ci.hi - 1) * decided / games;
  } else {
    ci = ho_clopper_pearson(0, games);
    ci.lo = -ci.hi;
  }
  set(e, ((double)p->right - (double)p->wrong) / games, ci);
}

/* ---- the row ---- */

static void count_queries(ho_link_tally *tally, const ho_link_trial *trial) {
  size_t least = SIZE_MAX, most = 0;
  double candidates = 0;

  for (size_t i = 0; i < trial->count; i++) {
    for (size_t k = 0; k < trial->games[i].rounds_count; k++) {
      const ho_link_round *round = &trial->games[i].rounds[k];
      size_t n = round->scene.candidates_count;
      tally->queries += round->count;
      candidates += (double)n * (double)round->count;
      least = n < least ? n : least;
      most = n > most ? n : most;
    }
  }
  tally->seeds = trial->count;
  if (tally->queries > 0) {
    tally->n = candidates / (double)tally->queries;
    tally->n_whole = least == most;
  }
}

/* What needs a trained model and has none. */
static void set_unknown(ho_link_tally *tally, bool swap_game) {
  for (size_t i = 0; i < HO_LINK_ESTIMATES; i++) {
    if (i != HO_LINK_SWAP || swap_game) {
      set(&tally->estimates[i], NAN, ho_interval_none());
    }
  }
}

void ho_link_tally_make(ho_link_tally *tally, const ho_link_trial *trial) {
  ho_link_played played;
  sample s;

  *tally = (ho_link_tally){0};
  count_queries(tally, trial);
  if (trial->adversary == HO_ADVERSARY_A3 && !trial->model) {
    set_unknown(tally, trial->swap_game);
    return;
  }
  if (tally->queries == 0) {
    return;
  }
  ho_link_play(&played, trial);
  sample_init(&s, &played);
  set_reuse(&tally->estimates[HO_LINK_CID_REUSE_UP], trial, HO_LINK_CID_UP);
  set_reuse(&tally->estimates[HO_LINK_CID_REUSE_DOWN], trial, HO_LINK_CID_DOWN);
  set_drawn(tally, &s);
  set_top1(tally, &played);
  set_tpr(&tally->estimates[HO_LINK_TPR], &played, s.roc);
  set_swap(tally, &played);
  sample_free(&s);
  ho_link_played_free(&played);
}
