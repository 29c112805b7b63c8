/* The server application: the far end of a call, which sends frames at their
 * times and leaves out what is late. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/service_private.h"

/* What a request may ask for: positions in 2^62 bytes of frames are more than
 * any call reaches with this. */
enum { FRAME_MAX = 1 << 26 };

static bool is_sane(const ho_http_stream *s) {
  return s->up > 0 && s->up <= FRAME_MAX && s->down > 0 &&
         s->down <= FRAME_MAX && s->frame > 0;
}

static ho_time now_of(const ho_exchange *x) {
  return x->service->config.now();
}

/* What has been captured until now may go. */
static void capture(ho_exchange *x, ho_time now) {
  x->ready = ho_frames_captured(&x->in.clock, now) *
             ho_frame_wire(x->request.stream.down);
}

static ho_time next_capture(const ho_exchange *x, ho_time now) {
  return ho_frame_time(&x->in.clock, ho_frames_captured(&x->in.clock, now));
}

static void wake(ho_service *s, ho_time at) {
  if (at < s->next_tick) {
    s->next_tick = at;
    s->config.wake(s->config.user, at);
  }
}

static void link_stream(ho_exchange *x) {
  ho_service *s = x->service;

  x->streams_next = s->streams;
  x->streams_previous = &s->streams;
  if (s->streams) {
    s->streams->streams_previous = &x->streams_next;
  }
  s->streams = x;
}

void ho_service_stream_begin(ho_exchange *x) {
  const ho_http_request *req = &x->request;
  const ho_http_stream *stream = &req->stream;
  ho_service *s = x->service;
  ho_upload *up;
  ho_time now;

  if (!s->config.now || !is_sane(stream)) {
    ho_exchange_fail(x);
    return;
  }
  up = ho_upload_get(s, req);
  if (ho_upload_is_stale(x, up)) {
    ho_exchange_fail(x);
    return;
  }
  ho_upload_release(up);
  up->owner = x;
  x->upload = up;
  x->in = (ho_frames_in){.log = s->config.log,
                         .client = req->client,
                         .connection = x->connection,
                         .receiver = HO_SERVER,
                         .clock = {stream->begin, stream->frame,
                                   stream->deadline, &x->quiet->pauses},
                         .object = req->object + HO_HTTP_BODY_OBJECT,
                         .size = stream->up,
                         .have = &up->have};
  link_stream(x);
  now = now_of(x);
  capture(x, now);
  x->sent = req->from * ho_frame_wire(stream->down);
  x->sent = x->sent < x->ready ? x->sent : x->ready;
  wake(s, next_capture(x, now));
  ho_exchange_answer(x, 200);
}

void ho_service_stream_end(ho_exchange *x) {
  if (!x->streams_previous) {
    return;
  }
  *x->streams_previous = x->streams_next;
  if (x->streams_next) {
    x->streams_next->streams_previous = x->streams_previous;
  }
  x->streams_previous = NULL;
  x->ready = x->sent; /* a frame cut off is of no use */
}

bool ho_service_tick(ho_service *s, ho_time now) {
  ho_time next = HO_NEVER;
  bool more = false;

  for (ho_exchange *x = s->streams; x; x = x->streams_next) {
    uint64_t ready = x->ready;
    ho_time at = next_capture(x, now);

    capture(x, now);
    more |= x->ready > ready && !x->quiet->paused;
    next = at < next ? at : next;
  }
  s->next_tick = HO_NEVER;
  wake(s, next);
  return more;
}

void ho_service_stream_body(ho_exchange *x, const uint8_t *data, size_t len,
                            uint64_t packet, ho_time now) {
  if (!ho_frames_take(&x->in, data, len, packet, now)) {
    ho_exchange_fail(x);
  }
}

static uint64_t skip(const ho_exchange *x) {
  return ho_frames_skip(&x->in.clock, x->request.stream.down, x->sent, x->ready,
                        now_of(x));
}

const uint8_t *ho_service_stream_read(ho_exchange *x, size_t max, size_t *len) {
  uint64_t size = x->request.stream.down, wire = ho_frame_wire(size);
  const uint8_t *p;

  *len = max;
  if (!x->streams_previous) {
    *len = 0;
    return NULL;
  }
  x->sent = skip(x);
  if (x->sent == x->ready || max == 0) {
    *len = 0;
    return NULL;
  }
  if (x->sent % wire == 0) {
    HO_EMIT(x->service->config.log, request_attempt, now_of(x),
            x->request.client,
            .request = ho_frame_request(x->sent / wire, HO_CLIENT),
            .connection = x->connection, .from = 0);
  }
  p = ho_frame_bytes(x->request.object, size, x->sent, len);
  x->sent += *len;
  return p;
}

bool ho_service_stream_pending(const ho_exchange *x) {
  return x->streams_previous && x->sent < x->ready && skip(x) < x->ready;
}
