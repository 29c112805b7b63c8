/* Goal: an LTE network carries what its bandwidth allows, says what becomes of
 * each UE's link, and gives every packet back once, whatever happens to it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/ns3/lte_rig.h"

#include <string.h>

#include "sim/base/diag.h"
#include "sim/ns3/ns3.h"
#include "tests/suite.h"

static rig r; /* too large for the stack */

static void expect_states(const rig *of, unsigned station,
                          const ho_radio_state *states, size_t count) {
  ck_assert_uint_eq(of->notes_count[station], count);
  for (size_t i = 0; i < count; i++) {
    ck_assert_int_eq(of->notes[station][i].state, states[i]);
  }
}

/* A full queue gets what ns-3's transport blocks hold at the best modulation,
 * within 3 %; twice as fast cannot be true. */
static const struct {
  unsigned blocks;
  double down_mbps, up_mbps;
} peaks[] = {{6, 4.35, 4.35},  {15, 10.2, 11.0}, {25, 17.5, 18.3},
             {50, 35.0, 36.6}, {75, 52.6, 54.9}, {100, 75.2, 75.2}};

static double rate_of(unsigned blocks, bool down) {
  uint64_t before;
  double mbps;

  rig_start(&r, 1, blocks, 1, 1, 100);
  rig_stream(&r, 0, down, 1400, 300 * HO_MSEC, HO_NEVER, 120 * HO_USEC);
  ho_ns_run(500 * HO_MSEC);
  before = r.ways[0][down].bytes;
  ho_ns_run(1000 * HO_MSEC);
  mbps = (double)(r.ways[0][down].bytes - before) * 8 / 1e6 / 0.5;
  rig_finish(&r);
  return mbps;
}

START_TEST(peak_rates) {
  double down = rate_of(peaks[_i].blocks, true);

  ck_assert_double_eq_tol(down, peaks[_i].down_mbps,
                          peaks[_i].down_mbps * 0.03);
}
END_TEST

START_TEST(peak_rates_up) {
  double up = rate_of(peaks[_i].blocks, false);

  ck_assert_double_eq_tol(up, peaks[_i].up_mbps, peaks[_i].up_mbps * 0.03);
}
END_TEST

/* A UE searches for 200 ms, and has its bearer some 80 ms after that. */
START_TEST(attach) {
  static const ho_radio_state states[] = {HO_RADIO_SEARCHING,
                                          HO_RADIO_ASSOCIATED};

  rig_start(&r, 1, 50, 1, 1, 100);
  ck_assert(!ho_radio_is_associated(r.radio, 0));
  ck_assert_uint_eq(ho_radio_heard(r.radio, 0), HO_NEVER);
  rig_stream(&r, 0, true, 28, 0, HO_SEC, 10 * HO_MSEC);
  rig_stream(&r, 0, false, 1500, 0, HO_SEC, 10 * HO_MSEC);
  ho_ns_run(1200 * HO_MSEC);
  expect_states(&r, 0, states, COUNT(states));
  ck_assert_uint_eq(r.notes[0][1].cell, 1);
  ck_assert_uint_ge(r.notes[0][1].t, 250 * HO_MSEC);
  ck_assert_uint_le(r.notes[0][1].t, 300 * HO_MSEC);
  ck_assert(ho_radio_is_associated(r.radio, 0));
  ck_assert_uint_ge(ho_radio_heard(r.radio, 0), 1198 * HO_MSEC);
  for (int down = 0; down < 2; down++) {
    /* Exactly what was sent before it was associated. */
    ck_assert_uint_eq(r.ways[0][down].lost, 28);
    ck_assert_uint_eq(r.ways[0][down].arrived, 72);
    ck_assert_uint_le(r.ways[0][down].latency_max, 15 * HO_MSEC);
  }
  rig_finish(&r);
}
END_TEST

/* Small packets both ways at any pace: grants come in time, also where every
 * packet restarts ns-3's timer for asking again. */
START_TEST(grants) {
  static const uint64_t paces_ms[] = {3, 10, 11, 13, 20, 30};

  rig_start(&r, 1, 50, 1, 1, 100);
  for (int down = 0; down < 2; down++) {
    rig_stream(&r, 0, down, 60, 400 * HO_MSEC, HO_SEC, paces_ms[_i] * HO_MSEC);
  }
  ho_ns_run(1100 * HO_MSEC);
  for (int down = 0; down < 2; down++) {
    ck_assert_uint_eq(r.ways[0][down].arrived, r.ways[0][down].sent);
  }
  ck_assert_uint_le(r.ways[0][0].latency_max, 25 * HO_MSEC);
  ck_assert_uint_le(r.ways[0][1].latency_max, 10 * HO_MSEC);
  rig_finish(&r);
}
END_TEST

