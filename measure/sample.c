/* The metrics that are summarised and compared, and the values of one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/stats/bootstrap.h"
#include "measure/stats/quantile.h"
#include "sim/base/alloc.h"

#define HANDOFF(column)                                                        \
  { column, column, false, false }
#define RUN(column)                                                            \
  { "run." column, column, true, false }

static const ho_measure measures[] = {
    HANDOFF("interruption_ms"),
    HANDOFF("interruption_extra_ms"),
    HANDOFF("gap_ms"),
    HANDOFF("detection_ms"),
    HANDOFF("migration_latency_ms"),
    HANDOFF("resume_ms"),
    HANDOFF("pv_rtts"),
    HANDOFF("pv_rounds"),
    HANDOFF("amp_blocked_ms"),
    HANDOFF("inflight_bytes"),
    HANDOFF("lost_bytes"),
    HANDOFF("dropped_bytes"),
    HANDOFF("spurious_bytes"),
    HANDOFF("resent_bytes"),
    HANDOFF("cwnd_after_bytes"),
    HANDOFF("srtt_after_ms"),
    HANDOFF("t90_ms"),
    HANDOFF("deficit_bytes"),
    HANDOFF("link_window_ms"),
    RUN("fct_s"),
    {"run.goodput_mbps", "goodput_mbps", true, true},
    RUN("interruption_max_ms"),
    RUN("delay_max_ms"),
    RUN("missed"),
    RUN("handshakes"),
    RUN("lost_bytes"),
    RUN("resent_bytes"),
    RUN("datagrams_up"),
    RUN("datagrams_down"),
    RUN("fallback_ms"),
    RUN("stalls"),
    RUN("stall_ms"),
    RUN("checks_failed"),
};

const ho_measure *ho_measures(size_t *count) {
  *count = sizeof(measures) / sizeof(measures[0]);
  return measures;
}

bool ho_measure_read(const ho_measure *measure, const char *cell,
                     double *value) {
  char *end;

  *value = NAN;
  if (!*cell) {
    return true;
  }
  if (!strcmp(cell, "NA")) {
    *value = measure->more ? 0 : INFINITY;
    return true;
  }
  /* Digits alone: strtod would take "inf", "nan" and " 1". */
  if (strspn(cell, "-0123456789.") != strlen(cell)) {
    return false;
  }
  *value = strtod(cell, &end);
  return *end == '\0' && isfinite(*value);
}

/* ---- the values ---- */

void ho_sample_add(ho_sample *sample, double value, uint64_t seed) {
  ho_grow(&sample->items, sample->count, &sample->cap, sizeof(ho_sampled));
  sample->items[sample->count++] = (ho_sampled){value, seed};
}

void ho_sample_free(ho_sample *sample) {
  free(sample->items);
  *sample = (ho_sample){0};
}

static int by_seed(const void *left, const void *right) {
  const ho_sampled *a = left, *b = right;

  return a->seed != b->seed ? (a->seed > b->seed) - (a->seed < b->seed)
                            : (a->value > b->value) - (a->value < b->value);
}

static int by_value(const void *left, const void *right) {
  const ho_sampled *a = left, *b = right;

  return a->value != b->value ? (a->value > b->value) - (a->value < b->value)
                              : (a->seed > b->seed) - (a->seed < b->seed);
}

static ho_sampled *sorted(const ho_sample *sample,
                          int (*order)(const void *, const void *)) {
  ho_sampled *items = ho_alloc_array(sample->count, sizeof(*items));

  if (sample->count > 0) {
    memcpy(items, sample->items, sample->count * sizeof(*items));
    qsort(items, sample->count, sizeof(*items), order);
  }
  return items;
}

double *ho_sample_values(const ho_sample *sample) {
  double *values = ho_alloc_array(sample->count, sizeof(*values));

  for (size_t i = 0; i < sample->count; i++) {
    values[i] = sample->items[i].value;
  }
  qsort(values, sample->count, sizeof(*values), ho_double_compare);
  return values;
}

size_t ho_sample_censored(const ho_sample *sample) {
  size_t n = 0;

  for (size_t i = 0; i < sample->count; i++) {
    n += isinf(sample->items[i].value) ? 1 : 0;
  }
  return n;
}

double *ho_sample_by_seed(const ho_sample *sample, size_t *count) {
  ho_sampled *items = sorted(sample, by_seed);
  double *medians = ho_alloc_array(sample->count, sizeof(*medians));
  double *values = ho_alloc_array(sample->count, sizeof(*values));

  *count = 0;
  for (size_t i = 0, end; i < sample->count; i = end) {
    for (end = i; end < sample->count && items[end].seed == items[i].seed;
         end++) {
      values[end - i] = items[end].value;
    }
    medians[(*count)++] = ho_median(values, end - i);
  }
  free(items);
  free(values);
  return medians;
}

size_t ho_sample_seeds(const ho_sample *sample) {
  size_t count;

  free(ho_sample_by_seed(sample, &count));
  return count;
}

/* ---- the interval ---- */

/* Values in ascending order, and which unit each belongs to. */
typedef struct {
  size_t count, units;
  double *values;
  size_t *unit;
  uint32_t *times;
} resampled;

static void median_of(void *user, const uint32_t *times, double *out) {
  resampled *r = user;

  for (size_t i = 0; i < r->count; i++) {
    r->times[i] = times[r->unit[i]];
  }
  *out = ho_median_repeated(r->values, r->times, r->count);
}

/* The place of |seed| among |items|' seeds, whose |count| are in order. */
static size_t place_of(uint64_t seed, const uint64_t *seeds, size_t count) {
  size_t lo = 0, hi = count;

  while (lo + 1 < hi) {
    size_t mid = lo + (hi - lo) / 2;
    *(seed < seeds[mid] ? &hi : &lo) = mid;
  }
  return lo;
}

static void take_units(resampled *r, const ho_sample *sample) {
  ho_sampled *items = sorted(sample, by_seed);
  uint64_t *seeds = ho_alloc_array(sample->count, sizeof(*seeds));

  for (size_t i = 0; i < r->count; i++) {
    if (i == 0 || items[i].seed != items[i - 1].seed) {
      seeds[r->units++] = items[i].seed;
    }
  }
  free(items);
  items = sorted(sample, by_value);
  for (size_t i = 0; i < r->count; i++) {
    r->values[i] = items[i].value;
    r->unit[i] = r->units >= HO_SAMPLE_SEEDS
                     ? place_of(items[i].seed, seeds, r->units)
                     : i;
  }
  if (r->units < HO_SAMPLE_SEEDS) {
    r->units = r->count;
  }
  free(items);
  free(seeds);
}

ho_interval ho_sample_interval(const ho_sample *sample, const char *name) {
  resampled r = {.count = sample->count};
  ho_interval interval;
  ho_rng rng;

  if (sample->count < 2) {
    return ho_interval_none();
  }
  r.values = ho_alloc_array(r.count, sizeof(*r.values));
  r.unit = ho_alloc_array(r.count, sizeof(*r.unit));
  r.times = ho_alloc_array(r.count, sizeof(*r.times));
  take_units(&r, sample);
  if (r.values[0] == r.values[r.count - 1]) {
    interval = (ho_interval){r.values[0], r.values[0]};
  } else {
    ho_rng_init(&rng, 1, name);
    ho_bootstrap(&rng, r.units, median_of, &r, 1, &interval);
  }
  free(r.values);
  free(r.unit);
  free(r.times);
  return interval;
}
