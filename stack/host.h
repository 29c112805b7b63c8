/* A host: interfaces below, transports above, IP in between. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_HOST_H
#define HO_STACK_HOST_H

#include "sim/net/element.h"
#include "sim/ns3/ns3.h"
#include "stack/fault/fault.h"
#include "stack/transport.h"

typedef struct ho_host ho_host;
typedef struct ho_binding ho_binding;

/* ho_route says where a packet leaves a host. */
typedef struct {
  int net;         /* for events; -1 with a drop */
  bool usable;     /* false: the interface is down; the packet is lost */
  ho_addr source;  /* address to send from */
  ho_element *out; /* its push takes the packet */
} ho_route;

/* ho_host_config makes a host.  |route| finds the way for a packet from
 * |local|, or for one from a socket that follows the default route
 * (|by_default|); it returns false if there is none. */
typedef struct {
  const ho_env *env;
  ho_side side;
  int client;        /* index, or -1 at the server */
  ho_faults *faults; /* what it does wrong; NULL: nothing.  Not owned. */
  bool (*route)(void *user, const ho_binding *binding, const ho_path *path,
                bool by_default, ho_route *route);
  /* Called after a transport was given something or its timer went off, when
   * no call into it is under way, before what it has to say is sent and again
   * after: the place for its owner to act. */
  void (*settled)(void *user, ho_binding *binding);
  void *user;
} ho_host_config;

ho_host *ho_host_new(const ho_host_config *config);

/* ho_host_del deletes the host, its bindings and their transports; only after
 * the last ho_ns_run. */
void ho_host_del(ho_host *host);

/* ho_host_receive takes over |pkt|, which came in from network |net|. */
void ho_host_receive(ho_host *host, int net, ho_packet *pkt);

/* ho_host_bind puts |transport| on the host, which owns it from then on.  A
 * server's transport gets all packets of its protocol; a client's those to its
 * local endpoints.  |user| is for settled. */
ho_binding *ho_host_bind(ho_host *host, ho_transport *transport, void *user);

/* ho_binding_local adds a local endpoint; with |follow|, packets from it leave
 * by the default route whatever that is, as from an unbound UDP socket. */
void ho_binding_local(ho_binding *binding, const ho_endpoint *local,
                      bool follow);

/* ho_binding_identity says whose packets these are, for events. */
void ho_binding_identity(ho_binding *binding, int client, uint64_t connection);

/* ho_binding_kick drains what the transport has to send, now or as soon as the
 * call under way is over; do it after every call into the transport. */
void ho_binding_kick(ho_binding *binding);

/* ho_binding_mute takes |binding| out of service: it gets and sends nothing any
 * more, and its transport is deleted, at once or as soon as no call into a
 * transport is under way.  |binding| stays valid for kick and mute, which do
 * nothing, until the host is deleted. */
void ho_binding_mute(ho_binding *binding);

ho_transport *ho_binding_transport(const ho_binding *binding);
void *ho_binding_user(const ho_binding *binding);

/* ho_binding_failed says whether sending has failed since it was last asked:
 * the interface was down. */
bool ho_binding_failed(ho_binding *binding);

/* ho_binding_heard is when a packet for |binding| last came in. */
ho_time ho_binding_heard(const ho_binding *binding);

/* ho_binding_packet is the number of the packet that the transport was last
 * given. */
uint64_t ho_binding_packet(const ho_binding *binding);

#endif
