/* Who is asked about, and among whom: rounds, visibility, decoys. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <math.h>
#include <string.h>

#include "tests/link/sheet.h"
#include "tests/suite.h"

static void check(const ho_csv_file *f, const char *vantage, const char *column,
                  const char *text) {
  ck_assert_str_eq(sheet_field(f, vantage, "A0", column), text);
}

/* Both flows of client |client|'s handoff |k|, the old one up to |at|. */
static void add_handoff(sheet *s, const char *vantage, int client,
                        const char *k, double at_ms, bool old, bool fresh) {
  if (old) {
    sheet_add(s, (row){.vantage = vantage,
                       .client = client,
                       .old_of = k,
                       .begin_ms = 1,
                       .end_ms = at_ms,
                       .ids = "cid-up:01"});
  }
  if (fresh) {
    sheet_add(s, (row){.vantage = vantage,
                       .client = client,
                       .new_of = k,
                       .begin_ms = at_ms + 1,
                       .end_ms = at_ms + 99,
                       .ids = "cid-up:02"});
  }
}

/* Goal: what one vantage point does not show is a query there all the same, if
 * another one shows it: without old or new flow nothing speaks for anyone.  A
 * handoff without old or new flow anywhere is none (client 2 and 3).  CIDs are
 * compared where both are visible, and 0 of 2 is not "empty". */
