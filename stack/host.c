/* A host: interfaces below, transports above, IP in between. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/host.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/net/ip.h"

enum { UDP_HEADER = 8 };

typedef struct {
  ho_endpoint endpoint;
  bool follow;
} local_endpoint;

/* A datagram and the way found for it. */
typedef struct {
  ho_path path;
  ho_route route;
  bool found;
} leaving;

struct ho_binding {
  ho_binding *next; /* in the order they were made */
  ho_host *host;
  ho_transport *t;
  void *user;
  ho_timer timer;
  int client;
  uint64_t connection;
  local_endpoint *locals;
  size_t locals_count, locals_cap;
  uint8_t family; /* of its last datagram: a guess for the next */
  ho_time heard;
  uint64_t packet;
  bool muted, queued, failed;
  ho_binding *queue_next;
};

struct ho_host {
  ho_host_config config;
  ho_binding *bindings, *last;
  ho_binding *muted, *gone; /* gone: muted, and the transport deleted */
  ho_packet *spare; /* for the next datagram, so that asking costs no number */
  /* Calls into transports never nest: while one is under way, packets and
   * bindings to be drained wait here. */
  bool busy;
  ho_packet *waiting, *waiting_last;
  const leaving *leaving; /* shown to its faults right now */
  ho_binding *queue, *queue_last;
};

/* ---- out ---- */

static ho_packet *spare(ho_host *host) {
  if (!host->spare) {
    host->spare = ho_packet_new(host->config.env->pool);
  }
  return host->spare;
}

static size_t payload_offset(const ho_transport *t, uint8_t family) {
  size_t ip = ho_ip_header_len(family);

  return t->v->proto == HO_PROTO_UDP ? ip + UDP_HEADER : ip;
}

static const local_endpoint *find_local(const ho_binding *b,
                                        const ho_endpoint *e) {
  for (size_t i = 0; i < b->locals_count; i++) {
    if (ho_endpoint_eq(&b->locals[i].endpoint, e)) {
      return &b->locals[i];
    }
  }
  return NULL;
}

static void write_headers(ho_binding *b, ho_packet *pkt,
                          const ho_datagram *dgram, const ho_addr *source) {
  ho_endpoint src = {*source, dgram->path.local.port};

  if (b->t->v->proto == HO_PROTO_UDP) {
    ho_ip_write_udp(pkt, &src, &dgram->path.remote, dgram->ecn, dgram->len);
  } else {
    ho_ip_write_tcp(pkt, source, &dgram->path.remote.addr, dgram->ecn,
                    dgram->len);
  }
}

static void emit_sent(ho_host *host, const ho_packet *pkt, uint8_t proto,
                      const ho_path *path, const ho_route *route) {
  const ho_host_config *config = &host->config;
  ho_endpoint local = {route->source, path->local.port};
  ho_tuple tuple = {local, path->remote};

  if (config->side == HO_SERVER) {
    tuple = (ho_tuple){path->remote, local};
  }
  HO_EMIT(config->env->log, datagram_sent, ho_ns_now(), pkt->client,
          .packet = pkt->id, .endpoint = config->side, .net = route->net,
          .proto = proto, .tuple = tuple, .bytes = pkt->len);
}

static void show(ho_host *host, ho_seen_at at, int net, const ho_packet *pkt) {
  ho_side other = host->config.side == HO_CLIENT ? HO_SERVER : HO_CLIENT;

  ho_sinks_packet(host->config.env->sinks, at,
                  at == HO_SENT ? host->config.side : other, net, pkt,
                  ho_ns_now());
}

static void drop(ho_host *host, ho_packet *pkt, int net, const char *reason) {
  ho_direction dir = host->config.side == HO_CLIENT ? HO_UP : HO_DOWN;

  ho_element_drop(host->config.env, net, dir, pkt, reason);
}

static void dispatch(ho_host *host, ho_packet *pkt, uint8_t proto,
                     const leaving *l) {
  ho_element *out = l->route.out;

  if (!l->found || !l->route.usable) {
    drop(host, pkt, l->route.net, l->found ? "link-down" : "no-route");
    return;
  }
  emit_sent(host, pkt, proto, &l->path, &l->route);
  show(host, HO_SENT, l->route.net, pkt);
  out->push(out, host->config.side == HO_CLIENT ? HO_UP : HO_DOWN, pkt);
}

