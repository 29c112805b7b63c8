/* Handoffs: how each begins, and how its window ends. */
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
  c->net = u->to;
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

void ho_meter_handoffs_end(ho_meter *m, ho_meter_client *c) {
  if (c->handoffs_count > 0) {
    ho_meter_handoff *last = &c->handoffs[c->handoffs_count - 1];

    if (m->bulk) {
      ho_meter_bins_advance(m, last, m->now);
    }
    end_window(m, c, last, m->now);
  }
}
