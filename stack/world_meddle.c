/* Packet rules and attackers of a world: only where the timeline has some. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/net/attack.h"
#include "sim/net/rules.h"
#include "sim/ns3/ns3.h"
#include "stack/frames.h"
#include "stack/world_private.h"

struct world_meddle {
  ho_frames *frames;        /* NULL: nobody asks for frames */
  ho_rules *rules;          /* NULL: no packet rule */
  ho_attackers **attackers; /* by network; NULL: none there */
  ho_sink *list;            /* the run's own, and that of |frames| */
  ho_sinks sinks;
};

bool world_is_rule(const ho_action *a) {
  return a->kind >= HO_ACT_DROP && a->kind <= HO_ACT_CORRUPT;
}

static bool needs_frames(const ho_action *a) {
  return (world_is_rule(a) && a->rule.match != HO_MATCH_DATAGRAM) ||
         (a->kind == HO_ACT_ATTACK && a->attack.kind == HO_ATTACK_DROP_PATH);
}

static void watch(world *w) {
  world_meddle *m = w->meddle;
  const ho_sinks *others = w->env.sinks;
  size_t count = others ? others->count : 0;

  m->frames = ho_frames_new(w->scenario->clients);
  m->list = ho_alloc_array(count + 1, sizeof(*m->list));
  for (size_t i = 0; i < count; i++) {
    m->list[i] = others->list[i];
  }
  m->list[count] = ho_frames_sink(m->frames);
  m->sinks = (ho_sinks){m->list, count + 1};
  w->env.sinks = &m->sinks;
}

static void make_attackers(world *w, int net) {
  const ho_net_config *n = &w->scenario->nets[net];

  if (w->meddle->attackers[net]) {
    return;
  }
  w->meddle->attackers[net] = ho_attackers_new(
      &w->env, &(ho_attackers_config){.name = n->name,
                                      .net = net,
                                      .delay = n->wired.delay +
                                               w->scenario->server.delay,
                                      .path_frames = ho_frames_path,
                                      .user = w->meddle->frames});
}

void world_meddle_make(world *w) {
  const ho_scenario *s = w->scenario;
  size_t rules = 0, attacks = 0, frames = 0;

  for (size_t i = 0; i < s->timeline_count; i++) {
    rules += world_is_rule(&s->timeline[i]);
    attacks += s->timeline[i].kind == HO_ACT_ATTACK;
    frames += needs_frames(&s->timeline[i]);
  }
  if (rules + attacks == 0) {
    return;
  }
  w->meddle = ho_alloc(sizeof(*w->meddle));
  w->meddle->attackers = ho_alloc_array(s->nets_count, sizeof(ho_attackers *));
  if (frames > 0) {
    watch(w);
  }
  if (rules > 0) {
    w->meddle->rules = ho_rules_new(&w->env, s->nets_count, s->clients,
                                    ho_frames_match, w->meddle->frames);
  }
  for (size_t i = 0; i < s->timeline_count; i++) {
    if (s->timeline[i].kind == HO_ACT_ATTACK) {
      make_attackers(w, s->timeline[i].net);
    }
  }
}

void world_meddle_free(world *w) {
  world_meddle *m = w->meddle;

  if (!m) {
    return;
  }
  for (size_t i = 0; i < w->scenario->nets_count; i++) {
    ho_attackers_del(m->attackers[i]);
  }
  free(m->attackers);
  ho_rules_del(m->rules);
  ho_frames_del(m->frames);
  free(m->list);
  free(m);
}

void world_meddle_stages(const world *w, int net, ho_network_config *config) {
  const world_meddle *m = w->meddle;

  if (m && m->rules) {
    config->rules[HO_CLIENT] = ho_rules_element(m->rules, net, HO_CLIENT);
    config->rules[HO_SERVER] = ho_rules_element(m->rules, net, HO_SERVER);
  }
  if (m && m->attackers[net]) {
    config->attack_near = ho_attackers_near(m->attackers[net]);
    config->attack_far = ho_attackers_far(m->attackers[net]);
  }
}

void world_meddle_act(world *w, const ho_action *a) {
  if (a->kind == HO_ACT_ATTACK) {
    ho_attackers_start(w->meddle->attackers[a->net], &a->attack, a->client,
                       ho_ns_now());
  } else {
    ho_rules_add(w->meddle->rules, a->kind, a->client, &a->rule);
  }
}

int world_meddle_net(const world *w, const ho_addr *addr) {
  for (size_t i = 0; w->meddle && i < w->scenario->nets_count; i++) {
    if (w->meddle->attackers[i] && ho_attackers_owns((int)i, addr)) {
      return (int)i;
    }
  }
  return -1;
}
