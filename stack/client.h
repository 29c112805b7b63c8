/* A client: its networks as the operating system has them, its connections as
 * its arm would have them, and its application. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_CLIENT_H
#define HO_STACK_CLIENT_H

#include "sim/net/element.h"
#include "sim/scenario/scenario.h"
#include "stack/host.h"
#include "stack/tls.h"

typedef struct ho_client ho_client;

/* ho_client_net is one network as this client is attached to it. */
typedef struct {
  ho_addr addr;       /* the client's own */
  ho_endpoint server; /* where the server is, in this family */
  ho_element *out;    /* what the interface sends into */
  uint32_t mtu;       /* of the interface, IP bytes */
} ho_client_net;

typedef struct {
  const ho_env *env;
  const ho_scenario *scenario;
  const ho_arm *arm;
  int index;
  const ho_client_net *nets; /* as many as the scenario has; copied */
  ho_tls *creds;
  ho_faults *faults;        /* what it does wrong; NULL: nothing.  Not owned. */
  void (*done)(void *user); /* the workload is complete */
  void *user;
} ho_client_config;

ho_client *ho_client_new(const ho_client_config *config);
void ho_client_del(ho_client *client);

ho_host *ho_client_host(ho_client *client);

/* ho_client_start starts the application and opens the first connection, at
 * once or when a network is there. */
void ho_client_start(ho_client *client);

/* What happens to the client's networks (INTERFACE, 2, "How a client uses its
 * networks").  The link itself is the caller's.  Before ho_client_start they
 * set what there is at its start, without events.
 *
 * ho_client_disconnect: |net| is gone, and last forwarded at |t_loss|; a
 * handoff that comes of it is of |kind|, "disconnect" or "radio". */
void ho_client_disconnect(ho_client *client, int net, const char *kind,
                          ho_time t_loss);
void ho_client_connect(ho_client *client, int net);
void ho_client_switch(ho_client *client, int net);

/* ho_client_handed_over: the network has moved the client to another cell,
 * without traffic since |t_loss|; its address stays ("x2"). */
void ho_client_handed_over(ho_client *client, int net, ho_time t_loss);

/* ho_client_changed tells that a NAT did something to the client's flows on
 * |net|, at |t_loss|, which makes a handoff of |kind| if they are in use. */
void ho_client_changed(ho_client *client, int net, const char *kind,
                       ho_time t_loss);

/* What the client's application may ask for. */
void ho_client_migrate(ho_client *client, int net);
void ho_client_rotate(ho_client *client);
void ho_client_rekey(ho_client *client);
void ho_client_pause(ho_client *client);
void ho_client_resume(ho_client *client);

#endif
