/* Checks of PATH_CHALLENGE: C1 to C5, C12, C14. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "measure/checks/peers.h"
#include "sim/base/alloc.h"

enum {
  DATAGRAM = 1200, /* RFC 9000, 14: what every path must take */
  CHALLENGE = 60,  /* bytes that a datagram with nothing else may need */
  PER_ROUND = 2,   /* what peers send at a time, perhaps not at once */
  NEAR = 65536,    /* two of 2^64 random numbers are never so close */
};

/* A path that one end has sent PATH_CHALLENGEs on, as that end sees it. */
typedef struct {
  ho_side side;
  ho_tuple tuple;
  unsigned generation; /* of the side's moves, when the round began */
  ho_time t_begun;     /* first challenge of the validation; HO_NEVER: over */
  ho_time t_round;     /* first one of the last round; HO_NEVER: none */
  ho_time t_last;
  ho_time pto; /* when that began */
  unsigned in_round;
  bool full; /* one of DATAGRAM bytes was sent */
  bool owes; /* C5: a small one was answered, and no full one was sent */
  ho_mark owed;
} track;

/* Where a DCID has been used: by a client its own address, by a server the
 * client's. */
typedef struct {
  ho_side side;
  ho_cid dcid;
  ho_endpoint client;
} use;

typedef struct {
  ho_peers peers;
  track *tracks;
  size_t tracks_count, tracks_cap;
  ho_index by_tuple; /* of tracks */
  size_t *owing;     /* tracks that owe, and some that did */
  size_t owing_count, owing_cap;
  uint64_t *data[2]; /* of all challenges of a side */
  size_t data_count[2], data_cap[2];
  ho_index by_data[2]; /* by its high bits */
  use *uses;
  size_t uses_count, uses_cap;
  ho_index by_cid;  /* of uses */
  unsigned moves;   /* of the client, as its own packets show */
  bool has_home;    /* the client has sent a non-probing packet */
  ho_endpoint home; /* from here */
  bool waiting;     /* C1: for a challenge to the active address */
  ho_mark cause;    /* what changed it */
} state;

static unsigned generation(const state *st, ho_side side) {
  return side == HO_SERVER ? st->peers.moves : st->moves;
}

static track *find_track(state *st, ho_side side, const ho_tuple *tuple) {
  size_t i = ho_index_last(&st->by_tuple, ho_tuple_hash(tuple));

  while (i != HO_INDEX_NONE && (st->tracks[i].side != side ||
                                !ho_tuple_eq(&st->tracks[i].tuple, tuple))) {
    i = ho_index_before(&st->by_tuple, i);
  }
  return i == HO_INDEX_NONE ? NULL : &st->tracks[i];
}

static track *get_track(state *st, ho_side side, const ho_tuple *tuple) {
  track *k = find_track(st, side, tuple);

  if (!k) {
    ho_index_add(&st->by_tuple, ho_tuple_hash(tuple));
    ho_grow(&st->tracks, st->tracks_count, &st->tracks_cap, sizeof(*k));
    k = &st->tracks[st->tracks_count++];
    *k = (track){.side = side,
                 .tuple = *tuple,
                 .t_begun = HO_NEVER,
                 .t_round = HO_NEVER};
  }
  return k;
}

/* ---- C1: every change of address is validated ---- */

/* RFC 9000, 9.3: "unless it has previously validated that address". */
static void begin_waiting(ho_flow *flow, state *st, const ho_sighting *s,
                          const ho_wire_packet *p) {
  const ho_peer *peer = ho_peers_active(&st->peers);

  st->waiting = peer->t_validated == HO_NEVER;
  if (st->waiting &&
      ho_flow_next_challenge(flow, HO_SERVER, &peer->client, NULL)) {
    st->waiting = false; /* it is under way already */
    ho_flow_pass(flow, HO_CHECK_C1);
  }
  st->cause = ho_mark_of(s, p);
}

/* Whether |peer| sends with a DCID that it did not use at other addresses: then
 * the server needs another one, too (9.5). */
