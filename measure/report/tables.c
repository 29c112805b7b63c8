/* The tables of a report. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "measure/report/page.h"
#include "sim/scenario/presets.h"
#include "sim/base/alloc.h"

/* ---- what was asked ---- */

static void entry(FILE *out, const char *name, const char *value) {
  if (value && *value) {
    fputs("<dt>", out);
    ho_page_text(out, name);
    fputs("</dt><dd>", out);
    ho_page_text(out, value);
    fputs("</dd>\n", out);
  }
}

static char *seeds_of(const json_t *asked) {
  json_int_t seed = json_integer_value(json_object_get(asked, "seed"));
  json_int_t repeat = json_integer_value(json_object_get(asked, "repeat"));

  return repeat > 1 ? ho_format("%lld, from %lld to %lld", (long long)repeat,
                                (long long)seed, (long long)(seed + repeat - 1))
                    : ho_format("one, %lld", (long long)seed);
}

static const char *string_of(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));

  return text ? text : "";
}

static char *joined(char *text, const char *separator, const char *more) {
  char *longer = ho_format("%s%s%s", text, *text ? separator : "", more);

  free(text);
  return longer;
}

static char *arms_of(const ho_found *found) {
  char *text = ho_strdup("");

  for (size_t i = 0; i < found->arms_count; i++) {
    text = joined(text, ", ", found->arms[i]);
  }
  return text;
}

static void write_changes(FILE *out, const json_t *sets) {
  char *text = ho_strdup("");
  size_t i;
  json_t *set;

  json_array_foreach(sets, i, set) {
    char *one =
        ho_format("%s = %s", string_of(set, "key"), string_of(set, "value"));
    text = joined(text, ", ", one);
    free(one);
  }
  entry(out, "Changed", text);
  free(text);
}

/* The values of each varied key, in the order of the rows. */
static void write_varied(FILE *out, const ho_sheet *runs) {
  for (size_t k = 0; k < runs->vary_count; k++) {
    char *text = ho_strdup("");
    for (size_t i = 0; i < runs->cells_count; i++) {
      bool seen = false;
      for (size_t j = 0; j < i && !seen; j++) {
        seen = !strcmp(runs->cells[i].labels[k], runs->cells[j].labels[k]);
      }
      if (!seen) {
        text = joined(text, ", ", runs->cells[i].labels[k]);
      }
    }
    char *name = ho_format("Varied: %s", runs->vary[k]);
    entry(out, name, text);
    free(name);
    free(text);
  }
}

/* What the arms that are built in do; a scenario explains its own. */
static void write_arms(FILE *out, const ho_found *found) {
  size_t count;
  const ho_arm_preset *presets = ho_arm_presets(&count);

  fputs("<h2>The arms</h2>\n<p>An arm is a way of going through the same "
        "handoffs.</p>\n<dl>\n",
        out);
  for (size_t i = 0; i < found->arms_count; i++) {
    const char *about = "described in the scenario";
    for (size_t k = 0; k < count; k++) {
      if (!strcmp(presets[k].name, found->arms[i])) {
        about = presets[k].about;
      }
    }
    entry(out, found->arms[i], about);
  }
  fputs("</dl>\n", out);
}

void ho_page_asked(FILE *out, const ho_found *found) {
  const json_t *asked = json_object_get(found->manifest, "asked");
  const json_t *scenario = json_object_get(found->manifest, "scenario");
  char *arms = arms_of(found), *seeds = seeds_of(asked);
  char *runs = ho_format("%zu", found->runs.count);

  fputs("<h2>What was asked</h2>\n<dl>\n", out);
  entry(out, "Arms compared", arms);
  write_varied(out, &found->runs);
  entry(out, "Seeds", seeds);
  entry(out, "Runs", runs);
  write_changes(out, json_object_get(asked, "set"));
  if (!strcmp(string_of(asked, "crypto"), "none")) {
    entry(out, "Packet protection", "none: --crypto none");
  }
  entry(out, "Program", string_of(found->manifest, "handoff"));
  fputs("</dl>\n<details><summary>The scenario</summary>\n<pre>", out);
  ho_page_text(out, string_of(scenario, "text"));
  fputs("</pre></details>\n", out);
  write_arms(out, found);
  free(arms);
  free(seeds);
  free(runs);
}

/* ---- the summary ---- */

static const struct {
  const char *metric, *head, *about;
} SHOWN[] = {
    {"interruption_ms", "interruption, ms",
     "longest wait between two deliveries to the application"},
    {"migration_latency_ms", "migration, ms",
     "from the first packet on the new path until it is validated"},
    {"resume_ms", "resume, ms",
     "until data flows again, once a network is there"},
    {"run.fct_s", "completion, s", "until everything has arrived"},
};

enum { SHOWN_COUNT = sizeof(SHOWN) / sizeof(SHOWN[0]) };

static const ho_csv_row *find(const ho_found *found, char *const *labels,
                              const char *metric) {
  size_t width = found->runs.vary_count + 1;

  for (size_t i = 1; i < found->summary.count; i++) {
    const ho_csv_row *row = &found->summary.rows[i];
    size_t k = 0;
    while (k < width && !strcmp(row->fields[k + 1], labels[k])) {
      k++;
    }
    if (k == width && !strcmp(row->fields[width + 1], metric)) {
      return row;
    }
  }
  return NULL;
}

