/* Goal: random traffic through the NAT does what RFC 4787 and RFC 5382 require,
 * as a plain model of them says. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/base/rng.h"
#include "tests/net/nat_model.h"
#include "tests/net/nat_rig.h"

/* Random traffic. */

typedef struct {
  world w;
  model m;
  ho_rng rng;
  uint32_t owned, offset;         /* of the pool */
  int slots[3];                   /* of the inside hosts, -1: none yet */
  uint16_t next_port[2][OWNED];   /* sequential choice, by slot */
  ho_endpoint old[MODEL_ENTRIES]; /* external endpoints that are dead */
  size_t old_count;
  size_t conflicts; /* ports that an address rebind could not keep */
} trial;

static ho_addr inside_addr(bool v6, int host) {
  char text[40];

  snprintf(text, sizeof(text), v6 ? "fd00::%d" : "10.0.0.%d", host + 1);
  return endpoint(text, 0).addr;
}

static ho_endpoint inside_endpoint(trial *t, bool v6, int host) {
  /* Equal ports on different hosts, a privileged one, and the last. */
  static const uint16_t ports[] = {40000, 40001, 500, 65535};

  return (ho_endpoint){inside_addr(v6, host),
                       ports[ho_rng_below(&t->rng, COUNT(ports))]};
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

/* slot_of tells which |addr| is, counted from the pool's first address. */
static uint32_t slot_of(const trial *t, const ho_addr *addr) {
  for (uint32_t i = 0; i < t->owned; i++) {
    ho_addr a = ho_addr_add(t->w.base, (t->offset + i) % t->owned);

    if (ho_addr_eq(&a, addr)) {
      return i;
    }
  }
  ck_abort_msg("an address that is not owned");
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
    ck_assert_uint_lt(slot, t->m.config.pool);
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

/* pick_inside is a host whose address a rebind or flush is for, or -1: all. */
static int pick_inside(trial *t) {
  return (int)ho_rng_below(&t->rng, 5) % 4 - 1;
}

static bool is_of(const model_entry *e, int host, bool v6) {
  ho_addr addr = inside_addr(v6, host);

  return host < 0 || ho_addr_eq(&e->inside.addr, &addr);
}

/* host_of is the reverse of inside_addr. */
static int host_of(const model_entry *e) {
  return e->inside.addr.bytes[e->inside.addr.family == 6 ? 15 : 3] - 1;
}

/* given tells whether one of |n| mappings was moved to |outside|. */
static bool given(const told *pairs, size_t n, uint64_t proto,
                  const ho_endpoint *outside) {
  for (size_t i = 0; i < n; i++) {
    if (pairs[2 * i + 1].proto == proto &&
        ho_endpoint_eq(&pairs[2 * i + 1].outside, outside)) {
      return true;
    }
  }
  return false;
}

/* kept_port is what an address rebind must give: the port, or the next that
 * nobody has there, or had, or has just been given. */
static uint16_t kept_port(trial *t, const told *pairs, size_t n, uint8_t proto,
                          ho_endpoint outside) {
  for (;; outside.port++) {
    if (outside.port < 1024) {
      outside.port = 1024;
    }
    if (!model_in(&t->m, proto, &outside, t->w.now) &&
        !given(pairs, n, proto, &outside)) {
      return outside.port;
    }
  }
}

/* check_rebound: the |n|-th of |pairs| is |e|'s. */
static void check_rebound(trial *t, ho_rebind what, const told *pairs, size_t n,
                          const model_entry *e) {
  const told *un = &pairs[2 * n], *re = un + 1;
  ho_endpoint to = {re->outside.addr, un->outside.port};
  bool same_addr = ho_addr_eq(&un->outside.addr, &re->outside.addr);
  uint32_t slot = slot_of(t, &re->outside.addr);

  ck_assert_int_eq(un->kind, HO_EV_nat_unmapped);
  ck_assert_int_eq(re->kind, HO_EV_nat_mapped);
  ck_assert_str_eq(un->reason, "rebind");
  ck_assert(ho_endpoint_eq(&e->inside, &un->inside));
  ck_assert(ho_endpoint_eq(&e->inside, &re->inside));
  ck_assert_uint_eq(e->proto, re->proto);
  ck_assert_int_eq(same_addr, !(what & HO_REBIND_ADDRESS));
  ck_assert_int_eq(t->slots[host_of(e)], (int)slot);
  ck_assert_uint_ge(re->outside.port, 1024);
  if (what & HO_REBIND_PORT) {
    ck_assert_uint_ne(un->outside.port, re->outside.port);
    t->next_port[e->proto == HO_PROTO_TCP][slot] =
        (uint16_t)(re->outside.port + 1);
  } else {
    ck_assert_uint_eq(re->outside.port, kept_port(t, pairs, n, e->proto, to));
    t->conflicts += re->outside.port != un->outside.port;
  }
}

/* move_slots: where the addresses must be after an address rebind. */
static void move_slots(trial *t, int host) {
  uint32_t pool = t->m.config.pool;

  if (host < 0) {
    t->offset = (t->offset + pool) % t->owned;
  } else if (t->slots[host] >= 0) {
    t->slots[host] = (int)(((uint32_t)t->slots[host] + pool) % t->owned);
  }
}

/* A rebind changes what it says, for all or for one inside address, and no old
 * endpoint lives on. */
static void try_rebind(trial *t, bool v6) {
  ho_rebind what = (ho_rebind)(1 + ho_rng_below(&t->rng, 3));
  int host = pick_inside(t);
  ho_addr inside = inside_addr(v6, host);
  size_t live = 0, first = 0;
  model_entry *moved[MODEL_ENTRIES];
  const told *pairs;

  for (size_t i = 0; i < t->m.count; i++) {
    live += model_live(&t->m.entries[i], t->w.now) &&
            is_of(&t->m.entries[i], host, v6);
  }
  t->w.told_count = 0;
  ho_nat_rebind(t->w.nat, what, host < 0 ? NULL : &inside, t->w.now);
  if (what & HO_REBIND_ADDRESS) {
    move_slots(t, host);
  }
  while (first < t->w.told_count &&
         strcmp(t->w.told[first].reason, "timeout") == 0) {
    first++;
  }
  ck_assert_uint_eq(t->w.told_count - first, 2 * live);
  pairs = t->w.told + first;
  for (size_t i = 0; i < live; i++) {
    moved[i] = model_in(&t->m, (uint8_t)pairs[2 * i].proto,
                        &pairs[2 * i].outside, t->w.now);
    ck_assert_ptr_nonnull(moved[i]);
    ck_assert(is_of(moved[i], host, v6));
    check_rebound(t, what, pairs, i, moved[i]);
  }
  for (size_t i = 0; i < live; i++) { /* nobody gets anybody's */
    ck_assert_ptr_null(
        model_in(&t->m, moved[i]->proto, &pairs[2 * i + 1].outside, t->w.now));
  }
  for (size_t i = 0; i < live; i++) {
    ck_assert_uint_lt(t->old_count, MODEL_ENTRIES);
    t->old[t->old_count++] = moved[i]->outside;
    moved[i]->outside = pairs[2 * i + 1].outside;
  }
  for (size_t i = 0; i < live; i++) { /* and no two have the same */
    ck_assert_ptr_eq(
        model_in(&t->m, moved[i]->proto, &moved[i]->outside, t->w.now),
        moved[i]);
  }
}

static void try_flush(trial *t, bool v6) {
  size_t live = 0, told_flush = 0;
  int host = pick_inside(t);
  ho_addr inside = inside_addr(v6, host);

  t->w.told_count = 0;
  ho_nat_flush(t->w.nat, host < 0 ? NULL : &inside, t->w.now);
  for (size_t i = 0; i < t->w.told_count; i++) {
    told_flush += strcmp(t->w.told[i].reason, "flush") == 0;
  }
  for (size_t i = 0; i < t->m.count; i++) {
    model_entry *e = &t->m.entries[i];

    if (model_live(e, t->w.now) && is_of(e, host, v6)) {
      live++;
      e->forgotten = e->flushed = true;
      e->expires = t->w.now;
    }
  }
  ck_assert_uint_eq(told_flush, live);
  for (int i = 0; i < 3; i++) {
    t->slots[i] = host < 0 || i == host ? -1 : t->slots[i];
  }
}

/* All mappings x filterings x port choices, both families, pools of 1 and 4, in
 * many addresses or few. */
START_TEST(random_traffic) {
  bool v6 = _i % 2;
  ho_nat_config config = home;
  trial *t = ho_alloc(sizeof(*t));

  config.mapping = (ho_nat_behaviour)(_i / 2 % 3);
  config.filtering = (ho_nat_behaviour)(_i / 6 % 3);
  config.ports = (ho_nat_ports)(_i / 18 % 3);
  config.pool = _i / 54 ? 4 : 1;
  config.tcp_timeout = (_i % 4 ? 1000 : 100) * HO_SEC;
  t->owned = _i % 5 < 2 ? 2 * config.pool + (uint32_t)_i % 5 : OWNED;
  world_init_with(&t->w, &config, t->owned, v6, (uint64_t)_i + 1);
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
    } else if (kind < 192) {
      try_wait(t);
      ho_nat_sweep(t->w.nat, t->w.now);
    } else if (kind < 198) {
      try_rebind(t, v6);
    } else {
      try_flush(t, v6);
    }
    ck_assert_uint_eq(ho_nat_count(t->w.nat),
                      model_live_count(&t->m, t->w.now));
  }
  ck_assert_uint_gt(t->m.count, 50);
  if (config.ports == HO_NAT_PRESERVE && config.pool == 1) {
    ck_assert_uint_gt(t->conflicts, 0);
  }
  world_free(&t->w);
  free(t);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, random_traffic, 0, 108);
}

int main(void) {
  return suite_run("nat properties", add);
}
