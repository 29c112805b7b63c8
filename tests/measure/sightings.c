/* One connection made of hand-written datagrams. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sightings.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

void sightings_init(sightings *w) {
  static char home[] = "home", cell[] = "cell";

  memset(w, 0, sizeof(*w));
  w->nets[0] = (ho_net_config){.name = home, .family = 4};
  w->nets[1] = (ho_net_config){.name = cell, .family = 4};
  w->scenario.nets = w->nets;
  w->scenario.nets_count = 2;
  w->scenario.clients = 1;
  w->scenario.arms = &w->arm;
  w->scenario.arms_count = 1;
  w->inside = w->outside = 1000;
  w->family = 4;
  for (int side = 0; side < 2; side++) {
    w->params[side] = (ho_wire_params){.max_ack_delay_ms = 25,
                                       .active_connection_id_limit = 7};
    w->cid_bytes[side] = 8;
    w->pn[side] = UINT64_MAX;
  }
  w->flow = ho_flow_new(&w->scenario, &w->arm, 0, 0, w->findings);
}

void sightings_free(sightings *w) {
  for (uint64_t i = 0; i < w->packets; i++) {
    free(w->datagrams[i]);
  }
  ho_flow_del(w->flow);
}

/* Bytes that look random, and differ for each |n|. */
static void scramble(uint8_t *dest, size_t len, uint64_t n) {
  for (size_t i = 0; i < len; i++) {
    n = n * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    dest[i] = (uint8_t)(n >> 56);
  }
}

ho_cid sight_cid(const sightings *w, ho_side side, uint64_t sequence) {
  ho_cid cid = {.len = w->cid_bytes[side]};

  scramble(cid.bytes, cid.len, 1000 * (side + 1) + sequence);
  return cid;
}

ho_token sight_token(ho_side side, uint64_t sequence) {
  ho_token token;

  scramble(token.bytes, sizeof(token.bytes), 5000 * (side + 1) + sequence);
  return token;
}

/* ---- datagrams ---- */

static ho_tuple tuple_at(const sightings *w, bool behind_nat) {
  uint32_t client = behind_nat ? 0xc6336401u : 0x0a000001u;
  ho_tuple tuple = {
      .client = {ho_addr_v4(client + 256 * (uint32_t)w->net),
                 behind_nat ? w->outside : w->inside},
      .server = {ho_addr_v4(w->to_preferred ? 0xc0000202u : 0xc0000201u), 443}};

  return tuple;
}

static void see(sightings *w, ho_sighting *s) {
  w->t = s->t;
  ho_flow_learn(w->flow, s);
  ho_flow_judge(w->flow, s);
}

/* SENT, and where it is a client's packet the WIRE. */
static uint64_t send_out(sightings *w, ho_time t, ho_side side,
                         ho_wire_datagram *d) {
  uint64_t packet = ++w->packets;
  ho_sighting s = {.at = HO_SENT,
                   .t = t,
                   .from = side,
                   .packet = packet,
                   .net = w->net,
                   .forged = w->forged,
                   .family = w->family,
                   .flow_label = w->label,
                   .tuple = tuple_at(w, side == HO_SERVER),
                   .d = d};

  ck_assert_uint_le(packet, SIGHT_DATAGRAMS);
  w->datagrams[packet - 1] = d;
  w->sents[packet - 1] = s;
  w->wires[packet - 1] = tuple_at(w, true);
  see(w, &s);
  if (side == HO_CLIENT) {
    s.at = HO_ON_WIRE;
    s.tuple = tuple_at(w, true);
    see(w, &s);
  }
  return packet;
}

static void add_packet(sightings *w, ho_wire_datagram *d, ho_side side,
                       ho_wire_type type, const ho_frame *frames,
                       size_t count) {
  ho_wire_packet *p = &d->packets[d->packets_count++];

  p->header.type = type;
  p->header.dcid =
      sight_cid(w, side == HO_CLIENT ? HO_SERVER : HO_CLIENT, w->dcid[side]);
  p->header.scid = sight_cid(w, side, 0);
  p->opened = p->probing = true;
  p->spin = w->spin[side];
  p->key_phase = w->key_phase[side];
  p->frames = &d->frames[d->frames_count];
  p->frames_count = count;
  p->plain = d->plain;
  for (size_t i = 0; i < count; i++) {
    d->frames[d->frames_count++] = frames[i];
    p->probing &= ho_frame_probing(frames[i].type);
    p->eliciting |= ho_frame_eliciting(frames[i].type);
  }
  p->len = d->bytes = w->pad_to[side] ? w->pad_to[side] : 100;
}

uint64_t sent(sightings *w, ho_time t, ho_side side, const ho_frame *frames,
              size_t count) {
  ho_wire_datagram *d = ho_alloc(sizeof(*d));

  add_packet(w, d, side, HO_WIRE_1RTT, frames, count);
  d->packets[0].pn = ++w->pn[side];
  return send_out(w, t, side, d);
}

void got(sightings *w, ho_time t, uint64_t packet) {
  ho_sighting s = w->sents[packet - 1];

  s.at = HO_RECEIVED;
  s.t = t;
  if (s.from == HO_CLIENT) {
    s.tuple = w->wires[packet - 1];
  } else {
    s.tuple = tuple_at(w, false);
  }
  see(w, &s);
}

uint64_t pass(sightings *w, ho_time t, ho_side side, const ho_frame *frames,
              size_t count) {
  uint64_t packet = sent(w, t, side, frames, count);

  got(w, t + MS(10), packet);
  return packet;
}

