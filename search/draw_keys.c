/* What may be set, where a scenario's `search` does not say. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "search/draw.h"
#include "sim/base/alloc.h"

enum { CHOICES = 8 };

/* The choices of a key, up to the first NULL. */
typedef struct {
  const char *key;
  const char *choices[CHOICES];
} line;

/* Rates such that the transfers below outlast the span of the actions. */
static const line of_links[] = {
    {"delay", {"1ms..20ms", "20ms..120ms"}},
    {"down", {"500kbps..20Mbps"}},
    {"up", {"300kbps..10Mbps"}},
    {"jitter", {"1ms..15ms"}},
    {"loss", {"0.1%..2%"}},
    {"reorder", {"0.5%..5%"}},
    {"queue", {"10p", "1bdp", "4bdp"}},
};

static const line of_nets[] = {
    {"ecn", {"bleach"}},
    {"mtu", {"1280", "1400"}},
};

static const line of_nats[] = {
    {"nat", {"home-router", "cgn", "symmetric", "full-cone"}},
};

static const line of_all[] = {
    {"client.notice", {"0ms", "1ms..30ms", "30ms..600ms", "never"}},
    {"workload",
     {"{type: download, bytes: 1500KB}", "{type: download, bytes: 100KB}",
      "{type: download, bytes: 200KB, objects: 5}",
      "{type: upload, bytes: 1MB}",
      "{type: request, every: 150ms, request: 500B, response: 10KB, "
      "count: 25}",
      "{type: echo, every: 100ms, bytes: 200B}"}},
    {"server.delay", {"1ms..40ms"}},
    {"server.cid_length", {"4", "12", "18", "20"}},
    {"server.active_connection_id_limit", {"2", "3", "4", "8"}},
    {"server.disable_active_migration", {"true"}},
    {"server.preferred_address", {"ipv4"}},
    {"server.retry", {"true"}},
    {"server.stateless_reset", {"false"}},
    {"clients", {"2", "3", "4"}},
};

static const line of_arms[] = {
    {"cid_length", {"0", "4", "12", "20"}},
    {"active_connection_id_limit", {"2", "3", "4", "8"}},
    {"keepalive", {"200ms", "never"}},
    {"pmtud", {"false"}},
    {"cc", {"reno", "bbr"}},
};

static void add(ho_draw *draw, char *key, const line *l) {
  size_t count = 0;

  while (count < CHOICES && l->choices[count]) {
    count++;
  }
  ho_draw_key_add(draw, key, l->choices, count);
}

/* What some scenarios cannot say: groups have numbers of clients of their own,
 * and a preferred address comes with a CID (RFC 9000, 18.2). */
static bool has_place(const ho_scenario *sc, const char *key) {
  if (!strcmp(key, "clients")) {
    return sc->groups_count == 0;
  }
  if (!strcmp(key, "server.preferred_address")) {
    return sc->server.cid_length > 0;
  }
  return true;
}

static void add_table(ho_draw *draw, const char *prefix, const line *lines,
                      size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (has_place(draw->scenario, lines[i].key)) {
      add(draw, ho_format("%s%s", prefix, lines[i].key), &lines[i]);
    }
  }
}

#define TABLE(lines) lines, sizeof(lines) / sizeof((lines)[0])

/* Of a radio, what its model does not have is its backhaul's. */
static void add_net(ho_draw *draw, const ho_net_config *net) {
  char *prefix = ho_format("networks.%s.%s", net->name,
                           ho_net_is_radio(net) ? "backhaul." : "");

  if (net->type != HO_NET_TRACE && !net->preset) {
    add_table(draw, prefix, TABLE(of_links));
  }
  free(prefix);
  prefix = ho_format("networks.%s.", net->name);
  add_table(draw, prefix, TABLE(of_nets));
  if (net->nat.present) {
    add_table(draw, prefix, TABLE(of_nats));
  }
  free(prefix);
}

void ho_draw_keys_default(ho_draw *draw) {
  const ho_scenario *sc = draw->scenario;

  for (size_t i = 0; i < sc->nets_count; i++) {
    add_net(draw, &sc->nets[i]);
  }
  add_table(draw, "", TABLE(of_all));
  add_table(draw, "arm.", TABLE(of_arms));
}

void ho_draw_key_add(ho_draw *draw, char *key, const char *const *choices,
                     size_t count) {
  ho_draw_key *own;

  ho_grow(&draw->keys, draw->keys_count, &draw->keys_cap, sizeof(ho_draw_key));
  own = &draw->keys[draw->keys_count++];
  *own = (ho_draw_key){.key = key};
  for (size_t i = 0; i < count; i++) {
    ho_grow(&own->choices, own->count, &own->cap, sizeof(char *));
    own->choices[own->count++] = ho_strdup(choices[i]);
  }
}
