/* A server's preferred address (RFC 9000, 9.6), at both ends.  Private to
 * stack/quic. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_QUIC_PREFERRED_H
#define HO_STACK_QUIC_PREFERRED_H

#include "stack/quic/conn.h"

/* ho_quic_preferred_offer puts the server's addresses |at| (IPv4, IPv6; family
 * 0: none) into its parameters, with a CID and a token of their own. */
void ho_quic_preferred_offer(ho_quic_conn *c, const ho_endpoint *at,
                             ngtcp2_transport_params *params);

/* ho_quic_preferred_choose writes the path that a client on |now| validates for
 * |offer| to |dest|, or leaves |dest| alone.  |locals| are the client's
 * endpoints by family (IPv4, IPv6; family 0: none). */
void ho_quic_preferred_choose(ngtcp2_path *dest,
                              const ngtcp2_preferred_addr *offer,
                              const ho_path *now, const ho_endpoint *locals);

#endif
