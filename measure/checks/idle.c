/* Checks of unroutable servers and of silence: I5 to I7. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "measure/checks/cids.h"

typedef struct {
  bool forgotten; /* the server has ended the connection, or was restarted */
  bool asked[2];  /* an eliciting packet was sent since the last */
  ho_time t_asked[2];     /* arrival: when the first of them was */
  ho_time t_heard[2];     /* that arrival; 0: none */
  uint64_t next_pn[2][3]; /* after the largest that arrived, by receiver and
                             space */
  ho_time t_up;           /* the client's last datagram on the wire; 0: none */
  ho_time silence;        /* the longest between two of them */
  int net;                /* where that was */
} idle;

/* ---- I5 ---- */

static bool is_reset_in_use(const ho_flow *flow, const ho_sighting *s) {
  const ho_flow_cid *cid = ho_flow_find_reset(flow, HO_SERVER, s->d);

  return cid && cid->t_retired == HO_NEVER;
}

/* A reset to a client that has moved, from a server that has not ended the
 * connection, shows that packets from there do not reach it. */
static void judge_route(ho_flow *flow, const idle *m, const ho_sighting *s) {
  const ho_flow_end *end = &flow->ends[HO_SERVER];
  const ho_tuple *first = end->paths_count > 0 ? &end->paths[0].tuple : NULL;

  if (!first || m->forgotten || end->t_closed != HO_NEVER ||
      end->t_reset != HO_NEVER || !end->params ||
      ho_endpoint_eq(&first->client, &s->tuple.client) ||
      !is_reset_in_use(flow, s)) {
    return;
  }
  if (end->params->disable_active_migration) {
    ho_flow_pass(flow, HO_CHECK_I5);
  } else {
    ho_flow_fail(flow, HO_CHECK_I5, HO_SERVER, s->t, s, NULL,
                 "a client's new address gets a reset, and migration was not "
                 "disabled");
  }
}

/* ---- I6 ---- */

static void note_asked(idle *m, const ho_sighting *s) {
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    if (p->opened && p->eliciting && !m->asked[s->from]) {
      m->asked[s->from] = true;
      m->t_asked[s->from] = s->t;
    }
  }
}

/* A server may discard what comes from another address before the handshake is
 * over, since 9 relies on a stable one until then, or where it has disabled
 * migration. */
static bool may_discard(const ho_flow *flow, const ho_sighting *s) {
  const ho_flow_end *end = &flow->ends[HO_SERVER];
  bool stays = end->t_confirmed == HO_NEVER ||
               (end->params && end->params->disable_active_migration);

  return s->from == HO_CLIENT && stays && end->paths_count > 0 &&
         !ho_endpoint_eq(&end->paths[0].tuple.client, &s->tuple.client);
}

/* Packets that are received and processed count, so none twice. */
static void note_answer(const ho_flow *flow, idle *m, const ho_sighting *s) {
  ho_side to = ho_other(s->from);

  if (may_discard(flow, s)) {
    return;
  }
  for (size_t i = 0; i < s->d->packets_count; i++) {
    const ho_wire_packet *p = &s->d->packets[i];
    uint64_t *next = &m->next_pn[to][ho_flow_space(p)];
    if (p->opened && p->pn >= *next) {
      *next = p->pn + 1;
      m->asked[to] = false;
      m->t_heard[to] = s->t;
    }
  }
}

/* 10.1: the timer runs from the last arrival, or from the first eliciting
 * packet after that. */
static void judge_idle(ho_flow *flow, const idle *m, ho_side side,
                       ho_time now) {
  ho_time since = m->asked[side] ? m->t_asked[side] : m->t_heard[side];
  ho_time least = 3 * ho_flow_pto(flow, side);

  if (since == 0 && !m->asked[side]) {
    return;
  }
  if (now - since < least) {
    ho_flow_fail(flow, HO_CHECK_I6, side, now, NULL, NULL,
                 "idle timeout after %llu ms, 3 PTOs are %llu",
                 (unsigned long long)((now - since) / HO_MSEC),
                 (unsigned long long)(least / HO_MSEC));
  } else {
    ho_flow_pass(flow, HO_CHECK_I6);
  }
}

/* ---- I7 ---- */

static void note_up(const ho_flow *flow, idle *m, const ho_sighting *s) {
  bool connected = flow->ends[HO_CLIENT].t_confirmed != HO_NEVER &&
                   flow->ends[HO_CLIENT].t_closed == HO_NEVER;

  if (connected && m->t_up > 0 && s->t - m->t_up > m->silence) {
    m->silence = s->t - m->t_up;
    m->net = s->net;
  }
  m->t_up = s->t;
}

static void observe_silence(ho_flow *flow, const idle *m) {
  const ho_net_config *net;

  if (m->silence == 0 || m->net < 0 ||
      (size_t)m->net >= flow->scenario->nets_count) {
    return;
  }
  net = &flow->scenario->nets[m->net];
  if (net->nat.present) {
    ho_flow_observe(flow, HO_CHECK_I7,
                    "the client is silent for up to %llu ms; the NAT of %s "
                    "forgets after %llu",
                    (unsigned long long)(m->silence / HO_MSEC), net->name,
                    (unsigned long long)(net->nat.udp_timeout / HO_MSEC));
  } else {
    ho_flow_observe(flow, HO_CHECK_I7,
                    "the client is silent for up to %llu ms; many NATs forget "
                    "after 30000",
                    (unsigned long long)(m->silence / HO_MSEC));
  }
}

/* ---- a run ---- */

static void datagram(ho_flow *flow, void *state, const ho_sighting *s) {
  idle *m = state;
  bool own = !s->forged && s->copy_of == 0;

  switch (s->at) {
  case HO_SENT:
    if (own) {
      note_asked(m, s);
      if (s->from == HO_SERVER) {
        judge_route(flow, m, s);
      }
    }
    break;
  case HO_ON_WIRE:
    if (own) {
      note_up(flow, m, s);
    }
    break;
  case HO_RECEIVED:
    note_answer(flow, m, s);
    break;
  }
}

static void event(ho_flow *flow, void *state, const ho_event *ev) {
  idle *m = state;

  switch (ev->kind) {
  case HO_EV_action:
    m->forgotten |= strcmp(ev->u.action.action, "restart") == 0;
    break;
  case HO_EV_connection_closed:
    if (strcmp(ev->u.connection_closed.reason, "idle timeout") == 0) {
      judge_idle(flow, m, ev->u.connection_closed.endpoint, ev->t);
    }
    m->forgotten |= ev->u.connection_closed.endpoint == HO_SERVER;
    break;
  default:
    break;
  }
}

static void finish(ho_flow *flow, void *state, ho_time now) {
  (void)now;
  observe_silence(flow, state);
}

const ho_check_module ho_checks_idle = {.name = "idle",
                                        .state_size = sizeof(idle),
                                        .datagram = datagram,
                                        .event = event,
                                        .finish = finish};
