/* Servers behind a load balancer: who gets a connection, and its CIDs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_QUIC_BALANCER_H
#define HO_STACK_QUIC_BALANCER_H

#include <stdint.h>

#include <ngtcp2/ngtcp2.h>

#include "sim/base/rng.h"
#include "sim/scenario/scenario.h"
#include "stack/transport.h"

/* ho_balancer stands for the load balancer and all servers behind it: one
 * endpoint plays them all, and only their connection IDs differ. */
typedef struct ho_balancer ho_balancer;

/* ho_balancer_new draws keys from |seed|; NULL if |config| has no load
 * balancer.  |incarnation| counts restarts, over which the keys stay the same
 * and still no nonce comes twice.  The caller frees it with ho_balancer_del,
 * which takes NULL. */
ho_balancer *ho_balancer_new(const ho_server_config *config, uint64_t seed,
                             unsigned incarnation);
void ho_balancer_del(ho_balancer *b);

/* ho_balancer_pick returns the server, from 0, to which datagrams of the
 * 4-tuple |path| (the server's view) go while their DCID names none: a hash,
 * the draft's baseline fallback algorithm. */
uint32_t ho_balancer_pick(const ho_balancer *b, const ho_path *path);

/* ho_balancer_cid makes a CID of |server|, with bits from |rng|. */
void ho_balancer_cid(ho_balancer *b, uint32_t server, ho_rng *rng,
                     ngtcp2_cid *cid);

#endif
