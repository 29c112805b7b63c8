/* Goal: a network has the addresses of the plan, knows its own, and its delay
 * is its line's and the core's. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/net/ip.h"
#include "sim/ns3/ns3.h"
#include "tests/suite.h"

/* One network, and what came out at its ends. */
typedef struct {
  ho_pool pool;
  ho_env env;
  ho_net_config config;
  ho_network *network;
  ho_time at[2];      /* last arrival, by direction; HO_NEVER: none */
  ho_ip last[2];      /* what arrived */
  int client;         /* whose the last packet down was */
  const char *reason; /* of the last drop */
} rig;

static void arrive(rig *r, ho_direction dir, ho_packet *pkt) {
  r->at[dir] = ho_ns_now();
  ck_assert_int_eq(ho_ip_parse(&r->last[dir], pkt->data, pkt->len), 0);
  ho_packet_del(&r->pool, pkt);
}

static void to_client(void *user, int net, int client, ho_packet *pkt) {
  rig *r = user;

  ck_assert_int_eq(net, 3);
  r->client = client;
  arrive(r, HO_DOWN, pkt);
}

static void to_server(void *user, int net, ho_packet *pkt) {
  ck_assert_int_eq(net, 3);
  arrive(user, HO_UP, pkt);
}

static void on_event(void *user, const ho_event *ev) {
  rig *r = user;

  if (ev->kind == HO_EV_packet_dropped) {
    r->reason = ev->u.packet_dropped.reason;
  }
}

static void on_change(void *user, const ho_nat_change *change) {
  (void)user, (void)change;
}

static void rig_make(rig *r, size_t clients, uint8_t family, bool nat,
                     ho_time beyond) {
  memset(r, 0, sizeof(*r));
  ho_ns_start(1);
  r->env = (ho_env){ho_log_new(), &r->pool, 1};
  ho_log_subscribe(r->env.log, on_event, r);
  r->at[HO_UP] = r->at[HO_DOWN] = HO_NEVER;
  r->config = (ho_net_config){.name = "n",
                              .family = family,
                              .connected = true,
                              .mtu = 1500,
                              .wired = {.down_bps = 10000000,
                                        .up_bps = 10000000,
                                        .delay = 10 * HO_MSEC,
                                        .queue = {HO_QUEUE_PACKETS, 100}},
                              .nat = {.present = nat,
                                      .filtering = HO_NAT_ADDRESS_PORT,
                                      .udp_timeout = 60 * HO_SEC,
                                      .tcp_timeout = 7440 * HO_SEC,
                                      .pool = 1}};
  r->network = ho_network_new(&(ho_network_config){.env = &r->env,
                                                   .config = &r->config,
                                                   .index = 3,
                                                   .clients = clients,
                                                   .beyond = beyond,
                                                   .middlebox = true,
                                                   .to_client = to_client,
                                                   .to_server = to_server,
                                                   .on_change = on_change,
                                                   .user = r});
}

static void rig_init(rig *r, uint8_t family, bool nat, ho_time beyond) {
  rig_make(r, 2, family, nat, beyond);
}

static void rig_free(rig *r) {
  ho_network_end(r->network);
  ck_assert_uint_eq(r->pool.live, 0);
  ho_network_del(r->network);
  ho_ns_end();
  ho_log_del(r->env.log);
  ho_pool_free(&r->pool);
}

static ho_addr addr(const char *text) {
  ho_addr a;

  ck_assert_int_eq(ho_addr_parse(&a, text), 0);
  return a;
}

/* Sends 72 bytes of payload, 100 of IPv4 and 120 of IPv6, or fewer. */
static void send_udp(rig *r, ho_direction dir, const ho_endpoint *src,
                     const ho_endpoint *dst) {
  ho_element *into =
      dir == HO_UP ? ho_network_out(r->network) : ho_network_in(r->network);
  ho_packet *pkt = ho_packet_new(&r->pool);

  ho_ip_write_udp(pkt, src, dst, 0, 72);
  pkt->client = 0;
  into->push(into, dir, pkt);
}

/* ---- the address plan ---- */

typedef struct {
  uint8_t family;
  bool nat;
  const char *first, *second; /* clients 0 and 1 */
  const char *inside, *outside;
} plan;

static const plan plans[] = {
    {4, false, "198.51.103.1", "198.51.103.2", "198.51.103.254",
     "198.51.102.1"},
    {4, true, "192.168.3.10", "192.168.3.11", "198.51.103.1", "192.168.3.10"},
    {6, false, "2001:db8:3::1", "2001:db8:3::2", "2001:db8:3::ffff",
     "2001:db8:2::1"},
    {6, true, "fd00:0:3::a", "fd00:0:3::b", "2001:db8:3::1", "fd00:0:3::a"},
};

