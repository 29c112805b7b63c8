/* Goal: a link that changes in mid-run, or goes away, loses nothing from the
 * books and is exact before and after. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/net/link_rig.h"

typedef struct {
  ho_link *link;
  ho_set_key key;
  ho_wired value;
  int up; /* 0, 1: set_up; -1: set */
} change;

static void apply(void *user) {
  change *c = user;

  if (c->up >= 0) {
    ho_link_set_up(c->link, -1, c->up, ho_ns_now());
  } else {
    ho_link_set(c->link, c->key, &c->value, ho_ns_now());
  }
  ho_link_check(c->link);
}

/* Three packets of 1000 bytes at 8 Mbit/s depart at 1, 2 and 3 ms and arrive
 * 10 ms later; something is set at |at|. */
START_TEST(set_in_mid_run) {
  static const struct {
    const char *what;
    ho_time at;
    ho_set_key key;
    ho_wired value;
    ho_time arrive_us[3]; /* 0: lost */
  } cases[] = {
      {"half a rate, half through the first",
       500 * HO_USEC,
       HO_SET_UP,
       {.up_bps = 4 * MBPS},
       {11500, 13500, 15500}},
      {"twice the rate, half through the second",
       1500 * HO_USEC,
       HO_SET_UP,
       {.up_bps = 16 * MBPS},
       {11000, 11750, 12250}},
      {"the rate at a departure",
       2000 * HO_USEC,
       HO_SET_UP,
       {.up_bps = 1 * MBPS},
       {11000, 12000, 20000}},
      {"the rate when all have departed",
       3000 * HO_USEC,
       HO_SET_UP,
       {.up_bps = 1 * MBPS},
       {11000, 12000, 13000}},
      {"the other direction's rate",
       500 * HO_USEC,
       HO_SET_DOWN,
       {.down_bps = 1 * MBPS},
       {11000, 12000, 13000}},
      {"a longer delay",
       1500 * HO_USEC,
       HO_SET_DELAY,
       {.delay = 50 * HO_MSEC},
       {11000, 52000, 53000}},
      {"a shorter delay waits for those before",
       1500 * HO_USEC,
       HO_SET_DELAY,
       {.delay = HO_MSEC},
       {11000, 11000, 11000}},
      {"loss",
       1500 * HO_USEC,
       HO_SET_LOSS,
       {.loss_ppm = 1000000},
       {11000, 0, 0}},
      {"a shorter queue drops nobody",
       500 * HO_USEC,
       HO_SET_QUEUE,
       {.queue = {HO_QUEUE_PACKETS, 0}},
       {11000, 12000, 13000}},
  };

  for (size_t i = 0; i < COUNT(cases); i++) {
    ho_link *link;
    change c;
    size_t n = 0;
    rig r;

    link = start(&r, &plain, 1);
    c = (change){link, cases[i].key, cases[i].value, -1};
    ho_ns_at(cases[i].at, apply, &c);
    rig_send_at(&r, 0, HO_UP, 1000, 3, 0);
    ho_ns_run(HO_SEC);
    for (size_t p = 0; p < 3; p++) {
      if (cases[i].arrive_us[p]) {
        ck_assert_msg(n < r.arrived[HO_UP].count &&
                          r.arrived[HO_UP].notes[n].id == p + 1 &&
                          r.arrived[HO_UP].notes[n].t ==
                              cases[i].arrive_us[p] * HO_USEC,
                      "%s: packet %zu", cases[i].what, p + 1);
        n++;
      }
    }
    ck_assert_uint_eq(r.arrived[HO_UP].count, n);
    ck_assert_uint_eq(r.dropped[HO_UP].count, 3 - n);
    finish(&r, link);
  }
}
END_TEST

/* A packet that is held back or to be lost and departs at the very instant of a
 * change is neither forgotten nor planned twice. */
START_TEST(set_at_departure) {
  for (int lossy = 0; lossy < 2; lossy++) {
    ho_wired wired = plain;
    ho_link *link;
    change c;
    rig r;

    *(lossy ? &wired.loss_ppm : &wired.reorder_ppm) = 1000000;
    link = start(&r, &wired, 1);
    c = (change){link, HO_SET_DELAY, {.delay = 90 * HO_MSEC}, -1};
    ho_ns_at(2 * HO_MSEC, apply, &c);
    rig_send_at(&r, 0, HO_UP, 1000, 3, 0);
    ho_ns_run(HO_SEC);
    ck_assert_uint_eq(r.arrived[HO_UP].count, lossy ? 0 : 3);
    ck_assert_uint_eq(r.dropped[HO_UP].count, lossy ? 3 : 0);
    if (!lossy) {
      ck_assert_uint_le(r.arrived[HO_UP].notes[1].t, 22 * HO_MSEC);
      ck_assert_uint_ge(r.arrived[HO_UP].notes[2].t, 93 * HO_MSEC);
    }
    finish(&r, link);
  }
}
END_TEST

