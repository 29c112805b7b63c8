/* Reads what came over a wire, without ever running over its end. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_WIRE_READER_H
#define HO_WIRE_READER_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ho_reader remembers in |bad| whether it was asked for more than there is;
 * what it then returns is 0, and it stays where it was. */
typedef struct {
  const uint8_t *p, *end;
  bool bad;
} ho_reader;

static inline size_t ho_reader_left(const ho_reader *r) {
  return (size_t)(r->end - r->p);
}

/* ho_reader_skip returns where the |n| bytes begin that it passes. */
static inline const uint8_t *ho_reader_skip(ho_reader *r, uint64_t n) {
  const uint8_t *start = r->p;

  if (r->bad || ho_reader_left(r) < n) {
    r->bad = true;
    return start;
  }
  r->p += n;
  return start;
}

/* ho_reader_uint reads |n| bytes in network order. */
static inline uint64_t ho_reader_uint(ho_reader *r, size_t n) {
  const uint8_t *b = ho_reader_skip(r, n);
  uint64_t v = 0;

  for (size_t i = 0; i < n && !r->bad; i++) {
    v = v << 8 | b[i];
  }
  return v;
}

/* ho_reader_peek64 shows the next eight bytes, which must be there. */
static inline uint64_t ho_reader_peek64(const ho_reader *r) {
  uint64_t v;

  memcpy(&v, r->p, sizeof(v));
  return be64toh(v);
}

/* ho_reader_varint reads a variable-length integer: RFC 9000, 16. */
static inline uint64_t ho_reader_varint(ho_reader *r) {
  size_t n;

  if (r->p == r->end) {
    r->bad = true;
    return 0;
  }
  n = (size_t)1 << (*r->p >> 6);
  if (n == 1 && !r->bad) {
    return *r->p++;
  }
  if (ho_reader_left(r) >= 8 && !r->bad) {
    uint64_t v = ho_reader_peek64(r) << 2 >> 2;
    r->p += n;
    return v >> (64 - 8 * n);
  }
  return ho_reader_uint(r, n) & UINT64_MAX >> (66 - 8 * n);
}

static inline void ho_reader_copy(ho_reader *r, void *dest, size_t n) {
  const uint8_t *b = ho_reader_skip(r, n);

  if (!r->bad) {
    memcpy(dest, b, n);
  }
}

#endif
