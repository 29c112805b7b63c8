/* Goal: failures are counted by signature, marked as known, and written whole.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <unistd.h>

#include "base.h"
#include "search/found.h"
#include "search/signature.h"

static ho_trial one, two;

static ho_findings found(void) {
  ho_findings f = {0};
  ho_schedule s = {.number = 4};

  memset(&one, 0, sizeof(one));
  memset(&two, 0, sizeof(two));
  ho_trial_fail(&one, "check", "C8", "server", "moved", 5, "short, \"so\"");
  ho_trial_fail(&two, "check", "C8", "server", "moved", 5, "later");
  ho_trial_fail(&two, "stall", "silent", "server", "moved", 6, "gap");
  ho_schedule_act(&s, HO_SEC, "rotate");
  ho_findings_add(&f, &s, &one);
  s.number = 9;
  ho_findings_add(&f, &s, &two);
  ho_schedule_free(&s);
  return f;
}

START_TEST(counts) {
  ho_findings f = found();

  ck_assert_uint_eq(f.count, 2);
  ck_assert_uint_eq(f.items[0].count, 2);
  ck_assert_uint_eq(f.items[0].schedule.number, 4);
  ck_assert_str_eq(f.items[0].detail, "short, \"so\"");
  ck_assert_uint_eq(f.items[1].count, 1);
  ck_assert_uint_eq(f.items[1].schedule.number, 9);
  ck_assert_uint_eq(ho_findings_new(&f), 2);
  ho_findings_free(&f);
}
END_TEST

static int read_known(ho_findings *f, const char *text, char **message) {
  char path[] = "/tmp/known.XXXXXX";
  int fd = mkstemp(path), rv;
  ho_known_found known;
  ho_diag diag = {0};

  ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
  close(fd);
  rv = ho_known_found_read(&known, path, &diag);
  if (rv == 0) {
    ho_findings_mark(f, &known, "ngtcp2 2");
  }
  ho_known_found_free(&known);
  *message = diag.count > 0 ? strdup(strchr(diag.messages[0], ':') + 1) : NULL;
  ho_diag_free(&diag);
  unlink(path);
  return rv;
}

START_TEST(known) {
  ho_findings f = found();
  char *message;

  ck_assert_int_eq(read_known(&f,
                              "signature,library,analysis\n"
                              "check:C8:*:*,ngtcp2,because\n"
                              "check:*:*:*,ngtcp2,later\n",
                              &message),
                   0);
  ck_assert_str_eq(f.items[0].known, "because");
  ck_assert_ptr_null(f.items[1].known);
  ck_assert_uint_eq(ho_findings_new(&f), 1);
  ho_findings_free(&f);
}
END_TEST

/* Goal: what is known of the library at hand comes first, and what is known of
 * another is still known; the column may be missing. */
START_TEST(known_of_a_library) {
  static const struct {
    const char *rows, *why;
  } cases[] = {
      {"signature,library,analysis\ncheck:C8:*:*,ngtcp2 1,old\n"
       "check:*:*:*,ngtcp2 2,own\n",
       "own"},
      {"signature,library,analysis\ncheck:C8:*:*,ngtcp2 1,old\n"
       "check:A1:*:*,ngtcp2 2,own\n",
       "old"},
      {"signature,analysis\ncheck:C8:*:*,first\ncheck:*:*:*,second\n", "first"},
  };
  ho_findings f = found();
  char *message;

  ck_assert_int_eq(read_known(&f, cases[_i].rows, &message), 0);
  ck_assert_str_eq(f.items[0].known, cases[_i].why);
  ho_findings_free(&f);
}
END_TEST

START_TEST(bad_known) {
  static const char *const cases[][2] = {
      {"signature,reason\n", "1:1: expected the columns"},
      {"", "1:1: expected the columns"},
      {"signature,analysis\na:b:c:d\n", "2:1: 1 fields, expected 2"},
  };

  for (size_t i = 0; i < COUNT(cases); i++) {
    ho_findings f = found();
    char *message;
    ck_assert_int_eq(read_known(&f, cases[i][0], &message), HO_ERR_INPUT);
    ck_assert_msg(strncmp(message, cases[i][1], strlen(cases[i][1])) == 0, "%s",
                  message);
    free(message);
    ho_findings_free(&f);
  }
}
END_TEST

START_TEST(written) {
  ho_findings f = found();
  char *text = NULL;
  size_t len;
  FILE *out = open_memstream(&text, &len);

  f.items[0].file = strdup("c8.yaml");
  f.items[0].red = true;
  f.items[1].with = 0;
  ho_findings_write(&f, 3, "lib 1", out);
  fclose(out);
  ck_assert_str_eq(
      text,
      "signature,count,first_seed,schedule,file,actions,library,oracle,what,"
      "endpoint,phase,red,known,analysis,detail\n"
      "check:C8:server:moved,2,3,4,c8.yaml,1,lib 1,check,C8,server,moved,1,0,,"
      "\"short, \"\"so\"\"\"\n"
      "stall:silent:server:moved,1,3,9,c8.yaml,1,lib 1,stall,silent,server,"
      "moved,1,0,,gap\n");
  free(text);
  ho_findings_free(&f);
}
END_TEST

/* A known one is not in the table, one that another's file shows is beside it.
 */
START_TEST(printed) {
  ho_findings f = found();
  char *text = NULL;
  size_t len;
  FILE *out = open_memstream(&text, &len);

  f.items[1].with = 0;
  ho_findings_print(&f, out);
  f.items[0].known = strdup("x");
  f.items[1].known = strdup("x");
  ho_findings_print(&f, out);
  fclose(out);
  ck_assert_str_eq(text, "      2  check:C8:server:moved\n"
                         "         short, \"so\"\n"
                         "         and with it stall:silent:server:moved\n"
                         "      3  of 2 known kinds\n");
  free(text);
  ho_findings_free(&f);
}
END_TEST

START_TEST(expectations) {
  ho_findings f = found();
  char *text = ho_findings_expect(&f.items[0], "quic", 0);

  ck_assert_str_eq(text, "quic: check.C8 != FAIL");
  free(text);
  text = ho_findings_expect(&f.items[1], "quic", 0);
  ck_assert_str_eq(text, "quic: run.fct < 4s");
  free(text);
  ck_assert_ptr_null(ho_findings_expect(&f.items[0], "quic", 100));
  ho_findings_free(&f);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, counts);
  tcase_add_test(tc, known);
  tcase_add_loop_test(tc, known_of_a_library, 0, 3);
  tcase_add_test(tc, bad_known);
  tcase_add_test(tc, written);
  tcase_add_test(tc, printed);
  tcase_add_test(tc, expectations);
}

int main(void) {
  return suite_run("found", add);
}
