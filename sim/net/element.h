/* Elements: what a packet passes through between two hosts. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_ELEMENT_H
#define HO_NET_ELEMENT_H

#include "sim/base/event.h"
#include "sim/net/packet.h"
#include "sim/net/sink.h"

/* HO_UP is from a client to the server, HO_DOWN from the server to a client. */
typedef enum { HO_UP, HO_DOWN } ho_direction;

typedef struct ho_element ho_element;

/* ho_element is one stage of a chain.  |push| takes over |pkt|, which travels
 * in direction |dir|, and sooner or later pushes it on to |peer[dir]|, or drops
 * it with a packet_dropped event.  An element never pushes a packet back into
 * the element it came from within the same call, except a reply of its own
 * (a NAT's RST), which travels the other way. */
struct ho_element {
  void (*push)(ho_element *self, ho_direction dir, ho_packet *pkt);
  ho_element *peer[2]; /* next element, by direction */
};

/* ho_env is what all parts of one run share.  Not owned. */
typedef struct {
  ho_log *log;
  ho_pool *pool;
  uint64_t seed;
  const ho_sinks *sinks; /* NULL: nobody watches */
} ho_env;

static inline void ho_element_forward(ho_element *self, ho_direction dir,
                                      ho_packet *pkt) {
  self->peer[dir]->push(self->peer[dir], dir, pkt);
}

/* ho_element_link joins |client_side| and |server_side|. */
static inline void ho_element_link(ho_element *client_side,
                                   ho_element *server_side) {
  client_side->peer[HO_UP] = server_side;
  server_side->peer[HO_DOWN] = client_side;
}

static inline const char *ho_direction_name(ho_direction dir) {
  return dir == HO_UP ? "up" : "down";
}

/* ho_element_drop loses |pkt| for |reason|, with its event. */
void ho_element_drop(const ho_env *env, int net, ho_direction dir,
                     ho_packet *pkt, const char *reason);

#endif
