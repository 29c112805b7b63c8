/* Keeping the captures, logs and pictures of runs that failed, and of no
 * others. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/failed.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/checks/verdicts.h"
#include "measure/csv.h"
#include "measure/failed_groups.h"
#include "measure/metric.h"
#include "measure/results_private.h"
#include "sim/base/alloc.h"

enum { TOLD = 10, TOLD_LINES = 4 };

#define REASON_FILE "failed.txt"

bool ho_artefact(const char *name) {
  const char *dot = strrchr(name, '.');

  return dot && (!strcmp(dot, ".pcapng") || !strcmp(dot, ".sqlog") ||
                 !strcmp(name, "timeline.svg") || !strcmp(name, REASON_FILE));
}

/* ---- the rows of one run ---- */

static int copy_rows(FILE *out, const char *path) {
  FILE *in = fopen(path, "re");
  char buf[4096];
  size_t got;
  int rv;

  if (!in) {
    return errno == ENOENT ? 0 : HO_ERR_IO;
  }
  while ((got = fread(buf, 1, sizeof(buf), in)) > 0) {
    fwrite(buf, 1, got, out);
  }
  rv = ferror(in) ? HO_ERR_IO : 0;
  fclose(in);
  return rv;
}

/* A run's own files have no header, without which no metric can be found. */
static int read_rows(ho_csv_file *file, const ho_plan *plan, const char *dir,
                     const char *name) {
  char *rows = ho_format("%s/%s", dir, name);
  char *whole = ho_format("%s/.headed", dir);
  FILE *out = fopen(whole, "we");
  int rv = out ? 0 : HO_ERR_IO, err;

  *file = (ho_csv_file){0};
  if (out) {
    ho_results_header(out, ho_table_find(name), plan);
    rv = copy_rows(out, rows);
    rv = fflush(out) != 0 || ferror(out) ? HO_ERR_IO : rv;
    fclose(out);
  }
  rv = rv != 0 ? rv : ho_csv_read(file, whole);
  err = errno;
  unlink(whole);
  free(rows);
  free(whole);
  errno = err;
  return rv;
}

static const char *cell(const ho_csv_file *file, const char *name) {
  int column = ho_csv_column(file, name);

  if (file->count < 2 || column < 0 || (size_t)column >= file->rows[1].count) {
    return "";
  }
  return file->rows[1].fields[column];
}

/* ---- why it failed ---- */

static bool is_of_one(const ho_expect *e, const ho_expect_rows *rows) {
  ho_metric metric;

  if (ho_expect_is_group(e) || !ho_metric_find(&metric, e->metric)) {
    return false;
  }
  /* That there is no handoff fails what is expected of them all together. */
  return metric.runs || metric.check || rows->handoffs->count > 1;
}

/* Returns how many fail as they are known to. */
static size_t say_expects(const ho_plan *plan, size_t arm,
                          const ho_expect_rows *rows, FILE *out) {
  ho_plan alone = *plan;
  ho_scenario scenario = *plan->scenario;
  ho_expect_count count;

  scenario.expects =
      ho_alloc_array(scenario.expects_count + 1, sizeof(*scenario.expects));
  scenario.expects_count = 0;
  for (size_t i = 0; i < plan->scenario->expects_count; i++) {
    if (is_of_one(&plan->scenario->expects[i], rows)) {
      scenario.expects[scenario.expects_count++] = plan->scenario->expects[i];
    }
  }
  alone.scenario = &scenario;
  alone.arms = &arm;
  alone.arms_count = 1;
  count = ho_expect_evaluate(&alone, rows, plan->known, out);
  free(scenario.expects);
  return count.known;
}

/* Whether the scenario says itself what is to become of the arm's runs, or that
 * it is |outcome|. */
static bool is_expected(const ho_plan *plan, const char *arm,
                        const char *outcome) {
  for (size_t i = 0; i < plan->scenario->expects_count; i++) {
    const ho_expect *e = &plan->scenario->expects[i];
    ho_metric metric;
    if (!strcmp(e->arm, arm) && !ho_expect_is_group(e) && e->word &&
        ho_metric_find(&metric, e->metric) && !metric.check &&
        !strcmp(metric.column, "outcome") &&
        (metric.runs || (e->op == HO_EQ && !strcmp(e->word, outcome)))) {
      return true;
    }
  }
  return false;
}

static void say_checks(const ho_plan *plan, const char *arm,
                       const ho_csv_file *checks, FILE *out) {
  char *text = NULL;
  size_t len;
  FILE *said = open_memstream(&text, &len);
  ho_verdicts_count count = ho_verdicts_report(checks, plan->scenario->name,
                                               arm, plan->known, false, said);

  fclose(said);
  if (count.failed > 0) {
    fputs(text, out);
  }
  free(text);
}

static void say_why(const ho_plan *plan, size_t arm, const ho_expect_rows *rows,
                    FILE *out) {
  const char *name = plan->scenario->arms[arm].name;
  const char *outcome = cell(rows->runs, "outcome");
  char *text = NULL;
  size_t len, known;
  FILE *expects = open_memstream(&text, &len);

  known = say_expects(plan, arm, rows, expects);
  fclose(expects);
  if ((!strcmp(outcome, "conn-failed") || !strcmp(outcome, "app-failed")) &&
      known == 0 && !is_expected(plan, name, outcome)) {
    fprintf(out, "%s: %s\n", outcome, cell(rows->runs, "reason"));
  }
  if (!plan->no_checks) {
    say_checks(plan, name, rows->checks, out);
  }
  fputs(text, out);
  free(text);
}

