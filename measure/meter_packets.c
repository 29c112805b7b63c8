/* The meter's packets and tuples: who sent what, and what became of it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>

#include "measure/meter_state.h"
#include "sim/base/alloc.h"

/* How far back a packet may be asked for: longer than a handoff's window, in
 * which the loss of what was sent before it is still declared. */
static const ho_time KEEP = 40 * HO_SEC;

static void add_clients(ho_meter *m, int index) {
  while (m->clients_count <= (size_t)index) {
    size_t nets = m->config.scenario->nets_count;
    ho_meter_client *c;

    ho_grow(&m->clients, m->clients_count, &m->clients_cap,
            sizeof(*m->clients));
    c = &m->clients[m->clients_count];
    c->index = (int)m->clients_count++;
    ho_meter_work(m, c);
    c->net = ho_scenario_start(m->config.scenario, (size_t)c->index);
    c->connection = c->starting = c->worked = -1;
    c->stream = c->out_of_reach = c->dead = -1;
    c->fallback = c->t_noticed = HO_NEVER;
    c->last_local = c->last_tuple = -1;
    c->hints[0] = c->hints[1] = -1;
    c->cid_hint[0] = c->cid_hint[1] = -1;
    c->t_delivered = c->t_work_done = HO_NEVER;
    c->deliveries.size = sizeof(ho_time);
    c->past.size = sizeof(ho_meter_past);
    c->known.size = sizeof(ho_meter_known);
    c->local_of = ho_alloc_array(nets, sizeof(int));
    c->t_local_of = ho_alloc_array(nets, sizeof(ho_time));
    c->t_associated = ho_alloc_array(nets, sizeof(ho_time));
    for (size_t i = 0; i < nets; i++) {
      c->local_of[i] = -1;
      c->t_associated[i] = HO_NEVER;
    }
  }
}

ho_meter_client *ho_meter_client_at(ho_meter *m, int index) {
  if (index < 0) {
    return NULL;
  }
  if ((size_t)index >= m->clients_count) {
    add_clients(m, index);
  }
  return &m->clients[index];
}

static void add_connections(ho_meter_client *c, uint64_t n) {
  assert(n < UINT32_MAX);
  while (c->conns_count <= n) {
    ho_meter_connection *conn;

    ho_grow(&c->conns, c->conns_count, &c->conns_cap, sizeof(*c->conns));
    conn = &c->conns[c->conns_count++];
    conn->t_started = conn->t_done = conn->t_first_rx = HO_NEVER;
    conn->local = -1;
    for (int side = 0; side < 2; side++) {
      for (int space = 0; space < 3; space++) {
        conn->flows[side].pns[space].size = 2 * sizeof(uint64_t);
      }
    }
  }
}

ho_meter_connection *ho_meter_connection_at(ho_meter_client *c, uint64_t n) {
  if (n >= c->conns_count) {
    add_connections(c, n);
  }
  return &c->conns[n];
}

int ho_meter_tuple_at(ho_meter *m, ho_meter_client *c, const ho_tuple *tuple,
                      int net) {
  ho_meter_tuple *found;
  uint64_t hash;

  for (int i = 0; i < 2; i++) {
    if (c->hints[i] >= 0 && ho_tuple_eq(&c->tuples[c->hints[i]].tuple, tuple)) {
      return c->hints[i];
    }
  }
  c->hints[1] = c->hints[0];
  hash = ho_index_endpoint(&tuple->client);
  for (size_t i = ho_index_last(&c->tuples_index, hash); i != HO_INDEX_NONE;
       i = ho_index_before(&c->tuples_index, i)) {
    if (ho_tuple_eq(&c->tuples[i].tuple, tuple)) {
      return c->hints[0] = (int)i;
    }
  }
  ho_index_add(&c->tuples_index, hash);
  ho_grow(&c->tuples, c->tuples_count, &c->tuples_cap, sizeof(*c->tuples));
  found = &c->tuples[c->tuples_count];
  found->tuple = *tuple;
  found->t_first = m->now;
  found->net = net;
  found->outer = -1;
  found->connection = found->handoff = -1;
  return c->hints[0] = (int)c->tuples_count++;
}

ho_meter_packet *ho_meter_packet_at(const ho_meter *m, uint64_t n) {
  ho_meter_packet *packet = ho_ring_at(&m->packets, n);

  return packet != NULL && packet->used ? packet : NULL;
}

/* forget lets go of packets too old to matter, with their stream ranges. */
static void forget(ho_meter *m) {
  for (int i = 0; i < 2 && m->packets.base < m->packets.end; i++) {
    const ho_meter_packet *old = ho_ring_at(&m->packets, m->packets.base);

    if (old->used && old->t_sent + KEEP >= m->now) {
      return;
    }
    if (old->ranges > 0) {
      ho_ring_drop(&m->ranges, old->range + old->ranges);
    }
    ho_ring_drop(&m->packets, m->packets.base + 1);
  }
}

/* Packets are mostly told of in the order of their numbers. */
static ho_meter_packet *next_packet(ho_meter *m, uint64_t n) {
  ho_meter_packet *packet;

  if (n != m->packets.end) {
    return ho_ring_extend(&m->packets, n);
  }
  packet = ho_ring_next(&m->packets);
  packet->used = false;
  return packet;
}

ho_meter_packet *ho_meter_packet_new(ho_meter *m, uint64_t n, int client,
                                     ho_side side) {
  ho_meter_packet *packet = ho_ring_at(&m->packets, n);

  if (packet == NULL) {
    if (m->packets.base < m->packets.end && n < m->packets.base) {
      return NULL;
    }
    forget(m);
    packet = next_packet(m, n);
  }
  if (!packet->used) {
    *packet = (ho_meter_packet){.used = true,
                                .t_sent = m->now,
                                .client = client,
                                .side = (uint8_t)side,
                                .net = -1,
                                .local = -1,
                                .tuple = -1,
                                .cid = -1};
  }
  return packet;
}

