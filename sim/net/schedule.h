/* When packets depart from a recorded link: arithmetic on a trace. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_SCHEDULE_H
#define HO_NET_SCHEDULE_H

#include "sim/base/time.h"
#include "sim/scenario/scenario.h"

/* ho_schedule is a place in a trace that is repeated for ever from time 0 on.
 * From packet to packet of a busy period it walks, row by row; to the beginning
 * of one it leaps.  So neither the length of a trace nor an idle time costs
 * anything.
 *
 * CSV: the rate is constant between rows, and a packet departs when its bits
 * have gone at the rates in force, however many rows that takes; times at which
 * the rate is 0 pass.
 *
 * mahimahi (Netravali et al., ATC 2015): each row is an opportunity to send up
 * to 1500 bytes.  A packet departs with the opportunity that takes its last
 * byte.  What an opportunity has left over serves packets that were already
 * waiting, and is lost when nobody is.  An opportunity is over for a packet
 * that comes at its very instant.  All of this is what mm-link does
 * (LinkQueue::rationalize), but that its clock has milliseconds, ours
 * nanoseconds, and that its recordings begin when it is started, ours at
 * time 0. */
typedef struct {
  const ho_trace *trace;
  ho_time lap; /* when this repetition began; may be "before 0" (wrapped) */
  size_t row;  /* CSV: in force; mahimahi: the last one that is over */
  /* Where the last packet departed.  CSV: |ns| and |part| / the row's bps ns,
   * exactly; mahimahi: |left| bytes of the opportunity are not used. */
  ho_time ns;
  uint64_t part;
  uint32_t left;
} ho_schedule;

/* ho_schedule_init: |trace| is not copied and has at most 2^32 rows, the first
 * rate at 0, and a mean rate of more than 0.  Begin a busy period before
 * anything departs. */
void ho_schedule_init(ho_schedule *s, const ho_trace *trace);

/* ho_schedule_begin has the link begin at |now| to serve whoever comes; nobody
 * is waiting. */
void ho_schedule_begin(ho_schedule *s, ho_time now);

/* ho_schedule_resume goes to where a packet departed: |ns|, |part|, |left| and
 * |row| are those that |s| had then. */
void ho_schedule_resume(ho_schedule *s, ho_time ns, uint64_t part,
                        uint32_t left, size_t row);

/* ho_schedule_depart finds where a packet of |bytes| departs that waits from
 * the place on where |s| is: |s| is there then. */
void ho_schedule_depart(ho_schedule *s, uint32_t bytes);

#endif
