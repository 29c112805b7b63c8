/* The handoffs of one run, as its timeline shows them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_REPORT_TIMELINE_MOVES_H
#define HO_REPORT_TIMELINE_MOVES_H

#include "measure/meter.h"
#include "measure/report/phases.h"

/* ho_move is a row of handoffs.csv.  Times are seconds; |ends| are those of the
 * phases, that of one which is not there is its beginning, and infinite from
 * the one on that never ended. */
typedef struct {
  int client;
  char *text; /* "disconnect home to cell" */
  double loss, ends[HO_PHASES];
} ho_move;

typedef struct {
  ho_move *items;
  size_t count, cap;
} ho_moves;

/* ho_moves_read reads |dir|/handoffs.csv of one run, which has no header.  The
 * caller frees |moves| with ho_moves_free, whatever is returned.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     It cannot be read; errno says why. */
int ho_moves_read(ho_moves *moves, const ho_scenario *scenario,
                  const char *dir);
void ho_moves_free(ho_moves *moves);

#endif
