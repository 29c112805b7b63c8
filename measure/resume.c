/* Going on with a grid that was interrupted. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/resume.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/durable.h"
#include "measure/manifest.h"
#include "measure/whole.h"
#include "sim/base/alloc.h"

static bool is_same(const ho_plan *plan, const char *dir) {
  char *what = ho_manifest_compare(plan, dir);
  bool same = !what;

  free(what);
  return same;
}

static int refuse(const ho_plan *plan, const char *dir, ho_diag *diag) {
  char *what = ho_manifest_compare(plan, dir);

  ho_diag_add(diag, NULL,
              "--resume: '%s' was asked for something else: %s (without "
              "--resume it is replaced)",
              dir, what);
  free(what);
  return HO_ERR_INPUT;
}

/* Nothing could be told of rows that are gone. */
static int check_whole(const ho_plan *plan, const char *dir, ho_diag *diag) {
  ho_diag found = {0};
  int rv = ho_whole_check(plan, dir, &found);

  if (rv != 0) {
    ho_diag_add(diag, NULL,
                "--resume: %s (without --resume the folder is replaced)",
                found.messages[0]);
  }
  ho_diag_free(&found);
  return rv;
}

int ho_resume_find(const ho_plan *plan, ho_folder *folder, ho_resume *found,
                   ho_diag *diag) {
  ho_manifest_state place = ho_manifest_look(folder->path);
  const char *first = folder->leftover ? folder->work : folder->path;

  *found = HO_RESUME_PART;
  if (place == HO_MANIFEST_COMPLETE && is_same(plan, folder->path)) {
    folder->leftover = false; /* whatever was left is of no use */
    *found = HO_RESUME_WHOLE;
    return check_whole(plan, folder->path, diag);
  }
  if (!folder->leftover && place == HO_MANIFEST_NONE) {
    *found = HO_RESUME_FRESH;
    return 0;
  }
  if (!is_same(plan, first)) {
    return refuse(plan, first, diag);
  }
  folder->adopt =
      place == HO_MANIFEST_INCOMPLETE && is_same(plan, folder->path);
  return 0;
}

/* What a killed attempt has of its own is newer. */
static int adopt(const ho_folder *folder, const char *name) {
  char *from = ho_format("%s/%s", folder->path, name);
  char *to = ho_format("%s/%s", folder->work, name);
  int rv = 0;

  if (access(from, F_OK) == 0 && access(to, F_OK) != 0) {
    rv = rename(from, to) == 0 ? 0 : HO_ERR_IO;
  }
  free(from);
  free(to);
  return rv;
}

int ho_resume_adopt(ho_folder *folder) {
  char *manifest = ho_format("%s/manifest.json", folder->work);
  int rv = ho_durable_entry(manifest);

  rv = rv != 0 ? rv : ho_durable_entry(folder->work);
  folder->leftover = true; /* from now on it must not be discarded */
  rv = rv != 0 ? rv : adopt(folder, "parts");
  rv = rv != 0 ? rv : adopt(folder, "runs");
  rv = rv != 0 ? rv : ho_durable_entry(folder->work);
  free(manifest);
  return rv;
}
