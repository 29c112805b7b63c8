/* Known failures, and whether they have happened again. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/known.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measure/csv.h"
#include "sim/base/alloc.h"

enum { SCENARIO, ARM, FAILURE, LIBRARY, ANALYSIS, COLUMNS };

static const char *const columns[COLUMNS] = {"scenario", "arm", "failure",
                                             "library", "analysis"};

struct ho_known {
  ho_csv_file file;
  bool *seen; /* by row */
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

static void check_rows(const ho_csv_file *file, const char *path,
                       ho_diag *diag) {
  for (size_t i = 1; i < file->count; i++) {
    if (file->rows[i].count != COLUMNS) {
      ho_diag_add(diag, &(ho_place){path, (int)i + 1, 1},
                  "%zu fields, expected %d", file->rows[i].count, COLUMNS);
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
  k->seen = ho_alloc_array(k->file.count + 1, sizeof(bool));
  *known = k;
  return 0;
}

void ho_known_del(ho_known *known) {
  if (known) {
    ho_csv_file_free(&known->file);
    free(known->seen);
    free(known);
  }
}

bool ho_known_has(ho_known *known, const char *scenario, const char *arm,
                  const char *failure) {
  bool found = false;

  for (size_t i = 1; known && i < known->file.count; i++) {
    char **f = known->file.rows[i].fields;
    if (!strcmp(f[SCENARIO], scenario) && !strcmp(f[ARM], arm) &&
        !strcmp(f[FAILURE], failure)) {
      known->seen[i] = found = true;
    }
  }
  return found;
}

size_t ho_known_mended(const ho_known *known, const char *scenario,
                       const char *arm, FILE *out) {
  size_t mended = 0;

  for (size_t i = 1; known && i < known->file.count; i++) {
    char **f = known->file.rows[i].fields;
    if (!known->seen[i] && !strcmp(f[SCENARIO], scenario) &&
        !strcmp(f[ARM], arm)) {
      fprintf(out,
              "%s: mended: arm %s no longer fails '%s', as it did with %s\n",
              scenario, arm, f[FAILURE], f[LIBRARY]);
      mended++;
    }
  }
  return mended;
}
