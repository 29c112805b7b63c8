/* Goal: a record is found by its number as long as it is held, however the
 * ring has grown and turned. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "measure/ring.h"
#include "tests/suite.h"

static void put(ho_ring *ring, uint64_t n) {
  uint64_t *record = ho_ring_extend(ring, n);

  ck_assert_uint_eq(*record, 0);
  *record = n * 10;
}

static uint64_t get(const ho_ring *ring, uint64_t n) {
  const uint64_t *record = ho_ring_at(ring, n);

  return record == NULL ? UINT64_MAX : *record;
}

START_TEST(a_window_that_slides) {
  ho_ring ring = {.size = sizeof(uint64_t)};

  for (uint64_t n = 1000; n < 3000; n++) {
    put(&ring, n);
    if (n >= 1100) {
      ho_ring_drop(&ring, n - 99);
    }
    for (uint64_t k = ring.base; k < ring.end; k++) {
      ck_assert_uint_eq(get(&ring, k), k * 10);
    }
  }
  ck_assert_uint_eq(ring.cap, 128);
  ck_assert_uint_eq(get(&ring, ring.base - 1), UINT64_MAX);
  ck_assert_uint_eq(get(&ring, ring.end), UINT64_MAX);
  ho_ring_free(&ring);
}
END_TEST

START_TEST(numbers_that_are_skipped_are_zero) {
  ho_ring ring = {.size = sizeof(uint64_t)};

  put(&ring, 5);
  put(&ring, 9);
  ck_assert_uint_eq(get(&ring, 5), 50);
  ck_assert_uint_eq(get(&ring, 7), 0);
  ck_assert_uint_eq(get(&ring, 9), 90);
  ho_ring_drop(&ring, 100);
  ck_assert_uint_eq(get(&ring, 9), UINT64_MAX);
  put(&ring, UINT64_C(1) << 40); /* empty, it may begin anywhere */
  ck_assert_uint_eq(ring.end - ring.base, 1);
  ho_ring_free(&ring);
  ck_assert_ptr_null(ho_ring_at(&ring, 0));
}
END_TEST

START_TEST(the_next_one_goes_on_from_the_last) {
  ho_ring ring = {.size = sizeof(uint64_t)};

  put(&ring, 7);
  for (uint64_t n = 8; n < 500; n++) {
    *(uint64_t *)ho_ring_next(&ring) = n * 10;
    ck_assert_uint_eq(ring.end, n + 1);
    if (n >= 50) {
      ho_ring_drop(&ring, n - 20);
    }
    for (uint64_t k = ring.base; k < ring.end; k++) {
      ck_assert_uint_eq(get(&ring, k), k * 10);
    }
  }
  ck_assert_uint_eq(ring.cap, 64);
  ho_ring_drop(&ring, 500);
  *(uint64_t *)ho_ring_next(&ring) = 5000;
  ck_assert_uint_eq(get(&ring, 500), 5000);
  ck_assert_uint_eq(ring.base, 500);
  ho_ring_free(&ring);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, a_window_that_slides);
  tcase_add_test(tc, numbers_that_are_skipped_are_zero);
  tcase_add_test(tc, the_next_one_goes_on_from_the_last);
}

int main(void) {
  return suite_run("ring", add);
}
