/* A NAT's mappings, and what it remembers with each; for nat*.c alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_NAT_MAPPING_H
#define HO_NET_NAT_MAPPING_H

#include "sim/base/rng.h"
#include "sim/net/ip.h"
#include "sim/net/nat.h"
#include "sim/net/nat_table.h"

/* ho_remote is somebody outside that a mapping has to do with: one the inside
 * has sent to, for filtering, or the far end of a TCP connection, or both.  For
 * address-dependent filtering, port 0 stands for all of an address. */
typedef struct ho_remote {
  ho_nat_node node; /* first */
  struct ho_remote *next;
  uint64_t mapping; /* serial */
  ho_endpoint endpoint;
  bool sent_to;
  bool syn[2], fin[2], rst; /* seen, by direction */
} ho_remote;

/* Mappings with the same idle time are in one list, the next to expire first;
 * GONE are forgotten ones, kept to tell ho_nat_change. */
typedef enum { LIST_UDP, LIST_TCP, LIST_TRANSITORY, LIST_GONE, LISTS } ho_list;

typedef struct ho_mapping {
  ho_nat_node out_node; /* first */
  ho_nat_node in_node[2];
  struct ho_mapping *next, *prev;
  ho_list list;
  uint64_t serial;
  int client;
  uint8_t proto;
  uint32_t slot; /* that of its external address, as in ho_pair */
  ho_endpoint inside;
  ho_endpoint remote;     /* as far as the mapping behaviour tells them apart */
  ho_endpoint outside[2]; /* as in_node: [current] is in force */
  ho_time expires;        /* GONE: when it was forgotten */
  bool flushed;           /* GONE: by a flush */
  ho_remote *remotes;
  size_t established; /* TCP connections */
} ho_mapping;

/* ho_pair is an inside address and its external address: the owned one that
 * is |slot| after ho_nat.offset, and around.  A slot outside the pool is one
 * that rebinds of this inside address alone have led to. */
typedef struct ho_pair {
  ho_nat_node node; /* first */
  struct ho_pair *next;
  ho_addr inside;
  uint32_t slot;
} ho_pair;

/* ho_port_space is the ports of one slot's address and protocol. */
typedef struct {
  uint64_t taken[2][65536 / 64]; /* a bit a port; as ho_nat.in */
  uint16_t next;                 /* for sequential choice */
} ho_port_space;

struct ho_nat {
  ho_element element; /* first */
  const ho_env *env;
  ho_nat_setup setup;
  ho_time transitory_timeout;
  uint32_t offset; /* of the pool in the owned addresses */
  uint64_t serials;
  ho_rng rng;
  ho_nat_table out;   /* by protocol, inside and remote; GONE ones too */
  ho_nat_table in[2]; /* by protocol and outside: in[current] is in force, the
                         other is empty but for the time of a rebind */
  int current;
  ho_nat_table remotes;
  ho_mapping *first[LISTS], *last[LISTS];
  size_t counts[LISTS];
  ho_nat_table pairs;
  ho_pair *first_pair;
  uint32_t pairs_made;
  ho_port_space **ports[2]; /* UDP, TCP; by slot, made when first used */
};

/* nat_mapping.c */

/* ho_mapping_out finds the mapping for packets from |inside| to |remote|, live
 * or GONE, or NULL. */
ho_mapping *ho_mapping_out(ho_nat *nat, uint8_t proto,
                           const ho_endpoint *inside,
                           const ho_endpoint *remote);

/* ho_mapping_in finds the live mapping that has |outside|, or NULL. */
ho_mapping *ho_mapping_in(ho_nat *nat, uint8_t proto,
                          const ho_endpoint *outside);

/* ho_mapping_make makes the mapping for |pkt| (|ip|), in place of |gone| if
 * that is not NULL.  Returns NULL if there is no port. */
ho_mapping *ho_mapping_make(ho_nat *nat, ho_mapping *gone, const ho_packet *pkt,
                            const ho_ip *ip, ho_time now);

/* ho_mapping_touch restarts the idle time of |m|. */
void ho_mapping_touch(ho_nat *nat, ho_mapping *m, ho_time now);

/* ho_mapping_forget makes |m| GONE as of |at|. */
void ho_mapping_forget(ho_nat *nat, ho_mapping *m, ho_time at,
                       const char *reason, ho_time now);

/* ho_mapping_move gives |m| another outside, of |slot|, to be in force once
 * |nat|->current changes; ho_mapping_stay has |m| keep its own then. */
void ho_mapping_move(ho_nat *nat, ho_mapping *m, uint32_t slot,
                     const ho_endpoint *outside, ho_time now);
void ho_mapping_stay(ho_nat *nat, ho_mapping *m);

/* ho_mapping_del frees |m|, which is GONE. */
void ho_mapping_del(ho_nat *nat, ho_mapping *m);

/* nat_ports.c */

ho_addr ho_ports_address(const ho_nat *nat, uint32_t slot);

/* ho_ports_slot is the slot that |inside| has or now gets, in the pool. */
uint32_t ho_ports_slot(ho_nat *nat, const ho_addr *inside);

/* ho_ports_move_slot moves |inside|, if it has a slot, a pool further. */
void ho_ports_move_slot(ho_nat *nat, const ho_addr *inside);

/* ho_ports_forget_slots is for |inside|, or NULL: for all. */
void ho_ports_forget_slots(ho_nat *nat, const ho_addr *inside);
void ho_ports_free(ho_nat *nat);

/* ho_ports_pick chooses a free port other than |not_port| on |slot|'s address,
 * or returns 0.  |want| is what "preserve" would like.  In a rebind, |was| is
 * the slot that this address had before; else it is |slot|. */
uint16_t ho_ports_pick(ho_nat *nat, uint8_t proto, uint32_t slot, uint32_t was,
                       uint32_t want, uint16_t not_port);

/* ho_ports_keep is |port|, or the next above it, and around, that is free. */
uint16_t ho_ports_keep(ho_nat *nat, uint8_t proto, uint32_t slot, uint32_t was,
                       uint16_t port);

/* ho_ports_take and ho_ports_release are for |port| in |table|. */
void ho_ports_take(ho_nat *nat, int table, uint8_t proto, uint32_t slot,
                   uint16_t port);
void ho_ports_release(ho_nat *nat, int table, uint8_t proto, uint32_t slot,
                      uint16_t port);

/* ho_ports_clear releases all ports of |table|. */
void ho_ports_clear(ho_nat *nat, int table);

/* nat_remote.c */

/* ho_remote_sent remembers for filtering that |m| has sent to |to|. */
void ho_remote_sent(ho_nat *nat, ho_mapping *m, const ho_endpoint *to);

/* ho_remote_may_enter tells whether filtering lets |from| in. */
bool ho_remote_may_enter(ho_nat *nat, const ho_mapping *m,
                         const ho_endpoint *from);

/* ho_remote_track follows the TCP connection of |m| with |remote| and updates
 * |m|->established. */
void ho_remote_track(ho_nat *nat, ho_mapping *m, const ho_endpoint *remote,
                     ho_direction dir, uint8_t flags);

void ho_remote_forget_all(ho_nat *nat, ho_mapping *m);

uint64_t ho_nat_hash(uint64_t seed, const ho_endpoint *endpoint);

#endif
