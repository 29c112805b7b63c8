/* The client's application: requests of every kind but echoes and calls. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "stack/content.h"
#include "stack/work.h"
#include "stack/work_private.h"

/* ---- one request ---- */

static void finish(work_item *item) {
  ho_work *w = item->work;

  item->done = true;
  w->open--;
  HO_EMIT(w->config.log, request_done, w->config.now(), w->config.client,
          .request = item->id, .connection = w->connection);
  ho_work_check_done(w);
}

void ho_work_wrong(ho_work *w, uint64_t request, uint64_t offset,
                   const char *reason) {
  HO_EMIT(w->config.log, byte_wrong, w->config.now(), w->config.client,
          .request = request, .endpoint = HO_CLIENT, .offset = offset,
          .reason = reason);
}

static void on_response(ho_call *call, const ho_http_response *resp) {
  work_item *item = call->user;
  unsigned expected =
      call->request.from > 0 && call->request.kind == HO_HTTP_DOWNLOAD ? 206
                                                                       : 200;

  item->status = resp->status;
  if (item->asking && resp->upload_offset != UINT64_MAX) {
    item->offset = resp->upload_offset;
  }
  if (resp->status != expected) {
    ho_work_wrong(item->work, item->id, call->request.from, "refused");
  }
}

static void on_data(ho_call *call, const uint8_t *data, size_t len) {
  work_item *item = call->user;
  ho_work *w = item->work;
  uint64_t again = 0;
  size_t good = ho_content_check(item->id, item->at, data, len);

  if (good < len) {
    ho_work_wrong(w, item->id, item->at + good, "wrong");
  }
  if (item->at + len > item->expected) {
    ho_work_wrong(w, item->id, item->expected, "repeated");
    return;
  }
  if (item->have > item->at) {
    again = item->have - item->at < len ? item->have - item->at : len;
  }
  HO_EMIT(w->config.log, delivered, w->config.now(), w->config.client,
          .request = item->id, .connection = w->connection,
          .endpoint = HO_CLIENT, .offset = item->at, .bytes = len,
          .again = again, .packet = w->config.packet(w->config.user));
  item->at += len;
  if (item->at > item->have) {
    item->have = item->at;
  }
}

static void on_end(ho_call *call, int64_t error) {
  work_item *item = call->user;

  item->active = false;
  if (error != 0 || item->done) {
    return; /* the next attach asks again */
  }
  if (item->asking) {
    item->asking = false;
    item->known = true;
    item->work->restart = true; /* not from within the transport's call */
    return;
  }
  if (item->type != HO_WORK_UPLOAD && item->at != item->expected) {
    ho_work_wrong(item->work, item->id, item->at, "short");
    return;
  }
  finish(item);
}

static void prepare_download(work_item *item, ho_http_request *req) {
  *req = (ho_http_request){.kind = HO_HTTP_DOWNLOAD, .total = item->total};
  req->from = item->work->config.redo == HO_REDO_RANGE ? item->have : 0;
  item->at = req->from;
}

/* An upload that was cut off first asks how far it got. */
static void prepare_upload(work_item *item, ho_http_request *req) {
  bool ask = item->attempts > 0 && !item->known &&
             item->work->config.redo == HO_REDO_RANGE;

  item->asking = ask;
  *req = (ho_http_request){.kind = ask ? HO_HTTP_OFFSET : HO_HTTP_UPLOAD,
                           .total = item->total};
  if (!ask) {
    req->from = item->known ? item->offset : 0;
    item->call.has_body = true;
    item->call.body_object = item->id;
    item->call.body_from = req->from;
    item->call.body_to = item->total;
    item->call.body_open = item->work->paused;
    if (item->work->paused) {
      item->call.body_to = req->from;
    }
  }
}

static void prepare_request(work_item *item, ho_http_request *req) {
  *req = (ho_http_request){.kind = HO_HTTP_REQUEST, .total = item->expected};
  item->call.has_body = true;
  item->call.body_object = item->id + HO_HTTP_BODY_OBJECT;
  item->call.body_to = item->work->config.config->request_bytes;
  item->at = 0;
}

static void prepare(work_item *item) {
  ho_http_request *req = &item->call.request;

  item->call = (ho_call){.on_response = on_response,
                         .on_data = on_data,
                         .on_end = on_end,
                         .user = item};
  switch (item->type) {
  case HO_WORK_DOWNLOAD:
    prepare_download(item, req);
    break;
  case HO_WORK_UPLOAD:
    prepare_upload(item, req);
    break;
  case HO_WORK_REQUEST:
    prepare_request(item, req);
    break;
  case HO_WORK_ECHO:
  case HO_WORK_IDLE:
  case HO_WORK_STREAM:
    assert(0);
  }
  req->object = item->id;
  req->client = item->work->config.client;
}

static void start_call(work_item *item) {
  ho_work *w = item->work;

  if (!w->transport || item->active || item->done) {
    return;
  }
  prepare(item);
  if (w->transport->v->request(w->transport, &item->call, w->config.now()) !=
      0) {
    return;
  }
  item->active = true;
  if (!item->asking) {
    HO_EMIT(w->config.log, request_attempt, w->config.now(), w->config.client,
            .request = item->id, .connection = w->connection,
            .from = item->call.request.from);
    item->attempts++;
    item->known = false;
  }
  w->config.kick(w->config.user);
}

static work_item *item_new(ho_work *w, uint64_t total, uint64_t expected) {
  work_item *item = ho_alloc(sizeof(*item));

  item->work = w;
  item->id = w->made++;
  item->type = w->config.config->type;
  item->total = total;
  item->expected = expected;
  if (w->last) {
    w->last->next = item;
  } else {
    w->items = item;
  }
  w->last = item;
  w->open++;
  HO_EMIT(w->config.log, request_issued, w->config.now(), w->config.client,
          .request = item->id, .what = ho_work_name(item->type),
          .bytes = total);
  start_call(item);
  return item;
}

