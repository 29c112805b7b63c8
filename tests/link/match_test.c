/* Which identifiers agree, and what that is worth. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "measure/adversary/match.h"
#include "tests/suite.h"

#define UP(hex)                                                                \
  { HO_LINK_CID_UP, false, hex }
#define GUESS(hex)                                                             \
  { HO_LINK_CID_UP, true, hex }
#define DOWN(hex)                                                              \
  { HO_LINK_CID_DOWN, false, hex }
#define LABEL(hex)                                                             \
  { HO_LINK_LABEL, false, hex }
#define PORT(hex)                                                              \
  { HO_LINK_PORT, false, hex }
#define TICKET(hex)                                                            \
  { HO_LINK_TICKET, false, hex }
#define TOKEN(hex)                                                             \
  { HO_LINK_TOKEN, false, hex }
#define TUPLE(hex)                                                             \
  { HO_LINK_TUPLE, false, hex }
#define LB(hex)                                                                \
  { HO_LINK_LB, false, hex }

typedef struct {
  ho_link_id ids[3];
} some;

static size_t count_ids(const ho_link_id *ids) {
  size_t n = 0;

  while (n < 3 && ids[n].hex) {
    n++;
  }
  return n;
}

/* Goal: bits of the strongest identifier that both have: 32 for a tuple, ticket
 * or token, 20 for a label, 16 for a port, 8 for each byte of a CID, 32 at
 * most. A guess agrees with what it is a prefix of, or that is a prefix of it,
 * if the shorter has 4 bytes. */
static const struct {
  some a, b;
  double bits;
} pairs[] = {
    {{{UP("01")}}, {{UP("02")}}, 0},
    {{{UP("01")}}, {{UP("01")}}, 8},
    {{{UP("010203")}}, {{UP("010203")}}, 24},
    {{{UP("0102030405060708")}}, {{UP("0102030405060708")}}, 32},
    {{{UP("0102")}}, {{DOWN("0102")}}, 0},
    {{{LABEL("0000a")}}, {{LABEL("0000a")}}, 20},
    {{{PORT("c350")}}, {{PORT("c350")}}, 16},
    {{{TICKET("aa")}}, {{TICKET("aa")}}, 32},
    {{{TOKEN("aa")}}, {{TOKEN("aa")}}, 32},
    {{{TOKEN("aa")}}, {{TICKET("aa")}}, 0},
    {{{TUPLE("c0000201c350")}}, {{TUPLE("c0000201c350")}}, 32},
    {{{PORT("c350"), UP("0102")}}, {{UP("0102"), PORT("c351")}}, 16},
    {{{PORT("c350"), UP("010203")}}, {{UP("010203"), PORT("c350")}}, 24},
    {{{UP("01"), UP("0203")}}, {{UP("0203"), UP("01")}}, 16},
    /* A prefix alone says nothing of CIDs whose length is known. */
    {{{UP("0102030405")}}, {{UP("01020304")}}, 0},
    {{{UP("0102030405"), GUESS("99999999")}}, {{UP("01020304")}}, 0},
    {{{UP("01020304"), GUESS("99999999")}}, {{UP("0102030405")}}, 0},
    /* Guesses, in either role, shorter and longer than the other. */
    {{{GUESS("01020304")}}, {{UP("0102030405060708")}}, 32},
    {{{UP("0102030405060708")}}, {{GUESS("01020304")}}, 32},
    {{{GUESS("010203040506")}}, {{UP("01020304")}}, 32},
    {{{UP("01020304")}}, {{GUESS("010203040506")}}, 32},
    {{{GUESS("01020304")}}, {{GUESS("0102030405")}}, 32},
    {{{GUESS("01020304")}}, {{GUESS("01020304")}}, 32},
    {{{GUESS("01020304")}}, {{UP("01020304")}}, 32},
    {{{UP("01020304")}}, {{GUESS("01020304")}}, 32},
    {{{GUESS("01020305")}}, {{UP("0102030405060708")}}, 0},
    /* Three bytes are too few. */
    {{{GUESS("010203")}}, {{UP("0102030405060708")}}, 0},
    {{{GUESS("010203")}}, {{GUESS("010203")}}, 0},
    {{{UP("010203")}}, {{GUESS("010203")}}, 0},
    {{{GUESS("010203")}}, {{UP("010203")}}, 0},
    /* Exact CIDs are found where there are guesses as well. */
    {{{GUESS("09090909"), UP("0102")}}, {{UP("0102")}}, 16},
    /* The same digits of another kind stand next to them in the list. */
    {{{GUESS("01020304")}}, {{LABEL("01020304")}}, 0},
    {{{DOWN("01020304")}}, {{UP("01020304")}}, 0},
};

