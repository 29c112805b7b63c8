/* What attackers send of their own accord: old packets and forged resets. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/net/attack_private.h"

/* RFC 9000, 10.3: a reset looks like a packet with a short header.  Those of
 * endpoints are a little smaller than what they answer. */
enum {
  SMALLEST_RESET = 42,
  RESET_SPREAD = 20,
  UDP_HEADER = 8,
  LOWEST_PORT = 1024
};

static const ho_time EVERY = 10 * HO_MSEC;

bool ho_attack_makes(ho_attack_kind kind) {
  return kind == HO_ATTACK_REPLAY || kind == HO_ATTACK_INJECT ||
         kind == HO_ATTACK_RESET_CLIENT || kind == HO_ATTACK_RESET_SERVER;
}

void ho_attack_keep(ho_attackers *at, const ho_packet *pkt) {
  ho_packet *to;

  if (!at->kept) {
    at->kept = ho_alloc_array(HO_ATTACK_KEPT, sizeof(*at->kept));
  }
  to = &at->kept[at->seen++ % HO_ATTACK_KEPT];
  to->id = pkt->id;
  to->client = pkt->client;
  to->connection = pkt->connection;
  to->damaged = pkt->damaged;
  to->len = pkt->len;
  memcpy(to->data, pkt->data, pkt->len);
}

/* Those that |a| is about, the newest first.  Returns how many. */
static uint64_t list_kept(const ho_assault *a,
                          const ho_packet *list[HO_ATTACK_KEPT]) {
  const ho_attackers *at = a->of;
  uint64_t n = at->seen < HO_ATTACK_KEPT ? at->seen : HO_ATTACK_KEPT;
  uint64_t count = 0;

  for (uint64_t i = 1; i <= n; i++) {
    const ho_packet *pkt = &at->kept[(at->seen - i) % HO_ATTACK_KEPT];

    if (a->client < 0 || a->client == pkt->client) {
      list[count++] = pkt;
    }
  }
  return count;
}

/* From a made-up port of the attacker's, or as it was. */
static void send_old(ho_assault *a, const ho_packet *old) {
  ho_attackers *at = a->of;
  ho_packet *pkt = ho_packet_copy(at->env->pool, old);
  ho_endpoint fake;
  ho_ip ip;

  pkt->forged = true;
  if (a->attack.kind == HO_ATTACK_REPLAY &&
      ho_ip_parse(&ip, pkt->data, pkt->len) == 0) {
    fake.addr = ho_attackers_addr(at->config.net, ip.family);
    fake.port =
        (uint16_t)(LOWEST_PORT +
                   ho_rng_below(&at->rng, HO_ATTACK_PORTS - LOWEST_PORT));
    ho_ip_set_src(pkt, &ip, &fake);
  }
  ho_assault_did(a, HO_UP, pkt);
  ho_element_forward(&at->far.element, HO_UP, pkt);
}

/* A guess is all that an attacker without the token can make. */
static size_t write_reset(ho_rng *rng, uint8_t *payload) {
  size_t len = SMALLEST_RESET + ho_rng_below(rng, RESET_SPREAD);

  ho_rng_bytes(rng, payload, len);
  payload[0] = (uint8_t)(0x40 | (payload[0] & 0x3f));
  return len;
}

/* Addressed like the flow's newest packet, or the other way round. */
static void send_reset(ho_assault *a, const ho_packet *flow) {
  ho_attackers *at = a->of;
  bool up = a->attack.kind == HO_ATTACK_RESET_SERVER;
  ho_packet *pkt;
  size_t len;
  ho_ip ip;

  if (ho_ip_parse(&ip, flow->data, flow->len) != 0) {
    return;
  }
  pkt = ho_packet_new(at->env->pool);
  pkt->client = flow->client;
  pkt->connection = flow->connection;
  pkt->forged = true;
  len = write_reset(&at->rng,
                    pkt->data + ho_ip_header_len(ip.family) + UDP_HEADER);
  ho_ip_write_udp(pkt, up ? &ip.src : &ip.dst, up ? &ip.dst : &ip.src, 0, len);
  ho_assault_did(a, up ? HO_UP : HO_DOWN, pkt);
  if (!up) {
    ho_sinks_packet(at->env->sinks, HO_ON_WIRE, HO_SERVER, at->config.net, pkt,
                    ho_ns_now());
  }
  ho_element_forward(&at->far.element, up ? HO_UP : HO_DOWN, pkt);
}

static void make(void *user) {
  ho_assault *a = user;
  bool reset = a->attack.kind == HO_ATTACK_RESET_CLIENT ||
               a->attack.kind == HO_ATTACK_RESET_SERVER;
  const ho_packet *old[HO_ATTACK_KEPT];
  ho_time now = ho_ns_now();
  uint64_t count;

  if (!ho_assault_active(a, a->client, now)) {
    return;
  }
  count = list_kept(a, old);
  if (count > 0 && reset) {
    send_reset(a, old[0]);
  } else if (count > 0) {
    send_old(a, old[ho_rng_below(&a->of->rng, count)]);
  }
  ho_timer_set(&a->timer, now + EVERY);
}

void ho_attack_make_from(ho_assault *a, ho_time now) {
  ho_timer_init(&a->timer, make, a);
  ho_timer_set(&a->timer, now);
}
