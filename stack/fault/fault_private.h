/* What a fault is given to work on.  Private to stack/fault. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_FAULT_PRIVATE_H
#define HO_STACK_FAULT_PRIVATE_H

#include "sim/net/ip.h"
#include "stack/fault/fault.h"

enum { FAULT_FRAMES = 64, FAULT_MEMORY = 8 };

/* fault_datagram is a datagram that the faulty endpoint is about to send, taken
 * apart.  Only those with a 1-RTT packet that could be opened are shown to
 * faults; whatever is coalesced with it stays as it is. */
typedef struct {
  ho_endpoint src, dst; /* may be changed */
  uint8_t ecn;          /* may be changed */
  bool drop;            /* set: nothing goes out */
  bool changed;         /* set: frames, dcid, pn or pad_to were changed */
  ho_cid dcid;          /* may be changed, in length too */
  uint64_t pn;          /* may be changed */
  ho_frame
      frames[FAULT_FRAMES]; /* may be changed; PADDING is made at the end */
  size_t frames_count;
  size_t pad_to; /* bytes of UDP payload at least; at first what it had, if it
                    was padded, else 0 */
  size_t bytes;  /* of UDP payload, as the endpoint made it */
  const ho_wire_packet *p; /* the same, read only */
} fault_datagram;

/* fault_conn is a connection of the faulty end. */
typedef struct {
  ho_side side;
  int client;
  uint64_t connection;
  const ho_wire_params *peer;      /* NULL: not known yet */
  ho_cid dcid;                     /* the endpoint's last */
  ho_endpoint src, dst;            /* of its last datagram */
  const ho_wire_datagram *arrived; /* the last that came in; NULL: none */
  ho_tuple arrived_on;             /* as this end sees it */
  ho_time arrived_at;
  uint64_t *memory; /* FAULT_MEMORY numbers of this fault's own for this
                       connection, at first 0 */
  void *inside;     /* fault.c's */
} fault_conn;

typedef void (*fault_fn)(fault_conn *c, fault_datagram *g, ho_time now);

/* fault_add appends |frame|; fault_remove takes out frame |i|.  Both set
 * |changed|.  fault_find returns the first frame of |type| from |i| on, or
 * -1. */
void fault_add(fault_datagram *g, const ho_frame *frame);
void fault_remove(fault_datagram *g, size_t i);
int fault_find(const fault_datagram *g, uint64_t type, size_t i);

/* fault_send sends one more datagram after the one at hand (|delay| later),
 * made of |extra|'s src, dst, ecn, dcid, frames and pad_to.  It takes the next
 * packet number: from then on the endpoint's own packets are renumbered as they
 * leave, and the ACKs that arrive are translated back, so that neither end
 * finds anything odd but the fault. */
void fault_send(fault_conn *c, const fault_datagram *extra, ho_time delay);

/* fault_table has the function of each fault, by ho_fault_id. */
extern const fault_fn fault_table[HO_FAULT_COUNT];

#endif
