/* The bytes of every object: one table of random bytes, entered elsewhere by
 * each object. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/content.h"

#include <string.h>

#include "sim/base/rng.h"

/* PERIOD is a prime above 1 MiB, so that no power of two, and no size of a
 * packet, window or buffer, is a multiple of it.  STRIDE is about PERIOD times
 * the golden ratio: as PERIOD is prime, object * STRIDE is another entry for
 * each of PERIOD consecutive objects, and neighbours lie far apart.  SLACK
 * repeats the table's start after its end, so that ranges up to that size are
 * contiguous wherever they begin. */
enum { PERIOD = 1048583, STRIDE = 648061, SLACK = 65536 };

static uint8_t table[PERIOD + SLACK];

static const uint8_t *table_get(void) {
  static int filled;

  if (!filled) {
    ho_rng rng;

    /* The same bytes in every run: they are no part of what a seed varies. */
    ho_rng_init(&rng, 0, "content");
    ho_rng_bytes(&rng, table, PERIOD);
    memcpy(table + PERIOD, table, SLACK);
    filled = 1;
  }
  return table;
}

void ho_content_preload(void) {
  (void)table_get();
}

const uint8_t *ho_content_at(uint64_t object, uint64_t offset, size_t *len) {
  uint64_t entry = object % PERIOD * STRIDE % PERIOD;
  size_t at = (size_t)((entry + offset % PERIOD) % PERIOD);
  size_t room = PERIOD + SLACK - at;

  if (*len > room) {
    *len = room;
  }
  return table_get() + at;
}

static size_t first_difference(const uint8_t *a, const uint8_t *b, size_t len) {
  size_t i = 0;

  while (i < len && a[i] == b[i]) {
    i++;
  }
  return i;
}

size_t ho_content_check(uint64_t object, uint64_t offset, const uint8_t *data,
                        size_t len) {
  size_t done = 0;

  while (done < len) {
    size_t n = len - done;
    /* offset + done may wrap round at 2^64 only for an offset no transfer
     * reaches: HTTP numbers end at 2^62 (http.c). */
    const uint8_t *want = ho_content_at(object, offset + done, &n);

    if (memcmp(want, data + done, n) != 0) {
      return done + first_difference(want, data + done, n);
    }
    done += n;
  }
  return len;
}
