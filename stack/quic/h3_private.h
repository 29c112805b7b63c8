/* The inside of HTTP/3 on a connection.  Private to stack/quic/h3*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_QUIC_H3_PRIVATE_H
#define HO_STACK_QUIC_H3_PRIVATE_H

#include "stack/quic/h3.h"

/* How much of a body nghttp3 is given at a time: one DATA frame's worth. */
enum { HO_H3_CHUNK = 64 * 1024 };

/* A request's stream: |call| at the client, |exchange| at the server. */
typedef struct h3_stream {
  struct h3_stream *next, *prev;
  ho_h3 *h;
  int64_t id; /* -1: waits for the peer to allow another stream */
  ho_call *call;
  ho_exchange *exchange;
  ho_http_request request;
  ho_http_response response;
  bool over; /* on_end was called */
} h3_stream;

struct ho_h3 {
  ho_h3_config config;
  nghttp3_conn *conn;
  h3_stream head; /* ring of streams, oldest first */
  bool bound;
  uint64_t packet; /* of the datagram being read */
  ho_time now;
};

/* ho_h3_stream_new appends a stream; del forgets it, and ends its exchange;
 * over calls on_end, once. */
h3_stream *ho_h3_stream_new(ho_h3 *h, int64_t id);
void ho_h3_stream_del(h3_stream *s);
void ho_h3_stream_over(h3_stream *s, int64_t error);

/* ho_h3_nv points |nv| at |fields|, which must outlive it. */
size_t ho_h3_nv(nghttp3_nv *nv, ho_http_field *fields, size_t count);

/* ho_h3_consumed opens the flow control windows by what was read. */
int ho_h3_consumed(ho_h3 *h, int64_t stream, uint64_t len);

/* ho_h3_callbacks fills in what nghttp3 calls (h3_callbacks.c), and
 * ho_h3_request_body is the reader of a request's body. */
void ho_h3_callbacks(nghttp3_callbacks *callbacks);
nghttp3_ssize ho_h3_request_body(nghttp3_conn *conn, int64_t stream_id,
                                 nghttp3_vec *vec, size_t veccnt,
                                 uint32_t *pflags, void *conn_user,
                                 void *stream_user);

#endif
