/* Expectations: what each form means, and what is found before a run. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/expect.h"
#include "sim/base/alloc.h"
#include "tests/suite.h"

static const char scenario_text[] =
    "name: s\n"
    "stop: 10s\n"
    "networks:\n"
    "  home: {type: wired, down: 10Mbps, up: 10Mbps, delay: 5ms}\n"
    "  cell: {type: wired, down: 10Mbps, up: 10Mbps, delay: 5ms}\n"
    "workload: {type: download, bytes: 1MB}\n"
    "arms: [quic, tcp-notify]\n"
    "timeline:\n"
    "  - 1s: disconnect home\n"
    "expect:\n"
    "  - %s\n";

static const char handoffs_text[] =
    "scenario,arm,seed,client,handoff,interruption_ms,pv_rtts,outcome,"
    "migration_latency_ms,from\n"
    "s,quic,1,0,0,100.000000,1.005000,migrated,50.000000,home\n"
    "s,quic,1,0,1,300.000000,1.000000,migrated,NA,cell\n"
    "s,quic,2,0,0,200.000000,1.000000,migrated,60.000000,home\n"
    "s,tcp-notify,1,0,0,250.000000,,reconnected,90.000000,home\n"
    "s,tcp-notify,1,0,1,300.000000,,reconnected,NA,cell\n"
    "s,tcp-notify,2,0,0,900.000000,,app-failed,70.000000,home\n"
    "other,quic,1,0,0,999999.000000,9.000000,app-failed,1.000000,home\n";

static const char runs_text[] = "scenario,arm,seed,outcome,fct_s,bytes,"
                                "goodput_mbps,handshakes,interruption_max_ms\n"
                                "s,quic,1,migrated,5.200000000,1000000,8.5,1,"
                                "300.000000\n"
                                "s,quic,2,migrated,5.000000000,1000000,9.5,1,"
                                "200.000000\n"
                                "s,tcp-notify,1,reconnected,5.400000000,"
                                "1000000,8,3,300.000000\n"
                                "s,tcp-notify,2,app-failed,NA,500000,2,2,"
                                "900.000000\n";

#define LOOK "'\nobservers: [both, server]"

static const char linkability_text[] =
    "scenario,arm,adversary,vantage,n,top1,top1_lo,link_window_ms,"
    "swap_advantage\n"
    "s,quic,A0,both,4,0.250000,0.050000,,0.000000\n"
    "s,quic,A1,both,4,0.750000,0.300000,,NA\n"
    "s,quic,A0,server,4,0.500000,0.150000,20.000000,\n"
    "s,tcp-notify,A0,both,4,0.250000,0.050000,,1.000000\n"
    "s,tcp-notify,A1,both,4,1.000000,0.500000,,1.000000\n";

static ho_scenario *load(const char *line, ho_diag *diag) {
  char *text = ho_format(scenario_text, line);
  ho_source source = {
      .file = ho_strdup("s.yaml"), .text = text, .text_len = strlen(text)};
  ho_scenario *scenario = NULL;

  ho_scenario_load(&source, NULL, 0, 0, &scenario, diag);
  ho_source_free(&source);
  return scenario;
}

static void read_text(ho_csv_file *file, const char *text) {
  char path[] = "/tmp/handoff-expect-XXXXXX";
  int fd = mkstemp(path);

  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(write(fd, text, strlen(text)), strlen(text));
  close(fd);
  ck_assert_int_eq(ho_csv_read(file, path), 0);
  unlink(path);
}

/* Goal: every form of INTERFACE's "Expect" says yes and no where it should, and
 * a failure names the row. */
