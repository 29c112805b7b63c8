/* A client: its networks, as the operating system has them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/client.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "stack/client_private.h"

const ho_arm *client_arm(const ho_client *c) {
  return c->config.arm;
}

static void emit_handoff(ho_client *c, const char *kind, int from, int to,
                         ho_time t_loss, ho_time t_up) {
  c->last_loss = t_loss;
  c->last_to = to;
  HO_EMIT(c->config.env->log, handoff, ho_ns_now(), c->config.index,
          .kind = kind, .from = from, .to = to, .t_loss = t_loss, .t_up = t_up);
}

void client_emit_handoff(ho_client *c, const char *kind, int from, int to,
                         ho_time t_loss) {
  emit_handoff(c, kind, from, to, t_loss, c->nets[to].up_since);
}

void client_emit_notice(ho_client *c, int net, const char *cause) {
  HO_EMIT(c->config.env->log, notice, ho_ns_now(), c->config.index, .net = net,
          .cause = cause);
}

/* ---- the OS tells the transport, a while after the fact ---- */

typedef struct {
  ho_client *client;
  int net;
} pending_notice;

static void tell(void *user) {
  pending_notice *n = user;
  ho_client *c = n->client;
  int net = n->net;
  unsigned cause = HO_CAUSE_DEFAULT;

  free(n);
  /* What has changed again meanwhile comes with its own notice. */
  if (net != c->in_use || client_conn_net(c) == net) {
    return;
  }
  if (client_arm(c)->detect != HO_DETECT_NOTICE ||
      client_arm(c)->on_change == HO_CHANGE_NONE) {
    return;
  }
  if (c->conn && !c->nets[c->conn->net].connected) {
    cause = HO_CAUSE_DISCONNECTED;
  }
  if (!client_policy_reacts(c, cause)) {
    return;
  }
  client_emit_notice(c, net, "notice");
  client_conn_react(c, net);
  if (client_races(c)) {
    c->waiting_since = ho_ns_now(); /* patience begins anew on a new path */
  }
}

static void notify(ho_client *c, int net) {
  ho_time after = c->config.scenario->client_notice;
  pending_notice *n;

  if (after == HO_NEVER) {
    return;
  }
  n = ho_alloc(sizeof(*n));
  *n = (pending_notice){c, net};
  ho_ns_at(ho_ns_now() + after, tell, n);
}

/* ---- the default route ---- */

static void set_default(ho_client *c, int net) {
  HO_EMIT(c->config.env->log, default_network, ho_ns_now(), c->config.index,
          .from = c->in_use, .to = net);
  c->in_use = net;
  if (net >= 0) {
    c->nets[net].came_back = false;
  }
  client_policy_wait(c);
}

static int first_connected(const ho_client *c) {
  for (size_t i = 0; i < c->config.scenario->nets_count; i++) {
    if (c->nets[i].connected) {
      return (int)i;
    }
  }
  return -1;
}

/* client.return: what has gone and come back, and stands before the network in
 * use, becomes the default again. */
static void watch_returns(ho_client *c) {
  ho_time patience = c->config.scenario->client_return, first = HO_NEVER;

  for (int i = 0; patience != HO_NEVER && i < c->in_use; i++) {
    const client_net *n = &c->nets[i];
    if (n->connected && n->came_back && n->up_since + patience < first) {
      first = n->up_since + patience;
    }
  }
  ho_timer_set(&c->back, first);
}

static void go_back(void *user) {
  ho_client *c = user;
  ho_time patience = c->config.scenario->client_return, now = ho_ns_now();

  for (int i = 0; i < c->in_use; i++) {
    const client_net *n = &c->nets[i];
    if (n->connected && n->came_back && n->up_since + patience <= now) {
      ho_client_switch(c, i);
      return;
    }
  }
}

/* The application may have taken its connection to a network that is not the
 * default; when that goes, the OS tells as well. */
static void leave_own_network(ho_client *client, int net, const char *kind,
                              ho_time t_loss) {
  if (client->in_use < 0) {
    return;
  }
  client_emit_handoff(client, kind, net, client->in_use, t_loss);
  notify(client, client->in_use);
}

