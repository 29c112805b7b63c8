/* A ring of records numbered upwards, of which the oldest are let go. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/ring.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

/* More than this many records between two numbers is a bug of the numbering,
 * and would otherwise eat all memory. */
static const uint64_t RECORDS_MAX = UINT64_C(1) << 28;

void ho_ring_free(ho_ring *ring) {
  free(ring->items);
  ring->items = NULL;
  ring->base = ring->end = 0;
  ring->cap = 0;
}

static void *slot(const ho_ring *ring, uint64_t n) {
  return ring->items + (size_t)(n & (ring->cap - 1)) * ring->size;
}

/* What lies together in both is copied together. */
static void copy(ho_ring *to, const ho_ring *from) {
  uint64_t count;

  for (uint64_t i = from->base; i < from->end; i += count) {
    count = from->cap - (i & (from->cap - 1));
    if (count > from->end - i) {
      count = from->end - i;
    }
    memcpy(slot(to, i), slot(from, i), (size_t)count * from->size);
  }
}

void ho_ring_grow(ho_ring *ring, uint64_t n) {
  uint64_t count = n - ring->base + 1;
  ho_ring next = *ring;

  assert(count <= RECORDS_MAX);
  next.cap = ring->cap == 0 ? 4 : ring->cap;
  while (next.cap < count) {
    next.cap *= 2;
  }
  next.items = ho_alloc_array(next.cap, ring->size);
  copy(&next, ring);
  free(ring->items);
  *ring = next;
}

void *ho_ring_extend(ho_ring *ring, uint64_t n) {
  if (ring->base == ring->end) {
    ring->base = ring->end = n;
  }
  assert(n >= ring->end);
  if (n - ring->base >= ring->cap) {
    ho_ring_grow(ring, n);
  }
  while (ring->end <= n) {
    memset(slot(ring, ring->end), 0, ring->size);
    ring->end++;
  }
  return slot(ring, n);
}

void ho_ring_drop(ho_ring *ring, uint64_t n) {
  if (n > ring->end) {
    n = ring->end;
  }
  if (n > ring->base) {
    ring->base = n;
  }
}
