/* Verdicts of many runs, from hand-written rows of checks.csv: the worst one
 * counts, each check and arm once, and what is known or no MUST does not. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/checks/verdicts.h"
#include "sim/base/alloc.h"
#include "tests/suite.h"

#define HEADER                                                                 \
  "scenario,arm,seed,client,check,clause,level,verdict,t_s,endpoint,tuple,"    \
  "packet,detail,pn\n"
#define PASSES(arm, seed, check)                                               \
  "s," arm "," seed ",0," check ",x,x,PASS,,,,,,\n"
#define FAILS(arm, seed, client, check)                                        \
  "s," arm "," seed "," client "," check                                       \
  ",x,x,FAIL,1.5,server,1.2.3.4:5>6.7.8.9:443,77,wrong,12\n"
#define NOT_EXERCISED(arm, seed, check)                                        \
  "s," arm "," seed ",0," check ",x,x,NOT-EXERCISED,,,,,,\n"

static void read_rows(ho_csv_file *file, const char *text) {
  FILE *out = fopen("verdicts_test.csv", "w");

  ck_assert_ptr_nonnull(out);
  fputs(text, out);
  ck_assert_int_eq(fclose(out), 0);
  ck_assert_int_eq(ho_csv_read(file, "verdicts_test.csv"), 0);
  unlink("verdicts_test.csv");
}

static ho_known *read_known(const char *rows) {
  FILE *out = fopen("verdicts_known.csv", "w");
  ho_known *known = NULL;
  ho_diag diag = {0};

  ck_assert_ptr_nonnull(out);
  fprintf(out, "scenario,arm,failure,library,analysis\n%s", rows);
  ck_assert_int_eq(fclose(out), 0);
  ck_assert_int_eq(ho_known_read(&known, "verdicts_known.csv", true, &diag), 0);
  unlink("verdicts_known.csv");
  return known;
}

/* ho_verdicts_report, with what it writes in |*text|. */
static ho_verdicts_count report(const char *rows, const char *arm,
                                ho_known *known, bool all, char **text) {
  ho_csv_file file;
  size_t len;
  FILE *out = open_memstream(text, &len);
  ho_verdicts_count count;

  read_rows(&file, rows);
  count = ho_verdicts_report(&file, "s", arm, known, all, out);
  fclose(out);
  ho_csv_file_free(&file);
  return count;
}

/* Two seeds and two clients break C2, another seed holds it: that is one. */
START_TEST(worst_counts_once) {
  static const char rows[] =
      HEADER PASSES("quic", "1", "C2") NOT_EXERCISED("quic", "1", "C4")
          FAILS("quic", "2", "1", "C2") PASSES("quic", "2", "C4")
              FAILS("quic", "3", "0", "C2") NOT_EXERCISED("quic", "3", "C4")
                  PASSES("quic", "4", "C2") FAILS("other", "1", "0", "C4");
  char *text, *want;
  ho_verdicts_count count = report(rows, "quic", NULL, false, &text);

  ck_assert_uint_eq(count.failed, 1);
  ck_assert_uint_eq(count.known, 0);
  want = ho_format("  quic: of %d checks 1 held, %d were not exercised, 1 "
                   "broke: C2 (MUST)\n"
                   "s: C2 (MUST, RFC 9000 8.2.1, 13.3): %s\n"
                   "  arm quic, seed 2, client 1: the server, at 1.5 s, packet "
                   "77 (QUIC's 12) of 1.2.3.4:5>6.7.8.9:443: wrong\n",
                   HO_CHECK_COUNT, HO_CHECK_COUNT - 2,
                   ho_check_table()[HO_CHECK_C2].about);
  ck_assert_str_eq(text, want);
  free(want);
  free(text);
}
END_TEST

/* SHOULDs and observations are told and fail nothing. */
START_TEST(only_must_fails) {
  char *text;
  ho_verdicts_count count =
      report(HEADER FAILS("quic", "1", "0", "E8") FAILS("quic", "1", "0", "B4"),
             "quic", NULL, false, &text);

  ck_assert_uint_eq(count.failed + count.known, 0);
  ck_assert_ptr_nonnull(
      strstr(text, "2 broke: B4 (observation) E8 (SHOULD)\n"));
  ck_assert_ptr_null(strstr(text, "packet"));
  free(text);
}
END_TEST

/* A clause of another RFC is not RFC 9000's; evidence may be incomplete. */
START_TEST(other_rfcs) {
  char *text;

  report(HEADER "s,quic,1,0,D3,x,MUST,FAIL,2,client,,,late,\n", "quic", NULL,
         false, &text);
  ck_assert_ptr_nonnull(strstr(text, "s: D3 (MUST, RFC 9002 6.2.2.1): "));
  ck_assert_ptr_nonnull(strstr(text, ": the client, at 2 s: late\n"));
  free(text);
}
END_TEST

START_TEST(names_all) {
  char *text;

  report(HEADER PASSES("quic", "1", "C4") PASSES("quic", "1", "A1"), "quic",
         NULL, true, &text);
  ck_assert_ptr_nonnull(strstr(text, "\n    held: A1 C4\n"));
  ck_assert_ptr_nonnull(strstr(text, "\n    not exercised: A2 A3 "));
  free(text);
}
END_TEST

