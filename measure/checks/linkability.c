/* Checks of what an observer can link: B1 to B6, B10. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "measure/checks/cids.h"
#include "measure/checks/wire.h"
#include "sim/base/alloc.h"

enum {
  REMOTES = 8,     /* kept of one CID */
  PREFIX = 4,      /* bytes that two CIDs must not share */
  CONSTANT_OF = 8, /* CIDs in which a byte should vary */
};

/* Where packets with one CID went, or came from. */
typedef struct {
  bool used;
  ho_endpoint local;       /* its user sent from; last */
  bool reused;             /* it was sent from another address, knowingly */
  ho_endpoint to[REMOTES]; /* its user sent to */
  size_t to_count;
  ho_endpoint from[REMOTES]; /* its issuer received it from */
  size_t from_count;         /* more than REMOTES: not all are kept */
  ho_tuple wire;             /* last seen on the wire */
  bool on_wire;
} trace;

typedef struct {
  trace *cids; /* of those that this end issued, by index */
  size_t cids_count, cids_cap;
} issuer_state;

/* A tuple on the wire. */
typedef struct {
  ho_tuple tuple;
  ho_time t_first, t_last;
} seen_tuple;

typedef struct {
  issuer_state ends[2];
  bool fresh[2]; /* after a deliberate migration: a CID that was nowhere */
  bool moved;    /* the client has migrated of its own will */
  bool was_told;
  seen_tuple *tuples;
  size_t tuples_count, tuples_cap;
  ho_index by_tuple;
  size_t tuple_at; /* of the last datagram */
  wire_state wire;
} linkability;

static trace *trace_at(ho_flow *flow, linkability *m, ho_side issuer,
                       const ho_flow_cid *cid) {
  issuer_state *e = &m->ends[issuer];
  size_t i = (size_t)(cid - flow->ends[issuer].cids);

  while (e->cids_count <= i) {
    ho_grow(&e->cids, e->cids_count, &e->cids_cap, sizeof(*e->cids));
    memset(&e->cids[e->cids_count++], 0, sizeof(*e->cids));
  }
  return &e->cids[i];
}

static bool is_among(const ho_endpoint *list, size_t count,
                     const ho_endpoint *e) {
  for (size_t i = 0; i < count && i < REMOTES; i++) {
    if (ho_endpoint_eq(&list[i], e)) {
      return true;
    }
  }
  return false;
}

static void put_among(ho_endpoint *list, size_t *count, const ho_endpoint *e) {
  if (is_among(list, *count, e)) {
    return;
  }
  if (*count < REMOTES) {
    list[*count] = *e;
  }
  ++*count;
}

static const ho_endpoint *local_of(const ho_sighting *s) {
  return s->from == HO_CLIENT ? &s->tuple.client : &s->tuple.server;
}

static const ho_endpoint *remote_of(const ho_sighting *s) {
  return s->from == HO_CLIENT ? &s->tuple.server : &s->tuple.client;
}

/* ---- B1 ---- */

/* A client whose transport was told of nothing cannot know that its address is
 * another. */
static void judge_local(ho_flow *flow, const ho_sighting *s,
                        const ho_wire_packet *p, const ho_flow_cid *c,
                        trace *x) {
  const ho_endpoint *local =
      s->from == HO_CLIENT ? ho_flow_source(flow, s) : &s->tuple.server;
  bool moved = x->used && !ho_endpoint_eq(&x->local, local);
  bool knows = s->from == HO_SERVER || flow->told;

  if (moved && knows) {
    char was[HO_ENDPOINT_TEXT], is[HO_ENDPOINT_TEXT];
    x->reused = true;
    ho_flow_fail(flow, HO_CHECK_B1, s->from, s->t, s, p,
                 "CID %llu is sent from %s, and was from %s",
                 (unsigned long long)c->sequence, ho_endpoint_text(is, local),
                 ho_endpoint_text(was, &x->local));
  }
  x->used = true;
  x->local = *local;
}

