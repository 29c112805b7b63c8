/* Checks of how connection IDs are issued: A1 to A4, A10. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "measure/checks/cids.h"
#include "sim/base/alloc.h"

enum { TRIES = 3, ERROR_ENCODING = 7, ERROR_LIMIT = 9, ERROR_PROTOCOL = 10 };

/* What came in with one CID before any of it was acknowledged. */
typedef struct {
  bool accepted;
  bool excused;   /* nobody would have seen it */
  unsigned count; /* of |pns|; TRIES: |t| is when the last came */
  uint64_t pns[TRIES];
  ho_time t;
  ho_mark first;
} trial;

typedef struct {
  uint64_t largest_sequence; /* issued */
  bool has_gap;
  ho_mark gap;   /* the frame that left a sequence number out */
  trial *trials; /* by index of its own CIDs */
  size_t trials_count, trials_cap;
  uint64_t next;      /* above every packet number that came */
  ho_time t_repeated; /* a NEW_CONNECTION_ID came for the second time, as it
                         was; 0: none */
} supply_end;

typedef struct {
  supply_end ends[2];
  bool restarted; /* the server has lost what it knew */
} supply;

/* ---- A1, A2 ---- */

static void judge_unique(ho_flow *flow, const ho_sighting *s,
                         const ho_wire_packet *p, const ho_frame *f) {
  const ho_flow_end *end = &flow->ends[s->from];
  size_t i = ho_index_last(&end->by_cid, ho_index_cid(&f->cid));

  for (; i != HO_INDEX_NONE; i = ho_index_before(&end->by_cid, i)) {
    const ho_flow_cid *c = &end->cids[i];
    if (ho_cid_eq(&c->cid, &f->cid) && c->sequence != f->sequence) {
      ho_flow_fail(flow, HO_CHECK_A1, s->from, s->t, s, p,
                   "the CID of sequence number %llu is issued again as %llu",
                   (unsigned long long)c->sequence,
                   (unsigned long long)f->sequence);
      return;
    }
  }
  ho_flow_pass(flow, HO_CHECK_A1);
}

/* The sequence number that is missing below |largest|; UINT64_MAX: none. */
static uint64_t missing_sequence(ho_flow *flow, ho_side issuer,
                                 uint64_t largest) {
  for (uint64_t n = 0; n < largest; n++) {
    if (!ho_flow_find_sequence(flow, issuer, n)) {
      return n;
    }
  }
  return UINT64_MAX;
}

static void judge_sequence(ho_flow *flow, supply_end *e, const ho_sighting *s,
                           const ho_wire_packet *p, const ho_frame *f) {
  const ho_flow_end *end = &flow->ends[s->from];
  size_t i = ho_index_last(&end->by_sequence, ho_index_number(f->sequence));

  for (; i != HO_INDEX_NONE; i = ho_index_before(&end->by_sequence, i)) {
    if (end->cids[i].sequence == f->sequence &&
        !ho_cid_eq(&end->cids[i].cid, &f->cid)) {
      ho_flow_fail(flow, HO_CHECK_A2, s->from, s->t, s, p,
                   "sequence number %llu has another CID already",
                   (unsigned long long)f->sequence);
      return;
    }
  }
  if (f->sequence > e->largest_sequence + 1 && !e->has_gap) {
    e->has_gap = true;
    e->gap = ho_mark_of(s, p);
  }
  if (f->sequence > e->largest_sequence) {
    e->largest_sequence = f->sequence;
  }
}

/* Frames of one burst may leave in any order, so that a gap counts only when it
 * stays. */
