/* Arms that race QUIC against TCP: which connection the application uses, and
 * what it cost that QUIC gave way. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/meter_state.h"

/* A connection that takes part in a race may win or lose; it counts as the
 * handoff's once the application uses it. */
bool ho_meter_is_handoffs(const ho_meter *m, const ho_meter_client *c,
                          const ho_meter_handoff *h,
                          const ho_meter_packet *packet) {
  int64_t owner = c->tuples[packet->local].connection;

  return !m->race || owner < 0 ||
         owner == (h->new_connection >= 0 ? h->new_connection : h->connection);
}

/* When QUIC was first tried since |t|, before |n| took over; HO_NEVER: it was
 * not. */
static ho_time quic_tried(const ho_meter_client *c, ho_time t, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) {
    const ho_meter_connection *conn = &c->conns[i];

    if (conn->started && !conn->tcp && conn->t_started >= t) {
      return conn->t_started;
    }
  }
  return HO_NEVER;
}

/* The path's state is that of the connection from its beginning on, which was
 * before the application took it. */
static void take_flow(const ho_meter_client *c, ho_meter_handoff *h,
                      const ho_meter_connection *conn, uint64_t n) {
  const ho_meter_flow *flow = &conn->flows[c->sender];

  if (!flow->seen) {
    return;
  }
  h->has_after = h->was_reset = true;
  h->after_connection = (int64_t)n;
  h->cwnd_after = flow->cwnd;
  h->has_srtt_after = flow->state.srtt != 0 && flow->state.min_rtt != HO_NEVER;
  h->srtt_after = flow->state.srtt;
}

static void take_over(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                      void *arg) {
  uint64_t n = *(uint64_t *)arg;
  const ho_meter_connection *conn = &c->conns[n];
  bool was_quic = h->connection >= 0 && !c->conns[h->connection].tcp;

  if (h->ended || ho_meter_succeeded(h) ||
      (h->new_connection < 0 && h->t_first_byte != HO_NEVER &&
       !ho_meter_in_window(m, h))) {
    return; /* over long ago, and the application was served */
  }
  if (conn->t_started < h->t_loss) {
    if (h->new_connection < 0) {
      h->connection = (int64_t)n; /* the race was on when the path was lost */
    }
    return;
  }
  if (h->new_connection < 0) {
    h->t_quic_tx = was_quic && h->t_first_tx != HO_NEVER
                       ? h->t_first_tx
                       : quic_tried(c, h->t_loss, n);
    h->new_connection = (int64_t)n;
    h->t_first_tx = conn->t_started;
    h->t_first_rx = conn->t_first_rx;
    if (h->t_first_byte != HO_NEVER && h->t_first_byte < conn->t_started) {
      h->t_first_byte = HO_NEVER; /* it was served, and then no more */
    }
    h->latest_rtt = 0;
    take_flow(c, h, conn, n);
  }
  h->new_local = conn->local;
  h->new_tuple = conn->local < 0 ? -1 : c->tuples[conn->local].outer;
  if (h->t_connected == HO_NEVER && conn->t_done != HO_NEVER) {
    h->t_connected = conn->t_done;
    h->done_connection = (int64_t)n;
  }
}

/* The application has gone from QUIC, or from trying it, to TCP. */
static void fell_back(ho_meter_client *c, uint64_t n) {
  ho_time from = quic_tried(c, c->worked < 0 ? 0 : c->t_worked, n);
  ho_time done = c->conns[n].t_done;

  if (c->handoffs_count > 0) {
    const ho_meter_handoff *h = &c->handoffs[c->handoffs_count - 1];

    if (h->new_connection == (int64_t)n) {
      from = h->t_quic_tx;
    }
  }
  if (from != HO_NEVER && done != HO_NEVER &&
      (c->fallback == HO_NEVER || done - from > c->fallback)) {
    c->fallback = done - from;
  }
}

void ho_meter_works_on(ho_meter *m, ho_meter_client *c, uint64_t connection) {
  bool was_tcp = c->worked >= 0 && c->conns[c->worked].tcp;
  uint64_t n = connection;

  if (!m->race || (int64_t)n == c->worked) {
    return;
  }
  ho_meter_connection_at(c, n);
  if (c->worked >= 0) {
    c->moves++;
    ho_meter_abandon(m, c, (uint64_t)c->worked);
  }
  if (c->connection != (int64_t)n) {
    ho_meter_live(m, c, take_over, &n);
  }
  if (c->conns[n].tcp && !was_tcp) {
    fell_back(c, n);
  }
  c->worked = c->connection = (int64_t)n;
  c->t_worked = m->now;
}
