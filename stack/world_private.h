/* The inside of a world.  Private to stack/world*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_WORLD_PRIVATE_H
#define HO_STACK_WORLD_PRIVATE_H

#include "stack/client.h"
#include "stack/network.h"
#include "stack/world.h"

/* One protocol's server end; its newest incarnation. */
typedef struct {
  ho_binding *binding; /* NULL: no arm of the run needs it */
  unsigned incarnation;
} world_server;

/* A client on a network: what lies between its radio or cable and a usable
 * address. */
typedef struct {
  unsigned turn;   /* raised whenever it is lost; late events find out by it */
  ho_time t_start; /* of the X2 handover under way */
} world_access;

typedef struct world world;
typedef struct world_faults world_faults;
typedef struct world_meddle world_meddle;

/* What a client's callbacks are given. */
typedef struct {
  world *world;
  int index;
} world_client;

struct world {
  const ho_scenario *scenario;
  const ho_arm *arm;
  ho_pool pool;
  ho_env env;
  ho_network **nets;
  world_access *accesses; /* by network, then client */
  ho_client **clients;
  world_client *handles; /* by client */
  size_t clients_done;
  ho_host *server;
  world_server quic, tcp;
  world_faults *faults;
  ho_service *service;
  ho_timer service_tick;
  ho_tls *creds;
  ho_endpoint server_at[2]; /* IPv4, IPv6 */
  ho_endpoint preferred[2]; /* where it would rather be; family 0: nowhere */
  world_meddle *meddle;     /* NULL: nobody meddles with packets */
  bool started, done;
};

/* world_access.c: from radio and cable to the clients' networks. */
void world_on_radio(void *user, int net, int client, ho_radio_state state,
                    unsigned cell, ho_time t_loss);
/* plugs a client in or out, as the timeline says */
void world_plug(world *w, int net, int client, bool in);
/* has ns-3's radios find their networks before time 0 */
void world_warm_up(world *w);
/* tells clients, before they start, which radios did not */
void world_tell_unreached(world *w);
/* the same for the log, at time 0 */
void world_report_unreached(world *w);

/* world_server.c: the server and its incarnations. */
void world_server_make(world *w);
void world_server_restart(world *w);
/* tells every transport that its service has more for bodies that had come to a
 * halt */
void world_server_resume(world *w);
/* how much memory the server's libraries hold for the client's newest QUIC
 * connection, and which that is; 0: none */
uint64_t world_server_state(const world *w, int client, uint64_t *connection);

/* world_fault.c: what endpoints do wrong, by the timeline. */
void world_faults_make(world *w); /* before whoever asks for secrets */
void world_faults_free(world *w);
/* for their hosts; NULL: none */
ho_faults *world_faults_server(world *w);
ho_faults *world_faults_client(world *w, int client);
void world_fault(world *w, int client, const ho_action *a);
/* world_meddle.c: packet rules and attackers; before the networks are made, and
 * after they are deleted. */
void world_meddle_make(world *w);
void world_meddle_free(world *w);
/* puts their stages into what |net| is made from */
void world_meddle_stages(const world *w, int net, ho_network_config *config);
/* whether |a| is a packet rule */
bool world_is_rule(const ho_action *a);
/* carries out a packet rule or an attack */
void world_meddle_act(world *w, const ho_action *a);
/* the network whose attacker or victim has |addr|, or -1 */
int world_meddle_net(const world *w, const ho_addr *addr);

/* world_timeline.c: |begin| is called at time 0, with |w|, after the packet
 * rules of that time and before all else.  Returns what the caller frees after
 * the run. */
void *world_schedule_timeline(world *w, void (*begin)(void *));

#endif