static void lose_default(ho_client *client, int net, const char *kind,
                         ho_time t_loss) {
  int next = first_connected(client);

  set_default(client, next);
  if (next < 0) {
    client->lost = net;
    client->lost_kind = kind;
    client->t_lost = t_loss;
    return;
  }
  client_emit_handoff(client, kind, net, next, t_loss);
  notify(client, next);
}

void ho_client_disconnect(ho_client *client, int net, const char *kind,
                          ho_time t_loss) {
  bool used = net == client_conn_net(client);
  bool in_use = net == client->in_use;

  if (!client->nets[net].connected) {
    return;
  }
  client->nets[net].connected = false;
  if (!client->started) {
    return;
  }
  /* It may have come here when the network had long ceased to forward. */
  if (net == client->last_to && t_loss < client->last_loss) {
    t_loss = client->last_loss;
  }
  HO_EMIT(client->config.env->log, network_down, ho_ns_now(),
          client->config.index, .net = net, .in_use = in_use || used,
          .t_loss = t_loss);
  if (in_use) {
    lose_default(client, net, kind, t_loss);
  } else if (used) {
    leave_own_network(client, net, kind, t_loss);
  }
  watch_returns(client);
}

static void take_default(ho_client *client, int net) {
  int lost = client->lost;

  set_default(client, net);
  client->lost = -1;
  /* A network that comes back has its address: nothing moved.  But the
   * transport may not have been told of the move to it, if it went away again
   * first. */
  if (lost >= 0 && lost != net) {
    client_emit_handoff(client, client->lost_kind, lost, net, client->t_lost);
  }
  notify(client, net);
  if (!client->conn || client->conn->closed) {
    ho_timer_set(&client->retry, ho_ns_now());
  }
}

void ho_client_connect(ho_client *client, int net) {
  client_net *n = &client->nets[net];

  if (n->connected) {
    return;
  }
  n->connected = true;
  n->up_since = ho_ns_now();
  if (!client->started) {
    return;
  }
  n->came_back = true;
  HO_EMIT(client->config.env->log, network_up, n->up_since,
          client->config.index, .net = net);
  if (client->in_use < 0) {
    take_default(client, net);
  }
  watch_returns(client);
}

void ho_client_switch(ho_client *client, int net) {
  int from = client->in_use;

  if (!client->started) {
    client->prefers = net;
    return;
  }
  if (net == from || !client->nets[net].connected) {
    return;
  }
  set_default(client, net);
  if (from >= 0) {
    client_emit_handoff(client, "switch", from, net, ho_ns_now());
    notify(client, net);
  }
  watch_returns(client);
}

void ho_client_handed_over(ho_client *client, int net, ho_time t_loss) {
  if (client->started && net == client_conn_net(client) &&
      client->nets[net].connected) {
    emit_handoff(client, "x2", net, net, t_loss, ho_ns_now());
  }
}

void ho_client_changed(ho_client *client, int net, const char *kind,
                       ho_time t_loss) {
  /* A network that is gone has no flows; and what is found out late, such as a
   * mapping's expiry, is no news after a later handoff. */
  if (client->started && net == client_conn_net(client) &&
      client->nets[net].connected && t_loss >= client->last_loss) {
    client_emit_handoff(client, kind, net, net, t_loss);
  }
}

/* ---- the workload's upcalls ---- */

static uint64_t current_packet(void *user) {
  ho_client *c = user;

  return c->conn ? ho_binding_packet(c->conn->binding) : 0;
}

static void work_kick(void *user) {
  ho_client *c = user;

  if (c->conn) {
    ho_binding_kick(c->conn->binding);
  }
}

static void work_done(void *user) {
  ho_client *c = user;

  c->config.done(c->config.user);
}

static void tick(void *user) {
  ho_client *c = user;

  ho_timer_set(&c->tick, ho_work_tick(c->work, ho_ns_now()));
  client_watch_arm(c);
}

/* ---- life ---- */

/* A socket bound to a network's address sends from there or not at all; one
 * that is not follows the default route. */
