/* One access network of a scenario. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/network.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/net/ip.h"
#include "sim/net/tap.h"
#include "sim/ns3/ns3.h"

/* An end of the chain: hands packets to the host or core behind it. */
typedef struct {
  ho_element element;
  ho_network *network;
} end_element;

struct ho_network {
  ho_network_config config;
  ho_link *link;
  ho_nat *nat;
  end_element client_end, core_end;
  ho_tap outside; /* where packets have left the access network */
  ho_addr base;   /* first external address */
  uint32_t owned; /* external addresses from |base| on */
  ho_addr inside; /* address of client 0 */
};

/* RFC 5737's and 3849's documentation prefixes for what the Internet sees, RFC
 * 1918's and 4193's for what stands behind a NAT. */
static void plan_addresses(ho_network *n) {
  uint8_t i = (uint8_t)n->config.index;
  bool v6 = n->config.config->family == 6;
  ho_addr outside6 = {
      6, {0x20, 0x01, 0x0d, 0xb8, 0, i, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  ho_addr inside6 = {6, {0xfd, 0, 0, 0, 0, i, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10}};

  n->owned = 254;
  n->base = v6 ? outside6 : ho_addr_v4(0xc6336401u + ((uint32_t)i << 8));
  n->inside = n->base;
  if (n->config.config->nat.present) {
    n->inside = v6 ? inside6 : ho_addr_v4(0xc0a8000au + ((uint32_t)i << 8));
  }
}

static void at_client(ho_element *self, ho_direction dir, ho_packet *pkt) {
  ho_network *n = ((end_element *)self)->network;

  (void)dir;
  n->config.to_client(n->config.user, n->config.index, pkt);
}

static void at_core(ho_element *self, ho_direction dir, ho_packet *pkt) {
  ho_network *n = ((end_element *)self)->network;

  (void)dir;
  n->config.to_server(n->config.user, n->config.index, pkt);
}

/* What anybody beyond the NAT sees of the client; the server's own packets are
 * on the wire as it sends them. */
static void see_outside(void *user, ho_direction dir, const ho_packet *pkt) {
  ho_network *n = user;
  ho_ip ip;

  if (dir == HO_UP && ho_ip_parse(&ip, pkt->data, pkt->len) == 0) {
    HO_EMIT(n->config.env->log, wire, ho_ns_now(), pkt->client,
            .packet = pkt->id, .net = n->config.index, .proto = ip.proto,
            .tuple = {ip.src, ip.dst}, .bytes = pkt->len);
  }
}

static void make_link(ho_network *n) {
  ho_link_config config = {.name = n->config.config->name,
                           .net = n->config.index,
                           .clients = 1,
                           .wired = n->config.config->wired,
                           .beyond = 0,
                           .mtu = n->config.mtu};

  config.wired.delay += n->config.beyond;
  n->link = ho_link_new(n->config.env, &config);
  ho_link_set_up(n->link, -1, n->config.config->connected, ho_ns_now());
}

static void make_nat(ho_network *n) {
  ho_nat_setup setup = {.name = n->config.config->name,
                        .net = n->config.index,
                        .config = n->config.config->nat,
                        .base = n->base,
                        .owned = n->owned,
                        .on_change = n->config.on_change,
                        .user = n->config.user};

  n->nat = ho_nat_new(n->config.env, &setup);
}

ho_network *ho_network_new(const ho_network_config *config) {
  ho_network *n = ho_alloc(sizeof(*n));
  ho_element *link;

  n->config = *config;
  plan_addresses(n);
  n->client_end = (end_element){.element = {.push = at_client}, .network = n};
  n->core_end = (end_element){.element = {.push = at_core}, .network = n};
  make_link(n);
  link = ho_link_element(n->link);
  ho_tap_init(&n->outside, see_outside, n);
  ho_element_link(link, &n->outside.element);
  ho_element_link(&n->outside.element, &n->core_end.element);
  if (config->config->nat.present) {
    make_nat(n);
    ho_element_link(ho_nat_element(n->nat), link);
    ho_element_link(&n->client_end.element, ho_nat_element(n->nat));
  } else {
    ho_element_link(&n->client_end.element, link);
  }
  return n;
}

void ho_network_del(ho_network *network) {
  if (!network) {
    return;
  }
  ho_link_del(network->link);
  ho_nat_del(network->nat);
  free(network);
}

ho_element *ho_network_out(ho_network *network) {
  return network->client_end.element.peer[HO_UP];
}

ho_element *ho_network_in(ho_network *network) {
  return network->core_end.element.peer[HO_DOWN];
}

bool ho_network_owns(const ho_network *network, const ho_addr *addr) {
  size_t prefix = addr->family == 6 ? 6 : 3; /* /48 and /24 */

  return addr->family == network->base.family &&
         memcmp(addr->bytes, network->base.bytes, prefix) == 0;
}

ho_addr ho_network_client_addr(const ho_network *network, int index) {
  return ho_addr_add(network->inside, (uint32_t)index);
}

void ho_network_set(ho_network *network, ho_set_key key,
                    const ho_wired *value) {
  ho_wired wired = *value;

  wired.delay += network->config.beyond;
  ho_link_set(network->link, key, &wired, ho_ns_now());
}

ho_link *ho_network_link(ho_network *network) {
  return network->link;
}

ho_nat *ho_network_nat(ho_network *network) {
  return network->nat;
}

void ho_network_check(ho_network *network) {
  ho_link_check(network->link);
}
