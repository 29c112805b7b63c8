/* Tests of the wired link: times exact to the nanosecond, queue limits, chance
 * within its bounds, changes in mid-run, and nothing ever lost from the books.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/link.h"

#include "sim/base/rng.h"
#include "tests/net/rig.h"

#define MBPS ((uint64_t)1000000)

/* A link without limits but its rate, to vary. */
static const ho_wired plain = {.down_bps = 8 * MBPS,
                               .up_bps = 8 * MBPS,
                               .delay = 10 * HO_MSEC,
                               .queue = {HO_QUEUE_PACKETS, 1000000}};

static ho_link *start(rig *r, const ho_wired *wired, uint64_t seed) {
  ho_link_config config = {.name = "home",
                           .net = 3,
                           .wired = *wired,
                           .beyond = 5 * HO_MSEC,
                           .mtu = 1500};
  ho_link *link;

  rig_init(r, seed);
  link = ho_link_new(&r->env, &config);
  rig_join(r, ho_link_element(link));
  return link;
}

static void finish(rig *r, ho_link *link) {
  ho_link_check(link);
  ho_link_del(link);
  rig_free(r);
}

static uint64_t ceil_div(unsigned __int128 a, uint64_t b) {
  return (uint64_t)((a + b - 1) / b);
}

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

typedef struct {
  ho_link *link;
  ho_set_key key;
  ho_wired value;
  int up; /* 0, 1: set_up; -1: set */
} change;

static void apply(void *user) {
  change *c = user;

  if (c->up >= 0) {
    ho_link_set_up(c->link, c->up, ho_ns_now());
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
  ck_assert(ho_link_is_up(link));
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
  } else if (ho_link_is_up(answered)) {
    ho_link_set_up(answered, false, ho_ns_now());
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

int main(void) {
  Suite *suite = suite_create("link");
  TCase *tcase = tcase_create("link");
  SRunner *runner = srunner_create(suite);
  int failed;

  suite_add_tcase(suite, tcase);
  tcase_add_test(tcase, one_packet);
  tcase_add_test(tcase, saturated);
  tcase_add_test(tcase, offered_too_much);
  tcase_add_test(tcase, queue_limits);
  tcase_add_test(tcase, queue_drains);
  tcase_add_test(tcase, too_big);
  tcase_add_test(tcase, loss);
  tcase_add_test(tcase, jitter);
  tcase_add_test(tcase, reorder);
  tcase_add_test(tcase, set_in_mid_run);
  tcase_add_test(tcase, set_at_departure);
  tcase_add_test(tcase, set_equals_configured);
  tcase_add_test(tcase, down_and_up);
  tcase_add_test(tcase, reentrant);
  tcase_add_loop_test(tcase, conservation, 0, 10);
  tcase_set_timeout(tcase, 120);
  srunner_run_all(runner, CK_NORMAL);
  failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
