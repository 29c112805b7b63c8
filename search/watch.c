/* What a run is doing: its phase, its transitions. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

enum { TUPLES_MAX = 64, CIDS_MAX = 64, HISTORY_MAX = 512 };

/* The coarser phases of signatures. */
static const char *const phases[] = {"handshake", "first-path", "validating",
                                     "moved", "moved"};

typedef struct {
  ho_time t;
  ho_path_state path;
} change;

struct ho_watch {
  const ho_scenario *scenario;
  ho_trial *trial;
  uint64_t connection; /* the latest */
  ho_path_state path;
  ho_tuple valid[TUPLES_MAX]; /* at the server */
  size_t valid_count;
  ho_tuple last; /* where the client's last packet came from */
  bool any;
  ho_cid used[CIDS_MAX]; /* of the client's, by the server */
  size_t used_count, issued;
  ho_flight flight;
  change history[HISTORY_MAX];
  size_t history_count;
};

ho_watch *ho_watch_new(const ho_scenario *scenario, ho_trial *trial) {
  ho_watch *w = ho_alloc(sizeof(*w));

  w->scenario = scenario;
  w->trial = trial;
  snprintf(trial->phase, sizeof(trial->phase), "%s", phases[0]);
  return w;
}

void ho_watch_del(ho_watch *watch) {
  free(watch);
}

const char *ho_watch_phase(const ho_watch *watch, ho_time t) {
  ho_path_state path = HO_PATH_HANDSHAKE;

  /* Where one connection ends another may begin at once: what is told of then
   * is the end. */
  for (size_t i = 0; i < watch->history_count && watch->history[i].t <= t;
       i++) {
    if (watch->history[i].path != HO_PATH_HANDSHAKE ||
        watch->history[i].t < t) {
      path = watch->history[i].path;
    }
  }
  return phases[path];
}

static void enter(ho_watch *w, ho_path_state path, ho_time t) {
  if (path == w->path) {
    return;
  }
  w->path = path;
  snprintf(w->trial->phase, sizeof(w->trial->phase), "%s", phases[path]);
  if (w->history_count < HISTORY_MAX) {
    w->history[w->history_count++] = (change){t, path};
  }
}

/* ---- tuples ---- */

static bool is_valid(const ho_watch *w, const ho_tuple *tuple) {
  for (size_t i = 0; i < w->valid_count; i++) {
    if (ho_tuple_eq(&w->valid[i], tuple)) {
      return true;
    }
  }
  return false;
}

static void make_valid(ho_watch *w, const ho_tuple *tuple) {
  if (!is_valid(w, tuple) && w->valid_count < TUPLES_MAX) {
    w->valid[w->valid_count++] = *tuple;
  }
}

static void on_received(ho_watch *w, const ho_event *e) {
  const ho_ev_datagram_received *r = &e->u.datagram_received;

  if (r->endpoint != HO_SERVER || r->proto != HO_PROTO_UDP) {
    return;
  }
  if (w->path != HO_PATH_HANDSHAKE && w->any &&
      !ho_tuple_eq(&w->last, &r->tuple)) {
    enter(w, is_valid(w, &r->tuple) ? HO_PATH_MOVED : HO_PATH_VALIDATING, e->t);
  }
  w->last = r->tuple;
  w->any = true;
}

static void on_validation(ho_watch *w, const ho_event *e) {
  const ho_ev_path_validation *v = &e->u.path_validation;
  bool success = !strcmp(v->result, "success");

  if (v->endpoint != HO_SERVER) {
    return;
  }
  if (w->path == HO_PATH_MOVED) {
    enter(w, HO_PATH_SETTLED, e->t);
  } else if (success && ho_tuple_eq(&v->tuple, &w->last)) {
    enter(w, HO_PATH_MOVED, e->t);
  }
  if (success) {
    make_valid(w, &v->tuple);
  }
}

/* ---- connections ---- */

static void on_started(ho_watch *w, const ho_event *e) {
  w->connection = e->u.connection_started.connection;
  w->valid_count = w->used_count = w->issued = 0;
  w->any = false;
  w->flight = HO_FLIGHT_NONE;
  enter(w, HO_PATH_HANDSHAKE, e->t);
}

static void on_handshake(ho_watch *w, const ho_event *e) {
  if (e->u.handshake_done.endpoint == HO_SERVER &&
      e->u.handshake_done.connection == w->connection) {
    make_valid(w, &w->last);
    enter(w, HO_PATH_FIRST, e->t);
  }
}

