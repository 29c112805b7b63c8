/* What checks ask of a packet, and what they keep of it.  Private to
 * measure/checks. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_CHECKS_PACKET_H
#define HO_MEASURE_CHECKS_PACKET_H

#include "measure/checks/flow.h"

/* ho_mark is kept of a packet for a verdict that comes later: what ho_flow_fail
 * reads of it.  Its datagram is gone by then, and so is all that pointed into
 * it (s.d is NULL). */
typedef struct {
  ho_sighting s;
  ho_wire_packet p;
} ho_mark;

/* ho_mark_of keeps |s| and, where it is not NULL, |p|. */
ho_mark ho_mark_of(const ho_sighting *s, const ho_wire_packet *p);

bool ho_cid_eq(const ho_cid *a, const ho_cid *b);

/* Whether |p| is a 1-RTT packet that could be opened. */
static inline bool ho_is_app(const ho_wire_packet *p) {
  return p->opened && p->header.type == HO_WIRE_1RTT;
}

/* Whether |s| is what |side| receives and can open: what a rule broke is
 * nothing to it. */
static inline bool ho_received_by(const ho_sighting *s, ho_side side) {
  return s->at == HO_RECEIVED && s->from != side && !s->damaged;
}

/* Whether |s| leaves |side| by its own doing: a copy does not. */
static inline bool ho_leaves(const ho_sighting *s, ho_side side) {
  return ho_sent_by(s, side) && s->copy_of == 0;
}

/* ho_flow_source is where the client took itself to send |s| from.  That is not
 * where it left from if its host has moved, its socket is bound to no address
 * and nobody has told it, whatever else it was told of. */
const ho_endpoint *ho_flow_source(const ho_flow *flow, const ho_sighting *s);

/* ho_flow_knows: the client's transport was told of its last change of address,
 * or asked for it, and |s| left from where it took itself to be. */
bool ho_flow_knows(const ho_flow *flow, const ho_sighting *s);

/* ho_packet_find is the first frame of |type| in |p|, or NULL; ho_packet_has
 * says whether there is one, ho_packet_closes of either CONNECTION_CLOSE. */
const ho_frame *ho_packet_find(const ho_wire_packet *p, uint64_t type);
bool ho_packet_has(const ho_wire_packet *p, uint64_t type);
bool ho_packet_closes(const ho_wire_packet *p);

/* ho_flow_find_reset is the CID of |issuer| whose stateless reset |d| looks
 * like (RFC 9000, 10.3.1), or NULL. */
const ho_flow_cid *ho_flow_find_reset(const ho_flow *flow, ho_side issuer,
                                      const ho_wire_datagram *d);

#endif
