/* The metrics that are summarised and compared, and the values of one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_SAMPLE_H
#define HO_MEASURE_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/stats/interval.h"

/* Seeds that a claim needs, and that an interval resamples rather than rows. */
#define HO_SAMPLE_CLAIM 30
#define HO_SAMPLE_SEEDS 10

/* ho_measure is a metric.  |name| is what `expect` calls it: "run." stands
 * before those of runs.csv. */
typedef struct {
  const char *name, *column;
  bool runs; /* in runs.csv, else in handoffs.csv */
  bool more; /* is better, so that NA is 0 and not infinite */
} ho_measure;

/* ho_measures lists them: first those of handoffs.csv, then those of runs.csv.
 */
const ho_measure *ho_measures(size_t *count);

/* ho_measure_read reads a cell of |measure|: NA is +infinity (or 0, see
 * |more|), an empty one NaN.  Returns false where it is neither nor a number.
 */
bool ho_measure_read(const ho_measure *measure, const char *cell,
                     double *value);

typedef struct {
  double value;
  uint64_t seed;
} ho_sampled;

/* ho_sample has the values of one metric; censored ones are +infinity.  Zeroed
 * it is empty. */
typedef struct {
  ho_sampled *items;
  size_t count, cap;
} ho_sample;

void ho_sample_add(ho_sample *sample, double value, uint64_t seed);
void ho_sample_free(ho_sample *sample);

/* ho_sample_values returns the values in ascending order, which the caller
 * frees. */
double *ho_sample_values(const ho_sample *sample);

/* ho_sample_seeds counts the seeds that have a value, ho_sample_censored the
 * values that are infinite. */
size_t ho_sample_seeds(const ho_sample *sample);
size_t ho_sample_censored(const ho_sample *sample);

/* ho_sample_interval is the bootstrap's 95 % interval of the median.  Seeds are
 * resampled, with all of their values, where there are HO_SAMPLE_SEEDS; else
 * values.  The random stream is that of |name|, always the same.  None with
 * fewer than two values. */
ho_interval ho_sample_interval(const ho_sample *sample, const char *name);

/* ho_sample_by_seed returns the median of each seed's values, in the order of
 * seeds; |*count| is how many.  The caller frees them. */
double *ho_sample_by_seed(const ho_sample *sample, size_t *count);

#endif
