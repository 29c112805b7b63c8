/* How well somebody who looks on can tell who moved, as a table. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "measure/report/page.h"
#include "sim/base/alloc.h"

/* Behind the varied keys; the first |TEXTS| are no estimates. */
static const struct {
  const char *column, *head;
} COLUMNS[] = {
    {"arm", "arm"},
    {"vantage", "vantage point"},
    {"adversary", "adversary"},
    {"n", "candidates"},
    {"top1", "right"},
    {"advantage", "advantage"},
    {"swap_advantage", "advantage, two swapped"},
};

enum { TEXTS = 4, COUNT = sizeof(COLUMNS) / sizeof(COLUMNS[0]) };

static void text_cell(FILE *out, const char *kind, const char *text) {
  fprintf(out, "<%s class=\"t\">", kind);
  ho_page_text(out, text);
  fprintf(out, "</%s>", kind);
}

static void write_interval(FILE *out, const ho_csv_file *file,
                           const ho_csv_row *row, const char *name) {
  char *lo = ho_format("%s_lo", name), *hi = ho_format("%s_hi", name);

  if (*ho_found_cell(file, row, lo)) {
    fputs("<br><small>", out);
    ho_page_number(out, ho_found_cell(file, row, lo), 3, "NA");
    fputs(" to ", out);
    ho_page_number(out, ho_found_cell(file, row, hi), 3, "NA");
    fputs("</small>", out);
  }
  free(lo);
  free(hi);
}

/* A column that is empty throughout, as without a swap game, is left out. */
static bool is_empty(const ho_csv_file *file, const char *name) {
  for (size_t i = 1; i < file->count; i++) {
    if (*ho_found_cell(file, &file->rows[i], name)) {
      return false;
    }
  }
  return true;
}

static void write_head(FILE *out, const ho_found *found) {
  fputs("<tr>", out);
  for (size_t k = 0; k < found->runs.vary_count; k++) {
    text_cell(out, "th", found->runs.vary[k]);
  }
  for (size_t k = 0; k < COUNT; k++) {
    if (k < TEXTS) {
      text_cell(out, "th", COLUMNS[k].head);
    } else if (!is_empty(&found->linkability, COLUMNS[k].column)) {
      fprintf(out, "<th>%s</th>", COLUMNS[k].head);
    }
  }
  fputs("</tr>\n", out);
}

static void write_row(FILE *out, const ho_found *found, const ho_csv_row *row) {
  const ho_csv_file *file = &found->linkability;

  fputs("<tr>", out);
  for (size_t k = 0; k < found->runs.vary_count; k++) {
    text_cell(out, "td", ho_found_cell(file, row, found->runs.vary[k]));
  }
  for (size_t k = 0; k < COUNT; k++) {
    const char *name = COLUMNS[k].column;
    if (k < TEXTS) {
      text_cell(out, "td", ho_found_cell(file, row, name));
    } else if (!is_empty(file, name)) {
      fputs("<td>", out);
      ho_page_number(out, ho_found_cell(file, row, name), 3, "NA");
      write_interval(out, file, row, name);
      fputs("</td>", out);
    }
  }
  fputs("</tr>\n", out);
}

void ho_page_linkability(FILE *out, const ho_found *found) {
  const ho_csv_file *file = &found->linkability;

  if (file->count < 2) {
    return;
  }
  fputs("<h2>Linkability</h2>\n<p>How well somebody who looks on can tell "
        "which flow of a client goes on as which other one after a handoff. "
        "<b>vantage point</b>: which networks they see. <b>right</b>: the "
        "share of flows for which their first guess is. <b>advantage</b>: 0 "
        "is guessing among the candidates, 1 is knowing, with the 95 % "
        "interval below. A0 compares identifiers; A1 also times; A2 also "
        "sizes; A3 learns. A simulator's clean timing makes A1 to A3 upper "
        "bounds.</p>\n<div class=\"wide\"><table>\n",
        out);
  write_head(out, found);
  for (size_t i = 1; i < file->count; i++) {
    write_row(out, found, &file->rows[i]);
  }
  fputs("</table></div>\n", out);
}
