/* Goal: the server finds connections by CID and deadlines in order, however
 * many come and go; compared with lists that are searched from end to end. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "sim/base/rng.h"
#include "stack/quic/cid_table.h"
#include "stack/quic/deadlines.h"
#include "tests/suite.h"

enum { CIDS = 500, STEPS = 20000 };

/* CIDs of 1 to 20 bytes, of which many share a prefix. */
static size_t cid_of(unsigned i, uint8_t cid[20]) {
  memset(cid, 0xaa, 20);
  cid[0] = (uint8_t)i;
  if (i < 256) {
    return 1 + i % 20;
  }
  cid[1] = (uint8_t)(i >> 8);
  return 2 + i % 19;
}

START_TEST(table_is_a_map) {
  static int values[CIDS];
  void *model[CIDS] = {0};
  ho_cid_table table = {0};
  uint8_t cid[20];
  ho_rng rng;

  ho_rng_init(&rng, 1, "test");
  for (int step = 0; step < STEPS; step++) {
    unsigned i = (unsigned)ho_rng_below(&rng, CIDS);
    size_t len = cid_of(i, cid);
    switch (ho_rng_below(&rng, 3)) {
    case 0:
      model[i] = &values[ho_rng_below(&rng, CIDS)];
      ho_cid_table_set(&table, cid, len, model[i]);
      break;
    case 1:
      model[i] = NULL;
      ho_cid_table_remove(&table, cid, len);
      break;
    default:
      ck_assert_ptr_eq(ho_cid_table_get(&table, cid, len), model[i]);
    }
  }
  ho_cid_table_free(&table);
}
END_TEST

static const ho_deadline *earliest(const ho_deadline *all, size_t count) {
  const ho_deadline *best = NULL;

  for (size_t i = 0; i < count; i++) {
    if (all[i].at != HO_NEVER &&
        (!best || all[i].at < best->at ||
         (all[i].at == best->at && all[i].order < best->order))) {
      best = &all[i];
    }
  }
  return best;
}

START_TEST(heap_gives_the_earliest) {
  ho_deadline all[40];
  ho_deadlines heap = {0};
  ho_rng rng;

  ho_rng_init(&rng, 1, "test");
  for (size_t i = 0; i < COUNT(all); i++) {
    all[i] = (ho_deadline){HO_NEVER, i, 0};
  }
  for (int step = 0; step < STEPS; step++) {
    size_t i = (size_t)ho_rng_below(&rng, COUNT(all));
    bool out = ho_rng_below(&rng, 4) == 0;
    ho_deadlines_set(&heap, &all[i], out ? HO_NEVER : ho_rng_below(&rng, 50));
    ck_assert_ptr_eq(ho_deadlines_first(&heap), earliest(all, COUNT(all)));
  }
  ho_deadlines_free(&heap);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, table_is_a_map);
  tcase_add_test(tc, heap_gives_the_earliest);
}

int main(void) {
  return suite_run("tables", add);
}
