/* Packet numbers when more packets leave than their endpoint knows of: its own
 * are counted up as they go out, ACKs of them down as they come in. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_FAULT_RENUMBER_H
#define HO_STACK_FAULT_RENUMBER_H

#include "sim/wire/frame.h"

/* A run of numbers on the wire that are none of the endpoint's own. */
typedef struct {
  uint64_t first, count;
  uint64_t before; /* how many there are below |first| */
} fault_extras;

/* fault_numbers is one packet number space.  Zeroed, it is a new one. */
typedef struct {
  uint64_t next; /* one more than the highest number on the wire */
  fault_extras *extras;
  size_t extras_count, extras_cap;
  /* Extras that left with ECT(0), which the peer counts (13.4.1): those still
   * to be acknowledged, and how many are. */
  uint64_t *marked;
  size_t marked_count, marked_cap;
  uint64_t marked_acked;
} fault_numbers;

void fault_numbers_free(fault_numbers *n);

/* fault_numbers_out is the number on the wire of the endpoint's packet |own|,
 * which leaves now; it is higher than all before. */
uint64_t fault_numbers_out(const fault_numbers *n, uint64_t own);

/* fault_numbers_used tells that the packet that was to be |expected| leaves as
 * |wire|.  If that is higher, those between are extras that never left; if it
 * is lower, it was used before, and |expected| is not used at all. */
void fault_numbers_used(fault_numbers *n, uint64_t expected, uint64_t wire);

/* fault_numbers_extra takes the next number for a packet with the ECN bits
 * |ecn|. */
uint64_t fault_numbers_extra(fault_numbers *n, uint8_t ecn);

/* fault_numbers_ack writes to |dest| the ACK frame (RFC 9000, 19.3) that the
 * peer would have sent instead of |ack|, had the endpoint's own packets been
 * the only ones.  It is no longer than |ack|, whose varints are the shortest
 * that there are.  Returns its size; 0: nothing of the endpoint's own is
 * acknowledged, or |cap| is too small. */
size_t fault_numbers_ack(fault_numbers *n, const ho_frame *ack, uint8_t *dest,
                         size_t cap);

#endif
