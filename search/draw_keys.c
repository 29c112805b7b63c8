/* What may be set, where a scenario's `search` does not say. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "search/draw.h"
#include "sim/base/alloc.h"

enum { CHOICES = 8 };

/* The choices of a key, up to the first NULL.  What a scenario cannot say, such
 * as numbers of clients beside groups, its search finds out. */
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
    {"address", {"10ms..600ms"}},
};

/* The other one than the file's. */
static const line of_ipv4 = {"family", {"ipv6"}},
                  of_ipv6 = {"family", {"ipv4"}};

static const line of_nats[] = {
    {"nat", {"home-router", "cgn", "symmetric", "full-cone"}},
    {"nat.udp_timeout", {"400ms..4s"}},
};

/* Some last longer than the keep-alives of some arms are apart. */
#define IDLE "700ms..6s"

static const line of_all[] = {
    {"client.notice", {"0ms", "1ms..30ms", "30ms..600ms", "never"}},
    {"client.return", {"0ms", "10ms..2s"}},
    {"workload",
     {"{type: download, bytes: 1500KB}", "{type: download, bytes: 100KB}",
      "{type: download, bytes: 200KB, objects: 5}",
      "{type: upload, bytes: 1MB}",
      "{type: request, every: 150ms, request: 500B, response: 10KB, "
      "count: 25}",
      "{type: echo, every: 100ms, bytes: 200B}",
      "{type: stream, up: 100kbps, down: 300kbps, frame: 100ms}",
      "{type: idle}"}},
    {"server.delay", {"1ms..40ms"}},
    {"server.cid_length", {"0", "4", "12", "18", "20"}},
    {"server.active_connection_id_limit", {"2", "3", "4", "8"}},
    {"server.disable_active_migration", {"true"}},
    {"server.preferred_address", {"ipv4", "ipv6", "both"}},
    {"server.preferred_address.dead", {"true"}},
    {"server.idle_timeout", {IDLE}},
    {"server.load_balancer.servers", {"16"}},
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
    {"idle_timeout", {IDLE}},
    {"preferred_address", {"false"}},
    {"tls", {"resume", "0rtt"}},
    {"policy.causes",
     {"disconnected", "default", "disconnected,write-error",
      "disconnected,default,degrading"}},
    {"policy.degrading_after", {"100ms..2s"}},
    {"policy.port_migration", {"true"}},
    {"policy.wait", {"100ms..3s"}},
    {"policy.away", {"200ms..3s"}},
    {"policy.attempts", {"0", "1", "2"}},
};

static void add(ho_draw *draw, char *key, const line *l) {
  size_t count = 0;

  while (count < CHOICES && l->choices[count]) {
    count++;
  }
  ho_draw_key_add(draw, key, l->choices, count);
}

static void add_table(ho_draw *draw, const char *prefix, const line *lines,
                      size_t count) {
  for (size_t i = 0; i < count; i++) {
    add(draw, ho_format("%s%s", prefix, lines[i].key), &lines[i]);
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
  add_table(draw, prefix, net->family == 4 ? &of_ipv4 : &of_ipv6, 1);
  if (net->nat.present) {
    add_table(draw, prefix, TABLE(of_nats));
  }
  free(prefix);
}

/* Where the client may begin, and what it may lack then. */
static void add_start(ho_draw *draw) {
  const ho_scenario *sc = draw->scenario;

  for (size_t i = 0; i < sc->nets_count && sc->groups_count == 0; i++) {
    const char *name = sc->nets[i].name;
    if ((int)i != sc->client_start && sc->nets[i].connected) {
      static const char *const no[] = {"false"};
      ho_draw_key_add(draw, ho_strdup("client.start"), &name, 1);
      ho_draw_key_add(draw, ho_format("networks.%s.connected", name), no, 1);
    }
  }
}

void ho_draw_keys_default(ho_draw *draw) {
  const ho_scenario *sc = draw->scenario;

  for (size_t i = 0; i < sc->nets_count; i++) {
    add_net(draw, &sc->nets[i]);
  }
  add_start(draw);
  add_table(draw, "", TABLE(of_all));
  add_table(draw, "arm.", TABLE(of_arms));
}

void ho_draw_choice_drop(ho_draw *draw, size_t key, size_t choice) {
  ho_draw_key *k = &draw->keys[key];

  free(k->choices[choice]);
  k->count--;
  memmove(&k->choices[choice], &k->choices[choice + 1],
          (k->count - choice) * sizeof(char *));
  if (k->count == 0) {
    free(k->choices);
    free(k->key);
    draw->keys_count--;
    memmove(k, k + 1, (draw->keys_count - key) * sizeof(*k));
  }
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
