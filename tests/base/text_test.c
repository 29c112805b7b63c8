/* Goal: numbers come out as printf would write them, at every length. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/base/text.h"

#include <inttypes.h>
#include <stdio.h>

#include "sim/base/addr.h"
#include "tests/suite.h"

/* A power of two or ten, and its neighbours: every length there is. */
static uint64_t number(int i) {
  uint64_t n = 1;

  if (i < 3 * 64) {
    return (UINT64_C(1) << (i / 3)) + (uint64_t)(i % 3) - 1;
  }
  for (i -= 3 * 64; i >= 3; i -= 3) {
    n *= 10;
  }
  return n + (uint64_t)i - 1;
}

enum { NUMBERS = 3 * 64 + 3 * 20 };

START_TEST(integers) {
  uint64_t n = number(_i);
  char want[32], got[32];

  snprintf(want, sizeof(want), "%" PRIu64, n);
  *ho_put_u64(got, n) = '\0';
  ck_assert_str_eq(got, want);
  snprintf(want, sizeof(want), "%" PRId64, (int64_t)n);
  *ho_put_i64(got, (int64_t)n) = '\0';
  ck_assert_str_eq(got, want);
}
END_TEST

START_TEST(seconds) {
  uint64_t n = number(_i);
  char want[40], got[40];

  snprintf(want, sizeof(want), "%" PRIu64 ".%09" PRIu64, n / HO_SEC,
           n % HO_SEC);
  *ho_put_s(got, n) = '\0';
  ck_assert_str_eq(got, want);
}
END_TEST

START_TEST(padded) {
  char got[8];

  *ho_put_padded(got, 0, 3) = '\0';
  ck_assert_str_eq(got, "000");
  *ho_put_padded(got, 70, 3) = '\0';
  ck_assert_str_eq(got, "070");
  *ho_put_padded(got, 999, 3) = '\0';
  ck_assert_str_eq(got, "999");
}
END_TEST

START_TEST(hex) {
  static const uint8_t bytes[] = {0x00, 0x9a, 0xff};
  char got[8];

  *ho_put_hex(got, bytes, sizeof(bytes)) = '\0';
  ck_assert_str_eq(got, "009aff");
}
END_TEST

START_TEST(addresses) {
  ho_endpoint v4 = {{4, {10, 0, 255, 109}}, 65535}, v6 = {{0}, 443}, none = {0};
  char got[HO_TUPLE_TEXT];

  ck_assert_int_eq(ho_addr_parse(&v6.addr, "2001:db8::1"), 0);
  ck_assert_str_eq(ho_endpoint_text(got, &v4), "10.0.255.109:65535");
  ck_assert_str_eq(ho_endpoint_text(got, &v6), "[2001:db8::1]:443");
  ck_assert_str_eq(ho_endpoint_text(got, &none), "-:0");
  ck_assert_str_eq(ho_tuple_text(got, &(ho_tuple){v6, v4}),
                   "[2001:db8::1]:443>10.0.255.109:65535");
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, integers, 0, NUMBERS);
  tcase_add_loop_test(tc, seconds, 0, NUMBERS);
  tcase_add_test(tc, padded);
  tcase_add_test(tc, hex);
  tcase_add_test(tc, addresses);
}

int main(void) {
  return suite_run("text", add);
}
