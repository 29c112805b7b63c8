/* What faults do with frames and datagrams. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/ns3/ns3.h"
#include "stack/fault/fault_inside.h"

/* ---- frames ---- */

static size_t frames_bytes(const fault_datagram *g) {
  uint8_t scratch[HO_PACKET_CAP];
  size_t n = 0;

  for (size_t i = 0; i < g->frames_count; i++) {
    n += ho_frame_write(scratch, sizeof(scratch), &g->frames[i]);
  }
  return n;
}

size_t fault_room(const fault_datagram *g) {
  size_t most =
      FAULT_ETHERNET - FAULT_UDP_HEADER - ho_ip_header_len(g->src.addr.family);
  size_t before = g->p ? g->p->offset : 0, used;

  most = g->pad_to > most ? g->pad_to : most;
  used = before + 1 + g->dcid.len + 4 + frames_bytes(g) + FAULT_TAG;
  return used < most ? most - used : 0;
}

bool fault_add(fault_datagram *g, const ho_frame *frame) {
  uint8_t scratch[HO_PACKET_CAP];
  size_t n = ho_frame_write(scratch, sizeof(scratch), frame);

  if (g->frames_count == FAULT_FRAMES || n > fault_room(g)) {
    return false;
  }
  g->frames[g->frames_count++] = *frame;
  g->changed = true;
  return true;
}

void fault_remove(fault_datagram *g, size_t i) {
  assert(i < g->frames_count);
  g->frames_count--;
  memmove(&g->frames[i], &g->frames[i + 1],
          (g->frames_count - i) * sizeof(g->frames[0]));
  g->changed = true;
}

void fault_remove_all(fault_datagram *g, uint64_t type) {
  int i;

  while ((i = fault_find(g, type, 0)) >= 0) {
    fault_remove(g, (size_t)i);
  }
}

int fault_find(const fault_datagram *g, uint64_t type, size_t i) {
  for (; i < g->frames_count; i++) {
    if (g->frames[i].type == type) {
      return (int)i;
    }
  }
  return -1;
}

const ho_frame *fault_arrived(const fault_conn *c, uint64_t type) {
  const ho_wire_packet *p = c->arrived ? fault_short(c->arrived) : NULL;

  for (size_t i = 0; p && i < p->frames_count; i++) {
    if (p->frames[i].type == type) {
      return &p->frames[i];
    }
  }
  return NULL;
}

/* ---- more datagrams ---- */

void fault_extra(const fault_conn *c, fault_datagram *g) {
  const fault_inside *in = (const fault_inside *)c;

  memset(g, 0, sizeof(*g));
  g->src = c->src;
  g->dst = c->dst;
  g->ecn = in->ecn;
  g->dcid = c->dcid;
  g->spin = in->spin;
}

static size_t copy_frames(const fault_datagram *g, uint8_t *dest, size_t cap) {
  size_t n = 0;

  for (size_t i = 0; i < g->frames_count; i++) {
    n += ho_frame_write(dest + n, cap - n, &g->frames[i]);
  }
  return n;
}

static void due(void *user) {
  fault_extras_flush(user);
}

void fault_send(fault_conn *c, const fault_datagram *extra, ho_time delay) {
  fault_inside *in = (fault_inside *)c;
  ho_faults *f = in->faults;
  fault_extra_datagram *e = ho_alloc(sizeof(*e)), **last = &f->extras;

  e->in = in;
  e->at = ho_ns_now() + delay;
  e->src = extra->src;
  e->dst = extra->dst;
  e->ecn = extra->ecn;
  e->pad_to = extra->pad_to;
  e->header = (ho_header){.type = HO_WIRE_1RTT,
                          .first = extra->spin ? 0x20 : 0,
                          .reserved = extra->reserved,
                          .dcid = extra->dcid};
  e->plain_len = copy_frames(extra, e->plain, sizeof(e->plain));
  while (*last) {
    last = &(*last)->next;
  }
  *last = e;
  if (delay > 0) {
    ho_ns_at(e->at, due, f);
  }
}

static size_t seal_extra(fault_extra_datagram *e, uint64_t pn, uint8_t *dest,
                         size_t cap) {
  fault_inside *in = e->in;
  size_t around = 1 + e->header.dcid.len + 4 + FAULT_TAG;

  if (e->pad_to > around + e->plain_len) {
    size_t to = e->pad_to - around;
    to = to < sizeof(e->plain) ? to : sizeof(e->plain);
    memset(e->plain + e->plain_len, 0, to - e->plain_len);
    e->plain_len = to;
  }
  return ho_decoder_seal(in->decoder, in->faults->side, &e->header, pn,
                         in->key_phase, e->plain, e->plain_len, dest, cap);
}

static void send_extra(ho_faults *f, fault_extra_datagram *e) {
  size_t at = ho_ip_header_len(e->src.addr.family) + FAULT_UDP_HEADER, n;
  ho_packet *pkt;

  if (e->src.addr.family != e->dst.addr.family) {
    return;
  }
  pkt = ho_packet_new(f->env->pool);
  n = seal_extra(e, e->in->numbers.next, pkt->data + at,
                 sizeof(pkt->data) - at);
  if (n == 0) {
    ho_packet_del(f->env->pool, pkt);
    return;
  }
  fault_numbers_extra(&e->in->numbers, e->ecn);
  pkt->client = e->in->c.client;
  pkt->connection = e->in->c.connection;
  ho_ip_write_udp(pkt, &e->src, &e->dst, e->ecn, n);
  f->out(f->out_user, pkt);
}

void fault_extras_flush(ho_faults *f) {
  fault_extra_datagram **at = &f->extras;

  while (*at) {
    fault_extra_datagram *e = *at;
    if (e->at > ho_ns_now()) {
      at = &e->next;
      continue;
    }
    *at = e->next;
    send_extra(f, e);
    free(e);
    at = &f->extras; /* what went out may have brought more */
  }
}

void fault_extras_drop(const fault_inside *in) {
  fault_extra_datagram **at = &in->faults->extras;

  while (*at) {
    fault_extra_datagram *e = *at;
    if (e->in != in) {
      at = &e->next;
      continue;
    }
    *at = e->next;
    free(e);
  }
}

void fault_extras_free(ho_faults *f) {
  while (f->extras) {
    fault_extra_datagram *e = f->extras;
    f->extras = e->next;
    free(e);
  }
}
