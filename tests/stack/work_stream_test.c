/* Goal: the client's end of a call captures frames at their times, puts on a
 * connection what is in time, and knows when it waits. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "stack/http_stream.h"
#include "stack/work.h"
#include "tests/suite.h"

/* Up 10 bytes, down 20, every 20 ms; late after 50 ms. */
enum { UP = 10, DOWN = 20, UP_WIRE = UP + 8, DOWN_WIRE = DOWN + 8 };
static const ho_workload_config config = {.type = HO_WORK_STREAM,
                                          .up_bps = 4000,
                                          .down_bps = 8000,
                                          .frame = 20 * HO_MSEC,
                                          .deadline = 50 * HO_MSEC};

/* ---- a transport that only takes notes ---- */

typedef struct {
  ho_transport t; /* first */
  ho_call *call;
  int resumed, cancelled;
} probe;

static int probe_request(ho_transport *t, ho_call *c, ho_time now) {
  (void)now;
  c->body_sent = c->body_from;
  ((probe *)t)->call = c;
  return 0;
}

static void probe_resume(ho_transport *t, ho_call *c, ho_time now) {
  (void)now;
  ck_assert_ptr_eq(c, ((probe *)t)->call);
  ((probe *)t)->resumed++;
}

static void probe_cancel(ho_transport *t, ho_call *c, ho_time now) {
  (void)now;
  ck_assert_ptr_eq(c, ((probe *)t)->call);
  ((probe *)t)->cancelled++;
}

static const ho_transport_vtbl vtbl = {.abi = HO_TRANSPORT_ABI,
                                       .name = "probe",
                                       .request = probe_request,
                                       .resume = probe_resume,
                                       .cancel = probe_cancel};

static probe transport;
static ho_work *work;
static ho_log *event_log;
static char story[4096];
static ho_time clock_now;
static int kicked;

static ho_time now(void) {
  return clock_now;
}

static uint64_t packet(void *user) {
  (void)user;
  return 12;
}

static void kick(void *user) {
  (void)user;
  kicked++;
}

static void done(void *user) {
  (void)user;
  ck_abort_msg("a call is never done");
}

static void tell(void *user, const ho_event *e) {
  size_t at = strlen(story), room = sizeof(story) - at;

  (void)user;
  ck_assert_int_eq(e->client, 2);
  if (e->kind == HO_EV_request_issued) {
    snprintf(story + at, room, "%d: %s %d\n", (int)e->u.request_issued.request,
             e->u.request_issued.what, (int)e->u.request_issued.bytes);
  } else if (e->kind == HO_EV_request_attempt) {
    snprintf(story + at, room, "%d: n%d\n", (int)e->u.request_attempt.request,
             (int)e->u.request_attempt.connection);
  } else if (e->kind == HO_EV_delivered) {
    ck_assert_int_eq(e->u.delivered.endpoint, HO_CLIENT);
    ck_assert_uint_eq(e->u.delivered.packet, 12);
    snprintf(story + at, room, "%d: %d again %d n%d\n",
             (int)e->u.delivered.request, (int)e->u.delivered.bytes,
             (int)e->u.delivered.again, (int)e->u.delivered.connection);
  } else if (e->kind == HO_EV_request_done) {
    snprintf(story + at, room, "%d: done\n", (int)e->u.request_done.request);
  } else if (e->kind == HO_EV_byte_wrong) {
    ck_assert_int_eq(e->u.byte_wrong.endpoint, HO_CLIENT);
    snprintf(story + at, room, "%d: %s\n", (int)e->u.byte_wrong.request,
             e->u.byte_wrong.reason);
  }
}

static void setup(void) {
  transport = (probe){.t.v = &vtbl};
  clock_now = HO_SEC;
  kicked = 0;
  story[0] = 0;
  event_log = ho_log_new();
  ho_log_subscribe(event_log, tell, NULL);
  work = ho_work_new(&(ho_work_config){.log = event_log,
                                       .client = 2,
                                       .config = &config,
                                       .now = now,
                                       .packet = packet,
                                       .kick = kick,
                                       .done = done});
  ho_work_start(work, clock_now);
}

static void teardown(void) {
  ho_work_del(work);
  ho_log_del(event_log);
}

/* Times are in ms after the start. */
static void at(uint64_t ms) {
  clock_now = HO_SEC + ms * HO_MSEC;
}

static void tick(uint64_t ms) {
  at(ms);
  ck_assert_uint_eq(ho_work_tick(work, clock_now),
                    HO_SEC + (ms / 20 + 1) * 20 * HO_MSEC);
}

