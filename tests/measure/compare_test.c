/* Two result folders compared: which rows are pairs, what they come to, and
 * which folders are refused in which words. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure/compare.h"
#include "sim/base/alloc.h"
#include "tests/suite.h"

static const char MANIFEST[] =
    "{\"format\": \"handoff results\", \"format_version\": 1, \"status\": "
    "\"complete\", \"runs\": %d, \"scenario\": {\"name\": \"s\"}, \"asked\": "
    "{\"seed\": 1, \"repeat\": 1000}}";
static const char RUNS[] = "scenario,arm,seed,handoffs,fct_s\n";
static const char HANDOFFS[] =
    "scenario,arm,seed,client,handoff,interruption_ms\n";

static char root[] = "/tmp/compare_test.XXXXXX";

static void setup(void) {
  ck_assert_ptr_nonnull(mkdtemp(root));
  ck_assert_int_eq(chdir(root), 0);
  mkdir("a", 0777);
  mkdir("b", 0777);
}

static void teardown(void) {
  char *command = ho_format("rm -rf %s", root);

  ck_assert_int_eq(chdir("/"), 0);
  ck_assert_int_eq(system(command), 0);
  free(command);
}

static void put(const char *dir, const char *file, const char *head,
                const char *text) {
  char *path = ho_format("%s/%s", dir, file);
  FILE *out = fopen(path, "w");

  ck_assert_ptr_nonnull(out);
  fprintf(out, "%s%s", head, text);
  ck_assert_int_eq(fclose(out), 0);
  free(path);
}

/* A whole folder. */
static void folder(const char *dir, const char *runs, const char *handoffs) {
  int rows = 0;
  char *manifest;

  for (const char *c = runs; *c; c++) {
    rows += *c == '\n';
  }
  manifest = ho_format(MANIFEST, rows);
  put(dir, "manifest.json", "", manifest);
  put(dir, "runs.csv", RUNS, runs);
  put(dir, "handoffs.csv", HANDOFFS, handoffs);
  free(manifest);
}

static void open_both(ho_comparison *c, const char *arm_a, const char *arm_b) {
  ho_compare_config config = {
      .dir_a = "a", .dir_b = arm_a ? "a" : "b", .arm_a = arm_a, .arm_b = arm_b};
  ho_diag diag = {0};
  int rv = ho_compare_open(c, &config, &diag);

  ck_assert_msg(rv == 0, "%s", diag.count > 0 ? diag.messages[0] : "?");
}

static const ho_compared *find(const ho_comparison *c, size_t cell,
                               const char *name) {
  ck_assert_uint_lt(cell, c->count);
  for (size_t i = 0; i < c->cells[cell].count; i++) {
    if (!strcmp(c->cells[cell].metrics[i].measure->name, name)) {
      return &c->cells[cell].metrics[i];
    }
  }
  ck_abort_msg("no %s", name);
}

/* Goal: the pairs of Hollander and Wolfe's example (see wilcoxon_test.c), B's
 * rows in another order.  Of the nine ratios the fifth is 1.29 / 1.88. */
static const double before[] = {1.83, 0.50, 1.62, 2.48, 1.68,
                                1.88, 1.55, 3.06, 1.30};
static const double after[] = {0.878, 0.647, 0.598, 2.05, 1.06,
                               1.29,  1.06,  3.14,  1.29};

static char *rows_of(const double *values, bool turned) {
  char *text = ho_strdup("");

  for (size_t i = 0; i < 9; i++) {
    size_t k = turned ? 8 - i : i;
    char *longer = ho_format("%ss,quic,%zu,0,%.3f\n", text, k + 1, values[k]);
    free(text);
    text = longer;
  }
  return text;
}

