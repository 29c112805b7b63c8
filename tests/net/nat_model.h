/* A NAT as the RFCs describe it, in the plainest way: lists, searched from end
 * to end.  It is told which external endpoint the real one chose, and says
 * everything else itself. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_NET_NAT_MODEL_H
#define HO_TESTS_NET_NAT_MODEL_H

#include <check.h>
#include <string.h>

#include "sim/net/ip.h"
#include "sim/net/nat.h"

enum { MODEL_ENTRIES = 2048, MODEL_REMOTES = 32 };

typedef struct {
  ho_endpoint who;
  bool sent_to, syn_out, syn_in, fin_out, fin_in, rst;
} model_remote;

typedef struct {
  uint8_t proto;
  ho_endpoint inside, remote, outside; /* |remote|: of its first packet */
  bool forgotten, flushed, tcp_open;
  ho_time expires;
  model_remote remotes[MODEL_REMOTES];
  size_t remotes_count;
} model_entry;

typedef struct {
  ho_nat_config config;
  model_entry entries[MODEL_ENTRIES];
  size_t count;
} model;

static inline bool model_live(const model_entry *e, ho_time now) {
  return !e->forgotten && now < e->expires;
}

/* model_same: RFC 4787, 4.1: may packets to |a| and |b| share a mapping? */
static inline bool model_same(ho_nat_behaviour behaviour, const ho_endpoint *a,
                              const ho_endpoint *b) {
  if (behaviour == HO_NAT_INDEPENDENT) {
    return true;
  }
  return ho_addr_eq(&a->addr, &b->addr) &&
         (behaviour == HO_NAT_ADDRESS || a->port == b->port);
}

/* model_out finds the newest entry for an outbound packet, live or not. */
static inline model_entry *model_out(model *m, const ho_ip *ip) {
  for (size_t i = m->count; i-- > 0;) {
    model_entry *e = &m->entries[i];

    if (e->proto == ip->proto && ho_endpoint_eq(&e->inside, &ip->src) &&
        model_same(m->config.mapping, &e->remote, &ip->dst)) {
      return e;
    }
  }
  return NULL;
}

static inline model_entry *model_in(model *m, uint8_t proto,
                                    const ho_endpoint *outside, ho_time now) {
  for (size_t i = 0; i < m->count; i++) {
    model_entry *e = &m->entries[i];

    if (e->proto == proto && model_live(e, now) &&
        ho_endpoint_eq(&e->outside, outside)) {
      return e;
    }
  }
  return NULL;
}

static inline bool model_accepts(const model *m, const model_entry *e,
                                 const ho_endpoint *from) {
  for (size_t i = 0; i < e->remotes_count; i++) {
    if (e->remotes[i].sent_to &&
        model_same(m->config.filtering, &e->remotes[i].who, from)) {
      return true;
    }
  }
  return m->config.filtering == HO_NAT_INDEPENDENT;
}

static inline size_t model_live_count(const model *m, ho_time now) {
  size_t n = 0;

  for (size_t i = 0; i < m->count; i++) {
    n += model_live(&m->entries[i], now);
  }
  return n;
}

static inline bool model_is_open(const model_entry *e) {
  for (size_t i = 0; i < e->remotes_count; i++) {
    const model_remote *r = &e->remotes[i];

    if (r->syn_out && r->syn_in && !r->rst && !(r->fin_out && r->fin_in)) {
      return true;
    }
  }
  return false;
}

/* model_idle: RFC 4787, 4.3; RFC 5382, 5, REQ-5. */
static inline ho_time model_idle(const model *m, const model_entry *e) {
  ho_time tcp = m->config.tcp_timeout;

  if (e->proto == HO_PROTO_UDP) {
    return m->config.udp_timeout;
  }
  return e->tcp_open || tcp < 240 * HO_SEC ? tcp : 240 * HO_SEC;
}

/* model_pass notes a packet that |e| let through. */
static inline void model_pass(model *m, model_entry *e, const ho_endpoint *far,
                              uint8_t flags, bool out, ho_time now) {
  bool was_open = e->tcp_open;
  model_remote *r = NULL;

  for (size_t i = 0; i < e->remotes_count; i++) {
    if (ho_endpoint_eq(&e->remotes[i].who, far)) {
      r = &e->remotes[i];
    }
  }
  if (!r) {
    ck_assert_uint_lt(e->remotes_count, MODEL_REMOTES);
    r = &e->remotes[e->remotes_count++];
    *r = (model_remote){.who = *far};
  }
  r->sent_to = r->sent_to || out;
  if (e->proto == HO_PROTO_TCP) {
    if (flags & HO_TCP_RST) {
      r->rst = true;
    } else if (flags & HO_TCP_SYN) {
      if (r->rst || (r->fin_in && r->fin_out)) {
        *r = (model_remote){.who = *far, .sent_to = r->sent_to};
      }
      *(out ? &r->syn_out : &r->syn_in) = true;
    } else if (flags & HO_TCP_FIN) {
      *(out ? &r->fin_out : &r->fin_in) = true;
    }
  }
  e->tcp_open = e->proto == HO_PROTO_TCP && model_is_open(e);
  if (out || e->tcp_open != was_open) {
    e->expires = now + model_idle(m, e);
  }
}

#endif
