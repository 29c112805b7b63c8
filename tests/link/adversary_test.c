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
 * gaps 10 and 1040, -990 and 40.  With the far ones below e^-24, the
 * likelihood of tau is -2 ln tau - (10 + 40) / tau: -8.493 at 19.95, -8.438 at
 * 10^1.4 = 25.119, -8.489 at 31.62.  -10 / 25.119 = -0.398107171 and -41.4,
 * capped at -20; -39.4, capped, and -1.592428682.  A0 has nothing. */
START_TEST(by_time) {
  static const double first[] = {-0.398107171, -20},
                      second[] = {-20, -1.592428682}, none[] = {0, 0};
  static rig r;

  old(&r, 1000);
  old(&r, 2000);
  candidate(&r, 1010);
  candidate(&r, 2040);
  measure(&r);
  ck_assert_double_eq_tol(r.scene.tau_ms, 25.118864315, 1e-9);
  check(scores(&r, HO_ADVERSARY_A0, 0), none, 2);
  check(scores(&r, HO_ADVERSARY_A1, 0), first, 2);
  check(scores(&r, HO_ADVERSARY_A1, 1), second, 2);
  /* No shape varies, so A2 has no more. */
  check(scores(&r, HO_ADVERSARY_A2, 1), second, 2);
  ho_link_match_del(r.match);
}
END_TEST

/* Goal: any of the candidates may be the true one.  Gaps are 1 and 100 ms, and
 * 100 ms; the rest are 10 s and more.  Of -2 ln tau + ln(e^(-1/tau) +
 * e^(-100/tau)) - 100/tau:
 *   tau 10^1.7 = 50.119: -7.829 + ln(0.9802 + 0.1360) - 1.995 = -9.714
 *       10^1.8 = 63.096: -8.289 + ln(0.9843 + 0.2050) - 1.585 = -9.701
 *       10^1.9 = 79.433: -8.750 + ln(0.9875 + 0.2840) - 1.259 = -9.769
 * With the nearest alone, 50.119 would be best. */
START_TEST(any_of_them) {
  static rig r;

  old(&r, 1000);
  old(&r, 11000);
  candidate(&r, 1001);
  candidate(&r, 1100);
  candidate(&r, 11100);
  measure(&r);
  ck_assert_double_eq_tol(r.scene.tau_ms, 63.095734448, 1e-9);
  ho_link_match_del(r.match);
}
END_TEST

/* Goal: tau is 100 s at most: a gap of 1000 s is 10 nats. */
START_TEST(greatest_tau) {
  static const double expected[] = {-10};
  static rig r;

  old(&r, 1000);
  candidate(&r, 1001000);
  measure(&r);
  check(scores(&r, HO_ADVERSARY_A1, 0), expected, 1);
  ho_link_match_del(r.match);
}
END_TEST

/* Goal: tau is 1 ms at least, and a flow that overlaps counts by how much:
 * |995 - 1000| = 5 ms = 5 tau.  ln(e^-0.1 + e^-5) = -0.093 at 1 ms, and
 * -0.230 + ln(e^-0.079 + e^-3.97) = -0.290 at 1.259 ms. */
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
 * A shape in which all are equal says nothing.  Gaps are 0 for all, so nothing
 * tells whether shapes may be trusted: every weight is as likely as the least,
 * 1/8, and -2 becomes -0.25. */