static const struct {
  const char *line;
  const char *failure; /* part of the message; NULL: it holds */
} evaluated[] = {
    /* every row of the arm */
    {"'quic: outcome == migrated'", NULL},
    {"'quic: interruption <= 300ms'", NULL},
    {"'quic: interruption_ms <= 300'", NULL},
    {"'quic: interruption <= 0.3s'", NULL},
    {"'quic: interruption < 300ms'",
     "arm quic, seed 1, client 0, handoff 1: interruption_ms is 300.000000"},
    {"'tcp-notify: outcome == reconnected'",
     "arm tcp-notify, seed 2, client 0, handoff 0: outcome is app-failed"},
    {"'tcp-notify: outcome != fallback'", NULL},
    {"'quic: pv_rtts >= 1'", NULL},
    {"'quic: pv_rtts > 1'", "seed 1, client 0, handoff 1: pv_rtts is 1.000000"},
    {"'quic: from == home'", "handoff 1: from is cell"},
    /* NA is +infinity, empty fails */
    {"'quic: migration_latency < 60s'", "migration_latency_ms is NA"},
    {"'quic: migration_latency >= 50ms'", NULL},
    {"'tcp-notify: pv_rtts < 100'", "pv_rtts is empty"},
    {"'tcp-notify: pv_rtts > 0'", "pv_rtts is empty"},
    /* runs.csv, by prefix or because handoffs.csv has no such column */
    {"'quic: run.fct <= 5.2s'", NULL},
    {"'quic: run.fct == 5.2s'", "arm quic, seed 2: fct_s is 5.000000000"},
    {"'quic: fct < 5.2s'", "arm quic, seed 1: fct_s is 5.200000000"},
    {"'quic: run.bytes == 1MB'", NULL},
    {"'quic: run.bytes == 1000000'", NULL},
    {"'quic: goodput > 8Mbps'", NULL},
    {"'quic: goodput > 9Mbps'", "goodput_mbps is 8.5"},
    {"'quic: handshakes == 1'", NULL},
    {"'tcp-notify: run.fct < 100s'", "seed 2: fct_s is NA"},
    {"'tcp-notify: run.outcome != crashed'", NULL},
    /* aggregates */
    {"'quic: p50(interruption) == 200ms'", NULL},
    {"'quic: p50(interruption) < 200ms'", "it is 200 (interruption_ms)"},
    {"'quic: p95(interruption) == 290ms'", NULL},
    {"'quic: max(interruption) <= 300ms'", NULL},
    {"'quic: min(interruption) >= 100ms'", NULL},
    {"'quic: mean(interruption) == 200ms'", NULL},
    {"'quic: count(interruption) == 3'", NULL},
    {"'quic: count(outcome) == 3'", NULL},
    {"'quic: count(interruption) > 3'", "it is 3"},
    {"'quic: p50(migration_latency) == 60ms'", NULL},
    {"'quic: max(migration_latency) < 9s'", "it is NA"},
    {"'tcp-notify: max(pv_rtts) < 9'", "pv_rtts is empty"},
    /* arm against arm, joined on seed, client and handoff */
    {"quic.interruption <= tcp-notify.interruption", NULL},
    {"quic.interruption < tcp-notify.interruption",
     "handoff 1: interruption_ms is 300.000000, arm tcp-notify's "
     "interruption_ms is 300.000000"},
    {"quic.run.fct < tcp-notify.run.fct", NULL},
    {"tcp-notify.run.fct < quic.run.fct", "fct_s is 5.400000000, arm quic's"},
    {"quic.outcome != tcp-notify.outcome", NULL},
    {"quic.migration_latency < tcp-notify.migration_latency",
     "migration_latency_ms is NA"},
    /* linkability.csv: one row, its adversary's and vantage point's */
    {"'quic: linkability.A0.both.top1 == 0.25" LOOK, NULL},
    {"'quic: linkability.A1.both.top1 == 0.25" LOOK,
     "arm quic, adversary A1 at both: top1 is 0.750000"},
    {"'quic: linkability.A0.server.top1 < 50%" LOOK, "top1 is 0.500000"},
    {"'quic: linkability.A0.server.link_window < 30ms" LOOK, NULL},
    {"'quic: linkability.A0.both.link_window < 30ms" LOOK, "is empty"},
    {"'quic: linkability.A1.both.swap_advantage == NA" LOOK, NULL},
    /* its NA is not infinity, but unknown */
    {"'quic: linkability.A1.both.swap_advantage > 0" LOOK,
     "swap_advantage is NA"},
    {"'quic: linkability.A1.both.swap_advantage != NA" LOOK,
     "swap_advantage is NA"},
    {"'quic: max(linkability.A1.both.swap_advantage) > 0" LOOK,
     "swap_advantage is NA"},
    {"'quic: count(linkability.A1.both.swap_advantage) == 1" LOOK, NULL},
    {"'quic.linkability.A1.both.swap_advantage > "
     "tcp-notify.linkability.A1.both.swap_advantage" LOOK,
     "swap_advantage is NA"},
    {"'quic: linkability.A1.server.top1 < 1" LOOK,
     "linkability.csv has no row of arm quic"},
    {"'quic.linkability.A1.both.top1 < "
     "tcp-notify.linkability.A1.both.top1" LOOK,
     NULL},
    {"'tcp-notify.linkability.A1.both.top1 < "
     "quic.linkability.A1.both.top1" LOOK,
     "adversary A1 at both: top1 is 1.000000, arm quic's top1 is 0.750000"},
};

