/* Ports of attackers that stand for those of clients. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/base/alloc.h"
#include "sim/net/attack_private.h"

/* A storm's ports, one after the other. */
enum { LOWEST_FRESH = 20000, HIGHEST_FRESH = 60000 };

static ho_endpoint *table(ho_endpoint **entries) {
  if (!*entries) {
    *entries = ho_alloc_array(HO_ATTACK_PORTS, sizeof(**entries));
  }
  return *entries;
}

static bool is_free(const ho_endpoint *entry) {
  return entry->addr.family == 0;
}

/* The client's own port number, or the next one that is nobody else's. */
ho_endpoint ho_attack_proxy(ho_attackers *at, const ho_endpoint *client) {
  ho_endpoint *entries = table(&at->proxies);
  uint16_t port = client->port;

  for (unsigned i = 0; i < HO_ATTACK_PORTS; i++, port++) {
    if (is_free(&entries[port]) || ho_endpoint_eq(&entries[port], client)) {
      break;
    }
  }
  entries[port] = *client;
  return (ho_endpoint){ho_attackers_addr(at->config.net, client->addr.family),
                       port};
}

/* A real port stands for itself, so that it is never taken for a fake one. */
void ho_attack_note(ho_attackers *at, const ho_endpoint *client) {
  if (at->ports) {
    at->ports[client->port] = *client;
  }
}

static bool is_real(const ho_endpoint *entry, uint16_t port) {
  return !is_free(entry) && entry->port == port;
}

ho_endpoint ho_attack_fresh(ho_attackers *at, const ho_endpoint *client) {
  ho_endpoint *entries = table(&at->ports);

  entries[client->port] = *client;
  for (unsigned i = LOWEST_FRESH; i <= HIGHEST_FRESH; i++) {
    at->last_port++;
    if (at->last_port < LOWEST_FRESH || at->last_port > HIGHEST_FRESH) {
      at->last_port = LOWEST_FRESH;
    }
    if (!is_real(&entries[at->last_port], at->last_port)) {
      break;
    }
  }
  entries[at->last_port] = *client;
  return (ho_endpoint){client->addr, at->last_port};
}

const ho_endpoint *ho_attack_meant(const ho_attackers *at,
                                   const ho_endpoint *fake) {
  ho_addr own = ho_attackers_addr(at->config.net, fake->addr.family);
  const ho_endpoint *e;

  if (ho_addr_eq(&fake->addr, &own)) {
    e = at->proxies ? &at->proxies[fake->port] : NULL;
    return e && !is_free(e) ? e : NULL;
  }
  e = at->ports ? &at->ports[fake->port] : NULL;
  return e && ho_addr_eq(&e->addr, &fake->addr) && e->port != fake->port ? e
                                                                         : NULL;
}
