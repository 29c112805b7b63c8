/* Servers behind a load balancer, told apart by QUIC-LB's server IDs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/balancer.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/wire/lb.h"

/* Of a nonce's number, what tells a server from what it was before a restart.
 * Four bytes of nonce leave four million CIDs between two of them. */
enum { INCARNATION_BITS = 10 };

struct ho_balancer {
  ho_lb format;
  ho_lb nonces; /* lends its key only */
  uint64_t salt, incarnation, issued;
  uint32_t servers;
};

ho_balancer *ho_balancer_new(const ho_server_config *config, uint64_t seed,
                             unsigned incarnation) {
  uint8_t key[HO_LB_KEY_BYTES], nonce_key[HO_LB_KEY_BYTES];
  ho_balancer *b;
  ho_rng rng;

  if (!config->lb) {
    return NULL;
  }
  assert(incarnation >> INCARNATION_BITS == 0);
  b = ho_alloc(sizeof(*b));
  ho_rng_init(&rng, seed, "quic.server.lb");
  ho_rng_bytes(&rng, key, sizeof(key));
  ho_rng_bytes(&rng, nonce_key, sizeof(nonce_key));
  b->salt = ho_rng_u64(&rng);
  b->incarnation = incarnation;
  b->servers = config->lb_servers;
  ho_lb_init(&b->format, 0, config->lb_server_id_length,
             config->lb_nonce_length, config->lb_encrypted ? key : NULL);
  ho_lb_init(&b->nonces, 0, HO_LB_SERVER_ID_MIN, config->lb_nonce_length,
             nonce_key);
  assert(ho_lb_cid_bytes(&b->format) == config->cid_length);
  return b;
}

void ho_balancer_del(ho_balancer *b) {
  if (b) {
    ho_lb_free(&b->format);
    ho_lb_free(&b->nonces);
    free(b);
  }
}

/* ---- which server ---- */

/* FNV-1a. */
static uint64_t hash_bytes(uint64_t hash, const uint8_t *bytes, size_t len) {
  for (size_t i = 0; i < len; i++) {
    hash = (hash ^ bytes[i]) * 0x100000001b3u;
  }
  return hash;
}

static uint64_t hash_endpoint(uint64_t hash, const ho_endpoint *e) {
  const uint8_t port[] = {(uint8_t)(e->port >> 8), (uint8_t)e->port};

  hash = hash_bytes(hash, e->addr.bytes, e->addr.family == 4 ? 4 : 16);
  return hash_bytes(hash, port, sizeof(port));
}

uint32_t ho_balancer_pick(const ho_balancer *b, const ho_path *path) {
  uint64_t hash = hash_endpoint(0xcbf29ce484222325u ^ b->salt, &path->remote);

  hash = hash_endpoint(hash, &path->local);
  /* FNV's lower bits know nothing of the bytes' upper ones: mix as MurmurHash3
   * does. */
  hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdu;
  hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53u;
  return (uint32_t)((hash ^ hash >> 33) % b->servers);
}

/* ---- connection IDs ---- */

static void put_number(uint8_t *bytes, size_t len, uint64_t number) {
  while (len > 0) {
    bytes[--len] = (uint8_t)number;
    number >>= 8;
  }
}

/* Without encryption a nonce must not show its relation to others, and none may
 * come twice: so it counts, and a secret permutation hides that. */
static void make_nonce(ho_balancer *b, uint8_t *nonce) {
  size_t len = b->format.nonce_bytes;
  unsigned bits = len < 8 ? (unsigned)len * 8 : 64;
  uint64_t number = b->issued++;

  assert(number >> (bits - INCARNATION_BITS) == 0);
  put_number(nonce, len, b->incarnation << (bits - INCARNATION_BITS) | number);
  ho_lb_permute(&b->nonces, nonce, len);
}

void ho_balancer_cid(ho_balancer *b, uint32_t server, ho_rng *rng,
                     ngtcp2_cid *cid) {
  uint8_t bits, id[HO_LB_SERVER_ID_MAX], nonce[HO_LB_NONCE_MAX];

  assert(server < b->servers);
  ho_rng_bytes(rng, &bits, 1);
  put_number(id, b->format.server_id_bytes, server);
  make_nonce(b, nonce);
  ho_lb_seal(&b->format, bits, id, nonce, cid->data);
  cid->datalen = ho_lb_cid_bytes(&b->format);
}
