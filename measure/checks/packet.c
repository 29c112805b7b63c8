/* What checks ask of a packet, and what they keep of it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/checks/packet.h"

#include <string.h>

ho_mark ho_mark_of(const ho_sighting *s, const ho_wire_packet *p) {
  ho_mark mark = {.s = *s};

  mark.s.d = NULL;
  if (p) {
    mark.p = *p;
    mark.p.frames = NULL;
    mark.p.frames_count = 0;
    mark.p.plain = NULL;
    mark.p.plain_len = 0;
    mark.p.header.token = NULL;
    mark.p.header.token_len = 0;
  }
  return mark;
}

bool ho_cid_eq(const ho_cid *a, const ho_cid *b) {
  return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* Its socket goes with the host.  What a faulty peer sends from elsewhere is of
 * its own doing. */
static bool follows(const ho_flow *flow) {
  return flow->arm->on_change == HO_CHANGE_NONE ||
         flow->scenario->client_notice == HO_NEVER;
}

const ho_endpoint *ho_flow_source(const ho_flow *flow, const ho_sighting *s) {
  bool told = s->at == HO_SENT && s->packet == flow->packet && s->packet != 0;

  return told && follows(flow) ? &flow->source : &s->tuple.client;
}

bool ho_flow_knows(const ho_flow *flow, const ho_sighting *s) {
  return flow->told &&
         ho_endpoint_eq(ho_flow_source(flow, s), &s->tuple.client);
}

const ho_frame *ho_packet_find(const ho_wire_packet *p, uint64_t type) {
  for (size_t i = 0; i < p->frames_count; i++) {
    if (p->frames[i].type == type) {
      return &p->frames[i];
    }
  }
  return NULL;
}

bool ho_packet_has(const ho_wire_packet *p, uint64_t type) {
  return ho_packet_find(p, type) != NULL;
}

bool ho_packet_closes(const ho_wire_packet *p) {
  return ho_packet_has(p, HO_FRAME_CONNECTION_CLOSE) ||
         ho_packet_has(p, HO_FRAME_CONNECTION_CLOSE_APP);
}

const ho_flow_cid *ho_flow_find_reset(const ho_flow *flow, ho_side issuer,
                                      const ho_wire_datagram *d) {
  const ho_flow_end *end = &flow->ends[issuer];

  for (size_t i = 0; d->maybe_reset && i < end->cids_count; i++) {
    const ho_flow_cid *cid = &end->cids[i];
    if (cid->has_token &&
        memcmp(cid->token.bytes, d->tail.bytes, sizeof(d->tail.bytes)) == 0) {
      return cid;
    }
  }
  return NULL;
}
