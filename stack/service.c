/* The server application: downloads, uploads that outlive connections, requests
 * and echoes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/http.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "stack/content.h"

/* ho_upload is what the server keeps of one client's object. */
typedef struct {
  int client;
  uint64_t object, total;
  uint64_t have;      /* in-order bytes it has, over all connections */
  ho_exchange *owner; /* the one exchange that may add to it, or NULL */
  uint64_t newest;    /* the client's newest connection that asked for it */
} ho_upload;

struct ho_service {
  ho_log *log;
  ho_upload **slots; /* open addressing; slots_count is a power of two */
  size_t slots_count, uploads;
  size_t live; /* exchanges not yet ended */
  bool paused;
};

struct ho_exchange {
  ho_service *service;
  ho_http_request request;
  uint64_t connection;
  void *user;
  ho_upload *upload;    /* UPLOAD, while it owns it */
  uint64_t body_pos;    /* next byte of the request body */
  uint64_t body_limit;  /* UPLOAD: where it must end */
  uint64_t sent, ready; /* response body: next byte, end of what may go */
  bool ended;           /* the request body is over */
  bool failed;          /* 400: take no more of the body */
  bool gap;             /* UPLOAD that starts beyond what we have */
  bool head_ready, head_taken;
  unsigned status;
};

/* ---- uploads ---- */

static size_t upload_slot(const ho_service *s, int client, uint64_t object) {
  /* The finaliser of MurmurHash3: neighbours scatter. */
  uint64_t h = object ^ (uint64_t)(unsigned)client << 32;
  size_t i;

  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
  h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
  i = (size_t)(h ^ (h >> 33)) & (s->slots_count - 1);
  while (s->slots[i] &&
         (s->slots[i]->client != client || s->slots[i]->object != object)) {
    i = (i + 1) & (s->slots_count - 1);
  }
  return i;
}

static void uploads_grow(ho_service *s) {
  ho_upload **old = s->slots;
  size_t old_count = s->slots_count;

  s->slots_count = old_count ? old_count * 2 : 16;
  s->slots = ho_alloc_array(s->slots_count, sizeof(*s->slots));
  for (size_t i = 0; i < old_count; i++) {
    if (old[i]) {
      s->slots[upload_slot(s, old[i]->client, old[i]->object)] = old[i];
    }
  }
  free(old);
}

static ho_upload *upload_find(const ho_service *s, const ho_http_request *req) {
  return s->slots_count ? s->slots[upload_slot(s, req->client, req->object)]
                        : NULL;
}

static ho_upload *upload_get(ho_service *s, const ho_http_request *req) {
  ho_upload *up = upload_find(s, req);

  if (up) {
    return up;
  }
  if (s->uploads * 2 >= s->slots_count) {
    uploads_grow(s);
  }
  up = ho_alloc(sizeof(*up));
  up->client = req->client;
  up->object = req->object;
  up->total = req->total;
  s->slots[upload_slot(s, req->client, req->object)] = up;
  s->uploads++;
  return up;
}

ho_service *ho_service_new(ho_log *log) {
  ho_service *s = ho_alloc(sizeof(*s));

  s->log = log;
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
  free(s);
}

/* ---- beginning ---- */

static void exchange_answer(ho_exchange *x, unsigned status) {
  x->status = status;
  x->head_ready = true;
}

/* exchange_fail refuses the rest.  Once a head is out, all that is left is to
 * end the response early. */
static void exchange_fail(ho_exchange *x) {
  x->failed = true;
  if (!x->head_taken) {
    x->ready = x->sent;
    exchange_answer(x, 400);
  }
}

/* upload_release takes |up| away from the exchange that has it, if any.  Its
 * connection may be dead or only slow; either way its bytes no longer count,
 * or an offset told since would be wrong. */
static void upload_release(ho_upload *up) {
  if (up->owner) {
    up->owner->upload = NULL;
    exchange_fail(up->owner);
    up->owner = NULL;
  }
}

/* is_stale says that |x| came late, over a connection that the client has given
 * up since for another: what its buffers still held.  It must not take the
 * object from the newer one. */
static bool is_stale(const ho_exchange *x, ho_upload *up) {
  if (x->connection < up->newest) {
    return true;
  }
  up->newest = x->connection;
  return false;
}

