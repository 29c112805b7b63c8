/* The event stream of a run: the only source of every number we report. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_BASE_EVENT_H
#define HO_BASE_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "sim/base/addr.h"
#include "sim/base/cid.h"
#include "sim/base/time.h"

typedef enum {
#define F(type, name, about)
#define EVENT(name, about, ...) HO_EV_##name,
#include "sim/base/events.def"
#undef EVENT
#undef F
  HO_EV_COUNT
} ho_event_kind;

#define HO_FIELD_U64(name)      uint64_t name;
#define HO_FIELD_I64(name)      int64_t name;
#define HO_FIELD_TIME(name)     ho_time name;
#define HO_FIELD_STR(name)      const char *name;
#define HO_FIELD_SIDE(name)     ho_side name;
#define HO_FIELD_NET(name)      int name;
#define HO_FIELD_TUPLE(name)    ho_tuple name;
#define HO_FIELD_ENDPOINT(name) ho_endpoint name;
#define HO_FIELD_CID(name)      ho_cid name;
#define HO_FIELD_TOKEN(name)    ho_token name;

#define F(type, name, about) HO_FIELD_##type(name)
#define EVENT(name, about, ...)                                                \
  typedef struct {                                                             \
    __VA_ARGS__                                                                \
  } ho_ev_##name;
#include "sim/base/events.def"
#undef EVENT
#undef F

/* ho_event is one event; the member of |u| that |kind| names is valid.
 * Strings live at least until the end of the emitting call. */
typedef struct {
  ho_event_kind kind;
  ho_time t;
  int client; /* index of the client concerned, -1 for none */
  union {
#define F(type, name, about)
#define EVENT(name, about, ...) ho_ev_##name name;
#include "sim/base/events.def"
#undef EVENT
#undef F
  } u;
} ho_event;

/* ho_log distributes the events of one run and keeps the rolling SHA-256 that
 * runs.csv shows as trace_sha256. */
typedef struct ho_log ho_log;

typedef void (*ho_log_fn)(void *user, const ho_event *event);

ho_log *ho_log_new(void);
void ho_log_del(ho_log *log);

/* ho_log_subscribe has |fn| called with every later event, in the order of
 * subscription.  |fn| must not emit. */
void ho_log_subscribe(ho_log *log, ho_log_fn fn, void *user);

/* ho_log_emit does nothing where |log| is NULL. */
void ho_log_emit(ho_log *log, const ho_event *event);

/* ho_log_digest writes the hash of all events so far as 64 hexadecimal digits
 * and a zero. */
void ho_log_digest(ho_log *log, char hex[65]);

/* HO_EMIT emits an event by name:
 *   HO_EMIT(log, network_down, now, client, .net = 1, .in_use = 1); */
#define HO_EMIT(log, name, now, who, ...)                                      \
  ho_log_emit((log), &(ho_event){.kind = HO_EV_##name,                         \
                                 .t = (now),                                   \
                                 .client = (who),                              \
                                 .u.name = (ho_ev_##name){__VA_ARGS__}})

const char *ho_event_name(ho_event_kind kind);

/* ho_event_detail writes the event's fields as "name=value name=value" into
 * |buf| of |cap| bytes (512 are enough for every event) and returns it.
 * |nets| are the networks' names. */
char *ho_event_detail(char *buf, size_t cap, const ho_event *event,
                      const char *const *nets, size_t nets_count);

/* ho_event_list calls |fn| for every field of every event, for documentation;
 * |field| and |type| are NULL on an event's own line. */
void ho_event_list(void (*fn)(void *user, const char *event, const char *field,
                              const char *type, const char *about),
                   void *user);

#endif
