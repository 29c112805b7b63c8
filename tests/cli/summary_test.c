/* The table of `run`: one line an arm, medians, what a median hides. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/summary.h"
#include "tests/suite.h"

static ho_arm arms[] = {{.name = "quic"}, {.name = "tcp-notify"}};
static size_t chosen[] = {0, 1};

static void read_text(ho_csv_file *file, const char *text) {
  char path[] = "/tmp/handoff-summary-XXXXXX";
  int fd = mkstemp(path);

  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(write(fd, text, strlen(text)), strlen(text));
  close(fd);
  ck_assert_int_eq(ho_csv_read(file, path), 0);
  unlink(path);
}

#define HANDOFFS_HEAD "arm,interruption_ms,migration_latency_ms,pv_rtts\n"
#define RUNS_HEAD     "arm,seed,outcome,reason,handshakes,resent_bytes,fct_s\n"

/* Goal: the table as a user sees it, to the byte. */
static const struct {
  const char *handoffs, *runs, *table;
} cases[] = {
    /* One run an arm; what does not apply is "-", what never came "NA". */
    {HANDOFFS_HEAD "quic,125.673905,63.190080,1.029472\n"
                   "tcp-notify,NA,80.535360,\n",
     RUNS_HEAD "quic,1,migrated,,1,1162425,6.505805079\n"
               "tcp-notify,1,app-failed,gave up,2,456414,NA\n",
     "\n"
     "                        interruption  migration  validation   hand-     "
     "resent  completion\n"
     "arm         outcome               ms         ms        RTTs  shakes      "
     "bytes           s\n"
     "quic        migrated           125.7       63.2       1.029       1    "
     "1162425       6.506\n"
     "tcp-notify  app-failed            NA       80.5           -       2     "
     "456414          NA\n"
     "  tcp-notify, seed 1: app-failed: gave up\n"},
    /* Several: medians with their count, the odd one out, the censored. */
    {HANDOFFS_HEAD "quic,100,10,1\nquic,300,30,1\nquic,200,NA,1\n",
     RUNS_HEAD "quic,1,migrated,,1,0,5\n"
               "quic,2,migrated,,1,2,6\n"
               "quic,3,conn-failed,,1,1,NA\n",
     "\n"
     "                             runs/  interruption  migration  validation "
     "  hand-     resent  completion\n"
     "arm         outcome       handoffs            ms         ms        RTTs "
     " shakes      bytes           s\n"
     "quic        migrated 2/3       3/3         200.0       30.0       1.000 "
     "      1          1       6.000\n"
     "tcp-notify  -                  0/0             -          -           - "
     "      -          -           -\n"
     "Medians over the runs and handoffs of an arm.\n"
     "  quic, seed 3: conn-failed\n"
     "  quic: migration NA (did not happen) in 1 of 3\n"
     "  quic: completion NA (did not happen) in 1 of 3\n"},
    /* A call: nothing completes, but frames come late. */
    {HANDOFFS_HEAD,
     "arm,seed,outcome,reason,handshakes,resent_bytes,fct_s,requests,missed,"
     "stalls,stall_ms\n"
     "quic,1,completed,,1,0,,1000,12,2,240.500000\n"
     "quic,2,completed,,1,0,,1000,0,0,0.000000\n"
     "tcp-notify,1,fallback,,1,0,,,,,\n",
     "\n"
     "                          runs/  interruption  migration  validation   "
     "hand-     resent  completion\n"
     "arm         outcome    handoffs            ms         ms        RTTs  "
     "shakes      bytes           s\n"
     "quic        completed       2/0             -          -           -     "
     "  1          0           -\n"
     "tcp-notify  fallback        1/0             -          -           -     "
     "  1          0           -\n"
     "Medians over the runs and handoffs of an arm.\n"
     "  quic: 12 of 2000 frames late or lost, 2 stalls of 240.5 ms in all\n"},
};

START_TEST(tables) {
  ho_scenario scenario = {.name = "s", .arms = arms, .arms_count = 2};
  ho_plan plan = {
      .scenario = &scenario, .arms = chosen, .arms_count = 2, .repeat = 1};
  ho_csv_file handoffs, runs;
  char *text;
  size_t len;
  FILE *out = open_memstream(&text, &len);

  read_text(&handoffs, cases[_i].handoffs);
  read_text(&runs, cases[_i].runs);
  ho_summary_print(&plan, &handoffs, &runs, out);
  fclose(out);
  ck_assert_str_eq(text, cases[_i].table);
  free(text);
  ho_csv_file_free(&handoffs);
  ho_csv_file_free(&runs);
}
END_TEST

/* Goal: where some clients call and others ask, both are said to be counted. */
START_TEST(calls_among_others) {
  ho_group groups[] = {{.clients = 1, .work.type = HO_WORK_STREAM},
                       {.clients = 1, .work.type = HO_WORK_REQUEST}};
  ho_scenario scenario = {.name = "s",
                          .arms = arms,
                          .arms_count = 1,
                          .clients = 2,
                          .groups = groups,
                          .groups_count = 2};
  ho_plan plan = {
      .scenario = &scenario, .arms = chosen, .arms_count = 1, .repeat = 1};
  const char *last;
  ho_csv_file handoffs, runs;
  char *text;
  size_t len;

  read_text(&handoffs, cases[2].handoffs);
  read_text(&runs, cases[2].runs);
  for (int both = 1; both >= 0; both--) {
    FILE *out = open_memstream(&text, &len);

    groups[1].work.type = both ? HO_WORK_REQUEST : HO_WORK_STREAM;
    ho_summary_print(&plan, &handoffs, &runs, out);
    fclose(out);
    last = strstr(text, "  quic: 12 of");
    ck_assert_ptr_nonnull(last);
    ck_assert_str_eq(last, both ? "  quic: 12 of 2000 frames and requests late "
                                  "or lost, 2 stalls of 240.5 ms in all\n"
                                : "  quic: 12 of 2000 frames late or lost, 2 "
                                  "stalls of 240.5 ms in all\n");
    free(text);
  }
  ho_csv_file_free(&handoffs);
  ho_csv_file_free(&runs);
}
END_TEST

/* Goal: the head says what is run, and that equal seeds are one sample. */
START_TEST(heads) {
  ho_scenario scenario = {.name = "s",
                          .about = "What happens.",
                          .arms = arms,
                          .arms_count = 2,
                          .stop = 1500 * HO_MSEC};
  ho_override set = {.key = "a.b", .value = "3ms"};
  ho_plan plan = {.scenario = &scenario,
                  .arms = chosen,
                  .arms_count = 2,
                  .seed = 4,
                  .repeat = 30,
                  .overrides = &set,
                  .overrides_count = 1,
                  .timeout = 2 * HO_SEC,
                  .events = true};
  char *text;
  size_t len;
  FILE *out = open_memstream(&text, &len);

  ho_summary_head(&plan, out);
  scenario.random = true;
  plan.repeat = 1;
  plan.events = false;
  ho_summary_head(&plan, out);
  fclose(out);
  ck_assert_str_eq(
      text,
      "s: What happens.\n"
      "seed 4 to 33, stop 1.5 s, arms quic tcp-notify, a.b=3ms, timeout 2 s, "
      "events\n"
      "Nothing in this scenario is random: 30 equal seeds are one sample.\n"
      "s: What happens.\n"
      "seed 4, stop 1.5 s, arms quic tcp-notify, a.b=3ms, timeout 2 s\n");
  free(text);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, tables, 0, 3);
  tcase_add_test(tc, calls_among_others);
  tcase_add_test(tc, heads);
}

int main(void) {
  return suite_run("summary", add);
}
