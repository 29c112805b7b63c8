/* A trace's bytes, from its file. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/alloc.h"
#include "sim/base/hash.h"
#include "sim/scenario/trace.h"

#define FILE_MAX ((off_t)64 << 20)

static int fail(ho_diag *diag, const char *path, const char *what,
                const char *why) {
  ho_diag_add(diag, &(ho_place){path, 0, 0}, "%s%s", what, why);
  return HO_ERR_INPUT;
}

/* Opening a pipe would wait for whoever writes to it. */
static int check_kind(int fd, const char *path, off_t *size, ho_diag *diag) {
  struct stat st;

  if (fstat(fd, &st) != 0) {
    return fail(diag, path, "cannot read: ", strerror(errno));
  }
  if (S_ISDIR(st.st_mode)) {
    return fail(diag, path, "a folder", " (expected a trace)");
  }
  if (!S_ISREG(st.st_mode)) {
    return fail(diag, path, "not a file", " (expected a trace)");
  }
  if (st.st_size > FILE_MAX) {
    return fail(diag, path, "larger than 64 MiB", ", so not a trace");
  }
  *size = st.st_size;
  return 0;
}

static int read_all(int fd, const char *path, char *text, size_t *len,
                    ho_diag *diag) {
  size_t done = 0;
  ssize_t n = 1;

  while (n > 0 && done < *len) {
    n = read(fd, text + done, *len - done);
    done += n > 0 ? (size_t)n : 0;
  }
  *len = done;
  return n < 0 ? fail(diag, path, "cannot read: ", strerror(errno)) : 0;
}

static size_t bom_length(const char *text, size_t len) {
  return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

int ho_trace_read(ho_trace *trace, const char *path, ho_diag *diag) {
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), rv;
  char *text;
  off_t size = 0;
  size_t len, bom;

  *trace = (ho_trace){0};
  if (fd < 0) {
    return fail(diag, path, "cannot open: ", strerror(errno));
  }
  rv = check_kind(fd, path, &size, diag);
  len = (size_t)size;
  text = ho_alloc(len + 1);
  if (rv == 0) {
    rv = read_all(fd, path, text, &len, diag);
  }
  close(fd);
  if (rv == 0) {
    bom = bom_length(text, len);
    rv = ho_trace_parse(trace, path, text + bom, len - bom, diag);
  }
  if (rv == 0) {
    ho_sha256(text, len, trace->sha256);
  }
  free(text);
  return rv;
}
