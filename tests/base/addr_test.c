/* Goal: addresses parse, print, add (in their last 32 bits) and compare. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/base/addr.h"

#include "sim/base/diag.h"
#include "tests/suite.h"

static const struct {
  const char *text, *plus_300, *endpoint;
} rows[] = {
    {"192.0.2.1", "192.0.3.45", "192.0.2.1:443"},
    {"255.255.255.0", "0.0.0.44", "255.255.255.0:443"},
    {"2001:db8::1", "2001:db8::12d", "[2001:db8::1]:443"},
    {"fd00::ffff:ff00", "fd00::2c", "[fd00::ffff:ff00]:443"},
};

START_TEST(round_trip) {
  char text[HO_ENDPOINT_TEXT];
  ho_endpoint e = {{0}, 443};
  ho_addr sum;

  ck_assert_int_eq(ho_addr_parse(&e.addr, rows[_i].text), 0);
  ck_assert_str_eq(ho_endpoint_text(text, &e), rows[_i].endpoint);
  ck_assert_int_eq(ho_addr_parse(&sum, rows[_i].plus_300), 0);
  e.addr = ho_addr_add(e.addr, 300);
  ck_assert(ho_addr_eq(&e.addr, &sum));
}
END_TEST

START_TEST(nonsense_is_refused) {
  static const char *const bad[] = {"", "1.2.3", "1.2.3.4.5", "::g",
                                    "1.2.3.4:5"};
  ho_addr addr;

  ck_assert_int_eq(ho_addr_parse(&addr, bad[_i]), HO_ERR_INPUT);
  ck_assert_int_eq(addr.family, 0);
}
END_TEST

START_TEST(tuples_compare_whole) {
  ho_tuple a = {{ho_addr_v4(1), 2}, {ho_addr_v4(3), 4}}, b = a;

  ck_assert(ho_tuple_eq(&a, &b));
  ck_assert_uint_eq(ho_tuple_hash(&a), ho_tuple_hash(&b));
  b.server.port = 5;
  ck_assert(!ho_tuple_eq(&a, &b));
  ck_assert_uint_ne(ho_tuple_hash(&a), ho_tuple_hash(&b));
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, round_trip, 0, COUNT(rows));
  tcase_add_loop_test(tc, nonsense_is_refused, 0, 5);
  tcase_add_test(tc, tuples_compare_whole);
}

int main(void) {
  return suite_run("addr", add);
}
