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

bool ho_meter_is_x2(const ho_meter_handoff *h) {
  return strcmp(h->kind, "x2") == 0;
}

bool ho_meter_on_old_tuple(const ho_meter_handoff *h,
                           const ho_meter_packet *packet) {
  if (ho_meter_is_x2(h) && packet->t_sent >= ho_meter_start(h)) {
    return false; /* the tuple is the same, but not the cell */
  }
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
  if (since > h->t_loss) {
    since = 0; /* the client moved before the fade was known */
  }
  h->old_local = c->last_local;
  if (h->from >= 0 && c->local_of[h->from] >= 0 &&
      c->t_local_of[h->from] >= since) {
    h->old_local = c->local_of[h->from];
  }
  h->old_tuple = h->old_local < 0 ? -1 : c->tuples[h->old_local].outer;
}

/* ---- the beginning ---- */

/* The connection in use at |t|; one that was made since is another. */
static int64_t connection_at(const ho_meter *m, const ho_meter_client *c,
                             ho_time t) {
  int64_t n = c->connection;

  while (m->keep > 0 && !m->race && n > 0 && c->conns[n].t_started > t) {
    n--;
  }
  return n;
}

static void set_before(const ho_meter *m, const ho_meter_client *c,
                       ho_meter_handoff *h) {
  const ho_meter_flow *flow = ho_meter_sender(c);
  const ho_ev_recovery *state = NULL;

  if (flow != NULL && flow->seen) {
    state = &flow->state;
    h->latest_rtt = state->latest_rtt;
  }
  if (m->keep > 0 && h->t_loss < m->now) {
    state = ho_meter_known_at(c, h->t_loss);
  }
  if (state == NULL) {
    return;
  }
  h->has_before = true;
  h->inflight = state->in_flight;
  h->cwnd_before = state->cwnd;
  h->srtt_before = state->srtt;
  h->has_srtt_before = state->srtt != 0;
}

static void begin(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                  int from, ho_time t_loss) {
  *h = (ho_meter_handoff){.from = from, .to = -1, .t_loss = t_loss};
  h->t_up = h->t_old_down = HO_NEVER;
  h->t_end = t_loss + HO_METER_WINDOW;
  h->t_notice = h->t_first_tx = h->t_first_rx = h->t_first_byte = HO_NEVER;
  h->t_connected = h->t_quic_tx = h->t_down = h->t_associated = HO_NEVER;
  h->new_local = h->new_tuple = -1;
  h->connection = connection_at(m, c, t_loss);
  h->new_connection = h->done_connection = h->after_connection = -1;
  h->undersized_packet = UINT64_MAX;
  for (int i = 0; i < 2; i++) {
    h->pv[i].t_last_sent = h->pv[i].t_challenge = HO_NEVER;
    h->pv[i].t_response = h->pv[i].t_mtu = HO_NEVER;
  }
  set_old_tuple(c, h);
  set_before(m, c, h);
  h->waiting = true;
  ho_meter_deliveries_since(c, h);
  h->median = ho_meter_median_gap(c, t_loss, &h->has_median);
  h->due = c->outstanding > 0;
  if (m->keep > 0 && c->t_noticed != HO_NEVER && c->t_noticed > t_loss &&
      c->t_noticed < m->now) {
    h->t_notice = c->t_noticed; /* sooner than the operating system */
  }
}

/* end_window ends |h| at |t|; only the wait for a delivery may go on. */
static void end_window(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                       ho_time t) {
  if (h->ended) {
    return;
  }
  t = t > h->t_loss ? t : m->now; /* a fade that began before it */
  if (t < h->t_end) {
    h->t_end = t;
  }
  ho_meter_amp_end(m, c, h);
  h->ended = true;
  h->due_at_end = c->outstanding > 0;
}

