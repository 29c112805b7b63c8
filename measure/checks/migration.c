/* Checks E1 to E7: who may move, when, and what the peer does then. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "measure/checks/peers.h"
#include "measure/checks/trail.h"

/* What is on its way out of a host when the packet that moves it comes in. */
#define GRACE HO_MSEC

enum {
  PROTOCOL_VIOLATION = 0x0a,
  NO_VIABLE_PATH = 0x10,
};

/* An apparent migration of the client, as the server has to take it. */
typedef struct {
  bool judged;     /* the server has to follow it */
  ho_mark by;      /* the packet that moved it */
  ho_tuple from;   /* the path in use before */
  bool from_valid; /* it had been validated */
  bool to_valid;   /* the new address had been, earlier */
  bool challenged;
  ho_time t_followed; /* first non-probing packet sent there; HO_NEVER */
  ho_time t_able;     /* since then it can be sent to; HO_NEVER */
  bool late;          /* that validation did not start has been told */
  bool old_done;      /* E7 is settled */
} migration;

typedef struct {
  bool begun;
  ho_endpoint local;   /* the client's own, of its first packet */
  ho_endpoint remote;  /* the server's */
  int net;             /* the client's last packet left by it */
  bool acted;          /* the client uses a preferred address */
  bool early;          /* asked to move before the handshake was confirmed */
  bool early_sent;     /* and has sent something since, before it was */
  bool asked;          /* asked to move after disable_active_migration */
  uint64_t first_pn;   /* of the client's 1-RTT packets, + 1; 0: none */
  ho_time t_confirmed; /* at the client; 0: not yet */

  bool gone;             /* the server has deleted the connection, or forgot */
  ho_endpoint shaken[4]; /* the client's, where its handshake came from */
  size_t shaken_count;
  ho_endpoint violator; /* and where it was last seen, with that parameter */
  ho_mark violation;
  bool violated;

  ho_active active;
  migration move;
  bool at_active; /* the server's last non-probing packet went there */
  bool stale;     /* a late packet came from another address since then */
  ho_mark stale_by;
} state;

/* ---- E1 and E2: the client ---- */

static bool is_confirmed(const ho_flow *flow, const state *st) {
  return st->t_confirmed != 0 || flow->ends[HO_CLIENT].t_confirmed != HO_NEVER;
}

/* RFC 9001, 4.1.2: an ACK of a 1-RTT packet may do for a client. */
static void note_confirmed(state *st, const ho_sighting *s,
                           const ho_wire_packet *p) {
  if (st->t_confirmed != 0 || p->header.type != HO_WIRE_1RTT) {
    return;
  }
  for (size_t i = 0; i < p->frames_count; i++) {
    const ho_frame *f = &p->frames[i];
    bool ack = f->type == HO_FRAME_ACK || f->type == HO_FRAME_ACK_ECN;
    if (f->type == HO_FRAME_HANDSHAKE_DONE ||
        (ack && st->first_pn != 0 && f->largest + 1 >= st->first_pn)) {
      st->t_confirmed = s->t;
    }
  }
}

static bool must_stay(const ho_flow *flow) {
  const ho_flow_end *server = &flow->ends[HO_SERVER];

  return server->params && server->params->disable_active_migration &&
         flow->ends[HO_CLIENT].peer_params_known;
}

static void check_early(ho_flow *flow, state *st, const ho_sighting *s,
                        const ho_wire_packet *p, bool moved) {
  char text[HO_ENDPOINT_TEXT];

  if (is_confirmed(flow, st)) {
    return;
  }
  st->early_sent |= st->early && !moved;
  if (moved) {
    ho_flow_fail(flow, HO_CHECK_E1, HO_CLIENT, s->t, s, p,
                 "sent from %s before the handshake was confirmed",
                 ho_endpoint_text(text, &s->tuple.client));
  }
}

