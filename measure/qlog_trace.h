/* The qlog of one connection, as one endpoint has it.  Private to
 * measure/qlog*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_QLOG_TRACE_H
#define HO_MEASURE_QLOG_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/qlog_text.h"
#include "measure/qlog_tuple.h"
#include "sim/base/event.h"

/* A record whose tuple is not yet known. */
typedef struct {
  char *text;
  size_t len;
  ho_time t;
  bool packet; /* of a packet sent */
} ho_qlog_held;

/* The datagram that is being read: |bytes| are UDP's payload. */
typedef struct {
  ho_tuple tuple;
  uint64_t bytes;
} ho_qlog_arrival;

typedef struct ho_qlog_trace ho_qlog_trace;

struct ho_qlog_trace {
  ho_qlog_trace *next; /* of the same client */
  ho_side side;
  uint64_t connection;
  char group[HO_QLOG_GROUP]; /* its group_id, "" until it is known */
  char *path;                /* of its file */
  ho_qlog_text text;         /* not yet written */
  ho_qlog_held *held;
  size_t held_count, held_cap;
  ho_qlog_tuples tuples;
};

/* ho_qlog_trace_new makes a trace that goes into the file |path|, which it
 * owns from then on.  |group| says of which group it is, or is NULL if that is
 * the one which the library writes. */
ho_qlog_trace *ho_qlog_trace_new(ho_side side, uint64_t connection, char *path,
                                 const char *group);
void ho_qlog_trace_del(ho_qlog_trace *trace);

/* ho_qlog_trace_record takes the |len| bytes of a record that the library
 * wrote at |t|, while reading |received|, if that is not NULL. */
void ho_qlog_trace_record(ho_qlog_trace *trace, const char *record, size_t len,
                          ho_time t, const ho_qlog_arrival *received);

/* ho_qlog_trace_event adds what |event|, which is of this connection and
 * endpoint, means for tuples, connection IDs and migration. */
void ho_qlog_trace_event(ho_qlog_trace *trace, const ho_event *event);

/* ho_qlog_trace_flush appends to the file what is not yet written.
 *
 * Returns 0, or errno of what failed. */
int ho_qlog_trace_flush(ho_qlog_trace *trace);

/* ho_qlog_trace_finish is for the last flush: no tuple will come any more. */
int ho_qlog_trace_finish(ho_qlog_trace *trace);

#endif
