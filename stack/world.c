/* One run: the networks of a scenario, a client, a server, and the timeline. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/world.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/ns3/ns3.h"
#include "stack/client.h"
#include "stack/config.h"
#include "stack/entropy.h"
#include "stack/network.h"
#include "stack/quic/quic.h"
#include "stack/tcp/tcp.h"

enum { MTU = 1500, PORT = 443 };

typedef struct world {
  const ho_scenario *scenario;
  const ho_arm *arm;
  ho_pool pool;
  ho_env env;
  ho_network **nets;
  ho_client *client;
  ho_host *server;
  ho_binding *server_binding;
  ho_service *service;
  ho_tls *creds;
  ho_endpoint server_at[2]; /* IPv4, IPv6 */
  bool done;
} world;

/* ---- between networks and hosts ---- */

static void to_client(void *user, int net, ho_packet *pkt) {
  world *w = user;

  ho_host_receive(ho_client_host(w->client), net, pkt);
}

static void to_server(void *user, int net, ho_packet *pkt) {
  world *w = user;

  ho_host_receive(w->server, net, pkt);
}

/* The core: a packet of the server's goes where its destination is. */
static bool route_down(void *user, const ho_binding *binding,
                       const ho_path *path, bool by_default, ho_route *route) {
  world *w = user;

  (void)binding, (void)by_default;
  for (size_t i = 0; i < w->scenario->nets_count; i++) {
    if (ho_network_owns(w->nets[i], &path->remote.addr)) {
      route->net = (int)i;
      route->usable = true;
      route->out = ho_network_in(w->nets[i]);
      return true;
    }
  }
  return false;
}

static void nat_changed(void *user, const ho_nat_change *change) {
  world *w = user;

  /* The network is the one whose NAT it was: found by its external address. */
  for (size_t i = 0; i < w->scenario->nets_count; i++) {
    if (ho_network_owns(w->nets[i], &change->after.addr) && !change->flushed) {
      ho_client_changed(w->client, (int)i, "nat-timeout", change->forgotten);
    }
  }
}

/* ---- the timeline ---- */

typedef struct {
  world *w;
  size_t entry;
} pending_action;

static void rebind(world *w, const ho_action *a) {
  static const char *const kinds[] = {[HO_REBIND_PORT] = "rebind-port",
                                      [HO_REBIND_ADDRESS] = "rebind-address",
                                      [HO_REBIND_BOTH] = "rebind-both"};
  ho_time now = ho_ns_now();

  ho_client_changed(w->client, a->net, kinds[a->rebind], now);
  ho_nat_rebind(ho_network_nat(w->nets[a->net]), a->rebind, NULL, now);
}

/* The application goes quiet at both ends: a download stops at the server. */
static void pause_work(world *w, bool paused) {
  ho_transport *t = ho_binding_transport(w->server_binding);

  ho_service_pause(w->service, paused);
  if (paused) {
    ho_client_pause(w->client);
    return;
  }
  ho_client_resume(w->client);
  t->v->resume(t, NULL, ho_ns_now());
  ho_binding_kick(w->server_binding);
}

static void act(world *w, const ho_action *a) {
  ho_network *net = a->net >= 0 ? w->nets[a->net] : NULL;
  ho_time now = ho_ns_now();

  switch (a->kind) {
  case HO_ACT_DISCONNECT:
    ho_link_set_up(ho_network_link(net), -1, false, now);
    ho_client_disconnect(w->client, a->net, "disconnect", now);
    break;
  case HO_ACT_CONNECT:
    ho_link_set_up(ho_network_link(net), -1, true, now);
    ho_client_connect(w->client, a->net);
    break;
  case HO_ACT_SWITCH:
    ho_client_switch(w->client, a->net);
    break;
  case HO_ACT_REBIND:
    rebind(w, a);
    break;
  case HO_ACT_FLUSH:
    ho_client_changed(w->client, a->net, "nat-flush", now);
    ho_nat_flush(ho_network_nat(net), NULL, now);
    break;
  case HO_ACT_SET:
    ho_network_set(net, a->key, &a->set);
    break;
  case HO_ACT_PAUSE:
    pause_work(w, true);
    break;
  case HO_ACT_RESUME:
    pause_work(w, false);
    break;
  case HO_ACT_MIGRATE:
    ho_client_migrate(w->client, a->net);
    break;
  case HO_ACT_ROTATE:
    ho_client_rotate(w->client);
    break;
  case HO_ACT_REKEY:
    ho_client_rekey(w->client);
    break;
  case HO_ACT_MOVE:
  case HO_ACT_HANDOVER:
  case HO_ACT_BLOCK:
  case HO_ACT_THROTTLE:
  case HO_ACT_UNBLOCK:
  case HO_ACT_RESTART:
    assert(!"not loaded yet");
    break;
  }
}

static void run_action(void *user) {
  pending_action *p = user;
  const ho_action *a = &p->w->scenario->timeline[p->entry];

  HO_EMIT(p->w->env.log, action, ho_ns_now(), -1, .entry = p->entry,
          .action = ho_action_name(a->kind), .net = a->net);
  act(p->w, a);
}

static pending_action *schedule_timeline(world *w) {
  pending_action *all =
      ho_alloc_array(w->scenario->timeline_count, sizeof(*all));

  for (size_t i = 0; i < w->scenario->timeline_count; i++) {
    all[i] = (pending_action){w, i};
    ho_ns_at(w->scenario->timeline[i].at, run_action, &all[i]);
  }
  return all;
}