static void on_down(ho_meter *m, ho_meter_client *c,
                    const ho_ev_network_down *u) {
  ho_meter_handoff *last = NULL;
  int net = u->net;

  if (c->handoffs_count > 0) {
    last = &c->handoffs[c->handoffs_count - 1];
    if (!last->ended && last->from == net && last->t_old_down == HO_NEVER) {
      last->t_old_down = u->t_loss > last->t_loss ? u->t_loss : last->t_loss;
    }
  }
  if (!u->in_use) {
    return;
  }
  begin(m, c, &c->pending, net, u->t_loss);
  c->pending.t_down = m->now;
  c->has_pending = true;
  /* Should it come to a handoff, the one before has ended here. */
  if (last != NULL) {
    c->frozen = *last;
  }
  ho_meter_take_past(m, c, &c->pending, last != NULL ? &c->frozen : NULL);
  if (last != NULL) {
    end_window(m, c, &c->frozen, u->t_loss);
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
    on_down(m, c, &ev->u.network_down);
  } else if (c->has_pending && c->pending.from == ev->u.network_up.net) {
    /* It came back before anything moved: no handoff. */
    c->has_pending = false;
  }
}

/* A client that notices the silence of a radio moves before its operating
 * system knows why.  That is one handoff: |last|, which began with |fade|. */
static void back_date(ho_meter_handoff *last, const ho_meter_handoff *fade) {
  last->t_loss = fade->t_loss;
  last->t_end = fade->t_end;
  last->t_down = fade->t_down;
  last->has_before = fade->has_before;
  last->inflight = fade->inflight;
  last->cwnd_before = fade->cwnd_before;
  last->has_srtt_before = fade->has_srtt_before;
  last->srtt_before = fade->srtt_before;
  last->lost = fade->lost;
  last->dropped = fade->dropped;
  last->spurious = fade->spurious;
  last->resent = fade->resent;
  last->last_a = fade->last_a;
  last->waiting = fade->waiting;
  last->has_interruption = fade->has_interruption;
  last->interruption = fade->interruption;
  last->has_median = fade->has_median;
  last->median = fade->median;
  last->bins = (ho_meter_bins){0};
}

static bool is_known_by_another_name(const ho_meter_handoff *last,
                                     const ho_ev_handoff *u) {
  return last != NULL && !last->ended && strcmp(last->kind, "migrate") == 0 &&
         u->t_loss < last->t_loss && u->from == last->from && u->to == last->to;
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
  if (was_pending && is_known_by_another_name(last, u)) {
    back_date(last, &c->pending);
    snprintf(last->kind, sizeof(last->kind), "%s", u->kind);
    c->has_pending = false;
    c->net = u->to;
    return;
  }
  if (was_pending) {
    next = c->pending;
    next.from = u->from;
    if (last != NULL) {
      *last = c->frozen;
    }
  } else {
    begin(m, c, &next, u->from, u->t_loss);
  }
  next.to = u->to;
  next.t_up = u->t_up;
  snprintf(next.kind, sizeof(next.kind), "%s", u->kind);
  if (!was_pending) {
    ho_meter_take_past(m, c, &next, last);
    if (last != NULL) {
      end_window(m, c, last, u->t_loss);
    }
  }
  if (last != NULL) {
    last->overtaken = true;
  }
  if (u->from != u->to && c->t_associated[u->to] != HO_NEVER &&
      c->t_associated[u->to] > u->t_loss) {
    next.t_associated = c->t_associated[u->to];
  }
  c->has_pending = false;
  c->net = u->to;
  ho_grow(&c->handoffs, c->handoffs_count, &c->handoffs_cap,
          sizeof(*c->handoffs));
  h = &c->handoffs[c->handoffs_count++];
  *h = next;
}

void ho_meter_handoffs_end(ho_meter *m, ho_meter_client *c) {
  if (c->handoffs_count > 0) {
    ho_meter_handoff *last = &c->handoffs[c->handoffs_count - 1];

    if (c->bulk) {
      ho_meter_bins_advance(m, c, last, m->now);
    }
    end_window(m, c, last, m->now);
  }
}
