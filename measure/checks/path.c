/* Checks E8 to E13: what both ends do with a path that is new to them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "measure/checks/trail.h"

enum {
  PAIRS = 32,   /* tuples of one end that are told apart */
  UNKNOWN = 8,  /* packets from strangers that are remembered */
  OVERSIZE = 3, /* large datagrams at a time that may be probes of the MTU */
  ENOUGH = 5,   /* datagrams that show what size a new path begins with */
  SMALLEST = 1200,
};

/* One end's pair of addresses and ports. */
typedef struct {
  ho_tuple tuple;
  bool blind;     /* used by a host whose transport knows nothing of it */
  uint32_t taken; /* largest datagram that was acknowledged */
  uint64_t sent;  /* 1-RTT datagrams that are no probes */
  unsigned large; /* of more than it is known to take, in a row */
  ho_mark large_by;
  bool large_seen;
  /* ECN */
  uint64_t marked;      /* ECT packets sent */
  uint64_t confirmed;   /* of them, acknowledged with counts */
  ho_time t_ecn_failed; /* 0: not */
  bool ecn_stopped;
} pair;

/* A PATH_CHALLENGE on the active path, to be answered with more than probing
 * frames. */
typedef struct {
  bool open, responded;
  ho_mark by;
  ho_tuple tuple;
  ho_time until;
} question;

typedef struct {
  bool known;     /* |tuple| is set */
  ho_tuple tuple; /* its path: where its non-probing packets go */
  question question;
  pair pairs[PAIRS];
  size_t pairs_count;
  ho_sent sent;
  uint64_t ect, ce; /* counts of the last ACK_ECN that was used */
  bool gone;        /* it has deleted the connection, or forgot it */
} end;

/* A packet that came to the client from a server address it does not know. */
typedef struct {
  uint64_t pn; /* + 1; 0: none */
  ho_mark by;
} stranger;

/* A new client address that the server has validated. */
typedef struct {
  bool open;
  ho_mark by;
  ho_time t;
} token_due;

typedef struct {
  end ends[2];
  ho_active active;      /* the client's path, as the server has to take it */
  ho_endpoint server[4]; /* addresses that the client has sent to */
  size_t servers;
  ho_endpoint heard[4]; /* and those to which something of it arrived */
  size_t heards;
  stranger strangers[UNKNOWN];
  size_t strangers_next;
  ho_endpoint first_client; /* as the server saw it first */
  ho_endpoint tokened;      /* address of the last that E10 was asked for */
  token_due token;
  ho_time t_stranded; /* the client's network went, and no other was there; 0 */
} state;

static bool is_known(const ho_endpoint *list, size_t count,
                     const ho_endpoint *endpoint) {
  for (size_t i = 0; i < count; i++) {
    if (ho_endpoint_eq(&list[i], endpoint)) {
      return true;
    }
  }
  return false;
}

static void know(ho_endpoint *list, size_t *count, const ho_endpoint *one) {
  if (*count < 4 && !is_known(list, *count, one)) {
    list[(*count)++] = *one;
  }
}

static pair *pair_of(end *e, const ho_tuple *tuple) {
  for (size_t i = 0; i < e->pairs_count; i++) {
    if (ho_tuple_eq(&e->pairs[i].tuple, tuple)) {
      return &e->pairs[i];
    }
  }
  if (e->pairs_count == PAIRS) {
    return NULL;
  }
  e->pairs[e->pairs_count] = (pair){.tuple = *tuple};
  return &e->pairs[e->pairs_count++];
}

/* ---- E8: a challenge on the active path ---- */

static void close_question(ho_flow *flow, state *st, ho_side side,
                           ho_time now) {
  question *q = &st->ends[side].question;

  if (!q->open || now <= q->until) {
    return;
  }
  q->open = false;
  if (q->responded && ho_flow_open(flow) && !st->ends[side].gone) {
    ho_flow_fail(flow, HO_CHECK_E8, side, q->by.s.t, &q->by.s, &q->by.p,
                 "its PATH_CHALLENGE was answered with probing packets alone "
                 "for %.3f ms",
                 (double)(q->until - q->by.s.t) / 1e6);
  }
}

