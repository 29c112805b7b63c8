/* A hash table of nodes that live in their owners' structures. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/nat_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

enum { START = 16 };

static size_t slot_of(const ho_nat_table *table, uint64_t hash) {
  return hash & (table->cap - 1);
}

static void link_node(ho_nat_table *table, ho_nat_node *node) {
  ho_nat_node **slot = &table->slots[slot_of(table, node->hash)];

  node->next = *slot;
  *slot = node;
}

static void rehash(ho_nat_table *table) {
  ho_nat_node **old = table->slots;
  size_t old_cap = table->cap;

  table->cap = old_cap ? old_cap * 2 : START;
  table->slots = ho_alloc_array(table->cap, sizeof(ho_nat_node *));
  for (size_t i = 0; i < old_cap; i++) {
    for (ho_nat_node *node = old[i], *next; node; node = next) {
      next = node->next;
      link_node(table, node);
    }
  }
  free(old);
}

void ho_nat_table_free(ho_nat_table *table) {
  free(table->slots);
  *table = (ho_nat_table){0};
}

void ho_nat_table_add(ho_nat_table *table, ho_nat_node *node, uint64_t hash) {
  if (table->count == table->cap) {
    rehash(table);
  }
  table->count++;
  node->hash = hash;
  link_node(table, node);
}

void ho_nat_table_remove(ho_nat_table *table, ho_nat_node *node) {
  ho_nat_node **at = &table->slots[slot_of(table, node->hash)];

  while (*at != node) {
    assert(*at);
    at = &(*at)->next;
  }
  *at = node->next;
  table->count--;
}

void ho_nat_table_clear(ho_nat_table *table) {
  if (table->slots) {
    memset(table->slots, 0, table->cap * sizeof(ho_nat_node *));
  }
  table->count = 0;
}

static ho_nat_node *same_hash(ho_nat_node *node, uint64_t hash) {
  while (node && node->hash != hash) {
    node = node->next;
  }
  return node;
}

ho_nat_node *ho_nat_table_first(const ho_nat_table *table, uint64_t hash) {
  return table->cap ? same_hash(table->slots[slot_of(table, hash)], hash)
                    : NULL;
}

ho_nat_node *ho_nat_table_next(const ho_nat_node *node) {
  return same_hash(node->next, node->hash);
}
