/* What a host sends: a transport's datagrams, put into IP and on their way. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <string.h>

#include "stack/host_private.h"

enum { UDP_HEADER = 8 };

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
  ho_tuple tuple = ho_host_tuple(host, &local, &path->remote);

  HO_EMIT(config->env->log, datagram_sent, ho_ns_now(), pkt->client,
          .packet = pkt->id, .endpoint = config->side, .net = route->net,
          .proto = proto, .tuple = tuple, .bytes = pkt->len);
}

static void drop(ho_host *host, ho_packet *pkt, int net, const char *reason) {
  ho_element_drop(host->config.env, net, ho_host_outward(host), pkt, reason);
}

static void dispatch(ho_host *host, ho_packet *pkt, uint8_t proto,
                     const ho_leaving *l) {
  ho_element *out = l->route.out;

  if (!l->found || !l->route.usable) {
    drop(host, pkt, l->route.net, l->found ? "link-down" : "no-route");
    return;
  }
  emit_sent(host, pkt, proto, &l->path, &l->route);
  ho_sinks_packet(host->config.env->sinks, HO_SENT, host->config.side,
                  l->route.net, pkt, ho_ns_now());
  out->push(out, ho_host_outward(host), pkt);
}

/* By the way found before, or another if they changed an address. */
void ho_host_from_faults(void *user, ho_packet *pkt) {
  ho_host *host = user;
  ho_leaving l = {.route = {.net = -1}};
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
  const ho_local *local = ho_binding_find_local(b, &dgram->path.local);
  ho_leaving l = {.path = dgram->path,
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

void ho_binding_drain(ho_binding *b) {
  if (b->muted) {
    return; /* by its owner, just now */
  }
  while (send_one(b)) {
  }
  ho_timer_set(&b->timer, b->t->v->deadline(b->t));
}

/* RFC 9293, 3.10.7.1: with a RST, as a kernel does, unless it is one itself. */
void ho_host_answer_rst(ho_host *host, const ho_ip *ip) {
  const ho_host_config *config = &host->config;
  ho_leaving l = {.path = {ip->dst, ip->src},
                  .route = {.net = -1, .source = ip->dst.addr}};
  ho_packet *pkt;

  if (ip->proto != HO_PROTO_TCP || ip->tcp_flags & HO_TCP_RST) {
    return;
  }
  l.found = config->route(config->user, NULL, &l.path, false, &l.route);
  if (!l.found || !l.route.usable) {
    return;
  }
  pkt = ho_packet_new(config->env->pool);
  pkt->client = config->client;
  ho_ip_write_rst(pkt, ip);
  dispatch(host, pkt, HO_PROTO_TCP, &l);
}
