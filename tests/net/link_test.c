/* Goal: the wired link is exact to the nanosecond, its queue holds what it
 * should, and chance stays within its bounds. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/net/link_rig.h"

/* One packet takes its serialisation, rounded up, and the delay; each direction
 * has its own rate. */
START_TEST(one_packet) {
  static const struct {
    uint64_t rate_bps;
    ho_time delay;
    uint32_t len;
    ho_time takes;
  } cases[] = {
      {8 * MBPS, 10 * HO_MSEC, 1000, 11 * HO_MSEC},
      {8 * MBPS, 0, 1, HO_USEC},
      {100 * MBPS, 20 * HO_MSEC, 1500, 20 * HO_MSEC + 120 * HO_USEC},
      {3, 0, 1, 2666666667},
      {999999937, 1, 1500, 12001 + 1},
      {(uint64_t)1000000000 * 1000000000, 7, 1500, 1 + 7},
  };

  for (size_t i = 0; i < COUNT(cases) * 2; i++) {
    size_t c = i / 2;
    ho_direction dir = (ho_direction)(i % 2);
    ho_wired wired = plain;
    ho_link *link;
    rig r;

    wired.delay = cases[c].delay;
    *(dir == HO_UP ? &wired.up_bps : &wired.down_bps) = cases[c].rate_bps;
    link = start(&r, &wired, 1);
    rig_send_at(&r, HO_SEC, dir, cases[c].len, 1, 0);
    ho_ns_run(100 * HO_SEC);
    ck_assert_uint_eq(r.arrived[dir].count, 1);
    ck_assert_uint_eq(r.arrived[dir].notes[0].t, HO_SEC + cases[c].takes);
    ck_assert_uint_eq(r.arrived[!dir].count, 0);
    finish(&r, link);
  }
}
END_TEST

/* A link kept busy carries exactly its rate: the n-th of packets of all sizes
 * leaves when all bits up to its last have had their time, rounded up once. */
START_TEST(saturated) {
  static const uint64_t rates[] = {1 * MBPS, 7777777, 100 * MBPS, 999999937,
                                   40000000000u};

  for (size_t i = 0; i < COUNT(rates); i++) {
    ho_wired wired = plain;
    unsigned __int128 bits = 0;
    ho_link *link;
    ho_rng rng;
    rig r;

    wired.up_bps = rates[i];
    link = start(&r, &wired, 1);
    ho_rng_init(&rng, 1, "test");
    for (int n = 0; n < 5000; n++) {
      rig_send(&r, HO_UP, 20 + (uint32_t)ho_rng_below(&rng, 1481));
    }
    ho_ns_run(100 * HO_SEC);
    ck_assert_uint_eq(r.arrived[HO_UP].count, 5000);
    for (size_t n = 0; n < 5000; n++) {
      const rig_note *note = &r.arrived[HO_UP].notes[n];

      bits += note->bytes * 8;
      ck_assert_uint_eq(note->id, n + 1);
      ck_assert_uint_eq(note->t,
                        wired.delay + ceil_div(bits * 1000000000, rates[i]));
    }
    finish(&r, link);
  }
}
END_TEST

/* A link offered a little more than its rate, packet by packet, delivers within
 * 0.01 % of it. */
START_TEST(offered_too_much) {
  ho_wired wired = plain;
  const rig_notes *got;
  ho_link *link;
  double rate;
  rig r;

  wired.down_bps = 33333333;
  wired.queue.amount = 50;
  link = start(&r, &wired, 1);
  rig_send_at(&r, 0, HO_DOWN, 1333, 40000, 313 * HO_USEC);
  ho_ns_run(20 * HO_SEC);
  got = &r.arrived[HO_DOWN];
  ck_assert_uint_gt(got->count, 30000);
  ck_assert_uint_gt(r.dropped[HO_DOWN].count, 500);
  rate = (double)(got->count - 1) * 1333 * 8 * 1e9 /
         (double)(got->notes[got->count - 1].t - got->notes[0].t);
  ck_assert_double_eq_tol(rate / 33333333, 1.0, 0.0001);
  finish(&r, link);
}
END_TEST

/* How many packets of 1000 bytes a burst gets through: the queue and the one
 * being serialised. */
