/* linkability.csv: how well each adversary follows clients, from flows.csv. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_LINK_LINKABILITY_H
#define HO_LINK_LINKABILITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "measure/link/flows_file.h"
#include "sim/scenario/scenario.h"

/* ho_linkability is what is evaluated. */
typedef struct {
  const char *scenario;
  const ho_override *point; /* varied values, which stand after it */
  size_t point_count;
  const char *const *arms; /* names, in the order of the rows */
  size_t arms_count;
  unsigned observers; /* bits of ho_vantage */
  bool swap_game;
  /* The place of each client among those that the scenario moves, which pair
   * up for the swap game; NULL: of client i it is i. */
  const uint64_t *places;
  size_t places_count;
  const char *flows;    /* name of flows.csv */
  const char *handoffs; /* name of handoffs.csv, for link_window_ms */
} ho_linkability;

/* ho_linkability_write writes the rows, without a header, to |out|: for each
 * arm, vantage point and adversary.  They are a function of the two files.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     A file cannot be read, or |out| not written; errno says why.
 * HO_ERR_INPUT
 *     A file is not as this version writes it. */
int ho_linkability_write(FILE *out, const ho_linkability *what);

#endif
