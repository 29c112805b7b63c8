/* The row of runs.csv. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "measure/meter_state.h"
#include "sim/base/alloc.h"

/* Worst first (INTERFACE). */
static const char *const OUTCOMES[] = {"crashed",    "timeout",  "conn-failed",
                                       "app-failed", "fallback", "reconnected",
                                       "migrated",   "completed"};
enum {
  CONN_FAILED = 2,
  APP_FAILED = 3,
  FALLBACK = 4,
  RECONNECTED = 5,
  COMPLETED = sizeof(OUTCOMES) / sizeof(OUTCOMES[0]) - 1
};

static int rank(const char *outcome) {
  for (int i = 0; outcome != NULL && i < COMPLETED; i++) {
    if (strcmp(outcome, OUTCOMES[i]) == 0) {
      return i;
    }
  }
  return COMPLETED; /* unaffected, and what was not decided */
}

typedef struct {
  int rank;
  char *reason; /* owned, or NULL */
} verdict;

static void worsen(verdict *v, int to, char *reason) {
  if (to < v->rank || (to == v->rank && v->reason == NULL)) {
    free(v->reason);
    v->reason = reason;
    v->rank = to;
  } else {
    free(reason);
  }
}

/* A client without any connection that works, and with work left. */
static bool is_cut_off(const ho_meter_client *c) {
  const ho_meter_connection *conn;

  if (c->connection < 0) {
    return false;
  }
  conn = &c->conns[c->connection];
  return conn->t_done == HO_NEVER || conn->failed;
}

/* Endless work goes on until the stop; to be idle is no work. */
static bool is_work_left(const ho_meter *m, const ho_meter_client *c) {
  if (c->endless) {
    return c->work->type != HO_WORK_IDLE && m->now < m->config.scenario->stop;
  }
  return !c->work_done;
}

/* A connection that was lost and replaced where no network changed. */
static void judge_connections(const ho_meter *m, const ho_meter_client *c,
                              verdict *v) {
  size_t made = 0;

  if (m->race) {
    /* A race that was lost is not a connection that was. */
    if (c->worked >= 0 && c->conns[c->worked].tcp) {
      worsen(v, FALLBACK, NULL);
    } else if (c->moves > 0) {
      worsen(v, RECONNECTED, NULL);
    }
    return;
  }
  for (size_t i = 0; i < c->conns_count; i++) {
    made += c->conns[i].t_done != HO_NEVER;
  }
  if (made > 1) {
    worsen(v, RECONNECTED, NULL);
  }
}

static void judge_handoffs(const ho_meter *m, const ho_meter_client *c,
                           verdict *v) {
  for (size_t i = 0; i < c->handoffs_count; i++) {
    const char *outcome = ho_meter_outcome(m, c, &c->handoffs[i]);
    int r = rank(outcome);

    worsen(v, r,
           r > APP_FAILED
               ? NULL
               : ho_format("client %d handoff %zu: %s", c->index, i,
                           r == CONN_FAILED
                               ? "the connection was lost and not replaced"
                               : "the application got nothing afterwards"));
  }
}

/* A radio that had nothing to associate with.  Returns false where the client
 * had some other network after all. */
static bool judge_reach(const ho_meter *m, const ho_meter_client *c,
                        verdict *v) {
  if (c->out_of_reach < 0 || c->handshakes > 0) {
    return false;
  }
  worsen(v, CONN_FAILED,
         ho_format("network '%s' was out of reach: client %d never associated",
                   ho_meter_net_name(m, c->out_of_reach), c->index));
  return true;
}

static char *words_of_call(const ho_meter_client *c, const char *end) {
  return ho_format("%s: client %d had no frame in time %s in the second before "
                   "the last",
                   end, c->index, c->dead == HO_CLIENT ? "down" : "up");
}

/* A call without a single frame never began. */
static bool is_silent(const ho_meter_client *c) {
  return c->call && c->issued == 0;
}

