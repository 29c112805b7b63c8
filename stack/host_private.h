/* The inside of a host.  Private to stack/host*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_HOST_PRIVATE_H
#define HO_STACK_HOST_PRIVATE_H

#include "sim/net/ip.h"
#include "stack/host.h"

/* A local endpoint; |follow|: packets from it leave by the default route. */
typedef struct {
  ho_endpoint endpoint;
  bool follow;
} ho_local;

/* A datagram and the way found for it. */
typedef struct {
  ho_path path;
  ho_route route;
  bool found;
} ho_leaving;

struct ho_binding {
  ho_binding *next; /* in the order they were made */
  ho_host *host;
  ho_transport *t;
  void *user;
  ho_timer timer;
  int client;
  uint64_t connection;
  ho_local *locals;
  size_t locals_count, locals_cap;
  uint8_t family; /* of its last datagram: a guess for the next */
  ho_time heard;
  uint64_t packet;
  bool muted, queued, failed;
  ho_binding *queue_next;
};

struct ho_host {
  ho_host_config config;
  ho_binding *bindings, *last;
  ho_binding *muted, *gone; /* gone: muted, and the transport deleted */
  ho_packet *spare; /* for the next datagram, so that asking costs no number */
  /* Calls into transports never nest: while one is under way, packets and
   * bindings to be drained wait here. */
  bool busy;
  ho_packet *waiting, *waiting_last;
  const ho_leaving *leaving; /* shown to its faults right now */
  ho_binding *queue, *queue_last;
};

static inline ho_direction ho_host_outward(const ho_host *host) {
  return host->config.side == HO_CLIENT ? HO_UP : HO_DOWN;
}

/* ho_host_tuple is what |host| calls a tuple, from its own two ends. */
static inline ho_tuple ho_host_tuple(const ho_host *host,
                                     const ho_endpoint *local,
                                     const ho_endpoint *remote) {
  return host->config.side == HO_CLIENT ? (ho_tuple){*local, *remote}
                                        : (ho_tuple){*remote, *local};
}

/* ho_binding_find_local is |b|'s local endpoint |e|, or NULL. */
static inline const ho_local *ho_binding_find_local(const ho_binding *b,
                                                    const ho_endpoint *e) {
  for (size_t i = 0; i < b->locals_count; i++) {
    if (ho_endpoint_eq(&b->locals[i].endpoint, e)) {
      return &b->locals[i];
    }
  }
  return NULL;
}

/* ---- host.c ---- */

/* ho_host_work does what waits, unless it is at it. */
void ho_host_work(ho_host *host);

/* ---- host_send.c ---- */

/* ho_binding_drain sends all that the transport has to send, and arms its
 * timer. */
void ho_binding_drain(ho_binding *b);

/* ho_host_answer_rst answers a segment of no connection. */
void ho_host_answer_rst(ho_host *host, const ho_ip *ip);

/* ho_host_from_faults is for ho_faults_output: |user| is the host. */
void ho_host_from_faults(void *user, ho_packet *pkt);

/* ---- host_bindings.c ---- */

/* ho_host_reap deletes the transports of what was muted; none may be at work.
 */
void ho_host_reap(ho_host *host);
void ho_host_bindings_del(ho_host *host);

#endif
