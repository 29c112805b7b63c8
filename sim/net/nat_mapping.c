/* A NAT's mappings: making, finding, ageing and forgetting them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/nat_mapping.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"

/* Forgotten mappings that are kept at most; the longest forgotten go first. */
enum { MAX_GONE = 65536 };

/* key_remote is as much of |remote| as the mapping behaviour looks at
 * (RFC 4787, 4.1). */
static ho_endpoint key_remote(const ho_nat *nat, const ho_endpoint *remote) {
  ho_endpoint key = {0};

  switch (nat->setup.config.mapping) {
  case HO_NAT_INDEPENDENT:
    break;
  case HO_NAT_ADDRESS:
    key.addr = remote->addr;
    break;
  case HO_NAT_ADDRESS_PORT:
    key = *remote;
    break;
  }
  return key;
}

static uint64_t out_hash(uint8_t proto, const ho_endpoint *inside,
                         const ho_endpoint *key) {
  return ho_nat_hash(ho_nat_hash((uint64_t)proto << 16, inside), key);
}

static uint64_t in_hash(uint8_t proto, const ho_endpoint *outside) {
  return ho_nat_hash((uint64_t)proto << 16, outside);
}

ho_mapping *ho_mapping_out(ho_nat *nat, uint8_t proto,
                           const ho_endpoint *inside,
                           const ho_endpoint *remote) {
  ho_endpoint key = key_remote(nat, remote);
  ho_nat_node *node =
      ho_nat_table_first(&nat->out, out_hash(proto, inside, &key));

  for (; node; node = ho_nat_table_next(node)) {
    ho_mapping *m = (ho_mapping *)node;

    if (m->proto == proto && ho_endpoint_eq(&m->inside, inside) &&
        ho_endpoint_eq(&m->remote, &key)) {
      return m;
    }
  }
  return NULL;
}

static ho_mapping *of_in_node(ho_nat_node *node, int table) {
  return (ho_mapping *)(void *)((char *)(node - table) -
                                offsetof(ho_mapping, in_node));
}

ho_mapping *ho_mapping_in(ho_nat *nat, uint8_t proto,
                          const ho_endpoint *outside) {
  ho_nat_node *node =
      ho_nat_table_first(&nat->in[nat->current], in_hash(proto, outside));

  for (; node; node = ho_nat_table_next(node)) {
    ho_mapping *m = of_in_node(node, nat->current);

    if (m->proto == proto &&
        ho_endpoint_eq(&m->outside[nat->current], outside)) {
      return m;
    }
  }
  return NULL;
}

static void list_add(ho_nat *nat, ho_mapping *m, ho_list list) {
  m->list = list;
  m->next = NULL;
  m->prev = nat->last[list];
  *(m->prev ? &m->prev->next : &nat->first[list]) = m;
  nat->last[list] = m;
  nat->counts[list]++;
}

static void list_remove(ho_nat *nat, ho_mapping *m) {
  *(m->prev ? &m->prev->next : &nat->first[m->list]) = m->next;
  *(m->next ? &m->next->prev : &nat->last[m->list]) = m->prev;
  nat->counts[m->list]--;
}

static void emit_mapped(ho_nat *nat, const ho_mapping *m,
                        const ho_endpoint *outside, ho_time now) {
  HO_EMIT(nat->env->log, nat_mapped, now, m->client, .net = nat->setup.net,
          .proto = m->proto, .inside = m->inside, .outside = *outside);
}

static void emit_unmapped(ho_nat *nat, const ho_mapping *m, const char *reason,
                          ho_time now) {
  HO_EMIT(nat->env->log, nat_unmapped, now, m->client, .net = nat->setup.net,
          .proto = m->proto, .inside = m->inside,
          .outside = m->outside[nat->current], .reason = reason);
}

static void tell_change(ho_nat *nat, const ho_mapping *m, const ho_packet *pkt,
                        const ho_ip *ip, const ho_endpoint *before) {
  ho_nat_change change = {.client = pkt->client,
                          .connection = pkt->connection,
                          .proto = m->proto,
                          .inside = m->inside,
                          .remote = ip->dst,
                          .before = *before,
                          .after = m->outside[nat->current],
                          .forgotten = m->expires,
                          .flushed = m->flushed};

  if (nat->setup.on_change && !ho_endpoint_eq(before, &change.after)) {
    nat->setup.on_change(nat->setup.user, &change);
  }
}

