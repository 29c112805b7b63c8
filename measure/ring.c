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

/* Half of the numbers have another place in twice the room, behind those that
 * stay; most rings begin at about 0, so that few or none of them are there. */
static void move_up(ho_ring *ring, size_t before) {
  uint64_t count;

  for (uint64_t i = ring->base; i < ring->end; i += count) {
    count = before - (i & (before - 1));
    if (count > ring->end - i) {
      count = ring->end - i;
    }
    if (i & before) {
      unsigned char *to = slot(ring, i);
      memcpy(to, to - before * ring->size, (size_t)count * ring->size);
    }
  }
}

void ho_ring_grow(ho_ring *ring, uint64_t n) {
  uint64_t count = n - ring->base + 1;

  assert(count <= RECORDS_MAX);
  do {
    size_t before = ring->cap;

    ring->cap = before == 0 ? 4 : 2 * before;
    ring->items = ho_resize(ring->items, ring->cap, ring->size);
    if (before > 0) {
      move_up(ring, before);
    }
  } while (ring->cap < count);
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
