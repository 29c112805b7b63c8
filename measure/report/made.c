/* Which files of the figures' folder are a report's own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/report/made.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/alloc.h"

static const char *const ENDINGS[] = {"gp", "dat", "svg", "pdf"};

enum { ENDINGS_COUNT = sizeof(ENDINGS) / sizeof(ENDINGS[0]) };

static int fail(ho_figures *figures, const char *what, const char *path) {
  ho_diag_add(figures->diag, NULL, "cannot %s '%s': %s", what, path,
              strerror(errno));
  return HO_ERR_IO;
}

static bool is_made(const ho_figures *figures, const char *name) {
  for (size_t i = 0; i < figures->count; i++) {
    if (!strcmp(figures->items[i].name, name)) {
      return true;
    }
  }
  return false;
}

/* What somebody has put into the list must not lead out of the folder. */
static bool is_plain(const char *name) {
  return *name && *name != '.' && *name != '#' && !strchr(name, '/');
}

static int remove_figure(ho_figures *figures, const char *name) {
  int rv = 0;

  for (size_t i = 0; i < ENDINGS_COUNT; i++) {
    char *path = ho_format("%s/%s.%s", figures->dir, name, ENDINGS[i]);
    if (unlink(path) != 0 && errno != ENOENT) {
      rv = fail(figures, "remove", path);
    }
    free(path);
  }
  return rv;
}

/* A list that cannot be read is none: what it named stays. */
static int settle_former(ho_figures *figures, const char *list, bool whole,
                         FILE *out) {
  FILE *in = fopen(list, "re");
  char *line = NULL;
  size_t cap = 0;
  int rv = 0;

  while (in && getline(&line, &cap, in) >= 0) {
    line[strcspn(line, "\n")] = '\0';
    if (!is_plain(line) || is_made(figures, line)) {
      continue;
    }
    if (!whole) {
      fprintf(out, "%s\n", line);
    } else if (remove_figure(figures, line) != 0) {
      rv = HO_ERR_IO;
    }
  }
  free(line);
  if (in) {
    fclose(in);
  }
  return rv;
}

int ho_made_settle(ho_figures *figures, bool whole) {
  char *list = ho_format("%s/made.txt", figures->dir);
  char *part = ho_format("%s/.made.txt.part", figures->dir);
  FILE *out = fopen(part, "we");
  bool bad = !out;
  int rv = 0;

  if (out) {
    fputs("# handoff report made these figures. The next one removes those "
          "that it\n# does not make again, and nothing that is not listed.\n",
          out);
    for (size_t i = 0; i < figures->count; i++) {
      fprintf(out, "%s\n", figures->items[i].name);
    }
    rv = settle_former(figures, list, whole, out);
    bad = ferror(out) != 0;
    bad = fclose(out) != 0 || bad;
  }
  if (bad || rename(part, list) != 0) {
    rv = fail(figures, "write", list);
  }
  free(list);
  free(part);
  return rv;
}