uint64_t sent_reset(sightings *w, ho_time t, ho_side side, uint64_t sequence,
                    size_t bytes) {
  ho_wire_datagram *d = ho_alloc(sizeof(*d));

  d->bytes = bytes;
  d->maybe_reset = true;
  d->tail = sight_token(side, sequence == UINT64_MAX ? 999 : sequence);
  return send_out(w, t, side, d);
}

/* ---- frames ---- */

ho_frame ncid(const sightings *w, ho_side side, uint64_t sequence,
              uint64_t retire_prior_to) {
  return (ho_frame){.type = HO_FRAME_NEW_CONNECTION_ID,
                    .sequence = sequence,
                    .retire_prior_to = retire_prior_to,
                    .cid = sight_cid(w, side, sequence),
                    .token = sight_token(side, sequence)};
}

ho_frame rcid(uint64_t sequence) {
  return (ho_frame){.type = HO_FRAME_RETIRE_CONNECTION_ID,
                    .sequence = sequence};
}

ho_frame frame_of(uint64_t type) {
  return (ho_frame){.type = type};
}

static ho_frame path_frame(uint64_t type, uint64_t n) {
  return (ho_frame){.type = type, .data = n * UINT64_C(0x9e3779b97f4a7c15)};
}

ho_frame path_challenge(uint64_t n) {
  return path_frame(HO_FRAME_PATH_CHALLENGE, n);
}

ho_frame path_response(uint64_t n) {
  return path_frame(HO_FRAME_PATH_RESPONSE, n);
}

ho_frame ack(uint64_t first, uint64_t last) {
  static uint8_t raws[SIGHT_DATAGRAMS][8];
  static size_t count;
  uint8_t *raw = raws[count++ % SIGHT_DATAGRAMS];
  ho_frame f;

  ck_assert_uint_lt(last, 64);
  raw[0] = HO_FRAME_ACK;
  raw[1] = (uint8_t)last;
  raw[2] = raw[3] = 0;
  raw[4] = (uint8_t)(last - first);
  ck_assert_uint_eq(ho_frame_next(&f, raw, 5), 5);
  return f;
}

/* ---- a connection ---- */

static void handshake(sightings *w, ho_time t, ho_side side,
                      ho_wire_type type) {
  ho_wire_datagram *d = ho_alloc(sizeof(*d));
  ho_frame crypto = frame_of(HO_FRAME_CRYPTO);

  add_packet(w, d, side, type, &crypto, 1);
  if (type == HO_WIRE_INITIAL && side == HO_CLIENT) {
    scramble(d->packets[0].header.dcid.bytes, 8, 77);
    d->packets[0].header.dcid.len = 8;
  }
  d->bytes = 1200;
  got(w, t + MS(10), send_out(w, t, side, d));
}

static void know(sightings *w, ho_side side) {
  ho_flow_end *end = &w->flow->ends[side];

  end->params = &w->params[side];
  if (side == HO_SERVER) {
    end->cids[0].has_token = true;
    end->cids[0].token = sight_token(side, 0);
  }
}

void sightings_connect(sightings *w) {
  handshake(w, 0, HO_CLIENT, HO_WIRE_INITIAL);
  handshake(w, MS(10), HO_SERVER, HO_WIRE_INITIAL);
  know(w, HO_CLIENT);
  know(w, HO_SERVER);
  handshake(w, MS(10), HO_SERVER, HO_WIRE_HANDSHAKE);
  handshake(w, MS(20), HO_CLIENT, HO_WIRE_HANDSHAKE);
  pass(w, MS(30), HO_SERVER, FRAMES(frame_of(HO_FRAME_HANDSHAKE_DONE)));
  pass(w, MS(40), HO_CLIENT, PING);
  for (ho_side side = HO_CLIENT; side <= HO_SERVER; side++) {
    event_at(w, &(ho_event){.kind = HO_EV_recovery,
                            .t = MS(50),
                            .u.recovery = {.endpoint = side,
                                           .cwnd = 12000,
                                           .srtt = MS(20),
                                           .latest_rtt = MS(20),
                                           .min_rtt = MS(20)}});
  }
}

void issue(sightings *w, ho_time t, ho_side side, uint64_t first,
           uint64_t last) {
  for (uint64_t n = first; n <= last; n++) {
    pass(w, t, side, FRAMES(ncid(w, side, n, 0)));
  }
}

void event_at(sightings *w, const ho_event *event) {
  w->t = event->t > w->t ? event->t : w->t;
  ho_flow_event(w->flow, event);
}

void tell(sightings *w, ho_time t, int net) {
  event_at(w, &(ho_event){.kind = HO_EV_handoff,
                          .t = t,
                          .u.handoff = {.kind = "switch",
                                        .from = w->net,
                                        .to = net,
                                        .t_loss = t,
                                        .t_up = t}});
  event_at(w, &(ho_event){.kind = HO_EV_notice,
                          .t = t,
                          .u.notice = {.net = net, .cause = "notice"}});
  w->net = net;
}

ho_verdict verdict_at(sightings *w, ho_time t, ho_check_id id) {
  ho_flow_finish(w->flow, t);
  return w->findings[id].verdict;
}

void must_be(sightings *w, ho_check_id id, ho_verdict want) {
  ho_verdict got_one = verdict_at(w, w->t, id);

  ck_assert_msg(got_one == want, "%s: %s, not %s", ho_check_table()[id].id,
                ho_verdict_name(got_one), ho_verdict_name(want));
}

void must_fail(sightings *w, ho_check_id id, ho_side endpoint,
               uint64_t packet) {
  const ho_finding *f = &w->findings[id];

  ck_assert_int_eq(f->verdict, HO_FAIL);
  ck_assert_int_eq(f->endpoint, endpoint);
  ck_assert_uint_eq(f->packet, packet);
  ck_assert_str_ne(f->detail, "");
}