/* What faults send: by the way found before, or another if they changed an
 * address. */
static void from_faults(void *user, ho_packet *pkt) {
  ho_host *host = user;
  leaving l = {.route = {.net = -1}};
  int bad;
  ho_ip ip;

  bad = ho_ip_parse(&ip, pkt->data, pkt->len);
  assert(!bad); /* a fault sends IP packets */
  (void)bad;
  if (host->leaving && ho_addr_eq(&host->leaving->route.source, &ip.src.addr) &&
      ho_addr_eq(&host->leaving->path.remote.addr, &ip.dst.addr)) {
    l = *host->leaving;
  } else {
    l.route.source = ip.src.addr;
    l.path = (ho_path){ip.src, ip.dst};
    l.found =
        host->config.route(host->config.user, NULL, &l.path, false, &l.route);
  }
  l.path = (ho_path){ip.src, ip.dst};
  dispatch(host, pkt, HO_PROTO_UDP, &l);
}

static void output(ho_binding *b, ho_packet *pkt, const ho_datagram *dgram) {
  ho_host *host = b->host;
  const local_endpoint *local = find_local(b, &dgram->path.local);
  leaving l = {.path = dgram->path,
               .route = {.net = -1, .source = dgram->path.local.addr}};

  l.found = host->config.route(host->config.user, b, &l.path,
                               local && local->follow, &l.route);
  b->failed |= !l.found || !l.route.usable;
  write_headers(b, pkt, dgram, &l.route.source);
  if (host->config.faults && b->t->v->proto == HO_PROTO_UDP) {
    host->leaving = &l;
    ho_faults_leave(host->config.faults, pkt);
    host->leaving = NULL;
    return;
  }
  dispatch(host, pkt, b->t->v->proto, &l);
}

/* Asks |b| for one datagram and sends it; returns false if it has none. */
static bool send_one(ho_binding *b) {
  ho_host *host = b->host;
  ho_packet *pkt = spare(host);
  size_t offset = payload_offset(b->t, b->family), right;
  ho_datagram dgram = {.packet = pkt->id,
                       .client = b->client,
                       .connection = b->connection,
                       .data = pkt->data + offset,
                       .cap = sizeof(pkt->data) - offset};

  if (!b->t->v->send(b->t, &dgram, ho_ns_now())) {
    return false;
  }
  host->spare = NULL;
  b->family = dgram.path.remote.addr.family;
  right = payload_offset(b->t, b->family);
  if (right != offset) {
    assert(right + dgram.len <= sizeof(pkt->data));
    memmove(pkt->data + right, dgram.data, dgram.len);
  }
  pkt->client = dgram.client;
  pkt->connection = dgram.connection;
  output(b, pkt, &dgram);
  return true;
}

static void drain(ho_binding *b) {
  if (b->muted) {
    return; /* by its owner, just now */
  }
  while (send_one(b)) {
  }
  ho_timer_set(&b->timer, b->t->v->deadline(b->t));
}

/* ---- in ---- */

static ho_binding *find_binding(ho_host *host, const ho_ip *ip,
                                ho_endpoint *local) {
  for (ho_binding *b = host->bindings; b; b = b->next) {
    if (b->t->v->proto != ip->proto) {
      continue;
    }
    *local = ip->dst;
    if (host->config.side == HO_SERVER || find_local(b, &ip->dst)) {
      return b;
    }
    for (size_t i = 0; i < b->locals_count; i++) {
      if (b->locals[i].follow && b->locals[i].endpoint.port == ip->dst.port &&
          b->locals[i].endpoint.addr.family == ip->family) {
        *local = b->locals[i].endpoint;
        return b;
      }
    }
  }
  return NULL;
}

static void emit_received(ho_host *host, int net, const ho_packet *pkt,
                          const ho_ip *ip) {
  ho_tuple tuple = {ip->dst, ip->src};

  if (host->config.side == HO_SERVER) {
    tuple = (ho_tuple){ip->src, ip->dst};
  }
  HO_EMIT(host->config.env->log, datagram_received, ho_ns_now(), pkt->client,
          .packet = pkt->id, .endpoint = host->config.side, .net = net,
          .proto = ip->proto, .tuple = tuple, .bytes = pkt->len);
}

