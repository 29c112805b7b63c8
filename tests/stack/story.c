/* Runs in the rig, told as stories. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "story.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runs.h"
#include "sim/base/alloc.h"

static char story[8192];
static unsigned answers;
static uint64_t used = UINT64_MAX; /* connection of the last request */

__attribute__((format(printf, 2, 3))) static void tell(ho_time t,
                                                       const char *fmt, ...) {
  size_t at = strlen(story);
  va_list ap;

  at += (size_t)snprintf(story + at, sizeof(story) - at, "%s%lu ",
                         at ? "; " : "", (unsigned long)(t / HO_MSEC));
  va_start(ap, fmt);
  vsnprintf(story + at, sizeof(story) - at, fmt, ap);
  va_end(ap);
}

static const char *net_name(int net) {
  static const char *const names[] = {"none", "home", "cell", "cafe"};

  return names[net + 1];
}

static void note_networks(const ho_event *ev) {
  if (ev->kind == HO_EV_default_network) {
    tell(ev->t, "default %s", net_name(ev->u.default_network.to));
  } else if (ev->kind == HO_EV_handoff) {
    const ho_ev_handoff *h = &ev->u.handoff;
    tell(ev->t, "%s %s>%s %lu/%lu", h->kind, net_name(h->from), net_name(h->to),
         (unsigned long)(h->t_loss / HO_MSEC),
         (unsigned long)(h->t_up / HO_MSEC));
  } else if (ev->kind == HO_EV_notice) {
    tell(ev->t, "notice %s %s", net_name(ev->u.notice.net), ev->u.notice.cause);
  } else if (ev->kind == HO_EV_work_done) {
    tell(ev->t, "done");
  } else if (ev->kind == HO_EV_request_done) {
    answers++;
  } else if (ev->kind == HO_EV_byte_wrong) {
    tell(ev->t, "WRONG");
  }
}

static void note_connections(const ho_event *ev) {
  if (ev->kind == HO_EV_connection_started) {
    const ho_ev_connection_started *c = &ev->u.connection_started;
    tell(ev->t, "open %lu %s %s %s", (unsigned long)c->connection, c->transport,
         net_name(c->net), c->handshake);
  } else if (ev->kind == HO_EV_handshake_done &&
             ev->u.handshake_done.endpoint == HO_CLIENT) {
    tell(ev->t, "ready %lu", (unsigned long)ev->u.handshake_done.connection);
  } else if (ev->kind == HO_EV_connection_closed &&
             ev->u.connection_closed.endpoint == HO_CLIENT) {
    tell(ev->t, "%s %lu", ev->u.connection_closed.reason,
         (unsigned long)ev->u.connection_closed.connection);
  } else if (ev->kind == HO_EV_request_attempt &&
             ev->u.request_attempt.connection != used) {
    used = ev->u.request_attempt.connection;
    tell(ev->t, "use %lu%s", (unsigned long)used,
         ev->u.request_attempt.from > 0 ? " on" : "");
  }
}

static void note(void *user, const ho_event *ev) {
  (void)user;
  if (ev && ev->client <= 0) {
    note_networks(ev);
    note_connections(ev);
  }
}

#define NETWORK(name)                                                          \
  "  " name ": {type: wired, down: 9Mbps, up: 9Mbps, delay: %ums}\n"
#define SCENARIO                                                               \
  "name: t\nstop: %lus\nnetworks:\n" NETWORK("home") NETWORK("cell")           \
      NETWORK("cafe") "client: {notice: 30ms}\nworkload: {%s}\n"               \
                      "arms:\n  a: {transport: quic%s}\n"

typedef struct {
  const tale *t;
  ho_transport_kind transport;
} assignment;

static void load(rig *r, const tale *t, ho_transport_kind transport) {
  static const char questions[] =
      "type: request, every: 1s, request: 100B, response: 1KB";
  unsigned delay = t->delay ? t->delay : 10;
  char *text = ho_format(SCENARIO, t->stop, delay, delay, delay,
                         t->work ? t->work : questions, t->arm ? t->arm : "");

  rig_load(r, text, transport);
  free(text);
  if (t->head_start) {
    r->scenario->arms[0].head_start = t->head_start;
  }
  if (t->patience) {
    r->scenario->arms[0].patience = t->patience;
  }
  if (t->returns) {
    r->scenario->client_return = t->returns;
  }
}

static void perform(void *user) {
  const assignment *a = user;
  const tale *t = a->t;
  rig *r = ho_alloc(sizeof(*r));
  size_t count = 0;

  while (count < TALE_STEPS && (t->steps[count].at || t->steps[count].verb)) {
    count++;
  }
  load(r, t, a->transport);
  rig_make(r, 1, note, NULL);
  rig_run(r, t->steps, count);
  rig_free(r);
  free(r);
  if (!runs_as_told(story, t->expected) || answers != t->answered) {
    fprintf(stderr, "got:    %s\nwanted: %s\nanswers: got %u, wanted %u\n",
            story, t->expected, answers, t->answered);
    _Exit(3);
  }
}

int tale_run(const tale *t, ho_transport_kind transport) {
  return runs_alone(perform, &(assignment){t, transport});
}
