/* Checks of PATH_RESPONSE and what comes of it: C6 to C11, C13, C15. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "measure/checks/peers.h"
#include "sim/base/alloc.h"

enum {
  DATAGRAM = 1200, /* RFC 9000, 14: what every path must take */
  RESPONSE = 60,   /* bytes that a datagram with nothing else may need */
  PLACES = 4,      /* where copies of a challenge came in */
  PROTOCOL_VIOLATION = 0x0a,
  NO_VIABLE_PATH = 0x10,
};

/* A PATH_CHALLENGE that |side| has received. */
typedef struct {
  ho_side side;
  uint64_t data;
  uint64_t pns[PLACES]; /* packets that asked; more than one: the peer repeats
                           itself */
  unsigned asked;
  ho_tuple places[PLACES]; /* as |side| sees them */
  unsigned places_count;
  size_t bytes;
  unsigned moves;   /* of the side's view of the path in use */
  bool owed;        /* nothing excuses a missing answer */
  ho_time t_free;   /* from when congestion control allows it; HO_NEVER */
  bool in_settling; /* still open */
  unsigned answers;
  ho_time pto;
  ho_evidence evidence;
} ask;

/* An address that might be taken for validated and is not. */
typedef struct {
  ho_endpoint client;
  bool acked;     /* C11: only an ACK came */
  bool unmatched; /* C15: only a wrong PATH_RESPONSE came */
} suspect;

typedef struct {
  ho_peers peers;
  ask *asks;
  size_t asks_count, asks_cap, open;
  suspect *suspects;
  size_t suspects_count, suspects_cap;
  bool *noted; /* of the server's challenges: acknowledged before */
  size_t noted_count, noted_cap;
  /* The client's path in use, as its own packets show. */
  bool has_home, home_lost;
  ho_tuple home;
  unsigned moves;
  bool unmatched[2];   /* a wrong PATH_RESPONSE has reached that side */
  ho_time t_failed[2]; /* C13: HO_NEVER or 0: no validation has failed */
  bool alternative[2]; /* and another path was valid then */
} state;

static unsigned moves_of(const state *st, ho_side side) {
  return side == HO_SERVER ? st->peers.moves : st->moves;
}

static ask *find_ask(state *st, ho_side side, uint64_t data) {
  for (size_t i = 0; i < st->asks_count; i++) {
    if (st->asks[i].side == side && st->asks[i].data == data) {
      return &st->asks[i];
    }
  }
  return NULL;
}

static bool at_place(const ask *a, const ho_tuple *tuple) {
  for (unsigned i = 0; i < a->places_count; i++) {
    if (ho_tuple_eq(&a->places[i], tuple)) {
      return true;
    }
  }
  return false;
}

/* ---- a PATH_CHALLENGE arrives ---- */

/* What excuses an answer: an address that was left or is not known (9), no
 * spare CID (9.5), disable_active_migration (9), a copy that an attacker made,
 * and a handshake that is not over. */
static bool owed(ho_flow *flow, state *st, ho_side side, const ho_sighting *s) {
  const ho_peer *active = ho_peers_active(&st->peers);
  bool here;

  if (s->forged || flow->ends[side].t_confirmed == HO_NEVER) {
    return false;
  }
  if (side == HO_CLIENT) {
    return st->has_home && ho_tuple_eq(&st->home, &s->tuple);
  }
  here = active && ho_endpoint_eq(&active->client, &s->tuple.client);
  return here || (ho_flow_spare(flow, HO_SERVER) &&
                  !flow->scenario->server.disable_active_migration);
}

/* RFC 9000, 8.2.2: congestion control may delay an answer, and nothing else. */
static void note_window(const ho_flow *flow, ask *a, ho_time now) {
  if (a->t_free == HO_NEVER && !ho_flow_choked(flow, a->side, DATAGRAM)) {
    a->t_free = now;
  }
}

