/* Goal: a link whose departures a recording tells is otherwise the link it was:
 * queue, delay, loss and changes in mid-run. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/net/link_rig.h"
#include "tests/net/trace_model.h"

/* 8 Mbit/s and 10 ms, then nothing, then 80 Mbit/s, 2 ms and all is lost, then
 * 1 Mbit/s and 30 ms. */
static ho_trace_row rows[] = {{0, 8 * MBPS, 10 * HO_MSEC, 0},
                              {100 * HO_MSEC, 0, 7 * HO_MSEC, 0},
                              {300 * HO_MSEC, 80 * MBPS, 2 * HO_MSEC, 1000000},
                              {310 * HO_MSEC, MBPS, 30 * HO_MSEC, 0}};
static const ho_trace csv = {.rows = rows,
                             .count = COUNT(rows),
                             .period = 500 * HO_MSEC,
                             .mean_bps = 3580000};
static ho_trace_row chances[] = {
    {.at = 0}, {.at = HO_MSEC}, {.at = HO_MSEC}, {.at = 6 * HO_MSEC}};
static const ho_trace mahimahi = {.rows = chances,
                                  .count = COUNT(chances),
                                  .period = 10 * HO_MSEC,
                                  .mean_bps = 4800000,
                                  .opportunities = true};

static ho_wired base(const ho_trace *trace) {
  ho_wired wired = plain;

  wired.up_bps = wired.down_bps = trace->mean_bps;
  return wired;
}

/* What a row says holds for what departs while it is in force; a packet that
 * a shorter delay would have overtake waits, as on any link. */
START_TEST(rows_in_force) {
  static const struct {
    const char *what;
    ho_time at_us;
    uint32_t bytes;
    ho_time arrives_us; /* 0: lost */
  } cases[] = {
      {"in the first", 0, 1000, 11000},
      {"to its last instant: the next one's delay", 99000, 1000, 107000},
      {"it spans the gap, and is lost there", 99500, 1000, 0},
      {"it begins in the gap, and is lost after it", 200000, 1500, 0},
      {"in the last", 400000, 1000, 438000},
      {"1 ms in the last lap, then 875 bytes", 499000, 1000, 510875},
      {"the 1001st lap", 500000000, 1000, 500011000},
  };

  for (size_t i = 0; i < COUNT(cases) * 2; i++) {
    size_t c = i / 2;
    ho_direction dir = (ho_direction)(i % 2);
    ho_wired wired = base(&csv);
    ho_link *link;
    rig r;

    link = start_with(&r, &wired, 1, &csv, 1);
    rig_send_at(&r, cases[c].at_us * HO_USEC, dir, cases[c].bytes, 1, 0);
    ho_ns_run(1000 * HO_SEC);
    if (cases[c].arrives_us) {
      ck_assert_uint_eq(r.arrived[dir].count, 1);
      ck_assert_msg(r.arrived[dir].notes[0].t == cases[c].arrives_us * HO_USEC,
                    "%s: %llu", cases[c].what,
                    (unsigned long long)r.arrived[dir].notes[0].t);
    } else {
      ck_assert_uint_eq(r.dropped[dir].count, 1);
      ck_assert_str_eq(r.dropped[dir].notes[0].reason, "loss");
    }
    finish(&r, link);
  }
}
END_TEST

typedef struct {
  ho_link *link;
  ho_set_key key;
  ho_wired value;
} change;

static void apply(void *user) {
  const change *c = user;

  ho_link_set(c->link, c->key, &c->value, ho_ns_now());
  ho_link_check(c->link);
}

/* Whatever is set, and however often, packets depart as the trace says: with a
 * delay and no loss of its own, mahimahi's arrive just that delay later. */
