/* Attackers on a network's wire: who they are, and what they do to packets that
 * pass. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/attack.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/net/attack_private.h"

/* ---- addresses ---- */

enum { ATTACKER = 1, VICTIM = 2 };

static ho_addr address(int net, uint8_t family, unsigned which) {
  ho_addr v6 = {6, {0x20, 0x01, 0x0d, 0xb8, 0xa7, 0x7a, 0, (uint8_t)net}};

  if (family == 4) {
    return ho_addr_v4(0xcb007100u + 2 * (unsigned)net + which);
  }
  v6.bytes[15] = (uint8_t)which;
  return v6;
}

ho_addr ho_attackers_addr(int net, uint8_t family) {
  return address(net, family, ATTACKER);
}

ho_addr ho_attackers_victim(int net, uint8_t family) {
  return address(net, family, VICTIM);
}

bool ho_attackers_owns(int net, const ho_addr *addr) {
  ho_addr attacker = address(net, addr->family, ATTACKER);
  ho_addr victim = address(net, addr->family, VICTIM);

  return ho_addr_eq(addr, &attacker) || ho_addr_eq(addr, &victim);
}

/* ---- attacks ---- */

static bool goes_on(const ho_assault *a, int client, ho_time now) {
  return now < a->ends && (a->client < 0 || a->client == client);
}

bool ho_assault_active(const ho_assault *a, int client, ho_time now) {
  return a->left > 0 && goes_on(a, client, now);
}

static void tell(ho_attackers *at, ho_direction dir, const ho_packet *pkt,
                 const char *what) {
  HO_EMIT(at->env->log, meddled, ho_ns_now(), pkt->client, .packet = pkt->id,
          .copy_of = pkt->copy_of, .net = at->config.net,
          .direction = ho_direction_name(dir), .what = what, .bytes = pkt->len);
}

void ho_assault_did(ho_assault *a, ho_direction dir, const ho_packet *pkt) {
  static const char *const names[] = {[HO_ATTACK_FORWARD] = "forward",
                                      [HO_ATTACK_FORWARD_BOTH] = "forward",
                                      [HO_ATTACK_SPOOF] = "spoof",
                                      [HO_ATTACK_REPLAY] = "replay",
                                      [HO_ATTACK_INJECT] = "inject",
                                      [HO_ATTACK_STORM] = "storm",
                                      [HO_ATTACK_DROP_PATH] = "drop-path",
                                      [HO_ATTACK_RESET_CLIENT] = "reset-client",
                                      [HO_ATTACK_RESET_SERVER] =
                                          "reset-server"};

  if (a->left != UINT64_MAX) {
    a->left--;
  }
  tell(a->of, dir, pkt, names[a->attack.kind]);
}

/* ---- what a client sends ---- */

/* Sends a copy of |original| by the faster way. */
static void overtake(ho_assault *a, const ho_packet *original,
                     const ho_endpoint *src) {
  ho_attackers *at = a->of;
  ho_packet *pkt = ho_packet_copy(at->env->pool, original);
  ho_ip ip;

  pkt->forged = true;
  if (ho_ip_parse(&ip, pkt->data, pkt->len) == 0) {
    ho_ip_set_src(pkt, &ip, src);
  }
  ho_assault_did(a, HO_UP, pkt);
  ho_hold_add(&at->on_way, pkt, ho_ns_now() + at->config.delay / 2);
}

static void arrive(void *user, ho_packet *pkt) {
  ho_attackers *at = user;

  ho_element_forward(&at->far.element, HO_UP, pkt);
}

static void change_port(ho_assault *a, ho_packet *pkt, ho_ip *ip,
                        const ho_endpoint *client) {
  ho_endpoint fake = ho_attack_fresh(a->of, client);

  ho_ip_set_src(pkt, ip, &fake);
  pkt->forged = true;
  ho_assault_did(a, HO_UP, pkt);
}

static bool drops(ho_assault *a, ho_direction dir, ho_packet *pkt) {
  ho_attackers *at = a->of;

  if (!at->config.path_frames(at->config.user, pkt)) {
    return false;
  }
  ho_assault_did(a, dir, pkt);
  ho_element_drop(at->env, at->config.net, dir, pkt, "attack");
  return true;
}

/* Returns false if |pkt| is no more.  |original| is what the client sent. */
static bool treat_up(ho_assault *a, ho_packet *pkt, ho_ip *ip,
                     const ho_packet *original, const ho_endpoint *client) {
  ho_endpoint src;

  switch (a->attack.kind) {
  case HO_ATTACK_FORWARD:
  case HO_ATTACK_FORWARD_BOTH:
    src = ho_attack_proxy(a->of, client);
    overtake(a, original, &src);
    break;
  case HO_ATTACK_SPOOF:
    src = (ho_endpoint){ho_attackers_victim(a->of->config.net, ip->family),
                        client->port};
    overtake(a, original, &src);
    break;
  case HO_ATTACK_STORM:
    change_port(a, pkt, ip, client);
    break;
  case HO_ATTACK_DROP_PATH:
    return !drops(a, HO_UP, pkt);
  case HO_ATTACK_REPLAY:
  case HO_ATTACK_INJECT:
  case HO_ATTACK_RESET_CLIENT:
  case HO_ATTACK_RESET_SERVER:
    break; /* these do not wait for packets */
  }
  return true;
}

static bool is_udp(const ho_packet *pkt, ho_ip *ip) {
  return ho_ip_parse(ip, pkt->data, pkt->len) == 0 && ip->proto == HO_PROTO_UDP;
}

