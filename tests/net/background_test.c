/* Goal: competing load is Poisson at its mean rate, takes part in a link as any
 * traffic does, and changes nothing but that. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/background.h"

#include <math.h>

#include "tests/net/link_rig.h"

/* meter stands in for the link: it counts the gaps of each direction. */
typedef struct {
  ho_element element; /* first */
  ho_pool *pool;
  uint64_t count[2], long_gaps[2];
  double sum[2], squares[2]; /* of gaps in ms */
  ho_time last[2], times[2][64];
  uint64_t bins[2][1000]; /* of 100 ms */
} meter;

static void meter_push(ho_element *self, ho_direction dir, ho_packet *pkt) {
  meter *m = (meter *)self;
  ho_time now = ho_ns_now();
  double gap = (double)(now - m->last[dir]) / 1e6;

  ck_assert_int_eq(pkt->client, HO_BACKGROUND);
  ck_assert_uint_eq(pkt->len, 1500);
  if (m->count[dir] < 64) {
    m->times[dir][m->count[dir]] = now;
  }
  m->count[dir]++;
  m->sum[dir] += gap;
  m->squares[dir] += gap * gap;
  m->long_gaps[dir] += gap > 2;
  m->bins[dir][now / (100 * HO_MSEC)]++;
  m->last[dir] = now;
  ho_element_forward(self, dir, pkt);
}

static void measure(meter *m, const char *name, uint64_t up_bps,
                    uint64_t down_bps, uint64_t seed) {
  ho_background_config config = {
      .name = name, .up_bps = up_bps, .down_bps = down_bps};
  ho_background *bg;
  rig r;

  *m = (meter){.element.push = meter_push};
  rig_init(&r, seed);
  m->pool = &r.pool;
  bg = ho_background_new(&r.env, &config);
  ho_element_link(ho_background_near(bg), &m->element);
  ho_element_link(&m->element, ho_background_far(bg));
  ho_element_link(ho_background_far(bg), &r.ends[HO_UP].element);
  ho_element_link(&r.ends[HO_DOWN].element, ho_background_near(bg));
  ho_background_start(bg);
  ho_ns_run(100 * HO_SEC - 1);
  ck_assert_uint_eq(r.arrived[HO_UP].count + r.arrived[HO_DOWN].count, 0);
  ho_background_del(bg);
  rig_free(&r);
}

static void assert_near(double value, double expected, double deviation) {
  ck_assert_msg(fabs(value - expected) <= 4 * deviation, "%g, not %g (+- %g)",
                value, expected, deviation);
}

/* 12 Mbit/s are 1000 packets a second.  In 100 s: 100,000 with a deviation of
 * 316; gaps of mean and deviation 1 ms, e^-2 of them above 2 ms; in 100 ms as
 * many as their variance. */
START_TEST(poisson) {
  static meter m;

  measure(&m, "home", 12 * MBPS, 12 * MBPS, (uint64_t)_i);
  for (int dir = 0; dir < 2; dir++) {
    double n = (double)m.count[dir], mean = m.sum[dir] / n, squares = 0;
    double p = exp(-2);

    assert_near(n, 1e5, sqrt(1e5));
    assert_near(m.squares[dir] / n - mean * mean, 1, sqrt(8 / n));
    assert_near((double)m.long_gaps[dir] / n, p, sqrt(p * (1 - p) / n));
    for (int bin = 0; bin < 1000; bin++) {
      double off = (double)m.bins[dir][bin] - 100;

      squares += off * off;
    }
    assert_near(squares / 1000, 100, 100 * sqrt(2.0 / 1000));
  }
}
END_TEST

/* The gaps of a direction come from its own stream: those of a seed, a network
 * and a direction are the same whatever the other direction does, and scale
 * with the rate. */
START_TEST(streams) {
  static meter a, b;

  measure(&a, "home", 12 * MBPS, 12 * MBPS, 1);
  measure(&b, "home", 12 * MBPS, 0, 1);
  ck_assert_mem_eq(a.times[HO_UP], b.times[HO_UP], sizeof(a.times[HO_UP]));
  ck_assert_uint_eq(b.count[HO_DOWN], 0);
  ck_assert_mem_ne(a.times[HO_UP], a.times[HO_DOWN], sizeof(a.times[HO_UP]));
  measure(&b, "home", 6 * MBPS, 12 * MBPS, 1);
  ck_assert_mem_eq(a.times[HO_DOWN], b.times[HO_DOWN],
                   sizeof(a.times[HO_DOWN]));
  for (int i = 0; i < 64; i++) { /* each is rounded down by itself */
    ck_assert_uint_le(b.times[HO_UP][i] - 2 * a.times[HO_UP][i], 1);
  }
  measure(&b, "cell", 12 * MBPS, 12 * MBPS, 1);
  ck_assert_mem_ne(a.times[HO_UP], b.times[HO_UP], sizeof(a.times[HO_UP]));
  measure(&b, "home", 12 * MBPS, 12 * MBPS, 2);
  ck_assert_mem_ne(a.times[HO_UP], b.times[HO_UP], sizeof(a.times[HO_UP]));
}
END_TEST

/* Around a link, with or without an air on the near side. */
typedef struct {
  rig r;
  ho_link *link;
  ho_background *bg;
  size_t taken, made;
} world;

static void take(void *user, ho_packet *pkt) {
  world *w = user;

  ck_assert_int_eq(pkt->client, HO_BACKGROUND);
  w->taken++;
  ho_packet_del(&w->r.pool, pkt);
}

