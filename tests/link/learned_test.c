/* A3 finds what it was taught, and nothing where there is nothing. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/adversary/learned.h"
#include "sim/base/alloc.h"
#include "sim/base/rng.h"
#include "tests/link/sheet.h"
#include "tests/suite.h"

/* Where a signal is: in seeds 1 to 4, in 5 to 8. */
enum { TRAINING = 1, TEST = 2 };

enum { CLIENTS = 20, SEEDS = 8 };

static ho_csv_file evaluate(sheet *s) {
  return sheet_evaluate(s,
                        (ho_linkability){.observers = BOTH, .swap_game = true});
}

/* Flows at times and of volumes by chance.  In the seeds of |where| a client's
 * largest packet is its own and stays the same; else it is drawn anew.  The
 * very first new flow is not visible, so that a false pair comes first, nor is
 * the second client's old one. */
static void add_seeds(sheet *s, int where, uint64_t from, uint64_t to) {
  ho_rng rng;

  ho_rng_init(&rng, from, "learned");
  for (uint64_t seed = from; seed <= to; seed++) {
    bool signal = where & (seed <= SEEDS / 2 ? TRAINING : TEST);
    for (int i = 0; i < CLIENTS; i++) {
      unsigned mine = 500 + 40 * (unsigned)i;
      for (int k = 0; k < 2; k++) {
        double at = 1000 + (double)ho_rng_below(&rng, 5000);
        bool unseen = seed == 1 && ((i == 0 && k == 1) || (i == 1 && k == 0));
        unsigned max = 500 + 40 * (unsigned)ho_rng_below(&rng, CLIENTS);
        sheet_add(
            s, (row){.seed = seed,
                     .client = i,
                     .vantage = unseen ? "server" : "both",
                     .old_of = k ? "" : "0",
                     .new_of = k ? "0" : "",
                     .begin_ms = k ? at : 10,
                     .end_ms = k ? 9000 : at,
                     .bytes_down = 5000 + (unsigned)ho_rng_below(&rng, 90000),
                     .max_down = signal ? mine : max});
      }
    }
  }
}

/* Goal: a signal in all seeds is learned from the first half and found in the
 * other; in one half alone it is of no use, and nothing is at chance.  n and
 * seeds are those of the test. */
static const struct {
  int where;
  bool found;
} planted[] = {
    {TRAINING | TEST, true}, {0, false}, {TRAINING, false}, {TEST, false}};