static int16_t net_checked(const ho_meter *m, int net) {
  assert(net >= -1 && net < (int)m->config.scenario->nets_count);
  return (int16_t)net;
}

/* Whose first packet |packet| is, if nothing went by its tuple before: a
 * connection has a port of its own. */
static void own(ho_meter *m, ho_meter_client *c,
                const ho_meter_packet *packet) {
  ho_meter_tuple *tuple = &c->tuples[packet->local];
  int64_t owner = packet->has_connection ? packet->connection : c->starting;

  if (tuple->connection >= 0 || tuple->t_first != m->now || owner < 0) {
    return;
  }
  tuple->connection = owner;
  if (owner == c->starting) {
    c->conns[owner].local = packet->local;
    c->starting = -1;
  }
}

void ho_meter_on_datagram_sent(ho_meter *m, const ho_event *ev) {
  const ho_ev_datagram_sent *sent = &ev->u.datagram_sent;
  ho_meter_client *c = ho_meter_client_at(m, ev->client);
  ho_meter_packet *packet;
  int tuple;

  if (c == NULL) {
    return;
  }
  packet = ho_meter_packet_new(m, sent->packet, ev->client, sent->endpoint);
  if (packet == NULL) {
    return;
  }
  tuple = ho_meter_tuple_at(m, c, &sent->tuple, sent->net);
  packet->t_sent = m->now;
  packet->bytes = (uint32_t)sent->bytes;
  packet->net = net_checked(m, sent->net);
  packet->sent = true;
  packet->frames = ho_meter_frames_of(c, sent->packet);
  if (sent->endpoint == HO_SERVER) {
    packet->tuple = tuple;
    ho_meter_cid_seen(m, c, sent->packet, packet);
    ho_meter_frames_sent(m, c, sent->packet, tuple);
    return;
  }
  packet->local = tuple;
  c->last_local = tuple;
  c->last_sent = sent->packet;
  c->datagrams_up++;
  if (sent->net >= 0) {
    c->local_of[sent->net] = tuple;
    c->t_local_of[sent->net] = m->now;
  }
  own(m, c, packet);
  ho_meter_handoff_sent(m, c, packet);
  ho_meter_frames_sent(m, c, sent->packet, tuple);
}

void ho_meter_on_wire(ho_meter *m, const ho_event *ev) {
  ho_meter_packet *packet = ho_meter_packet_at(m, ev->u.wire.packet);
  ho_meter_client *c;

  if (packet == NULL || packet->side != HO_CLIENT || !packet->sent) {
    return;
  }
  c = ho_meter_client_at(m, packet->client);
  packet->tuple = ho_meter_tuple_at(m, c, &ev->u.wire.tuple, packet->net);
  c->tuples[packet->tuple].net = packet->net;
  ho_meter_handoff_wire(m, c, packet);
  c->tuples[packet->local].outer = packet->tuple;
  c->last_tuple = packet->tuple;
  ho_meter_cid_seen(m, c, ev->u.wire.packet, packet);
}

static void first_received(const ho_meter *m, ho_meter_client *c,
                           const ho_meter_packet *packet) {
  int64_t owner = c->tuples[packet->local].connection;

  if (owner >= 0 && c->conns[owner].local == packet->local &&
      c->conns[owner].t_first_rx == HO_NEVER) {
    c->conns[owner].t_first_rx = m->now;
  }
}

void ho_meter_on_datagram_received(ho_meter *m, const ho_event *ev) {
  const ho_ev_datagram_received *got = &ev->u.datagram_received;
  ho_meter_packet *packet = ho_meter_packet_at(m, got->packet);
  ho_meter_client *c;

  if (packet == NULL || !packet->sent || packet->side == got->endpoint) {
    return;
  }
  c = ho_meter_client_at(m, packet->client);
  if (got->endpoint == HO_CLIENT) {
    c->datagrams_down++;
  }
  if (!packet->received) {
    packet->received = true;
    ho_meter_transit(m, got->endpoint, got->net, m->now - packet->t_sent);
    ho_meter_packet_arrived(m, got->packet, packet);
  }
  if (packet->side == HO_CLIENT) {
    ho_meter_cid_received(c, packet);
    first_received(m, c, packet);
  }
  ho_meter_handoff_received(m, c, packet);
  if (got->endpoint == c->receiver && c->bulk) {
    ho_meter_bins_received(m, c, packet);
  }
}

static void count_drop(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                       void *arg) {
  const ho_meter_packet *packet = arg;

  (void)c;
  if (ho_meter_in_window(m, h) && ho_meter_on_old_tuple(h, packet)) {
    h->dropped += packet->bytes;
  }
}

void ho_meter_on_packet_dropped(ho_meter *m, const ho_event *ev) {
  ho_meter_packet *packet = ho_meter_packet_at(m, ev->u.packet_dropped.packet);
  ho_meter_client *c;

  if (packet == NULL || packet->dropped) {
    return;
  }
  packet->dropped = true;
  packet->bytes = (uint32_t)ev->u.packet_dropped.bytes;
  c = ho_meter_client_at(m, packet->client);
  ho_meter_remember(m, c, HO_METER_DROPPED, ev->u.packet_dropped.packet,
                    packet->bytes);
  ho_meter_cid_dropped(m, c, packet, ev->u.packet_dropped.reason);
  ho_meter_live(m, c, count_drop, packet);
}
