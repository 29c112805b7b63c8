/* HTTP/2 (RFC 9113) by nghttp2, client and server. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TCP_H2_H
#define HO_TCP_H2_H

#include <nghttp2/nghttp2.h>

#include "sim/base/time.h"
#include "stack/http.h"

/* Both ends let 16 MB be under way, by stream and in all, so that TCP's window
 * is always the narrower one. */
enum { HO_H2_WINDOW = 16 * 1024 * 1024, HO_H2_STREAMS = 1000 };

/* ho_h2_start queues the settings of a new session. */
void ho_h2_start(nghttp2_session *session);

/* ho_h2_fields points |nv| at |count| fields; returns |count|. */
size_t ho_h2_fields(nghttp2_nv *nv, ho_http_field *fields, size_t count);

/* DATA frames are cut so that each fills one TLS record. */
ssize_t ho_h2_frame_length(nghttp2_session *session, uint8_t type, int32_t id,
                           int32_t session_window, int32_t stream_window,
                           uint32_t max, void *user);

/* ---- client ---- */

/* ho_h2_client_new makes a client's session.  The ho_call of a request is kept
 * by the stream until its on_end was called or it was cancelled. */
typedef struct ho_h2_client ho_h2_client;
ho_h2_client *ho_h2_client_new(void);
nghttp2_session *ho_h2_client_session(ho_h2_client *h);

/* ho_h2_client_del leaves calls without on_end. */
void ho_h2_client_del(ho_h2_client *h);

/* Returns 0, or
 *
 * HO_ERR_PROTO
 *     The server is going away, or stream numbers are used up. */
int ho_h2_client_request(ho_h2_client *h, ho_call *call);
void ho_h2_client_resume(ho_h2_client *h, ho_call *call);
void ho_h2_client_cancel(ho_h2_client *h, ho_call *call);

/* ho_h2_client_end calls on_end with |error| for every call left;
 * ho_h2_client_forget lets go of them without. */
void ho_h2_client_end(ho_h2_client *h, int64_t error);
void ho_h2_client_forget(ho_h2_client *h);

/* ---- server ---- */

/* ho_h2_where says what is true of the bytes being fed to a server's session;
 * its owner keeps it up to date. */
typedef struct {
  uint64_t connection, packet;
} ho_h2_where;

typedef struct ho_h2_server ho_h2_server;
ho_h2_server *ho_h2_server_new(ho_service *service, const ho_h2_where *where);
nghttp2_session *ho_h2_server_session(ho_h2_server *h);
/* ho_h2_server_resume asks every response that has more for it; returns false
 * if none has. */
bool ho_h2_server_resume(ho_h2_server *h);
/* ho_h2_server_end ends every exchange; del does too. */
void ho_h2_server_end(ho_h2_server *h);
void ho_h2_server_del(ho_h2_server *h);

#endif
