/* What a search has found: one line for each signature. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search/found.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "measure/csv.h"
#include "search/signature.h"
#include "sim/base/alloc.h"

enum { FINDINGS_MAX = 1000 };

static ho_found *find(const ho_findings *findings, const char *signature) {
  for (size_t i = 0; i < findings->count; i++) {
    if (!strcmp(findings->items[i].signature, signature)) {
      return &findings->items[i];
    }
  }
  return NULL;
}

static void add(ho_findings *findings, const ho_schedule *schedule,
                const ho_failure *failure) {
  ho_found *found;

  ho_grow(&findings->items, findings->count, &findings->cap, sizeof(ho_found));
  found = &findings->items[findings->count];
  *found = (ho_found){.count = 1,
                      .schedule = ho_schedule_copy(schedule),
                      .with = findings->count++};
  memcpy(found->signature, failure->signature, sizeof(found->signature));
  memcpy(found->detail, failure->detail, sizeof(found->detail));
}

void ho_findings_add(ho_findings *findings, const ho_schedule *schedule,
                     const ho_trial *trial) {
  for (uint32_t i = 0; i < trial->failures_count; i++) {
    ho_found *found = find(findings, trial->failures[i].signature);
    if (found) {
      found->count++;
    } else if (findings->count < FINDINGS_MAX) {
      add(findings, schedule, &trial->failures[i]);
    }
  }
}

void ho_findings_free(ho_findings *findings) {
  for (size_t i = 0; i < findings->count; i++) {
    ho_schedule_free(&findings->items[i].schedule);
    free(findings->items[i].known);
    free(findings->items[i].file);
  }
  free(findings->items);
  *findings = (ho_findings){0};
}

/* ---- what is known ---- */

static void mark(ho_findings *findings, const char *pattern,
                 const char *analysis) {
  for (size_t i = 0; i < findings->count; i++) {
    ho_found *found = &findings->items[i];
    if (!found->known && ho_signature_fits(found->signature, pattern)) {
      found->known = ho_strdup(analysis);
    }
  }
}

static void check_rows(const ho_csv_file *file, const char *path,
                       ho_diag *diag) {
  for (size_t i = 1; i < file->count; i++) {
    if (file->rows[i].count != file->rows[0].count) {
      ho_diag_add(diag, &(ho_place){path, (int)i + 1, 1},
                  "%zu fields, expected %zu", file->rows[i].count,
                  file->rows[0].count);
      return;
    }
  }
}

int ho_known_found_read(ho_known_found *known, const char *path,
                        ho_diag *diag) {
  size_t before = diag->count;
  int rv, signature, analysis;

  *known = (ho_known_found){0};
  rv = ho_csv_read(&known->file, path);
  if (rv != 0) {
    ho_diag_add(diag, NULL, "--known: cannot read '%s': %s", path,
                rv == HO_ERR_IO ? strerror(errno) : "it is not CSV");
    return HO_ERR_INPUT;
  }
  signature = ho_csv_column(&known->file, "signature");
  analysis = ho_csv_column(&known->file, "analysis");
  if (signature < 0 || analysis < 0) {
    ho_diag_add(diag, &(ho_place){path, 1, 1},
                "expected the columns 'signature' and 'analysis'");
  } else {
    check_rows(&known->file, path, diag);
  }
  known->signature = (size_t)signature;
  known->analysis = (size_t)analysis;
  known->library = ho_csv_column(&known->file, "library");
  return diag->count == before ? 0 : HO_ERR_INPUT;
}

void ho_known_found_free(ho_known_found *known) {
  ho_csv_file_free(&known->file);
}

void ho_findings_mark(ho_findings *findings, const ho_known_found *known,
                      const char *library) {
  for (int others = known->library < 0; others < 2; others++) {
    for (size_t i = 1; i < known->file.count; i++) {
      char **fields = known->file.rows[i].fields;
      if (others || !strcmp(fields[known->library], library)) {
        mark(findings, fields[known->signature], fields[known->analysis]);
      }
    }
  }
}

size_t ho_findings_new(const ho_findings *findings) {
  size_t count = 0;

  for (size_t i = 0; i < findings->count; i++) {
    count += findings->items[i].known == NULL;
  }
  return count;
}

/* ---- expectations ---- */

/* What any failure may show in, the least telling last. */
static const char *const general[] = {
    "run.handshakes == 1", "run.outcome == completed",
    "outcome == migrated", "run.interruption_max < 1s",
    "run.delay_max < 2s",  "run.fct < 6s"};

