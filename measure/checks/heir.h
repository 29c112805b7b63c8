/* Connections whose server is restarted, or gives up, before the handshake is
 * over.  Private to measure/checks. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_CHECKS_HEIR_H
#define HO_MEASURE_CHECKS_HEIR_H

#include "measure/checks/engine.h"

/* ho_heir_begin is for a server that forgets: |flow| gets an heir if the
 * handshake is under way there.  |flow| owns it. */
void ho_heir_begin(ho_flow *flow);

/* ho_heir_see shows |heir| what |flow| has seen, a datagram |data|; |scratch|
 * is overwritten.  What it makes of that nobody is told yet. */
void ho_heir_see(ho_flow *heir, const ho_sighting *s, const uint8_t *data,
                 size_t len, ho_wire_datagram *scratch);

/* ho_heir_secret is for a secret of |flow|'s: it returns the flow that the
 * connection is from then on.  With the new server's first secret that is the
 * heir, which then owns |flow|.  But |flow| is lost where the client's Initial
 * was under way at the restart, of which too little is known, or where the
 * client goes on with the server that is gone. */
ho_flow *ho_heir_secret(ho_flow *flow, ho_side of, const char *label,
                        const uint8_t *secret, size_t len);

#endif
