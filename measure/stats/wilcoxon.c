/* Two samples compared: the signed-rank test, an effect size, several tests. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/stats/wilcoxon.h"

#include <assert.h>
#include <stdlib.h>

#define MATHLIB_STANDALONE
#include <Rmath.h>

#include "measure/stats/quantile.h"
#include "sim/base/alloc.h"

/* ---- Wilcoxon ---- */

static int by_size(const void *left, const void *right) {
  double a = fabs(*(const double *)left), b = fabs(*(const double *)right);

  return (a > b) - (a < b);
}

/* Sums the ranks of the positive ones of |d|, which is in order of size; equal
 * ones have the mean of their ranks.  |*ties| is the sum of t^3 - t over groups
 * of t equal ones. */
static double rank(const double *d, size_t n, double *ties) {
  double sum = 0;

  *ties = 0;
  for (size_t i = 0, end; i < n; i = end) {
    size_t positive = 0;
    double t;
    for (end = i; end < n && fabs(d[end]) == fabs(d[i]); end++) {
      positive += d[end] > 0;
    }
    t = (double)(end - i);
    sum += (double)positive * ((double)i + (t + 1) / 2);
    *ties += t * t * t - t;
  }
  return sum;
}

static double exact_p(double sum, double n) {
  double p = sum > n * (n + 1) / 4 ? psignrank(sum - 1, n, 0, 0)
                                   : psignrank(sum, n, 1, 0);

  signrank_free();
  return fmin(2 * p, 1);
}

static double normal_p(double sum, double n, double ties) {
  double off = sum - n * (n + 1) / 4;
  double sigma = sqrt(n * (n + 1) * (2 * n + 1) / 24 - ties / 48);

  return fmin(2 * pnorm(fmax(fabs(off) - 0.5, 0) / sigma, 0, 1, 0, 0), 1);
}

ho_wilcoxon_result ho_wilcoxon(const double *differences, size_t count) {
  double *d = ho_alloc_array(count, sizeof(*d)), ties, n;
  ho_wilcoxon_result result = {.p = 1};

  for (size_t i = 0; i < count; i++) {
    assert(!isnan(differences[i]));
    if (differences[i] != 0) {
      d[result.n++] = differences[i];
    }
  }
  if (result.n > 0) {
    qsort(d, result.n, sizeof(*d), by_size);
    n = (double)result.n;
    result.sum = rank(d, result.n, &ties);
    result.exact = result.n <= HO_WILCOXON_EXACT && ties == 0;
    result.p =
        result.exact ? exact_p(result.sum, n) : normal_p(result.sum, n, ties);
  }
  free(d);
  return result;
}

/* ---- Cliff ---- */

double ho_cliff_delta(double *a, size_t a_count, double *b, size_t b_count) {
  double more = 0, less = 0;
  size_t below = 0, upto = 0;

  if (a_count == 0 || b_count == 0) {
    return NAN;
  }
  qsort(a, a_count, sizeof(*a), ho_double_compare);
  qsort(b, b_count, sizeof(*b), ho_double_compare);
  for (size_t i = 0; i < b_count; i++) {
    while (below < a_count && a[below] < b[i]) {
      below++;
    }
    while (upto < a_count && a[upto] <= b[i]) {
      upto++;
    }
    more += (double)below;
    less += (double)(a_count - upto);
  }
  return (more - less) / ((double)a_count * (double)b_count);
}

/* ---- Holm ---- */

typedef struct {
  double p;
  size_t index;
} test;

static int by_p(const void *left, const void *right) {
  const test *a = left, *b = right;

  return a->p != b->p ? (a->p > b->p) - (a->p < b->p)
                      : (a->index > b->index) - (a->index < b->index);
}

void ho_holm(const double *p, size_t count, double *adjusted) {
  test *tests = ho_alloc_array(count, sizeof(*tests));
  double least = 0;
  size_t n = 0;

  for (size_t i = 0; i < count; i++) {
    adjusted[i] = NAN;
    if (!isnan(p[i])) {
      tests[n++] = (test){p[i], i};
    }
  }
  qsort(tests, n, sizeof(*tests), by_p);
  for (size_t i = 0; i < n; i++) {
    least = fmax(least, fmin((double)(n - i) * tests[i].p, 1));
    adjusted[tests[i].index] = least;
  }
  free(tests);
}
