/* Goal: a middlebox stops what it should and nothing else, and lets through
 * what its bucket holds, to the byte. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/middlebox.h"

#include "sim/base/rng.h"
#include "sim/net/background.h"
#include "tests/net/nat_rig.h"

#define MBPS ((uint64_t)1000000)

/* What passed and what was dropped, by protocol. */
typedef struct {
  rig r;
  ho_middlebox *box;
} bench;

static void bench_init(bench *b) {
  rig_init(&b->r, 1);
  b->box = ho_middlebox_new(&b->r.env, 3);
  rig_join(&b->r, ho_middlebox_element(b->box));
}

static void bench_free(bench *b) {
  ho_middlebox_del(b->box);
  rig_free(&b->r);
}

/* send sends a packet of |len| bytes and returns why it was dropped, or NULL.
 */
static const char *send_one(bench *b, ho_direction dir, uint8_t proto, bool v6,
                            uint32_t len) {
  ho_endpoint src = endpoint(v6 ? "2001:db8::1" : "192.0.2.1", 443);
  ho_endpoint dst = endpoint(v6 ? "2001:db8::2" : "192.0.2.2", 4433);
  ho_packet *pkt = ho_packet_new(&b->r.pool);
  ho_element *from = &b->r.ends[!dir].element;
  size_t dropped = b->r.dropped[dir].count, arrived = b->r.arrived[dir].count;
  size_t head = ho_ip_header_len(src.addr.family);

  if (proto == HO_PROTO_UDP) {
    ho_ip_write_udp(pkt, &src, &dst, 0, len - head - 8);
  } else {
    memset(pkt->data + head, 0, 20);
    pkt->data[head + 12] = 5 << 4;
    ho_ip_write_tcp(pkt, &src.addr, &dst.addr, 0, len - head);
  }
  ck_assert_uint_eq(pkt->len, len);
  ho_element_forward(from, dir, pkt);
  if (b->r.dropped[dir].count > dropped) {
    ck_assert_uint_eq(b->r.arrived[dir].count, arrived);
    return b->r.dropped[dir].notes[dropped].reason;
  }
  ck_assert_uint_eq(b->r.arrived[dir].count, arrived + 1);
  return NULL;
}

/* blocks tells which protocols are blocked, as ho_block, and that this is so in
 * both directions and both families. */
static int blocks(bench *b) {
  int seen = -1;

  for (int i = 0; i < 4; i++) {
    ho_direction dir = (ho_direction)(i & 1);
    int now = 0;

    for (int p = 0; p < 2; p++) {
      const char *why =
          send_one(b, dir, p ? HO_PROTO_TCP : HO_PROTO_UDP, i & 2, 100);

      if (why) {
        ck_assert_str_eq(why, "blocked");
        now |= 1 << p;
      }
    }
    ck_assert(seen < 0 || seen == now);
    seen = now;
  }
  return seen;
}

/* Whatever is blocked and unblocked, in whatever order. */
START_TEST(block) {
  ho_rng rng;
  bench b;
  int expected = 0;

  bench_init(&b);
  ho_rng_init(&rng, 1, "test");
  ck_assert_int_eq(blocks(&b), 0);
  for (int i = 0; i < 300; i++) {
    ho_block what = (ho_block)(1 + ho_rng_below(&rng, 3));

    if (ho_rng_below(&rng, 2)) {
      ho_middlebox_block(b.box, what);
      expected |= what;
    } else {
      ho_middlebox_unblock(b.box, what);
      expected &= ~what;
    }
    ck_assert_int_eq(blocks(&b), expected);
  }
  bench_free(&b);
}
END_TEST

/* What has no content to look into passes, whatever its bytes were before. */
START_TEST(competing_load) {
  ho_endpoint any = endpoint("192.0.2.1", 443);
  bench b;

  bench_init(&b);
  ho_middlebox_block(b.box, HO_BLOCK_ALL);
  for (int dir = 0; dir < 2; dir++) {
    ho_packet *pkt = ho_packet_new(&b.r.pool);

    ho_ip_write_udp(pkt, &any, &any, 0, 1000);
    pkt->client = HO_BACKGROUND;
    ho_element_forward(&b.r.ends[!dir].element, (ho_direction)dir, pkt);
    ck_assert_uint_eq(b.r.arrived[dir].count, 1);
  }
  bench_free(&b);
}
END_TEST

/* How many of a burst of 1000 packets of 1000 bytes pass at once, and of
 * another 50 ms later. */
