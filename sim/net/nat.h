/* A network address translator (RFC 4787 for UDP, RFC 5382 for TCP). */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_NAT_H
#define HO_NET_NAT_H

#include <stddef.h>
#include <stdint.h>

#include "sim/base/addr.h"
#include "sim/base/time.h"
#include "sim/net/element.h"
#include "sim/scenario/scenario.h"

/* ho_nat stands between the clients of a network and its link.  Both address
 * families are translated alike: for IPv6 that is a stateful translation of
 * ports too, which RFC 6296's NPTv6 is not, but which "NAT66" boxes do.
 *
 * Mapping and filtering are those of RFC 4787, 4.1 and 5, and RFC 5382, 4.1 and
 * 4.3.  UDP and TCP have spaces of their own.  No two live mappings share an
 * external endpoint (RFC 4787, 4.2.1: no port overloading).  External ports are
 * 1024 to 65535; parity is not kept.  One inside address keeps one external
 * address of the pool ("paired", RFC 4787, 4.1, REQ-2) until a flush.
 *
 * A mapping is forgotten after its idle time without a packet from inside;
 * packets from outside do not refresh it (RFC 4787, 4.3, REQ-6).  UDP's is
 * udp_timeout; a TCP mapping with an established connection has tcp_timeout,
 * any other 240 s or tcp_timeout, if that is shorter (RFC 5382, 5, REQ-5:
 * connections that open, that both sides have closed, or that were reset).  A
 * change between the two restarts the time.  Being forgotten is found out, and
 * nat_unmapped emitted, at the first packet or operation after it; nothing is
 * ever translated by an expired mapping.
 *
 * Hairpinning is not done: inside hosts of a scenario do not talk to each
 * other. */
typedef struct ho_nat ho_nat;

/* ho_nat_change tells that a packet from inside was given another external
 * endpoint than its predecessors, because the NAT had forgotten its mapping. */
typedef struct {
  int client; /* whose packet it was */
  uint64_t connection;
  uint8_t proto;
  ho_endpoint inside, remote; /* of that packet */
  ho_endpoint before, after;  /* external */
  ho_time forgotten;          /* the instant: expiry, or the flush */
  bool flushed;               /* forgotten in ho_nat_flush, not for idleness */
} ho_nat_change;

typedef void (*ho_nat_change_fn)(void *user, const ho_nat_change *change);

typedef struct {
  const char *name; /* of the network: names the stream "nat.NET"; not kept */
  int net;          /* its index, for events */
  ho_nat_config config;
  ho_addr base;   /* first external address, of the network's family */
  uint32_t owned; /* addresses from |base| on; at least 2 x config.pool, so that
                     a rebind always leaves the addresses in use */
  ho_nat_change_fn on_change; /* may be NULL; must not push packets */
  void *user;
} ho_nat_setup;

/* ho_nat_new returns a NAT without mappings.  |env| must outlive it. */
ho_nat *ho_nat_new(const ho_env *env, const ho_nat_setup *setup);
void ho_nat_del(ho_nat *nat);

/* ho_nat_element is the NAT as a stage of a chain; it is part of |nat|.  What
 * it drops has one of the reasons "nat-unknown", "nat-filter" and "nat-full".
 * With unknown_tcp_rst, the sender of a TCP segment that no mapping knows gets
 * a RST (RFC 9293, 3.10.7.1), unless it sent one itself. */
ho_element *ho_nat_element(ho_nat *nat);

typedef enum {
  HO_NAT_PASS,     /* translated in place */
  HO_NAT_UNKNOWN,  /* no mapping: from outside; TCP from inside without SYN; or
                      not a UDP or TCP packet */
  HO_NAT_FILTERED, /* from outside, and the inside has not sent there */
  HO_NAT_FULL      /* every port of the inside's external address is mapped */
} ho_nat_verdict;

/* ho_nat_translate is what the element does to |pkt| before it hands it on;
 * |pkt| stays the caller's.  |now| never goes back. */
ho_nat_verdict ho_nat_translate(ho_nat *nat, ho_direction dir, ho_packet *pkt,
                                ho_time now);

/* ho_nat_rebind gives every live mapping, UDP and TCP, of the inside address
 * |inside| (NULL: of all) another external port, address, or both, at once;
 * nobody is told.  The old external endpoints are dead: none of them is given
 * to another mapping in the same rebind.  Whom the inside has sent to stays
 * remembered.  A mapping for which no port is left is forgotten.
 *
 * An address rebind of all moves on to the next config.pool of the owned
 * addresses.  That of one inside address moves this one alone as far; the
 * others, and those yet to come, stay with the pool, and so does it itself
 * again after a flush.  The ports are kept, unless another has the port at the
 * address to be, where the next free one above is taken; that happens only
 * after rebinds of one inside address have brought two to one external address.
 *
 * A port rebind takes the next port that the port choice gives (for "preserve",
 * that is the next free one above the old). */
void ho_nat_rebind(ho_nat *nat, ho_rebind what, const ho_addr *inside,
                   ho_time now);

/* ho_nat_flush forgets all mappings of |inside| (NULL: of all) and which
 * external address it had. */
void ho_nat_flush(ho_nat *nat, const ho_addr *inside, ho_time now);

/* ho_nat_sweep forgets what has expired by |now|, so that nat_unmapped events
 * are complete at the end of a run. */
void ho_nat_sweep(ho_nat *nat, ho_time now);

/* ho_nat_count is the number of mappings, as of the last call with a |now|. */
size_t ho_nat_count(const ho_nat *nat);

#endif
