/* Checks G: congestion control and RTT after a change of address, from what
 * the endpoints tell of themselves. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "measure/checks/trail.h"

enum {
  DATAGRAM = 1500,   /* no datagram of ours is larger */
  EVENTS_NEEDED = 3, /* samples that must show what a reset would change */
  STREAMS = 8,
  LOST = 16,
};

/* What an end's recovery was before and after the last change of address. */
typedef struct {
  bool open;         /* a change is being watched */
  ho_time t;         /* of the change */
  ho_tuple to;       /* as this end sees it */
  bool judged;       /* G1 is this end's duty */
  bool known_before; /* the new address had been validated (G7) */
  uint64_t cwnd_before;
  ho_time srtt_before, min_before;
  uint64_t cwnd_least; /* since the change */
  bool rtt_reset, cwnd_reset;
  unsigned samples; /* RTT samples since it was validated */
  bool seen_back;   /* G7 was told */
} change;

/* The ACK that came last, until its effect on the RTT is known. */
typedef struct {
  bool set, raised;
  ho_time t, t_sent; /* of the ACK, and of the largest it acknowledges */
  bool elsewhere;    /* that was sent to or from another address */
  uint64_t pn;
  ho_mark by;
} sample;

/* The PATH_RESPONSE that came last. */
typedef struct {
  bool set;
  ho_time t, took;
  ho_mark by;
} response;

typedef struct {
  uint64_t stream, high; /* one more than the last byte sent */
  uint64_t mark;         /* |high| at the change */
} stream;

typedef struct {
  bool known;     /* |tuple| is set */
  ho_tuple tuple; /* its path now */
  ho_tuple tuples[32];
  size_t tuples_count;
  ho_sent sent;
  uint64_t cwnd, in_flight;
  ho_time srtt, latest, min;
  change change;
  bool moved; /* there has been a change at all */
  bool full;  /* the window was filled after it */
  uint64_t overrun;
  sample sample;
  response response;
  /* G5 */
  stream streams[STREAMS];
  size_t streams_count;
  ho_time t_again_first, t_again_last; /* 0: none */
  uint64_t again_bytes;
  /* G6 */
  bool lost_probe, lost_other;
  ho_time t_lost;
  uint64_t lost_pn;
} end;

typedef struct {
  end ends[2];
  ho_active active;
} state;

static uint16_t number_of(end *e, const ho_tuple *tuple) {
  size_t i = 0;

  while (i < e->tuples_count && !ho_tuple_eq(&e->tuples[i], tuple)) {
    i++;
  }
  if (i == e->tuples_count && i < sizeof(e->tuples) / sizeof(e->tuples[0])) {
    e->tuples[e->tuples_count++] = *tuple;
  }
  return (uint16_t)i; /* one beyond the last: unknown */
}

/* The largest window that an end may begin with: RFC 9002, 7.2 counts in
 * datagrams, whose size it chooses. */
static uint64_t initial_window(const ho_flow *flow) {
  uint64_t packets = flow->arm->initial_window;

  return (packets < 10 ? 10 : packets) * DATAGRAM;
}

/* ---- the change of address ---- */

static void mark_streams(end *e) {
  for (size_t i = 0; i < e->streams_count; i++) {
    e->streams[i].mark = e->streams[i].high;
  }
  e->t_again_first = e->t_again_last = 0;
  e->again_bytes = 0;
}

/* An end's path is now |to|.  A new port alone changes nothing (9.4). */
static void changed(ho_flow *flow, end *e, ho_side side, const ho_tuple *to,
                    ho_time now) {
  ho_tuple from = e->tuple;

  e->tuple = *to;
  if (!e->known || ho_same_addrs(&from, to)) {
    e->known = true;
    return;
  }
  mark_streams(e);
  e->moved = true;
  e->change = (change){
      .open = true,
      .t = now,
      .to = *to,
      .judged = side == HO_SERVER
                    ? !ho_addr_eq(&from.client.addr, &to->client.addr)
                    : !ho_addr_eq(&from.server.addr, &to->server.addr),
      .known_before = ho_flow_validated(flow, side, to) < now,
      .cwnd_before = e->cwnd,
      .srtt_before = e->srtt,
      .min_before = e->min,
      .cwnd_least = UINT64_MAX,
  };
}

/* ---- G1 and G7: a fresh start ---- */

/* An estimator that begins anew takes its first sample as it is (RFC 9002,
 * 5.3); min_rtt never grows otherwise. */
static bool rtt_is_fresh(const end *e, const ho_ev_recovery *r) {
  if (r->srtt == 0) {
    return true;
  }
  return (r->srtt == r->latest_rtt && r->srtt != e->srtt) ||
         r->min_rtt > e->min;
}