static void ask(ho_flow *flow, end *e, ho_side side, const ho_sighting *s,
                const ho_wire_packet *p) {
  if (e->question.open || !e->known || !ho_tuple_eq(&e->tuple, &s->tuple) ||
      flow->ends[side].t_confirmed == HO_NEVER || !ho_flow_open(flow)) {
    return;
  }
  e->question = (question){.open = true,
                           .by = ho_mark_of(s, p),
                           .tuple = s->tuple,
                           .until = s->t + ho_flow_patience(flow, side)};
}

static void answer(ho_flow *flow, end *e, const ho_sighting *s,
                   const ho_wire_packet *p) {
  question *q = &e->question;

  if (!q->open) {
    return;
  }
  if (!ho_tuple_eq(&s->tuple, &q->tuple)) {
    /* It is the active path no more. */
    q->open = q->open && (p->probing || ho_packet_closes(p));
    return;
  }
  q->responded |= ho_packet_has(p, HO_FRAME_PATH_RESPONSE);
  if (!p->probing) {
    ho_flow_pass(flow, HO_CHECK_E8);
    q->open = false;
  }
}

/* ---- E9: addresses of the server ---- */

static void check_stranger(ho_flow *flow, state *st, const ho_sighting *s) {
  const ho_wire_packet *p = &s->d->packets[0];
  bool known = is_known(st->server, st->servers, &s->tuple.server) ||
               ho_flow_preferred(flow, &s->tuple.server);

  for (size_t i = 0; i < s->d->packets_count; i++) {
    p = &s->d->packets[i];
    if (!p->opened || p->header.type != HO_WIRE_1RTT) {
      continue;
    }
    if (!known) {
      st->strangers[st->strangers_next++ % UNKNOWN] =
          (stranger){p->pn + 1, ho_mark_of(s, p)};
      continue;
    }
    for (size_t k = 0; k < UNKNOWN; k++) { /* it came the right way, too */
      if (st->strangers[k].pn == p->pn + 1) {
        st->strangers[k].pn = 0;
      }
    }
  }
}

static void check_stranger_acked(ho_flow *flow, state *st, const ho_sighting *s,
                                 const ho_wire_packet *p) {
  for (size_t i = 0; i < p->frames_count; i++) {
    for (size_t k = 0; k < UNKNOWN; k++) {
      stranger *x = &st->strangers[k];
      bool ack = p->frames[i].type == HO_FRAME_ACK ||
                 p->frames[i].type == HO_FRAME_ACK_ECN;
      if (ack && x->pn != 0 && ho_frame_acks(&p->frames[i], x->pn - 1)) {
        ho_flow_fail(flow, HO_CHECK_E9, HO_CLIENT, s->t, s, p,
                     "acknowledges number %" PRIu64
                     ", which came from an unknown server address",
                     x->pn - 1);
      }
    }
  }
}

static void check_server_address(ho_flow *flow, const state *st,
                                 const ho_sighting *s,
                                 const ho_wire_packet *p) {
  char text[HO_ENDPOINT_TEXT];

  if (!is_known(st->heard, st->heards, &s->tuple.server)) {
    if (!ho_flow_preferred(flow, &s->tuple.server)) {
      ho_flow_fail(flow, HO_CHECK_E9, HO_SERVER, s->t, s, p,
                   "sent from %s, where the client never sent anything",
                   ho_endpoint_text(text, &s->tuple.server));
    }
  } else if (st->active.t != 0 && p && p->opened &&
             ho_tuple_eq(&s->tuple, &st->active.tuple)) {
    /* Its client has moved, and the server has not. */
    ho_flow_pass(flow, HO_CHECK_E9);
  }
}

/* ---- E10: tokens for new addresses ---- */

static bool same_addr(const ho_endpoint *a, const ho_endpoint *b) {
  return ho_addr_eq(&a->addr, &b->addr);
}

/* Tokens are for IP addresses: a new port alone needs none (8.1.4). */
static void note_validated(ho_flow *flow, state *st, const ho_sighting *s) {
  ho_time t = ho_flow_validated(flow, HO_SERVER, &st->active.tuple);

  if (!st->active.known || t != s->t || st->token.open ||
      flow->ends[HO_SERVER].t_confirmed >= s->t ||
      same_addr(&st->active.tuple.client, &st->first_client) ||
      same_addr(&st->active.tuple.client, &st->tokened)) {
    return;
  }
  st->token = (token_due){
      true, ho_mark_of(s, s->d->packets_count ? s->d->packets : NULL), s->t};
  st->token.by.s.tuple = st->active.tuple;
  st->tokened = st->active.tuple.client;
}