START_TEST(visibility) {
  sheet s;
  ho_csv_file f;

  sheet_open(&s);
  for (int i = 0; i < 2; i++) {
    add_handoff(&s, "old", i, "0", 500 + 10 * i, true, false);
    add_handoff(&s, "new", i, "0", 500 + 10 * i, false, true);
    add_handoff(&s, "both", i, "0", 500 + 10 * i, true, true);
  }
  add_handoff(&s, "both", 2, "0", 500, true, false);
  add_handoff(&s, "both", 3, "0", 500, false, true);
  f = sheet_evaluate(&s, (ho_linkability){.observers = 0x1f});
  for (int i = 0; i < HO_VANTAGE_COUNT; i++) {
    const char *name = ho_vantage_name((ho_vantage)i);
    bool both = i == HO_VANTAGE_BOTH;

    check(&f, name, "queries", "2");
    check(&f, name, "n", "2");
    check(&f, name, "top1", "0.500000");
    check(&f, name, "leak_bits", "0.000000");
    check(&f, name, "cid_reuse_up", both ? "0.000000" : "");
    check(&f, name, "swap_advantage", "");
    check(&f, name, "games", "");
    ck_assert_str_eq(f.rows[1 + 4 * i].fields[3], name);
    ck_assert_str_eq(f.rows[1 + 4 * i + 3].fields[2], "A3");
  }
  /* By time, A1 tells them apart where it sees both ends. */
  ck_assert_double_gt(sheet_value(&f, "both", "A1", "leak_bits"), 0.3);
  ck_assert_uint_eq(f.count, 1 + 4 * HO_VANTAGE_COUNT);
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

/* Goal: decoys are flows that begin from the first to the last of the movers'
 * new flows, 601 and 701 ms, of clients that never move: 2 of 4.  A flow of a
 * mover that no handoff knows is none. */
START_TEST(decoys) {
  sheet s;
  ho_csv_file f;

  sheet_open(&s);
  add_handoff(&s, "both", 0, "0", 600, true, true);
  add_handoff(&s, "both", 1, "0", 700, true, true);
  for (int i = 0; i < 4; i++) {
    static const double begin[] = {600.999, 601, 701, 701.001};
    sheet_add(&s, (row){.client = 5 + i,
                        .stays = true,
                        .begin_ms = begin[i],
                        .end_ms = 2000});
  }
  sheet_add(&s, (row){.client = 0, .begin_ms = 650, .end_ms = 2000});
  f = sheet_evaluate(&s, (ho_linkability){.observers = BOTH});
  check(&f, "both", "n", "4");
  check(&f, "both", "queries", "2");
  check(&f, "both", "top1", "0.250000");
  check(&f, "both", "effective_set", "4.000000");
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

/* Goal: a packet to the client may be a flow's first. */
START_TEST(first_packet_down) {
  sheet s;
  ho_csv_file f;

  sheet_open(&s);
  add_handoff(&s, "both", 0, "0", 600, true, true);
  sheet_add(&s, (row){.client = 5,
                      .stays = true,
                      .begin_down_ms = 601,
                      .end_down_ms = 2000,
                      .no_up = true});
  sheet_add(&s, (row){.client = 6,
                      .stays = true,
                      .begin_ms = 650,
                      .begin_down_ms = 601,
                      .end_ms = 2000});
  f = sheet_evaluate(&s, (ho_linkability){.observers = BOTH});
  check(&f, "both", "n", "3");
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

/* Goal: alone, there is nothing to guess: what compares with chance or with
 * wrong pairs does not apply. */
START_TEST(alone) {
  sheet s;
  ho_csv_file f;

  sheet_open(&s);
  add_handoff(&s, "both", 0, "0", 600, true, true);
  f = sheet_evaluate(&s, (ho_linkability){.observers = BOTH});
  check(&f, "both", "n", "1");
  check(&f, "both", "top1", "1.000000");
  check(&f, "both", "advantage", "");
  check(&f, "both", "advantage_lo", "");
  check(&f, "both", "auc", "");
  check(&f, "both", "tpr_at_fpr_1e-3", "");
  check(&f, "both", "entropy_bits", "0.000000");
  check(&f, "both", "leak_bits", "0.000000");
  /* One query does not vary. */
  check(&f, "both", "leak_bits_lo", "NA");
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

/* Goal: handoffs compete with those of the same number: three first ones, one
 * second one.  n is (3 + 3 + 3 + 1) / 4; guessing wins 1 + 1 of 4, and chance
 * is taken off where there is one: advantage 0. */
START_TEST(rounds) {
  sheet s;
  ho_csv_file f;

  sheet_open(&s);
  for (int i = 0; i < 3; i++) {
    sheet_add(&s,
              (row){.client = i, .old_of = "0", .begin_ms = 1, .end_ms = 500});
    sheet_add(&s, (row){.client = i,
                        .new_of = "0",
                        .old_of = i == 1 ? "1" : "",
                        .begin_ms = 510,
                        .end_ms = 900});
  }
  sheet_add(&s,
            (row){.client = 1, .new_of = "1", .begin_ms = 910, .end_ms = 990});
  f = sheet_evaluate(&s, (ho_linkability){.observers = BOTH});
  check(&f, "both", "n", "2.500000");
  check(&f, "both", "queries", "4");
  check(&f, "both", "top1", "0.500000");
  check(&f, "both", "advantage", "0.000000");
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

/* Goal: a client that changes its CID in place (one flow, old and new) is told
 * by its tuple, but its CIDs are on that one tuple alone. */
START_TEST(in_place) {
  sheet s;
  ho_csv_file f;

  sheet_open(&s);
  for (int i = 0; i < 2; i++) {
    sheet_add(&s, (row){.client = i,
                        .old_of = "0",
                        .new_of = "0",
                        .begin_ms = 10,
                        .end_ms = 900,
                        .ids = i ? "cid-up:01" : "cid-up:02"});
  }
  f = sheet_evaluate(&s, (ho_linkability){.observers = BOTH});
  check(&f, "both", "top1", "1.000000");
  check(&f, "both", "cid_reuse_up", "0.000000");
  check(&f, "both", "cid_reuse_down", "");
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

/* Goal: of several flows for one handoff the last old and the first new one
 * count: only those of client 0 share a CID. */
START_TEST(several) {
  static const char *const old_ids[] = {"cid-up:01", "cid-up:02"},
                           *const new_ids[] = {"cid-up:02", "cid-up:03"};
  sheet s;
  ho_csv_file f;

  sheet_open(&s);
  for (int k = 0; k < 2; k++) {
    sheet_add(&s, (row){.client = 0,
                        .old_of = "0",
                        .begin_ms = 1 + k,
                        .end_ms = 500,
                        .ids = old_ids[k]});
  }
  for (int k = 0; k < 2; k++) {
    sheet_add(&s, (row){.client = 0,
                        .new_of = "0",
                        .begin_ms = 510 + k,
                        .end_ms = 900,
                        .ids = new_ids[k]});
  }
  f = sheet_evaluate(&s, (ho_linkability){.observers = BOTH});
  check(&f, "both", "queries", "1");
  check(&f, "both", "cid_reuse_up", "1.000000");
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

/* Goal: seeds keep apart: the same identifiers in another seed are others', and
 * other arms' rows are not read. */
START_TEST(apart) {
  sheet s;
  ho_csv_file f;

  sheet_open(&s);
  for (uint64_t seed = 1; seed <= 2; seed++) {
    for (int i = 0; i < 2; i++) {
      sheet_add(&s, (row){.seed = seed,
                          .client = i,
                          .old_of = "0",
                          .begin_ms = 1,
                          .end_ms = 500,
                          .ids = i == (seed == 1) ? "cid-up:01020304"
                                                  : "cid-up:05060708"});
      sheet_add(&s, (row){.seed = seed,
                          .client = i,
                          .new_of = "0",
                          .begin_ms = 510,
                          .end_ms = 900,
                          .ids = i == (seed == 1) ? "cid-up:01020304"
                                                  : "cid-up:05060708"});
    }
  }
  sheet_add(&s, (row){.arm = "other",
                      .client = 0,
                      .old_of = "7",
                      .new_of = "7",
                      .begin_ms = 1,
                      .end_ms = 500});
  f = sheet_evaluate(&s, (ho_linkability){.observers = BOTH});
  check(&f, "both", "n", "2");
  check(&f, "both", "queries", "4");
  check(&f, "both", "seeds", "2");
  check(&f, "both", "top1", "1.000000");
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

/* Goal: pairs of the swap game are made of those that the scenario moves, here
 * clients 1 and 2, and 4 and 5; who has no partner in a round does not play. */
START_TEST(pairs) {
  static const uint64_t places[] = {UINT64_MAX, 0, 1, UINT64_MAX, 2, 3, 4};
  static const char *const ids[] = {"",
                                    "cid-up:01010101",
                                    "cid-up:02020202",
                                    "",
                                    "cid-up:04040404",
                                    "cid-up:05050505",
                                    "cid-up:06060606"};
  sheet s;
  ho_csv_file f;

  sheet_open(&s);
  for (int i = 1; i < 7; i++) {
    if (i == 3) {
      continue;
    }
    sheet_add(&s, (row){.client = i,
                        .old_of = "0",
                        .begin_ms = 1,
                        .end_ms = 500,
                        .ids = ids[i]});
    /* Of the first pair nothing is shared. */
    sheet_add(&s, (row){.client = i,
                        .new_of = "0",
                        .begin_ms = 510,
                        .end_ms = 900,
                        .ids = i < 3 ? "" : ids[i]});
  }
  f = sheet_evaluate(&s, (ho_linkability){.observers = BOTH,
                                          .swap_game = true,
                                          .places = places,
                                          .places_count = COUNT(places)});
  check(&f, "both", "games", "2");
  check(&f, "both", "decided", "1");
  check(&f, "both", "swap_advantage", "0.500000");
  /* Clopper-Pearson, 1 of 1: 0.025 to 1; half of the games were decided. */
  check(&f, "both", "swap_advantage_lo", "-0.475000");
  check(&f, "both", "swap_advantage_hi", "0.500000");
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

/* Goal: a game is decided from 0.1 nat on.  Old flows end, and new ones begin,
 * at 1000 ms and |apart| later.  tau is 1 ms, at which ln(1 + e^-apart) is more
 * than -0.230 + ln(1 + e^(-apart/1.259)) at 1.259: straight is 0 + 0, crossed
 * -apart - apart.  0.098 nat of seed 1 is nothing, 0.102 of seed 2 is enough.
 */
START_TEST(margin) {
  sheet s;
  ho_csv_file f;

  sheet_open(&s);
  for (uint64_t seed = 1; seed <= 2; seed++) {
    for (int i = 0; i < 2; i++) {
      double at = 1000 + i * (seed == 1 ? 0.049 : 0.051);
      sheet_add(&s, (row){.seed = seed,
                          .client = i,
                          .old_of = "0",
                          .begin_ms = 1,
                          .end_ms = at});
      sheet_add(&s, (row){.seed = seed,
                          .client = i,
                          .new_of = "0",
                          .begin_ms = at,
                          .end_ms = 2000});
    }
  }
  f = sheet_evaluate(&s,
                     (ho_linkability){.observers = BOTH, .swap_game = true});
  ck_assert_str_eq(sheet_field(&f, "both", "A1", "games"), "2");
  ck_assert_str_eq(sheet_field(&f, "both", "A1", "decided"), "1");
  ck_assert_str_eq(sheet_field(&f, "both", "A1", "swap_advantage"), "0.500000");
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

/* Goal: nobody moves: rows without estimates, except A3, which learned nothing.
 */
START_TEST(nobody_moves) {
  sheet s;
  ho_csv_file f;

  sheet_open(&s);
  sheet_add(&s, (row){.client = 0, .stays = true, .begin_ms = 1, .end_ms = 9});
  f = sheet_evaluate(&s, (ho_linkability){.observers = BOTH});
  check(&f, "both", "n", "");
  check(&f, "both", "seeds", "0");
  check(&f, "both", "queries", "0");
  check(&f, "both", "top1", "");
  check(&f, "both", "leak_bits_hi", "");
  ck_assert_str_eq(sheet_field(&f, "both", "A3", "top1"), "NA");
  ho_csv_file_free(&f);
  sheet_close(&s);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, visibility);
  tcase_add_test(tc, decoys);
  tcase_add_test(tc, first_packet_down);
  tcase_add_test(tc, alone);
  tcase_add_test(tc, rounds);
  tcase_add_test(tc, in_place);
  tcase_add_test(tc, several);
  tcase_add_test(tc, apart);
  tcase_add_test(tc, pairs);
  tcase_add_test(tc, margin);
  tcase_add_test(tc, nobody_moves);
}

int main(void) {
  return suite_run("rounds", add);
}
