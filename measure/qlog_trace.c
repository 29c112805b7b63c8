/* The qlog of one connection, as one endpoint has it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/qlog_trace.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

enum { HEX = 2 * 20 + 1, ADDRESS = 128, NO_TUPLE = -1 };

static const char time_key[] = "\x1e{\"time\":";

/* ---- text ---- */

static void put(ho_qlog_trace *t, const char *text, size_t len) {
  if (t->len + len > t->cap) {
    t->cap = 2 * (t->len + len);
    t->text = realloc(t->text, t->cap);
    assert(t->text);
  }
  memcpy(t->text + t->len, text, len);
  t->len += len;
}

static void putf(ho_qlog_trace *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void putf(ho_qlog_trace *t, const char *fmt, ...) {
  char text[512];
  va_list args;
  int len;

  va_start(args, fmt);
  len = vsnprintf(text, sizeof(text), fmt, args);
  va_end(args);
  assert(len >= 0 && (size_t)len < sizeof(text));
  put(t, text, (size_t)len);
}

/* qlog counts in milliseconds. */
static void put_begin(ho_qlog_trace *t, ho_time now, int tuple) {
  putf(t, "%s%" PRIu64 ".%06" PRIu64, time_key, now / HO_MSEC, now % HO_MSEC);
  if (tuple != NO_TUPLE) {
    putf(t, ",\"tuple\":\"%d\"", tuple);
  }
}

/* RFC 9000, 7.3: only the first DCID of a connection tells both ends of it; a
 * server that has sent Retry names it by another one. */
static void put_header(ho_qlog_trace *t, const char *text, size_t len) {
  static const char key[] = "\"group_id\":\"";
  const char *at = memmem(text, len, key, sizeof(key) - 1), *end;

  at = at ? at + sizeof(key) - 1 : NULL;
  end = at ? memchr(at, '"', len - (size_t)(at - text)) : NULL;
  if (!end || end - at >= HO_QLOG_GROUP) {
    put(t, text, len);
    return;
  }
  if (!*t->group) {
    memcpy(t->group, at, (size_t)(end - at));
  }
  put(t, text, (size_t)(at - text));
  put(t, t->group, strlen(t->group));
  put(t, end, len - (size_t)(end - text));
}

/* The library's times count from the connection's start, in which no two
 * connections agree. */
static void put_record(ho_qlog_trace *t, const char *text, size_t len,
                       ho_time now, int tuple) {
  size_t key = sizeof(time_key) - 1;
  const char *comma;

  if (len > key && memcmp(text, time_key, key) == 0 &&
      (comma = memchr(text, ',', len)) != NULL) {
    put_begin(t, now, tuple);
    put(t, comma, len - (size_t)(comma - text));
  } else {
    put_header(t, text, len);
  }
}

static const char *cid_text(char *hex, const ho_cid *cid) {
  for (size_t i = 0; i < cid->len; i++) {
    snprintf(hex + 2 * i, 3, "%02x", cid->bytes[i]);
  }
  hex[2 * cid->len] = '\0';
  return hex;
}

static const char *endpoint_text(char *out, const ho_endpoint *endpoint) {
  char text[HO_ENDPOINT_TEXT], *address = text, *colon;
  int family = endpoint->addr.family;

  colon = strrchr(ho_endpoint_text(text, endpoint), ':');
  assert(colon);
  *colon = '\0';
  if (*address == '[') {
    address++;
    colon[-1] = '\0';
  }
  snprintf(out, ADDRESS, "{\"ip_v%d\":\"%s\",\"port_v%d\":%u}", family, address,
           family, (unsigned)endpoint->port);
  return out;
}

/* ---- records that wait for their tuple ---- */

static void hold(ho_qlog_trace *t, const char *record, size_t len, ho_time now,
                 bool packet) {
  ho_qlog_held *held;

  ho_grow(&t->held, t->held_count, &t->held_cap, sizeof(*t->held));
  held = &t->held[t->held_count++];
  *held = (ho_qlog_held){ho_alloc(len + 1), len, now, packet};
  memcpy(held->text, record, len);
}

/* Writes the first record that is held. */
static void release(ho_qlog_trace *t, int tuple) {
  ho_qlog_held first = t->held[0];

  put_record(t, first.text, first.len, first.t, tuple);
  free(first.text);
  t->held_count--;
  memmove(t->held, t->held + 1, t->held_count * sizeof(*t->held));
}

/* What is held begins with a packet. */
static void release_others(ho_qlog_trace *t) {
  while (t->held_count > 0 && !t->held[0].packet) {
    release(t, NO_TUPLE);
  }
}

/* What was not sent after all is not waited for. */
static void release_old(ho_qlog_trace *t, ho_time now) {
  while (t->held_count > 0 && t->held[0].t < now) {
    release(t, NO_TUPLE);
  }
}

/* ---- tuples ---- */

static void put_tuple(ho_qlog_trace *t, size_t id, ho_time now) {
  const ho_tuple *tuple = &t->tuples[id].tuple;
  bool client = t->side == HO_CLIENT;
  char local[ADDRESS], remote[ADDRESS];

  put_begin(t, now, NO_TUPLE);
  putf(t,
       ",\"name\":\"quic:tuple_assigned\",\"data\":{\"tuple_id\":\"%zu\","
       "\"tuple_remote\":%s,\"tuple_local\":%s}}\n",
       id, endpoint_text(remote, client ? &tuple->server : &tuple->client),
       endpoint_text(local, client ? &tuple->client : &tuple->server));
}

static int find_tuple(ho_qlog_trace *t, const ho_tuple *tuple, ho_time now) {
  ho_qlog_tuple *added;

  for (size_t i = 0; i < t->tuples_count; i++) {
    if (ho_tuple_eq(&t->tuples[i].tuple, tuple)) {
      return (int)i;
    }
  }
  ho_grow(&t->tuples, t->tuples_count, &t->tuples_cap, sizeof(*t->tuples));
  added = &t->tuples[t->tuples_count];
  /* The handshake validates the first (RFC 9000, 8.1). */
  *added = (ho_qlog_tuple){.tuple = *tuple, .validated = t->tuples_count == 0};
  put_tuple(t, t->tuples_count, now);
  return (int)t->tuples_count++;
}

static void put_migration(ho_qlog_trace *t, int id, ho_time now,
                          const char *state) {
  ho_qlog_tuple *tuple = &t->tuples[id];

  put_begin(t, now, id);
  putf(t, ",\"name\":\"quic:migration_state_updated\",\"data\":{");
  if (tuple->state) {
    putf(t, "\"old\":\"%s\",", tuple->state);
  }
  putf(t, "\"new\":\"%s\",\"tuple_id\":\"%d\"}}\n", state, id);
  tuple->state = state;
}

/* That the peer has issued: it is the one whose ID is in use from here on. */
static void note_dcid(ho_qlog_trace *t, int id, const ho_cid *dcid,
                      ho_time now) {
  ho_qlog_tuple *tuple = &t->tuples[id];
  char hex[HEX];

  if (tuple->sent && tuple->dcid.len == dcid->len &&
      memcmp(tuple->dcid.bytes, dcid->bytes, dcid->len) == 0) {
    return;
  }
  if (tuple->sent || (id > 0 && dcid->len > 0)) {
    put_begin(t, now, id);
    putf(t, ",\"name\":\"quic:connection_id_updated\",\"data\":{"
            "\"initiator\":\"remote\",");
    if (tuple->sent) {
      putf(t, "\"old\":\"%s\",", cid_text(hex, &tuple->dcid));
    }
    putf(t, "\"new\":\"%s\"}}\n", cid_text(hex, dcid));
  }
  tuple->sent = true;
  tuple->dcid = *dcid;
}

/* ---- migration ---- */

/* RFC 9000, 9.1: frames that do not migrate a connection. */
static bool is_probing(const char *record, size_t len) {
  static const char key[] = "\"frame_type\":\"";
  static const char *const frames[] = {"path_challenge\"", "path_response\"",
                                       "new_connection_id\"", "padding\""};
  const char *at = record, *end = record + len;

  while ((at = memmem(at, (size_t)(end - at), key, sizeof(key) - 1))) {
    bool found = false;
    at += sizeof(key) - 1;
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
      found |= strncmp(at, frames[i], strlen(frames[i])) == 0;
    }
    if (!found) {
      return false;
    }
  }
  return true;
}