static ho_call *attach(uint64_t n) {
  ho_work_attach(work, &transport.t, n, clock_now);
  ck_assert_ptr_nonnull(transport.call);
  return transport.call;
}

static void respond(unsigned status) {
  ho_http_response resp = {status, UINT64_MAX, UINT64_MAX};

  transport.call->on_response(transport.call, &resp);
}

/* Expects that |call| hands out frames |first| up to before |end|. */
static void expect_frames(ho_call *call, uint64_t first, uint64_t end) {
  uint64_t position = first * UP_WIRE;
  const uint8_t *p;
  size_t len;
  bool eof;

  while ((p = ho_call_read(call, 7, &len, &eof))) {
    size_t n = len;
    ck_assert_ptr_eq(p, ho_frame_bytes(HO_HTTP_BODY_OBJECT, UP, position, &n));
    position += len;
    ck_assert(!eof);
  }
  ck_assert(!eof);
  ck_assert_uint_eq(position, end * UP_WIRE);
}

/* Gives frame |k| down, |len| bytes of it from its head on. */
static void give(uint64_t k, size_t len) {
  uint8_t bytes[DOWN_WIRE];

  for (size_t i = 0, n; i < DOWN_WIRE; i += n) {
    n = DOWN_WIRE - i;
    memcpy(bytes + i, ho_frame_bytes(0, DOWN, k * DOWN_WIRE + i, &n), n);
  }
  transport.call->on_data(transport.call, bytes, len);
}

/* ---- */

START_TEST(frames_are_captured_at_their_times) {
  ho_call *call;

  tick(0);
  ck_assert_str_eq(story, "0: frame-down 20\n1: frame-up 10\n");
  tick(19);
  call = attach(7);
  ck_assert_int_eq(call->request.kind, HO_HTTP_STREAM);
  ck_assert_uint_eq(call->request.stream.up, UP);
  ck_assert_uint_eq(call->request.stream.down, DOWN);
  ck_assert_uint_eq(call->request.stream.frame, 20 * HO_MSEC);
  ck_assert_uint_eq(call->request.stream.deadline, 50 * HO_MSEC);
  ck_assert_uint_eq(call->request.stream.begin, HO_SEC);
  ck_assert_uint_eq(call->request.from, 0);
  ck_assert_int_eq(call->request.client, 2);
  ck_assert(call->has_body && call->body_open);
  expect_frames(call, 0, 1);
  kicked = 0;
  tick(20);
  ck_assert(transport.resumed == 1 && kicked == 1);
  expect_frames(call, 1, 2);
  ck_assert_str_eq(story, "0: frame-down 20\n1: frame-up 10\n1: n7\n"
                          "2: frame-down 20\n3: frame-up 10\n3: n7\n");
  ck_assert(!ho_work_finished(work));
}
END_TEST

/* A transport that was blocked gets what is not late, and finishes what it has
 * begun. */
START_TEST(late_frames_are_left_out) {
  ho_call *call;
  size_t len;
  bool eof;

  tick(0);
  call = attach(0);
  ck_assert_ptr_nonnull(ho_call_read(call, 1, &len, &eof));
  tick(100);
  story[0] = 0;
  for (uint64_t position = 1; position < UP_WIRE; position += len) {
    ck_assert_ptr_nonnull(ho_call_read(call, UP_WIRE - position, &len, &eof));
  }
  expect_frames(call, 3, 6);
  ck_assert_str_eq(story, "7: n0\n9: n0\n11: n0\n");
}
END_TEST

/* The next connection gets again what is in time, and asks for what it lacks;
 * so it does when its 0-RTT is refused. */
START_TEST(a_connection_goes_on) {
  ho_call *call;

  tick(0);
  call = attach(0);
  expect_frames(call, 0, 1);
  respond(200);
  tick(20);
  give(0, DOWN_WIRE);
  give(1, 12);
  tick(40);
  ho_work_detach(work, clock_now);
  ck_assert_int_eq(transport.cancelled, 1);
  tick(60);
  at(61); /* 0 is late, 1 not */
  story[0] = 0;
  call = attach(1);
  ck_assert_uint_eq(call->request.from, 1);
  expect_frames(call, 1, 4);
  call->body_sent = call->body_from;
  at(90);
  expect_frames(call, 2, 4);
  give(1, DOWN_WIRE);
  ck_assert_str_eq(story, "3: n1\n5: n1\n7: n1\n"
                          "5: n1\n7: n1\n"
                          "2: 20 again 4 n1\n2: done\n");
}
END_TEST