/* ---- B2, B3 ---- */

/* Whether the peer has shown with a CID of |side|'s that it was at |to| and at
 * one of the addresses in |x| before: its address changed, not its CID. */
static bool is_rebound(const ho_flow *flow, const linkability *m, ho_side side,
                       const trace *x, const ho_endpoint *to) {
  const issuer_state *own = &m->ends[side];

  if (cids_empty(flow, side)) {
    return true;
  }
  for (size_t i = 0; i < own->cids_count; i++) {
    const trace *k = &own->cids[i];
    if (k->from_count > REMOTES) {
      return true;
    }
    for (size_t n = 0; n < x->to_count && n < REMOTES; n++) {
      if (is_among(k->from, k->from_count, to) &&
          is_among(k->from, k->from_count, &x->to[n])) {
        return true;
      }
    }
  }
  return x->to_count > REMOTES;
}

static void judge_remote(ho_flow *flow, linkability *m, const ho_sighting *s,
                         const ho_wire_packet *p, const ho_flow_cid *c,
                         trace *x) {
  const ho_endpoint *to = remote_of(s);
  char text[HO_ENDPOINT_TEXT];

  if (x->to_count > 0 && !is_among(x->to, x->to_count, to)) {
    if (is_rebound(flow, m, s->from, x, to)) {
      ho_flow_pass(flow, HO_CHECK_B2);
    } else {
      ho_flow_fail(flow, HO_CHECK_B2, s->from, s->t, s, p,
                   "CID %llu is sent to %s, where its peer has another CID "
                   "too",
                   (unsigned long long)c->sequence, ho_endpoint_text(text, to));
      if (s->from == HO_SERVER && m->moved) {
        ho_flow_fail(flow, HO_CHECK_B3, HO_SERVER, s->t, s, p,
                     "the old path has seen CID %llu",
                     (unsigned long long)c->sequence);
      }
    }
  } else if (x->to_count == 0 && c->sequence > 0) {
    ho_flow_pass(flow, HO_CHECK_B2);
    m->fresh[s->from] |= s->from == HO_SERVER && m->moved;
  }
  put_among(x->to, &x->to_count, to);
}

/* The client's packets behind its NAT. */
static void judge_wire(ho_flow *flow, linkability *m, const ho_sighting *s,
                       const ho_wire_packet *p, const ho_flow_cid *c,
                       trace *x) {
  if (x->on_wire && x->reused && !ho_tuple_eq(&x->wire, &s->tuple)) {
    ho_flow_fail(flow, HO_CHECK_B3, HO_CLIENT, s->t, s, p,
                 "the old path has seen CID %llu",
                 (unsigned long long)c->sequence);
  }
  m->fresh[HO_CLIENT] |= !x->on_wire && m->moved && c->sequence > 0;
  x->on_wire = true;
  x->wire = s->tuple;
}

/* ---- B4 ---- */

static void note_from(ho_flow *flow, linkability *m, const ho_sighting *s,
                      const ho_wire_packet *p) {
  ho_side issuer = ho_other(s->from);
  const ho_flow_cid *c = ho_flow_find_cid(flow, issuer, &p->header.dcid);
  const ho_endpoint *from = local_of(s);
  trace *x;

  /* The client's first packets have a random DCID, in place of CID 0. */
  if (!c && p->header.type != HO_WIRE_1RTT) {
    c = ho_flow_find_sequence(flow, issuer, 0);
  }
  if (!c) {
    return;
  }
  x = trace_at(flow, m, issuer, c);
  if (s->from == HO_CLIENT && !s->forged && !s->copy_of && !x->reused &&
      p->header.type == HO_WIRE_1RTT && x->from_count > 0 &&
      !is_among(x->from, x->from_count, from)) {
    ho_flow_observe(flow, HO_CHECK_B4,
                    "CID %llu is kept over a change of address that the "
                    "client did not ask for",
                    (unsigned long long)c->sequence);
  }
  put_among(x->from, &x->from_count, from);
}

