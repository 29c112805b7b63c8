/* Files that an option names to be written: nothing of others is lost. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool ho_output_ours(const char *path, const char *mark) {
  char line[4096] = "";
  struct stat st;
  FILE *in;

  /* What cannot be read is told of by whoever writes it. */
  if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0 ||
      !(in = fopen(path, "re"))) {
    return true;
  }
  if (!fgets(line, sizeof(line), in)) {
    line[0] = '\0';
  }
  fclose(in);
  return strstr(line, mark) != NULL;
}

int ho_output_check(const char *option, const char *path, const char *mark,
                    ho_diag *diag) {
  if (!path || ho_output_ours(path, mark)) {
    return 0;
  }
  ho_diag_add(diag, NULL,
              "%s: '%s' is there, and is no file of this option; it was left "
              "alone",
              option, path);
  return HO_ERR_INPUT;
}

/* All that is to be written, as text that the caller frees; NULL: no room. */
static char *make(ho_output_fn write, const void *user, size_t *len) {
  char *text = NULL;
  FILE *out = open_memstream(&text, len);

  if (!out) {
    return NULL;
  }
  write(user, out);
  if (fclose(out) != 0) {
    free(text);
    return NULL;
  }
  return text;
}

/* Returns 0 or errno. */
static int put(int fd, const char *text, size_t len) {
  while (len > 0) {
    ssize_t n = write(fd, text, len);

    if (n < 0 && errno != EINTR) {
      return errno;
    }
    text += n > 0 ? n : 0;
    len -= n > 0 ? (size_t)n : 0;
  }
  return 0;
}

/* Has room made before anything of what was there is written over.  Returns 0
 * or errno. */
static int put_whole(int fd, off_t before, const char *text, size_t len) {
  int err = len > 0 ? posix_fallocate(fd, 0, (off_t)len) : 0, undone;

  if (err != 0) {
    undone = ftruncate(fd, before);
    (void)undone; /* what it was longer by is lost in any case */
    return err;
  }
  err = put(fd, text, len);
  return err == 0 && ftruncate(fd, (off_t)len) != 0 ? errno : err;
}

static int write_file(const char *path, const char *text, size_t len) {
  bool there = access(path, F_OK) == 0, plain;
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666), err;
  struct stat st;

  if (fd < 0) {
    return errno;
  }
  plain = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
  err = plain ? put_whole(fd, st.st_size, text, len) : put(fd, text, len);
  if (close(fd) != 0 && err == 0) {
    err = errno;
  }
  if (err != 0 && plain && !there) {
    unlink(path);
  }
  return err;
}

int ho_output_write(const char *path, ho_output_fn write, const void *user) {
  size_t len = 0;
  char *text = make(write, user, &len);

  if (!text) {
    return HO_ERR_IO;
  }
  /* A file size limit is to be an error like a full disk, not a signal. */
  signal(SIGXFSZ, SIG_IGN);
  errno = write_file(path, text, len);
  free(text);
  return errno ? HO_ERR_IO : 0;
}
