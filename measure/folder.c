/* The result folder: checked first, made beside its place, swapped in whole. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/folder.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "measure/durable.h"
#include "measure/manifest.h"
#include "measure/tree.h"
#include "sim/base/alloc.h"

#define INSIDE ".partial"

/* The folder that |path| is in: "." for a bare name. */
static char *parent_of(const char *path) {
  const char *slash = strrchr(path, '/');

  if (!slash) {
    return ho_strdup(".");
  }
  return slash == path ? ho_strdup("/")
                       : ho_format("%.*s", (int)(slash - path), path);
}

/* |path| without "//", trailing "/", and, where it exists, without symbolic
 * links, "." and "..", so that its last word is its name in its parent. */
static char *canonical(const char *path) {
  char *real = realpath(path, NULL), *copy;
  size_t len;

  if (real) {
    return real;
  }
  copy = ho_strdup(path);
  len = strlen(copy);
  while (len > 1 && copy[len - 1] == '/') {
    copy[--len] = '\0';
  }
  return copy;
}

/* Returns 1 if |path| holds nothing but what we put there, 0 if not, -1 if it
 * cannot be read. */
static int is_ours_or_empty(const char *path) {
  DIR *dir = opendir(path);
  struct dirent *entry;
  bool empty = true;
  char *manifest;
  int ours;

  if (!dir) {
    return -1;
  }
  while ((entry = readdir(dir))) {
    if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
        strcmp(entry->d_name, INSIDE)) {
      empty = false;
    }
  }
  closedir(dir);
  if (empty) {
    return 1;
  }
  manifest = ho_format("%s/manifest.json", path);
  ours = ho_manifest_is_ours(manifest);
  free(manifest);
  if (!ours) { /* it was killed while results moved up */
    manifest = ho_format("%s/" INSIDE "/manifest.json", path);
    ours = ho_manifest_is_ours(manifest);
    free(manifest);
  }
  return ours;
}

/* |path| is what |shown| is without links and dots. */
static int check_existing(const char *path, const char *shown, ho_diag *diag) {
  switch (is_ours_or_empty(path)) {
  case -1:
    ho_diag_add(diag, NULL, "result folder '%s' cannot be read: %s", shown,
                strerror(errno));
    return HO_ERR_INPUT;
  case 0:
    ho_diag_add(diag, NULL,
                "result folder '%s' is not empty and has no manifest.json of "
                "ours; it was left alone (choose another with --out)",
                shown);
    return HO_ERR_INPUT;
  }
  if (access(path, W_OK | X_OK) != 0) {
    ho_diag_add(diag, NULL, "result folder '%s' cannot be written: %s", shown,
                strerror(errno));
    return HO_ERR_INPUT;
  }
  return 0;
}

/* Looks at the nearest parent of |path| that exists. */
static int check_parents(const char *path, ho_diag *diag) {
  char *up = parent_of(path);
  struct stat st;
  int rv = 0, err = 0;

  while (stat(up, &st) != 0 && (err = errno) == ENOENT &&
         strcmp(up, ".") != 0 && strcmp(up, "/") != 0) {
    char *next = parent_of(up);
    free(up);
    up = next;
    err = 0;
  }
  if (!err && !S_ISDIR(st.st_mode)) {
    err = ENOTDIR;
  }
  if (!err && access(up, W_OK | X_OK) != 0) {
    err = errno;
  }
  if (err) {
    ho_diag_add(diag, NULL, "result folder '%s' cannot be made: %s: %s", path,
                up, strerror(err));
    rv = HO_ERR_INPUT;
  }
  free(up);
  return rv;
}

