/* The meter turns one run's events into the rows of its CSV files. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_METER_H
#define HO_MEASURE_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/base/event.h"
#include "sim/scenario/scenario.h"

typedef struct ho_meter ho_meter;

/* ho_capacity is what a radio network was measured to carry, place by place:
 * the rate that a saturating flow of UDP got there, in bit/s of IP bytes. */
typedef struct {
  int net;
  ho_position at;
  uint64_t down_bps, up_bps;
} ho_capacity_place;

typedef struct {
  const ho_capacity_place *places;
  size_t count;
} ho_capacity;

typedef struct {
  const ho_scenario *scenario;
  size_t arm;
  uint64_t seed;
  bool events, series;         /* write events.csv, series.csv */
  const ho_capacity *capacity; /* of its radios, or NULL: outlives the meter */
} ho_meter_config;

/* ho_meter_new subscribes to |log|.  |dir| is an existing folder that this run
 * has to itself; the run's rows go into files of their own there, without
 * header lines: runs.csv, handoffs.csv, requests.csv, cids.csv, cid_links.csv
 * and, if asked for, events.csv and series.csv. */
ho_meter *ho_meter_new(const ho_meter_config *config, ho_log *log,
                       const char *dir);

/* ho_meter_now is the time of the last event. */
ho_time ho_meter_now(const ho_meter *meter);

/* ho_meter_checks tells how many checks of level MUST failed, for runs.csv,
 * which has no number where nobody tells. */
void ho_meter_checks(ho_meter *meter, uint64_t failed);

/* ho_meter_finish computes the rows and writes the files.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Writing failed; errno says why. */
int ho_meter_finish(ho_meter *meter);
void ho_meter_del(ho_meter *meter);

/* ho_meter_move is the ground truth of one row of handoffs.csv: from which
 * tuple to which, as the server sees them. */
typedef struct {
  int client;
  size_t handoff; /* counts the client's from 0 */
  ho_time t_loss;
  const ho_tuple *from, *to; /* NULL: the server never saw it */
} ho_meter_move;

/* ho_meter_moves calls |fn| for each handoff in the order of handoffs.csv,
 * after ho_meter_finish. */
void ho_meter_moves(const ho_meter *meter,
                    void (*fn)(void *user, const ho_meter_move *move),
                    void *user);

/* ho_column declares one column of a CSV file. */
typedef struct {
  const char *name;
  const char *about;
} ho_column;

/* ho_table is one CSV file of a result folder. */
typedef struct {
  const char *file; /* "runs.csv" */
  const char *about;
  const ho_column *columns;
  size_t count;
} ho_table;

/* ho_tables lists every CSV file that we write, with all its columns in order
 * and what each means (METRICS in docs/). */
const ho_table *ho_tables(size_t *count);
const ho_table *ho_table_find(const char *file);

/* ho_meter_lost_row writes to |out| the runs.csv row of a run that left none:
 * |outcome| is crashed or timeout, |reason| says it in words. */
void ho_meter_lost_row(FILE *out, const ho_meter_config *config,
                       const char *outcome, const char *reason);

#endif
