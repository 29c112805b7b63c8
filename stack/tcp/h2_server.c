/* HTTP/2 (RFC 9113) by nghttp2, the server's side. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/tcp/h2.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/ns3/ns3.h"

typedef struct stream {
  struct stream *next, *prev;
  int32_t id;
  ho_http_request request;
  ho_exchange *exchange; /* NULL until the request's head is complete */
} stream;

struct ho_h2_server {
  nghttp2_session *session;
  ho_service *service;
  const ho_h2_where *where;
  stream head; /* ring, oldest first */
};

static void stream_del(stream *s) {
  if (s->exchange) {
    ho_exchange_end(s->exchange);
  }
  s->prev->next = s->next;
  s->next->prev = s->prev;
  free(s);
}

static stream *stream_of(nghttp2_session *session, int32_t id) {
  return nghttp2_session_get_stream_user_data(session, id);
}

/* ---- the response ---- */

static ssize_t read_body(nghttp2_session *session, int32_t id, uint8_t *buf,
                         size_t cap, uint32_t *flags,
                         nghttp2_data_source *source, void *user) {
  stream *s = source->ptr;
  size_t filled = 0, len;
  bool eof = false;

  (void)session, (void)id, (void)user;
  if (!s->exchange) {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }
  while (filled < cap && !eof) {
    const uint8_t *data =
        ho_exchange_read(s->exchange, cap - filled, &len, &eof);
    if (!data) {
      break;
    }
    memcpy(buf + filled, data, len);
    filled += len;
  }
  if (eof) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
  } else if (filled == 0) {
    return NGHTTP2_ERR_DEFERRED;
  }
  return (ssize_t)filled;
}

static void respond(ho_h2_server *h, stream *s, const ho_http_response *resp,
                    bool has_body) {
  ho_http_field fields[HO_HTTP_FIELDS];
  nghttp2_nv nv[HO_HTTP_FIELDS];
  size_t count = ho_http_response_fields(fields, resp);
  nghttp2_data_provider body = {.source = {.ptr = s},
                                .read_callback = read_body};

  nghttp2_submit_response(h->session, s->id, nv,
                          ho_h2_fields(nv, fields, count),
                          has_body ? &body : NULL);
}

/* Whatever reached the exchange may have given it something to say. */
static void answer(ho_h2_server *h, stream *s) {
  ho_http_response resp;
  bool has_body;

  if (ho_exchange_response(s->exchange, &resp, &has_body)) {
    respond(h, s, &resp, has_body);
  } else if (ho_exchange_pending(s->exchange)) {
    nghttp2_session_resume_data(h->session, s->id);
  }
}

/* ---- nghttp2's callbacks ---- */

static int on_begin(nghttp2_session *session, const nghttp2_frame *frame,
                    void *user) {
  ho_h2_server *h = user;
  stream *s;

  if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) {
    return 0;
  }
  s = ho_alloc(sizeof(*s));
  s->id = frame->hd.stream_id;
  s->next = &h->head;
  s->prev = h->head.prev;
  s->prev->next = s;
  h->head.prev = s;
  nghttp2_session_set_stream_user_data(session, s->id, s);
  return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame,
                     const uint8_t *name, size_t name_len, const uint8_t *value,
                     size_t value_len, uint8_t flags, void *user) {
  stream *s = stream_of(session, frame->hd.stream_id);

  (void)flags, (void)user;
  if (s && !s->exchange) {
    ho_http_request_field(&s->request, name, name_len, value, value_len);
  }
  return 0;
}

static void begin(ho_h2_server *h, stream *s) {
  static const ho_http_response bad = {400, 0, UINT64_MAX};

  if (!ho_http_request_ok(&s->request)) {
    respond(h, s, &bad, false);
    return;
  }
  s->exchange =
      ho_service_begin(h->service, &s->request, h->where->connection, s);
  answer(h, s);
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame,
                    void *user) {
  ho_h2_server *h = user;
  stream *s;

  if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) {
    return 0;
  }
  s = stream_of(session, frame->hd.stream_id);
  if (!s) {
    return 0;
  }
  if (frame->hd.type == NGHTTP2_HEADERS && !s->exchange) {
    begin(h, s);
  }
  if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) && s->exchange) {
    ho_exchange_body_end(s->exchange);
    answer(h, s);
  }
  return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id,
                   const uint8_t *data, size_t len, void *user) {
  ho_h2_server *h = user;
  stream *s = stream_of(session, id);

  (void)flags;
  if (s && s->exchange) {
    ho_exchange_body(s->exchange, data, len, h->where->packet, ho_ns_now());
    answer(h, s);
  }
  return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t error,
                    void *user) {
  stream *s = stream_of(session, id);

  (void)error, (void)user;
  if (s) {
    nghttp2_session_set_stream_user_data(session, id, NULL);
    stream_del(s);
  }
  return 0;
}

/* ---- */

ho_h2_server *ho_h2_server_new(ho_service *service, const ho_h2_where *where) {
  ho_h2_server *h = ho_alloc(sizeof(*h));
  nghttp2_session_callbacks *cb;
  int rv = nghttp2_session_callbacks_new(&cb);

  assert(rv == 0);
  h->service = service;
  h->where = where;
  h->head.next = h->head.prev = &h->head;
  nghttp2_session_callbacks_set_on_begin_headers_callback(cb, on_begin);
  nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_close);
  nghttp2_session_callbacks_set_data_source_read_length_callback(
      cb, ho_h2_frame_length);
  rv = nghttp2_session_server_new(&h->session, cb, h);
  assert(rv == 0);
  (void)rv;
  nghttp2_session_callbacks_del(cb);
  ho_h2_start(h->session);
  return h;
}

nghttp2_session *ho_h2_server_session(ho_h2_server *h) {
  return h->session;
}

bool ho_h2_server_resume(ho_h2_server *h) {
  bool any = false;

  for (stream *s = h->head.next; s != &h->head; s = s->next) {
    if (s->exchange && ho_exchange_pending(s->exchange)) {
      /* It fails where nothing was deferred, which is well. */
      nghttp2_session_resume_data(h->session, s->id);
      any = true;
    }
  }
  return any;
}

void ho_h2_server_end(ho_h2_server *h) {
  for (stream *s = h->head.next; s != &h->head; s = s->next) {
    if (s->exchange) {
      ho_exchange_end(s->exchange);
      s->exchange = NULL;
    }
  }
}

void ho_h2_server_del(ho_h2_server *h) {
  if (!h) {
    return;
  }
  while (h->head.next != &h->head) {
    stream_del(h->head.next);
  }
  nghttp2_session_del(h->session);
  free(h);
}
