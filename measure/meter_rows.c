/* The rows of handoffs.csv. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "measure/meter_state.h"
#include "measure/row.h"

void ho_meter_row(const ho_meter_config *config, ho_csv *csv) {
  ho_row_begin(csv, config->scenario, config->arm, config->seed);
}

const char *ho_meter_net_name(const ho_meter *m, int net) {
  if (net < 0 || (size_t)net >= m->config.scenario->nets_count) {
    return "";
  }
  return m->config.scenario->nets[net].name;
}

static const ho_arm *arm_of(const ho_meter *m) {
  return &m->config.scenario->arms[m->config.arm];
}

/* ---- fields with two ways of being absent ---- */

/* instant writes |t|; one that has not come does not apply where |expected| is
 * false. */
static void instant(ho_csv *csv, ho_time t, bool expected) {
  if (t != HO_NEVER) {
    ho_csv_s(csv, t);
  } else if (expected) {
    ho_csv_na(csv);
  } else {
    ho_csv_empty(csv);
  }
}

static void difference(ho_csv *csv, ho_time to, ho_time from, bool expected) {
  if (to != HO_NEVER && from != HO_NEVER) {
    ho_csv_ms(csv, (int64_t)(to - from));
  } else if (expected) {
    ho_csv_na(csv);
  } else {
    ho_csv_empty(csv);
  }
}

static void count(ho_csv *csv, bool applies, uint64_t value) {
  if (applies) {
    ho_csv_u64(csv, value);
  } else {
    ho_csv_empty(csv);
  }
}

/* ---- what applies to a handoff ---- */

typedef struct {
  const ho_meter *m;
  const ho_meter_client *c;
  const ho_meter_handoff *h;
  bool quic;      /* the connection it began with is QUIC */
  bool reconnect; /* a new connection was made, or is the arm's way */
  bool outside;   /* the NAT's doing, of which nobody is told */
  bool breaks;    /* one network is left for another */
  bool moved;     /* something had to move */
  const ho_meter_pv *pv;
  ho_time t_validated;
} row;

static bool is_told(const row *r) {
  const ho_arm *arm = arm_of(r->m);
  bool never = r->m->config.scenario->client_notice == HO_NEVER &&
               arm->detect == HO_DETECT_NOTICE;

  if (r->outside || ho_meter_is_x2(r->h)) {
    return false;
  }
  if (arm->on_change == HO_CHANGE_NONE && arm->detect == HO_DETECT_NOTICE) {
    return false;
  }
  return !never || strcmp(r->h->kind, "migrate") == 0 ||
         strcmp(r->h->kind, "rotate") == 0;
}

static row row_of(const ho_meter *m, const ho_meter_client *c,
                  const ho_meter_handoff *h) {
  const ho_arm *arm = arm_of(m);
  const char *outcome = ho_meter_outcome(m, c, h);
  row r = {.m = m, .c = c, .h = h, .t_validated = HO_NEVER};

  r.quic = arm->transport == HO_TRANSPORT_QUIC;
  if (h->connection >= 0) {
    r.quic = !c->conns[h->connection].tcp;
  }
  r.reconnect = h->new_connection >= 0 || !r.quic ||
                (arm->on_change == HO_CHANGE_RECONNECT && h->new_tuple < 0);
  r.outside =
      strncmp(h->kind, "rebind", 6) == 0 || strncmp(h->kind, "nat-", 4) == 0;
  r.breaks = !r.outside && !ho_meter_is_x2(h) &&
             strcmp(h->kind, "migrate") != 0 && strcmp(h->kind, "rotate") != 0;
  r.moved = outcome == NULL || strcmp(outcome, "unaffected") != 0;
  r.pv = ho_meter_pv_last(h);
  if (h->new_connection >= 0) {
    r.t_validated = h->t_connected;
  } else if (r.pv != NULL) {
    r.t_validated = r.pv->t_response;
  }
  return r;
}

/* A tuple that the server validated on an earlier visit needs no challenge. */
static bool is_validation_due(const row *r) {
  const ho_meter_handoff *h = r->h;

  if (!r->moved) {
    return false;
  }
  return h->pv[0].challenges + h->pv[1].challenges > 0 || r->reconnect ||
         h->new_tuple < 0 || !r->c->tuples[h->new_tuple].validated;
}

/* ---- groups of columns ---- */

