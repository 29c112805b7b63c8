/* Values that may be a range, drawn once per seed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SCENARIO_RANGE_H
#define HO_SCENARIO_RANGE_H

#include "sim/scenario/loader.h"
#include "sim/scenario/units.h"

/* ho_range_read reads "20ms", "3s..4s" or "$name" from |text|.  The stream of a
 * range is named after |path|, the value's dotted place in the document, or
 * after the variable's, so that every use of a variable has one value.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     It is neither; the problem is noted. */
int ho_range_read(ho_loader *l, ho_slice text, ho_units_kind kind,
                  const char *path, ho_drawn *out);

#endif
