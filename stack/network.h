/* One access network of a scenario: NAT and link between a client's interface
 * and the core. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_NETWORK_H
#define HO_STACK_NETWORK_H

#include "sim/net/element.h"
#include "sim/net/link.h"
#include "sim/net/nat.h"
#include "sim/scenario/scenario.h"

typedef struct ho_network ho_network;

/* ho_network_deliver takes packets at either end of a network. */
typedef void (*ho_network_deliver)(void *user, int net, ho_packet *pkt);

typedef struct {
  const ho_env *env;
  const ho_net_config *config;
  int index;
  ho_time beyond; /* one-way delay from the core to the server */
  uint32_t mtu;
  ho_network_deliver to_client, to_server;
  ho_nat_change_fn on_change;
  void *user;
} ho_network_config;

/* The chain is: client's interface - NAT (if any) - link - tap - core.  So a
 * home router's NAT stands before the access line, as it does in a home; a
 * packet that is in the line when the NAT is rebound finds its mapping gone.
 *
 * The delay between core and server is part of the link's, which saves an
 * event a packet and changes no arrival. */
ho_network *ho_network_new(const ho_network_config *config);
void ho_network_del(ho_network *network);

/* ho_network_out is what a client's interface sends into; ho_network_in what
 * the core sends into. */
ho_element *ho_network_out(ho_network *network);
ho_element *ho_network_in(ho_network *network);

/* ho_network_owns says whether the core finds |addr| in this network. */
bool ho_network_owns(const ho_network *network, const ho_addr *addr);

/* ho_network_client_addr is the address of client |index| in the network. */
ho_addr ho_network_client_addr(const ho_network *network, int index);

/* ho_network_set is `set NET KEY VALUE`. */
void ho_network_set(ho_network *network, ho_set_key key, const ho_wired *value);

ho_link *ho_network_link(ho_network *network);
ho_nat *ho_network_nat(ho_network *network); /* NULL: none */

/* ho_network_check asserts conservation at the end of a run. */
void ho_network_check(ho_network *network);

#endif
