/* The qlog of one connection, as one endpoint has it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/qlog_trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

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

  ho_qlog_text_record(&t->text, first.text, first.len, first.t, tuple,
                      t->group);
  free(first.text);
  t->held_count--;
  memmove(t->held, t->held + 1, t->held_count * sizeof(*t->held));
}

/* What is held begins with a packet. */
static void release_others(ho_qlog_trace *t) {
  while (t->held_count > 0 && !t->held[0].packet) {
    release(t, HO_QLOG_NO_TUPLE);
  }
}

/* What was not sent after all is not waited for. */
static void release_old(ho_qlog_trace *t, ho_time now) {
  while (t->held_count > 0 && t->held[0].t < now) {
    release(t, HO_QLOG_NO_TUPLE);
  }
}

/* ---- events ---- */

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

static void on_sent(ho_qlog_trace *t, const ho_ev_quic_sent *sent,
                    ho_time now) {
  int id = ho_qlog_tuples_find(&t->tuples, &sent->tuple, now);
  bool uses = false;

  ho_qlog_tuples_sent(&t->tuples, id, &sent->dcid, now);
  if (t->held_count > 0) {
    uses = !is_probing(t->held[0].text, t->held[0].len);
    release(t, id);
    release_others(t);
  }
  if (uses) {
    ho_qlog_tuples_use(&t->tuples, id, now);
  }
}

static void on_frame(ho_qlog_trace *t, const ho_ev_path_frame *frame,
                     ho_time now) {
  if (strcmp(frame->way, "sent") == 0 &&
      strcmp(frame->frame, "PATH_CHALLENGE") == 0) {
    int id = ho_qlog_tuples_find(&t->tuples, &frame->tuple, now);
    ho_qlog_tuples_probe(&t->tuples, id, now);
  }
}

static void on_validation(ho_qlog_trace *t, const ho_ev_path_validation *ended,
                          ho_time now) {
  int id = ho_qlog_tuples_find(&t->tuples, &ended->tuple, now);

  ho_qlog_tuples_validated(&t->tuples, id,
                           strcmp(ended->result, "success") == 0, now);
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

/* ---- records ---- */

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

static bool has(const char *record, size_t len, const char *text) {
  return memmem(record, len, text, strlen(text)) != NULL;
}

/* ngtcp2 1.11 does not tell how long a Retry packet or a stateless reset is,
 * without which qvis leaves it out.  Both are all of their datagram (RFC 9000,
 * 17.2.5 and 10.3). */
static void put_received(ho_qlog_trace *trace, const char *record, size_t len,
                         ho_time t, const ho_qlog_arrival *received) {
  static const char end[] = "}}\n";
  size_t head = len < 120 ? len : 120, tail = sizeof(end) - 1;
  int id = ho_qlog_tuples_find(&trace->tuples, &received->tuple, t);
  bool mend = len > tail && memcmp(record + len - tail, end, tail) == 0 &&
              (has(record, head, "{\"packet_type\":\"retry\"") ||
               has(record, head, "{\"packet_type\":\"stateless_reset\""));

  ho_qlog_text_record(&trace->text, record, mend ? len - tail : len, t, id,
                      trace->group);
  if (mend) {
    ho_qlog_text_putf(&trace->text, ",\"raw\":{\"length\":%" PRIu64 "}%s",
                      received->bytes, end);
  }
}

void ho_qlog_trace_record(ho_qlog_trace *trace, const char *record, size_t len,
                          ho_time t, const ho_qlog_arrival *received) {
  const char *again = len > 1 ? memrchr(record, '\n', len - 1) : NULL;
  size_t head = len < 80 ? len : 80;
  bool packet = has(record, head, "\"name\":\"transport:packet_sent\"");

  release_old(trace, t);
  if (again) {
    mend_record(trace, again + 1, len - (size_t)(again + 1 - record), t);
    return;
  }
  if (packet || trace->held_count > 0) {
    hold(trace, record, len, t, packet);
  } else if (received &&
             has(record, head, "\"name\":\"transport:packet_received\"")) {
    put_received(trace, record, len, t, received);
  } else {
    ho_qlog_text_record(&trace->text, record, len, t, HO_QLOG_NO_TUPLE,
                        trace->group);
  }
}

/* ---- the file ---- */

ho_qlog_trace *ho_qlog_trace_new(ho_side side, uint64_t connection, char *path,
                                 const char *group) {
  ho_qlog_trace *t = ho_alloc(sizeof(*t));

  *t = (ho_qlog_trace){.side = side, .connection = connection, .path = path};
  t->tuples.side = side;
  t->tuples.out = &t->text;
  snprintf(t->group, sizeof(t->group), "%s", group ? group : "");
  return t;
}

int ho_qlog_trace_flush(ho_qlog_trace *trace) {
  return ho_qlog_text_flush(&trace->text, trace->path);
}

int ho_qlog_trace_finish(ho_qlog_trace *trace) {
  while (trace->held_count > 0) {
    release(trace, HO_QLOG_NO_TUPLE);
  }
  return ho_qlog_trace_flush(trace);
}

void ho_qlog_trace_del(ho_qlog_trace *trace) {
  for (size_t i = 0; i < trace->held_count; i++) {
    free(trace->held[i].text);
  }
  free(trace->held);
  ho_qlog_tuples_free(&trace->tuples);
  ho_qlog_text_free(&trace->text);
  free(trace->path);
  free(trace);
}
