/* Removing folders with all that is in them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/tree.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/base/alloc.h"
#include "sim/base/diag.h"

static int remove_entry(const char *path, const struct stat *st, int type,
                        struct FTW *ftw) {
  (void)st;
  (void)type;
  (void)ftw;
  return remove(path);
}

int ho_tree_remove(const char *path) {
  struct stat st;

  if (lstat(path, &st) != 0) {
    return errno == ENOENT ? 0 : HO_ERR_IO;
  }
  return nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) ? HO_ERR_IO : 0;
}

int ho_tree_empty(const char *path, const char *except) {
  DIR *dir = opendir(path);
  struct dirent *entry;
  int rv = 0;

  if (!dir) {
    return HO_ERR_IO;
  }
  while (rv == 0 && (entry = readdir(dir))) {
    char *name;
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
        (except && !strcmp(entry->d_name, except))) {
      continue;
    }
    name = ho_format("%s/%s", path, entry->d_name);
    rv = ho_tree_remove(name);
    free(name);
  }
  closedir(dir);
  return rv;
}