static void write_instants(ho_csv *csv, const row *r) {
  const ho_meter_handoff *h = r->h;
  bool due = is_validation_due(r);
  ho_time t_mtu = HO_NEVER;
  bool undersized = false;

  for (int side = 0; side < 2; side++) {
    undersized = undersized || h->pv[side].undersized;
    if (h->pv[side].t_mtu != HO_NEVER &&
        (t_mtu == HO_NEVER || h->pv[side].t_mtu > t_mtu)) {
      t_mtu = h->pv[side].t_mtu;
    }
  }
  ho_csv_s(csv, h->t_loss);
  instant(csv, h->t_up, true);
  instant(csv, h->t_notice, is_told(r));
  instant(csv, h->t_first_tx, r->moved);
  instant(csv, h->t_first_rx, r->moved);
  instant(csv, r->pv != NULL ? r->pv->t_challenge : HO_NEVER,
          due && !r->reconnect);
  instant(csv, r->t_validated, due);
  instant(csv, t_mtu, undersized);
  instant(csv, h->t_first_byte, r->moved && h->due);
}

/* write_gap: a command leaves the old network working until it goes down; a
 * NAT's doing, and a client's own move, have no gap. */
static void write_gap(ho_csv *csv, const row *r) {
  const ho_meter_handoff *h = r->h;
  ho_time end = h->t_old_down < h->t_end ? h->t_old_down : h->t_end;
  ho_time start = ho_meter_start(h);

  if (!r->breaks && !ho_meter_is_x2(h)) {
    ho_csv_empty(csv);
  } else if (strcmp(h->kind, "switch") == 0) {
    ho_csv_ms(csv,
              end > start ? -(int64_t)(end - start) : (int64_t)(start - end));
  } else {
    ho_csv_ms(csv, (int64_t)(start - h->t_loss));
  }
}

static void write_delays(ho_csv *csv, const row *r) {
  const ho_meter_handoff *h = r->h;

  write_gap(csv, r);
  difference(csv, h->t_notice, h->t_loss, is_told(r));
  difference(csv, r->t_validated, h->t_first_tx, is_validation_due(r));
  difference(csv, h->t_first_byte, ho_meter_start(h), r->moved && h->due);
}

static void write_interruption(ho_csv *csv, const row *r) {
  const ho_meter_handoff *h = r->h;

  ho_time interruption;

  switch (ho_meter_interruption(r->c, h, &interruption)) {
  case HO_METER_EMPTY:
    ho_csv_empty(csv);
    ho_csv_empty(csv);
    return;
  case HO_METER_NA:
    ho_csv_na(csv);
    ho_csv_na(csv);
    return;
  case HO_METER_VALUE:
    break;
  }
  ho_csv_ms(csv, (int64_t)interruption);
  if (h->has_median) {
    ho_csv_ms(csv, (int64_t)interruption - (int64_t)h->median);
  } else {
    ho_csv_empty(csv);
  }
}

static void write_pv(ho_csv *csv, const row *r) {
  const ho_meter_handoff *h = r->h;
  const ho_meter_pv *pv = h->pv;
  bool any = pv[HO_CLIENT].challenges + pv[HO_SERVER].challenges > 0;
  uint64_t rounds = pv[0].rounds > pv[1].rounds ? pv[0].rounds : pv[1].rounds;
  ho_time rtt = ho_meter_min_rtt(r->m, h->to);

  if (r->pv != NULL && rtt > 0) {
    ho_csv_ratio(csv, r->pv->t_response - r->pv->t_challenge, rtt);
  } else if (r->pv == NULL && is_validation_due(r) && !r->reconnect) {
    ho_csv_na(csv);
  } else {
    ho_csv_empty(csv);
  }
  count(csv, r->quic, rounds);
  count(csv, r->quic, pv[HO_CLIENT].challenges);
  count(csv, r->quic, pv[HO_SERVER].challenges);
  count(csv, r->quic, pv[HO_CLIENT].responses);
  count(csv, r->quic, pv[HO_SERVER].responses);
  count(csv, r->quic, h->undersized);
  count(csv, r->quic, h->old_path_challenges);
  if (r->pv != NULL) {
    ho_csv_text(csv, "success");
  } else if (h->pv_failed) {
    ho_csv_text(csv, "failure");
  } else if (h->pv_aborted) {
    ho_csv_text(csv, "aborted");
  } else if (any) {
    ho_csv_na(csv);
  } else {
    ho_csv_empty(csv);
  }
}

