/* Handoffs: how each begins, its instants, and how its window ends. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "measure/meter_state.h"
#include "sim/base/alloc.h"

ho_time ho_meter_start(const ho_meter_handoff *h) {
  return h->t_up != HO_NEVER && h->t_up > h->t_loss ? h->t_up : h->t_loss;
}

void ho_meter_live(ho_meter *m, ho_meter_client *c, ho_meter_handoff_fn fn,
                   void *arg) {
  if (c->handoffs_count > 0) {
    fn(m, c, &c->handoffs[c->handoffs_count - 1], arg);
  }
  if (c->has_pending) {
    fn(m, c, &c->pending, arg);
  }
}

bool ho_meter_in_window(const ho_meter *m, const ho_meter_handoff *h) {
  return !h->ended && m->now >= h->t_loss && m->now <= h->t_end;
}

/* ---- which tuple ---- */

/* Whether the client keeps its own tuple and the NAT changes the outer one. */
static bool is_outside_only(const ho_meter_handoff *h) {
  return strncmp(h->kind, "rebind", 6) == 0 || strncmp(h->kind, "nat-", 4) == 0;
}

bool ho_meter_on_old_tuple(const ho_meter_handoff *h,
                           const ho_meter_packet *packet) {
  if (packet->tuple >= 0) {
    return packet->tuple == h->old_tuple;
  }
  /* It never got through the access network. */
  if (packet->local >= 0) {
    return packet->local == h->old_local &&
           (!is_outside_only(h) || packet->t_sent < h->t_loss);
  }
  /* It never left the host, since there was no network. */
  return packet->has_connection && packet->connection == h->connection &&
         packet->t_sent < h->t_first_tx;
}

/* The tuple in use before t_loss: the last one on the network left, unless
 * nothing was sent there since the handoff before. */
static void set_old_tuple(const ho_meter_client *c, ho_meter_handoff *h) {
  ho_time since = 0;

  if (c->handoffs_count > 0) {
    since = c->handoffs[c->handoffs_count - 1].t_loss;
  }
  h->old_local = c->last_local;
  if (h->from >= 0 && c->local_of[h->from] >= 0 &&
      c->t_local_of[h->from] >= since) {
    h->old_local = c->local_of[h->from];
  }
  h->old_tuple = h->old_local < 0 ? -1 : c->tuples[h->old_local].outer;
}

/* ---- the beginning ---- */

static void begin(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                  int from, ho_time t_loss) {
  const ho_meter_flow *flow = ho_meter_sender(m, c);

  *h = (ho_meter_handoff){.from = from, .to = -1, .t_loss = t_loss};
  h->t_up = h->t_old_down = HO_NEVER;
  h->t_end = t_loss + HO_METER_WINDOW;
  h->t_notice = h->t_first_tx = h->t_first_rx = h->t_first_byte = HO_NEVER;
  h->t_connected = HO_NEVER;
  h->new_local = h->new_tuple = -1;
  h->connection = c->connection;
  h->new_connection = h->done_connection = h->after_connection = -1;
  h->undersized_packet = UINT64_MAX;
  for (int i = 0; i < 2; i++) {
    h->pv[i].t_last_sent = h->pv[i].t_challenge = HO_NEVER;
    h->pv[i].t_response = h->pv[i].t_mtu = HO_NEVER;
  }
  set_old_tuple(c, h);
  if (flow != NULL && flow->seen) {
    h->has_before = true;
    h->inflight = flow->state.in_flight;
    h->cwnd_before = flow->state.cwnd;
    h->srtt_before = flow->state.srtt;
    h->has_srtt_before = flow->state.srtt != 0;
    h->latest_rtt = flow->state.latest_rtt;
  }
  h->last_a = c->t_delivered;
  h->waiting = true;
  h->median = ho_meter_median_gap(m, c, &h->has_median);
  h->due = c->outstanding > 0;
}

/* Packets that were dropped at this very instant, before it was known what it
 * is an instant of. */
static void take_drops(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h) {
  if (c->t_dropped != h->t_loss) {
    return;
  }
  for (size_t i = 0; i < c->dropped_count; i++) {
    const ho_meter_packet *packet = ho_meter_packet_at(m, c->dropped[i]);

    if (packet != NULL && ho_meter_on_old_tuple(h, packet)) {
      h->dropped += packet->bytes;
    }
  }
}

/* end_window ends |h| at |t|; only the wait for a delivery may go on. */
static void end_window(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                       ho_time t) {
  if (h->ended) {
    return;
  }
  if (t < h->t_end) {
    h->t_end = t;
  }
  ho_meter_amp_end(m, c, h);
  h->ended = true;
  h->due_at_end = c->outstanding > 0;
}