ho_mapping *ho_mapping_make(ho_nat *nat, ho_mapping *gone, const ho_packet *pkt,
                            const ho_ip *ip, ho_time now) {
  uint32_t slot = ho_ports_slot(nat, &ip->src.addr);
  uint16_t port = ho_ports_pick(nat, ip->proto, slot, slot, ip->src.port, 0);
  ho_mapping *m = gone;
  ho_endpoint before = {0}, outside;

  if (!port) {
    return NULL;
  }
  if (gone) {
    before = gone->outside[nat->current];
    list_remove(nat, gone);
  } else {
    m = ho_alloc(sizeof(*m));
    m->proto = ip->proto;
    m->inside = ip->src;
    m->remote = key_remote(nat, &ip->dst);
    ho_nat_table_add(&nat->out, &m->out_node,
                     out_hash(m->proto, &m->inside, &m->remote));
  }
  m->serial = ++nat->serials;
  m->client = pkt->client;
  m->slot = slot;
  outside = (ho_endpoint){ho_ports_address(nat, slot), port};
  m->outside[nat->current] = outside;
  ho_ports_take(nat, nat->current, m->proto, slot, port);
  ho_nat_table_add(&nat->in[nat->current], &m->in_node[nat->current],
                   in_hash(m->proto, &outside));
  emit_mapped(nat, m, &outside, now);
  if (gone) {
    tell_change(nat, m, pkt, ip, &before);
  }
  list_add(nat, m, m->proto == HO_PROTO_UDP ? LIST_UDP : LIST_TRANSITORY);
  ho_mapping_touch(nat, m, now);
  return m;
}

void ho_mapping_touch(ho_nat *nat, ho_mapping *m, ho_time now) {
  ho_list list = LIST_UDP;
  ho_time idle = nat->setup.config.udp_timeout;

  if (m->proto == HO_PROTO_TCP && m->established) {
    list = LIST_TCP;
    idle = nat->setup.config.tcp_timeout;
  } else if (m->proto == HO_PROTO_TCP) {
    list = LIST_TRANSITORY;
    idle = nat->transitory_timeout;
  }
  m->expires = idle < HO_NEVER - now ? now + idle : HO_NEVER;
  if (m->list != list || m->next) {
    list_remove(nat, m);
    list_add(nat, m, list);
  }
}

void ho_mapping_forget(ho_nat *nat, ho_mapping *m, ho_time at,
                       const char *reason, ho_time now) {
  emit_unmapped(nat, m, reason, now);
  ho_remote_forget_all(nat, m);
  ho_nat_table_remove(&nat->in[nat->current], &m->in_node[nat->current]);
  ho_ports_release(nat, nat->current, m->proto, m->slot,
                   m->outside[nat->current].port);
  list_remove(nat, m);
  m->outside[nat->current ^ 1] = m->outside[nat->current];
  m->expires = at;
  m->flushed = false;
  list_add(nat, m, LIST_GONE);
  if (nat->counts[LIST_GONE] > MAX_GONE) {
    ho_mapping_del(nat, nat->first[LIST_GONE]);
  }
}

static void put_next(ho_nat *nat, ho_mapping *m, const ho_endpoint *outside) {
  int other = nat->current ^ 1;

  m->outside[other] = *outside;
  ho_ports_take(nat, other, m->proto, m->slot, outside->port);
  ho_nat_table_add(&nat->in[other], &m->in_node[other],
                   in_hash(m->proto, outside));
}

void ho_mapping_move(ho_nat *nat, ho_mapping *m, uint32_t slot,
                     const ho_endpoint *outside, ho_time now) {
  emit_unmapped(nat, m, "rebind", now);
  emit_mapped(nat, m, outside, now);
  m->slot = slot;
  put_next(nat, m, outside);
}

void ho_mapping_stay(ho_nat *nat, ho_mapping *m) {
  ho_endpoint outside = m->outside[nat->current];

  put_next(nat, m, &outside);
}

void ho_mapping_del(ho_nat *nat, ho_mapping *m) {
  assert(m->list == LIST_GONE);
  list_remove(nat, m);
  ho_nat_table_remove(&nat->out, &m->out_node);
  free(m);
}
