/* Competing load on a network: packets of others that share its queues. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_BACKGROUND_H
#define HO_NET_BACKGROUND_H

#include "sim/net/element.h"

/* Whose packets the competing load's are.  They have a length and no content,
 * and no event tells of them: they are there to take room and time. */
enum { HO_BACKGROUND = -2 };

/* ho_background stands on both sides of a link, as two elements: |near| on the
 * clients' side, |far| on the core's.  Packets of others enter the link there
 * and leave at the other end; everybody else's pass.
 *
 * Each direction is a Poisson process of packets of 1500 bytes at the given
 * mean rate, or of the MTU if that is less, from the stream "background.NET.up"
 * or ".down", from time 0 on.  The gaps are drawn and added up in integers, so
 * they are the same everywhere.
 *
 * Where the clients' side is a radio, |take| gets the packets that came down
 * the link, and those that go up are made by |make| (both or neither set):
 * |make| sends one over the air, which then comes back by
 * ho_background_enter. */
typedef struct ho_background ho_background;

typedef struct {
  const char *name;          /* of the network; not kept */
  uint64_t down_bps, up_bps; /* 0: none that way */
  uint32_t mtu; /* packets are no longer than this; 0: nothing said */
  void (*take)(void *user, ho_packet *pkt);
  void (*make)(void *user, ho_packet *pkt);
  void *user;
} ho_background_config;

ho_background *ho_background_new(const ho_env *env,
                                 const ho_background_config *config);
/* After the last ho_ns_run. */
void ho_background_del(ho_background *bg);

ho_element *ho_background_near(ho_background *bg);
ho_element *ho_background_far(ho_background *bg);

/* ho_background_enter puts |pkt|, which has come over the air, into the link.
 */
void ho_background_enter(ho_background *bg, ho_packet *pkt);

/* ho_background_start begins to send; call it at time 0.  From then on there is
 * always an event to come. */
void ho_background_start(ho_background *bg);

#endif
