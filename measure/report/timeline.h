/* timeline.svg: one run, drawn. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_REPORT_TIMELINE_H
#define HO_REPORT_TIMELINE_H

#include "measure/meter.h"

/* ho_timeline draws a run from its events, as they come: each network, whether
 * it is up and the default route; each path (a tuple, and what the NAT makes of
 * it) with its state as either end has it, its challenges and responses, and
 * when it brought data; the phases of the handoffs; the bytes delivered.
 *
 * What it keeps does not grow with the run: bytes are counted in
 * HO_TIMELINE_BINS equal lengths of time, and of the rest only so many are kept
 * as somebody could tell apart; the picture says if there were more. */
typedef struct ho_timeline ho_timeline;

enum { HO_TIMELINE_BINS = 2048 };

/* ho_timeline_new listens to |log|; the picture goes to |dir|.  |config| must
 * outlive it. */
ho_timeline *ho_timeline_new(const ho_meter_config *config, ho_log *log,
                             const char *dir);

/* ho_timeline_draw writes |dir|/timeline.svg, after the last event and once the
 * meter has written |dir|/handoffs.csv.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Reading or writing failed; errno says why. */
int ho_timeline_draw(const ho_timeline *timeline);
void ho_timeline_del(ho_timeline *timeline);

#endif
