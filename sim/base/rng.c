/* Named random streams. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/base/rng.h"

#include <assert.h>
#include <string.h>

/* SplitMix64, which xoshiro's authors recommend for seeding. */
static uint64_t splitmix(uint64_t *x) {
  uint64_t z = (*x += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/* FNV-1a, 64 bits: only has to tell stream names apart. */
static uint64_t hash_name(const char *name) {
  uint64_t h = 0xcbf29ce484222325u;
  for (; *name; name++) {
    h = (h ^ (uint8_t)*name) * 0x100000001b3u;
  }
  return h;
}

void ho_rng_init(ho_rng *rng, uint64_t seed, const char *name) {
  uint64_t x = seed, y = hash_name(name);
  uint64_t mixed = splitmix(&x) ^ splitmix(&y);

  for (int i = 0; i < 4; i++) {
    rng->s[i] = splitmix(&mixed);
  }
}

static uint64_t rotl(uint64_t x, int k) {
  return (x << k) | (x >> (64 - k));
}

uint64_t ho_rng_u64(ho_rng *rng) {
  uint64_t *s = rng->s;
  uint64_t result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;

  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotl(s[3], 45);
  return result;
}

uint64_t ho_rng_below(ho_rng *rng, uint64_t bound) {
  uint64_t limit, x;

  assert(bound > 0);
  /* Rejection keeps small remainders from being favoured. */
  limit = UINT64_MAX - UINT64_MAX % bound;
  do {
    x = ho_rng_u64(rng);
  } while (x >= limit);
  return x % bound;
}

double ho_rng_unit(ho_rng *rng) {
  return (double)(ho_rng_u64(rng) >> 11) * 0x1.0p-53;
}

void ho_rng_bytes(ho_rng *rng, void *dest, size_t len) {
  uint8_t *p = dest;

  while (len > 0) {
    uint64_t x = ho_rng_u64(rng);
    size_t n = len < sizeof(x) ? len : sizeof(x);
    memcpy(p, &x, n);
    p += n;
    len -= n;
  }
}