START_TEST(evaluates) {
  ho_diag diag = {0};
  ho_scenario *scenario = load(evaluated[_i].line, &diag);
  size_t arms[] = {0, 1}, len;
  ho_plan plan = {.scenario = scenario,
                  .arms = arms,
                  .arms_count = 2,
                  .seed = 1,
                  .repeat = 2};
  ho_csv_file handoffs, runs, linkability;
  ho_expect_rows rows = {&handoffs, &runs, NULL, &linkability};
  ho_expect_count count;
  char *text;
  FILE *out = open_memstream(&text, &len);

  ck_assert_msg(scenario, "%s: %s", evaluated[_i].line,
                diag.count ? diag.messages[0] : "");
  ck_assert_msg(ho_expect_check(scenario, &diag) == 0, "%s: %s",
                evaluated[_i].line, diag.count ? diag.messages[0] : "");
  read_text(&handoffs, handoffs_text);
  read_text(&runs, runs_text);
  read_text(&linkability, linkability_text);
  count = ho_expect_evaluate(&plan, &rows, NULL, out);
  fclose(out);
  ck_assert_uint_eq(count.evaluated, 1);
  ck_assert_msg(count.failed == (evaluated[_i].failure != NULL), "%s: %s",
                evaluated[_i].line, text);
  if (evaluated[_i].failure) {
    ck_assert_msg(strstr(text, evaluated[_i].failure), "%s: %s",
                  evaluated[_i].line, text);
    ck_assert_msg(strstr(text, "s: s.yaml:11:"), "%s", text);
  } else {
    ck_assert_str_eq(text, "");
  }
  free(text);
  ho_csv_file_free(&handoffs);
  ho_csv_file_free(&linkability);
  ho_csv_file_free(&runs);
  ho_scenario_del(scenario);
  ho_diag_free(&diag);
}
END_TEST

/* Goal: an arm without rows fails, in each form; so does a row whose partner is
 * missing on either side. */
static const struct {
  const char *line, *handoffs, *failure;
} sparse[] = {
    {"'quic: outcome == migrated'", "", "handoffs.csv has no row of arm quic"},
    {"'quic: count(outcome) == 0'", "", "handoffs.csv has no row of arm quic"},
    {"quic.interruption < tcp-notify.interruption", "",
     "handoffs.csv has no row of arm quic"},
    {"quic.interruption < tcp-notify.interruption",
     "s,quic,1,0,0,100,migrated\n",
     "seed 1, client 0, handoff 0: arm tcp-notify has no such row"},
    {"quic.interruption < tcp-notify.interruption",
     "s,tcp-notify,1,0,0,100,migrated\n",
     "seed 1, client 0, handoff 0: arm quic has no such row"},
    {"quic.interruption < tcp-notify.interruption",
     "s,quic,1,0,0,100,migrated\n"
     "s,quic,1,0,1,100,migrated\n"
     "s,tcp-notify,1,0,1,200,migrated\n",
     "seed 1, client 0, handoff 0: arm tcp-notify has no such row"},
};

START_TEST(fails_without_rows) {
  ho_diag diag = {0};
  ho_scenario *scenario = load(sparse[_i].line, &diag);
  size_t arms[] = {0, 1}, len;
  ho_plan plan = {
      .scenario = scenario, .arms = arms, .arms_count = 2, .repeat = 1};
  char *table = ho_format("scenario,arm,seed,client,handoff,interruption_ms,"
                          "outcome\n%s",
                          sparse[_i].handoffs);
  ho_csv_file handoffs, runs;
  ho_expect_count count;
  char *text;
  FILE *out = open_memstream(&text, &len);

  read_text(&handoffs, table);
  read_text(&runs, runs_text);
  count = ho_expect_evaluate(
      &plan, &(ho_expect_rows){&handoffs, &runs, NULL, NULL}, NULL, out);
  fclose(out);
  ck_assert_uint_eq(count.failed, 1);
  ck_assert_msg(strstr(text, sparse[_i].failure), "%s", text);
  free(text);
  free(table);
  ho_csv_file_free(&handoffs);
  ho_csv_file_free(&runs);
  ho_scenario_del(scenario);
  ho_diag_free(&diag);
}
END_TEST

/* Goal: an expectation about an arm that --arm leaves out is not evaluated. */
static const char *const left_out[] = {
    "quic.interruption < tcp-notify.interruption",
    "tcp-notify.interruption > quic.interruption",
    "'tcp-notify: outcome == fallback'",
};

