/* What `check` makes of one scenario's rows. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/judge.h"

#include <stdlib.h>
#include <string.h>

#include "cli/annotate.h"
#include "cli/blessed.h"
#include "measure/cells.h"
#include "sim/base/alloc.h"

/* The rows of each point. */
typedef struct {
  ho_csv_file *handoffs, *runs, *checks, *linkability;
} cells;

/* One scenario at one point, being judged. */
typedef struct {
  const ho_judge *judge;
  const ho_plan *plan;
  const char *where; /* the varied values in words, "" where there are none */
  ho_expect_rows rows;
  ho_judgement *o;
  FILE *out;
} hearing;

/* What is said of one case, before it is known if it is said. */
typedef struct {
  char *text;
  size_t len;
  FILE *out;
} speech;

static void begin_speech(speech *s) {
  *s = (speech){0};
  s->out = open_memstream(&s->text, &s->len);
}

static void end_speech(speech *s) {
  fclose(s->out);
}

static cells cells_of(const ho_finished *finished) {
  return (cells){ho_cells_split(finished->plan, &finished->handoffs),
                 ho_cells_split(finished->plan, &finished->runs),
                 ho_cells_split(finished->plan, &finished->checks),
                 ho_cells_split(finished->plan, &finished->linkability)};
}

static void free_cells(const ho_plan *plan, cells *c) {
  ho_cells_free(plan, c->handoffs);
  ho_cells_free(plan, c->runs);
  ho_cells_free(plan, c->checks);
  ho_cells_free(plan, c->linkability);
}

static void add_case(const hearing *h, const char *name, ho_junit_result result,
                     const char *message, const char *text) {
  char *whole =
      *h->where ? ho_format("%s, with %s", name, h->where) : ho_strdup(name);

  ho_junit_case(h->judge->junit, whole, result, message, text);
  free(whole);
}

static void annotate(const hearing *h, const ho_place *place, const char *what,
                     const char *text) {
  char *title;

  if (h->judge->annotate) {
    title = ho_format("%s: %s", h->plan->scenario->name, what);
    ho_annotate_error(place, title, text, h->out);
    free(title);
  }
}

/* ---- expectations ---- */

static void skip_expect(const hearing *h, const ho_expect *e) {
  char *why = ho_known_reason(h->judge->failures, h->plan->scenario->name,
                              e->arm, e->text);
  char *message = ho_format("known failure: %s", why ? why : "");

  add_case(h, e->text, HO_JUNIT_SKIPPED, message, NULL);
  free(message);
  free(why);
}

/* Evaluates one expectation, as if it were the only one. */
static void judge_expect(const hearing *h, size_t i) {
  ho_scenario one = *h->plan->scenario;
  const ho_expect *e = &h->plan->scenario->expects[i];
  ho_plan alone = *h->plan;
  ho_expect_count count;
  speech said;

  one.expects += i;
  one.expects_count = 1;
  alone.scenario = &one;
  begin_speech(&said);
  count = ho_expect_evaluate(&alone, &h->rows, h->judge->failures, said.out);
  end_speech(&said);
  fputs(said.text, h->out);
  if (count.failed > 0) {
    add_case(h, e->text, HO_JUNIT_FAILED, "the expectation failed", said.text);
    annotate(h, &e->place, "expectation", said.text);
  } else if (count.known > 0) {
    skip_expect(h, e);
  } else if (count.evaluated > 0) {
    add_case(h, e->text, HO_JUNIT_PASSED, NULL, NULL);
  }
  h->o->expects.evaluated += count.evaluated;
  h->o->expects.failed += count.failed;
  h->o->expects.known += count.known;
  free(said.text);
}

/* ---- RFC checks ---- */

/* Whether |check| has failed in some run of |arm|. */
static bool has_failed(const ho_csv_file *rows, const char *arm,
                       const char *check) {
  int columns[] = {ho_csv_column(rows, "arm"), ho_csv_column(rows, "check"),
                   ho_csv_column(rows, "verdict")};
  const char *const wanted[] = {arm, check, "FAIL"};

  for (size_t i = 1; i < rows->count; i++) {
    size_t k = 0;
    while (k < 3 && columns[k] >= 0 &&
           (size_t)columns[k] < rows->rows[i].count &&
           !strcmp(rows->rows[i].fields[columns[k]], wanted[k])) {
      k++;
    }
    if (k == 3) {
      return true;
    }
  }
  return false;
}