/* What the application lacks says more than which handoff it was. */
static void judge_client(const ho_meter *m, const ho_meter_client *c,
                         verdict *v) {
  uint64_t missing = c->missing;
  const char *end = m->end_reason == NULL ? "the run broke off" : m->end_reason;

  if (judge_reach(m, c, v)) {
    return;
  }
  if (c->dead >= 0) {
    worsen(v, is_cut_off(c) ? CONN_FAILED : APP_FAILED, words_of_call(c, end));
  } else if (missing > 0) {
    worsen(v, is_cut_off(c) ? CONN_FAILED : APP_FAILED,
           ho_format("%s: client %d had %" PRIu64 " of %" PRIu64
                     " requests unanswered",
                     end, c->index, missing, c->issued));
  } else if (is_work_left(m, c) || is_silent(c)) {
    worsen(v, is_cut_off(c) ? CONN_FAILED : APP_FAILED,
           ho_format("%s: client %d had work left", end, c->index));
  }
  judge_handoffs(m, c, v);
  judge_connections(m, c, v);
}

static verdict judge(const ho_meter *m) {
  verdict v = {COMPLETED, NULL};

  if (m->clients_count == 0) {
    worsen(&v, APP_FAILED, ho_strdup("nothing happened"));
  }
  for (size_t i = 0; i < m->clients_count; i++) {
    judge_client(m, &m->clients[i], &v);
  }
  if (m->wrong != NULL) {
    worsen(&v, APP_FAILED, ho_strdup(m->wrong));
  }
  return v;
}

/* ---- sums over clients ---- */

typedef struct {
  uint64_t bytes, handshakes, handoffs, requests, missed, up, down, lost,
      resent, state, connections;
  ho_meter_stalls stalls;
  ho_meter_works works;
  bool done, tcp;        /* done: with all that has an end */
  ho_time fct, fallback; /* fallback: HO_NEVER for none */
} totals;

static void add_connections(const ho_meter_client *c, totals *t) {
  for (size_t k = 0; k < c->conns_count; k++) {
    t->connections += c->conns[k].started;
    if (c->conns[k].state_bytes > t->state) {
      t->state = c->conns[k].state_bytes;
    }
  }
  if (c->fallback != HO_NEVER &&
      (t->fallback == HO_NEVER || c->fallback > t->fallback)) {
    t->fallback = c->fallback;
  }
}

static void add_stalls(const ho_meter *m, const ho_meter_client *c, totals *t) {
  if (c->call) {
    ho_meter_stalls stalls = ho_meter_client_stalls(m, c);

    t->stalls.count += stalls.count;
    t->stalls.total += stalls.total;
  }
}

static totals sum(const ho_meter *m) {
  totals t = {.works = ho_meter_all_work(m),
              .done = m->clients_count > 0,
              .fallback = HO_NEVER};

  for (size_t i = 0; i < m->clients_count; i++) {
    const ho_meter_client *c = &m->clients[i];

    t.bytes += c->delivered_bytes;
    t.handshakes += c->handshakes;
    t.handoffs += c->handoffs_count;
    t.requests += c->issued;
    t.missed += ho_meter_missed(m, c);
    t.up += c->datagrams_up;
    t.down += c->datagrams_down;
    t.lost += c->lost;
    t.resent += c->resent;
    t.done = t.done && (c->endless || c->work_done);
    if (c->work_done && c->t_work_done > t.fct) {
      t.fct = c->t_work_done;
    }
    add_connections(c, &t);
    add_stalls(m, c, &t);
  }
  t.tcp = m->config.scenario->arms[m->config.arm].transport == HO_TRANSPORT_TCP;
  return t;
}

static void write_fct(const ho_meter *m, ho_csv *csv, const totals *t) {
  ho_time over = m->now;

  if (!t->works.finite) {
    ho_csv_empty(csv);
  } else if (!t->done) {
    ho_csv_na(csv);
  } else {
    over = t->works.endless ? m->now : t->fct;
    ho_csv_s(csv, t->fct);
  }
  if (over == 0) {
    ho_csv_empty(csv);
  } else {
    /* Bits per microsecond are Mbit/s. */
    ho_csv_ratio(csv, t->bytes * 8 * 1000, over);
  }
}