static void client_sent(ho_flow *flow, state *st, const ho_sighting *s) {
  const ho_wire_packet *p =
      s->d->packets_count > 0 ? &s->d->packets[s->d->packets_count - 1] : NULL;
  char text[HO_ENDPOINT_TEXT];
  bool moved;

  if (!st->begun) {
    st->begun = true;
    st->local = s->tuple.client;
    st->remote = s->tuple.server;
  }
  st->net = s->net;
  moved = !ho_endpoint_eq(&s->tuple.client, &st->local) &&
          !ho_flow_passive(flow, s);
  check_early(flow, st, s, p, moved);
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *each = &s->d->packets[i];
    if (!ho_is_app(each)) {
      continue;
    }
    st->first_pn = st->first_pn == 0 ? each->pn + 1 : st->first_pn;
    st->acted |= !each->probing && ho_flow_preferred(flow, &s->tuple.server);
  }
  if (moved && must_stay(flow) && !st->acted &&
      ho_endpoint_eq(&s->tuple.server, &st->remote)) {
    ho_flow_fail(flow, HO_CHECK_E2, HO_CLIENT, s->t, s, p,
                 "sent from %s in spite of disable_active_migration",
                 ho_endpoint_text(text, &s->tuple.client));
  }
}

static void client_received(state *st, const ho_sighting *s) {
  for (size_t i = 0; i < s->d->packets_count; i++) {
    if (s->d->packets[i].opened) {
      note_confirmed(st, s, &s->d->packets[i]);
    }
  }
}

/* A client that is told of another network wants to go there. */
static void client_told(ho_flow *flow, state *st, const ho_ev_notice *notice) {
  if (!st->begun || notice->net < 0 || notice->net == st->net ||
      strcmp(notice->cause, "validation") == 0 || !ho_flow_open(flow)) {
    return;
  }
  st->early |= !is_confirmed(flow, st);
  st->asked |= must_stay(flow) && !st->acted;
}

/* ---- E3: a server that has forbidden it ---- */

static bool is_shaken(const state *st, const ho_endpoint *client) {
  for (size_t i = 0; i < st->shaken_count; i++) {
    if (ho_endpoint_eq(&st->shaken[i], client)) {
      return true;
    }
  }
  return false;
}

/* Packets with long headers are no probes, and end with the handshake. */
static void note_handshake(state *st, const ho_sighting *s,
                           const ho_wire_packet *p) {
  bool first = st->shaken_count == 0;

  if (st->shaken_count < sizeof(st->shaken) / sizeof(st->shaken[0]) &&
      (first || p->header.type != HO_WIRE_1RTT) &&
      !is_shaken(st, &s->tuple.client)) {
    st->shaken[st->shaken_count++] = s->tuple.client;
  }
}

static void note_violator(ho_flow *flow, state *st, const ho_sighting *s,
                          const ho_wire_packet *p) {
  const ho_flow_end *server = &flow->ends[HO_SERVER];

  if (!server->params || !server->params->disable_active_migration ||
      is_shaken(st, &s->tuple.client) ||
      ho_flow_preferred(flow, &s->tuple.server) ||
      (st->violated && ho_endpoint_eq(&s->tuple.client, &st->violator)) ||
      !ho_flow_open(flow)) {
    return;
  }
  st->violated = true;
  st->violator = s->tuple.client;
  st->violation = ho_mark_of(s, p);
}

/* Errors that a frame may have caused, or the application, are not of it. */
static bool is_for_moving(uint64_t error) {
  return error <= 2 || error == PROTOCOL_VIOLATION || error == NO_VIABLE_PATH;
}

static void check_ending(ho_flow *flow, const state *st, const ho_sighting *s) {
  char text[HO_ENDPOINT_TEXT];

  if (!st->violated || st->gone ||
      s->t > st->violation.s.t + ho_flow_pto(flow, HO_SERVER)) {
    return;
  }
  ho_endpoint_text(text, &st->violator);
  if (ho_flow_find_reset(flow, HO_SERVER, s->d)) {
    ho_flow_fail(flow, HO_CHECK_E3, HO_SERVER, s->t, s, NULL,
                 "a stateless reset follows a packet from %s", text);
  }
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    for (size_t k = 0; p->opened && k < p->frames_count; k++) {
      if (p->frames[k].type == HO_FRAME_CONNECTION_CLOSE &&
          is_for_moving(p->frames[k].error)) {
        ho_flow_fail(flow, HO_CHECK_E3, HO_SERVER, s->t, s, p,
                     "closed with error 0x%" PRIx64 " after a packet from %s",
                     p->frames[k].error, text);
      }
    }
  }
}

