/* When packets depart from a recorded link: arithmetic on a trace. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_SCHEDULE_H
#define HO_NET_SCHEDULE_H

#include "sim/base/time.h"
#include "sim/scenario/scenario.h"

/* ho_schedule is a place in a trace that is repeated for ever from time 0 on.
 * It only moves forward, so finding the next departure costs what the time in
 * between costs, not what the trace does.
 *
 * CSV: the rate is constant between rows, and a packet departs when its bits
 * have gone at the rates in force; times at which the rate is 0 pass.
 *
 * mahimahi (Netravali et al., ATC 2015): each row is an opportunity to send up
 * to 1500 bytes; a packet departs with the opportunity that takes its last
 * byte; what an opportunity has left over serves packets that were already
 * waiting, and is lost when nobody is. */
typedef struct {
  const ho_trace *trace;
  uint64_t lap;  /* how often it has been repeated */
  size_t row;    /* in force, or the opportunity next used */
  uint64_t left; /* mahimahi: bytes that the opportunity has left */
  /* CSV: where the last packet departed, exactly: |ns| and |part| / bps ns. */
  ho_time ns;
  uint64_t part;
} ho_schedule;

void ho_schedule_init(ho_schedule *s, const ho_trace *trace);

/* ho_schedule_depart returns when a packet of |bytes| departs that is ready for
 * service at |ready| (its arrival, or its predecessor's departure if that is
 * later), rounded up to a nanosecond. */
ho_time ho_schedule_depart(ho_schedule *s, ho_time ready, uint32_t bytes);

/* ho_schedule_row is the row in force at |at|, for its delay and loss. */
const ho_trace_row *ho_schedule_row(const ho_trace *trace, ho_time at);

#endif