static void on_sent(ho_watch *w, const ho_ev_quic_sent *s) {
  if (s->endpoint != HO_SERVER || s->connection != w->connection ||
      w->used_count == CIDS_MAX) {
    return;
  }
  for (size_t i = w->used_count; i-- > 0;) {
    if (w->used[i].len == s->dcid.len &&
        !memcmp(w->used[i].bytes, s->dcid.bytes, s->dcid.len)) {
      return;
    }
  }
  w->used[w->used_count++] = s->dcid;
}

static void on_recovery(ho_watch *w, const ho_ev_recovery *r) {
  if (r->endpoint == HO_SERVER && r->connection == w->connection) {
    w->flight = r->in_flight == 0               ? HO_FLIGHT_NONE
                : r->in_flight + 1200 < r->cwnd ? HO_FLIGHT_SOME
                                                : HO_FLIGHT_FULL;
  }
}

static ho_cids cids_of(const ho_watch *w) {
  size_t left = w->issued > w->used_count ? w->issued - w->used_count : 0;

  return left == 0 ? HO_CIDS_NONE : left == 1 ? HO_CIDS_ONE : HO_CIDS_MANY;
}

/* ---- steps ---- */

static int step_of_frame(const ho_ev_path_frame *f) {
  bool challenge = !strcmp(f->frame, "PATH_CHALLENGE");
  bool sent = !strcmp(f->way, "sent");

  if (!sent && challenge) {
    return -1; /* its answer tells */
  }
  return (challenge ? HO_STEP_CHALLENGE_CLIENT
          : sent    ? HO_STEP_RESPONSE_CLIENT
                    : HO_STEP_ANSWERED_CLIENT) +
         (f->endpoint == HO_SERVER);
}

/* What |e| is in the table of transitions, or -1. */
static int step_of(const ho_watch *w, const ho_event *e) {
  switch ((int)e->kind) {
  case HO_EV_action:
    return (int)w->scenario->timeline[e->u.action.entry].kind;
  case HO_EV_path_frame:
    return step_of_frame(&e->u.path_frame);
  case HO_EV_path_validation:
    return (!strcmp(e->u.path_validation.result, "success")
                ? HO_STEP_VALID_CLIENT
                : HO_STEP_FAILED_CLIENT) +
           (e->u.path_validation.endpoint == HO_SERVER);
  case HO_EV_cid_retired:
    return HO_STEP_RETIRED_CLIENT + (e->u.cid_retired.endpoint == HO_SERVER);
  case HO_EV_packet_lost:
    return HO_STEP_LOST_CLIENT + (e->u.packet_lost.endpoint == HO_SERVER);
  case HO_EV_notice:
    return HO_STEP_NOTICE;
  case HO_EV_amplification:
    return e->u.amplification.blocked ? HO_STEP_LIMITED : -1;
  case HO_EV_connection_closed:
    return HO_STEP_CLOSED;
  }
  return -1;
}

/* What a time is worth to be drawn near. */
static bool is_instant(const ho_event *e) {
  return e->kind == HO_EV_handshake_done || e->kind == HO_EV_path_frame ||
         e->kind == HO_EV_path_validation || e->kind == HO_EV_notice ||
         e->kind == HO_EV_cid_retired || e->kind == HO_EV_amplification ||
         e->kind == HO_EV_work_done;
}

static void note_instant(ho_trial *v, ho_time t) {
  if (v->instants_count < HO_INSTANTS_MAX &&
      (v->instants_count == 0 || v->instants[v->instants_count - 1] != t)) {
    v->instants[v->instants_count++] = t;
  }
}

void ho_watch_event(ho_watch *watch, const ho_event *e) {
  int step = step_of(watch, e);

  watch->trial->end = e->t;
  if (step >= 0) {
    ho_cover_add(&watch->trial->cover, (ho_step)step, watch->path,
                 cids_of(watch), watch->flight);
  }
  if (is_instant(e)) {
    note_instant(watch->trial, e->t);
  }
  switch ((int)e->kind) {
  case HO_EV_connection_started:
    on_started(watch, e);
    break;
  case HO_EV_handshake_done:
    on_handshake(watch, e);
    break;
  case HO_EV_datagram_received:
    on_received(watch, e);
    break;
  case HO_EV_path_validation:
    on_validation(watch, e);
    break;
  case HO_EV_cid_issued:
    watch->issued += e->u.cid_issued.endpoint == HO_CLIENT &&
                     e->u.cid_issued.connection == watch->connection;
    break;
  case HO_EV_quic_sent:
    on_sent(watch, &e->u.quic_sent);
    break;
  case HO_EV_recovery:
    on_recovery(watch, &e->u.recovery);
    break;
  }
}
