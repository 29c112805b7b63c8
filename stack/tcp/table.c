/* The server's connections, found by tuple. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/tcp/table.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"

static ho_table_entry **bucket(const ho_tuple_table *table,
                               const ho_tuple *tuple) {
  return &table->buckets[ho_tuple_hash(tuple) & (table->size - 1)];
}

void ho_tuple_table_init(ho_tuple_table *table) {
  table->size = 16;
  table->count = 0;
  table->buckets = ho_alloc_array(table->size, sizeof(*table->buckets));
  table->all.next = table->all.prev = &table->all;
}

void ho_tuple_table_free(ho_tuple_table *table) {
  assert(table->count == 0);
  free(table->buckets);
}

static void put(ho_tuple_table *table, ho_table_entry *entry) {
  ho_table_entry **at = bucket(table, &entry->tuple);

  entry->chain = *at;
  *at = entry;
}

static void grow(ho_tuple_table *table) {
  free(table->buckets);
  table->size *= 2;
  table->buckets = ho_alloc_array(table->size, sizeof(*table->buckets));
  for (ho_table_entry *e = table->all.next; e != &table->all; e = e->next) {
    put(table, e);
  }
}

void ho_tuple_table_add(ho_tuple_table *table, ho_table_entry *entry) {
  assert(!ho_tuple_table_find(table, &entry->tuple));
  if (table->count == table->size) {
    grow(table);
  }
  put(table, entry);
  entry->next = &table->all;
  entry->prev = table->all.prev;
  entry->prev->next = entry;
  table->all.prev = entry;
  table->count++;
}

void ho_tuple_table_remove(ho_tuple_table *table, ho_table_entry *entry) {
  ho_table_entry **at = bucket(table, &entry->tuple);

  while (*at != entry) {
    assert(*at);
    at = &(*at)->chain;
  }
  *at = entry->chain;
  entry->prev->next = entry->next;
  entry->next->prev = entry->prev;
  table->count--;
}

ho_table_entry *ho_tuple_table_find(const ho_tuple_table *table,
                                    const ho_tuple *tuple) {
  ho_table_entry *e = *bucket(table, tuple);

  while (e && !ho_tuple_eq(&e->tuple, tuple)) {
    e = e->chain;
  }
  return e;
}
