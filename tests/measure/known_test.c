/* Known failures: what is no such table is refused with its place, what
 * happens is recognised, and only what was looked at counts as mended. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/known.h"
#include "sim/base/alloc.h"
#include "tests/suite.h"

#define HEADER "scenario,arm,failure,library,analysis\n"
#define PATH   "known_test.csv"

static void write_file(const char *text) {
  FILE *out = fopen(PATH, "w");

  ck_assert_ptr_nonnull(out);
  ck_assert_uint_eq(fwrite(text, 1, strlen(text), out), strlen(text));
  ck_assert_int_eq(fclose(out), 0);
}

static ho_known *must_read(const char *text) {
  ho_known *known = NULL;
  ho_diag diag = {0};

  write_file(text);
  ck_assert_int_eq(ho_known_read(&known, PATH, true, &diag), 0);
  ck_assert_uint_eq(diag.count, 0);
  unlink(PATH);
  return known;
}

/* What ho_known_mended writes of |arm|; the caller frees it. */
static char *mended(const ho_known *known, const char *arm, size_t want) {
  char *text = NULL;
  size_t len;
  FILE *out = open_memstream(&text, &len);

  ck_assert_uint_eq(ho_known_mended(known, "s", arm, out), want);
  fclose(out);
  return text;
}

static const struct {
  const char *text, *message; /* with the place before it */
} refused[] = {
    {"", PATH ":1:1: expected the header '"},
    {"scenario,arm,failure,library\n", PATH ":1:1: expected the header '"},
    {"scenario,arm,failure,library,analysis,more\n", PATH ":1:1: expected the"},
    {"scenario,arm,clause,library,analysis\n",
     PATH ":1:1: expected the header"},
    {"s,quic,C2,ngtcp2 1.11,x\n", PATH ":1:1: expected the header '"},
    {HEADER "s,quic,C2,ngtcp2 1.11\n", PATH ":2:1: 4 fields, expected 5"},
    {HEADER "s,quic,C2,1,x\ns,quic,\"a, b\",1,x,y\n",
     PATH ":3:1: 6 fields, expected 5"},
    {HEADER "s,quic,C2,1,x\ns,quic,C99,1,x\n",
     PATH ":3:1: 'C99' is neither a check (see 'handoff list checks') nor an "
          "expectation"},
    {HEADER "s,quic,c2,1,x\n", PATH ":2:1: 'c2' is neither a check"},
    {HEADER ",quic,C2,1,x\n", PATH ":2:1: 'scenario' is empty"},
    {HEADER "s,quic,C2,1,\n", PATH ":2:1: 'analysis' is empty"},
    {HEADER "s,quic,C2,1,x\ns,quic,C4,1,x\ns,quic,C2,2,y\n",
     PATH ":4:1: 'C2' of 's', arm 'quic', is listed twice"},
    {HEADER "s,quic,a\"b,1,x\n", PATH ": it is not CSV"},
};

START_TEST(refuses) {
  ho_known *known = (ho_known *)PATH;
  ho_diag diag = {0};
  char *text = NULL;
  size_t len;
  FILE *out = open_memstream(&text, &len);

  write_file(refused[_i].text);
  ck_assert_int_eq(ho_known_read(&known, PATH, false, &diag), HO_ERR_INPUT);
  ck_assert_ptr_null(known);
  ck_assert_uint_eq(diag.count, 1);
  ho_diag_print(&diag, out);
  fclose(out);
  ck_assert_msg(
      strncmp(text, refused[_i].message, strlen(refused[_i].message)) == 0,
      "%s", text);
  free(text);
  ho_diag_free(&diag);
  unlink(PATH);
}
END_TEST

