/* A queue of bytes: filled at the end, taken from the front. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TCP_BYTES_H
#define HO_TCP_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* Starts zeroed.  The bytes are data[off..len). */
typedef struct {
  uint8_t *data;
  size_t off, len, cap;
} ho_bytes;

static inline size_t ho_bytes_left(const ho_bytes *b) {
  return b->len - b->off;
}

static inline const uint8_t *ho_bytes_front(const ho_bytes *b) {
  return b->data + b->off;
}

/* ho_bytes_reserve returns room for |len| bytes at the end; |b->len| grows by
 * what the caller puts there. */
uint8_t *ho_bytes_reserve(ho_bytes *b, size_t len);
void ho_bytes_append(ho_bytes *b, const void *data, size_t len);

/* ho_bytes_take drops |len| bytes, no more than are left, from the front. */
void ho_bytes_take(ho_bytes *b, size_t len);
void ho_bytes_free(ho_bytes *b);

#endif
