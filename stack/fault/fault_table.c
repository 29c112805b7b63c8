/* All faults, by number. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/fault/fault_private.h"

const fault_def *const fault_table[HO_FAULT_COUNT] = {
#define FAULT(id, name, about) [HO_FAULT_##id] = &fault_##id,
#include "sim/scenario/faults.def"
#undef FAULT
};