static void due_token(ho_flow *flow, state *st, ho_time now) {
  if (!st->token.open) {
    return;
  }
  if (!ho_flow_open(flow) || st->ends[HO_SERVER].gone ||
      !ho_endpoint_eq(&st->active.tuple.client, &st->token.by.s.tuple.client)) {
    st->token.open = false;
  } else if (now > st->token.t + ho_flow_patience(flow, HO_SERVER)) {
    st->token.open = false;
    ho_flow_fail(flow, HO_CHECK_E10, HO_SERVER, st->token.t, &st->token.by.s,
                 &st->token.by.p,
                 "this validated a new address, and no NEW_TOKEN was sent in "
                 "%.3f ms",
                 (double)(now - st->token.t) / 1e6);
  }
}

static void check_token(ho_flow *flow, state *st, const ho_wire_packet *p) {
  if (st->token.open && ho_packet_has(p, HO_FRAME_NEW_TOKEN)) {
    st->token.open = false;
    ho_flow_pass(flow, HO_CHECK_E10);
  }
}

/* ---- E11: ECN ---- */

/* What one ACK newly acknowledges. */
typedef struct {
  end *e;
  uint64_t marked; /* ECT packets */
  int path;        /* theirs; -1: none yet, -2: several */
} newly;

static void on_acked(void *user, const ho_sent_packet *packet) {
  newly *n = user;
  pair *path = &n->e->pairs[packet->path];

  if (packet->bytes > path->taken) {
    path->taken = packet->bytes;
    path->large = 0;
  }
  if (packet->ecn == 1 || packet->ecn == 2) {
    n->marked++;
    if (n->path == -1) {
      n->path = packet->path;
    } else if (n->path != packet->path) {
      n->path = -2;
    }
  }
}

/* 13.4.2.1: the counts must be there, and grow by what was marked. */
static void check_counts(ho_flow *flow, end *e, ho_side side,
                         const ho_frame *ack, const newly *n,
                         const ho_sighting *s) {
  bool counts = ack->type == HO_FRAME_ACK_ECN;
  uint64_t ect = ack->ect0 + ack->ect1, grown = 0;
  pair *path;

  if (counts) {
    grown = ect + ack->ce - (e->ect + e->ce);
    e->ect = ect;
    e->ce = ack->ce;
  }
  if (n->marked == 0 || n->path <= 0 || /* 0 is the handshake's */
      !ho_tuple_eq(&s->tuple, &e->tuple)) {
    return;
  }
  path = &e->pairs[n->path];
  if (!ho_tuple_eq(&path->tuple, &s->tuple)) {
    return;
  }
  if (grown >= n->marked) {
    path->confirmed += n->marked;
    if (path->t_ecn_failed == 0) {
      ho_flow_pass(flow, HO_CHECK_E11);
    }
  } else if (path->t_ecn_failed == 0 &&
             flow->ends[side].t_confirmed != HO_NEVER) {
    path->t_ecn_failed = s->t;
  }
}

/* 13.4.2.2: it stops, but MAY try again later. */
static void check_mark(ho_flow *flow, pair *path, ho_side side,
                       const ho_sighting *s, const ho_wire_packet *p) {
  if (path->t_ecn_failed == 0 || path->ecn_stopped) {
    return;
  }
  if (s->ecn != 1 && s->ecn != 2) {
    path->ecn_stopped = true;
    ho_flow_pass(flow, HO_CHECK_E11);
  } else if (s->t > path->t_ecn_failed + HO_MSEC) {
    ho_flow_fail(flow, HO_CHECK_E11, side, s->t, s, p,
                 "marked ECT %.3f ms after an ACK without counts for what was "
                 "marked on this path",
                 (double)(s->t - path->t_ecn_failed) / 1e6);
  }
}

/* ---- E12: sizes ---- */

/* 14.2 speaks of IP addresses: ports do not count. */
static uint32_t known_to_take(const end *e, const ho_tuple *tuple) {
  uint32_t most = SMALLEST;

  for (size_t i = 0; i < e->pairs_count; i++) {
    const pair *other = &e->pairs[i];
    if (same_addr(&other->tuple.client, &tuple->client) &&
        same_addr(&other->tuple.server, &tuple->server) &&
        other->taken > most) {
      most = other->taken;
    }
  }
  return most;
}

