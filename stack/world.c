/* One run: the networks of a scenario, its clients, and a server. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/world.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/net/ip.h"
#include "sim/ns3/ns3.h"
#include "stack/entropy.h"
#include "stack/world_private.h"

enum { PORT = 443 };

/* ---- between networks and hosts ---- */

static void to_client(void *user, int net, int client, ho_packet *pkt) {
  world *w = user;

  ho_host_receive(ho_client_host(w->clients[client]), net, pkt);
}

/* A preferred address may be a dead one. */
static bool is_dead(const world *w, const ho_packet *pkt) {
  ho_ip ip;

  return w->scenario->server.preferred.dead &&
         ho_ip_parse(&ip, pkt->data, pkt->len) == 0 &&
         ho_addr_eq(&ip.dst.addr, &w->preferred[ip.family == 6].addr);
}

static void to_server(void *user, int net, ho_packet *pkt) {
  world *w = user;

  if (is_dead(w, pkt)) {
    ho_element_drop(&w->env, net, HO_UP, pkt, "no-route");
    return;
  }
  ho_host_receive(w->server, net, pkt);
}

static void nat_changed(void *user, const ho_nat_change *change) {
  world *w = user;

  /* The network is the one whose NAT it was: found by its external address. */
  for (size_t i = 0; i < w->scenario->nets_count; i++) {
    if (ho_network_owns(w->nets[i], &change->after.addr) && !change->flushed) {
      ho_client_changed(w->clients[change->client], (int)i, "nat-timeout",
                        change->forgotten);
    }
  }
}

/* ---- making it ---- */

/* Whether the timeline ever does |kind| to |net|. */
static bool is_ever(const ho_scenario *s, int net, ho_action_kind kind) {
  for (size_t i = 0; i < s->timeline_count; i++) {
    if (s->timeline[i].net == net && s->timeline[i].kind == kind) {
      return true;
    }
  }
  return false;
}

/* A network has a middlebox only where there is something for it to do. */
static bool needs_middlebox(const ho_scenario *s, int net) {
  return is_ever(s, net, HO_ACT_BLOCK) || is_ever(s, net, HO_ACT_THROTTLE) ||
         is_ever(s, net, HO_ACT_UNBLOCK);
}

static void make_networks(world *w) {
  const ho_scenario *s = w->scenario;

  w->nets = ho_alloc_array(s->nets_count, sizeof(ho_network *));
  w->accesses =
      ho_alloc_array(s->nets_count * s->clients, sizeof(*w->accesses));
  for (size_t i = 0; i < s->nets_count; i++) {
    ho_network_config config = {.env = &w->env,
                                .config = &s->nets[i],
                                .index = (int)i,
                                .clients = s->clients,
                                .beyond = s->server.delay,
                                .middlebox = needs_middlebox(s, (int)i),
                                .scripted = is_ever(s, (int)i, HO_ACT_HANDOVER),
                                .to_client = to_client,
                                .to_server = to_server,
                                .on_change = nat_changed,
                                .on_radio = world_on_radio,
                                .user = w};

    world_meddle_stages(w, (int)i, &config);
    w->nets[i] = ho_network_new(&config);
  }
}

/* A client's work is done: what the server still holds for it; after the last
 * one's, the end. */
static void client_done(void *user) {
  world_client *c = user;
  world *w = c->world;
  uint64_t connection, bytes = world_server_state(w, c->index, &connection);

  if (bytes > 0) {
    HO_EMIT(w->env.log, state, ho_ns_now(), c->index, .connection = connection,
            .bytes = bytes);
  }
  if (++w->clients_done == w->scenario->clients) {
    w->done = true;
    ho_ns_stop();
  }
}

static void make_client(world *w, int index) {
  size_t count = w->scenario->nets_count;
  ho_client_net *nets = ho_alloc_array(count, sizeof(*nets));

  for (size_t i = 0; i < count; i++) {
    nets[i].addr = ho_network_client_addr(w->nets[i], index);
    nets[i].server = w->server_at[nets[i].addr.family == 6];
    nets[i].out = ho_network_out(w->nets[i]);
    nets[i].mtu = w->scenario->nets[i].mtu;
  }
  w->handles[index] = (world_client){w, index};
  w->clients[index] =
      ho_client_new(&(ho_client_config){.env = &w->env,
                                        .scenario = w->scenario,
                                        .arm = w->arm,
                                        .index = index,
                                        .nets = nets,
                                        .creds = w->creds,
                                        .faults = world_faults_client(w, index),
                                        .done = client_done,
                                        .user = &w->handles[index]});
  free(nets);
}

