/* QUIC and HTTP/3 as transports: ngtcp2, nghttp3, GnuTLS. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_QUIC_QUIC_H
#define HO_STACK_QUIC_QUIC_H

#include "stack/config.h"
#include "stack/transport.h"

/* ho_quic_client_new makes one client connection; |config| is copied, what it
 * points to must outlive the transport.  open sends the first packet.  A |tls|
 * mode of HO_TLS_RESUME or HO_TLS_0RTT needs a ticket and falls back to a full
 * handshake without one. */
ho_transport *ho_quic_client_new(const ho_client_conn_config *config);

/* ho_quic_server_new makes the server's end for all its connections, which it
 * tells apart by connection ID (RFC 9000, 5.2). */
ho_transport *ho_quic_server_new(const ho_server_end_config *config);

#endif