static bool is_mtu_probe(const ho_wire_packet *p) {
  for (size_t i = 0; i < p->frames_count; i++) {
    if (p->frames[i].type != HO_FRAME_PING &&
        p->frames[i].type != HO_FRAME_PADDING) {
      return false;
    }
  }
  return true;
}

/* A probe may carry data (14.4), but one is enough: several that are larger
 * than what the path is known to take are no probes. */
static void check_size(ho_flow *flow, end *e, pair *path, ho_side side,
                       const ho_sighting *s, const ho_wire_packet *p) {
  uint32_t most = known_to_take(e, &s->tuple);

  path->sent++;
  if (s->d->bytes <= most || is_mtu_probe(p) || path->blind ||
      path == &e->pairs[0] ||
      (same_addr(&path->tuple.client, &e->pairs[0].tuple.client) &&
       same_addr(&path->tuple.server, &e->pairs[0].tuple.server))) {
    return;
  }
  if (path->large++ == 0) {
    path->large_by = ho_mark_of(s, p);
  }
  if (path->large >= OVERSIZE && !path->large_seen) {
    path->large_seen = true;
    ho_flow_fail(flow, HO_CHECK_E12, side, s->t, &path->large_by.s,
                 &path->large_by.p,
                 "a datagram of %zu bytes on a path that is known to take %u",
                 s->d->bytes, (unsigned)most);
  }
}

/* It was exercised where larger ones had been in use before. */
static void finish_sizes(ho_flow *flow, const end *e) {
  uint32_t before = 0;

  for (size_t i = 0; i < e->pairs_count; i++) {
    const pair *path = &e->pairs[i];
    if (before > SMALLEST && path->sent >= ENOUGH && !path->blind &&
        !path->large_seen &&
        (!same_addr(&path->tuple.client, &e->pairs[0].tuple.client) ||
         !same_addr(&path->tuple.server, &e->pairs[0].tuple.server))) {
      ho_flow_pass(flow, HO_CHECK_E12);
    }
    before = path->taken > before ? path->taken : before;
  }
}

/* ---- E13: no path at all ---- */

static void network_gone(state *st, const ho_event *event) {
  if (event->u.network_down.in_use && st->t_stranded == 0 &&
      st->ends[HO_CLIENT].known && !st->ends[HO_CLIENT].gone) {
    st->t_stranded = event->t;
  }
}

static void waited(ho_flow *flow, state *st, ho_time now, const char *then) {
  if (st->t_stranded != 0) {
    ho_flow_observe(flow, HO_CHECK_E13,
                    "client without a network at %.6f s: %s after %.3f ms",
                    (double)st->t_stranded / 1e9, then,
                    (double)(now - st->t_stranded) / 1e6);
    st->t_stranded = 0;
  }
}

/* ---- datagrams ---- */

static void sent_packet(ho_flow *flow, state *st, ho_side side, pair *path,
                        const ho_sighting *s, const ho_wire_packet *p) {
  end *e = &st->ends[side];

  answer(flow, e, s, p);
  if (!p->probing) {
    e->known = true;
    e->tuple = s->tuple;
  }
  if (side == HO_CLIENT) {
    check_stranger_acked(flow, st, s, p);
  } else {
    check_token(flow, st, p);
  }
  if (path) {
    ho_sent_add(&e->sent, &(ho_sent_packet){.pn = p->pn,
                                            .t = s->t,
                                            .bytes = (uint32_t)s->d->bytes,
                                            .path = (uint16_t)(path - e->pairs),
                                            .ecn = s->ecn,
                                            .probe = p->probing});
    path->marked += s->ecn == 1 || s->ecn == 2;
    check_mark(flow, path, side, s, p);
    check_size(flow, e, path, side, s, p);
  }
}

static void on_sent(ho_flow *flow, state *st, const ho_sighting *s) {
  ho_side side = s->from;
  pair *path = pair_of(&st->ends[side], &s->tuple);
  const ho_wire_packet *first = s->d->packets_count ? s->d->packets : NULL;

  if (side == HO_CLIENT) {
    know(st->server, &st->servers, &s->tuple.server);
    if (path && path != &st->ends[side].pairs[0] &&
        ho_flow_passive(flow, s->t)) {
      path->blind = true;
    }
    if (st->t_stranded != 0 && !ho_flow_passive(flow, s->t) &&
        st->ends[side].known &&
        !ho_tuple_eq(&s->tuple, &st->ends[side].tuple)) {
      waited(flow, st, s->t, "waited, went on elsewhere");
    }
  } else {
    check_server_address(flow, st, s, first);
  }
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (p->opened && p->header.type == HO_WIRE_1RTT) {
      sent_packet(flow, st, side, path, s, p);
    }
  }
}

