/* HTTP/3 on a QUIC connection, client or server. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/h3.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/base/diag.h"
#include "stack/content.h"
#include "stack/cost.h"

/* How much of a body nghttp3 is given at a time: one DATA frame's worth. */
enum { BODY_CHUNK = 64 * 1024 };

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

static h3_stream *stream_new(ho_h3 *h, int64_t id) {
  h3_stream *s = ho_alloc(sizeof(*s));

  s->h = h;
  s->id = id;
  s->response = (ho_http_response){.content_length = UINT64_MAX,
                                   .upload_offset = UINT64_MAX};
  s->prev = h->head.prev;
  s->next = &h->head;
  s->prev->next = s;
  h->head.prev = s;
  return s;
}

static void stream_del(h3_stream *s) {
  if (s->exchange) {
    ho_exchange_end(s->exchange);
  }
  if (s->call) {
    s->call->stream_user = NULL;
  }
  s->prev->next = s->next;
  s->next->prev = s->prev;
  free(s);
}

static void stream_over(h3_stream *s, int64_t error) {
  if (s->call && !s->over) {
    s->over = true;
    s->call->on_end(s->call, error);
  }
}

/* nghttp3 wants name and value vectors; ours live as long as the call. */
static size_t to_nv(nghttp3_nv *nv, ho_http_field *fields, size_t count) {
  for (size_t i = 0; i < count; i++) {
    nv[i] = (nghttp3_nv){(uint8_t *)fields[i].name, (uint8_t *)fields[i].value,
                         strlen(fields[i].name), strlen(fields[i].value),
                         NGHTTP3_NV_FLAG_NONE};
  }
  return count;
}

/* ---- bodies ---- */

static nghttp3_ssize read_request_body(nghttp3_conn *conn, int64_t stream_id,
                                       nghttp3_vec *vec, size_t veccnt,
                                       uint32_t *pflags, void *conn_user,
                                       void *stream_user) {
  h3_stream *s = stream_user;
  ho_call *call = s->call;
  size_t len = BODY_CHUNK;

  (void)conn, (void)stream_id, (void)veccnt, (void)conn_user;
  if (!call || call->body_sent == call->body_to) {
    if (call && call->body_open) {
      return NGHTTP3_ERR_WOULDBLOCK;
    }
    *pflags |= NGHTTP3_DATA_FLAG_EOF;
    return 0;
  }
  if (call->body_to - call->body_sent < len) {
    len = (size_t)(call->body_to - call->body_sent);
  }
  vec[0].base =
      (uint8_t *)ho_content_at(call->body_object, call->body_sent, &len);
  vec[0].len = len;
  call->body_sent += len;
  if (call->body_sent == call->body_to && !call->body_open) {
    *pflags |= NGHTTP3_DATA_FLAG_EOF;
  }
  return 1;
}

static nghttp3_ssize read_response_body(nghttp3_conn *conn, int64_t stream_id,
                                        nghttp3_vec *vec, size_t veccnt,
                                        uint32_t *pflags, void *conn_user,
                                        void *stream_user) {
  h3_stream *s = stream_user;
  const uint8_t *data;
  size_t len = 0;
  bool eof = false;

  (void)conn, (void)stream_id, (void)veccnt, (void)conn_user;
  data = ho_exchange_read(s->exchange, BODY_CHUNK, &len, &eof);
  if (eof) {
    *pflags |= NGHTTP3_DATA_FLAG_EOF;
  }
  if (!data) {
    return eof ? 0 : NGHTTP3_ERR_WOULDBLOCK;
  }
  vec[0] = (nghttp3_vec){(uint8_t *)data, len};
  return 1;
}

/* ---- server ---- */

/* Sends the head of the response once the service has one. */
static int respond(h3_stream *s) {
  ho_http_field fields[HO_HTTP_FIELDS];
  nghttp3_nv nv[HO_HTTP_FIELDS];
  nghttp3_data_reader reader = {read_response_body};
  ho_http_response resp;
  bool has_body;
  size_t count;

  if (!ho_exchange_response(s->exchange, &resp, &has_body)) {
    return 0;
  }
  count = to_nv(nv, fields, ho_http_response_fields(fields, &resp));
  return nghttp3_conn_submit_response(s->h->conn, s->id, nv, count,
                                      has_body ? &reader : NULL);
}

