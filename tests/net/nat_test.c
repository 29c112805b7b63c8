/* Tests of the NAT against the requirements of RFC 4787 and RFC 5382: random
 * traffic compared with a plain model, and the edges one by one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/nat.h"

#include "sim/base/rng.h"
#include "sim/net/ip.h"
#include "tests/net/nat_model.h"
#include "tests/net/rig.h"

enum { OWNED = 64 };

static const ho_nat_config home = {.present = true,
                                   .mapping = HO_NAT_INDEPENDENT,
                                   .filtering = HO_NAT_ADDRESS_PORT,
                                   .udp_timeout = 60 * HO_SEC,
                                   .tcp_timeout = 7440 * HO_SEC,
                                   .ports = HO_NAT_PRESERVE,
                                   .pool = 1};

static ho_endpoint endpoint(const char *addr, uint16_t port) {
  ho_endpoint e = {.port = port};

  ck_assert_int_eq(ho_addr_parse(&e.addr, addr), 0);
  return e;
}

/* make writes a packet with |flags| (TCP alone) and some payload. */
static void make(ho_packet *pkt, uint8_t proto, const ho_endpoint *src,
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

static void on_event(void *user, const ho_event *event) {
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

static void on_change(void *user, const ho_nat_change *change) {
  world *w = user;

  w->change = *change;
  w->changes++;
}

static void world_init(world *w, const ho_nat_config *config, bool v6,
                       uint64_t seed) {
  ho_nat_setup setup = {.name = "home",
                        .net = 1,
                        .config = *config,
                        .owned = OWNED,
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

static void world_free(world *w) {
  ho_nat_del(w->nat);
  free(w->told);
  rig_free(&w->r);
}

/* pass sends a packet through and parses what became of it. */
static ho_nat_verdict pass(world *w, ho_direction dir, uint8_t proto,
                           const ho_endpoint *src, const ho_endpoint *dst,
                           uint8_t flags, ho_ip *ip) {
  ho_packet pkt = {.client = 4, .connection = 9}, before;
  ho_nat_verdict verdict;

  make(&pkt, proto, src, dst, flags);
  before = pkt;
  w->told_count = w->changes = 0;
  verdict = ho_nat_translate(w->nat, dir, &pkt, w->now);
  ck_assert_int_eq(ho_ip_parse(ip, pkt.data, pkt.len), 0);
  ck_assert(ho_ip_checksums_ok(pkt.data, pkt.len));
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

/* Random traffic. */

typedef struct {
  world w;
  model m;
  ho_rng rng;
  uint32_t offset;                /* of the pool */
  int slots[3];                   /* of the inside hosts, -1: none yet */
  uint16_t next_port[2][OWNED];   /* sequential choice, by slot */
  ho_endpoint old[MODEL_ENTRIES]; /* external endpoints that are dead */
  size_t old_count;
} trial;

static ho_endpoint inside_endpoint(trial *t, bool v6, int host) {
  /* Equal ports on different hosts, a privileged one, and the last. */
  static const uint16_t ports[] = {40000, 40001, 500, 65535};
  char text[40];

  snprintf(text, sizeof(text), v6 ? "fd00::%d" : "10.0.0.%d", host + 1);
  return endpoint(text, ports[ho_rng_below(&t->rng, COUNT(ports))]);
}

static ho_endpoint remote_endpoint(trial *t, bool v6) {
  char text[40];

  snprintf(text, sizeof(text), v6 ? "2001:db8:2::%d" : "192.0.2.%d",
           1 + (int)ho_rng_below(&t->rng, 3));
  return endpoint(text, (uint16_t)(443 + ho_rng_below(&t->rng, 3)));
}

static uint8_t random_flags(trial *t) {
  static const uint8_t flags[] = {
      HO_TCP_SYN, HO_TCP_SYN, HO_TCP_SYN | HO_TCP_ACK,
      HO_TCP_ACK, HO_TCP_ACK, HO_TCP_FIN | HO_TCP_ACK,
      HO_TCP_RST};

  return flags[ho_rng_below(&t->rng, COUNT(flags))];
}

/* slot_of tells which of the pool's addresses |addr| is. */
static uint32_t slot_of(const trial *t, const ho_addr *addr) {
  for (uint32_t i = 0; i < t->m.config.pool; i++) {
    ho_addr a = ho_addr_add(t->w.base, (t->offset + i) % OWNED);

    if (ho_addr_eq(&a, addr)) {
      return i;
    }
  }
  ck_abort_msg("an address outside the pool");
}

/* first_free is what "preserve" or "sequential" must choose from |port| on. */
static uint16_t first_free(trial *t, uint8_t proto, ho_endpoint outside,
                           uint32_t port) {
  for (;; port++) {
    if (port < 1024 || port > 65535) {
      port = 1024;
    }
    outside.port = (uint16_t)port;
    if (!model_in(&t->m, proto, &outside, t->w.now)) {
      return outside.port;
    }
  }
}

static void check_choice(trial *t, int host, const ho_ip *sent,
                         const ho_endpoint *outside) {
  uint32_t slot = slot_of(t, &outside->addr);
  uint16_t *next = &t->next_port[sent->proto == HO_PROTO_TCP][slot];

  if (t->slots[host] < 0) {
    t->slots[host] = (int)slot;
  }
  ck_assert_int_eq(t->slots[host], (int)slot); /* paired */
  ck_assert_uint_ge(outside->port, 1024);
  ck_assert_ptr_null(model_in(&t->m, sent->proto, outside, t->w.now));
  switch (t->m.config.ports) {
  case HO_NAT_PRESERVE:
    ck_assert_uint_eq(outside->port,
                      first_free(t, sent->proto, *outside, sent->src.port));
    break;
  case HO_NAT_SEQUENTIAL:
    ck_assert_uint_eq(outside->port,
                      first_free(t, sent->proto, *outside, *next));
    *next = (uint16_t)(outside->port + 1);
    break;
  case HO_NAT_RANDOM:
    break;
  }
}

static void check_change(trial *t, const model_entry *before,
                         const ho_endpoint *outside) {
  const ho_nat_change *c = &t->w.change;

  if (!before || ho_endpoint_eq(&before->outside, outside)) {
    ck_assert_uint_eq(t->w.changes, 0);
    return;
  }
  ck_assert_uint_eq(t->w.changes, 1);
  ck_assert(ho_endpoint_eq(&c->before, &before->outside));
  ck_assert(ho_endpoint_eq(&c->after, outside));
  ck_assert(ho_endpoint_eq(&c->inside, &before->inside));
  ck_assert_uint_eq(c->forgotten, before->expires);
  ck_assert_uint_eq(c->flushed, before->flushed);
  ck_assert_int_eq(c->client, 4);
  ck_assert_uint_eq(c->connection, 9);
}

static void try_out(trial *t, bool v6) {
  uint8_t proto = ho_rng_below(&t->rng, 2) ? HO_PROTO_UDP : HO_PROTO_TCP;
  uint8_t flags = proto == HO_PROTO_TCP ? random_flags(t) : 0;
  int host = (int)ho_rng_below(&t->rng, 3);
  ho_endpoint src = inside_endpoint(t, v6, host), dst = remote_endpoint(t, v6);
  ho_ip ip, sent = {.proto = proto, .src = src, .dst = dst};
  model_entry *e = model_out(&t->m, &sent), *before = e;
  ho_nat_verdict verdict = pass(&t->w, HO_UP, proto, &src, &dst, flags, &ip);

  if (!e || !model_live(e, t->w.now)) {
    if (proto == HO_PROTO_TCP && flags != HO_TCP_SYN) {
      ck_assert_int_eq(verdict, HO_NAT_UNKNOWN);
      return;
    }
    ck_assert_int_eq(verdict, HO_NAT_PASS);
    check_choice(t, host, &sent, &ip.src);
    check_change(t, before, &ip.src);
    ck_assert_uint_lt(t->m.count, MODEL_ENTRIES);
    e = &t->m.entries[t->m.count++];
    *e = (model_entry){
        .proto = proto, .inside = src, .remote = dst, .outside = ip.src};
  } else {
    ck_assert_int_eq(verdict, HO_NAT_PASS);
    ck_assert(ho_endpoint_eq(&ip.src, &e->outside));
    ck_assert_uint_eq(t->w.changes, 0);
  }
  model_pass(&t->m, e, &dst, flags, true, t->w.now);
}

/* pick_outside: a live one, a dead one, or any. */
static ho_endpoint pick_outside(trial *t) {
  uint64_t kind = ho_rng_below(&t->rng, 8);
  ho_endpoint any = {ho_addr_add(t->w.base, (uint32_t)ho_rng_below(&t->rng, 8)),
                     (uint16_t)ho_rng_u64(&t->rng)};

  if (kind == 0 || t->m.count == 0) {
    return any;
  }
  if (kind == 1 && t->old_count > 0) {
    return t->old[ho_rng_below(&t->rng, t->old_count)];
  }
  return t->m.entries[ho_rng_below(&t->rng, t->m.count)].outside;
}

static void try_in(trial *t, bool v6) {
  uint8_t proto = ho_rng_below(&t->rng, 2) ? HO_PROTO_UDP : HO_PROTO_TCP;
  uint8_t flags = proto == HO_PROTO_TCP ? random_flags(t) : 0;
  ho_endpoint src = remote_endpoint(t, v6), dst = pick_outside(t);
  model_entry *e = model_in(&t->m, proto, &dst, t->w.now);
  ho_ip ip;
  ho_nat_verdict verdict = pass(&t->w, HO_DOWN, proto, &src, &dst, flags, &ip);

  if (!e) {
    ck_assert_int_eq(verdict, HO_NAT_UNKNOWN);
  } else if (!model_accepts(&t->m, e, &src)) {
    ck_assert_int_eq(verdict, HO_NAT_FILTERED);
  } else {
    ck_assert_int_eq(verdict, HO_NAT_PASS);
    ck_assert(ho_endpoint_eq(&ip.dst, &e->inside));
    model_pass(&t->m, e, &src, flags, false, t->w.now);
  }
}

static void try_wait(trial *t) {
  /* To just before or just at somebody's expiry, or any time. */
  const model_entry *e =
      t->m.count ? &t->m.entries[ho_rng_below(&t->rng, t->m.count)] : NULL;
  uint64_t kind = ho_rng_below(&t->rng, 8);

  if (kind < 2 && e && model_live(e, t->w.now)) {
    t->w.now = e->expires - kind;
  } else {
    t->w.now += ho_rng_below(&t->rng, kind < 6 ? 10 * HO_SEC : 400 * HO_SEC);
  }
}

static void check_rebound(trial *t, ho_rebind what, const told *un,
                          const told *re, const model_entry *e) {
  bool same_addr = ho_addr_eq(&un->outside.addr, &re->outside.addr);
  uint32_t slot = slot_of(t, &re->outside.addr);

  ck_assert_int_eq(un->kind, HO_EV_nat_unmapped);
  ck_assert_int_eq(re->kind, HO_EV_nat_mapped);
  ck_assert_str_eq(un->reason, "rebind");
  ck_assert(ho_endpoint_eq(&e->inside, &un->inside));
  ck_assert(ho_endpoint_eq(&e->inside, &re->inside));
  ck_assert_uint_eq(e->proto, re->proto);
  ck_assert_int_eq(same_addr, !(what & HO_REBIND_ADDRESS));
  ck_assert_int_eq(un->outside.port == re->outside.port,
                   !(what & HO_REBIND_PORT));
  ck_assert_uint_ge(re->outside.port, 1024);
  if (what & HO_REBIND_PORT) {
    t->next_port[e->proto == HO_PROTO_TCP][slot] =
        (uint16_t)(re->outside.port + 1);
  }
}

/* A rebind changes what it says, for all, and no old endpoint lives on. */
static void try_rebind(trial *t) {
  ho_rebind what = (ho_rebind)(1 + ho_rng_below(&t->rng, 3));
  size_t live = model_live_count(&t->m, t->w.now), first = 0;
  model_entry *moved[MODEL_ENTRIES];

  t->w.told_count = 0;
  ho_nat_rebind(t->w.nat, what, t->w.now);
  if (what & HO_REBIND_ADDRESS) {
    t->offset = (t->offset + t->m.config.pool) % OWNED;
  }
  while (first < t->w.told_count &&
         strcmp(t->w.told[first].reason, "timeout") == 0) {
    first++;
  }
  ck_assert_uint_eq(t->w.told_count - first, 2 * live);
  for (size_t i = 0; i < live; i++) {
    const told *un = &t->w.told[first + 2 * i];

    moved[i] = NULL;
    for (size_t k = 0; k < t->m.count; k++) {
      model_entry *e = &t->m.entries[k];

      if (model_live(e, t->w.now) && e->proto == un->proto &&
          ho_endpoint_eq(&e->outside, &un->outside)) {
        moved[i] = e;
        break;
      }
    }
    ck_assert_ptr_nonnull(moved[i]);
    check_rebound(t, what, un, un + 1, moved[i]);
  }
  for (size_t i = 0; i < live; i++) { /* nobody gets anybody's old one */
    const told *re = &t->w.told[first + 2 * i + 1];

    ck_assert_ptr_null(
        model_in(&t->m, moved[i]->proto, &re->outside, t->w.now));
  }
  for (size_t i = 0; i < live; i++) {
    ck_assert_uint_lt(t->old_count, MODEL_ENTRIES);
    t->old[t->old_count++] = moved[i]->outside;
    moved[i]->outside = t->w.told[first + 2 * i + 1].outside;
  }
  for (size_t i = 0; i < live; i++) { /* and no two have the same */
    ck_assert_ptr_eq(
        model_in(&t->m, moved[i]->proto, &moved[i]->outside, t->w.now),
        moved[i]);
  }
}

static void try_flush(trial *t) {
  size_t live = model_live_count(&t->m, t->w.now), told_flush = 0;

  t->w.told_count = 0;
  ho_nat_flush(t->w.nat, t->w.now);
  for (size_t i = 0; i < t->w.told_count; i++) {
    told_flush += strcmp(t->w.told[i].reason, "flush") == 0;
  }
  ck_assert_uint_eq(told_flush, live);
  for (size_t i = 0; i < t->m.count; i++) {
    model_entry *e = &t->m.entries[i];

    if (model_live(e, t->w.now)) {
      e->forgotten = e->flushed = true;
      e->expires = t->w.now;
    }
  }
  t->slots[0] = t->slots[1] = t->slots[2] = -1;
}

/* All mappings x filterings x port choices, both families, pools of 1 and 4. */
START_TEST(random_traffic) {
  bool v6 = _i % 2;
  ho_nat_config config = home;
  trial *t = ho_alloc(sizeof(*t));

  config.mapping = (ho_nat_behaviour)(_i / 2 % 3);
  config.filtering = (ho_nat_behaviour)(_i / 6 % 3);
  config.ports = (ho_nat_ports)(_i / 18 % 3);
  config.pool = _i / 54 ? 4 : 1;
  config.tcp_timeout = (_i % 4 ? 1000 : 100) * HO_SEC;
  world_init(&t->w, &config, v6, (uint64_t)_i + 1);
  t->m.config = config;
  ho_rng_init(&t->rng, (uint64_t)_i, "trial");
  t->slots[0] = t->slots[1] = t->slots[2] = -1;
  for (int i = 0; i < 1500; i++) {
    uint64_t kind = ho_rng_below(&t->rng, 200);

    ho_ns_run(t->w.now);
    if (kind < 90) {
      try_out(t, v6);
    } else if (kind < 180) {
      try_in(t, v6);
    } else if (kind < 197) {
      try_wait(t);
      ho_nat_sweep(t->w.nat, t->w.now);
    } else if (kind < 199) {
      try_rebind(t);
    } else {
      try_flush(t);
    }
    ck_assert_uint_eq(ho_nat_count(t->w.nat),
                      model_live_count(&t->m, t->w.now));
  }
  ck_assert_uint_gt(t->m.count, 50);
  world_free(&t->w);
  free(t);
}
END_TEST

/* One step in a mapping's life, and when it would be forgotten after it. */
typedef struct {
  ho_time at;
  ho_direction dir;
  uint8_t flags;
  ho_time forgotten;
} life_step;

#define S HO_SEC

/* The idle times (RFC 4787, REQ-5 and REQ-6; RFC 5382, REQ-5): what refreshes
 * and which of them it is.  The mapping works 1 ns before and not at the end.
 */
START_TEST(lifetimes) {
  static const struct {
    const char *what;
    uint8_t proto;
    life_step steps[8];
  } cases[] = {
      {"UDP, refreshed from inside alone",
       HO_PROTO_UDP,
       {{0, HO_UP, 0, 60 * S},
        {10 * S, HO_DOWN, 0, 60 * S},
        {59 * S, HO_UP, 0, 119 * S}}},
      {"a SYN without an answer",
       HO_PROTO_TCP,
       {{0, HO_UP, HO_TCP_SYN, 240 * S}, {10 * S, HO_UP, HO_TCP_SYN, 250 * S}}},
      {"established",
       HO_PROTO_TCP,
       {{0, HO_UP, HO_TCP_SYN, 240 * S},
        {1 * S, HO_DOWN, HO_TCP_SYN | HO_TCP_ACK, 7441 * S},
        {2 * S, HO_UP, HO_TCP_ACK, 7442 * S},
        {100 * S, HO_DOWN, HO_TCP_ACK, 7442 * S}}},
      {"closed by one side, then by both",
       HO_PROTO_TCP,
       {{0, HO_UP, HO_TCP_SYN, 240 * S},
        {1 * S, HO_DOWN, HO_TCP_SYN | HO_TCP_ACK, 7441 * S},
        {2 * S, HO_UP, HO_TCP_FIN | HO_TCP_ACK, 7442 * S},
        {3 * S, HO_DOWN, HO_TCP_ACK, 7442 * S},
        {9 * S, HO_DOWN, HO_TCP_FIN | HO_TCP_ACK, 249 * S},
        {10 * S, HO_UP, HO_TCP_ACK, 250 * S},
        {11 * S, HO_UP, HO_TCP_SYN, 251 * S},
        {12 * S, HO_DOWN, HO_TCP_SYN | HO_TCP_ACK, 7452 * S}}},
      {"reset from outside",
       HO_PROTO_TCP,
       {{0, HO_UP, HO_TCP_SYN, 240 * S},
        {1 * S, HO_DOWN, HO_TCP_SYN | HO_TCP_ACK, 7441 * S},
        {2 * S, HO_UP, HO_TCP_ACK, 7442 * S},
        {5 * S, HO_DOWN, HO_TCP_RST, 245 * S}}},
      {"reset from inside",
       HO_PROTO_TCP,
       {{0, HO_UP, HO_TCP_SYN, 240 * S},
        {1 * S, HO_DOWN, HO_TCP_SYN | HO_TCP_ACK, 7441 * S},
        {5 * S, HO_UP, HO_TCP_RST | HO_TCP_ACK, 245 * S}}},
  };
  ho_endpoint in = endpoint("10.0.0.1", 40000);
  ho_endpoint far = endpoint("192.0.2.1", 443);

  for (size_t c = 0; c < COUNT(cases); c++) {
    for (size_t last = 0; last < 8 && cases[c].steps[last].forgotten; last++) {
      ho_time end = cases[c].steps[last].forgotten;

      for (int late = 0; late < 2; late++) {
        ho_endpoint out = {0};
        ho_ip ip;
        world w;

        world_init(&w, &home, false, 1);
        for (size_t i = 0; i <= last; i++) {
          const life_step *step = &cases[c].steps[i];
          bool up = step->dir == HO_UP;

          ho_ns_run(w.now = step->at);
          ck_assert_int_eq(pass(&w, step->dir, cases[c].proto, up ? &in : &far,
                                up ? &far : &out, step->flags, &ip),
                           HO_NAT_PASS);
          out = up ? ip.src : out;
        }
        ho_ns_run(w.now = late ? end : end - 1);
        ck_assert_msg(pass(&w, HO_DOWN, cases[c].proto, &far, &out, HO_TCP_ACK,
                           &ip) == (late ? HO_NAT_UNKNOWN : HO_NAT_PASS),
                      "%s: step %zu, %s", cases[c].what, last,
                      late ? "late" : "in time");
        world_free(&w);
      }
    }
  }
}
END_TEST

/* What the element answers and drops: a RST for unknown TCP where that is
 * configured, towards the sender, never for a RST (RFC 9293, 3.10.7.1). */
START_TEST(unknown_tcp) {
  static const struct {
    bool rst;
    ho_direction dir;
    uint8_t proto, flags;
    size_t answers;
  } cases[] = {
      {true, HO_UP, HO_PROTO_TCP, HO_TCP_ACK, 1},
      {true, HO_DOWN, HO_PROTO_TCP, HO_TCP_ACK, 1},
      {true, HO_DOWN, HO_PROTO_TCP, HO_TCP_SYN, 1},
      {true, HO_UP, HO_PROTO_TCP, HO_TCP_RST, 0},
      {true, HO_DOWN, HO_PROTO_TCP, HO_TCP_RST | HO_TCP_ACK, 0},
      {true, HO_DOWN, HO_PROTO_UDP, 0, 0},
      {false, HO_UP, HO_PROTO_TCP, HO_TCP_ACK, 0},
      {false, HO_DOWN, HO_PROTO_TCP, HO_TCP_ACK, 0},
  };
  ho_endpoint in = endpoint("10.0.0.1", 40000);
  ho_endpoint out = endpoint("198.51.100.0", 40000);
  ho_endpoint far = endpoint("192.0.2.1", 443);

  for (size_t i = 0; i < COUNT(cases); i++) {
    bool up = cases[i].dir == HO_UP;
    ho_nat_config config = home;
    ho_packet *pkt;
    world w;

    config.unknown_tcp_rst = cases[i].rst;
    world_init(&w, &config, false, 1);
    pkt = ho_packet_new(&w.r.pool);
    make(pkt, cases[i].proto, up ? &in : &far, up ? &far : &out,
         cases[i].flags);
    ho_nat_element(w.nat)->push(ho_nat_element(w.nat), cases[i].dir, pkt);
    ck_assert_uint_eq(w.r.arrived[!cases[i].dir].count, cases[i].answers);
    ck_assert_uint_eq(w.r.arrived[cases[i].dir].count, 0);
    ck_assert_uint_eq(w.r.dropped[cases[i].dir].count, 1);
    ck_assert_str_eq(w.r.dropped[cases[i].dir].notes[0].reason, "nat-unknown");
    ck_assert_uint_eq(ho_nat_count(w.nat), 0);
    world_free(&w);
  }
}
END_TEST

/* The element hands on what is translated and names why it drops. */
START_TEST(element) {
  ho_endpoint in = endpoint("10.0.0.1", 40000);
  ho_endpoint out = endpoint("198.51.100.0", 40000);
  ho_endpoint far = endpoint("192.0.2.1", 443);
  ho_endpoint other = endpoint("192.0.2.1", 444);
  ho_element *nat;
  ho_packet *pkt;
  world w;

  world_init(&w, &home, false, 1);
  nat = ho_nat_element(w.nat);
  make(pkt = ho_packet_new(&w.r.pool), HO_PROTO_UDP, &in, &far, 0);
  nat->push(nat, HO_UP, pkt);
  ck_assert_uint_eq(w.r.arrived[HO_UP].count, 1);
  make(pkt = ho_packet_new(&w.r.pool), HO_PROTO_UDP, &far, &out, 0);
  nat->push(nat, HO_DOWN, pkt);
  ck_assert_uint_eq(w.r.arrived[HO_DOWN].count, 1);
  make(pkt = ho_packet_new(&w.r.pool), HO_PROTO_UDP, &other, &out, 0);
  nat->push(nat, HO_DOWN, pkt);
  ck_assert_uint_eq(w.r.arrived[HO_DOWN].count, 1);
  ck_assert_str_eq(w.r.dropped[HO_DOWN].notes[0].reason, "nat-filter");
  pkt = ho_packet_new(&w.r.pool); /* not a packet at all */
  memset(pkt->data, 0xff, pkt->len = 40);
  nat->push(nat, HO_UP, pkt);
  ck_assert_str_eq(w.r.dropped[HO_UP].notes[0].reason, "nat-unknown");
  world_free(&w);
}
END_TEST

/* 64,512 ports and not one more; TCP has its own; a rebind to another address
 * keeps them all; expired ones make room; and a rebind of the ports forgets
 * those for whom none is left that was free before. */
START_TEST(full) {
  ho_endpoint far = endpoint("192.0.2.1", 443), in;
  ho_nat_config config = home;
  ho_ip ip;
  world w;

  config.ports = (ho_nat_ports)_i;
  world_init(&w, &config, false, 1);
  for (int i = 0; i < 64512; i++) {
    in = (ho_endpoint){ho_addr_v4(0x0a000001u + (uint32_t)i % 7),
                       (uint16_t)(1024 + i / 7)};
    ck_assert_int_eq(pass(&w, HO_UP, HO_PROTO_UDP, &in, &far, 0, &ip),
                     HO_NAT_PASS);
  }
  in = endpoint("10.1.0.1", 5000);
  ck_assert_int_eq(pass(&w, HO_UP, HO_PROTO_UDP, &in, &far, 0, &ip),
                   HO_NAT_FULL);
  ck_assert_int_eq(pass(&w, HO_UP, HO_PROTO_TCP, &in, &far, HO_TCP_SYN, &ip),
                   HO_NAT_PASS);
  ck_assert_uint_eq(ho_nat_count(w.nat), 64513);
  ho_nat_rebind(w.nat, HO_REBIND_BOTH, w.now);
  ck_assert_uint_eq(ho_nat_count(w.nat), 64513);
  ho_ns_run(w.now = 60 * HO_SEC);
  ck_assert_int_eq(pass(&w, HO_UP, HO_PROTO_UDP, &in, &far, 0, &ip),
                   HO_NAT_PASS);
  ck_assert_uint_eq(ho_nat_count(w.nat), 2);
  for (int i = 0; i < 40000; i++) {
    in = (ho_endpoint){ho_addr_v4(0x0a000001u), (uint16_t)(1024 + i)};
    pass(&w, HO_UP, HO_PROTO_UDP, &in, &far, 0, &ip);
  }
  ho_nat_rebind(w.nat, HO_REBIND_PORT, w.now);
  ck_assert_uint_eq(ho_nat_count(w.nat), 1 + 64512 - 40001);
  world_free(&w);
}
END_TEST

/* Addresses of the pool go round; an inside host keeps its own until a flush,
 * also when its mappings time out. */
START_TEST(pool) {
  static const struct {
    int host;
    ho_time at;
    bool flush;
    uint32_t address;
  } steps[] = {{0, 0, false, 0},       {1, 0, false, 1},
               {0, 100 * S, false, 0}, {2, 100 * S, false, 2},
               {1, 200 * S, false, 1}, {1, 200 * S, true, 3},
               {0, 300 * S, false, 0}};
  ho_endpoint far = endpoint("192.0.2.1", 443);
  ho_nat_config config = home;
  world w;

  config.pool = 4;
  world_init(&w, &config, false, 1);
  for (size_t i = 0; i < COUNT(steps); i++) {
    ho_endpoint in = {ho_addr_v4(0x0a000001u + (uint32_t)steps[i].host), 4000};
    ho_addr want = ho_addr_add(w.base, steps[i].address);
    ho_ip ip;

    ho_ns_run(w.now = steps[i].at);
    if (steps[i].flush) {
      ho_nat_flush(w.nat, w.now);
    }
    ck_assert_int_eq(pass(&w, HO_UP, HO_PROTO_UDP, &in, &far, 0, &ip),
                     HO_NAT_PASS);
    ck_assert_msg(ho_addr_eq(&ip.src.addr, &want), "step %zu", i);
  }
  world_free(&w);
}
END_TEST

/* Ports at random are the seed's: the same again, and others with another. */
START_TEST(random_ports_repeat) {
  ho_endpoint in = endpoint("10.0.0.1", 40000);
  ho_endpoint far = endpoint("192.0.2.1", 443);
  ho_nat_config config = home;
  uint16_t ports[3];

  config.ports = HO_NAT_RANDOM;
  for (int i = 0; i < 3; i++) {
    ho_ip ip;
    world w;

    world_init(&w, &config, false, 1 + (uint64_t)i / 2);
    ck_assert_int_eq(pass(&w, HO_UP, HO_PROTO_UDP, &in, &far, 0, &ip),
                     HO_NAT_PASS);
    ports[i] = ip.src.port;
    world_free(&w);
  }
  ck_assert_uint_eq(ports[0], ports[1]);
  ck_assert_uint_ne(ports[0], ports[2]);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("nat");
  TCase *tcase = tcase_create("nat");
  SRunner *runner = srunner_create(suite);
  int failed;

  suite_add_tcase(suite, tcase);
  tcase_add_loop_test(tcase, random_traffic, 0, 108);
  tcase_add_test(tcase, lifetimes);
  tcase_add_test(tcase, unknown_tcp);
  tcase_add_test(tcase, element);
  tcase_add_loop_test(tcase, full, 0, 3);
  tcase_add_test(tcase, pool);
  tcase_add_test(tcase, random_ports_repeat);
  tcase_set_timeout(tcase, 120);
  srunner_run_all(runner, CK_NORMAL);
  failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
