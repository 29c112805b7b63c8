/* Values that may be a range, drawn once per seed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/range.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/base/rng.h"

static int read_one(ho_loader *l, ho_slice text, ho_units_kind kind,
                    ho_quantity *out) {
  char *error;

  if (!ho_loader_word(l, &text, NULL)) {
    return HO_ERR_INPUT;
  }
  if (ho_units_parse(text.s, text.len, kind, out, &error) != 0) {
    ho_slice_error(&l->doc, text, "%s", error);
    free(error);
    return HO_ERR_INPUT;
  }
  return 0;
}

/* Inclusive at both ends, so that 1..5 of a count can be 5. */
static uint64_t draw(ho_loader *l, const char *path, uint64_t lo, uint64_t hi) {
  size_t client = l->draws_as ? l->draws_as[l->client] : l->client;
  char *name = client == 0 ? ho_format("range.%s", path)
                           : ho_format("range.%s.client%zu", path, client);
  ho_rng rng;

  ho_rng_init(&rng, l->seed, name);
  free(name);
  l->random = true;
  l->draws++;
  return lo + ho_rng_below(&rng, hi - lo + 1);
}

static size_t find_dots(ho_slice text) {
  for (size_t i = 0; i + 1 < text.len; i++) {
    if (text.s[i] == '.' && text.s[i + 1] == '.') {
      return i;
    }
  }
  return text.len;
}

static int read_bounds(ho_loader *l, ho_slice text, size_t dots,
                       ho_units_kind kind, ho_drawn *out) {
  ho_slice from = ho_slice_trim(ho_slice_part(text, 0, dots));
  ho_slice to =
      ho_slice_trim(ho_slice_part(text, dots + 2, text.len - dots - 2));
  ho_quantity lo, hi;
  int rv = read_one(l, from, kind, &lo);

  if (read_one(l, to, kind, &hi) != 0 || rv != 0) {
    return HO_ERR_INPUT;
  }
  if (lo.queue != hi.queue) {
    ho_slice_error(&l->doc, text, "range '%.*s' mixes units", HO_SLICE(text));
    return HO_ERR_INPUT;
  }
  if (lo.value > hi.value) {
    ho_slice_error(&l->doc, text, "range '%.*s' runs backward", HO_SLICE(text));
    return HO_ERR_INPUT;
  }
  *out = (ho_drawn){lo.value, hi.value, lo.value, lo.queue};
  return 0;
}

int ho_range_read(ho_loader *l, ho_slice text, ho_units_kind kind,
                  const char *path, ho_drawn *out) {
  const char *var;
  char *var_path = NULL;
  ho_quantity one;
  size_t dots;
  int rv;

  if (!ho_loader_word(l, &text, &var)) {
    return HO_ERR_INPUT;
  }
  dots = find_dots(text);
  if (dots == text.len) {
    rv = read_one(l, text, kind, &one);
    *out = (ho_drawn){one.value, one.value, one.value, one.queue};
    return rv;
  }
  rv = read_bounds(l, text, dots, kind, out);
  if (rv == 0 && out->lo < out->hi) {
    var_path = var ? ho_format("vars.%s", var) : NULL;
    out->value = draw(l, var_path ? var_path : path, out->lo, out->hi);
    free(var_path);
  }
  return rv;
}
