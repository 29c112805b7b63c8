/* Writes what goes over a wire, without ever running over the room for it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_WIRE_WRITER_H
#define HO_WIRE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ho_writer remembers in |full| that something did not fit. */
typedef struct {
  uint8_t *p, *end;
  bool full;
} ho_writer;

static inline bool ho_writer_fits(ho_writer *w, uint64_t n) {
  w->full |= (uint64_t)(w->end - w->p) < n;
  return !w->full;
}

static inline void ho_writer_bytes(ho_writer *w, const void *p, uint64_t n) {
  if (ho_writer_fits(w, n) && n > 0) {
    memcpy(w->p, p, (size_t)n);
    w->p += n;
  }
}

static inline void ho_writer_zeros(ho_writer *w, uint64_t n) {
  if (ho_writer_fits(w, n) && n > 0) {
    memset(w->p, 0, (size_t)n);
    w->p += n;
  }
}

/* ho_writer_uint writes |n| bytes in network order. */
static inline void ho_writer_uint(ho_writer *w, uint64_t v, size_t n) {
  if (ho_writer_fits(w, n)) {
    for (size_t i = 0; i < n; i++) {
      w->p[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
    }
    w->p += n;
  }
}

/* ho_writer_varint writes the shortest form (RFC 9000, 16) of the low 62
 * bits. */
static inline void ho_writer_varint(ho_writer *w, uint64_t v) {
  unsigned log = v < 0x40 ? 0 : v < 0x4000 ? 1 : v < 0x40000000 ? 2 : 3;
  size_t n = (size_t)1 << log;

  v &= UINT64_MAX >> 2;
  ho_writer_uint(w, v | (uint64_t)log << (8 * n - 2), n);
}

#endif