START_TEST(addresses_are_planned) {
  const plan *p = &plans[_i];
  ho_addr want[2] = {addr(p->first), addr(p->second)};
  ho_addr inside = addr(p->inside), outside = addr(p->outside);
  rig r;

  rig_init(&r, p->family, p->nat, 0);
  for (int i = 0; i < 2; i++) {
    ho_addr got = ho_network_client_addr(r.network, i);
    ck_assert(ho_addr_eq(&got, &want[i]));
  }
  ck_assert(ho_network_owns(r.network, &inside));
  ck_assert(!ho_network_owns(r.network, &outside));
  rig_free(&r);
}
END_TEST

/* What the core sees a client send from is what it routes back to. */
START_TEST(what_leaves_is_owned) {
  const plan *p = &plans[_i];
  ho_endpoint client = {addr(p->first), 50000}, server, outside;
  rig r;

  server = (ho_endpoint){
      addr(p->family == 4 ? "192.0.2.1" : "2001:db8:ffff::1"), 443};
  rig_init(&r, p->family, p->nat, 0);
  send_udp(&r, HO_UP, &client, &server);
  ho_ns_run(HO_SEC);
  outside = r.last[HO_UP].src;
  ck_assert(ho_network_owns(r.network, &outside.addr));
  ck_assert(ho_endpoint_eq(&outside, &client) == !p->nat);
  ck_assert(!ho_network_owns(r.network, &server.addr));
  send_udp(&r, HO_DOWN, &server, &outside);
  ho_ns_run(2 * HO_SEC);
  ck_assert(ho_endpoint_eq(&r.last[HO_DOWN].dst, &client));
  rig_free(&r);
}
END_TEST

/* ---- delay ---- */

static const struct {
  ho_time beyond, set_delay, want; /* |want| after the set */
} delays[] = {{0, 10 * HO_MSEC, 10 * HO_MSEC},
              {5 * HO_MSEC, 10 * HO_MSEC, 15 * HO_MSEC},
              {5 * HO_MSEC, 0, 5 * HO_MSEC},
              {7 * HO_MSEC, 30 * HO_MSEC, 37 * HO_MSEC}};

START_TEST(delay_includes_the_way_to_the_server) {
  ho_endpoint client = {addr("198.51.103.1"), 50000};
  ho_endpoint server = {addr("192.0.2.1"), 443};
  ho_time serialisation = 80 * HO_USEC; /* 100 bytes at 10 Mbit/s */
  ho_wired set = {.delay = delays[_i].set_delay};
  rig r;

  rig_init(&r, 4, false, delays[_i].beyond);
  send_udp(&r, HO_UP, &client, &server);
  send_udp(&r, HO_DOWN, &server, &client);
  ho_ns_run(HO_SEC);
  for (int dir = 0; dir < 2; dir++) {
    ck_assert_uint_eq(r.at[dir],
                      10 * HO_MSEC + delays[_i].beyond + serialisation);
  }
  ho_network_set(r.network, HO_SET_DELAY, &set);
  send_udp(&r, HO_UP, &client, &server);
  send_udp(&r, HO_DOWN, &server, &client);
  ho_ns_run(2 * HO_SEC);
  for (int dir = 0; dir < 2; dir++) {
    ck_assert_uint_eq(r.at[dir] - HO_SEC, delays[_i].want + serialisation);
  }
  rig_free(&r);
}
END_TEST

/* ---- the order of the chain ---- */

/* The NAT stands at the client's end of the line: what is in the line when it
 * forgets, finds no mapping at its end. */
START_TEST(the_nat_is_behind_the_line) {
  ho_endpoint client = {addr("192.168.3.10"), 50000};
  ho_endpoint server = {addr("192.0.2.1"), 443};
  rig r;

  rig_init(&r, 4, true, 0);
  send_udp(&r, HO_UP, &client, &server);
  ho_ns_run(HO_SEC);
  send_udp(&r, HO_DOWN, &server, &r.last[HO_UP].src);
  ho_network_flush(r.network, -1);
  ho_ns_run(2 * HO_SEC);
  ck_assert_uint_eq(r.at[HO_DOWN], HO_NEVER);
  ck_assert_str_eq(r.reason, "nat-unknown");
  rig_free(&r);
}
END_TEST

