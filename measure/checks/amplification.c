/* Checks of the anti-amplification limit: D1 to D4. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "measure/checks/peers.h"

enum {
  DATAGRAM = 1200, /* what a probe may need, padded */
  LEAST = 60,      /* with less, the limit holds */
};

/* D3: an address at its limit. */
typedef struct {
  bool held;      /* nothing can be sent */
  bool heard;     /* until a datagram came, this one */
  bool elsewhere; /* a probe went since, if not there: E5 judges that */
  ho_mark evidence;
  unsigned moves;
  size_t peer;
  ho_time t_sent; /* last there */
  bool quiet;     /* nothing came from there since */
} hold;

/* D2: a return to an address that was validated before. */
typedef struct {
  bool under_way;
  size_t peer;
  ho_time t, t_validated;
  uint64_t received, sent; /* at its beginning */
  uint64_t most;           /* sent beyond 3x of what came since */
} comeback;

typedef struct {
  ho_peers peers;
  hold hold;
  /* Of the server's packets, by space, and one more than the largest: sent and
   * to be acknowledged, and acknowledged.  The latter when for the last time.
   */
  uint64_t eliciting[3], acked[3];
  ho_time t_acked;
  bool initial_over; /* the server has discarded its Initial keys */
  comeback back;
  /* D4: a small trigger that has led to nothing yet. */
  bool small;
  ho_mark trigger;
  size_t trigger_bytes, trigger_peer;
} state;

/* ---- D1 ---- */

static void check_d1(ho_flow *flow, const state *st, const ho_sighting *s) {
  const ho_peer *peer = &st->peers.list[st->peers.at];
  const ho_wire_packet *p = s->d->packets_count > 0 ? &s->d->packets[0] : NULL;

  if (st->peers.allowance == UINT64_MAX) {
    return;
  }
  if (s->d->bytes <= st->peers.allowance) {
    ho_flow_pass(flow, HO_CHECK_D1);
    return;
  }
  ho_flow_fail(flow, HO_CHECK_D1, HO_SERVER, s->t, s, p,
               "%zu bytes make %" PRIu64 " sent to an address that is not "
               "validated, for %" PRIu64 " received",
               s->d->bytes, peer->sent, peer->received);
}

/* ---- D2 ---- */

static void end_d2(ho_flow *flow, state *st, ho_time now) {
  comeback *b = &st->back;
  const ho_peer *peer;

  if (!b->under_way) {
    return;
  }
  peer = &st->peers.list[b->peer];
  b->under_way = false;
  ho_flow_observe(flow, HO_CHECK_D2,
                  "%s to an address validated %" PRIu64 " ms before its "
                  "return: %" PRIu64 " bytes sent for %" PRIu64 " in %" PRIu64
                  " ms",
                  b->most > 0 ? "not applied" : "no sign",
                  (b->t - b->t_validated) / HO_MSEC, peer->sent - b->sent,
                  peer->received - b->received, (now - b->t) / HO_MSEC);
}

static void begin_d2(state *st, const ho_sighting *s) {
  const ho_peer *peer = ho_peers_active(&st->peers);

  st->back = (comeback){.under_way = true,
                        .peer = st->peers.active,
                        .t = s->t,
                        .t_validated = peer->t_validated,
                        .received = peer->received - s->d->bytes,
                        .sent = peer->sent};
}

static void count_d2(ho_flow *flow, state *st, const ho_sighting *s) {
  comeback *b = &st->back;
  const ho_peer *peer = &st->peers.list[b->peer];
  uint64_t received = peer->received - b->received;
  uint64_t sent = peer->sent - b->sent;

  if (s->t > b->t + ho_flow_pto(flow, HO_SERVER)) {
    end_d2(flow, st, s->t);
  } else if (sent > 3 * received && sent - 3 * received > b->most) {
    b->most = sent - 3 * received;
  }
}

/* ---- D3 ---- */