/* A file that was asked for must be there, the default one need not. */
START_TEST(missing) {
  ho_known *known = NULL;
  ho_diag diag = {0};

  ck_assert_int_eq(ho_known_read(&known, "no/such/file", true, &diag),
                   HO_ERR_INPUT);
  ck_assert_uint_eq(diag.count, 1);
  ho_diag_free(&diag);
  diag = (ho_diag){0};
  ck_assert_int_eq(ho_known_read(&known, "no/such/file", false, &diag), 0);
  ck_assert_uint_eq(diag.count, 0);
  ck_assert(!ho_known_has(known, "s", "quic", "C2"));
  free(mended(known, "quic", 0));
  ho_known_del(known);
  /* One that is there and cannot be read is an error in either case. */
  ck_assert_int_eq(ho_known_read(&known, "/", false, &diag), HO_ERR_INPUT);
  ho_diag_free(&diag);
  ho_known_del(NULL);
}
END_TEST

START_TEST(recognises) {
  ho_known *known =
      must_read(HEADER "s,quic,C2,1.11,x\n"
                       "s,quic,\"quic: p95(x) < 1s, y\",1.11,x\n");

  ck_assert(ho_known_has(known, "s", "quic", "C2"));
  ck_assert(ho_known_has(known, "s", "quic", "quic: p95(x) < 1s, y"));
  ck_assert(!ho_known_has(known, "t", "quic", "C2"));
  ck_assert(!ho_known_has(known, "s", "quic-0rtt", "C2"));
  ck_assert(!ho_known_has(known, "s", "quic", "C20"));
  ck_assert(!ho_known_has(known, "scenario", "arm", "failure"));
  ck_assert(!ho_known_has(NULL, "s", "quic", "C2"));
  ho_known_held(NULL, "s", "quic", "C2");
  free(mended(NULL, "quic", 0));
  ho_known_del(known);
}
END_TEST

/* "*" is everywhere, and is not mended by one that holds. */
START_TEST(everywhere) {
  ho_known *known = must_read(HEADER "*,quic,A1,1.11,x\ns,*,A2,1.11,x\n");

  ck_assert(ho_known_has(known, "any", "quic", "A1"));
  ck_assert(!ho_known_has(known, "any", "quic-0rtt", "A1"));
  ck_assert(ho_known_has(known, "s", "any", "A2"));
  ck_assert(!ho_known_has(known, "t", "any", "A2"));
  ho_known_del(known);
  known = must_read(HEADER "*,quic,A1,1.11,x\ns,*,A2,1.11,x\n");
  ho_known_held(known, "s", "quic", "A1");
  ho_known_held(known, "s", "quic", "A2");
  free(mended(known, "quic", 0));
  ho_known_del(known);
}
END_TEST

/* Of four entries one has failed again, one failed and held (two expectations
 * may read alike), one held, and one was not looked at. */
START_TEST(mends_what_held) {
  ho_known *known = must_read(HEADER "s,quic,A1,1.11,x\ns,quic,A2,1.11,x\n"
                                     "s,quic,A3,ngtcp2 1.11,x\n"
                                     "s,quic,A4,1.11,x\ns,auto,A5,1.11,x\n");
  char *text;

  ck_assert(ho_known_has(known, "s", "quic", "A1"));
  ck_assert(ho_known_has(known, "s", "quic", "A2"));
  ho_known_held(known, "s", "quic", "A2");
  ho_known_held(known, "s", "quic", "A3");
  ho_known_held(known, "s", "auto", "A4");
  ho_known_held(known, "t", "quic", "A4");
  ho_known_held(known, "s", "auto", "A5");
  text = mended(known, "quic", 1);
  ck_assert_str_eq(text, "s: mended: arm quic no longer fails 'A3', as it did "
                         "with ngtcp2 1.11\n");
  free(text);
  free(mended(known, "auto", 1));
  free(mended(known, "tcp", 0));
  ho_known_del(known);
}
END_TEST

static void add_tests(TCase *tc) {
  tcase_add_loop_test(tc, refuses, 0, COUNT(refused));
  tcase_add_test(tc, missing);
  tcase_add_test(tc, recognises);
  tcase_add_test(tc, everywhere);
  tcase_add_test(tc, mends_what_held);
}

int main(void) {
  return suite_run("known", add_tests);
}
