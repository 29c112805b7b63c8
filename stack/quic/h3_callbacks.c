/* What nghttp3 calls, at the client and at the server. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/h3_private.h"

/* ---- bodies ---- */

/* What a reader returns that has put |count| pieces together. */
static nghttp3_ssize gathered(size_t count, bool eof, uint32_t *pflags) {
  if (eof) {
    *pflags |= NGHTTP3_DATA_FLAG_EOF;
  }
  return count > 0 || eof ? (nghttp3_ssize)count : NGHTTP3_ERR_WOULDBLOCK;
}

nghttp3_ssize ho_h3_request_body(nghttp3_conn *conn, int64_t stream_id,
                                 nghttp3_vec *vec, size_t veccnt,
                                 uint32_t *pflags, void *conn_user,
                                 void *stream_user) {
  h3_stream *s = stream_user;
  size_t total = 0, count = 0, len;
  bool eof = !s->call;

  (void)conn, (void)stream_id, (void)conn_user;
  while (!eof && count < veccnt && total < HO_H3_CHUNK) {
    const uint8_t *data =
        ho_call_read(s->call, HO_H3_CHUNK - total, &len, &eof);
    if (!data) {
      break;
    }
    vec[count++] = (nghttp3_vec){(uint8_t *)data, len};
    total += len;
  }
  return gathered(count, eof, pflags);
}

static nghttp3_ssize read_response_body(nghttp3_conn *conn, int64_t stream_id,
                                        nghttp3_vec *vec, size_t veccnt,
                                        uint32_t *pflags, void *conn_user,
                                        void *stream_user) {
  h3_stream *s = stream_user;
  size_t total = 0, count = 0, len;
  bool eof = false;

  (void)conn, (void)stream_id, (void)conn_user;
  while (!eof && count < veccnt && total < HO_H3_CHUNK) {
    const uint8_t *data =
        ho_exchange_read(s->exchange, HO_H3_CHUNK - total, &len, &eof);
    if (!data) {
      break;
    }
    vec[count++] = (nghttp3_vec){(uint8_t *)data, len};
    total += len;
  }
  return gathered(count, eof, pflags);
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
  count = ho_h3_nv(nv, fields, ho_http_response_fields(fields, &resp));
  return nghttp3_conn_submit_response(s->h->conn, s->id, nv, count,
                                      has_body ? &reader : NULL);
}

static int begin_headers(nghttp3_conn *conn, int64_t stream_id, void *user,
                         void *stream_user) {
  ho_h3 *h = user;

  (void)stream_user;
  if (h->config.side == HO_SERVER) {
    nghttp3_conn_set_stream_user_data(conn, stream_id,
                                      ho_h3_stream_new(h, stream_id));
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
    ho_h3_stream_over(s, 0);
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

int ho_h3_consumed(ho_h3 *h, int64_t stream, uint64_t len) {
  ngtcp2_conn_extend_max_stream_offset(h->config.conn, stream, len);
  ngtcp2_conn_extend_max_offset(h->config.conn, len);
  return 0;
}

static int recv_data(nghttp3_conn *conn, int64_t stream_id, const uint8_t *data,
                     size_t len, void *user, void *stream_user) {
  h3_stream *s = stream_user;
  ho_h3 *h = user;

  (void)conn;
  ho_h3_consumed(h, stream_id, len);
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
  return ho_h3_consumed(user, stream_id, len);
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
    ho_h3_stream_over(s, error == NGHTTP3_H3_NO_ERROR ? -1 : (int64_t)error);
    ho_h3_stream_del(s);
  }
  return 0;
}

void ho_h3_callbacks(nghttp3_callbacks *callbacks) {
  *callbacks = (nghttp3_callbacks){
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
}
