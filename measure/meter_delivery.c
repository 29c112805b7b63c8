/* What reaches the application: deliveries, interruptions, requests. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "measure/meter_state.h"
#include "sim/base/alloc.h"

/* The usual gap is that of the deliveries this long before t_loss (METRICS). */
static const ho_time USUAL = 5 * HO_SEC;

/* ---- deliveries ---- */

typedef struct {
  const ho_ev_delivered *u;
  const ho_meter_packet *packet;
} delivery;

/* Whether the bytes came over the path that |h| went to. */
static bool came_over_new(const ho_meter_handoff *h, const delivery *d) {
  if (h->new_connection >= 0) {
    return (int64_t)d->u->connection >= h->new_connection;
  }
  return d->packet != NULL && h->new_tuple >= 0 &&
         d->packet->tuple == h->new_tuple;
}

static void take_bytes(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                       void *arg) {
  const delivery *d = arg;

  (void)c;
  if (h->ended) {
    return;
  }
  if (h->t_first_byte == HO_NEVER && came_over_new(h, d)) {
    h->t_first_byte = m->now;
  }
  if (d->packet != NULL && d->packet->t_sent >= ho_meter_start(h)) {
    h->delivered_on = true;
  }
}

/* The wait that ends now counts if it meets the window; the one that begins
 * now, if the window is still open. */
static void take_gap(ho_meter_handoff *h, ho_time t) {
  if (!h->waiting) {
    return;
  }
  if (h->last_a != HO_NEVER && t >= h->t_loss) {
    h->has_interruption = true;
    if (t - h->last_a > h->interruption) {
      h->interruption = t - h->last_a;
    }
  }
  h->last_a = t;
  h->waiting = !h->ended && t <= h->t_end;
}

static void remember(ho_meter *m, ho_meter_client *c) {
  ho_time *slot;

  if (c->t_delivered == m->now) {
    return; /* a_1 < a_2 < ... */
  }
  /* One that is older tells since when nothing had come. */
  while (c->deliveries.base + 1 < c->deliveries.end) {
    const ho_time *old = ho_ring_at(&c->deliveries, c->deliveries.base + 1);

    if (*old + USUAL + m->keep >= m->now) {
      break;
    }
    ho_ring_drop(&c->deliveries, c->deliveries.base + 1);
  }
  slot = ho_ring_next(&c->deliveries);
  *slot = m->now;
  c->t_delivered = m->now;
}

void ho_meter_deliveries_since(ho_meter_client *c, ho_meter_handoff *h) {
  h->last_a = HO_NEVER;
  for (uint64_t n = c->deliveries.base; n < c->deliveries.end; n++) {
    const ho_time *t = ho_ring_at(&c->deliveries, n);

    if (*t <= h->t_loss) {
      h->last_a = *t;
    } else {
      take_gap(h, *t);
    }
  }
}

static void on_progress(ho_meter *m, ho_meter_client *c) {
  for (size_t i = c->waiting_from; i < c->handoffs_count; i++) {
    ho_meter_handoff *h = &c->handoffs[i];

    take_gap(h, m->now);
    if (!h->waiting && i == c->waiting_from) {
      c->waiting_from++;
    }
  }
  if (c->has_pending) {
    take_gap(&c->pending, m->now);
    take_gap(&c->frozen, m->now);
  }
  remember(m, c);
}

static void on_wrong(ho_meter *m, const ho_event *ev) {
  const ho_ev_byte_wrong *u = &ev->u.byte_wrong;

  if (m->wrong == NULL) {
    m->wrong = ho_format("client %d request %" PRIu64 ": %s byte at %" PRIu64,
                         ev->client, u->request, u->reason, u->offset);
  }
}

void ho_meter_on_delivered(ho_meter *m, const ho_event *ev) {
  const ho_ev_delivered *u = &ev->u.delivered;
  ho_meter_client *c = ho_meter_client_at(m, ev->client);
  ho_meter_request *r;
  delivery d;

  if (ev->kind == HO_EV_byte_wrong) {
    on_wrong(m, ev);
    return;
  }
  if (c == NULL || u->bytes == 0 || (u->endpoint != c->receiver && !c->call)) {
    return;
  }
  assert(u->again <= u->bytes);
  if (u->endpoint == HO_CLIENT && (int64_t)u->connection > c->worked) {
    ho_meter_works_on(m, c, u->connection);
  }
  if (u->endpoint == c->receiver) {
    d.u = u;
    d.packet = ho_meter_packet_at(m, u->packet);
    ho_meter_live(m, c, take_bytes, &d);
  }
  r = ho_meter_request_at(c, u->request);
  if (r->t_first == HO_NEVER) {
    r->t_first = m->now;
  }
  r->bytes += u->bytes - u->again;
  c->delivered_bytes += u->bytes - u->again;
  if (u->endpoint == c->receiver && u->bytes > u->again) {
    on_progress(m, c);
  }
}

/* ---- the usual gap ---- */

static int by_time(const void *a, const void *b) {
  const ho_time *x = a, *y = b;

  return *x < *y ? -1 : *x > *y;
}

ho_time ho_meter_median_gap(ho_meter_client *c, ho_time before, bool *has) {
  size_t count = 0;
  ho_time *gaps, median = 0, last = HO_NEVER;

  gaps = ho_alloc_array((size_t)(c->deliveries.end - c->deliveries.base) + 1,
                        sizeof(*gaps));
  for (uint64_t n = c->deliveries.base; n < c->deliveries.end; n++) {
    const ho_time *t = ho_ring_at(&c->deliveries, n);

    if (*t + USUAL < before || *t > before) {
      continue;
    }
    if (last != HO_NEVER) {
      gaps[count++] = *t - last;
    }
    last = *t;
  }
  *has = count > 0;
  if (count > 0) {
    qsort(gaps, count, sizeof(*gaps), by_time);
    median = (gaps[(count - 1) / 2] + gaps[count / 2]) / 2;
  }
  free(gaps);
  return median;
}
