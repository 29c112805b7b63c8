/* Checks E11 and E12: what an end begins a new path with. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/checks/begin.h"

enum {
  OVERSIZE = 3, /* large datagrams at a time that may be probes of the MTU */
  ENOUGH = 5,   /* datagrams that show what size a new path begins with */
  SMALLEST = 1200,
};

typedef ho_begin_path pair;

static pair *pair_of(ho_begin *e, const ho_tuple *tuple) {
  for (size_t i = 0; i < e->count; i++) {
    if (ho_tuple_eq(&e->paths[i].tuple, tuple)) {
      return &e->paths[i];
    }
  }
  if (e->count == HO_BEGIN_PATHS) {
    return NULL;
  }
  e->paths[e->count] = (pair){.tuple = *tuple};
  return &e->paths[e->count++];
}

/* ---- E11: ECN ---- */

/* What one ACK newly acknowledges. */
typedef struct {
  ho_begin *e;
  uint64_t marked; /* ECT packets */
  int path;        /* theirs; -1: none yet, -2: several */
} newly;

static void on_acked(void *user, const ho_sent_packet *packet) {
  newly *n = user;
  pair *path = &n->e->paths[packet->path];

  if (packet->bytes > path->taken) {
    path->taken = packet->bytes;
    path->large = packet->bytes > SMALLEST ? 0 : path->large;
  }
  if (packet->ecn == 1 || packet->ecn == 2) {
    n->marked++;
    if (n->path == -1) {
      n->path = (int)packet->path;
    } else if (n->path != (int)packet->path) {
      n->path = -2;
    }
  }
}

/* 13.4.2.1: the counts must be there, and grow by what was marked. */
static void check_counts(ho_flow *flow, ho_begin *e, ho_side side,
                         const ho_frame *ack, const newly *n,
                         const ho_sighting *s) {
  bool counts = ack->type == HO_FRAME_ACK_ECN;
  uint64_t total = ack->ect0 + ack->ect1 + ack->ce, grown = 0;
  pair *path;

  if (counts) {
    grown = total > e->counted ? total - e->counted : 0; /* it may lie */
    e->counted = total;
  }
  if (n->marked == 0 || n->path <= 0 || /* 0 is the handshake's */
      !ho_tuple_eq(&s->tuple, &e->tuple)) {
    return;
  }
  path = &e->paths[n->path];
  if (!ho_tuple_eq(&path->tuple, &s->tuple)) {
    return;
  }
  if (grown >= n->marked) {
    path->confirmed += n->marked;
    if (path->t_ecn_failed == 0) {
      ho_flow_pass(flow, HO_CHECK_E11);
    }
  } else if (path->t_ecn_failed == 0 &&
             flow->ends[side].t_confirmed != HO_NEVER) {
    path->t_ecn_failed = s->t;
  }
}

/* 13.4.2.2: it stops, but MAY try again later. */
static void check_mark(ho_flow *flow, pair *path, ho_side side,
                       const ho_sighting *s, const ho_wire_packet *p) {
  if (path->t_ecn_failed == 0 || path->ecn_stopped) {
    return;
  }
  if (s->ecn != 1 && s->ecn != 2) {
    path->ecn_stopped = true;
    ho_flow_pass(flow, HO_CHECK_E11);
  } else if (s->t > path->t_ecn_failed + HO_MSEC) {
    ho_flow_fail(flow, HO_CHECK_E11, side, s->t, s, p,
                 "marked ECT %.3f ms after an ACK that does not count what was "
                 "marked on this path",
                 (double)(s->t - path->t_ecn_failed) / 1e6);
  }
}

/* ---- E12: sizes ---- */

/* 14.2 speaks of IP addresses: ports do not count. */
static uint32_t known_to_take(const ho_begin *e, const ho_tuple *tuple) {
  uint32_t most = SMALLEST;

  for (size_t i = 0; i < e->count; i++) {
    const pair *other = &e->paths[i];
    if (ho_same_addrs(&other->tuple, tuple) && other->taken > most) {
      most = other->taken;
    }
  }
  return most;
}

static bool is_mtu_probe(const ho_wire_packet *p) {
  for (size_t i = 0; i < p->frames_count; i++) {
    if (p->frames[i].type != HO_FRAME_PING &&
        p->frames[i].type != HO_FRAME_PADDING) {
      return false;
    }
  }
  return true;
}

/* A probe may carry data (14.4), but one is enough: several that are larger
 * than what the path is known to take are no probes. */
static void check_size(ho_flow *flow, ho_begin *e, pair *path, ho_side side,
                       const ho_sighting *s, const ho_wire_packet *p) {
  uint32_t most = known_to_take(e, &s->tuple);

  path->sent++;
  if (s->d->bytes <= most || is_mtu_probe(p) || path->blind ||
      ho_same_addrs(&path->tuple, &e->paths[0].tuple)) {
    return;
  }
  if (path->large++ == 0) {
    path->large_by = ho_mark_of(s, p);
  }
  if (path->large >= OVERSIZE && !path->large_seen) {
    path->large_seen = true;
    ho_flow_fail(flow, HO_CHECK_E12, side, s->t, &path->large_by.s,
                 &path->large_by.p,
                 "a datagram of %zu bytes on a path that is known to take %u",
                 s->d->bytes, (unsigned)most);
  }
}

/* It was exercised where larger ones had been in use before. */
void ho_begin_finish(const ho_begin *e, ho_flow *flow) {
  uint32_t before = 0;

  for (size_t i = 0; i < e->count; i++) {
    const pair *path = &e->paths[i];
    if (before > SMALLEST && path->sent >= ENOUGH && !path->blind &&
        !path->large_seen && !ho_same_addrs(&path->tuple, &e->paths[0].tuple)) {
      ho_flow_pass(flow, HO_CHECK_E12);
    }
    before = path->taken > before ? path->taken : before;
  }
}

void ho_begin_ack(ho_begin *e, ho_flow *flow, ho_side side, const ho_frame *ack,
                  const ho_sighting *s) {
  newly n = {.e = e, .path = -1};

  /* What comes to a path that it has left a client may discard. */
  if (ho_sent_acknowledge(&e->sent, ack, on_acked, &n)) {
    check_counts(flow, e, side, ack, &n, s);
  }
}

void ho_begin_sent(ho_begin *e, ho_flow *flow, const ho_sighting *s,
                   const ho_wire_packet *p) {
  pair *path = pair_of(e, &s->tuple);

  if (!p->probing) {
    e->tuple = s->tuple;
  }
  if (!path) {
    return;
  }
  if (s->from == HO_CLIENT && path != &e->paths[0] &&
      ho_flow_passive(flow, s)) {
    path->blind = true;
  }
  ho_sent_add(&e->sent, &(ho_sent_packet){.pn = p->pn,
                                          .t = s->t,
                                          .bytes = (uint32_t)s->d->bytes,
                                          .path = (uint32_t)(path - e->paths),
                                          .ecn = s->ecn,
                                          .probe = p->probing});
  path->marked += s->ecn == 1 || s->ecn == 2;
  check_mark(flow, path, s->from, s, p);
  check_size(flow, e, path, s->from, s, p);
}

void ho_begin_free(ho_begin *e) {
  ho_sent_free(&e->sent);
}
