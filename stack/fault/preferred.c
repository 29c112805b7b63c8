/* Faults with the server's preferred address. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/fault/fault_memory.h"

static bool is_preferred(const fault_conn *c, const ho_endpoint *e) {
  return c->peer && c->peer->has_preferred && e->addr.family != 0 &&
         (ho_endpoint_eq(e, &c->peer->preferred_v4) ||
          ho_endpoint_eq(e, &c->peer->preferred_v6));
}

/* H1; 9.6.1: it should be validated. */
static void ignore_preferred(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  g->drop |= is_preferred(c, &g->dst);
}

const fault_def fault_IGNORE_PREFERRED = {.leave = ignore_preferred};

/* H2; 9.6.2: probing packets alone, before it is. */
static void preferred_at_once(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  if (is_preferred(c, &g->dst) && fault_probes(g)) {
    fault_add(g, &(ho_frame){.type = HO_FRAME_PING});
  }
}

const fault_def fault_PREFERRED_AT_ONCE = {.leave = preferred_at_once};

/* H3; 9.6.1: then all packets go there. */
static void keep_original(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  if (!is_preferred(c, &g->dst)) {
    c->memory[0] = fault_pack(c, &g->dst);
  } else if (c->memory[0] && !fault_probes(g)) {
    g->dst = fault_unpack(c, c->memory[0]);
  }
}

const fault_def fault_KEEP_ORIGINAL = {.leave = keep_original};

/* What the peer sends to: first the original address, then another one. */
static bool note_addresses(fault_conn *c, ho_time now) {
  uint64_t *original = &c->memory[0], *preferred = &c->memory[1];

  (void)now;
  if (*original == 0) {
    *original = fault_pack(c, &c->to);
  } else if (fault_pack(c, &c->to) != *original) {
    *preferred = fault_pack(c, &c->to);
  }
  return false;
}

/* H4; 9.6.2: not before the client has come there, and is validated. */
static void preferred_too_soon(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  if (c->memory[1]) {
    g->src = fault_unpack(c, c->memory[1]);
  }
}

const fault_def fault_PREFERRED_TOO_SOON = {.leave = preferred_too_soon,
                                            .arrive = note_addresses};

/* H5; 9.6.2: afterwards from the preferred address alone. */
static void both_addresses(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)now;
  if (c->memory[0] && !fault_probes(g)) {
    g->src = fault_unpack(c, c->memory[0]);
  }
}

const fault_def fault_BOTH_ADDRESSES = {.leave = both_addresses,
                                        .arrive = note_addresses};
