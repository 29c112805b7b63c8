/* One access network of a scenario. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/network.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/net/air.h"
#include "sim/net/background.h"
#include "sim/net/bleach.h"
#include "sim/net/ip.h"
#include "sim/net/link.h"
#include "sim/net/tap.h"
#include "sim/ns3/ns3.h"

/* Up to this many clients fit into the small address blocks. */
enum { FEW_CLIENTS = 240, FEW_ADDRESSES = 254, MANY_ADDRESSES = 2046 };

/* An end of the chain: hands packets to the host or core behind it. */
typedef struct {
  ho_element element;
  ho_network *network;
} end_element;

struct ho_network {
  ho_network_config config;
  ho_air *air;
  ho_nat *nat;
  ho_middlebox *middlebox;
  ho_background *background;
  ho_link *link;
  ho_trace trace[2]; /* by direction, of a recorded link */
  end_element client_end, core_end;
  ho_element bleach;
  ho_tap outside; /* where packets have left the access network */
  ho_addr base;   /* first external address */
  uint32_t owned; /* external addresses from |base| on */
  ho_addr inside; /* address of client 0 */
};

/* ---- addresses ---- */

/* 198.51.100.0/24 (RFC 5737) and what follows it, and RFC 3849's prefix, for
 * what the Internet sees; RFC 1918's and 4193's for what stands behind a NAT.
 * For many clients RFC 2544's block, 2,048 addresses a network. */
static void plan_v4(ho_network *n, uint32_t i, bool many) {
  n->base = ho_addr_v4(many ? 0xc6120001u + i * 2048 : 0xc6336401u + (i << 8));
  n->inside = n->base;
  if (n->config.config->nat.present) {
    n->inside =
        ho_addr_v4(many ? 0x0a00000au + (i << 16) : 0xc0a8000au + (i << 8));
  }
}