static void judge_reset(ho_flow *flow, end *e, ho_side side, ho_time now) {
  change *c = &e->change;
  ho_time valid = ho_flow_validated(flow, side, &c->to);

  if (!c->judged || c->known_before || valid > now) {
    return;
  }
  if (c->rtt_reset && c->cwnd_reset) {
    c->judged = false;
    ho_flow_pass(flow, HO_CHECK_G1);
  } else if (c->samples >= EVENTS_NEEDED &&
             now > valid + ho_flow_pto(flow, side)) {
    c->judged = false;
    ho_flow_fail(flow, HO_CHECK_G1, side, now, NULL, NULL,
                 "validated at %.6f s: window %" PRIu64 " before, %" PRIu64
                 " at least since; RTT %s",
                 (double)valid / 1e9, c->cwnd_before, c->cwnd_least,
                 c->rtt_reset ? "reset" : "kept");
  }
}

static void judge_return(ho_flow *flow, end *e, ho_side side) {
  change *c = &e->change;

  if (!c->known_before || c->seen_back || c->samples < EVENTS_NEEDED) {
    return;
  }
  c->seen_back = true;
  ho_flow_observe(flow, HO_CHECK_G7,
                  "%s back on a validated path at %.6f s: window %" PRIu64
                  " before, %" PRIu64 " at least after it; RTT %s",
                  side == HO_SERVER ? "server" : "client", (double)c->t / 1e9,
                  c->cwnd_before, c->cwnd_least,
                  c->rtt_reset ? "begun anew" : "kept");
}

static void watch_change(ho_flow *flow, end *e, ho_side side, ho_time now,
                         const ho_ev_recovery *r) {
  change *c = &e->change;

  if (!c->open) {
    return;
  }
  c->cwnd_least = r->cwnd < c->cwnd_least ? r->cwnd : c->cwnd_least;
  c->cwnd_reset |= r->cwnd <= initial_window(flow);
  c->rtt_reset |= rtt_is_fresh(e, r);
  if (r->latest_rtt != e->latest &&
      ho_flow_validated(flow, side, &c->to) <= now) {
    c->samples++;
  }
  judge_reset(flow, e, side, now);
  judge_return(flow, e, side);
}

/* ---- G2 and G3: samples ---- */

static void judge_sample(ho_flow *flow, end *e, ho_side side, ho_time now,
                         const ho_ev_recovery *r) {
  sample *m = &e->sample;
  bool fresh = rtt_is_fresh(e, r);
  bool new_path =
      e->change.open && (e->change.rtt_reset || fresh ||
                         ho_flow_validated(flow, side, &e->change.to) < now);

  if (!m->set || m->t != now) {
    return;
  }
  m->set = false;
  if (!m->elsewhere || !new_path) {
    return;
  }
  /* The RTT is known to the nanosecond: it is the sample, or it is not. */
  if (r->srtt != 0 && r->latest_rtt != e->latest &&
      r->latest_rtt == now - m->t_sent) {
    ho_flow_fail(flow, HO_CHECK_G2, side, now, &m->by.s, &m->by.p,
                 "RTT sample of %.3f ms from number %" PRIu64
                 ", sent %.3f ms before the change of address",
                 (double)r->latest_rtt / 1e6, m->pn,
                 (double)(e->change.t - m->t_sent) / 1e6);
  } else {
    ho_flow_pass(flow, HO_CHECK_G2);
  }
}

static void judge_response(ho_flow *flow, end *e, ho_side side, ho_time now,
                           const ho_ev_recovery *r) {
  response *q = &e->response;
  bool by_ack =
      e->sample.set && e->sample.t == now && now - e->sample.t_sent == q->took;

  if (!q->set || q->t != now || by_ack) {
    return;
  }
  q->set = false;
  if (r->srtt != 0 && r->latest_rtt != e->latest && r->latest_rtt == q->took) {
    ho_flow_fail(flow, HO_CHECK_G3, side, now, &q->by.s, &q->by.p,
                 "the %.3f ms from PATH_CHALLENGE to PATH_RESPONSE became an "
                 "RTT sample",
                 (double)q->took / 1e6);
  } else {
    ho_flow_pass(flow, HO_CHECK_G3);
  }
}

/* ---- G4: the window ---- */

/* RFC 9002, 7 lets no packet make the bytes in flight exceed the window, but
 * for probes and one packet on entering recovery.  State is told once a burst,
 * which cannot tell these from others: a burst may exceed it by two probes and
 * one more datagram, and what it was below that is told, not judged. */
