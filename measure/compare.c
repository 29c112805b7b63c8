/* Two sets of results, compared run by run and handoff by handoff. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/manifest.h"
#include "measure/manifest_json.h"
#include "measure/sheet_asked.h"
#include "measure/stats/quantile.h"
#include "measure/stats/wilcoxon.h"
#include "sim/base/alloc.h"

/* ---- do they fit ---- */

static const char *scenario_of(const json_t *manifest) {
  const char *name = json_string_value(
      json_object_get(json_object_get(manifest, "scenario"), "name"));

  return name ? name : "";
}

/* What was cut off at the end of a row is missed by its count only. */
static void check_keys(const ho_comparison *c, ho_diag *diag) {
  const ho_sheet *a = &c->runs[0], *b = &c->runs[1];
  bool same = a->vary_count == b->vary_count;
  size_t common = 0;

  for (size_t i = 0; same && i < a->vary_count; i++) {
    same = !strcmp(a->vary[i], b->vary[i]);
  }
  if (!same) {
    ho_diag_add(diag, NULL, "'%s' and '%s' do not vary the same keys", a->dir,
                b->dir);
    return;
  }
  for (size_t i = 0; i < a->count; i++) {
    common += ho_sheet_find(b, a->rows[i].key) != NULL;
  }
  if (common == 0) {
    ho_diag_add(diag, NULL,
                "'%s' and '%s' have no run in common: no two have the same "
                "varied values, arm and seed",
                a->dir, b->dir);
  }
}

static void read_side(ho_comparison *c, int side,
                      const ho_compare_config *config, const json_t *manifest,
                      ho_diag *diag) {
  const char *const *one = side == 0 ? &config->arm_a : &config->arm_b;
  ho_sheet_arms arms = {config->arms, config->arms_count, false};
  const char *dir = side == 0 ? config->dir_a : config->dir_b;
  size_t before = diag->count;

  if (*one) {
    arms = (ho_sheet_arms){one, 1, true};
  }
  ho_sheet_read(&c->runs[side], dir, true, &arms, diag);
  ho_sheet_read(&c->handoffs[side], dir, false, &arms, diag);
  if (diag->count == before) {
    json_int_t said = json_integer_value(json_object_get(manifest, "runs"));
    if (ho_sheet_check(&c->runs[side], &c->handoffs[side], said, diag) == 0) {
      ho_sheet_asked(&c->runs[side], manifest, diag);
    }
  }
}

static void read_all(ho_comparison *c, const ho_compare_config *config,
                     ho_diag *diag) {
  size_t before = diag->count;
  json_t *a = ho_manifest_open(config->dir_a, diag);
  json_t *b =
      config->arm_a ? json_incref(a) : ho_manifest_open(config->dir_b, diag);

  if (a && b && strcmp(scenario_of(a), scenario_of(b)) != 0) {
    ho_diag_add(diag, NULL, "different scenarios: '%s' has '%s', '%s' has '%s'",
                config->dir_a, scenario_of(a), config->dir_b, scenario_of(b));
  }
  if (diag->count == before) {
    read_side(c, 0, config, a, diag);
    read_side(c, 1, config, b, diag);
  }
  if (diag->count == before) {
    check_keys(c, diag);
    c->scenario = ho_strdup(scenario_of(a));
    c->difference = ho_manifest_difference(a, b);
  }
  json_decref(a);
  json_decref(b);
}

/* ---- one metric ---- */

typedef struct {
  ho_sample a, b, differences, ratios;
  bool negative; /* some value is: ratios mean nothing */
} pairing;

/* What is written with up to 9 decimals differs by as many: a rounding error
 * must not tell equal differences apart.  Beyond 10^6, there are none. */
static double difference_of(double a, double b) {
  double d = a == b ? 0 : b - a;

  return fabs(d) < 1e6 ? rint(d * 1e9) / 1e9 : d;
}

/* Two censored ones are equal as far as we know, and so is nothing to nothing.
 */
static void add_pair(pairing *p, double a, double b, uint64_t seed) {
  ho_sample_add(&p->a, a, seed);
  ho_sample_add(&p->b, b, seed);
  ho_sample_add(&p->differences, difference_of(a, b), seed);
  ho_sample_add(&p->ratios, a == b ? 1 : a == 0 ? INFINITY : b / a, seed);
  p->negative |= a < 0 || b < 0;
}

/* Takes the pairs of |cell| of |a| with |b|.  Returns how many rows of |a| with
 * a value have no partner with one. */
static size_t take_pairs(pairing *p, const ho_sheet *a,
                         const ho_sheet_cell *cell, const ho_sheet *b,
                         size_t m) {
  size_t alone = 0;

  for (size_t i = 0; cell && i < cell->count; i++) {
    const ho_sheet_row *row = &a->rows[cell->first + i], *other;
    if (isnan(row->values[m])) {
      continue;
    }
    other = ho_sheet_find(b, row->key);
    if (!other || isnan(other->values[m])) {
      alone++;
    } else if (p) {
      add_pair(p, row->values[m], other->values[m], row->seed);
    }
  }
  return alone;
}

static double median_of(const ho_sample *sample) {
  double *values = ho_sample_values(sample);
  double median = ho_median(values, sample->count);

  free(values);
  return median;
}

/* One difference a seed, the median of its pairs': those of one seed depend on
 * each other. */
static double test(const ho_sample *differences) {
  size_t n;
  double *seeds = ho_sample_by_seed(differences, &n), p;

  for (size_t i = 0; i < n; i++) {
    /* As many were censored here as there: -infinity and +infinity. */
    seeds[i] = isnan(seeds[i]) ? 0 : seeds[i];
  }
  p = ho_wilcoxon(seeds, n).p;
  free(seeds);
  return p;
}