/* ---- all of them ---- */

ho_work *ho_work_new(const ho_work_config *config) {
  ho_work *w = ho_alloc(sizeof(*w));

  w->config = *config;
  w->next_tick = HO_NEVER;
  return w;
}

void ho_work_del(ho_work *work) {
  if (!work) {
    return;
  }
  while (work->items) {
    work_item *item = work->items;
    work->items = item->next;
    free(item);
  }
  ho_pauses_free(&work->stream.pauses);
  free(work);
}

void ho_work_start(ho_work *work, ho_time now) {
  const ho_workload_config *config = work->config.config;

  switch (config->type) {
  case HO_WORK_DOWNLOAD:
  case HO_WORK_UPLOAD:
    for (uint64_t i = 0; i < config->objects; i++) {
      bool down = config->type == HO_WORK_DOWNLOAD;
      item_new(work, config->bytes, down ? config->bytes : 0);
    }
    break;
  case HO_WORK_REQUEST:
  case HO_WORK_ECHO:
    work->next_tick = now;
    break;
  case HO_WORK_STREAM:
    ho_work_stream_start(work, now);
    break;
  case HO_WORK_IDLE:
    break;
  }
}

static ho_time tick_interval(const ho_work *work) {
  const ho_workload_config *config = work->config.config;

  return config->type == HO_WORK_STREAM ? config->frame : config->every;
}

static void tick_once(ho_work *work, ho_time due) {
  const ho_workload_config *config = work->config.config;

  if (config->type == HO_WORK_ECHO) {
    ho_work_echo_type(work);
    return;
  }
  if (config->type == HO_WORK_STREAM) {
    ho_work_stream_capture(work, due);
    return;
  }
  item_new(work, config->response_bytes, config->response_bytes);
  if (config->count && work->made == config->count) {
    work->next_tick = HO_NEVER;
  }
}

ho_time ho_work_tick(ho_work *work, ho_time now) {
  while (work->next_tick <= now) {
    ho_time due = work->next_tick;
    work->next_tick = due + tick_interval(work);
    /* What would fall into a pause is not made up for afterwards. */
    if (!work->paused) {
      tick_once(work, due);
    }
  }
  return work->next_tick;
}

void ho_work_attach(ho_work *work, ho_transport *transport, uint64_t connection,
                    ho_time now) {
  (void)now;
  work->transport = transport;
  work->connection = connection;
  if (work->config.config->type == HO_WORK_ECHO) {
    ho_work_echo_open(work);
    return;
  }
  if (work->config.config->type == HO_WORK_STREAM) {
    ho_work_stream_open(work);
    return;
  }
  for (work_item *item = work->items; item; item = item->next) {
    start_call(item);
  }
}

void ho_work_detach(ho_work *work, ho_time now) {
  ho_transport *t = work->transport;

  if (!t) {
    return;
  }
  for (work_item *item = work->items; item; item = item->next) {
    if (item->active) {
      t->v->cancel(t, &item->call, now);
      item->active = false;
    }
    item->known = item->asking = false;
  }
  ho_work_echo_close(work, now);
  ho_work_stream_close(work, now);
  work->transport = NULL;
}

void ho_work_settle(ho_work *work) {
  if (!work->restart) {
    return;
  }
  work->restart = false;
  for (work_item *item = work->items; item; item = item->next) {
    if (item->known) {
      start_call(item);
    }
  }
}

/* What of an upload's body has not been handed out waits. */
static void hold_upload(work_item *item) {
  if (item->active && !item->asking && item->type == HO_WORK_UPLOAD) {
    item->call.body_to = item->call.body_sent;
    item->call.body_open = true;
  }
}

static void release_upload(work_item *item, ho_time now) {
  ho_transport *t = item->work->transport;

  if (item->active && item->call.body_open) {
    item->call.body_to = item->total;
    item->call.body_open = false;
    t->v->resume(t, &item->call, now);
  }
}

void ho_work_pause(ho_work *work) {
  work->paused = true;
  ho_pauses_set(&work->stream.pauses, true, work->config.now());
  for (work_item *item = work->items; item; item = item->next) {
    hold_upload(item);
  }
}

void ho_work_resume(ho_work *work, ho_time now) {
  work->paused = false;
  ho_pauses_set(&work->stream.pauses, false, now);
  for (work_item *item = work->items; item; item = item->next) {
    release_upload(item, now);
  }
  work->config.kick(work->config.user);
}

bool ho_work_waiting(const ho_work *work) {
  ho_work_type type = work->config.config->type;
  bool bulk = type == HO_WORK_DOWNLOAD || type == HO_WORK_UPLOAD;

  if (type == HO_WORK_STREAM) {
    return ho_work_stream_waiting(work);
  }
  return work->open > 0 && !(bulk && work->paused);
}

bool ho_work_finished(const ho_work *work) {
  const ho_workload_config *config = work->config.config;

  switch (config->type) {
  case HO_WORK_DOWNLOAD:
  case HO_WORK_UPLOAD:
    return work->made > 0 && work->open == 0;
  case HO_WORK_REQUEST:
    return config->count && work->made == config->count && work->open == 0;
  case HO_WORK_ECHO:
  case HO_WORK_IDLE:
  case HO_WORK_STREAM:
    return false;
  }
  return false;
}

void ho_work_check_done(ho_work *work) {
  if (!work->done && ho_work_finished(work)) {
    work->done = true;
    HO_EMIT(work->config.log, work_done, work->config.now(),
            work->config.client, .requests = work->made);
    work->config.done(work->config.user);
  }
}