START_TEST(bucket) {
  static const struct {
    uint64_t limit_bps;
    size_t first, later, last;
  } cases[] = {{8 * MBPS, 100, 50, 100}, /* 100 ms are 100,000 bytes */
               {80 * MBPS, 1000, 500, 1000},
               {1, 15, 0, 0},        /* never less than 15,000 bytes */
               {1200000, 15, 7, 15}, /* which is this one's own, too */
               {1280000, 16, 8, 16}};

  for (size_t i = 0; i < COUNT(cases) * 2; i++) {
    ho_direction dir = (ho_direction)(i % 2);
    size_t c = i / 2, passed = 0;
    bench b;

    bench_init(&b);
    ho_middlebox_throttle(b.box, HO_BLOCK_UDP, cases[c].limit_bps, 0);
    for (int n = 0; n < 1000; n++) {
      passed += !send_one(&b, dir, HO_PROTO_UDP, false, 1000);
      ck_assert_ptr_null(send_one(&b, dir, HO_PROTO_TCP, false, 1000));
    }
    ck_assert_uint_eq(passed, cases[c].first);
    ck_assert_uint_eq(b.r.dropped[dir].count, 1000 - passed);
    ho_ns_run(50 * HO_MSEC);
    for (int n = 0; n < 1000; n++) {
      passed += !send_one(&b, dir, HO_PROTO_UDP, true, 1000);
    }
    ck_assert_uint_eq(passed, cases[c].first + cases[c].later);
    ho_ns_run(10 * HO_SEC);
    for (int n = 0; n < 1000; n++) {
      passed += !send_one(&b, dir, HO_PROTO_UDP, true, 1000);
    }
    ck_assert_uint_eq(passed, cases[c].first + cases[c].later + cases[c].last);
    for (size_t n = 0; n < b.r.dropped[dir].count; n++) {
      ck_assert_str_eq(b.r.dropped[dir].notes[n].reason, "throttled");
    }
    ho_middlebox_unblock(b.box, HO_BLOCK_TCP); /* not this one */
    ck_assert_ptr_nonnull(send_one(&b, dir, HO_PROTO_UDP, false, 1000));
    /* The other direction has a bucket of its own, still full. */
    for (size_t n = 0; n < 10; n++) {
      ck_assert_ptr_null(send_one(&b, !dir, HO_PROTO_UDP, false, 1500));
    }
    ho_middlebox_unblock(b.box, HO_BLOCK_UDP);
    for (int n = 0; n < 1000; n++) {
      ck_assert_ptr_null(send_one(&b, dir, HO_PROTO_UDP, false, 1000));
    }
    bench_free(&b);
  }
}
END_TEST

typedef struct {
  bench *b;
  ho_rng rng;
  uint64_t passed;
} load;

static void offer(void *user) {
  load *l = user;
  uint32_t len = 100 + (uint32_t)ho_rng_below(&l->rng, 1400);
  ho_time gap = ho_rng_below(&l->rng, 2 * HO_MSEC);

  if (!send_one(l->b, HO_UP, HO_PROTO_UDP, false, len)) {
    l->passed += len;
  }
  if (ho_ns_now() + gap < 100 * HO_SEC) {
    ho_ns_at(ho_ns_now() + gap, offer, l);
  }
}

/* In the long run what passes is the limit's, within one bucket, however far
 * above it the load is; and a load below passes whole. */
START_TEST(long_run) {
  static const uint64_t limits[] = {50000, 999983, 3 * MBPS, 20 * MBPS};

  for (size_t i = 0; i < COUNT(limits); i++) {
    uint64_t fair = limits[i] * 100 / 8, depth = limits[i] / 80;
    bench b;
    load l = {.b = &b};

    depth = depth < 15000 ? 15000 : depth;
    bench_init(&b);
    ho_rng_init(&l.rng, 1, "test");
    ho_middlebox_throttle(b.box, HO_BLOCK_ALL, limits[i], 0);
    ho_ns_at(0, offer, &l);
    ho_ns_run(101 * HO_SEC);
    if (i + 1 == COUNT(limits)) {
      ck_assert_uint_eq(b.r.dropped[HO_UP].count, 0);
    } else {
      ck_assert_uint_le(l.passed, fair + depth);
      ck_assert_uint_ge(l.passed, fair - 1500);
    }
    bench_free(&b);
  }
}
END_TEST

/* UDP and TCP share the bucket of `all`; one that gets a limit of its own
 * leaves the other in it; blocking goes first; a limit set anew is full anew.
 */
START_TEST(several_limits) {
  const uint8_t udp = HO_PROTO_UDP, tcp = HO_PROTO_TCP;
  bench b;

  bench_init(&b);
  ho_middlebox_throttle(b.box, HO_BLOCK_ALL, 1200000, 0);
  for (int i = 0; i < 5; i++) {
    ck_assert_ptr_null(send_one(&b, HO_UP, udp, false, 1500));
    ck_assert_ptr_null(send_one(&b, HO_UP, tcp, false, 1500));
  }
  ck_assert_str_eq(send_one(&b, HO_UP, udp, false, 1500), "throttled");
  ck_assert_str_eq(send_one(&b, HO_UP, tcp, false, 1500), "throttled");
  ho_middlebox_throttle(b.box, HO_BLOCK_UDP, 1200000, 0);
  ck_assert_ptr_null(send_one(&b, HO_UP, udp, false, 1500));
  ck_assert_str_eq(send_one(&b, HO_UP, tcp, false, 1500), "throttled");
  ho_middlebox_block(b.box, HO_BLOCK_UDP);
  ck_assert_str_eq(send_one(&b, HO_UP, udp, false, 1500), "blocked");
  ho_middlebox_throttle(b.box, HO_BLOCK_TCP, 2400000, 0);
  ck_assert_ptr_null(send_one(&b, HO_UP, tcp, false, 1500));
  ck_assert_str_eq(send_one(&b, HO_UP, udp, false, 1500), "blocked");
  ho_middlebox_unblock(b.box, HO_BLOCK_ALL);
  for (int i = 0; i < 100; i++) {
    ck_assert_ptr_null(send_one(&b, HO_UP, udp, false, 1500));
    ck_assert_ptr_null(send_one(&b, HO_UP, tcp, false, 1500));
  }
  bench_free(&b);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, block);
  tcase_add_test(tc, competing_load);
  tcase_add_test(tc, bucket);
  tcase_add_test(tc, long_run);
  tcase_add_test(tc, several_limits);
}

int main(void) {
  return suite_run("middlebox", add);
}