/* What ends a call: an error is the connection's affair, all else is wrong. */
START_TEST(the_end_of_a_call_is_wrong) {
  tick(0);
  attach(0);
  respond(200);
  give(0, DOWN_WIRE);
  story[0] = 0;
  transport.call->on_end(transport.call, -1);
  ck_assert_str_eq(story, "");
  ho_work_detach(work, clock_now);
  ck_assert_int_eq(transport.cancelled, 0);
  attach(1);
  respond(200);
  transport.call->on_end(transport.call, 0);
  ck_assert_str_eq(story, "2: short\n");
  attach(2);
  respond(400);
  transport.call->on_end(transport.call, 0);
  ck_assert_str_eq(story, "2: short\n2: refused\n");
  tick(20); /* and nobody is told of a frame */
  ck_assert_int_eq(transport.resumed, 0);
}
END_TEST

START_TEST(wrong_frames_are_found) {
  tick(0);
  attach(0);
  respond(200);
  story[0] = 0;
  give(1, DOWN_WIRE);
  give(0, DOWN_WIRE);
  ck_assert_str_eq(story, "2: wrong\n");
  ho_work_detach(work, clock_now);
  attach(1);
  give(0, DOWN_WIRE); /* forgotten with the connection */
  ck_assert_str_eq(story, "2: wrong\n0: 20 again 0 n1\n0: done\n");
}
END_TEST

/* Someone waits while a frame is overdue, whatever came before it. */
START_TEST(a_frame_is_waited_for) {
  ck_assert(!ho_work_waiting(work));
  tick(0);
  ck_assert(ho_work_waiting(work));
  attach(0);
  give(0, DOWN_WIRE - 1);
  ck_assert(ho_work_waiting(work));
  ho_work_detach(work, clock_now);
  attach(1);
  give(0, DOWN_WIRE);
  ck_assert(!ho_work_waiting(work));
  tick(20);
  tick(200);
  ck_assert(ho_work_waiting(work));
  give(8, DOWN_WIRE); /* what was before it was late and is left out */
  ck_assert(ho_work_waiting(work));
  give(9, DOWN_WIRE);
  give(10, DOWN_WIRE);
  ck_assert(!ho_work_waiting(work));
}
END_TEST

/* In a pause nothing is captured, nor waited for beyond a deadline. */
START_TEST(a_pause_captures_nothing) {
  ho_call *call;

  tick(0);
  call = attach(0);
  expect_frames(call, 0, 1);
  at(20);
  ho_work_pause(work);
  story[0] = 0;
  tick(20);
  tick(40);
  ck_assert(ho_work_waiting(work));
  at(51);
  ck_assert(!ho_work_waiting(work));
  ck_assert_str_eq(story, "");
  expect_frames(call, 1, 1);
  at(60);
  ho_work_resume(work, clock_now);
  tick(60);
  ck_assert_str_eq(story, "6: frame-down 20\n7: frame-up 10\n");
  expect_frames(call, 3, 4);
  ck_assert(ho_work_waiting(work));
}
END_TEST

/* What a frame is worth is a product that 64 bits need not hold. */
START_TEST(long_frames_have_their_size) {
  static const ho_workload_config big = {.type = HO_WORK_STREAM,
                                         .up_bps = 8000000000,
                                         .down_bps = 16000000000,
                                         .frame = 10 * HO_SEC,
                                         .deadline = HO_SEC};
  ho_work *w = ho_work_new(&(ho_work_config){.log = event_log,
                                             .client = 2,
                                             .config = &big,
                                             .now = now,
                                             .packet = packet,
                                             .kick = kick,
                                             .done = done});

  ho_work_start(w, clock_now);
  ho_work_attach(w, &transport.t, 0, clock_now);
  ck_assert_uint_eq(transport.call->request.stream.up, 10000000000);
  ck_assert_uint_eq(transport.call->request.stream.down, 20000000000);
  ho_work_del(w);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, frames_are_captured_at_their_times);
  tcase_add_test(tc, late_frames_are_left_out);
  tcase_add_test(tc, a_connection_goes_on);
  tcase_add_test(tc, the_end_of_a_call_is_wrong);
  tcase_add_test(tc, wrong_frames_are_found);
  tcase_add_test(tc, a_frame_is_waited_for);
  tcase_add_test(tc, a_pause_captures_nothing);
  tcase_add_test(tc, long_frames_have_their_size);
}

int main(void) {
  return suite_run("work_stream", add);
}
