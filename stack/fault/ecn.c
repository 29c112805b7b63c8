/* Faults with ECN. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/fault/fault_private.h"

/* E11; 13.4.2.2: marking stops where validation fails. */
static void ect_forever(fault_conn *c, fault_datagram *g, ho_time now) {
  (void)c, (void)now;
  g->ecn = 2; /* ECT(0) */
}

const fault_def fault_ECT_FOREVER = {.leave = ect_forever};
