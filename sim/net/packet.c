/* A pool of packets. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/packet.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

/* Under AddressSanitizer a packet that is given back is really freed, so that
 * whoever still uses it is found. */
#if defined(__SANITIZE_ADDRESS__)
#define RECYCLE 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RECYCLE 0
#endif
#endif
#ifndef RECYCLE
#define RECYCLE 1
#endif

ho_packet *ho_packet_new(ho_pool *pool) {
  ho_packet *pkt = pool->free;

  if (pkt) {
    pool->free = pkt->next;
  } else {
    pkt = ho_alloc(sizeof(*pkt));
  }
  pkt->next = pkt->prev = NULL;
  pkt->id = ++pool->last_id;
  pkt->client = -1;
  pkt->connection = 0;
  pkt->len = 0;
  pkt->copy_of = 0;
  pkt->forged = pkt->damaged = false;
  pool->live++;
  return pkt;
}

void ho_packet_del(ho_pool *pool, ho_packet *pkt) {
  assert(pool->live > 0);
  pool->live--;
  if (!RECYCLE) {
    free(pkt);
    return;
  }
  pkt->next = pool->free;
  pool->free = pkt;
}

ho_packet *ho_packet_copy(ho_pool *pool, const ho_packet *pkt) {
  ho_packet *copy = ho_packet_new(pool);

  copy->client = pkt->client;
  copy->connection = pkt->connection;
  copy->net = pkt->net;
  copy->copy_of = pkt->id;
  copy->forged = pkt->forged;
  copy->damaged = pkt->damaged;
  copy->len = pkt->len;
  memcpy(copy->data, pkt->data, pkt->len);
  return copy;
}

void ho_pool_free(ho_pool *pool) {
  assert(pool->live == 0);
  while (pool->free) {
    ho_packet *pkt = pool->free;

    pool->free = pkt->next;
    free(pkt);
  }
}
