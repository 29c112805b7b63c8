/* The phases of a handoff, as pictures show them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/report/phases.h"

const ho_phase ho_phases[HO_PHASES] = {
    {"dissociation_ms", "dissociation", "#999999",
     "until the operating system sees that the network is gone"},
    {"association_ms", "association", "#56B4E9",
     "until the radio of the new network is connected"},
    {"address_ms", "address", "#CC79A7", "until the new network can be used"},
    {"notice_ms", "notice", "#E69F00", "until the transport is told of it"},
    {"reaction_ms", "reaction", "#D55E00",
     "until its first packet on the new path"},
    {"validation_ms", "validation", "#0072B2",
     "until an answer shows that the new path works"},
    {"first_byte_ms", "first byte", "#009E73", "until data comes over it"},
};