START_TEST(by_shape) {
  static const double like_first[] = {0, -0.25}, like_second[] = {-0.25, 0};
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

/* Two clients that time tells apart: gaps are 0 and 100 s, tau is 1 ms, A1 0
 * and -20.  Of a shape, old flows have 0 and 4, new ones |first| and |second|.
 */
static void two_apart(rig *r, double first, double second) {
  old(r, 1000);
  old(r, 101000)->shape[HO_LINK_MAX_UP] = 4;
  candidate(r, 1000)->shape[HO_LINK_MAX_UP] = first;
  candidate(r, 101000)->shape[HO_LINK_MAX_UP] = second;
  measure(r);
}

/* Goal: shapes weigh as much as they agree with time.  New ones have 0 and 6:
 * differences are 0 and 6, -4 and 2, the variance 4 + 9 = 13, unlikenesses
 * 0, 36/26, 16/26, 4/26.  With weight w the likelihood is, but for e^-20,
 *   -4w/26 - 2 ln((1 + e^(-36w/26) + e^(-16w/26) + e^(-4w/26)) / 4)
 *   w 2: -0.308 - 2 ln((1 + 0.063 + 0.292 + 0.735) / 4) = 0.991
 *     4: -0.615 - 2 ln((1 + 0.004 + 0.085 + 0.540) / 4) = 1.180
 *     8: -1.231 - 2 ln((1 + 0.000 + 0.007 + 0.292) / 4) = 1.018
 * 4 x 36/26 = 5.538461538, 4 x 16/26 = 2.461538462, 4 x 4/26 = 0.615384615. */
START_TEST(weight) {
  static const double first[] = {0, -25.538461538},
                      second[] = {-22.461538462, -0.615384615};
  static rig r;

  two_apart(&r, 0, 6);
  ck_assert_double_eq(r.scene.weight, 4);
  check(scores(&r, HO_ADVERSARY_A2, 0), first, 2);
  check(scores(&r, HO_ADVERSARY_A2, 1), second, 2);
  ho_link_match_del(r.match);
}
END_TEST

/* Goal: the bounds of the weight.  Equal shapes: differences 0, 4, -4, 0 with a
 * variance of 8 are 1 for the false ones, and -2 ln((1 + e^-w) / 2) grows: 8.
 * Shapes of the other one: -2w less than that falls: 1/8, the mean of eight. */
START_TEST(weight_bounds) {
  static const double same[] = {0, -28}, other[] = {-0.125, -20};
  static rig r, s;

  two_apart(&r, 0, 4);
  ck_assert_double_eq(r.scene.weight, 8);
  check(scores(&r, HO_ADVERSARY_A2, 0), same, 2);
  two_apart(&s, 4, 0);
  ck_assert_double_eq(s.scene.weight, 0.125);
  check(scores(&s, HO_ADVERSARY_A2, 0), other, 2);
  ho_link_match_del(r.match);
  ho_link_match_del(s.match);
}
END_TEST

/* Goal: identifiers teach the weight, too.  All are at the same time; either
 * keeps its port, and its shape: 8, as above.  Nats of 16 bits: 11.090354889.
 */
START_TEST(weight_by_identity) {
  static ho_link_id ports[] = {{HO_LINK_PORT, false, "c350"},
                               {HO_LINK_PORT, false, "c351"}};
  static const double expected[] = {11.090354889, -8};
  static rig r;
  ho_link_seen *f[4] = {old(&r, 1000), old(&r, 1000), candidate(&r, 1000),
                        candidate(&r, 1000)};

  for (size_t i = 0; i < 4; i++) {
    f[i]->shape[HO_LINK_MAX_UP] = i % 2 ? 300 : 100;
    f[i]->ids = &ports[i % 2];
    f[i]->ids_count = 1;
  }
  measure(&r);
  check(scores(&r, HO_ADVERSARY_A2, 0), expected, 2);
  ho_link_match_del(r.match);
}
END_TEST

/* Goal: one of 100 candidates stands out by 1: the variance is 0.0099, so it
 * would lose 1 / 0.0099 / 2 = 50.5, which is capped at 10, at the least weight
 * of 1/8. */
START_TEST(outlier) {
  static rig r;

  old(&r, 1000);
  for (size_t i = 0; i < 100; i++) {
    candidate(&r, 1000)->shape[HO_LINK_MEAN_DOWN] = i == 42;
  }
  measure(&r);
  scores(&r, HO_ADVERSARY_A2, 0);
  ck_assert_double_eq_tol(r.scores[42], -1.25, 1e-9);
  /* The others are where the old flow is. */
  ck_assert_double_eq(r.scores[41], 0);
  ho_link_match_del(r.match);
}
END_TEST

/* Goal: what is not visible.  An old flow says nothing of any, and does not
 * count for tau, which comes from the other two with gaps 10, 30, 300 and the
 * same again: -ln tau + ln(e^(-10/tau) + e^(-30/tau)) is -3.176 at 10, -3.141
 * at 12.589, -3.145 at 15.849.  A candidate has the mean of the visible ones, 3
 * of the four: (-0.794328235 - 2.382984704 - 20) / 3 = -7.725770980. */
START_TEST(invisible) {
  static const double seen[] = {-0.794328235, -7.725770980, -2.382984704, -20},
                      unseen[] = {0, 0, 0, 0};
  static rig r;

  old(&r, 1000);
  r.olds[r.scene.olds_count++] = NULL;
  old(&r, 1000);
  candidate(&r, 1010);
  r.candidates[r.scene.candidates_count++] = NULL;
  candidate(&r, 1030);
  candidate(&r, 1300);
  measure(&r);
  ck_assert_double_eq_tol(r.scene.tau_ms, 12.589254118, 1e-9);
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

/* Goal: A0 is in nats (16 bits of a port: 11.090354889), and A1 adds to it: of
 * gaps of 2 and 1, -ln tau + ln(e^(-2/tau) + e^(-1/tau)) is -0.687 at 1, -0.652
 * at 1.259, -0.665 at 1.585.  2 / 1.259 = 1.588656469. */
START_TEST(identity) {
  static ho_link_id port = {HO_LINK_PORT, false, "c350"};
  static const double by_port[] = {11.090354889, 0},
                      and_time[] = {11.090354889 - 1.588656469, -0.794328235};
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
  tcase_add_test(tc, any_of_them);
  tcase_add_test(tc, greatest_tau);
  tcase_add_test(tc, least_tau);
  tcase_add_test(tc, by_shape);
  tcase_add_test(tc, weight);
  tcase_add_test(tc, weight_bounds);
  tcase_add_test(tc, weight_by_identity);
  tcase_add_test(tc, outlier);
  tcase_add_test(tc, invisible);
  tcase_add_test(tc, mean_of_equals);
  tcase_add_test(tc, goes_on);
  tcase_add_test(tc, identity);
}

int main(void) {
  return suite_run("adversary", add);
}
