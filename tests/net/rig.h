/* What tests of elements need: an environment, ends that record what arrives,
 * and a way to send at a given time. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_NET_RIG_H
#define HO_TESTS_NET_RIG_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/net/element.h"
#include "sim/ns3/ns3.h"
#include "tests/suite.h"

/* rig_note is one arrival (|reason| NULL) or loss. */
typedef struct {
  ho_time t;
  uint64_t id;
  uint64_t bytes;
  const char *reason;
} rig_note;

typedef struct {
  rig_note *notes;
  size_t count, cap;
} rig_notes;

typedef struct rig rig;

/* rig_end stands at one side of what is tested. */
typedef struct {
  ho_element element; /* first */
  rig *of;
} rig_end;

struct rig {
  ho_pool pool;
  ho_log *log;
  ho_env env;
  rig_end ends[2];      /* where packets going up, and down, arrive */
  rig_notes arrived[2]; /* by direction */
  rig_notes dropped[2];
  void (*on_arrival)(rig *r, ho_direction dir); /* may be NULL */
};

static inline void rig_add(rig_notes *notes, rig_note note) {
  ho_grow(&notes->notes, notes->count, &notes->cap, sizeof(note));
  notes->notes[notes->count++] = note;
}

static inline void rig_arrive(ho_element *self, ho_direction dir,
                              ho_packet *pkt) {
  rig *r = ((rig_end *)self)->of;

  rig_add(&r->arrived[dir], (rig_note){ho_ns_now(), pkt->id, pkt->len, NULL});
  ho_packet_del(&r->pool, pkt);
  if (r->on_arrival) {
    r->on_arrival(r, dir);
  }
}

static inline void rig_on_event(void *user, const ho_event *event) {
  rig *r = user;

  if (event->kind == HO_EV_packet_dropped) {
    const ho_ev_packet_dropped *ev = &event->u.packet_dropped;
    ho_direction dir = strcmp(ev->direction, "up") ? HO_DOWN : HO_UP;

    rig_add(&r->dropped[dir],
            (rig_note){event->t, ev->packet, ev->bytes, ev->reason});
  }
}

static inline void rig_init(rig *r, uint64_t seed) {
  memset(r, 0, sizeof(*r));
  ho_ns_start(seed);
  r->log = ho_log_new();
  r->env = (ho_env){r->log, &r->pool, seed};
  ho_log_subscribe(r->log, rig_on_event, r);
  for (int dir = 0; dir < 2; dir++) {
    r->ends[dir].element.push = rig_arrive;
    r->ends[dir].of = r;
  }
}

/* rig_join puts |element| between the ends. */
static inline void rig_join(rig *r, ho_element *element) {
  ho_element_link(element, &r->ends[HO_UP].element);
  ho_element_link(&r->ends[HO_DOWN].element, element);
}

static inline void rig_free(rig *r) {
  ck_assert_uint_eq(r->pool.live, 0);
  ho_ns_end();
  ho_log_del(r->log);
  ho_pool_free(&r->pool);
  for (int dir = 0; dir < 2; dir++) {
    free(r->arrived[dir].notes);
    free(r->dropped[dir].notes);
  }
}

/* rig_send_of sends a packet of |client|'s and returns its id. */
static inline uint64_t rig_send_of(rig *r, int client, ho_direction dir,
                                   uint32_t len) {
  ho_element *from = &r->ends[dir == HO_UP ? HO_DOWN : HO_UP].element;
  ho_packet *pkt = ho_packet_new(&r->pool);
  uint64_t id = pkt->id;

  pkt->client = client;
  pkt->len = len;
  ho_element_forward(from, dir, pkt);
  return id;
}

static inline void rig_send(rig *r, ho_direction dir, uint32_t len) {
  rig_send_of(r, -1, dir, len);
}

/* rig_job is something to do at a time; |count| packets of |len| bytes, |gap|
 * apart, if |fn| is NULL. */
typedef struct {
  rig *r;
  ho_direction dir;
  uint32_t len;
  size_t count;
  ho_time gap;
} rig_job;

static inline void rig_run_job(void *user) {
  rig_job *job = user;

  do {
    rig_send(job->r, job->dir, job->len);
  } while (--job->count > 0 && job->gap == 0);
  if (job->count > 0) {
    ho_ns_at(ho_ns_now() + job->gap, rig_run_job, job);
  } else {
    free(job);
  }
}

/* rig_send_at sends |count| packets of |len| bytes, |gap| apart, from |at|. */
static inline void rig_send_at(rig *r, ho_time at, ho_direction dir,
                               uint32_t len, size_t count, ho_time gap) {
  rig_job *job = ho_alloc(sizeof(*job));

  *job = (rig_job){r, dir, len, count, gap};
  ho_ns_at(at, rig_run_job, job);
}

#endif
