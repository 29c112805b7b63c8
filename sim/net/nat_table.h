/* A hash table of nodes that live in their owners' structures. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_NAT_TABLE_H
#define HO_NET_NAT_TABLE_H

#include <stddef.h>
#include <stdint.h>

typedef struct ho_nat_node {
  struct ho_nat_node *next;
  uint64_t hash;
} ho_nat_node;

/* ho_nat_table starts as all zeros. */
typedef struct {
  ho_nat_node **slots;
  size_t cap, count;
} ho_nat_table;

void ho_nat_table_free(ho_nat_table *table);

void ho_nat_table_add(ho_nat_table *table, ho_nat_node *node, uint64_t hash);

/* ho_nat_table_remove: |node| must be in |table|. */
void ho_nat_table_remove(ho_nat_table *table, ho_nat_node *node);

/* ho_nat_table_clear removes every node, without touching their owners. */
void ho_nat_table_clear(ho_nat_table *table);

/* ho_nat_table_first and _next go through the nodes with a hash; which of them
 * is meant is the caller's to compare.  NULL: there is no other. */
ho_nat_node *ho_nat_table_first(const ho_nat_table *table, uint64_t hash);
ho_nat_node *ho_nat_table_next(const ho_nat_node *node);

#endif
