/* Oracles: which runs have gone wrong, and why the others have not. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/checks/check.h"
#include "search/delivery.h"
#include "search/signature.h"
#include "search/watch.h"
#include "sim/base/alloc.h"
#include "stack/world.h"

/* Failures of checks at one moment. */
enum { PENDING_MAX = 2 * HO_CHECK_COUNT };

typedef struct {
  ho_check_id id;
  ho_finding finding;
} pending;

/* One client's. */
typedef struct {
  const ho_scenario *scenario;
  int client;
  const ho_oracle_config *config;
  ho_trial *trial;
  ho_watch *watch;
  ho_delivery *delivery;
  bool lost_state;              /* the server has forgotten a connection */
  pending pending[PENDING_MAX]; /* what was going on then is not known before
                                   that moment is over */
  size_t pending_count;
} court;

static const char *const sides[] = {
    [HO_CLIENT] = "client", [HO_SERVER] = "server"};

bool ho_oracle_forgives(const char *reason, int64_t error) {
  /* The last: an Initial that begins nothing, such as what is left of a
   * handshake after a restart, or one that came again (RFC 9000, 5.2.2). */
  static const char *const forgiven[] = {"closed", "closed by peer",
                                         "idle timeout", "handshake timeout",
                                         "ERR_DROP_CONN"};

  for (size_t i = 0; i < sizeof(forgiven) / sizeof(forgiven[0]); i++) {
    if (!strcmp(reason, forgiven[i])) {
      return true;
    }
  }
  return error == 0;
}

static void fail(court *c, const char *oracle, const char *what,
                 const char *who, ho_time t, const char *detail) {
  ho_trial_fail(c->trial, oracle, what, who, ho_watch_phase(c->watch, t), t,
                detail);
}

/* ---- while it runs ---- */

/* A reset is how a server that has no state answers; one that should have some
 * has lost a connection by itself. */
static void on_closed(court *c, const ho_event *e) {
  const ho_ev_connection_closed *closed = &e->u.connection_closed;
  const char *who = sides[closed->endpoint];
  char detail[200];

  snprintf(detail, sizeof(detail), "the %s ended connection %d: %s", who,
           (int)closed->connection, closed->reason);
  if (!strcmp(closed->reason, "stateless reset")) {
    if (!c->lost_state) {
      fail(c, "reset", "stateless-reset", who, e->t, detail);
    }
  } else if (!ho_oracle_forgives(closed->reason, closed->error)) {
    fail(c, "closed", closed->reason, who, e->t, detail);
  }
  c->lost_state |= closed->endpoint == HO_SERVER &&
                   strcmp(closed->reason, "ERR_DROP_CONN") != 0;
}

static void on_wrong(court *c, const ho_event *e) {
  const ho_ev_byte_wrong *wrong = &e->u.byte_wrong;
  char detail[200];

  snprintf(detail, sizeof(detail), "request %d: %s at byte %llu",
           (int)wrong->request, wrong->reason,
           (unsigned long long)wrong->offset);
  fail(c, "bytes", wrong->reason, sides[wrong->endpoint], e->t, detail);
}

/* ---- checks: what is legitimate they know by themselves ---- */

static bool counts(const court *c, ho_check_level level) {
  return level == HO_MUST || (level == HO_SHOULD && c->config->should);
}

static void settle(court *c, ho_time now) {
  size_t kept = 0;

  for (size_t i = 0; i < c->pending_count; i++) {
    const pending *p = &c->pending[i];
    const ho_finding *f = &p->finding;
    if (f->t < now) {
      fail(c, "check", ho_check_table()[p->id].id, sides[f->endpoint], f->t,
           f->detail);
    } else {
      c->pending[kept++] = *p;
    }
  }
  c->pending_count = kept;
}

static bool is_pending(const court *c, ho_check_id id, const ho_finding *f) {
  bool is = false;

  for (size_t i = 0; i < c->pending_count; i++) {
    const pending *p = &c->pending[i];
    is |= p->id == id && p->finding.endpoint == f->endpoint &&
          p->finding.t == f->t;
  }
  return is;
}

static void on_failed(void *user, int client, ho_check_id id,
                      const ho_finding *f) {
  court *c = (court *)user + client;

  if (counts(c, ho_check_table()[id].level) && !is_pending(c, id, f) &&
      c->pending_count < PENDING_MAX) {
    c->pending[c->pending_count++] = (pending){id, *f};
  }
}

