/* Places in the plane: "60m,0m". */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SCENARIO_POSITION_H
#define HO_SCENARIO_POSITION_H

#include "sim/scenario/loader.h"

/* Nothing is farther than this from where the clients start, in mm. */
#define HO_FARTHEST 100000000

/* ho_position_read reads "X,Y", either of which may be a range.  What is wrong
 * is noted; then false is returned. */
bool ho_position_read(ho_loader *l, ho_slice text, const char *path,
                      ho_position *position);

/* ho_position_is_length: |key| reads like the Y of a position that {} has
 * split at its comma. */
bool ho_position_is_length(const char *key);

#endif
