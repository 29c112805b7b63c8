/* One access network of a scenario: air, NAT and link between the clients'
 * interfaces and the core. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_NETWORK_H
#define HO_STACK_NETWORK_H

#include "sim/net/element.h"
#include "sim/net/middlebox.h"
#include "sim/net/nat.h"
#include "sim/ns3/ns3_radio.h"
#include "sim/scenario/scenario.h"

typedef struct ho_network ho_network;

/* ho_network_to_client takes packets for client |client| at the clients' end of
 * a network, ho_network_to_server those at the core's. */
typedef void (*ho_network_to_client)(void *user, int net, int client,
                                     ho_packet *pkt);
typedef void (*ho_network_to_server)(void *user, int net, ho_packet *pkt);

typedef struct {
  const ho_env *env;
  const ho_net_config *config;
  int index;
  size_t clients;
  ho_position start; /* where clients stand at first */
  ho_time beyond;    /* one-way delay from the core to the server */
  bool middlebox;    /* something will be blocked or throttled */
  bool scripted;     /* the timeline hands over: LTE does not by itself */
  /* What the run's owner puts in, or NULL: packet rules, by whose end; and
   * attackers, both or none. */
  ho_element *rules[2], *attack_near, *attack_far;
  ho_network_to_client to_client;
  ho_network_to_server to_server;
  ho_nat_change_fn on_change;
  /* A client's radio changed; see ho_air_config. */
  void (*on_radio)(void *user, int net, int client, ho_radio_state state,
                   unsigned cell, ho_time t_loss);
  void *user;
} ho_network_config;

/* The chain is: clients' interfaces - air (a radio's) - NAT (if any) -
 * middlebox - link - tap - core, with packet rules behind the interfaces and
 * before the core, and attackers on both sides of the link.  So a home router's
 * NAT stands before the access line, as it does in a home; a packet that is in
 * the line when the NAT is rebound finds its mapping gone.  Competing load
 * shares the link, and the air where it has other stations.
 *
 * The delay between core and server is part of the link's, which saves an
 * event a packet and changes no arrival. */
ho_network *ho_network_new(const ho_network_config *config);
void ho_network_del(ho_network *network);

/* ho_network_ready says whether every client that is to be associated at time 0
 * is; ho_network_start is for time 0. */
bool ho_network_ready(const ho_network *network);
void ho_network_start(ho_network *network);

/* ho_network_out is what a client's interface sends into; ho_network_in what
 * the core sends into. */
ho_element *ho_network_out(ho_network *network);
ho_element *ho_network_in(ho_network *network);

/* ho_network_owns says whether the core finds |addr| in this network. */
bool ho_network_owns(const ho_network *network, const ho_addr *addr);

/* ho_network_client_addr is the address of client |index| in the network. */
ho_addr ho_network_client_addr(const ho_network *network, int index);

/* ho_network_plug takes a client's cable or radio away, or gives it back;
 * ho_network_is_usable says whether packets of the client's can pass: a radio
 * must be associated. */
void ho_network_plug(ho_network *network, int client, bool in);
bool ho_network_is_usable(const ho_network *network, int client);

/* ho_network_set is `set NET KEY VALUE`. */
void ho_network_set(ho_network *network, ho_set_key key, const ho_wired *value);

/* ho_network_rebind and ho_network_flush do to the NAT's mappings of |client|
 * (-1: of all) what nat.h says. */
void ho_network_rebind(ho_network *network, int client, ho_rebind what);
void ho_network_flush(ho_network *network, int client);

/* ho_network_walk does nothing where there is no radio; ho_network_handover is
 * for a network with one, and returns what ho_radio_handover does. */
void ho_network_walk(ho_network *network, int client, ho_position to,
                     uint64_t mm_per_s);
int ho_network_handover(ho_network *network, int client, unsigned cell,
                        const char **why);

ho_middlebox *ho_network_middlebox(ho_network *network); /* or NULL */

/* ho_network_end is for the end of a run: the NAT forgets what has expired, and
 * conservation is asserted. */
void ho_network_end(ho_network *network);

#endif
