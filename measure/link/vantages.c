/* Vantage points: which observer gets to see which packets of a run. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/link/vantages.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"

/* A tap is a network's index, or behind those the server's. */
typedef struct {
  ho_observer *observer; /* NULL: nobody looks on from here */
  bool *taps;
  int *clients; /* by flow */
  size_t count, cap;
} vantage;

struct ho_vantages {
  const ho_scenario *scenario;
  vantage list[HO_VANTAGE_COUNT];
};

/* ---- taps ---- */

/* Whether a client that moves starts in |net|. */
static bool is_old(const ho_scenario *s, size_t net) {
  for (size_t i = 0; i < s->clients; i++) {
    if (ho_scenario_moves(s, i) && ho_scenario_start(s, i) == (int)net) {
      return true;
    }
  }
  return false;
}

static bool has_tap(const ho_scenario *s, ho_vantage where, size_t tap) {
  bool server = tap == s->nets_count;

  switch (where) {
  case HO_VANTAGE_OLD:
    return !server && is_old(s, tap);
  case HO_VANTAGE_NEW:
    return !server && !is_old(s, tap);
  case HO_VANTAGE_BOTH:
    return !server;
  case HO_VANTAGE_SERVER:
    return server;
  case HO_VANTAGE_ALL:
  case HO_VANTAGE_COUNT:
    break;
  }
  return true;
}

static void make(vantage *v, const ho_scenario *s, ho_vantage where) {
  ho_observer_config config = {.server_tap = (unsigned)s->nets_count};

  if (s->server.lb) {
    config.server_cid_len = (uint8_t)s->server.cid_length;
    config.server_id_len =
        s->server.lb_encrypted ? 0 : (uint8_t)s->server.lb_server_id_length;
  }
  v->observer = ho_observer_new(&config);
  v->taps = ho_alloc_array(s->nets_count + 1, sizeof(*v->taps));
  for (size_t tap = 0; tap <= s->nets_count; tap++) {
    v->taps[tap] = has_tap(s, where, tap);
  }
}

ho_vantages *ho_vantages_new(const ho_scenario *scenario) {
  ho_vantages *v;

  if (scenario->observers == 0) {
    return NULL;
  }
  v = ho_alloc(sizeof(*v));
  v->scenario = scenario;
  for (int i = 0; i < HO_VANTAGE_COUNT; i++) {
    if (scenario->observers >> i & 1) {
      make(&v->list[i], scenario, (ho_vantage)i);
    }
  }
  return v;
}

void ho_vantages_del(ho_vantages *vantages) {
  if (!vantages) {
    return;
  }
  for (int i = 0; i < HO_VANTAGE_COUNT; i++) {
    ho_observer_del(vantages->list[i].observer);
    free(vantages->list[i].taps);
    free(vantages->list[i].clients);
  }
  free(vantages);
}

/* ---- packets ---- */

/* The tap that a packet passes there; -1: none. */
static int tap_of(const ho_scenario *s, ho_seen_at at, ho_side from, int net) {
  switch (at) {
  case HO_SENT:
    return from == HO_SERVER ? (int)s->nets_count : -1;
  case HO_ON_WIRE:
    return net;
  case HO_RECEIVED:
    break;
  }
  return from == HO_CLIENT ? (int)s->nets_count : -1;
}

/* A flow is whose first packet with an owner it has: a server may send one
 * that belongs to no connection. */
static void own(vantage *v, int64_t flow, int client) {
  if (flow == HO_NO_FLOW) {
    return;
  }
  if ((size_t)flow == v->count) {
    ho_grow(&v->clients, v->count, &v->cap, sizeof(*v->clients));
    v->clients[v->count++] = -1;
  }
  if (v->clients[flow] < 0) {
    v->clients[flow] = client;
  }
}

static void on_packet(void *user, ho_seen_at at, ho_side from, int net,
                      const ho_packet *pkt, ho_time now) {
  ho_vantages *vantages = user;
  int tap = tap_of(vantages->scenario, at, from, net);
  ho_glimpse glimpse = {.t = now,
                        .tap = (unsigned)tap,
                        .up = from == HO_CLIENT,
                        .data = pkt->data,
                        .len = pkt->len};

  if (tap < 0) {
    return;
  }
  for (int i = 0; i < HO_VANTAGE_COUNT; i++) {
    vantage *v = &vantages->list[i];

    if (v->observer && v->taps[tap]) {
      own(v, ho_observer_see(v->observer, &glimpse), pkt->client);
    }
  }
}

ho_sink ho_vantages_sink(ho_vantages *vantages) {
  return (ho_sink){.packet = on_packet, .user = vantages};
}

/* ---- what they have seen ---- */

void ho_vantages_finish(ho_vantages *vantages) {
  for (int i = 0; i < HO_VANTAGE_COUNT; i++) {
    if (vantages->list[i].observer) {
      ho_observer_finish(vantages->list[i].observer);
    }
  }
}

const ho_observer *ho_vantages_observer(const ho_vantages *vantages,
                                        ho_vantage where) {
  return vantages->list[where].observer;
}

int ho_vantages_client(const ho_vantages *vantages, ho_vantage where,
                       size_t flow) {
  assert(flow < vantages->list[where].count);
  return vantages->list[where].clients[flow];
}