/* Half way between two cells: a gap of some milliseconds, few losses. */
START_TEST(scripted_handover) {
  static const ho_radio_state states[] = {
      HO_RADIO_SEARCHING, HO_RADIO_ASSOCIATED, HO_RADIO_HANDOVER_START,
      HO_RADIO_HANDOVER_DONE};

  rig_start(&r, 1, 50, 2, 1, 249);
  r.gap_from = 900 * HO_MSEC;
  rig_stream(&r, 0, true, 100, 500 * HO_MSEC, 1500 * HO_MSEC, HO_MSEC);
  rig_stream(&r, 0, false, 100, 500 * HO_MSEC, 1500 * HO_MSEC, HO_MSEC);
  rig_handover_at(&r, 0, HO_SEC, 2, 0);
  ho_ns_run(3 * HO_SEC);
  expect_states(&r, 0, states, COUNT(states));
  ck_assert_uint_eq(r.notes[0][1].cell, 1);
  ck_assert_uint_eq(r.notes[0][2].cell, 2);
  ck_assert_uint_eq(r.notes[0][3].cell, 2);
  ck_assert_uint_ge(r.ways[0][1].gap, 5 * HO_MSEC);
  ck_assert_uint_le(r.ways[0][1].gap, 30 * HO_MSEC);
  ck_assert_uint_ge(r.ways[0][0].gap, 5 * HO_MSEC);
  ck_assert_uint_le(r.ways[0][1].lost, 10);
  ck_assert_uint_le(r.ways[0][0].lost, 10);
  rig_finish(&r);
}
END_TEST

/* On the way from one cell to the next the network hands over by itself. */
START_TEST(measured_handover) {
  static const ho_radio_state states[] = {
      HO_RADIO_SEARCHING, HO_RADIO_ASSOCIATED, HO_RADIO_HANDOVER_START,
      HO_RADIO_HANDOVER_DONE};

  rig_start(&r, 1, 50, 2, 1, 200);
  rig_stream(&r, 0, true, 100, 500 * HO_MSEC, 11 * HO_SEC, 10 * HO_MSEC);
  rig_walk_at(&r, 0, HO_SEC, 350, 15);
  ho_ns_run(12 * HO_SEC);
  expect_states(&r, 0, states, COUNT(states));
  ck_assert_uint_eq(r.notes[0][3].cell, 2);
  ck_assert_double_eq_tol(ho_radio_where(r.radio, 0).x, 350, 0.001);
  /* It stands better with the second for a while, at 250 m from each. */
  ck_assert_uint_ge(r.notes[0][2].t, 4300 * HO_MSEC);
  ck_assert_uint_le(r.notes[0][2].t, 8 * HO_SEC);
  ck_assert_uint_le(r.ways[0][1].lost, 30);
  rig_finish(&r);
}
END_TEST

/* Out of the cell and back: some 2.2 s after the last signal it gives up, and
 * it finds its way back. */
START_TEST(out_and_back) {
  static const ho_radio_state states[] = {HO_RADIO_SEARCHING,
                                          HO_RADIO_ASSOCIATED, HO_RADIO_FADED,
                                          HO_RADIO_ASSOCIATED};
  ho_time faded, heard;

  rig_start(&r, 1, 50, 1, 1, 100);
  rig_stream(&r, 0, true, 1000, 500 * HO_MSEC, 20 * HO_SEC, 20 * HO_MSEC);
  rig_stream(&r, 0, false, 1000, 500 * HO_MSEC, 20 * HO_SEC, 20 * HO_MSEC);
  rig_walk_at(&r, 0, HO_SEC, 5000, 1000);
  ho_ns_run(7 * HO_SEC);
  faded = rig_when(&r, 0, HO_RADIO_FADED, 0);
  heard = ho_radio_heard(r.radio, 0);
  ck_assert_uint_ne(faded, HO_NEVER);
  /* Some kilometres away. */
  ck_assert_uint_ge(heard, 3 * HO_SEC);
  ck_assert_uint_le(heard, 4500 * HO_MSEC);
  ck_assert_uint_ge(faded - heard, 2 * HO_SEC);
  ck_assert_uint_le(faded - heard, 2500 * HO_MSEC);
  ck_assert(!ho_radio_is_associated(r.radio, 0));
  rig_walk_at(&r, 0, 7 * HO_SEC, 100, 1000);
  ho_ns_run(15 * HO_SEC);
  expect_states(&r, 0, states, COUNT(states));
  ck_assert_uint_le(r.notes[0][3].t, 11 * HO_SEC);
  ck_assert_uint_ge(r.ways[0][1].last, 14900 * HO_MSEC);
  ck_assert_uint_ge(r.ways[0][0].last, 14900 * HO_MSEC);
  rig_finish(&r);
}
END_TEST

