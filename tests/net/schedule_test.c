/* Goal: packets depart from a recorded link when the recording says, exactly,
 * whatever the trace and whatever is sent. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/schedule.h"

#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/base/rng.h"
#include "tests/net/trace_model.h"
#include "tests/suite.h"

/* A random trace of up to 12 rows: some rates 0, some tiny, some of 10 Gbit/s;
 * opportunities with several in a millisecond. */
static void random_trace(ho_trace *trace, ho_trace_row *rows, ho_rng *rng) {
  static const uint64_t rates[] = {0,       0,       1000,        33333,
                                   1000000, 7777777, 10000000000u};

  *trace = (ho_trace){.rows = rows, .mean_bps = 1};
  trace->opportunities = ho_rng_below(rng, 2);
  trace->count = 1 + ho_rng_below(rng, 12);
  for (size_t i = 0; i < trace->count; i++) {
    ho_time before = i > 0 ? rows[i - 1].at : 0, gap;

    gap = 1 + ho_rng_below(rng, i % 2 ? 20 * HO_MSEC : 40);
    gap += i % 2 ? HO_MSEC : 0;
    if (trace->opportunities) {
      gap = ho_rng_below(rng, 3) * HO_MSEC;
    }
    rows[i] = (ho_trace_row){.at = before + (i > 0 ? gap : 0),
                             .bps = rates[ho_rng_below(rng, COUNT(rates))]};
  }
  if (trace->opportunities) {
    rows[0].at = ho_rng_below(rng, rows[trace->count > 1].at + 1);
  }
  /* Whatever the others are, a packet has not to wait for many laps. */
  rows[ho_rng_below(rng, 2) ? 0 : trace->count - 1].bps = 7777777;
  trace->period =
      rows[trace->count - 1].at + HO_MSEC + ho_rng_below(rng, 10 * HO_MSEC);
}

/* Packets come in bursts and alone, also at the very instant of a departure;
 * with every packet, the place of the one before is left and returned to. */
START_TEST(as_the_model_says) {
  enum { PACKETS = 300 };
  ho_rng rng;

  ho_rng_init(&rng, (uint64_t)_i, "test");
  for (int round = 0; round < 20; round++) {
    ho_time now = ho_rng_below(&rng, HO_SEC), last = 0;
    ho_trace_row rows[12];
    trace_model model;
    ho_schedule s, copy;
    ho_trace trace;

    random_trace(&trace, rows, &rng);
    ho_schedule_init(&s, &trace);
    trace_model_init(&model, &trace);
    for (int i = 0; i < PACKETS; i++) {
      uint32_t bytes = 1 + (uint32_t)ho_rng_below(&rng, 2000);
      ho_time departs, expected;

      if (i == 0 || now >= last) {
        ho_schedule_begin(&s, now);
      }
      ho_schedule_depart(&s, bytes);
      departs = s.ns + (s.part > 0);
      expected = trace_model_depart(&model, now, bytes);
      ck_assert_msg(departs == expected,
                    "packet %d: %llu, not %llu (%s, %zu rows)", i,
                    (unsigned long long)departs, (unsigned long long)expected,
                    trace.opportunities ? "mahimahi" : "CSV", trace.count);
      ck_assert_ptr_eq(&rows[s.row], model.row);
      copy = s;
      ho_schedule_begin(&s, now + ho_rng_below(&rng, HO_SEC));
      ho_schedule_resume(&s, copy.ns, copy.part, copy.left, copy.row);
      last = departs;
      switch (ho_rng_below(&rng, 8)) {
      case 0:
        now = last > now ? last : now;
        break;
      case 1:
        now += ho_rng_below(&rng, 10 * trace.period);
        break;
      case 2:
        now += ho_rng_below(&rng, 2 * HO_MSEC);
        break;
      }
    }
  }
}
END_TEST

/* From one whole period to the next, a busy link carries exactly the trace's
 * bits, for ever. */
