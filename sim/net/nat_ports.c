/* Which external address and port a NAT's mapping gets. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/net/nat_mapping.h"

enum { FIRST_PORT = 1024, PORTS = 65536 - FIRST_PORT, REDRAWS = 16 };

ho_addr ho_ports_address(const ho_nat *nat, uint32_t slot) {
  uint32_t n = (nat->offset + slot) % nat->setup.owned;

  return ho_addr_add(nat->setup.base, n);
}

/* pick_slot: in turn, or at random as the ports are. */
static uint32_t pick_slot(ho_nat *nat) {
  uint32_t pool = nat->setup.config.pool;

  if (nat->setup.config.ports == HO_NAT_RANDOM && pool > 1) {
    return (uint32_t)ho_rng_below(&nat->rng, pool);
  }
  return nat->pairs_made++ % pool;
}

uint32_t ho_ports_slot(ho_nat *nat, const ho_addr *inside) {
  ho_endpoint key = {*inside, 0};
  uint64_t hash = ho_nat_hash(0, &key);
  ho_nat_node *node = ho_nat_table_first(&nat->pairs, hash);
  ho_pair *pair;

  for (; node; node = ho_nat_table_next(node)) {
    pair = (ho_pair *)node;
    if (ho_addr_eq(&pair->inside, inside)) {
      return pair->slot;
    }
  }
  pair = ho_alloc(sizeof(*pair));
  pair->inside = *inside;
  pair->slot = pick_slot(nat);
  pair->next = nat->first_pair;
  nat->first_pair = pair;
  ho_nat_table_add(&nat->pairs, &pair->node, hash);
  return pair->slot;
}

void ho_ports_forget_slots(ho_nat *nat) {
  ho_nat_table_clear(&nat->pairs);
  while (nat->first_pair) {
    ho_pair *pair = nat->first_pair;

    nat->first_pair = pair->next;
    free(pair);
  }
}

ho_port_space *ho_ports_space(ho_nat *nat, uint8_t proto, uint32_t slot) {
  return &nat->ports[proto == HO_PROTO_TCP][slot];
}

/* is_free looks in both tables: during a rebind, neither an old endpoint nor
 * one already given anew may be taken. */
static bool is_free(ho_nat *nat, uint8_t proto, const ho_endpoint *outside) {
  bool held;

  held = ho_mapping_in(nat, proto, outside) != NULL;
  nat->current ^= 1;
  held = held || ho_mapping_in(nat, proto, outside);
  nat->current ^= 1;
  return !held;
}

static uint32_t wrapped(uint32_t port) {
  return port < FIRST_PORT || port > 65535 ? FIRST_PORT : port;
}

static uint32_t draw(ho_nat *nat) {
  return FIRST_PORT + (uint32_t)ho_rng_below(&nat->rng, PORTS);
}

uint16_t ho_ports_pick(ho_nat *nat, uint8_t proto, uint32_t slot, uint32_t want,
                       uint16_t not_port) {
  ho_port_space *space = ho_ports_space(nat, proto, slot);
  ho_nat_ports choice = nat->setup.config.ports;
  ho_endpoint outside = {ho_ports_address(nat, slot), 0};
  int redraws = choice == HO_NAT_RANDOM ? REDRAWS : 0;
  uint32_t port = choice == HO_NAT_RANDOM       ? draw(nat)
                  : choice == HO_NAT_SEQUENTIAL ? space->next
                                                : want;

  if (space->used >= PORTS && !not_port) {
    return 0;
  }
  /* A random choice that keeps meeting taken ports ends by going upward too, so
   * that the search is bounded. */
  for (int i = 0; i < PORTS + REDRAWS; i++) {
    port = wrapped(port);
    outside.port = (uint16_t)port;
    if (port != not_port && is_free(nat, proto, &outside)) {
      space->next = (uint16_t)wrapped(port + 1);
      return (uint16_t)port;
    }
    port = redraws-- > 0 ? draw(nat) : port + 1;
  }
  return 0;
}