static void on_down(ho_meter *m, ho_meter_client *c, int net, bool in_use) {
  if (c->handoffs_count > 0) {
    ho_meter_handoff *last = &c->handoffs[c->handoffs_count - 1];

    if (!last->ended && last->from == net && last->t_old_down == HO_NEVER) {
      last->t_old_down = m->now;
    }
  }
  if (!in_use) {
    return;
  }
  begin(m, c, &c->pending, net, m->now);
  take_drops(m, c, &c->pending);
  c->has_pending = true;
  /* Should it come to a handoff, the one before has ended here. */
  if (c->handoffs_count > 0) {
    c->frozen = c->handoffs[c->handoffs_count - 1];
    end_window(m, c, &c->frozen, m->now);
  }
}

void ho_meter_on_network(ho_meter *m, const ho_event *ev) {
  ho_meter_client *c = ho_meter_client_at(m, ev->client);

  if (c == NULL) {
    return;
  }
  if (ev->kind == HO_EV_default_network) {
    c->net = ev->u.default_network.to;
  } else if (ev->kind == HO_EV_network_down) {
    on_down(m, c, ev->u.network_down.net, ev->u.network_down.in_use != 0);
  } else if (c->has_pending && c->pending.from == ev->u.network_up.net) {
    /* It came back before anything moved: no handoff. */
    c->has_pending = false;
  }
}

void ho_meter_on_handoff(ho_meter *m, const ho_event *ev) {
  const ho_ev_handoff *u = &ev->u.handoff;
  ho_meter_client *c = ho_meter_client_at(m, ev->client);
  ho_meter_handoff *h, *last = NULL;
  ho_meter_handoff next;
  bool was_pending;

  assert(c != NULL);
  if (c->handoffs_count > 0) {
    last = &c->handoffs[c->handoffs_count - 1];
  }
  was_pending = c->has_pending && c->pending.t_loss == u->t_loss;
  if (was_pending) {
    next = c->pending;
    next.from = u->from;
    if (last != NULL) {
      *last = c->frozen;
    }
  } else {
    begin(m, c, &next, u->from, u->t_loss);
    if (last != NULL) {
      end_window(m, c, last, u->t_loss);
    }
  }
  if (last != NULL) {
    last->overtaken = true;
  }
  c->has_pending = false;
  ho_grow(&c->handoffs, c->handoffs_count, &c->handoffs_cap,
          sizeof(*c->handoffs));
  h = &c->handoffs[c->handoffs_count++];
  *h = next;
  h->to = u->to;
  h->t_up = u->t_up;
  snprintf(h->kind, sizeof(h->kind), "%s", u->kind);
  if (!was_pending) {
    take_drops(m, c, h);
  }
}

/* ---- its instants ---- */

static void notice(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                   void *arg) {
  (void)c;
  (void)arg;
  if (!h->ended && h->t_notice == HO_NEVER) {
    h->t_notice = m->now;
  }
}

void ho_meter_on_notice(ho_meter *m, const ho_event *ev) {
  ho_meter_client *c = ho_meter_client_at(m, ev->client);

  if (c != NULL) {
    ho_meter_live(m, c, notice, NULL);
  }
}

/* use_local: the client has begun to use |local| for |h|. */
static void use_local(ho_meter_handoff *h, int local, ho_time t) {
  h->new_local = local;
  if (h->t_first_tx == HO_NEVER) {
    h->t_first_tx = t;
  }
}

static void connection_begins(ho_meter *m, ho_meter_client *c,
                              ho_meter_handoff *h, void *arg) {
  const ho_meter_packet *last = ho_meter_packet_at(m, c->last_sent);
  uint64_t n = *(uint64_t *)arg;

  if (h->ended) {
    return;
  }
  /* Its first packet is the handoff's, whatever the old connection did. */
  if (h->new_connection < 0) {
    h->new_connection = (int64_t)n;
    h->t_first_tx = m->now;
    h->t_first_rx = HO_NEVER;
  }
  h->new_local = h->new_tuple = -1;
  if (last != NULL && last->side == HO_CLIENT && last->t_sent == m->now &&
      last->local >= 0 && c->tuples[last->local].t_first == m->now) {
    h->new_local = last->local;
    h->new_tuple = last->tuple;
  }
}

