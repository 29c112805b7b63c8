/* Tests of stack/tcp/table.c and bytes.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "stack/tcp/bytes.h"
#include "stack/tcp/table.h"
#include "tests/suite.h"

static ho_tuple tuple_of(unsigned i) {
  ho_tuple tuple = {{ho_addr_v4(0x0a000000 + i % 7), (uint16_t)(1000 + i)},
                    {ho_addr_v4(0xcb007101), 443}};

  return tuple;
}

/* Goal: while entries come and go, each is found exactly as long as it is
 * there, and all are listed in the order they came. */
START_TEST(finds_what_is_there) {
  enum { COUNT = 200 };
  static ho_table_entry entries[COUNT];
  ho_tuple_table table;
  unsigned next = 0;

  ho_tuple_table_init(&table);
  for (unsigned i = 0; i < COUNT; i++) {
    entries[i].tuple = tuple_of(i);
    ho_tuple_table_add(&table, &entries[i]);
  }
  for (unsigned i = 0; i < COUNT; i += 3) {
    ho_tuple_table_remove(&table, &entries[i]);
  }
  for (unsigned i = 0; i < COUNT; i++) {
    ho_tuple tuple = tuple_of(i);
    ck_assert_ptr_eq(ho_tuple_table_find(&table, &tuple),
                     i % 3 == 0 ? NULL : &entries[i]);
  }
  for (ho_table_entry *e = table.all.next; e != &table.all; e = e->next) {
    next += next % 3 == 0;
    ck_assert_ptr_eq(e, &entries[next++]);
  }
  while (table.count > 0) {
    ho_tuple_table_remove(&table, table.all.next);
  }
  ho_tuple_table_free(&table);
}
END_TEST

/* Goal: bytes come out as they went in, through growth and reuse. */
START_TEST(keeps_bytes_in_order) {
  ho_bytes b = {0};
  uint8_t in = 0, out = 0;

  for (unsigned round = 1; round < 400; round++) {
    uint8_t *room = ho_bytes_reserve(&b, round);
    for (unsigned i = 0; i < round; i++) {
      room[i] = in++;
    }
    b.len += round;
    while (ho_bytes_left(&b) > round / 2) {
      ck_assert_uint_eq(*ho_bytes_front(&b), out++);
      ho_bytes_take(&b, 1);
    }
  }
  ho_bytes_append(&b, "", 0);
  while (ho_bytes_left(&b) > 0) {
    ck_assert_uint_eq(*ho_bytes_front(&b), out++);
    ho_bytes_take(&b, 1);
  }
  ck_assert_uint_eq(in, out);
  ho_bytes_free(&b);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, finds_what_is_there);
  tcase_add_test(tc, keeps_bytes_in_order);
}

int main(void) {
  return suite_run("table", add);
}
