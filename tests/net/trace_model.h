/* A recorded link in the plainest way: a sum over the trace for rates,
 * mm-link's own loop for opportunities; for tests of the arithmetic in its
 * place. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_NET_TRACE_MODEL_H
#define HO_TESTS_NET_TRACE_MODEL_H

#include <check.h>
#include <string.h>

#include "sim/scenario/scenario.h"

enum { TRACE_MODEL_PACKETS = 2048 };

__extension__ typedef unsigned __int128 trace_wide;

/* Packets come in order; |row| is that of the last one's departure. */
typedef struct {
  const ho_trace *trace;
  const ho_trace_row *row;
  ho_time last;      /* when the last one departs */
  trace_wide target; /* rates: work (bits x 10^9) by then, from time 0 on */
  uint64_t next;     /* opportunities: the next, counted over all laps */
  uint32_t queue[TRACE_MODEL_PACKETS]; /* bytes still to go */
  size_t head, tail;
} trace_model;

static inline void trace_model_init(trace_model *m, const ho_trace *trace) {
  memset(m, 0, sizeof(*m));
  m->trace = trace;
}

static inline ho_time trace_model_end(const ho_trace *trace, size_t row) {
  return row + 1 < trace->count ? trace->rows[row + 1].at : trace->period;
}

/* trace_model_work is what a trace can carry in one lap. */
static inline trace_wide trace_model_work(const ho_trace *trace) {
  trace_wide work = 0;

  for (size_t i = 0; i < trace->count; i++) {
    if (trace->opportunities) {
      work += (trace_wide)1500 * 8 * HO_SEC;
    } else {
      work += (trace_wide)trace->rows[i].bps *
              (trace_model_end(trace, i) - trace->rows[i].at);
    }
  }
  return work;
}

/* trace_model_by is what rates can carry from time 0 to |t|. */
static inline trace_wide trace_model_by(const ho_trace *trace, ho_time t) {
  trace_wide work = trace_model_work(trace) * (t / trace->period);
  ho_time since = t % trace->period;

  for (size_t i = 0; i < trace->count && trace->rows[i].at < since; i++) {
    ho_time end = trace_model_end(trace, i);

    work += (trace_wide)trace->rows[i].bps *
            ((end < since ? end : since) - trace->rows[i].at);
  }
  return work;
}

static inline const ho_trace_row *trace_model_row(const ho_trace *trace,
                                                  ho_time t) {
  size_t row = trace->count - 1;

  while (trace->rows[row].at > t % trace->period) {
    row--;
  }
  return &trace->rows[row];
}

static inline void trace_model_by_rate(trace_model *m, ho_time now,
                                       uint32_t bytes) {
  ho_time lo = now, hi = now + 1;

  if (now >= m->last) {
    m->target = trace_model_by(m->trace, now);
  }
  m->target += (trace_wide)bytes * 8 * HO_SEC;
  while (trace_model_by(m->trace, hi) < m->target) {
    hi += hi - now;
  }
  while (hi - lo > 1) { /* by |lo| it has not gone, by |hi| it has */
    ho_time mid = lo + (hi - lo) / 2;

    *(trace_model_by(m->trace, mid) < m->target ? &lo : &hi) = mid;
  }
  m->last = hi;
  /* Its last bit goes at hi, or at no whole ns just before. */
  m->row = trace_model_row(m->trace,
                           trace_model_by(m->trace, hi) == m->target ? hi : lo);
}

static inline ho_time trace_model_next(const trace_model *m) {
  const ho_trace *trace = m->trace;

  return m->next / trace->count * trace->period +
         trace->rows[m->next % trace->count].at;
}

/* trace_model_use is the body of mm-link's loop. */
static inline void trace_model_use(trace_model *m) {
  uint32_t left = 1500;

  m->next++;
  while (left > 0 && m->head < m->tail) {
    uint32_t *bytes = &m->queue[m->head];
    uint32_t used = *bytes < left ? *bytes : left;

    *bytes -= used;
    left -= used;
    m->head += *bytes == 0;
  }
}

static inline void trace_model_by_chance(trace_model *m, ho_time now,
                                         uint32_t bytes) {
  static trace_model ahead;

  while (trace_model_next(m) <= now) {
    trace_model_use(m);
  }
  ck_assert_uint_lt(m->tail, TRACE_MODEL_PACKETS);
  m->queue[m->tail++] = bytes;
  ahead = *m;
  while (ahead.head < ahead.tail) {
    m->last = trace_model_next(&ahead);
    m->row = &m->trace->rows[ahead.next % m->trace->count];
    trace_model_use(&ahead);
  }
}

/* trace_model_depart returns when a packet departs that comes at |now|. */
static inline ho_time trace_model_depart(trace_model *m, ho_time now,
                                         uint32_t bytes) {
  if (m->trace->opportunities) {
    trace_model_by_chance(m, now, bytes);
  } else {
    trace_model_by_rate(m, now, bytes);
  }
  return m->last;
}

#endif
