/* A ring of records numbered upwards, of which the oldest are let go. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_RING_H
#define HO_MEASURE_RING_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* ho_ring holds the records with numbers base <= n < end.  It is how packets,
 * packet numbers and ranges are found in constant time, with memory bounded by
 * how far back anybody may ask.  Zeroed but for |size|, it is empty. */
typedef struct {
  uint64_t base, end;
  size_t cap; /* a power of two, or 0 */
  size_t size;
  unsigned char *items;
} ho_ring;

void ho_ring_free(ho_ring *ring);

/* ho_ring_extend makes |n| >= end the newest record and returns it; those it
 * skips are zero, as it is.  The first record sets the base. */
void *ho_ring_extend(ho_ring *ring, uint64_t n);

/* ho_ring_grow makes room for number |n|. */
void ho_ring_grow(ho_ring *ring, uint64_t n);

/* ho_ring_next makes ring->end the newest record and returns it; its contents
 * are for the caller to set. */
static inline void *ho_ring_next(ho_ring *ring) {
  uint64_t n = ring->end;

  if (n - ring->base >= ring->cap) {
    ho_ring_grow(ring, n);
  }
  ring->end++;
  return ring->items + (size_t)(n & (ring->cap - 1)) * ring->size;
}

/* ho_ring_drop lets go of every record before |n|. */
void ho_ring_drop(ho_ring *ring, uint64_t n);

/* ho_ring_at returns record |n|, or NULL when it is not held; valid until the
 * ring is extended. */
static inline void *ho_ring_at(const ho_ring *ring, uint64_t n) {
  if (n < ring->base || n >= ring->end) {
    return NULL;
  }
  return ring->items + (size_t)(n & (ring->cap - 1)) * ring->size;
}

#endif
