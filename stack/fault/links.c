/* Faults with connection IDs that an endpoint uses, and with the spin bit. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/fault/cids.h"

/* 5.1.2: what is no longer used is retired. */
static void never_retire(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)c, (void)now;
  fault_remove_all(g, HO_FRAME_RETIRE_CONNECTION_ID);
}

const fault_def fault_NEVER_RETIRE = {.leave = never_retire};

/* 19.16: a packet does not retire its own DCID. */
static void retire_own(fault_conn *c, fault_datagram *g, ho_time now) {
  ho_frame f = {.type = HO_FRAME_RETIRE_CONNECTION_ID};

  (void)now;
  if (!c->memory[0]) {
    c->memory[0] = fault_add(g, &f);
  }
}

const fault_def fault_RETIRE_OWN = {.leave = retire_own};

/* The DCID of the first packet that |c|'s fault was shown. */
static ho_cid first_dcid(fault_conn *c, const fault_datagram *g) {
  if (!c->memory[0]) {
    c->memory[0] = 1;
    fault_cid_keep(&c->memory[1], &g->dcid);
  }
  return fault_cid_kept(&c->memory[1]);
}

/* 5.1.2: RETIRE_CONNECTION_ID is a promise. */
static void use_retired_cid(fault_conn *c, fault_datagram *g, ho_time now) {
  ho_cid first = first_dcid(c, g);

  if (c->memory[4] && now > c->memory[4] && !c->memory[5]) {
    g->dcid = first;
    c->memory[5] = 1;
  }
  if (fault_find(g, HO_FRAME_RETIRE_CONNECTION_ID, 0) >= 0) {
    c->memory[4] = now;
  }
}

const fault_def fault_USE_RETIRED_CID = {.leave = use_retired_cid};

/* 9.5: another address, another CID. */
static void keep_cid(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  g->dcid = first_dcid(c, g);
  fault_remove_all(g, HO_FRAME_RETIRE_CONNECTION_ID);
}

const fault_def fault_KEEP_CID = {.leave = keep_cid};

/* 17.4, but for the reset with every new CID. */
static bool follow_spin(fault_conn *c, ho_time now) {
  (void)now;
  for (size_t i = 0; i < c->arrived->packets_count; i++) {
    const ho_wire_packet *p = &c->arrived->packets[i];
    if (p->opened && p->header.type == HO_WIRE_1RTT && p->pn >= c->memory[0]) {
      c->memory[0] = p->pn;
      c->memory[1] = p->spin;
    }
  }
  return false;
}

static void spin(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  g->spin = c->side == HO_CLIENT ? !c->memory[1] : c->memory[1];
}

const fault_def fault_SPIN = {.leave = spin, .arrive = follow_spin};

/* 10.3.1: nothing is sent after a stateless reset. */
static bool send_after_reset(fault_conn *c, ho_time now) {
  fault_datagram g;
  ho_frame ping = {.type = HO_FRAME_PING};

  (void)now;
  if (c->arrived->maybe_reset && !c->memory[0]) {
    c->memory[0] = 1;
    fault_extra(c, &g);
    fault_add(&g, &ping);
    fault_send(c, &g, 20 * HO_MSEC);
  }
  return false;
}

const fault_def fault_SEND_AFTER_RESET = {.arrive = send_after_reset};
