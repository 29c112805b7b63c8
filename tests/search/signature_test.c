/* Goal: equal failures have equal signatures, different ones do not, and a file
 * can be named after one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "search/signature.h"
#include "tests/suite.h"

static ho_trial trial;

START_TEST(once_and_in_order) {
  memset(&trial, 0, sizeof(trial));
  ho_trial_fail(&trial, "check", "C8", "server", "moved", 5, "b");
  ho_trial_fail(&trial, "check", "C8", "server", "moved", 2, "again");
  ho_trial_fail(&trial, "check", "C4", "server", "moved", 3, "a");
  ck_assert_uint_eq(trial.failures_count, 2);
  ck_assert_str_eq(trial.failures[0].signature, "check:C4:server:moved");
  ck_assert_str_eq(trial.failures[1].signature, "check:C8:server:moved");
  ck_assert_str_eq(trial.failures[1].detail, "b");
  ck_assert_ptr_eq(ho_trial_find(&trial, "check:C4:server:moved"),
                   &trial.failures[0]);
  ck_assert_ptr_null(ho_trial_find(&trial, "check:C4:server"));
}
END_TEST

/* More than there is room for are left out. */
START_TEST(many) {
  char what[12];

  memset(&trial, 0, sizeof(trial));
  for (int i = 0; i < 2 * HO_FAILURES_MAX; i++) {
    snprintf(what, sizeof(what), "C%d", i);
    ho_trial_fail(&trial, "check", what, "server", "moved", 5, "");
  }
  ck_assert_uint_eq(trial.failures_count, HO_FAILURES_MAX);
}
END_TEST

START_TEST(odd_words) {
  memset(&trial, 0, sizeof(trial));
  ho_trial_fail(&trial, "closed", "a b:c/d\n", "-", "moved", 0, "");
  ck_assert_str_eq(trial.failures[0].signature, "closed:a-b-c-d-:-:moved");
  ho_trial_fail(&trial, "closed", "a word that goes on for longer than it may",
                "server", "first-path", 1, "");
  ck_assert_uint_lt(strlen(trial.failures[1].signature), HO_SIGNATURE_MAX);
  ck_assert_ptr_nonnull(strstr(trial.failures[1].signature, ":first-path"));
}
END_TEST

static const char *died(int sig, bool overtime, const char *said) {
  memset(&trial, 0, sizeof(trial));
  trial.signal = sig;
  trial.overtime = overtime;
  strcpy(trial.phase, "moved");
  ho_trial_died(&trial, said);
  ck_assert_uint_eq(trial.failures_count, 1);
  return trial.failures[0].signature;
}

START_TEST(deaths) {
  ck_assert_str_eq(
      died(SIGABRT, false,
           "some/ngtcp2_conn.c:9980: conn_write_handshake: Assertion "
           "`conn->dcid.current.seq == 0' failed.\nmore\n"),
      "crash:conn_write_handshake:-:moved");
  ck_assert_ptr_null(strchr(trial.failures[0].detail, '\n'));
  /* A line that is not the same in the next version. */
  ck_assert_str_eq(died(SIGABRT, false,
                        "first: words\nngtcp2_conn.c:12: conn_write_handshake: "
                        "Assertion `x' failed.\n"),
                   "crash:conn_write_handshake:-:moved");
  ck_assert_str_eq(died(SIGSEGV, false, ""), "crash:signal-11:-:moved");
  ck_assert_str_eq(died(SIGXCPU, true, ""), "endless:no-end:-:moved");
  ck_assert_str_eq(died(SIGABRT, false, ": Assertion "),
                   "crash:signal-6:-:moved");
}
END_TEST

START_TEST(a_death_before_the_run) {
  memset(&trial, 0, sizeof(trial));
  trial.signal = SIGKILL;
  ho_trial_died(&trial, "");
  ck_assert_str_eq(trial.failures[0].signature, "crash:signal-9:-:-");
  ck_assert(ho_signature_fits(trial.failures[0].signature, "crash:*:-:*"));
}
END_TEST

START_TEST(patterns) {
  static const struct {
    const char *signature, *pattern;
    bool fits;
  } cases[] = {
      {"check:G2:server:moved", "check:G2:server:moved", true},
      {"check:G2:server:moved", "check:G2:*:*", true},
      {"check:G2:server:moved", "*:*:*:*", true},
      {"check:G2:server:moved", "check:G2:server", false},
      {"check:G2:server:moved", "check:G2:client:moved", false},
      {"check:G2:server:moved", "check:G:*:*", false},
      {"check:G2:server:moved", "check:G22:*:*", false},
      {"check:G2:server:moved", "check:G2:server:moved:x", false},
      {"check:G2:server:moved", "", false},
      {"check:G2:server:moved", "*", false},
  };

  for (size_t i = 0; i < COUNT(cases); i++) {
    ck_assert_msg(ho_signature_fits(cases[i].signature, cases[i].pattern) ==
                      cases[i].fits,
                  "case %zu", i);
  }
}
END_TEST

START_TEST(names) {
  static const char *const cases[][2] = {
      {"check:C8:server:moved", "check-c8-server-moved"},
      {"crash:conn_write:-:first-path", "crash-conn-write-first-path"},
      {"stuck:x:-:", "stuck-x"},
  };
  char part[HO_SIGNATURE_MAX];

  for (size_t i = 0; i < COUNT(cases); i++) {
    char *name = ho_signature_name(cases[i][0]);
    ck_assert_str_eq(name, cases[i][1]);
    free(name);
  }
  ck_assert_str_eq(ho_signature_part("a:bc:d:e", 0, part), "a");
  ck_assert_str_eq(ho_signature_part("a:bc:d:e", 1, part), "bc");
  ck_assert_str_eq(ho_signature_part("a:bc:d:e", 3, part), "e");
  ck_assert_str_eq(ho_signature_part("a:bc", 3, part), "");
}
END_TEST

START_TEST(cover) {
  ho_cover all = {0}, one = {0};

  ho_cover_add(&one, HO_STEP_CLOSED, HO_PATH_SETTLED, HO_CIDS_MANY,
               HO_FLIGHT_FULL);
  ck_assert_uint_eq(ho_cover_merge(&all, &one), 1);
  ck_assert_uint_eq(ho_cover_merge(&all, &one), 0);
  ho_cover_add(&one, HO_STEP_CLOSED, HO_PATH_SETTLED, HO_CIDS_MANY,
               HO_FLIGHT_SOME);
  ho_cover_add(&one, (ho_step)HO_ACT_DISCONNECT, HO_PATH_HANDSHAKE,
               HO_CIDS_NONE, HO_FLIGHT_NONE);
  ck_assert_uint_eq(ho_cover_merge(&all, &one), 2);
  ck_assert_uint_eq(ho_cover_count(&all), 3);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, once_and_in_order);
  tcase_add_test(tc, many);
  tcase_add_test(tc, odd_words);
  tcase_add_test(tc, deaths);
  tcase_add_test(tc, a_death_before_the_run);
  tcase_add_test(tc, patterns);
  tcase_add_test(tc, names);
  tcase_add_test(tc, cover);
}

int main(void) {
  return suite_run("signature", add);
}