static void fill(ho_link_seen *flow, size_t index, const some *s) {
  *flow = (ho_link_seen){.index = index,
                         .ids = (ho_link_id *)s->ids,
                         .ids_count = count_ids(s->ids)};
}

START_TEST(bits_of_a_pair) {
  const some bystander = {{UP("77777777"), PORT("7777"), TUPLE("7777")}};
  ho_link_seen flows[3];
  const ho_link_seen *list[3] = {&flows[0], &flows[1], &flows[2]};
  ho_link_match *match;
  double bits[3];

  fill(&flows[0], 0, &pairs[_i].a);
  fill(&flows[1], 1, &pairs[_i].b);
  fill(&flows[2], 2, &bystander);
  match = ho_link_match_new(list, 3);
  ho_link_match_bits(match, &flows[0], bits);
  ck_assert_double_eq(bits[0], 32);
  ck_assert_double_eq(bits[1], pairs[_i].bits);
  ck_assert_double_eq(bits[2], 0);
  ho_link_match_bits(match, &flows[1], bits);
  ck_assert_double_eq(bits[0], pairs[_i].bits);
  ho_link_match_del(match);
}
END_TEST

/* Goal: server IDs.  There are four, so the same one is worth 2 bits; another
 * one rules out, whatever else agrees short of it; none on one side says
 * nothing; a flow that shows two matches either. */
START_TEST(server_ids) {
  static const some some_ids[] = {
      {{LB("aa"), PORT("0001")}},   {{LB("aa")}},
      {{LB("bb"), PORT("0001")}},   {{PORT("0001")}},
      {{LB("cc"), LB("aa")}},       {{LB("dd"), TICKET("1234")}},
      {{LB("aa"), TICKET("1234")}},
  };
  static const double first[] = {32, 2, 16 - 32, 16, 2, -32, 2},
                      last[] = {2, 2, -32, 0, 2, 0, 32},
                      none[] = {16, 0, 16, 32, 0, 0, 0};
  ho_link_seen flows[COUNT(some_ids)];
  const ho_link_seen *list[COUNT(some_ids)];
  double bits[COUNT(some_ids)];
  ho_link_match *match;

  for (size_t i = 0; i < COUNT(some_ids); i++) {
    fill(&flows[i], i, &some_ids[i]);
    list[i] = &flows[i];
  }
  match = ho_link_match_new(list, COUNT(some_ids));
  ho_link_match_bits(match, &flows[0], bits);
  ck_assert_mem_eq(bits, first, sizeof(bits));
  ho_link_match_bits(match, &flows[6], bits);
  ck_assert_mem_eq(bits, last, sizeof(bits));
  ho_link_match_bits(match, &flows[3], bits);
  ck_assert_mem_eq(bits, none, sizeof(bits));
  ho_link_match_del(match);
}
END_TEST

/* Goal: whether one kind is shared, by the same rules. */
START_TEST(common) {
  static const some a = {{UP("01020304"), PORT("c350"), DOWN("05")}},
                    b = {{GUESS("0102030405"), DOWN("05"), PORT("c351")}};
  ho_link_seen flows[2];
  const ho_link_seen *list[2] = {&flows[0], &flows[1]};
  ho_link_match *match;

  fill(&flows[0], 0, &a);
  fill(&flows[1], 1, &b);
  match = ho_link_match_new(list, 2);
  for (int turn = 0; turn < 2; turn++) {
    const ho_link_seen *x = list[turn], *y = list[1 - turn];
    ck_assert(ho_link_match_common(match, x, y, HO_LINK_CID_UP));
    ck_assert(ho_link_match_common(match, x, y, HO_LINK_CID_DOWN));
    ck_assert(!ho_link_match_common(match, x, y, HO_LINK_PORT));
    ck_assert(!ho_link_match_common(match, x, y, HO_LINK_TOKEN));
  }
  ho_link_match_del(match);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, bits_of_a_pair, 0, COUNT(pairs));
  tcase_add_test(tc, server_ids);
  tcase_add_test(tc, common);
}

int main(void) {
  return suite_run("match", add);
}
