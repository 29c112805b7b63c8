/* Allocation that cannot fail. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/base/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *p, size_t size) {
  if (!p) {
    fprintf(stderr, "handoff: out of memory (%zu bytes)\n", size);
    abort();
  }
  return p;
}

void *ho_alloc(size_t size) {
  return must(calloc(1, size ? size : 1), size);
}

void *ho_alloc_array(size_t count, size_t size) {
  return must(calloc(count ? count : 1, size ? size : 1), size);
}

void *ho_resize(void *p, size_t count, size_t size) {
  if (count > SIZE_MAX / size) {
    must(NULL, SIZE_MAX);
  }
  return must(realloc(p, count * size), count * size);
}

void ho_grow(void *items, size_t count, size_t *cap, size_t size) {
  void *old, *grown;
  size_t want;

  if (count < *cap) {
    return;
  }
  want = *cap ? *cap * 2 : 8;
  /* |items| points to a pointer of some object type; all of them have one
   * representation on every machine that ns-3 runs on. */
  memcpy(&old, items, sizeof(old));
  grown = ho_resize(old, want, size);
  memset((char *)grown + *cap * size, 0, (want - *cap) * size);
  memcpy(items, &grown, sizeof(grown));
  *cap = want;
}

char *ho_strdup(const char *s) {
  return must(strdup(s), strlen(s) + 1);
}

char *ho_format(const char *fmt, ...) {
  va_list ap;
  char *s = NULL;
  int n;

  va_start(ap, fmt);
  n = vasprintf(&s, fmt, ap);
  va_end(ap);
  return must(n < 0 ? NULL : s, 0);
}
