/* A host: interfaces below, transports above, IP in between. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "stack/host_private.h"

/* ---- in ---- */

static ho_binding *find_binding(ho_host *host, const ho_ip *ip,
                                ho_endpoint *local) {
  for (ho_binding *b = host->bindings; b; b = b->next) {
    if (b->t->v->proto != ip->proto) {
      continue;
    }
    *local = ip->dst;
    if (host->config.side == HO_SERVER || ho_binding_find_local(b, &ip->dst)) {
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
  ho_tuple tuple = ho_host_tuple(host, &ip->dst, &ip->src);

  HO_EMIT(host->config.env->log, datagram_received, ho_ns_now(), pkt->client,
          .packet = pkt->id, .endpoint = host->config.side, .net = net,
          .proto = ip->proto, .tuple = tuple, .bytes = pkt->len);
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
  ho_side sender = host->config.side == HO_CLIENT ? HO_SERVER : HO_CLIENT;
  ho_endpoint local;
  ho_binding *b;
  ho_ip ip;
  bool udp;

  if (ho_ip_parse(&ip, pkt->data, pkt->len) != 0) {
    return NULL;
  }
  emit_received(host, pkt->net, pkt, &ip);
  ho_sinks_packet(host->config.env->sinks, HO_RECEIVED, sender, pkt->net, pkt,
                  ho_ns_now());
  if (!past_faults(host, pkt, &ip)) {
    return NULL;
  }
  b = find_binding(host, &ip, &local);
  if (!b) {
    ho_host_answer_rst(host, &ip);
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
  ho_binding_drain(b);
  settle(b);
}

void ho_host_work(ho_host *host) {
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
  ho_host_reap(host);
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
  ho_host_work(host);
}

void ho_binding_kick(ho_binding *binding) {
  enqueue(binding);
  ho_host_work(binding->host);
}

/* ---- the host itself ---- */

ho_host *ho_host_new(const ho_host_config *config) {
  ho_host *host = ho_alloc(sizeof(*host));

  host->config = *config;
  if (config->faults) {
    ho_faults_output(config->faults, ho_host_from_faults, host);
  }
  return host;
}

void ho_host_del(ho_host *host) {
  if (!host) {
    return;
  }
  ho_host_bindings_del(host);
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
