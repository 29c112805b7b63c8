/* The addresses of a client as its server sees them, and what it may send to
 * each: what the checks of paths share.  Private to measure/checks. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_PEERS_H
#define HO_MEASURE_PEERS_H

#include "measure/checks/packet.h"

/* An address of the client (RFC 9000, 1.2: port included). */
typedef struct {
  ho_endpoint client;
  uint64_t received, sent; /* bytes of UDP payload; forged ones were received */
  /* Of that, before it became active, or its validation failed. */
  uint64_t received_before, sent_before;
  bool failed;         /* that happened */
  ho_time t_first;     /* something came from it, or was sent there */
  ho_time t_validated; /* HO_NEVER */
  ho_time t_active;    /* it became the active one last; HO_NEVER */
  bool genuine;        /* something that nobody forged came from it */
  ho_cid dcid;         /* of the last 1-RTT packet from there */
} ho_peer;

/* ho_peers follows one connection; zeroed memory is a new one. */
typedef struct {
  bool begun;
  bool settled; /* the handshake is confirmed */
  ho_peer *list;
  size_t count, cap;
  size_t *slots, slots_count; /* finds |list|'s entries by address */
  size_t active;    /* where the non-probing packet with the highest number came
                       from since the handshake was confirmed; before, where
                       the server said that it was, or the first */
  uint64_t largest; /* UINT64_MAX: none */
  unsigned moves;   /* how often |active| changed */
  bool moved;       /* the datagram at hand changed it */
  size_t at;        /* index of the datagram's address, at the server */
  /* What the limit allowed before the datagram at hand, for one that the
   * server sent; UINT64_MAX: no limit. */
  uint64_t allowance;
  /* The same as a server may see it that validates an address anew: when the
   * client returns there, or after a failure.  It need not remember (9.3).
   * Where it has two addresses of its own, each path has its limit. */
  uint64_t renewed;
  ho_time t_ended;
} ho_peers;

void ho_peers_datagram(ho_peers *peers, ho_flow *flow, const ho_sighting *s);
void ho_peers_event(ho_peers *peers, const ho_flow *flow,
                    const ho_event *event);
void ho_peers_free(ho_peers *peers);

/* ho_peers_find returns NULL for an address that was never seen. */
ho_peer *ho_peers_find(ho_peers *peers, const ho_endpoint *client);

/* ho_peers_active is NULL before the first datagram. */
ho_peer *ho_peers_active(ho_peers *peers);

/* What may be sent to |peer| now; UINT64_MAX: no limit. */
uint64_t ho_peer_allowance(const ho_peer *peer);

/* ho_peers_end is when the connection ended at either end, or |now| if it has
 * not: nothing is owed after it. */
ho_time ho_peers_end(const ho_peers *peers, const ho_flow *flow, ho_time now);

/* ho_flow_spare says whether |side| has a CID of its peer that it never used,
 * or needs none. */
bool ho_flow_spare(const ho_flow *flow, ho_side side);

/* ho_flow_choked says whether congestion control keeps |side| from sending
 * |bytes|, as its endpoint tells. */
bool ho_flow_choked(const ho_flow *flow, ho_side side, uint64_t bytes);

#endif