/* ---- all ---- */

/* Another client's events, and what the timeline does to others alone. */
static bool is_foreign(const court *c, const ho_event *e) {
  if (e->kind == HO_EV_action) {
    return !ho_scenario_concerns(c->scenario,
                                 &c->scenario->timeline[e->u.action.entry],
                                 (size_t)c->client);
  }
  return e->client >= 0 && e->client != c->client;
}

static void on_event(void *user, const ho_event *e) {
  court *c = user;

  settle(c, e->t);
  if (is_foreign(c, e)) {
    return;
  }
  ho_watch_event(c->watch, e);
  ho_delivery_event(c->delivery, e);
  switch ((int)e->kind) {
  case HO_EV_connection_closed:
    on_closed(c, e);
    break;
  case HO_EV_byte_wrong:
    on_wrong(c, e);
    break;
  case HO_EV_action:
    c->lost_state |=
        c->scenario->timeline[e->u.action.entry].kind == HO_ACT_RESTART;
    break;
  case HO_EV_run_ended:
    if (!strcmp(e->u.run_ended.reason, "nothing scheduled") &&
        ho_delivery_has_network(c->delivery)) {
      fail(c, "stuck", "nothing-scheduled", "-", e->t,
           "work is left and nothing is scheduled");
    }
    break;
  }
}

/* ---- when it is over ---- */

static void judge_stall(court *c) {
  const ho_stall *stall = ho_delivery_stall(c->delivery);
  char detail[200];

  if (stall) {
    snprintf(detail, sizeof(detail),
             "nothing arrived for %.3f s from %.3f s on, though a path worked; "
             "the %s: %s",
             (double)(stall->t - stall->since) / (double)HO_SEC,
             (double)stall->since / (double)HO_SEC, sides[stall->who],
             stall->what);
    fail(c, "stall", stall->what, sides[stall->who], stall->t, detail);
  }
}

static court convene(const ho_scenario *sc, int client,
                     const ho_oracle_config *config, ho_trial *trial) {
  return (court){.scenario = sc,
                 .client = client,
                 .config = config,
                 .trial = trial,
                 .watch = ho_watch_new(sc, trial),
                 .delivery = ho_delivery_new(sc, config->gap)};
}

static void hold(court *courts, const ho_scenario *sc) {
  ho_log *log = ho_log_new();
  ho_checks *checks = ho_checks_new(sc, 0, log);
  ho_sink sink = ho_checks_sink(checks);
  ho_sinks sinks = {&sink, 1};
  ho_checks_watcher watcher = {on_failed, courts};

  ho_checks_watch(checks, &watcher);
  for (size_t i = 0; i < sc->clients; i++) {
    ho_log_subscribe(log, on_event, &courts[i]);
  }
  ho_world_run(sc, 0, sc->seed, log, &sinks);
  ho_checks_finish(checks, courts[0].trial->end);
  for (size_t i = 0; i < sc->clients; i++) {
    judge_stall(&courts[i]);
    settle(&courts[i], HO_NEVER);
  }
  ho_checks_del(checks);
  ho_log_del(log);
}

static void try(const ho_scenario *sc, const ho_oracle_config *config,
                ho_trial *trial) {
  court *courts = ho_alloc_array(sc->clients, sizeof(*courts));

  for (size_t i = 0; i < sc->clients; i++) {
    courts[i] = convene(sc, (int)i, config, trial);
  }
  hold(courts, sc);
  for (size_t i = 0; i < sc->clients; i++) {
    ho_delivery_del(courts[i].delivery);
    ho_watch_del(courts[i].watch);
  }
  free(courts);
}

static void refuse(ho_trial *trial, const ho_diag *diag) {
  trial->refused = true;
  snprintf(trial->error, sizeof(trial->error), "%s",
           diag->count > 0 ? diag->messages[0] : "");
}

void ho_oracle_run(const ho_source *source, const ho_oracle_config *config,
                   ho_trial *trial) {
  ho_diag diag = {0};
  ho_scenario *scenario;

  if (ho_scenario_load(source, NULL, 0, 0, &scenario, &diag) != 0) {
    refuse(trial, &diag);
  } else {
    try(scenario, config, trial);
    ho_scenario_del(scenario);
  }
  ho_diag_free(&diag);
  trial->whole = true;
}
