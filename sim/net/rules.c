/* Packet rules: what the timeline does to single datagrams of an endpoint. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/rules.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/net/hold.h"
#include "sim/net/ip.h"
#include "sim/wire/header.h"

typedef enum { DROPS = 1, DELAYS = 2, DUPLICATES = 4, CORRUPTS = 8 } deed;

typedef struct {
  deed does;
  int client; /* -1: all */
  ho_rule rule;
  uint64_t *seen; /* by client */
} entry;

typedef struct {
  ho_element element; /* first */
  ho_rules *rules;
  int net;
  ho_direction out; /* what leaves the endpoint goes there */
  ho_hold held;
} stage;

struct ho_rules {
  const ho_env *env;
  size_t nets, clients;
  ho_rules_match match;
  void *user;
  stage *stages; /* by network, then side */
  entry *entries;
  size_t count, cap;
};

/* What becomes of a datagram. */
typedef struct {
  unsigned does;
  ho_time by;
} verdict;

static bool concerns(const stage *s, const entry *e, const ho_packet *pkt) {
  const ho_rule *rule = &e->rule;
  ho_side side = s->out == HO_UP ? HO_CLIENT : HO_SERVER;

  return rule->from == side && (e->client < 0 || e->client == pkt->client) &&
         (rule->net < 0 || rule->net == s->net) &&
         (rule->match == HO_MATCH_DATAGRAM ||
          s->rules->match(s->rules->user, rule, pkt));
}

static verdict judge(const stage *s, const ho_packet *pkt) {
  verdict v = {0, 0};

  for (size_t i = 0; i < s->rules->count; i++) {
    entry *e = &s->rules->entries[i];
    uint64_t n;

    if (!concerns(s, e, pkt)) {
      continue;
    }
    n = ++e->seen[pkt->client];
    if (n < e->rule.first || n > e->rule.last) {
      continue;
    }
    v.does |= e->does;
    if (e->does == DELAYS && e->rule.by > v.by) {
      v.by = e->rule.by;
    }
  }
  return v;
}

static void tell(const stage *s, const ho_packet *pkt, const char *what) {
  HO_EMIT(s->rules->env->log, meddled, ho_ns_now(), pkt->client,
          .packet = pkt->id, .net = s->net,
          .direction = ho_direction_name(s->out), .what = what,
          .bytes = pkt->len);
}

/* The last byte of a packet is the end of its AEAD tag (RFC 9001, 5.3). */
static void damage(ho_packet *pkt, const ho_ip *ip) {
  size_t at = ip->payload;
  ho_header header;

  while (at < ip->total &&
         ho_header_read(&header, pkt->data + at, ip->total - at, 0) == 0) {
    at += header.len;
    pkt->data[at - 1] ^= 1;
  }
  if (at == ip->payload) {
    pkt->data[ip->total - 1] ^= 1; /* nothing that has a header */
  }
  pkt->damaged = true;
  ho_ip_write_udp(pkt, &ip->src, &ip->dst, ip->ecn, ip->total - ip->payload);
}

static void pass(stage *s, ho_packet *pkt, ho_time by) {
  if (by > 0) {
    ho_hold_add(&s->held, pkt, ho_ns_now() + by);
  } else {
    ho_element_forward(&s->element, s->out, pkt);
  }
}

static void act(stage *s, ho_packet *pkt, const ho_ip *ip, verdict v) {
  ho_packet *copy = NULL;

  if (v.does & DROPS) {
    tell(s, pkt, "rule-drop");
    ho_element_drop(s->rules->env, s->net, s->out, pkt, "rule");
    return;
  }
  if (v.does & CORRUPTS) {
    damage(pkt, ip);
    tell(s, pkt, "rule-corrupt");
  }
  if (v.does & DELAYS) {
    tell(s, pkt, "rule-delay");
  }
  if (v.does & DUPLICATES) {
    copy = ho_packet_copy(s->rules->env->pool, pkt);
    tell(s, pkt, "rule-duplicate");
  }
  pass(s, pkt, v.by);
  if (copy) {
    pass(s, copy, v.by);
  }
}

static void push(ho_element *self, ho_direction dir, ho_packet *pkt) {
  stage *s = (stage *)self;
  verdict v;
  ho_ip ip;

  if (dir != s->out || s->rules->count == 0 || pkt->client < 0 ||
      ho_ip_parse(&ip, pkt->data, pkt->len) != 0 || ip.proto != HO_PROTO_UDP) {
    ho_element_forward(self, dir, pkt);
    return;
  }
  v = judge(s, pkt);
  if (v.does) {
    act(s, pkt, &ip, v);
  } else {
    ho_element_forward(self, dir, pkt);
  }
}

static void release(void *user, ho_packet *pkt) {
  stage *s = user;

  ho_element_forward(&s->element, s->out, pkt);
}

ho_rules *ho_rules_new(const ho_env *env, size_t nets, size_t clients,
                       ho_rules_match match, void *user) {
  ho_rules *rules = ho_alloc(sizeof(*rules));

  *rules = (ho_rules){.env = env,
                      .nets = nets,
                      .clients = clients,
                      .match = match,
                      .user = user,
                      .stages = ho_alloc_array(2 * nets, sizeof(stage))};
  for (size_t i = 0; i < 2 * nets; i++) {
    stage *s = &rules->stages[i];

    s->element.push = push;
    s->rules = rules;
    s->net = (int)(i / 2);
    s->out = i % 2 == HO_CLIENT ? HO_UP : HO_DOWN;
    ho_hold_init(&s->held, env->pool, release, s);
  }
  return rules;
}

void ho_rules_del(ho_rules *rules) {
  if (!rules) {
    return;
  }
  for (size_t i = 0; i < 2 * rules->nets; i++) {
    ho_hold_free(&rules->stages[i].held);
  }
  for (size_t i = 0; i < rules->count; i++) {
    free(rules->entries[i].seen);
  }
  free(rules->entries);
  free(rules->stages);
  free(rules);
}

ho_element *ho_rules_element(ho_rules *rules, int net, ho_side side) {
  return &rules->stages[2 * (size_t)net + side].element;
}

static deed deed_of(ho_action_kind kind) {
  assert(kind >= HO_ACT_DROP && kind <= HO_ACT_CORRUPT);
  return kind == HO_ACT_DROP        ? DROPS
         : kind == HO_ACT_DELAY     ? DELAYS
         : kind == HO_ACT_DUPLICATE ? DUPLICATES
                                    : CORRUPTS;
}

void ho_rules_add(ho_rules *rules, ho_action_kind kind, int client,
                  const ho_rule *rule) {
  ho_grow(&rules->entries, rules->count, &rules->cap, sizeof(entry));
  rules->entries[rules->count++] =
      (entry){deed_of(kind), client, *rule,
              ho_alloc_array(rules->clients, sizeof(uint64_t))};
}
