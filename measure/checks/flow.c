/* One connection as its packets show it: verdicts, and looking things up. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/checks/flow.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "measure/checks/engine.h"
#include "measure/checks/packet.h"
#include "sim/base/alloc.h"

static const ho_check_module *const modules[] = {
    &ho_checks_supply,        &ho_checks_resent,    &ho_checks_retirement,
    &ho_checks_linkability,   &ho_checks_reset,     &ho_checks_idle,
    &ho_checks_challenges,    &ho_checks_responses, &ho_checks_validation,
    &ho_checks_amplification, &ho_checks_attack,    &ho_checks_migration,
    &ho_checks_path,          &ho_checks_recovery,  &ho_checks_preferred,
};
enum { MODULES = sizeof(modules) / sizeof(modules[0]) };

/* ---- verdicts ---- */

void ho_flow_pass(ho_flow *flow, ho_check_id id) {
  if (flow->findings[id].verdict == HO_NOT_EXERCISED) {
    flow->findings[id].verdict = HO_PASS;
  }
}

void ho_flow_observe(ho_flow *flow, ho_check_id id, const char *format, ...) {
  ho_finding *f = &flow->findings[id];
  va_list ap;

  ho_flow_pass(flow, id);
  if (f->verdict == HO_PASS && !f->detail[0]) {
    va_start(ap, format);
    vsnprintf(f->detail, sizeof(f->detail), format, ap);
    va_end(ap);
  }
}

void ho_flow_fail(ho_flow *flow, ho_check_id id, ho_side endpoint, ho_time t,
                  const ho_sighting *s, const ho_wire_packet *p,
                  const char *format, ...) {
  const ho_checks_watcher *w = flow->watcher;
  bool again = flow->findings[id].verdict == HO_FAIL, watched = w && w->failed;
  ho_finding f = {.verdict = HO_FAIL,
                  .t = s ? s->t : t,
                  .endpoint = endpoint,
                  .pn = p && p->opened ? p->pn : UINT64_MAX};
  va_list ap;

  if (again && !watched) {
    return;
  }
  if (s) {
    f.tuple = s->tuple;
    f.packet = s->packet;
  }
  va_start(ap, format);
  vsnprintf(f.detail, sizeof(f.detail), format, ap);
  va_end(ap);
  if (!again) {
    flow->findings[id] = f;
  }
  if (watched) {
    w->failed(w->user, flow->client, id, &f);
  }
}

/* ---- looking things up ---- */

/* Most packets have the CID, and the tuple, of the one before. */
ho_flow_cid *ho_flow_find_cid(ho_flow *flow, ho_side issuer,
                              const ho_cid *cid) {
  ho_flow_end *end = &flow->ends[issuer];
  size_t i = end->cid_at;

  if (i < end->cids_count && ho_cid_eq(&end->cids[i].cid, cid)) {
    return &end->cids[i];
  }
  i = ho_index_last(&end->by_cid, ho_index_cid(cid));
  while (i != HO_INDEX_NONE && !ho_cid_eq(&end->cids[i].cid, cid)) {
    i = ho_index_before(&end->by_cid, i);
  }
  if (i == HO_INDEX_NONE) {
    return NULL;
  }
  end->cid_at = i;
  return &end->cids[i];
}

ho_flow_cid *ho_flow_find_sequence(ho_flow *flow, ho_side issuer,
                                   uint64_t sequence) {
  ho_flow_end *end = &flow->ends[issuer];
  size_t i = ho_index_last(&end->by_sequence, ho_index_number(sequence));

  while (i != HO_INDEX_NONE && end->cids[i].sequence != sequence) {
    i = ho_index_before(&end->by_sequence, i);
  }
  return i == HO_INDEX_NONE ? NULL : &end->cids[i];
}

ho_flow_path *ho_flow_find_path(ho_flow *flow, ho_side of,
                                const ho_tuple *tuple) {
  ho_flow_end *end = &flow->ends[of];
  size_t i = end->path_at;

  if (i < end->paths_count && ho_tuple_eq(&end->paths[i].tuple, tuple)) {
    return &end->paths[i];
  }
  i = ho_index_last(&end->by_tuple, ho_tuple_hash(tuple));
  while (i != HO_INDEX_NONE && !ho_tuple_eq(&end->paths[i].tuple, tuple)) {
    i = ho_index_before(&end->by_tuple, i);
  }
  if (i == HO_INDEX_NONE) {
    return NULL;
  }
  end->path_at = i;
  return &end->paths[i];
}