/* Returns in |*why| what the caller frees, "" if the run did not fail. */
static int find_why(const ho_plan *plan, size_t arm, const char *dir,
                    char **why) {
  ho_csv_file runs = {0}, handoffs = {0}, checks = {0};
  ho_expect_rows rows = {
      .runs = &runs, .handoffs = &handoffs, .checks = &checks};
  size_t len;
  FILE *out;
  int rv = read_rows(&runs, plan, dir, "runs.csv");

  rv = rv != 0 ? rv : read_rows(&handoffs, plan, dir, "handoffs.csv");
  rv = rv != 0 ? rv : read_rows(&checks, plan, dir, "checks.csv");
  if (rv == 0) {
    out = open_memstream(why, &len);
    say_why(plan, arm, &rows, out);
    fclose(out);
  }
  ho_csv_file_free(&runs);
  ho_csv_file_free(&handoffs);
  ho_csv_file_free(&checks);
  return rv;
}

/* ---- what is kept ---- */

static int write_why(const char *dir, const char *why) {
  char *path = ho_format("%s/" REASON_FILE, dir);
  FILE *out = fopen(path, "we");
  int rv = 0;

  free(path);
  if (!out) {
    return HO_ERR_IO;
  }
  if (fputs(why, out) == EOF) {
    rv = HO_ERR_IO;
  }
  return fclose(out) == 0 ? rv : HO_ERR_IO;
}

/* Removes every file of |dir| that is an artefact, or every one that is not. */
static int remove_files(const char *dir, bool artefacts) {
  DIR *open = opendir(dir);
  struct dirent *entry;
  int rv = 0;

  if (!open) {
    return HO_ERR_IO;
  }
  while ((entry = readdir(open))) {
    char *path = ho_format("%s/%s", dir, entry->d_name);
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
        ho_artefact(entry->d_name) == artefacts && unlink(path) != 0) {
      rv = HO_ERR_IO;
    }
    free(path);
  }
  closedir(open);
  return rv;
}

int ho_failed_settle(const ho_plan *plan, size_t index, const char *dir) {
  char *why = NULL;
  uint64_t seed;
  size_t arm;
  int rv;

  ho_plan_run(plan, index, &arm, &seed);
  rv = find_why(plan, arm, dir, &why);
  if (rv == 0) {
    rv = *why ? write_why(dir, why) : remove_files(dir, true);
  }
  free(why);
  return rv == 0 ? 0 : HO_ERR_IO;
}

int ho_failed_lost(const char *dir, const char *why) {
  char *line = ho_format("%s\n", why);
  int rv = remove_files(dir, false);

  rv = rv != 0 ? rv : write_why(dir, line);
  free(line);
  return rv;
}

/* ---- what is said of it ---- */

/* Prints the first lines of |path|. */
static void quote(const char *path, FILE *out) {
  FILE *in = fopen(path, "re");
  char *line = NULL;
  size_t cap = 0, lines = 0;

  while (in && lines++ < TOLD_LINES && getline(&line, &cap, in) > 0) {
    line[strcspn(line, "\n")] = '\0';
    fprintf(out, "  | %s\n", line);
  }
  free(line);
  if (in) {
    fclose(in);
  }
}

static void tell_one(const ho_plan *plan, size_t index, const char *dir,
                     FILE *out) {
  static const char *const names[] = {"timeline.svg", "client.pcapng",
                                      "server.pcapng", "client.sqlog",
                                      "server.sqlog"};
  char *point = ho_plan_point_text(plan, ho_plan_point(plan, index));
  char *again = ho_plan_command(plan, index);
  char *reason = ho_format("%s/" REASON_FILE, dir);
  uint64_t seed;
  size_t arm;

  ho_plan_run(plan, index, &arm, &seed);
  fprintf(out, "handoff: %s, %s%sarm %s, seed %" PRIu64 " failed:\n",
          plan->scenario->name, point, *point ? ", " : "",
          plan->scenario->arms[arm].name, seed);
  quote(reason, out);
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    char *path = ho_format("%s/%s", dir, names[i]);
    if (access(path, F_OK) == 0) {
      fprintf(out, "  open: %s\n", path);
    }
    free(path);
  }
  fprintf(out, "  repeat it with: %s%s%s%s\n", again,
          plan->qlog ? " --qlog" : "", plan->pcap ? " --pcap" : "",
          plan->timeline ? " --timeline" : "");
  free(reason);
  free(again);
  free(point);
}

void ho_failed_tell(const ho_plan *plan, const ho_expect_rows *rows,
                    FILE *out) {
  size_t failed = 0;

  for (size_t i = 0; i < ho_plan_runs(plan); i++) {
    char *name = ho_plan_name(plan, i);
    char *dir = ho_format("%s/runs/%s", plan->out, name);
    if (access(dir, F_OK) == 0 && failed++ < TOLD) {
      tell_one(plan, i, dir, out);
    }
    free(dir);
    free(name);
  }
  if (failed > TOLD) {
    fprintf(out, "handoff: %s: %zu more failed, see %s/runs\n",
            plan->scenario->name, failed - TOLD, plan->out);
  }
  if (plan->shards == 0) { /* a shard has not all of a group */
    ho_failed_groups(plan, rows, out);
  }
}