static void write_bytes(ho_csv *csv, const row *r) {
  const ho_meter_handoff *h = r->h;

  if (r->quic) {
    ho_csv_ms(csv, (int64_t)h->amp_ns);
  } else {
    ho_csv_empty(csv);
  }
  count(csv, h->has_before, h->inflight);
  ho_csv_u64(csv, h->lost);
  ho_csv_u64(csv, h->dropped);
  ho_csv_u64(csv, h->spurious);
}

static void write_recovery(ho_csv *csv, const row *r) {
  const ho_meter_handoff *h = r->h;
  ho_time bin = 200 * HO_MSEC;

  count(csv, h->has_before, h->cwnd_before);
  if (h->has_after) {
    ho_csv_u64(csv, h->cwnd_after);
  } else {
    instant(csv, HO_NEVER, r->moved);
  }
  if (h->has_srtt_before) {
    ho_csv_ms(csv, (int64_t)h->srtt_before);
  } else {
    ho_csv_empty(csv);
  }
  if (h->has_srtt_after) {
    ho_csv_ms(csv, (int64_t)h->srtt_after);
  } else {
    instant(csv, HO_NEVER, r->moved);
  }
  if (!r->c->bulk || !r->moved) {
    ho_csv_empty(csv);
    ho_csv_empty(csv);
  } else if (!h->bins.done) {
    ho_csv_na(csv);
    ho_csv_na(csv);
  } else {
    ho_csv_ms(csv, (int64_t)(h->bins.t90_index * bin));
    ho_csv_u64(csv, h->bins.deficit);
  }
}

static void write_phases(ho_csv *csv, const row *r) {
  int to = r->h->to;
  ho_meter_phases p = {.h = r->h,
                       .breaks = r->breaks,
                       .is_radio = to >= 0 && ho_net_is_radio(&r->m->nets[to]),
                       .told = is_told(r),
                       .moved = r->moved,
                       .due = r->h->due,
                       .validation_due = is_validation_due(r),
                       .t_validated = r->t_validated};

  ho_meter_write_phases(csv, &p);
}

static void write_handoff(const ho_meter *m, ho_csv *csv,
                          const ho_meter_client *c, size_t n) {
  const ho_meter_handoff *h = &c->handoffs[n];
  const char *outcome = ho_meter_outcome(m, c, h);
  row r = row_of(m, c, h);
  ho_time window = r.quic ? ho_meter_link_window(c, n) : HO_NEVER;

  ho_meter_row(&m->config, csv);
  ho_csv_u64(csv, (uint64_t)c->index);
  ho_csv_u64(csv, n);
  ho_csv_text(csv, h->kind);
  ho_csv_text(csv, ho_meter_net_name(m, h->from));
  ho_csv_text(csv, ho_meter_net_name(m, h->to));
  write_instants(csv, &r);
  write_delays(csv, &r);
  write_interruption(csv, &r);
  write_pv(csv, &r);
  write_bytes(csv, &r);
  write_recovery(csv, &r);
  for (int side = 0; side < 2; side++) {
    int reused = ho_meter_cid_reused(c, n, (ho_side)side);

    count(csv, r.quic && reused >= 0, reused > 0);
  }
  ho_csv_text(csv, outcome != NULL ? outcome : "NA");
  ho_csv_u64(csv, h->resent);
  write_phases(csv, &r);
  difference(csv, window, 0, false);
  ho_csv_end(csv);
}

void ho_meter_write_handoffs(ho_meter *m, ho_csv *csv) {
  for (size_t i = 0; i < m->clients_count; i++) {
    for (size_t n = 0; n < m->clients[i].handoffs_count; n++) {
      write_handoff(m, csv, &m->clients[i], n);
    }
  }
}

static const ho_tuple *tuple_of(const ho_meter_client *c, int tuple) {
  return tuple >= 0 ? &c->tuples[tuple].tuple : NULL;
}

void ho_meter_moves(const ho_meter *meter,
                    void (*fn)(void *user, const ho_meter_move *move),
                    void *user) {
  for (size_t i = 0; i < meter->clients_count; i++) {
    const ho_meter_client *c = &meter->clients[i];

    for (size_t n = 0; n < c->handoffs_count; n++) {
      const ho_meter_handoff *h = &c->handoffs[n];
      ho_meter_move move = {.client = c->index,
                            .handoff = n,
                            .t_loss = h->t_loss,
                            .from = tuple_of(c, h->old_tuple),
                            .to = tuple_of(c, h->new_tuple)};
      fn(user, &move);
    }
  }
}