/* always is |plain| with what |value| says. */
static ho_wired always(const ho_wired *value) {
  ho_wired wired = plain;

  wired.up_bps = value->up_bps ? value->up_bps : wired.up_bps;
  wired.delay = value->delay ? value->delay : wired.delay;
  wired.jitter = value->jitter;
  wired.loss_ppm = value->loss_ppm;
  wired.reorder_ppm = value->reorder_ppm;
  wired.queue = value->queue.amount ? value->queue : wired.queue;
  return wired;
}

/* Jitter, reordering and the queue, set in mid-run, are from then on those of a
 * link that always had them. */
START_TEST(set_equals_configured) {
  static const struct {
    ho_set_key key;
    ho_wired value;
  } cases[] = {
      {HO_SET_JITTER, {.jitter = 3 * HO_MSEC}},
      {HO_SET_REORDER, {.reorder_ppm = 200000}},
      {HO_SET_QUEUE, {.queue = {HO_QUEUE_PACKETS, 3}}},
      {HO_SET_LOSS, {.loss_ppm = 100000}},
      {HO_SET_DELAY, {.delay = 33 * HO_MSEC}},
      {HO_SET_UP, {.up_bps = 1 * MBPS}},
  };

  for (size_t i = 0; i < COUNT(cases); i++) {
    ho_wired wired = plain;
    rig_notes kept[2];
    ho_link *link;
    change c;
    rig r;

    link = start(&r, &wired, 1);
    c = (change){link, cases[i].key, cases[i].value, -1};
    ho_ns_at(HO_SEC / 2, apply, &c);
    rig_send_at(&r, HO_SEC, HO_UP, 100, 1000, 50 * HO_USEC);
    ho_ns_run(10 * HO_SEC);
    kept[0] = r.arrived[HO_UP];
    kept[1] = r.dropped[HO_UP];
    r.arrived[HO_UP] = r.dropped[HO_UP] = (rig_notes){0};
    wired = always(&cases[i].value);
    finish(&r, link);

    link = start(&r, &wired, 1);
    rig_send_at(&r, HO_SEC, HO_UP, 100, 1000, 50 * HO_USEC);
    ho_ns_run(10 * HO_SEC);
    ck_assert_uint_eq(r.arrived[HO_UP].count, kept[0].count);
    ck_assert_uint_eq(r.dropped[HO_UP].count, kept[1].count);
    for (size_t n = 0; n < kept[0].count; n++) {
      ck_assert_uint_eq(r.arrived[HO_UP].notes[n].t, kept[0].notes[n].t);
      ck_assert_uint_eq(r.arrived[HO_UP].notes[n].id, kept[0].notes[n].id);
    }
    free(kept[0].notes);
    free(kept[1].notes);
    finish(&r, link);
  }
}
END_TEST

/* `disconnect` loses what is queued, also the packet in service; what is on the
 * wire arrives; nothing enters; and after `connect` the link starts empty. */
START_TEST(down_and_up) {
  static const rig_note lost[] = {{1500 * HO_USEC, 2, 1000, "link-down"},
                                  {1500 * HO_USEC, 3, 1000, "link-down"},
                                  {1600 * HO_USEC, 4, 1000, "link-down"}};
  static const rig_note came[] = {{11000 * HO_USEC, 1, 1000, NULL},
                                  {12700 * HO_USEC, 5, 1000, NULL}};
  ho_link *link;
  change down, up;
  rig r;

  link = start(&r, &plain, 1);
  down = (change){.link = link, .up = 0};
  up = (change){.link = link, .up = 1};
  rig_send_at(&r, 0, HO_UP, 1000, 3, 0);
  ho_ns_at(1500 * HO_USEC, apply, &down);
  rig_send_at(&r, 1600 * HO_USEC, HO_UP, 1000, 1, 0);
  ho_ns_at(1700 * HO_USEC, apply, &up);
  rig_send_at(&r, 1700 * HO_USEC, HO_UP, 1000, 1, 0);
  ho_ns_run(HO_SEC);
  ck_assert(ho_link_is_up(link, -1));
  ck_assert_uint_eq(r.dropped[HO_UP].count, COUNT(lost));
  for (size_t i = 0; i < COUNT(lost); i++) {
    ck_assert_uint_eq(r.dropped[HO_UP].notes[i].t, lost[i].t);
    ck_assert_uint_eq(r.dropped[HO_UP].notes[i].id, lost[i].id);
    ck_assert_str_eq(r.dropped[HO_UP].notes[i].reason, lost[i].reason);
  }
  ck_assert_uint_eq(r.arrived[HO_UP].count, COUNT(came));
  for (size_t i = 0; i < COUNT(came); i++) {
    ck_assert_uint_eq(r.arrived[HO_UP].notes[i].t, came[i].t);
    ck_assert_uint_eq(r.arrived[HO_UP].notes[i].id, came[i].id);
  }
  finish(&r, link);
}
END_TEST

