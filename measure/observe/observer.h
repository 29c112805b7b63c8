/* An observer: from what passes its taps to the flows that it can tell apart.
 *
 * It is given bytes and times and nothing else.  This library includes neither
 * keys nor packets nor scenarios nor events, which scripts/layers checks: what
 * it does not show, an observer on a real wire does not know. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_OBSERVE_OBSERVER_H
#define HO_OBSERVE_OBSERVER_H

#include "measure/observe/glimpse.h"
#include "measure/observe/identifiers.h"

/* A flow ends when neither direction shows a packet for longer than this. */
#define HO_FLOW_SILENCE (2 * HO_SEC)

/* ho_observer_config is public knowledge. */
typedef struct {
  unsigned server_tap; /* the tap at the server; all others are those of access
                          networks */
  uint8_t server_cid_len; /* QUIC-LB: of the server's CIDs; else 0 */
  uint8_t server_id_len;  /* QUIC-LB without encryption: of the server ID, which
                             stands behind a CID's first byte; else 0 */
} ho_observer_config;

/* ho_seen_way is one direction of a flow. */
typedef struct {
  ho_time t_first, t_last; /* HO_NEVER: no packet */
  uint64_t packets, bytes; /* bytes: of IP packets */
  uint32_t max_bytes;
  uint64_t shorts, spins; /* short headers; of these with the spin bit */
  uint64_t ecn;           /* packets with ECT or CE */
} ho_seen_way;

/* ho_seen_flow is what is on record of one flow. */
typedef struct {
  ho_tuple tuple;
  uint8_t proto;
  uint8_t ttl; /* of the first packet up */
  ho_seen_way up, down;
  ho_ids ids;
} ho_seen_flow;

typedef struct ho_observer ho_observer;

ho_observer *ho_observer_new(const ho_observer_config *config);
void ho_observer_del(ho_observer *observer);

enum { HO_NO_FLOW = -1 };

/* ho_observer_see takes a packet; time does not go back.  A packet that is seen
 * at the server and in an access network counts in the latter.
 *
 * Returns the number of its flow, from 0 in order of their first packets, or
 * HO_NO_FLOW: it is not recorded. */
int64_t ho_observer_see(ho_observer *observer, const ho_glimpse *glimpse);

/* ho_observer_finish ends all flows: what is left to guess is guessed.  Nothing
 * may be shown afterwards. */
void ho_observer_finish(ho_observer *observer);

size_t ho_observer_count(const ho_observer *observer);

/* ho_observer_flow is valid until the next ho_observer_see. */
const ho_seen_flow *ho_observer_flow(const ho_observer *observer, size_t flow);

#endif
