/* When packets depart from a recorded link. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/schedule.h"

#include <assert.h>

#define NS_PER_SEC 1000000000u

enum { OPPORTUNITY_BYTES = 1500 };

void ho_schedule_init(ho_schedule *s, const ho_trace *trace) {
  assert(trace->count > 0 && trace->count <= UINT32_MAX);
  assert(trace->period > 0 && trace->mean_bps > 0);
  assert(trace->opportunities || trace->rows[0].at == 0);
  *s = (ho_schedule){.trace = trace};
}

/* rows_by is how many rows of a repetition have come by |since| its start. */
static size_t rows_by(const ho_trace *trace, ho_time since) {
  size_t lo = 0, hi = trace->count;

  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;

    if (trace->rows[mid].at <= since) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo;
}

/* next_at is when the row after |s|->row comes. */
static ho_time next_at(const ho_schedule *s) {
  const ho_trace *trace = s->trace;

  if (s->row + 1 < trace->count) {
    return s->lap + trace->rows[s->row + 1].at;
  }
  return s->lap + trace->period + trace->rows[0].at;
}

static void next_row(ho_schedule *s) {
  s->row++;
  if (s->row == s->trace->count) {
    s->row = 0;
    s->lap += s->trace->period;
  }
}

void ho_schedule_begin(ho_schedule *s, ho_time now) {
  const ho_trace *trace = s->trace;
  ho_time since = now % trace->period;
  size_t over = rows_by(trace, since);

  s->lap = now - since;
  if (over == 0) { /* still the last row of the repetition before */
    s->lap -= trace->period;
    over = trace->count;
  }
  s->row = over - 1;
  s->ns = now;
  s->part = 0;
  s->left = 0;
}

void ho_schedule_resume(ho_schedule *s, ho_time ns, uint64_t part,
                        uint32_t left, size_t row) {
  ho_time since = (ns - s->trace->rows[row].at) % s->trace->period;

  s->lap = ns - since - s->trace->rows[row].at;
  s->row = row;
  s->ns = ns;
  s->part = part;
  s->left = left;
}

/* A packet's work, bits x 10^9, is below 2^44 and a rate at most 2^60, so no
 * sum overflows; the product is taken only where it is less than the work. */
static void depart_by_rate(ho_schedule *s, uint32_t bytes) {
  uint64_t work = (uint64_t)bytes * 8 * NS_PER_SEC;

  for (;;) {
    uint64_t bps = s->trace->rows[s->row].bps, units = s->part + work;
    ho_time end = next_at(s);

    if (bps > 0) {
      ho_time ns = s->ns + units / bps;

      if (ns < end) {
        s->ns = ns;
        s->part = units % bps;
        return;
      }
      work = units - (end - s->ns) * bps;
    }
    next_row(s);
    s->ns = end;
    s->part = 0;
    if (work == 0) { /* with the last instant of a row */
      return;
    }
  }
}

static void depart_by_opportunity(ho_schedule *s, uint32_t bytes) {
  while (s->left < bytes) {
    bytes -= s->left;
    s->ns = next_at(s);
    s->left = OPPORTUNITY_BYTES;
    next_row(s);
  }
  s->left -= bytes;
}

void ho_schedule_depart(ho_schedule *s, uint32_t bytes) {
  if (s->trace->opportunities) {
    depart_by_opportunity(s, bytes);
  } else {
    depart_by_rate(s, bytes);
  }
}