START_TEST(whole_periods) {
  static ho_trace_row rates[] = {{.at = 0, .bps = 999999937},
                                 {.at = 7, .bps = 0},
                                 {.at = 1000003, .bps = 3},
                                 {.at = 2 * HO_SEC, .bps = 1000000}};
  static ho_trace_row chances[] = {
      {.at = 0}, {.at = HO_MSEC}, {.at = HO_MSEC}, {.at = 9 * HO_MSEC}};
  static const ho_trace traces[] = {
      {.rows = rates, .count = 4, .period = 3 * HO_SEC, .mean_bps = 1},
      {.rows = chances,
       .count = 4,
       .period = 10 * HO_MSEC,
       .mean_bps = 1,
       .opportunities = true}};

  for (size_t t = 0; t < COUNT(traces); t++) {
    const ho_trace *trace = &traces[t];
    trace_wide work = 0, per_lap = trace_model_work(trace);
    uint64_t laps = t ? 100000 : 100;
    ho_schedule s;

    ho_schedule_init(&s, trace);
    ho_schedule_begin(&s, trace->period - 1); /* so that the first is whole */
    while (s.ns < (laps + 1) * trace->period - 1) {
      ho_schedule_depart(&s, 100);
      work += (trace_wide)100 * 8 * HO_SEC;
    }
    /* Over by one packet at most: 100 bytes divide an opportunity. */
    ck_assert(work >= laps * per_lap);
    ck_assert(work - laps * per_lap <= (trace_wide)100 * 8 * HO_SEC);
  }
}
END_TEST

/* mm-link's rules, one by one: opportunities at 0, 1, 2, 2 and 5 ms of
 * every 20. */
START_TEST(mahimahi) {
  static ho_trace_row rows[] = {{.at = 0 * HO_MSEC},
                                {.at = 1 * HO_MSEC},
                                {.at = 2 * HO_MSEC},
                                {.at = 2 * HO_MSEC},
                                {.at = 5 * HO_MSEC}};
  static const ho_trace trace = {.rows = rows,
                                 .count = 5,
                                 .period = 20 * HO_MSEC,
                                 .mean_bps = 1,
                                 .opportunities = true};
  static const struct {
    const char *what;
    ho_time begin_us;
    uint32_t bytes[4];
    ho_time departs_ms[4];
  } cases[] = {
      {"one opportunity each", 0, {1500, 1500, 1500, 1500}, {1, 2, 2, 5}},
      {"the one at the beginning is over", 20000, {1500}, {21}},
      {"one at the instant is over", 1000, {1500}, {2}},
      {"both at an instant are over", 2000, {1500}, {5}},
      {"the one before it is not", 1999, {1500, 1500}, {2, 2}},
      {"small ones share", 0, {500, 500, 500, 1}, {1, 1, 1, 2}},
      {"one goes on in the next", 0, {1000, 1000, 1000, 1}, {1, 2, 2, 2}},
      {"a byte too many", 3000, {1, 1500, 1499, 1}, {5, 20, 20, 21}},
      {"more than 1500 bytes", 3000, {2000, 1000}, {20, 20}},
      {"the next lap", 5000, {1500, 1500, 1500}, {20, 21, 22}},
      {"a far lap", 20000001, {1500, 1500}, {20001, 20002}},
  };

  for (size_t i = 0; i < COUNT(cases); i++) {
    ho_schedule s;

    ho_schedule_init(&s, &trace);
    ho_schedule_begin(&s, cases[i].begin_us * HO_USEC);
    for (size_t p = 0; p < 4 && cases[i].bytes[p]; p++) {
      ho_schedule_depart(&s, cases[i].bytes[p]);
      ck_assert_msg(s.ns == cases[i].departs_ms[p] * HO_MSEC, "%s: %zu: %llu",
                    cases[i].what, p, (unsigned long long)s.ns);
    }
  }
}
END_TEST

/* However long the trace and the silence, a packet after it costs little: 10^5
 * such packets over 10^6 rows would not end in time if each walked there. */
START_TEST(long_silence) {
  enum { ROWS = 1000000 };
  ho_trace trace = {.rows = ho_alloc_array(ROWS, sizeof(ho_trace_row)),
                    .count = ROWS,
                    .period = ROWS * HO_MSEC,
                    .mean_bps = 1};
  ho_time now = 0, took = 0;
  ho_schedule s;

  for (size_t i = 0; i < ROWS; i++) {
    trace.rows[i] = (ho_trace_row){.at = i * HO_MSEC, .bps = 12000000};
  }
  ho_schedule_init(&s, &trace);
  for (int i = 0; i < 100000; i++) {
    now += 2999999 * HO_MSEC;
    ho_schedule_begin(&s, now);
    ho_schedule_depart(&s, 1500);
    took += s.ns - now;
  }
  ck_assert_uint_eq(took, 100000 * HO_MSEC);
  free(trace.rows);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, as_the_model_says, 0, 30);
  tcase_add_test(tc, whole_periods);
  tcase_add_test(tc, mahimahi);
  tcase_add_test(tc, long_silence);
}

int main(void) {
  return suite_run("schedule", add);
}