START_TEST(changes_leave_departures) {
  static const ho_set_key keys[] = {HO_SET_DELAY, HO_SET_QUEUE, HO_SET_REORDER,
                                    HO_SET_LOSS, HO_SET_JITTER};
  const ho_trace *trace = _i % 2 ? &csv : &mahimahi;
  ho_wired wired = base(trace), lossless = {0};
  static trace_model model;
  change changes[200];
  size_t lost = 0;
  ho_link *link;
  ho_rng rng;
  rig r;

  wired.delay = lossless.delay = 10 * HO_MSEC;
  lossless.queue = wired.queue;
  link = start_with(&r, &wired, 1, trace, 1);
  trace_model_init(&model, trace);
  ho_rng_init(&rng, (uint64_t)_i, "test");
  for (size_t i = 0; i < COUNT(changes); i++) {
    changes[i] =
        (change){link, keys[ho_rng_below(&rng, COUNT(keys))], lossless};
    ho_ns_at(ho_rng_below(&rng, 3 * HO_SEC), apply, &changes[i]);
  }
  for (int i = 0; i < 200; i++) {
    rig_send_at(&r, (ho_time)i * 10 * HO_MSEC, HO_UP, 1300, 3, 0);
  }
  ho_ns_run(100 * HO_SEC);
  for (uint64_t id = 1; id <= 600; id++) {
    ho_time now = (id - 1) / 3 * 10 * HO_MSEC, floor = 0;
    ho_time departs = trace_model_depart(&model, now, 1300);
    ho_time delay = trace == &csv ? model.row->delay : 10 * HO_MSEC;
    const rig_note *note;

    if (model.row->loss_ppm) {
      note = &r.dropped[HO_UP].notes[lost++];
      ck_assert_uint_eq(note->id, id);
      ck_assert_uint_eq(note->t, departs);
      continue;
    }
    note = &r.arrived[HO_UP].notes[id - 1 - lost];
    floor = id - 1 > lost ? (note - (id - 1 > lost ? 1 : 0))->t : 0;
    ck_assert_uint_eq(note->id, id);
    ck_assert_uint_eq(note->t,
                      departs + delay > floor ? departs + delay : floor);
  }
  ck_assert_uint_eq(r.dropped[HO_UP].count, lost);
  ck_assert_int_eq(lost > 0, trace == &csv);
  finish(&r, link);
}
END_TEST

/* `1bdp` is of the mean rate: 30 ms of it there and back. */
START_TEST(queue_of_the_mean) {
  ho_wired wired = base(&mahimahi);
  ho_link *link;
  rig r;

  wired.queue = (ho_queue_size){HO_QUEUE_BDP, 1000};
  link = start_with(&r, &wired, 1, &mahimahi, 1);
  rig_send_at(&r, HO_SEC, HO_UP, 1000, 100, 0);
  ho_ns_run(HO_SEC);
  ck_assert_uint_eq(ho_link_queued(link, HO_UP, HO_SEC).packets, 18);
  ho_ns_run(5 * HO_SEC);
  ck_assert_uint_eq(r.dropped[HO_UP].count, 100 - 19);
  finish(&r, link);
}
END_TEST

/* A link that is offered more than its trace carries, with a finite queue,
 * delivers the mean over whole periods: a packet less, at most. */
START_TEST(mean_over_periods) {
  for (int i = 0; i < 2; i++) {
    ho_trace trace = i ? csv : mahimahi;
    ho_trace_row flat[COUNT(rows)];
    uint64_t bytes = 0, expected;
    ho_wired wired = base(&trace);
    ho_link *link;
    rig r;

    for (size_t n = 0; n < trace.count; n++) { /* so that arrivals depart */
      flat[n] =
          (ho_trace_row){.at = trace.rows[n].at, .bps = trace.rows[n].bps};
    }
    trace.rows = flat;
    wired.queue.amount = 50;
    wired.delay = 0;
    link = start_with(&r, &wired, 1, &trace, 1);
    rig_send_at(&r, 0, HO_DOWN, 1000, 100000, 100 * HO_USEC);
    ho_ns_run(10 * HO_SEC - 1);
    for (size_t n = 0; n < r.arrived[HO_DOWN].count; n++) {
      bytes += r.arrived[HO_DOWN].notes[n].bytes;
    }
    /* The opportunity of the first instant is over before anyone has come. */
    expected = trace.mean_bps * 10 / 8 - (i ? 0 : 1500);
    ck_assert_uint_le(bytes, expected);
    ck_assert_uint_ge(bytes, expected - 1000);
    ck_assert_uint_gt(r.dropped[HO_DOWN].count, 1000);
    finish(&r, link);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, rows_in_force);
  tcase_add_loop_test(tc, changes_leave_departures, 0, 10);
  tcase_add_test(tc, queue_of_the_mean);
  tcase_add_test(tc, mean_over_periods);
}

int main(void) {
  return suite_run("recorded link", add);
}
