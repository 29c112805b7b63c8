/* Scores of A0 to A2, computed by hand. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <math.h>
#include <string.h>

#include "measure/adversary/adversary.h"
#include "tests/suite.h"

enum { MOST = 110 };

/* A scene of flows that are made as they are named. */
typedef struct {
  ho_link_seen flows[2 * MOST];
  const ho_link_seen *all[2 * MOST], *olds[MOST], *candidates[MOST];
  ho_link_scene scene;
  ho_link_match *match;
  size_t count;
  double bits[2 * MOST], scores[MOST];
} rig;

static ho_link_seen *flow(rig *r, double begin_ms, double end_ms) {
  ho_link_seen *f = &r->flows[r->count];

  f->index = r->count;
  f->begin = f->first = (ho_time)(begin_ms * HO_MSEC);
  f->end = (ho_time)(end_ms * HO_MSEC);
  r->all[r->count++] = f;
  return f;
}

static ho_link_seen *old(rig *r, double end_ms) {
  ho_link_seen *f = flow(r, 1, end_ms);

  r->olds[r->scene.olds_count++] = f;
  return f;
}

static ho_link_seen *candidate(rig *r, double begin_ms) {
  ho_link_seen *f = flow(r, begin_ms, 9000);

  r->candidates[r->scene.candidates_count++] = f;
  return f;
}

static void measure(rig *r) {
  r->match = ho_link_match_new(r->all, r->count);
  r->scene.match = r->match;
  r->scene.olds = r->olds;
  r->scene.candidates = r->candidates;
  r->scene.flows_count = r->count;
  ho_link_scene_measure(&r->scene);
}

static const double *scores(rig *r, ho_adversary adversary, size_t index) {
  ho_link_scores(&r->scene, adversary, NULL, index, r->bits, r->scores);
  return r->scores;
}

static void check(const double *got, const double *expected, size_t count) {
  for (size_t i = 0; i < count; i++) {
    ck_assert_double_eq_tol(got[i], expected[i], 1.1e-9);
  }
}

/* Goal: A1.  Old flows end at 1000 and 2000, new ones begin at 1010 and 2040:
 * gaps 10 and 1040, -990 and 40.  The smallest are 10 and 40, their median is
 * tau = 25 ms: -10/25 = -0.4 and -41.6, capped at -20; -39.6, capped, and -1.6.
 * A0 has nothing. */
START_TEST(by_time) {
  static const double first[] = {-0.4, -20}, second[] = {-20, -1.6},
                      none[] = {0, 0};
  static rig r;

  old(&r, 1000);
  old(&r, 2000);
  candidate(&r, 1010);
  candidate(&r, 2040);
  measure(&r);
  ck_assert_double_eq(r.scene.tau_ms, 25);
  check(scores(&r, HO_ADVERSARY_A0, 0), none, 2);
  check(scores(&r, HO_ADVERSARY_A1, 0), first, 2);
  check(scores(&r, HO_ADVERSARY_A1, 1), second, 2);
  /* No shape varies, so A2 has no more. */
  check(scores(&r, HO_ADVERSARY_A2, 1), second, 2);
  ho_link_match_del(r.match);
}
END_TEST

/* Goal: tau is 1 ms at least, and a flow that overlaps counts by how much:
 * |995 - 1000| = 5 ms = 5 tau where tau is 1 because the nearest is 0.1 off. */
START_TEST(least_tau) {
  static const double expected[] = {-0.1, -5};
  static rig r;

  old(&r, 1000);
  candidate(&r, 1000.1);
  candidate(&r, 995);
  measure(&r);
  ck_assert_double_eq(r.scene.tau_ms, 1);
  check(scores(&r, HO_ADVERSARY_A1, 0), expected, 2);
  ho_link_match_del(r.match);
}
END_TEST

/* Goal: A2.  Two shapes have the values 100 and 300, and 1 and 2, in both old
 * and new flows; differences of the first are 0, 200, -200, 0 with a variance
 * of 20000, so (200)^2 / 20000 / 2 = 1; of the second likewise 1 / 0.5 / 2 = 1.
 * A shape in which all are equal says nothing.  Gaps are 0 for all. */
START_TEST(by_shape) {
  static const double like_first[] = {0, -2}, like_second[] = {-2, 0};
  static rig r;
  ho_link_seen *f[4] = {old(&r, 1000), old(&r, 1000), candidate(&r, 1000),
                        candidate(&r, 1000)};

  for (size_t i = 0; i < 4; i++) {
    f[i]->shape[HO_LINK_MAX_UP] = i % 2 ? 300 : 100;
    f[i]->shape[HO_LINK_RATE_DOWN] = i % 2 ? 2 : 1;
    f[i]->shape[HO_LINK_SPIN_UP] = 0.1;
  }
  measure(&r);
  ck_assert_double_eq_tol(r.scene.spread[HO_LINK_MAX_UP], sqrt(20000), 1e-9);
  ck_assert_double_eq(r.scene.spread[HO_LINK_SPIN_UP], 0);
  check(scores(&r, HO_ADVERSARY_A2, 0), like_first, 2);
  check(scores(&r, HO_ADVERSARY_A2, 1), like_second, 2);
  ho_link_match_del(r.match);
}
END_TEST

