/* What a fault is given to work on.  Private to stack/fault. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_FAULT_PRIVATE_H
#define HO_STACK_FAULT_PRIVATE_H

#include "sim/net/ip.h"
#include "sim/wire/decoder.h"
#include "stack/fault/fault.h"

enum { FAULT_FRAMES = HO_WIRE_FRAMES, FAULT_MEMORY = 8 };

/* fault_datagram is a datagram that the faulty endpoint is about to send, taken
 * apart.  Only those with a 1-RTT packet that could be opened are shown to
 * faults (unless they ask for all); whatever is coalesced with it stays as it
 * is. */
typedef struct {
  ho_endpoint src, dst; /* may be changed */
  uint8_t ecn;          /* may be changed */
  bool drop;            /* set: nothing goes out */
  bool changed;         /* set: frames were changed */
  ho_cid dcid;          /* may be changed, in length too */
  /* As it will be on the wire.  May be changed: a number that was used before
   * is used again; what a higher one skips is taken out of the ACKs. */
  uint64_t pn;
  uint8_t reserved; /* the two reserved bits; may be changed */
  bool spin;        /* may be changed */
  /* May be changed.  Their pointers live until the fault returns.  PADDING is
   * none of them: it is made at the end. */
  ho_frame frames[FAULT_FRAMES];
  size_t frames_count;
  size_t pad_to; /* bytes of UDP payload at least; at first what it had, if it
                    was padded, else 0 */
  size_t bytes;  /* of UDP payload, as the endpoint made it */
  const ho_wire_packet *p;      /* the 1-RTT packet, read only; NULL: it
                                   has none, or it could not be opened */
  const ho_wire_datagram *wire; /* all of it, read only */
} fault_datagram;

/* fault_conn is a connection of the faulty end. */
typedef struct {
  ho_side side;
  int client;
  uint64_t connection;
  const ho_wire_params *peer;      /* what it declared; NULL: not known yet */
  ho_cid dcid;                     /* of the endpoint's last 1-RTT packet */
  ho_endpoint src, dst;            /* of its last datagram */
  const ho_addr *locals;           /* addresses it can send from, by network; */
  size_t locals_count;             /* (a server: IPv4, IPv6) */
  const ho_wire_datagram *arrived; /* the last that came in; NULL: none */
  ho_endpoint from, to;            /* of that */
  uint8_t arrived_ecn;
  ho_time arrived_at;
  uint64_t *memory; /* FAULT_MEMORY numbers of this fault's own for this
                       connection, at first 0 */
} fault_conn;

/* fault_def is a fault.  All but one of its functions may be NULL.
 *
 * leave: the endpoint is about to send |g|.
 *
 * arrive: c->arrived came in.  True: the endpoint is not to see it.
 *
 * begin: the fault comes into force while |c| exists; for what an endpoint does
 * of itself, with fault_send and delays. */
typedef struct {
  void (*leave)(fault_conn *c, fault_datagram *g, ho_time now);
  bool (*arrive)(fault_conn *c, ho_time now);
  void (*begin)(fault_conn *c, ho_time now);
  bool all; /* leave: also for datagrams without a 1-RTT packet, of which only
               src, dst, ecn and drop count */
} fault_def;

/* fault_room is how many bytes of frames can be added to |g| before it is
 * larger than an Ethernet takes (or than |pad_to|). */
size_t fault_room(const fault_datagram *g);

/* fault_add appends |frame|; false, and it does nothing, when there are
 * FAULT_FRAMES, or it would not fit into fault_room: then fault_send it. */
bool fault_add(fault_datagram *g, const ho_frame *frame);

/* fault_remove takes out frame |i|, fault_remove_all every frame of |type|.  A
 * packet that has none left is not sent. */
void fault_remove(fault_datagram *g, size_t i);
void fault_remove_all(fault_datagram *g, uint64_t type);

/* fault_find returns the first frame of |type| from |i| on, or -1. */
int fault_find(const fault_datagram *g, uint64_t type, size_t i);

/* fault_arrived returns the first frame of |type| in a 1-RTT packet of
 * c->arrived, or NULL. */
const ho_frame *fault_arrived(const fault_conn *c, uint64_t type);

/* fault_extra makes |g| an empty datagram like the endpoint's last, to be given
 * frames and sent. */
void fault_extra(const fault_conn *c, fault_datagram *g);

/* fault_send sends one more datagram after the one at hand (|delay| later),
 * with a 1-RTT packet made of |extra|'s src, dst, ecn, dcid, reserved, spin,
 * frames and pad_to, which are copied.  It takes the next packet number: from
 * then on the endpoint's own packets are renumbered as they leave, and the ACKs
 * that arrive are translated back, so that neither end finds anything odd but
 * the fault.  Without 1-RTT keys nothing is sent. */
void fault_send(fault_conn *c, const fault_datagram *extra, ho_time delay);

/* fault_table has each fault, by ho_fault_id: a `const fault_def fault_ID` for
 * every ID in faults.def. */
extern const fault_def *const fault_table[HO_FAULT_COUNT];

#define FAULT(id, name, about) extern const fault_def fault_##id;
#include "sim/scenario/faults.def"
#undef FAULT

#endif
