/* Checks of how connection IDs are given back: A5 to A9, A12, A13. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "measure/checks/cids.h"
#include "sim/base/alloc.h"

/* A CID that is neither used nor retired for this long, and CIDS_PATIENCE PTOs,
 * has been forgotten: validation of a path takes up to 3 x the initial PTO
 * (8.2.4), and 5.1.2 names no bound. */
#define FORGOTTEN (4 * HO_SEC)

/* How one end uses a CID of its peer's. */
typedef struct {
  bool used;
  ho_mark last; /* use */
  /* Since then packets go out with another CID, on the same tuple or on others;
   * HO_NEVER. */
  ho_time t_same, t_other;
  ho_time t_below; /* it is known to be below Retire Prior To; HO_NEVER */
} use;

typedef struct {
  use *uses; /* of its peer's CIDs, by index */
  size_t uses_count, uses_cap;
  size_t target;    /* so many of its own CIDs should be active again */
  ho_time t_target; /* since its first packet after that; HO_NEVER: none was
                       sent yet.  With |target| 0 nothing is owed */
  bool has_local;
  ho_endpoint local; /* it sends from */
} holder;

typedef struct {
  holder ends[2];
} retirement;

static use *use_at(holder *h, size_t i) {
  while (h->uses_count <= i) {
    ho_grow(&h->uses, h->uses_count, &h->uses_cap, sizeof(*h->uses));
    h->uses[h->uses_count++] =
        (use){.t_same = HO_NEVER, .t_other = HO_NEVER, .t_below = HO_NEVER};
  }
  return &h->uses[i];
}

/* ---- A6, A8 ---- */

/* |p| leaves with another CID than that of |u|. */
static void supersede(use *u, const ho_sighting *s) {
  ho_time *t =
      ho_tuple_eq(&u->last.s.tuple, &s->tuple) ? &u->t_same : &u->t_other;

  if (*t == HO_NEVER) {
    *t = s->t;
  }
}

static void judge_forgotten(ho_flow *flow, const ho_sighting *s, const use *u,
                            const ho_flow_cid *c) {
  ho_time bound = FORGOTTEN + CIDS_PATIENCE * ho_flow_pto(flow, s->from);
  unsigned long long idle_ms = (s->t - u->last.s.t) / HO_MSEC;

  if (u->t_other != HO_NEVER && s->t >= u->t_other + bound) {
    ho_flow_fail(flow, HO_CHECK_A6, s->from, s->t, &u->last.s, &u->last.p,
                 "CID %llu, last used here, is not retired %llu ms later",
                 (unsigned long long)c->sequence, idle_ms);
  }
  if (u->t_same != HO_NEVER && s->t >= u->t_same + bound) {
    ho_flow_fail(flow, HO_CHECK_A8, s->from, s->t, &u->last.s, &u->last.p,
                 "CID %llu gave way to another on the same path, and is not "
                 "retired %llu ms later",
                 (unsigned long long)c->sequence, idle_ms);
  }
}

static void note_use(ho_flow *flow, holder *h, const ho_sighting *s,
                     const ho_wire_packet *p) {
  const ho_flow_end *peer = &flow->ends[ho_other(s->from)];
  const ho_flow_cid *dcid =
      ho_flow_find_cid(flow, ho_other(s->from), &p->header.dcid);
  size_t i = peer->cids_low;

  /* One that was retired is still used only by mistake. */
  if (dcid && (size_t)(dcid - peer->cids) < i) {
    i = (size_t)(dcid - peer->cids);
  }
  for (; i < peer->cids_count; i++) {
    const ho_flow_cid *c = &peer->cids[i];
    use *u = use_at(h, i);
    if (ho_cid_eq(&c->cid, &p->header.dcid)) {
      u->used = true;
      u->last = ho_mark_of(s, p);
      u->t_same = u->t_other = HO_NEVER;
    } else if (u->used && c->t_retiring >= s->t && !p->probing) {
      supersede(u, s);
      judge_forgotten(flow, s, u, c);
    }
  }
}

