/* Finds the entries of a growing array by what they are asked for.  Private to
 * measure. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_CHECKS_INDEX_H
#define HO_MEASURE_CHECKS_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "sim/base/addr.h"
#include "sim/wire/header.h"

#define HO_INDEX_NONE SIZE_MAX

typedef struct {
  uint64_t hash;
  size_t before; /* the entry before it in its slot, + 1 */
} ho_index_entry;

/* ho_index knows of each entry of somebody's array the hash of its key, so that
 * a search looks at few entries however many there are.  Zeroed memory is an
 * empty one. */
typedef struct {
  ho_index_entry *entries;
  size_t count, cap;
  size_t *slots, slots_count; /* the last entry of each, + 1 */
} ho_index;

/* ho_index_add takes in entry |count|, the next one of the array. */
void ho_index_add(ho_index *index, uint64_t hash);

/* ho_index_last is the last entry added with |hash|, and ho_index_before the
 * one with the same hash before entry |at|; HO_INDEX_NONE.  Keys may differ
 * where hashes do not: the caller compares. */
size_t ho_index_last(const ho_index *index, uint64_t hash);
size_t ho_index_before(const ho_index *index, size_t at);

void ho_index_free(ho_index *index);

/* Hashes of keys. */
uint64_t ho_index_number(uint64_t n);
uint64_t ho_index_cid(const ho_cid *cid);
uint64_t ho_index_endpoint(const ho_endpoint *endpoint);

#endif
