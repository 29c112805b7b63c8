/* TLS 1.3 (RFC 8446) by GnuTLS between TCP's bytes and HTTP/2's. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TCP_TLS_IO_H
#define HO_TCP_TLS_IO_H

#include "stack/tcp/conn.h"

/* The largest plaintext of a record (RFC 8446, 5.1), which bulk data fill. */
enum { HO_TLS_RECORD = 16384 };

/* ho_tls_io_bind makes |c->tls| read from |c->in| and write to |c->tcp|. */
void ho_tls_io_bind(ho_conn *c);

/* All return 0, or the fatal error code of GnuTLS or nghttp2.
 *
 * ho_tls_io_handshake goes on with the handshake, if it can; |c->tls_done| says
 * whether it is complete.  A server takes 0-RTT data to HTTP/2 on the way.
 * ho_tls_io_read decrypts what there is and feeds HTTP/2; |*eof| is set at the
 * peer's close_notify.
 * ho_tls_io_write encrypts what HTTP/2 has, as long as TCP wants more. */
int ho_tls_io_handshake(ho_conn *c);
int ho_tls_io_read(ho_conn *c, bool *eof);
int ho_tls_io_write(ho_conn *c);

/* ho_tls_io_write_all is ho_tls_io_write without regard to how much TCP has
 * to send already. */
int ho_tls_io_write_all(ho_conn *c);

#endif
