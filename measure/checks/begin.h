/* What an end begins a new path with: ECN marks and datagram sizes (checks E11
 * and E12).  Private to measure/checks. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_BEGIN_H
#define HO_MEASURE_BEGIN_H

#include "measure/checks/trail.h"

enum { HO_BEGIN_PATHS = 32 };

/* ho_begin_path is one end's pair of addresses and ports. */
typedef struct {
  ho_tuple tuple;
  bool blind;     /* used by a host whose transport knows nothing of it */
  uint32_t taken; /* largest datagram that was acknowledged */
  uint64_t sent;  /* 1-RTT datagrams that are no probes */
  unsigned large; /* of more than it is known to take, in a row */
  ho_mark large_by;
  bool large_seen;
  /* ECN */
  uint64_t marked;      /* ECT packets sent */
  uint64_t confirmed;   /* of them, acknowledged with counts */
  ho_time t_ecn_failed; /* 0: not */
  bool ecn_stopped;
} ho_begin_path;

/* ho_begin is what one end has sent, by path.  All zeros is a new one. */
typedef struct {
  ho_begin_path paths[HO_BEGIN_PATHS];
  size_t count;
  ho_tuple tuple; /* where its last non-probing packet went */
  ho_sent sent;
  uint64_t counted; /* packets, by the last ACK_ECN that was used */
} ho_begin;

/* ho_begin_sent takes in the 1-RTT packet |p| of its own |s|, ho_begin_ack an
 * ACK that |side|, whose |begin| it is, received in |s|. */
void ho_begin_sent(ho_begin *begin, ho_flow *flow, const ho_sighting *s,
                   const ho_wire_packet *p);
void ho_begin_ack(ho_begin *begin, ho_flow *flow, ho_side side,
                  const ho_frame *ack, const ho_sighting *s);
void ho_begin_finish(const ho_begin *begin, ho_flow *flow);
void ho_begin_free(ho_begin *begin);

#endif