/* ---- E4: probing frames alone where nothing else came from ---- */

static bool has_come_from(const ho_flow *flow, const state *st,
                          const ho_endpoint *client) {
  const ho_flow_path *path = NULL;

  if (is_shaken(st, client)) {
    return true;
  }
  while ((path = ho_flow_next_path(flow, HO_SERVER, client, path))) {
    if (path->t_nonprobing != HO_NEVER) {
      return true;
    }
  }
  return false;
}

static void check_probes(ho_flow *flow, const state *st, const ho_sighting *s,
                         const ho_wire_packet *p) {
  if (has_come_from(flow, st, &s->tuple.client) || ho_packet_closes(p)) {
    return;
  }
  if (p->probing) {
    ho_flow_pass(flow, HO_CHECK_E4);
  } else {
    ho_flow_fail(flow, HO_CHECK_E4, HO_SERVER, s->t, s, p,
                 "a non-probing packet to an address from which none came");
  }
}

/* ---- E5 to E7: a server whose client moved ---- */

/* A fresh CID of the client is there for the new path (9.5), or is not. */
static void note_able(const ho_flow *flow, migration *m, ho_time now) {
  bool able = m->t_followed != HO_NEVER || ho_flow_spare(flow, HO_SERVER);

  if (!able) {
    m->t_able = HO_NEVER;
  } else if (m->t_able == HO_NEVER) {
    m->t_able = now;
  }
}

/* The server has been able to send there for longer than |wait|. */
static bool was_able(const migration *m, ho_time now, ho_time wait) {
  return m->t_able != HO_NEVER && now > m->t_able + wait;
}

static void client_moved(ho_flow *flow, state *st, const ho_sighting *s,
                         const ho_wire_packet *p) {
  const ho_flow_end *server = &flow->ends[HO_SERVER];
  bool forbidden = server->params && server->params->disable_active_migration;
  /* A client that goes to a preferred address is followed as 9.6.2 says, which
   * section H judges. */
  bool invited = ho_flow_preferred(flow, &s->tuple.server) &&
                 !ho_flow_preferred(flow, &st->active.before.server);

  st->at_active = false;
  st->stale = false;
  st->move = (migration){
      .judged = !forbidden && !invited && !st->gone && ho_flow_open(flow) &&
                server->t_confirmed != HO_NEVER,
      .by = ho_mark_of(s, p),
      .from = st->active.before,
      .from_valid =
          ho_flow_validated(flow, HO_SERVER, &st->active.before) <= s->t,
      .to_valid = ho_flow_validated(flow, HO_SERVER, &s->tuple) <= s->t,
      .t_followed = HO_NEVER,
      .t_able = HO_NEVER,
  };
  note_able(flow, &st->move, s->t);
}

/* 9.3.2: what could not be validated is left again.  When its sender gave up
 * is not known; not before three PTOs (8.2.4). */
static bool may_have_reverted(const ho_flow *flow, const migration *m,
                              ho_time t) {
  return !m->to_valid &&
         ho_flow_validated(flow, HO_SERVER, &m->by.s.tuple) > t &&
         t > m->by.s.t + 3 * ho_flow_pto(flow, HO_SERVER);
}

static void check_started(ho_flow *flow, const migration *m) {
  if (m->t_followed != HO_NEVER && (m->challenged || m->to_valid)) {
    ho_flow_pass(flow, HO_CHECK_E5);
  }
}

static void sent_to_active(ho_flow *flow, state *st, const ho_sighting *s) {
  st->at_active = true;
  if (st->stale) {
    ho_flow_pass(flow, HO_CHECK_E6);
    st->stale = false;
  }
  if (st->move.judged && st->move.t_followed == HO_NEVER) {
    st->move.t_followed = s->t;
    check_started(flow, &st->move);
  }
}

