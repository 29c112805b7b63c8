/* Checks of what attackers without keys can do: F. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "measure/checks/peers.h"

enum {
  GENEROUS = 4, /* times the recommended patience with a validation */
  APPLICATION_ERROR = 0x0c, /* its owner ended a handshake (10.2.3) */
};

/* F1: the server has moved to an address that is not validated.  That no other
 * one was (F2) cannot be: a handshake validates the first (8.1), and nobody
 * moves before it is confirmed (9). */
typedef struct {
  bool under_way;
  size_t peer;
  ho_time t_challenged; /* HO_NEVER: not yet */
  ho_time patience;     /* recommended (8.2.4) */
  bool followed;        /* F3: a non-probing packet went there */
  bool forged;          /* an attacker's copy was the cause */
  ho_mark cause;
} venture;

/* F3: and back again. */
typedef struct {
  bool under_way;
  size_t from;
  ho_mark cause;
} homecoming;

typedef struct {
  ho_peers peers;
  venture out;
  homecoming back;
  bool forged;      /* a forged packet has reached an end */
  bool spoofed;     /* the server, from an address of nobody's */
  ho_time t_forged; /* the last one */
  bool heard;       /* one was more than noise, or a packet that had come */
  bool restarted;
  bool ended;    /* a CONNECTION_CLOSE has reached the server */
  size_t locals; /* addresses that the client's packets left from */
  ho_endpoint local;
} state;

/* ---- F1, F3: where the server sends ---- */

static void begin_out(ho_flow *flow, state *st, const ho_sighting *s,
                      const ho_wire_packet *p) {
  const ho_peer *peer = ho_peers_active(&st->peers);
  ho_time pto = ho_flow_pto(flow, HO_SERVER);

  st->out =
      (venture){.under_way = peer->t_validated == HO_NEVER,
                .peer = st->peers.active,
                .t_challenged = HO_NEVER,
                .patience = 3 * (pto > HO_INITIAL_PTO ? pto : HO_INITIAL_PTO),
                .forged = s->forged,
                .cause = ho_mark_of(s, p)};
}

static void note_move(ho_flow *flow, state *st, const ho_sighting *s,
                      const ho_wire_packet *p) {
  const venture *o = &st->out;

  st->back.under_way = false;
  if (o->forged && o->followed && !s->forged) {
    st->back = (homecoming){
        .under_way = true, .from = o->peer, .cause = ho_mark_of(s, p)};
  }
  begin_out(flow, st, s, p);
}

static bool is_over(const venture *o, ho_time now, unsigned times) {
  return o->t_challenged != HO_NEVER && now > o->t_challenged &&
         now - o->t_challenged > times * o->patience;
}

/* Packets that go on coming from there are a reason to go there again. */
static void renew_out(state *st, const ho_sighting *s,
                      const ho_wire_packet *p) {
  venture *o = &st->out;

  if (o->under_way && st->peers.at == o->peer && is_over(o, s->t, 1)) {
    o->t_challenged = s->t;
    o->cause = ho_mark_of(s, p);
  }
}

/* RFC 9000, 9.3.2: back to the last validated address. */
static void check_out(ho_flow *flow, state *st, const ho_sighting *s,
                      const ho_wire_packet *p) {
  venture *o = &st->out;
  bool there = st->peers.at == o->peer;

  if (there && !p->probing) {
    o->followed = true;
  }
  if (!o->under_way) {
    return;
  }
  if (there && o->t_challenged == HO_NEVER &&
      ho_packet_find(p, HO_FRAME_PATH_CHALLENGE)) {
    o->t_challenged = s->t;
  }
  if (!there && !p->probing && is_over(o, s->t, 1) &&
      st->peers.list[st->peers.at].t_validated != HO_NEVER) {
    o->under_way = false;
    ho_flow_pass(flow, HO_CHECK_F1);
  } else if (there && !p->probing && is_over(o, s->t, GENEROUS)) {
    o->under_way = false;
    ho_flow_fail(flow, HO_CHECK_F1, HO_SERVER, s->t, s, p,
                 "sent to an address that is not validated %" PRIu64
                 " ms after its first PATH_CHALLENGE",
                 (s->t - o->t_challenged) / HO_MSEC);
  }
}

/* Nothing at all is no return either, while something is in flight. */
static void settle_out(ho_flow *flow, state *st, ho_time now) {
  venture *o = &st->out;

  if (o->under_way && st->peers.list[o->peer].t_validated != HO_NEVER) {
    o->under_way = false;
  }
  if (!o->under_way ||
      !is_over(o, ho_peers_end(&st->peers, flow, now), GENEROUS)) {
    return;
  }
  if (flow->ends[HO_SERVER].in_flight > 0) {
    ho_flow_fail(flow, HO_CHECK_F1, HO_SERVER, o->cause.s.t, &o->cause.s,
                 &o->cause.p,
                 "moved the server to an address that it cannot validate; in "
                 "%" PRIu64 " ms nothing went to the last validated one",
                 (now - o->cause.s.t) / HO_MSEC);
  }
  o->under_way = false;
}