static int begin_headers(nghttp3_conn *conn, int64_t stream_id, void *user,
                         void *stream_user) {
  ho_h3 *h = user;

  (void)stream_user;
  if (h->config.side == HO_SERVER) {
    nghttp3_conn_set_stream_user_data(conn, stream_id,
                                      stream_new(h, stream_id));
  }
  return 0;
}

static int recv_header(nghttp3_conn *conn, int64_t stream_id, int32_t token,
                       nghttp3_rcbuf *name, nghttp3_rcbuf *value, uint8_t flags,
                       void *user, void *stream_user) {
  h3_stream *s = stream_user;
  nghttp3_vec n = nghttp3_rcbuf_get_buf(name);
  nghttp3_vec v = nghttp3_rcbuf_get_buf(value);

  (void)conn, (void)stream_id, (void)token, (void)flags, (void)user;
  if (s->h->config.side == HO_SERVER) {
    ho_http_request_field(&s->request, n.base, n.len, v.base, v.len);
  } else {
    ho_http_response_field(&s->response, n.base, n.len, v.base, v.len);
  }
  return 0;
}

static int end_headers(nghttp3_conn *conn, int64_t stream_id, int fin,
                       void *user, void *stream_user) {
  h3_stream *s = stream_user;
  ho_h3 *h = user;

  (void)conn, (void)stream_id, (void)fin;
  if (h->config.side == HO_CLIENT) {
    if (s->call) {
      s->call->on_response(s->call, &s->response);
    }
    return 0;
  }
  s->exchange =
      ho_service_begin(h->config.service, &s->request, h->config.connection, s);
  return respond(s);
}

static int end_stream(nghttp3_conn *conn, int64_t stream_id, void *user,
                      void *stream_user) {
  h3_stream *s = stream_user;
  ho_h3 *h = user;

  (void)conn, (void)stream_id;
  if (h->config.side == HO_CLIENT) {
    stream_over(s, 0);
    return 0;
  }
  if (!s->exchange) {
    return 0;
  }
  ho_exchange_body_end(s->exchange);
  nghttp3_conn_resume_stream(h->conn, s->id);
  return respond(s);
}

/* ---- data in ---- */

static int extend(ho_h3 *h, int64_t stream, uint64_t len) {
  ngtcp2_conn_extend_max_stream_offset(h->config.conn, stream, len);
  ngtcp2_conn_extend_max_offset(h->config.conn, len);
  return 0;
}

static int recv_data(nghttp3_conn *conn, int64_t stream_id, const uint8_t *data,
                     size_t len, void *user, void *stream_user) {
  h3_stream *s = stream_user;
  ho_h3 *h = user;

  (void)conn;
  extend(h, stream_id, len);
  if (h->config.side == HO_CLIENT) {
    if (s->call && !s->over) {
      s->call->on_data(s->call, data, len);
    }
    return 0;
  }
  ho_exchange_body(s->exchange, data, len, h->packet, h->now);
  nghttp3_conn_resume_stream(h->conn, s->id);
  return respond(s);
}

static int deferred_consume(nghttp3_conn *conn, int64_t stream_id, size_t len,
                            void *user, void *stream_user) {
  (void)conn, (void)stream_user;
  return extend(user, stream_id, len);
}

static int stop_sending(nghttp3_conn *conn, int64_t stream_id, uint64_t error,
                        void *user, void *stream_user) {
  ho_h3 *h = user;

  (void)conn, (void)stream_user;
  return ngtcp2_conn_shutdown_stream_read(h->config.conn, 0, stream_id, error);
}

static int reset_stream(nghttp3_conn *conn, int64_t stream_id, uint64_t error,
                        void *user, void *stream_user) {
  ho_h3 *h = user;

  (void)conn, (void)stream_user;
  return ngtcp2_conn_shutdown_stream_write(h->config.conn, 0, stream_id, error);
}

static int stream_close(nghttp3_conn *conn, int64_t stream_id, uint64_t error,
                        void *user, void *stream_user) {
  h3_stream *s = stream_user;

  (void)conn, (void)stream_id, (void)user;
  if (s) {
    stream_over(s, error == NGHTTP3_H3_NO_ERROR ? -1 : (int64_t)error);
    stream_del(s);
  }
  return 0;
}

/* ---- life ---- */