/* TCP has no rows, and nothing is said of it. */
START_TEST(no_rows) {
  char *text;
  ho_verdicts_count count =
      report(HEADER FAILS("quic", "1", "0", "C2"), "tcp", NULL, true, &text);

  ck_assert_uint_eq(count.failed, 0);
  ck_assert_str_eq(text, "");
  free(text);
}
END_TEST

START_TEST(known_failures) {
  ho_known *known = read_known("s,quic,C2,1.11,x\ns,quic,E8,1.11,x\n"
                               "s,quic,C4,1.11,x\ns,quic,C6,1.11,x\n");
  char *text, *mended;
  size_t len;
  ho_verdicts_count count =
      report(HEADER FAILS("quic", "1", "0", "C2") FAILS("quic", "1", "0", "C1")
                 FAILS("quic", "1", "0", "E8") PASSES("quic", "1", "C4")
                     NOT_EXERCISED("quic", "1", "C6"),
             "quic", known, false, &text);
  FILE *out = open_memstream(&mended, &len);

  ck_assert_uint_eq(count.failed, 1);
  ck_assert_uint_eq(count.known, 1);
  ck_assert_ptr_nonnull(strstr(text, "s: C1 (MUST"));
  ck_assert_ptr_null(strstr(text, "s: C2 (MUST"));
  ck_assert_ptr_nonnull(strstr(text, "3 broke: C1"));
  /* C4 held; C6 was not exercised, and E8 broke though it is no MUST. */
  ck_assert_uint_eq(ho_known_mended(known, "s", "quic", out), 1);
  fclose(out);
  ck_assert_ptr_nonnull(strstr(mended, "'C4'"));
  free(mended);
  free(text);
  ho_known_del(known);
}
END_TEST

/* ---- many scenarios ---- */

static void add(ho_verdicts *v, const char *scenario, const char *rows) {
  ho_csv_file file;

  read_rows(&file, rows);
  ho_verdicts_add(v, scenario, &file);
  ho_csv_file_free(&file);
}

static char *written(const ho_verdicts *v,
                     void (*write)(const ho_verdicts *, FILE *)) {
  static char *text; /* gcc 12 would take it for a dangling pointer */
  static size_t len;
  FILE *out = open_memstream(&text, &len);

  write(v, out);
  fclose(out);
  return text;
}

#define MATRIX_HEAD                                                            \
  "```\n                           111\n"                                      \
  "                  123456789012\n"                                           \
  "A1   MUST         ............ 0\n"

/* Goal: the worst over arms, seeds and clients; columns numbered beyond 9. */
START_TEST(matrix) {
  ho_verdicts *v = ho_verdicts_new();
  const char *head;
  char *text;

  add(v, "one", HEADER PASSES("quic", "1", "C2") FAILS("b", "1", "0", "C2"));
  add(v, "two", HEADER PASSES("quic", "1", "C2") NOT_EXERCISED("b", "1", "C2"));
  add(v, "tcp", HEADER);
  for (int i = 4; i <= 12; i++) {
    add(v, "more", HEADER PASSES("quic", "1", "C4"));
  }
  text = written(v, ho_verdicts_matrix);
  ck_assert_int_eq(strncmp(text, "# RFC checks and scenarios\n\n", 28), 0);
  head = strstr(text, "\n\n```\n");
  ck_assert_ptr_nonnull(head);
  ck_assert_int_eq(strncmp(head + 2, MATRIX_HEAD, sizeof(MATRIX_HEAD) - 1), 0);
  ck_assert_ptr_nonnull(strstr(text, "\nC2   MUST         Xo.......... 2\n"));
  ck_assert_ptr_nonnull(strstr(text, "\nC4   MUST         ...ooooooooo 9\n"));
  ck_assert_ptr_nonnull(strstr(text, "\nE8   SHOULD       ............ 0\n"));
  ck_assert_ptr_nonnull(strstr(text, "| --- | --- |\n| 1 | `one` |\n"));
  ck_assert_ptr_nonnull(strstr(text, "\n| 12 | `more` |\n"));
  free(text);
  ho_verdicts_del(v);
}
END_TEST

/* A failure exercises, too; nothing is said where there was nothing. */
START_TEST(never) {
  ho_verdicts *v = ho_verdicts_new();
  char *text = written(v, ho_verdicts_never);

  ck_assert_str_eq(text, "");
  free(text);
  add(v, "one", HEADER PASSES("quic", "1", "A1") NOT_EXERCISED("b", "1", "A1"));
  add(v, "two", HEADER FAILS("quic", "1", "0", "A3"));
  text = written(v, ho_verdicts_never);
  ck_assert_int_eq(strncmp(text, "never exercised: A2 A4 ", 23), 0);
  free(text);
  ho_verdicts_del(v);
}
END_TEST

static void add_tests(TCase *tc) {
  tcase_add_test(tc, worst_counts_once);
  tcase_add_test(tc, only_must_fails);
  tcase_add_test(tc, other_rfcs);
  tcase_add_test(tc, names_all);
  tcase_add_test(tc, no_rows);
  tcase_add_test(tc, known_failures);
  tcase_add_test(tc, matrix);
  tcase_add_test(tc, never);
}

int main(void) {
  return suite_run("verdicts", add_tests);
}