static bool is_eliciting(const ho_sighting *s) {
  for (size_t i = 0; i < s->d->packets_count; i++) {
    if (s->d->packets[i].opened && s->d->packets[i].eliciting) {
      return true;
    }
  }
  return false;
}

/* A packet that only a timer can have caused: what the limit forbids, later
 * than all that was sent, with nothing received in between. */
static bool by_timer(const state *st, const ho_sighting *s) {
  const hold *h = &st->hold;

  return h->held && h->quiet && h->peer == st->peers.at && is_eliciting(s) &&
         s->t > h->t_sent && s->d->bytes > st->peers.allowance;
}

static void note_sent(ho_flow *flow, state *st, const ho_sighting *s) {
  const ho_peer *peer = &st->peers.list[st->peers.at];
  hold *h = &st->hold;

  if (by_timer(st, s)) {
    ho_flow_fail(flow, HO_CHECK_D3, HO_SERVER, s->t, s, &s->d->packets[0],
                 "a probe %" PRIu64 " ms after the limit was reached, with "
                 "%" PRIu64 " bytes allowed",
                 (s->t - h->t_sent) / HO_MSEC, st->peers.allowance);
  }
  if (h->held && h->heard && h->peer == st->peers.at) {
    h->held = false;
    ho_flow_pass(flow, HO_CHECK_D3);
  } else if (h->held && h->heard && is_eliciting(s)) {
    h->elsewhere = true;
  }
  if (ho_peer_allowance(peer) < LEAST) {
    *h = (hold){.held = true,
                .quiet = true,
                .peer = st->peers.at,
                .moves = st->peers.moves,
                .t_sent = s->t};
  }
}

static void note_heard(state *st, const ho_sighting *s) {
  hold *h = &st->hold;

  if (!h->held || h->peer != st->peers.at) {
    return;
  }
  h->quiet = false;
  if (!h->heard && !s->forged && !s->damaged && s->d->packets_count > 0) {
    h->heard = true;
    h->evidence = ho_mark_of(s, &s->d->packets[0]);
  }
}

static void note_eliciting(state *st, const ho_sighting *s) {
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    uint64_t *next = &st->eliciting[ho_flow_space(p)];
    if (p->opened && p->eliciting && p->pn >= *next) {
      *next = p->pn + 1;
    }
  }
}

static void note_acked(state *st, const ho_sighting *s) {
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    uint64_t *next = &st->acked[ho_flow_space(p)];
    const ho_frame *ack = p->opened ? ho_packet_find(p, HO_FRAME_ACK) : NULL;
    st->initial_over |=
        p->opened && ho_flow_space(p) == 1; /* RFC 9001, 4.9.1 */
    if (p->opened && !ack) {
      ack = ho_packet_find(p, HO_FRAME_ACK_ECN);
    }
    if (ack && ack->largest >= *next) {
      *next = ack->largest + 1;
      st->t_acked = s->t;
    }
  }
}

/* Something is in flight that a timer is set for: of the application only when
 * the handshake is confirmed (RFC 9002, 6.2.1).  The endpoint tells its bytes.
 */
static bool in_flight(const ho_flow *flow, const state *st) {
  const ho_flow_end *server = &flow->ends[HO_SERVER];

  if (server->t_confirmed == HO_NEVER) {
    return st->eliciting[1] > st->acked[1] ||
           (st->eliciting[0] > st->acked[0] && !st->initial_over);
  }
  return server->in_flight > 0;
}

/* RFC 9002, 6.2.1: the interval doubles until something is acknowledged, so
 * that no probe takes longer than all before it. */
static ho_time probe_due(const ho_flow *flow, const state *st) {
  ho_time heard = st->hold.evidence.s.t;
  ho_time backed_off = heard - st->t_acked + ho_flow_pto(flow, HO_SERVER);
  ho_time patience = ho_flow_patience(flow, HO_SERVER);

  return heard + (backed_off > patience ? backed_off : patience);
}

