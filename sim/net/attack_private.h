/* The inside of a network's attackers; for attack*.c alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_ATTACK_PRIVATE_H
#define HO_NET_ATTACK_PRIVATE_H

#include "sim/base/rng.h"
#include "sim/net/attack.h"
#include "sim/net/hold.h"
#include "sim/net/ip.h"

enum {
  HO_ATTACK_KEPT = 64, /* client packets that are remembered */
  HO_ATTACK_PORTS = 65536,
};

/* ho_assault is one `attack` of the timeline. */
typedef struct ho_assault ho_assault;
struct ho_assault {
  ho_assault *next; /* in the order they began */
  ho_attackers *of;
  ho_attack attack;
  int client; /* -1: all */
  uint64_t left;
  ho_time ends;
  ho_timer timer; /* of those that make packets of their own accord */
};

/* One end of the line. */
typedef struct {
  ho_element element; /* first */
  ho_attackers *of;
} ho_attack_stage;

struct ho_attackers {
  const ho_env *env;
  ho_attackers_config config;
  ho_attack_stage near, far;
  ho_hold on_way; /* copies, to the far end */
  ho_rng rng;
  ho_assault *first, *last;
  /* The last client packets, the newest at |seen| - 1 modulo HO_ATTACK_KEPT. */
  ho_packet *kept;
  uint64_t seen;
  /* By port: who is meant by it, at the attacker's address and, in a storm, at
   * a client's own; NULL: not needed yet. */
  ho_endpoint *proxies, *ports;
  uint16_t last_port;
};

/* ho_assault_active says whether it still goes on, for |client|'s packets. */
bool ho_assault_active(const ho_assault *a, int client, ho_time now);

/* ho_assault_did counts one packet treated or made, and tells of it. */
void ho_assault_did(ho_assault *a, ho_direction dir, const ho_packet *pkt);

/* attack_make.c: what attackers send of their own accord. */

/* ho_attack_keep remembers a client's packet. */
void ho_attack_keep(ho_attackers *at, const ho_packet *pkt);
/* whether |kind| is such an attack, and the beginning of one */
bool ho_attack_makes(ho_attack_kind kind);
void ho_attack_make_from(ho_assault *a, ho_time now);

/* attack_port.c: ports that stand for others. */

/* ho_attack_proxy is the attacker's endpoint that stands for |client|. */
ho_endpoint ho_attack_proxy(ho_attackers *at, const ho_endpoint *client);
/* ho_attack_fresh is a port next to |client|'s that was not used for long. */
ho_endpoint ho_attack_fresh(ho_attackers *at, const ho_endpoint *client);
/* ho_attack_note says that |client| is one that a NAT really uses. */
void ho_attack_note(ho_attackers *at, const ho_endpoint *client);
/* ho_attack_meant is whom |fake| stands for, or NULL. */
const ho_endpoint *ho_attack_meant(const ho_attackers *at,
                                   const ho_endpoint *fake);

#endif