int ho_folder_check(const char *path, ho_diag *diag) {
  char *name = canonical(path);
  struct stat st;
  int rv;

  if (!*path) {
    ho_diag_add(diag, NULL, "result folder has an empty name");
    rv = HO_ERR_INPUT;
  } else if (lstat(name, &st) != 0) {
    rv = check_parents(name, diag);
  } else if (!S_ISDIR(st.st_mode)) {
    ho_diag_add(diag, NULL, "result folder '%s' exists and is not a folder",
                path);
    rv = HO_ERR_INPUT;
  } else {
    rv = check_existing(name, path, diag);
  }
  free(name);
  return rv;
}

/* Makes |path| and its parents, and remembers the topmost it made. */
static int make_parents(const char *path, char **made) {
  char *up;
  int rv;

  if (mkdir(path, 0777) == 0) {
    if (!*made) {
      *made = ho_strdup(path);
    }
    return 0;
  }
  if (errno == EEXIST) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? 0 : HO_ERR_IO;
  }
  if (errno != ENOENT) {
    return HO_ERR_IO;
  }
  up = parent_of(path);
  rv = strcmp(up, path) == 0 ? HO_ERR_IO : make_parents(up, made);
  free(up);
  if (rv == 0 && mkdir(path, 0777) != 0 && errno != EEXIST) {
    rv = HO_ERR_IO;
  }
  return rv;
}

/* A mount point cannot be renamed, nor anything in a folder that is not ours
 * to write, and renaming the folder we stand in would pull it from under the
 * user's shell. */
static bool must_stay(const char *path, const char *parent) {
  struct stat own, up, here;

  if (stat(path, &own) != 0 || stat(parent, &up) != 0) {
    return false;
  }
  if (own.st_dev != up.st_dev || access(parent, W_OK | X_OK) != 0) {
    return true;
  }
  return stat(".", &here) == 0 && here.st_dev == own.st_dev &&
         here.st_ino == own.st_ino;
}

/* How long the processes of a program that was killed may take to die: they
 * hold its lock. */
enum { LOCK_TRIES = 1000, LOCK_WAIT_NS = 10000000 };

static int try_lock(int fd, bool wait) {
  struct timespec pause = {.tv_nsec = LOCK_WAIT_NS};
  int tries = wait ? LOCK_TRIES : 1;

  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK || --tries == 0) {
      return HO_ERR_IO;
    }
    nanosleep(&pause, NULL);
  }
  return 0;
}

static int lock_work(ho_folder *folder, bool wait, const char **why) {
  folder->lock = open(folder->work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder->lock < 0) {
    *why = strerror(errno);
    return HO_ERR_IO;
  }
  if (try_lock(folder->lock, wait) != 0) {
    *why = errno == EWOULDBLOCK ? "another handoff is writing it"
                                : strerror(errno);
    close(folder->lock);
    folder->lock = -1;
    return HO_ERR_IO;
  }
  return 0;
}

/* Without a manifest no run had been kept. */
static int sweep(ho_folder *folder, bool keep) {
  char *manifest = ho_format("%s/manifest.json", folder->work);

  folder->leftover = keep && access(manifest, F_OK) == 0;
  free(manifest);
  return folder->leftover ? 0 : ho_tree_empty(folder->work, NULL);
}

int ho_folder_open(ho_folder *folder, const char *path, bool keep,
                   ho_diag *diag) {
  char *parent;
  const char *why = NULL;

  *folder = (ho_folder){.path = canonical(path), .lock = -1};
  parent = parent_of(folder->path);
  folder->inside = must_stay(folder->path, parent);
  if (folder->inside) {
    folder->work = ho_format("%s/" INSIDE, folder->path);
  } else {
    const char *slash = strrchr(folder->path, '/');
    folder->work =
        ho_format("%s/.%s.partial", parent, slash ? slash + 1 : folder->path);
  }
  if (make_parents(parent, &folder->made) != 0 ||
      (mkdir(folder->work, 0777) != 0 && errno != EEXIST)) {
    why = strerror(errno);
  } else if (lock_work(folder, keep, &why) == 0 && sweep(folder, keep) != 0) {
    why = strerror(errno);
  }
  free(parent);
  if (why) {
    ho_diag_add(diag, NULL, "result folder '%s' cannot be written: %s", path,
                why);
    ho_folder_discard(folder);
    return HO_ERR_INPUT;
  }
  return 0;
}

