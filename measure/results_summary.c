/* summary.csv of a grid: for each point and arm, what its metrics come to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/csv.h"
#include "measure/results_private.h"
#include "measure/sample.h"
#include "measure/stats/quantile.h"
#include "sim/base/alloc.h"

/* One file's rows on their way: those of one cell, which is a point and an arm,
 * follow each other. */
typedef struct {
  const ho_plan *plan;
  const ho_measure *measures;
  size_t count;
  int *columns;       /* of each measure */
  int arm, seed;      /* columns */
  bool headed;        /* the header has been read */
  size_t cells, cell; /* the one under way; |cells|: none yet */
  ho_sample *samples; /* of each measure */
  size_t *empty;      /* rows that have no value */
  char **blocks;      /* of each cell, what has been made of it */
} digest;

/* A quantity that the censored may have made infinite. */
static void put(ho_csv *csv, double value) {
  if (isnan(value)) {
    ho_csv_empty(csv);
  } else if (isinf(value)) {
    ho_csv_na(csv);
  } else {
    ho_csv_real(csv, value);
  }
}

static void put_statistics(ho_csv *csv, const ho_sample *sample,
                           const char *name) {
  static const double quantiles[] = {0.5, 0.9, 0.95, 0.99, 0, 1};
  size_t n = sample->count;
  double *values = ho_sample_values(sample), sum = 0;
  ho_interval interval = ho_sample_interval(sample, name);

  put(csv, n > 0 ? ho_median(values, n) : NAN);
  put(csv, interval.lo);
  put(csv, interval.hi);
  for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++) {
    put(csv, n > 0 ? ho_quantile(values, n, quantiles[i]) : NAN);
  }
  for (size_t i = 0; i < n; i++) {
    sum += values[i];
  }
  put(csv, n > 0 ? sum / (double)n : NAN);
  free(values);
}

static void put_row(FILE *out, const digest *d, size_t cell, size_t m) {
  const ho_plan *plan = d->plan;
  size_t point = cell / plan->arms_count;
  size_t arm = plan->arms[cell % plan->arms_count];
  const ho_sample *sample = &d->samples[m];
  size_t seeds = ho_sample_seeds(sample);
  bool random = plan->random || plan->scenario->random;
  ho_csv csv;

  ho_csv_init(&csv, out);
  ho_csv_text(&csv, plan->scenario->name);
  for (size_t i = 0; i < plan->vary_count; i++) {
    ho_csv_text(&csv, ho_plan_values(plan, point)[i].value);
  }
  ho_csv_text(&csv, plan->scenario->arms[arm].name);
  ho_csv_text(&csv, d->measures[m].name);
  ho_csv_u64(&csv, sample->count);
  ho_csv_u64(&csv, seeds);
  ho_csv_u64(&csv, ho_sample_censored(sample));
  ho_csv_u64(&csv, d->empty[m]);
  put_statistics(&csv, sample, d->measures[m].name);
  ho_csv_text(&csv, random && seeds >= HO_SAMPLE_CLAIM ? "yes" : "no");
  ho_csv_end(&csv);
}

/* What is there of |cell| becomes its block, and makes room for the next. */
static int settle(digest *d, size_t cell) {
  size_t len;
  FILE *out = open_memstream(&d->blocks[cell], &len);

  if (!out) {
    return HO_ERR_IO;
  }
  for (size_t m = 0; m < d->count; m++) {
    put_row(out, d, cell, m);
    d->samples[m].count = 0;
    d->empty[m] = 0;
  }
  return fclose(out) == 0 ? 0 : HO_ERR_IO;
}

static bool is_of(const digest *d, size_t cell, const ho_csv_row *row) {
  const ho_plan *plan = d->plan;
  const ho_override *values = ho_plan_values(plan, cell / plan->arms_count);
  size_t arm = plan->arms[cell % plan->arms_count];
  bool same = !strcmp(row->fields[d->arm], plan->scenario->arms[arm].name);

  for (size_t i = 0; same && i < plan->vary_count; i++) {
    same = !strcmp(row->fields[i + 1], values[i].value);
  }
  return same;
}

