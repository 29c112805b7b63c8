/* Keeping finished runs: what counts as finished outlives a power cut. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/keeper.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure/durable.h"
#include "measure/grid_signals.h"
#include "measure/parts.h"
#include "measure/tree.h"
#include "sim/base/alloc.h"
#include "sim/base/diag.h"

char *ho_keeper_part(const char *work, size_t index) {
  return ho_format("%s/parts/%06zu", work, index);
}

char *ho_keeper_unfinished(const char *work, size_t index) {
  return ho_format("%s/parts/%06zu.unfinished", work, index);
}

char *ho_keeper_rows(const char *work) {
  return ho_format("%s/parts/rows", work);
}

/* ---- what there is ---- */

/* Folders of runs are of use to those that count and have more than rows. */
static int sweep(const char *parts, const ho_parts *rows) {
  DIR *dir = opendir(parts);
  struct dirent *entry;
  int rv = 0;

  while (dir && rv == 0 && (entry = readdir(dir))) {
    size_t digits = strspn(entry->d_name, "0123456789");
    unsigned long long index = strtoull(entry->d_name, NULL, 10);
    if (digits >= 6 && (entry->d_name[digits] || !ho_parts_has(rows, index))) {
      char *path = ho_format("%s/%s", parts, entry->d_name);
      rv = ho_tree_remove(path);
      free(path);
    }
  }
  if (dir) {
    closedir(dir);
  }
  return dir ? rv : HO_ERR_IO;
}

static int look(ho_keeper *k, const char *parts, bool *done, size_t total) {
  char *path = ho_keeper_rows(k->work);
  ho_parts *rows = NULL;
  int rv = ho_parts_open(&rows, path, total);

  free(path);
  if (rv != 0) {
    return rv;
  }
  for (size_t i = 0; i < total; i++) {
    done[i] = ho_parts_has(rows, i);
  }
  k->kept = ho_parts_count(rows);
  k->size = ho_parts_end(rows);
  rv = sweep(parts, rows);
  ho_parts_free(rows);
  return rv;
}

int ho_keeper_begin(ho_keeper *keeper, const char *work, bool *done,
                    size_t total) {
  char *parts = ho_format("%s/parts", work);
  int rv = HO_ERR_IO;

  *keeper = (ho_keeper){.work = work, .failure = keeper->failure};
  if (mkdir(parts, 0777) == 0 || errno == EEXIST) {
    rv = look(keeper, parts, done, total);
  }
  free(parts);
  return rv;
}

/* ---- making it last ---- */

/* The first run that is kept would be nothing without the manifest, which says
 * of what it is one. */
static int settle_work(const char *work, const char *parts) {
  char *manifest = ho_format("%s/manifest.json", work);
  int rv = ho_durable_entry(manifest);

  free(manifest);
  rv = rv != 0 ? rv : ho_durable_entry(parts);
  return rv != 0 ? rv : ho_durable_entry(work);
}

static int is_extra(const struct dirent *entry) {
  size_t len = strlen(entry->d_name);

  return entry->d_name[0] != '.' &&
         (len < 4 || strcmp(entry->d_name + len - 4, ".csv") != 0);
}

/* A run that has more than rows keeps its folder, under its last name.  Returns
 * how many such files it has, or HO_ERR_IO. */
static int settle_extras(const char *from, const char *to) {
  struct dirent **names = NULL;
  int count = scandir(from, &names, is_extra, NULL), rv = 0;

  if (count < 0) { /* a failed attempt has renamed it */
    return errno == ENOENT && access(to, F_OK) == 0 ? 0 : HO_ERR_IO;
  }
  for (int i = 0; i < count; i++) {
    char *path = ho_format("%s/%s", from, names[i]->d_name);
    rv = rv != 0 ? rv : ho_durable_entry(path);
    free(path);
    free(names[i]);
  }
  free(names);
  if (count > 0 && rv == 0) {
    rv = ho_durable_entry(from);
    rv = rv == 0 && rename(from, to) != 0 ? HO_ERR_IO : rv;
  }
  return rv != 0 ? rv : count;
}

/* The folder that run |index| has now. */
static char *folder_of(const ho_keeper *k, size_t index) {
  char *from = ho_keeper_unfinished(k->work, index);

  if (access(from, F_OK) == 0) {
    return from;
  }
  free(from);
  return ho_keeper_part(k->work, index);
}

static int settle_folders(const ho_keeper *k, const char *parts, size_t count) {
  int rv = 0, extras = 0;

  for (size_t i = 0; i < count && rv >= 0; i++) {
    char *from = ho_keeper_unfinished(k->work, k->pending[i]);
    char *to = ho_keeper_part(k->work, k->pending[i]);
    rv = settle_extras(from, to);
    extras += rv;
    free(from);
    free(to);
  }
  if (rv < 0) {
    return rv;
  }
  return extras > 0 ? ho_durable_entry(parts) : 0;
}

