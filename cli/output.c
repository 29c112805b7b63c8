/* Files that an option names to be written: nothing of others is lost. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/alloc.h"

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

static int write_to(FILE *out, ho_output_fn write, const void *user) {
  int err;

  errno = 0;
  write(user, out);
  err = fflush(out) != 0 || ferror(out) ? errno : 0;
  if (fclose(out) != 0 && err == 0) {
    err = errno;
  }
  errno = err;
  return err ? HO_ERR_IO : 0;
}

static bool is_plain(const char *path) {
  struct stat st;

  return lstat(path, &st) != 0 || S_ISREG(st.st_mode);
}

/* By way of |part|. */
static int replace(const char *path, const char *part, FILE *out,
                   ho_output_fn write, const void *user) {
  int rv = write_to(out, write, user), err;

  if (rv == 0 && rename(part, path) != 0) {
    rv = HO_ERR_IO;
  }
  if (rv != 0) {
    err = errno;
    unlink(part);
    errno = err;
  }
  return rv;
}

int ho_output_write(const char *path, ho_output_fn write, const void *user) {
  char *part = is_plain(path) ? ho_format("%s.part", path) : NULL;
  FILE *out = part ? fopen(part, "we") : NULL;
  int rv = HO_ERR_IO;

  if (out) {
    rv = replace(path, part, out, write, user);
  } else if (!part || errno == EACCES || errno == EPERM) {
    out = fopen(path, "we");
    rv = out ? write_to(out, write, user) : HO_ERR_IO;
  }
  free(part);
  return rv;
}
