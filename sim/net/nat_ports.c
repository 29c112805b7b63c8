/* Which external address and port a NAT's mapping gets. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/net/nat_mapping.h"

enum {
  FIRST_PORT = 1024,
  LAST_PORT = 65535,
  PORTS = LAST_PORT - FIRST_PORT + 1,
  DRAWS = 16
};

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

static ho_pair *find_pair(const ho_nat *nat, const ho_addr *inside) {
  ho_endpoint key = {*inside, 0};
  ho_nat_node *node = ho_nat_table_first(&nat->pairs, ho_nat_hash(0, &key));

  for (; node; node = ho_nat_table_next(node)) {
    ho_pair *pair = (ho_pair *)node;

    if (ho_addr_eq(&pair->inside, inside)) {
      return pair;
    }
  }
  return NULL;
}

uint32_t ho_ports_slot(ho_nat *nat, const ho_addr *inside) {
  ho_endpoint key = {*inside, 0};
  ho_pair *pair = find_pair(nat, inside);

  if (!pair) {
    pair = ho_alloc(sizeof(*pair));
    pair->inside = *inside;
    pair->slot = pick_slot(nat);
    pair->next = nat->first_pair;
    nat->first_pair = pair;
    ho_nat_table_add(&nat->pairs, &pair->node, ho_nat_hash(0, &key));
  }
  return pair->slot;
}

void ho_ports_move_slot(ho_nat *nat, const ho_addr *inside) {
  ho_pair *pair = find_pair(nat, inside);

  if (pair) {
    pair->slot = (pair->slot + nat->setup.config.pool) % nat->setup.owned;
  }
}

void ho_ports_forget_slots(ho_nat *nat, const ho_addr *inside) {
  ho_pair **at = &nat->first_pair;

  while (*at) {
    ho_pair *pair = *at;

    if (inside && !ho_addr_eq(&pair->inside, inside)) {
      at = &pair->next;
      continue;
    }
    *at = pair->next;
    ho_nat_table_remove(&nat->pairs, &pair->node);
    free(pair);
  }
}

static ho_port_space *space_of(ho_nat *nat, uint8_t proto, uint32_t slot) {
  ho_port_space **space = &nat->ports[proto == HO_PROTO_TCP][slot];

  if (!*space) {
    *space = ho_alloc(sizeof(**space));
  }
  return *space;
}

void ho_ports_free(ho_nat *nat) {
  for (int i = 0; i < 2; i++) {
    for (uint32_t slot = 0; slot < nat->setup.owned; slot++) {
      free(nat->ports[i][slot]);
    }
    free(nat->ports[i]);
  }
}

void ho_ports_take(ho_nat *nat, int table, uint8_t proto, uint32_t slot,
                   uint16_t port) {
  ho_port_space *space = space_of(nat, proto, slot);

  space->taken[table][port / 64] |= (uint64_t)1 << port % 64;
}

void ho_ports_release(ho_nat *nat, int table, uint8_t proto, uint32_t slot,
                      uint16_t port) {
  ho_port_space *space = space_of(nat, proto, slot);

  space->taken[table][port / 64] &= ~((uint64_t)1 << port % 64);
}

void ho_ports_clear(ho_nat *nat, int table) {
  for (int i = 0; i < 2; i++) {
    for (uint32_t slot = 0; slot < nat->setup.owned; slot++) {
      ho_port_space *space = nat->ports[i][slot];

      if (space) {
        memset(space->taken[table], 0, sizeof(space->taken[table]));
      }
    }
  }
}

static uint32_t wrapped(uint32_t port) {
  return port < FIRST_PORT || port > LAST_PORT ? FIRST_PORT : port;
}

/* next_free is the first port from |port| on, and around, that is taken in
 * neither |a| nor |b| nor is |not_port|; or 0. */
static uint32_t next_free(const uint64_t *a, const uint64_t *b, uint32_t port,
                          uint16_t not_port) {
  /* One word more than there are: the first is looked at from the middle. */
  for (size_t i = 0; i <= PORTS / 64; i++) {
    size_t word = port / 64;
    uint64_t free = ~(a[word] | b[word]) & UINT64_MAX << port % 64;

    if (not_port / 64 == word) {
      free &= ~((uint64_t)1 << not_port % 64);
    }
    if (free) {
      return (uint32_t)(word * 64 + (size_t)__builtin_ctzll(free));
    }
    port = wrapped((uint32_t)(word + 1) * 64);
  }
  return 0;
}

/* draw is a port at random; when a few are all taken, the next after the last
 * will do, so that the search is bounded. */
static uint32_t draw(ho_nat *nat, const uint64_t *a, const uint64_t *b,
                     uint16_t not_port) {
  uint32_t port = FIRST_PORT;

  for (int i = 0; i < DRAWS; i++) {
    port = FIRST_PORT + (uint32_t)ho_rng_below(&nat->rng, PORTS);
    if (next_free(a, b, port, not_port) == port) {
      break;
    }
  }
  return port;
}

uint16_t ho_ports_pick(ho_nat *nat, uint8_t proto, uint32_t slot, uint32_t was,
                       uint32_t want, uint16_t not_port) {
  ho_port_space *space = space_of(nat, proto, slot);
  const uint64_t *next = space->taken[nat->current ^ 1];
  const uint64_t *old = space_of(nat, proto, was)->taken[nat->current];
  uint32_t port = want;

  switch (nat->setup.config.ports) {
  case HO_NAT_PRESERVE:
    break;
  case HO_NAT_SEQUENTIAL:
    port = space->next;
    break;
  case HO_NAT_RANDOM:
    port = draw(nat, old, next, not_port);
    break;
  }
  port = next_free(old, next, wrapped(port), not_port);
  space->next = (uint16_t)wrapped(port + 1);
  return (uint16_t)port;
}

uint16_t ho_ports_keep(ho_nat *nat, uint8_t proto, uint32_t slot, uint32_t was,
                       uint16_t port) {
  return (uint16_t)next_free(
      space_of(nat, proto, was)->taken[nat->current],
      space_of(nat, proto, slot)->taken[nat->current ^ 1], port, 0);
}
