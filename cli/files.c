/* Scenario files: those of a folder, and those that come with the program. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/base/alloc.h"

#define HERE "scenarios"
/* From the program's folder, where it was installed and where it was built. */
#define INSTALLED "../share/handoff/scenarios"
#define BUILT     "../../scenarios"

static bool is_folder(const char *path) {
  struct stat st;

  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void add(ho_files *files, char *name) {
  ho_grow(&files->names, files->count, &files->cap, sizeof(char *));
  files->names[files->count++] = name;
}

static int is_yaml(const struct dirent *entry) {
  size_t len = strlen(entry->d_name);

  return len > 5 && entry->d_name[0] != '.' &&
         !strcmp(entry->d_name + len - 5, ".yaml");
}

/* Not alphasort, whose order is the locale's. */
static int by_bytes(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_folder(ho_files *files, const char *dir, ho_diag *diag) {
  struct dirent **entries;
  int n = scandir(dir, &entries, is_yaml, by_bytes);
  size_t len = strlen(dir);

  if (n <= 0) {
    ho_diag_add(diag, &(ho_place){.file = dir}, "%s",
                n < 0 ? strerror(errno) : "no *.yaml file in this folder");
    if (n == 0) {
      free(entries);
    }
    return HO_ERR_INPUT;
  }
  for (int i = 0; i < n; i++) {
    add(files, ho_format("%s%s%s", dir, dir[len - 1] == '/' ? "" : "/",
                         entries[i]->d_name));
    free(entries[i]);
  }
  free(entries);
  return 0;
}

/* Found from where the program is, so that an installation can be moved. */
static char *beside_program(const char *path) {
  char *program = realpath("/proc/self/exe", NULL);
  char *slash = program ? strrchr(program, '/') : NULL;
  char *dir = ho_format("%.*s%s", slash ? (int)(slash + 1 - program) : 0,
                        slash ? program : "", path);

  free(program);
  return dir;
}

static char *installed(void) {
  char *dir = beside_program(INSTALLED);

  if (is_folder(dir)) {
    return dir;
  }
  free(dir);
  return beside_program(BUILT);
}

static int add_default(ho_files *files, ho_diag *diag) {
  char *dir = is_folder(HERE) ? ho_strdup(HERE) : installed();
  char *real = realpath(dir, NULL);
  int rv;

  if (!real) {
    ho_diag_add(diag, NULL, "no folder '" HERE "' here, nor an installed one");
    rv = HO_ERR_INPUT;
  } else {
    rv = add_folder(files, is_folder(HERE) ? HERE : real, diag);
  }
  free(real);
  free(dir);
  return rv;
}

int ho_files_find(ho_files *files, char *const *args, size_t args_count,
                  ho_diag *diag) {
  int rv = 0;

  *files = (ho_files){0};
  if (args_count == 0) {
    return add_default(files, diag);
  }
  for (size_t i = 0; i < args_count; i++) {
    if (!is_folder(args[i])) {
      add(files, ho_strdup(args[i]));
    } else if (add_folder(files, args[i], diag) != 0) {
      rv = HO_ERR_INPUT;
    }
  }
  return rv;
}

void ho_files_free(ho_files *files) {
  for (size_t i = 0; i < files->count; i++) {
    free(files->names[i]);
  }
  free(files->names);
  *files = (ho_files){0};
}
