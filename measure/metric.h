/* Names of metrics in expectations: which column of which file, which unit. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_METRIC_H
#define HO_MEASURE_METRIC_H

#include <stdbool.h>

#include "sim/scenario/scenario.h"

/* ho_metric is a column that an expectation names. */
typedef struct {
  bool runs; /* in runs.csv, else in handoffs.csv */
  const char
      *check; /* or in checks.csv: the verdict of this check; else NULL */
  const char *adversary,
      *vantage;       /* or in linkability.csv: its row; else NULL */
  const char *column; /* full name, such as interruption_ms */
  ho_dimension dimension;
  double scale;   /* from the column's unit to the dimension's base unit */
  bool unit_said; /* the expectation wrote the unit: interruption_ms */
  const char *const *words; /* what a column of words may hold, else NULL */
  size_t words_count;
  bool text; /* a column of words, of which we may know all (|words|) or not */
} ho_metric;

/* ho_metric_find looks |name| up, first in handoffs.csv, then in runs.csv; with
 * or without the suffix that is its unit.  "run." before it means runs.csv,
 * "check." the verdict of a check, and "linkability.A0.both." a column of
 * linkability.csv in the row of that adversary and vantage point.  Returns
 * false if there is none. */
bool ho_metric_find(ho_metric *metric, const char *name);

/* ho_metric_file is the name of the file whose column |metric| is. */
const char *ho_metric_file(const ho_metric *metric);

/* ho_metric_nearest returns a name that may have been meant, or NULL. */
const char *ho_metric_nearest(const char *name);

/* ho_metric_value reads a cell of the column, in the base unit; NA is
 * +infinity.  Returns false if it is empty or not a number. */
bool ho_metric_value(const ho_metric *metric, const char *cell, double *value);

#endif
