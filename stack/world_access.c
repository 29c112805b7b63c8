/* From radios and cables to the clients' networks. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/ns3/ns3.h"
#include "stack/world_private.h"

/* How long radios may take before time 0, and how much more for each client:
 * their searches are staggered, so that they do not all begin at once. */
static const ho_time warm_up = 3 * HO_SEC, warm_up_each = 20 * HO_MSEC;

static world_access *access_of(world *w, int net, int client) {
  return &w->accesses[(size_t)net * w->scenario->clients + (size_t)client];
}

/* ---- an address takes its time ---- */

typedef struct {
  world *w;
  int net, client;
  unsigned turn;
} pending_address;

static void have_address(void *user) {
  pending_address p = *(pending_address *)user;

  free(user);
  if (p.turn == access_of(p.w, p.net, p.client)->turn) {
    ho_client_connect(p.w->clients[p.client], p.net);
  }
}

/* The network is there again; the client may use it when it has an address. */
static void come_up(world *w, int net, int client) {
  ho_time after = w->scenario->nets[net].address;
  pending_address *p;

  if (after == 0) {
    ho_client_connect(w->clients[client], net);
    return;
  }
  p = ho_alloc(sizeof(*p));
  *p = (pending_address){w, net, client, access_of(w, net, client)->turn};
  ho_ns_at(ho_ns_now() + after, have_address, p);
}

static void go_down(world *w, int net, int client, const char *kind,
                    ho_time t_loss) {
  access_of(w, net, client)->turn++;
  ho_client_disconnect(w->clients[client], net, kind, t_loss);
}

/* ---- what happens ---- */

static const char *state_name(ho_radio_state state) {
  static const char *const names[] = {
      [HO_RADIO_SEARCHING] = "searching",
      [HO_RADIO_ASSOCIATED] = "associated",
      [HO_RADIO_FADED] = "faded",
      [HO_RADIO_HANDOVER_START] = "handover-start",
      [HO_RADIO_HANDOVER_DONE] = "handover-done",
      [HO_RADIO_HANDOVER_FAILED] = "handover-failed"};

  return names[state];
}

void world_on_radio(void *user, int net, int client, ho_radio_state state,
                    unsigned cell, ho_time t_loss) {
  world *w = user;
  world_access *a = access_of(w, net, client);

  if (!w->started) {
    return; /* associations before time 0 are not the run's */
  }
  HO_EMIT(w->env.log, radio, ho_ns_now(), client, .net = net,
          .state = state_name(state), .cell = cell);
  switch (state) {
  case HO_RADIO_ASSOCIATED:
    come_up(w, net, client);
    break;
  case HO_RADIO_FADED:
    go_down(w, net, client, "radio", t_loss);
    break;
  case HO_RADIO_HANDOVER_START:
    a->t_start = ho_ns_now();
    break;
  case HO_RADIO_HANDOVER_DONE:
    ho_client_handed_over(w->clients[client], net, a->t_start);
    break;
  case HO_RADIO_SEARCHING:
  case HO_RADIO_HANDOVER_FAILED:
    break;
  }
}

void world_plug(world *w, int net, int client, bool in) {
  ho_network_plug(w->nets[net], client, in);
  if (!in) {
    go_down(w, net, client, "disconnect", ho_ns_now());
  } else if (!ho_net_is_radio(&w->scenario->nets[net])) {
    come_up(w, net, client); /* a radio says so itself */
  }
}

/* ---- before time 0 ---- */

static bool all_ready(void *user) {
  const world *w = user;

  for (size_t i = 0; i < w->scenario->nets_count; i++) {
    if (!ho_network_ready(w->nets[i])) {
      return false;
    }
  }
  return true;
}

static bool has_radio(const ho_scenario *s) {
  for (size_t i = 0; i < s->nets_count; i++) {
    if (ho_net_is_radio(&s->nets[i])) {
      return true;
    }
  }
  return false;
}

/* A radio that should have been there at time 0 and is not. */
static bool is_unreached(const world *w, size_t net, size_t client) {
  return w->scenario->nets[net].connected &&
         !ho_network_is_usable(w->nets[net], (int)client);
}

void world_warm_up(world *w) {
  const ho_scenario *s = w->scenario;

  if (!has_radio(s)) {
    return;
  }
  ho_ns_warm_up(all_ready, w, warm_up + s->clients * warm_up_each);
}

void world_tell_unreached(world *w) {
  for (size_t i = 0; i < w->scenario->nets_count; i++) {
    for (size_t c = 0; c < w->scenario->clients; c++) {
      if (is_unreached(w, i, c)) {
        ho_client_disconnect(w->clients[c], (int)i, "radio", 0);
      }
    }
  }
}

void world_report_unreached(world *w) {
  for (size_t i = 0; i < w->scenario->nets_count; i++) {
    for (size_t c = 0; c < w->scenario->clients; c++) {
      if (is_unreached(w, i, c)) {
        HO_EMIT(w->env.log, radio, ho_ns_now(), (int)c, .net = (int)i,
                .state = "out-of-reach", .cell = 0);
      }
    }
  }
}