static void judge_window(ho_flow *flow, end *e, ho_side side, ho_time now,
                         const ho_ev_recovery *r) {
  uint64_t window = r->cwnd > e->cwnd ? r->cwnd : e->cwnd;
  uint64_t from = e->in_flight > window ? e->in_flight : window;

  if (!e->moved || r->in_flight <= e->in_flight ||
      r->in_flight + DATAGRAM < r->cwnd) {
    return;
  }
  e->full = true;
  if (r->in_flight <= from) {
    return;
  }
  if (r->in_flight - from > e->overrun) {
    e->overrun = r->in_flight - from;
  }
  if (r->in_flight - from > 3 * DATAGRAM) {
    ho_flow_fail(flow, HO_CHECK_G4, side, now, NULL, NULL,
                 "%" PRIu64 " bytes in flight, %" PRIu64
                 " before, with a window of %" PRIu64,
                 r->in_flight, e->in_flight, window);
  }
}

/* ---- G6: lost probes ---- */

static void note_lost(end *e, ho_time now, const ho_ev_packet_lost *lost) {
  ho_sent_packet *packet = ho_sent_find(&e->sent, lost->pn);

  if (strcmp(lost->type, "1rtt") != 0) {
    return;
  }
  if (e->t_lost != now) {
    e->lost_probe = e->lost_other = false;
    e->t_lost = now;
  }
  if (packet && packet->probe) {
    e->lost_probe = true;
    e->lost_pn = lost->pn;
  } else {
    e->lost_other = true;
  }
}

static void judge_lost(ho_flow *flow, end *e, ho_time now,
                       const ho_ev_recovery *r) {
  if (!e->lost_probe || e->lost_other || e->t_lost != now) {
    return;
  }
  e->lost_probe = false;
  ho_flow_observe(flow, HO_CHECK_G6,
                  "probe %" PRIu64 " lost at %.6f s: window %" PRIu64
                  " before, %" PRIu64 " after",
                  e->lost_pn, (double)now / 1e9, e->cwnd, r->cwnd);
}

/* ---- G5: what was in flight ---- */

static stream *stream_of(end *e, uint64_t id) {
  for (size_t i = 0; i < e->streams_count; i++) {
    if (e->streams[i].stream == id) {
      return &e->streams[i];
    }
  }
  if (e->streams_count == STREAMS) {
    return NULL;
  }
  e->streams[e->streams_count] = (stream){.stream = id};
  return &e->streams[e->streams_count++];
}

static void note_stream(end *e, const ho_frame *f, ho_time now) {
  stream *x = stream_of(e, f->stream);
  uint64_t upto = f->offset + f->length;

  if (!x) {
    return;
  }
  if (e->moved && f->length > 0 && f->offset < x->mark) {
    e->t_again_first = e->t_again_first ? e->t_again_first : now;
    e->t_again_last = now;
    e->again_bytes += (upto < x->mark ? upto : x->mark) - f->offset;
  }
  x->high = upto > x->high ? upto : x->high;
}

static void tell_again(ho_flow *flow, const end *e, ho_side side) {
  if (e->t_again_first == 0) {
    return;
  }
  ho_flow_observe(flow, HO_CHECK_G5,
                  "%s: %" PRIu64 " bytes again, from %.3f to %.3f ms after "
                  "the change of address",
                  side == HO_SERVER ? "server" : "client", e->again_bytes,
                  (double)(e->t_again_first - e->change.t) / 1e6,
                  (double)(e->t_again_last - e->change.t) / 1e6);
}

/* ---- datagrams and events ---- */

static void sent_packet(ho_flow *flow, end *e, ho_side side,
                        const ho_sighting *s, const ho_wire_packet *p) {
  bool mtu_probe = s->d->bytes > 1200;

  for (size_t i = 0; i < p->frames_count; i++) {
    const ho_frame *f = &p->frames[i];
    mtu_probe &= f->type == HO_FRAME_PING || f->type == HO_FRAME_PADDING;
    if (f->type == HO_FRAME_STREAM) {
      note_stream(e, f, s->t);
    }
  }
  ho_sent_add(&e->sent, &(ho_sent_packet){.pn = p->pn,
                                          .t = s->t,
                                          .bytes = (uint32_t)s->d->bytes,
                                          .path = number_of(e, &s->tuple),
                                          .probe = p->probing || mtu_probe});
  /* A client whose host changed its address alone has not moved. */
  if (side == HO_CLIENT && !p->probing && !ho_packet_closes(p) &&
      !ho_flow_passive(flow, s)) {
    changed(flow, e, side, &s->tuple, s->t);
  }
}

static void on_acked(void *user, const ho_sent_packet *packet) {
  sample *m = user;

  if (packet->pn >= m->pn) {
    m->pn = packet->pn;
    m->raised = true;
  }
}

/* Only an ACK whose largest packet it newly acknowledges is a sample (RFC 9002,
 * 5.1). */
