/* A small world for tests of clients. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runs.h"
#include "sim/base/alloc.h"
#include "sim/net/ip.h"
#include "sim/ns3/ns3.h"
#include "stack/entropy.h"
#include "stack/quic/quic.h"
#include "stack/tcp/tcp.h"

/* ---- packets ---- */

static void wall_push(ho_element *self, ho_direction dir, ho_packet *pkt) {
  rig_net *n = (rig_net *)((char *)self - offsetof(rig_net, wall));
  ho_ip ip;
  int rv = ho_ip_parse(&ip, pkt->data, pkt->len);

  assert(rv == 0);
  (void)rv;
  if (dir == HO_UP && pkt->len > n->largest) {
    n->largest = (uint32_t)pkt->len;
  }
  if (n->blocked & (ip.proto == HO_PROTO_UDP ? HO_BLOCK_UDP : HO_BLOCK_TCP)) {
    ho_element_drop(&n->r->env, n->index, dir, pkt, "blocked");
    return;
  }
  ho_element_forward(self, dir, pkt);
}

static void to_client(ho_element *self, ho_direction dir, ho_packet *pkt) {
  rig_net *n = (rig_net *)((char *)self - offsetof(rig_net, client_end));

  (void)dir;
  ho_host_receive(ho_client_host(n->r->clients[pkt->client]), n->index, pkt);
}

static void to_server(ho_element *self, ho_direction dir, ho_packet *pkt) {
  rig_net *n = (rig_net *)((char *)self - offsetof(rig_net, core_end));

  (void)dir;
  ho_host_receive(n->r->server, n->index, pkt);
}

static ho_addr client_addr(int net, int client) {
  return ho_addr_v4(0xc6330000u + ((uint32_t)net << 8) + (uint32_t)client + 1);
}

static bool route_down(void *user, const ho_binding *binding,
                       const ho_path *path, bool by_default, ho_route *route) {
  rig *r = user;
  int net = path->remote.addr.bytes[2];

  (void)binding, (void)by_default;
  route->net = net;
  route->usable = true;
  route->out = ho_link_element(r->nets[net].link);
  return true;
}

static void make_net(rig *r, int index) {
  rig_net *n = &r->nets[index];
  const ho_net_config *config = &r->scenario->nets[index];

  n->r = r;
  n->index = index;
  n->link = ho_link_new(&r->env, &(ho_link_config){.name = config->name,
                                                   .net = index,
                                                   .clients = r->clients_count,
                                                   .wired = config->wired,
                                                   .mtu = config->mtu});
  n->wall.push = wall_push;
  n->client_end.push = to_client;
  n->core_end.push = to_server;
  ho_element_link(&n->client_end, &n->wall);
  ho_element_link(&n->wall, ho_link_element(n->link));
  ho_element_link(ho_link_element(n->link), &n->core_end);
}

/* ---- hosts ---- */

static void server_wake(void *user) {
  ho_binding **binding = user;

  if (*binding) {
    ho_binding_kick(*binding);
  }
}

static void make_server(rig *r) {
  ho_server_end_config config = {.log = r->env.log,
                                 .seed = r->env.seed,
                                 .arm = &r->scenario->arms[0],
                                 .server = &r->scenario->server,
                                 .mtu = 1500,
                                 .creds = r->creds,
                                 .service = r->service,
                                 .incarnation = r->incarnation};

  config.local[0] = r->server_at[0];
  for (int i = 0; i < 2; i++) {
    if (r->bindings[i]) {
      ho_binding_mute(r->bindings[i]);
    }
    config.owner =
        (ho_transport_owner){.wake = server_wake, .user = &r->bindings[i]};
    r->bindings[i] = ho_host_bind(
        r->server, i ? ho_tcp_server_new(&config) : ho_quic_server_new(&config),
        r);
  }
}

static void client_done(void *user) {
  rig *r = user;

  if (++r->done == r->clients_count) {
    ho_ns_stop();
  }
}

static void make_client(rig *r, int index) {
  ho_client_net nets[RIG_NETS] = {0};

  for (int i = 0; i < (int)r->scenario->nets_count; i++) {
    nets[i] = (ho_client_net){.addr = client_addr(i, index),
                              .server = r->server_at[0],
                              .out = &r->nets[i].wall,
                              .mtu = r->scenario->nets[i].mtu};
  }
  r->clients[index] =
      ho_client_new(&(ho_client_config){.env = &r->env,
                                        .scenario = r->scenario,
                                        .arm = &r->scenario->arms[0],
                                        .index = index,
                                        .nets = nets,
                                        .creds = r->creds,
                                        .done = client_done,
                                        .user = r});
}