/* A receiver that answers at once, into the same lane too, and one that takes
 * the link down from within the arrival, find the link in order. */
static ho_link *answered;
static size_t answers;

static void answer(rig *r, ho_direction dir) {
  if (answers > 0) {
    answers--;
    rig_send(r, HO_UP, 500);
    rig_send(r, HO_DOWN, 500);
  } else if (ho_link_is_up(answered, -1)) {
    ho_link_set_up(answered, -1, false, ho_ns_now());
  }
  ho_link_check(answered);
  (void)dir;
}

START_TEST(reentrant) {
  ho_wired wired = plain;
  rig r;

  wired.delay = 0;
  wired.reorder_ppm = 300000;
  answered = start(&r, &wired, 1);
  answers = 1000;
  r.on_arrival = answer;
  rig_send_at(&r, 0, HO_UP, 500, 1, 0);
  ho_ns_run(10 * HO_SEC);
  ck_assert_uint_eq(answers, 0);
  ck_assert_uint_eq(r.arrived[HO_UP].count + r.arrived[HO_DOWN].count +
                        r.dropped[HO_UP].count + r.dropped[HO_DOWN].count,
                    2001);
  finish(&r, answered);
}
END_TEST

static void random_change(change *c, ho_rng *rng) {
  c->key = (ho_set_key)ho_rng_below(rng, 7);
  c->up = ho_rng_below(rng, 3) == 0 ? (int)ho_rng_below(rng, 2) : -1;
  c->value = (ho_wired){
      .down_bps = 1 + ho_rng_below(rng, 20 * MBPS),
      .up_bps = 1 + ho_rng_below(rng, 20 * MBPS),
      .delay = ho_rng_below(rng, 30 * HO_MSEC),
      .jitter = ho_rng_below(rng, 10 * HO_MSEC),
      .loss_ppm = (uint32_t)ho_rng_below(rng, 300000),
      .reorder_ppm = (uint32_t)ho_rng_below(rng, 300000),
      .queue = {(ho_queue_unit)ho_rng_below(rng, 3), ho_rng_below(rng, 40000)},
  };
}

/* Whatever is set and switched, every packet arrives or is lost exactly once,
 * and the books agree with what is seen from outside. */
START_TEST(conservation) {
  enum { CHANGES = 400, BURSTS = 2000 };
  change *changes = ho_alloc_array(CHANGES, sizeof(change));
  ho_link *link;
  ho_rng rng;
  char *seen;
  rig r;

  ho_rng_init(&rng, (uint64_t)_i, "test");
  link = start(&r, &plain, (uint64_t)_i);
  for (int i = 0; i < CHANGES; i++) {
    changes[i].link = link;
    random_change(&changes[i], &rng);
    ho_ns_at(ho_rng_below(&rng, 10 * HO_SEC), apply, &changes[i]);
  }
  for (int i = 0; i < BURSTS; i++) {
    rig_send_at(&r, ho_rng_below(&rng, 10 * HO_SEC),
                (ho_direction)ho_rng_below(&rng, 2),
                1 + (uint32_t)ho_rng_below(&rng, 1500),
                1 + ho_rng_below(&rng, 20), 0);
  }
  ho_ns_run(5 * HO_SEC);
  ho_link_check(link);
  ho_ns_run(10 * HO_SEC);
  ho_link_check(link);
  seen = ho_alloc(r.pool.last_id + 1);
  for (int dir = 0; dir < 2; dir++) {
    const ho_link_counts *counts = ho_link_counted(link, (ho_direction)dir);
    const rig_notes *lists[2] = {&r.arrived[dir], &r.dropped[dir]};
    const ho_link_count *books[2] = {&counts->delivered, &counts->dropped};

    for (int l = 0; l < 2; l++) {
      uint64_t bytes = 0;

      for (size_t i = 0; i < lists[l]->count; i++) {
        ck_assert_int_eq(seen[lists[l]->notes[i].id], 0);
        seen[lists[l]->notes[i].id] = 1;
        bytes += lists[l]->notes[i].bytes;
      }
      ck_assert_uint_eq(books[l]->packets, lists[l]->count);
      ck_assert_uint_eq(books[l]->bytes, bytes);
    }
    ck_assert_uint_gt(counts->delivered.packets, 100);
    ck_assert_uint_gt(counts->dropped.packets, 100);
  }
  ck_assert_uint_eq(ho_link_counted(link, HO_UP)->entered.packets +
                        ho_link_counted(link, HO_DOWN)->entered.packets,
                    r.pool.last_id);
  finish(&r, link);
  free(seen);
  free(changes);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, set_in_mid_run);
  tcase_add_test(tc, set_at_departure);
  tcase_add_test(tc, set_equals_configured);
  tcase_add_test(tc, down_and_up);
  tcase_add_test(tc, reentrant);
  tcase_add_loop_test(tc, conservation, 0, 10);
}

int main(void) {
  return suite_run("link changes", add);
}