char *ho_findings_expect(const ho_found *found, const char *arm, size_t i) {
  char oracle[HO_SIGNATURE_MAX], what[HO_SIGNATURE_MAX];
  bool check, slow, crash;

  ho_signature_part(found->signature, 0, oracle);
  ho_signature_part(found->signature, 1, what);
  check = !strcmp(oracle, "check");
  slow = !strcmp(oracle, "stall");
  crash = !strcmp(oracle, "crash");
  if (check && i == 0) {
    return ho_format("%s: check.%s != FAIL", arm, what);
  }
  if (crash && i == 0) {
    return ho_format("%s: run.outcome != crashed", arm);
  }
  if (slow && i < 2) {
    return ho_format("%s: run.%s < 4s", arm, i == 0 ? "fct" : "delay_max");
  }
  i -= check || crash ? 1 : slow ? 2 : 0;
  return i < sizeof(general) / sizeof(general[0])
             ? ho_format("%s: %s", arm, general[i])
             : NULL;
}

/* ---- for machines and for people ---- */

static const char *const columns[] = {
    "signature", "count",   "first_seed", "schedule", "file",
    "actions",   "library", "oracle",     "what",     "endpoint",
    "phase",     "red",     "known",      "analysis", "detail"};

static void write_parts(const ho_found *f, ho_csv *csv) {
  char part[HO_SIGNATURE_MAX];

  for (int i = 0; i < 4; i++) {
    ho_csv_text(csv, ho_signature_part(f->signature, i, part));
  }
}

static void write_one(const ho_findings *findings, const ho_found *f,
                      uint64_t seed, const char *library, ho_csv *csv) {
  const ho_found *shown = &findings->items[f->with];

  ho_csv_text(csv, f->signature);
  ho_csv_u64(csv, f->count);
  ho_csv_u64(csv, seed);
  ho_csv_u64(csv, f->schedule.number);
  ho_csv_text(csv, shown->file);
  ho_csv_u64(csv, shown->schedule.actions_count);
  ho_csv_text(csv, library);
  write_parts(f, csv);
  ho_csv_u64(csv, shown->red);
  ho_csv_u64(csv, f->known != NULL);
  ho_csv_text(csv, f->known);
  ho_csv_text(csv, f->detail);
  ho_csv_end(csv);
}

void ho_findings_write(const ho_findings *findings, uint64_t seed,
                       const char *library, FILE *out) {
  ho_csv csv;

  ho_csv_init(&csv, out);
  for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
    ho_csv_text(&csv, columns[i]);
  }
  ho_csv_end(&csv);
  for (size_t i = 0; i < findings->count; i++) {
    write_one(findings, &findings->items[i], seed, library, &csv);
  }
}

static void print_with(const ho_findings *findings, size_t main, FILE *out) {
  size_t count = 0;

  for (size_t i = 0; i < findings->count; i++) {
    if (i != main && findings->items[i].with == main &&
        !findings->items[i].known) {
      fprintf(out, "%s%s", count++ ? ", " : "         and with it ",
              findings->items[i].signature);
    }
  }
  if (count > 0) {
    fputc('\n', out);
  }
}

/* What became of it when its file was run again. */
static const char *again(const ho_found *f) {
  if (!f->shrunk) {
    return "; not shrunk";
  }
  if (!f->run_again) {
    return "; not run again";
  }
  return f->red ? "" : "; its expectation held when it was run again";
}

static void print_one(const ho_findings *findings, size_t i, FILE *out) {
  const ho_found *f = &findings->items[i];

  fprintf(out, "%7" PRIu64 "  %s\n         %s\n", f->count, f->signature,
          f->detail);
  print_with(findings, i, out);
  if (f->file) {
    fprintf(out, "         %s (%zu action%s%s)\n", f->file,
            f->schedule.actions_count,
            f->schedule.actions_count == 1 ? "" : "s", again(f));
  }
}

void ho_findings_print(const ho_findings *findings, FILE *out) {
  uint64_t known = 0;
  size_t kinds = 0;

  for (size_t i = 0; i < findings->count; i++) {
    const ho_found *f = &findings->items[i];
    if (!f->known && f->with == i) {
      print_one(findings, i, out);
    }
    kinds += f->known != NULL;
    known += f->known ? f->count : 0;
  }
  if (kinds > 0) {
    fprintf(out, "%7" PRIu64 "  of %zu known kind%s\n", known, kinds,
            kinds == 1 ? "" : "s");
  }
}
