/* Prose for a terminal of 80 columns. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/wrap.h"

#include <string.h>

enum { WIDTH = 80 };

void ho_wrap(FILE *out, const char *text, size_t column, size_t indent) {
  size_t blank = 0; /* no blank before the first word of a line */

  for (text += strspn(text, " \n"); *text; text += strspn(text, " \n")) {
    size_t len = strcspn(text, " \n");
    if (blank + len + column > WIDTH && column > indent) {
      fprintf(out, "\n%*s", (int)indent, "");
      column = indent;
      blank = 0;
    }
    fprintf(out, "%*s%.*s", (int)blank, "", (int)len, text);
    column += blank + len;
    blank = 1;
    text += len;
  }
  fputc('\n', out);
}
