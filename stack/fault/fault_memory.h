/* What several faults keep and ask.  Private to stack/fault. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_FAULT_MEMORY_H
#define HO_STACK_FAULT_MEMORY_H

#include "stack/fault/fault_private.h"

/* fault_pack is the number that stands for an endpoint in the memory of |c|'s
 * faults; it is never 0.  fault_unpack is its inverse. */
uint64_t fault_pack(fault_conn *c, const ho_endpoint *e);
ho_endpoint fault_unpack(const fault_conn *c, uint64_t n);

/* fault_probes: |g| has nothing but probing frames (RFC 9000, 9.1). */
static inline bool fault_probes(const fault_datagram *g) {
  for (size_t i = 0; i < g->frames_count; i++) {
    if (!ho_frame_probing(g->frames[i].type)) {
      return false;
    }
  }
  return true;
}

#endif