static void start_client(void *user) {
  world_client *c = user;

  ho_client_start(c->world->clients[c->index]);
}

static void start(void *user) {
  world *w = user;

  w->started = true;
  HO_EMIT(w->env.log, run_started, ho_ns_now(), -1, .arm = w->arm->name,
          .seed = w->env.seed);
  world_report_unreached(w);
  for (size_t i = 0; i < w->scenario->nets_count; i++) {
    ho_network_start(w->nets[i]);
  }
}

static void start_clients(void *user) {
  world *w = user;

  for (size_t i = 0; i < w->scenario->clients; i++) {
    if (w->scenario->client_begin[i] == 0) {
      start_client(&w->handles[i]);
    } else {
      ho_ns_at(w->scenario->client_begin[i], start_client, &w->handles[i]);
    }
  }
}

/* RFC 5737's and 3849's documentation addresses. */
static void plan_server(world *w) {
  const ho_preferred *preferred = &w->scenario->server.preferred;
  ho_addr v6 = {0};

  ho_addr_parse(&v6, "2001:db8:ffff::1");
  w->server_at[0] = (ho_endpoint){ho_addr_v4(0xc0000201u), PORT};
  w->server_at[1] = (ho_endpoint){v6, PORT};
  if (preferred->v4) {
    w->preferred[0] = (ho_endpoint){ho_addr_v4(0xc0000202u), PORT};
  }
  if (preferred->v6) {
    w->preferred[1] = (ho_endpoint){ho_addr_add(v6, 1), PORT};
  }
}

/* Radios first: what they do before time 0 must find nobody who would react. */
static void make(world *w) {
  size_t clients = w->scenario->clients;

  plan_server(w);
  world_faults_make(w);
  world_meddle_make(w);
  make_networks(w);
  world_warm_up(w);
  w->creds = ho_tls_new();
  world_server_make(w);
  w->handles = ho_alloc_array(clients, sizeof(*w->handles));
  w->clients = ho_alloc_array(clients, sizeof(ho_client *));
  for (size_t i = 0; i < clients; i++) {
    make_client(w, (int)i);
  }
  world_tell_unreached(w);
}

static void unmake(world *w) {
  for (size_t i = 0; i < w->scenario->nets_count; i++) {
    ho_network_end(w->nets[i]);
  }
  for (size_t i = 0; i < w->scenario->clients; i++) {
    ho_client_del(w->clients[i]);
  }
  ho_host_del(w->server);
  ho_service_del(w->service);
  for (size_t i = 0; i < w->scenario->nets_count; i++) {
    ho_network_del(w->nets[i]);
  }
  world_meddle_free(w);
  free(w->nets);
  free(w->accesses);
  free(w->clients);
  free(w->handles);
  ho_tls_del(w->creds);
  world_faults_free(w);
  assert(w->pool.live == 0); /* every packet was delivered or dropped */
  ho_pool_free(&w->pool);
}

/* An idle client is meant to do nothing, and never done. */
static bool is_idle(const world *w) {
  size_t idle = 0;

  for (size_t i = 0; i < w->scenario->clients; i++) {
    idle += ho_scenario_work(w->scenario, i)->type == HO_WORK_IDLE;
  }
  return idle + w->clients_done == w->scenario->clients;
}

static const char *ending(const world *w, bool left) {
  if (w->done) {
    return "done";
  }
  return left || is_idle(w) ? "stop" : "nothing scheduled";
}

void ho_world_run(const ho_scenario *scenario, size_t arm, uint64_t seed,
                  ho_log *log, const ho_sinks *sinks) {
  world w = {.scenario = scenario, .arm = &scenario->arms[arm]};
  void *actions;
  bool left;

  w.env = (ho_env){log, &w.pool, seed, sinks};
  ho_ns_start(seed);
  ho_entropy_seed(seed, ho_ns_now);
  make(&w);
  ho_ns_at(0, start, &w);
  actions = world_schedule_timeline(&w, start_clients);
  left = ho_ns_run(scenario->stop);
  HO_EMIT(log, run_ended, ho_ns_now(), -1, .reason = ending(&w, left));
  unmake(&w);
  free(actions);
  ho_ns_end();
}