START_TEST(queue_limits) {
  static const struct {
    ho_queue_size queue;
    uint64_t rate_bps;
    size_t through;
  } cases[] = {
      {{HO_QUEUE_PACKETS, 5}, 8 * MBPS, 6},
      {{HO_QUEUE_PACKETS, 0}, 8 * MBPS, 1},
      {{HO_QUEUE_BYTES, 3000}, 8 * MBPS, 4},
      {{HO_QUEUE_BYTES, 2999}, 8 * MBPS, 3},
      {{HO_QUEUE_BYTES, 1}, 8 * MBPS, 1},
      /* 30 ms there and back at 8 Mbit/s are 30,000 bytes. */
      {{HO_QUEUE_BDP, 1000}, 8 * MBPS, 31},
      {{HO_QUEUE_BDP, 2000}, 8 * MBPS, 61},
      {{HO_QUEUE_BDP, 500}, 8 * MBPS, 16},
      {{HO_QUEUE_BDP, 400}, 8 * MBPS, 16}, /* 10 packets of 1500 bytes */
      {{HO_QUEUE_BDP, 1000}, 16 * MBPS, 61},
  };

  for (size_t i = 0; i < COUNT(cases); i++) {
    ho_wired wired = plain;
    ho_link *link;
    rig r;

    wired.queue = cases[i].queue;
    wired.up_bps = cases[i].rate_bps;
    link = start(&r, &wired, 1);
    rig_send_at(&r, HO_SEC, HO_UP, 1000, 100, 0);
    ho_ns_run(HO_SEC);
    ck_assert_uint_eq(ho_link_queued(link, HO_UP, HO_SEC).packets,
                      cases[i].through - 1);
    ck_assert_uint_eq(ho_link_queued(link, HO_UP, HO_SEC).bytes,
                      1000 * (cases[i].through - 1));
    ho_link_check(link);
    ho_ns_run(5 * HO_SEC);
    ck_assert_uint_eq(r.arrived[HO_UP].count, cases[i].through);
    ck_assert_uint_eq(r.dropped[HO_UP].count, 100 - cases[i].through);
    for (size_t n = 0; n < r.dropped[HO_UP].count; n++) {
      ck_assert_str_eq(r.dropped[HO_UP].notes[n].reason, "queue");
      ck_assert_uint_eq(r.dropped[HO_UP].notes[n].t, HO_SEC);
    }
    ck_assert_uint_eq(ho_link_queued(link, HO_UP, 5 * HO_SEC).packets, 0);
    finish(&r, link);
  }
}
END_TEST

/* A place in the queue is free from the instant the packet before departs. */
START_TEST(queue_drains) {
  ho_wired wired = plain;
  ho_link *link;
  rig r;

  wired.queue.amount = 2;
  link = start(&r, &wired, 1);
  rig_send_at(&r, 0, HO_UP, 1000, 3, 0); /* serialised until 1, 2, 3 ms */
  rig_send_at(&r, HO_MSEC - 1, HO_UP, 1000, 1, 0);
  rig_send_at(&r, HO_MSEC, HO_UP, 1000, 2, 0);
  rig_send_at(&r, 4 * HO_MSEC, HO_UP, 1000, 1, 0);
  ho_ns_run(HO_SEC);
  ck_assert_uint_eq(r.dropped[HO_UP].count, 2);
  ck_assert_uint_eq(r.dropped[HO_UP].notes[0].t, HO_MSEC - 1);
  ck_assert_uint_eq(r.dropped[HO_UP].notes[1].t, HO_MSEC);
  ck_assert_uint_eq(r.arrived[HO_UP].count, 5);
  ck_assert_uint_eq(r.arrived[HO_UP].notes[3].t, 14 * HO_MSEC);
  ck_assert_uint_eq(r.arrived[HO_UP].notes[4].t, 15 * HO_MSEC);
  finish(&r, link);
}
END_TEST

START_TEST(too_big) {
  ho_link *link;
  rig r;

  link = start(&r, &plain, 1);
  rig_send(&r, HO_UP, 1501);
  rig_send(&r, HO_UP, 1500);
  ho_ns_run(HO_SEC);
  ck_assert_uint_eq(r.dropped[HO_UP].count, 1);
  ck_assert_str_eq(r.dropped[HO_UP].notes[0].reason, "too-big");
  ck_assert_uint_eq(r.arrived[HO_UP].count, 1);
  ck_assert_uint_eq(r.arrived[HO_UP].notes[0].id, 2);
  finish(&r, link);
}
END_TEST

/* lost_ids runs 20,000 packets and returns how many |dir| lost; their ids go to
 * |ids|. */
static size_t lost_ids(const ho_wired *wired, ho_direction dir, uint64_t seed,
                       uint64_t *ids) {
  ho_link *link;
  size_t count;
  rig r;

  link = start(&r, wired, seed);
  rig_send_at(&r, 0, dir, 100, 20000, 100 * HO_USEC);
  ho_ns_run(3 * HO_SEC);
  count = r.dropped[dir].count;
  ck_assert_uint_eq(count + r.arrived[dir].count, 20000);
  for (size_t i = 0; i < count; i++) {
    const rig_note *note = &r.dropped[dir].notes[i];

    ck_assert_str_eq(note->reason, "loss");
    ids[i] = note->id;
    if (wired->up_bps == plain.up_bps) { /* idle: departs in 100 us */
      ck_assert_uint_eq(note->t, note->id * 100 * HO_USEC);
    }
  }
  finish(&r, link);
  return count;
}

/* Loss is within 4 standard deviations of what was asked for, happens at the
 * departure, and is the same whatever else the link does; another seed or
 * direction loses others. */
