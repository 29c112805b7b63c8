/* The server's end of all TCP connections as one transport. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/tcp/tcp.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/base/diag.h"
#include "stack/cost.h"
#include "stack/tcp/conn.h"
#include "stack/tcp/h2.h"
#include "stack/tcp/table.h"

typedef struct tcp_server tcp_server;

typedef struct server_conn {
  ho_table_entry entry;
  ho_conn c;
  ho_h2_server *h2;
  ho_h2_where where;
  tcp_server *server;
  struct server_conn *next_out; /* in the server's queue, if |queued| */
  bool queued;
} server_conn;

/* The answer to a segment of no connection. */
typedef struct {
  ho_path path;
  int client;
  uint64_t connection;
  uint8_t segment[HO_SEGMENT_MIN];
} rst;

struct tcp_server {
  ho_transport base;
  ho_server_end_config config;
  ho_tuple_table table;
  server_conn *out, **out_end; /* those with segments to send */
  rst *rsts;
  size_t rsts_sent, rsts_count, rsts_cap;
};

static tcp_server *of(ho_transport *t) {
  return (tcp_server *)((char *)t - offsetof(tcp_server, base));
}

static server_conn *of_conn(ho_conn *c) {
  return (server_conn *)((char *)c - offsetof(server_conn, c));
}

static server_conn *of_entry(ho_table_entry *e) {
  return (server_conn *)((char *)e - offsetof(server_conn, entry));
}

static void queue(server_conn *s) {
  tcp_server *server = s->server;

  if (!s->queued) {
    s->queued = true;
    s->next_out = NULL;
    *server->out_end = s;
    server->out_end = &s->next_out;
  }
}

static void unqueue(server_conn *s) {
  tcp_server *server = s->server;
  server_conn **at = &server->out;

  if (!s->queued) {
    return;
  }
  while (*at != s) {
    at = &(*at)->next_out;
  }
  *at = s->next_out;
  if (server->out_end == &s->next_out) {
    server->out_end = at;
  }
  s->queued = false;
}

static void conn_del(server_conn *s) {
  unqueue(s);
  ho_tuple_table_remove(&s->server->table, &s->entry);
  ho_conn_free(&s->c);
  ho_h2_server_del(s->h2);
  free(s);
}

/* Whether there is nothing left that TCP would do. */
static bool gone(const server_conn *s) {
  switch (ho_ns_tcp_get_state(s->c.tcp)) {
  case HO_NS_TCP_CLOSED:
  case HO_NS_TCP_RESET:
  case HO_NS_TCP_TIMEOUT:
    return true;
  case HO_NS_TCP_CONNECTING:
  case HO_NS_TCP_OPEN:
  case HO_NS_TCP_EOF:
    return false;
  }
  return true;
}

/* ---- upcalls of a connection ---- */

static void on_ready(ho_conn *c) {
  (void)c;
}

static void on_data(ho_conn *c) {
  (void)c;
}

static void on_over(ho_conn *c, const char *reason, int64_t error) {
  (void)reason, (void)error;
  ho_h2_server_end(of_conn(c)->h2);
}

static void on_wake(void *user) {
  server_conn *s = user;
  ho_transport_owner *owner = &s->server->config.owner;

  ho_conn_run(&s->c);
  queue(s);
  owner->wake(owner->user);
}

/* ---- segments ---- */

static bool listens(const tcp_server *server, const ho_endpoint *local) {
  return ho_endpoint_eq(local, &server->config.local[0]) ||
         ho_endpoint_eq(local, &server->config.local[1]);
}

static void conn_start(server_conn *s, const ho_datagram *syn) {
  const ho_server_end_config *config = &s->server->config;
  ho_ns_tcp_config tcp;

  ho_conn_tcp_config(&s->c, &tcp, config->arm, config->mtu);
  tcp.wake = on_wake;
  tcp.user = s;
  ho_cost_begin(HO_SERVER, HO_COST_TRANSPORT);
  s->c.tcp = ho_ns_tcp_accept(&tcp, syn->data, syn->len);
  ho_cost_end();
  ho_conn_set_tls(&s->c, ho_tls_session(config->creds,
                                        GNUTLS_SERVER | GNUTLS_NONBLOCK |
                                            GNUTLS_ENABLE_EARLY_DATA,
                                        "h2"));
}

static void accept_syn(tcp_server *server, const ho_datagram *syn) {
  server_conn *s = ho_alloc(sizeof(*s));

  s->server = server;
  s->entry.tuple = (ho_tuple){syn->path.remote, syn->path.local};
  s->where.connection = syn->connection;
  s->h2 = ho_h2_server_new(server->config.service, &s->where);
  s->c = (ho_conn){
      .log = server->config.log,
      .side = HO_SERVER,
      .client = syn->client,
      .connection = syn->connection,
      .path = syn->path,
      .h2 = ho_h2_server_session(s->h2),
      .on_ready = on_ready,
      .on_data = on_data,
      .on_over = on_over,
  };
  ho_tuple_table_add(&server->table, &s->entry);
  conn_start(s, syn);
  queue(s);
}

static void refuse(tcp_server *server, const ho_datagram *dgram,
                   const ho_segment *seg) {
  rst *r;

  ho_grow(&server->rsts, server->rsts_count, &server->rsts_cap, sizeof(rst));
  r = &server->rsts[server->rsts_count++];
  r->path = dgram->path;
  r->client = dgram->client;
  r->connection = dgram->connection;
  ho_segment_write_rst(r->segment, seg);
}

