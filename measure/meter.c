/* The meter: takes the events of one run and writes its rows. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/meter_state.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/alloc.h"
#include "sim/base/diag.h"

/* ho_meter_on_action follows the links that the timeline changes. */
static void on_action(ho_meter *m, const ho_event *ev) {
  const ho_scenario *s = m->config.scenario;
  const ho_action *action;
  ho_wired *wired;

  if (ev->u.action.entry >= s->timeline_count) {
    return;
  }
  action = &s->timeline[ev->u.action.entry];
  if (action->kind != HO_ACT_SET || action->net < 0) {
    return;
  }
  wired = &m->nets[action->net].wired;
  switch (action->key) {
  case HO_SET_DOWN:
    wired->down_bps = action->set.down_bps;
    break;
  case HO_SET_UP:
    wired->up_bps = action->set.up_bps;
    break;
  case HO_SET_DELAY:
    wired->delay = action->set.delay;
    break;
  case HO_SET_JITTER:
  case HO_SET_LOSS:
  case HO_SET_REORDER:
  case HO_SET_QUEUE:
    break;
  }
}

static void on_run_ended(ho_meter *m, const ho_event *ev) {
  m->ended = true;
  free(m->end_reason);
  m->end_reason = ho_strdup(ev->u.run_ended.reason);
}

static void on_state(ho_meter *m, const ho_event *ev) {
  ho_meter_client *c = ho_meter_client_at(m, ev->client);

  if (c != NULL) {
    ho_meter_connection_at(c, ev->u.state.connection)->state_bytes =
        ev->u.state.bytes;
  }
}

static void dispatch(ho_meter *m, const ho_event *ev) {
  switch (ev->kind) {
  case HO_EV_quic_sent:
    ho_meter_on_quic_sent(m, ev);
    break;
  case HO_EV_stream_sent:
    ho_meter_on_stream_sent(m, ev);
    break;
  case HO_EV_datagram_sent:
    ho_meter_on_datagram_sent(m, ev);
    break;
  case HO_EV_wire:
    ho_meter_on_wire(m, ev);
    break;
  case HO_EV_datagram_received:
    ho_meter_on_datagram_received(m, ev);
    break;
  case HO_EV_packet_dropped:
    ho_meter_on_packet_dropped(m, ev);
    break;
  case HO_EV_packet_lost:
    ho_meter_on_packet_lost(m, ev);
    break;
  case HO_EV_recovery:
    ho_meter_on_recovery(m, ev);
    break;
  case HO_EV_delivered:
  case HO_EV_byte_wrong:
    ho_meter_on_delivered(m, ev);
    break;
  case HO_EV_request_issued:
  case HO_EV_request_attempt:
  case HO_EV_request_done:
  case HO_EV_work_done:
    ho_meter_on_request(m, ev);
    break;
  case HO_EV_network_up:
  case HO_EV_network_down:
  case HO_EV_default_network:
    ho_meter_on_network(m, ev);
    break;
  case HO_EV_handoff:
    ho_meter_on_handoff(m, ev);
    break;
  case HO_EV_notice:
    ho_meter_on_notice(m, ev);
    break;
  case HO_EV_connection_started:
  case HO_EV_handshake_done:
  case HO_EV_connection_closed:
    ho_meter_on_connection(m, ev);
    break;
  case HO_EV_path_frame:
    ho_meter_on_path_frame(m, ev);
    break;
  case HO_EV_path_validation:
    ho_meter_on_path_validation(m, ev);
    break;
  case HO_EV_amplification:
    ho_meter_on_amplification(m, ev);
    break;
  case HO_EV_cid_issued:
  case HO_EV_cid_retired:
    ho_meter_on_cid(m, ev);
    break;
  case HO_EV_state:
    on_state(m, ev);
    break;
  case HO_EV_action:
    on_action(m, ev);
    break;
  case HO_EV_run_ended:
    on_run_ended(m, ev);
    break;
  case HO_EV_radio:
    ho_meter_on_radio(m, ev);
    break;
  case HO_EV_meddled:
    ho_meter_on_meddled(m, ev);
    break;
  case HO_EV_handover_refused:
  case HO_EV_run_started:
  case HO_EV_nat_mapped:
  case HO_EV_nat_unmapped:
  case HO_EV_diverted:
  case HO_EV_COUNT:
    break;
  }
}

static void on_event(void *user, const ho_event *ev) {
  ho_meter *m = user;

  assert(ev->t >= m->now && "time never goes back");
  if (ev->t > m->next_tick) {
    ho_meter_tick(m, ev->t);
  }
  m->now = ev->t;
  if (m->events != NULL) {
    ho_meter_event(m, ev);
  }
  if (!m->ended) {
    dispatch(m, ev); /* what comes later is the world being taken apart */
  }
}

