/* The air of a radio network as a stage of a chain. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_AIR_H
#define HO_NET_AIR_H

#include "sim/net/element.h"
#include "sim/ns3/ns3_radio.h"
#include "sim/scenario/scenario.h"

/* ho_air takes packets through one of ns-3's radios.  Its stations are the
 * clients, in their order, then the network's other stations, which carry the
 * competing load.  A packet of more than the MTU is dropped ("too-big"), as is
 * one of a client that is cut off ("link-down"), or that the radio gives up
 * ("radio").
 *
 * An X2 handover takes longer than ns-3's, whose phones need no time to obey a
 * command: TS 36.133, 5.1.2.1.2, gives them 20 ms to retune, during which
 * packets wait on both sides; HANDOVER_DONE comes after it.
 *
 * While a station scans other channels (wifi's scan_every), its packets wait on
 * both sides, as they do with a power-saving AP, and go on together after it.
 */
typedef struct ho_air ho_air;

typedef struct {
  const ho_net_config *net;
  int index; /* of the network */
  size_t clients;
  ho_position start; /* of the clients */
  bool scripted;     /* the timeline, not measurement, hands over */
  /* Whose a packet from the core is, by its address; -1: nobody's. */
  int (*client_of)(void *user, const ho_packet *pkt);
  /* A client's radio changed.  |t_loss| of FADED: when the network last
   * forwarded something of the client's, or, if nothing of it was lost since,
   * was last heard. */
  void (*changed)(void *user, int client, ho_radio_state state, unsigned cell,
                  ho_time t_loss);
  /* A packet of the competing load has come up through the air. */
  void (*others)(void *user, ho_packet *pkt);
  void *user;
} ho_air_config;

/* ho_air_new returns an air whose stations search from the start, but for the
 * clients of a network that is not connected at time 0.  |env| outlives it. */
ho_air *ho_air_new(const ho_env *env, const ho_air_config *config);
void ho_air_del(ho_air *air);

ho_element *ho_air_element(ho_air *air);

/* ho_air_ready says whether every station that searches from the start is
 * associated. */
bool ho_air_ready(const ho_air *air);
bool ho_air_is_associated(const ho_air *air, int client);

/* ho_air_start begins the scan pauses; call it at time 0. */
void ho_air_start(ho_air *air);

/* ho_air_cut takes a client's radio away ("disconnect"), or gives it back. */
void ho_air_cut(ho_air *air, int client, bool cut);
void ho_air_walk(ho_air *air, int client, ho_position to, uint64_t mm_per_s);
/* See ho_radio_handover. */
int ho_air_handover(ho_air *air, int client, unsigned cell, const char **why);

/* ho_air_send_other has another station send |pkt|, or get it (|down|); which
 * one goes round.  Without other stations it goes straight up, or is over. */
void ho_air_send_other(ho_air *air, bool down, ho_packet *pkt);
bool ho_air_has_others(const ho_air *air);

/* ho_air_check asserts conservation at the end of a run. */
void ho_air_check(const ho_air *air);

#endif
