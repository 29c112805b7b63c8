/* The TCP baseline: ns-3's TCP, TLS 1.3 by GnuTLS, HTTP/2 by nghttp2. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TCP_TCP_H
#define HO_TCP_TCP_H

#include "stack/config.h"

/* ho_tcp_client_new makes one client connection; the caller deletes it through
 * its vtbl, at any time.  Everything is copied but log, arm and creds.  With
 * HO_TLS_RESUME or HO_TLS_0RTT it needs |config->ticket|, and goes through a
 * full handshake without. */
ho_transport *ho_tcp_client_new(const ho_client_conn_config *config);

/* ho_tcp_server_new makes the server's end of all connections.  It answers
 * segments of connections it does not know with RST. */
ho_transport *ho_tcp_server_new(const ho_server_end_config *config);

/* ho_tcp_settings lists, for the manifest, every setting of ns-3's TCP, GnuTLS
 * and nghttp2 that is not its default. */
void ho_tcp_settings(void (*fn)(void *user, const char *name,
                                const char *value),
                     void *user);

#endif
