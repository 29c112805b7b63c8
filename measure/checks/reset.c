/* Checks of stateless resets: I1 to I4. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "measure/checks/cids.h"
#include "sim/base/alloc.h"

/* Where one end last sent with a CID of its peer's, by index. */
typedef struct {
  bool used;
  ho_endpoint remote;
} target;

typedef struct {
  target *targets;
  size_t targets_count, targets_cap;
  bool is_over; /* a reset that it has to obey arrived */
  ho_time t_over;
  ho_time t_futile;  /* a reset that it has to ignore arrived; HO_NEVER */
  ho_time t_arrived; /* anything arrived: last, and the largest of that time */
  ho_tuple arrived_on;
  size_t arrived_bytes;
} reset_end;

typedef struct {
  reset_end ends[2];
  bool begun;
  bool forgotten[2]; /* this end has ended the connection, or was restarted */
} resets;

static void begin(resets *m) {
  if (!m->begun) {
    m->begun = true;
    m->ends[0].t_futile = m->ends[1].t_futile = HO_NEVER;
    m->ends[0].t_arrived = m->ends[1].t_arrived = HO_NEVER;
  }
}

static target *target_at(reset_end *e, size_t i) {
  while (e->targets_count <= i) {
    ho_grow(&e->targets, e->targets_count, &e->targets_cap,
            sizeof(*e->targets));
    memset(&e->targets[e->targets_count++], 0, sizeof(*e->targets));
  }
  return &e->targets[i];
}

static const ho_endpoint *peer_endpoint(ho_side of, const ho_tuple *tuple) {
  return of == HO_CLIENT ? &tuple->server : &tuple->client;
}

/* ---- I1 ---- */

/* Sorts the reset |s| that arrived at |to|: one that it has to obey, one that
 * it has to ignore, or neither for certain: the CID's use may have just begun,
 * or ended, or have been elsewhere. */
static void sort_reset(ho_flow *flow, reset_end *e, ho_side to,
                       const ho_sighting *s) {
  ho_side issuer = ho_other(to);
  const ho_flow_cid *c = ho_flow_find_reset(flow, issuer, s->d);
  const target *at;

  if (!c) {
    e->t_futile = s->t;
    return;
  }
  at = target_at(e, (size_t)(c - flow->ends[issuer].cids));
  if (c->t_retiring != HO_NEVER || !at->used) {
    e->t_futile = s->t;
  } else if (ho_endpoint_eq(&at->remote, peer_endpoint(to, &s->tuple)) &&
             !e->is_over) {
    e->is_over = true;
    e->t_over = s->t;
  }
}

static void judge_after(ho_flow *flow, reset_end *e, const ho_sighting *s) {
  if (e->is_over && s->t > e->t_over) {
    ho_flow_fail(flow, HO_CHECK_I1, s->from, s->t, s,
                 s->d->packets_count > 0 ? &s->d->packets[0] : NULL,
                 "something is sent %llu ms after a stateless reset",
                 (unsigned long long)((s->t - e->t_over) / HO_MSEC));
  }
  if (e->t_futile < s->t) {
    ho_flow_pass(flow, HO_CHECK_I1);
  }
}

/* A connection that ends at the instant of a reset has ended for it. */
static void judge_ended(ho_flow *flow, resets *m, ho_side side, ho_time now) {
  const reset_end *e = &m->ends[side];

  if (e->t_futile == now && !e->is_over &&
      flow->ends[side].t_closed == HO_NEVER) {
    ho_flow_fail(flow, HO_CHECK_I1, side, now, NULL, NULL,
                 "a reset without a token of a CID in use ends the "
                 "connection");
  }
}

/* ---- I2, I4 ---- */

static void judge_size(ho_flow *flow, const reset_end *e,
                       const ho_sighting *s) {
  size_t trigger = e->arrived_bytes;

  if (e->t_arrived != s->t || !ho_tuple_eq(&e->arrived_on, &s->tuple)) {
    return;
  }
  if (s->d->bytes >= trigger) {
    ho_flow_fail(flow, HO_CHECK_I2, s->from, s->t, s, NULL,
                 "a reset of %zu bytes for a packet of %zu", s->d->bytes,
                 trigger);
  } else {
    ho_flow_pass(flow, HO_CHECK_I2);
  }
}

static void judge_reset(ho_flow *flow, resets *m, const ho_sighting *s) {
  const ho_flow_cid *c = ho_flow_find_reset(flow, s->from, s->d);

  if (!c) {
    return;
  }
  judge_size(flow, &m->ends[s->from], s);
  if (s->from == HO_SERVER && !m->forgotten[HO_SERVER] &&
      flow->ends[HO_SERVER].t_closed == HO_NEVER &&
      flow->ends[HO_SERVER].t_reset == HO_NEVER && c->t_retired == HO_NEVER &&
      c->t_retiring == HO_NEVER) {
    ho_flow_fail(flow, HO_CHECK_I4, HO_SERVER, s->t, s, NULL,
                 "a reset with the token of CID %llu, which is in use",
                 (unsigned long long)c->sequence);
  } else if (s->from == HO_SERVER) {
    ho_flow_pass(flow, HO_CHECK_I4);
  }
}

