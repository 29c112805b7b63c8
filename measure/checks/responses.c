/* Checks of how a PATH_CHALLENGE is answered: C6 to C10. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "measure/checks/peers.h"
#include "measure/checks/trail.h"
#include "sim/base/alloc.h"

enum {
  DATAGRAM = 1200, /* RFC 9000, 14: what every path must take */
  RESPONSE = 60,   /* bytes that a datagram with nothing else may need */
  PLACES = 4,      /* where copies of a challenge came in */
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
  bool unseen;      /* an answer may be among what its host could not send */
  bool in_settling; /* still open */
  unsigned answers;
  ho_time pto;
  ho_mark evidence;
} ask;

/* Indices of asks, in order of time. */
typedef struct {
  size_t *list;
  size_t first, count, cap; /* those before |first| are done */
} queue;

typedef struct {
  ho_peers peers;
  ask *asks;
  size_t asks_count, asks_cap;
  ho_index by_data; /* of asks, with their side */
  queue choked[2];  /* by side: asks that congestion control holds up */
  queue timed[2];   /* and those that it does not; some are answered */
  ho_home home;
} state;

static unsigned moves_of(const state *st, ho_side side) {
  return side == HO_SERVER ? st->peers.moves : st->home.moves;
}

static uint64_t hash_ask(ho_side side, uint64_t data) {
  return ho_index_number(data + (uint64_t)side);
}

