/* The timeline of a world. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/ns3/ns3.h"
#include "stack/world_private.h"

/* ---- what happens to one client ---- */

static void rebind(world *w, int client, const ho_action *a) {
  static const char *const kinds[] = {[HO_REBIND_PORT] = "rebind-port",
                                      [HO_REBIND_ADDRESS] = "rebind-address",
                                      [HO_REBIND_BOTH] = "rebind-both"};

  ho_client_changed(w->clients[client], a->net, kinds[a->rebind], ho_ns_now());
}

/* The application goes quiet at both ends: a download stops at the server. */
static void pause_work(world *w, int client, bool paused) {
  ho_service_pause(w->service, client, paused);
  if (paused) {
    ho_client_pause(w->clients[client]);
    return;
  }
  ho_client_resume(w->clients[client]);
  world_server_resume(w);
}

static void walk(world *w, int client, const ho_action *a) {
  for (size_t i = 0; i < w->scenario->nets_count; i++) {
    ho_network_walk(w->nets[i], client, a->to, a->mm_per_s);
  }
}

/* A handover that cannot be done is told, and is not an error: the client may
 * be out of reach by then, or there already. */
static void hand_over(world *w, int client, const ho_action *a) {
  const char *why = "";

  if (ho_network_handover(w->nets[a->net], client, a->cell, &why) != 0) {
    HO_EMIT(w->env.log, handover_refused, ho_ns_now(), client, .net = a->net,
            .cell = a->cell, .reason = why);
  }
}

static void act_on_client(world *w, int client, const ho_action *a) {
  ho_client *c = w->clients[client];

  switch (a->kind) {
  case HO_ACT_DISCONNECT:
    world_plug(w, a->net, client, false);
    break;
  case HO_ACT_CONNECT:
    world_plug(w, a->net, client, true);
    break;
  case HO_ACT_SWITCH:
    ho_client_switch(c, a->net);
    break;
  case HO_ACT_REBIND:
    rebind(w, client, a);
    break;
  case HO_ACT_FLUSH:
    ho_client_changed(c, a->net, "nat-flush", ho_ns_now());
    break;
  case HO_ACT_PAUSE:
  case HO_ACT_RESUME:
    pause_work(w, client, a->kind == HO_ACT_PAUSE);
    break;
  case HO_ACT_MIGRATE:
    ho_client_migrate(c, a->net);
    break;
  case HO_ACT_ROTATE:
    ho_client_rotate(c);
    break;
  case HO_ACT_REKEY:
    ho_client_rekey(c);
    break;
  case HO_ACT_MOVE:
    walk(w, client, a);
    break;
  case HO_ACT_HANDOVER:
    hand_over(w, client, a);
    break;
  case HO_ACT_FAULT:
    world_fault(w, client, a);
    break;
  case HO_ACT_SET:
  case HO_ACT_BLOCK:
  case HO_ACT_THROTTLE:
  case HO_ACT_UNBLOCK:
  case HO_ACT_RESTART:
  case HO_ACT_DROP:
  case HO_ACT_DELAY:
  case HO_ACT_DUPLICATE:
  case HO_ACT_CORRUPT:
  case HO_ACT_ATTACK:
    break; /* what all share */
  }
}

/* ---- what happens to all at once ---- */

static void act_on_all(world *w, const ho_action *a) {
  ho_network *net = a->net >= 0 ? w->nets[a->net] : NULL;

  switch (a->kind) {
  case HO_ACT_REBIND:
    ho_network_rebind(net, a->client, a->rebind);
    break;
  case HO_ACT_FLUSH:
    ho_network_flush(net, a->client);
    break;
  case HO_ACT_SET:
    ho_network_set(net, a->key, &a->set);
    break;
  case HO_ACT_BLOCK:
    ho_middlebox_block(ho_network_middlebox(net), a->block);
    break;
  case HO_ACT_THROTTLE:
    ho_middlebox_throttle(ho_network_middlebox(net), a->block, a->limit_bps,
                          ho_ns_now());
    break;
  case HO_ACT_UNBLOCK:
    ho_middlebox_unblock(ho_network_middlebox(net), a->block);
    break;
  case HO_ACT_RESTART:
    world_server_restart(w);
    break;
  case HO_ACT_DROP:
  case HO_ACT_DELAY:
  case HO_ACT_DUPLICATE:
  case HO_ACT_CORRUPT:
  case HO_ACT_ATTACK:
    world_meddle_act(w, a);
    break;
  case HO_ACT_DISCONNECT:
  case HO_ACT_CONNECT:
  case HO_ACT_SWITCH:
  case HO_ACT_PAUSE:
  case HO_ACT_RESUME:
  case HO_ACT_MIGRATE:
  case HO_ACT_ROTATE:
  case HO_ACT_REKEY:
  case HO_ACT_MOVE:
  case HO_ACT_HANDOVER:
  case HO_ACT_FAULT:
    break; /* each client's own */
  }
}

/* ---- when ---- */

typedef struct {
  world *w;
  size_t entry;
} pending_action;

static void run_action(void *user) {
  pending_action *p = user;
  world *w = p->w;
  const ho_action *a = &w->scenario->timeline[p->entry];
  size_t from = a->client < 0 ? 0 : (size_t)a->client;
  size_t to = a->client < 0 ? w->scenario->clients : from + 1;

  HO_EMIT(w->env.log, action, ho_ns_now(), a->client, .entry = p->entry,
          .action = ho_action_name(a->kind), .net = a->net);
  for (size_t i = from; i < to; i++) {
    if (ho_scenario_concerns(w->scenario, a, i)) {
      act_on_client(w, (int)i, a);
    }
  }
  act_on_all(w, a);
}

/* A rule of time 0 concerns the first datagram, too. */
static bool is_early(const ho_action *a) {
  return a->at == 0 && world_is_rule(a);
}

static void schedule(pending_action *all, bool early) {
  const ho_scenario *s = all->w->scenario;

  for (size_t i = 0; i < s->timeline_count; i++) {
    if (is_early(&s->timeline[i]) == early) {
      ho_ns_at(s->timeline[i].at, run_action, &all[i]);
    }
  }
}

void *world_schedule_timeline(world *w, void (*begin)(void *)) {
  size_t count = w->scenario->timeline_count;
  pending_action *all = ho_alloc_array(count + 1, sizeof(*all));

  for (size_t i = 0; i <= count; i++) {
    all[i] = (pending_action){w, i};
  }
  schedule(all, true);
  ho_ns_at(0, begin, w);
  schedule(all, false);
  return all;
}