ho_flow_challenge *ho_flow_find_challenge(ho_flow *flow, ho_side sender,
                                          uint64_t data) {
  ho_flow_end *end = &flow->ends[sender];
  size_t i = ho_index_last(&end->by_data, ho_index_number(data));

  while (i != HO_INDEX_NONE && end->challenges[i].data != data) {
    i = ho_index_before(&end->by_data, i);
  }
  return i == HO_INDEX_NONE ? NULL : &end->challenges[i];
}

const ho_flow_path *ho_flow_next_path(const ho_flow *flow, ho_side of,
                                      const ho_endpoint *client,
                                      const ho_flow_path *after) {
  const ho_flow_end *end = &flow->ends[of];
  size_t i =
      after ? ho_index_before(&end->by_client, (size_t)(after - end->paths))
            : ho_index_last(&end->by_client, ho_index_endpoint(client));

  while (i != HO_INDEX_NONE &&
         !ho_endpoint_eq(&end->paths[i].tuple.client, client)) {
    i = ho_index_before(&end->by_client, i);
  }
  return i == HO_INDEX_NONE ? NULL : &end->paths[i];
}

const ho_flow_challenge *
ho_flow_next_challenge(const ho_flow *flow, ho_side sender,
                       const ho_endpoint *client,
                       const ho_flow_challenge *after) {
  const ho_flow_end *end = &flow->ends[sender];
  size_t i = after ? ho_index_before(&end->by_target,
                                     (size_t)(after - end->challenges))
                   : ho_index_last(&end->by_target, ho_index_endpoint(client));

  while (i != HO_INDEX_NONE &&
         !ho_endpoint_eq(&end->challenges[i].tuple.client, client)) {
    i = ho_index_before(&end->by_target, i);
  }
  return i == HO_INDEX_NONE ? NULL : &end->challenges[i];
}

ho_time ho_flow_pto(const ho_flow *flow, ho_side of) {
  const ho_flow_end *end = &flow->ends[of];
  const ho_wire_params *peer = flow->ends[ho_other(of)].params;
  uint64_t delay_ms = peer ? peer->max_ack_delay_ms : 25;

  if (end->srtt == 0) {
    return HO_INITIAL_PTO;
  }
  return end->srtt + delay_ms * HO_MSEC;
}

ho_time ho_flow_patience(const ho_flow *flow, ho_side side) {
  ho_time patience = 3 * ho_flow_pto(flow, side);

  return patience < HO_SEC ? HO_SEC : patience;
}

/* RFC 9000, A.3. */
static uint64_t expand(uint64_t expected, uint64_t pn, uint64_t window) {
  uint64_t candidate = (expected & ~(window - 1)) | (pn & (window - 1));

  if (candidate + window / 2 <= expected) {
    return candidate + window;
  }
  return candidate > expected + window / 2 && candidate >= window
             ? candidate - window
             : candidate;
}

bool ho_flow_recovers(const ho_flow *flow, ho_side side,
                      const ho_wire_packet *p) {
  uint64_t largest = flow->ends[side].largest_received[ho_flow_space(p)];
  uint64_t expected = largest == UINT64_MAX ? 0 : largest + 1;

  return p->pn_len == 0 ||
         expand(expected, p->pn, UINT64_C(1) << 8 * p->pn_len) == p->pn;
}

bool ho_flow_belongs(const ho_flow *flow, const ho_sighting *s,
                     const ho_wire_packet *p) {
  const ho_flow_end *server = &flow->ends[HO_SERVER];

  return s->from == HO_SERVER || p->header.type != HO_WIRE_1RTT ||
         p->header.dcid.len > 0 || server->t_confirmed == HO_NEVER ||
         ho_endpoint_eq(&s->tuple.client, &server->confirmed.client);
}

bool ho_flow_outdated(const ho_flow *flow, ho_side side,
                      const ho_wire_packet *p) {
  const ho_flow_end *end = &flow->ends[side];

  return p->key_phase != end->key_phase && p->pn < end->pn_keys;
}

int ho_flow_space(const ho_wire_packet *p) {
  switch (p->header.type) {
  case HO_WIRE_INITIAL:
    return 0;
  case HO_WIRE_HANDSHAKE:
    return 1;
  default:
    return 2;
  }
}

/* ---- a flow's life ---- */