static void add_ask(ho_flow *flow, state *st, ho_side side,
                    const ho_sighting *s, const ho_wire_packet *p,
                    const ho_frame *f) {
  ask *a;

  ho_grow(&st->asks, st->asks_count, &st->asks_cap, sizeof(*st->asks));
  a = &st->asks[st->asks_count++];
  *a = (ask){.side = side,
             .data = f->data,
             .pns = {p->pn},
             .asked = 1,
             .places = {s->tuple},
             .places_count = 1,
             .bytes = s->d->bytes,
             .moves = moves_of(st, side),
             .owed = owed(flow, st, side, s),
             .t_free = HO_NEVER,
             .in_settling = true,
             .pto = ho_flow_pto(flow, side),
             .evidence = ho_evidence_of(s, p)};
  st->open++;
  note_window(flow, a, s->t);
}

static void note_ask(ho_flow *flow, state *st, ho_side side,
                     const ho_sighting *s, const ho_wire_packet *p,
                     const ho_frame *f) {
  ask *a = find_ask(st, side, f->data);
  bool known = false;

  if (!a) {
    add_ask(flow, st, side, s, p, f);
    return;
  }
  for (unsigned i = 0; i < a->asked && i < PLACES; i++) {
    known |= a->pns[i] == p->pn;
  }
  if (!known) {
    if (a->asked < PLACES) {
      a->pns[a->asked] = p->pn;
    }
    a->asked++;
  }
  if (!at_place(a, &s->tuple) && a->places_count < PLACES) {
    a->places[a->places_count++] = s->tuple;
  }
}

/* ---- C6 and C10: it is answered ---- */

static void never_answered(ho_flow *flow, const ask *a, ho_time now) {
  ho_time t = a->evidence.s.t, waited = (now - t) / HO_MSEC;

  ho_flow_fail(flow, HO_CHECK_C6, a->side, t, &a->evidence.s, &a->evidence.p,
               "PATH_CHALLENGE %016" PRIx64 " was received, and not answered "
               "in %" PRIu64 " ms",
               a->data, waited);
  if (a->bytes < DATAGRAM) {
    ho_flow_fail(flow, HO_CHECK_C10, a->side, t, &a->evidence.s, &a->evidence.p,
                 "PATH_CHALLENGE in %zu bytes, not answered in %" PRIu64 " ms",
                 a->bytes, waited);
  }
}

/* A path that was left meanwhile, a window that is full and an exhausted limit
 * are reasons not to answer. */
static bool settle(ho_flow *flow, state *st, ask *a, ho_time now) {
  ho_time patience = ho_flow_patience(flow, a->side);
  ho_peer *peer;
  bool room;

  if (a->t_free == HO_NEVER || now <= a->t_free + patience ||
      ho_peers_end(&st->peers, flow, now) <= a->t_free + patience) {
    return false;
  }
  peer = ho_peers_find(&st->peers, &a->places[0].client);
  room = a->side == HO_CLIENT || (peer && ho_peer_allowance(peer) >= RESPONSE);
  /* What had to wait may have been displaced by newer ones. */
  if (a->owed && room && a->t_free == a->evidence.s.t &&
      a->moves == moves_of(st, a->side)) {
    never_answered(flow, a, now);
  }
  return true;
}

static void settle_all(ho_flow *flow, state *st, ho_time now) {
  for (size_t i = 0; st->open > 0 && i < st->asks_count; i++) {
    ask *a = &st->asks[i];
    if (a->in_settling && settle(flow, st, a, now)) {
      a->in_settling = false;
      st->open--;
    }
  }
}

/* RFC 9000, 8.2.2: not delayed but for congestion control. */
static void check_c6(ho_flow *flow, state *st, ask *a, const ho_sighting *s,
                     const ho_wire_packet *p) {
  ho_time free = a->t_free < s->t ? a->t_free : s->t;
  ho_time delay = s->t - free;

  if (delay <= a->pto) {
    ho_flow_pass(flow, HO_CHECK_C6);
    if (a->bytes < DATAGRAM) {
      ho_flow_pass(flow, HO_CHECK_C10);
    }
  } else if (a->owed && a->moves == moves_of(st, a->side)) {
    ho_flow_fail(flow, HO_CHECK_C6, a->side, s->t, s, p,
                 "PATH_CHALLENGE %016" PRIx64 " is answered after %" PRIu64
                 " ms, with a PTO of %" PRIu64,
                 a->data, delay / HO_MSEC, a->pto / HO_MSEC);
  }
  if (a->in_settling) {
    a->in_settling = false;
    st->open--;
  }
}

/* ---- C7 to C9: the answer ---- */