/* RFC 9293, 3.10.7.1: a segment of no connection is answered with a RST, as a
 * kernel does, unless it is one itself. */
static void answer_rst(ho_host *host, const ho_ip *ip) {
  ho_host_config *config = &host->config;
  ho_path path = {ip->dst, ip->src};
  ho_route route = {.net = -1, .source = ip->dst.addr};
  ho_packet *pkt;

  if (ip->proto != HO_PROTO_TCP || ip->tcp_flags & HO_TCP_RST) {
    return;
  }
  if (!config->route(config->user, NULL, &path, false, &route) ||
      !route.usable) {
    return;
  }
  pkt = ho_packet_new(config->env->pool);
  pkt->client = config->client;
  ho_ip_write_rst(pkt, ip);
  emit_sent(host, pkt, HO_PROTO_TCP, &path, &route);
  show(host, HO_SENT, route.net, pkt);
  route.out->push(route.out, config->side == HO_CLIENT ? HO_UP : HO_DOWN, pkt);
}

/* Returns false if the transport is not to have |pkt|. */
static bool past_faults(ho_host *host, ho_packet *pkt, ho_ip *ip) {
  if (!host->config.faults) {
    return true;
  }
  return ho_faults_arrive(host->config.faults, pkt) &&
         ho_ip_parse(ip, pkt->data, pkt->len) == 0;
}

static ho_binding *input(ho_host *host, ho_packet *pkt) {
  ho_endpoint local;
  ho_binding *b;
  ho_ip ip;
  bool udp;

  if (ho_ip_parse(&ip, pkt->data, pkt->len) != 0) {
    return NULL;
  }
  emit_received(host, pkt->net, pkt, &ip);
  show(host, HO_RECEIVED, pkt->net, pkt);
  if (!past_faults(host, pkt, &ip)) {
    return NULL;
  }
  b = find_binding(host, &ip, &local);
  if (!b) {
    answer_rst(host, &ip);
    return NULL;
  }
  udp = ip.proto == HO_PROTO_UDP;
  b->heard = ho_ns_now();
  b->packet = pkt->id;
  b->t->v->recv(b->t,
                &(ho_datagram){.path = {local, ip.src},
                               .ecn = ip.ecn,
                               .packet = pkt->id,
                               .client = pkt->client,
                               .connection = pkt->connection,
                               .data = pkt->data + (udp ? ip.payload : ip.l4),
                               .len = ip.total - (udp ? ip.payload : ip.l4)},
                b->heard);
  return b;
}

/* ---- one thing at a time ---- */

static void enqueue(ho_binding *b) {
  ho_host *host = b->host;

  if (b->queued || b->muted) {
    return;
  }
  b->queued = true;
  b->queue_next = NULL;
  if (host->queue_last) {
    host->queue_last->queue_next = b;
  } else {
    host->queue = b;
  }
  host->queue_last = b;
}

static ho_binding *dequeue(ho_host *host) {
  ho_binding *b = host->queue;

  b->queued = false;
  host->queue = b->queue_next;
  if (!host->queue) {
    host->queue_last = NULL;
  }
  return b;
}

static void take_waiting(ho_host *host) {
  ho_packet *pkt = host->waiting;
  ho_binding *b;

  host->waiting = pkt->next;
  if (!host->waiting) {
    host->waiting_last = NULL;
  }
  b = input(host, pkt);
  ho_packet_del(host->config.env->pool, pkt);
  if (b) {
    enqueue(b);
  }
}

static void settle(ho_binding *b) {
  if (b->host->config.settled && !b->muted) {
    b->host->config.settled(b->host->config.user, b);
  }
}

/* The owner acts before what the transport has to say goes out, so that a first
 * request leaves with the end of the handshake, and again after it, since
 * sending may end a connection. */
static void serve(ho_binding *b) {
  settle(b);
  drain(b);
  settle(b);
}

/* What was muted may have been at work itself; now nothing is.  The binding
 * stays, since its timer may still have events (see ho_timer). */
static void reap(ho_host *host) {
  while (host->muted) {
    ho_binding *b = host->muted;
    host->muted = b->next;
    b->next = host->gone;
    host->gone = b;
    b->t->v->del(b->t);
    b->t = NULL;
    free(b->locals);
    b->locals = NULL;
    b->locals_count = 0;
  }
}

