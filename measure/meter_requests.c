/* Requests: what the application wanted, and got. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <string.h>

#include "measure/meter_state.h"
#include "sim/base/alloc.h"

/* What a request may be; the first is one that no event has named. */
static const char *const NAMES[] = {"",     "download", "upload",    "request",
                                    "echo", "frame-up", "frame-down"};

/* ---- requests ---- */

ho_meter_request *ho_meter_request_at(ho_meter_client *c, uint64_t n) {
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

bool ho_meter_is_up(const ho_meter_request *r) {
  return strcmp(NAMES[r->what], "frame-up") == 0;
}

static void is_due(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                   void *arg) {
  (void)c;
  (void)arg;
  if (ho_meter_in_window(m, h)) {
    h->due = true;
  }
}

static uint8_t what_of(const char *name) {
  for (uint8_t i = 1; name != NULL && i < sizeof(NAMES) / sizeof(NAMES[0]);
       i++) {
    if (strcmp(NAMES[i], name) == 0) {
      return i;
    }
  }
  return 0;
}

static void on_issued(ho_meter *m, ho_meter_client *c,
                      const ho_ev_request_issued *u) {
  ho_meter_request *r = ho_meter_request_at(c, u->request);

  if (r->issued) {
    return;
  }
  r->issued = true;
  r->t_issued = m->now;
  r->what = what_of(u->what);
  c->issued++;
  c->outstanding++;
  ho_meter_live(m, c, is_due, NULL);
}

static void on_done(ho_meter *m, ho_meter_client *c, uint64_t n,
                    uint64_t connection) {
  ho_meter_request *r = ho_meter_request_at(c, n);

  if (!r->issued || r->done) {
    return;
  }
  r->done = true;
  r->t_last = m->now;
  r->connection = (uint32_t)connection;
  c->outstanding--;
}

static void on_work_done(ho_meter *m, ho_meter_client *c) {
  c->work_done = true;
  c->t_work_done = m->now;
  if (c->bulk && c->handoffs_count > 0) {
    ho_meter_handoff *h = &c->handoffs[c->handoffs_count - 1];

    ho_meter_bins_advance(m, c, h, m->now);
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
    on_issued(m, c, &ev->u.request_issued);
  } else if (ev->kind == HO_EV_request_attempt) {
    r = ho_meter_request_at(c, ev->u.request_attempt.request);
    r->attempts++;
    r->connection = (uint32_t)ev->u.request_attempt.connection;
    ho_meter_works_on(m, c, ev->u.request_attempt.connection);
  } else if (ev->kind == HO_EV_request_done) {
    on_done(m, c, ev->u.request_done.request, ev->u.request_done.connection);
  } else {
    on_work_done(m, c);
  }
}

/* ---- rows ---- */

static void instant(ho_csv *csv, ho_time t) {
  if (t == HO_NEVER) {
    ho_csv_na(csv);
  } else {
    ho_csv_s(csv, t);
  }
}

static void write_request(const ho_meter *m, ho_csv *csv,
                          const ho_meter_client *c, uint64_t n,
                          const ho_meter_request *r) {
  ho_meter_row(&m->config, csv);
  ho_csv_u64(csv, (uint64_t)c->index);
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
  if (ho_meter_is_open(m, c, r)) {
    ho_csv_na(csv);
  } else {
    ho_csv_u64(csv, ho_meter_is_missed(m, c, r));
  }
  ho_csv_text(csv, NAMES[r->what]);
  ho_csv_end(csv);
}

void ho_meter_write_requests(const ho_meter *m, ho_csv *csv) {
  for (size_t i = 0; i < m->clients_count; i++) {
    const ho_meter_client *c = &m->clients[i];

    for (size_t n = 0; n < c->requests_count; n++) {
      if (c->requests[n].issued) {
        write_request(m, csv, c, n, &c->requests[n]);
      }
    }
  }
}
