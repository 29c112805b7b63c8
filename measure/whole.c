/* Whether the files of a result folder are as they were written. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/whole.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/results_private.h"
#include "measure/sheet.h"
#include "sim/base/alloc.h"

/* What is wrong with the first and the last line of |in|, or NULL. */
static const char *flaw(FILE *in, const ho_table *table, const ho_plan *plan) {
  char *header = NULL, *line = NULL;
  size_t len, cap = 0;
  FILE *out = open_memstream(&header, &len);
  const char *what = NULL;

  ho_results_header(out, table, plan);
  fclose(out);
  errno = 0;
  if (getline(&line, &cap, in) < 0) {
    what = errno ? strerror(errno) : "it is empty";
  } else if (strcmp(line, header) != 0) {
    what = "its header is not this program's; it was cut off or changed";
  } else if (fseek(in, -1, SEEK_END) != 0 || fgetc(in) != '\n') {
    what = "its last line has no end; it was cut off";
  }
  free(header);
  free(line);
  return what;
}

static void check_table(const ho_table *table, const ho_plan *plan,
                        const char *dir, ho_diag *diag) {
  char *path = ho_format("%s/%s", dir, table->file);
  FILE *in = fopen(path, "re");
  const char *what = in ? flaw(in, table, plan) : strerror(errno);

  if (what) {
    ho_diag_add(diag, NULL, "'%s': %s", path, what);
  }
  if (in) {
    fclose(in);
  }
  free(path);
}

static void check_rows(const ho_plan *plan, const char *dir, ho_diag *diag) {
  ho_sheet runs, handoffs;
  ho_sheet_arms all = {0};
  int a = ho_sheet_read(&runs, dir, true, &all, diag);
  int b = ho_sheet_read(&handoffs, dir, false, &all, diag);

  if (a == 0 && b == 0) {
    ho_sheet_check(&runs, &handoffs, (int64_t)ho_plan_mine_count(plan), diag);
  }
  ho_sheet_free(&runs);
  ho_sheet_free(&handoffs);
}

int ho_whole_check(const ho_plan *plan, const char *dir, ho_diag *diag) {
  size_t count;
  const ho_table *tables = ho_tables(&count);
  ho_diag found = {0};
  int rv = 0;

  for (size_t i = 0; i < count && found.count == 0; i++) {
    if (ho_results_wants(plan, tables[i].file)) {
      check_table(&tables[i], plan, dir, &found);
    }
  }
  if (found.count == 0) {
    check_rows(plan, dir, &found);
  }
  if (found.count > 0) {
    ho_diag_add(diag, NULL, "%s", found.messages[0]);
    rv = HO_ERR_INPUT;
  }
  ho_diag_free(&found);
  return rv;
}