static ask *find_ask(state *st, ho_side side, uint64_t data) {
  size_t i = ho_index_last(&st->by_data, hash_ask(side, data));

  while (i != HO_INDEX_NONE &&
         (st->asks[i].side != side || st->asks[i].data != data)) {
    i = ho_index_before(&st->by_data, i);
  }
  return i == HO_INDEX_NONE ? NULL : &st->asks[i];
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
 * keys of before an update (RFC 9001, 6.5), and a handshake that is not over.
 */
static bool owed(ho_flow *flow, state *st, ho_side side, const ho_sighting *s,
                 const ho_wire_packet *p) {
  const ho_peer *active = ho_peers_active(&st->peers);
  bool here;

  if (s->forged || flow->ends[side].t_confirmed == HO_NEVER ||
      ho_flow_outdated(flow, side, p)) {
    return false;
  }
  if (side == HO_CLIENT) {
    return st->home.known && ho_tuple_eq(&st->home.tuple, &s->tuple);
  }
  here = active && ho_endpoint_eq(&active->client, &s->tuple.client);
  return here || (ho_flow_spare(flow, HO_SERVER) &&
                  !flow->scenario->server.disable_active_migration);
}

static void put(queue *q, size_t at) {
  if (q->first == q->count) {
    q->first = q->count = 0;
  }
  ho_grow(&q->list, q->count, &q->cap, sizeof(*q->list));
  q->list[q->count++] = at;
}

/* RFC 9000, 8.2.2: congestion control may delay an answer, and nothing else. */
static void note_window(const ho_flow *flow, state *st, ho_side side,
                        ho_time now) {
  queue *q = &st->choked[side];

  if (q->first == q->count || ho_flow_choked(flow, side, DATAGRAM)) {
    return;
  }
  for (; q->first < q->count; q->first++) {
    st->asks[q->list[q->first]].t_free = now;
    put(&st->timed[side], q->list[q->first]);
  }
}

static void add_ask(ho_flow *flow, state *st, ho_side side,
                    const ho_sighting *s, const ho_wire_packet *p,
                    const ho_frame *f) {
  ask *a;

  put(&st->choked[side], st->asks_count);
  ho_index_add(&st->by_data, hash_ask(side, f->data));
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
             .owed = owed(flow, st, side, s, p),
             .t_free = HO_NEVER,
             .in_settling = true,
             .pto = ho_flow_pto(flow, side),
             .evidence = ho_mark_of(s, p)};
  note_window(flow, st, side, s->t);
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

static bool is_due(const ho_flow *flow, const state *st, const ask *a,
                   ho_time now) {
  ho_time due = a->t_free + ho_flow_patience(flow, a->side);

  return now > due && ho_peers_end(&st->peers, flow, now) > due;
}

/* A path that was left meanwhile, a window that is full, an exhausted limit and
 * no network are reasons why no answer is seen. */
static void settle(ho_flow *flow, state *st, ask *a, ho_time now) {
  ho_peer *peer = ho_peers_find(&st->peers, &a->places[0].client);
  bool room =
      a->side == HO_CLIENT || (peer && ho_peer_allowance(peer) >= RESPONSE);

  a->in_settling = false;
  /* What had to wait may have been displaced by newer ones. */
  if (a->owed && room && !a->unseen && a->t_free == a->evidence.s.t &&
      a->moves == moves_of(st, a->side)) {
    never_answered(flow, a, now);
  }
}

static void settle_all(ho_flow *flow, state *st, ho_time now) {
  for (int side = 0; side < 2; side++) {
    queue *q = &st->timed[side];
    for (; q->first < q->count; q->first++) {
      ask *a = &st->asks[q->list[q->first]];
      if (a->in_settling && !is_due(flow, st, a, now)) {
        break; /* later ones are not, either */
      }
      if (a->in_settling) {
        settle(flow, st, a, now);
      }
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
  a->in_settling = false;
}

/* ---- C7 to C9: the answer ---- */

static void check_c7(ho_flow *flow, const ask *a, const ho_sighting *s,
                     const ho_wire_packet *p) {
  char asked[HO_ENDPOINT_TEXT], sent[HO_ENDPOINT_TEXT];

  if (at_place(a, &s->tuple)) {
    ho_flow_pass(flow, HO_CHECK_C7);
    return;
  }
  if (a->side == HO_CLIENT && ho_flow_passive(flow, s) &&
      strcmp(flow->change, "rebind") != 0) {
    return; /* its host has another address now, and it was not told */
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

/* ---- what is called ---- */

static void see_sent(ho_flow *flow, state *st, ho_side side,
                     const ho_sighting *s, const ho_wire_packet *p) {
  for (size_t i = 0; i < p->frames_count; i++) {
    if (p->frames[i].type == HO_FRAME_PATH_RESPONSE) {
      see_response(flow, st, side, s, p, &p->frames[i]);
    }
  }
  if (side == HO_CLIENT) {
    ho_home_sent(&st->home, s, p);
  }
}

static void see_received(ho_flow *flow, state *st, ho_side side,
                         const ho_sighting *s, const ho_wire_packet *p) {
  for (size_t i = 0; i < p->frames_count; i++) {
    if (p->frames[i].type == HO_FRAME_PATH_CHALLENGE) {
      note_ask(flow, st, side, s, p, &p->frames[i]);
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
}

static void hide(state *st, const queue *q) {
  for (size_t i = q->first; i < q->count; i++) {
    st->asks[q->list[i]].unseen = true;
  }
}

/* What the client answers that has no network to send by, nobody sees. */
static void note_unsent(ho_flow *flow, state *st, ho_time now) {
  settle_all(flow, st, now);
  hide(st, &st->choked[HO_CLIENT]);
  hide(st, &st->timed[HO_CLIENT]);
}

static void event(ho_flow *flow, void *user, const ho_event *e) {
  state *st = user;

  ho_peers_event(&st->peers, flow, e);
  if (e->kind == HO_EV_packet_dropped) {
    note_unsent(flow, st, e->t);
  } else if (e->kind == HO_EV_recovery) {
    note_window(flow, st, HO_CLIENT, e->t);
    note_window(flow, st, HO_SERVER, e->t);
  }
}

static void finish(ho_flow *flow, void *user, ho_time now) {
  settle_all(flow, user, now);
}

static void release(void *user) {
  state *st = user;

  ho_peers_free(&st->peers);
  free(st->asks);
  ho_index_free(&st->by_data);
  for (int side = 0; side < 2; side++) {
    free(st->choked[side].list);
    free(st->timed[side].list);
  }
}

const ho_check_module ho_checks_responses = {
    .name = "responses",
    .state_size = sizeof(state),
    .datagram = datagram,
    .event = event,
    .finish = finish,
    .free = release,
};