static void near_push(ho_element *self, ho_direction dir, ho_packet *pkt) {
  ho_attackers *at = ((ho_attack_stage *)self)->of;
  ho_time now = ho_ns_now();
  ho_endpoint client;
  ho_ip ip;

  if (dir == HO_DOWN || pkt->client < 0 || !is_udp(pkt, &ip)) {
    ho_element_forward(self, dir, pkt);
    return;
  }
  client = ip.src;
  ho_attack_note(at, &client);
  ho_attack_keep(at, pkt);
  for (ho_assault *a = at->first; a; a = a->next) {
    if (ho_assault_active(a, pkt->client, now) &&
        !treat_up(a, pkt, &ip, &at->kept[(at->seen - 1) % HO_ATTACK_KEPT],
                  &client)) {
      return;
    }
  }
  ho_element_forward(self, dir, pkt);
}

/* ---- what the server sends ---- */

/* Whether somebody gives the client what is answered to the attacker. */
static bool brings_back(const ho_attackers *at, int client, ho_time now) {
  for (const ho_assault *a = at->first; a; a = a->next) {
    if (a->attack.kind == HO_ATTACK_FORWARD_BOTH && goes_on(a, client, now)) {
      return true;
    }
  }
  return false;
}

static void readdress(ho_packet *pkt, ho_ip *ip, const ho_endpoint *client) {
  ho_endpoint to = *client;

  ho_ip_set_dst(pkt, ip, &to);
  pkt->forged = true;
}

/* |pkt| is for the attacker or its victim. */
static void divert(ho_attackers *at, ho_packet *pkt, ho_ip *ip) {
  ho_addr victim = ho_attackers_victim(at->config.net, ip->family);
  bool hit = ho_addr_eq(&ip->dst.addr, &victim);
  const ho_endpoint *meant = hit ? NULL : ho_attack_meant(at, &ip->dst);

  HO_EMIT(at->env->log, diverted, ho_ns_now(), pkt->client, .packet = pkt->id,
          .net = at->config.net, .whose = hit ? "victim" : "attacker",
          .tuple = {ip->dst, ip->src}, .bytes = pkt->len);
  if (!meant || !brings_back(at, pkt->client, ho_ns_now())) {
    ho_packet_del(at->env->pool, pkt);
    return;
  }
  readdress(pkt, ip, meant);
  tell(at, HO_DOWN, pkt, "bring-back");
  ho_element_forward(&at->far.element, HO_DOWN, pkt);
}

/* Returns false if a dropper takes |pkt|. */
static bool treat_down(ho_attackers *at, ho_packet *pkt, ho_time now) {
  for (ho_assault *a = at->first; a; a = a->next) {
    if (a->attack.kind == HO_ATTACK_DROP_PATH &&
        ho_assault_active(a, pkt->client, now) && drops(a, HO_DOWN, pkt)) {
      return false;
    }
  }
  return true;
}

static void far_push(ho_element *self, ho_direction dir, ho_packet *pkt) {
  ho_attackers *at = ((ho_attack_stage *)self)->of;
  const ho_endpoint *meant;
  ho_ip ip;

  if (dir == HO_UP || !is_udp(pkt, &ip)) {
    ho_element_forward(self, dir, pkt);
    return;
  }
  if (ho_attackers_owns(at->config.net, &ip.dst.addr)) {
    divert(at, pkt, &ip);
    return;
  }
  if (!treat_down(at, pkt, ho_ns_now())) {
    return;
  }
  meant = ho_attack_meant(at, &ip.dst);
  if (meant) {
    readdress(pkt, &ip, meant);
  }
  ho_element_forward(self, dir, pkt);
}

/* ---- all of them ---- */

ho_attackers *ho_attackers_new(const ho_env *env,
                               const ho_attackers_config *config) {
  ho_attackers *at = ho_alloc(sizeof(*at));
  char *stream = ho_format("attack.%s", config->name);

  at->env = env;
  at->config = *config;
  at->near = (ho_attack_stage){.element = {.push = near_push}, .of = at};
  at->far = (ho_attack_stage){.element = {.push = far_push}, .of = at};
  ho_hold_init(&at->on_way, env->pool, arrive, at);
  ho_rng_init(&at->rng, env->seed, stream);
  free(stream);
  return at;
}

void ho_attackers_del(ho_attackers *at) {
  ho_assault *next;

  if (!at) {
    return;
  }
  for (ho_assault *a = at->first; a; a = next) {
    next = a->next;
    free(a);
  }
  ho_hold_free(&at->on_way);
  free(at->kept);
  free(at->proxies);
  free(at->ports);
  free(at);
}

ho_element *ho_attackers_near(ho_attackers *at) {
  return &at->near.element;
}

ho_element *ho_attackers_far(ho_attackers *at) {
  return &at->far.element;
}

void ho_attackers_start(ho_attackers *at, const ho_attack *attack, int client,
                        ho_time now) {
  ho_assault *a = ho_alloc(sizeof(*a));

  *a = (ho_assault){
      .of = at, .attack = *attack, .client = client, .left = attack->count};
  a->ends = attack->lasts > HO_NEVER - now ? HO_NEVER : now + attack->lasts;
  if (at->last) {
    at->last->next = a;
  } else {
    at->first = a;
  }
  at->last = a;
  if (ho_attack_makes(attack->kind)) {
    ho_attack_make_from(a, now);
  }
}
