/* A heap of what is due when. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/deadlines.h"

#include <stdbool.h>
#include <stdlib.h>

#include "sim/base/alloc.h"

void ho_deadlines_free(ho_deadlines *heap) {
  free(heap->items);
  *heap = (ho_deadlines){0};
}

static bool before(const ho_deadline *a, const ho_deadline *b) {
  return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void place(ho_deadlines *heap, size_t i, ho_deadline *d) {
  heap->items[i] = d;
  d->place = i + 1;
}

static void sift_up(ho_deadlines *heap, size_t i, ho_deadline *d) {
  while (i > 0 && before(d, heap->items[(i - 1) / 2])) {
    place(heap, i, heap->items[(i - 1) / 2]);
    i = (i - 1) / 2;
  }
  place(heap, i, d);
}

static void sift_down(ho_deadlines *heap, size_t i, ho_deadline *d) {
  size_t child;

  while ((child = 2 * i + 1) < heap->count) {
    if (child + 1 < heap->count &&
        before(heap->items[child + 1], heap->items[child])) {
      child++;
    }
    if (!before(heap->items[child], d)) {
      break;
    }
    place(heap, i, heap->items[child]);
    i = child;
  }
  place(heap, i, d);
}

static void resettle(ho_deadlines *heap, size_t i, ho_deadline *d) {
  if (i > 0 && before(d, heap->items[(i - 1) / 2])) {
    sift_up(heap, i, d);
  } else {
    sift_down(heap, i, d);
  }
}

static void take_out(ho_deadlines *heap, ho_deadline *d) {
  size_t i = d->place - 1;
  ho_deadline *last = heap->items[--heap->count];

  d->place = 0;
  if (last != d) {
    resettle(heap, i, last);
  }
}

void ho_deadlines_set(ho_deadlines *heap, ho_deadline *d, ho_time at) {
  if (d->place && d->at == at) {
    return;
  }
  d->at = at;
  if (at == HO_NEVER) {
    if (d->place) {
      take_out(heap, d);
    }
    return;
  }
  if (d->place) {
    resettle(heap, d->place - 1, d);
    return;
  }
  ho_grow(&heap->items, heap->count, &heap->cap, sizeof(ho_deadline *));
  sift_up(heap, heap->count++, d);
}

ho_deadline *ho_deadlines_first(const ho_deadlines *heap) {
  return heap->count ? heap->items[0] : NULL;
}