static void check_back(ho_flow *flow, state *st, const ho_sighting *s,
                       const ho_wire_packet *p) {
  homecoming *b = &st->back;
  ho_time slack = ho_flow_pto(flow, HO_SERVER);

  if (!b->under_way || p->probing) {
    return;
  }
  if (st->peers.at == st->peers.active) {
    b->under_way = false;
    ho_flow_pass(flow, HO_CHECK_F3);
  } else if (st->peers.at == b->from && s->t > b->cause.s.t + slack) {
    b->under_way = false;
    ho_flow_fail(flow, HO_CHECK_F3, HO_SERVER, s->t, s, p,
                 "sent to the forwarder's address %" PRIu64 " ms after packet "
                 "%" PRIu64 " had come from the original one",
                 (s->t - b->cause.s.t) / HO_MSEC, b->cause.p.pn);
  }
}

/* ---- F4, F6: what an attacker must not bring about ---- */

/* An end that forgets what it discards can close for it at once or not at all.
 */
static bool may_be_forged(const state *st, ho_time now) {
  return st->heard || (st->forged && now == st->t_forged);
}

static void check_close(ho_flow *flow, state *st, ho_side side,
                        const ho_sighting *s, const ho_wire_packet *p) {
  const ho_frame *f = ho_packet_find(p, HO_FRAME_CONNECTION_CLOSE);

  /* Whoever races Initials can make a handshake fail (21.1.1.3). */
  if (!f || f->error == 0 || f->error == APPLICATION_ERROR ||
      flow->ends[side].t_confirmed == HO_NEVER || !may_be_forged(st, s->t)) {
    return;
  }
  ho_flow_fail(flow, HO_CHECK_F4, side, s->t, s, p,
               "closed with error 0x%" PRIx64 ", %" PRIu64
               " ms after a forged packet",
               f->error, (s->t - st->t_forged) / HO_MSEC);
  if (side == HO_SERVER && s->t == st->t_forged &&
      !st->peers.list[st->peers.at].genuine) {
    ho_flow_fail(flow, HO_CHECK_F6, side, s->t, s, p,
                 "closed with error 0x%" PRIx64 " for a spoofed address",
                 f->error);
  }
}

/* ---- F5, F6: what a victim gets ---- */

/* A reset for a CID that is retired, or of a connection that an end has closed,
 * is what any packet with it may get (10.3), and ends nothing (10.3.1). */
static bool is_telling_reset(const ho_flow *flow, const state *st,
                             const ho_sighting *s) {
  const ho_flow_cid *cid = ho_flow_find_reset(flow, HO_SERVER, s->d);

  return cid && cid->t_retired == HO_NEVER && !st->restarted && !st->ended &&
         flow->ends[HO_SERVER].t_closed == HO_NEVER;
}

static void check_victim(ho_flow *flow, state *st, const ho_sighting *s) {
  const ho_peer *peer = &st->peers.list[st->peers.at];
  const ho_wire_packet *p = s->d->packets_count > 0 ? &s->d->packets[0] : NULL;

  if (peer->genuine || peer->received == 0) {
    return;
  }
  if (is_telling_reset(flow, st, s)) {
    ho_flow_fail(flow, HO_CHECK_F6, HO_SERVER, s->t, s, NULL,
                 "a stateless reset of %zu bytes to a spoofed address",
                 s->d->bytes);
  }
  if (st->peers.allowance == UINT64_MAX) {
    return;
  }
  if (s->d->bytes > st->peers.allowance) {
    ho_flow_fail(flow, HO_CHECK_F5, HO_SERVER, s->t, s, p,
                 "%" PRIu64 " bytes to a victim for %" PRIu64
                 " that came in its name",
                 peer->sent, peer->received);
  } else {
    ho_flow_pass(flow, HO_CHECK_F5);
  }
}

/* ---- F7: addresses to keep away from ---- */

static bool is_loopback(const ho_addr *a) {
  static const uint8_t v6[16] = {[15] = 1};

  return a->family == 4 ? a->bytes[0] == 127
                        : memcmp(a->bytes, v6, sizeof(v6)) == 0;
}

/* RFC 9308, 8.1: source ports of protocols that reflect. */
static bool is_blocked(uint16_t port) {
  static const uint16_t ports[] = {53, 123, 1900, 5353, 11211};

  for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
    if (ports[i] == port) {
      return true;
    }
  }
  return false;
}

