/* Data that must outlive the machine's next power cut. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "sim/base/diag.h"

/* Not every file system knows how to sync a folder; one that does not says
 * EINVAL, and does it by itself. */
static int sync_path(const char *path, int (*sync)(int fd)) {
  int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;

  if (fd < 0) {
    return HO_ERR_IO;
  }
  if (sync(fd) != 0 && errno != EINVAL) {
    err = errno;
  }
  close(fd);
  errno = err;
  return err ? HO_ERR_IO : 0;
}

int ho_durable_entry(const char *path) {
  return sync_path(path, fsync);
}

int ho_durable_all(const char *path) {
  return sync_path(path, syncfs);
}