/* "known failures: C2 (ngtcp2 1.11.0, docs/findings.md: ...)" */
static void skip_checks(const hearing *h, const char *arm, const char *name) {
  speech said;
  size_t count = 0;

  begin_speech(&said);
  for (int i = 0; i < HO_CHECK_COUNT; i++) {
    const ho_check_info *check = &ho_check_table()[i];
    char *why =
        check->level != HO_MUST || !has_failed(h->rows.checks, arm, check->id)
            ? NULL
            : ho_known_reason(h->judge->failures, h->plan->scenario->name, arm,
                              check->id);
    if (why) {
      fprintf(said.out, "%s%s (%s)",
              count++ ? ", " : "known failures: ", check->id, why);
    }
    free(why);
  }
  end_speech(&said);
  add_case(h, name, HO_JUNIT_SKIPPED, said.text, NULL);
  free(said.text);
}

static void judge_checks(const hearing *h, const char *arm) {
  ho_place place = {h->plan->source.file, 1, 0};
  char *name = ho_format("RFC checks of %s", arm);
  ho_verdicts_count count;
  speech said;

  begin_speech(&said);
  count = ho_verdicts_report(h->rows.checks, h->plan->scenario->name, arm,
                             h->judge->failures, h->judge->options->verbose,
                             said.out);
  end_speech(&said);
  fputs(said.text, h->out);
  if (count.failed > 0) {
    add_case(h, name, HO_JUNIT_FAILED, "an RFC check failed", said.text);
    annotate(h, &place, name, said.text);
  } else if (count.known > 0) {
    skip_checks(h, arm, name);
  } else if (said.len > 0) { /* TCP has none */
    add_case(h, name, HO_JUNIT_PASSED, NULL, NULL);
  }
  h->o->checks.failed += count.failed;
  h->o->checks.known += count.known;
  free(said.text);
  free(name);
}

/* ---- points ---- */

static void judge_cell(const hearing *h) {
  const ho_plan *plan = h->plan;

  for (size_t i = 0; i < plan->scenario->expects_count; i++) {
    judge_expect(h, i);
  }
  for (size_t i = 0; i < plan->arms_count && !plan->no_checks; i++) {
    judge_checks(h, plan->scenario->arms[plan->arms[i]].name);
  }
}

/* The expectations are those of the scenario as it is at |point|. */
static int judge_point(const ho_judge *judge, const ho_plan *plan,
                       const cells *c, size_t point, ho_judgement *o,
                       FILE *out) {
  char *where = ho_plan_point_text(plan, point);
  ho_plan here = *plan;
  hearing h = {.judge = judge,
               .plan = &here,
               .where = where,
               .rows = {&c->handoffs[point], &c->runs[point], &c->checks[point],
                        &c->linkability[point]},
               .o = o,
               .out = out};
  ho_diag diag = {0};
  int rv = 0;

  if (*where) {
    fprintf(out, "with %s:\n", where);
    rv = ho_plan_load(plan, point, plan->seed, &here.scenario, &diag);
  }
  if (rv == 0) {
    judge_cell(&h);
  }
  if (here.scenario != plan->scenario) {
    ho_scenario_del(here.scenario);
  }
  ho_diag_print(&diag, stderr);
  ho_diag_free(&diag);
  free(where);
  return rv;
}

/* ---- runs, and the baseline ---- */

static bool is_lost(const ho_finished *finished) {
  return finished->result.crashed + finished->result.timeout > 0;
}

static const char *cell(const ho_csv_file *file, size_t row, const char *name) {
  int at = ho_csv_column(file, name);

  return at < 0 || (size_t)at >= file->rows[row].count
             ? ""
             : file->rows[row].fields[at];
}

