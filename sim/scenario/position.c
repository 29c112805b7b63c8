/* Places in the plane. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/position.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/range.h"

static bool read_part(ho_loader *l, ho_slice text, const char *path,
                      const char *axis, int64_t *mm) {
  char *own = ho_format("%s.%s", path, axis);
  ho_drawn drawn;
  int rv = ho_range_read(l, text, HO_UNITS_COORDINATE, own, &drawn);

  free(own);
  if (rv != 0) {
    return false;
  }
  if (drawn.lo < HO_UNITS_ORIGIN - HO_FARTHEST ||
      drawn.hi > HO_UNITS_ORIGIN + HO_FARTHEST) {
    ho_loader_word(l, &text, NULL);
    ho_slice_error(&l->doc, text,
                   "'%.*s' is out of range (expected -100km to "
                   "100km)",
                   HO_SLICE(text));
    return false;
  }
  *mm = (int64_t)drawn.value - (int64_t)HO_UNITS_ORIGIN;
  return true;
}

bool ho_position_read(ho_loader *l, ho_slice text, const char *path,
                      ho_position *position) {
  const char *comma;
  size_t at;
  bool ok;

  if (!ho_loader_word(l, &text, NULL)) {
    return false;
  }
  comma = text.len > 0 ? memchr(text.s, ',', text.len) : NULL;
  if (!comma) {
    ho_slice_error(&l->doc, text,
                   "'%.*s' is not a position (expected one such as 60m,0m; "
                   "within {} or [] in quotes)",
                   HO_SLICE(text));
    return false;
  }
  at = (size_t)(comma - text.s);
  ok = read_part(l, ho_slice_trim(ho_slice_part(text, 0, at)), path, "x",
                 &position->x_mm);
  return read_part(
             l, ho_slice_trim(ho_slice_part(text, at + 1, text.len - at - 1)),
             path, "y", &position->y_mm) &&
         ok;
}

bool ho_position_is_length(const char *key) {
  ho_quantity q;
  char *error;

  if (ho_units_parse(key, strlen(key), HO_UNITS_COORDINATE, &q, &error) == 0) {
    return true;
  }
  free(error);
  return false;
}
