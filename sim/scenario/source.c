/* A scenario's text, from a file or standard input. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/scenario.h"

#define SOURCE_MAX ((size_t)1 << 20)

/* Reads up to a byte more than is allowed, to see that it is too much. */
/* Some editors begin UTF-8 with a byte order mark, which YAML 1.2, 5.2 allows
 * but libyaml does not where it is told the encoding. */
static void skip_bom(ho_source *source) {
  if (source->text_len >= 3 && memcmp(source->text, "\xef\xbb\xbf", 3) == 0) {
    source->text_len -= 3;
    memmove(source->text, source->text + 3, source->text_len + 1);
  }
}

static int read_all(FILE *in, ho_source *source, const ho_place *place,
                    ho_diag *diag) {
  source->text = ho_alloc(SOURCE_MAX + 2);
  source->text_len = fread(source->text, 1, SOURCE_MAX + 1, in);
  if (ferror(in)) {
    ho_diag_add(diag, place, "cannot read: %s", strerror(errno));
    return HO_ERR_INPUT;
  }
  if (source->text_len > SOURCE_MAX) {
    ho_diag_add(diag, place, "larger than 1 MiB, so not a scenario");
    return HO_ERR_INPUT;
  }
  skip_bom(source);
  return 0;
}

int ho_source_read(ho_source *source, const char *path, ho_diag *diag) {
  ho_place place = {*path ? path : "''", 0, 0};
  FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  int rv;

  *source = (ho_source){0};
  if (!in) {
    ho_diag_add(diag, &place, "cannot open: %s", strerror(errno));
    return HO_ERR_INPUT;
  }
  source->file = ho_strdup(path);
  rv = read_all(in, source, &place, diag);
  if (in != stdin) {
    fclose(in);
  }
  if (rv != 0) {
    ho_source_free(source);
  }
  return rv;
}

void ho_source_free(ho_source *source) {
  free(source->file);
  free(source->text);
  *source = (ho_source){0};
}
