/* What must come out where the answer is known. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/base/rng.h"
#include "tests/link/sheet.h"
#include "tests/suite.h"

static const char *const simple[] = {"A0", "A1", "A2"};

/* Both flows of a client, with one identifier each; they end and begin at the
 * same time for all. */
static void add_client(sheet *s, uint64_t seed, int client, const char *old_id,
                       const char *new_id) {
  sheet_add(s, (row){.seed = seed,
                     .client = client,
                     .old_of = "0",
                     .begin_ms = 10,
                     .end_ms = 1000,
                     .ids = old_id});
  sheet_add(s, (row){.seed = seed,
                     .client = client,
                     .new_of = "0",
                     .begin_ms = 1010,
                     .end_ms = 2000,
                     .ids = new_id});
}

/* |shift|: whose old CID client i's new flow has; 0: its own; -1: nobody's. */
static void add_clients(sheet *s, uint64_t seed, int count, int shift) {
  for (int i = 0; i < count; i++) {
    int whose = shift < 0 ? i + count : (i ^ shift);
    char *old_id = ho_format("cid-up:%016x", i),
         *new_id = ho_format("cid-up:%016x", whose);
    add_client(s, seed, i, old_id, new_id);
    free(old_id);
    free(new_id);
  }
}

static ho_csv_file evaluate(sheet *s) {
  return sheet_evaluate(s,
                        (ho_linkability){.observers = BOTH, .swap_game = true});
}

static void check(const ho_csv_file *f, const char *adversary,
                  const char *column, double value) {
  ck_assert_double_eq_tol(sheet_value(f, "both", adversary, column), value,
                          1.1e-6);
}

static void check_text(const ho_csv_file *f, const char *adversary,
                       const char *column, const char *text) {
  ck_assert_str_eq(sheet_field(f, "both", adversary, column), text);
}

/* Goal: without any signal, exactly the prior: top1 1/n, entropy log2 n, no
 * leak, a ROC on the diagonal, and every swap game undecided, with the bound of
 * 0 in 20 (Clopper-Pearson: 0.1684). */
