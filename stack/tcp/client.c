/* A client's TCP connection as a transport. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/tcp/tcp.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/base/diag.h"
#include "stack/cost.h"
#include "stack/tcp/conn.h"
#include "stack/tcp/h2.h"

/* Linux's TCP_TIMEWAIT_LEN. */
static const ho_time time_wait = 60 * HO_SEC;

typedef struct {
  ho_transport base;
  ho_conn c;
  ho_h2_client *h2;
  ho_transport_owner owner;
  const ho_arm *arm;
  uint32_t mtu;
  int net;
  ho_tls_mode mode;
  bool ticket_given;
  bool waits;       /* in TIME-WAIT */
  ho_time waits_to; /* the end of that */
  int depth;        /* calls of ours on the stack */
  bool deleted;     /* by an upcall: free when |depth| is 0 */
} tcp_client;

static tcp_client *of(ho_transport *t) {
  return (tcp_client *)((char *)t - offsetof(tcp_client, base));
}

static tcp_client *of_conn(ho_conn *c) {
  return (tcp_client *)((char *)c - offsetof(tcp_client, c));
}

/* The owner may ask for more, or delete us, from within an upcall.  So every
 * entry counts, and the outermost one frees. */
static void enter(tcp_client *k) {
  k->depth++;
}

static void leave(tcp_client *k) {
  if (--k->depth == 0 && k->deleted) {
    ho_conn_free(&k->c);
    ho_h2_client_del(k->h2);
    free(k);
  }
}

/* Makes things move after a call from outside; within an upcall, the run that
 * made it goes on by itself. */
static void run(tcp_client *k) {
  if (k->depth == 1 && k->c.tcp) {
    ho_conn_run(&k->c);
  }
}

/* ---- upcalls ---- */

static void on_ready(ho_conn *c) {
  tcp_client *k = of_conn(c);

  if (!c->early) { /* then it came at the start */
    k->owner.ready(k->owner.user);
  }
}

static void on_data(ho_conn *c) {
  tcp_client *k = of_conn(c);
  gnutls_datum_t ticket;

  if (k->ticket_given || c->over || !k->owner.ticket ||
      !(gnutls_session_get_flags(c->tls) & GNUTLS_SFLAGS_SESSION_TICKET) ||
      gnutls_session_get_data2(c->tls, &ticket) < 0) {
    return;
  }
  k->ticket_given = true;
  k->owner.ticket(k->owner.user, ticket.data, ticket.size);
  gnutls_free(ticket.data);
}

static void on_over(ho_conn *c, const char *reason, int64_t error) {
  tcp_client *k = of_conn(c);

  ho_h2_client_end(k->h2, error ? error : -1);
  if (!k->deleted) {
    k->owner.closed(k->owner.user, reason, error);
  }
}

static void on_wake(void *user) {
  tcp_client *k = user;
  ho_transport_owner owner = k->owner;
  bool alive;

  enter(k);
  run(k);
  alive = !k->deleted;
  leave(k);
  if (alive) {
    owner.wake(owner.user);
  }
}

/* ---- the transport ---- */

static const char *const handshake_names[] = {"full", "resume", "0rtt"};

static void client_open(ho_transport *t, ho_time now) {
  tcp_client *k = of(t);
  ho_ns_tcp_config config;

  enter(k);
  ho_conn_tcp_config(&k->c, &config, k->arm, k->mtu);
  config.wake = on_wake;
  config.user = k;
  ho_cost_begin(HO_CLIENT, HO_COST_TRANSPORT);
  k->c.tcp = ho_ns_tcp_connect(&config);
  ho_cost_end();
  HO_EMIT(k->c.log, connection_started, now, k->c.client,
          .connection = k->c.connection, .transport = "tcp",
          .handshake = handshake_names[k->mode], .net = k->net);
  if (k->c.early) {
    k->owner.ready(k->owner.user);
  }
  leave(k);
}

static void client_close(ho_transport *t, ho_time now) {
  tcp_client *k = of(t);

  (void)now;
  enter(k);
  if (k->c.tcp) {
    ho_conn_close(&k->c);
  }
  leave(k);
}

static void client_recv(ho_transport *t, const ho_datagram *dgram,
                        ho_time now) {
  tcp_client *k = of(t);
  ho_segment seg;

  (void)now;
  if (!k->c.tcp || ho_segment_parse(&seg, dgram->data, dgram->len) < 0 ||
      seg.dst != k->c.path.local.port || seg.src != k->c.path.remote.port ||
      ho_segment_checksum(dgram->data, dgram->len, &dgram->path.remote.addr,
                          &dgram->path.local.addr) != 0) {
    return;
  }
  enter(k);
  ho_conn_input(&k->c, dgram);
  leave(k);
}

static int client_send(ho_transport *t, ho_datagram *dgram, ho_time now) {
  tcp_client *k = of(t);

  return k->c.tcp ? ho_conn_output(&k->c, dgram, now) : 0;
}

static ho_time client_deadline(ho_transport *t) {
  (void)t; /* ns-3 keeps the time */
  return HO_NEVER;
}

