/* Samples over time, and every event: series.csv and events.csv. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "measure/meter_state.h"
#include "sim/base/alloc.h"
#include "sim/base/diag.h"

static const ho_time TICK = 100 * HO_MSEC;

enum { BUFFERED = 65536 };

/* What every row of events.csv begins with. */
static void write_prefix(ho_meter *m) {
  FILE *out = open_memstream(&m->prefix, &m->prefix_len);
  ho_csv csv;

  if (out != NULL) {
    ho_csv_init(&csv, out);
    ho_meter_row(&m->config, &csv);
    fclose(out);
  }
}

void ho_meter_series_open(ho_meter *m) {
  if (m->config.series) {
    m->next_tick = 0;
  }
  if (m->config.events) {
    char *path = ho_format("%s/events.csv", m->dir);

    m->events = fopen(path, "we");
    m->events_error = m->events == NULL ? errno : 0;
    if (m->events) {
      m->events_buffer = ho_alloc(BUFFERED);
      setvbuf(m->events, m->events_buffer, _IOFBF, BUFFERED);
    }
    write_prefix(m);
    free(path);
  }
}

static void sample(ho_meter *m, ho_meter_client *c, ho_time t) {
  const ho_meter_flow *flow = ho_meter_sender(c);
  ho_csv csv;

  /* A client's rows stand together, so they wait for the end. */
  if (c->series == NULL) {
    c->series = ho_alloc(sizeof(*c->series));
    c->series->out = open_memstream(&c->series->text, &c->series->len);
  }
  if (c->series->out == NULL) {
    return;
  }
  ho_csv_init(&csv, c->series->out);
  ho_meter_row(&m->config, &csv);
  ho_csv_u64(&csv, (uint64_t)c->index);
  ho_csv_s(&csv, t);
  ho_csv_u64(&csv, c->delivered_bytes);
  if (flow != NULL && flow->seen) {
    ho_csv_u64(&csv, flow->state.cwnd);
    ho_csv_u64(&csv, flow->state.in_flight);
  } else {
    ho_csv_empty(&csv);
    ho_csv_empty(&csv);
  }
  if (flow != NULL && flow->seen && flow->state.srtt != 0) {
    ho_csv_ms(&csv, (int64_t)flow->state.srtt);
  } else {
    ho_csv_empty(&csv);
  }
  ho_csv_text(&csv, ho_meter_net_name(m, c->net));
  ho_csv_end(&csv);
}

void ho_meter_tick(ho_meter *m, ho_time now) {
  while (m->next_tick < now) {
    for (size_t i = 0; i < m->clients_count; i++) {
      sample(m, &m->clients[i], m->next_tick);
    }
    m->next_tick += TICK;
  }
}

void ho_meter_event(ho_meter *m, const ho_event *ev) {
  char detail[512];
  ho_csv csv;

  ho_csv_init(&csv, m->events);
  ho_csv_raw(&csv, m->prefix, m->prefix_len);
  ho_csv_s(&csv, ev->t);
  if (ev->client < 0) {
    ho_csv_empty(&csv);
  } else {
    ho_csv_u64(&csv, (uint64_t)ev->client);
  }
  ho_csv_text(&csv, ho_event_name(ev->kind));
  ho_csv_text(&csv, ho_event_detail(detail, sizeof(detail), ev, m->net_names,
                                    m->config.scenario->nets_count));
  ho_csv_end(&csv);
}

void ho_meter_write_series(ho_meter *m, ho_csv *csv) {
  for (size_t i = 0; i < m->clients_count; i++) {
    ho_meter_client *c = &m->clients[i];

    if (c->series != NULL && c->series->out != NULL) {
      fflush(c->series->out);
      fwrite(c->series->text, 1, c->series->len, csv->out);
    }
  }
}
