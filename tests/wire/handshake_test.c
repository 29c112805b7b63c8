/* Goal: a handshake's first message is put together from pieces in any order,
 * and only once; what its readers look for in it is found, and nothing else. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/handshake.h"

#include <stdlib.h>
#include <string.h>

#include "rfc9001.h"
#include "sim/wire/writer.h"
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

/* Identities of these lengths, behind an extension that is something else.
 * Returns the message's length. */
static size_t write_hello(uint8_t *dest, size_t cap, const size_t *lens,
                          size_t count) {
  ho_writer w = {dest, dest + cap, false};
  size_t offered = 0;

  for (size_t i = 0; i < count; i++) {
    offered += 2 + lens[i] + 4;
  }
  ho_writer_uint(&w, 1, 1);
  ho_writer_uint(&w, 2 + 32 + 1 + 4 + 2 + 2 + 6 + 6 + offered + 3, 3);
  ho_writer_uint(&w, 0x0303, 2);
  ho_writer_zeros(&w, 32);
  ho_writer_uint(&w, 0, 1);          /* session ID */
  ho_writer_uint(&w, 0x00021301, 4); /* cipher suites */
  ho_writer_uint(&w, 0x0100, 2);     /* compression */
  ho_writer_uint(&w, 6 + 6 + offered + 3, 2);
  ho_writer_uint(&w, UINT64_C(0x002d00020029), 6); /* no pre_shared_key */
  ho_writer_uint(&w, 41, 2);
  ho_writer_uint(&w, 2 + offered + 3, 2);
  ho_writer_uint(&w, offered, 2);
  for (size_t i = 0; i < count; i++) {
    ho_writer_uint(&w, lens[i], 2);
    for (size_t k = 0; k < lens[i]; k++) {
      ho_writer_uint(&w, i + 1, 1);
    }
    ho_writer_uint(&w, 0xffffffff, 4); /* age */
  }
  ho_writer_uint(&w, 0x000100, 3); /* binders */
  ck_assert(!w.full);
  return (size_t)(w.p - dest);
}

START_TEST(identities_are_found) {
  static const size_t lens[] = {200, 1, 32};
  uint8_t message[500], want[200];
  size_t len = write_hello(message, sizeof(message), lens, 3), n = 0;

  for (size_t i = 0; i < 3; i++) {
    const uint8_t *identity = ho_handshake_identity(message, len, i, &n);
    ck_assert_ptr_nonnull(identity);
    ck_assert_uint_eq(n, lens[i]);
    memset(want, (int)i + 1, sizeof(want));
    ck_assert_mem_eq(identity, want, n);
  }
  ck_assert_ptr_null(ho_handshake_identity(message, len, 3, &n));
  message[0] = 2;
  ck_assert_ptr_null(ho_handshake_identity(message, len, 0, &n));
  len = hex(message, client_frame) - 4;
  ck_assert_ptr_null(ho_handshake_identity(message + 4, len, 0, &n));
}
END_TEST

/* Cut anywhere, in a buffer that is no larger; or with one byte changed. */
START_TEST(broken_hellos_are_safe) {
  static const size_t lens[] = {20, 30};
  uint8_t message[200];
  size_t len = write_hello(message, sizeof(message), lens, 2), n;

  for (size_t cut = 0; cut < len; cut++) {
    uint8_t *copy = malloc(cut + 1);
    memcpy(copy, message, cut);
    ck_assert_ptr_null(ho_handshake_identity(copy, cut, 0, &n));
    free(copy);
  }
  for (size_t i = 0; i < 256 * len; i++) {
    uint8_t *copy = malloc(len);
    const uint8_t *identity;
    memcpy(copy, message, len);
    copy[i / 256] = (uint8_t)i;
    for (size_t k = 0;
         (identity = ho_handshake_identity(copy, len, k, &n)) != NULL; k++) {
      ck_assert(identity >= copy && identity + n <= copy + len);
    }
    free(copy);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, pieces_come_in_any_order, 0, 2);
  tcase_add_test(tc, giants_are_left_alone);
  tcase_add_test(tc, suite_is_found);
  tcase_add_test(tc, identities_are_found);
  tcase_add_test(tc, broken_hellos_are_safe);
}

int main(void) {
  return suite_run("handshake", add);
}