static void work(ho_host *host) {
  if (host->busy) {
    return;
  }
  host->busy = true;
  while (host->waiting || host->queue) {
    if (host->waiting) {
      take_waiting(host);
    } else {
      serve(dequeue(host));
    }
  }
  reap(host);
  host->busy = false;
}

void ho_host_receive(ho_host *host, int net, ho_packet *pkt) {
  pkt->next = NULL;
  pkt->net = net;
  if (host->waiting_last) {
    host->waiting_last->next = pkt;
  } else {
    host->waiting = pkt;
  }
  host->waiting_last = pkt;
  work(host);
}

void ho_binding_kick(ho_binding *binding) {
  enqueue(binding);
  work(binding->host);
}

static void expire(void *user) {
  ho_binding *b = user;

  if (b->muted) {
    return;
  }
  assert(!b->host->busy); /* timers fire between calls, never in one */
  b->host->busy = true;
  b->t->v->timeout(b->t, ho_ns_now());
  b->host->busy = false;
  ho_binding_kick(b);
}

/* ---- bindings ---- */

ho_binding *ho_host_bind(ho_host *host, ho_transport *transport, void *user) {
  ho_binding *b = ho_alloc(sizeof(*b));

  assert(transport->v->abi == HO_TRANSPORT_ABI);
  b->host = host;
  b->t = transport;
  b->user = user;
  b->client = host->config.client;
  b->family = 4;
  ho_timer_init(&b->timer, expire, b);
  if (host->last) {
    host->last->next = b;
  } else {
    host->bindings = b;
  }
  host->last = b;
  return b;
}

void ho_binding_local(ho_binding *binding, const ho_endpoint *local,
                      bool follow) {
  if (find_local(binding, local)) {
    return;
  }
  ho_grow(&binding->locals, binding->locals_count, &binding->locals_cap,
          sizeof(local_endpoint));
  binding->locals[binding->locals_count++] = (local_endpoint){*local, follow};
  binding->family = local->addr.family;
}

void ho_binding_identity(ho_binding *binding, int client, uint64_t connection) {
  binding->client = client;
  binding->connection = connection;
}

static void unlink_binding(ho_host *host, ho_binding *binding) {
  ho_binding **at = &host->bindings, *before = NULL;

  while (*at != binding) {
    before = *at;
    at = &before->next;
  }
  *at = binding->next;
  if (host->last == binding) {
    host->last = before;
  }
}

void ho_binding_mute(ho_binding *binding) {
  ho_host *host = binding->host;

  if (binding->muted) {
    return;
  }
  binding->muted = true;
  ho_timer_clear(&binding->timer);
  unlink_binding(host, binding);
  binding->next = host->muted;
  host->muted = binding;
  work(host);
}

ho_transport *ho_binding_transport(const ho_binding *binding) {
  return binding->t;
}

void *ho_binding_user(const ho_binding *binding) {
  return binding->user;
}

uint64_t ho_binding_packet(const ho_binding *binding) {
  return binding->packet;
}

bool ho_binding_failed(ho_binding *binding) {
  bool failed = binding->failed;

  binding->failed = false;
  return failed;
}

ho_time ho_binding_heard(const ho_binding *binding) {
  return binding->heard;
}

ho_host *ho_host_new(const ho_host_config *config) {
  ho_host *host = ho_alloc(sizeof(*host));

  host->config = *config;
  if (config->faults) {
    ho_faults_output(config->faults, from_faults, host);
  }
  return host;
}

static void bindings_del(ho_binding *b) {
  ho_binding *next;

  for (; b; b = next) {
    next = b->next;
    if (b->t) {
      b->t->v->del(b->t);
    }
    free(b->locals);
    free(b);
  }
}

void ho_host_del(ho_host *host) {
  if (!host) {
    return;
  }
  bindings_del(host->bindings);
  bindings_del(host->muted);
  bindings_del(host->gone);
  if (host->spare) {
    ho_packet_del(host->config.env->pool, host->spare);
  }
  while (host->waiting) {
    ho_packet *pkt = host->waiting;
    host->waiting = pkt->next;
    ho_packet_del(host->config.env->pool, pkt);
  }
  free(host);
}