static void check_c7(ho_flow *flow, const ask *a, const ho_sighting *s,
                     const ho_wire_packet *p) {
  char asked[HO_ENDPOINT_TEXT], sent[HO_ENDPOINT_TEXT];

  if (at_place(a, &s->tuple)) {
    ho_flow_pass(flow, HO_CHECK_C7);
    return;
  }
  ho_flow_fail(flow, HO_CHECK_C7, a->side, s->t, s, p,
               "asked at %s, answered at %s",
               ho_endpoint_text(asked, &a->places[0].client),
               ho_endpoint_text(sent, &s->tuple.client));
}

static void check_c8(ho_flow *flow, const state *st, ho_side side,
                     const ho_sighting *s, const ho_wire_packet *p) {
  uint64_t room = side == HO_SERVER ? st->peers.renewed : UINT64_MAX;

  if (s->d->bytes >= DATAGRAM) {
    ho_flow_pass(flow, HO_CHECK_C8);
  } else if (room == UINT64_MAX) {
    ho_flow_fail(flow, HO_CHECK_C8, side, s->t, s, p,
                 "%zu bytes with a PATH_RESPONSE, no limit", s->d->bytes);
  } else if (room >= DATAGRAM) {
    ho_flow_fail(flow, HO_CHECK_C8, side, s->t, s, p,
                 "%zu bytes with a PATH_RESPONSE, %" PRIu64 " allowed",
                 s->d->bytes, room);
  }
}

static void check_c9(ho_flow *flow, const ask *a, const ho_sighting *s,
                     const ho_wire_packet *p) {
  if (a->answers <= a->asked) {
    ho_flow_pass(flow, HO_CHECK_C9);
  } else {
    ho_flow_fail(flow, HO_CHECK_C9, a->side, s->t, s, p,
                 "PATH_RESPONSE %016" PRIx64 " for the %u. time, asked for %u",
                 a->data, a->answers, a->asked);
  }
}

static void see_response(ho_flow *flow, state *st, ho_side side,
                         const ho_sighting *s, const ho_wire_packet *p,
                         const ho_frame *f) {
  ask *a = find_ask(st, side, f->data);

  check_c8(flow, st, side, s, p);
  if (a) {
    a->answers++;
    check_c7(flow, a, s, p);
    check_c9(flow, a, s, p);
    if (a->answers == 1) {
      check_c6(flow, st, a, s, p);
    }
  } else if (!ho_flow_find_challenge(flow, ho_other(side), f->data)) {
    ho_flow_fail(flow, HO_CHECK_C6, side, s->t, s, p,
                 "PATH_RESPONSE %016" PRIx64 ", which nobody asked for",
                 f->data);
  }
}

/* ---- C11 and C15: what validates nothing ---- */

static suspect *get_suspect(state *st, const ho_endpoint *client) {
  for (size_t i = 0; i < st->suspects_count; i++) {
    if (ho_endpoint_eq(&st->suspects[i].client, client)) {
      return &st->suspects[i];
    }
  }
  ho_grow(&st->suspects, st->suspects_count, &st->suspects_cap,
          sizeof(*st->suspects));
  st->suspects[st->suspects_count] = (suspect){.client = *client};
  return &st->suspects[st->suspects_count++];
}

static void note_ack(ho_flow *flow, state *st, const ho_frame *f) {
  const ho_flow_end *server = &flow->ends[HO_SERVER];

  for (; st->noted_count < server->challenges_count; st->noted_count++) {
    ho_grow(&st->noted, st->noted_count, &st->noted_cap, sizeof(*st->noted));
    st->noted[st->noted_count] = false;
  }
  for (size_t i = 0; i < server->challenges_count; i++) {
    const ho_flow_challenge *c = &server->challenges[i];
    const ho_peer *peer;
    if (st->noted[i] || !ho_frame_acks(f, c->pn)) {
      continue;
    }
    st->noted[i] = true;
    peer = ho_peers_find(&st->peers, &c->tuple.client);
    if (peer && peer->t_validated == HO_NEVER) {
      get_suspect(st, &peer->client)->acked = true;
    }
  }
}

