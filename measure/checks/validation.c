/* Checks of what validates an address, and of a validation that fails: C11, C13
 * and C15. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "measure/checks/peers.h"
#include "measure/checks/trail.h"
#include "sim/base/alloc.h"

enum { PROTOCOL_VIOLATION = 0x0a, NO_VIABLE_PATH = 0x10 };

/* An address that might be taken for validated and is not. */
typedef struct {
  bool acked;     /* C11: only an ACK came */
  bool unmatched; /* C15: only a wrong PATH_RESPONSE came */
} suspect;

typedef struct {
  ho_peers peers;
  suspect *suspects; /* by peer */
  size_t suspects_count, suspects_cap;
  ho_sent challenging; /* the server's packets with a PATH_CHALLENGE */
  ho_home home;
  bool home_lost;      /* its network is gone */
  bool unmatched[2];   /* a wrong PATH_RESPONSE has reached that side */
  ho_time t_failed[2]; /* C13: HO_NEVER or 0: no validation has failed */
  bool alternative[2]; /* and another path was valid then */
} state;

/* ---- C11 and C15: what validates nothing ---- */

static suspect *get_suspect(state *st, size_t peer) {
  while (st->suspects_count <= peer) {
    ho_grow(&st->suspects, st->suspects_count, &st->suspects_cap,
            sizeof(*st->suspects));
    st->suspects[st->suspects_count++] = (suspect){0};
  }
  return &st->suspects[peer];
}

static void note_acked(void *user, const ho_sent_packet *packet) {
  state *st = user;

  if (st->peers.list[packet->path].t_validated == HO_NEVER) {
    get_suspect(st, packet->path)->acked = true;
  }
}

static void note_response(ho_flow *flow, state *st, ho_side side,
                          const ho_frame *f) {
  size_t at = st->peers.at;

  if (ho_flow_find_challenge(flow, side, f->data)) {
    return;
  }
  st->unmatched[side] = true;
  if (side == HO_SERVER && st->peers.list[at].t_validated == HO_NEVER) {
    get_suspect(st, at)->unmatched = true;
  }
}

/* Whoever takes an address for validated lifts the limit. */
static void check_limit(ho_flow *flow, state *st, const ho_sighting *s) {
  const ho_wire_packet *p = s->d->packets_count > 0 ? &s->d->packets[0] : NULL;
  const suspect *u =
      st->peers.at < st->suspects_count ? &st->suspects[st->peers.at] : NULL;
  bool over = s->d->bytes > st->peers.allowance;

  if (!u || st->peers.allowance == UINT64_MAX) {
    return;
  }
  if (u->acked && over) {
    ho_flow_fail(flow, HO_CHECK_C11, HO_SERVER, s->t, s, p,
                 "%zu bytes with %" PRIu64 " allowed: a PATH_CHALLENGE was "
                 "acknowledged, not answered",
                 s->d->bytes, st->peers.allowance);
  } else if (u->acked) {
    ho_flow_pass(flow, HO_CHECK_C11);
  }
  if (u->unmatched && over) {
    ho_flow_fail(flow, HO_CHECK_C15, HO_SERVER, s->t, s, p,
                 "%zu bytes with %" PRIu64 " allowed: the PATH_RESPONSE "
                 "that came matches nothing",
                 s->d->bytes, st->peers.allowance);
  } else if (u->unmatched) {
    ho_flow_pass(flow, HO_CHECK_C15);
  }
}

/* An endpoint that reports success without an answer to any of its challenges
 * there. */
static void check_success(ho_flow *flow, const state *st,
                          const ho_ev_path_validation *v, ho_time t) {
  const ho_flow_challenge *c = NULL;
  bool asked = false, answered = false;

  while (!answered &&
         (c = ho_flow_next_challenge(flow, v->endpoint, &v->tuple.client, c))) {
    if (ho_tuple_eq(&c->tuple, &v->tuple)) {
      asked = true;
      answered = c->t_answered != HO_NEVER;
    }
  }
  if (asked && !answered && st->unmatched[v->endpoint]) {
    ho_flow_fail(flow, HO_CHECK_C15, v->endpoint, t, NULL, NULL,
                 "a path counts as validated, with a PATH_RESPONSE that "
                 "matches nothing");
  }
}

/* ---- C13: a failure is not the end ---- */

/* Whether |side| has a valid path beside the one at |failed|.  What a client
 * had moved to already was no probe, and one whose network is gone has none. */
