/* A queue of bytes: filled at the end, taken from the front. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/tcp/bytes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

uint8_t *ho_bytes_reserve(ho_bytes *b, size_t len) {
  size_t left = ho_bytes_left(b);

  if (b->cap - b->len >= len && b->data) {
    return b->data + b->len;
  }
  if (b->cap < 2 * (left + len)) {
    size_t cap = 2 * (left + len);
    uint8_t *data = ho_alloc(cap);

    if (left > 0) {
      memcpy(data, ho_bytes_front(b), left);
    }
    free(b->data);
    b->data = data;
    b->cap = cap;
  } else {
    memmove(b->data, ho_bytes_front(b), left);
  }
  b->off = 0;
  b->len = left;
  return b->data + b->len;
}

void ho_bytes_append(ho_bytes *b, const void *data, size_t len) {
  if (len > 0) {
    memcpy(ho_bytes_reserve(b, len), data, len);
    b->len += len;
  }
}

void ho_bytes_take(ho_bytes *b, size_t len) {
  assert(len <= ho_bytes_left(b));
  b->off += len;
  if (b->off == b->len) {
    b->off = b->len = 0;
  }
}

void ho_bytes_free(ho_bytes *b) {
  free(b->data);
  *b = (ho_bytes){0};
}