static void judge_gap(ho_flow *flow, supply_end *e, ho_side side, ho_time now) {
  uint64_t missing;

  if (e->largest_sequence == 0) {
    return;
  }
  if (!e->has_gap) {
    ho_flow_pass(flow, HO_CHECK_A2);
    return;
  }
  missing = missing_sequence(flow, side, e->largest_sequence);
  if (missing == UINT64_MAX) {
    e->has_gap = false;
  } else if (now >= e->gap.s.t + CIDS_PATIENCE * ho_flow_pto(flow, side)) {
    ho_flow_fail(flow, HO_CHECK_A2, side, now, &e->gap.s, &e->gap.p,
                 "sequence number %llu is left out before %llu",
                 (unsigned long long)missing,
                 (unsigned long long)e->largest_sequence);
  }
}

/* ---- A3 ---- */

static void judge_limit(ho_flow *flow, const ho_sighting *s,
                        const ho_wire_packet *p) {
  const ho_wire_params *peer = flow->ends[ho_other(s->from)].params;
  size_t active = cids_active(flow, s->from);

  if (!peer || cids_empty(flow, s->from)) {
    return;
  }
  if (active > peer->active_connection_id_limit) {
    ho_flow_fail(flow, HO_CHECK_A3, s->from, s->t, s, p,
                 "%zu CIDs are active, %llu is the limit", active,
                 (unsigned long long)peer->active_connection_id_limit);
  } else {
    ho_flow_pass(flow, HO_CHECK_A3);
  }
}

static void judge_declared(ho_flow *flow, const ho_sighting *s) {
  const ho_wire_params *params = flow->ends[s->from].params;

  if (params && params->active_connection_id_limit < 2) {
    ho_flow_fail(flow, HO_CHECK_A3, s->from, s->t, s, NULL,
                 "active_connection_id_limit is %llu, 2 is the least",
                 (unsigned long long)params->active_connection_id_limit);
  }
}

/* ---- A4 ---- */

static trial *trial_of(ho_flow *flow, supply_end *e, ho_side issuer,
                       const ho_flow_cid *cid) {
  size_t i = (size_t)(cid - flow->ends[issuer].cids);

  while (e->trials_count <= i) {
    ho_grow(&e->trials, e->trials_count, &e->trials_cap, sizeof(*e->trials));
    memset(&e->trials[e->trials_count++], 0, sizeof(*e->trials));
  }
  return &e->trials[i];
}

/* Whether the receiver of |s| may discard it though its CID is in force: it
 * does not know the keys yet, is ending, has said that peers are not to move
 * (9), or does not know the server's address (9). */
static bool may_discard(const ho_flow *flow, const ho_sighting *s) {
  ho_side to = ho_other(s->from);
  const ho_flow_end *end = &flow->ends[to];
  const ho_flow_path *first = &end->paths[0];
  bool from_elsewhere =
      to == HO_SERVER ? !ho_endpoint_eq(&s->tuple.client, &first->tuple.client)
                      : !ho_endpoint_eq(&s->tuple.server, &first->tuple.server);

  if (s->forged || s->damaged || s->copy_of || end->t_confirmed == HO_NEVER ||
      end->t_closed != HO_NEVER || end->t_reset != HO_NEVER ||
      flow->ends[s->from].t_closed != HO_NEVER) {
    return true;
  }
  return from_elsewhere && (to == HO_CLIENT || !end->params ||
                            end->params->disable_active_migration);
}

static void try_cid(ho_flow *flow, supply_end *e, const ho_sighting *s,
                    const ho_wire_packet *p) {
  ho_side issuer = ho_other(s->from);
  ho_flow_cid *cid = ho_flow_find_cid(flow, issuer, &p->header.dcid);
  trial *x;

  if (!cid || cid->cid.len == 0 || !p->eliciting ||
      cid->t_retired != HO_NEVER || cid->t_retiring != HO_NEVER ||
      cid->sequence < cids_prior(flow, issuer) || may_discard(flow, s) ||
      p->pn < e->next) {
    return;
  }
  x = trial_of(flow, e, issuer, cid);
  if (x->accepted || x->count == TRIES) {
    return;
  }
  if (x->count == 0) {
    x->first = ho_mark_of(s, p);
  }
  x->pns[x->count++] = p->pn;
  x->t = s->t;
}

