/* A middlebox: what it stops, and what it lets through only so fast. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/middlebox.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/net/background.h"
#include "sim/net/ip.h"
#include "sim/ns3/ns3.h"

#define DEPTH (100 * HO_MSEC)
/* A token lets a bit pass at 1 bit/s for 1 ns, so nothing is rounded. */
#define TOKENS_PER_BYTE (8 * HO_SEC)

__extension__ typedef unsigned __int128 wide;

enum { DEPTH_FLOOR_BYTES = 10 * 1500, PROTOCOLS = 2 };

/* ho_policer is one `throttle`; udp and tcp share that of `all`. */
typedef struct {
  uint64_t limit_bps;
  wide depth, tokens[2]; /* by direction */
  ho_time filled[2];
} ho_policer;

struct ho_middlebox {
  ho_element element; /* first */
  const ho_env *env;
  int net;
  unsigned blocked;               /* ho_block, as bits */
  ho_policer policers[4];         /* by what they were asked to slow down */
  ho_policer *policer[PROTOCOLS]; /* that of UDP and of TCP, or NULL */
};

static bool covers(unsigned what, int protocol) {
  return what >> protocol & 1;
}

/* protocol_of returns the bit number of |pkt|'s protocol in ho_block, or -1 if
 * it is neither. */
static int protocol_of(const ho_packet *pkt) {
  ho_ip ip;

  if (ho_ip_parse(&ip, pkt->data, pkt->len)) {
    return -1;
  }
  return ip.proto == HO_PROTO_UDP ? 0 : ip.proto == HO_PROTO_TCP ? 1 : -1;
}

static bool take_tokens(ho_policer *p, ho_direction dir, uint32_t bytes,
                        ho_time now) {
  wide *tokens = &p->tokens[dir], cost = (wide)bytes * TOKENS_PER_BYTE;

  *tokens += (wide)p->limit_bps * (now - p->filled[dir]);
  if (*tokens > p->depth) {
    *tokens = p->depth;
  }
  p->filled[dir] = now;
  if (*tokens < cost) {
    return false;
  }
  *tokens -= cost;
  return true;
}

static void middlebox_push(ho_element *self, ho_direction dir, ho_packet *pkt) {
  ho_middlebox *box = (ho_middlebox *)self;
  const char *reason = NULL;
  int protocol;

  if ((box->blocked || box->policer[0] || box->policer[1]) &&
      pkt->client != HO_BACKGROUND && (protocol = protocol_of(pkt)) >= 0) {
    ho_policer *p = box->policer[protocol];

    if (covers(box->blocked, protocol)) {
      reason = "blocked";
    } else if (p && !take_tokens(p, dir, pkt->len, ho_ns_now())) {
      reason = "throttled";
    }
  }
  if (reason) {
    ho_element_drop(box->env, box->net, dir, pkt, reason);
  } else {
    ho_element_forward(self, dir, pkt);
  }
}

ho_middlebox *ho_middlebox_new(const ho_env *env, int net) {
  ho_middlebox *box = ho_alloc(sizeof(*box));

  box->element.push = middlebox_push;
  box->env = env;
  box->net = net;
  return box;
}

void ho_middlebox_del(ho_middlebox *box) {
  free(box);
}

ho_element *ho_middlebox_element(ho_middlebox *box) {
  return &box->element;
}

void ho_middlebox_block(ho_middlebox *box, ho_block what) {
  box->blocked |= what;
}

void ho_middlebox_throttle(ho_middlebox *box, ho_block what, uint64_t limit_bps,
                           ho_time now) {
  ho_policer *p = &box->policers[what];
  wide floor = (wide)DEPTH_FLOOR_BYTES * TOKENS_PER_BYTE;

  assert(what >= HO_BLOCK_UDP && what <= HO_BLOCK_ALL && limit_bps > 0);
  p->limit_bps = limit_bps;
  p->depth = (wide)limit_bps * DEPTH;
  p->depth = p->depth < floor ? floor : p->depth;
  for (int i = 0; i < 2; i++) {
    p->tokens[i] = p->depth;
    p->filled[i] = now;
  }
  for (int i = 0; i < PROTOCOLS; i++) {
    box->policer[i] = covers(what, i) ? p : box->policer[i];
  }
}

void ho_middlebox_unblock(ho_middlebox *box, ho_block what) {
  box->blocked &= ~(unsigned)what;
  for (int i = 0; i < PROTOCOLS; i++) {
    box->policer[i] = covers(what, i) ? NULL : box->policer[i];
  }
}
