/* Connection ID -> connection, for the server (RFC 9000, 5.2). */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_QUIC_CID_TABLE_H
#define HO_STACK_QUIC_CID_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/base/event.h"

typedef struct {
  ho_cid cid;
  void *value; /* NULL: never used; the table itself: was deleted */
} ho_cid_slot;

typedef struct {
  ho_cid_slot *slots;
  size_t cap;  /* a power of two, or 0 */
  size_t used; /* slots that are not NULL, deleted ones included */
  size_t live;
} ho_cid_table;

void ho_cid_table_free(ho_cid_table *table);

/* ho_cid_table_set maps |cid| to |value|, which is not NULL. */
void ho_cid_table_set(ho_cid_table *table, const uint8_t *cid, size_t len,
                      void *value);
void ho_cid_table_remove(ho_cid_table *table, const uint8_t *cid, size_t len);
void *ho_cid_table_get(const ho_cid_table *table, const uint8_t *cid,
                       size_t len);

#endif
