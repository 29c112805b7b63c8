/* What reaches the application: deliveries, interruptions, requests. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "measure/meter_state.h"
#include "sim/base/alloc.h"

/* The usual gap is that of the deliveries this long before t_loss (METRICS). */
static const ho_time USUAL = 5 * HO_SEC;

/* ---- requests ---- */

static ho_meter_request *request_at(ho_meter_client *c, uint64_t n) {
  assert(n < UINT32_MAX);
  while (c->requests_count <= n) {
    ho_meter_request *r;

    ho_grow(&c->requests, c->requests_count, &c->requests_cap,
            sizeof(*c->requests));
    r = &c->requests[c->requests_count++];
    r->t_issued = r->t_first = r->t_last = HO_NEVER;
  }
  return &c->requests[n];
}

static void is_due(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                   void *arg) {
  (void)c;
  (void)arg;
  if (ho_meter_in_window(m, h)) {
    h->due = true;
  }
}

static void on_issued(ho_meter *m, ho_meter_client *c, uint64_t n) {
  ho_meter_request *r = request_at(c, n);

  if (r->issued) {
    return;
  }
  r->issued = true;
  r->t_issued = m->now;
  c->issued++;
  c->outstanding++;
  ho_meter_live(m, c, is_due, NULL);
}

static void on_done(ho_meter *m, ho_meter_client *c, uint64_t n,
                    uint64_t connection) {
  ho_meter_request *r = request_at(c, n);

  if (!r->issued || r->done) {
    return;
  }
  r->done = true;
  r->t_last = m->now;
  r->connection = connection;
  c->outstanding--;
}

static void on_work_done(ho_meter *m, ho_meter_client *c) {
  c->work_done = true;
  c->t_work_done = m->now;
  if (m->bulk && c->handoffs_count > 0) {
    ho_meter_handoff *h = &c->handoffs[c->handoffs_count - 1];

    ho_meter_bins_advance(m, h, m->now);
    h->bins.over = true;
  }
}

void ho_meter_on_request(ho_meter *m, const ho_event *ev) {
  ho_meter_client *c = ho_meter_client_at(m, ev->client);
  ho_meter_request *r;

  if (c == NULL) {
    return;
  }
  if (ev->kind == HO_EV_request_issued) {
    on_issued(m, c, ev->u.request_issued.request);
  } else if (ev->kind == HO_EV_request_attempt) {
    r = request_at(c, ev->u.request_attempt.request);
    r->attempts++;
    r->connection = ev->u.request_attempt.connection;
  } else if (ev->kind == HO_EV_request_done) {
    on_done(m, c, ev->u.request_done.request, ev->u.request_done.connection);
  } else {
    on_work_done(m, c);
  }
}

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
static void take_gap(const ho_meter *m, ho_meter_handoff *h) {
  if (!h->waiting) {
    return;
  }
  if (h->last_a != HO_NEVER && m->now >= h->t_loss) {
    h->has_interruption = true;
    if (m->now - h->last_a > h->interruption) {
      h->interruption = m->now - h->last_a;
    }
  }
  h->last_a = m->now;
  h->waiting = !h->ended && m->now <= h->t_end;
}

static void remember(ho_meter *m, ho_meter_client *c) {
  ho_time *slot;

  if (c->t_delivered == m->now) {
    return; /* a_1 < a_2 < ... */
  }
  while (c->deliveries.base < c->deliveries.end) {
    const ho_time *old = ho_ring_at(&c->deliveries, c->deliveries.base);

    if (*old + USUAL >= m->now) {
      break;
    }
    ho_ring_drop(&c->deliveries, c->deliveries.base + 1);
  }
  slot = ho_ring_extend(&c->deliveries, c->deliveries.end);
  *slot = m->now;
  c->t_delivered = m->now;
}

static void on_progress(ho_meter *m, ho_meter_client *c) {
  for (size_t i = c->waiting_from; i < c->handoffs_count; i++) {
    ho_meter_handoff *h = &c->handoffs[i];

    take_gap(m, h);
    if (!h->waiting && i == c->waiting_from) {
      c->waiting_from++;
    }
  }
  if (c->has_pending) {
    take_gap(m, &c->pending);
    take_gap(m, &c->frozen);
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
  if (c == NULL || u->endpoint != m->receiver || u->bytes == 0) {
    return;
  }
  assert(u->again <= u->bytes);
  d.u = u;
  d.packet = ho_meter_packet_at(m, u->packet);
  ho_meter_live(m, c, take_bytes, &d);
  r = request_at(c, u->request);
  if (r->t_first == HO_NEVER) {
    r->t_first = m->now;
  }
  r->bytes += u->bytes - u->again;
  c->delivered_bytes += u->bytes - u->again;
  if (u->bytes > u->again) {
    on_progress(m, c);
  }
}

/* ---- the usual gap ---- */

static int by_time(const void *a, const void *b) {
  const ho_time *x = a, *y = b;

  return *x < *y ? -1 : *x > *y;
}

ho_time ho_meter_median_gap(ho_meter *m, ho_meter_client *c, bool *has) {
  size_t count = 0;
  ho_time *gaps, median = 0, last = HO_NEVER;

  gaps = ho_alloc_array((size_t)(c->deliveries.end - c->deliveries.base) + 1,
                        sizeof(*gaps));
  for (uint64_t n = c->deliveries.base; n < c->deliveries.end; n++) {
    const ho_time *t = ho_ring_at(&c->deliveries, n);

    if (*t + USUAL < m->now) {
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

/* ---- rows ---- */

static void instant(ho_csv *csv, ho_time t) {
  if (t == HO_NEVER) {
    ho_csv_na(csv);
  } else {
    ho_csv_s(csv, t);
  }
}

static void write_request(const ho_meter *m, ho_csv *csv, int client,
                          uint64_t n, const ho_meter_request *r) {
  ho_meter_row(&m->config, csv);
  ho_csv_u64(csv, (uint64_t)client);
  ho_csv_u64(csv, n);
  instant(csv, r->t_issued);
  instant(csv, r->t_first);
  instant(csv, r->t_last);
  ho_csv_u64(csv, r->bytes);
  if (r->done) {
    ho_csv_ms(csv, (int64_t)(r->t_last - r->t_issued));
  } else {
    ho_csv_na(csv);
  }
  if (r->attempts > 0 || r->done) {
    ho_csv_u64(csv, r->connection);
  } else {
    ho_csv_na(csv);
  }
  ho_csv_u64(csv, r->attempts);
  ho_csv_u64(csv, r->done ? 0 : 1);
  ho_csv_end(csv);
}

void ho_meter_write_requests(const ho_meter *m, ho_csv *csv) {
  for (size_t i = 0; i < m->clients_count; i++) {
    const ho_meter_client *c = &m->clients[i];

    for (size_t n = 0; n < c->requests_count; n++) {
      if (c->requests[n].issued) {
        write_request(m, csv, (int)i, n, &c->requests[n]);
      }
    }
  }
}
