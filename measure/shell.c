/* Command lines that can be pasted into a shell. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/shell.h"

#include <string.h>

void ho_shell_word(FILE *out, const char *word) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789-_=./,:%+@";

  if (*word && strspn(word, plain) == strlen(word)) {
    fprintf(out, " %s", word);
    return;
  }
  fputs(" '", out);
  for (; *word; word++) {
    if (*word == '\'') {
      fputs("'\\''", out);
    } else {
      fputc(*word, out);
    }
  }
  fputc('\'', out);
}
