/* Sights of connection IDs: on which tuples each was seen, and what brought it
 * there. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "measure/meter_state.h"
#include "sim/base/alloc.h"

/* ---- while the run goes on ---- */

/* Of what attackers do, only this leaves a packet its number. */
void ho_meter_on_meddled(ho_meter *m, const ho_event *ev) {
  ho_meter_packet *packet = ho_meter_packet_at(m, ev->u.meddled.packet);

  if (packet != NULL && strcmp(ev->u.meddled.what, "storm") == 0) {
    packet->forged = true;
  }
}

static ho_meter_use *use_of(const ho_meter_cid *cid, int tuple) {
  uint64_t hash = ho_index_number((uint64_t)tuple);
  size_t i;

  if (cid->uses_count > 0 && cid->uses[cid->uses_count - 1].tuple == tuple) {
    return &cid->uses[cid->uses_count - 1];
  }
  /* Different numbers have different hashes. */
  i = ho_index_last(&cid->uses_index, hash);
  return i == HO_INDEX_NONE ? NULL : &cid->uses[i];
}

static ho_meter_use *use_add(ho_meter *m, ho_meter_cid *cid, int tuple) {
  ho_meter_use *use;

  ho_grow(&cid->uses, cid->uses_count, &cid->uses_cap, sizeof(*cid->uses));
  use = &cid->uses[cid->uses_count++];
  *use = (ho_meter_use){.tuple = tuple, .t_first = m->now, .handoff = -1};
  ho_index_add(&cid->uses_index, ho_index_number((uint64_t)tuple));
  return use;
}

/* A packet's sender chooses its path, but for a client whose NAT has changed
 * the tuple.  The server follows the client to the tuple that it uses. */
static void find_cause(const ho_meter_client *c, const ho_meter_cid *cid,
                       const ho_meter_packet *packet, ho_meter_use *use) {
  bool by_nat = packet->side == HO_CLIENT && cid->local == packet->local;

  if (!by_nat && packet->frames != 0) {
    use->cause = (packet->frames & HO_METER_CHALLENGE) != 0
                     ? HO_METER_BY_CHALLENGE
                     : HO_METER_BY_RESPONSE;
  } else if (packet->tuple == c->last_tuple &&
             c->tuples[packet->tuple].handoff >= 0) {
    use->cause = HO_METER_BY_HANDOFF;
    use->handoff = c->tuples[packet->tuple].handoff;
  }
}

static void visit(const ho_meter *m, const ho_meter_client *c,
                  ho_meter_use *use) {
  size_t n = c->handoffs_count;

  if (use->visits_count == 0 ||
      use->visits[use->visits_count - 1].handoffs != n) {
    ho_grow(&use->visits, use->visits_count, &use->visits_cap,
            sizeof(*use->visits));
    use->visits[use->visits_count++] = (ho_meter_visit){n, m->now, m->now};
  }
  use->visits[use->visits_count - 1].t_last = m->now;
}

void ho_meter_cid_seen(ho_meter *m, ho_meter_client *c, uint64_t n,
                       const ho_meter_packet *packet) {
  ho_meter_cid *cid;
  ho_meter_use *use;

  if (packet->cid < 0 || packet->tuple < 0) {
    return;
  }
  if (c->handoffs_count > 0 &&
      c->handoffs[c->handoffs_count - 1].new_tuple == packet->tuple) {
    c->tuples[packet->tuple].handoff = (int)c->handoffs_count - 1;
  }
  cid = &c->cids[packet->cid];
  use = use_of(cid, packet->tuple);
  if (use == NULL) {
    use = use_add(m, cid, packet->tuple);
  }
  use->t_last = m->now;
  use->outside += c->tuples[packet->tuple].net >= 0;
  use->at_server = use->at_server || packet->side == HO_SERVER;
  if (packet->forged) {
    return;
  }
  if (use->packets++ == 0) {
    use->first_packet = n;
    find_cause(c, cid, packet, use);
  }
  visit(m, c, use);
  if (packet->side == HO_CLIENT) {
    cid->local = packet->local;
  }
}