/* ---- making it ---- */

static void make_networks(world *w) {
  const ho_scenario *s = w->scenario;

  w->nets = ho_alloc_array(s->nets_count, sizeof(*w->nets));
  for (size_t i = 0; i < s->nets_count; i++) {
    w->nets[i] = ho_network_new(&(ho_network_config){.env = &w->env,
                                                     .config = &s->nets[i],
                                                     .index = (int)i,
                                                     .beyond = s->server.delay,
                                                     .mtu = MTU,
                                                     .to_client = to_client,
                                                     .to_server = to_server,
                                                     .on_change = nat_changed,
                                                     .user = w});
  }
}

static void server_wake(void *user) {
  world *w = user;

  ho_binding_kick(w->server_binding);
}

static void make_server(world *w) {
  ho_server_end_config config = {.log = w->env.log,
                                 .seed = w->env.seed,
                                 .arm = w->arm,
                                 .server = &w->scenario->server,
                                 .mtu = MTU,
                                 .creds = w->creds,
                                 .owner = {.wake = server_wake, .user = w}};
  bool quic = w->arm->transport == HO_TRANSPORT_QUIC;

  w->service = ho_service_new(w->env.log);
  config.service = w->service;
  config.local[0] = w->server_at[0];
  config.local[1] = w->server_at[1];
  w->server = ho_host_new(&(ho_host_config){.env = &w->env,
                                            .side = HO_SERVER,
                                            .client = -1,
                                            .route = route_down,
                                            .user = w});
  w->server_binding = ho_host_bind(
      w->server,
      quic ? ho_quic_server_new(&config) : ho_tcp_server_new(&config), w);
}

/* The work is done: what the server still holds for it, and the end. */
static void client_done(void *user) {
  world *w = user;
  ho_transport *t = ho_binding_transport(w->server_binding);
  uint64_t bytes = t->v->state_bytes ? t->v->state_bytes(t) : 0;

  if (bytes > 0) {
    HO_EMIT(w->env.log, state, ho_ns_now(), 0, .connection = 0, .bytes = bytes);
  }
  w->done = true;
  ho_ns_stop();
}

static void make_client(world *w) {
  size_t count = w->scenario->nets_count;
  ho_client_net *nets = ho_alloc_array(count, sizeof(*nets));

  for (size_t i = 0; i < count; i++) {
    nets[i].addr = ho_network_client_addr(w->nets[i], 0);
    nets[i].server = w->server_at[nets[i].addr.family == 6];
    nets[i].out = ho_network_out(w->nets[i]);
    nets[i].mtu = MTU;
  }
  w->client = ho_client_new(&(ho_client_config){.env = &w->env,
                                                .scenario = w->scenario,
                                                .arm = w->arm,
                                                .nets = nets,
                                                .creds = w->creds,
                                                .done = client_done,
                                                .user = w});
  free(nets);
}

static void start(void *user) {
  world *w = user;

  HO_EMIT(w->env.log, run_started, ho_ns_now(), -1, .arm = w->arm->name,
          .seed = w->env.seed);
  ho_client_start(w->client);
}

static void make(world *w) {
  ho_addr v6 = {0};

  ho_addr_parse(&v6, "2001:db8:ffff::1");
  w->server_at[0] = (ho_endpoint){ho_addr_v4(0xc0000201u), PORT};
  w->server_at[1] = (ho_endpoint){v6, PORT};
  w->creds = ho_tls_new();
  make_networks(w);
  make_server(w);
  make_client(w);
}

static void unmake(world *w) {
  for (size_t i = 0; i < w->scenario->nets_count; i++) {
    if (ho_network_nat(w->nets[i])) {
      ho_nat_sweep(ho_network_nat(w->nets[i]), ho_ns_now());
    }
    ho_network_check(w->nets[i]);
  }
  ho_client_del(w->client);
  ho_host_del(w->server);
  ho_service_del(w->service);
  for (size_t i = 0; i < w->scenario->nets_count; i++) {
    ho_network_del(w->nets[i]);
  }
  free(w->nets);
  ho_tls_del(w->creds);
  assert(w->pool.live == 0); /* every packet was delivered or dropped */
  ho_pool_free(&w->pool);
}

static const char *ending(const world *w, bool left) {
  if (w->done) {
    return "done";
  }
  /* An idle client is meant to do nothing. */
  return left || w->scenario->work.type == HO_WORK_IDLE ? "stop"
                                                        : "nothing scheduled";
}

void ho_world_run(const ho_scenario *scenario, size_t arm, uint64_t seed,
                  ho_log *log) {
  world w = {.scenario = scenario, .arm = &scenario->arms[arm]};
  pending_action *actions;
  bool left;

  w.env = (ho_env){log, &w.pool, seed};
  ho_ns_start(seed);
  ho_entropy_seed(seed, ho_ns_now);
  make(&w);
  ho_ns_at(0, start, &w);
  actions = schedule_timeline(&w);
  left = ho_ns_run(scenario->stop);
  HO_EMIT(log, run_ended, ho_ns_now(), -1, .reason = ending(&w, left));
  unmake(&w);
  free(actions);
  ho_ns_end();
}