ho_meter *ho_meter_new(const ho_meter_config *config, ho_log *log,
                       const char *dir) {
  const ho_scenario *s = config->scenario;
  ho_meter *m = ho_alloc(sizeof(*m));

  m->config = *config;
  m->log = log;
  m->dir = ho_strdup(dir);
  m->race = s->arms[config->arm].transport == HO_TRANSPORT_AUTO;
  for (int side = 0; side < 2; side++) {
    m->quickest[side] = ho_alloc_array(s->nets_count, sizeof(ho_time));
  }
  m->nets = ho_alloc_array(s->nets_count, sizeof(*m->nets));
  m->net_names = ho_alloc_array(s->nets_count, sizeof(*m->net_names));
  for (size_t i = 0; i < s->nets_count; i++) {
    m->nets[i] = s->nets[i];
    m->net_names[i] = s->nets[i].name;
    m->quickest[0][i] = m->quickest[1][i] = HO_NEVER;
    if (ho_net_is_radio(&s->nets[i])) {
      m->keep = HO_METER_FADE;
    }
  }
  m->packets.size = sizeof(ho_meter_packet);
  m->ranges.size = sizeof(ho_meter_range);
  m->stream_hint = -1;
  m->next_tick = HO_NEVER;
  ho_meter_find_old(m);
  ho_meter_series_open(m);
  ho_log_subscribe(log, on_event, m);
  return m;
}

/* close_written closes |out|, whose bytes then survive this process.  They are
 * not forced onto the disk: that costs ten times what a short run does, and a
 * machine that dies loses the unfinished folder with them. */
static int close_written(FILE *out) {
  int error = 0;

  if (fflush(out) != 0 || ferror(out)) {
    error = errno != 0 ? errno : EIO;
  }
  if (fclose(out) != 0 && error == 0) {
    error = errno;
  }
  errno = error;
  return error == 0 ? 0 : HO_ERR_IO;
}

static int write_file(ho_meter *m, const char *name,
                      void (*rows)(ho_meter *m, ho_csv *csv)) {
  char *path = ho_format("%s/%s", m->dir, name);
  FILE *out = fopen(path, "we");
  ho_csv csv;

  free(path);
  if (out == NULL) {
    return HO_ERR_IO;
  }
  errno = 0;
  ho_csv_init(&csv, out);
  rows(m, &csv);
  return close_written(out);
}

static void requests_rows(ho_meter *m, ho_csv *csv) {
  ho_meter_write_requests(m, csv);
}

static void cids_rows(ho_meter *m, ho_csv *csv) {
  ho_meter_write_cids(m, csv);
}

static void links_rows(ho_meter *m, ho_csv *csv) {
  ho_meter_write_links(m, csv);
}

ho_time ho_meter_now(const ho_meter *meter) {
  return meter->now;
}

void ho_meter_checks(ho_meter *meter, uint64_t failed) {
  meter->checked = true;
  meter->checks_failed = failed;
}

int ho_meter_finish(ho_meter *m) {
  int rv = 0;

  for (size_t i = 0; i < m->clients_count; i++) {
    ho_meter_handoffs_end(m, &m->clients[i]);
    ho_meter_judge_missing(m, &m->clients[i]);
  }
  if (m->next_tick != HO_NEVER) {
    ho_meter_tick(m, m->now + 1);
  }
  if (m->events_error != 0) {
    errno = m->events_error;
    return HO_ERR_IO;
  }
  if (m->events != NULL) {
    rv = close_written(m->events);
    m->events = NULL;
  }
  if (rv == 0 && m->config.series) {
    rv = write_file(m, "series.csv", ho_meter_write_series);
  }
  rv = rv != 0 ? rv : write_file(m, "handoffs.csv", ho_meter_write_handoffs);
  rv = rv != 0 ? rv : write_file(m, "requests.csv", requests_rows);
  rv = rv != 0 ? rv : write_file(m, "cids.csv", cids_rows);
  rv = rv != 0 ? rv : write_file(m, "cid_links.csv", links_rows);
  return rv != 0 ? rv : write_file(m, "runs.csv", ho_meter_write_run);
}

static void client_free(ho_meter_client *c) {
  for (size_t i = 0; i < c->conns_count; i++) {
    for (int side = 0; side < 2; side++) {
      for (int space = 0; space < 3; space++) {
        ho_ring_free(&c->conns[i].flows[side].pns[space]);
      }
    }
  }
  for (size_t i = 0; i < c->cids_count; i++) {
    ho_meter_sights_free(&c->cids[i]);
  }
  if (c->series != NULL) {
    if (c->series->out != NULL) {
      fclose(c->series->out);
    }
    free(c->series->text);
  }
  free(c->series);
  ho_ring_free(&c->deliveries);
  ho_ring_free(&c->past);
  ho_ring_free(&c->known);
  ho_index_free(&c->tuples_index);
  free(c->tuples);
  free(c->local_of);
  free(c->t_local_of);
  free(c->t_associated);
  free(c->frames);
  free(c->conns);
  free(c->cids);
  free(c->challenges);
  free(c->handoffs);
  free(c->requests);
}

void ho_meter_del(ho_meter *m) {
  if (m == NULL) {
    return;
  }
  for (size_t i = 0; i < m->clients_count; i++) {
    client_free(&m->clients[i]);
  }
  if (m->events != NULL) {
    fclose(m->events);
  }
  free(m->events_buffer);
  ho_meter_streams_free(m);
  ho_ring_free(&m->packets);
  ho_ring_free(&m->ranges);
  free(m->clients);
  free(m->nets);
  free(m->quickest[0]);
  free(m->quickest[1]);
  free(m->net_names);
  free(m->is_old);
  free(m->end_reason);
  free(m->wrong);
  free(m->prefix);
  free(m->dir);
  free(m);
}