static void note_accepted(ho_flow *flow, supply_end *e, ho_side issuer,
                          const ho_frame *ack) {
  for (size_t i = 0; i < e->trials_count; i++) {
    trial *x = &e->trials[i];
    for (unsigned k = 0; k < x->count && !x->accepted; k++) {
      x->accepted = ho_frame_acks(ack, x->pns[k]);
      if (x->accepted && flow->ends[issuer].cids[i].sequence > 0) {
        ho_flow_pass(flow, HO_CHECK_A4);
      }
    }
  }
}

/* |issuer| says something at |now| that could have acknowledged it all. */
static void judge_accepted(ho_flow *flow, supply_end *e, ho_side issuer,
                           ho_time now) {
  ho_time patience = CIDS_PATIENCE * ho_flow_pto(flow, issuer);

  for (size_t i = 0; i < e->trials_count; i++) {
    trial *x = &e->trials[i];
    const ho_flow_cid *cid = &flow->ends[issuer].cids[i];
    if (x->accepted || x->excused || x->count < TRIES ||
        now < x->t + patience) {
      continue;
    }
    x->accepted = true; /* once is enough */
    ho_flow_fail(flow, HO_CHECK_A4, issuer, now, &x->first.s, &x->first.p,
                 "%u packets came with CID %llu, which is active; none was "
                 "acknowledged",
                 x->count, (unsigned long long)cid->sequence);
  }
}

/* The client's host had no way to send a datagram: perhaps that acknowledged
 * what came, and no other has to (13.2.1). */
static void excuse_trials(supply_end *client) {
  for (size_t i = 0; i < client->trials_count; i++) {
    client->trials[i].excused |= client->trials[i].count > 0;
  }
}

/* ---- A10 ---- */

static bool bad_ncid(const ho_frame *f) {
  return f->type == HO_FRAME_NEW_CONNECTION_ID &&
         (f->retire_prior_to > f->sequence || f->cid.len < 1 ||
          f->cid.len > 20);
}

/* What could not be read behind the last frame that could. */
static void judge_malformed(ho_flow *flow, const ho_sighting *s,
                            const ho_wire_packet *p) {
  const uint8_t *at = p->plain;
  ho_frame f = {.type = UINT64_MAX};

  if (!p->malformed) {
    return;
  }
  if (p->frames_count > 0) {
    const ho_frame *last = &p->frames[p->frames_count - 1];
    at = last->raw + last->raw_len;
  }
  if (ho_frame_next(&f, at, (size_t)(p->plain + p->plain_len - at)) == 0 &&
      bad_ncid(&f)) {
    ho_flow_fail(flow, HO_CHECK_A10, s->from, s->t, s, p,
                 "NEW_CONNECTION_ID %llu has Retire Prior To %llu and a CID of "
                 "%u bytes",
                 (unsigned long long)f.sequence,
                 (unsigned long long)f.retire_prior_to, (unsigned)f.cid.len);
  }
}

/* A repeated frame is no error (19.15).  What else may have been one is not
 * blamed on the repetition. */
static void judge_tolerance(ho_flow *flow, supply_end *e, const ho_sighting *s,
                            const ho_wire_packet *p, const ho_frame *f) {
  bool of_cids = f->error == ERROR_ENCODING || f->error == ERROR_LIMIT ||
                 f->error == ERROR_PROTOCOL;

  if (f->type == HO_FRAME_CONNECTION_CLOSE && of_cids && e->t_repeated > 0 &&
      s->t <= e->t_repeated + ho_flow_pto(flow, s->from) &&
      !cids_any_failed(flow)) {
    ho_flow_fail(flow, HO_CHECK_A10, s->from, s->t, s, p,
                 "a NEW_CONNECTION_ID that came twice is followed by error "
                 "0x%llx",
                 (unsigned long long)f->error);
  }
}