/* ---- B5 ---- */

static void judge_move(ho_flow *flow, linkability *m, const ho_sighting *s,
                       const ho_wire_packet *p) {
  const ho_flow_end *end = &flow->ends[HO_CLIENT];

  /* The first entry of |paths| is the handshake's. */
  if (!ho_flow_knows(flow, s) || end->t_confirmed >= s->t ||
      ho_endpoint_eq(&end->paths[0].tuple.client, &s->tuple.client)) {
    return;
  }
  m->moved = true;
  if (cids_empty(flow, HO_SERVER)) {
    ho_flow_fail(flow, HO_CHECK_B5, HO_CLIENT, s->t, s, p,
                 "the client moves, and the server has it send empty CIDs");
  }
}

/* ---- B6 ---- */

static size_t shared_prefix(const ho_cid *a, const ho_cid *b) {
  size_t n = 0;

  while (n < a->len && n < b->len && a->bytes[n] == b->bytes[n]) {
    n++;
  }
  return n;
}

/* The index of a byte that is the same in all CIDs of |end|; 20: none is. */
static size_t constant_byte(const ho_flow_end *end) {
  const ho_cid *first = &end->cids[0].cid;

  for (size_t at = 0; at < first->len; at++) {
    size_t i = 1;
    while (i < end->cids_count && end->cids[i].cid.len > at &&
           end->cids[i].cid.bytes[at] == first->bytes[at]) {
      i++;
    }
    if (i == end->cids_count) {
      return at;
    }
  }
  return 20;
}

/* |f|'s CID is the last that |from| has issued, unless it is a repetition. */
static void judge_likeness(ho_flow *flow, const ho_sighting *s,
                           const ho_wire_packet *p, const ho_frame *f) {
  const ho_flow_end *end = &flow->ends[s->from];

  for (size_t i = 0; i < end->cids_count; i++) {
    const ho_flow_cid *c = &end->cids[i];
    size_t n = shared_prefix(&c->cid, &f->cid);
    if (c->sequence != f->sequence && n >= PREFIX && n < f->cid.len) {
      ho_flow_fail(flow, HO_CHECK_B6, s->from, s->t, s, p,
                   "CIDs %llu and %llu begin with the same %zu bytes",
                   (unsigned long long)c->sequence,
                   (unsigned long long)f->sequence, n);
    }
  }
  if (end->cids_count >= CONSTANT_OF && constant_byte(end) < 20) {
    ho_flow_fail(flow, HO_CHECK_B6, s->from, s->t, s, p,
                 "byte %zu is the same in %zu CIDs", constant_byte(end),
                 end->cids_count);
  }
  ho_flow_pass(flow, HO_CHECK_B6);
}

/* ---- B10 ---- */

static void note_tuple(linkability *m, const ho_sighting *s) {
  size_t i = m->tuple_at;

  if (i >= m->tuples_count || !ho_tuple_eq(&m->tuples[i].tuple, &s->tuple)) {
    i = ho_index_last(&m->by_tuple, ho_tuple_hash(&s->tuple));
    while (i != HO_INDEX_NONE && !ho_tuple_eq(&m->tuples[i].tuple, &s->tuple)) {
      i = ho_index_before(&m->by_tuple, i);
    }
  }
  if (i != HO_INDEX_NONE) {
    m->tuples[i].t_last = s->t;
    m->tuple_at = i;
    return;
  }
  ho_index_add(&m->by_tuple, ho_tuple_hash(&s->tuple));
  m->tuple_at = m->tuples_count;
  ho_grow(&m->tuples, m->tuples_count, &m->tuples_cap, sizeof(*m->tuples));
  m->tuples[m->tuples_count++] = (seen_tuple){s->tuple, s->t, s->t};
}