static void connection_done(ho_meter *m, ho_meter_client *c,
                            ho_meter_handoff *h, void *arg) {
  uint64_t n = *(uint64_t *)arg;

  (void)c;
  if (!h->ended && h->new_connection >= 0 && (int64_t)n >= h->new_connection &&
      h->t_connected == HO_NEVER) {
    h->t_connected = m->now;
    h->done_connection = (int64_t)n;
  }
}

static void on_started(ho_meter *m, ho_meter_client *c,
                       const ho_ev_connection_started *u) {
  ho_meter_connection *conn = ho_meter_connection_at(c, u->connection);
  uint64_t n = u->connection;

  conn->started = true;
  conn->tcp = strcmp(u->transport, "tcp") == 0;
  conn->t_started = m->now;
  if (c->connection >= 0 && (uint64_t)c->connection != n) {
    ho_meter_abandon(m, c, (uint64_t)c->connection);
    ho_meter_live(m, c, connection_begins, &n);
  }
  c->connection = (int64_t)n;
}

void ho_meter_on_connection(ho_meter *m, const ho_event *ev) {
  ho_meter_client *c = ho_meter_client_at(m, ev->client);
  ho_meter_connection *conn;
  uint64_t n;

  if (c == NULL) {
    return;
  }
  if (ev->kind == HO_EV_connection_started) {
    on_started(m, c, &ev->u.connection_started);
  } else if (ev->kind == HO_EV_connection_closed) {
    conn = ho_meter_connection_at(c, ev->u.connection_closed.connection);
    if (ev->u.connection_closed.endpoint == HO_CLIENT) {
      conn->failed = ev->u.connection_closed.error != 0;
    }
  } else if (ev->u.handshake_done.endpoint == HO_CLIENT) {
    n = ev->u.handshake_done.connection;
    c->handshakes++;
    ho_meter_connection_at(c, n)->t_done = m->now;
    ho_meter_live(m, c, connection_done, &n);
  } else if (c->last_tuple >= 0) {
    /* A handshake validates the client's address (RFC 9000, 8.1). */
    c->tuples[c->last_tuple].validated = true;
  }
}

void ho_meter_handoff_sent(ho_meter *m, ho_meter_client *c,
                           const ho_meter_packet *packet) {
  ho_meter_handoff *h;

  if (c->handoffs_count == 0) {
    return;
  }
  h = &c->handoffs[c->handoffs_count - 1];
  if (h->ended || h->new_local >= 0 || packet->net != h->to) {
    return;
  }
  if (h->new_connection >= 0) {
    /* A connection's first packets have a port of their own. */
    if (c->tuples[packet->local].t_first == m->now) {
      use_local(h, packet->local, m->now);
    }
  } else if (packet->local != h->old_local) {
    use_local(h, packet->local, m->now);
  }
}

void ho_meter_handoff_wire(ho_meter *m, ho_meter_client *c,
                           const ho_meter_packet *packet) {
  ho_meter_handoff *h;

  (void)m;
  if (c->handoffs_count == 0) {
    return;
  }
  h = &c->handoffs[c->handoffs_count - 1];
  if (h->ended || h->new_tuple >= 0) {
    return;
  }
  if (packet->t_sent < h->t_loss) {
    /* It was on its way, and shows what was in use. */
    if (packet->local == h->old_local) {
      h->old_tuple = packet->tuple;
    }
  } else if (packet->net != h->to || packet->tuple == h->old_tuple) {
    return;
  } else if (h->new_local >= 0) {
    if (packet->local == h->new_local) {
      h->new_tuple = packet->tuple;
    }
  } else if (h->new_connection < 0 && packet->local == h->old_local) {
    /* The NAT alone changed; the client has no way to see it. */
    use_local(h, packet->local, packet->t_sent);
    h->new_tuple = packet->tuple;
  }
}

void ho_meter_handoff_received(ho_meter *m, ho_meter_client *c,
                               const ho_meter_packet *packet) {
  ho_meter_handoff *h;

  if (packet->side != HO_CLIENT || c->handoffs_count == 0) {
    return;
  }
  h = &c->handoffs[c->handoffs_count - 1];
  if (!h->ended && h->t_first_rx == HO_NEVER && h->new_tuple >= 0 &&
      packet->tuple == h->new_tuple) {
    h->t_first_rx = m->now;
  }
}

void ho_meter_handoffs_end(ho_meter *m, ho_meter_client *c) {
  if (c->handoffs_count > 0) {
    ho_meter_handoff *last = &c->handoffs[c->handoffs_count - 1];

    if (m->bulk) {
      ho_meter_bins_advance(m, last, m->now);
    }
    end_window(m, c, last, m->now);
  }
}
