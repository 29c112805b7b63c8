/* For how long each handoff showed one CID on both tuples, from handoffs.csv.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_LINK_WINDOWS_H
#define HO_LINK_WINDOWS_H

#include <stddef.h>
#include <stdint.h>

#include "measure/link/game.h"

/* ho_link_windows are the handoffs of one arm that have a link_window_ms. */
typedef struct {
  struct ho_link_window {
    ho_link_query query;
    double ms;
  } * windows;
  size_t count, cap;
} ho_link_windows;

/* ho_link_windows_read reads those of |arm| in the file |path|; there are none
 * without the column.  The caller frees |windows| with ho_link_windows_free,
 * whatever is returned.  Returns 0, or HO_ERR_IO or HO_ERR_INPUT, as
 * ho_link_flows_read. */
int ho_link_windows_read(ho_link_windows *windows, const char *path,
                         const char *arm);
void ho_link_windows_free(ho_link_windows *windows);

/* ho_link_windows_find is the window of |query|'s handoff in ms, or NaN. */
double ho_link_windows_find(const ho_link_windows *windows,
                            const ho_link_query *query);

#endif
