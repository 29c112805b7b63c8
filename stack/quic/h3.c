/* HTTP/3 on a QUIC connection: its life, its calls, and ngtcp2's side of it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/h3.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/base/diag.h"
#include "stack/cost.h"
#include "stack/quic/h3_private.h"

h3_stream *ho_h3_stream_new(ho_h3 *h, int64_t id) {
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

void ho_h3_stream_del(h3_stream *s) {
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

void ho_h3_stream_over(h3_stream *s, int64_t error) {
  if (s->call && !s->over) {
    s->over = true;
    s->call->on_end(s->call, error);
  }
}

/* nghttp3 wants name and value vectors; ours live as long as the call. */
size_t ho_h3_nv(nghttp3_nv *nv, ho_http_field *fields, size_t count) {
  for (size_t i = 0; i < count; i++) {
    nv[i] = (nghttp3_nv){(uint8_t *)fields[i].name, (uint8_t *)fields[i].value,
                         strlen(fields[i].name), strlen(fields[i].value),
                         NGHTTP3_NV_FLAG_NONE};
  }
  return count;
}

/* ---- life ---- */

static int make_conn(ho_h3 *h) {
  nghttp3_callbacks callbacks;
  nghttp3_settings settings;
  int rv;

  ho_h3_callbacks(&callbacks);
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
    ho_h3_stream_del(h->head.next);
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
  nghttp3_data_reader reader = {ho_h3_request_body};
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
  count = ho_h3_nv(nv, fields, ho_http_request_fields(fields, &call->request));
  rv = nghttp3_conn_submit_request(h->conn, id, nv, count,
                                   call->has_body ? &reader : NULL, s);
  return rv ? HO_ERR_PROTO : 0;
}

int ho_h3_request(ho_h3 *h, ho_call *call) {
  h3_stream *s = ho_h3_stream_new(h, -1);
  int rv;

  s->call = call;
  call->stream = -1;
  call->stream_user = s;
  rv = h->bound ? open_stream(h, s) : HO_ERR_FULL;
  if (rv == HO_ERR_PROTO) {
    ho_h3_stream_del(s);
  }
  return rv;
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

bool ho_h3_resume_all(ho_h3 *h) {
  bool any = false;

  for (h3_stream *s = h->head.next; s != &h->head; s = s->next) {
    if (s->exchange && ho_exchange_pending(s->exchange)) {
      nghttp3_conn_resume_stream(h->conn, s->id);
      any = true;
    }
  }
  return any;
}

void ho_h3_cancel(ho_h3 *h, ho_call *call) {
  h3_stream *s = call->stream_user;

  if (!s) {
    return;
  }
  s->call = NULL;
  call->stream_user = NULL;
  if (s->id < 0) {
    ho_h3_stream_del(s);
    return;
  }
  /* RFC 9114, 4.1.1. */
  ngtcp2_conn_shutdown_stream(h->config.conn, 0, s->id,
                              NGHTTP3_H3_REQUEST_CANCELLED);
}

void ho_h3_calls_end(ho_h3 *h, int64_t error) {
  for (h3_stream *s = h->head.next, *next; s != &h->head; s = next) {
    next = s->next;
    ho_h3_stream_over(s, error);
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
  ho_h3_consumed(h, stream, (uint64_t)n);
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
