/* Check of CIDs' frames that are lost: A11. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "measure/checks/cids.h"
#include "sim/base/alloc.h"

/* A frame that was sent, and has not reached the peer. */
typedef struct {
  uint64_t type, sequence, pn;
  ho_time t_lost; /* its sender could tell; HO_NEVER */
  ho_mark sent;
} pending;

typedef struct {
  pending *pendings;
  size_t pendings_count, pendings_cap;
  uint64_t acked_next; /* one more than the largest acknowledged */
  bool waits;          /* for an acknowledgement */
  ho_time t_due;       /* a PTO after it sent the first that wants one */
} sender;

typedef struct {
  sender ends[2];
} resent;

static pending *find_pending(sender *e, const ho_frame *f) {
  for (size_t i = 0; i < e->pendings_count; i++) {
    if (e->pendings[i].type == f->type &&
        e->pendings[i].sequence == f->sequence) {
      return &e->pendings[i];
    }
  }
  return NULL;
}

/* What has arrived once is settled: copies that probes carry need not. */
static bool has_arrived(ho_flow *flow, ho_side from, const ho_frame *f) {
  const ho_flow_cid *cid;

  if (f->type == HO_FRAME_RETIRE_CONNECTION_ID) {
    cid = ho_flow_find_sequence(flow, ho_other(from), f->sequence);
    return cid && cid->t_retired != HO_NEVER;
  }
  cid = ho_flow_find_cid(flow, from, &f->cid);
  return cid && cid->t_known != HO_NEVER;
}

static void note_pending(ho_flow *flow, sender *e, const ho_sighting *s,
                         const ho_wire_packet *p, const ho_frame *f) {
  pending *x;

  if (has_arrived(flow, s->from, f)) {
    return;
  }
  x = find_pending(e, f);
  if (x && x->t_lost != HO_NEVER) {
    ho_flow_pass(flow, HO_CHECK_A11);
  }
  if (!x) {
    ho_grow(&e->pendings, e->pendings_count, &e->pendings_cap,
            sizeof(*e->pendings));
    x = &e->pendings[e->pendings_count++];
  }
  *x = (pending){f->type, f->sequence, p->pn, HO_NEVER, ho_mark_of(s, p)};
}

static void settle_pending(sender *e, const ho_frame *f) {
  pending *x = find_pending(e, f);

  if (x) {
    size_t after = e->pendings_count - (size_t)(x - e->pendings) - 1;
    memmove(x, x + 1, after * sizeof(*x));
    e->pendings_count--;
  }
}

/* Without an acknowledgement for a PTO its window may be full of packets that
 * nobody tells of, and what it sends are probes, which may carry anything (RFC
 * 9002, 6.2.4 and 7.5). */
static bool is_blocked(const sender *e, ho_time now) {
  return e->waits && now >= e->t_due;
}

/* It hears an acknowledgement: what it could not send is due from now. */
static void note_acked(sender *e, const ho_frame *ack, ho_time now) {
  if (ack->largest < e->acked_next) {
    return;
  }
  e->acked_next = ack->largest + 1;
  for (size_t i = 0; is_blocked(e, now) && i < e->pendings_count; i++) {
    if (e->pendings[i].t_lost != HO_NEVER) {
      e->pendings[i].t_lost = now;
    }
  }
  e->waits = false;
}

/* RFC 9002, 6.1.1: three later packets have arrived, this one has not. */
static void note_lost(sender *e, const ho_frame *ack, ho_time now) {
  for (size_t i = 0; i < e->pendings_count; i++) {
    pending *x = &e->pendings[i];
    if (x->t_lost == HO_NEVER && ack->largest >= x->pn + 3 &&
        !ho_frame_acks(ack, x->pn)) {
      x->t_lost = now;
    }
  }
}

/* What the issuer wants back anyway need not reach the peer. */
static bool is_needed(ho_flow *flow, ho_side side, const pending *x) {
  ho_flow_cid *cid;

  if (x->type == HO_FRAME_RETIRE_CONNECTION_ID) {
    return true;
  }
  cid = ho_flow_find_sequence(flow, side, x->sequence);
  return cid && cid->sequence >= cids_prior(flow, side) &&
         cid->t_retiring == HO_NEVER;
}

static void judge_pending(ho_flow *flow, sender *e, ho_side side, ho_time now) {
  ho_time patience = CIDS_PATIENCE * ho_flow_pto(flow, side);

  if (is_blocked(e, now)) {
    return;
  }
  for (size_t i = 0; i < e->pendings_count; i++) {
    const pending *x = &e->pendings[i];
    if (x->t_lost != HO_NEVER && now >= x->t_lost + patience &&
        is_needed(flow, side, x)) {
      ho_flow_fail(flow, HO_CHECK_A11, side, now, &x->sent.s, &x->sent.p,
                   "%s %llu was lost, and not sent again for %llu ms",
                   ho_frame_name(x->type), (unsigned long long)x->sequence,
                   (unsigned long long)((now - x->t_lost) / HO_MSEC));
    }
  }
}

/* ---- datagrams ---- */

static bool is_repeatable(const ho_frame *f) {
  return f->type == HO_FRAME_NEW_CONNECTION_ID ||
         f->type == HO_FRAME_RETIRE_CONNECTION_ID;
}

static void sent_packet(ho_flow *flow, sender *e, const ho_sighting *s,
                        const ho_wire_packet *p) {
  for (size_t i = 0; i < p->frames_count; i++) {
    if (is_repeatable(&p->frames[i])) {
      note_pending(flow, e, s, p, &p->frames[i]);
    }
  }
  if (!p->eliciting) {
    return;
  }
  if (!p->probing && flow->ends[s->from].t_closed == HO_NEVER) {
    judge_pending(flow, e, s->from, s->t);
  }
  if (!e->waits) {
    e->waits = true;
    e->t_due = s->t + ho_flow_pto(flow, s->from);
  }
}

/* A server must not process what comes before the handshake's end (RFC 9001,
 * 5.7), and may throw it away. */
static bool may_discard(const ho_flow *flow, const ho_sighting *s) {
  return s->from == HO_CLIENT && flow->ends[HO_SERVER].t_confirmed == HO_NEVER;
}

static void received_packet(const ho_flow *flow, resent *m,
                            const ho_sighting *s, const ho_wire_packet *p) {
  sender *to = &m->ends[ho_other(s->from)];

  for (size_t i = 0; i < p->frames_count; i++) {
    const ho_frame *f = &p->frames[i];
    if (is_repeatable(f)) {
      settle_pending(&m->ends[s->from], f);
    } else if ((f->type == HO_FRAME_ACK || f->type == HO_FRAME_ACK_ECN) &&
               !may_discard(flow, s)) {
      note_acked(to, f, s->t);
      note_lost(to, f, s->t);
    }
  }
}

static void datagram(ho_flow *flow, void *state, const ho_sighting *s) {
  resent *m = state;
  bool is_sent = ho_sent_by(s, s->from);

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

static void release(void *state) {
  resent *m = state;

  free(m->ends[HO_CLIENT].pendings);
  free(m->ends[HO_SERVER].pendings);
}

const ho_check_module ho_checks_resent = {.name = "resent",
                                          .state_size = sizeof(resent),
                                          .datagram = datagram,
                                          .free = release};
