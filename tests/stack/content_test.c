/* Tests of the content that every transfer carries. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/content.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "tests/suite.h"

enum { MB = 1000000, PERIOD = 1048583 };

/* copy writes |len| bytes of |object| from |offset| into |out|. */
static void copy(uint8_t *out, uint64_t object, uint64_t offset, size_t len) {
  while (len > 0) {
    size_t n = len;
    const uint8_t *p = ho_content_at(object, offset, &n);

    ck_assert_uint_ge(n, 1);
    ck_assert_uint_le(n, len);
    memcpy(out, p, n);
    out += n;
    offset += n;
    len -= n;
  }
}

/* Bytes do not depend on the chunks in which they are asked for. */
START_TEST(content_is_a_sequence) {
  static uint8_t whole[3 * MB], pieces[3 * MB];
  size_t at = 0, step = 1;

  copy(whole, 7, 0, sizeof(whole));
  while (at < sizeof(pieces)) {
    size_t n = step < sizeof(pieces) - at ? step : sizeof(pieces) - at;

    copy(pieces + at, 7, at, n);
    at += n;
    step = step * 3 % 99991 + 1;
  }
  ck_assert_mem_eq(whole, pieces, sizeof(whole));
}
END_TEST

/* A range that is shifted by anything up to a megabyte does not pass. */
START_TEST(content_has_a_long_period) {
  static uint8_t bytes[2 * PERIOD];
  static const size_t shifts[] = {1,     2,      16,      255,     256,
                                  1200,  1444,   4096,    16384,   65536,
                                  65537, 100000, 1 << 19, 1000000, 1 << 20};
  size_t equal = 0;

  copy(bytes, 0, 0, sizeof(bytes));
  for (size_t i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++) {
    ck_assert(memcmp(bytes, bytes + shifts[i], 64) != 0);
    ck_assert_uint_lt(ho_content_check(0, shifts[i], bytes, 64), 64);
  }
  for (size_t s = 1; s <= MB; s++) {
    equal += memcmp(bytes, bytes + s, 16) == 0;
  }
  ck_assert_uint_eq(equal, 0);
}
END_TEST

static int by_head(const void *a, const void *b) {
  return memcmp(a, b, 16);
}

/* No two of the first 1000 objects, nor their request bodies, are equal at the
 * same offset. */
START_TEST(content_differs_between_objects) {
  static const uint64_t offsets[] = {0, 1, 999999, PERIOD, UINT64_C(1) << 40};
  static uint8_t heads[2000][16];

  for (size_t o = 0; o < sizeof(offsets) / sizeof(offsets[0]); o++) {
    for (uint64_t i = 0; i < 1000; i++) {
      copy(heads[i], i, offsets[o], 16);
      copy(heads[1000 + i], i + (UINT64_C(1) << 32), offsets[o], 16);
    }
    qsort(heads, 2000, 16, by_head);
    for (size_t i = 1; i < 2000; i++) {
      ck_assert(memcmp(heads[i - 1], heads[i], 16) != 0);
    }
  }
}
END_TEST

/* The check finds the first wrong byte, wherever the table wraps round. */
START_TEST(content_check_finds_the_byte) {
  static uint8_t bytes[200000];
  static const size_t wrong[] = {0, 1, 77, 65535, 65536, 131071, 199999};

  for (uint64_t offset = 0; offset < 3 * MB; offset += 177777) {
    copy(bytes, 3, offset, sizeof(bytes));
    ck_assert_uint_eq(ho_content_check(3, offset, bytes, sizeof(bytes)),
                      sizeof(bytes));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
      bytes[wrong[i]] ^= 0x40;
      ck_assert_uint_eq(ho_content_check(3, offset, bytes, sizeof(bytes)),
                        wrong[i]);
      bytes[wrong[i]] ^= 0x40;
    }
  }
  ck_assert_uint_eq(ho_content_check(3, 0, bytes, 0), 0);
}
END_TEST

/* A datagram's worth is always contiguous, so that the table's end does not
 * show in packet sizes. */
START_TEST(content_is_contiguous) {
  for (uint64_t offset = 0; offset < 2 * PERIOD; offset += 997) {
    size_t n = 65536;

    ho_content_at(11, offset, &n);
    ck_assert_uint_eq(n, 65536);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, content_is_a_sequence);
  tcase_add_test(tc, content_has_a_long_period);
  tcase_add_test(tc, content_differs_between_objects);
  tcase_add_test(tc, content_check_finds_the_byte);
  tcase_add_test(tc, content_is_contiguous);
}

int main(void) {
  return suite_run("content", add);
}
