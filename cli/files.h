/* Scenario files: those of a folder, and those that come with the program. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_CLI_FILES_H
#define HO_CLI_FILES_H

#include "sim/base/diag.h"

typedef struct {
  char **names;
  size_t count, cap;
} ho_files;

/* ho_files_find lists |args|, with a folder replaced by its *.yaml files in
 * order of name.  Without |args| it is the folder scenarios/ here, or the
 * installed one.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     A folder cannot be read or has no such file; |diag| says so. */
int ho_files_find(ho_files *files, char *const *args, size_t args_count,
                  ho_diag *diag);
void ho_files_free(ho_files *files);

#endif