/* ---- A7 ---- */

static void judge_prior(ho_flow *flow, const holder *h, const ho_sighting *s,
                        const ho_wire_packet *p) {
  const ho_flow_end *peer = &flow->ends[ho_other(s->from)];
  ho_time pto = ho_flow_pto(flow, s->from);

  for (size_t i = 0; i < h->uses_count && i < peer->cids_count; i++) {
    const ho_flow_cid *c = &peer->cids[i];
    ho_time below = h->uses[i].t_below;
    if (below == HO_NEVER) {
      continue;
    }
    if (ho_cid_eq(&c->cid, &p->header.dcid) && s->t > below + pto) {
      ho_flow_fail(flow, HO_CHECK_A7, s->from, s->t, s, p,
                   "CID %llu is used %llu ms after it was to be retired",
                   (unsigned long long)c->sequence,
                   (unsigned long long)((s->t - below) / HO_MSEC));
    }
    if (c->t_retiring == HO_NEVER && !p->probing &&
        s->t > below + CIDS_PATIENCE * pto) {
      ho_flow_fail(flow, HO_CHECK_A7, s->from, s->t, s, p,
                   "CID %llu is below Retire Prior To %llu for %llu ms, and "
                   "not retired",
                   (unsigned long long)c->sequence,
                   (unsigned long long)peer->prior_received,
                   (unsigned long long)((s->t - below) / HO_MSEC));
    }
  }
}

/* A NEW_CONNECTION_ID of |issuer| has arrived: what its peer now knows to be
 * below Retire Prior To, late frames included. */
static void note_prior(ho_flow *flow, holder *h, ho_side issuer, ho_time now) {
  const ho_flow_end *end = &flow->ends[issuer];

  for (size_t i = 0; i < end->cids_count; i++) {
    use *u = use_at(h, i);
    if (end->cids[i].sequence < end->prior_received && u->t_below == HO_NEVER &&
        cids_known(&end->cids[i])) {
      u->t_below = now;
    }
  }
}

/* ---- A9, A13: a RETIRE_CONNECTION_ID ---- */

static void judge_retire(ho_flow *flow, const ho_sighting *s,
                         const ho_wire_packet *p, const ho_frame *f) {
  ho_side issuer = ho_other(s->from);
  const ho_flow_cid *c = ho_flow_find_sequence(flow, issuer, f->sequence);
  const ho_flow_cid *dcid = ho_flow_find_cid(flow, issuer, &p->header.dcid);
  unsigned long long sequence = f->sequence;

  if (cids_empty(flow, issuer)) {
    ho_flow_fail(flow, HO_CHECK_A13, s->from, s->t, s, p,
                 "RETIRE_CONNECTION_ID %llu to a peer with an empty CID",
                 sequence);
  } else if (!c) {
    ho_flow_fail(flow, HO_CHECK_A9, s->from, s->t, s, p,
                 "RETIRE_CONNECTION_ID %llu was never issued", sequence);
  } else if (dcid && dcid->sequence == f->sequence) {
    ho_flow_fail(flow, HO_CHECK_A9, s->from, s->t, s, p,
                 "RETIRE_CONNECTION_ID %llu in a packet with that CID",
                 sequence);
  } else {
    ho_flow_pass(flow, HO_CHECK_A9);
  }
}

static void sent_retire(ho_flow *flow, holder *h, const ho_sighting *s,
                        const ho_wire_packet *p, const ho_frame *f) {
  ho_side issuer = ho_other(s->from);
  const ho_flow_cid *c = ho_flow_find_sequence(flow, issuer, f->sequence);
  const use *u;

  judge_retire(flow, s, p, f);
  if (!c) {
    return;
  }
  u = use_at(h, (size_t)(c - flow->ends[issuer].cids));
  if (u->t_other != HO_NEVER) {
    ho_flow_observe(flow, HO_CHECK_A6, "retired %llu ms after its last use",
                    (unsigned long long)((s->t - u->last.s.t) / HO_MSEC));
  }
  if (u->t_same != HO_NEVER) {
    ho_flow_pass(flow, HO_CHECK_A8);
  }
  if (u->t_below != HO_NEVER) {
    ho_flow_pass(flow, HO_CHECK_A7);
  }
}