static void begin_migration(ho_qlog_trace *t, int id, ho_time now) {
  t->in_use = (size_t)id;
  put_migration(t, id, now, "migration_started");
  if (t->tuples[id].validated) {
    put_migration(t, id, now, "migration_complete");
  } else {
    t->tuples[id].moved = true;
  }
}

static void on_sent(ho_qlog_trace *t, const ho_ev_quic_sent *sent,
                    ho_time now) {
  int id = find_tuple(t, &sent->tuple, now);
  bool moves = false;

  note_dcid(t, id, &sent->dcid, now);
  if (t->held_count > 0) {
    moves =
        (size_t)id != t->in_use && !is_probing(t->held[0].text, t->held[0].len);
    release(t, id);
    release_others(t);
  }
  if (moves) {
    begin_migration(t, id, now);
  }
}

static void on_frame(ho_qlog_trace *t, const ho_ev_path_frame *frame,
                     ho_time now) {
  int id;

  if (strcmp(frame->way, "sent") != 0 ||
      strcmp(frame->frame, "PATH_CHALLENGE") != 0) {
    return;
  }
  id = find_tuple(t, &frame->tuple, now);
  if (!t->tuples[id].probing) {
    t->tuples[id].probing = true;
    put_migration(t, id, now, "probing_started");
  }
}

