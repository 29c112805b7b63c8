/* The inside of stack/fault, which faults do not see. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_FAULT_INSIDE_H
#define HO_STACK_FAULT_INSIDE_H

#include "stack/fault/fault_private.h"
#include "stack/fault/renumber.h"

enum { FAULT_ETHERNET = 1500, FAULT_UDP_HEADER = 8, FAULT_TAG = 16 };

typedef struct fault_inside fault_inside;

/* fault_inside is a connection. */
struct fault_inside {
  fault_conn c; /* first */
  fault_inside *next;
  ho_faults *faults;
  ho_decoder *decoder;
  fault_numbers numbers;
  size_t full; /* bytes of UDP payload that the path takes, as it seems: the
                  most that was sent without PADDING */
  uint64_t unacked; /* lowest number on the wire above all that was acked */
  bool key_phase;   /* of the endpoint's last 1-RTT packet */
  bool spin;
  bool established;    /* the peer's 1-RTT packets can be opened */
  uint8_t ecn;         /* of the endpoint's last datagram */
  ho_endpoint *places; /* that a fault has had to keep: fault_pack */
  size_t places_count, places_cap;
  ho_wire_datagram arrived;
  uint64_t memory[HO_FAULT_COUNT][FAULT_MEMORY];
};

/* A datagram of a fault's own, not sent yet. */
typedef struct fault_extra_datagram fault_extra_datagram;
struct fault_extra_datagram {
  fault_extra_datagram *next;
  fault_inside *in;
  ho_time at;
  ho_endpoint src, dst;
  ho_header header;
  uint8_t ecn;
  size_t pad_to, plain_len;
  uint8_t plain[HO_PACKET_CAP];
};

typedef struct {
  int client;
  ho_fault_id fault;
} fault_in_force;

struct ho_faults {
  const ho_env *env;
  ho_side side;
  ho_faults_out out;
  void *out_user;
  ho_addr *locals;
  size_t locals_count, locals_cap;
  fault_inside *conns;
  fault_in_force *in_force; /* in order of their beginning */
  size_t in_force_count, in_force_cap;
  fault_extra_datagram *extras; /* in the order of fault_send */
  ho_wire_datagram leaving;
  fault_datagram datagram;
};

/* fault_inside_find returns the connection whose |pkt| is, made if need be;
 * NULL if it is nobody's. */
fault_inside *fault_inside_find(ho_faults *f, int client, uint64_t connection);
void fault_inside_del(fault_inside *in);

/* fault_other is the peer's side. */
static inline ho_side fault_other(ho_side side) {
  return side == HO_CLIENT ? HO_SERVER : HO_CLIENT;
}

/* fault_short returns the opened 1-RTT packet of |wire|, or NULL. */
const ho_wire_packet *fault_short(const ho_wire_datagram *wire);

/* fault_take_apart fills |g| with what f->leaving, addressed as |ip|, is made
 * of. */
void fault_take_apart(fault_inside *in, const ho_ip *ip, fault_datagram *g);

/* fault_put_together makes |pkt| what |g| has become.  False: it is not to be
 * sent. */
bool fault_put_together(fault_inside *in, ho_packet *pkt, const ho_ip *ip,
                        fault_datagram *g);

/* fault_translate takes extras out of the ACKs in |pkt|, which came in. */
void fault_translate(fault_inside *in, ho_packet *pkt, const ho_ip *ip);

/* fault_extras_flush sends what is due now. */
void fault_extras_flush(ho_faults *f);

/* fault_extras_drop takes back those of |in| that are not due yet. */
void fault_extras_drop(const fault_inside *in);
void fault_extras_free(ho_faults *f);

#endif