/* Writes the records after those that count.  An attempt that failed may have
 * left something there. */
static int write_rows(const ho_keeper *k, size_t count) {
  char *path = ho_keeper_rows(k->work);
  FILE *out = fopen(path, "ae");
  int rv = HO_ERR_IO, err = errno;

  if (!out) {
    free(path);
    errno = err;
    return HO_ERR_IO;
  }
  if (ftruncate(fileno(out), (off_t)k->size) == 0) {
    rv = 0;
  }
  for (size_t i = 0; i < count && rv == 0; i++) {
    char *dir = folder_of(k, k->pending[i]);
    rv = ho_parts_add(out, k->pending[i], dir);
    free(dir);
  }
  if (rv == 0 && (fflush(out) != 0 || fsync(fileno(out)) != 0)) {
    rv = HO_ERR_IO;
  }
  err = errno;
  fclose(out);
  if (rv != 0) { /* half a record would only take room */
    truncate(path, (off_t)k->size);
  }
  free(path);
  errno = err;
  return rv;
}

/* From here on the runs count.  What cannot be removed goes with the parts. */
static void remove_folders(const ho_keeper *k, size_t count) {
  for (size_t i = 0; i < count; i++) {
    char *dir = ho_keeper_unfinished(k->work, k->pending[i]);
    ho_tree_remove(dir);
    free(dir);
  }
}

static int keep(const ho_keeper *k, size_t count) {
  char *parts = ho_format("%s/parts", k->work);
  int rv = settle_folders(k, parts, count);

  rv = rv != 0 ? rv : write_rows(k, count);
  rv = rv != 0 || k->begun ? rv : settle_work(k->work, parts);
  if (rv == 0) {
    remove_folders(k, count);
  }
  free(parts);
  return rv;
}

/* ---- in a process of its own ---- */

static void take_off(ho_keeper *k, size_t count) {
  char *path = ho_keeper_rows(k->work);
  struct stat st;

  if (stat(path, &st) == 0) {
    k->size = (uint64_t)st.st_size;
  }
  free(path);
  k->kept += count;
  k->count -= count;
  memmove(k->pending, k->pending + count, k->count * sizeof(size_t));
  k->under_way = 0;
  k->begun = true;
}

static int keep_here(ho_keeper *k, size_t count) {
  int rv = keep(k, count);

  if (rv == 0) {
    take_off(k, count);
  }
  return rv;
}

static int start(ho_keeper *k) {
  *k->failure = 0;
  k->under_way = k->count;
  k->pid = ho_grid_fork();
  if (k->pid < 0) { /* no room for a process more */
    k->pid = 0;
    return keep_here(k, k->count);
  }
  if (k->pid == 0) {
    if (keep(k, k->under_way) != 0) {
      *k->failure = errno;
      _exit(1);
    }
    _exit(0);
  }
  return 0;
}

/* Looks, or waits, for the process to end. */
static int collect(ho_keeper *k, int options) {
  int status;
  pid_t pid = ho_grid_reap(k->pid, &status, options);

  if (pid == 0) {
    return 0;
  }
  k->pid = 0;
  if (pid < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    errno = *k->failure ? *k->failure : EIO;
    return HO_ERR_IO;
  }
  take_off(k, k->under_way);
  return 0;
}

void ho_keeper_add(ho_keeper *keeper, size_t index) {
  ho_grow(&keeper->pending, keeper->count, &keeper->cap, sizeof(size_t));
  keeper->pending[keeper->count++] = index;
}

bool ho_keeper_busy(const ho_keeper *keeper) {
  return keeper->count > 0;
}

int ho_keeper_go(ho_keeper *keeper) {
  int rv = keeper->pid ? collect(keeper, WNOHANG) : 0;

  if (rv == 0 && keeper->pid == 0 && keeper->count > 0) {
    rv = start(keeper);
  }
  return rv;
}

/* Where the disk is full, some of them may still fit. */
int ho_keeper_end(ho_keeper *keeper) {
  int rv = keeper->pid ? collect(keeper, 0) : 0, err;

  while (rv == 0 && keeper->count > 0) {
    rv = keep_here(keeper, keeper->count);
  }
  err = errno;
  while (rv != 0 && keeper->count > 0 && keep_here(keeper, 1) == 0) {
  }
  remove_folders(keeper, keeper->count);
  errno = err;
  return rv;
}

void ho_keeper_free(ho_keeper *keeper) {
  free(keeper->pending);
  *keeper = (ho_keeper){0};
}