/* ---- datagrams ---- */

static void sent_frame(ho_flow *flow, supply *m, const ho_sighting *s,
                       const ho_wire_packet *p, const ho_frame *f) {
  supply_end *e = &m->ends[s->from];

  switch (f->type) {
  case HO_FRAME_NEW_CONNECTION_ID:
    judge_unique(flow, s, p, f);
    judge_sequence(flow, e, s, p, f);
    judge_limit(flow, s, p);
    ho_flow_pass(flow, HO_CHECK_A10);
    break;
  case HO_FRAME_ACK:
  case HO_FRAME_ACK_ECN:
    note_accepted(flow, e, s->from, f);
    break;
  case HO_FRAME_CONNECTION_CLOSE:
    judge_tolerance(flow, e, s, p, f);
    break;
  default:
    break;
  }
}

static void sent_packet(ho_flow *flow, supply *m, const ho_sighting *s,
                        const ho_wire_packet *p) {
  supply_end *e = &m->ends[s->from];

  for (size_t i = 0; i < p->frames_count; i++) {
    sent_frame(flow, m, s, p, &p->frames[i]);
  }
  judge_malformed(flow, s, p);
  if (p->probing || flow->ends[s->from].t_closed != HO_NEVER) {
    return;
  }
  judge_gap(flow, e, s->from, s->t);
  if (!m->restarted) {
    judge_accepted(flow, e, s->from, s->t);
  }
}

/* A NEW_CONNECTION_ID has arrived. */
static void note_repeated(ho_flow *flow, supply_end *to, const ho_sighting *s,
                          const ho_frame *f) {
  const ho_flow_cid *cid = ho_flow_find_cid(flow, s->from, &f->cid);

  if (cid && cid->sequence == f->sequence && cid->t_known < s->t) {
    to->t_repeated = s->t;
  }
}

static void received_packet(ho_flow *flow, supply *m, const ho_sighting *s,
                            const ho_wire_packet *p) {
  supply_end *e = &m->ends[ho_other(s->from)];

  try_cid(flow, e, s, p);
  if (!s->damaged && p->pn >= e->next) {
    e->next = p->pn + 1;
  }
  for (size_t i = 0; i < p->frames_count; i++) {
    if (p->frames[i].type == HO_FRAME_NEW_CONNECTION_ID) {
      note_repeated(flow, e, s, &p->frames[i]);
    }
  }
}

static void datagram(ho_flow *flow, void *state, const ho_sighting *s) {
  bool is_sent = ho_sent_by(s, s->from);

  if (!is_sent && s->at != HO_RECEIVED) {
    return;
  }
  if (is_sent) {
    judge_declared(flow, s);
  }
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (!ho_is_app(p)) {
      continue;
    }
    if (is_sent) {
      sent_packet(flow, state, s, p);
    } else {
      received_packet(flow, state, s, p);
    }
  }
}

static void event(ho_flow *flow, void *state, const ho_event *ev) {
  supply *m = state;

  (void)flow;
  if (ev->kind == HO_EV_action && strcmp(ev->u.action.action, "restart") == 0) {
    m->restarted = true;
  } else if (ev->kind == HO_EV_packet_dropped) {
    excuse_trials(&m->ends[HO_CLIENT]);
  }
}

static void finish(ho_flow *flow, void *state, ho_time now) {
  supply *m = state;

  for (ho_side side = HO_CLIENT; side <= HO_SERVER; side++) {
    if (flow->ends[side].t_closed == HO_NEVER) {
      judge_gap(flow, &m->ends[side], side, now);
    }
  }
}

static void release(void *state) {
  supply *m = state;

  for (int i = 0; i < 2; i++) {
    free(m->ends[i].trials);
  }
}

const ho_check_module ho_checks_supply = {.name = "supply",
                                          .state_size = sizeof(supply),
                                          .datagram = datagram,
                                          .event = event,
                                          .finish = finish,
                                          .free = release};