static void sent_elsewhere(ho_flow *flow, state *st, const ho_sighting *s,
                           const ho_wire_packet *p) {
  const migration *m = &st->move;

  if (st->at_active && st->stale &&
      ho_endpoint_eq(&s->tuple.client, &st->stale_by.s.tuple.client) &&
      (!m->judged || !may_have_reverted(flow, m, s->t))) {
    ho_flow_fail(flow, HO_CHECK_E6, HO_SERVER, s->t, s, p,
                 "moved by packet number %" PRIu64 ", after %" PRIu64
                 " had come from elsewhere",
                 st->stale_by.p.pn, st->active.next - 1);
    st->at_active = false;
    return;
  }
  if (!m->judged || !was_able(m, s->t, GRACE) ||
      may_have_reverted(flow, m, s->t)) {
    return;
  }
  /* Where E6 is broken, what follows is of that. */
  if (!st->stale ||
      !ho_endpoint_eq(&s->tuple.client, &st->stale_by.s.tuple.client) ||
      m->t_followed == HO_NEVER) {
    ho_flow_fail(flow, HO_CHECK_E5, HO_SERVER, s->t, s, p,
                 "not to the address of number %" PRIu64
                 ", which came %.3f ms before",
                 m->by.p.pn, (double)(s->t - m->by.s.t) / 1e6);
  }
}

static void server_challenged(ho_flow *flow, state *st, const ho_sighting *s) {
  migration *m = &st->move;

  if (!m->judged) {
    return;
  }
  if (ho_endpoint_eq(&s->tuple.client, &m->by.s.tuple.client)) {
    m->challenged = true;
    check_started(flow, m);
  }
  if (ho_endpoint_eq(&s->tuple.client, &m->from.client)) {
    m->old_done = true;
    ho_flow_pass(flow, HO_CHECK_E7);
  }
}

static void server_sent(ho_flow *flow, state *st, const ho_sighting *s) {
  check_ending(flow, st, s);
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (!ho_is_app(p)) {
      continue;
    }
    if (flow->ends[HO_SERVER].t_confirmed != HO_NEVER) {
      check_probes(flow, st, s, p);
    }
    if (ho_packet_has(p, HO_FRAME_PATH_CHALLENGE)) {
      server_challenged(flow, st, s);
    }
    if (p->probing || ho_packet_closes(p) || !st->active.known) {
      continue;
    }
    if (ho_endpoint_eq(&s->tuple.client, &st->active.tuple.client)) {
      sent_to_active(flow, st, s);
    } else {
      sent_elsewhere(flow, st, s, p);
    }
  }
}

static void server_received(ho_flow *flow, state *st, const ho_sighting *s) {
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    ho_rx rx = ho_active_receive(&st->active, flow, s, p);
    if (p->opened) {
      note_handshake(st, s, p);
      note_violator(flow, st, s, p);
    }
    if (rx == HO_RX_MOVED) {
      client_moved(flow, st, s, p);
    } else if (rx == HO_RX_STALE &&
               !ho_endpoint_eq(&s->tuple.client, &st->active.tuple.client)) {
      st->stale = true;
      st->stale_by = ho_mark_of(s, p);
    }
  }
}

/* ---- what had to be done by now ---- */

static void due_validation(ho_flow *flow, migration *m, ho_time now) {
  if (m->challenged || m->to_valid || m->late ||
      !was_able(m, now, ho_flow_patience(flow, HO_SERVER))) {
    return;
  }
  m->late = true;
  ho_flow_fail(flow, HO_CHECK_E5, HO_SERVER, m->by.s.t, &m->by.s, &m->by.p,
               "no PATH_CHALLENGE went to its address in %.3f ms",
               (double)(now - m->by.s.t) / 1e6);
}

/* A challenge that was on its way before is as good. */
static bool under_validation(const ho_flow *flow, const migration *m) {
  const ho_flow_challenge *c = NULL;

  while ((c = ho_flow_next_challenge(flow, HO_SERVER, &m->from.client, c))) {
    if (c->t_sent + ho_flow_pto(flow, HO_SERVER) > m->by.s.t) {
      return true;
    }
  }
  return false;
}

