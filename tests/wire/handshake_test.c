/* Goal: a handshake's first message is put together from pieces in any order,
 * and only once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/handshake.h"

#include <string.h>

#include "rfc9001.h"
#include "tests/suite.h"

/* Pieces of 10 bytes that overlap by 3, backwards and forwards. */
START_TEST(pieces_come_in_any_order) {
  uint8_t frame[300];
  size_t len = hex(frame, client_frame) - 4, n = 0, pieces = 0;
  const uint8_t *message = frame + 4, *whole = NULL;
  ho_handshake h = {0};

  for (size_t i = 0; i < len && !whole; i += 7) {
    size_t at = _i ? i : (len - 1) / 7 * 7 - i;
    whole = ho_handshake_add(&h, at, message + at,
                             len - at < 10 ? len - at : 10, &n);
    pieces++;
  }
  ck_assert_uint_ge(pieces, 34);
  ck_assert_ptr_nonnull(whole);
  ck_assert_uint_eq(n, len);
  ck_assert_mem_eq(whole, message, len);
  ck_assert_ptr_null(ho_handshake_add(&h, 0, message, len, &n));
  ho_handshake_free(&h);
}
END_TEST

/* What is longer than any message is forgotten, wherever it begins. */
START_TEST(giants_are_left_alone) {
  static const uint8_t giant[] = {11, 0, 0x40, 0, 1, 2};
  ho_handshake h = {0};
  size_t n;

  ck_assert_ptr_null(ho_handshake_add(&h, UINT64_C(1) << 61, giant, 6, &n));
  ck_assert_ptr_null(ho_handshake_add(&h, 16382, giant, 6, &n));
  ck_assert(!h.done);
  ck_assert_ptr_null(ho_handshake_add(&h, 0, giant, 6, &n));
  ck_assert(h.done);
  ho_handshake_free(&h);
}
END_TEST

START_TEST(suite_is_found) {
  uint8_t frames[200];
  size_t len = hex(frames, server_frames) - 9;

  ck_assert_uint_eq(ho_handshake_suite(frames + 9, len), 0x1301);
  frames[9] = 1;
  ck_assert_uint_eq(ho_handshake_suite(frames + 9, len), 0);
  frames[9] = 2;
  ck_assert_uint_eq(ho_handshake_suite(frames + 9, 40), 0);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, pieces_come_in_any_order, 0, 2);
  tcase_add_test(tc, giants_are_left_alone);
  tcase_add_test(tc, suite_is_found);
}

int main(void) {
  return suite_run("handshake", add);
}
