/* Files that an option names to be written: nothing of others is lost. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/output.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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
