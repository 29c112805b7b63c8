/* Known failures, and whether they have happened again. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/known.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measure/checks/check.h"
#include "measure/csv.h"
#include "sim/base/alloc.h"

enum { SCENARIO, ARM, FAILURE, LIBRARY, ANALYSIS, COLUMNS };

static const char *const columns[COLUMNS] = {"scenario", "arm", "failure",
                                             "library", "analysis"};

typedef enum { NOT_ASKED, HELD, HAPPENED } fate;

struct ho_known {
  ho_csv_file file;
  fate *fates; /* by row */
};

static bool check_header(const ho_csv_file *file, const char *path,
                         ho_diag *diag) {
  const ho_csv_row *row = file->rows;
  bool ok = file->count > 0 && row->count == COLUMNS;

  for (size_t i = 0; ok && i < COLUMNS; i++) {
    ok = !strcmp(row->fields[i], columns[i]);
  }
  if (!ok) {
    ho_diag_add(diag, &(ho_place){path, 1, 1},
                "expected the header "
                "'scenario,arm,failure,library,analysis'");
  }
  return ok;
}

/* Whether it is a check's ID or looks like an expectation, which alone has an
 * operator. */
static bool is_failure(const char *text) {
  for (int id = 0; id < HO_CHECK_COUNT; id++) {
    if (!strcmp(ho_check_table()[id].id, text)) {
      return true;
    }
  }
  return strpbrk(text, "<>=") != NULL;
}

static bool is_same(const ho_csv_row *a, const ho_csv_row *b) {
  return !strcmp(a->fields[SCENARIO], b->fields[SCENARIO]) &&
         !strcmp(a->fields[ARM], b->fields[ARM]) &&
         !strcmp(a->fields[FAILURE], b->fields[FAILURE]);
}

/* A row that can never be met would be taken for one that is obeyed. */
static void check_fields(const ho_csv_file *file, size_t i,
                         const ho_place *place, ho_diag *diag) {
  const ho_csv_row *row = &file->rows[i];

  for (size_t k = 0; k < COLUMNS; k++) {
    if (row->fields[k][0] == '\0') {
      ho_diag_add(diag, place, "'%s' is empty", columns[k]);
      return;
    }
  }
  if (!is_failure(row->fields[FAILURE])) {
    ho_diag_add(diag, place,
                "'%s' is neither a check (see 'handoff list checks') nor an "
                "expectation",
                row->fields[FAILURE]);
    return;
  }
  for (size_t k = 1; k < i; k++) {
    if (file->rows[k].count == COLUMNS && is_same(&file->rows[k], row)) {
      ho_diag_add(diag, place, "'%s' of '%s', arm '%s', is listed twice",
                  row->fields[FAILURE], row->fields[SCENARIO],
                  row->fields[ARM]);
      return;
    }
  }
}

static void check_rows(const ho_csv_file *file, const char *path,
                       ho_diag *diag) {
  for (size_t i = 1; i < file->count; i++) {
    ho_place place = {path, (int)i + 1, 1};

    if (file->rows[i].count != COLUMNS) {
      ho_diag_add(diag, &place, "%zu fields, expected %d", file->rows[i].count,
                  COLUMNS);
    } else {
      check_fields(file, i, &place, diag);
    }
  }
}

static void read_file(ho_known *k, const char *path, bool wanted,
                      ho_diag *diag) {
  int rv = ho_csv_read(&k->file, path);

  if (rv == HO_ERR_IO && errno == ENOENT && !wanted) {
    return;
  }
  if (rv == HO_ERR_IO) {
    ho_diag_add(diag, NULL, "cannot read '%s': %s", path, strerror(errno));
  } else if (rv != 0) {
    ho_diag_add(diag, &(ho_place){path, 0, 0}, "it is not CSV");
  } else if (check_header(&k->file, path, diag)) {
    check_rows(&k->file, path, diag);
  }
}

int ho_known_read(ho_known **known, const char *path, bool wanted,
                  ho_diag *diag) {
  ho_known *k = ho_alloc(sizeof(*k));
  size_t before = diag->count;

  read_file(k, path, wanted, diag);
  if (diag->count > before) {
    ho_known_del(k);
    *known = NULL;
    return HO_ERR_INPUT;
  }
  k->fates = ho_alloc_array(k->file.count + 1, sizeof(fate));
  *known = k;
  return 0;
}

void ho_known_del(ho_known *known) {
  if (known) {
    ho_csv_file_free(&known->file);
    free(known->fates);
    free(known);
  }
}

/* "*" stands for every scenario, or every arm. */
static bool is_any(const char *name) {
  return strcmp(name, "*") == 0;
}

static bool fits(const char *field, const char *name) {
  return is_any(field) || strcmp(field, name) == 0;
}

static bool note(ho_known *known, const char *scenario, const char *arm,
                 const char *failure, fate what) {
  bool found = false;

  for (size_t i = 1; known && i < known->file.count; i++) {
    char **f = known->file.rows[i].fields;
    if (fits(f[SCENARIO], scenario) && fits(f[ARM], arm) &&
        !strcmp(f[FAILURE], failure)) {
      known->fates[i] = what > known->fates[i] ? what : known->fates[i];
      found = true;
    }
  }
  return found;
}

bool ho_known_has(ho_known *known, const char *scenario, const char *arm,
                  const char *failure) {
  return note(known, scenario, arm, failure, HAPPENED);
}

char *ho_known_reason(const ho_known *known, const char *scenario,
                      const char *arm, const char *failure) {
  for (size_t i = 1; known && i < known->file.count; i++) {
    char **f = known->file.rows[i].fields;
    if (fits(f[SCENARIO], scenario) && fits(f[ARM], arm) &&
        !strcmp(f[FAILURE], failure)) {
      return ho_format("%s, %s", f[LIBRARY], f[ANALYSIS]);
    }
  }
  return NULL;
}

void ho_known_held(ho_known *known, const char *scenario, const char *arm,
                   const char *failure) {
  note(known, scenario, arm, failure, HELD);
}

size_t ho_known_mended(const ho_known *known, const char *scenario,
                       const char *arm, FILE *out) {
  size_t mended = 0;

  for (size_t i = 1; known && i < known->file.count; i++) {
    char **f = known->file.rows[i].fields;
    if (known->fates[i] == HELD && !strcmp(f[SCENARIO], scenario) &&
        !strcmp(f[ARM], arm)) {
      fprintf(out,
              "%s: mended: arm %s no longer fails '%s', as it did with %s\n",
              scenario, arm, f[FAILURE], f[LIBRARY]);
      mended++;
    }
  }
  return mended;
}