static void write_interruption(const ho_meter *m, ho_csv *csv) {
  ho_time most = 0, one;
  bool any = false;

  for (size_t i = 0; i < m->clients_count; i++) {
    const ho_meter_client *c = &m->clients[i];

    for (size_t n = 0; n < c->handoffs_count; n++) {
      switch (ho_meter_interruption(c, &c->handoffs[n], &one)) {
      case HO_METER_NA:
        ho_csv_na(csv);
        return;
      case HO_METER_EMPTY:
        break;
      case HO_METER_VALUE:
        any = true;
        most = one > most ? one : most;
        break;
      }
    }
  }
  if (any) {
    ho_csv_ms(csv, (int64_t)most);
  } else {
    ho_csv_empty(csv);
  }
}

static void write_delay(const ho_meter *m, ho_csv *csv) {
  ho_time most = 0;
  bool any = false;

  for (size_t i = 0; i < m->clients_count; i++) {
    const ho_meter_client *c = &m->clients[i];

    if (c->missing > 0 && !c->call) {
      ho_csv_na(csv);
      return;
    }
    for (size_t n = 0; n < c->requests_count; n++) {
      const ho_meter_request *r = &c->requests[n];

      if (r->done) {
        any = true;
        most = r->t_last - r->t_issued > most ? r->t_last - r->t_issued : most;
      }
    }
  }
  if (any) {
    ho_csv_ms(csv, (int64_t)most);
  } else {
    ho_csv_empty(csv);
  }
}

static void write_cids(const ho_meter *m, ho_csv *csv, const totals *t) {
  for (int side = 0; side < 2; side++) {
    if (t->tcp) {
      ho_csv_empty(csv);
    } else {
      ho_csv_u64(csv, ho_meter_cids_used(m, (ho_side)side));
    }
  }
}

void ho_meter_write_run(ho_meter *m, ho_csv *csv) {
  totals t = sum(m);
  verdict v = judge(m);
  char digest[65];

  ho_meter_row(&m->config, csv);
  ho_csv_text(csv, OUTCOMES[v.rank]);
  ho_csv_text(csv, v.reason);
  ho_csv_u64(csv, t.bytes);
  write_fct(m, csv, &t);
  ho_csv_u64(csv, t.handshakes);
  ho_csv_u64(csv, t.handoffs);
  write_interruption(m, csv);
  ho_csv_u64(csv, t.requests);
  ho_csv_u64(csv, t.missed);
  write_delay(m, csv);
  ho_csv_u64(csv, t.up);
  ho_csv_u64(csv, t.down);
  ho_csv_u64(csv, t.lost);
  write_cids(m, csv, &t);
  if (m->checked) {
    ho_csv_u64(csv, m->checks_failed);
  } else {
    ho_csv_empty(csv);
  }
  if (t.tcp || t.state == 0) {
    ho_csv_empty(csv);
  } else {
    ho_csv_u64(csv, t.state);
  }
  ho_log_digest(m->log, digest);
  ho_csv_text(csv, digest);
  ho_csv_u64(csv, t.resent);
  if (t.fallback == HO_NEVER) {
    ho_csv_empty(csv);
  } else {
    ho_csv_ms(csv, (int64_t)t.fallback);
  }
  ho_csv_u64(csv, t.connections);
  if (t.works.call) {
    ho_csv_u64(csv, t.stalls.count);
    ho_csv_ms(csv, (int64_t)t.stalls.total);
  } else {
    ho_csv_empty(csv);
    ho_csv_empty(csv);
  }
  ho_csv_end(csv);
  free(v.reason);
}

void ho_meter_lost_row(FILE *out, const ho_meter_config *config,
                       const char *outcome, const char *reason) {
  const ho_table *table = ho_table_find("runs.csv");
  ho_csv csv;

  ho_csv_init(&csv, out);
  ho_meter_row(config, &csv);
  ho_csv_text(&csv, outcome);
  ho_csv_text(&csv, reason);
  for (size_t i = 5; i < table->count; i++) {
    ho_csv_na(&csv);
  }
  ho_csv_end(&csv);
}