static bool has_other(ho_flow *flow, const state *st, ho_side side,
                      const ho_tuple *failed) {
  const ho_peers *peers = &st->peers;

  if (side == HO_CLIENT) {
    const ho_tuple *at = &st->home.tuple;
    const ho_flow_path *home =
        st->home.known ? ho_flow_find_path(flow, HO_CLIENT, at) : NULL;
    return home && home->t_validated != HO_NEVER && !st->home_lost &&
           !ho_tuple_eq(at, failed);
  }
  for (size_t i = 0; i < peers->count; i++) {
    if (peers->list[i].t_validated != HO_NEVER &&
        !ho_endpoint_eq(&peers->list[i].client, &failed->client)) {
      return true;
    }
  }
  return false;
}

static void check_c13(ho_flow *flow, state *st, ho_side side,
                      const ho_sighting *s, const ho_wire_packet *p) {
  const ho_frame *f = ho_packet_find(p, HO_FRAME_CONNECTION_CLOSE);
  bool any = ho_packet_closes(p);
  bool failed = st->t_failed[side] > 0 && st->alternative[side];
  bool unviable = f && f->error == NO_VIABLE_PATH;

  if (any && failed && (unviable || st->t_failed[side] == s->t)) {
    ho_flow_fail(flow, HO_CHECK_C13, side, s->t, s, p,
                 "closed %" PRIu64 " ms after a validation failed, with "
                 "another path valid",
                 (s->t - st->t_failed[side]) / HO_MSEC);
  } else if (unviable && has_other(flow, st, side, &s->tuple)) {
    ho_flow_fail(flow, HO_CHECK_C13, side, s->t, s, p,
                 "NO_VIABLE_PATH, with another path valid");
  } else if (failed && !any && s->t > st->t_failed[side]) {
    ho_flow_pass(flow, HO_CHECK_C13);
  }
}

/* ---- what is called ---- */

static void see_sent(ho_flow *flow, state *st, ho_side side,
                     const ho_sighting *s, const ho_wire_packet *p) {
  const ho_frame *f = ho_packet_find(p, HO_FRAME_CONNECTION_CLOSE);

  if (side == HO_SERVER && ho_packet_has(p, HO_FRAME_PATH_CHALLENGE)) {
    ho_sent_add(&st->challenging,
                &(ho_sent_packet){.pn = p->pn, .path = (uint32_t)st->peers.at});
  }
  check_c13(flow, st, side, s, p);
  if (f && f->error == PROTOCOL_VIOLATION && st->unmatched[side]) {
    ho_flow_pass(flow, HO_CHECK_C15);
  }
  if (side == HO_CLIENT && ho_home_sent(&st->home, s, p)) {
    st->home_lost = false;
  }
}

static void see_received(ho_flow *flow, state *st, ho_side side,
                         const ho_wire_packet *p) {
  for (size_t i = 0; i < p->frames_count; i++) {
    const ho_frame *f = &p->frames[i];
    if (f->type == HO_FRAME_PATH_RESPONSE) {
      note_response(flow, st, side, f);
    } else if (side == HO_SERVER &&
               (f->type == HO_FRAME_ACK || f->type == HO_FRAME_ACK_ECN)) {
      ho_sent_acknowledge(&st->challenging, f, note_acked, st);
    }
  }
}

static void datagram(ho_flow *flow, void *user, const ho_sighting *s) {
  state *st = user;

  ho_peers_datagram(&st->peers, flow, s);
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (!ho_is_app(p)) {
      continue;
    }
    if (ho_leaves(s, s->from)) {
      see_sent(flow, st, s->from, s, p);
    } else if (ho_received_by(s, ho_other(s->from))) {
      see_received(flow, st, ho_other(s->from), p);
    }
  }
  if (ho_leaves(s, HO_SERVER)) {
    check_limit(flow, st, s);
  }
}

static void note_validation(ho_flow *flow, state *st,
                            const ho_ev_path_validation *v, ho_time t) {
  if (strcmp(v->result, "success") == 0) {
    check_success(flow, st, v, t);
  } else if (strcmp(v->result, "failure") == 0) {
    st->t_failed[v->endpoint] = t;
    st->alternative[v->endpoint] = has_other(flow, st, v->endpoint, &v->tuple);
  }
}

static void event(ho_flow *flow, void *user, const ho_event *e) {
  state *st = user;

  ho_peers_event(&st->peers, flow, e);
  if (e->kind == HO_EV_path_validation &&
      e->u.path_validation.connection == flow->connection) {
    note_validation(flow, st, &e->u.path_validation, e->t);
  } else if (e->kind == HO_EV_network_down && e->u.network_down.in_use) {
    st->home_lost = true;
  }
}

static void release(void *user) {
  state *st = user;

  ho_peers_free(&st->peers);
  free(st->suspects);
  ho_sent_free(&st->challenging);
}

const ho_check_module ho_checks_validation = {
    .name = "validation",
    .state_size = sizeof(state),
    .datagram = datagram,
    .event = event,
    .free = release,
};
