/* HTTP/2 (RFC 9113) by nghttp2, the client's side. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/tcp/h2.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/base/diag.h"

typedef struct stream {
  struct stream *next, *prev;
  ho_call *call; /* NULL once it is over or cancelled */
  ho_http_response response;
} stream;

struct ho_h2_client {
  nghttp2_session *session;
  stream head; /* ring, oldest first */
};

static stream *stream_new(ho_h2_client *h, ho_call *call) {
  stream *s = ho_alloc(sizeof(*s));

  s->call = call;
  s->response = (ho_http_response){.content_length = UINT64_MAX,
                                   .upload_offset = UINT64_MAX};
  s->next = &h->head;
  s->prev = h->head.prev;
  s->prev->next = s;
  h->head.prev = s;
  call->stream_user = s;
  return s;
}

static void stream_del(stream *s) {
  if (s->call) {
    s->call->stream_user = NULL;
  }
  s->prev->next = s->next;
  s->next->prev = s->prev;
  free(s);
}

static stream *stream_of(nghttp2_session *session, int32_t id) {
  return nghttp2_session_get_stream_user_data(session, id);
}

static void stream_over(stream *s, int64_t error) {
  ho_call *call = s->call;

  if (call) {
    s->call = NULL;
    call->stream_user = NULL;
    call->on_end(call, error);
  }
}

/* ---- nghttp2's callbacks ---- */

static int on_header(nghttp2_session *session, const nghttp2_frame *frame,
                     const uint8_t *name, size_t name_len, const uint8_t *value,
                     size_t value_len, uint8_t flags, void *user) {
  stream *s = stream_of(session, frame->hd.stream_id);

  (void)flags, (void)user;
  if (s) {
    ho_http_response_field(&s->response, name, name_len, value, value_len);
  }
  return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame,
                    void *user) {
  stream *s;

  (void)user;
  if (frame->hd.type != NGHTTP2_HEADERS ||
      frame->headers.cat != NGHTTP2_HCAT_RESPONSE) {
    return 0;
  }
  s = stream_of(session, frame->hd.stream_id);
  if (s && s->call && s->call->on_response) {
    s->call->on_response(s->call, &s->response);
  }
  return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id,
                   const uint8_t *data, size_t len, void *user) {
  stream *s = stream_of(session, id);

  (void)flags, (void)user;
  if (s && s->call && s->call->on_data) {
    s->call->on_data(s->call, data, len);
  }
  return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t error,
                    void *user) {
  stream *s = stream_of(session, id);

  (void)user;
  if (s) {
    nghttp2_session_set_stream_user_data(session, id, NULL);
    stream_over(s, error);
    stream_del(s);
  }
  return 0;
}

static ssize_t read_body(nghttp2_session *session, int32_t id, uint8_t *buf,
                         size_t cap, uint32_t *flags,
                         nghttp2_data_source *source, void *user) {
  stream *s = source->ptr;
  ho_call *call = s->call;
  size_t filled = 0, len;
  bool eof = false;

  (void)session, (void)id, (void)user;
  if (!call) {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE; /* cancelled */
  }
  while (filled < cap && !eof) {
    const uint8_t *data = ho_call_read(call, cap - filled, &len, &eof);
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

/* ---- */

ho_h2_client *ho_h2_client_new(void) {
  ho_h2_client *h = ho_alloc(sizeof(*h));
  nghttp2_session_callbacks *cb;
  int rv = nghttp2_session_callbacks_new(&cb);

  assert(rv == 0);
  h->head.next = h->head.prev = &h->head;
  nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_close);
  nghttp2_session_callbacks_set_data_source_read_length_callback(
      cb, ho_h2_frame_length);
  rv = nghttp2_session_client_new(&h->session, cb, h);
  assert(rv == 0);
  (void)rv;
  nghttp2_session_callbacks_del(cb);
  ho_h2_start(h->session);
  return h;
}

nghttp2_session *ho_h2_client_session(ho_h2_client *h) {
  return h->session;
}

void ho_h2_client_del(ho_h2_client *h) {
  if (!h) {
    return;
  }
  while (h->head.next != &h->head) {
    stream_del(h->head.next);
  }
  nghttp2_session_del(h->session);
  free(h);
}

int ho_h2_client_request(ho_h2_client *h, ho_call *call) {
  ho_http_field fields[HO_HTTP_FIELDS];
  nghttp2_nv nv[HO_HTTP_FIELDS];
  size_t count = ho_http_request_fields(fields, &call->request);
  stream *s = stream_new(h, call);
  nghttp2_data_provider body = {.source = {.ptr = s},
                                .read_callback = read_body};
  int32_t id;

  call->body_sent = call->body_from;
  id = nghttp2_submit_request(h->session, NULL, nv,
                              ho_h2_fields(nv, fields, count),
                              call->has_body ? &body : NULL, s);
  if (id < 0) {
    stream_del(s);
    return HO_ERR_PROTO;
  }
  call->stream = id;
  return 0;
}

void ho_h2_client_resume(ho_h2_client *h, ho_call *call) {
  if (call->stream_user) {
    /* It fails where nothing was deferred, which is well. */
    nghttp2_session_resume_data(h->session, (int32_t)call->stream);
  }
}

void ho_h2_client_cancel(ho_h2_client *h, ho_call *call) {
  stream *s = call->stream_user;

  if (s) {
    s->call = NULL;
    call->stream_user = NULL;
    nghttp2_submit_rst_stream(h->session, NGHTTP2_FLAG_NONE,
                              (int32_t)call->stream, NGHTTP2_CANCEL);
  }
}

void ho_h2_client_end(ho_h2_client *h, int64_t error) {
  /* A callback may cancel others, but streams are deleted elsewhere. */
  for (stream *s = h->head.next; s != &h->head; s = s->next) {
    stream_over(s, error);
  }
}

void ho_h2_client_forget(ho_h2_client *h) {
  for (stream *s = h->head.next; s != &h->head; s = s->next) {
    if (s->call) {
      s->call->stream_user = NULL;
      s->call = NULL;
    }
  }
}