static void judge_runs(const hearing *h, const ho_finished *finished) {
  const ho_csv_file *runs = &finished->runs;
  speech said;

  begin_speech(&said);
  for (size_t i = 1; i < runs->count; i++) {
    const char *outcome = cell(runs, i, "outcome");
    if (!strcmp(outcome, "crashed") || !strcmp(outcome, "timeout")) {
      fprintf(said.out, "arm %s, seed %s: %s: %s\n", cell(runs, i, "arm"),
              cell(runs, i, "seed"), outcome, cell(runs, i, "reason"));
    }
  }
  end_speech(&said);
  if (is_lost(finished)) {
    add_case(h, "runs", HO_JUNIT_ERROR, "a run was lost", said.text);
  } else {
    add_case(h, "runs", HO_JUNIT_PASSED, NULL, NULL);
  }
  free(said.text);
}

static void skip_baseline(const hearing *h, const char *path, const char *why) {
  char *message = ho_format("not compared with %s: %s", path, why);

  fprintf(h->out, "%s: %s\n", h->plan->scenario->name, message);
  add_case(h, "baseline", HO_JUNIT_SKIPPED, message, NULL);
  free(message);
}

static void compare(const hearing *h, const ho_finished *finished,
                    const ho_baseline *baseline, const char *path) {
  ho_csv_file milestones = {0};
  ho_baseline_difference found;
  ho_baseline_rows rows;
  speech said;

  if (ho_blessed_rows(finished, &milestones, &rows) != 0) {
    add_case(h, "baseline", HO_JUNIT_ERROR, "the results cannot be read", NULL);
    ho_csv_file_free(&milestones);
    h->o->unread = true;
    return;
  }
  begin_speech(&said);
  found = ho_baseline_compare(baseline, h->plan, &rows, said.out);
  end_speech(&said);
  h->o->compared = true;
  h->o->differences = found.count;
  if (found.count > 0) {
    ho_place place = {path, found.line, 0};
    fprintf(h->out, "%s: not as blessed in %s:\n%s", h->plan->scenario->name,
            path, said.text);
    add_case(h, "baseline", HO_JUNIT_FAILED, "not as blessed", said.text);
    annotate(h, &place, "baseline", said.text);
  } else {
    add_case(h, "baseline", HO_JUNIT_PASSED, NULL, NULL);
  }
  free(said.text);
  ho_csv_file_free(&milestones);
}

/* That there is none is said where baselines were asked for. */
static void judge_baseline(const hearing *h, const ho_finished *finished,
                           const ho_baseline *baseline) {
  char *path = ho_blessed_path(h->judge->options, h->plan);

  if (!baseline && h->judge->options->baseline) {
    skip_baseline(h, path, "there is no such file");
  } else if (baseline && ho_baseline_apart(baseline)) {
    skip_baseline(h, path, ho_baseline_apart(baseline));
  } else if (baseline && is_lost(finished)) {
    skip_baseline(h, path, "a run was lost");
  } else if (baseline) {
    compare(h, finished, baseline, path);
  }
  free(path);
}

/* A run that was lost mends nothing. */
static void count_mended(const hearing *h) {
  const ho_plan *plan = h->plan;

  for (size_t i = 0; i < plan->arms_count; i++) {
    h->o->mended +=
        ho_known_mended(h->judge->failures, plan->scenario->name,
                        plan->scenario->arms[plan->arms[i]].name, h->out);
  }
}

ho_judgement ho_judge_all(const ho_judge *judge, const ho_finished *finished,
                          const ho_baseline *baseline, FILE *out) {
  const ho_plan *plan = finished->plan;
  cells c = cells_of(finished);
  ho_judgement o = {0};
  hearing h = {.judge = judge, .plan = plan, .where = "", .o = &o, .out = out};

  ho_junit_suite(judge->junit, plan->scenario->name);
  judge_runs(&h, finished);
  for (size_t i = 0; i < ho_plan_points(plan); i++) {
    if (judge_point(judge, plan, &c, i, &o, out) != 0) {
      o.expects.failed++; /* its scenario is gone: what it expects, too */
      add_case(&h, "scenario", HO_JUNIT_ERROR, "it cannot be read", NULL);
    }
  }
  judge_baseline(&h, finished, baseline);
  if (!is_lost(finished)) {
    count_mended(&h);
  }
  if (!plan->no_checks) {
    ho_verdicts_add(judge->verdicts, plan->scenario->name, &finished->checks);
  }
  free_cells(plan, &c);
  return o;
}
