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
#include "stack/world.h"

enum { DROPS_MAX = 64, HELD_MAX = 256 };

typedef struct {
  const ho_scenario *scenario;
  const ho_oracle_config *config;
  ho_trial *trial;
  ho_watch *watch;
  ho_delivery *delivery;
  bool lost_state; /* the server has forgotten a connection */
  bool untold;     /* the client has come to another network and not heard */
  ho_time adrift;  /* when it moved on its own, after that; HO_NEVER */
  ho_time stranded[DROPS_MAX]; /* when the client had no way to send, each
                                  tenth of a second once */
  size_t stranded_count;
  uint64_t held[HELD_MAX]; /* packets that a rule has held back */
  size_t held_count;
} court;

static const char *const sides[] = {
    [HO_CLIENT] = "client", [HO_SERVER] = "server"};

bool ho_oracle_forgives(const char *reason, int64_t error) {
  static const char *const forgiven[] = {"closed", "closed by peer",
                                         "idle timeout", "handshake timeout"};

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
  c->lost_state |= closed->endpoint == HO_SERVER;
}

static void on_wrong(court *c, const ho_event *e) {
  const ho_ev_byte_wrong *wrong = &e->u.byte_wrong;
  char detail[200];

  snprintf(detail, sizeof(detail), "request %d: %s at byte %llu",
           (int)wrong->request, wrong->reason,
           (unsigned long long)wrong->offset);
  fail(c, "bytes", wrong->reason, sides[wrong->endpoint], e->t, detail);
}

/* The checks know what a client was told last, not what one that was never told
 * takes for its address when it then asks for another. */
static bool tells(const ho_scenario *sc) {
  return sc->arms[0].on_change != HO_CHANGE_NONE &&
         sc->client_notice != HO_NEVER;
}

static void on_handoff(court *c, const ho_event *e) {
  const ho_ev_handoff *h = &e->u.handoff;
  bool own = !strcmp(h->kind, "migrate") || !strcmp(h->kind, "rotate");

  if (own && c->untold && c->adrift == HO_NEVER) {
    c->adrift = e->t;
  }
  c->untold |= !own && h->from != h->to && !tells(c->scenario);
}

static void on_dropped(court *c, const ho_event *e) {
  const ho_ev_packet_dropped *p = &e->u.packet_dropped;
  size_t n = c->stranded_count;
  bool lost = !strcmp(p->reason, "no-route") || !strcmp(p->reason, "link-down");

  if (lost && !strcmp(p->direction, "up") && n < DROPS_MAX &&
      (n == 0 || e->t >= c->stranded[n - 1] + 100 * HO_MSEC)) {
    c->stranded[c->stranded_count++] = e->t;
  }
}

static void on_meddled(court *c, const ho_ev_meddled *m) {
  if (!strcmp(m->what, "rule-delay") && c->held_count < HELD_MAX) {
    c->held[c->held_count++] = m->packet;
  }
}

