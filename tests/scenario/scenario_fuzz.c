/* Fuzzes the scenario loader: any bytes are a scenario or a list of errors; and
 * what is rewritten with nothing changed is a scenario again.
 * Lines at the start of the input that begin with "--set KEY=VALUE" are
 * overrides, the rest is the document. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/rewrite.h"

#define OVERRIDES_MAX 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes one "--set KEY=VALUE\n" off the text and splits it in place. */
static int take_override(char **text, ho_override *override) {
  static const char option[] = "--set ";
  char *end = strchr(*text, '\n'), *key = *text + sizeof(option) - 1, *equals;

  if (!end || strncmp(*text, option, sizeof(option) - 1) != 0) {
    return 0;
  }
  equals = memchr(key, '=', (size_t)(end - key));
  if (!equals) {
    return 0;
  }
  *end = *equals = '\0';
  *override = (ho_override){key, equals + 1, NULL};
  *text = end + 1;
  return 1;
}

static void rewrite(const ho_source *source) {
  ho_rewrite nothing = {0};
  ho_diag diag = {0};
  char *text = NULL;
  ho_source again;
  ho_scenario *sc;

  if (ho_scenario_rewrite(source, &nothing, &text, &diag) != 0) {
    abort();
  }
  again = (ho_source){source->file, text, strlen(text)};
  if (ho_scenario_load(&again, NULL, 0, 0, &sc, &diag) != 0) {
    abort();
  }
  ho_scenario_del(sc);
  free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *copy = ho_alloc(size + 1), *text = copy;
  ho_override overrides[OVERRIDES_MAX];
  ho_scenario *sc;
  ho_diag diag = {0};
  ho_source source;
  size_t n = 0;

  if (size > 0) {
    memcpy(copy, data, size);
  }
  while (n < OVERRIDES_MAX && take_override(&text, &overrides[n])) {
    n++;
  }
  source = (ho_source){(char *)"fuzz", text, size - (size_t)(text - copy)};
  if (ho_scenario_load(&source, overrides, n, 0, &sc, &diag) == 0) {
    if (diag.count > 0) {
      abort();
    }
    ho_scenario_del(sc);
    if (n == 0) {
      rewrite(&source);
    }
  } else if (diag.count == 0) {
    abort();
  }
  ho_diag_free(&diag);
  free(copy);
  return 0;
}
