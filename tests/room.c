/* A machine that has room for few processes, for tests. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/room.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

size_t room_limit = SIZE_MAX, room_refused;

pid_t room_parent_of(const char *pid) {
  char path[300];
  int parent = 0;
  FILE *f;

  snprintf(path, sizeof(path), "/proc/%s/stat", pid);
  f = fopen(path, "r");
  if (f) {
    if (fscanf(f, "%*d (%*[^)]) %*c %d", &parent) != 1) {
      parent = 0;
    }
    fclose(f);
  }
  return parent;
}

static size_t children(void) {
  size_t count = 0;
  DIR *proc = opendir("/proc");
  const struct dirent *e;

  while (proc && (e = readdir(proc))) {
    count += atoi(e->d_name) > 0 && room_parent_of(e->d_name) == getpid();
  }
  if (proc) {
    closedir(proc);
  }
  return count;
}

pid_t __real_fork(void);
pid_t __wrap_fork(void);

pid_t __wrap_fork(void) {
  if (room_limit < SIZE_MAX && children() >= room_limit) {
    room_refused++;
    errno = EAGAIN;
    return -1;
  }
  return __real_fork();
}
