/* Goal: ns-3's queue keeps order, and a timer fires once, at the time last
 * set. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "sim/base/rng.h"
#include "sim/ns3/ns3.h"
#include "tests/suite.h"

static char trace[64];
static ho_time fired_at;
static int fired;
static ho_timer timer;

static void note(void *user) {
  strcat(trace, user);
}

START_TEST(equal_times_keep_their_order) {
  ho_ns_start(1);
  ho_ns_at(20, note, "c");
  ho_ns_at(10, note, "a");
  ho_ns_at(10, note, "b");
  ho_ns_at(30, note, "d");
  ck_assert(ho_ns_run(25));
  ck_assert_str_eq(trace, "abc");
  ck_assert_uint_eq(ho_ns_now(), 25);
  ck_assert(!ho_ns_run(100));
  ck_assert_str_eq(trace, "abcd");
  ho_ns_end();
}
END_TEST

/* Events at few different times, some of which schedule another. */
enum { EVENTS = 3000, TIMES = 40 };

static struct {
  ho_time at;
  uint64_t number; /* in the order of scheduling */
} plans[EVENTS], last;
static size_t planned, ran;
static ho_rng rng;

static void step(void *user);

static void plan_one(ho_time from) {
  plans[planned].at = from + ho_rng_u64(&rng) % TIMES;
  plans[planned].number = planned;
  ho_ns_at(plans[planned].at, step, &plans[planned]);
  planned++;
}

static void step(void *user) {
  size_t i = (size_t)(((char *)user - (char *)plans) / sizeof(plans[0]));

  ck_assert_uint_eq(ho_ns_now(), plans[i].at);
  ck_assert(plans[i].at > last.at ||
            (plans[i].at == last.at && plans[i].number >= last.number));
  last.at = plans[i].at;
  last.number = plans[i].number;
  ran++;
  if (ho_rng_u64(&rng) % 2 && planned < EVENTS) {
    plan_one(ho_ns_now());
  }
}

START_TEST(order_is_time_then_scheduling) {
  ho_ns_start(1);
  ho_rng_init(&rng, (uint64_t)_i, "order");
  while (planned < EVENTS / 2) {
    plan_one(0);
  }
  ck_assert(!ho_ns_run(HO_NEVER));
  ck_assert_uint_eq(ran, planned);
  ck_assert_uint_gt(planned, EVENTS / 2);
  ho_ns_end();
}
END_TEST

static void fire(void *user) {
  (void)user;
  fired++;
  fired_at = ho_ns_now();
}

static void set_to_70(void *user) {
  (void)user;
  ho_timer_set(&timer, 70);
}

static void set_to_40(void *user) {
  (void)user;
  ho_timer_set(&timer, 40);
}

static void clear(void *user) {
  (void)user;
  ho_timer_clear(&timer);
}

/* |first| at 0, then |again| at 20. */
static const struct {
  ho_time first;
  ho_fire_fn again;
  int fires;
  ho_time at;
} rows[] = {
    {50, NULL, 1, 50},
    {50, set_to_70, 1, 70},
    {50, set_to_40, 1, 40},
    {50, clear, 0, 0},
    {10, set_to_40, 2, 40},
    {HO_NEVER, NULL, 0, 0},
    {HO_NEVER, set_to_40, 1, 40},
};

START_TEST(fires_at_the_time_last_set) {
  ho_ns_start(1);
  ho_timer_init(&timer, fire, NULL);
  ho_timer_set(&timer, rows[_i].first);
  if (rows[_i].again) {
    ho_ns_at(20, rows[_i].again, NULL);
  }
  ho_ns_run(1000);
  ck_assert_int_eq(fired, rows[_i].fires);
  ck_assert_uint_eq(fired_at, rows[_i].at);
  ho_ns_end();
}
END_TEST

/* Random changes, a thousand of them, against the plain rule: it fires when,
 * and only when, the time last set comes. */
static ho_rng rng;
static ho_time expected;
static int changes, late;

static void fire_expected(void *user) {
  (void)user;
  late += ho_ns_now() != expected;
  fired++;
  expected = HO_NEVER;
}

static void change_at_random(void *user) {
  ho_time now = ho_ns_now();

  (void)user;
  late += expected < now;
  if (ho_rng_below(&rng, 8) == 0) {
    expected = HO_NEVER;
    ho_timer_clear(&timer);
  } else {
    /* Mostly near, sometimes far: as a transport's deadlines are. */
    expected = now + 1 + ho_rng_below(&rng, ho_rng_below(&rng, 2) ? 20 : 900);
    ho_timer_set(&timer, expected);
  }
  if (++changes < 1000) {
    ho_ns_at(now + 1 + ho_rng_below(&rng, 30), change_at_random, NULL);
  }
}

START_TEST(random_changes) {
  ho_rng_init(&rng, (uint64_t)_i, "test");
  ho_ns_start(1);
  expected = HO_NEVER;
  ho_timer_init(&timer, fire_expected, NULL);
  ho_ns_at(1, change_at_random, NULL);
  ho_ns_run(HO_SEC);
  ck_assert_int_eq(late, 0);
  ck_assert_int_gt(fired, 100);
  ck_assert(expected == HO_NEVER);
  ho_ns_end();
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, random_changes, 0, 20);
  tcase_add_test(tc, equal_times_keep_their_order);
  tcase_add_loop_test(tc, order_is_time_then_scheduling, 0, 20);
  tcase_add_loop_test(tc, fires_at_the_time_last_set, 0, COUNT(rows));
}

int main(void) {
  return suite_run("timer", add);
}
