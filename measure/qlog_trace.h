/* The qlog of one connection, as one endpoint has it.  Private to
 * measure/qlog*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_QLOG_TRACE_H
#define HO_MEASURE_QLOG_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/event.h"

/* A tuple that the connection has used; its place in the list is its ID. */
typedef struct {
  ho_tuple tuple;
  ho_cid dcid;       /* that packets on it were last sent to */
  bool sent;         /* some packet was */
  bool probing;      /* a challenge is out */
  bool validated;    /* or it is the first */
  bool moved;        /* migration to it has begun and not ended */
  const char *state; /* last told of its migration, or NULL */
} ho_qlog_tuple;

/* A record whose tuple is not yet known. */
typedef struct {
  char *text;
  size_t len;
  ho_time t;
  bool packet; /* of a packet sent */
} ho_qlog_held;

enum { HO_QLOG_GROUP = 41 }; /* 20 bytes in hexadecimal digits, and a zero */

typedef struct ho_qlog_trace ho_qlog_trace;

struct ho_qlog_trace {
  ho_qlog_trace *next; /* of the same client */
  ho_side side;
  uint64_t connection;
  char group[HO_QLOG_GROUP]; /* its group_id, "" until it is known */
  char *path;                /* of its file */
  char *text;                /* not yet written */
  size_t len, cap;
  ho_qlog_held *held;
  size_t held_count, held_cap;
  ho_qlog_tuple *tuples;
  size_t tuples_count, tuples_cap;
  size_t in_use; /* index of the tuple that is migrated to or from */
};

/* ho_qlog_trace_group says of which group |trace| is, before its first record;
 * otherwise it is that which the library writes. */
void ho_qlog_trace_group(ho_qlog_trace *trace, const char *group);

/* ho_qlog_trace_record takes the |len| bytes of a record that the library
 * wrote at |t|; |received| is the tuple of the datagram that is being read, or
 * NULL. */
void ho_qlog_trace_record(ho_qlog_trace *trace, const char *record, size_t len,
                          ho_time t, const ho_tuple *received);

/* ho_qlog_trace_event adds what |event|, which is of this connection and
 * endpoint, means for tuples, connection IDs and migration. */
void ho_qlog_trace_event(ho_qlog_trace *trace, const ho_event *event);

/* ho_qlog_trace_flush appends to the file what is not yet written.
 *
 * Returns 0, or errno of what failed. */
int ho_qlog_trace_flush(ho_qlog_trace *trace);

/* ho_qlog_trace_finish is for the last flush: no tuple will come any more. */
int ho_qlog_trace_finish(ho_qlog_trace *trace);
void ho_qlog_trace_del(ho_qlog_trace *trace);

#endif
