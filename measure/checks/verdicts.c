/* Verdicts of many runs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/checks/verdicts.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

typedef struct {
  char *scenario;
  ho_verdict worst[HO_CHECK_COUNT];
} column;

struct ho_verdicts {
  column *columns;
  size_t count, cap;
};

ho_verdicts *ho_verdicts_new(void) {
  return ho_alloc(sizeof(ho_verdicts));
}

void ho_verdicts_del(ho_verdicts *verdicts) {
  for (size_t i = 0; i < verdicts->count; i++) {
    free(verdicts->columns[i].scenario);
  }
  free(verdicts->columns);
  free(verdicts);
}

/* ---- reading rows ---- */

static const char *cell(const ho_csv_file *file, size_t row, const char *name) {
  int at = ho_csv_column(file, name);

  return at < 0 || (size_t)at >= file->rows[row].count
             ? ""
             : file->rows[row].fields[at];
}

static int check_of(const ho_csv_file *file, size_t row) {
  const char *id = cell(file, row, "check");

  for (int i = 0; i < HO_CHECK_COUNT; i++) {
    if (!strcmp(ho_check_table()[i].id, id)) {
      return i;
    }
  }
  return -1;
}

static ho_verdict verdict_of(const ho_csv_file *file, size_t row) {
  const char *name = cell(file, row, "verdict");

  for (int v = HO_FAIL; v > HO_NOT_EXERCISED; v--) {
    if (!strcmp(ho_verdict_name((ho_verdict)v), name)) {
      return (ho_verdict)v;
    }
  }
  return HO_NOT_EXERCISED;
}

/* The worst verdict of each check over the rows of |arm| (NULL: of all); |row|
 * is where it first was.  Returns how many rows there were. */
static size_t gather(const ho_csv_file *file, const char *arm,
                     ho_verdict worst[HO_CHECK_COUNT],
                     size_t row[HO_CHECK_COUNT]) {
  size_t rows = 0;

  for (size_t i = 1; i < file->count; i++) {
    int check = check_of(file, i);
    if (check < 0 || (arm && strcmp(cell(file, i, "arm"), arm) != 0)) {
      continue;
    }
    rows++;
    if (verdict_of(file, i) > worst[check]) {
      worst[check] = verdict_of(file, i);
      row[check] = i;
    }
  }
  return rows;
}

void ho_verdicts_add(ho_verdicts *verdicts, const char *scenario,
                     const ho_csv_file *checks) {
  size_t row[HO_CHECK_COUNT];
  column *c;

  ho_grow(&verdicts->columns, verdicts->count, &verdicts->cap, sizeof(column));
  c = &verdicts->columns[verdicts->count++];
  *c = (column){.scenario = ho_strdup(scenario)};
  gather(checks, NULL, c->worst, row);
}

/* ---- one scenario's arm ---- */

/* Clauses are RFC 9000's unless they name another. */
static const char *document(const char *clause) {
  return strncmp(clause, "RFC ", 4) ? "RFC 9000 " : "";
}

static void say_failure(const ho_csv_file *file, size_t row,
                        const ho_check_info *check, const char *scenario,
                        const char *arm, FILE *out) {
  fprintf(out, "%s: %s (%s, %s%s): %s\n", scenario, check->id,
          ho_check_level_name(check->level), document(check->clause),
          check->clause, check->about);
  fprintf(out, "  arm %s, seed %s, client %s: the %s, at %s s", arm,
          cell(file, row, "seed"), cell(file, row, "client"),
          cell(file, row, "endpoint"), cell(file, row, "t_s"));
  if (*cell(file, row, "packet")) {
    fprintf(out, ", packet %s", cell(file, row, "packet"));
  }
  if (*cell(file, row, "pn")) {
    fprintf(out, " (QUIC's %s)", cell(file, row, "pn"));
  }
  if (*cell(file, row, "tuple")) {
    fprintf(out, " of %s", cell(file, row, "tuple"));
  }
  fprintf(out, ": %s\n", cell(file, row, "detail"));
}

static void say_ids(const ho_verdict worst[HO_CHECK_COUNT], ho_verdict which,
                    const char *title, FILE *out) {
  fprintf(out, "    %s:", title);
  for (int i = 0; i < HO_CHECK_COUNT; i++) {
    if (worst[i] == which) {
      fprintf(out, " %s", ho_check_table()[i].id);
    }
  }
  fputc('\n', out);
}