void rig_load(rig *r, const char *text, ho_transport_kind transport) {
  ho_arm *arm;

  *r = (rig){.scenario = runs_load(text, 1)};
  arm = &r->scenario->arms[0];
  arm->transport = transport;
  arm->head_start = 300 * HO_MSEC;
  arm->patience = 3 * HO_SEC;
  arm->quic_again = 300 * HO_SEC;
}

void rig_make(rig *r, size_t clients, ho_log_fn fn, void *user) {
  assert(r->scenario->nets_count <= RIG_NETS && clients <= RIG_CLIENTS);
  r->clients_count = clients;
  r->env = (ho_env){ho_log_new(), &r->pool, 1};
  if (fn) {
    ho_log_subscribe(r->env.log, fn, user);
  }
  ho_ns_start(1);
  ho_entropy_seed(1, ho_ns_now);
  r->creds = ho_tls_new();
  r->service = ho_service_new(&(ho_service_config){.log = r->env.log});
  r->server_at[0] = (ho_endpoint){ho_addr_v4(0xc0000201u), 443};
  r->server = ho_host_new(&(ho_host_config){.env = &r->env,
                                            .side = HO_SERVER,
                                            .client = -1,
                                            .route = route_down,
                                            .user = r});
  for (int i = 0; i < (int)r->scenario->nets_count; i++) {
    make_net(r, i);
  }
  make_server(r);
  for (int i = 0; i < (int)clients; i++) {
    make_client(r, i);
  }
}

void rig_free(rig *r) {
  for (size_t i = 0; i < r->clients_count; i++) {
    ho_client_del(r->clients[i]);
  }
  ho_host_del(r->server);
  ho_service_del(r->service);
  for (size_t i = 0; i < r->scenario->nets_count; i++) {
    ho_link_check(r->nets[i].link);
    ho_link_del(r->nets[i].link);
  }
  ho_tls_del(r->creds);
  assert(r->pool.live == 0);
  ho_pool_free(&r->pool);
  ho_ns_end();
  ho_log_del(r->env.log);
  ho_scenario_del(r->scenario);
}

/* ---- what happens ---- */

typedef struct {
  rig *r;
  rig_step step;
} pending_step;

static void start(rig *r) {
  for (size_t i = 0; i < r->clients_count; i++) {
    ho_client_start(r->clients[i]);
  }
}

static void restart(rig *r) {
  r->incarnation++;
  make_server(r);
}

static void step(void *user) {
  pending_step *p = user;
  rig *r = p->r;
  ho_client *c = r->clients[0];
  int net = p->step.net;
  rig_net *n = &r->nets[net];
  ho_time now = ho_ns_now();

  switch (p->step.verb) {
  case RIG_START:
    start(r);
    break;
  case RIG_LOSE:
    ho_link_set_up(n->link, -1, false, now);
    ho_client_disconnect(c, net, "radio", now);
    break;
  case RIG_GAIN:
    ho_link_set_up(n->link, -1, true, now);
    ho_client_connect(c, net);
    break;
  case RIG_SWITCH:
    ho_client_switch(c, net);
    break;
  case RIG_MIGRATE:
    ho_client_migrate(c, net);
    break;
  case RIG_X2:
    ho_client_handed_over(c, net, now - 40 * HO_MSEC);
    break;
  case RIG_BLOCK_UDP:
    n->blocked |= HO_BLOCK_UDP;
    break;
  case RIG_BLOCK_TCP:
    n->blocked |= HO_BLOCK_TCP;
    break;
  case RIG_BLOCK_ALL:
    n->blocked |= HO_BLOCK_ALL;
    break;
  case RIG_UNBLOCK:
    n->blocked = 0;
    break;
  case RIG_RESTART:
    restart(r);
    break;
  }
  free(p);
}

void rig_run(rig *r, const rig_step *steps, size_t count) {
  bool starts = false;

  for (size_t i = 0; i < count; i++) {
    pending_step *p = ho_alloc(sizeof(*p));
    *p = (pending_step){r, steps[i]};
    starts |= steps[i].verb == RIG_START;
    ho_ns_at(steps[i].at, step, p);
  }
  if (!starts) {
    pending_step *p = ho_alloc(sizeof(*p));
    *p = (pending_step){r, {0, RIG_START, 0}};
    ho_ns_at(0, step, p);
  }
  ho_ns_run(r->scenario->stop);
}
