/* Checks of what a single packet shows: B7 to B9. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/checks/wire.h"

#include "measure/checks/cids.h"

enum {
  FOLLOWED = 20, /* packets, and flips among them, after which an endpoint is */
  FLIPS = 2,     /* known to take part in the spin bit */
  SHORTEST = 22, /* bytes above its own CID's that 10.3 asks for */
};

/* ---- B7 ---- */

/* An endpoint whose interface does not let it set labels sends 0 (9.7). */
static void judge_label(ho_flow *flow, wire_state *w, const ho_sighting *s) {
  size_t *count = &w->labels_count[s->from];

  if (s->family != 6 || s->flow_label == 0) {
    return;
  }
  for (size_t i = 0; i < *count; i++) {
    const ho_tuple *tuple = &w->labels[s->from][i].tuple;
    if (ho_tuple_eq(tuple, &s->tuple)) {
      return;
    }
    if (w->labels[s->from][i].label == s->flow_label && flow->told) {
      char text[HO_TUPLE_TEXT];
      ho_flow_fail(flow, HO_CHECK_B7, s->from, s->t, s, NULL,
                   "flow label 0x%05x is that of %s, too",
                   (unsigned)s->flow_label, ho_tuple_text(text, tuple));
    }
  }
  if (*count > 0) {
    ho_flow_pass(flow, HO_CHECK_B7);
  }
  if (*count < WIRE_LABELS) {
    w->labels[s->from][*count].tuple = s->tuple;
    w->labels[s->from][(*count)++].label = s->flow_label;
  }
}

/* ---- B8 ---- */

/* A bit that is not in use may have any value, so that it counts only after an
 * endpoint has been seen to take part. */
static void judge_spin(ho_flow *flow, wire_spin *x, const ho_sighting *s,
                       const ho_wire_packet *p) {
  bool is_new = x->has_cid && !ho_cid_eq(&x->cid, &p->header.dcid);
  bool in_use = x->followed >= FOLLOWED && x->flips >= FLIPS;

  if (is_new && p->spin && in_use) {
    ho_flow_fail(flow, HO_CHECK_B8, s->from, s->t, s, p,
                 "the spin bit is 1 on the first packet with another CID, "
                 "after %lu flips",
                 x->flips);
  } else if (is_new) {
    ho_flow_pass(flow, HO_CHECK_B8);
  }
  x->reset |= is_new;
  x->has_cid = true;
  x->cid = p->header.dcid;
}

static void follow_spin(wire_spin *x, ho_side from, const ho_wire_packet *p) {
  bool want = from == HO_CLIENT ? !x->peer : x->peer;

  if (!x->has_peer) {
    return;
  }
  want &= !x->reset;
  if (p->spin == want) {
    x->followed++;
    x->flips += p->spin != x->last;
  } else if (!x->reset) {
    x->followed = x->flips = 0;
  }
  x->last = p->spin;
}

void wire_received(wire_state *w, const ho_flow *flow, const ho_sighting *s) {
  wire_spin *x = &w->spins[ho_other(s->from)];

  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (ho_is_app(p) &&
        p->pn == flow->ends[ho_other(s->from)].largest_received[2]) {
      x->peer = p->spin;
      x->has_peer = true;
      x->reset = false;
    }
  }
}

/* ---- B9 ---- */

static void judge_length(ho_flow *flow, const ho_sighting *s,
                         const ho_wire_packet *p) {
  const ho_flow_end *end = &flow->ends[s->from];
  size_t least;

  if (end->cids_count == 0) {
    return;
  }
  least = SHORTEST + (size_t)end->cids[0].cid.len;
  if (p->len < least) {
    ho_flow_fail(flow, HO_CHECK_B9, s->from, s->t, s, p,
                 "%zu bytes, %zu are the least", p->len, least);
  } else {
    ho_flow_pass(flow, HO_CHECK_B9);
  }
}

void wire_judge(ho_flow *flow, wire_state *w, const ho_sighting *s) {
  wire_spin *x = &w->spins[s->from];

  judge_label(flow, w, s);
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (ho_is_app(p)) {
      judge_spin(flow, x, s, p);
      follow_spin(x, s->from, p);
      judge_length(flow, s, p);
    }
  }
}
