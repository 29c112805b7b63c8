/* The client's application: its end of a call, frames both ways at a constant
 * rate. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/work_private.h"

/* The call's own number as an object. */
#define STREAM_OBJECT UINT64_C(0)

/* |config| guarantees whole bytes, at least one. */
static uint64_t frame_size(const ho_work *w, uint64_t rate_bps) {
  unsigned __int128 bits =
      (unsigned __int128)rate_bps * w->config.config->frame;

  return (uint64_t)(bits / HO_SEC / 8);
}

static void on_response(ho_call *call, const ho_http_response *resp) {
  ho_work *w = call->user;
  work_stream *s = &w->stream;

  s->refused = resp->status != 200;
  if (s->refused) {
    ho_work_wrong(w, ho_frame_request(call->request.from, HO_CLIENT), 0,
                  "refused");
  }
}

static void on_data(ho_call *call, const uint8_t *data, size_t len) {
  ho_work *w = call->user;

  ho_frames_take(&w->stream.in, data, len, w->config.packet(w->config.user),
                 w->config.now());
}

static void on_end(ho_call *call, int64_t error) {
  ho_work *w = call->user;
  work_stream *s = &w->stream;

  s->active = false;
  if (error == 0 && !s->refused) {
    ho_work_wrong(w, ho_frame_request(s->in.expect, HO_CLIENT), 0, "short");
  }
}

/* Leaves out what is late by now, and tells what goes on the connection. */
static void on_read(ho_call *call) {
  ho_work *w = call->user;
  uint64_t wire = ho_frame_wire(call->frame);

  call->body_sent =
      ho_frames_skip(&w->stream.in.clock, call->frame, call->body_sent,
                     call->body_to, w->config.now());
  if (call->body_sent < call->body_to && call->body_sent % wire == 0) {
    HO_EMIT(w->config.log, request_attempt, w->config.now(), w->config.client,
            .request = ho_frame_request(call->body_sent / wire, HO_SERVER),
            .connection = w->connection, .from = 0);
  }
}

void ho_work_stream_start(ho_work *work, ho_time now) {
  const ho_workload_config *config = work->config.config;
  work_stream *s = &work->stream;

  s->up = frame_size(work, config->up_bps);
  s->in = (ho_frames_in){
      .log = work->config.log,
      .client = work->config.client,
      .receiver = HO_CLIENT,
      .clock = {now, config->frame, config->deadline, &s->pauses},
      .object = STREAM_OBJECT,
      .size = frame_size(work, config->down_bps),
      .have = &s->have};
  work->next_tick = now;
}

static void prepare(ho_work *w) {
  work_stream *s = &w->stream;
  const ho_frame_clock *clock = &s->in.clock;

  s->in.connection = w->connection;
  s->in.expect = s->have / s->in.size;
  s->in.number = s->in.within = 0;
  s->in.failed = s->refused = false;
  s->call = (ho_call){.request = {.kind = HO_HTTP_STREAM,
                                  .object = STREAM_OBJECT,
                                  .from = s->in.expect,
                                  .stream = {s->up, s->in.size, clock->frame,
                                             clock->deadline, clock->begin},
                                  .client = w->config.client},
                      .has_body = true,
                      .body_open = true,
                      .body_object = STREAM_OBJECT + HO_HTTP_BODY_OBJECT,
                      .body_to = s->captured * ho_frame_wire(s->up),
                      .frame = s->up,
                      .on_read = on_read,
                      .on_response = on_response,
                      .on_data = on_data,
                      .on_end = on_end,
                      .user = w};
}

/* What was put on an earlier connection and is not late goes again: whether it
 * arrived there, only the server knows. */
void ho_work_stream_open(ho_work *work) {
  work_stream *s = &work->stream;

  if (s->active) {
    return;
  }
  prepare(work);
  if (work->transport->v->request(work->transport, &s->call,
                                  work->config.now()) != 0) {
    return;
  }
  s->active = true;
  work->config.kick(work->config.user);
}

void ho_work_stream_close(ho_work *work, ho_time now) {
  if (work->stream.active) {
    work->transport->v->cancel(work->transport, &work->stream.call, now);
    work->stream.active = false;
  }
}

static void issue(ho_work *w, uint64_t request, const char *what,
                  uint64_t bytes) {
  w->made++;
  HO_EMIT(w->config.log, request_issued, w->config.now(), w->config.client,
          .request = request, .what = what, .bytes = bytes);
}

/* The server captures its frame at the same time; that it is wanted is told
 * here, where it will be missed. */
void ho_work_stream_capture(ho_work *work, ho_time due) {
  work_stream *s = &work->stream;
  uint64_t k = (due - s->in.clock.begin) / s->in.clock.frame;

  s->captured = k + 1;
  issue(work, ho_frame_request(k, HO_CLIENT), "frame-down", s->in.size);
  issue(work, ho_frame_request(k, HO_SERVER), "frame-up", s->up);
  if (!s->active) {
    return;
  }
  s->call.body_to = s->captured * ho_frame_wire(s->up);
  work->transport->v->resume(work->transport, &s->call, work->config.now());
  work->config.kick(work->config.user);
}

/* While frames are captured, the next one down is always due or about to be; in
 * a pause, nobody waits longer for the last than until it is late. */
bool ho_work_stream_waiting(const ho_work *work) {
  const work_stream *s = &work->stream;
  const ho_frame_clock *clock = &s->in.clock;

  if (s->captured == 0 || s->have >= s->captured * s->in.size) {
    return false;
  }
  return !work->paused || ho_frames_next(clock, s->captured - 1,
                                         work->config.now()) == s->captured - 1;
}