static void release(ho_folder *folder) {
  if (folder->lock >= 0) {
    close(folder->lock);
  }
  free(folder->path);
  free(folder->work);
  free(folder->made);
  *folder = (ho_folder){.lock = -1};
}

/* Removes the old results.  Their manifest goes last: while it is there, what
 * lies beside it is old. */
static int purge(const char *path) {
  char *manifest = ho_format("%s/manifest.json", path);
  struct dirent *entry;
  DIR *dir = NULL;
  int rv = 0;

  if (access(manifest, F_OK) == 0 && (dir = opendir(path))) {
    while (rv == 0 && (entry = readdir(dir))) {
      char *name = ho_format("%s/%s", path, entry->d_name);
      if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
          strcmp(entry->d_name, INSIDE) &&
          strcmp(entry->d_name, "manifest.json")) {
        rv = ho_tree_remove(name);
      }
      free(name);
    }
    closedir(dir);
    rv = rv == 0 && unlink(manifest) != 0 ? HO_ERR_IO : rv;
  }
  free(manifest);
  return rv;
}

/* Moves all of |folder|->work up into its place, one by one.  The manifest goes
 * last: without it nobody takes a half-moved folder for results. */
static int replace_entries(const ho_folder *folder) {
  char *from = NULL, *to = NULL;
  struct dirent *entry;
  DIR *dir;
  int rv = purge(folder->path);

  if (rv != 0 || !(dir = opendir(folder->work))) {
    return HO_ERR_IO;
  }
  while (rv == 0 && (entry = readdir(dir))) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
        !strcmp(entry->d_name, "manifest.json")) {
      continue;
    }
    from = ho_format("%s/%s", folder->work, entry->d_name);
    to = ho_format("%s/%s", folder->path, entry->d_name);
    rv = rename(from, to) == 0 ? 0 : HO_ERR_IO;
    free(from);
    free(to);
  }
  closedir(dir);
  if (rv == 0) {
    from = ho_format("%s/manifest.json", folder->work);
    to = ho_format("%s/manifest.json", folder->path);
    rv = rename(from, to) == 0 ? 0 : HO_ERR_IO;
    free(from);
    free(to);
  }
  return rv != 0 ? rv : ho_tree_remove(folder->work);
}

int ho_folder_commit(ho_folder *folder) {
  int rv, err;

  assert(folder->lock >= 0);
  if (folder->inside) {
    rv = replace_entries(folder);
  } else if (rename(folder->work, folder->path) == 0) {
    rv = 0; /* there was none, or it was empty */
  } else if (renameat2(AT_FDCWD, folder->work, AT_FDCWD, folder->path,
                       RENAME_EXCHANGE) == 0) {
    rv = ho_tree_remove(folder->work); /* which are the old results now */
  } else {
    rv = replace_entries(folder); /* a file system that cannot exchange */
  }
  if (rv == 0) {
    char *parent = parent_of(folder->path);
    rv = ho_durable_entry(folder->inside ? folder->path : parent);
    free(parent);
  }
  err = errno;
  release(folder);
  errno = err;
  return rv;
}

void ho_folder_leave(ho_folder *folder) {
  release(folder);
}

void ho_folder_discard(ho_folder *folder) {
  if (folder->lock >= 0 && !folder->leftover) {
    ho_tree_remove(folder->work);
  }
  if (folder->made) {
    char *up = parent_of(folder->path);
    size_t top = strlen(folder->made);
    while (strlen(up) >= top && rmdir(up) == 0) {
      char *next = parent_of(up);
      free(up);
      up = next;
    }
    free(up);
  }
  release(folder);
}