/* ---- A12 ---- */

static void judge_retired_use(ho_flow *flow, const ho_sighting *s,
                              const ho_wire_packet *p) {
  ho_side issuer = ho_other(s->from);
  const ho_flow_end *peer = &flow->ends[issuer];
  const ho_flow_cid *c = ho_flow_find_cid(flow, issuer, &p->header.dcid);

  if (c && c->cid.len > 0 && c->t_retiring < s->t) {
    ho_flow_fail(flow, HO_CHECK_A12, s->from, s->t, s, p,
                 "CID %llu is used %llu ms after RETIRE_CONNECTION_ID",
                 (unsigned long long)c->sequence,
                 (unsigned long long)((s->t - c->t_retiring) / HO_MSEC));
    return;
  }
  for (size_t i = 0; i < peer->cids_count; i++) {
    if (peer->cids[i].t_retiring < s->t) {
      ho_flow_pass(flow, HO_CHECK_A12);
      break;
    }
  }
}

/* ---- A5 ---- */

/* Retired by its peer: should be replaced, unless its issuer asked for that
 * with Retire Prior To, for then the replacement is there. */
static void note_retired(ho_flow *flow, holder *h, const ho_sighting *s,
                         const ho_frame *f) {
  ho_side issuer = ho_other(s->from);
  const ho_flow_cid *c = ho_flow_find_sequence(flow, issuer, f->sequence);
  size_t target;

  if (!c || c->t_retired != s->t || f->sequence < cids_prior(flow, issuer)) {
    return;
  }
  target = cids_active(flow, issuer) + 1;
  if (h->target == 0) {
    h->t_target = HO_NEVER;
  }
  h->target = target > h->target ? target : h->target;
}

static void judge_replaced(ho_flow *flow, holder *h, const ho_sighting *s,
                           const ho_wire_packet *p) {
  size_t active;

  if (h->target == 0) {
    return;
  }
  active = cids_active(flow, s->from);
  if (h->t_target == HO_NEVER) {
    h->t_target = s->t;
  }
  if (active >= h->target) {
    h->target = 0;
    ho_flow_pass(flow, HO_CHECK_A5);
  } else if (s->t >= h->t_target + CIDS_PATIENCE * ho_flow_pto(flow, s->from)) {
    ho_flow_fail(flow, HO_CHECK_A5, s->from, s->t, s, p,
                 "%zu CIDs are active, %zu were before the peer retired one "
                 "%llu ms ago",
                 active, h->target,
                 (unsigned long long)((s->t - h->t_target) / HO_MSEC));
  }
}

static size_t unused(const ho_flow *flow, ho_side issuer, ho_time now) {
  const ho_flow_end *end = &flow->ends[issuer];
  size_t n = 0;

  for (size_t i = end->cids_low; i < end->cids_count; i++) {
    const ho_flow_cid *c = &end->cids[i];
    n += c->t_first == HO_NEVER && c->t_retiring == HO_NEVER &&
         c->t_issued < now && c->sequence >= end->prior_sent;
  }
  return n;
}

/* A client that moves of its own will: its peer should have a CID for that. */
static void judge_spare(ho_flow *flow, holder *h, const ho_sighting *s,
                        const ho_wire_packet *p) {
  const ho_wire_params *peer = flow->ends[HO_SERVER].params;
  bool moves = h->has_local && !ho_endpoint_eq(&h->local, &s->tuple.client);

  h->has_local = true;
  h->local = s->tuple.client;
  if (!moves || !ho_flow_knows(flow, s) ||
      flow->ends[HO_CLIENT].t_confirmed == HO_NEVER ||
      cids_empty(flow, HO_CLIENT) || !peer) {
    return;
  }
  if (unused(flow, HO_CLIENT, s->t) > 0) {
    ho_flow_pass(flow, HO_CHECK_A5);
  } else if (cids_active(flow, HO_CLIENT) < peer->active_connection_id_limit) {
    ho_flow_fail(flow, HO_CHECK_A5, HO_CLIENT, s->t, s, p,
                 "the client moves, and all %zu CIDs that its peer has of it "
                 "are in use",
                 cids_active(flow, HO_CLIENT));
  }
}