START_TEST(loss) {
  static const struct {
    uint32_t ppm;
    size_t least, most;
  } cases[] = {{0, 0, 0},
               {1000, 3, 37},
               {10000, 144, 256},
               {500000, 9717, 10283},
               {1000000, 20000, 20000}};
  static uint64_t ids[20000], same[20000], other[20000];

  for (size_t i = 0; i < COUNT(cases); i++) {
    ho_wired wired = plain;
    size_t n;

    wired.loss_ppm = cases[i].ppm;
    n = lost_ids(&wired, HO_UP, 1, ids);
    ck_assert_uint_ge(n, cases[i].least);
    ck_assert_uint_le(n, cases[i].most);
    wired.jitter = 3 * HO_MSEC;
    wired.reorder_ppm = 100000;
    wired.up_bps = 9 * MBPS;
    ck_assert_uint_eq(lost_ids(&wired, HO_UP, 1, same), n);
    ck_assert_mem_eq(ids, same, n * sizeof(ids[0]));
    if (n > 0 && n < 20000) {
      lost_ids(&wired, HO_UP, 2, other);
      ck_assert_mem_ne(ids, other, n * sizeof(ids[0]));
      lost_ids(&wired, HO_DOWN, 1, other);
      ck_assert_mem_ne(ids, other, n * sizeof(ids[0]));
    }
  }
}
END_TEST

/* Jitter adds 0 to its maximum, evenly, where packets are far apart, and keeps
 * them in order where they are not. */
START_TEST(jitter) {
  for (int close = 0; close < 2; close++) {
    ho_time gap = close ? 100 * HO_USEC : 20 * HO_MSEC, sum = 0, last = 0;
    ho_wired wired = plain;
    size_t late = 0;
    ho_link *link;
    rig r;

    wired.jitter = 4 * HO_MSEC;
    link = start(&r, &wired, 1);
    rig_send_at(&r, 0, HO_DOWN, 100, 5000, gap);
    ho_ns_run(200 * HO_SEC);
    ck_assert_uint_eq(r.arrived[HO_DOWN].count, 5000);
    for (size_t n = 0; n < 5000; n++) {
      const rig_note *note = &r.arrived[HO_DOWN].notes[n];
      ho_time none = n * gap + 100 * HO_USEC + 10 * HO_MSEC;

      ck_assert_uint_eq(note->id, n + 1);
      ck_assert_uint_ge(note->t, none);
      ck_assert_uint_le(note->t, none + 4 * HO_MSEC);
      ck_assert_uint_ge(note->t, last);
      late += note->t - none > 2 * HO_MSEC;
      sum += note->t - none;
      last = note->t;
    }
    if (!close) { /* mean 2 ms, deviation of it 4 ms / sqrt(12 x 5000) */
      ck_assert_uint_ge(sum / 5000, 1934 * HO_USEC);
      ck_assert_uint_le(sum / 5000, 2066 * HO_USEC);
      ck_assert_uint_ge(late, 2358);
      ck_assert_uint_le(late, 2642);
    }
    finish(&r, link);
  }
}
END_TEST

/* Reordered packets are held back by at most the larger of jitter and delay, or
 * 1 ms; all others arrive as if nothing had happened. */
START_TEST(reorder) {
  static const struct {
    ho_time delay, jitter, most;
  } cases[] = {{10 * HO_MSEC, 0, 10 * HO_MSEC},
               {HO_MSEC, 20 * HO_MSEC, 40 * HO_MSEC},
               {0, 0, HO_MSEC}};

  for (size_t i = 0; i < COUNT(cases); i++) {
    ho_time gap = cases[i].most / 20, longest = 0;
    size_t held = 0, overtaken = 0;
    uint64_t highest = 0;
    ho_wired wired = plain;
    ho_link *link;
    rig r;

    wired.delay = cases[i].delay;
    wired.jitter = cases[i].jitter;
    wired.reorder_ppm = 100000;
    wired.up_bps = 1000 * MBPS;
    link = start(&r, &wired, 1);
    rig_send_at(&r, 0, HO_UP, 125, 5000, gap);
    ho_ns_run(200 * HO_SEC);
    ck_assert_uint_eq(r.arrived[HO_UP].count, 5000);
    for (size_t n = 0; n < 5000; n++) {
      const rig_note *note = &r.arrived[HO_UP].notes[n];
      ho_time late = note->t - (note->id - 1) * gap - HO_USEC - wired.delay;

      ck_assert_uint_le(late, cases[i].most);
      longest = late > longest ? late : longest;
      held += late > 0;
      overtaken += note->id < highest;
      highest = note->id > highest ? note->id : highest;
    }
    ck_assert_uint_ge(overtaken, 300);
    ck_assert_uint_ge(longest, cases[i].most * 3 / 4);
    if (wired.jitter == 0) { /* 500, 4 deviations of 21 */
      ck_assert_uint_ge(held, 415);
      ck_assert_uint_le(held, 585);
    }
    finish(&r, link);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, one_packet);
  tcase_add_test(tc, saturated);
  tcase_add_test(tc, offered_too_much);
  tcase_add_test(tc, queue_limits);
  tcase_add_test(tc, queue_drains);
  tcase_add_test(tc, too_big);
  tcase_add_test(tc, loss);
  tcase_add_test(tc, jitter);
  tcase_add_test(tc, reorder);
}

int main(void) {
  return suite_run("link", add);
}