static void make(void *user, ho_packet *pkt) {
  world *w = user;

  ck_assert_int_eq(pkt->client, HO_BACKGROUND);
  w->made++;
  if (w->made % 2) {
    ho_background_enter(w->bg, pkt);
  } else { /* lost in the air */
    ho_packet_del(&w->r.pool, pkt);
  }
}

static void world_start(world *w, const ho_wired *wired, uint64_t load_bps,
                        bool air, uint32_t mtu) {
  ho_background_config config = {.name = "home",
                                 .up_bps = load_bps,
                                 .down_bps = load_bps,
                                 .mtu = mtu,
                                 .take = air ? take : NULL,
                                 .make = air ? make : NULL,
                                 .user = w};

  memset(w, 0, sizeof(*w));
  w->link = start(&w->r, wired, 1);
  w->bg = ho_background_new(&w->r.env, &config);
  ho_element_link(ho_background_near(w->bg), ho_link_element(w->link));
  ho_element_link(ho_link_element(w->link), ho_background_far(w->bg));
  ho_element_link(ho_background_far(w->bg), &w->r.ends[HO_UP].element);
  ho_element_link(&w->r.ends[HO_DOWN].element, ho_background_near(w->bg));
  ho_background_start(w->bg);
}

static void world_finish(world *w) {
  ho_background_del(w->bg);
  finish(&w->r, w->link);
}

/* Everybody else's packets pass, in order; the load's go no further than the
 * link, take their room in it, and are all given back, those inside too. */
START_TEST(around_a_link) {
  for (int air = 0; air < 2; air++) {
    ho_wired wired = plain;
    const ho_link_counts *up, *down;
    world w;

    wired.queue.amount = 20;
    world_start(&w, &wired, 6 * MBPS, air, 0);
    rig_send_at(&w.r, 0, HO_UP, 100, 1000, 5 * HO_MSEC);
    rig_send_at(&w.r, 0, HO_DOWN, 100, 1000, 5 * HO_MSEC);
    ho_ns_run(10 * HO_SEC);
    up = ho_link_counted(w.link, HO_UP);
    down = ho_link_counted(w.link, HO_DOWN);
    for (int dir = 0; dir < 2; dir++) {
      ck_assert_uint_eq(w.r.arrived[dir].count + w.r.dropped[dir].count, 1000);
      ck_assert_uint_gt(w.r.arrived[dir].count, 900);
      for (size_t i = 0; i < w.r.arrived[dir].count; i++) {
        ck_assert_uint_eq(w.r.arrived[dir].notes[i].bytes, 100);
      }
    }
    ck_assert_uint_gt(down->entered.packets, 5700);
    ck_assert_uint_gt(up->inside.packets + down->inside.packets, 0);
    if (air) {
      ck_assert_uint_eq(w.taken,
                        down->delivered.packets - w.r.arrived[HO_DOWN].count);
      ck_assert_uint_gt(w.made, 4700);
      ck_assert_uint_eq(up->entered.packets, 1000 + (w.made + 1) / 2);
    } else {
      ck_assert_uint_gt(up->entered.packets, 5700);
    }
    world_finish(&w);
  }
}
END_TEST

/* More load than the link carries fills its queue: of packets sent every 100 ms
 * some find no room, the others wait for most of 20 x 1.5 ms. */
START_TEST(takes_room) {
  ho_wired wired = plain;
  ho_time sum = 0;
  size_t count;
  world w;

  wired.queue.amount = 20;
  world_start(&w, &wired, 16 * MBPS, false, 0);
  rig_send_at(&w.r, HO_SEC, HO_DOWN, 100, 400, 100 * HO_MSEC);
  ho_ns_run(50 * HO_SEC);
  count = w.r.arrived[HO_DOWN].count;
  ck_assert_uint_eq(w.r.dropped[HO_DOWN].count + count, 400);
  ck_assert_uint_gt(count, 130);
  ck_assert_uint_lt(count, 270);
  for (size_t i = 0; i < count; i++) {
    sum += w.r.arrived[HO_DOWN].notes[i].t % (100 * HO_MSEC);
  }
  ck_assert_uint_gt(sum / count, 32 * HO_MSEC);
  ck_assert_uint_lt(sum / count, 42 * HO_MSEC);
  world_finish(&w);
}
END_TEST

/* Where packets must be smaller, the load's are. */
START_TEST(small_mtu) {
  world w;

  world_start(&w, &plain, 4 * MBPS, false, 1280);
  ho_ns_run(10 * HO_SEC);
  ck_assert_uint_eq(ho_link_counted(w.link, HO_UP)->entered.bytes,
                    ho_link_counted(w.link, HO_UP)->entered.packets * 1280);
  assert_near((double)ho_link_counted(w.link, HO_UP)->entered.packets, 3906.25,
              sqrt(3906));
  world_finish(&w);
}
END_TEST

/* The load flows on while the client is plugged out, and loses nothing. */
START_TEST(without_clients) {
  world w;

  world_start(&w, &plain, 4 * MBPS, false, 0);
  ho_ns_run(HO_SEC);
  ho_link_set_up(w.link, -1, false, HO_SEC);
  ho_ns_run(10 * HO_SEC);
  for (int dir = 0; dir < 2; dir++) {
    const ho_link_counts *counts = ho_link_counted(w.link, (ho_direction)dir);

    ck_assert_uint_eq(counts->dropped.packets, 0);
    assert_near((double)counts->entered.packets, 3333, sqrt(3333));
  }
  world_finish(&w);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, poisson, 1, 4);
  tcase_add_test(tc, streams);
  tcase_add_test(tc, around_a_link);
  tcase_add_test(tc, takes_room);
  tcase_add_test(tc, small_mtu);
  tcase_add_test(tc, without_clients);
}

int main(void) {
  return suite_run("background", add);
}