START_TEST(published) {
  char *a = rows_of(before, false), *b = rows_of(after, true);
  const ho_compared *m;
  double more = 0, less = 0;
  ho_comparison c;

  for (size_t i = 0; i < 81; i++) {
    more += after[i / 9] > before[i % 9];
    less += after[i / 9] < before[i % 9];
  }
  folder("a", a, "");
  folder("b", b, "");
  open_both(&c, NULL, NULL);
  ck_assert_uint_eq(c.count, 1);
  m = find(&c, 0, "run.fct_s");
  ck_assert_uint_eq(m->pairs, 9);
  ck_assert_uint_eq(m->seeds, 9);
  ck_assert_uint_eq(m->differ, 9);
  ck_assert_double_eq(m->median_a, 1.68);
  ck_assert_double_eq(m->median_b, 1.06);
  ck_assert_double_eq_tol(m->p, 0.0390625, 1e-12);
  ck_assert_double_eq_tol(m->p_holm, 0.0390625, 1e-12);
  ck_assert_double_eq_tol(m->delta, (more - less) / 81, 1e-12);
  ck_assert_double_eq_tol(m->ratio, 1.29 / 1.88, 1e-12);
  ck_assert(m->ratio_interval.lo < m->ratio && m->ratio < m->ratio_interval.hi);
  ck_assert_uint_eq(find(&c, 0, "interruption_ms")->pairs, 0);
  ho_compare_free(&c);
  free(a);
  free(b);
}
END_TEST

/* Goal: what never ended counts as greater than all else; two such are equal;
 * an empty one, and one whose seed is missing there, has no partner. */
START_TEST(censored) {
  const ho_compared *m;
  ho_comparison c;

  folder("a",
         "s,quic,1,0,1\ns,quic,2,0,NA\ns,quic,3,0,2\ns,quic,4,0,NA\n"
         "s,quic,5,0,\ns,quic,6,0,7\n",
         "");
  folder("b",
         "s,quic,1,0,2\ns,quic,2,0,NA\ns,quic,3,0,NA\ns,quic,4,0,3\n"
         "s,quic,5,0,4\ns,quic,8,0,4\ns,quic,9,0,4\n",
         "");
  open_both(&c, NULL, NULL);
  m = find(&c, 0, "run.fct_s");
  ck_assert_uint_eq(m->pairs, 4);
  ck_assert_uint_eq(m->differ, 3);
  ck_assert_uint_eq(m->censored_a, 2);
  ck_assert_uint_eq(m->censored_b, 2);
  ck_assert_uint_eq(m->alone_a, 1); /* 6 */
  ck_assert_uint_eq(m->alone_b, 3); /* 5, 8, 9 */
  ck_assert(isinf(m->median_a) && isinf(m->median_b));
  ck_assert_double_eq(m->ratio, 1.5); /* 0 1 2 inf */
  /* Differences 1, inf, -inf: tied ranks 1, 2.5, 2.5 sum to 3.5 of 6; less
   * than 1/2 beyond the mean of 3. */
  ck_assert_double_eq(m->p, 1);
  ho_compare_free(&c);
}
END_TEST

/* Goal: handoffs of one seed are one observation for the test.  Equal
 * differences stay equal in floating point: 0.3 - 0.1, and 0.2 - 0. */
START_TEST(several) {
  const ho_compared *m;
  ho_comparison c;

  folder("a", "s,quic,1,3,1\ns,quic,2,3,2\n",
         "s,quic,1,0,0,0.1\ns,quic,1,0,1,0.1\ns,quic,1,1,0,0.3\n"
         "s,quic,2,0,0,0\ns,quic,2,0,1,7\ns,quic,2,1,0,0\n");
  folder("b", "s,quic,1,3,1\ns,quic,2,3,2\n",
         "s,quic,1,0,0,0.3\ns,quic,1,0,1,0.3\ns,quic,1,1,0,0.6\n"
         "s,quic,2,0,0,0.2\ns,quic,2,0,1,8\ns,quic,2,1,0,0.2\n");
  open_both(&c, NULL, NULL);
  m = find(&c, 0, "interruption_ms");
  ck_assert_uint_eq(m->pairs, 6);
  ck_assert_uint_eq(m->seeds, 2);
  /* Both seeds' medians are 0.2: a tie, z = 1 / sqrt(1.125) for V = 3. */
  ck_assert_double_eq_tol(m->p, erfc(1 / sqrt(1.125) / sqrt(2)), 1e-9);
  m = find(&c, 0, "run.fct_s");
  ck_assert_uint_eq(m->differ, 0);
  ck_assert(isnan(m->p) && isnan(m->p_holm));
  ck_assert_double_eq(m->ratio, 1);
  ho_compare_free(&c);
}
END_TEST

