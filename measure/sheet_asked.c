/* Whether the rows of a result folder are of the grid its manifest asks for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/sheet_asked.h"

#include <inttypes.h>
#include <string.h>

static const char *text_of(const json_t *value) {
  const char *text = json_string_value(value);

  return text ? text : "";
}

static int check_vary(const ho_sheet *runs, const json_t *asked,
                      ho_diag *diag) {
  const json_t *vary = json_object_get(asked, "vary");
  size_t count = json_array_size(vary);
  size_t most = count > runs->vary_count ? count : runs->vary_count;

  for (size_t i = 0; i < most; i++) {
    const char *there = i < runs->vary_count ? runs->vary[i] : "";
    const char *here = text_of(json_object_get(json_array_get(vary, i), "key"));
    if (strcmp(there, here) != 0) {
      ho_diag_add(diag, NULL, "'%s' has the varied key '%s', its manifest '%s'",
                  runs->file, there, here);
      return HO_ERR_INPUT;
    }
  }
  return 0;
}

/* Each value in the rows is among those that were asked for. */
static int check_values(const ho_sheet *runs, const json_t *asked,
                        ho_diag *diag) {
  const json_t *vary = json_object_get(asked, "vary");

  for (size_t i = 0; i < runs->cells_count; i++) {
    for (size_t k = 0; k < runs->vary_count; k++) {
      const json_t *values = json_object_get(json_array_get(vary, k), "values");
      const char *there = runs->cells[i].labels[k];
      size_t v = 0;
      while (v < json_array_size(values) &&
             strcmp(text_of(json_array_get(values, v)), there) != 0) {
        v++;
      }
      if (v == json_array_size(values)) {
        ho_diag_add(diag, NULL, "'%s' has '%s' for %s, its manifest has not",
                    runs->file, there, runs->vary[k]);
        return HO_ERR_INPUT;
      }
    }
  }
  return 0;
}

static int check_seeds(const ho_sheet *runs, const json_t *asked,
                       ho_diag *diag) {
  uint64_t first = (uint64_t)json_integer_value(json_object_get(asked, "seed"));
  uint64_t repeat =
      (uint64_t)json_integer_value(json_object_get(asked, "repeat"));

  for (size_t i = 0; i < runs->count; i++) {
    uint64_t seed = runs->rows[i].seed;
    if (seed < first || seed - first >= repeat) {
      ho_diag_add(diag, NULL,
                  "'%s' has the seed %" PRIu64 ", its manifest %" PRIu64
                  " to %" PRIu64,
                  runs->file, seed, first, first + repeat - 1);
      return HO_ERR_INPUT;
    }
  }
  return 0;
}

int ho_sheet_asked(const ho_sheet *runs, const json_t *manifest,
                   ho_diag *diag) {
  const json_t *asked = json_object_get(manifest, "asked");
  int rv = check_vary(runs, asked, diag);

  rv = rv ? rv : check_values(runs, asked, diag);
  return rv ? rv : check_seeds(runs, asked, diag);
}