static bool route(void *user, const ho_binding *binding, const ho_path *path,
                  bool by_default, ho_route *out) {
  ho_client *c = user;
  size_t count = c->config.scenario->nets_count;
  int net = c->in_use;

  (void)binding;
  if (!by_default) {
    for (net = (int)count - 1; net >= 0; net--) {
      if (ho_addr_eq(&c->nets[net].net.addr, &path->local.addr)) {
        break;
      }
    }
  }
  if (net < 0 || c->nets[net].net.addr.family != path->remote.addr.family) {
    return false;
  }
  *out = (ho_route){.net = net,
                    .usable = c->nets[net].connected,
                    .source = c->nets[net].net.addr,
                    .out = c->nets[net].net.out};
  return true;
}

static void make_work(ho_client *c) {
  const ho_scenario *s = c->config.scenario;

  c->work = ho_work_new(
      &(ho_work_config){.log = c->config.env->log,
                        .client = c->config.index,
                        .config = ho_scenario_work(s, (size_t)c->config.index),
                        .redo = client_arm(c)->redo,
                        .now = ho_ns_now,
                        .packet = current_packet,
                        .kick = work_kick,
                        .done = work_done,
                        .user = c});
}

ho_client *ho_client_new(const ho_client_config *config) {
  const ho_scenario *s = config->scenario;
  ho_client *c = ho_alloc(sizeof(*c));
  char *stream = ho_format("ports.client.%d", config->index);

  c->config = *config;
  ho_rng_init(&c->ports, config->env->seed, stream);
  free(stream);
  c->nets = ho_alloc_array(s->nets_count, sizeof(*c->nets));
  for (size_t i = 0; i < s->nets_count; i++) {
    c->nets[i].net = config->nets[i];
    c->nets[i].connected = s->nets[i].connected;
    c->nets[i].ports_used = ho_alloc(CLIENT_PORTS / 8);
  }
  c->prefers = c->in_use = ho_scenario_start(s, (size_t)config->index);
  c->lost = -1;
  c->last_to = -1;
  c->told_apart = config->arm->on_change != HO_CHANGE_NONE &&
                  (s->client_notice != HO_NEVER ||
                   client_policy_wants(c, HO_CAUSE_WRITE_ERROR) ||
                   client_policy_wants(c, HO_CAUSE_DEGRADING));
  c->host = ho_host_new(&(ho_host_config){.env = config->env,
                                          .side = HO_CLIENT,
                                          .client = config->index,
                                          .faults = config->faults,
                                          .route = route,
                                          .settled = client_conn_settled,
                                          .user = c});
  ho_timer_init(&c->tick, tick, c);
  ho_timer_init(&c->watch, client_watch, c);
  ho_timer_init(&c->retry, client_conn_retry, c);
  ho_timer_init(&c->back, go_back, c);
  ho_timer_init(&c->away, client_policy_return, c);
  ho_timer_init(&c->wait, client_policy_give_up, c);
  ho_timer_init(&c->linger, client_conn_sweep, c);
  ho_timer_init(&c->race.head_start, client_race_head_start, c);
  make_work(c);
  return c;
}

void ho_client_del(ho_client *client) {
  if (!client) {
    return;
  }
  ho_host_del(client->host);
  while (client->conns) {
    client_conn *conn = client->conns;
    client->conns = conn->next;
    free(conn->ports);
    free(conn);
  }
  ho_work_del(client->work);
  free(client->tickets[0].data);
  free(client->tickets[1].data);
  for (size_t i = 0; i < client->config.scenario->nets_count; i++) {
    free(client->nets[i].ports_used);
  }
  free(client->nets);
  free(client);
}

ho_host *ho_client_host(ho_client *client) {
  return client->host;
}

/* What was up before the client was has not come up since; and before the run,
 * while radios associate, the clock is not the run's. */
static void look_around(ho_client *c, ho_time now) {
  for (size_t i = 0; i < c->config.scenario->nets_count; i++) {
    client_net *n = &c->nets[i];
    n->up_since = n->up_since < now ? n->up_since : now;
  }
  c->in_use = c->nets[c->prefers].connected ? c->prefers : first_connected(c);
}

void ho_client_start(ho_client *client) {
  ho_time now = ho_ns_now();

  client->started = true;
  look_around(client, now);
  ho_work_start(client->work, now);
  if (client->in_use >= 0) {
    client_conn_begin(client, client->in_use, HO_TLS_FULL);
  }
  ho_timer_set(&client->tick, ho_work_tick(client->work, now));
  client_watch_arm(client);
}