static bool changed_dcid(const state *st, const ho_peer *peer) {
  for (size_t i = 0; i < st->peers.count; i++) {
    const ho_peer *other = &st->peers.list[i];
    if (other != peer && ho_cid_eq(&other->dcid, &peer->dcid)) {
      return false;
    }
  }
  return true;
}

/* Whom the server may leave alone: RFC 9000, 9 (disable_active_migration), 9.5
 * (no CID left), 8 (the limit). */
static bool excused(const ho_flow *flow, const state *st, const ho_peer *peer) {
  if (ho_peer_allowance(peer) < CHALLENGE) {
    return true;
  }
  return peer->sent == 0 &&
         (flow->scenario->server.disable_active_migration ||
          (changed_dcid(st, peer) && !ho_flow_spare(flow, HO_SERVER)));
}

static void settle_c1(ho_flow *flow, state *st, ho_time now) {
  ho_time due = st->cause.s.t + ho_flow_patience(flow, HO_SERVER);
  const ho_peer *peer = ho_peers_active(&st->peers);

  if (!st->waiting || ho_peers_end(&st->peers, flow, now) <= due) {
    return;
  }
  st->waiting = false;
  if (!excused(flow, st, peer)) {
    ho_flow_fail(flow, HO_CHECK_C1, HO_SERVER, st->cause.s.t, &st->cause.s,
                 &st->cause.p,
                 "came from a new address, to which no PATH_CHALLENGE went in "
                 "%" PRIu64 " ms",
                 (now - st->cause.s.t) / HO_MSEC);
  }
}

/* ---- C2: data of its own ---- */

/* The first of |side|'s challenges whose data is near |data|, or
 * HO_INDEX_NONE. */
static size_t find_near(const state *st, ho_side side, uint64_t data) {
  const ho_index *index = &st->by_data[side];
  size_t found = HO_INDEX_NONE;

  for (uint64_t high = data / NEAR - 1; high != data / NEAR + 2; high++) {
    size_t i = ho_index_last(index, ho_index_number(high));
    for (; i != HO_INDEX_NONE; i = ho_index_before(index, i)) {
      uint64_t other = st->data[side][i];
      uint64_t apart = data > other ? data - other : other - data;
      if (apart < NEAR && i < found) {
        found = i;
      }
    }
  }
  return found;
}

static void check_c2(ho_flow *flow, state *st, ho_side side,
                     const ho_sighting *s, const ho_wire_packet *p,
                     const ho_frame *f) {
  size_t near = find_near(st, side, f->data);
  bool fresh = f->data != 0 && near == HO_INDEX_NONE;

  if (near != HO_INDEX_NONE) {
    ho_flow_fail(flow, HO_CHECK_C2, side, s->t, s, p,
                 "PATH_CHALLENGE %016" PRIx64 " after %016" PRIx64, f->data,
                 st->data[side][near]);
  }
  if (f->data == 0) {
    ho_flow_fail(flow, HO_CHECK_C2, side, s->t, s, p, "its data is 0");
  }
  if (fresh) {
    ho_flow_pass(flow, HO_CHECK_C2);
  }
  ho_index_add(&st->by_data[side], ho_index_number(f->data / NEAR));
  ho_grow(&st->data[side], st->data_count[side], &st->data_cap[side],
          sizeof(*st->data[side]));
  st->data[side][st->data_count[side]++] = f->data;
}

/* ---- C3: rounds, and C12's beginning ---- */

static void begin_round(track *k, unsigned gen, ho_time t, ho_time pto) {
  k->generation = gen;
  k->t_round = t;
  k->pto = pto;
  k->in_round = 0;
}

/* A round is what is sent at one instant, and its second challenge whenever
 * that may leave.  A round after an answer, or after a move, is the first of
 * another validation. */
