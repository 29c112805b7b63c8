/* Goal: a tap shows every packet in its direction and lets it go on at once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/tap.h"

#include "tests/net/rig.h"
#include "tests/suite.h"

typedef struct {
  size_t seen[2];
  uint64_t last;
} sight;

static void see(void *user, ho_direction dir, const ho_packet *pkt) {
  sight *s = user;

  s->seen[dir]++;
  s->last = pkt->id;
}

START_TEST(shows_and_forwards) {
  sight s = {0};
  ho_tap tap;
  rig r;

  rig_init(&r, 1);
  ho_tap_init(&tap, see, &s);
  rig_join(&r, &tap.element);
  rig_send(&r, HO_UP, 100);
  ck_assert_uint_eq(s.last, 1);
  ck_assert_uint_eq(r.arrived[HO_UP].count, 1);
  rig_send(&r, HO_DOWN, 100);
  rig_send(&r, HO_DOWN, 100);
  ck_assert_uint_eq(s.seen[HO_UP], 1);
  ck_assert_uint_eq(s.seen[HO_DOWN], 2);
  ck_assert_uint_eq(r.arrived[HO_DOWN].count, 2);
  ck_assert_uint_eq(r.arrived[HO_DOWN].notes[1].id, 3);
  rig_free(&r);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, shows_and_forwards);
}

int main(void) {
  return suite_run("tap", add);
}