/* Goal: one of 100 candidates stands out by 1: the variance is 0.0099, so it
 * would lose 1 / 0.0099 / 2 = 50.5, which is capped at 10. */
START_TEST(outlier) {
  static rig r;

  old(&r, 1000);
  for (size_t i = 0; i < 100; i++) {
    candidate(&r, 1000)->shape[HO_LINK_MEAN_DOWN] = i == 42;
  }
  measure(&r);
  scores(&r, HO_ADVERSARY_A2, 0);
  ck_assert_double_eq_tol(r.scores[42], -10, 1e-9);
  /* The others are where the old flow is. */
  ck_assert_double_eq(r.scores[41], 0);
  ho_link_match_del(r.match);
}
END_TEST

/* Goal: what is not visible.  A candidate has the mean of the visible ones, 3
 * of the four: (-1 - 3 - 20) / 3 = -8.  An old flow says nothing of any; it
 * does not count for tau either, which is 10 from the other two: gaps 10, 30,
 * 300 and the same again. */
START_TEST(invisible) {
  static const double seen[] = {-1, -8, -3, -20}, unseen[] = {0, 0, 0, 0};
  static rig r;

  old(&r, 1000);
  r.olds[r.scene.olds_count++] = NULL;
  old(&r, 1000);
  candidate(&r, 1010);
  r.candidates[r.scene.candidates_count++] = NULL;
  candidate(&r, 1030);
  candidate(&r, 1300);
  measure(&r);
  ck_assert_double_eq(r.scene.tau_ms, 10);
  check(scores(&r, HO_ADVERSARY_A1, 0), seen, 4);
  check(scores(&r, HO_ADVERSARY_A1, 1), unseen, 4);
  ho_link_match_del(r.match);
}
END_TEST

/* Goal: what is equal ties: the mean of ten equal scores, which in floating
 * point is not quite that score (-0.7 ten times is -6.999999999999999). */
START_TEST(mean_of_equals) {
  static rig r;

  old(&r, 1000);
  old(&r, 1000.3);
  r.candidates[r.scene.candidates_count++] = NULL;
  for (size_t i = 0; i < 10; i++) {
    candidate(&r, 1000.7);
  }
  measure(&r);
  scores(&r, HO_ADVERSARY_A1, 0);
  ck_assert_double_eq_tol(r.scores[1], -0.7, 1e-9);
  ck_assert(r.scores[0] == r.scores[1]);
  ho_link_match_del(r.match);
}
END_TEST

/* Goal: a flow that goes on on its own tuple is 32 bits of identity, and has
 * neither gap nor difference to itself: 32 ln 2 = 22.180709778.  The other
 * candidate's gap is 500 and tau 1 (the flow's own gap is 0). */
START_TEST(goes_on) {
  static const double expected[] = {22.180709778, -20};
  static rig r;
  ho_link_seen *f = old(&r, 1000);

  f->shape[HO_LINK_MAX_UP] = 5;
  r.candidates[r.scene.candidates_count++] = f;
  candidate(&r, 1500)->shape[HO_LINK_MAX_UP] = 5;
  measure(&r);
  check(scores(&r, HO_ADVERSARY_A1, 0), expected, 2);
  check(scores(&r, HO_ADVERSARY_A2, 0), expected, 2);
  ho_link_match_del(r.match);
}
END_TEST

/* Goal: A0 is in nats (16 bits of a port: 11.090354889), and A1 adds to it. */
START_TEST(identity) {
  static ho_link_id port = {HO_LINK_PORT, false, "c350"};
  static const double by_port[] = {11.090354889, 0},
                      and_time[] = {11.090354889 - 2, -1};
  static rig r;
  ho_link_seen *a = old(&r, 1000), *b = candidate(&r, 1002);

  candidate(&r, 1001);
  a->ids = b->ids = &port;
  a->ids_count = b->ids_count = 1;
  measure(&r);
  check(scores(&r, HO_ADVERSARY_A0, 0), by_port, 2);
  check(scores(&r, HO_ADVERSARY_A1, 0), and_time, 2);
  ho_link_match_del(r.match);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, by_time);
  tcase_add_test(tc, least_tau);
  tcase_add_test(tc, by_shape);
  tcase_add_test(tc, outlier);
  tcase_add_test(tc, invisible);
  tcase_add_test(tc, mean_of_equals);
  tcase_add_test(tc, goes_on);
  tcase_add_test(tc, identity);
}

int main(void) {
  return suite_run("adversary", add);
}
