/* The tuples of one connection in its qlog: which connection IDs they have, and
 * their migration.  Private to measure/qlog*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_QLOG_TUPLE_H
#define HO_MEASURE_QLOG_TUPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "measure/qlog_text.h"
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

/* |side| and |out|, where events go, are set by whoever makes the list. */
typedef struct {
  ho_side side;
  ho_qlog_text *out;
  ho_qlog_tuple *items;
  size_t count, cap;
  size_t in_use; /* index of the tuple that is migrated to or from */
} ho_qlog_tuples;

/* ho_qlog_tuples_find returns the ID of |tuple|; a new one is told of. */
int ho_qlog_tuples_find(ho_qlog_tuples *tuples, const ho_tuple *tuple,
                        ho_time now);

/* A packet leaves on tuple |id| to |dcid|. */
void ho_qlog_tuples_sent(ho_qlog_tuples *tuples, int id, const ho_cid *dcid,
                         ho_time now);

/* A PATH_CHALLENGE leaves on tuple |id|. */
void ho_qlog_tuples_probe(ho_qlog_tuples *tuples, int id, ho_time now);

/* The packet that left on tuple |id| was no probing one. */
void ho_qlog_tuples_use(ho_qlog_tuples *tuples, int id, ho_time now);

/* The validation of tuple |id| has ended. */
void ho_qlog_tuples_validated(ho_qlog_tuples *tuples, int id, bool good,
                              ho_time now);
void ho_qlog_tuples_free(ho_qlog_tuples *tuples);

#endif
