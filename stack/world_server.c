/* The server of a world, and what is left of it when it restarts. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/ns3/ns3.h"
#include "stack/config.h"
#include "stack/quic/quic.h"
#include "stack/tcp/tcp.h"
#include "stack/world_private.h"

/* The core: a packet of the server's goes where its destination is. */
static bool route_down(void *user, const ho_binding *binding,
                       const ho_path *path, bool by_default, ho_route *route) {
  world *w = user;
  int meddler = world_meddle_net(w, &path->remote.addr);

  (void)binding, (void)by_default;
  for (size_t i = 0; i < w->scenario->nets_count; i++) {
    if ((int)i == meddler || ho_network_owns(w->nets[i], &path->remote.addr)) {
      route->net = (int)i;
      route->usable = true;
      route->out = ho_network_in(w->nets[i]);
      return true;
    }
  }
  return false;
}

static void wake(void *user) {
  world_server *s = user;

  if (s->binding) {
    ho_binding_kick(s->binding);
  }
}

/* The server's interface takes what any of its networks does. */
static uint32_t largest_mtu(const ho_scenario *s) {
  uint32_t mtu = 0;

  for (size_t i = 0; i < s->nets_count; i++) {
    mtu = s->nets[i].mtu > mtu ? s->nets[i].mtu : mtu;
  }
  return mtu;
}

static void make_end(world *w, world_server *s,
                     ho_transport *(*make)(const ho_server_end_config *)) {
  ho_server_end_config config = {.log = w->env.log,
                                 .sinks = w->env.sinks,
                                 .seed = w->env.seed,
                                 .incarnation = s->incarnation,
                                 .arm = w->arm,
                                 .server = &w->scenario->server,
                                 .mtu = largest_mtu(w->scenario),
                                 .creds = w->creds,
                                 .service = w->service,
                                 .owner = {.wake = wake, .user = s}};

  config.local[0] = w->server_at[0];
  config.local[1] = w->server_at[1];
  config.preferred[0] = w->preferred[0];
  config.preferred[1] = w->preferred[1];
  s->binding = ho_host_bind(w->server, make(&config), w);
}

static void make_ends(world *w) {
  if (w->arm->transport != HO_TRANSPORT_TCP) {
    make_end(w, &w->quic, ho_quic_server_new);
  }
  if (w->arm->transport != HO_TRANSPORT_QUIC) {
    make_end(w, &w->tcp, ho_tcp_server_new);
  }
}

static void service_wake(void *user, ho_time at) {
  world *w = user;

  ho_timer_set(&w->service_tick, at);
}

static void service_tick(void *user) {
  world *w = user;

  if (ho_service_tick(w->service, ho_ns_now())) {
    world_server_resume(w);
  }
}

void world_server_make(world *w) {
  ho_timer_init(&w->service_tick, service_tick, w);
  w->service = ho_service_new(&(ho_service_config){
      .log = w->env.log, .now = ho_ns_now, .wake = service_wake, .user = w});
  w->server = ho_host_new(&(ho_host_config){.env = &w->env,
                                            .side = HO_SERVER,
                                            .client = -1,
                                            .faults = world_faults_server(w),
                                            .route = route_down,
                                            .user = w});
  make_ends(w);
}

/* What the old one held is gone. */
static void retire(world_server *s) {
  if (s->binding) {
    ho_binding_mute(s->binding);
    s->binding = NULL;
  }
  s->incarnation++;
}

void world_server_restart(world *w) {
  retire(&w->quic);
  retire(&w->tcp);
  make_ends(w);
}

static void resume(world_server *s) {
  ho_transport *t;

  if (s->binding) {
    t = ho_binding_transport(s->binding);
    t->v->resume(t, NULL, ho_ns_now());
    ho_binding_kick(s->binding);
  }
}

void world_server_resume(world *w) {
  resume(&w->quic);
  resume(&w->tcp);
}

uint64_t world_server_state(const world *w, int client, uint64_t *connection) {
  ho_transport *t;

  if (!w->quic.binding) {
    return 0;
  }
  t = ho_binding_transport(w->quic.binding);
  return t->v->state_bytes(t, client, connection);
}