static void note_response(ho_flow *flow, state *st, ho_side side,
                          const ho_sighting *s, const ho_frame *f) {
  const ho_peer *peer;

  if (ho_flow_find_challenge(flow, side, f->data)) {
    return;
  }
  st->unmatched[side] = true;
  peer = ho_peers_find(&st->peers, &s->tuple.client);
  if (side == HO_SERVER && peer && peer->t_validated == HO_NEVER) {
    get_suspect(st, &peer->client)->unmatched = true;
  }
}

/* Whoever takes an address for validated lifts the limit. */
static void check_limit(ho_flow *flow, state *st, const ho_sighting *s) {
  const ho_wire_packet *p = s->d->packets_count > 0 ? &s->d->packets[0] : NULL;

  for (size_t i = 0; i < st->suspects_count; i++) {
    const suspect *u = &st->suspects[i];
    bool over = s->d->bytes > st->peers.allowance;
    if (!ho_endpoint_eq(&u->client, &s->tuple.client) ||
        st->peers.allowance == UINT64_MAX) {
      continue;
    }
    if (u->acked && over) {
      ho_flow_fail(flow, HO_CHECK_C11, HO_SERVER, s->t, s, p,
                   "%zu bytes with %" PRIu64 " allowed: a PATH_CHALLENGE was "
                   "acknowledged, not answered",
                   s->d->bytes, st->peers.allowance);
    } else if (u->acked) {
      ho_flow_pass(flow, HO_CHECK_C11);
    }
    if (u->unmatched && over) {
      ho_flow_fail(flow, HO_CHECK_C15, HO_SERVER, s->t, s, p,
                   "%zu bytes with %" PRIu64 " allowed: the PATH_RESPONSE "
                   "that came matches nothing",
                   s->d->bytes, st->peers.allowance);
    } else if (u->unmatched) {
      ho_flow_pass(flow, HO_CHECK_C15);
    }
  }
}

/* An endpoint that reports success without an answer to any of its challenges
 * there. */
static void check_success(ho_flow *flow, const state *st,
                          const ho_ev_path_validation *v, ho_time t) {
  const ho_flow_end *end = &flow->ends[v->endpoint];
  bool asked = false, answered = false;

  for (size_t i = 0; i < end->challenges_count; i++) {
    const ho_flow_challenge *c = &end->challenges[i];
    if (ho_tuple_eq(&c->tuple, &v->tuple)) {
      asked = true;
      answered |= c->t_answered != HO_NEVER;
    }
  }
  if (asked && !answered && st->unmatched[v->endpoint]) {
    ho_flow_fail(flow, HO_CHECK_C15, v->endpoint, t, NULL, NULL,
                 "a path counts as validated, with a PATH_RESPONSE that "
                 "matches nothing");
  }
}

/* ---- C13: a failure is not the end ---- */

/* Whether |side| has a valid path beside the one at |failed|.  What a client
 * had moved to already was no probe, and one whose network is gone has none. */
static bool has_other(ho_flow *flow, const state *st, ho_side side,
                      const ho_tuple *failed) {
  const ho_peers *peers = &st->peers;

  if (side == HO_CLIENT) {
    const ho_flow_path *home =
        st->has_home ? ho_flow_find_path(flow, HO_CLIENT, &st->home) : NULL;
    return home && home->t_validated != HO_NEVER && !st->home_lost &&
           !ho_tuple_eq(&st->home, failed);
  }
  for (size_t i = 0; i < peers->count; i++) {
    if (peers->list[i].t_validated != HO_NEVER &&
        !ho_endpoint_eq(&peers->list[i].client, &failed->client)) {
      return true;
    }
  }
  return false;
}

static void check_c13(ho_flow *flow, state *st, ho_side side,
                      const ho_sighting *s, const ho_wire_packet *p) {
  const ho_frame *f = ho_packet_find(p, HO_FRAME_CONNECTION_CLOSE);
  bool any = f || ho_packet_find(p, HO_FRAME_CONNECTION_CLOSE_APP);
  bool failed = st->t_failed[side] > 0 && st->alternative[side];
  bool unviable = f && f->error == NO_VIABLE_PATH;

  if (any && failed && (unviable || st->t_failed[side] == s->t)) {
    ho_flow_fail(flow, HO_CHECK_C13, side, s->t, s, p,
                 "closed %" PRIu64 " ms after a validation failed, with "
                 "another path valid",
                 (s->t - st->t_failed[side]) / HO_MSEC);
  } else if (unviable && has_other(flow, st, side, &s->tuple)) {
    ho_flow_fail(flow, HO_CHECK_C13, side, s->t, s, p,
                 "NO_VIABLE_PATH, with another path valid");
  } else if (failed && !any && s->t > st->t_failed[side]) {
    ho_flow_pass(flow, HO_CHECK_C13);
  }
}

