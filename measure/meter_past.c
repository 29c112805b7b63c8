/* What happened since a radio faded, which is known only when the operating
 * system gives the network up: a second or more later. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/meter_state.h"

/* ---- to packets ---- */

void ho_meter_remember(ho_meter *m, ho_meter_client *c, ho_meter_past_kind kind,
                       uint64_t packet, uint64_t bytes) {
  ho_meter_past *past;

  /* Without radios t_loss is now, and only drops come before what they are
   * part of: a network that goes down may lose its queue just before it says
   * so. */
  if (m->keep == 0 && kind != HO_METER_DROPPED) {
    return;
  }
  while (c->past.base < c->past.end) {
    past = ho_ring_at(&c->past, c->past.base);
    if (past->t + m->keep >= m->now) {
      break;
    }
    ho_ring_drop(&c->past, c->past.base + 1);
  }
  past = ho_ring_next(&c->past);
  *past = (ho_meter_past){.t = m->now,
                          .packet = packet,
                          .bytes = (uint32_t)bytes,
                          .kind = (uint8_t)kind};
}

static uint64_t *counter_of(ho_meter_handoff *h, uint8_t kind) {
  switch ((ho_meter_past_kind)kind) {
  case HO_METER_DROPPED:
    return &h->dropped;
  case HO_METER_LOST:
    return &h->lost;
  case HO_METER_SPURIOUS:
    return &h->spurious;
  case HO_METER_RESENT:
    break;
  }
  return &h->resent;
}

static bool concerns(const ho_meter *m, const ho_meter_handoff *h,
                     const ho_meter_past *past) {
  const ho_meter_packet *packet;

  if (past->kind == HO_METER_RESENT) {
    return true;
  }
  packet = ho_meter_packet_at(m, past->packet);
  return packet != NULL && ho_meter_on_old_tuple(h, packet);
}

void ho_meter_take_past(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                        ho_meter_handoff *last) {
  for (uint64_t n = c->past.base; n < c->past.end; n++) {
    const ho_meter_past *past = ho_ring_at(&c->past, n);

    if (past->t < h->t_loss || (m->keep == 0 && past->t != h->t_loss)) {
      continue;
    }
    if (concerns(m, h, past)) {
      *counter_of(h, past->kind) += past->bytes;
    }
    if (last != NULL && !last->ended && last->t_loss < h->t_loss &&
        past->t > h->t_loss && past->t >= last->t_loss &&
        past->t <= last->t_end && concerns(m, last, past)) {
      *counter_of(last, past->kind) -= past->bytes;
    }
  }
}

/* ---- to the sender ---- */

/* The state in force |keep| ago is older than that. */
void ho_meter_know(ho_meter *m, ho_meter_client *c,
                   const ho_ev_recovery *state) {
  ho_meter_known *known;

  if (m->keep == 0) {
    return;
  }
  while (c->known.base + 1 < c->known.end) {
    known = ho_ring_at(&c->known, c->known.base + 1);
    if (known->t + m->keep >= m->now) {
      break;
    }
    ho_ring_drop(&c->known, c->known.base + 1);
  }
  known = ho_ring_at(&c->known, c->known.end - 1);
  if (known == NULL || known->t != m->now) {
    known = ho_ring_next(&c->known);
  }
  known->t = m->now;
  known->state = *state;
}

const ho_ev_recovery *ho_meter_known_at(const ho_meter_client *c, ho_time t) {
  uint64_t n = c->known.end;

  while (n > c->known.base) {
    const ho_meter_known *known = ho_ring_at(&c->known, --n);

    if (known->t <= t) {
      return &known->state;
    }
  }
  /* Further back than is remembered: what is known is nearest to it. */
  return n > 0 && n < c->known.end
             ? &((const ho_meter_known *)ho_ring_at(&c->known, n))->state
             : NULL;
}
