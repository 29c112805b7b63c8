/* One NAT alone, what it told, and packets through it; for the NAT's tests. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_NET_NAT_RIG_H
#define HO_TESTS_NET_NAT_RIG_H

#include "sim/net/nat.h"

#include "sim/net/ip.h"
#include "tests/net/rig.h"
#include "tests/suite.h"

enum { OWNED = 64 };

__attribute__((unused)) static const ho_nat_config home = {
    .present = true,
    .mapping = HO_NAT_INDEPENDENT,
    .filtering = HO_NAT_ADDRESS_PORT,
    .udp_timeout = 60 * HO_SEC,
    .tcp_timeout = 7440 * HO_SEC,
    .ports = HO_NAT_PRESERVE,
    .pool = 1};

static inline ho_endpoint endpoint(const char *addr, uint16_t port) {
  ho_endpoint e = {.port = port};

  ck_assert_int_eq(ho_addr_parse(&e.addr, addr), 0);
  return e;
}

/* make writes a packet with |flags| (TCP alone) and some payload. */
static inline void make(ho_packet *pkt, uint8_t proto, const ho_endpoint *src,
                        const ho_endpoint *dst, uint8_t flags) {
  uint8_t *l4 = pkt->data + ho_ip_header_len(src->addr.family);

  if (proto == HO_PROTO_UDP) {
    memset(l4 + 8, 0xab, 33);
    ho_ip_write_udp(pkt, src, dst, 1, 33);
    return;
  }
  memset(l4, 0, 20);
  l4[0] = (uint8_t)(src->port >> 8);
  l4[1] = (uint8_t)src->port;
  l4[2] = (uint8_t)(dst->port >> 8);
  l4[3] = (uint8_t)dst->port;
  l4[12] = 5 << 4;
  l4[13] = flags;
  memset(l4 + 20, 0xcd, 7);
  ho_ip_write_tcp(pkt, &src->addr, &dst->addr, 0, 27);
}

/* What the NAT told during the last operation. */
typedef struct {
  ho_event_kind kind;
  uint64_t proto;
  ho_endpoint inside, outside;
  char reason[16];
} told;

typedef struct {
  rig r;
  ho_nat *nat;
  ho_addr base;
  told *told;
  size_t told_count, told_cap;
  ho_nat_change change; /* the last one */
  size_t changes;
  ho_time now;
} world;

static inline void on_event(void *user, const ho_event *event) {
  world *w = user;
  told t = {.kind = event->kind};

  if (event->kind == HO_EV_nat_mapped) {
    t.proto = event->u.nat_mapped.proto;
    t.inside = event->u.nat_mapped.inside;
    t.outside = event->u.nat_mapped.outside;
  } else if (event->kind == HO_EV_nat_unmapped) {
    t.proto = event->u.nat_unmapped.proto;
    t.inside = event->u.nat_unmapped.inside;
    t.outside = event->u.nat_unmapped.outside;
    snprintf(t.reason, sizeof(t.reason), "%s", event->u.nat_unmapped.reason);
  } else {
    return;
  }
  ck_assert_uint_eq(event->t, w->now);
  ho_grow(&w->told, w->told_count, &w->told_cap, sizeof(t));
  w->told[w->told_count++] = t;
}

static inline void on_change(void *user, const ho_nat_change *change) {
  world *w = user;

  w->change = *change;
  w->changes++;
}

static inline void world_init_with(world *w, const ho_nat_config *config,
                                   uint32_t owned, bool v6, uint64_t seed) {
  ho_nat_setup setup = {.name = "home",
                        .net = 1,
                        .config = *config,
                        .owned = owned,
                        .on_change = on_change,
                        .user = w};

  memset(w, 0, sizeof(*w));
  rig_init(&w->r, seed);
  ho_log_subscribe(w->r.log, on_event, w);
  w->base = endpoint(v6 ? "2001:db8:1::" : "198.51.100.0", 0).addr;
  setup.base = w->base;
  w->nat = ho_nat_new(&w->r.env, &setup);
  rig_join(&w->r, ho_nat_element(w->nat));
}

static inline void world_init(world *w, const ho_nat_config *config, bool v6,
                              uint64_t seed) {
  world_init_with(w, config, OWNED, v6, seed);
}

static inline void world_free(world *w) {
  ho_nat_del(w->nat);
  free(w->told);
  rig_free(&w->r);
}

/* pass sends a packet through and parses what became of it. */
static inline ho_nat_verdict pass(world *w, ho_direction dir, uint8_t proto,
                                  const ho_endpoint *src,
                                  const ho_endpoint *dst, uint8_t flags,
                                  ho_ip *ip) {
  ho_packet pkt = {.client = 4, .connection = 9}, before, filled;
  ho_nat_verdict verdict;

  make(&pkt, proto, src, dst, flags);
  before = pkt;
  w->told_count = w->changes = 0;
  verdict = ho_nat_translate(w->nat, dir, &pkt, w->now);
  ck_assert_int_eq(ho_ip_parse(ip, pkt.data, pkt.len), 0);
  filled = pkt;
  ho_ip_fill(filled.data, filled.len);
  ck_assert(ho_ip_checksums_ok(filled.data, filled.len));
  if (verdict == HO_NAT_PASS) { /* only the one endpoint has changed */
    if (dir == HO_UP) {
      ho_endpoint outside = ip->src;

      ho_ip_set_src(&pkt, ip, src);
      ip->src = outside;
    } else {
      ho_endpoint inside = ip->dst;

      ho_ip_set_dst(&pkt, ip, dst);
      ip->dst = inside;
    }
  }
  ck_assert_mem_eq(&pkt, &before, sizeof(pkt));
  return verdict;
}

#endif
