/* The server's connections, found by tuple. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TCP_TABLE_H
#define HO_TCP_TABLE_H

#include <stddef.h>

#include "sim/base/addr.h"

/* ho_table_entry is embedded in what the table holds. */
typedef struct ho_table_entry {
  ho_tuple tuple;
  struct ho_table_entry *chain;       /* same bucket */
  struct ho_table_entry *next, *prev; /* all, oldest first */
} ho_table_entry;

typedef struct {
  ho_table_entry **buckets; /* |size| of them, a power of two */
  size_t size, count;
  ho_table_entry all; /* head of the ring of all entries */
} ho_tuple_table;

void ho_tuple_table_init(ho_tuple_table *table);
/* ho_tuple_table_free frees the table; it must be empty. */
void ho_tuple_table_free(ho_tuple_table *table);

/* ho_tuple_table_add adds |entry|, whose tuple is set and not in the table. */
void ho_tuple_table_add(ho_tuple_table *table, ho_table_entry *entry);
void ho_tuple_table_remove(ho_tuple_table *table, ho_table_entry *entry);
ho_table_entry *ho_tuple_table_find(const ho_tuple_table *table,
                                    const ho_tuple *tuple);

#endif
