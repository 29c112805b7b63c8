/* HTTP/3 on a QUIC connection, client or server: nghttp3. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_QUIC_H3_H
#define HO_STACK_QUIC_H3_H

#include <nghttp3/nghttp3.h>
#include <ngtcp2/ngtcp2.h>

#include "sim/base/event.h"
#include "stack/http.h"

typedef struct ho_h3 ho_h3;

typedef struct {
  ngtcp2_conn *conn;
  nghttp3_mem *mem;
  ho_side side;
  uint64_t connection; /* server: for the service's events */
  ho_service *service; /* server */
} ho_h3_config;

ho_h3 *ho_h3_new(const ho_h3_config *config);
/* ho_h3_del ends every exchange; calls are forgotten without on_end. */
void ho_h3_del(ho_h3 *h);

/* ho_h3_bind opens the control and QPACK streams (RFC 9114, 6.2); returns 0 or
 * an ngtcp2 or nghttp3 error code.  Once; ho_h3_bound says whether it was. */
int ho_h3_bind(ho_h3 *h);
bool ho_h3_bound(const ho_h3 *h);

/* ho_h3_request opens a stream for |call|; HO_ERR_FULL when the peer's stream
 * limit is reached (it is tried again when that rises). */
int ho_h3_request(ho_h3 *h, ho_call *call);
void ho_h3_resume(ho_h3 *h, ho_call *call);
void ho_h3_cancel(ho_h3 *h, ho_call *call);

/* ho_h3_resume_all asks every response that has more for it; returns false if
 * none has. */
bool ho_h3_resume_all(ho_h3 *h);

/* ho_h3_calls_end calls on_end with |error| for every call that is not over. */
void ho_h3_calls_end(ho_h3 *h, int64_t error);

/* ho_h3_restart throws all streams away after 0-RTT was refused (RFC
 * 9001, 4.6.2) and makes the calls again. */
int ho_h3_restart(ho_h3 *h);

/* The callbacks of ngtcp2, with |now| and the datagram's packet number; they
 * return 0 or an nghttp3 error code. */
int ho_h3_recv(ho_h3 *h, int64_t stream, const uint8_t *data, size_t len,
               bool fin, uint64_t packet, ho_time now);
int ho_h3_acked(ho_h3 *h, int64_t stream, uint64_t len);
int ho_h3_closed(ho_h3 *h, int64_t stream, uint64_t error);
int ho_h3_reset(ho_h3 *h, int64_t stream);
int ho_h3_unblock(ho_h3 *h, int64_t stream);
void ho_h3_streams_extended(ho_h3 *h);

/* ho_h3_next gives what to send next: its stream (-1: nothing), bytes and FIN.
 * Report back with sent, blocked (flow control) or shut (the peer does not want
 * it).  Returns the number of vectors, or a negative nghttp3 error code. */
nghttp3_ssize ho_h3_next(ho_h3 *h, int64_t *stream, int *fin, nghttp3_vec *vec,
                         size_t veccnt);
int ho_h3_sent(ho_h3 *h, int64_t stream, size_t len);
void ho_h3_blocked(ho_h3 *h, int64_t stream);
void ho_h3_shut(ho_h3 *h, int64_t stream);

/* ho_h3_pending says whether response bytes wait to be sent (server). */
bool ho_h3_pending(const ho_h3 *h);

#endif
