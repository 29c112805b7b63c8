/* Parts of a scalar. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/doc.h"

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}

bool ho_slice_is(ho_slice slice, const char *word) {
  return strlen(word) == slice.len && memcmp(slice.s, word, slice.len) == 0;
}

char *ho_slice_dup(ho_slice slice) {
  return ho_format("%.*s", HO_SLICE(slice));
}

ho_slice ho_slice_part(ho_slice slice, size_t from, size_t len) {
  assert(from <= slice.len && len <= slice.len - from);
  return (ho_slice){slice.node, slice.s + from, len};
}

ho_slice ho_slice_trim(ho_slice slice) {
  size_t from = 0, to = slice.len;

  while (from < to && is_blank(slice.s[from])) {
    from++;
  }
  while (to > from && is_blank(slice.s[to - 1])) {
    to--;
  }
  return ho_slice_part(slice, from, to - from);
}

ho_slice ho_slice_word(ho_slice *rest) {
  ho_slice all = ho_slice_trim(*rest), word;
  size_t len = 0;

  while (len < all.len && !is_blank(all.s[len])) {
    len++;
  }
  word = ho_slice_part(all, 0, len);
  *rest = ho_slice_trim(ho_slice_part(all, len, all.len - len));
  return word;
}
