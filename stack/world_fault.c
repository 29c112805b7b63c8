/* Faulty endpoints of a world. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "stack/world_private.h"

struct world_faults {
  ho_sink *sinks; /* the caller's, and our own */
  ho_sinks all;
  ho_faults *server;
  ho_faults **clients; /* NULL where there is none */
};

/* Whether the timeline ever makes |client| (-1: the server) faulty. */
static bool is_faulty(const ho_scenario *s, ho_side side, int client) {
  for (size_t i = 0; i < s->timeline_count; i++) {
    const ho_action *a = &s->timeline[i];
    if (a->kind == HO_ACT_FAULT && a->faulty == side &&
        (side == HO_SERVER || a->client < 0 || a->client == client)) {
      return true;
    }
  }
  return false;
}

static void on_secret(void *user, ho_side of, int client, uint64_t connection,
                      uint8_t proto, const char *label, const uint8_t *random,
                      const uint8_t *secret, size_t len, ho_time now) {
  world *w = user;
  ho_faults *at[] = {w->faults->server,
                     client >= 0 ? w->faults->clients[client] : NULL};

  (void)random, (void)now;
  for (size_t i = 0; i < 2 && proto == HO_PROTO_UDP; i++) {
    if (at[i]) {
      ho_faults_secret(at[i], of, client, connection, label, secret, len);
    }
  }
}

/* Secrets come by a sink, which nobody pays for without a fault. */
static void add_sink(world *w) {
  const ho_sinks *given = w->env.sinks;
  size_t count = given ? given->count : 0;
  world_faults *f = w->faults;

  f->sinks = ho_alloc_array(count + 1, sizeof(*f->sinks));
  for (size_t i = 0; i < count; i++) {
    f->sinks[i] = given->list[i];
  }
  f->sinks[count] = (ho_sink){.secret = on_secret, .user = w};
  f->all = (ho_sinks){f->sinks, count + 1};
  w->env.sinks = &f->all;
}

void world_faults_make(world *w) {
  const ho_scenario *s = w->scenario;
  world_faults *f = ho_alloc(sizeof(*f));
  bool any = is_faulty(s, HO_SERVER, -1);

  f->clients = ho_alloc_array(s->clients, sizeof(ho_faults *));
  if (any) {
    f->server = ho_faults_new(&w->env, HO_SERVER);
  }
  for (size_t i = 0; i < s->clients; i++) {
    if (is_faulty(s, HO_CLIENT, (int)i)) {
      f->clients[i] = ho_faults_new(&w->env, HO_CLIENT);
      any = true;
    }
  }
  w->faults = f;
  if (any) {
    add_sink(w);
  }
}

ho_faults *world_faults_server(world *w) {
  ho_faults *f = w->faults->server;

  for (int i = 0; f && i < 2; i++) {
    ho_faults_local(f, &w->server_at[i].addr);
  }
  return f;
}

ho_faults *world_faults_client(world *w, int client) {
  ho_faults *f = w->faults->clients[client];

  for (size_t i = 0; f && i < w->scenario->nets_count; i++) {
    ho_addr addr = ho_network_client_addr(w->nets[i], client);
    ho_faults_local(f, &addr);
  }
  return f;
}

void world_fault(world *w, int client, const ho_action *a) {
  ho_faults *f =
      a->faulty == HO_SERVER ? w->faults->server : w->faults->clients[client];

  ho_faults_begin(f, client, a->fault);
}

void world_faults_free(world *w) {
  for (size_t i = 0; i < w->scenario->clients; i++) {
    ho_faults_del(w->faults->clients[i]);
  }
  ho_faults_del(w->faults->server);
  free(w->faults->clients);
  free(w->faults->sinks);
  free(w->faults);
}