static void begin_download(ho_exchange *x) {
  const ho_http_request *req = &x->request;

  if (req->from > req->total) {
    exchange_fail(x);
    return;
  }
  x->sent = req->from;
  x->ready = req->total;
  exchange_answer(x, req->from > 0 ? 206 : 200);
}

static void begin_upload(ho_exchange *x) {
  const ho_http_request *req = &x->request;
  ho_upload *up = upload_get(x->service, req);

  if (req->total != up->total || req->from > req->total || is_stale(x, up)) {
    exchange_fail(x);
    return;
  }
  upload_release(up);
  x->body_pos = req->from;
  x->body_limit = req->total;
  if (req->from > up->have) {
    /* Reported with the first byte, which has a time. */
    x->gap = true;
    exchange_answer(x, 400);
    return;
  }
  if (req->from == req->total) {
    exchange_answer(x, 200);
    return;
  }
  up->owner = x;
  x->upload = up;
}

static void begin_offset(ho_exchange *x) {
  ho_upload *up = upload_find(x->service, &x->request);

  if (up && !is_stale(x, up)) {
    upload_release(up);
  }
  exchange_answer(x, 200);
}

ho_exchange *ho_service_begin(ho_service *service, const ho_http_request *req,
                              uint64_t connection, void *user) {
  ho_exchange *x = ho_alloc(sizeof(*x));

  x->service = service;
  x->request = *req;
  x->connection = connection;
  x->user = user;
  service->live++;
  if (!ho_http_request_ok(req)) {
    x->failed = true;
    exchange_answer(x, ho_http_request_nowhere(req) ? 404 : 400);
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
    exchange_answer(x, 200);
    break;
  }
  return x;
}

void *ho_exchange_user(const ho_exchange *x) {
  return x->user;
}

/* ---- the request body ---- */

static void body_wrong(ho_exchange *x, const char *reason, ho_time now) {
  HO_EMIT(x->service->log, byte_wrong, now, x->request.client,
          .request = x->request.object, .endpoint = HO_SERVER,
          .offset = x->body_pos, .reason = reason);
  exchange_fail(x);
}

/* body_upload counts |len| > 0 bytes that were found right. */
static void body_upload(ho_exchange *x, uint64_t len, uint64_t packet,
                        ho_time now) {
  ho_upload *up = x->upload;
  uint64_t end = x->body_pos + len, again = up->have - x->body_pos;

  assert(x->body_pos <= up->have && end <= up->total);
  HO_EMIT(x->service->log, delivered, now, x->request.client,
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
    exchange_answer(x, 200);
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
    exchange_answer(x, 200);
  } else if (x->request.kind == HO_HTTP_UPLOAD && !x->head_ready) {
    /* Short of what its content-length said: HTTP libraries do not let such a
     * body end in good order (RFC 9110, 8.6), so nobody counts this one. */
    exchange_fail(x);
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
    ho_upload *up = upload_find(x->service, &x->request);

    resp->content_length = UINT64_MAX;
    resp->upload_offset = up ? up->have : 0;
  } else if (good && kind == HO_HTTP_ECHO) {
    resp->content_length = UINT64_MAX; /* nobody knows yet */
    *has_body = true;
  }
  return true;
}

/* exchange_eof says whether no byte will follow those before |ready|. */
static bool exchange_eof(const ho_exchange *x) {
  return x->request.kind != HO_HTTP_ECHO || x->ended || x->failed;
}

const uint8_t *ho_exchange_read(ho_exchange *x, size_t max, size_t *len,
                                bool *eof) {
  bool held = x->service->paused && x->request.kind == HO_HTTP_DOWNLOAD;
  uint64_t left = held ? 0 : x->ready - x->sent;
  const uint8_t *p = NULL;

  *len = left < max ? (size_t)left : max;
  if (*len > 0) {
    uint64_t object = x->request.object;

    if (x->request.kind == HO_HTTP_ECHO) {
      object += HO_HTTP_BODY_OBJECT;
    }
    p = ho_content_at(object, x->sent, len);
    x->sent += *len;
  }
  *eof = x->sent == x->ready && x->head_ready && exchange_eof(x);
  return p;
}

void ho_service_pause(ho_service *service, bool paused) {
  service->paused = paused;
}

bool ho_exchange_pending(const ho_exchange *x) {
  return x->ready > x->sent || (x->head_ready && !x->head_taken);
}

void ho_exchange_end(ho_exchange *x) {
  if (x->upload) {
    x->upload->owner = NULL;
  }
  x->service->live--;
  free(x);
}
