/* Named random streams: adding one never shifts another. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_BASE_RNG_H
#define HO_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/* xoshiro256** 1.0 by D. Blackman and S. Vigna (https://prng.di.unimi.it). */
typedef struct {
  uint64_t s[4];
} ho_rng;

/* ho_rng_init seeds |rng| from the run's |seed| and the stream's |name|, such
 * as "loss.home.down". */
void ho_rng_init(ho_rng *rng, uint64_t seed, const char *name);

uint64_t ho_rng_u64(ho_rng *rng);

/* ho_rng_below returns a uniform value in [0, bound); |bound| > 0. */
uint64_t ho_rng_below(ho_rng *rng, uint64_t bound);

/* ho_rng_unit returns a uniform value in [0, 1). */
double ho_rng_unit(ho_rng *rng);

void ho_rng_bytes(ho_rng *rng, void *dest, size_t len);

#endif