/* ---- I3 ---- */

static void judge_token(ho_flow *flow, const ho_sighting *s,
                        const ho_wire_packet *p, const ho_frame *f) {
  const ho_flow_end *end = &flow->ends[s->from];

  for (size_t i = 0; i < end->cids_count; i++) {
    const ho_flow_cid *c = &end->cids[i];
    if (c->has_token && c->sequence != f->sequence &&
        memcmp(c->token.bytes, f->token.bytes, sizeof(f->token.bytes)) == 0) {
      ho_flow_fail(flow, HO_CHECK_I3, s->from, s->t, s, p,
                   "CIDs %llu and %llu have one reset token",
                   (unsigned long long)c->sequence,
                   (unsigned long long)f->sequence);
    }
  }
  ho_flow_pass(flow, HO_CHECK_I3);
}

/* ---- datagrams ---- */

static void sent_packet(ho_flow *flow, resets *m, const ho_sighting *s,
                        const ho_wire_packet *p) {
  ho_side issuer = ho_other(s->from);
  const ho_flow_cid *c = ho_flow_find_cid(flow, issuer, &p->header.dcid);

  if (!p->opened) {
    return;
  }
  if (c) {
    target *x =
        target_at(&m->ends[s->from], (size_t)(c - flow->ends[issuer].cids));
    x->used = true;
    x->remote = *peer_endpoint(s->from, &s->tuple);
  }
  for (size_t i = 0; i < p->frames_count; i++) {
    if (p->frames[i].type == HO_FRAME_NEW_CONNECTION_ID) {
      judge_token(flow, s, p, &p->frames[i]);
    }
  }
}

static bool any_opened(const ho_sighting *s) {
  for (size_t i = 0; i < s->d->packets_count; i++) {
    if (s->d->packets[i].opened) {
      return true;
    }
  }
  return false;
}

static void sent(ho_flow *flow, resets *m, const ho_sighting *s) {
  if (s->d->maybe_reset && !any_opened(s)) {
    judge_reset(flow, m, s);
    return;
  }
  judge_after(flow, &m->ends[s->from], s);
  for (size_t i = 0; i < s->d->packets_count; i++) {
    sent_packet(flow, m, s, &s->d->packets[i]);
  }
}

static void received(ho_flow *flow, resets *m, const ho_sighting *s) {
  ho_side to = ho_other(s->from);
  reset_end *e = &m->ends[to];

  if (s->d->maybe_reset && !any_opened(s) && !m->forgotten[to] &&
      flow->ends[to].t_closed == HO_NEVER) {
    sort_reset(flow, e, to, s);
  }
  if (e->t_arrived != s->t || !ho_tuple_eq(&e->arrived_on, &s->tuple)) {
    e->arrived_bytes = 0;
  }
  e->t_arrived = s->t;
  e->arrived_on = s->tuple;
  if (s->d->bytes > e->arrived_bytes) {
    e->arrived_bytes = s->d->bytes;
  }
}

static void datagram(ho_flow *flow, void *state, const ho_sighting *s) {
  resets *m = state;

  begin(m);
  if (ho_leaves(s, s->from)) {
    sent(flow, m, s);
  } else if (s->at == HO_RECEIVED) {
    received(flow, m, s);
  }
}

static void event(ho_flow *flow, void *state, const ho_event *ev) {
  resets *m = state;

  begin(m);
  switch (ev->kind) {
  case HO_EV_action:
    m->forgotten[HO_SERVER] |= strcmp(ev->u.action.action, "restart") == 0;
    break;
  case HO_EV_connection_closed:
    if (strcmp(ev->u.connection_closed.reason, "stateless reset") == 0) {
      judge_ended(flow, m, ev->u.connection_closed.endpoint, ev->t);
      if (m->ends[ev->u.connection_closed.endpoint].is_over) {
        ho_flow_pass(flow, HO_CHECK_I1);
      }
    }
    m->forgotten[ev->u.connection_closed.endpoint] = true;
    break;
  default:
    break;
  }
}

static void release(void *state) {
  resets *m = state;

  free(m->ends[HO_CLIENT].targets);
  free(m->ends[HO_SERVER].targets);
}

const ho_check_module ho_checks_reset = {.name = "reset",
                                         .state_size = sizeof(resets),
                                         .datagram = datagram,
                                         .event = event,
                                         .free = release};