static void note_ack(end *e, const ho_sighting *s, const ho_wire_packet *p,
                     const ho_frame *ack) {
  sample m = {.set = true, .t = s->t};
  const ho_sent_packet *packet;

  if (!ho_sent_acknowledge(&e->sent, ack, on_acked, &m) || !m.raised ||
      m.pn != ack->largest) {
    return;
  }
  packet = ho_sent_find(&e->sent, m.pn);
  if (!packet || packet->path >= e->tuples_count) {
    return;
  }
  m.t_sent = packet->t;
  m.elsewhere = e->change.open && packet->t < e->change.t &&
                !ho_same_addrs(&e->tuples[packet->path], &e->tuple);
  m.by = ho_mark_of(s, p);
  e->sample = m;
}

static void note_response(ho_flow *flow, end *e, ho_side side,
                          const ho_sighting *s, const ho_wire_packet *p,
                          const ho_frame *f) {
  const ho_flow_challenge *c = ho_flow_find_challenge(flow, side, f->data);

  if (c) {
    e->response = (response){true, s->t, s->t - c->t_sent, ho_mark_of(s, p)};
  }
}

static void received_packet(ho_flow *flow, state *st, ho_side side,
                            const ho_sighting *s, const ho_wire_packet *p) {
  end *e = &st->ends[side];

  if (side == HO_SERVER) {
    if (!e->known && flow->ends[HO_SERVER].t_confirmed != HO_NEVER) {
      changed(flow, e, side, &flow->ends[HO_SERVER].confirmed, s->t);
    }
    ho_active_receive(&st->active, flow, s, p);
    if (st->active.known) {
      changed(flow, e, side, &st->active.tuple, s->t);
    }
  }
  if (!ho_is_app(p)) {
    return;
  }
  for (size_t i = 0; i < p->frames_count; i++) {
    const ho_frame *f = &p->frames[i];
    if (f->type == HO_FRAME_ACK || f->type == HO_FRAME_ACK_ECN) {
      note_ack(e, s, p, f);
    } else if (f->type == HO_FRAME_PATH_RESPONSE) {
      note_response(flow, e, side, s, p, f);
    }
  }
}

/* A server that does not want clients to move may drop what comes from
 * elsewhere (9), copies of it too. */
static bool may_be_dropped(const ho_flow *flow, const ho_sighting *s) {
  return s->at == HO_RECEIVED && s->forged && s->from == HO_CLIENT &&
         flow->scenario->server.disable_active_migration;
}

static void on_datagram(ho_flow *flow, void *user, const ho_sighting *s) {
  state *st = user;

  if (may_be_dropped(flow, s)) {
    return;
  }
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (s->at == HO_RECEIVED) {
      received_packet(flow, st, ho_other(s->from), s, p);
    } else if (ho_sent_by(s, s->from) && ho_is_app(p)) {
      sent_packet(flow, &st->ends[s->from], s->from, s, p);
    }
  }
}

static void on_recovery(ho_flow *flow, end *e, ho_side side, ho_time now,
                        const ho_ev_recovery *r) {
  judge_response(flow, e, side, now, r);
  judge_sample(flow, e, side, now, r);
  watch_change(flow, e, side, now, r);
  judge_window(flow, e, side, now, r);
  judge_lost(flow, e, now, r);
  e->cwnd = r->cwnd;
  e->in_flight = r->in_flight;
  e->srtt = r->srtt;
  e->latest = r->latest_rtt;
  e->min = r->min_rtt;
}

static void on_event(ho_flow *flow, void *user, const ho_event *event) {
  state *st = user;

  if (event->kind == HO_EV_recovery) {
    const ho_ev_recovery *r = &event->u.recovery;
    on_recovery(flow, &st->ends[r->endpoint], r->endpoint, event->t, r);
  } else if (event->kind == HO_EV_packet_lost) {
    const ho_ev_packet_lost *lost = &event->u.packet_lost;
    note_lost(&st->ends[lost->endpoint], event->t, lost);
  }
}

static void on_finish(ho_flow *flow, void *user, ho_time now) {
  state *st = user;

  (void)now;
  for (int side = 0; side < 2; side++) {
    const end *e = &st->ends[side];
    tell_again(flow, e, (ho_side)side);
    if (e->full && e->overrun > 0) {
      ho_flow_observe(flow, HO_CHECK_G4,
                      "%s: a burst exceeded the window by %" PRIu64
                      " bytes at most",
                      side == HO_SERVER ? "server" : "client", e->overrun);
    } else if (e->full) {
      ho_flow_pass(flow, HO_CHECK_G4);
    }
  }
}

static void on_free(void *user) {
  state *st = user;

  ho_sent_free(&st->ends[HO_CLIENT].sent);
  ho_sent_free(&st->ends[HO_SERVER].sent);
}

const ho_check_module ho_checks_recovery = {
    .name = "recovery",
    .state_size = sizeof(state),
    .datagram = on_datagram,
    .event = on_event,
    .finish = on_finish,
    .free = on_free,
};
