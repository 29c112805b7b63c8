/* A network address translator. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/nat.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/net/nat_mapping.h"
#include "sim/ns3/ns3.h"

/* RFC 5382, 5, REQ-5: not less than 4 minutes. */
#define TRANSITORY_TIMEOUT (240 * HO_SEC)

/* opens tells whether a packet from inside may make a mapping: UDP always
 * (RFC 4787, 4.1), TCP with its first SYN (RFC 5382, 4.1). */
static bool opens(const ho_ip *ip) {
  uint8_t about = ip->tcp_flags & (HO_TCP_SYN | HO_TCP_ACK | HO_TCP_RST);

  return ip->proto == HO_PROTO_UDP || about == HO_TCP_SYN;
}

static ho_nat_verdict pass_out(ho_nat *nat, ho_packet *pkt, ho_ip *ip,
                               ho_time now) {
  ho_mapping *m = ho_mapping_out(nat, ip->proto, &ip->src, &ip->dst);

  if (!m || m->list == LIST_GONE) {
    if (!opens(ip)) {
      return HO_NAT_UNKNOWN;
    }
    m = ho_mapping_make(nat, m, pkt, ip, now);
    if (!m) {
      return HO_NAT_FULL;
    }
  }
  ho_remote_sent(nat, m, &ip->dst);
  if (ip->proto == HO_PROTO_TCP) {
    ho_remote_track(nat, m, &ip->dst, HO_UP, ip->tcp_flags);
  }
  ho_mapping_touch(nat, m, now);
  ho_ip_set_src(pkt, ip, &m->outside[nat->current]);
  return HO_NAT_PASS;
}

static ho_nat_verdict pass_in(ho_nat *nat, ho_packet *pkt, ho_ip *ip,
                              ho_time now) {
  ho_mapping *m = ho_mapping_in(nat, ip->proto, &ip->dst);
  bool was_established;

  if (!m) {
    return HO_NAT_UNKNOWN;
  }
  if (!ho_remote_may_enter(nat, m, &ip->src)) {
    return HO_NAT_FILTERED;
  }
  if (ip->proto == HO_PROTO_TCP) {
    was_established = m->established > 0;
    ho_remote_track(nat, m, &ip->src, HO_DOWN, ip->tcp_flags);
    if (was_established != (m->established > 0)) {
      ho_mapping_touch(nat, m, now);
    }
  }
  ho_ip_set_dst(pkt, ip, &m->inside);
  return HO_NAT_PASS;
}

static bool is_translatable(const ho_nat *nat, const ho_ip *ip) {
  return ip->family == nat->setup.base.family &&
         (ip->proto == HO_PROTO_UDP || ip->proto == HO_PROTO_TCP);
}

static ho_nat_verdict translate(ho_nat *nat, ho_direction dir, ho_packet *pkt,
                                ho_ip *ip, ho_time now) {
  ho_nat_sweep(nat, now);
  if (ho_ip_parse(ip, pkt->data, pkt->len) || !is_translatable(nat, ip)) {
    ip->proto = 0;
    return HO_NAT_UNKNOWN;
  }
  return dir == HO_UP ? pass_out(nat, pkt, ip, now)
                      : pass_in(nat, pkt, ip, now);
}

ho_nat_verdict ho_nat_translate(ho_nat *nat, ho_direction dir, ho_packet *pkt,
                                ho_time now) {
  ho_ip ip;

  return translate(nat, dir, pkt, &ip, now);
}

/* refuse drops |pkt| and, where that is wanted, resets its sender. */
static void refuse(ho_nat *nat, ho_direction dir, ho_packet *pkt,
                   const ho_ip *ip, const char *reason) {
  ho_direction back = dir == HO_UP ? HO_DOWN : HO_UP;
  ho_packet *rst = NULL;

  if (nat->setup.config.unknown_tcp_rst && ip->proto == HO_PROTO_TCP &&
      !(ip->tcp_flags & HO_TCP_RST)) {
    rst = ho_packet_new(nat->env->pool);
    rst->client = pkt->client;
    rst->connection = pkt->connection;
    ho_ip_write_rst(rst, ip);
  }
  ho_element_drop(nat->env, nat->setup.net, dir, pkt, reason);
  if (rst) {
    ho_element_forward(&nat->element, back, rst);
  }
}

static void nat_push(ho_element *self, ho_direction dir, ho_packet *pkt) {
  ho_nat *nat = (ho_nat *)self;
  ho_ip ip;

  switch (translate(nat, dir, pkt, &ip, ho_ns_now())) {
  case HO_NAT_PASS:
    ho_element_forward(self, dir, pkt);
    break;
  case HO_NAT_UNKNOWN:
    refuse(nat, dir, pkt, &ip, "nat-unknown");
    break;
  case HO_NAT_FILTERED:
    ho_element_drop(nat->env, nat->setup.net, dir, pkt, "nat-filter");
    break;
  case HO_NAT_FULL:
    ho_element_drop(nat->env, nat->setup.net, dir, pkt, "nat-full");
    break;
  }
}

