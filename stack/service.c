/* The server application: downloads, uploads that outlive connections, requests
 * and echoes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "stack/content.h"
#include "stack/service_private.h"

ho_service *ho_service_new(const ho_service_config *config) {
  ho_service *s = ho_alloc(sizeof(*s));

  s->config = *config;
  s->next_tick = HO_NEVER;
  return s;
}

void ho_service_del(ho_service *s) {
  if (!s) {
    return;
  }
  assert(s->live == 0);
  for (size_t i = 0; i < s->slots_count; i++) {
    free(s->slots[i]);
  }
  free(s->slots);
  for (size_t i = 0; i <= HO_CLIENTS_MAX; i++) {
    if (s->quiet[i]) {
      ho_pauses_free(&s->quiet[i]->pauses);
      free(s->quiet[i]);
    }
  }
  free(s);
}

/* A number that no world has as a client's shares one with the last. */
static ho_quiet *quiet_of(ho_service *s, int client) {
  size_t n =
      client < 0 || client > HO_CLIENTS_MAX ? HO_CLIENTS_MAX : (size_t)client;

  if (!s->quiet[n]) {
    s->quiet[n] = ho_alloc(sizeof(ho_quiet));
  }
  return s->quiet[n];
}

/* ---- beginning ---- */

void ho_exchange_answer(ho_exchange *x, unsigned status) {
  x->status = status;
  x->head_ready = true;
}

void ho_exchange_fail(ho_exchange *x) {
  x->failed = true;
  ho_service_stream_end(x);
  if (!x->head_taken) {
    x->ready = x->sent;
    ho_exchange_answer(x, 400);
  }
}

static void begin_download(ho_exchange *x) {
  const ho_http_request *req = &x->request;

  if (req->from > req->total) {
    ho_exchange_fail(x);
    return;
  }
  x->sent = req->from;
  x->ready = req->total;
  ho_exchange_answer(x, req->from > 0 ? 206 : 200);
}

static void begin_upload(ho_exchange *x) {
  const ho_http_request *req = &x->request;
  ho_upload *up = ho_upload_get(x->service, req);

  if (req->total != up->total || req->from > req->total ||
      ho_upload_is_stale(x, up)) {
    ho_exchange_fail(x);
    return;
  }
  ho_upload_release(up);
  x->body_pos = req->from;
  x->body_limit = req->total;
  if (req->from > up->have) {
    /* Reported with the first byte, which has a time. */
    x->gap = true;
    ho_exchange_answer(x, 400);
    return;
  }
  if (req->from == req->total) {
    ho_exchange_answer(x, 200);
    return;
  }
  up->owner = x;
  x->upload = up;
}

static void begin_offset(ho_exchange *x) {
  ho_upload *up = ho_upload_find(x->service, &x->request);

  if (up && !ho_upload_is_stale(x, up)) {
    ho_upload_release(up);
  }
  ho_exchange_answer(x, 200);
}

ho_exchange *ho_service_begin(ho_service *service, const ho_http_request *req,
                              uint64_t connection, void *user) {
  ho_exchange *x = ho_alloc(sizeof(*x));

  x->service = service;
  x->quiet = quiet_of(service, req->client);
  x->request = *req;
  x->connection = connection;
  x->user = user;
  service->live++;
  if (!ho_http_request_ok(req)) {
    x->failed = true;
    ho_exchange_answer(x, ho_http_request_nowhere(req) ? 404 : 400);
    return x;
  }
  switch (req->kind) {
  case HO_HTTP_DOWNLOAD:
    begin_download(x);
    break;
  case HO_HTTP_UPLOAD:
    begin_upload(x);
    break;
  case HO_HTTP_OFFSET:
    begin_offset(x);
    break;
  case HO_HTTP_REQUEST:
    break;
  case HO_HTTP_ECHO:
    x->body_pos = x->sent = x->ready = req->from;
    ho_exchange_answer(x, 200);
    break;
  case HO_HTTP_STREAM:
    ho_service_stream_begin(x);
    break;
  }
  return x;
}

void *ho_exchange_user(const ho_exchange *x) {
  return x->user;
}

/* ---- the request body ---- */

static void body_wrong(ho_exchange *x, const char *reason, ho_time now) {
  HO_EMIT(x->service->config.log, byte_wrong, now, x->request.client,
          .request = x->request.object, .endpoint = HO_SERVER,
          .offset = x->body_pos, .reason = reason);
  ho_exchange_fail(x);
}

/* body_upload counts |len| > 0 bytes that were found right. */
static void body_upload(ho_exchange *x, uint64_t len, uint64_t packet,
                        ho_time now) {
  ho_upload *up = x->upload;
  uint64_t end = x->body_pos + len, again = up->have - x->body_pos;

  assert(x->body_pos <= up->have && end <= up->total);
  HO_EMIT(x->service->config.log, delivered, now, x->request.client,
          .request = x->request.object, .connection = x->connection,
          .endpoint = HO_SERVER, .offset = x->body_pos, .bytes = len,
          .again = again < len ? again : len, .packet = packet);
  if (end > up->have) {
    up->have = end;
  }
  if (end == up->total) {
    /* Nobody can take over what is complete. */
    up->owner = NULL;
    x->upload = NULL;
    ho_exchange_answer(x, 200);
  }
}

