/* The instants of a handoff: notice, first datagram, new connection. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "measure/meter_state.h"

/* The new path is validated and has fed the application: what comes later is
 * about something else. */
bool ho_meter_succeeded(const ho_meter_handoff *h) {
  return h->new_connection < 0 && h->t_first_byte != HO_NEVER &&
         ho_meter_pv_last(h) != NULL;
}

static void notice(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                   void *arg) {
  (void)c;
  (void)arg;
  if (!h->ended && h->t_notice == HO_NEVER && !ho_meter_succeeded(h)) {
    h->t_notice = m->now;
  }
}

void ho_meter_on_notice(ho_meter *m, const ho_event *ev) {
  ho_meter_client *c = ho_meter_client_at(m, ev->client);

  if (c != NULL) {
    c->t_noticed = m->now;
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

  if (h->ended || ho_meter_succeeded(h)) {
    return;
  }
  if (h->new_connection < 0 && !ho_meter_in_window(m, h) &&
      (h->t_first_byte != HO_NEVER || (h->delivered_on && ho_meter_is_x2(h)))) {
    return; /* over long ago, and the application was served */
  }
  /* Its first packet is the handoff's, whatever the old connection did. */
  if (h->new_connection < 0) {
    h->new_connection = (int64_t)n;
    h->t_first_tx = m->now;
    h->t_first_rx = h->t_first_byte = HO_NEVER;
    h->latest_rtt = 0;
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
  c->starting = (int64_t)n;
  if (m->race && c->connection >= 0) {
    return; /* it may lose */
  }
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
    if (c->work->type == HO_WORK_IDLE && (int64_t)n > c->worked) {
      ho_meter_works_on(m, c, n);
    }
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
  if (h->ended || h->new_local >= 0 || packet->net != h->to ||
      !ho_meter_is_handoffs(m, c, h, packet)) {
    return;
  }
  if (ho_meter_is_x2(h) && h->new_connection < 0) {
    return; /* the address stays */
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
  } else if (h->new_connection < 0 && packet->local == h->old_local &&
             !ho_meter_is_x2(h)) {
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
