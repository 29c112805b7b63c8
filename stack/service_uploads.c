/* What the server keeps of each client's uploads and streams, by object. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "stack/service_private.h"

static size_t upload_slot(const ho_service *s, int client, uint64_t key) {
  /* The finaliser of MurmurHash3: neighbours scatter. */
  uint64_t h = key ^ (uint64_t)(unsigned)client << 32;
  size_t i;

  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
  h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
  i = (size_t)(h ^ (h >> 33)) & (s->slots_count - 1);
  while (s->slots[i] &&
         (s->slots[i]->client != client || s->slots[i]->key != key)) {
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
      s->slots[upload_slot(s, old[i]->client, old[i]->key)] = old[i];
    }
  }
  free(old);
}

/* A stream is kept beside the uploads: objects are below 2^62. */
static uint64_t upload_key(const ho_http_request *req) {
  return req->kind == HO_HTTP_STREAM ? req->object + (UINT64_C(1) << 62)
                                     : req->object;
}

ho_upload *ho_upload_find(const ho_service *s, const ho_http_request *req) {
  return s->slots_count ? s->slots[upload_slot(s, req->client, upload_key(req))]
                        : NULL;
}

ho_upload *ho_upload_get(ho_service *s, const ho_http_request *req) {
  ho_upload *up = ho_upload_find(s, req);

  if (up) {
    return up;
  }
  if (s->uploads * 2 >= s->slots_count) {
    uploads_grow(s);
  }
  up = ho_alloc(sizeof(*up));
  up->client = req->client;
  up->key = upload_key(req);
  up->total = req->total;
  s->slots[upload_slot(s, up->client, up->key)] = up;
  s->uploads++;
  return up;
}

void ho_upload_release(ho_upload *up) {
  if (up->owner) {
    up->owner->upload = NULL;
    ho_exchange_fail(up->owner);
    up->owner = NULL;
  }
}

bool ho_upload_is_stale(const ho_exchange *x, ho_upload *up) {
  if (x->connection < up->newest) {
    return true;
  }
  up->newest = x->connection;
  return false;
}