/* body_check compares |data| with what the kind of request says it is. */
static size_t body_check(const ho_exchange *x, const uint8_t *data,
                         size_t len) {
  uint64_t object = x->request.object;

  if (x->request.kind == HO_HTTP_UPLOAD) {
    /* What goes beyond the announced total is wrong, whatever it holds. */
    if (len > x->body_limit - x->body_pos) {
      len = (size_t)(x->body_limit - x->body_pos);
    }
  } else {
    object += HO_HTTP_BODY_OBJECT;
  }
  return ho_content_check(object, x->body_pos, data, len);
}

void ho_exchange_body(ho_exchange *x, const uint8_t *data, size_t len,
                      uint64_t packet, ho_time now) {
  size_t right;

  if (len == 0 || x->failed) {
    return;
  }
  if (x->gap) {
    body_wrong(x, "gap", now);
    return;
  }
  if (x->request.kind == HO_HTTP_STREAM) {
    ho_service_stream_body(x, data, len, packet, now);
    return;
  }
  right =
      x->request.kind == HO_HTTP_DOWNLOAD || x->request.kind == HO_HTTP_OFFSET
          ? 0 /* neither has a body */
          : body_check(x, data, len);
  if (x->request.kind == HO_HTTP_UPLOAD && right > 0) {
    body_upload(x, right, packet, now);
  }
  x->body_pos += right;
  if (x->request.kind == HO_HTTP_ECHO) {
    x->ready = x->body_pos;
  }
  if (right < len) {
    body_wrong(x, "wrong", now);
  }
}

void ho_exchange_body_end(ho_exchange *x) {
  x->ended = true;
  if (x->failed) {
    return;
  }
  if (x->request.kind == HO_HTTP_REQUEST) {
    x->ready = x->request.total;
    ho_exchange_answer(x, 200);
  } else if (x->request.kind == HO_HTTP_UPLOAD && !x->head_ready) {
    /* Short of what its content-length said: HTTP libraries do not let such a
     * body end in good order (RFC 9110, 8.6), so nobody counts this one. */
    ho_exchange_fail(x);
  } else if (x->request.kind == HO_HTTP_STREAM) {
    ho_service_stream_end(x);
  }
}

/* ---- the response ---- */

bool ho_exchange_response(ho_exchange *x, ho_http_response *resp,
                          bool *has_body) {
  ho_http_kind kind = x->request.kind;
  bool good = x->status == 200 || x->status == 206;

  if (!x->head_ready || x->head_taken) {
    return false;
  }
  x->head_taken = true;
  *resp = (ho_http_response){x->status, x->ready - x->sent, UINT64_MAX};
  *has_body = x->ready > x->sent;
  if (good && kind == HO_HTTP_OFFSET) {
    ho_upload *up = ho_upload_find(x->service, &x->request);

    resp->content_length = UINT64_MAX;
    resp->upload_offset = up ? up->have : 0;
  } else if (good && (kind == HO_HTTP_ECHO || kind == HO_HTTP_STREAM)) {
    resp->content_length = UINT64_MAX; /* nobody knows yet */
    *has_body = true;
  }
  return true;
}

/* exchange_eof says whether no byte will follow those before |ready|. */
static bool exchange_eof(const ho_exchange *x) {
  bool open =
      x->request.kind == HO_HTTP_ECHO || x->request.kind == HO_HTTP_STREAM;

  return !open || x->ended || x->failed;
}

static const uint8_t *read_content(ho_exchange *x, size_t max, size_t *len) {
  bool held = x->quiet->paused && x->request.kind == HO_HTTP_DOWNLOAD;
  uint64_t left = held ? 0 : x->ready - x->sent;
  uint64_t object = x->request.object;
  const uint8_t *p = NULL;

  if (x->request.kind == HO_HTTP_ECHO) {
    object += HO_HTTP_BODY_OBJECT;
  }
  *len = left < max ? (size_t)left : max;
  if (*len > 0) {
    p = ho_content_at(object, x->sent, len);
    x->sent += *len;
  }
  return p;
}

const uint8_t *ho_exchange_read(ho_exchange *x, size_t max, size_t *len,
                                bool *eof) {
  const uint8_t *p = x->request.kind == HO_HTTP_STREAM
                         ? ho_service_stream_read(x, max, len)
                         : read_content(x, max, len);

  *eof = x->sent == x->ready && x->head_ready && exchange_eof(x);
  return p;
}

void ho_service_pause(ho_service *service, int client, bool paused) {
  ho_quiet *quiet = quiet_of(service, client);

  quiet->paused = paused;
  if (service->config.now) {
    ho_pauses_set(&quiet->pauses, paused, service->config.now());
  }
}

bool ho_exchange_pending(const ho_exchange *x) {
  bool more = x->request.kind == HO_HTTP_STREAM ? ho_service_stream_pending(x)
                                                : x->ready > x->sent;

  return more || (x->head_ready && !x->head_taken);
}

void ho_exchange_end(ho_exchange *x) {
  ho_service_stream_end(x);
  if (x->upload) {
    x->upload->owner = NULL;
  }
  x->service->live--;
  free(x);
}