static void plan_v6(ho_network *n, uint8_t i) {
  ho_addr outside = {
      6, {0x20, 0x01, 0x0d, 0xb8, 0, i, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  ho_addr inside = {6, {0xfd, 0, 0, 0, 0, i, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10}};

  n->base = outside;
  n->inside = n->config.config->nat.present ? inside : outside;
}

static void plan_addresses(ho_network *n) {
  bool many = n->config.clients > FEW_CLIENTS;

  n->owned = many ? MANY_ADDRESSES : FEW_ADDRESSES;
  if (n->config.config->family == 6) {
    plan_v6(n, (uint8_t)n->config.index);
  } else {
    plan_v4(n, (uint32_t)n->config.index, many);
  }
}

/* How far |addr| is from |first|, as integers in their last 32 bits; whatever
 * is in front of those is the same for all addresses of a plan. */
static uint32_t distance(const ho_addr *first, const ho_addr *addr) {
  size_t at = first->family == 6 ? 12 : 0;
  uint32_t a = 0, b = 0;

  for (size_t i = at; i < at + 4; i++) {
    a = a << 8 | first->bytes[i];
    b = b << 8 | addr->bytes[i];
  }
  return b - a;
}

bool ho_network_owns(const ho_network *network, const ho_addr *addr) {
  bool v6 = addr->family == 6;

  if (addr->family != network->base.family ||
      (v6 && memcmp(addr->bytes, network->base.bytes, 6) != 0)) {
    return false;
  }
  return v6 || distance(&network->base, addr) < network->owned;
}

ho_addr ho_network_client_addr(const ho_network *network, int index) {
  return ho_addr_add(network->inside, (uint32_t)index);
}

/* Whose |pkt| is that comes from the core, by its destination; -1: nobody's. */
static int client_of(void *user, const ho_packet *pkt) {
  const ho_network *n = user;
  bool v6 = n->inside.family == 6;
  ho_addr dst = {n->inside.family, {0}};
  uint32_t index;

  memcpy(dst.bytes, pkt->data + (v6 ? 24 : 16), v6 ? 16 : 4);
  index = distance(&n->inside, &dst);
  return index < n->config.clients ? (int)index : -1;
}

/* ---- the ends ---- */

static void at_client(ho_element *self, ho_direction dir, ho_packet *pkt) {
  ho_network *n = ((end_element *)self)->network;
  int client = client_of(n, pkt);

  if (client < 0) {
    ho_element_drop(n->config.env, n->config.index, dir, pkt, "no-route");
    return;
  }
  n->config.to_client(n->config.user, n->config.index, client, pkt);
}

static void at_core(ho_element *self, ho_direction dir, ho_packet *pkt) {
  ho_network *n = ((end_element *)self)->network;

  (void)dir;
  n->config.to_server(n->config.user, n->config.index, pkt);
}

/* What anybody sees who taps the network's outer end, beyond the NAT.  No event
 * tells of the server's packets: where they were sent they were the same. */
static void see_outside(void *user, ho_direction dir, const ho_packet *pkt) {
  ho_network *n = user;
  ho_ip ip;

  if (dir == HO_DOWN) {
    ho_sinks_packet(n->config.env->sinks, HO_ON_WIRE, HO_SERVER,
                    n->config.index, pkt, ho_ns_now());
  } else if (ho_ip_parse(&ip, pkt->data, pkt->len) == 0) {
    HO_EMIT(n->config.env->log, wire, ho_ns_now(), pkt->client,
            .packet = pkt->id, .net = n->config.index, .proto = ip.proto,
            .tuple = {ip.src, ip.dst}, .bytes = pkt->len);
    ho_sinks_packet(n->config.env->sinks, HO_ON_WIRE, HO_CLIENT,
                    n->config.index, pkt, ho_ns_now());
  }
}

/* ---- the chain ---- */

static void air_changed(void *user, int client, ho_radio_state state,
                        unsigned cell, ho_time t_loss) {
  ho_network *n = user;

  n->config.on_radio(n->config.user, n->config.index, client, state, cell,
                     t_loss);
}

static void others_came_up(void *user, ho_packet *pkt) {
  ho_network *n = user;

  ho_background_enter(n->background, pkt);
}

static void others_down(void *user, ho_packet *pkt) {
  ho_network *n = user;

  ho_air_send_other(n->air, true, pkt);
}

static void others_up(void *user, ho_packet *pkt) {
  ho_network *n = user;

  ho_air_send_other(n->air, false, pkt);
}

static void make_air(ho_network *n) {
  ho_air_config config = {.net = n->config.config,
                          .index = n->config.index,
                          .clients = n->config.clients,
                          .start = n->config.start,
                          .scripted = n->config.scripted,
                          .client_of = client_of,
                          .changed = air_changed,
                          .others = others_came_up,
                          .user = n};

  n->air = ho_air_new(n->config.env, &config);
}

/* A recorded link's own delays lack the way to the server. */
static const ho_trace *make_trace(ho_network *n, ho_direction dir,
                                  const ho_trace *trace) {
  ho_trace *copy = &n->trace[dir];

  *copy = *trace;
  copy->rows = ho_alloc_array(trace->count, sizeof(*copy->rows));
  for (size_t i = 0; i < trace->count; i++) {
    copy->rows[i] = trace->rows[i];
    copy->rows[i].delay += n->config.beyond;
  }
  return copy;
}

static void make_link(ho_network *n) {
  const ho_net_config *net = n->config.config;
  ho_link_config config = {.name = net->name,
                           .net = n->config.index,
                           .clients = n->config.clients,
                           .wired = net->wired,
                           .beyond = 0,
                           .mtu = net->mtu};

  config.wired.delay += n->config.beyond;
  if (net->type == HO_NET_TRACE) {
    config.trace[HO_DOWN] = make_trace(n, HO_DOWN, &net->trace_down);
    config.trace[HO_UP] = make_trace(n, HO_UP, &net->trace_up);
  }
  n->link = ho_link_new(n->config.env, &config);
  if (!n->air && !net->connected) {
    ho_link_set_up(n->link, -1, false, ho_ns_now());
  }
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

static void make_background(ho_network *n) {
  const ho_net_config *net = n->config.config;
  bool air = n->air && ho_air_has_others(n->air);
  ho_background_config config = {.name = net->name,
                                 .down_bps = net->background_down_bps,
                                 .up_bps = net->background_up_bps,
                                 .mtu = net->mtu,
                                 .take = air ? others_down : NULL,
                                 .make = air ? others_up : NULL,
                                 .user = n};

  n->background = ho_background_new(n->config.env, &config);
}

/* Joins the elements that there are, from the clients' end to the core's. */
static void make_chain(ho_network *n) {
  ho_element *chain[14];
  size_t count = 0;

  chain[count++] = &n->client_end.element;
  if (n->config.rules[HO_CLIENT]) {
    chain[count++] = n->config.rules[HO_CLIENT];
  }
  if (n->air) {
    chain[count++] = ho_air_element(n->air);
  }
  if (n->nat) {
    chain[count++] = ho_nat_element(n->nat);
  }
  if (n->middlebox) {
    chain[count++] = ho_middlebox_element(n->middlebox);
  }
  if (n->config.config->bleaches) {
    ho_bleach_init(&n->bleach);
    chain[count++] = &n->bleach;
  }
  if (n->config.attack_near) {
    chain[count++] = n->config.attack_near;
  }
  if (n->background) {
    chain[count++] = ho_background_near(n->background);
  }
  chain[count++] = ho_link_element(n->link);
  if (n->background) {
    chain[count++] = ho_background_far(n->background);
  }
  if (n->config.attack_far) {
    chain[count++] = n->config.attack_far;
  }
  chain[count++] = &n->outside.element;
  if (n->config.rules[HO_SERVER]) {
    chain[count++] = n->config.rules[HO_SERVER];
  }
  chain[count++] = &n->core_end.element;
  for (size_t i = 1; i < count; i++) {
    ho_element_link(chain[i - 1], chain[i]);
  }
}

ho_network *ho_network_new(const ho_network_config *config) {
  ho_network *n = ho_alloc(sizeof(*n));
  const ho_net_config *net = config->config;

  n->config = *config;
  plan_addresses(n);
  n->client_end = (end_element){.element = {.push = at_client}, .network = n};
  n->core_end = (end_element){.element = {.push = at_core}, .network = n};
  ho_tap_init(&n->outside, see_outside, n);
  if (ho_net_is_radio(net)) {
    make_air(n);
  }
  if (net->nat.present) {
    make_nat(n);
  }
  if (config->middlebox) {
    n->middlebox = ho_middlebox_new(config->env, config->index);
  }
  if (net->background_down_bps + net->background_up_bps > 0) {
    make_background(n);
  }
  make_link(n);
  make_chain(n);
  return n;
}

void ho_network_del(ho_network *network) {
  if (!network) {
    return;
  }
  ho_air_del(network->air);
  ho_background_del(network->background);
  ho_middlebox_del(network->middlebox);
  ho_link_del(network->link);
  ho_nat_del(network->nat);
  free(network->trace[HO_UP].rows);
  free(network->trace[HO_DOWN].rows);
  free(network);
}

bool ho_network_ready(const ho_network *network) {
  return !network->air || ho_air_ready(network->air);
}

void ho_network_start(ho_network *network) {
  if (network->air) {
    ho_air_start(network->air);
  }
  if (network->background) {
    ho_background_start(network->background);
  }
}

ho_element *ho_network_out(ho_network *network) {
  return network->client_end.element.peer[HO_UP];
}

ho_element *ho_network_in(ho_network *network) {
  return network->core_end.element.peer[HO_DOWN];
}

/* ---- what happens to it ---- */

void ho_network_plug(ho_network *network, int client, bool in) {
  if (network->air) {
    ho_air_cut(network->air, client, !in);
  } else {
    ho_link_set_up(network->link, client, in, ho_ns_now());
  }
}

bool ho_network_is_usable(const ho_network *network, int client) {
  return network->air ? ho_air_is_associated(network->air, client)
                      : ho_link_is_up(network->link, client);
}

void ho_network_set(ho_network *network, ho_set_key key,
                    const ho_wired *value) {
  ho_wired wired = *value;

  wired.delay += network->config.beyond;
  ho_link_set(network->link, key, &wired, ho_ns_now());
}

void ho_network_rebind(ho_network *network, int client, ho_rebind what) {
  ho_addr inside;

  if (client < 0) {
    ho_nat_rebind(network->nat, what, NULL, ho_ns_now());
    return;
  }
  inside = ho_network_client_addr(network, client);
  ho_nat_rebind(network->nat, what, &inside, ho_ns_now());
}

void ho_network_flush(ho_network *network, int client) {
  ho_addr inside;

  if (client < 0) {
    ho_nat_flush(network->nat, NULL, ho_ns_now());
    return;
  }
  inside = ho_network_client_addr(network, client);
  ho_nat_flush(network->nat, &inside, ho_ns_now());
}

void ho_network_walk(ho_network *network, int client, ho_position to,
                     uint64_t mm_per_s) {
  if (network->air) {
    ho_air_walk(network->air, client, to, mm_per_s);
  }
}

int ho_network_handover(ho_network *network, int client, unsigned cell,
                        const char **why) {
  assert(network->air);
  return ho_air_handover(network->air, client, cell, why);
}

ho_middlebox *ho_network_middlebox(ho_network *network) {
  return network->middlebox;
}

void ho_network_end(ho_network *network) {
  if (network->nat) {
    ho_nat_sweep(network->nat, ho_ns_now());
  }
  if (network->air) {
    ho_air_check(network->air);
  }
  ho_link_check(network->link);
}
