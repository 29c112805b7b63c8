/* CIDs in a fault's memory.  Private to stack/fault. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_FAULT_CIDS_H
#define HO_STACK_FAULT_CIDS_H

#include <string.h>

#include "stack/fault/fault_private.h"

/* fault_cid_keep puts |cid| into three numbers of a fault's memory. */
static inline void fault_cid_keep(uint64_t memory[3], const ho_cid *cid) {
  memset(memory, 0, 3 * sizeof(*memory));
  memcpy(memory, cid, sizeof(*cid));
}

static inline ho_cid fault_cid_kept(const uint64_t memory[3]) {
  ho_cid cid;

  memcpy(&cid, memory, sizeof(cid));
  return cid;
}

#endif
