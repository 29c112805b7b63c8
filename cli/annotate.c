/* Annotations: failures beside the line that they are of, in GitHub Actions. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/annotate.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

bool ho_annotate_wanted(void) {
  const char *value = getenv("GITHUB_ACTIONS");

  return value && strcmp(value, "true") == 0;
}

/* GitHub shows no more of an annotation than a few thousand characters. */
enum { LINES = 20 };

/* How much of |text| are its first lines, without the last one's end. */
static size_t first_lines(const char *text) {
  size_t len = 0, lines = 0;

  while (text[len] && (text[len] != '\n' || ++lines < LINES)) {
    len++;
  }
  return len > 0 && !text[len] && text[len - 1] == '\n' ? len - 1 : len;
}

/* A line's end would end the command, ':' and ',' a property. */
static void put(const char *text, bool property, FILE *out) {
  for (; *text; text++) {
    if (*text == '%' || *text == '\r' || *text == '\n' ||
        (property && (*text == ':' || *text == ','))) {
      fprintf(out, "%%%02X", (unsigned)*text);
    } else {
      fputc(*text, out);
    }
  }
}

void ho_annotate_error(const ho_place *place, const char *title,
                       const char *text, FILE *out) {
  char *whole = ho_format("%.*s", (int)first_lines(text), text);

  fputs("::error file=", out);
  put(place->file ? place->file : "", true, out);
  fprintf(out, ",line=%d", place->line > 0 ? place->line : 1);
  if (place->column > 0) {
    fprintf(out, ",col=%d", place->column);
  }
  fputs(",title=", out);
  put(title, true, out);
  fputs("::", out);
  put(whole, false, out);
  fputc('\n', out);
  free(whole);
}