static void write_value(FILE *out, const ho_found *found, const ho_csv_row *row,
                        const char *metric) {
  size_t length = strlen(metric);
  int decimals = length > 2 && !strcmp(metric + length - 2, "_s") ? 3 : 1;
  const ho_csv_file *file = &found->summary;
  const char *censored;

  fputs("<td>", out);
  if (row) {
    ho_page_number(out, ho_found_cell(file, row, "median"), decimals, "never");
    if (*ho_found_cell(file, row, "median_lo")) {
      fputs("<br><small>", out);
      ho_page_number(out, ho_found_cell(file, row, "median_lo"), decimals,
                     "never");
      fputs(" to ", out);
      ho_page_number(out, ho_found_cell(file, row, "median_hi"), decimals,
                     "never");
      fputs("</small>", out);
    }
    censored = ho_found_cell(file, row, "censored");
    if (strcmp(censored, "0") != 0) {
      fprintf(out, "<br><small>%s of %s never</small>", censored,
              ho_found_cell(file, row, "n"));
    }
  } else {
    fputs("&ndash;", out);
  }
  fputs("</td>", out);
}

/* "30 migrated": how the runs of a cell ended. */
static void write_outcomes(FILE *out, const ho_found *found,
                           const ho_sheet_cell *cell) {
  const ho_csv_file *file = &found->runs_csv;

  fputs("<td class=\"t\">", out);
  for (size_t i = 0; i < cell->count; i++) {
    const ho_csv_row *rows = &file->rows[1 + cell->first];
    const char *outcome = ho_found_cell(file, &rows[i], "outcome");
    size_t same = 0;
    bool seen = false;
    for (size_t j = 0; j < cell->count; j++) {
      bool equal = !strcmp(ho_found_cell(file, &rows[j], "outcome"), outcome);
      seen = seen || (equal && j < i);
      same += equal ? 1 : 0;
    }
    if (!seen) {
      fprintf(out, "%s%zu ", i > 0 ? "<br>" : "", same);
      ho_page_text(out, outcome);
    }
  }
  fputs("</td>", out);
}

static void write_head(FILE *out, const ho_found *found) {
  fputs("<tr>", out);
  for (size_t k = 0; k < found->runs.vary_count; k++) {
    fputs("<th class=\"t\">", out);
    ho_page_text(out, found->runs.vary[k]);
    fputs("</th>", out);
  }
  fputs("<th class=\"t\">arm</th>", out);
  for (size_t i = 0; i < SHOWN_COUNT; i++) {
    fprintf(out, "<th title=\"%s\">%s</th>", SHOWN[i].about, SHOWN[i].head);
  }
  fputs("<th class=\"t\">runs ended</th></tr>\n", out);
}

/* A claim needs seeds enough, and something that differs between them. */
static bool is_claim(const ho_found *found) {
  const ho_csv_file *file = &found->summary;

  for (size_t i = 1; i < file->count; i++) {
    const ho_csv_row *row = &file->rows[i];
    if (!strcmp(ho_found_cell(file, row, "claim"), "no") &&
        !strcmp(ho_found_cell(file, row, "metric"), "interruption_ms")) {
      return false;
    }
  }
  return true;
}

void ho_page_summary(FILE *out, const ho_found *found) {
  const ho_sheet *runs = &found->runs;

  fputs("<h2>Summary</h2>\n<p>Medians, with their 95 % intervals below (where "
        "there are several seeds). Less is better in every column.</p>\n",
        out);
  if (!is_claim(found)) {
    fputs("<p><b>These are examples, no claims:</b> there are fewer than 30 "
          "seeds, or nothing in the scenario is random.</p>\n",
          out);
  }
  fputs("<div class=\"wide\"><table>\n", out);
  write_head(out, found);
  for (size_t i = 0; i < runs->cells_count; i++) {
    const ho_sheet_cell *cell = &runs->cells[i];
    fputs("<tr>", out);
    for (size_t k = 0; k <= runs->vary_count; k++) {
      fputs("<td class=\"t\">", out);
      ho_page_text(out, cell->labels[k]);
      fputs("</td>", out);
    }
    for (size_t m = 0; m < SHOWN_COUNT; m++) {
      write_value(out, found, find(found, cell->labels, SHOWN[m].metric),
                  SHOWN[m].metric);
    }
    write_outcomes(out, found, cell);
    fputs("</tr>\n", out);
  }
  fputs("</table></div>\n<dl>\n", out);
  for (size_t m = 0; m < SHOWN_COUNT; m++) {
    entry(out, SHOWN[m].head, SHOWN[m].about);
  }
  fputs("</dl>\n", out);
}

/* ---- whole files ---- */

static void write_rows(FILE *out, const ho_csv_file *file) {
  fputs("<div class=\"wide\"><table>\n", out);
  for (size_t i = 0; i < file->count; i++) {
    const char *kind = i == 0 ? "th" : "td";
    fputs("<tr>", out);
    for (size_t k = 1; k < file->rows[i].count; k++) {
      fprintf(out, "<%s>", kind);
      ho_page_text(out, file->rows[i].fields[k]);
      fprintf(out, "</%s>", kind);
    }
    fputs("</tr>\n", out);
  }
  fputs("</table></div>\n", out);
}

void ho_page_all(FILE *out, const ho_found *found) {
  fputs("<h2>All metrics</h2>\n<p>What each means: <code>handoff list "
        "metrics</code>, and docs/metrics.md.</p>\n<details><summary>"
        "summary.csv</summary>\n",
        out);
  write_rows(out, &found->summary);
  fputs("</details>\n", out);
}
