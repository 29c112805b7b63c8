/* Declared loss, congestion window and RTT. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/meter_state.h"

/* pn_record is a QUIC packet in its packet number space. */
typedef struct {
  uint64_t packet; /* the datagram's number + 1, 0 for a number not used */
  uint64_t bytes;
} pn_record;

static unsigned space_of(const char *type) {
  switch (type[0]) {
  case 'i':
    return 0;
  case 'h':
    return 1;
  default: /* 0-RTT and 1-RTT share one (RFC 9000, 12.3) */
    return 2;
  }
}

void ho_meter_on_quic_sent(ho_meter *m, const ho_event *ev) {
  const ho_ev_quic_sent *u = &ev->u.quic_sent;
  ho_meter_client *c = ho_meter_client_at(m, ev->client);
  ho_meter_packet *packet;
  pn_record *record;
  ho_ring *pns;
  int cid;

  if (c == NULL) {
    return;
  }
  packet = ho_meter_packet_new(m, u->packet, ev->client, u->endpoint);
  if (packet == NULL) {
    return;
  }
  packet->connection = (uint32_t)u->connection;
  packet->has_connection = true;
  cid = ho_meter_cid_sent(m, c, u->endpoint, u->connection, &u->dcid);
  packet->cid = cid;
  pns = &ho_meter_connection_at(c, u->connection)
             ->flows[u->endpoint]
             .pns[space_of(u->type)];
  record = ho_ring_at(pns, u->pn);
  if (record == NULL) {
    if (pns->base < pns->end && u->pn < pns->end) {
      return;
    }
    record = u->pn == pns->end ? ho_ring_next(pns) : ho_ring_extend(pns, u->pn);
  }
  record->packet = u->packet + 1;
  record->bytes = u->bytes;
  for (int i = 0; i < 2; i++) {
    const pn_record *old = ho_ring_at(pns, pns->base);

    if (old->packet > m->packets.base) {
      break;
    }
    ho_ring_drop(pns, pns->base + 1);
  }
}

typedef struct {
  const ho_meter_packet *packet;
  uint64_t bytes;
} loss;

static void count_loss(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                       void *arg) {
  const loss *l = arg;

  (void)c;
  if (ho_meter_in_window(m, h) && ho_meter_on_old_tuple(h, l->packet)) {
    h->lost += l->bytes;
  }
}

void ho_meter_on_packet_lost(ho_meter *m, const ho_event *ev) {
  const ho_ev_packet_lost *u = &ev->u.packet_lost;
  ho_meter_client *c = ho_meter_client_at(m, ev->client);
  const pn_record *record;
  loss l;

  if (c == NULL) {
    return;
  }
  record = ho_ring_at(&ho_meter_connection_at(c, u->connection)
                           ->flows[u->endpoint]
                           .pns[space_of(u->type)],
                      u->pn);
  if (record == NULL || record->packet == 0) {
    return;
  }
  c->lost += record->bytes;
  l.packet = ho_meter_packet_at(m, record->packet - 1);
  l.bytes = record->bytes;
  ho_meter_remember(m, c, HO_METER_LOST, record->packet - 1, l.bytes);
  if (l.packet != NULL) {
    ho_meter_live(m, c, count_loss, &l);
  }
}

/* ---- congestion and RTT ---- */

const ho_meter_flow *ho_meter_sender(const ho_meter_client *c) {
  if (c->connection < 0 || (size_t)c->connection >= c->conns_count) {
    return NULL;
  }
  return &c->conns[c->connection].flows[c->sender];
}

static bool has_sample(const ho_ev_recovery *state) {
  return state->srtt != 0 && state->min_rtt != HO_NEVER;
}

/* A change of the sender's state, for a handoff under way. */
typedef struct {
  const ho_ev_recovery *state;
  bool had_sample;
} change;

/* A sample is of the new path if its packet was sent there: an ACK that comes
 * after the reset may still be for the old one. */
static void take_srtt(const ho_meter *m, ho_meter_handoff *h,
                      const ho_ev_recovery *state, ho_time used) {
  bool is_new = state->latest_rtt != h->latest_rtt && used != HO_NEVER &&
                used + state->latest_rtt <= m->now;

  if (!is_new) {
    h->latest_rtt = state->latest_rtt;
  } else if (has_sample(state) && !h->has_srtt_after) {
    h->has_srtt_after = true;
    h->srtt_after = state->srtt;
  }
}

/* A stack that moves to another address starts anew (RFC 9000, 9.4): the
 * sender's RTT has no sample again, and cwnd is the initial window.  It does so
 * when it begins to use the path, before anything on it can be acknowledged;
 * that value, not one that grew since, is the one after the reset. */
static void take_change(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                        void *arg) {
  const change *ch = arg;
  ho_time used = c->sender == HO_SERVER ? h->t_first_rx : h->t_first_tx;
  bool on_new, reset;

  (void)c;
  if (h->ended || h->to < 0 || m->now < h->t_loss) {
    return;
  }
  if (h->new_connection >= 0) {
    on_new = (int64_t)ch->state->connection >= h->new_connection;
    reset = on_new && (int64_t)ch->state->connection != h->after_connection &&
            h->done_connection < 0;
  } else {
    on_new =
        (int64_t)ch->state->connection == h->connection && used != HO_NEVER;
    reset = (int64_t)ch->state->connection == h->connection &&
            !has_sample(ch->state) && (ch->had_sample || on_new) &&
            !h->was_reset;
  }
  if (reset) {
    h->after_connection = (int64_t)ch->state->connection;
    h->was_reset = true;
    h->has_srtt_after = false;
  }
  if (reset || (on_new && !h->has_after)) {
    h->has_after = true;
    h->cwnd_after = ch->state->cwnd;
  }
  if (on_new) {
    take_srtt(m, h, ch->state, used);
  }
}

void ho_meter_on_recovery(ho_meter *m, const ho_event *ev) {
  const ho_ev_recovery *u = &ev->u.recovery;
  ho_meter_client *c = ho_meter_client_at(m, ev->client);
  ho_meter_flow *flow;
  change ch = {.state = u};

  if (c == NULL) {
    return;
  }
  flow = &ho_meter_connection_at(c, u->connection)->flows[u->endpoint];
  ch.had_sample = flow->seen && has_sample(&flow->state);
  if (u->endpoint == c->sender) {
    ho_meter_live(m, c, take_change, &ch);
    if ((int64_t)u->connection == c->connection) {
      ho_meter_know(m, c, u);
    }
  }
  if (!flow->seen) {
    flow->cwnd = u->cwnd;
  }
  flow->seen = true;
  flow->state = *u;
}
