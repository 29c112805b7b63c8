/* The phases of a handoff, as pictures show them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/report/phases.h"

const ho_phase ho_phases[HO_PHASES] = {
    {"dissociation_ms", "dissociation", "#999999"},
    {"association_ms", "association", "#56B4E9"},
    {"address_ms", "address", "#CC79A7"},
    {"notice_ms", "notice", "#E69F00"},
    {"reaction_ms", "reaction", "#D55E00"},
    {"validation_ms", "validation", "#0072B2"},
    {"first_byte_ms", "first byte", "#009E73"},
};