static void check_c3(ho_flow *flow, state *st, track *k, const ho_sighting *s,
                     const ho_wire_packet *p) {
  unsigned gen = generation(st, k->side);
  ho_time pto = ho_flow_pto(flow, k->side), apart;

  if (k->t_round == HO_NEVER || k->generation != gen) {
    begin_round(k, gen, s->t, pto);
  }
  if (k->t_begun == HO_NEVER) {
    k->t_begun = s->t;
  }
  apart = s->t - k->t_round;
  pto = pto < k->pto ? pto : k->pto;
  if (apart >= pto) {
    ho_flow_pass(flow, HO_CHECK_C3);
    begin_round(k, gen, s->t, ho_flow_pto(flow, k->side));
  } else if (k->in_round >= PER_ROUND && s->t != k->t_last) {
    ho_flow_fail(flow, HO_CHECK_C3, k->side, s->t, s, p,
                 "a round %" PRIu64 " us after the last, with a PTO of %" PRIu64
                 " us or more",
                 apart / HO_USEC, pto / HO_USEC);
    begin_round(k, gen, s->t, ho_flow_pto(flow, k->side));
  }
  k->in_round++;
  k->t_last = s->t;
}

/* ---- C4 and C5: size ---- */

static void check_c4(ho_flow *flow, state *st, track *k, const ho_sighting *s,
                     const ho_wire_packet *p) {
  uint64_t room = k->side == HO_SERVER ? st->peers.renewed : UINT64_MAX;

  if (s->d->bytes >= DATAGRAM) {
    k->full = true;
    ho_flow_pass(flow, HO_CHECK_C4);
    if (k->owes) {
      k->owes = false;
      ho_flow_pass(flow, HO_CHECK_C5);
    }
    return;
  }
  if (room < DATAGRAM) {
    return;
  }
  if (room == UINT64_MAX) {
    ho_flow_fail(flow, HO_CHECK_C4, k->side, s->t, s, p,
                 "%zu bytes with a PATH_CHALLENGE, no limit", s->d->bytes);
  } else {
    ho_flow_fail(flow, HO_CHECK_C4, k->side, s->t, s, p,
                 "%zu bytes with a PATH_CHALLENGE, %" PRIu64 " allowed",
                 s->d->bytes, room);
  }
}

/* RFC 9000, 8.2.3: the answer to a small one validates the address alone. */
static void begin_owing(ho_flow *flow, state *st, track *k,
                        const ho_flow_challenge *c, const ho_sighting *s,
                        const ho_wire_packet *p) {
  if (c->bytes >= DATAGRAM) {
    k->owes = false;
  } else if (k->full) {
    ho_flow_pass(flow, HO_CHECK_C5);
  } else if (!k->owes) {
    k->owes = true;
    k->owed = ho_mark_of(s, p);
    ho_grow(&st->owing, st->owing_count, &st->owing_cap, sizeof(*st->owing));
    st->owing[st->owing_count++] = (size_t)(k - st->tracks);
  }
}

static bool in_use(state *st, const track *k) {
  const ho_peer *active = ho_peers_active(&st->peers);

  return k->side == HO_SERVER
             ? active && ho_endpoint_eq(&active->client, &k->tuple.client)
             : st->has_home && ho_endpoint_eq(&st->home, &k->tuple.client);
}

static void settle_c5(ho_flow *flow, state *st, ho_time now) {
  size_t kept = 0;

  for (size_t i = 0; i < st->owing_count; i++) {
    track *k = &st->tracks[st->owing[i]];
    ho_time due;
    if (!k->owes) {
      continue;
    }
    due = k->owed.s.t + ho_flow_patience(flow, k->side);
    if (!in_use(st, k)) {
      k->owes = false; /* a path that was left */
    } else if (ho_peers_end(&st->peers, flow, now) > due) {
      k->owes = false;
      ho_flow_fail(flow, HO_CHECK_C5, k->side, k->owed.s.t, &k->owed.s,
                   &k->owed.p,
                   "answers a small PATH_CHALLENGE; none of %d bytes in "
                   "%" PRIu64 " ms after it",
                   DATAGRAM, (now - k->owed.s.t) / HO_MSEC);
    } else {
      st->owing[kept++] = st->owing[i];
    }
  }
  st->owing_count = kept;
}

/* ---- C12: patience ---- */