START_TEST(signals) {
  sheet s;
  ho_csv_file f;
  double top1, lo;

  sheet_open(&s);
  add_seeds(&s, planted[_i].where, 1, SEEDS);
  f = evaluate(&s);
  ck_assert_str_eq(sheet_field(&f, "both", "A3", "seeds"), "4");
  ck_assert_str_eq(sheet_field(&f, "both", "A3", "queries"), "80");
  ck_assert_str_eq(sheet_field(&f, "both", "A3", "games"), "40");
  ck_assert_str_eq(sheet_field(&f, "both", "A0", "seeds"), "8");
  top1 = sheet_value(&f, "both", "A3", "top1");
  lo = sheet_value(&f, "both", "A3", "top1_lo");
  if (planted[_i].found) {
    ck_assert_double_gt(top1, 0.95);
    ck_assert_double_gt(sheet_value(&f, "both", "A3", "leak_bits_lo"), 2);
    ck_assert_double_gt(sheet_value(&f, "both", "A3", "swap_advantage_lo"),
                        0.5);
    /* Which A2 cannot: times and volumes that say nothing drown it. */
    ck_assert_double_lt(sheet_value(&f, "both", "A2", "top1"), 0.6);
  } else {
    ck_assert_double_lt(sheet_value(&f, "both", "A3", "leak_bits"), 0.2);
    /* A weight that came by chance, however small, orders candidates. */
    if (planted[_i].where != TEST) {
      ck_assert_double_lt(lo, 1.0 / CLIENTS);
      ck_assert_double_lt(sheet_value(&f, "both", "A3", "swap_advantage_lo"),
                          0);
    }
  }
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

/* Goal: scores are likelihood ratios: where nothing can be learned (all pairs
 * look the same) the model's odds are those of the training, and go away. */
START_TEST(nothing_varies) {
  sheet s;
  ho_csv_file f;

  sheet_open(&s);
  for (uint64_t seed = 1; seed <= 2; seed++) {
    for (int i = 0; i < 4; i++) {
      sheet_add(&s, (row){.seed = seed,
                          .client = i,
                          .old_of = "0",
                          .begin_ms = 10,
                          .end_ms = 500});
      sheet_add(&s, (row){.seed = seed,
                          .client = i,
                          .new_of = "0",
                          .begin_ms = 510,
                          .end_ms = 900});
    }
  }
  f = evaluate(&s);
  ck_assert_str_eq(sheet_field(&f, "both", "A3", "top1"), "0.250000");
  ck_assert_str_eq(sheet_field(&f, "both", "A3", "leak_bits"), "0.000000");
  ck_assert_str_eq(sheet_field(&f, "both", "A3", "auc"), "0.500000");
  ck_assert_str_eq(sheet_field(&f, "both", "A3", "swap_advantage"), "0.000000");
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

/* Goal: the same of the model alone.  Of 400 pairs that look alike 100 are
 * true, so its log odds are ln(1/3), but for what regularisation takes off. */
START_TEST(prior) {
  ho_link_scene scene = {.tau_ms = 5};
  ho_link_pair pair = {.identity = 3, .gap_ms = 7, .bytes = 1000};
  ho_link_lesson *lesson = ho_link_lesson_new();
  ho_link_model *model;

  ck_assert(ho_link_lesson_learn(lesson) == NULL);
  for (int i = 0; i < 400; i++) {
    ho_link_lesson_add(lesson, &scene, &pair, i % 4 == 3);
  }
  model = ho_link_lesson_learn(lesson);
  ck_assert(model != NULL);
  ck_assert_double_eq_tol(ho_link_model_score(model, &scene, &pair), 0, 0.03);
  ho_link_model_del(model);
  ho_link_lesson_del(lesson);
}
END_TEST

/* Goal: with one seed there is nothing to be tested with; with two and a single
 * client each, nothing to learn from. */
START_TEST(too_little) {
  for (uint64_t seeds = 1; seeds <= 2; seeds++) {
    sheet s;
    ho_csv_file f;

    sheet_open(&s);
    for (uint64_t seed = 1; seed <= seeds; seed++) {
      for (int i = 0; i < (seeds == 1 ? 4 : 1); i++) {
        sheet_add(&s, (row){.seed = seed,
                            .client = i,
                            .old_of = "0",
                            .begin_ms = 10,
                            .end_ms = 500});
        sheet_add(&s, (row){.seed = seed,
                            .client = i,
                            .new_of = "0",
                            .begin_ms = 510,
                            .end_ms = 900});
      }
    }
    f = evaluate(&s);
    ck_assert_str_eq(sheet_field(&f, "both", "A3", "n"), seeds == 1 ? "" : "1");
    ck_assert_str_eq(sheet_field(&f, "both", "A3", "seeds"),
                     seeds == 1 ? "0" : "1");
    for (size_t i = 6; i < f.rows[0].count - 3; i++) {
      ck_assert_str_eq(sheet_field(&f, "both", "A3", f.rows[0].fields[i]),
                       "NA");
    }
    ho_csv_file_free(&f);
    sheet_close(&s);
  }
}
END_TEST

/* Goal: the same files give the same rows, whatever ran before, and training
 * prints nothing. */
START_TEST(repeats) {
  sheet s;
  ho_csv_file first, second;
  char *path;
  int saved = dup(STDOUT_FILENO);
  FILE *printed;

  sheet_open(&s);
  add_seeds(&s, TRAINING | TEST, 1, SEEDS);
  path = ho_format("%s/stdout", s.dir);
  fflush(stdout);
  printed = freopen(path, "w", stdout);
  ck_assert(printed != NULL);
  first = evaluate(&s);
  second = evaluate(&s);
  fflush(stdout);
  ck_assert_int_eq(ftell(stdout), 0);
  dup2(saved, STDOUT_FILENO);
  close(saved);
  ck_assert_uint_eq(first.count, second.count);
  for (size_t i = 0; i < first.count; i++) {
    for (size_t k = 0; k < first.rows[i].count; k++) {
      ck_assert_str_eq(first.rows[i].fields[k], second.rows[i].fields[k]);
    }
  }
  ho_csv_file_free(&first);
  ho_csv_file_free(&second);
  unlink(path);
  free(path);
  sheet_close(&s);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, signals, 0, COUNT(planted));
  tcase_add_test(tc, nothing_varies);
  tcase_add_test(tc, prior);
  tcase_add_test(tc, too_little);
  tcase_add_test(tc, repeats);
}

int main(void) {
  return suite_run("learned", add);
}