static void server_recv(ho_transport *t, const ho_datagram *dgram,
                        ho_time now) {
  tcp_server *server = of(t);
  ho_tuple tuple = {dgram->path.remote, dgram->path.local};
  ho_table_entry *entry;
  server_conn *s;
  ho_segment seg;
  bool syn;

  (void)now;
  if (ho_segment_parse(&seg, dgram->data, dgram->len) < 0 ||
      ho_segment_checksum(dgram->data, dgram->len, &dgram->path.remote.addr,
                          &dgram->path.local.addr) != 0) {
    return;
  }
  syn = (seg.flags & (HO_SEGMENT_SYN | HO_SEGMENT_ACK | HO_SEGMENT_RST)) ==
        HO_SEGMENT_SYN;
  entry = ho_tuple_table_find(&server->table, &tuple);
  if (entry && syn && of_entry(entry)->c.over) {
    /* The tuple is used anew (RFC 9293, 3.6.1). */
    conn_del(of_entry(entry));
    entry = NULL;
  }
  if (entry) {
    s = of_entry(entry);
    s->where.packet = dgram->packet;
    ho_conn_input(&s->c, dgram);
    queue(s);
  } else if (syn && listens(server, &dgram->path.local)) {
    accept_syn(server, dgram);
  } else if (!(seg.flags & HO_SEGMENT_RST)) {
    refuse(server, dgram, &seg);
  }
}

static int send_rst(tcp_server *server, ho_datagram *dgram) {
  rst *r = &server->rsts[server->rsts_sent++];

  assert(dgram->cap >= sizeof(r->segment));
  memcpy(dgram->data, r->segment, sizeof(r->segment));
  dgram->len = sizeof(r->segment);
  dgram->path = r->path;
  dgram->client = r->client;
  dgram->connection = r->connection;
  dgram->ecn = 0;
  if (server->rsts_sent == server->rsts_count) {
    server->rsts_sent = server->rsts_count = 0;
  }
  return 1;
}

static int server_send(ho_transport *t, ho_datagram *dgram, ho_time now) {
  tcp_server *server = of(t);
  server_conn *s;

  if (server->rsts_sent < server->rsts_count) {
    return send_rst(server, dgram);
  }
  while ((s = server->out)) {
    if (ho_conn_output(&s->c, dgram, now)) {
      return 1;
    }
    unqueue(s);
    if (gone(s)) {
      conn_del(s);
    }
  }
  return 0;
}

/* ---- the transport ---- */

static void server_open(ho_transport *t, ho_time now) {
  (void)t, (void)now;
}

static void server_close(ho_transport *t, ho_time now) {
  tcp_server *server = of(t);
  ho_table_entry *e;

  (void)now;
  for (e = server->table.all.next; e != &server->table.all; e = e->next) {
    ho_conn_close(&of_entry(e)->c);
    queue(of_entry(e));
  }
}

static ho_time server_deadline(ho_transport *t) {
  (void)t; /* ns-3 keeps the time */
  return HO_NEVER;
}

static void server_timeout(ho_transport *t, ho_time now) {
  (void)t, (void)now;
}

static void server_event(ho_transport *t, ho_path_event kind,
                         const ho_path *path, ho_time now) {
  (void)t, (void)kind, (void)path, (void)now;
}

static int server_move(ho_transport *t, ho_move how, const ho_path *path,
                       ho_time now) {
  (void)t, (void)how, (void)path, (void)now;
  return HO_ERR_PROTO;
}

static int server_request(ho_transport *t, ho_call *call, ho_time now) {
  (void)t, (void)call, (void)now;
  return HO_ERR_PROTO;
}

static void server_call(ho_transport *t, ho_call *call, ho_time now) {
  (void)t, (void)call, (void)now;
  assert(!"a server makes no calls");
}

static void server_resume(ho_transport *t, ho_call *call, ho_time now) {
  tcp_server *server = of(t);
  ho_table_entry *e, *next;

  (void)call, (void)now;
  for (e = server->table.all.next; e != &server->table.all; e = next) {
    server_conn *s = of_entry(e);
    next = e->next;
    if (s->h2 && ho_h2_server_resume(s->h2)) {
      queue(s);
      ho_conn_run(&s->c);
    }
  }
}

static void server_rekey(ho_transport *t, ho_time now) {
  tcp_server *server = of(t);
  ho_table_entry *e;

  for (e = server->table.all.next; e != &server->table.all; e = e->next) {
    ho_conn_rekey(&of_entry(e)->c, now);
    queue(of_entry(e));
  }
}

static void server_ping(ho_transport *t, ho_time now) {
  (void)t, (void)now;
}

static uint64_t server_state(ho_transport *t, int client,
                             uint64_t *connection) {
  (void)t, (void)client, (void)connection;
  return 0;
}

static void server_del(ho_transport *t) {
  tcp_server *server = of(t);

  while (server->table.count > 0) {
    conn_del(of_entry(server->table.all.next));
  }
  ho_tuple_table_free(&server->table);
  free(server->rsts);
  free(server);
}

static const ho_transport_vtbl vtbl = {
    .abi = HO_TRANSPORT_ABI,
    .name = "tcp",
    .proto = HO_PROTO_TCP,
    .open = server_open,
    .close = server_close,
    .recv = server_recv,
    .send = server_send,
    .deadline = server_deadline,
    .timeout = server_timeout,
    .event = server_event,
    .move = server_move,
    .request = server_request,
    .resume = server_resume,
    .cancel = server_call,
    .rekey = server_rekey,
    .ping = server_ping,
    .state_bytes = server_state,
    .del = server_del,
};

ho_transport *ho_tcp_server_new(const ho_server_end_config *config) {
  tcp_server *server = ho_alloc(sizeof(*server));

  server->base.v = &vtbl;
  server->config = *config;
  server->out_end = &server->out;
  ho_tuple_table_init(&server->table);
  return &server->base;
}