static void on_validation(ho_qlog_trace *t, const ho_ev_path_validation *ended,
                          ho_time now) {
  int id = find_tuple(t, &ended->tuple, now);
  ho_qlog_tuple *tuple = &t->tuples[id];
  bool good = strcmp(ended->result, "success") == 0;

  put_migration(t, id, now, good ? "probing_successful" : "probing_abandoned");
  tuple->probing = false;
  tuple->validated |= good;
  if (tuple->moved) {
    tuple->moved = false;
    put_migration(t, id, now,
                  good ? "migration_complete" : "migration_abandoned");
  }
}

/* ---- what the run tells ---- */

void ho_qlog_trace_group(ho_qlog_trace *trace, const char *group) {
  snprintf(trace->group, sizeof(trace->group), "%s", group);
}

/* ngtcp2 1.11 begins the record of a packet it sends with the first frame that
 * is not padding.  Where there is no such frame, it gives the record before
 * once more, and after it what this one has but its beginning. */
static void mend_record(ho_qlog_trace *trace, const char *record, size_t len,
                        ho_time t) {
  static const char begin[] = "\x1e{\"time\":0,\"name\":"
                              "\"transport:packet_sent\",\"data\":{"
                              "\"frames\":[";
  char *whole = ho_alloc(sizeof(begin) + len);

  memcpy(whole, begin, sizeof(begin) - 1);
  memcpy(whole + sizeof(begin) - 1, record, len);
  hold(trace, whole, sizeof(begin) - 1 + len, t, true);
  free(whole);
}

void ho_qlog_trace_record(ho_qlog_trace *trace, const char *record, size_t len,
                          ho_time t, const ho_tuple *received) {
  static const char sent[] = "\"name\":\"transport:packet_sent\"";
  static const char got[] = "\"name\":\"transport:packet_received\"";
  const char *again = len > 1 ? memrchr(record, '\n', len - 1) : NULL;
  size_t head = len < 80 ? len : 80;
  bool packet = memmem(record, head, sent, sizeof(sent) - 1) != NULL;
  int id = NO_TUPLE;

  release_old(trace, t);
  if (again) {
    mend_record(trace, again + 1, len - (size_t)(again + 1 - record), t);
    return;
  }
  if (packet || trace->held_count > 0) {
    hold(trace, record, len, t, packet);
    return;
  }
  if (received && memmem(record, head, got, sizeof(got) - 1)) {
    id = find_tuple(trace, received, t);
  }
  put_record(trace, record, len, t, id);
}

void ho_qlog_trace_event(ho_qlog_trace *trace, const ho_event *event) {
  release_old(trace, event->t);
  if (event->kind == HO_EV_quic_sent) {
    on_sent(trace, &event->u.quic_sent, event->t);
  } else if (event->kind == HO_EV_path_frame) {
    on_frame(trace, &event->u.path_frame, event->t);
  } else if (event->kind == HO_EV_path_validation) {
    on_validation(trace, &event->u.path_validation, event->t);
  }
}

int ho_qlog_trace_flush(ho_qlog_trace *trace) {
  FILE *out = trace->len > 0 ? fopen(trace->path, "ae") : NULL;
  int err = 0;

  if (trace->len == 0) {
    return 0;
  }
  if (!out) {
    return errno;
  }
  if (fwrite(trace->text, 1, trace->len, out) != trace->len) {
    err = errno;
  }
  if (fclose(out) != 0 && err == 0) {
    err = errno;
  }
  trace->len = 0;
  return err;
}

int ho_qlog_trace_finish(ho_qlog_trace *trace) {
  while (trace->held_count > 0) {
    release(trace, NO_TUPLE);
  }
  return ho_qlog_trace_flush(trace);
}

void ho_qlog_trace_del(ho_qlog_trace *trace) {
  for (size_t i = 0; i < trace->held_count; i++) {
    free(trace->held[i].text);
  }
  free(trace->held);
  free(trace->tuples);
  free(trace->text);
  free(trace->path);
  free(trace);
}
