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

void client_emit_handoff(ho_client *c, const char *kind, int from, int to,
                         ho_time t_loss) {
  c->last_loss = t_loss;
  HO_EMIT(c->config.env->log, handoff, ho_ns_now(), c->config.index,
          .kind = kind, .from = from, .to = to, .t_loss = t_loss,
          .t_up = c->nets[to].up_since);
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

  free(n);
  /* What has changed again meanwhile comes with its own notice. */
  if (net != c->in_use || client_conn_net(c) == net) {
    return;
  }
  if (client_arm(c)->detect != HO_DETECT_NOTICE ||
      client_arm(c)->on_change == HO_CHANGE_NONE) {
    return;
  }
  client_emit_notice(c, net, "notice");
  client_conn_react(c, net);
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
}

static int first_connected(const ho_client *c) {
  for (size_t i = 0; i < c->config.scenario->nets_count; i++) {
    if (c->nets[i].connected) {
      return (int)i;
    }
  }
  return -1;
}

/* The application may have taken its connection to a network that is not the
 * default; when that goes, the OS tells as well. */
static void leave_own_network(ho_client *client, int net) {
  if (client->in_use < 0) {
    return;
  }
  client_emit_handoff(client, "disconnect", net, client->in_use, ho_ns_now());
  notify(client, client->in_use);
}

void ho_client_disconnect(ho_client *client, int net, const char *kind,
                          ho_time t_loss) {
  bool used = net == client_conn_net(client);
  bool in_use = net == client->in_use;
  ho_time now = ho_ns_now();
  int next;

  if (!client->nets[net].connected) {
    return;
  }
  client->nets[net].connected = false;
  HO_EMIT(client->config.env->log, network_down, now, client->config.index,
          .net = net, .in_use = in_use || used, .t_loss = t_loss);
  if (!in_use) {
    if (used) {
      leave_own_network(client, net);
    }
    return;
  }
  next = first_connected(client);
  set_default(client, next);
  if (next < 0) {
    client->lost = net;
    client->t_lost = now;
    return;
  }
  client_emit_handoff(client, kind, net, next, t_loss);
  notify(client, next);
}

void ho_client_connect(ho_client *client, int net) {
  client_net *n = &client->nets[net];
  ho_time now = ho_ns_now();
  int lost = client->lost;

  if (n->connected) {
    return;
  }
  n->connected = true;
  n->up_since = now;
  HO_EMIT(client->config.env->log, network_up, now, client->config.index,
          .net = net);
  if (client->in_use >= 0) {
    return;
  }
  set_default(client, net);
  client->lost = -1;
  /* A network that comes back has its address: nothing moved.  But the
   * transport may not have been told of the move to it, if it went away again
   * first. */
  if (lost >= 0 && lost != net) {
    client_emit_handoff(client, "disconnect", lost, net, client->t_lost);
  }
  notify(client, net);
  if (!client->conn || client->conn->closed) {
    ho_timer_set(&client->retry, now);
  }
}

void ho_client_switch(ho_client *client, int net) {
  int from = client->in_use;

  if (net == from || !client->nets[net].connected) {
    return;
  }
  set_default(client, net);
  if (from < 0) {
    return;
  }
  client_emit_handoff(client, "switch", from, net, ho_ns_now());
  notify(client, net);
}

void ho_client_changed(ho_client *client, int net, const char *kind,
                       ho_time t_loss) {
  /* A network that is gone has no flows; and what is found out late, such as a
   * mapping's expiry, is no news after a later handoff. */
  if (net == client_conn_net(client) && client->nets[net].connected &&
      t_loss >= client->last_loss) {
    client_emit_handoff(client, kind, net, net, t_loss);
  }
}

/* ---- what the application asks for ---- */

void ho_client_migrate(ho_client *client, int net) {
  int from = client_conn_net(client);

  if (net == from || from < 0 || client->in_use < 0 ||
      !client->nets[net].connected) {
    return;
  }
  client_emit_handoff(client, "migrate", from, net, ho_ns_now());
  client_emit_notice(client, net, "app");
  client_conn_react(client, net);
}

void ho_client_rotate(ho_client *client) {
  bool quic = client_arm(client)->transport == HO_TRANSPORT_QUIC;
  int net = client_conn_net(client);

  if (net < 0 || !client->nets[net].connected) {
    return;
  }
  client_emit_handoff(client, "rotate", net, net, ho_ns_now());
  client_emit_notice(client, net, "app");
  if (!quic || client_conn_move(client, net, true, HO_MOVE_MIGRATE) != 0) {
    client_conn_reopen(client, net);
  }
}

void ho_client_rekey(ho_client *client) {
  ho_transport *t;

  if (!client->conn || !client->conn->ready) {
    return;
  }
  t = ho_binding_transport(client->conn->binding);
  t->v->rekey(t, ho_ns_now());
  ho_binding_kick(client->conn->binding);
}

void ho_client_pause(ho_client *client) {
  ho_work_pause(client->work);
}

void ho_client_resume(ho_client *client) {
  ho_work_resume(client->work, ho_ns_now());
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
  c->work = ho_work_new(&(ho_work_config){.log = c->config.env->log,
                                          .client = c->config.index,
                                          .config = &c->config.scenario->work,
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
  c->in_use = s->client_start;
  c->lost = -1;
  c->told_apart =
      s->client_notice != HO_NEVER && config->arm->on_change != HO_CHANGE_NONE;
  c->host = ho_host_new(&(ho_host_config){.env = config->env,
                                          .side = HO_CLIENT,
                                          .client = config->index,
                                          .route = route,
                                          .settled = client_conn_settled,
                                          .user = c});
  ho_timer_init(&c->tick, tick, c);
  ho_timer_init(&c->watch, client_watch, c);
  ho_timer_init(&c->retry, client_conn_retry, c);
  make_work(c);
  return c;
}

void ho_client_del(ho_client *client) {
  if (!client) {
    return;
  }
  ho_host_del(client->host);
  while (client->conn) {
    client_conn *conn = client->conn;
    client->conn = conn->next;
    free(conn->ports);
    free(conn);
  }
  ho_work_del(client->work);
  free(client->ticket);
  for (size_t i = 0; i < client->config.scenario->nets_count; i++) {
    free(client->nets[i].ports_used);
  }
  free(client->nets);
  free(client);
}

ho_host *ho_client_host(ho_client *client) {
  return client->host;
}

void ho_client_start(ho_client *client) {
  ho_time now = ho_ns_now();

  ho_work_start(client->work, now);
  client_conn_open(client, client->in_use, HO_TLS_FULL);
  ho_timer_set(&client->tick, ho_work_tick(client->work, now));
  client_watch_arm(client);
}

bool ho_client_finished(const ho_client *client) {
  return ho_work_finished(client->work);
}