static void observe_tuples(ho_flow *flow, const linkability *m) {
  const seen_tuple *a, *b;

  if (m->tuples_count < 2) {
    return;
  }
  a = &m->tuples[0];
  b = &m->tuples[1];
  if (a->t_last < b->t_first) {
    ho_flow_observe(flow, HO_CHECK_B10,
                    "%zu tuples; the second began %llu ms after the end of "
                    "the first",
                    m->tuples_count,
                    (unsigned long long)((b->t_first - a->t_last) / HO_MSEC));
  } else {
    ho_flow_observe(flow, HO_CHECK_B10,
                    "%zu tuples; the first two overlap for %llu ms",
                    m->tuples_count,
                    (unsigned long long)((a->t_last - b->t_first) / HO_MSEC));
  }
}

/* ---- datagrams ---- */

static void sent_packet(ho_flow *flow, linkability *m, const ho_sighting *s,
                        const ho_wire_packet *p) {
  ho_side issuer = ho_other(s->from);
  const ho_flow_cid *c = ho_flow_find_cid(flow, issuer, &p->header.dcid);

  if (!ho_is_app(p) || flow->ends[s->from].t_closed < s->t) {
    return;
  }
  if (s->from == HO_CLIENT) {
    judge_move(flow, m, s, p);
  }
  if (c && c->cid.len > 0) {
    trace *x = trace_at(flow, m, issuer, c);
    judge_local(flow, s, p, c, x);
    judge_remote(flow, m, s, p, c, x);
  }
  for (size_t i = 0; i < p->frames_count; i++) {
    if (p->frames[i].type == HO_FRAME_NEW_CONNECTION_ID) {
      judge_likeness(flow, s, p, &p->frames[i]);
    }
  }
}

static void wire_packet(ho_flow *flow, linkability *m, const ho_sighting *s,
                        const ho_wire_packet *p) {
  const ho_flow_cid *c = ho_flow_find_cid(flow, HO_SERVER, &p->header.dcid);

  if (c && c->cid.len > 0 && ho_is_app(p)) {
    judge_wire(flow, m, s, p, c, trace_at(flow, m, HO_SERVER, c));
  }
}

static void datagram(ho_flow *flow, void *state, const ho_sighting *s) {
  linkability *m = state;
  bool own = !s->forged && !s->damaged && s->copy_of == 0;
  bool on_wire =
      s->at == HO_ON_WIRE || (s->at == HO_SENT && s->from == HO_SERVER);

  m->was_told |= flow->told;
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (s->at == HO_RECEIVED) {
      note_from(flow, m, s, p);
    } else if (own && s->at == HO_SENT) {
      sent_packet(flow, m, s, p);
    } else if (own) {
      wire_packet(flow, m, s, p);
    }
  }
  if (own && on_wire) {
    note_tuple(m, s);
  }
  if (own && s->at == HO_SENT) {
    wire_judge(flow, &m->wire, s);
  } else if (s->at == HO_RECEIVED) {
    wire_received(&m->wire, flow, s);
  }
  if (m->fresh[HO_CLIENT]) {
    ho_flow_pass(flow, HO_CHECK_B1);
  }
  if (m->fresh[HO_CLIENT] && m->fresh[HO_SERVER]) {
    ho_flow_pass(flow, HO_CHECK_B3);
  }
}

static void finish(ho_flow *flow, void *state, ho_time now) {
  linkability *m = state;

  (void)now;
  observe_tuples(flow, m);
  if (cids_empty(flow, HO_SERVER) && m->was_told && !m->moved &&
      flow->ends[HO_CLIENT].t_confirmed != HO_NEVER) {
    ho_flow_pass(flow, HO_CHECK_B5);
  }
}

static void release(void *state) {
  linkability *m = state;

  free(m->ends[HO_CLIENT].cids);
  free(m->ends[HO_SERVER].cids);
  free(m->tuples);
  ho_index_free(&m->by_tuple);
}

const ho_check_module ho_checks_linkability = {.name = "linkability",
                                               .state_size =
                                                   sizeof(linkability),
                                               .datagram = datagram,
                                               .finish = finish,
                                               .free = release};
