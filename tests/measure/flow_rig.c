/* A connection of hand-made packets. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flow_rig.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

ho_endpoint rig_at(uint8_t n, uint16_t port) {
  return (ho_endpoint){ho_addr_v4(0x0a000000u + n), port};
}

void rig_init(rig *r, uint64_t connection) {
  *r = (rig){.dcid = 1, .bytes = 1200, .delay = MS(10)};
  r->arm = (ho_arm){.preferred_address = true, .initial_window = 10};
  r->params =
      (ho_wire_params){.max_ack_delay_ms = 25, .active_connection_id_limit = 8};
  r->tuple = (ho_tuple){rig_at(1, 1000), {ho_addr_v4(0xc0000201u), 443}};
  r->flow = ho_flow_new(&r->scenario, &r->arm, 0, connection, r->findings);
}

void rig_free(rig *r) {
  ho_flow_del(r->flow);
  for (size_t i = 0; i < RIG_PACKETS; i++) {
    free(r->wires[i]);
  }
}

uint64_t rig_put(rig *r, ho_side from, ho_time t, ho_wire_type type,
                 uint64_t pn, const ho_frame *frames, size_t count) {
  ho_wire_datagram *d = ho_alloc(sizeof(*d));
  ho_wire_packet *p = &d->packets[0];
  ho_sighting *s;

  r->packet++;
  assert(r->packet < RIG_PACKETS && count < HO_WIRE_FRAMES);
  s = &r->sent[r->packet];
  r->wires[r->packet] = d;
  d->bytes = r->bytes;
  d->packets_count = 1;
  memcpy(d->frames, frames, count * sizeof(*frames));
  d->frames_count = count;
  *p = (ho_wire_packet){.opened = true,
                        .pn = pn,
                        .probing = true,
                        .frames = d->frames,
                        .frames_count = count,
                        .len = r->bytes};
  p->header.type = type;
  p->header.token_len =
      from == HO_CLIENT && type == HO_WIRE_INITIAL ? r->token_len : 0;
  p->header.scid.len = from == HO_SERVER ? 8 : 0; /* clients have none */
  memset(p->header.scid.bytes, 1, p->header.scid.len);
  p->header.dcid.len = from == HO_CLIENT ? 8 : 0;
  memset(p->header.dcid.bytes, r->dcid, p->header.dcid.len);
  for (size_t i = 0; i < count; i++) {
    p->probing &= ho_frame_probing(frames[i].type);
    p->eliciting |= ho_frame_eliciting(frames[i].type);
  }
  *s = (ho_sighting){.at = HO_SENT,
                     .t = t,
                     .from = from,
                     .forged = r->forged,
                     .packet = r->packet,
                     .tuple = r->tuple,
                     .family = 4,
                     .ecn = r->ecn,
                     .d = d};
  ho_flow_learn(r->flow, s);
  ho_flow_judge(r->flow, s);
  return r->packet;
}

uint64_t rig_send(rig *r, ho_side from, ho_time t, const ho_frame *frames,
                  size_t count) {
  return rig_put(r, from, t, HO_WIRE_1RTT, r->pn[from]++, frames, count);
}

void rig_arrive(rig *r, uint64_t packet, ho_time t, const ho_tuple *tuple) {
  ho_sighting s = r->sent[packet];

  s.at = HO_RECEIVED;
  s.t = t;
  s.tuple = tuple ? *tuple : s.tuple;
  ho_flow_learn(r->flow, &s);
  ho_flow_judge(r->flow, &s);
}

uint64_t rig_go(rig *r, ho_side from, ho_time t, const ho_frame *frames,
                size_t count) {
  uint64_t packet = rig_send(r, from, t, frames, count);

  rig_arrive(r, packet, t + r->delay, NULL);
  return packet;
}

void rig_shake(rig *r) {
  const ho_frame crypto = {.type = HO_FRAME_CRYPTO, .length = 100};
  uint64_t n;

  n = rig_put(r, HO_CLIENT, 0, HO_WIRE_INITIAL, 0, &crypto, 1);
  rig_arrive(r, n, MS(10), NULL);
  r->flow->ends[HO_SERVER].params = &r->params;
  n = rig_put(r, HO_SERVER, MS(10), HO_WIRE_HANDSHAKE, 0, &crypto, 1);
  rig_arrive(r, n, MS(20), NULL);
}

void rig_begin(rig *r) {
  const ho_frame crypto = {.type = HO_FRAME_CRYPTO, .length = 100};
  const ho_frame done = {.type = HO_FRAME_HANDSHAKE_DONE};
  const ho_frame ping = {.type = HO_FRAME_PING};
  uint64_t n;

  rig_shake(r);
  n = rig_put(r, HO_CLIENT, MS(20), HO_WIRE_HANDSHAKE, 0, &crypto, 1);
  rig_arrive(r, n, MS(29), NULL);
  n = rig_send(r, HO_CLIENT, MS(20), &ping, 1);
  rig_arrive(r, n, MS(30), NULL);
  n = rig_send(r, HO_SERVER, MS(30), &done, 1);
  rig_arrive(r, n, MS(40), NULL);
}

void rig_event(rig *r, const ho_event *event) {
  ho_flow_event(r->flow, event);
}

void rig_end(rig *r, ho_time t) {
  ho_flow_finish(r->flow, t);
}