static void client_timeout(ho_transport *t, ho_time now) {
  (void)t, (void)now;
}

static void client_event(ho_transport *t, ho_path_event kind,
                         const ho_path *path, ho_time now) {
  (void)t, (void)kind, (void)path, (void)now;
}

static int client_move(ho_transport *t, ho_move how, const ho_path *path,
                       ho_time now) {
  (void)t, (void)how, (void)path, (void)now;
  return HO_ERR_PROTO; /* a TCP connection is its tuple */
}

static int client_request(ho_transport *t, ho_call *call, ho_time now) {
  tcp_client *k = of(t);
  int rv;

  (void)now;
  if (k->c.over) {
    return HO_ERR_PROTO;
  }
  enter(k);
  rv = ho_h2_client_request(k->h2, call);
  run(k);
  leave(k);
  return rv;
}

static void client_resume(ho_transport *t, ho_call *call, ho_time now) {
  tcp_client *k = of(t);

  (void)now;
  enter(k);
  ho_h2_client_resume(k->h2, call);
  run(k);
  leave(k);
}

static void client_cancel(ho_transport *t, ho_call *call, ho_time now) {
  tcp_client *k = of(t);

  (void)now;
  enter(k);
  ho_h2_client_cancel(k->h2, call);
  run(k);
  leave(k);
}

static void client_rekey(ho_transport *t, ho_time now) {
  enter(of(t));
  ho_conn_rekey(&of(t)->c, now);
  leave(of(t));
}

static void client_ping(ho_transport *t, ho_time now) {
  tcp_client *k = of(t);

  (void)now;
  enter(k);
  if (k->depth == 1) {
    ho_conn_ping(&k->c);
  }
  leave(k);
}

static uint64_t client_state(ho_transport *t, int client,
                             uint64_t *connection) {
  (void)t, (void)client, (void)connection;
  return 0;
}

/* RFC 9293, 3.6: whoever closes first waits, lest its last ACK was lost.  What
 * was never open is forgotten at once. */
static ho_time client_over(ho_transport *t, ho_time now) {
  tcp_client *k = of(t);

  if (!k->c.over) {
    return HO_NEVER;
  }
  switch (ho_ns_tcp_get_state(k->c.tcp)) {
  case HO_NS_TCP_RESET:
  case HO_NS_TCP_TIMEOUT:
    return now;
  case HO_NS_TCP_CLOSED:
    if (!k->c.tls_started) {
      return now;
    }
    k->waits_to = k->waits ? k->waits_to : now + time_wait;
    k->waits = true;
    return k->waits_to;
  case HO_NS_TCP_CONNECTING:
  case HO_NS_TCP_OPEN:
  case HO_NS_TCP_EOF:
    return HO_NEVER;
  }
  return HO_NEVER;
}

static void client_del(ho_transport *t) {
  tcp_client *k = of(t);

  enter(k);
  k->deleted = true;
  k->c.over = true;
  ho_h2_client_forget(k->h2);
  leave(k);
}

static const ho_transport_vtbl vtbl = {
    .abi = HO_TRANSPORT_ABI,
    .name = "tcp",
    .proto = HO_PROTO_TCP,
    .open = client_open,
    .close = client_close,
    .recv = client_recv,
    .send = client_send,
    .deadline = client_deadline,
    .timeout = client_timeout,
    .event = client_event,
    .move = client_move,
    .request = client_request,
    .resume = client_resume,
    .cancel = client_cancel,
    .rekey = client_rekey,
    .ping = client_ping,
    .state_bytes = client_state,
    .over = client_over,
    .del = client_del,
};

static void start_tls(tcp_client *k, const ho_client_conn_config *config) {
  unsigned flags = GNUTLS_CLIENT | GNUTLS_NONBLOCK;
  gnutls_session_t tls;
  bool resume = config->tls != HO_TLS_FULL && config->ticket != NULL;

  k->c.early = resume && config->tls == HO_TLS_0RTT;
  k->mode = resume ? config->tls : HO_TLS_FULL;
  tls = ho_tls_session(
      config->creds, flags | (k->c.early ? GNUTLS_ENABLE_EARLY_DATA : 0), "h2");
  if (resume) {
    gnutls_session_set_data(tls, config->ticket, config->ticket_len);
  }
  ho_conn_set_tls(&k->c, tls);
}

ho_transport *ho_tcp_client_new(const ho_client_conn_config *config) {
  tcp_client *k = ho_alloc(sizeof(*k));

  k->base.v = &vtbl;
  k->owner = config->owner;
  k->arm = config->arm;
  k->mtu = config->mtu;
  k->net = config->net;
  k->h2 = ho_h2_client_new();
  k->c = (ho_conn){
      .log = config->log,
      .side = HO_CLIENT,
      .client = config->client,
      .connection = config->connection,
      .path = config->path,
      .h2 = ho_h2_client_session(k->h2),
      .on_ready = on_ready,
      .on_data = on_data,
      .on_over = on_over,
  };
  start_tls(k, config);
  return &k->base;
}
