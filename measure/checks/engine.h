/* The engine of the checks: from a run's packets to flows and verdicts. Private
 * to measure/checks. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_CHECKS_ENGINE_H
#define HO_MEASURE_CHECKS_ENGINE_H

#include "measure/checks/flow.h"
#include "measure/ring.h"

/* A datagram under way, decrypted when it was sent. */
typedef struct decoded {
  struct decoded *next; /* in the pool */
  ho_flow *flow;
  ho_time t_sent;
  ho_wire_datagram d;
} decoded;

struct ho_checks {
  const ho_scenario *scenario;
  size_t arm;
  ho_finding *findings; /* by client, then check */
  ho_flow ***flows;     /* by client: its connections, by number; NULL gaps */
  size_t *flows_count;
  ho_ring under_way; /* decoded *, by packet number */
  size_t held;       /* of those */
  decoded *pool;
  decoded *scratch; /* for what is looked at once */
  ho_checks_watcher watcher;
};

/* ho_flow_new makes the flow of one connection, ho_flow_del ends it. */
ho_flow *ho_flow_new(const ho_scenario *scenario, const ho_arm *arm, int client,
                     uint64_t connection, ho_finding *findings);
void ho_flow_del(ho_flow *flow);

/* ho_flow_learn has |flow| learn from |s|; ho_flow_judge then asks every
 * module.  ho_flow_event does both for an event, ho_flow_finish ends the
 * judging.  ho_flow_left is for where the client takes itself to send from. */
void ho_flow_learn(ho_flow *flow, const ho_sighting *s);
void ho_flow_judge(ho_flow *flow, const ho_sighting *s);
void ho_flow_left(ho_flow *flow, const ho_ev_quic_sent *sent);
void ho_flow_event(ho_flow *flow, const ho_event *event);
void ho_flow_finish(ho_flow *flow, ho_time now);

#endif