static ho_time patience_of(const track *k) {
  return 3 * (k->pto > HO_INITIAL_PTO ? k->pto : HO_INITIAL_PTO);
}

static void give_up(ho_flow *flow, track *k, ho_time t, const ho_sighting *s,
                    const ho_wire_packet *p) {
  if (!k || k->t_begun == HO_NEVER) {
    return;
  }
  if (t - k->t_begun < patience_of(k)) {
    ho_flow_fail(flow, HO_CHECK_C12, k->side, t, s, p,
                 "given up %" PRIu64 " ms after the first PATH_CHALLENGE",
                 (t - k->t_begun) / HO_MSEC);
  } else {
    ho_flow_pass(flow, HO_CHECK_C12);
  }
  k->t_begun = HO_NEVER;
  k->t_round = HO_NEVER;
}

/* A server that sends streams to another address than the one it validates has
 * given that up. */
static void check_c12(ho_flow *flow, state *st, const ho_sighting *s,
                      const ho_wire_packet *p) {
  const ho_peer *active = ho_peers_active(&st->peers);
  ho_tuple tuple = s->tuple;

  if (!active || active->t_validated != HO_NEVER || p->probing ||
      ho_endpoint_eq(&active->client, &tuple.client) ||
      !ho_packet_find(p, HO_FRAME_STREAM)) {
    return;
  }
  tuple.client = active->client;
  give_up(flow, find_track(st, HO_SERVER, &tuple), s->t, s, p);
}

/* ---- C14: no CID, no probe ---- */

static use *find_use(state *st, ho_side side, const ho_cid *dcid) {
  size_t i = ho_index_last(&st->by_cid, ho_index_cid(dcid));

  for (; i != HO_INDEX_NONE; i = ho_index_before(&st->by_cid, i)) {
    use *u = &st->uses[i];
    if (u->side == side && ho_cid_eq(&u->dcid, dcid)) {
      return u;
    }
  }
  return NULL;
}

/* Whether the client itself means its address |a| and |b| to be different:
 * behind a NAT that gave it another, its own stays, and so may the server's
 * DCID (9.5). */
static bool apart(state *st, const ho_endpoint *a, const ho_endpoint *b) {
  const ho_peer *pa = ho_peers_find(&st->peers, a);
  const ho_peer *pb = ho_peers_find(&st->peers, b);
  const use *ua = pa ? find_use(st, HO_CLIENT, &pa->dcid) : NULL;
  const use *ub = pb ? find_use(st, HO_CLIENT, &pb->dcid) : NULL;

  return ua && ub && pa->dcid.len > 0 && pb->dcid.len > 0 &&
         !ho_endpoint_eq(&ua->client, &ub->client);
}

static void check_c14(ho_flow *flow, state *st, ho_side side,
                      const ho_sighting *s, const ho_wire_packet *p) {
  bool probe = ho_packet_find(p, HO_FRAME_PATH_CHALLENGE) ||
               ho_packet_find(p, HO_FRAME_PATH_RESPONSE);
  use *u = find_use(st, side, &p->header.dcid);
  bool same = u && ho_endpoint_eq(&u->client, &s->tuple.client);

  if (p->header.dcid.len == 0 || same) {
    return;
  }
  if (!u) {
    ho_index_add(&st->by_cid, ho_index_cid(&p->header.dcid));
    ho_grow(&st->uses, st->uses_count, &st->uses_cap, sizeof(*u));
    st->uses[st->uses_count++] = (use){side, p->header.dcid, s->tuple.client};
    if (probe) {
      ho_flow_pass(flow, HO_CHECK_C14);
    }
  } else if (side == HO_CLIENT && !ho_flow_knows(flow, s)) {
    u->client = s->tuple.client; /* it does not know that it moved */
  } else if (probe &&
             (side == HO_CLIENT || apart(st, &u->client, &s->tuple.client))) {
    ho_flow_fail(flow, HO_CHECK_C14, side, s->t, s, p,
                 "a path is probed with a DCID that another one has");
  }
}

/* ---- what is called ---- */

