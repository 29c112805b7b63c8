/* A client's connections: opening, replacing and burying them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "stack/client_private.h"
#include "stack/config.h"
#include "stack/quic/quic.h"
#include "stack/tcp/tcp.h"

/* How long an application waits between two attempts to connect. */
static const ho_time attempt_every = HO_SEC;

/* ---- upcalls of a transport ---- */

static void on_wake(void *user) {
  client_conn *conn = user;

  if (conn->binding) {
    ho_binding_kick(conn->binding);
  }
}

static void on_ready(void *user) {
  client_conn *conn = user;

  conn->ready = true; /* acted upon in client_conn_settled */
}

static void on_closed(void *user, const char *reason, int64_t error) {
  client_conn *conn = user;

  (void)error;
  conn->closed = true;
  conn->why_closed = reason;
}

/* The network whose address and port of |conn|'s own |local| is, or -1. */
static int net_of(const client_conn *conn, const ho_endpoint *local) {
  const ho_client *c = conn->client;

  for (size_t i = 0; i < c->config.scenario->nets_count; i++) {
    if (ho_addr_eq(&local->addr, &c->nets[i].net.addr) &&
        local->port == conn->ports[i]) {
      return (int)i;
    }
  }
  return -1;
}

/* Of a move that the client made itself only a failure matters here, and only
 * of the one in hand: the way back is found in client_conn_settled.  The server
 * may have moved it, to a preferred address of another family. */
static void on_moved(void *user, const ho_path *path, int64_t error) {
  client_conn *conn = user;
  int net = net_of(conn, &path->local);

  if (error != 0) {
    conn->move_failed |= net == conn->net;
  } else if (net >= 0 && conn->client->nets[net].net.addr.family !=
                             conn->client->nets[conn->net].net.addr.family) {
    client_emit_handoff(conn->client, "migrate", conn->net, net, ho_ns_now());
    client_emit_notice(conn->client, net, "preferred-address");
    conn->net = net;
    conn->own_way = true;
  }
}

static void on_ticket(void *user, const uint8_t *data, size_t len) {
  client_conn *conn = user;
  ho_client *c = conn->client;

  free(c->tickets[conn->tcp].data);
  c->tickets[conn->tcp].data = ho_alloc(len);
  memcpy(c->tickets[conn->tcp].data, data, len);
  c->tickets[conn->tcp].len = len;
}

/* ---- opening ---- */

/* A dynamic port that no connection of the client has had on |net|.  When
 * nearly all have been drawn, it begins anew. */
static uint16_t draw_port(ho_client *c, int net) {
  client_net *n = &c->nets[net];
  uint64_t i;

  if (n->ports_drawn > CLIENT_PORTS / 4 * 3) {
    memset(n->ports_used, 0, CLIENT_PORTS / 8);
    n->ports_drawn = 0;
  }
  do {
    i = ho_rng_below(&c->ports, CLIENT_PORTS);
  } while (n->ports_used[i / 8] >> (i % 8) & 1);
  n->ports_used[i / 8] |= (uint8_t)(1u << (i % 8));
  n->ports_drawn++;
  return (uint16_t)(CLIENT_FIRST_PORT + i);
}

/* A bound socket sends from the network it is bound to, any other from the
 * default one. */
int client_conn_net(const ho_client *c) {
  const client_conn *conn = c->conn;

  return conn && !conn->closed && (conn->tcp || c->told_apart || conn->own_way)
             ? conn->net
             : c->in_use;
}

/* A port of its own on each network, which a connection keeps, so that a return
 * finds the path it had. */
ho_endpoint client_conn_local(client_conn *conn, int net, bool fresh_port) {
  if (conn->ports[net] == 0 || fresh_port) {
    conn->ports[net] = draw_port(conn->client, net);
  }
  return (ho_endpoint){conn->client->nets[net].net.addr, conn->ports[net]};
}

/* A QUIC connection may come to any of the networks, and finds out what each
 * path takes (RFC 8899); TCP's segments are made for the interface it uses. */