static void init_end(ho_flow_end *end) {
  end->t_confirmed = end->t_closed = end->t_reset = HO_NEVER;
  end->t_last_sent = end->t_last_received = HO_NEVER;
  for (int i = 0; i < 3; i++) {
    end->largest_sent[i] = end->largest_received[i] = UINT64_MAX;
  }
}

ho_flow *ho_flow_new(const ho_scenario *scenario, const ho_arm *arm, int client,
                     uint64_t connection, ho_finding *findings) {
  ho_flow *flow = ho_alloc(sizeof(*flow));

  *flow = (ho_flow){.client = client,
                    .connection = connection,
                    .scenario = scenario,
                    .arm = arm,
                    .findings = findings,
                    .decoder = ho_decoder_new(),
                    .t_told = HO_NEVER,
                    .t_changed = HO_NEVER,
                    .change = ""};
  ho_decoder_keep(flow->decoder); /* of what comes after, heir.c */
  init_end(&flow->ends[HO_CLIENT]);
  init_end(&flow->ends[HO_SERVER]);
  flow->states = ho_alloc_array(MODULES, sizeof(void *));
  for (size_t i = 0; i < MODULES; i++) {
    flow->states[i] = ho_alloc(modules[i]->state_size + 1);
  }
  return flow;
}

static void free_end(ho_flow_end *end) {
  free(end->cids);
  ho_index_free(&end->by_cid);
  ho_index_free(&end->by_sequence);
  free(end->paths);
  ho_index_free(&end->by_tuple);
  ho_index_free(&end->by_client);
  free(end->challenges);
  ho_index_free(&end->by_data);
  ho_index_free(&end->by_target);
}

void ho_flow_del(ho_flow *flow) {
  if (!flow) {
    return;
  }
  for (size_t i = 0; i < MODULES; i++) {
    if (modules[i]->free) {
      modules[i]->free(flow->states[i]);
    }
    free(flow->states[i]);
  }
  free_end(&flow->ends[HO_CLIENT]);
  free_end(&flow->ends[HO_SERVER]);
  ho_flow_del(flow->heir);
  ho_flow_del(flow->forebear);
  free(flow->spare);
  free(flow->states);
  ho_decoder_del(flow->decoder);
  free(flow);
}

void ho_flow_judge(ho_flow *flow, const ho_sighting *s) {
  for (size_t i = 0; i < MODULES; i++) {
    if (modules[i]->datagram) {
      modules[i]->datagram(flow, flow->states[i], s);
    }
  }
}

/* What the log knows and packets do not show. */
static void learn_event(ho_flow *flow, const ho_event *event) {
  ho_flow_end *end;

  switch (event->kind) {
  case HO_EV_handoff:
    flow->change = event->u.handoff.kind;
    flow->t_changed = event->t;
    /* What the application asks for itself, it knows. */
    flow->told = strcmp(flow->change, "migrate") == 0 ||
                 strcmp(flow->change, "rotate") == 0;
    flow->t_told = flow->told ? event->t : HO_NEVER;
    break;
  case HO_EV_notice:
    /* An application that gives up tells its connection nothing. */
    if (strcmp(event->u.notice.cause, "give-up") != 0) {
      flow->told = true;
      flow->t_told = event->t;
    }
    break;
  case HO_EV_recovery:
    end = &flow->ends[event->u.recovery.endpoint];
    end->cwnd = event->u.recovery.cwnd;
    end->in_flight = event->u.recovery.in_flight;
    end->srtt = event->u.recovery.srtt;
    end->latest_rtt = event->u.recovery.latest_rtt;
    end->min_rtt = event->u.recovery.min_rtt;
    break;
  default:
    break;
  }
}

void ho_flow_left(ho_flow *flow, const ho_ev_quic_sent *sent) {
  if (sent->endpoint == HO_CLIENT) {
    flow->packet = sent->packet;
    flow->source = sent->tuple.client;
  }
}

void ho_flow_event(ho_flow *flow, const ho_event *event) {
  learn_event(flow, event);
  for (size_t i = 0; i < MODULES; i++) {
    if (modules[i]->event) {
      modules[i]->event(flow, flow->states[i], event);
    }
  }
}

void ho_flow_finish(ho_flow *flow, ho_time now) {
  for (size_t i = 0; i < MODULES; i++) {
    if (modules[i]->finish) {
      modules[i]->finish(flow, flow->states[i], now);
    }
  }
}