/* ---- A13 ---- */

static void judge_empty(ho_flow *flow, const ho_sighting *s,
                        const ho_wire_packet *p) {
  const ho_wire_params *params = flow->ends[s->from].params;

  if (!cids_empty(flow, s->from)) {
    return;
  }
  if (params && params->has_preferred) {
    ho_flow_fail(flow, HO_CHECK_A13, s->from, s->t, s, NULL,
                 "a preferred address comes with empty CIDs");
  }
  for (size_t i = 0; i < p->frames_count; i++) {
    if (p->frames[i].type == HO_FRAME_NEW_CONNECTION_ID) {
      ho_flow_fail(flow, HO_CHECK_A13, s->from, s->t, s, p,
                   "NEW_CONNECTION_ID %llu from an end with an empty CID",
                   (unsigned long long)p->frames[i].sequence);
    }
  }
}

/* ---- datagrams ---- */

static void sent_packet(ho_flow *flow, holder *h, const ho_sighting *s,
                        const ho_wire_packet *p) {
  judge_empty(flow, s, p);
  if (flow->ends[s->from].t_closed < s->t) {
    return;
  }
  judge_retired_use(flow, s, p);
  note_use(flow, h, s, p);
  for (size_t i = 0; i < p->frames_count; i++) {
    if (p->frames[i].type == HO_FRAME_RETIRE_CONNECTION_ID) {
      sent_retire(flow, h, s, p, &p->frames[i]);
    }
  }
  judge_prior(flow, h, s, p);
  if (s->from == HO_CLIENT) {
    judge_spare(flow, h, s, p);
  }
  judge_replaced(flow, h, s, p);
}

static void received_packet(ho_flow *flow, retirement *m, const ho_sighting *s,
                            const ho_wire_packet *p) {
  holder *to = &m->ends[ho_other(s->from)];

  for (size_t i = 0; i < p->frames_count; i++) {
    const ho_frame *f = &p->frames[i];
    if (f->type == HO_FRAME_NEW_CONNECTION_ID) {
      note_prior(flow, to, s->from, s->t);
    } else if (f->type == HO_FRAME_RETIRE_CONNECTION_ID) {
      note_retired(flow, to, s, f);
    }
  }
}

static void datagram(ho_flow *flow, void *state, const ho_sighting *s) {
  retirement *m = state;
  bool is_sent = ho_leaves(s, s->from);

  if (!is_sent && s->at != HO_RECEIVED) {
    return;
  }
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (!ho_is_app(p)) {
      continue;
    }
    if (is_sent) {
      sent_packet(flow, &m->ends[s->from], s, p);
    } else {
      received_packet(flow, m, s, p);
    }
  }
}

static void finish(ho_flow *flow, void *state, ho_time now) {
  (void)state, (void)now;
  for (ho_side side = HO_CLIENT; side <= HO_SERVER; side++) {
    if (cids_empty(flow, side) && flow->ends[side].t_confirmed != HO_NEVER) {
      ho_flow_pass(flow, HO_CHECK_A13);
    }
  }
}

static void release(void *state) {
  retirement *m = state;

  free(m->ends[HO_CLIENT].uses);
  free(m->ends[HO_SERVER].uses);
}

const ho_check_module ho_checks_retirement = {.name = "retirement",
                                              .state_size = sizeof(retirement),
                                              .datagram = datagram,
                                              .finish = finish,
                                              .free = release};
