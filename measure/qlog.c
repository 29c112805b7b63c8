/* qlog: what each endpoint's QUIC library did, a file for each connection. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/qlog.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "measure/qlog_trace.h"
#include "sim/base/alloc.h"
#include "sim/base/diag.h"

/* Files are open only while they are written to, for there may be thousands. */
enum { FLUSH_BYTES = 1 << 15 };

/* The traces of one client's connections, the newest first. */
typedef struct {
  ho_qlog_trace *traces;
} client_traces;

/* The datagram that a host has just received. */
typedef struct {
  int client;
  ho_time t;
  ho_qlog_arrival is;
} arrival;

struct ho_qlog {
  char *dir;
  client_traces *clients;
  size_t count, cap;
  arrival last[2]; /* by ho_side */
  int err;         /* errno of the first write that failed, or 0 */
};

static char *path_of(const char *dir, ho_side side, int client,
                     uint64_t connection) {
  const char *name = side == HO_CLIENT ? "client" : "server";

  if (client == 0 && connection == 0) {
    return ho_format("%s/%s.sqlog", dir, name);
  }
  return ho_format("%s/%s-%d-%" PRIu64 ".sqlog", dir, name, client, connection);
}

static ho_qlog_trace *find(const ho_qlog *q, ho_side side, int client,
                           uint64_t connection) {
  ho_qlog_trace *t = NULL;

  if (client >= 0 && (size_t)client < q->count) {
    t = q->clients[client].traces;
  }
  while (t && (t->side != side || t->connection != connection)) {
    t = t->next;
  }
  return t;
}

static ho_qlog_trace *make(ho_qlog *q, ho_side side, int client,
                           uint64_t connection) {
  const ho_qlog_trace *peer = find(q, HO_CLIENT, client, connection);
  char *path = path_of(q->dir, side, client, connection);
  ho_qlog_trace *t =
      ho_qlog_trace_new(side, connection, path, peer ? peer->group : NULL);

  while (q->count <= (size_t)client) {
    ho_grow(&q->clients, q->count, &q->cap, sizeof(*q->clients));
    q->clients[q->count++] = (client_traces){0};
  }
  t->next = q->clients[client].traces;
  q->clients[client].traces = t;
  return t;
}

static void note(ho_qlog *q, int err) {
  q->err = q->err ? q->err : err;
}

static void on_record(void *user, ho_side of, int client, uint64_t connection,
                      const char *record, size_t len, ho_time now) {
  ho_qlog *q = user;
  ho_qlog_trace *t = find(q, of, client, connection);
  const arrival *last = &q->last[of];
  bool reading = last->client == client && last->t == now;

  if (!t) {
    t = make(q, of, client, connection);
  }
  ho_qlog_trace_record(t, record, len, now, reading ? &last->is : NULL);
  if (t->text.len >= FLUSH_BYTES) {
    note(q, ho_qlog_trace_flush(t));
  }
}

static void note_arrival(ho_qlog *q, const ho_event *event) {
  const ho_ev_datagram_received *got = &event->u.datagram_received;
  /* No IP options, no extension headers: 20 or 40 bytes, and UDP's 8. */
  uint64_t headers = got->tuple.client.addr.family == 6 ? 48 : 28;

  q->last[got->endpoint] =
      (arrival){event->client,
                event->t,
                {got->tuple, got->bytes > headers ? got->bytes - headers : 0}};
}

/* Events of connections that have no trace are TCP's. */
static void on_event(void *user, const ho_event *event) {
  ho_qlog *q = user;
  ho_qlog_trace *t = NULL;

  switch ((int)event->kind) {
  case HO_EV_datagram_received:
    note_arrival(q, event);
    return;
  case HO_EV_quic_sent:
    t = find(q, event->u.quic_sent.endpoint, event->client,
             event->u.quic_sent.connection);
    break;
  case HO_EV_path_frame:
    t = find(q, event->u.path_frame.endpoint, event->client,
             event->u.path_frame.connection);
    break;
  case HO_EV_path_validation:
    t = find(q, event->u.path_validation.endpoint, event->client,
             event->u.path_validation.connection);
    break;
  }
  if (t) {
    ho_qlog_trace_event(t, event);
  }
}

ho_qlog *ho_qlog_new(ho_log *log, const char *dir) {
  ho_qlog *q = ho_alloc(sizeof(*q));

  q->dir = ho_strdup(dir);
  q->last[HO_CLIENT].client = q->last[HO_SERVER].client = -1;
  ho_log_subscribe(log, on_event, q);
  return q;
}

ho_sink ho_qlog_sink(ho_qlog *qlog) {
  return (ho_sink){.qlog = on_record, .user = qlog};
}

int ho_qlog_close(ho_qlog *qlog) {
  int err;

  for (size_t i = 0; i < qlog->count; i++) {
    ho_qlog_trace *t = qlog->clients[i].traces, *next;
    for (; t; t = next) {
      next = t->next;
      note(qlog, ho_qlog_trace_finish(t));
      ho_qlog_trace_del(t);
    }
  }
  err = qlog->err;
  free(qlog->clients);
  free(qlog->dir);
  free(qlog);
  errno = err;
  return err ? HO_ERR_IO : 0;
}