static uint32_t mtu_of(const client_conn *conn) {
  const ho_client *c = conn->client;
  uint32_t mtu = c->nets[conn->net].net.mtu;

  for (size_t i = 0; !conn->tcp && i < c->config.scenario->nets_count; i++) {
    mtu = c->nets[i].net.mtu > mtu ? c->nets[i].net.mtu : mtu;
  }
  return mtu;
}

/* An endpoint for each family, in case the server prefers an address of the
 * other one: on the network in use, or the first that is connected. */
static void plan_locals(client_conn *conn, ho_endpoint locals[2]) {
  ho_client *c = conn->client;
  const ho_preferred *offer = &c->config.scenario->server.preferred;

  if (conn->tcp || !(offer->v4 || offer->v6)) {
    return;
  }
  for (size_t i = 0; i < c->config.scenario->nets_count; i++) {
    ho_endpoint *local = &locals[c->nets[i].net.addr.family == 6];
    if ((int)i == conn->net ||
        (local->addr.family == 0 && c->nets[i].connected)) {
      *local = client_conn_local(conn, (int)i, false);
    }
  }
}

static ho_transport *make_transport(client_conn *conn, ho_tls_mode tls) {
  ho_client *c = conn->client;
  const client_net *n = &c->nets[conn->net];
  const uint8_t *ticket = c->tickets[conn->tcp].data;
  ho_client_conn_config config = {
      .log = c->config.env->log,
      .sinks = c->config.env->sinks,
      .seed = c->config.env->seed,
      .client = c->config.index,
      .connection = conn->number,
      .arm = client_arm(c),
      .server = &c->config.scenario->server,
      .path = {client_conn_local(conn, conn->net, false), n->net.server},
      .net = conn->net,
      .mtu = mtu_of(conn),
      .tls = ticket ? tls : HO_TLS_FULL,
      .ticket = ticket,
      .ticket_len = c->tickets[conn->tcp].len,
      .creds = c->config.creds,
      .owner = {on_wake, on_ready, on_closed, on_moved, on_ticket, conn}};

  plan_locals(conn, config.locals);

  return conn->tcp ? ho_tcp_client_new(&config) : ho_quic_client_new(&config);
}

static client_conn *conn_new(ho_client *c, int net, bool tcp) {
  client_conn *conn = ho_alloc(sizeof(*conn));

  conn->client = c;
  conn->ports =
      ho_alloc_array(c->config.scenario->nets_count, sizeof(*conn->ports));
  conn->number = c->connections++;
  conn->tcp = tcp;
  conn->net = net;
  conn->from = -1;
  conn->opened = ho_ns_now();
  conn->next = c->conns;
  c->conns = conn;
  return conn;
}

void client_conn_open(ho_client *c, client_conn **as, int net, bool tcp,
                      ho_tls_mode tls) {
  client_conn *conn = conn_new(c, net, tcp);
  ho_endpoint local = client_conn_local(conn, net, false);
  ho_transport *t = make_transport(conn, tls);

  *as = conn; /* with 0-RTT it is ready before this returns */
  conn->binding = ho_host_bind(c->host, t, conn);
  ho_binding_local(conn->binding, &local, !tcp && !c->told_apart);
  for (size_t i = 0; i < c->config.scenario->nets_count; i++) {
    if ((int)i != net && conn->ports[i] != 0) {
      local = client_conn_local(conn, (int)i, false); /* see plan_locals */
      ho_binding_local(conn->binding, &local, false);
    }
  }
  ho_binding_identity(conn->binding, c->config.index, conn->number);
  t->v->open(t, ho_ns_now());
  ho_binding_kick(conn->binding);
}

void client_conn_begin(ho_client *c, int net, ho_tls_mode tls) {
  if (client_races(c)) {
    client_race_open(c, net, tls);
    return;
  }
  client_conn_open(c, &c->conn, net,
                   client_arm(c)->transport == HO_TRANSPORT_TCP, tls);
}

/* ---- replacing ---- */

void client_conn_close(client_conn *conn) {
  ho_transport *t;

  if (!conn->closed) {
    conn->closed = true;
    t = ho_binding_transport(conn->binding);
    t->v->close(t, ho_ns_now());
    ho_binding_kick(conn->binding);
  }
}

