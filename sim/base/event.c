/* The event stream of a run: distribution, hash and text. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/base/event.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "sim/base/alloc.h"
#include "sim/base/text.h"

typedef struct {
  ho_log_fn fn;
  void *user;
} subscriber;

/* Events are encoded into |pending| and hashed a block at a time, because a
 * hash call for each would cost more than the event. */
struct ho_log {
  subscriber *subscribers;
  size_t count, cap;
  gnutls_hash_hd_t hash;
  size_t pending_len;
  uint8_t pending[16384];
};

enum { MAX_ENCODED = 1024 };

ho_log *ho_log_new(void) {
  ho_log *log = ho_alloc(sizeof(*log));

  if (gnutls_hash_init(&log->hash, GNUTLS_DIG_SHA256) != 0) {
    fprintf(stderr, "handoff: no SHA-256 in GnuTLS\n");
    abort();
  }
  return log;
}

void ho_log_del(ho_log *log) {
  if (!log) {
    return;
  }
  gnutls_hash_deinit(log->hash, NULL);
  free(log->subscribers);
  free(log);
}

void ho_log_subscribe(ho_log *log, ho_log_fn fn, void *user) {
  ho_grow(&log->subscribers, log->count, &log->cap, sizeof(subscriber));
  log->subscribers[log->count++] = (subscriber){fn, user};
}

/* The encoding below is for the hash alone: little-endian integers, strings
 * with their length, no padding. */
static uint8_t *put_u64(uint8_t *p, uint64_t v) {
  for (int i = 0; i < 8; i++) {
    p[i] = (uint8_t)(v >> (8 * i));
  }
  return p + 8;
}

static uint8_t *put_bytes(uint8_t *p, const void *bytes, size_t len) {
  memcpy(p, bytes, len);
  return p + len;
}

static uint8_t *put_str(uint8_t *p, const char *s) {
  size_t len = strlen(s);

  assert(len <= 255);
  *p++ = (uint8_t)len;
  return put_bytes(p, s, len);
}

static uint8_t *put_endpoint(uint8_t *p, const ho_endpoint *e) {
  *p++ = e->addr.family;
  p = put_bytes(p, e->addr.bytes, e->addr.family == 6 ? 16 : 4);
  *p++ = (uint8_t)e->port;
  *p++ = (uint8_t)(e->port >> 8);
  return p;
}

static uint8_t *put_tuple(uint8_t *p, const ho_tuple *t) {
  return put_endpoint(put_endpoint(p, &t->client), &t->server);
}

static uint8_t *put_cid(uint8_t *p, const ho_cid *cid) {
  *p++ = cid->len;
  return put_bytes(p, cid->bytes, cid->len);
}

#define PUT_U64(x)      p = put_u64(p, (x));
#define PUT_I64(x)      p = put_u64(p, (uint64_t)(x));
#define PUT_TIME(x)     p = put_u64(p, (x));
#define PUT_STR(x)      p = put_str(p, (x) ? (x) : "");
#define PUT_SIDE(x)     *p++ = (uint8_t)(x);
#define PUT_NET(x)      *p++ = (uint8_t)(x);
#define PUT_TUPLE(x)    p = put_tuple(p, &(x));
#define PUT_ENDPOINT(x) p = put_endpoint(p, &(x));
#define PUT_CID(x)      p = put_cid(p, &(x));
#define PUT_TOKEN(x)    p = put_bytes(p, (x).bytes, 16);

static uint8_t *encode(uint8_t *p, const ho_event *event) {
  *p++ = (uint8_t)event->kind;
  p = put_u64(p, event->t);
  *p++ = (uint8_t)event->client;
  *p++ = (uint8_t)(event->client >> 8);
  switch (event->kind) {
#define F(type, name, about) PUT_##type(ev->name)
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
  return p;
}

static void flush(ho_log *log) {
  gnutls_hash(log->hash, log->pending, log->pending_len);
  log->pending_len = 0;
}

void ho_log_emit(ho_log *log, const ho_event *event) {
  uint8_t *start, *end;

  if (!log) {
    return;
  }
  start = log->pending + log->pending_len;
  end = encode(start, event);
  assert(end - start < MAX_ENCODED);
  log->pending_len += (size_t)(end - start);
  if (log->pending_len > sizeof(log->pending) - MAX_ENCODED) {
    flush(log);
  }
  for (size_t i = 0; i < log->count; i++) {
    log->subscribers[i].fn(log->subscribers[i].user, event);
  }
}

void ho_log_digest(ho_log *log, char hex[65]) {
  gnutls_hash_hd_t copy;
  uint8_t digest[32];

  flush(log);
  copy = gnutls_hash_copy(log->hash);
  if (!copy) {
    fprintf(stderr, "handoff: GnuTLS cannot copy a hash\n");
    abort();
  }
  gnutls_hash_deinit(copy, digest);
  for (size_t i = 0; i < sizeof(digest); i++) {
    snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  }
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