ho_nat *ho_nat_new(const ho_env *env, const ho_nat_setup *setup) {
  ho_nat *nat = ho_alloc(sizeof(*nat));
  char *stream = ho_format("nat.%s", setup->name);
  ho_time tcp_timeout = setup->config.tcp_timeout;

  assert(setup->config.present && setup->config.pool > 0);
  assert(setup->owned / 2 >= setup->config.pool);
  nat->element.push = nat_push;
  nat->env = env;
  nat->setup = *setup;
  nat->setup.name = NULL;
  nat->transitory_timeout =
      tcp_timeout < TRANSITORY_TIMEOUT ? tcp_timeout : TRANSITORY_TIMEOUT;
  ho_rng_init(&nat->rng, env->seed, stream);
  for (int i = 0; i < 2; i++) {
    nat->ports[i] = ho_alloc_array(setup->owned, sizeof(*nat->ports[i]));
  }
  free(stream);
  return nat;
}

void ho_nat_del(ho_nat *nat) {
  if (!nat) {
    return;
  }
  for (int list = 0; list < LISTS; list++) {
    for (ho_mapping *m = nat->first[list], *next; m; m = next) {
      next = m->next;
      ho_remote_forget_all(nat, m);
      free(m);
    }
  }
  ho_ports_forget_slots(nat, NULL);
  ho_ports_free(nat);
  ho_nat_table_free(&nat->out);
  ho_nat_table_free(&nat->in[0]);
  ho_nat_table_free(&nat->in[1]);
  ho_nat_table_free(&nat->remotes);
  ho_nat_table_free(&nat->pairs);
  free(nat);
}

ho_element *ho_nat_element(ho_nat *nat) {
  return &nat->element;
}

void ho_nat_sweep(ho_nat *nat, ho_time now) {
  for (int list = 0; list < LIST_GONE; list++) {
    while (nat->first[list] && nat->first[list]->expires <= now) {
      ho_mapping *m = nat->first[list];

      ho_mapping_forget(nat, m, m->expires, "timeout", now);
    }
  }
}

/* is_of tells whether |m| is of |inside|, or that means all. */
static bool is_of(const ho_mapping *m, const ho_addr *inside) {
  return !inside || ho_addr_eq(&m->inside.addr, inside);
}

void ho_nat_flush(ho_nat *nat, const ho_addr *inside, ho_time now) {
  ho_nat_sweep(nat, now);
  for (int list = 0; list < LIST_GONE; list++) {
    for (ho_mapping *m = nat->first[list], *next; m; m = next) {
      next = m->next;
      if (is_of(m, inside)) {
        ho_mapping_forget(nat, m, now, "flush", now);
        m->flushed = true;
      }
    }
  }
  ho_ports_forget_slots(nat, inside);
}

/* move picks the endpoint that |m| gets in a rebind of |what|; port 0 tells
 * that there is none.  |slot| is that of its address to be, |was| the slot that
 * this address had before. */
static void move(ho_nat *nat, ho_mapping *m, ho_rebind what, uint32_t slot,
                 uint32_t was, ho_time now) {
  ho_endpoint to = {ho_ports_address(nat, slot), m->outside[nat->current].port};

  if (what & HO_REBIND_PORT) {
    to.port = ho_ports_pick(nat, m->proto, slot, was, to.port + 1u, to.port);
  } else {
    to.port = ho_ports_keep(nat, m->proto, slot, was, to.port);
  }
  if (to.port) {
    ho_mapping_move(nat, m, slot, &to, now);
  } else {
    m->outside[nat->current ^ 1].port = 0;
  }
}

/* forget_portless forgets those for which move found no port.  Only when all
 * have moved, lest the endpoint of one that is forgotten goes to another. */
static void forget_portless(ho_nat *nat, ho_time now) {
  for (int list = 0; list < LIST_GONE; list++) {
    for (ho_mapping *m = nat->first[list], *next; m; m = next) {
      next = m->next;
      if (m->outside[nat->current ^ 1].port == 0) {
        ho_mapping_forget(nat, m, now, "rebind", now);
      }
    }
  }
}

void ho_nat_rebind(ho_nat *nat, ho_rebind what, const ho_addr *inside,
                   ho_time now) {
  uint32_t owned = nat->setup.owned;
  uint32_t step = what & HO_REBIND_ADDRESS ? nat->setup.config.pool : 0;

  ho_nat_sweep(nat, now);
  if (inside && step) {
    ho_ports_move_slot(nat, inside);
  } else {
    nat->offset = (nat->offset + step) % owned;
  }
  for (int list = 0; list < LIST_GONE; list++) {
    for (ho_mapping *m = nat->first[list]; m; m = m->next) {
      uint32_t beyond = (m->slot + step) % owned;

      if (!is_of(m, inside)) {
        ho_mapping_stay(nat, m);
      } else {
        move(nat, m, what, inside ? beyond : m->slot, beyond, now);
      }
    }
  }
  forget_portless(nat, now);
  ho_nat_table_clear(&nat->in[nat->current]);
  ho_ports_clear(nat, nat->current);
  nat->current ^= 1;
}

size_t ho_nat_count(const ho_nat *nat) {
  return nat->counts[LIST_UDP] + nat->counts[LIST_TCP] +
         nat->counts[LIST_TRANSITORY];
}