/* ---- what is called ---- */

static void see_sent(ho_flow *flow, state *st, ho_side side,
                     const ho_sighting *s, const ho_wire_packet *p) {
  const ho_frame *f = ho_packet_find(p, HO_FRAME_CONNECTION_CLOSE);

  for (size_t i = 0; i < p->frames_count; i++) {
    if (p->frames[i].type == HO_FRAME_PATH_RESPONSE) {
      see_response(flow, st, side, s, p, &p->frames[i]);
    }
  }
  check_c13(flow, st, side, s, p);
  if (f && f->error == PROTOCOL_VIOLATION && st->unmatched[side]) {
    ho_flow_pass(flow, HO_CHECK_C15);
  }
  if (side == HO_CLIENT && !p->probing) {
    if (st->has_home && !ho_tuple_eq(&st->home, &s->tuple)) {
      st->moves++;
      st->home_lost = false;
    }
    st->has_home = true;
    st->home = s->tuple;
  }
}

static void see_received(ho_flow *flow, state *st, ho_side side,
                         const ho_sighting *s, const ho_wire_packet *p) {
  for (size_t i = 0; i < p->frames_count; i++) {
    const ho_frame *f = &p->frames[i];
    if (f->type == HO_FRAME_PATH_CHALLENGE) {
      note_ask(flow, st, side, s, p, f);
    } else if (f->type == HO_FRAME_PATH_RESPONSE) {
      note_response(flow, st, side, s, f);
    } else if (side == HO_SERVER &&
               (f->type == HO_FRAME_ACK || f->type == HO_FRAME_ACK_ECN)) {
      note_ack(flow, st, f);
    }
  }
}

static void datagram(ho_flow *flow, void *user, const ho_sighting *s) {
  state *st = user;

  settle_all(flow, st, s->t);
  ho_peers_datagram(&st->peers, flow, s);
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (!ho_is_app(p)) {
      continue;
    }
    if (ho_leaves(s, s->from)) {
      see_sent(flow, st, s->from, s, p);
    } else if (ho_received_by(s, ho_other(s->from))) {
      see_received(flow, st, ho_other(s->from), s, p);
    }
  }
  if (ho_leaves(s, HO_SERVER)) {
    check_limit(flow, st, s);
  }
}

static void note_validation(ho_flow *flow, state *st,
                            const ho_ev_path_validation *v, ho_time t) {
  if (strcmp(v->result, "success") == 0) {
    check_success(flow, st, v, t);
  } else if (strcmp(v->result, "failure") == 0) {
    st->t_failed[v->endpoint] = t;
    st->alternative[v->endpoint] = has_other(flow, st, v->endpoint, &v->tuple);
  }
}

static void event(ho_flow *flow, void *user, const ho_event *e) {
  state *st = user;

  ho_peers_event(&st->peers, flow, e);
  if (e->kind == HO_EV_path_validation &&
      e->u.path_validation.connection == flow->connection) {
    note_validation(flow, st, &e->u.path_validation, e->t);
  } else if (e->kind == HO_EV_network_down && e->u.network_down.in_use) {
    st->home_lost = true;
  } else if (e->kind == HO_EV_recovery) {
    for (size_t i = 0; st->open > 0 && i < st->asks_count; i++) {
      note_window(flow, &st->asks[i], e->t);
    }
  }
}

static void finish(ho_flow *flow, void *user, ho_time now) {
  settle_all(flow, user, now);
}

static void release(void *user) {
  state *st = user;

  ho_peers_free(&st->peers);
  free(st->asks);
  free(st->suspects);
  free(st->noted);
}

const ho_check_module ho_checks_responses = {
    .name = "responses",
    .state_size = sizeof(state),
    .datagram = datagram,
    .event = event,
    .finish = finish,
    .free = release,
};
