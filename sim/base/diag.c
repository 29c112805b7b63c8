/* What is wrong with a user's input. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/base/diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

void ho_diag_free(ho_diag *diag) {
  for (size_t i = 0; i < diag->count; i++) {
    free(diag->messages[i]);
  }
  free(diag->messages);
  *diag = (ho_diag){0};
}

static char *prefix(const ho_place *place) {
  if (!place || !place->file) {
    return ho_strdup("");
  }
  if (place->line > 0) {
    return ho_format("%s:%d:%d: ", place->file, place->line, place->column);
  }
  return ho_format("%s: ", place->file);
}

void ho_diag_add(ho_diag *diag, const ho_place *place, const char *fmt, ...) {
  char *head = prefix(place), *text = NULL;
  va_list ap;

  va_start(ap, fmt);
  if (vasprintf(&text, fmt, ap) < 0) {
    text = ho_strdup(fmt);
  }
  va_end(ap);
  ho_grow(&diag->messages, diag->count, &diag->cap, sizeof(char *));
  diag->messages[diag->count++] = ho_format("%s%s", head, text);
  free(head);
  free(text);
}

void ho_diag_print(const ho_diag *diag, FILE *out) {
  for (size_t i = 0; i < diag->count; i++) {
    fprintf(out, "%s\n", diag->messages[i]);
  }
}

/* Levenshtein distance of short words, one row at a time. */
static size_t distance(const char *a, const char *b) {
  size_t row[64], la = strlen(a), lb = strlen(b);

  if (la >= 63 || lb >= 63) {
    return 64;
  }
  for (size_t j = 0; j <= lb; j++) {
    row[j] = j;
  }
  for (size_t i = 1; i <= la; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= lb; j++) {
      size_t up = row[j], best = diagonal + (a[i - 1] != b[j - 1]);
      if (up + 1 < best) {
        best = up + 1;
      }
      if (row[j - 1] + 1 < best) {
        best = row[j - 1] + 1;
      }
      diagonal = up;
      row[j] = best;
    }
  }
  return row[lb];
}

const char *ho_nearest(const char *word, const char *const *names,
                       size_t count) {
  size_t best = 64;
  const char *name = NULL;

  for (size_t i = 0; i < count; i++) {
    size_t d = distance(word, names[i]);
    if (d < best) {
      best = d;
      name = names[i];
    }
  }
  return best <= 1 + strlen(word) / 3 ? name : NULL;
}
