/* What a comparison says: tables to read, and a CSV file. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/compare.h"
#include "measure/csv.h"
#include "measure/wrap.h"
#include "sim/base/alloc.h"

/* ---- tables ---- */

/* Four digits, and no exponent; the caller frees it. */
static char *short_number(double value) {
  if (isnan(value)) {
    return ho_strdup("-");
  }
  if (isinf(value)) {
    return ho_strdup("NA");
  }
  return fabs(value) >= 1000  ? ho_format("%.0f", value)
         : fabs(value) < 1e-4 ? ho_format("%.0f", 0.0)
         : fabs(value) < 1    ? ho_format("%.4f", value)
                              : ho_format("%.4g", value);
}

static char *short_p(double p) {
  return isnan(p)   ? ho_strdup("-")
         : p < 1e-4 ? ho_strdup("<0.0001")
                    : ho_format("%.4f", p);
}

static char *between(ho_interval interval) {
  char *lo = short_number(interval.lo), *hi = short_number(interval.hi);
  char *text =
      isnan(interval.lo) ? ho_strdup("-") : ho_format("%s..%s", lo, hi);

  free(lo);
  free(hi);
  return text;
}

static void print_metric(const ho_compared *m, FILE *out) {
  char *a = short_number(m->median_a), *b = short_number(m->median_b);
  char *ratio = short_number(m->ratio), *interval = between(m->ratio_interval);
  char *p = short_p(m->p_holm);

  fprintf(out, "  %-23s %4zu %10s %10s %7s %15s %8s %6.2f", m->measure->name,
          m->pairs, a, b, ratio, interval, p, m->delta);
  if (m->censored_a + m->censored_b > 0) {
    fprintf(out, "  %zu, %zu", m->censored_a, m->censored_b);
  }
  fputc('\n', out);
  free(a);
  free(b);
  free(ratio);
  free(interval);
  free(p);
}

static void print_labels(const ho_sheet *sheet, char *const *values,
                         FILE *out) {
  for (size_t i = 0; i < sheet->vary_count; i++) {
    fprintf(out, "%s=%s, ", sheet->vary[i], values[i]);
  }
}

static void print_heading(const ho_comparison *c, const ho_compare_cell *cell,
                          FILE *out) {
  fputc('\n', out);
  print_labels(&c->runs[0], cell->values, out);
  if (strcmp(cell->arm_a, cell->arm_b) != 0) {
    fprintf(out, "A: %s, B: %s\n", cell->arm_a, cell->arm_b);
  } else {
    fprintf(out, "%s\n", cell->arm_a);
  }
}

static void print_alone(const ho_compare_cell *cell, FILE *out) {
  char *text = NULL;

  for (size_t i = 0; i < cell->count; i++) {
    const ho_compared *m = &cell->metrics[i];
    if (m->alone_a + m->alone_b > 0) {
      char *longer = ho_format("%s %s %zu|%zu",
                               text ? text
                                    : "values of A|B without a "
                                      "partner:",
                               m->measure->name, m->alone_a, m->alone_b);
      free(text);
      text = longer;
    }
  }
  if (text) {
    fputs("  ", out);
    ho_wrap(out, text, 2, 4);
  }
  free(text);
}

static void print_cell(const ho_comparison *c, const ho_compare_cell *cell,
                       FILE *out) {
  size_t equal = 0, differ = 0, seeds = 0;

  print_heading(c, cell, out);
  for (size_t i = 0; i < cell->count; i++) {
    const ho_compared *m = &cell->metrics[i];
    seeds = m->seeds > seeds ? m->seeds : seeds;
    equal += m->pairs > 0 && m->differ == 0;
    if (m->differ == 0) {
      continue;
    }
    if (differ++ == 0) {
      fprintf(out, "  %-23s %4s %10s %10s %7s %15s %8s %6s  %s\n", "metric",
              "n", "A", "B", "B/A", "95 %", "p (Holm)", "delta", "NA");
    }
    print_metric(m, out);
  }
  if (equal > 0) {
    fprintf(out, "  %zu metrics are equal in every pair\n", equal);
  }
  if (equal + differ == 0) {
    fputs("  B has nothing of this\n", out);
    return;
  }
  print_alone(cell, out);
  if (cell->one_sample) {
    fprintf(out,
            "  Nothing differs between seeds: these %zu are one sample, and "
            "nothing is tested.\n",
            seeds);
  } else if (seeds < HO_SAMPLE_CLAIM) {
    fprintf(out, "  %zu seeds: a claim needs %d.\n", seeds, HO_SAMPLE_CLAIM);
  }
}