static void compare_pairs(ho_compared *out, const pairing *p) {
  double *a = ho_sample_values(&p->a), *b = ho_sample_values(&p->b);
  size_t n = p->a.count;

  out->pairs = n;
  out->seeds = ho_sample_seeds(&p->a);
  out->censored_a = ho_sample_censored(&p->a);
  out->censored_b = ho_sample_censored(&p->b);
  for (size_t i = 0; i < n; i++) {
    out->differ += p->differences.items[i].value != 0;
  }
  out->median_a = ho_median(a, n);
  out->median_b = ho_median(b, n);
  out->delta = ho_cliff_delta(a, n, b, n);
  out->varies = a[0] != a[n - 1] || b[0] != b[n - 1];
  if (!p->negative) {
    out->ratio = median_of(&p->ratios);
    out->ratio_interval = ho_sample_interval(&p->ratios, out->measure->name);
  }
  if (out->differ > 0) {
    out->p = test(&p->differences);
  }
  free(a);
  free(b);
}

/* Either cell may be NULL: there is none. */
static ho_compared compare_metric(const ho_sheet *a,
                                  const ho_sheet_cell *cell_a,
                                  const ho_sheet *b,
                                  const ho_sheet_cell *cell_b, size_t m) {
  ho_compared out = {.measure = &a->measures[m],
                     .median_a = NAN,
                     .median_b = NAN,
                     .ratio = NAN,
                     .ratio_interval = ho_interval_none(),
                     .p = NAN,
                     .p_holm = NAN,
                     .delta = NAN};
  pairing p = {0};

  out.alone_a = take_pairs(&p, a, cell_a, b, m);
  out.alone_b = take_pairs(NULL, b, cell_b, a, m);
  if (p.a.count > 0) {
    compare_pairs(&out, &p);
  }
  ho_sample_free(&p.a);
  ho_sample_free(&p.b);
  ho_sample_free(&p.differences);
  ho_sample_free(&p.ratios);
  return out;
}

/* ---- all of them ---- */

static void compare_file(ho_compare_cell *cell, const ho_sheet *sheets) {
  const ho_sheet_cell *a =
      ho_sheet_find_cell(&sheets[0], cell->values, cell->arm_a);
  const ho_sheet_cell *b =
      ho_sheet_find_cell(&sheets[1], cell->values, cell->arm_b);

  for (size_t m = 0; m < sheets[0].measures_count; m++) {
    cell->metrics[cell->count++] =
        compare_metric(&sheets[0], a, &sheets[1], b, m);
  }
}

/* Seeds that are all alike would make any difference seem certain. */
static void find_copies(ho_compare_cell *cell) {
  bool several = false, varies = false;

  for (size_t i = 0; i < cell->count; i++) {
    several |= cell->metrics[i].seeds > 1;
    varies |= cell->metrics[i].varies;
  }
  cell->one_sample = several && !varies;
  for (size_t i = 0; cell->one_sample && i < cell->count; i++) {
    cell->metrics[i].p = NAN;
    cell->metrics[i].ratio_interval = ho_interval_none();
  }
}

static void compare_cells(ho_comparison *c, const ho_compare_config *config) {
  const ho_sheet *runs = &c->runs[0];
  size_t metrics;

  ho_measures(&metrics);
  c->cells = ho_alloc_array(runs->cells_count, sizeof(*c->cells));
  for (size_t i = 0; i < runs->cells_count; i++) {
    char **labels = runs->cells[i].labels;
    ho_compare_cell *cell = &c->cells[c->count++];
    cell->values = labels;
    cell->arm_a = labels[runs->vary_count];
    cell->arm_b = config->arm_b ? config->arm_b : cell->arm_a;
    cell->metrics = ho_alloc_array(metrics, sizeof(*cell->metrics));
    compare_file(cell, c->handoffs);
    compare_file(cell, c->runs);
    find_copies(cell);
  }
}

/* Holm over every test that is made. */
static void adjust(ho_comparison *c) {
  size_t metrics, n = 0;
  double *p, *adjusted;

  ho_measures(&metrics);
  p = ho_alloc_array(c->count * metrics, sizeof(*p));
  adjusted = ho_alloc_array(c->count * metrics, sizeof(*adjusted));
  for (size_t i = 0; i < c->count; i++) {
    for (size_t m = 0; m < c->cells[i].count; m++) {
      p[n++] = c->cells[i].metrics[m].p;
    }
  }
  ho_holm(p, n, adjusted);
  n = 0;
  for (size_t i = 0; i < c->count; i++) {
    for (size_t m = 0; m < c->cells[i].count; m++) {
      c->cells[i].metrics[m].p_holm = adjusted[n++];
    }
  }
  free(p);
  free(adjusted);
}

int ho_compare_open(ho_comparison *compare, const ho_compare_config *config,
                    ho_diag *diag) {
  size_t before = diag->count;

  *compare = (ho_comparison){0};
  read_all(compare, config, diag);
  if (diag->count > before) {
    return HO_ERR_INPUT;
  }
  compare_cells(compare, config);
  adjust(compare);
  return 0;
}

void ho_compare_free(ho_comparison *compare) {
  for (int side = 0; side < 2; side++) {
    ho_sheet_free(&compare->handoffs[side]);
    ho_sheet_free(&compare->runs[side]);
  }
  for (size_t i = 0; i < compare->count; i++) {
    free(compare->cells[i].metrics);
  }
  free(compare->cells);
  free(compare->scenario);
  free(compare->difference);
  *compare = (ho_comparison){0};
}