/* 8.2.4: three PTOs of a path whose RTT nobody knows. */
static const ho_time ABANDON = 3 * HO_SEC;

/* Until when an answer of the new address may be waited for: where the first
 * challenges were small, they are repeated in 1200 bytes before the path is
 * done with (8.2.1), and abandoned three PTOs later (8.2.4). */
static ho_time asked_until(const ho_flow *flow, const migration *m) {
  const ho_flow_challenge *c = NULL;
  ho_time until = 0;

  while (
      (c = ho_flow_next_challenge(flow, HO_SERVER, &m->by.s.tuple.client, c))) {
    ho_time wait = ho_flow_patience(flow, HO_SERVER);
    ho_time end = c->t_sent + (wait > ABANDON ? wait : ABANDON);
    if (c->t_answered == HO_NEVER && end > until) {
      until = end;
    }
  }
  return until;
}

/* 9.3.3 has no deadline; while the new address is being validated there is
 * time. */
static void due_old_path(ho_flow *flow, migration *m, ho_time now) {
  ho_time since = ho_flow_validated(flow, HO_SERVER, &m->by.s.tuple);

  if (m->old_done || !m->from_valid || m->t_followed == HO_NEVER ||
      since == HO_NEVER) {
    return;
  }
  since = since > m->t_followed ? since : m->t_followed;
  if (now <= since + ho_flow_patience(flow, HO_SERVER) ||
      now <= asked_until(flow, m)) {
    return;
  }
  m->old_done = true;
  if (!under_validation(flow, m)) {
    ho_flow_fail(flow, HO_CHECK_E7, HO_SERVER, m->by.s.t, &m->by.s, &m->by.p,
                 "no PATH_CHALLENGE to the path in use before, %.3f ms after "
                 "the new address was validated",
                 (double)(now - since) / 1e6);
  }
}

static void due(ho_flow *flow, state *st, ho_time now) {
  if (st->move.judged && !st->gone && ho_flow_open(flow)) {
    note_able(flow, &st->move, now);
    due_validation(flow, &st->move, now);
    due_old_path(flow, &st->move, now);
  }
}

/* ---- the module ---- */

static void on_datagram(ho_flow *flow, void *user, const ho_sighting *s) {
  state *st = user;

  due(flow, st, s->t);
  if (ho_sent_by(s, HO_CLIENT)) {
    client_sent(flow, st, s);
  } else if (ho_sent_by(s, HO_SERVER)) {
    server_sent(flow, st, s);
  } else if (s->at == HO_RECEIVED && s->from == HO_CLIENT) {
    server_received(flow, st, s);
  } else if (s->at == HO_RECEIVED) {
    client_received(st, s);
  }
}

static void on_event(ho_flow *flow, void *user, const ho_event *event) {
  state *st = user;

  if (event->kind == HO_EV_notice) {
    client_told(flow, st, &event->u.notice);
  } else if (event->kind == HO_EV_connection_closed &&
             event->u.connection_closed.endpoint == HO_SERVER &&
             event->u.connection_closed.connection == flow->connection) {
    due(flow, st, event->t);
    st->gone = true;
  } else if (event->kind == HO_EV_action &&
             strcmp(event->u.action.action, "restart") == 0) {
    due(flow, st, event->t);
    st->gone = true;
  }
}

static void on_finish(ho_flow *flow, void *user, ho_time now) {
  state *st = user;

  due(flow, st, now);
  if (st->early && (st->early_sent || is_confirmed(flow, st))) {
    ho_flow_pass(flow, HO_CHECK_E1);
  }
  if (st->asked) {
    ho_flow_pass(flow, HO_CHECK_E2);
  }
  if (st->violated) {
    ho_flow_pass(flow, HO_CHECK_E3);
  }
}

const ho_check_module ho_checks_migration = {
    .name = "migration",
    .state_size = sizeof(state),
    .datagram = on_datagram,
    .event = on_event,
    .finish = on_finish,
};
