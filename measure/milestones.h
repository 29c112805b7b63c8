/* The few events of a run that tell its story: milestones.csv. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_MILESTONES_H
#define HO_MEASURE_MILESTONES_H

#include "measure/meter.h"

/* ho_milestones writes those events that are not of bulk data (networks, NAT
 * mappings, connections, path frames, retired CIDs), without what names one
 * packet or address.  After HO_MILESTONES_MAX of them, one row more says how
 * many were left out. */
typedef struct ho_milestones ho_milestones;

enum { HO_MILESTONES_MAX = 200 };

/* ho_milestones_new subscribes to |log|; rows, without a header, go to
 * |dir|/milestones.csv.
 *
 * Returns NULL if that cannot be made; errno says why. */
ho_milestones *ho_milestones_new(const ho_meter_config *config, ho_log *log,
                                 const char *dir);

/* ho_milestones_finish closes the file and ends the use of |milestones|, after
 * the last event.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Writing failed; errno says why. */
int ho_milestones_finish(ho_milestones *milestones);

/* ho_milestones_has tells if events of |kind| are milestones. */
bool ho_milestones_has(ho_event_kind kind);

#endif