static void on_ack(ho_flow *flow, end *e, ho_side side, const ho_frame *ack,
                   const ho_sighting *s) {
  newly n = {.e = e, .path = -1};

  /* What comes to a path that it has left a client may discard. */
  if (ho_sent_acknowledge(&e->sent, ack, on_acked, &n)) {
    check_counts(flow, e, side, ack, &n, s);
  }
}

static void on_received(ho_flow *flow, state *st, const ho_sighting *s) {
  ho_side side = ho_other(s->from);
  end *e = &st->ends[side];

  if (side == HO_SERVER) {
    know(st->heard, &st->heards, &s->tuple.server);
    if (st->first_client.addr.family == 0) {
      st->first_client = s->tuple.client;
    }
  } else {
    check_stranger(flow, st, s);
  }
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (side == HO_SERVER) {
      ho_active_receive(&st->active, flow, s, p);
    }
    if (!p->opened || p->header.type != HO_WIRE_1RTT) {
      continue;
    }
    for (size_t k = 0; k < p->frames_count; k++) {
      const ho_frame *f = &p->frames[k];
      if (f->type == HO_FRAME_ACK || f->type == HO_FRAME_ACK_ECN) {
        on_ack(flow, e, side, f, s);
      } else if (f->type == HO_FRAME_PATH_CHALLENGE) {
        ask(flow, e, side, s, p);
      }
    }
  }
  if (side == HO_SERVER) {
    note_validated(flow, st, s);
  }
}

static void due(ho_flow *flow, state *st, ho_time now) {
  close_question(flow, st, HO_CLIENT, now);
  close_question(flow, st, HO_SERVER, now);
  due_token(flow, st, now);
}

static void on_datagram(ho_flow *flow, void *user, const ho_sighting *s) {
  state *st = user;

  due(flow, st, s->t);
  if (s->at == HO_SENT && !s->forged) {
    on_sent(flow, st, s);
  } else if (s->at == HO_RECEIVED) {
    on_received(flow, st, s);
  }
}

static void on_event(ho_flow *flow, void *user, const ho_event *event) {
  state *st = user;

  switch (event->kind) {
  case HO_EV_network_down:
    network_gone(st, event);
    break;
  case HO_EV_handoff: /* there was another network all the time */
    if (event->u.handoff.t_up <= event->u.handoff.t_loss) {
      st->t_stranded = 0;
    }
    break;
  case HO_EV_connection_closed:
    if (event->u.connection_closed.connection != flow->connection) {
      break;
    }
    due(flow, st, event->t);
    st->ends[event->u.connection_closed.endpoint].gone = true;
    if (event->u.connection_closed.endpoint == HO_CLIENT) {
      waited(flow, st, event->t, "closed");
    }
    break;
  case HO_EV_action:
    if (strcmp(event->u.action.action, "restart") == 0) {
      due(flow, st, event->t);
      st->ends[HO_SERVER].gone = true;
    }
    break;
  default:
    break;
  }
}

static void on_finish(ho_flow *flow, void *user, ho_time now) {
  state *st = user;

  due(flow, st, now);
  for (size_t k = 0; k < UNKNOWN; k++) {
    if (st->strangers[k].pn != 0) {
      ho_flow_pass(flow, HO_CHECK_E9);
    }
  }
  finish_sizes(flow, &st->ends[HO_CLIENT]);
  finish_sizes(flow, &st->ends[HO_SERVER]);
  waited(flow, st, now, "still waiting at the end");
}

static void on_free(void *user) {
  state *st = user;

  ho_sent_free(&st->ends[HO_CLIENT].sent);
  ho_sent_free(&st->ends[HO_SERVER].sent);
}

const ho_check_module ho_checks_path = {
    .name = "path",
    .state_size = sizeof(state),
    .datagram = on_datagram,
    .event = on_event,
    .finish = on_finish,
    .free = on_free,
};
