/* Connection ID -> connection: open addressing, linear probing. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/cid_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

void ho_cid_table_free(ho_cid_table *table) {
  free(table->slots);
  *table = (ho_cid_table){0};
}

static size_t hash(const uint8_t *cid, size_t len) {
  uint64_t h = 0xcbf29ce484222325u + len;

  for (size_t i = 0; i < len; i++) {
    h = (h ^ cid[i]) * 0x100000001b3u;
  }
  return (size_t)(h ^ (h >> 29));
}

static bool matches(const ho_cid_slot *slot, const uint8_t *cid, size_t len) {
  return slot->cid.len == len && memcmp(slot->cid.bytes, cid, len) == 0;
}

static ho_cid_slot *find(const ho_cid_table *table, const uint8_t *cid,
                         size_t len) {
  size_t at = hash(cid, len), mask = table->cap - 1;

  for (size_t i = 0; i < table->cap; i++) {
    ho_cid_slot *slot = &table->slots[(at + i) & mask];
    if (!slot->value) {
      return NULL;
    }
    if (slot->value != table && matches(slot, cid, len)) {
      return slot;
    }
  }
  return NULL;
}

static void put(ho_cid_table *table, const uint8_t *cid, size_t len,
                void *value) {
  size_t at = hash(cid, len), mask = table->cap - 1;
  ho_cid_slot *slot;

  do {
    slot = &table->slots[at++ & mask];
  } while (slot->value);
  slot->value = value;
  slot->cid.len = (uint8_t)len;
  memcpy(slot->cid.bytes, cid, len);
  table->used++;
  table->live++;
}

static void rehash(ho_cid_table *table) {
  ho_cid_table old = *table;

  table->cap = 64;
  while (table->cap < old.live * 4) {
    table->cap *= 2;
  }
  table->slots = ho_alloc_array(table->cap, sizeof(*table->slots));
  table->used = table->live = 0;
  for (size_t i = 0; i < old.cap; i++) {
    ho_cid_slot *slot = &old.slots[i];
    if (slot->value && slot->value != table) {
      put(table, slot->cid.bytes, slot->cid.len, slot->value);
    }
  }
  free(old.slots);
}

void ho_cid_table_set(ho_cid_table *table, const uint8_t *cid, size_t len,
                      void *value) {
  ho_cid_slot *slot = find(table, cid, len);

  assert(value && len <= sizeof(slot->cid.bytes));
  if (slot) {
    slot->value = value;
    return;
  }
  if ((table->used + 1) * 2 > table->cap) {
    rehash(table);
  }
  put(table, cid, len, value);
}

void ho_cid_table_remove(ho_cid_table *table, const uint8_t *cid, size_t len) {
  ho_cid_slot *slot = find(table, cid, len);

  if (slot) {
    slot->value = table;
    table->live--;
  }
}

void *ho_cid_table_get(const ho_cid_table *table, const uint8_t *cid,
                       size_t len) {
  ho_cid_slot *slot = find(table, cid, len);

  return slot ? slot->value : NULL;
}