/* RFC 9002, 6.2.2.1: the next datagram sets the timer again. */
static void settle_d3(ho_flow *flow, state *st, ho_time now) {
  hold *h = &st->hold;
  const ho_peer *peer = h->held ? &st->peers.list[h->peer] : NULL;
  ho_time due = probe_due(flow, st);

  if (!h->held || !h->heard || ho_peers_end(&st->peers, flow, now) <= due) {
    return;
  }
  h->held = false;
  if (!h->elsewhere && h->peer == st->peers.active &&
      h->moves == st->peers.moves && ho_peer_allowance(peer) >= DATAGRAM &&
      in_flight(flow, st)) {
    ho_flow_fail(
        flow, HO_CHECK_D3, HO_SERVER, h->evidence.s.t, &h->evidence.s,
        &h->evidence.p,
        "lifts the limit with %" PRIu64 " bytes in flight; no probe in "
        "%" PRIu64 " ms",
        flow->ends[HO_SERVER].in_flight, (now - h->evidence.s.t) / HO_MSEC);
  }
}

/* ---- D4 ---- */

static void check_d4(ho_flow *flow, state *st, ho_time now, bool over) {
  const ho_peer *peer = st->small ? &st->peers.list[st->trigger_peer] : NULL;

  if (peer && peer->t_validated != HO_NEVER) {
    st->small = false;
    ho_flow_observe(flow, HO_CHECK_D4,
                    "%zu bytes led to a validated path in %" PRIu64 " us",
                    st->trigger_bytes,
                    (peer->t_validated - st->trigger.s.t) / HO_USEC);
  } else if (peer && over) {
    st->small = false;
    ho_flow_observe(flow, HO_CHECK_D4,
                    "%zu bytes led to no validated path in %" PRIu64 " ms",
                    st->trigger_bytes, (now - st->trigger.s.t) / HO_MSEC);
  }
}

/* ---- what is called ---- */

static void note_move(ho_flow *flow, state *st, const ho_sighting *s) {
  const ho_peer *peer = ho_peers_active(&st->peers);

  end_d2(flow, st, s->t);
  check_d4(flow, st, s->t, true);
  if (peer->t_validated != HO_NEVER) {
    begin_d2(st, s);
  } else if (3 * s->d->bytes < DATAGRAM) {
    st->small = true;
    st->trigger = ho_mark_of(s, &s->d->packets[0]);
    st->trigger_bytes = s->d->bytes;
    st->trigger_peer = st->peers.active;
  }
}

static void datagram(ho_flow *flow, void *user, const ho_sighting *s) {
  state *st = user;

  settle_d3(flow, st, s->t);
  ho_peers_datagram(&st->peers, flow, s);
  if (ho_leaves(s, HO_SERVER)) {
    check_d1(flow, st, s);
    note_sent(flow, st, s);
    note_eliciting(st, s);
  } else if (s->at == HO_RECEIVED && s->from == HO_CLIENT) {
    note_heard(st, s);
    note_acked(st, s);
    if (st->peers.moved) {
      note_move(flow, st, s);
    }
    check_d4(flow, st, s->t, false);
  }
  if (st->back.under_way) {
    count_d2(flow, st, s);
  }
}

static void event(ho_flow *flow, void *user, const ho_event *e) {
  state *st = user;

  ho_peers_event(&st->peers, flow, e);
}

static void finish(ho_flow *flow, void *user, ho_time now) {
  state *st = user;

  settle_d3(flow, st, now);
  end_d2(flow, st, now);
  check_d4(flow, st, now, true);
}

static void release(void *user) {
  state *st = user;

  ho_peers_free(&st->peers);
}

const ho_check_module ho_checks_amplification = {
    .name = "amplification",
    .state_size = sizeof(state),
    .datagram = datagram,
    .event = event,
    .finish = finish,
    .free = release,
};