static void give_up(ho_client *c) {
  ho_work_detach(c->work, ho_ns_now());
  client_race_call_off(c);
  if (c->conn) {
    client_conn_close(c->conn);
  }
}

void client_conn_reopen(ho_client *c, int net) {
  c->reopen = true;
  c->reopen_net = net;
  ho_timer_set(&c->retry, ho_ns_now());
}

/* Runs from a timer, so no call into a transport is under way. */
void client_conn_retry(void *user) {
  ho_client *c = user;
  int net = c->reopen && c->reopen_net >= 0 ? c->reopen_net : c->in_use;

  if (!c->reopen && c->conn && !c->conn->closed) {
    return;
  }
  if (net < 0 || !c->nets[net].connected) {
    net = c->in_use;
  }
  give_up(c);
  if (net < 0) {
    return; /* ho_client_connect tries again */
  }
  c->reopen = false;
  client_conn_begin(c, net, client_arm(c)->tls);
  client_conn_sweep(c);
  client_watch_arm(c);
}

/* ---- burying ---- */

static void conn_del(client_conn *conn) {
  client_conn **at = &conn->client->conns;

  while (*at != conn) {
    at = &(*at)->next;
  }
  *at = conn->next;
  ho_binding_mute(conn->binding);
  free(conn->ports);
  free(conn);
}

static ho_time over_at(const client_conn *conn, ho_time now) {
  ho_transport *t = ho_binding_transport(conn->binding);

  return conn->closed && t->v->over ? t->v->over(t, now) : HO_NEVER;
}

void client_conn_sweep(void *user) {
  ho_client *c = user;
  ho_time now = ho_ns_now(), first = HO_NEVER;
  client_conn *conn, *next;

  for (conn = c->conns; conn; conn = next) {
    ho_time at = over_at(conn, now);
    next = conn->next;
    if (conn == c->conn || conn == c->race.rival) {
      continue;
    }
    if (at <= now) {
      conn_del(conn);
    } else if (at < first) {
      first = at;
    }
  }
  ho_timer_set(&c->linger, first);
}

/* ---- after each call into a transport ---- */

static const char *cause_of(const client_conn *conn) {
  static const struct {
    const char *part, *cause;
  } causes[] = {{"rst", "rst"}, {"reset", "rst"}, {"send", "send-error"}};

  for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
    if (conn->why_closed && strstr(conn->why_closed, causes[i].part)) {
      return causes[i].cause;
    }
  }
  return "give-up";
}

/* The transport ended the connection: a client with work left connects again,
 * but not in a busy loop. */
void client_conn_lost(ho_client *c) {
  ho_time now = ho_ns_now(), again = c->conn->opened + attempt_every;

  ho_work_detach(c->work, now);
  if (ho_work_finished(c->work)) {
    return;
  }
  client_emit_notice(c, c->in_use, cause_of(c->conn));
  c->reopen = true;
  c->reopen_net = -1;
  ho_timer_set(&c->retry, again > now ? again : now);
}

void client_conn_settled(void *user, ho_binding *binding) {
  ho_client *c = user;
  client_conn *conn = ho_binding_user(binding);

  if (c->race.on && (conn == c->conn || conn == c->race.rival)) {
    client_race_settled(c, conn);
  }
  if (conn != c->conn) {
    client_conn_sweep(c); /* one that was given up */
    return;
  }
  if (conn->closed && conn->why_closed && !c->reopen) {
    client_conn_lost(c);
    conn->why_closed = NULL;
    return;
  }
  if (ho_binding_failed(binding) && !conn->closed && !c->reopen &&
      client_policy_wants(c, HO_CAUSE_WRITE_ERROR)) {
    client_policy_failed(c);
  }
  client_policy_arm(c);
  if (conn->move_failed && !conn->closed && !c->reopen) {
    client_conn_not_moved(c);
    return;
  }
  if (conn->ready && !conn->closed && !c->race.on) {
    if (!conn->attached) {
      conn->attached = true;
      ho_work_attach(c->work, ho_binding_transport(binding), conn->number,
                     ho_ns_now());
    }
    ho_work_settle(c->work);
  }
  client_watch_arm(c);
}