static void say_counts(const ho_verdict worst[HO_CHECK_COUNT], const char *arm,
                       FILE *out) {
  size_t count[3] = {0};

  for (int i = 0; i < HO_CHECK_COUNT; i++) {
    count[worst[i]]++;
  }
  fprintf(out, "  %s: of %d checks %zu held, %zu were not exercised", arm,
          HO_CHECK_COUNT, count[HO_PASS], count[HO_NOT_EXERCISED]);
  if (count[HO_FAIL] > 0) {
    fprintf(out, ", %zu broke:", count[HO_FAIL]);
    for (int i = 0; i < HO_CHECK_COUNT; i++) {
      if (worst[i] == HO_FAIL) {
        fprintf(out, " %s (%s)", ho_check_table()[i].id,
                ho_check_level_name(ho_check_table()[i].level));
      }
    }
  }
  fputc('\n', out);
}

/* What |known| is to remember of a check; returns whether its failure is in
 * there. */
static bool recall(ho_known *known, const char *scenario, const char *arm,
                   const char *id, ho_verdict verdict) {
  switch (verdict) {
  case HO_NOT_EXERCISED:
    break;
  case HO_PASS:
    ho_known_held(known, scenario, arm, id);
    break;
  case HO_FAIL:
    return ho_known_has(known, scenario, arm, id);
  }
  return false;
}

ho_verdicts_count ho_verdicts_report(const ho_csv_file *checks,
                                     const char *scenario, const char *arm,
                                     ho_known *known, bool all, FILE *out) {
  ho_verdict worst[HO_CHECK_COUNT] = {HO_NOT_EXERCISED};
  size_t row[HO_CHECK_COUNT];
  ho_verdicts_count count = {0};

  if (gather(checks, arm, worst, row) == 0) {
    return count; /* TCP */
  }
  say_counts(worst, arm, out);
  if (all) {
    say_ids(worst, HO_PASS, "held", out);
    say_ids(worst, HO_NOT_EXERCISED, "not exercised", out);
  }
  for (int i = 0; i < HO_CHECK_COUNT; i++) {
    const ho_check_info *check = &ho_check_table()[i];
    bool is_known = recall(known, scenario, arm, check->id, worst[i]);
    if (worst[i] != HO_FAIL || check->level != HO_MUST) {
      continue;
    }
    if (is_known) {
      count.known++;
    } else {
      count.failed++;
      say_failure(checks, row[i], check, scenario, arm, out);
    }
  }
  return count;
}

/* ---- all scenarios ---- */

static size_t exercised(const ho_verdicts *verdicts, int check) {
  size_t count = 0;

  for (size_t i = 0; i < verdicts->count; i++) {
    count += verdicts->columns[i].worst[check] != HO_NOT_EXERCISED;
  }
  return count;
}

void ho_verdicts_never(const ho_verdicts *verdicts, FILE *out) {
  size_t never = 0;

  for (int i = 0; verdicts->count > 0 && i < HO_CHECK_COUNT; i++) {
    if (exercised(verdicts, i) == 0) {
      fprintf(out, "%s%s",
              never++ ? " " : "never exercised: ", ho_check_table()[i].id);
    }
  }
  if (never > 0) {
    fputc('\n', out);
  }
}

static void write_legend(const ho_verdicts *verdicts, FILE *out) {
  fputs("\n| column | scenario |\n| --- | --- |\n", out);
  for (size_t i = 0; i < verdicts->count; i++) {
    fprintf(out, "| %zu | `%s` |\n", i + 1, verdicts->columns[i].scenario);
  }
}

static void write_head(const ho_verdicts *verdicts, FILE *out) {
  size_t digit = 1;

  while (verdicts->count / digit >= 10) {
    digit *= 10;
  }
  for (; digit > 0; digit /= 10) {
    fprintf(out, "%*s", 18, "");
    for (size_t i = 1; i <= verdicts->count; i++) {
      fputc(i < digit ? ' ' : (int)('0' + i / digit % 10), out);
    }
    fputc('\n', out);
  }
}

void ho_verdicts_matrix(const ho_verdicts *verdicts, FILE *out) {
  static const char marks[] = {'.', 'o', 'X'};

  fputs("# RFC checks and scenarios\n\n"
        "Written by `handoff check --matrix`. `o`: all that came to it held; "
        "`X`: it broke at least once; `.`: never exercised. The number is of "
        "scenarios that exercise it.\n\n```\n",
        out);
  write_head(verdicts, out);
  for (int i = 0; i < HO_CHECK_COUNT; i++) {
    const ho_check_info *check = &ho_check_table()[i];
    fprintf(out, "%-5s%-12s ", check->id, ho_check_level_name(check->level));
    for (size_t k = 0; k < verdicts->count; k++) {
      fputc(marks[verdicts->columns[k].worst[i]], out);
    }
    fprintf(out, " %zu\n", exercised(verdicts, i));
  }
  fputs("```\n", out);
  write_legend(verdicts, out);
}
