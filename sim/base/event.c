/* The event stream of a run: distribution and text. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/base/event.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"

typedef struct {
  ho_log_fn fn;
  void *user;
} subscriber;

struct ho_log {
  subscriber *subscribers;
  size_t count, cap;
  ho_trace *trace;
};

ho_log *ho_log_new(void) {
  ho_log *log = ho_alloc(sizeof(*log));

  log->trace = ho_trace_new();
  return log;
}

void ho_log_del(ho_log *log) {
  if (!log) {
    return;
  }
  ho_trace_del(log->trace);
  free(log->subscribers);
  free(log);
}

void ho_log_subscribe(ho_log *log, ho_log_fn fn, void *user) {
  ho_grow(&log->subscribers, log->count, &log->cap, sizeof(subscriber));
  log->subscribers[log->count++] = (subscriber){fn, user};
}

void ho_log_emit(ho_log *log, const ho_event *event) {
  if (!log) {
    return;
  }
  ho_trace_add(log->trace, event);
  for (size_t i = 0; i < log->count; i++) {
    log->subscribers[i].fn(log->subscribers[i].user, event);
  }
}

void ho_log_digest(ho_log *log, char hex[65]) {
  ho_trace_digest(log->trace, hex);
}

const char *ho_event_name(ho_event_kind kind) {
  static const char *const names[] = {
#define F(type, name, about)
#define EVENT(name, about, ...) #name,
#include "sim/base/events.def"
#undef EVENT
#undef F
  };
  assert(kind < HO_EV_COUNT);
  return names[kind];
}

/* ---- text ---- */

/* The longest of the numbers and times below, and a zero. */
enum { NUMBER_TEXT = 24 };

typedef struct {
  char *p, *start, *end;
  const char *const *nets;
  size_t nets_count;
} text;

/* Begins a field: its name, and room for a value of |len| and a zero. */
static char *name_field(text *t, const char *name, size_t len) {
  size_t name_len = strlen(name);
  char *p = t->p;

  assert(len + name_len + 3 <= (size_t)(t->end - p));
  if (p > t->start) {
    *p++ = ' ';
  }
  p = ho_put_bytes(p, name, name_len);
  *p++ = '=';
  return p;
}

static void add(text *t, const char *name, const char *value) {
  size_t len = strlen(value);

  t->p = ho_put_bytes(name_field(t, name, len), value, len);
}

static void add_u64(text *t, const char *name, uint64_t v) {
  t->p = ho_put_u64(name_field(t, name, NUMBER_TEXT), v);
}

static void add_i64(text *t, const char *name, int64_t v) {
  t->p = ho_put_i64(name_field(t, name, NUMBER_TEXT), v);
}

/* Times within an event are seconds with nine decimals, as in every file. */
static void add_time(text *t, const char *name, ho_time v) {
  if (v == HO_NEVER) {
    add(t, name, "never");
  } else {
    t->p = ho_put_s(name_field(t, name, NUMBER_TEXT), v);
  }
}

static void add_net(text *t, const char *name, int net) {
  bool known = net >= 0 && (size_t)net < t->nets_count;
  add(t, name, known ? t->nets[net] : "-");
}

static void add_hex(text *t, const char *name, const uint8_t *p, size_t len) {
  assert(len <= 20);
  if (len == 0) {
    add(t, name, "-");
  } else {
    t->p = ho_put_hex(name_field(t, name, 2 * len), p, len);
  }
}

static void add_tuple(text *t, const char *name, const ho_tuple *tuple) {
  char *p = name_field(t, name, HO_TUPLE_TEXT);

  t->p = p + strlen(ho_tuple_text(p, tuple));
}

static void add_endpoint(text *t, const char *name, const ho_endpoint *e) {
  char *p = name_field(t, name, HO_ENDPOINT_TEXT);

  t->p = p + strlen(ho_endpoint_text(p, e));
}

#define ADD_U64(n)      add_u64(&t, #n, ev->n);
#define ADD_I64(n)      add_i64(&t, #n, ev->n);
#define ADD_TIME(n)     add_time(&t, #n, ev->n);
#define ADD_STR(n)      add(&t, #n, ev->n ? ev->n : "-");
#define ADD_SIDE(n)     add(&t, #n, ev->n == HO_CLIENT ? "client" : "server");
#define ADD_NET(n)      add_net(&t, #n, ev->n);
#define ADD_TUPLE(n)    add_tuple(&t, #n, &ev->n);
#define ADD_ENDPOINT(n) add_endpoint(&t, #n, &ev->n);
#define ADD_CID(n)      add_hex(&t, #n, ev->n.bytes, ev->n.len);
#define ADD_TOKEN(n)    add_hex(&t, #n, ev->n.bytes, 16);

char *ho_event_detail(char *buf, size_t cap, const ho_event *event,
                      const char *const *nets, size_t nets_count) {
  text t = {buf, buf, buf + cap, nets, nets_count};

  switch (event->kind) {
#define F(type, name, about) ADD_##type(name)
#define EVENT(name, about, ...)                                                \
  case HO_EV_##name: {                                                         \
    const ho_ev_##name *ev = &event->u.name;                                   \
    __VA_ARGS__                                                                \
    break;                                                                     \
  }
#include "sim/base/events.def"
#undef EVENT
#undef F
  case HO_EV_COUNT:
    assert(0);
  }
  *t.p = '\0';
  return buf;
}

void ho_event_list(void (*fn)(void *user, const char *event, const char *field,
                              const char *type, const char *about),
                   void *user) {
#define F(type, name, about) fn(user, event_name, #name, #type, about);
#define EVENT(name, about, ...)                                                \
  {                                                                            \
    const char *event_name = #name;                                            \
    fn(user, event_name, NULL, NULL, about);                                   \
    __VA_ARGS__                                                                \
  }
#include "sim/base/events.def"
#undef EVENT
#undef F
}
