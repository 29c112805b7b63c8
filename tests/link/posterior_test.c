/* Posteriors, computed by hand. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <math.h>

#include "measure/adversary/posterior.h"
#include "tests/suite.h"

/* Goal: the formulas.  Scores ln 2, 0, 0 make p = 1/2, 1/4, 1/4, so H = 1.5
 * bits, the greatest p is 2^-1, and the true one is worth log2 3 - 1 or - 2.
 * Two that tie at ln 2 beside two at 0 make 1/3, 1/3, 1/6, 1/6: H = 2/3 log2 3
 * + 1/3 log2 6 = 1.918296. */
static const struct {
  double scores[4];
  size_t count, truth;
  double credit, entropy, min_entropy, leak;
} rows[] = {
    {{M_LN2, 0, 0}, 3, 0, 1, 1.5, 1, 0.584963},
    {{M_LN2, 0, 0}, 3, 1, 0, 1.5, 1, -0.415037},
    {{M_LN2, 0, M_LN2, 0}, 4, 2, 0.5, 1.918296, 1.584963, 0.415037},
    {{M_LN2, 0, M_LN2, 0}, 4, 3, 0, 1.918296, 1.584963, -0.584963},
    /* Nothing to tell them by, whatever all of them have. */
    {{-7, -7, -7, -7}, 4, 1, 0.25, 2, 2, 0},
    {{3}, 1, 0, 1, 0, 0, 0},
    /* Sure, and wrong: what is left is not rounded to log 0. */
    {{0, 1000}, 2, 0, 0, 0, 0, 1 - 1000 / M_LN2},
    {{0, 1000}, 2, 1, 1, 0, 0, 1},
    {{-5000, -5000 - M_LN2 * 0, -9000}, 3, 0, 0.5, 1, 1, 0.584963},
};

START_TEST(by_hand) {
  ho_link_posterior p;

  ho_link_posterior_of(&p, rows[_i].scores, rows[_i].count, rows[_i].truth);
  ck_assert_double_eq_tol(p.credit, rows[_i].credit, 1e-12);
  ck_assert_double_eq_tol(p.entropy_bits, rows[_i].entropy, 1e-6);
  ck_assert_double_eq_tol(p.effective_set, exp2(rows[_i].entropy), 1e-5);
  ck_assert_double_eq_tol(p.min_entropy_bits, rows[_i].min_entropy, 1e-6);
  ck_assert_double_eq_tol(p.leak_bits, rows[_i].leak, 1e-6);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, by_hand, 0, COUNT(rows));
}

int main(void) {
  return suite_run("posterior", add);
}