/* A cut is no failure that the UE would tell of.  Nothing from before it comes
 * out after it. */
static const struct {
  ho_time from, to;
  bool searches; /* its association is over by then */
} cuts[] = {{1 * HO_SEC, 1 * HO_SEC, false},
            {1 * HO_SEC, 1500 * HO_MSEC, false},
            {1 * HO_SEC, 5 * HO_SEC, true},
            {0, 2 * HO_SEC, true}};

START_TEST(cut) {
  ho_time from = cuts[_i].from, to = cuts[_i].to;
  ho_time again;

  rig_start(&r, 1, 50, 1, 1, 100);
  if (from == 0) {
    ho_radio_cut(r.radio, 0, true);
  } else {
    rig_cut_at(&r, 0, from, true);
  }
  rig_cut_at(&r, 0, to, false);
  /* More than it can carry, so the buffers are full at the cut. */
  rig_stream(&r, 0, true, 1400, 300 * HO_MSEC, to, HO_MSEC / 5);
  rig_stream(&r, 0, false, 1400, 300 * HO_MSEC, to, HO_MSEC / 5);
  rig_walk_at(&r, 0, 500 * HO_MSEC, 120, 10);
  if (to > from) {
    ho_ns_run(to - HO_MSEC);
    ck_assert(!ho_radio_is_associated(r.radio, 0));
    ck_assert_double_le(ho_radio_where(r.radio, 0).x, 120.001);
    if (from > 0) {
      ck_assert_uint_le(ho_radio_heard(r.radio, 0), from);
    }
  }
  /* Long enough for what ns-3 still holds to come out, and be ignored. */
  ho_ns_run(to + 990 * HO_MSEC);
  for (int down = 0; down < 2; down++) {
    ck_assert_uint_le(r.ways[0][down].last, from);
  }
  rig_stream(&r, 0, true, 100, to + HO_SEC, to + 2 * HO_SEC, 20 * HO_MSEC);
  ho_ns_run(to + 3 * HO_SEC);
  again = rig_when(&r, 0, HO_RADIO_ASSOCIATED, from == 0 ? 0 : 1);
  ck_assert_uint_eq(rig_when(&r, 0, HO_RADIO_FADED, 0), HO_NEVER);
  if (cuts[_i].searches) {
    ck_assert_uint_eq(rig_when(&r, 0, HO_RADIO_SEARCHING, from == 0 ? 0 : 1),
                      to);
    ck_assert_uint_ge(again, to + 200 * HO_MSEC);
    ck_assert_uint_le(again, to + 500 * HO_MSEC);
  } else {
    ck_assert_uint_eq(again, to);
  }
  ck_assert_uint_eq(r.ways[0][1].last > to + 1900 * HO_MSEC, 1);
  rig_finish(&r);
}
END_TEST

/* All find a bearer, and all are served both ways. */
START_TEST(twenty) {
  rig_start(&r, 1, 50, 1, 20, 100);
  for (unsigned i = 0; i < 20; i++) {
    rig_stream(&r, i, true, 200, HO_SEC, 1500 * HO_MSEC, 50 * HO_MSEC);
    rig_stream(&r, i, false, 200, HO_SEC, 1500 * HO_MSEC, 50 * HO_MSEC);
  }
  ho_ns_run(1800 * HO_MSEC);
  for (unsigned i = 0; i < 20; i++) {
    ck_assert_uint_le(rig_when(&r, i, HO_RADIO_ASSOCIATED, 0), HO_SEC / 2);
    ck_assert_uint_eq(r.ways[i][0].arrived, 10);
    ck_assert_uint_eq(r.ways[i][1].arrived, 10);
  }
  rig_finish(&r);
}
END_TEST