void ho_meter_cid_received(ho_meter_client *c, const ho_meter_packet *packet) {
  if (packet->cid >= 0 && packet->tuple >= 0) {
    use_of(&c->cids[packet->cid], packet->tuple)->at_server = true;
  }
}

/* What the server sends is at the outer end of the access network at once,
 * unless a rule takes it before. */
void ho_meter_cid_dropped(const ho_meter *m, ho_meter_client *c,
                          const ho_meter_packet *packet, const char *reason) {
  if (packet->side == HO_SERVER && packet->cid >= 0 && packet->tuple >= 0 &&
      c->tuples[packet->tuple].net >= 0 && packet->t_sent == m->now &&
      strcmp(reason, "rule") == 0) {
    use_of(&c->cids[packet->cid], packet->tuple)->outside--;
  }
}

void ho_meter_sights_free(ho_meter_cid *cid) {
  for (size_t i = 0; i < cid->uses_count; i++) {
    free(cid->uses[i].visits);
  }
  ho_index_free(&cid->uses_index);
  free(cid->uses);
}

/* ---- what is seen of a handoff ---- */

/* The last of |use| before handoff |n| + 1, or NULL. */
static const ho_meter_visit *last_until(const ho_meter_use *use, size_t n) {
  for (size_t i = use != NULL ? use->visits_count : 0; i-- > 0;) {
    if (use->visits[i].handoffs <= n + 1) {
      return &use->visits[i];
    }
  }
  return NULL;
}

typedef struct {
  const ho_meter_use *old;
  const ho_meter_visit *left, *fresh;
} pair;

/* A CID that comes to the old tuple in a later handoff is that one's matter;
 * a tuple that the client returns to counts from then on. */
static bool seen_on_both(const ho_meter_client *c, size_t n,
                         const ho_meter_cid *cid, pair *p) {
  const ho_meter_handoff *h = &c->handoffs[n];

  p->old = use_of(cid, h->old_tuple);
  p->left = last_until(p->old, n);
  p->fresh = last_until(use_of(cid, h->new_tuple), n);
  return p->left != NULL && p->fresh != NULL && p->fresh->handoffs == n + 1;
}

int ho_meter_cid_reused(const ho_meter_client *c, size_t handoff,
                        ho_side side) {
  ho_side issuer = side == HO_CLIENT ? HO_SERVER : HO_CLIENT;
  const ho_meter_handoff *h = &c->handoffs[handoff];
  int reused = -1;
  pair p;

  if (h->new_tuple < 0 || h->old_tuple < 0) {
    return -1;
  }
  for (size_t i = 0; i < c->cids_count; i++) {
    const ho_meter_cid *cid = &c->cids[i];

    if (cid->side != issuer || cid->cid.len == 0 || cid->uses_count == 0) {
      continue;
    }
    if (seen_on_both(c, handoff, cid, &p)) {
      return 1;
    }
    reused = 0;
  }
  return reused;
}

static ho_time least(ho_time a, ho_time b) {
  return a < b ? a : b;
}

static ho_time window_of(const ho_meter_client *c, size_t n, const pair *p) {
  ho_time from = p->fresh->t_first;
  ho_time to = least(p->left->t_last, p->fresh->t_last);

  if (p->old->visits[0].t_first > from) {
    from = p->old->visits[0].t_first;
  }
  if (n + 1 < c->handoffs_count) {
    to = least(to, c->handoffs[n + 1].t_loss); /* known only later */
  }
  return to > from ? to - from : 0;
}

ho_time ho_meter_link_window(const ho_meter_client *c, size_t handoff) {
  const ho_meter_handoff *h = &c->handoffs[handoff];
  ho_time longest = HO_NEVER;
  pair p;

  if (h->new_tuple < 0 || h->old_tuple < 0) {
    return HO_NEVER;
  }
  for (size_t i = 0; i < c->cids_count; i++) {
    ho_time window;

    if (c->cids[i].cid.len == 0 || !seen_on_both(c, handoff, &c->cids[i], &p)) {
      continue;
    }
    window = window_of(c, handoff, &p);
    if (longest == HO_NEVER || window > longest) {
      longest = window;
    }
  }
  return longest;
}
