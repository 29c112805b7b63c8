/* What several faults keep and ask.  Private to stack/fault. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_FAULT_MEMORY_H
#define HO_STACK_FAULT_MEMORY_H

#include "stack/fault/fault_private.h"

/* fault_pack makes one number of an IPv4 endpoint, for a fault's memory; it is
 * never 0.  fault_unpack puts it back into an endpoint of IPv4. */
static inline uint64_t fault_pack(const ho_endpoint *e) {
  uint64_t n = 0;

  for (int i = 0; i < 4; i++) {
    n = n << 8 | e->addr.bytes[i];
  }
  return n << 16 | e->port;
}

static inline void fault_unpack(ho_endpoint *e, uint64_t n) {
  e->port = (uint16_t)n;
  for (int i = 0; i < 4; i++) {
    e->addr.bytes[i] = (uint8_t)(n >> (40 - 8 * i));
  }
}

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