static void on_event(void *user, const ho_event *e) {
  court *c = user;

  ho_watch_event(c->watch, e);
  ho_delivery_event(c->delivery, e);
  switch ((int)e->kind) {
  case HO_EV_connection_closed:
    on_closed(c, e);
    break;
  case HO_EV_byte_wrong:
    on_wrong(c, e);
    break;
  case HO_EV_handoff:
    on_handoff(c, e);
    break;
  case HO_EV_packet_dropped:
    on_dropped(c, e);
    break;
  case HO_EV_meddled:
    on_meddled(c, &e->u.meddled);
    break;
  case HO_EV_action:
    c->lost_state |=
        c->scenario->timeline[e->u.action.entry].kind == HO_ACT_RESTART;
    break;
  case HO_EV_run_ended:
    if (!strcmp(e->u.run_ended.reason, "nothing scheduled")) {
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

/* ---- what the checks cannot know ---- */

/* Where the handshake has ended, nobody has moved, wherever its packets came
 * from before (RFC 9000, 9); and before that, what is in flight may be of the
 * application, for which there are no probes yet (RFC 9002, 6.2.1). */
static bool is_begun(const court *c, int id, ho_time t) {
  if (id == HO_CHECK_D3) {
    return !strcmp(ho_watch_phase(c->watch, t), "handshake");
  }
  return (id == HO_CHECK_C1 || id == HO_CHECK_E5 || id == HO_CHECK_E7) &&
         !strcmp(ho_watch_phase(c->watch, t), "first-path");
}

static bool is_about_answers(int id) {
  return id == HO_CHECK_C6 || id == HO_CHECK_C10 || id == HO_CHECK_A4;
}

/* What a client answers that has no network to send by, nobody sees. */
static bool is_mute(const court *c, int id, const ho_finding *f) {
  for (size_t i = 0; i < c->stranded_count; i++) {
    if (is_about_answers(id) && f->endpoint == HO_CLIENT &&
        c->stranded[i] + 100 * HO_MSEC >= f->t &&
        c->stranded[i] <= f->t + HO_SEC) {
      return true;
    }
  }
  return false;
}

/* A packet that comes so late that its number is below what is remembered may
 * be discarded (RFC 9000, 13.2.3). */
static bool is_late(const court *c, int id, const ho_finding *f) {
  for (size_t i = 0; i < c->held_count; i++) {
    if (is_about_answers(id) && c->held[i] == f->packet) {
      return true;
    }
  }
  return false;
}

/* The 3x limit is one of the path's (8.2.1), and what came from the client to
 * the server's other address is of another path; the checks count addresses of
 * clients. */
static bool is_preferred(const court *c, int id, const ho_finding *f) {
  const ho_preferred *p = &c->scenario->server.preferred;

  return (p->v4 || p->v6) && f->endpoint == HO_SERVER &&
         (id == HO_CHECK_C4 || id == HO_CHECK_C8);
}

static bool is_forgiven(const court *c, int id, const ho_finding *f) {
  return f->t >= c->adrift || is_begun(c, id, f->t) || is_mute(c, id, f) ||
         is_late(c, id, f) || is_preferred(c, id, f);
}

static void judge_checks(court *c, const ho_checks *checks) {
  const ho_check_info *table = ho_check_table();

  for (int id = 0; id < HO_CHECK_COUNT; id++) {
    const ho_finding *f = ho_checks_finding(checks, 0, (ho_check_id)id);
    if (f->verdict == HO_FAIL && !is_forgiven(c, id, f) &&
        (table[id].level == HO_MUST ||
         (c->config->should && table[id].level == HO_SHOULD))) {
      fail(c, "check", table[id].id, sides[f->endpoint], f->t, f->detail);
    }
  }
}

static void hold(court *c) {
  ho_log *log = ho_log_new();
  ho_checks *checks = ho_checks_new(c->scenario, 0, log);
  ho_sink sink = ho_checks_sink(checks);
  ho_sinks sinks = {&sink, 1};

  ho_log_subscribe(log, on_event, c);
  ho_world_run(c->scenario, 0, c->scenario->seed, log, &sinks);
  ho_checks_finish(checks, c->trial->end);
  judge_stall(c);
  judge_checks(c, checks);
  ho_checks_del(checks);
  ho_log_del(log);
}

static void refuse(ho_trial *trial, const ho_diag *diag) {
  trial->refused = true;
  snprintf(trial->error, sizeof(trial->error), "%s",
           diag->count > 0 ? diag->messages[0] : "");
}

void ho_oracle_run(const ho_source *source, const ho_oracle_config *config,
                   ho_trial *trial) {
  ho_diag diag = {0};
  court c = {.config = config, .trial = trial, .adrift = HO_NEVER};
  ho_scenario *scenario;

  if (ho_scenario_load(source, NULL, 0, 0, &scenario, &diag) != 0) {
    refuse(trial, &diag);
  } else {
    c.scenario = scenario;
    c.watch = ho_watch_new(scenario, trial);
    c.delivery = ho_delivery_new(scenario, config->gap);
    hold(&c);
    ho_delivery_del(c.delivery);
    ho_watch_del(c.watch);
    ho_scenario_del(scenario);
  }
  ho_diag_free(&diag);
  trial->whole = true;
}