static int make_conn(ho_h3 *h) {
  nghttp3_callbacks callbacks = {
      .stream_close = stream_close,
      .recv_data = recv_data,
      .deferred_consume = deferred_consume,
      .begin_headers = begin_headers,
      .recv_header = recv_header,
      .end_headers = end_headers,
      .stop_sending = stop_sending,
      .end_stream = end_stream,
      .reset_stream = reset_stream,
  };
  nghttp3_settings settings;
  int rv;

  nghttp3_settings_default(&settings);
  settings.qpack_max_dtable_capacity = 4096;
  settings.qpack_blocked_streams = 100;
  if (h->config.side == HO_CLIENT) {
    return nghttp3_conn_client_new(&h->conn, &callbacks, &settings,
                                   h->config.mem, h);
  }
  rv = nghttp3_conn_server_new(&h->conn, &callbacks, &settings, h->config.mem,
                               h);
  if (rv == 0) {
    const ngtcp2_transport_params *params =
        ngtcp2_conn_get_local_transport_params(h->config.conn);
    nghttp3_conn_set_max_client_streams_bidi(h->conn,
                                             params->initial_max_streams_bidi);
  }
  return rv;
}

ho_h3 *ho_h3_new(const ho_h3_config *config) {
  ho_h3 *h = ho_alloc(sizeof(*h));

  h->config = *config;
  h->head.next = h->head.prev = &h->head;
  return h;
}

void ho_h3_del(ho_h3 *h) {
  if (!h) {
    return;
  }
  while (h->head.next != &h->head) {
    stream_del(h->head.next);
  }
  nghttp3_conn_del(h->conn);
  free(h);
}

int ho_h3_bind(ho_h3 *h) {
  int64_t control, encoder, decoder;
  int rv = make_conn(h);

  if (rv != 0) {
    return rv;
  }
  if ((rv = ngtcp2_conn_open_uni_stream(h->config.conn, &control, NULL)) ||
      (rv = ngtcp2_conn_open_uni_stream(h->config.conn, &encoder, NULL)) ||
      (rv = ngtcp2_conn_open_uni_stream(h->config.conn, &decoder, NULL))) {
    return rv;
  }
  h->bound = true;
  rv = nghttp3_conn_bind_control_stream(h->conn, control);
  return rv ? rv : nghttp3_conn_bind_qpack_streams(h->conn, encoder, decoder);
}

bool ho_h3_bound(const ho_h3 *h) {
  return h->bound;
}

/* ---- calls ---- */

/* Opens the stream of |s|; stays waiting when there may be no further one. */
static int open_stream(ho_h3 *h, h3_stream *s) {
  ho_http_field fields[HO_HTTP_FIELDS];
  nghttp3_nv nv[HO_HTTP_FIELDS];
  nghttp3_data_reader reader = {read_request_body};
  ho_call *call = s->call;
  size_t count;
  int64_t id;
  int rv = ngtcp2_conn_open_bidi_stream(h->config.conn, &id, NULL);

  if (rv == NGTCP2_ERR_STREAM_ID_BLOCKED) {
    return HO_ERR_FULL;
  }
  if (rv != 0) {
    return HO_ERR_PROTO;
  }
  s->id = call->stream = id;
  call->body_sent = call->body_from;
  count = to_nv(nv, fields, ho_http_request_fields(fields, &call->request));
  rv = nghttp3_conn_submit_request(h->conn, id, nv, count,
                                   call->has_body ? &reader : NULL, s);
  return rv ? HO_ERR_PROTO : 0;
}

int ho_h3_request(ho_h3 *h, ho_call *call) {
  h3_stream *s = stream_new(h, -1);

  s->call = call;
  call->stream = -1;
  call->stream_user = s;
  return h->bound ? open_stream(h, s) : HO_ERR_FULL;
}

void ho_h3_streams_extended(ho_h3 *h) {
  for (h3_stream *s = h->head.next; s != &h->head; s = s->next) {
    if (s->call && s->id < 0 && open_stream(h, s) != 0) {
      return;
    }
  }
}

void ho_h3_resume(ho_h3 *h, ho_call *call) {
  if (h->conn && call->stream >= 0) {
    nghttp3_conn_resume_stream(h->conn, call->stream);
  }
}

void ho_h3_resume_all(ho_h3 *h) {
  for (h3_stream *s = h->head.next; s != &h->head; s = s->next) {
    if (s->exchange) {
      nghttp3_conn_resume_stream(h->conn, s->id);
    }
  }
}

