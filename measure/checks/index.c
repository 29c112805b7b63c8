/* Finds the entries of a growing array by what they are asked for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/checks/index.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

enum { SLOTS_FIRST = 16 };

static size_t *slot_of(const ho_index *index, uint64_t hash) {
  return &index->slots[hash & (index->slots_count - 1)];
}

static void link_entry(ho_index *index, size_t at) {
  size_t *slot = slot_of(index, index->entries[at].hash);

  index->entries[at].before = *slot;
  *slot = at + 1;
}

static void rehash(ho_index *index) {
  free(index->slots);
  index->slots_count =
      index->slots_count ? 2 * index->slots_count : SLOTS_FIRST;
  index->slots = ho_alloc_array(index->slots_count, sizeof(*index->slots));
  for (size_t i = 0; i < index->count; i++) {
    link_entry(index, i);
  }
}

void ho_index_add(ho_index *index, uint64_t hash) {
  ho_grow(&index->entries, index->count, &index->cap, sizeof(*index->entries));
  index->entries[index->count++].hash = hash;
  if (index->count > index->slots_count) {
    rehash(index);
  } else {
    link_entry(index, index->count - 1);
  }
}

/* The first from |at| - 1 on, going back, that has |hash|. */
static size_t back_to(const ho_index *index, size_t at, uint64_t hash) {
  while (at != 0 && index->entries[at - 1].hash != hash) {
    at = index->entries[at - 1].before;
  }
  return at ? at - 1 : HO_INDEX_NONE;
}

size_t ho_index_last(const ho_index *index, uint64_t hash) {
  return index->slots_count ? back_to(index, *slot_of(index, hash), hash)
                            : HO_INDEX_NONE;
}

size_t ho_index_before(const ho_index *index, size_t at) {
  return back_to(index, index->entries[at].before, index->entries[at].hash);
}

void ho_index_free(ho_index *index) {
  free(index->entries);
  free(index->slots);
  *index = (ho_index){0};
}

/* The finalizer of MurmurHash3. */
uint64_t ho_index_number(uint64_t n) {
  n = (n ^ n >> 33) * UINT64_C(0xff51afd7ed558ccd);
  n = (n ^ n >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
  return n ^ n >> 33;
}

uint64_t ho_index_cid(const ho_cid *cid) {
  uint64_t words[3] = {0};

  memcpy(words, cid->bytes, cid->len);
  return ho_index_number(words[0] ^ ho_index_number(words[1] + cid->len) ^
                         ho_index_number(words[2] + 1) * 3);
}

uint64_t ho_index_endpoint(const ho_endpoint *endpoint) {
  return ho_tuple_hash(&(ho_tuple){.client = *endpoint});
}
