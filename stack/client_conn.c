/* A client's connections: opening, moving and replacing them. */
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

/* Only a failure matters here, and only that of the move in hand: the way back
 * is found in client_conn_settled. */
static void on_moved(void *user, const ho_path *path, int64_t error) {
  client_conn *conn = user;
  const client_net *n = &conn->client->nets[conn->net];

  if (error != 0 && ho_addr_eq(&path->local.addr, &n->net.addr) &&
      path->local.port == conn->ports[conn->net]) {
    conn->move_failed = true;
  }
}

static void on_ticket(void *user, const uint8_t *data, size_t len) {
  client_conn *conn = user;
  ho_client *c = conn->client;

  free(c->ticket);
  c->ticket = ho_alloc(len);
  memcpy(c->ticket, data, len);
  c->ticket_len = len;
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
  bool tcp = client_arm(c)->transport == HO_TRANSPORT_TCP;

  return conn && !conn->closed && (tcp || c->told_apart || conn->own_way)
             ? conn->net
             : c->in_use;
}

/* The local endpoint of |conn| on |net|: a port of its own on each network,
 * which it keeps, so that a return finds the path it had. */
static ho_endpoint local_of(ho_client *c, client_conn *conn, int net) {
  if (conn->ports[net] == 0) {
    conn->ports[net] = draw_port(c, net);
  }
  return (ho_endpoint){c->nets[net].net.addr, conn->ports[net]};
}

static ho_transport *make_transport(client_conn *conn, ho_tls_mode tls) {
  ho_client *c = conn->client;
  const client_net *n = &c->nets[conn->net];
  const ho_arm *arm = client_arm(c);
  ho_client_conn_config config = {
      .log = c->config.env->log,
      .seed = c->config.env->seed,
      .client = c->config.index,
      .connection = conn->number,
      .arm = arm,
      .server = &c->config.scenario->server,
      .path = {local_of(c, conn, conn->net), n->net.server},
      .net = conn->net,
      .mtu = n->net.mtu,
      .tls = c->ticket ? tls : HO_TLS_FULL,
      .ticket = c->ticket,
      .ticket_len = c->ticket_len,
      .creds = c->config.creds,
      .owner = {on_wake, on_ready, on_closed, on_moved, on_ticket, conn}};

  return arm->transport == HO_TRANSPORT_QUIC ? ho_quic_client_new(&config)
                                             : ho_tcp_client_new(&config);
}

void client_conn_open(ho_client *c, int net, ho_tls_mode tls) {
  client_conn *conn = ho_alloc(sizeof(*conn));
  bool quic = client_arm(c)->transport == HO_TRANSPORT_QUIC;
  ho_endpoint local;
  ho_transport *t;

  conn->client = c;
  conn->ports =
      ho_alloc_array(c->config.scenario->nets_count, sizeof(*conn->ports));
  conn->number = c->connections++;
  conn->net = net;
  conn->from = -1;
  conn->opened = ho_ns_now();
  conn->next = c->conn;
  c->conn = conn;
  local = local_of(c, conn, net);
  t = make_transport(conn, tls);
  conn->binding = ho_host_bind(c->host, t, conn);
  ho_binding_local(conn->binding, &local, quic && !c->told_apart);
  ho_binding_identity(conn->binding, c->config.index, conn->number);
  t->v->open(t, ho_ns_now());
  ho_binding_kick(conn->binding);
}

/* ---- replacing ---- */

static void give_up(ho_client *c) {
  client_conn *conn = c->conn;
  ho_transport *t;

  if (!conn) {
    return;
  }
  ho_work_detach(c->work, ho_ns_now());
  if (!conn->closed) {
    conn->closed = true;
    t = ho_binding_transport(conn->binding);
    t->v->close(t, ho_ns_now());
    ho_binding_kick(conn->binding);
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
  client_conn_open(c, net, client_arm(c)->tls);
  client_watch_arm(c);
}

/* ---- moving ---- */

int client_conn_move(ho_client *c, int net, bool fresh, ho_move how) {
  client_conn *conn = c->conn;
  client_net *n = &c->nets[net];
  ho_endpoint local;
  ho_transport *t;
  ho_path path;
  int rv;

  if (!conn || conn->closed || !conn->ready ||
      n->net.addr.family != c->nets[conn->net].net.addr.family) {
    return -1;
  }
  if (fresh) {
    conn->ports[net] = draw_port(c, net);
  }
  local = local_of(c, conn, net);
  path = (ho_path){local, n->net.server};
  t = ho_binding_transport(conn->binding);
  rv = t->v->move(t, how, &path, ho_ns_now());
  /* Where the path in use works, it can wait for a CID. */
  if (rv != 0 && !(rv == HO_ERR_FULL && c->nets[conn->net].connected)) {
    return rv;
  }
  conn->from = conn->net;
  conn->net = net;
  conn->own_way |= !fresh;
  conn->move_failed = false;
  ho_binding_local(conn->binding, &local, !c->told_apart && fresh);
  ho_binding_kick(conn->binding);
  return 0;
}

/* A move that failed leaves the connection where it was; if that is gone, there
 * is nothing left but another connection. */
static void on_failed_move(ho_client *c) {
  client_conn *conn = c->conn;

  conn->move_failed = false;
  if (conn->from >= 0 && c->nets[conn->from].connected) {
    conn->net = conn->from;
  } else {
    client_conn_reopen(c, -1);
  }
}

void client_conn_react(ho_client *c, int net) {
  const ho_arm *arm = client_arm(c);
  ho_move how =
      arm->on_change == HO_CHANGE_PROBE ? HO_MOVE_PROBE : HO_MOVE_MIGRATE;

  if (c->conn && !c->conn->closed && c->conn->net == net) {
    return; /* it is there already */
  }
  /* Another address family needs another server address, which RFC 9000, 9
   * does not let a client choose; and TCP cannot move at all. */
  if (arm->transport == HO_TRANSPORT_TCP ||
      arm->on_change == HO_CHANGE_RECONNECT ||
      client_conn_move(c, net, false, how) != 0) {
    client_conn_reopen(c, net);
  }
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
static void on_loss(ho_client *c) {
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

  if (conn != c->conn) {
    return; /* one that was given up */
  }
  if (conn->closed && conn->why_closed && !c->reopen) {
    on_loss(c);
    conn->why_closed = NULL;
    return;
  }
  if (conn->move_failed && !conn->closed && !c->reopen) {
    on_failed_move(c);
    return;
  }
  if (conn->ready && !conn->closed) {
    if (!conn->attached) {
      conn->attached = true;
      ho_work_attach(c->work, ho_binding_transport(binding), conn->number,
                     ho_ns_now());
    }
    ho_work_settle(c->work);
  }
  client_watch_arm(c);
}