void ho_h3_cancel(ho_h3 *h, ho_call *call) {
  h3_stream *s = call->stream_user;

  if (!s) {
    return;
  }
  s->call = NULL;
  call->stream_user = NULL;
  if (s->id < 0) {
    stream_del(s);
    return;
  }
  /* RFC 9114, 4.1.1. */
  ngtcp2_conn_shutdown_stream(h->config.conn, 0, s->id,
                              NGHTTP3_H3_REQUEST_CANCELLED);
}

void ho_h3_calls_end(ho_h3 *h, int64_t error) {
  for (h3_stream *s = h->head.next, *next; s != &h->head; s = next) {
    next = s->next;
    stream_over(s, error);
  }
}

int ho_h3_restart(ho_h3 *h) {
  int rv;

  nghttp3_conn_del(h->conn);
  h->conn = NULL;
  h->bound = false;
  rv = ho_h3_bind(h);
  for (h3_stream *s = h->head.next; rv == 0 && s != &h->head; s = s->next) {
    if (s->call && open_stream(h, s) == HO_ERR_PROTO) {
      rv = NGHTTP3_ERR_INVALID_STATE;
    }
  }
  return rv;
}

/* ---- ngtcp2's side ---- */

int ho_h3_recv(ho_h3 *h, int64_t stream, const uint8_t *data, size_t len,
               bool fin, uint64_t packet, ho_time now) {
  nghttp3_ssize n;

  h->packet = packet;
  h->now = now;
  ho_cost_begin(h->config.side, HO_COST_HTTP);
  n = nghttp3_conn_read_stream(h->conn, stream, data, len, fin);
  ho_cost_end();
  if (n < 0) {
    return (int)n;
  }
  extend(h, stream, (uint64_t)n);
  return 0;
}

int ho_h3_acked(ho_h3 *h, int64_t stream, uint64_t len) {
  int rv;

  if (!h->conn) {
    return 0;
  }
  ho_cost_begin(h->config.side, HO_COST_HTTP);
  rv = nghttp3_conn_add_ack_offset(h->conn, stream, len);
  ho_cost_end();
  return rv;
}

int ho_h3_closed(ho_h3 *h, int64_t stream, uint64_t error) {
  int rv;

  if (!h->conn) {
    return 0;
  }
  rv = nghttp3_conn_close_stream(h->conn, stream, error);
  if (h->config.side == HO_SERVER && ngtcp2_is_bidi_stream(stream)) {
    ngtcp2_conn_extend_max_streams_bidi(h->config.conn, 1);
  }
  return rv == NGHTTP3_ERR_STREAM_NOT_FOUND ? 0 : rv;
}

int ho_h3_reset(ho_h3 *h, int64_t stream) {
  return h->conn ? nghttp3_conn_shutdown_stream_read(h->conn, stream) : 0;
}

int ho_h3_unblock(ho_h3 *h, int64_t stream) {
  return h->conn ? nghttp3_conn_unblock_stream(h->conn, stream) : 0;
}

nghttp3_ssize ho_h3_next(ho_h3 *h, int64_t *stream, int *fin, nghttp3_vec *vec,
                         size_t veccnt) {
  nghttp3_ssize n;

  *stream = -1;
  *fin = 0;
  if (!h->conn) {
    return 0;
  }
  ho_cost_begin(h->config.side, HO_COST_HTTP);
  n = nghttp3_conn_writev_stream(h->conn, stream, fin, vec, veccnt);
  ho_cost_end();
  return n;
}

int ho_h3_sent(ho_h3 *h, int64_t stream, size_t len) {
  int rv;

  ho_cost_begin(h->config.side, HO_COST_HTTP);
  rv = nghttp3_conn_add_write_offset(h->conn, stream, len);
  ho_cost_end();
  return rv;
}

void ho_h3_blocked(ho_h3 *h, int64_t stream) {
  nghttp3_conn_block_stream(h->conn, stream);
}

void ho_h3_shut(ho_h3 *h, int64_t stream) {
  nghttp3_conn_shutdown_stream_write(h->conn, stream);
}

bool ho_h3_pending(const ho_h3 *h) {
  for (h3_stream *s = h->head.next; s != &h->head; s = s->next) {
    if (s->exchange && ho_exchange_pending(s->exchange)) {
      return true;
    }
  }
  return false;
}
