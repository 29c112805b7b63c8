/* Goal: the edges of the NAT, one by one: lifetimes, unknown TCP, a full pool,
 * rebinding. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/net/nat_rig.h"

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
  ho_nat_rebind(w.nat, HO_REBIND_BOTH, NULL, w.now);
  ck_assert_uint_eq(ho_nat_count(w.nat), 64513);
  ho_ns_run(w.now = 60 * HO_SEC);
  ck_assert_int_eq(pass(&w, HO_UP, HO_PROTO_UDP, &in, &far, 0, &ip),
                   HO_NAT_PASS);
  ck_assert_uint_eq(ho_nat_count(w.nat), 2);
  for (int i = 0; i < 40000; i++) {
    in = (ho_endpoint){ho_addr_v4(0x0a000001u), (uint16_t)(1024 + i)};
    pass(&w, HO_UP, HO_PROTO_UDP, &in, &far, 0, &ip);
  }
  ho_nat_rebind(w.nat, HO_REBIND_PORT, NULL, w.now);
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
      ho_nat_flush(w.nat, NULL, w.now);
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

static void add(TCase *tc) {
  tcase_add_test(tc, lifetimes);
  tcase_add_test(tc, unknown_tcp);
  tcase_add_test(tc, element);
  tcase_add_loop_test(tc, full, 0, 3);
  tcase_add_test(tc, pool);
  tcase_add_test(tc, random_ports_repeat);
}

int main(void) {
  return suite_run("nat", add);
}