static void find_columns(digest *d, const ho_csv_row *header) {
  d->arm = ho_csv_field(header, "arm");
  d->seed = ho_csv_field(header, "seed");
  for (size_t m = 0; m < d->count; m++) {
    d->columns[m] = ho_csv_field(header, d->measures[m].column);
    assert(d->columns[m] >= 0);
  }
  d->headed = true;
}

static int on_row(void *user, const ho_csv_row *row) {
  digest *d = user;
  size_t at = d->cell == d->cells ? 0 : d->cell;
  uint64_t seed;
  int rv = 0;

  if (!d->headed) {
    find_columns(d, row);
    return 0;
  }
  while (at < d->cells && !is_of(d, at, row)) {
    at++;
  }
  assert(at < d->cells); /* rows are in the order of the grid */
  if (d->cell < d->cells && at != d->cell) {
    rv = settle(d, d->cell);
  }
  d->cell = at;
  seed = strtoull(row->fields[d->seed], NULL, 10);
  for (size_t m = 0; m < d->count; m++) {
    double value = NAN;
    bool read =
        ho_measure_read(&d->measures[m], row->fields[d->columns[m]], &value);
    assert(read);
    (void)read;
    if (isnan(value)) {
      d->empty[m]++;
    } else {
      ho_sample_add(&d->samples[m], value, seed);
    }
  }
  return rv;
}

/* Of the |count| measures |measures|, which are all in |file|. */
static int digest_file(digest *d, const ho_plan *plan, const char *work,
                       const char *file, const ho_measure *measures,
                       size_t count) {
  char *path = ho_format("%s/%s", work, file);
  int rv, err;

  *d = (digest){.plan = plan, .measures = measures, .count = count};
  d->cells = d->cell = ho_plan_points(plan) * plan->arms_count;
  d->columns = ho_alloc_array(count, sizeof(*d->columns));
  d->samples = ho_alloc_array(count, sizeof(*d->samples));
  d->empty = ho_alloc_array(count, sizeof(*d->empty));
  d->blocks = ho_alloc_array(d->cells, sizeof(*d->blocks));
  rv = ho_csv_scan(path, on_row, d);
  if (rv == 0 && d->cell < d->cells) {
    rv = settle(d, d->cell);
  }
  for (size_t i = 0; rv == 0 && i < d->cells; i++) {
    rv = d->blocks[i] ? 0 : settle(d, i);
  }
  err = errno;
  free(path);
  errno = rv == HO_ERR_INPUT ? EINVAL : err;
  return rv == 0 ? 0 : HO_ERR_IO;
}

static void digest_free(digest *d) {
  for (size_t m = 0; m < d->count; m++) {
    ho_sample_free(&d->samples[m]);
  }
  for (size_t i = 0; d->blocks && i < d->cells; i++) {
    free(d->blocks[i]);
  }
  free(d->columns);
  free(d->samples);
  free(d->empty);
  free(d->blocks);
}

int ho_results_summary(FILE *out, const ho_plan *plan, const char *work) {
  size_t count, first = 0;
  const ho_measure *measures = ho_measures(&count);
  digest handoffs = {0}, runs = {0};
  int rv, err;

  while (!measures[first].runs) {
    first++;
  }
  rv = digest_file(&handoffs, plan, work, "handoffs.csv", measures, first);
  if (rv == 0) {
    rv = digest_file(&runs, plan, work, "runs.csv", measures + first,
                     count - first);
  }
  for (size_t i = 0; rv == 0 && i < runs.cells; i++) {
    fputs(handoffs.blocks[i], out);
    fputs(runs.blocks[i], out);
  }
  err = errno;
  digest_free(&handoffs);
  digest_free(&runs);
  errno = err;
  return rv;
}