static void check_f7(ho_flow *flow, state *st, ho_side side,
                     const ho_sighting *s, const ho_wire_packet *p) {
  const ho_endpoint *client = &s->tuple.client;
  char text[HO_ENDPOINT_TEXT];

  if (p->probing) {
    return;
  }
  if (side == HO_SERVER) {
    if (st->peers.at > 0 && is_loopback(&client->addr)) {
      ho_flow_fail(flow, HO_CHECK_F7, side, s->t, s, p, "migrated to %s",
                   ho_endpoint_text(text, client));
    }
    return;
  }
  if (st->locals > 0 && ho_endpoint_eq(&st->local, client)) {
    return;
  }
  st->local = *client;
  if (st->locals++ == 0) {
    return;
  }
  if (is_loopback(&client->addr) || is_blocked(client->port)) {
    ho_flow_fail(flow, HO_CHECK_F7, side, s->t, s, p, "migrated to %s",
                 ho_endpoint_text(text, client));
  } else {
    ho_flow_pass(flow, HO_CHECK_F7);
  }
}

/* ---- what is called ---- */

static void see_sent(ho_flow *flow, state *st, ho_side side,
                     const ho_sighting *s, const ho_wire_packet *p) {
  check_close(flow, st, side, s, p);
  if (!ho_is_app(p)) {
    return;
  }
  check_f7(flow, st, side, s, p);
  if (side == HO_SERVER) {
    check_out(flow, st, s, p);
    check_back(flow, st, s, p);
  }
}

/* |largest| is the packet number of the client before |s|. */
static bool is_heard(const state *st, const ho_sighting *s, uint64_t largest) {
  bool stranger = s->from == HO_CLIENT && !st->peers.list[st->peers.at].genuine;

  for (size_t i = 0; i < s->d->packets_count && !s->damaged; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (p->opened && (stranger || s->from == HO_SERVER ||
                      largest == UINT64_MAX || p->pn > largest)) {
      return true;
    }
  }
  return false;
}

static void note_forged(state *st, const ho_sighting *s, uint64_t largest) {
  if (s->at != HO_RECEIVED || !s->forged) {
    return;
  }
  st->forged = true;
  st->t_forged = s->t;
  st->heard |= is_heard(st, s, largest);
  st->spoofed |= s->from == HO_CLIENT && !st->peers.list[st->peers.at].genuine;
}

static bool has_close(const ho_wire_packet *p) {
  return ho_packet_find(p, HO_FRAME_CONNECTION_CLOSE) ||
         ho_packet_find(p, HO_FRAME_CONNECTION_CLOSE_APP);
}

static void datagram(ho_flow *flow, void *user, const ho_sighting *s) {
  state *st = user;
  bool leaves = ho_leaves(s, HO_SERVER);
  uint64_t largest = st->peers.begun ? st->peers.largest : UINT64_MAX;

  if (!leaves) {
    settle_out(flow, st, s->t);
  }
  ho_peers_datagram(&st->peers, flow, s);
  note_forged(st, s, largest);
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (!p->opened) {
      continue;
    }
    st->ended |= ho_received_by(s, HO_SERVER) && has_close(p);
    if (ho_leaves(s, s->from)) {
      see_sent(flow, st, s->from, s, p);
    } else if (ho_received_by(s, HO_SERVER) && ho_is_app(p) &&
               p->pn == st->peers.largest) {
      if (st->peers.moved) {
        note_move(flow, st, s, p);
      } else {
        renew_out(st, s, p);
      }
    }
  }
  if (leaves) {
    settle_out(flow, st, s->t);
    check_victim(flow, st, s);
  }
}

static void event(ho_flow *flow, void *user, const ho_event *e) {
  state *st = user;

  ho_peers_event(&st->peers, flow, e);
  if (e->kind == HO_EV_action) {
    st->restarted |= strcmp(e->u.action.action, "restart") == 0;
  } else if (e->kind == HO_EV_connection_closed && st->forged &&
             e->u.connection_closed.connection == flow->connection &&
             e->t == st->t_forged &&
             strcmp(e->u.connection_closed.reason, "stateless reset") == 0) {
    ho_flow_fail(flow, HO_CHECK_F4, e->u.connection_closed.endpoint, e->t, NULL,
                 NULL, "ended by a forged stateless reset");
  }
}

static void finish(ho_flow *flow, void *user, ho_time now) {
  state *st = user;

  settle_out(flow, st, now);
  if (st->forged) {
    ho_flow_pass(flow, HO_CHECK_F4);
  }
  if (st->spoofed) {
    ho_flow_pass(flow, HO_CHECK_F6);
  }
}

static void release(void *user) {
  state *st = user;

  ho_peers_free(&st->peers);
}

const ho_check_module ho_checks_attack = {
    .name = "attack",
    .state_size = sizeof(state),
    .datagram = datagram,
    .event = event,
    .finish = finish,
    .free = release,
};
