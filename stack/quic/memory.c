/* Allocators that count what ngtcp2 and nghttp3 hold for one connection. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/memory.h"

#include <stdlib.h>
#include <string.h>

/* Each block begins with its size, padded so that alignment stays. */
typedef union {
  uint64_t size;
  max_align_t align;
} header;

static void *take(size_t size, void *user) {
  ho_quic_memory *m = user;
  header *h = malloc(sizeof(*h) + size);

  if (!h) {
    return NULL;
  }
  h->size = size;
  m->bytes += size;
  return h + 1;
}

static void give(void *ptr, void *user) {
  ho_quic_memory *m = user;
  header *h = ptr;

  if (h) {
    h--;
    m->bytes -= h->size;
    free(h);
  }
}

static void *take_zeroed(size_t count, size_t size, void *user) {
  void *p;

  if (size && count > SIZE_MAX / size) {
    return NULL;
  }
  p = take(count * size, user);
  return p ? memset(p, 0, count * size) : NULL;
}

static void *retake(void *ptr, size_t size, void *user) {
  ho_quic_memory *m = user;
  header *h;

  if (!ptr) {
    return take(size, user);
  }
  h = (header *)ptr - 1;
  m->bytes -= h->size;
  h = realloc(h, sizeof(*h) + size);
  if (!h) {
    return NULL;
  }
  h->size = size;
  m->bytes += size;
  return h + 1;
}

void ho_quic_memory_init(ho_quic_memory *m) {
  m->bytes = 0;
  m->quic = (ngtcp2_mem){m, take, give, take_zeroed, retake};
  m->http = (nghttp3_mem){m, take, give, take_zeroed, retake};
}