/* Goal: two arms of one folder; Holm doubles the smaller of two p. */
START_TEST(arms) {
  const ho_compared *m;
  ho_comparison c;

  folder("a",
         "s,x,1,1,1\ns,x,2,1,2\ns,x,3,1,3\n"
         "s,y,1,1,2\ns,y,2,1,4\ns,y,3,1,7\ns,z,1,0,5\n",
         "s,x,1,0,0,4\ns,x,2,0,0,5\ns,x,3,0,0,9\n"
         "s,y,1,0,0,1\ns,y,2,0,0,1\ns,y,3,0,0,1\n");
  open_both(&c, "x", "y");
  ck_assert_uint_eq(c.count, 1);
  ck_assert_str_eq(c.cells[0].arm_a, "x");
  ck_assert_str_eq(c.cells[0].arm_b, "y");
  m = find(&c, 0, "run.fct_s");
  ck_assert_uint_eq(m->pairs, 3);
  ck_assert_double_eq(m->ratio, 2);
  ck_assert_double_eq_tol(m->p, 0.25, 1e-12);
  ck_assert_double_eq_tol(m->p_holm, 0.5, 1e-12);
  ck_assert_double_eq(find(&c, 0, "interruption_ms")->delta, -1);
  ho_compare_free(&c);
}
END_TEST

/* Goal: seeds that are copies of each other prove nothing. */
START_TEST(copies) {
  ho_comparison c;

  folder("a", "s,x,1,0,1\ns,x,2,0,1\ns,x,3,0,1\n", "");
  folder("b", "s,x,1,0,2\ns,x,2,0,2\ns,x,3,0,2\n", "");
  open_both(&c, NULL, NULL);
  ck_assert(c.cells[0].one_sample);
  ck_assert(isnan(find(&c, 0, "run.fct_s")->p));
  ck_assert_double_eq(find(&c, 0, "run.fct_s")->ratio, 2);
  ho_compare_free(&c);
  folder("b", "s,x,1,0,2\ns,x,2,0,2\ns,x,3,0,3\n", "");
  open_both(&c, NULL, NULL);
  ck_assert(!c.cells[0].one_sample);
  ck_assert(!isnan(find(&c, 0, "run.fct_s")->p));
  ho_compare_free(&c);
}
END_TEST

/* Goal: each damaged |file| of folder b (NULL: it is gone), |text| in it, has
 * its words. */
static const struct {
  const char *file, *text, *message;
} refused[] = {
    {"manifest.json", NULL,
     "'b' is not a result folder: it has no manifest.json"},
    {"manifest.json", "{", "'b/manifest.json' is damaged, or not ours"},
    {"manifest.json", "{\"format\": \"other\"}",
     "'b/manifest.json' is damaged, or not ours"},
    {"manifest.json",
     "{\"format\": \"handoff results\", \"format_version\": 1, "
     "\"status\": \"incomplete\"}",
     "'b' is incomplete: go on with what made it, and --resume"},
    {"manifest.json",
     "{\"format\": \"handoff results\", \"format_version\": 2, \"runs\": 2, "
     "\"status\": \"complete\", \"scenario\": {\"name\": \"s\"}}",
     "'b' is in version 2 of the result format; this program reads version 1"},
    {"manifest.json",
     "{\"format\": \"handoff results\", \"format_version\": 1, \"runs\": 2, "
     "\"status\": \"complete\", \"scenario\": {\"name\": \"t\"}}",
     "different scenarios: 'a' has 's', 'b' has 't'"},
    {"manifest.json",
     "{\"format\": \"handoff results\", \"format_version\": 1, \"runs\": 3, "
     "\"status\": \"complete\", \"scenario\": {\"name\": \"s\"}}",
     "'b/runs.csv' has 2 rows, its manifest says 3 runs"},
    {"runs.csv", NULL,
     "'b/runs.csv' cannot be read: No such file or directory"},
    {"runs.csv", "", "'b/runs.csv' is empty"},
    {"runs.csv", "scenario,arm,handoffs\n",
     "'b/runs.csv' has no column 'seed'"},
    {"runs.csv", "arm,scenario,seed,handoffs\n",
     "'b/runs.csv' does not begin with the scenario and the arm"},
    {"runs.csv", "scenario,arm,seed,handoffs,fct_s\ns,x,1,1,1\n",
     "'b/runs.csv' has 1 rows, its manifest says 2 runs"},
    {"runs.csv", "scenario,arm,seed,handoffs,fct_s\ns,x,1,1,1\ns,x,2",
     "'b/runs.csv', row 3: 3 fields under a header of 5; it was cut off or "
     "changed"},
    {"runs.csv", "scenario,arm,seed,handoffs,fct_s\ns,x,1,1,1\ns,x,2,0,2",
     "'b/runs.csv' was cut off in its last row"},
    {"runs.csv", "scenario,arm,seed,handoffs,fct_s\ns,x,1,1,1\ns,x,2,0,\"2",
     "'b/runs.csv' is not CSV: a quote stands where none may, or it was cut "
     "off"},
    {"runs.csv", "scenario,arm,seed,handoffs,fct_s\ns,x,1,1,1\ns,x,2,0,2s\n",
     "'b/runs.csv', row 3: fct_s is '2s', no number"},
    {"runs.csv", "scenario,arm,seed,handoffs,fct_s\ns,x,1,1,1\ns,x,-2,0,2\n",
     "'b/runs.csv', row 3: '-2' is no number"},
    {"runs.csv", "scenario,arm,seed,handoffs,fct_s\ns,x,1,1,1\ns,x,1,0,2\n",
     "'b/runs.csv' has a row twice"},
    {"runs.csv",
     "scenario,d,arm,seed,handoffs,fct_s\ns,1,x,1,1,1\ns,1,x,2,0,2\n",
     "'b/runs.csv' has the varied key 'd', its manifest ''"},
    {"runs.csv", "scenario,arm,seed,handoffs,fct_s\ns,x,1,1,1\ns,x,1001,0,2\n",
     "'b/runs.csv' has the seed 1001, its manifest 1 to 1000"},
    {"runs.csv", "scenario,arm,seed,handoffs,fct_s\ns,x,8,1,1\ns,y,2,0,2\n",
     "'a' and 'b' have no run in common: no two have the same varied values, "
     "arm and seed"},
    {"handoffs.csv", "scenario,arm,seed,client,handoff,interruption_ms\n",
     "'b/handoffs.csv' has 0 rows, runs.csv beside it counts 1 handoffs"},
    {"handoffs.csv", "scenario,arm,seed,client\n",
     "'b/handoffs.csv' has no column 'handoff'"},
};

