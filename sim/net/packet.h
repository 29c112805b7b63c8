/* A packet is the bytes of an IP packet in a pooled buffer. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_PACKET_H
#define HO_NET_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/addr.h"
#include "sim/base/time.h"

enum { HO_PACKET_CAP = 2000 };

/* ho_packet is owned by whoever holds it: pushing it into an element or a
 * host hands it over.  |data| holds |len| bytes from the IP header on. */
typedef struct ho_packet {
  struct ho_packet *next, *prev; /* for the owner's lists */
  uint64_t id;                   /* run-unique, from 1 in order of creation */
  int client;                    /* whose it is (ground truth), -1 unknown */
  uint64_t connection;           /* of that client */
  int net;                       /* it came in by, at a host */
  uint64_t copy_of; /* the packet it is a copy of: a duplicate, or what an
                       attacker made of it; 0: none */
  bool forged;      /* an attacker put it there, or changed it (ground truth) */
  bool damaged;     /* a packet rule broke its payload (ground truth) */
  uint32_t len;
  uint8_t data[HO_PACKET_CAP];
} ho_packet;

/* ho_pool recycles packets and numbers them. */
typedef struct {
  ho_packet *free;
  uint64_t last_id;
  size_t live; /* handed out and not given back */
} ho_pool;

ho_packet *ho_packet_new(ho_pool *pool);
void ho_packet_del(ho_pool *pool, ho_packet *pkt);

/* ho_packet_copy returns a copy of |pkt| with a number of its own; what it is a
 * copy of is |pkt|. */
ho_packet *ho_packet_copy(ho_pool *pool, const ho_packet *pkt);

/* ho_pool_free frees what lies in |pool|; every packet must be back. */
void ho_pool_free(ho_pool *pool);

#endif
