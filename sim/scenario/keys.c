/* Keys of a map, read by table. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/keys.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/range.h"

/* A word of a table is stored as the enum that it stands for. */
_Static_assert(sizeof(ho_work_type) == sizeof(int), "enums are ints");

static void store(const ho_key *key, void *dest, const void *value,
                  size_t size) {
  memcpy((char *)dest + key->offset, value, size);
}

static bool in_bounds(ho_loader *l, const ho_key *key, ho_slice text,
                      const ho_drawn *drawn) {
  if (drawn->lo >= key->min && (key->max == 0 || drawn->hi <= key->max)) {
    return true;
  }
  ho_loader_word(l, &text, NULL); /* quote the value, not its name */
  ho_slice_error(&l->doc, text, "'%.*s' is out of range for '%s' (expected %s)",
                 HO_SLICE(text), key->name, key->bounds);
  return false;
}

static ho_units_kind units_of(ho_key_type type) {
  switch (type) {
  case HO_KEY_TIME:
  case HO_KEY_TIME_OR_NEVER:
    return HO_UNITS_TIME;
  case HO_KEY_RATE:
    return HO_UNITS_RATE;
  case HO_KEY_BYTES:
    return HO_UNITS_BYTES;
  case HO_KEY_RATIO:
    return HO_UNITS_RATIO;
  case HO_KEY_QUEUE:
    return HO_UNITS_QUEUE;
  case HO_KEY_COUNT:
  case HO_KEY_COUNT32:
    return HO_UNITS_COUNT;
  case HO_KEY_LENGTH:
    return HO_UNITS_LENGTH;
  case HO_KEY_SPEED:
    return HO_UNITS_SPEED;
  case HO_KEY_POWER:
    return HO_UNITS_POWER;
  case HO_KEY_OTHER:
  case HO_KEY_LATER:
  case HO_KEY_BOOL:
  case HO_KEY_WORD:
    break;
  }
  assert(!"a type without a quantity");
  return HO_UNITS_COUNT;
}

static bool read_quantity(ho_loader *l, const ho_key *key, ho_slice text,
                          const char *path, void *dest) {
  ho_queue_size queue;
  ho_drawn drawn;
  uint32_t small;

  if (ho_range_read(l, text, units_of(key->type), path, &drawn) != 0 ||
      !in_bounds(l, key, text, &drawn)) {
    return false;
  }
  if (key->type == HO_KEY_QUEUE) {
    queue = (ho_queue_size){drawn.queue, drawn.value};
    store(key, dest, &queue, sizeof(queue));
  } else if (key->type == HO_KEY_RATIO || key->type == HO_KEY_COUNT32 ||
             key->type == HO_KEY_POWER) {
    assert(key->max > 0 && key->max <= INT32_MAX);
    small = (uint32_t)drawn.value;
    store(key, dest, &small, sizeof(small));
  } else {
    store(key, dest, &drawn.value, sizeof(drawn.value));
  }
  return true;
}

static bool read_bool(ho_loader *l, const ho_key *key, ho_slice text,
                      void *dest) {
  static const char *const words[] = {"false", "true", "off",
                                      "on",    "no",   "yes"};
  int index = -1;
  bool value;

  if (!key->words) {
    for (size_t i = 0; i < HO_COUNT(words) && index < 0; i++) {
      index = ho_slice_is(text, words[i]) ? (int)i : -1;
    }
    if (index < 0) {
      ho_slice_error(&l->doc, text,
                     "'%.*s' is no value of '%s' (expected true or false)",
                     HO_SLICE(text), key->name);
    }
  } else {
    index = ho_key_word(l, key, text);
  }
  if (index >= 0) {
    value = index % 2 == 1;
    store(key, dest, &value, sizeof(value));
  }
  return index >= 0;
}

int ho_key_word(ho_loader *l, const ho_key *key, ho_slice text) {
  char *list;

  for (size_t i = 0; i < key->words_count; i++) {
    if (ho_slice_is(text, key->words[i])) {
      return (int)i;
    }
  }
  list = ho_loader_alternatives(key->words, key->words_count);
  for (size_t i = 0; i < key->later_count; i++) {
    if (ho_slice_is(text, key->later[i])) {
      ho_slice_error(&l->doc, text,
                     "'%.*s' is not yet supported for '%s' (expected %s)",
                     HO_SLICE(text), key->name, list);
      free(list);
      return -1;
    }
  }
  ho_slice_error(&l->doc, text, "'%.*s' is no value of '%s' (expected %s)",
                 HO_SLICE(text), key->name, list);
  free(list);
  return -1;
}

static bool read_time_or_never(ho_loader *l, const ho_key *key, ho_slice text,
                               const char *path, void *dest) {
  ho_slice word = text;
  ho_time never = HO_NEVER;

  if (!ho_loader_word(l, &word, NULL)) {
    return false;
  }
  if (ho_slice_is(word, "never")) {
    store(key, dest, &never, sizeof(never));
    return true;
  }
  if (word.len > 0 && islower((unsigned char)word.s[0])) {
    ho_slice_error(&l->doc, word,
                   "'%.*s' is no value of '%s' (expected %s, or never)",
                   HO_SLICE(word), key->name, ho_units_expected(HO_UNITS_TIME));
    return false;
  }
  return read_quantity(l, key, text, path, dest);
}

static bool read_word(ho_loader *l, const ho_key *key, ho_slice text,
                      void *dest) {
  int index;

  if (!ho_loader_word(l, &text, NULL)) {
    return false;
  }
  if (key->type == HO_KEY_BOOL) {
    return read_bool(l, key, text, dest);
  }
  index = ho_key_word(l, key, text);
  if (index >= 0) {
    store(key, dest, &index, sizeof(index));
  }
  return index >= 0;
}

/* Variables that stand for quantities are resolved where ranges are drawn: a
 * range in a variable has the variable's stream. */
bool ho_key_read(ho_loader *l, const ho_key *key, ho_slice text,
                 const char *path, void *dest) {
  switch (key->type) {
  case HO_KEY_OTHER:
  case HO_KEY_LATER:
    return true;
  case HO_KEY_BOOL:
  case HO_KEY_WORD:
    return read_word(l, key, text, dest);
  case HO_KEY_TIME_OR_NEVER:
    return read_time_or_never(l, key, text, path, dest);
  case HO_KEY_TIME:
  case HO_KEY_RATE:
  case HO_KEY_BYTES:
  case HO_KEY_RATIO:
  case HO_KEY_QUEUE:
  case HO_KEY_COUNT:
  case HO_KEY_COUNT32:
  case HO_KEY_LENGTH:
  case HO_KEY_SPEED:
  case HO_KEY_POWER:
    return read_quantity(l, key, text, path, dest);
  }
  return false;
}