START_TEST(refusals) {
  static const char runs[] = "s,x,1,1,1\ns,x,2,0,2\n";
  ho_compare_config config = {.dir_a = "a", .dir_b = "b"};
  char *path = ho_format("b/%s", refused[_i].file);
  ho_diag diag = {0};
  ho_comparison c;

  folder("a", runs, "s,x,1,0,0,5\n");
  folder("b", runs, "s,x,1,0,0,5\n");
  if (refused[_i].text) {
    put("b", refused[_i].file, "", refused[_i].text);
  } else {
    ck_assert_int_eq(unlink(path), 0);
  }
  ck_assert_int_eq(ho_compare_open(&c, &config, &diag), HO_ERR_INPUT);
  ck_assert_uint_ge(diag.count, 1);
  ck_assert_str_eq(diag.messages[0], refused[_i].message);
  ho_compare_free(&c);
  ho_diag_free(&diag);
  free(path);
}
END_TEST

/* Goal: an arm that is not there. */
START_TEST(no_arm) {
  static const char *const names[] = {"quik"};
  ho_compare_config config = {
      .dir_a = "a", .dir_b = "b", .arms = names, .arms_count = 1};
  ho_diag diag = {0};
  ho_comparison c;

  folder("a", "s,quic,1,0,1\n", "");
  folder("b", "s,tcp,1,0,1\ns,udp,1,0,1\n", "");
  ck_assert_int_eq(ho_compare_open(&c, &config, &diag), HO_ERR_INPUT);
  ck_assert_uint_eq(diag.count, 2);
  ck_assert_str_eq(diag.messages[0],
                   "'a' has no arm 'quik' (did you mean 'quic'?)");
  ck_assert_str_eq(diag.messages[1], "'b' has no arm 'quik', but tcp, udp");
  ho_compare_free(&c);
  ho_diag_free(&diag);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, published);
  tcase_add_test(tc, censored);
  tcase_add_test(tc, several);
  tcase_add_test(tc, arms);
  tcase_add_test(tc, copies);
  tcase_add_loop_test(tc, refusals, 0, COUNT(refused));
  tcase_add_test(tc, no_arm);
}

int main(void) {
  return suite_run("compare", add);
}
