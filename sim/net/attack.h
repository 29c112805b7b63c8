/* Attackers on a network's wire, between its NAT and the server. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_ATTACK_H
#define HO_NET_ATTACK_H

#include "sim/net/element.h"
#include "sim/scenario/scenario.h"

/* ho_attackers are all those of one network.  They stand at both ends of its
 * access line: at the near one they see each client packet, as its NAT has left
 * it, before it goes through the line's queue and delay; what they make of it
 * takes a way of their own to the far end, of half the line's delay, and so
 * arrives before the original.  At the far end they see what the server sends.
 *
 * They treat UDP only and have no keys.  HO_ATTACK_DROP_PATH alone uses ground
 * truth: it is told which packets have path frames, which a real attacker would
 * guess from their size and time.
 *
 * Replay, injection and resets happen every 10 ms, from the attack's beginning
 * or the first client packet that the attackers have seen on; the former two
 * choose among the last 64.  Several attacks at once all apply: a copy is made
 * of what the client sent, whatever another one has done to it, unless a
 * dropper that began earlier has taken it.  A storm's ports find back, and a
 * packet to an attacker or victim is taken away ("diverted" tells of it), even
 * after the attack. */
typedef struct ho_attackers ho_attackers;

/* ho_attackers_path_frames: does |pkt| have a PATH_CHALLENGE or
 * PATH_RESPONSE? */
typedef bool (*ho_attackers_path_frames)(void *user, const ho_packet *pkt);

typedef struct {
  const char *name; /* of the network: names the stream; not kept */
  int net;          /* its index, for events and addresses */
  ho_time delay;    /* one way, of the network's line */
  ho_attackers_path_frames path_frames; /* for HO_ATTACK_DROP_PATH */
  void *user;
} ho_attackers_config;

/* ho_attackers_new makes them without an attack under way.  Their randomness is
 * from the stream "attack.NET".  |env| must outlive them.  ho_attackers_del is
 * for after the last ho_ns_run. */
ho_attackers *ho_attackers_new(const ho_env *env,
                               const ho_attackers_config *config);
void ho_attackers_del(ho_attackers *at);

/* The stages at the line's two ends; client packets that are forged leave the
 * far one upwards. */
ho_element *ho_attackers_near(ho_attackers *at);
ho_element *ho_attackers_far(ho_attackers *at);

/* ho_attackers_start begins |attack| on |client|'s packets (-1: everybody's) at
 * |now|. */
void ho_attackers_start(ho_attackers *at, const ho_attack *attack, int client,
                        ho_time now);

/* Addresses of network |net|'s attacker and of its victim: from 203.0.113.0/24
 * (RFC 5737) and 2001:db8:a77a::/48.  ho_attackers_owns says whether |addr| is
 * one of them. */
ho_addr ho_attackers_addr(int net, uint8_t family);
ho_addr ho_attackers_victim(int net, uint8_t family);
bool ho_attackers_owns(int net, const ho_addr *addr);

#endif
