/* The rolling hash of a run's events: trace_sha256 in runs.csv. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/base/trace.h"

#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "sim/base/alloc.h"

enum {
  MAX_FIELDS = 16, /* as many tags as 64 bits hold */
  MAX_ENCODED = 1024
};

/* The last event of a kind at an endpoint. */
typedef struct {
  uint64_t numbers[MAX_FIELDS];
  ho_tuple tuple;
  ho_endpoint endpoint;
  ho_cid cid;
} before;

/* Events are encoded into |pending| and hashed a block at a time, because a
 * hash call for each would cost more than the event. */
struct ho_trace {
  gnutls_hash_hd_t hash;
  uint64_t t; /* of the last event of any kind */
  before last[HO_EV_COUNT][2];
  size_t pending_len;
  uint8_t pending[16384];
};

/* Where an event's encoding stands. */
typedef struct {
  uint8_t *p;
  uint64_t tags;
  unsigned count; /* of tags */
  before *of_kind, *last;
} writer;

/* How many tags each has: time, client and fields. */
enum {
#define F(type, name, about)    +1
#define EVENT(name, about, ...) TAGS_##name = 2 __VA_ARGS__,
#include "sim/base/events.def"
#undef EVENT
#undef F
};

#define EVENT(name, about, ...)                                                \
  _Static_assert((int)TAGS_##name <= (int)MAX_FIELDS, "too many fields");
#include "sim/base/events.def"
#undef EVENT

ho_trace *ho_trace_new(void) {
  ho_trace *trace = ho_alloc(sizeof(*trace));

  if (gnutls_hash_init(&trace->hash, GNUTLS_DIG_SHA256) != 0) {
    fprintf(stderr, "handoff: no SHA-256 in GnuTLS\n");
    abort();
  }
  return trace;
}

void ho_trace_del(ho_trace *trace) {
  if (!trace) {
    return;
  }
  gnutls_hash_deinit(trace->hash, NULL);
  free(trace);
}

static inline void put_tag(writer *w, unsigned tag) {
  w->tags |= (uint64_t)tag << (4 * w->count++);
}

/* All eight bytes are stored, and the leading zeros then overwritten. */
static inline void put_number(writer *w, uint64_t *last, uint64_t v) {
  uint64_t x = v ^ *last, stored = htole64(x);
  unsigned len = x == 0 ? 0 : (71 - (unsigned)__builtin_clzll(x)) / 8;

  *last = v;
  memcpy(w->p, &stored, sizeof(stored));
  w->p += len;
  put_tag(w, len);
}

/* What comes before an endpoint's name is kept with the client's. */
static inline void put_side(writer *w, ho_side side) {
  put_number(w, &w->last->numbers[w->count], (uint64_t)side);
  w->last = &w->of_kind[side];
}

static void put_bytes(writer *w, const void *bytes, size_t len) {
  memcpy(w->p, bytes, len);
  w->p += len;
}

static void put_str(writer *w, const char *s) {
  size_t len = s ? strlen(s) : 0;

  assert(len <= 255);
  *w->p++ = (uint8_t)len;
  put_bytes(w, s ? s : "", len);
  put_tag(w, 0);
}

static void put_endpoint_bytes(writer *w, const ho_endpoint *e) {
  *w->p++ = e->addr.family;
  put_bytes(w, e->addr.bytes, e->addr.family == 6 ? 16 : 4);
  *w->p++ = (uint8_t)e->port;
  *w->p++ = (uint8_t)(e->port >> 8);
}

static inline void put_endpoint(writer *w, const ho_endpoint *e) {
  bool same = ho_endpoint_eq(&w->last->endpoint, e);

  put_tag(w, !same);
  if (!same) {
    w->last->endpoint = *e;
    put_endpoint_bytes(w, e);
  }
}

static inline void put_tuple(writer *w, const ho_tuple *t) {
  bool same = ho_tuple_eq(&w->last->tuple, t);

  put_tag(w, !same);
  if (!same) {
    w->last->tuple = *t;
    put_endpoint_bytes(w, &t->client);
    put_endpoint_bytes(w, &t->server);
  }
}

static inline void put_cid(writer *w, const ho_cid *cid) {
  const ho_cid *last = &w->last->cid;
  bool same =
      last->len == cid->len && memcmp(last->bytes, cid->bytes, cid->len) == 0;

  put_tag(w, !same);
  if (!same) {
    w->last->cid = *cid;
    *w->p++ = cid->len;
    put_bytes(w, cid->bytes, cid->len);
  }
}

static void put_token(writer *w, const ho_token *token) {
  put_bytes(w, token->bytes, sizeof(token->bytes));
  put_tag(w, 0);
}

/* The tags come before what they are of, when that is known. */
static inline void put_tags(uint8_t *p, uint64_t tags, unsigned count) {
  uint64_t stored = htole64(tags);

  memcpy(p, &stored, (count + 1) / 2);
}

/* A field's tag has the number that its last value is kept under. */
#define PUT_U64(x)      put_number(&w, &w.last->numbers[w.count], (x));
#define PUT_I64(x)      PUT_U64((uint64_t)(x))
#define PUT_TIME(x)     PUT_U64(x)
#define PUT_SIDE(x)     put_side(&w, (x));
#define PUT_NET(x)      PUT_U64((uint64_t)(x))
#define PUT_STR(x)      put_str(&w, (x));
#define PUT_TUPLE(x)    put_tuple(&w, &(x));
#define PUT_ENDPOINT(x) put_endpoint(&w, &(x));
#define PUT_CID(x)      put_cid(&w, &(x));
#define PUT_TOKEN(x)    put_token(&w, &(x));

static uint8_t *encode(ho_trace *trace, uint8_t *p, const ho_event *event) {
  writer w = {.of_kind = trace->last[event->kind]};

  w.last = w.of_kind;
  *p++ = (uint8_t)event->kind;
  switch (event->kind) {
#define F(type, name, about) PUT_##type(ev->name)
#define EVENT(name, about, ...)                                                \
  case HO_EV_##name: {                                                         \
    const ho_ev_##name *ev = &event->u.name;                                   \
    w.p = p + (TAGS_##name + 1) / 2;                                           \
    put_number(&w, &trace->t, event->t);                                       \
    PUT_I64(event->client)                                                     \
    __VA_ARGS__                                                                \
    put_tags(p, w.tags, TAGS_##name);                                          \
    break;                                                                     \
  }
#include "sim/base/events.def"
#undef EVENT
#undef F
  case HO_EV_COUNT:
    assert(0);
  }
  return w.p;
}

static void flush(ho_trace *trace) {
  gnutls_hash(trace->hash, trace->pending, trace->pending_len);
  trace->pending_len = 0;
}

void ho_trace_add(ho_trace *trace, const ho_event *event) {
  uint8_t *start = trace->pending + trace->pending_len;
  uint8_t *end = encode(trace, start, event);

  assert(end - start < MAX_ENCODED);
  trace->pending_len += (size_t)(end - start);
  if (trace->pending_len > sizeof(trace->pending) - MAX_ENCODED) {
    flush(trace);
  }
}

void ho_trace_digest(ho_trace *trace, char hex[65]) {
  gnutls_hash_hd_t copy;
  uint8_t digest[32];

  flush(trace);
  copy = gnutls_hash_copy(trace->hash);
  if (!copy) {
    fprintf(stderr, "handoff: GnuTLS cannot copy a hash\n");
    abort();
  }
  gnutls_hash_deinit(copy, digest);
  for (size_t i = 0; i < sizeof(digest); i++) {
    snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  }
}