START_TEST(skips_arms_left_out) {
  ho_diag diag = {0};
  ho_scenario *scenario = load(left_out[_i], &diag);
  size_t arms[] = {0};
  ho_plan plan = {
      .scenario = scenario, .arms = arms, .arms_count = 1, .repeat = 1};
  ho_csv_file handoffs, runs;
  ho_expect_count count;

  read_text(&handoffs, handoffs_text);
  read_text(&runs, runs_text);
  count = ho_expect_evaluate(
      &plan, &(ho_expect_rows){&handoffs, &runs, NULL, NULL}, NULL, stdout);
  ck_assert_uint_eq(count.evaluated, 0);
  ck_assert_uint_eq(count.failed, 0);
  ho_csv_file_free(&handoffs);
  ho_csv_file_free(&runs);
  ho_scenario_del(scenario);
  ho_diag_free(&diag);
}
END_TEST

/* Goal: what can never be evaluated is found before anything runs. */
static const struct {
  const char *line, *message;
} refused[] = {
    {"'quic: interuption < 1s'",
     "no metric 'interuption' (did you mean 'interruption'?)"},
    {"'quic: linkability.A0.both.topp < 1" LOOK,
     "no metric 'linkability.A0.both.topp' (expected "
     "linkability.ADVERSARY.VANTAGE.COLUMN, such as "
     "linkability.A0.both.top1; see 'handoff list metrics')"},
    {"'quic: linkability.A4.both.top1 < 1" LOOK,
     "no metric 'linkability.A4.both.top1'"},
    {"'quic: linkability.A0.both.vantage < 1" LOOK,
     "no metric 'linkability.A0.both.vantage'"},
    {"'quic: linkability.A0.old.top1 < 1" LOOK,
     "nobody observes at 'old' (expected one of 'observers')"},
    {"'quic.linkability.A0.both.top1 < "
     "tcp-notify.linkability.A1.both.top1" LOOK,
     "are not of one adversary at one vantage point"},
    {"'quic.linkability.A0.both.top1 < tcp-notify.run.fct" LOOK,
     "are in different files, linkability.csv and runs.csv"},
    {"'quic: run.fcct < 1s'", "no metric 'run.fcct' (did you mean 'run.fct'?)"},
    {"'quic: run.pv_rtts < 1'", "no metric 'run.pv_rtts'"},
    {"'quic: interruption < 5MB'", "'interruption' is a time"},
    {"'quic: interruption < 5'",
     "'interruption' is a time (such as 600ms), not a bare number"},
    {"'quic: pv_rtts < 5ms'", "'pv_rtts' is a bare number, not a time"},
    {"'quic: outcome == migratd'",
     "'outcome' is never 'migratd' (did you mean 'migrated'?)"},
    {"'quic: outcome == completed'", "'outcome' is never 'completed'"},
    {"quic.outcome < tcp-notify.outcome", "words compare with == and != only"},
    {"'quic: outcome == 3'", "'outcome' is a word, not a number"},
    {"'quic: interruption == migrated'", "'interruption' is never a word"},
    {"quic.interruption < tcp-notify.run.fct", "in different files"},
    {"quic.interruption < tcp-notify.pv_rtts", "not of one kind"},
    {"quic.interruption < tcp-notify.interruptio",
     "no metric 'interruptio' (did you mean 'interruption'?)"},
};

START_TEST(refuses) {
  ho_diag diag = {0};
  ho_scenario *scenario = load(refused[_i].line, &diag);

  ck_assert_msg(scenario, "%s: %s", refused[_i].line,
                diag.count ? diag.messages[0] : "");
  ck_assert_int_eq(ho_expect_check(scenario, &diag), HO_ERR_INPUT);
  ck_assert_uint_ge(diag.count, 1);
  ck_assert_msg(strstr(diag.messages[0], refused[_i].message), "%s: %s",
                refused[_i].line, diag.messages[0]);
  ck_assert_msg(!strncmp(diag.messages[0], "s.yaml:11:", 10), "%s",
                diag.messages[0]);
  ho_scenario_del(scenario);
  ho_diag_free(&diag);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, evaluates, 0, COUNT(evaluated));
  tcase_add_loop_test(tc, fails_without_rows, 0, COUNT(sparse));
  tcase_add_loop_test(tc, skips_arms_left_out, 0, COUNT(left_out));
  tcase_add_loop_test(tc, refuses, 0, COUNT(refused));
}

int main(void) {
  return suite_run("expect", add);
}
