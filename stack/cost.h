/* CPU time by side and library, for cost.csv alone: nothing in a run may depend
 * on it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_COST_H
#define HO_STACK_COST_H

#include <stdint.h>

#include "sim/base/event.h"

typedef enum {
  HO_COST_TRANSPORT,
  HO_COST_TLS,
  HO_COST_HTTP,
  HO_COST_KINDS
} ho_cost_kind;

/* ho_cost_ns[side][kind]: wall-clock ns spent in the library.  For QUIC,
 * ngtcp2 with its cryptography is HO_COST_TRANSPORT and the handshake's GnuTLS
 * HO_COST_TLS; for TCP, GnuTLS records and handshake are HO_COST_TLS. */
extern uint64_t ho_cost_ns[2][HO_COST_KINDS];

/* ho_cost_begin starts charging |kind| of |side|, and ho_cost_end goes back to
 * what was charged before.  They nest; time is charged to the innermost. */
void ho_cost_begin(ho_side side, ho_cost_kind kind);
void ho_cost_end(void);

#endif
