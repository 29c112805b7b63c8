/* Checks E8 to E13: what both ends do with a path that is new to them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "measure/checks/begin.h"

enum {
  UNKNOWN = 8, /* packets from strangers that are remembered */
};

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
  ho_begin begin;
  bool gone; /* it has deleted the connection, or forgot it */
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
    q->open = p->probing || ho_packet_closes(p);
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
  bool known = is_known(st->server, st->servers, &s->tuple.server) ||
               ho_flow_preferred(flow, &s->tuple.server);

  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (!ho_is_app(p)) {
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

static void sent_packet(ho_flow *flow, state *st, ho_side side,
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
  ho_begin_sent(&e->begin, flow, s, p);
}

static void on_sent(ho_flow *flow, state *st, const ho_sighting *s) {
  ho_side side = s->from;
  const ho_wire_packet *first = s->d->packets_count ? s->d->packets : NULL;

  if (side == HO_CLIENT) {
    know(st->server, &st->servers, &s->tuple.server);
  } else {
    check_server_address(flow, st, s, first);
  }
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (ho_is_app(p)) {
      sent_packet(flow, st, side, s, p);
    }
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
    if (!ho_is_app(p)) {
      continue;
    }
    for (size_t k = 0; k < p->frames_count; k++) {
      const ho_frame *f = &p->frames[k];
      if (f->type == HO_FRAME_ACK || f->type == HO_FRAME_ACK_ECN) {
        ho_begin_ack(&e->begin, flow, side, f, s);
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
  if (ho_sent_by(s, s->from)) {
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
  case HO_EV_network_up:
    waited(flow, st, event->t, "waited, and one came");
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
  ho_begin_finish(&st->ends[HO_CLIENT].begin, flow);
  ho_begin_finish(&st->ends[HO_SERVER].begin, flow);
  waited(flow, st, now, "still waiting at the end");
}

static void on_free(void *user) {
  state *st = user;

  ho_begin_free(&st->ends[HO_CLIENT].begin);
  ho_begin_free(&st->ends[HO_SERVER].begin);
}

const ho_check_module ho_checks_path = {
    .name = "path",
    .state_size = sizeof(state),
    .datagram = on_datagram,
    .event = on_event,
    .finish = on_finish,
    .free = on_free,
};