/* Upwards the NAT comes first: the mapping is made though the line is down. */
START_TEST(a_line_that_is_down_loses_what_the_nat_let_through) {
  ho_endpoint client = {addr("192.168.3.10"), 50000};
  ho_endpoint server = {addr("192.0.2.1"), 443};
  rig r;

  rig_init(&r, 4, true, 0);
  ho_network_plug(r.network, 0, false);
  ck_assert(!ho_network_is_usable(r.network, 0));
  ck_assert(ho_network_is_usable(r.network, 1));
  send_udp(&r, HO_UP, &client, &server);
  ho_ns_run(HO_SEC);
  ck_assert_uint_eq(r.at[HO_UP], HO_NEVER);
  ck_assert_str_eq(r.reason, "link-down");
  ho_network_plug(r.network, 0, true);
  send_udp(&r, HO_UP, &client, &server);
  ho_ns_run(2 * HO_SEC);
  ck_assert_uint_ne(r.at[HO_UP], HO_NEVER);
  rig_free(&r);
}
END_TEST

/* ---- several clients ---- */

/* The larger blocks: every client's address is its own and owned, and what the
 * core sends to it reaches it, with and without a NAT. */
static const struct {
  uint8_t family;
  bool nat;
  size_t clients;
  const char *last; /* address of the last client */
} crowds[] = {{4, false, 1000, "198.18.27.232"},
              {4, true, 1000, "10.3.3.241"},
              {4, true, 240, "192.168.3.249"},
              {6, false, 1000, "2001:db8:3::3e8"},
              {6, true, 1000, "fd00:0:3::3f1"}};

START_TEST(each_client_gets_its_own) {
  size_t n = crowds[_i].clients;
  bool v4 = crowds[_i].family == 4;
  ho_endpoint server = {addr(v4 ? "192.0.2.1" : "2001:db8:ffff::1"), 443};
  ho_addr last = addr(crowds[_i].last);
  rig r;

  rig_make(&r, n, crowds[_i].family, crowds[_i].nat, 0);
  for (size_t i = 0; i < n; i += n / 8 - 1) {
    ho_endpoint client = {ho_network_client_addr(r.network, (int)i), 50000};
    ho_endpoint outside;

    send_udp(&r, HO_UP, &client, &server);
    ho_ns_run(ho_ns_now() + HO_SEC);
    outside = r.last[HO_UP].src;
    ck_assert(ho_network_owns(r.network, &outside.addr));
    r.client = -1;
    send_udp(&r, HO_DOWN, &server, &outside);
    ho_ns_run(ho_ns_now() + HO_SEC);
    ck_assert_int_eq(r.client, (int)i);
  }
  server.addr = ho_network_client_addr(r.network, (int)n - 1);
  ck_assert(ho_addr_eq(&server.addr, &last));
  rig_free(&r);
}
END_TEST

/* A packet to an address of the network that nobody has. */
START_TEST(nobodys_packet_is_dropped) {
  ho_endpoint client = {addr("198.51.103.3"), 50000};
  ho_endpoint server = {addr("192.0.2.1"), 443};
  rig r;

  rig_init(&r, 4, false, 0);
  send_udp(&r, HO_DOWN, &server, &client);
  ho_ns_run(HO_SEC);
  ck_assert_uint_eq(r.at[HO_DOWN], HO_NEVER);
  ck_assert_str_eq(r.reason, "no-route");
  rig_free(&r);
}
END_TEST

/* ---- the middlebox ---- */

START_TEST(the_middlebox_blocks) {
  ho_endpoint client = {addr("198.51.103.1"), 50000};
  ho_endpoint server = {addr("192.0.2.1"), 443};
  rig r;

  rig_init(&r, 4, false, 0);
  ho_middlebox_block(ho_network_middlebox(r.network), HO_BLOCK_UDP);
  send_udp(&r, HO_UP, &client, &server);
  send_udp(&r, HO_DOWN, &server, &client);
  ho_ns_run(HO_SEC);
  ck_assert_uint_eq(r.at[HO_UP], HO_NEVER);
  ck_assert_uint_eq(r.at[HO_DOWN], HO_NEVER);
  ck_assert_str_eq(r.reason, "blocked");
  ho_middlebox_unblock(ho_network_middlebox(r.network), HO_BLOCK_ALL);
  send_udp(&r, HO_UP, &client, &server);
  ho_ns_run(2 * HO_SEC);
  ck_assert_uint_ne(r.at[HO_UP], HO_NEVER);
  rig_free(&r);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, each_client_gets_its_own, 0, (int)COUNT(crowds));
  tcase_add_test(tc, nobodys_packet_is_dropped);
  tcase_add_test(tc, the_middlebox_blocks);
  tcase_add_loop_test(tc, addresses_are_planned, 0, (int)COUNT(plans));
  tcase_add_loop_test(tc, what_leaves_is_owned, 0, (int)COUNT(plans));
  tcase_add_loop_test(tc, delay_includes_the_way_to_the_server, 0,
                      (int)COUNT(delays));
  tcase_add_test(tc, the_nat_is_behind_the_line);
  tcase_add_test(tc, a_line_that_is_down_loses_what_the_nat_let_through);
}

int main(void) {
  return suite_run("network", add);
}