/* Following a probe with other packets is no reason to begin anew. */
static void note_home(state *st, const ho_sighting *s) {
  bool moves = st->has_home && !ho_endpoint_eq(&st->home, &s->tuple.client);
  track *k = moves ? find_track(st, HO_CLIENT, &s->tuple) : NULL;

  st->has_home = true;
  st->home = s->tuple.client;
  st->moves += moves;
  if (k && k->generation + 1 == st->moves) {
    k->generation = st->moves;
  }
}

static void see_sent(ho_flow *flow, state *st, ho_side side,
                     const ho_sighting *s, const ho_wire_packet *p) {
  track *k = NULL;

  for (size_t i = 0; i < p->frames_count; i++) {
    const ho_frame *f = &p->frames[i];
    if (f->type != HO_FRAME_PATH_CHALLENGE) {
      continue;
    }
    check_c2(flow, st, side, s, p, f);
    k = get_track(st, side, &s->tuple);
    check_c3(flow, st, k, s, p);
  }
  if (k) {
    check_c4(flow, st, k, s, p);
    if (side == HO_SERVER && st->waiting && in_use(st, k)) {
      st->waiting = false;
      ho_flow_pass(flow, HO_CHECK_C1);
    }
  }
  check_c14(flow, st, side, s, p);
  if (side == HO_SERVER) {
    check_c12(flow, st, s, p);
  } else if (!p->probing) {
    note_home(st, s);
  }
}

static void see_received(ho_flow *flow, state *st, ho_side side,
                         const ho_sighting *s, const ho_wire_packet *p) {
  for (size_t i = 0; i < p->frames_count; i++) {
    const ho_frame *f = &p->frames[i];
    const ho_flow_challenge *c;
    track *k;
    if (f->type != HO_FRAME_PATH_RESPONSE) {
      continue;
    }
    c = ho_flow_find_challenge(flow, side, f->data);
    k = c ? find_track(st, side, &c->tuple) : NULL;
    if (k) {
      k->t_begun = HO_NEVER;
      k->t_round = HO_NEVER;
      begin_owing(flow, st, k, c, s, p);
    }
  }
}

static void datagram(ho_flow *flow, void *user, const ho_sighting *s) {
  state *st = user;

  settle_c1(flow, st, s->t);
  settle_c5(flow, st, s->t);
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
      if (st->peers.moved && p->pn == st->peers.largest) {
        begin_waiting(flow, st, s, p);
      }
    }
  }
}

static void note_result(ho_flow *flow, track *k, const ho_ev_path_validation *v,
                        ho_time t) {
  if (k && strcmp(v->result, "failure") == 0) {
    give_up(flow, k, t, NULL, NULL);
  } else if (k && strcmp(v->result, "aborted") == 0) {
    k->t_begun = HO_NEVER;
  }
}

static void event(ho_flow *flow, void *user, const ho_event *e) {
  const ho_ev_path_validation *v = &e->u.path_validation;
  state *st = user;

  ho_peers_event(&st->peers, flow, e);
  if (e->kind == HO_EV_notice) {
    st->moves++; /* whatever the client probes now, it has a reason to */
  } else if (e->kind == HO_EV_path_validation &&
             v->connection == flow->connection) {
    note_result(flow, find_track(st, v->endpoint, &v->tuple), v, e->t);
  }
}

static void finish(ho_flow *flow, void *user, ho_time now) {
  state *st = user;

  settle_c1(flow, st, now);
  settle_c5(flow, st, now);
}

static void release(void *user) {
  state *st = user;

  ho_peers_free(&st->peers);
  free(st->tracks);
  free(st->owing);
  free(st->data[0]);
  free(st->data[1]);
  free(st->uses);
  ho_index_free(&st->by_tuple);
  ho_index_free(&st->by_data[0]);
  ho_index_free(&st->by_data[1]);
  ho_index_free(&st->by_cid);
}

const ho_check_module ho_checks_challenges = {
    .name = "challenges",
    .state_size = sizeof(state),
    .datagram = datagram,
    .event = event,
    .finish = finish,
    .free = release,
};
