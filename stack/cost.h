/* CPU time by side and library, for cost.csv alone: nothing in a run may depend
 * on it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_COST_H
#define HO_STACK_COST_H

#include <stdint.h>

#include "sim/base/event.h"

/* For QUIC, ngtcp2 with its cryptography is HO_COST_TRANSPORT and the
 * handshake's GnuTLS HO_COST_TLS; for TCP, ns-3's TCP is HO_COST_TRANSPORT and
 * all of GnuTLS, records and handshake, HO_COST_TLS. */
typedef enum {
  HO_COST_TRANSPORT,
  HO_COST_TLS,
  HO_COST_HTTP,
  HO_COST_KINDS
} ho_cost_kind;

/* ho_cost_begin starts charging |kind| of |side|, and ho_cost_end goes back to
 * what was charged before.  They nest; time is charged to the innermost. */
void ho_cost_begin(ho_side side, ho_cost_kind kind);
void ho_cost_end(void);

/* ho_cost_read fills |ns| with the wall-clock time spent in each library: of a
 * long run an estimate from every sixteenth call. */
void ho_cost_read(uint64_t ns[2][HO_COST_KINDS]);

#endif