START_TEST(no_signal) {
  sheet s;
  ho_csv_file f;

  sheet_open(&s);
  add_clients(&s, 1, 40, -1);
  f = evaluate(&s);
  for (size_t i = 0; i < COUNT(simple); i++) {
    check_text(&f, simple[i], "n", "40");
    check_text(&f, simple[i], "seeds", "1");
    check_text(&f, simple[i], "queries", "40");
    check(&f, simple[i], "top1", 0.025);
    check(&f, simple[i], "advantage", 0);
    check(&f, simple[i], "entropy_bits", log2(40));
    check(&f, simple[i], "effective_set", 40);
    check(&f, simple[i], "min_entropy_bits", log2(40));
    check_text(&f, simple[i], "leak_bits", "0.000000");
    check(&f, simple[i], "auc", 0.5);
    check(&f, simple[i], "cid_reuse_up", 0);
    check_text(&f, simple[i], "cid_reuse_down", "");
    check_text(&f, simple[i], "link_window_ms", "");
    check_text(&f, simple[i], "swap_advantage", "0.000000");
    ck_assert_double_eq_tol(
        sheet_value(&f, "both", simple[i], "swap_advantage_hi"), 0.1684, 5e-5);
    ck_assert_double_eq_tol(
        sheet_value(&f, "both", simple[i], "swap_advantage_lo"), -0.1684, 5e-5);
    check_text(&f, simple[i], "games", "20");
    check_text(&f, simple[i], "decided", "0");
    ck_assert_double_lt(sheet_value(&f, "both", simple[i], "advantage_lo"), 0);
    ck_assert_double_gt(sheet_value(&f, "both", simple[i], "advantage_hi"), 0);
  }
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

/* Goal: times that say nothing are no better than guessing: of 12 seeds with 30
 * clients whose flows end and begin at random, A1's and A2's intervals hold
 * 1/30, an area of 1/2 and no advantage in the swap game. */
START_TEST(noise) {
  sheet s;
  ho_csv_file f;
  ho_rng rng;

  ho_rng_init(&rng, 1, "noise");
  sheet_open(&s);
  for (uint64_t seed = 1; seed <= 12; seed++) {
    for (int i = 0; i < 30; i++) {
      double end = 1000 + (double)ho_rng_below(&rng, 60000),
             begin = 1000 + (double)ho_rng_below(&rng, 60000);
      sheet_add(&s, (row){.seed = seed,
                          .client = i,
                          .old_of = "0",
                          .begin_ms = 10,
                          .end_ms = end});
      sheet_add(&s,
                (row){.seed = seed,
                      .client = i,
                      .new_of = "0",
                      .begin_ms = begin,
                      .end_ms = 90000,
                      .bytes_down = 1000 + (unsigned)ho_rng_below(&rng, 5000)});
    }
  }
  f = evaluate(&s);
  for (size_t i = 1; i < COUNT(simple); i++) {
    const struct {
      const char *lo, *hi;
      double value;
    } in[] = {{"top1_lo", "top1_hi", 1 / 30.0},
              {"advantage_lo", "advantage_hi", 0},
              {"auc_lo", "auc_hi", 0.5},
              {"swap_advantage_lo", "swap_advantage_hi", 0}};
    for (size_t k = 0; k < COUNT(in); k++) {
      ck_assert_double_le(sheet_value(&f, "both", simple[i], in[k].lo),
                          in[k].value);
      ck_assert_double_ge(sheet_value(&f, "both", simple[i], in[k].hi),
                          in[k].value);
    }
    ck_assert_double_lt(sheet_value(&f, "both", simple[i], "leak_bits"), 0);
  }
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

/* Goal: an identifier that stays tells all.  log2(40) bits; 20 games won make
 * at least 2 x 0.8316 - 1 (Clopper-Pearson, 20 of 20). */
START_TEST(all_shared) {
  sheet s;
  ho_csv_file f;

  sheet_open(&s);
  add_clients(&s, 1, 40, 0);
  sheet_window(&s, 1, 3, 0, "7.500000");
  sheet_window(&s, 1, 0, 0, "2.000000");
  sheet_window(&s, 1, 1, 0, "4.000000");
  sheet_window(&s, 1, 2, 0, "");
  /* Another arm's, another seed's, and a handoff that was not asked about. */
  fputs("hand,tcp,1,5,0,900.000000\n", s.windows);
  sheet_window(&s, 2, 6, 0, "900.000000");
  sheet_window(&s, 1, 7, 1, "900.000000");
  f = evaluate(&s);
  for (size_t i = 0; i < COUNT(simple); i++) {
    check(&f, simple[i], "top1", 1);
    check(&f, simple[i], "advantage", 1);
    check(&f, simple[i], "entropy_bits", 0);
    check(&f, simple[i], "effective_set", 1);
    check(&f, simple[i], "leak_bits", log2(40));
    check(&f, simple[i], "auc", 1);
    check(&f, simple[i], "cid_reuse_up", 1);
    check(&f, simple[i], "link_window_ms", 4);
    check(&f, simple[i], "swap_advantage", 1);
    check(&f, simple[i], "swap_advantage_hi", 1);
    ck_assert_double_eq_tol(
        sheet_value(&f, "both", simple[i], "swap_advantage_lo"), 2 * 0.8316 - 1,
        1e-4);
    /* Wilson, 40 of 40: 1 / (1 + 1.96^2 / 40). */
    ck_assert_double_eq_tol(sheet_value(&f, "both", simple[i], "top1_lo"),
                            0.912378, 1e-5);
    ck_assert_double_eq_tol(sheet_value(&f, "both", simple[i], "advantage_lo"),
                            (0.912378 - 0.025) / 0.975, 1e-5);
    check_text(&f, simple[i], "tpr_at_fpr_1e-3", "NA");
  }
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

/* Goal: in a dense crowd time is not confidently wrong.  Of 40 clients one
 * leaves every 20 ms, and each comes back 100 ms later, when five others have
 * just left: the nearest is the right one for the first alone, and yet who is
 * far off can be ruled out. */
START_TEST(crowd) {
  sheet s;
  ho_csv_file f;

  sheet_open(&s);
  for (int i = 0; i < 40; i++) {
    sheet_add(&s, (row){.client = i,
                        .old_of = "0",
                        .begin_ms = 10,
                        .end_ms = 1000 + 20 * i});
    sheet_add(&s, (row){.client = i,
                        .new_of = "0",
                        .begin_ms = 1100 + 20 * i,
                        .end_ms = 3000 + 20 * i});
  }
  f = evaluate(&s);
  for (size_t i = 1; i < COUNT(simple); i++) {
    ck_assert_double_lt(sheet_value(&f, "both", simple[i], "top1"), 0.2);
    ck_assert_double_gt(sheet_value(&f, "both", simple[i], "leak_bits"), 0);
  }
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

/* Goal: an identifier that goes to the partner misleads: of two candidates the
 * true one has 1 / (1 + 2^32), which is worth 1 - 32 bits; every game is lost,
 * and the true pair always scores below the false one. */
START_TEST(confidently_wrong) {
  sheet s;
  ho_csv_file f;

  sheet_open(&s);
  add_clients(&s, 1, 2, 1);
  add_clients(&s, 2, 2, 1);
  f = evaluate(&s);
  check(&f, "A0", "leak_bits", -31);
  check(&f, "A0", "top1", 0);
  check(&f, "A0", "advantage", -1);
  check(&f, "A0", "auc", 0);
  check(&f, "A0", "swap_advantage", -1);
  check(&f, "A0", "cid_reuse_up", 0);
  check_text(&f, "A0", "games", "2");
  check_text(&f, "A0", "decided", "2");
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

/* Goal: one identifier for k of them is worth 1/k each, and two thirds of a
 * bit's entropy less: four clients, of which two share a CID. */
START_TEST(ties) {
  sheet s;
  ho_csv_file f;

  sheet_open(&s);
  add_client(&s, 1, 0, "cid-up:aaaaaaaa", "cid-up:aaaaaaaa");
  add_client(&s, 1, 1, "cid-up:aaaaaaaa", "cid-up:aaaaaaaa");
  add_client(&s, 1, 2, "cid-up:bbbbbbbb", "cid-up:cccccccc");
  add_client(&s, 1, 3, "cid-up:dddddddd", "cid-up:eeeeeeee");
  f = evaluate(&s);
  check(&f, "A0", "top1", (0.5 + 0.5 + 0.25 + 0.25) / 4);
  check(&f, "A0", "entropy_bits", (1 + 1 + 2 + 2) / 4.0);
  check(&f, "A0", "effective_set", (2 + 2 + 4 + 4) / 4.0);
  check(&f, "A0", "leak_bits", (1 + 1 + 0 + 0) / 4.0);
  check(&f, "A0", "cid_reuse_up", 0.5);
  /* True pairs: 2 above; false: 2 above.  2 x (2 / 2 + 10) + 2 x 10 / 2 of 4 x
   * 12. */
  check(&f, "A0", "auc", (2 * 11 + 2 * 5) / 48.0);
  check_text(&f, "A0", "decided", "0");
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

/* Goal: a share of false pairs of 1e-3 needs 10,000 of them: 101 clients have
 * 101 x 100, 100 have 9,900.  With 10,100 ten may be above: of clients with a
 * CID of their own all are found, as no false pair is above. */
START_TEST(rates) {
  for (int n = 100; n <= 101; n++) {
    sheet s;
    ho_csv_file f;

    sheet_open(&s);
    add_clients(&s, 1, n, 0);
    f = evaluate(&s);
    if (n == 100) {
      check_text(&f, "A0", "tpr_at_fpr_1e-3", "NA");
      check_text(&f, "A0", "tpr_at_fpr_1e-3_lo", "NA");
    } else {
      check(&f, "A0", "tpr_at_fpr_1e-3", 1);
      ck_assert_double_gt(sheet_value(&f, "both", "A0", "tpr_at_fpr_1e-3_lo"),
                          0.95);
    }
    ho_csv_file_free(&f);
    sheet_close(&s);
  }
}
END_TEST

/* Goal: 10 seeds or more are drawn as wholes.  In 5 of 10 all is known, in 5
 * nothing: 2 to 8 known seeds in 95 % of resamples (binomial), with log2 4 = 2
 * bits each.  With 9, of which 5, the 36 queries are drawn. */
START_TEST(by_seed) {
  for (uint64_t seeds = 9; seeds <= 10; seeds++) {
    sheet s;
    ho_csv_file f;

    sheet_open(&s);
    for (uint64_t seed = 1; seed <= seeds; seed++) {
      add_clients(&s, seed, 4, seed % 2 ? 0 : -1);
    }
    f = evaluate(&s);
    if (seeds == 10) {
      check(&f, "A0", "leak_bits_lo", 2 * 0.2);
      check(&f, "A0", "leak_bits_hi", 2 * 0.8);
    } else {
      ck_assert_double_gt(sheet_value(&f, "both", "A0", "leak_bits_lo"), 0.7);
      ck_assert_double_lt(sheet_value(&f, "both", "A0", "leak_bits_hi"), 1.5);
    }
    ho_csv_file_free(&f);
    sheet_close(&s);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, no_signal);
  tcase_add_test(tc, noise);
  tcase_add_test(tc, all_shared);
  tcase_add_test(tc, crowd);
  tcase_add_test(tc, confidently_wrong);
  tcase_add_test(tc, ties);
  tcase_add_test(tc, rates);
  tcase_add_test(tc, by_seed);
}

int main(void) {
  return suite_run("controls", add);
}
