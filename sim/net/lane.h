/* One direction of a wired link; for link.c alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_LANE_H
#define HO_NET_LANE_H

#include "sim/base/rng.h"
#include "sim/net/link.h"
#include "sim/net/schedule.h"
#include "sim/ns3/ns3.h"

/* ho_instant is |ns| + |part| / rate ns: sums of serialisation times are exact,
 * so a saturated link runs at its rate however its packets divide it. */
typedef struct {
  ho_time ns;
  uint64_t part; /* below the rate in force */
} ho_instant;

/* ho_waiting is a packet that has not departed, with its draws.  |left| and
 * |row| are those of its departure in a schedule. */
typedef struct {
  ho_packet *pkt;
  uint16_t bytes, left;
  uint32_t row;
  ho_instant departs;
  uint64_t loss, jitter, reorder, hold;
} ho_waiting;

/* ho_due is what will become of a packet that the lane has accepted: it arrives
 * at |at|, or is lost then. */
typedef struct {
  ho_time at;
  ho_time departs;
  uint64_t seq; /* order of acceptance, for equal times */
  ho_packet *pkt;
  bool lost;
} ho_due;

/* ho_ring is a queue of |count| items from |first| on, modulo |cap|, which is a
 * power of two. */
typedef struct {
  size_t first, count, cap;
} ho_ring;

/* ho_lane knows the future of every packet in it.  |waiting| tells who has not
 * departed; each of those is also in |flow| or |aside|, so that nothing but an
 * arrival or a loss needs an event.  A change of rate, delay or state takes
 * what has not departed out of the latter two and plans it anew. */
typedef struct {
  const ho_env *env;
  ho_element *link;
  const ho_wired *wired;
  int net;
  ho_direction dir;
  ho_timer timer;

  uint64_t rate_bps; /* of a trace, the mean: for the queue alone */
  ho_schedule schedule;
  bool traced;              /* departures follow |schedule| */
  const ho_trace_row *rows; /* their delay and loss; NULL: |wired|'s */
  uint64_t limit_packets, limit_bytes; /* of the queue */

  ho_ring waiting_ring;
  ho_waiting *waiting;
  uint64_t waiting_bytes;
  ho_instant free_at; /* when the last of |waiting| departs */

  ho_ring flow_ring; /* arrivals in order */
  ho_due *flow;
  ho_due *aside; /* held back or lost: a binary heap by |at| */
  size_t aside_count, aside_cap;
  uint64_t seq;

  ho_rng loss, jitter, reorder;
  ho_link_counts counts;
} ho_lane;

/* ho_lane_init prepares |lane|; |wired| stays the link's, which changes it. */
void ho_lane_init(ho_lane *lane, const ho_env *env, ho_element *link,
                  const ho_link_config *config, const ho_wired *wired,
                  ho_direction dir);
void ho_lane_free(ho_lane *lane);

/* ho_lane_drop counts |pkt| as entered and dropped. */
void ho_lane_drop(ho_lane *lane, ho_packet *pkt, const char *reason);

/* ho_lane_push queues |pkt| at |now|. */
void ho_lane_push(ho_lane *lane, ho_packet *pkt, ho_time now);

/* ho_lane_replan applies the link's configuration to all that has not departed
 * at |now|.  |round_trip| is what `1bdp` refers to. */
void ho_lane_replan(ho_lane *lane, ho_time round_trip, ho_time now);

/* ho_lane_cut drops what has not departed at |now| of those who are |gone|. The
 * others are planned as if it had never been there, but that what it got of
 * service is over: where the packet in service goes, the next one's service
 * begins at |now|; where that stays, its departure stays too. */
void ho_lane_cut(ho_lane *lane, bool (*gone)(const void *user, int client),
                 const void *user, ho_time now);

/* ho_lane_advance forgets from |waiting| what has departed by |now|. */
void ho_lane_advance(ho_lane *lane, ho_time now);

void ho_lane_check(const ho_lane *lane);

#endif