/* Two chosen arms are all that was read. */
static void print_others(const ho_comparison *c, FILE *out) {
  const ho_sheet *a = &c->runs[0], *b = &c->runs[1];

  for (size_t i = 0; i < b->cells_count; i++) {
    char *const *labels = b->cells[i].labels;
    const char *arm = labels[b->vary_count];
    if (!ho_sheet_find_cell(a, labels, arm) &&
        (c->count == 0 || !strcmp(c->cells[0].arm_a, c->cells[0].arm_b))) {
      fputs("\nonly in B: ", out);
      print_labels(b, labels, out);
      fprintf(out, "%s\n", arm);
    }
  }
}

void ho_compare_print(const ho_comparison *compare, FILE *out) {
  fprintf(out, "%s\nA: %s\n", compare->scenario, compare->runs[0].dir);
  fprintf(out, "B: %s\n", compare->runs[1].dir);
  if (compare->difference) {
    char *text = ho_format("%s (there: A, here: B)", compare->difference);
    ho_wrap(out, text, 0, 0);
    free(text);
  }
  for (size_t i = 0; i < compare->count; i++) {
    print_cell(compare, &compare->cells[i], out);
  }
  print_others(compare, out);
  fputs("\nn pairs; medians of A and B; the median of B/A over pairs and its "
        "bootstrap\ninterval; Wilcoxon's p after Holm; Cliff's delta, positive "
        "where B is greater;\nNA: censored values in A, in B.\n",
        out);
}

/* ---- CSV ---- */

static void put(ho_csv *csv, double value) {
  if (isnan(value)) {
    ho_csv_empty(csv);
  } else if (isinf(value)) {
    ho_csv_na(csv);
  } else {
    ho_csv_real(csv, value);
  }
}

/* Six digits behind the point would make most of them 0. */
static void put_p(ho_csv *csv, double p) {
  char text[32] = "";

  if (!isnan(p)) {
    snprintf(text, sizeof(text), "%.6g", p);
  }
  ho_csv_text(csv, text);
}

static void put_header(const ho_comparison *c, ho_csv *csv) {
  static const char *const names[] = {
      "arm_a",      "arm_b",      "metric",     "pairs",      "seeds",
      "unpaired_a", "unpaired_b", "censored_a", "censored_b", "median_a",
      "median_b",   "ratio",      "ratio_lo",   "ratio_hi",   "p",
      "p_holm",     "delta",      "claim"};

  ho_csv_text(csv, "scenario");
  for (size_t i = 0; i < c->runs[0].vary_count; i++) {
    ho_csv_text(csv, c->runs[0].vary[i]);
  }
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    ho_csv_text(csv, names[i]);
  }
  ho_csv_end(csv);
}

static void put_metric(const ho_comparison *c, const ho_compare_cell *cell,
                       const ho_compared *m, ho_csv *csv) {
  bool claim = m->seeds >= HO_SAMPLE_CLAIM && !cell->one_sample;

  ho_csv_text(csv, c->scenario);
  for (size_t i = 0; i < c->runs[0].vary_count; i++) {
    ho_csv_text(csv, cell->values[i]);
  }
  ho_csv_text(csv, cell->arm_a);
  ho_csv_text(csv, cell->arm_b);
  ho_csv_text(csv, m->measure->name);
  ho_csv_u64(csv, m->pairs);
  ho_csv_u64(csv, m->seeds);
  ho_csv_u64(csv, m->alone_a);
  ho_csv_u64(csv, m->alone_b);
  ho_csv_u64(csv, m->censored_a);
  ho_csv_u64(csv, m->censored_b);
  put(csv, m->median_a);
  put(csv, m->median_b);
  put(csv, m->ratio);
  put(csv, m->ratio_interval.lo);
  put(csv, m->ratio_interval.hi);
  put_p(csv, m->p);
  put_p(csv, m->p_holm);
  put(csv, m->delta);
  ho_csv_text(csv, claim ? "yes" : "no");
  ho_csv_end(csv);
}

void ho_compare_csv(const ho_comparison *compare, FILE *out) {
  ho_csv csv;

  ho_csv_init(&csv, out);
  put_header(compare, &csv);
  for (size_t i = 0; i < compare->count; i++) {
    const ho_compare_cell *cell = &compare->cells[i];
    for (size_t m = 0; m < cell->count; m++) {
      if (cell->metrics[m].pairs + cell->metrics[m].alone_a +
              cell->metrics[m].alone_b >
          0) {
        put_metric(compare, cell, &cell->metrics[m], &csv);
      }
    }
  }
}
