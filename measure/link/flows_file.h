/* flows.csv: what observers saw, and the truth about it, read in again. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_LINK_FLOWS_FILE_H
#define HO_LINK_FLOWS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/adversary/seen.h"
#include "sim/scenario/scenario.h"

/* ho_link_flow is one row.  |seen| is what an adversary gets; all else is the
 * truth, for the game alone. */
typedef struct {
  ho_link_seen seen;
  uint64_t seed;
  ho_vantage vantage;
  uint64_t client; /* UINT64_MAX: nobody's */
  bool moves;
  uint64_t *old_of, *new_of; /* numbers of the client's handoffs */
  size_t old_count, new_count;
  char *text; /* holds the identifiers' values */
} ho_link_flow;

/* ho_link_flows are the rows of one arm in the order of the file. */
typedef struct {
  ho_link_flow *flows;
  size_t count, cap;
} ho_link_flows;

/* ho_link_flows_read reads the rows of |arm| in the file |path|.  The caller
 * frees |flows| with ho_link_flows_free, whatever is returned.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     It cannot be opened or read; errno says why.
 * HO_ERR_INPUT
 *     It is not such a file: a column is missing, or a field is not as it has
 *     to be. */
int ho_link_flows_read(ho_link_flows *flows, const char *path, const char *arm);
void ho_link_flows_free(ho_link_flows *flows);

#endif
