/* Whom a NAT's mappings have sent to, and the state of TCP connections. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/net/nat_mapping.h"

uint64_t ho_nat_hash(uint64_t seed, const ho_endpoint *endpoint) {
  uint64_t half[2], h = seed ^ endpoint->port;

  memcpy(half, endpoint->addr.bytes, sizeof(half));
  h = (h ^ half[0]) * 0x9e3779b97f4a7c15u;
  h ^= h >> 29;
  h = (h ^ half[1]) * 0xbf58476d1ce4e5b9u;
  return h ^ h >> 32;
}

static ho_remote *find(const ho_nat *nat, const ho_mapping *m,
                       const ho_endpoint *endpoint) {
  uint64_t hash = ho_nat_hash(m->serial << 16, endpoint);
  ho_nat_node *node = ho_nat_table_first(&nat->remotes, hash);

  for (; node; node = ho_nat_table_next(node)) {
    ho_remote *r = (ho_remote *)node;

    if (r->mapping == m->serial && ho_endpoint_eq(&r->endpoint, endpoint)) {
      return r;
    }
  }
  return NULL;
}

static ho_remote *find_or_add(ho_nat *nat, ho_mapping *m,
                              const ho_endpoint *endpoint) {
  ho_remote *r = find(nat, m, endpoint);

  if (!r) {
    r = ho_alloc(sizeof(*r));
    r->mapping = m->serial;
    r->endpoint = *endpoint;
    r->next = m->remotes;
    m->remotes = r;
    ho_nat_table_add(&nat->remotes, &r->node,
                     ho_nat_hash(m->serial << 16, endpoint));
  }
  return r;
}

void ho_remote_sent(ho_nat *nat, ho_mapping *m, const ho_endpoint *to) {
  ho_endpoint whom = *to;

  switch (nat->setup.config.filtering) {
  case HO_NAT_INDEPENDENT:
    return;
  case HO_NAT_ADDRESS:
    whom.port = 0;
    break;
  case HO_NAT_ADDRESS_PORT:
    break;
  }
  find_or_add(nat, m, &whom)->sent_to = true;
}

bool ho_remote_may_enter(ho_nat *nat, const ho_mapping *m,
                         const ho_endpoint *from) {
  ho_endpoint whom = *from;
  const ho_remote *r;

  switch (nat->setup.config.filtering) {
  case HO_NAT_INDEPENDENT:
    return true;
  case HO_NAT_ADDRESS:
    whom.port = 0;
    break;
  case HO_NAT_ADDRESS_PORT:
    break;
  }
  r = find(nat, m, &whom);
  return r && r->sent_to;
}

static bool is_closed(const ho_remote *r) {
  return r->rst || (r->fin[HO_UP] && r->fin[HO_DOWN]);
}

static bool is_established(const ho_remote *r) {
  return r->syn[HO_UP] && r->syn[HO_DOWN] && !is_closed(r);
}

void ho_remote_track(ho_nat *nat, ho_mapping *m, const ho_endpoint *remote,
                     ho_direction dir, uint8_t flags) {
  ho_remote *r = find_or_add(nat, m, remote);
  bool was = is_established(r);

  if (flags & HO_TCP_RST) {
    r->rst = true;
  } else if (flags & HO_TCP_SYN) {
    if (is_closed(r)) { /* the same ports again: a new connection */
      memset(r->syn, 0, sizeof(r->syn));
      memset(r->fin, 0, sizeof(r->fin));
      r->rst = false;
    }
    r->syn[dir] = true;
  } else if (flags & HO_TCP_FIN) {
    r->fin[dir] = true;
  }
  m->established += is_established(r);
  m->established -= was;
}

void ho_remote_forget_all(ho_nat *nat, ho_mapping *m) {
  while (m->remotes) {
    ho_remote *r = m->remotes;

    m->remotes = r->next;
    ho_nat_table_remove(&nat->remotes, &r->node);
    free(r);
  }
  m->established = 0;
}