/* What ns-3 would crash on is refused in words. */
START_TEST(refused_handovers) {
  rig_start(&r, 1, 50, 2, 1, 240);
  rig_handover_at(&r, 0, 100 * HO_MSEC, 2, HO_ERR_PROTO); /* not connected */
  rig_handover_at(&r, 0, HO_SEC, 0, HO_ERR_PROTO);
  rig_handover_at(&r, 0, HO_SEC, 1, HO_ERR_PROTO); /* it is there */
  rig_handover_at(&r, 0, HO_SEC, 3, HO_ERR_PROTO);
  rig_handover_at(&r, 0, HO_SEC, 2, 0);
  rig_handover_at(&r, 0, HO_SEC, 2, HO_ERR_PROTO); /* on the way */
  rig_handover_at(&r, 0, HO_SEC + HO_MSEC, 1, HO_ERR_PROTO);
  rig_cut_at(&r, 0, 2 * HO_SEC, true);
  rig_handover_at(&r, 0, 2 * HO_SEC, 1, HO_ERR_PROTO);
  rig_handover_at(&r, 0, 6 * HO_SEC, 1, HO_ERR_PROTO);
  ho_ns_run(7 * HO_SEC);
  ck_assert_uint_ne(rig_when(&r, 0, HO_RADIO_HANDOVER_DONE, 0), HO_NEVER);
  ck_assert_uint_eq(rig_when(&r, 0, HO_RADIO_HANDOVER_DONE, 1), HO_NEVER);
  rig_finish(&r);
}
END_TEST

/* The radio goes away in the middle of a handover, and comes back. */
START_TEST(cut_handover) {
  rig_start(&r, 1, 50, 2, 1, 249);
  rig_stream(&r, 0, true, 100, 500 * HO_MSEC, 6 * HO_SEC, 5 * HO_MSEC);
  rig_handover_at(&r, 0, HO_SEC, 2, 0);
  rig_cut_at(&r, 0, HO_SEC + (ho_time)_i * HO_MSEC, true);
  rig_cut_at(&r, 0, 4 * HO_SEC, false);
  ho_ns_run(6 * HO_SEC);
  ck_assert(ho_radio_is_associated(r.radio, 0));
  ck_assert_uint_eq(rig_when(&r, 0, HO_RADIO_FADED, 0), HO_NEVER);
  ck_assert_uint_ge(r.ways[0][1].last, 5980 * HO_MSEC);
  rig_finish(&r);
}
END_TEST

static uint64_t eventful(unsigned others) {
  static rig other;
  uint64_t hash;

  ho_ns_start(7);
  if (others & 1) {
    rig_join(&other, 3, 25, 2, 2, 200);
  }
  rig_join(&r, 0, 50, 2, 3, 240);
  if (others & 2) {
    rig_join(&other, 5, 25, 2, 2, 200);
  }
  for (unsigned i = 0; i < 3; i++) {
    rig_stream(&r, i, true, 300, 400 * HO_MSEC, 4 * HO_SEC, 7 * HO_MSEC);
    rig_stream(&r, i, false, 300, 400 * HO_MSEC, 4 * HO_SEC, 7 * HO_MSEC);
  }
  rig_handover_at(&r, 0, HO_SEC, 2, 1);
  rig_cut_at(&r, 1, HO_SEC, true);
  rig_cut_at(&r, 1, 2 * HO_SEC, false);
  rig_walk_at(&r, 2, HO_SEC, 340, 30);
  ho_ns_run(5 * HO_SEC);
  if (others) {
    ck_assert(ho_radio_is_associated(other.radio, 0));
    ck_assert(ho_radio_is_associated(other.radio, 1));
    rig_leave(&other);
  }
  rig_leave(&r);
  hash = r.hash;
  ho_ns_end();
  return hash;
}

/* Two runs are equal, and another network before or after changes nothing. */
START_TEST(repeats) {
  ck_assert_uint_eq(eventful(0), eventful((unsigned)_i));
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, peak_rates, 0, COUNT(peaks));
  tcase_add_loop_test(tc, peak_rates_up, 0, COUNT(peaks));
  tcase_add_test(tc, attach);
  tcase_add_loop_test(tc, grants, 0, 6);
  tcase_add_test(tc, scripted_handover);
  tcase_add_test(tc, measured_handover);
  tcase_add_test(tc, out_and_back);
  tcase_add_loop_test(tc, cut, 0, COUNT(cuts));
  tcase_add_test(tc, twenty);
  tcase_add_test(tc, refused_handovers);
  tcase_add_loop_test(tc, cut_handover, 0, 6);
  tcase_add_loop_test(tc, repeats, 0, 3);
}

int main(void) {
  return suite_run("lte", add);
}
