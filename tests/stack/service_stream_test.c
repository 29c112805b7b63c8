/* Goal: the server's end of a call sends each frame at its time, or not at all,
 * to the connection that has the call now, and takes what comes up. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "stack/content.h"
#include "stack/http.h"
#include "stack/http_stream.h"
#include "tests/suite.h"

/* Up 10 bytes, down 20, every 20; late after 50; from 1000 on. */
enum { UP = 10, DOWN = 20, UP_WIRE = UP + 8, DOWN_WIRE = DOWN + 8 };
static const ho_http_stream call = {UP, DOWN, 20, 50, 1000};

static char story[4096];
static ho_log *event_log;
static ho_service *service;
static ho_time clock_now, woken;

static ho_time now(void) {
  return clock_now;
}

static void wake(void *user, ho_time at) {
  (void)user;
  woken = at;
}

static void tell(void *user, const ho_event *e) {
  size_t at = strlen(story), room = sizeof(story) - at;

  (void)user;
  ck_assert_int_eq(e->client, 3);
  if (e->kind == HO_EV_request_attempt) {
    snprintf(story + at, room, "%d: n%d\n", (int)e->u.request_attempt.request,
             (int)e->u.request_attempt.connection);
  } else if (e->kind == HO_EV_delivered) {
    const ho_ev_delivered *d = &e->u.delivered;
    ck_assert_int_eq(d->endpoint, HO_SERVER);
    snprintf(story + at, room, "%d: %d+%d again %d n%d p%d\n", (int)d->request,
             (int)d->offset, (int)d->bytes, (int)d->again, (int)d->connection,
             (int)d->packet);
  } else if (e->kind == HO_EV_request_done) {
    snprintf(story + at, room, "%d: done n%d\n", (int)e->u.request_done.request,
             (int)e->u.request_done.connection);
  } else if (e->kind == HO_EV_byte_wrong) {
    snprintf(story + at, room, "%d: %s\n", (int)e->u.byte_wrong.request,
             e->u.byte_wrong.reason);
  } else {
    ck_abort_msg("unexpected event");
  }
}

static void setup(void) {
  story[0] = 0;
  clock_now = 0;
  woken = HO_NEVER;
  event_log = ho_log_new();
  ho_log_subscribe(event_log, tell, NULL);
  service = ho_service_new(
      &(ho_service_config){.log = event_log, .now = now, .wake = wake});
}

static void teardown(void) {
  ho_service_del(service);
  ho_log_del(event_log);
}

/* begin sends the request of a call through its header fields. */
static ho_exchange *begin(const ho_http_stream *stream, int client,
                          uint64_t from, uint64_t connection) {
  ho_http_request req = {.kind = HO_HTTP_STREAM,
                         .object = 5,
                         .from = from,
                         .stream = *stream,
                         .client = client};
  ho_http_field fields[HO_HTTP_FIELDS];
  size_t n = ho_http_request_fields(fields, &req);
  ho_http_request got = {0};

  for (size_t i = 0; i < n; i++) {
    ho_http_request_field(
        &got, (const uint8_t *)fields[i].name, strlen(fields[i].name),
        (const uint8_t *)fields[i].value, strlen(fields[i].value));
  }
  return ho_service_begin(service, &got, connection, &service);
}

static unsigned status_of(ho_exchange *x) {
  ho_http_response resp = {0};
  bool has_body;

  ck_assert(ho_exchange_response(x, &resp, &has_body));
  ck_assert_int_eq(has_body, resp.status == 200);
  ck_assert_uint_eq(resp.content_length, resp.status == 200 ? UINT64_MAX : 0);
  return resp.status;
}

static ho_exchange *begin_good(uint64_t from, uint64_t connection) {
  ho_exchange *x = begin(&call, 3, from, connection);

  ck_assert_uint_eq(status_of(x), 200);
  return x;
}

/* Expects that |x| gives frames |first| up to before |end|, and no more. */
static void expect_frames(ho_exchange *x, uint64_t first, uint64_t end) {
  uint64_t at = first * DOWN_WIRE;
  const uint8_t *p;
  size_t len;
  bool eof;

  ck_assert_int_eq(ho_exchange_pending(x), first < end);
  while ((p = ho_exchange_read(x, 11, &len, &eof))) {
    size_t n = len;
    ck_assert(!eof);
    ck_assert_uint_le(len, 11);
    ck_assert_ptr_eq(p, ho_frame_bytes(5, DOWN, at, &n));
    ck_assert_uint_le(len, n);
    at += len;
  }
  ck_assert_uint_eq(len, 0);
  ck_assert(!eof && !ho_exchange_pending(x));
  ck_assert_uint_eq(at, end * DOWN_WIRE);
}

/* Sends frame |k| up. */
static void send_up(ho_exchange *x, uint64_t k, size_t len) {
  uint8_t bytes[UP_WIRE];

  for (size_t at = 0, n; at < UP_WIRE; at += n) {
    n = UP_WIRE - at;
    memcpy(bytes + at,
           ho_frame_bytes(5 + HO_HTTP_BODY_OBJECT, UP, k * UP_WIRE + at, &n),
           n);
  }
  ho_exchange_body(x, bytes, len, 40 + k, clock_now);
}

static bool tick(ho_time at) {
  clock_now = at;
  return ho_service_tick(service, at);
}

/* ---- */

START_TEST(frames_go_at_their_times) {
  ho_exchange *x;

  clock_now = 1005;
  x = begin_good(0, 0);
  ck_assert_uint_eq(woken, 1020);
  expect_frames(x, 0, 1);
  ck_assert(tick(1020));
  ck_assert_uint_eq(woken, 1040);
  expect_frames(x, 1, 2);
  ck_assert(!tick(1030)); /* nothing new */
  expect_frames(x, 2, 2);
  ck_assert(tick(1060)); /* both, where a tick came late */
  ck_assert_uint_eq(woken, 1080);
  expect_frames(x, 2, 4);
  ck_assert_str_eq(story, "0: n0\n2: n0\n4: n0\n6: n0\n");
  ho_exchange_end(x);
  ck_assert(!tick(1080));
}
END_TEST

/* A transport that takes nothing gets what is not late when it takes again; a
 * frame it has begun is finished. */
START_TEST(late_frames_are_left_out) {
  ho_exchange *x;
  size_t len;
  bool eof;

  clock_now = 1000;
  x = begin_good(0, 0);
  ck_assert_ptr_nonnull(ho_exchange_read(x, 2, &len, &eof));
  tick(1100);
  ck_assert_str_eq(story, "0: n0\n");
  for (uint64_t at = 2; at < DOWN_WIRE; at += len) {
    ck_assert_ptr_nonnull(ho_exchange_read(x, DOWN_WIRE - at, &len, &eof));
  }
  expect_frames(x, 3, 6); /* 1040 is late */
  ck_assert_str_eq(story, "0: n0\n6: n0\n8: n0\n10: n0\n");
  clock_now = 1171;
  ck_assert(!ho_exchange_pending(x));
  ho_exchange_end(x);
}
END_TEST

/* Another connection goes on with what is in time and was not had; the old one
 * sends nothing more and is not listened to. */
START_TEST(a_call_is_taken_over) {
  static const struct {
    uint64_t from, first;
  } rows[] = {{0, 3}, {2, 3}, {4, 4}, {6, 6}};
  ho_exchange *x, *y;
  size_t len;
  bool eof;

  clock_now = 1000;
  x = begin_good(0, 0);
  for (size_t i = 0; i < COUNT(rows); i++) {
    clock_now = 1100;
    y = begin_good(rows[i].from, i + 1);
    ck_assert_ptr_null(ho_exchange_read(x, 100, &len, &eof));
    ck_assert(eof && !ho_exchange_pending(x));
    expect_frames(y, rows[i].first, 6);
    story[0] = 0;
    send_up(x, 4, UP_WIRE);
    ck_assert_str_eq(story, "");
    ho_exchange_end(x);
    x = y;
  }
  ho_exchange_end(x);
}
END_TEST

/* What the buffers of an old connection still held changes nothing. */
START_TEST(a_call_from_the_past_is_refused) {
  ho_exchange *y, *x;

  clock_now = 1000;
  y = begin_good(0, 2);
  x = begin(&call, 3, 0, 1);
  ck_assert_uint_eq(status_of(x), 400);
  ho_exchange_end(x);
  expect_frames(y, 0, 1);
  ho_exchange_end(y);
}
END_TEST

START_TEST(frames_up_are_taken) {
  ho_exchange *x, *y;

  clock_now = 1030;
  x = begin_good(0, 0);
  send_up(x, 0, UP_WIRE);
  send_up(x, 1, 12);
  clock_now = 1040;
  y = begin_good(0, 1);
  send_up(y, 0, UP_WIRE);
  send_up(y, 1, UP_WIRE);
  ck_assert_str_eq(story, "1: 0+10 again 0 n0 p40\n1: done n0\n"
                          "3: 0+4 again 0 n0 p41\n"
                          "1: 0+10 again 10 n1 p40\n"
                          "3: 0+10 again 4 n1 p41\n3: done n1\n");
  ho_exchange_end(x);
  ho_exchange_end(y);
}
END_TEST

/* A wrong frame ends the exchange, both ways. */
START_TEST(a_wrong_frame_ends_it) {
  ho_exchange *x;
  size_t len;
  bool eof;

  clock_now = 1030;
  x = begin_good(0, 0);
  ck_assert_ptr_nonnull(ho_exchange_read(x, 2, &len, &eof));
  send_up(x, 2, UP_WIRE); /* from the future */
  send_up(x, 0, UP_WIRE);
  ck_assert_str_eq(story, "0: n0\n5: wrong\n");
  ck_assert_ptr_null(ho_exchange_read(x, 100, &len, &eof));
  ck_assert(eof);
  ck_assert(!tick(1040));
  ho_exchange_end(x);
}
END_TEST

/* So does the client, in good order. */
START_TEST(the_client_hangs_up) {
  ho_exchange *x;
  size_t len;
  bool eof;

  clock_now = 1000;
  x = begin_good(0, 0);
  ho_exchange_body_end(x);
  ck_assert_ptr_null(ho_exchange_read(x, 100, &len, &eof));
  ck_assert(eof);
  ck_assert(!tick(1020));
  ho_exchange_end(x);
}
END_TEST

/* Frames of a pause never were: 1040 to 1080 takes two. */
START_TEST(a_pause_captures_nothing) {
  ho_exchange *x;

  clock_now = 1020;
  x = begin_good(0, 0);
  expect_frames(x, 0, 2);
  clock_now = 1040;
  ho_service_pause(service, 3, true);
  ck_assert(!tick(1040) && !tick(1060));
  expect_frames(x, 2, 2);
  clock_now = 1080;
  ho_service_pause(service, 3, false);
  expect_frames(x, 2, 2);
  ck_assert(tick(1080));
  expect_frames(x, 4, 5);
  ho_exchange_end(x);
}
END_TEST

/* The calls of several clients, each with its own times. */
START_TEST(calls_are_apart) {
  static const ho_http_stream later = {UP, DOWN, 30, 50, 1007};
  ho_exchange *x, *y;

  clock_now = 1010;
  x = begin_good(0, 0);
  y = begin(&later, 4, 0, 0);
  ck_assert_uint_eq(status_of(y), 200);
  expect_frames(x, 0, 1);
  ck_assert_uint_eq(woken, 1020);
  ck_assert(tick(1020));
  ck_assert_uint_eq(woken, 1037);
  expect_frames(x, 1, 2);
  ck_assert(tick(1037));
  ck_assert_uint_eq(woken, 1040);
  ck_assert(ho_exchange_pending(y) && !ho_exchange_pending(x));
  ho_exchange_end(x);
  ck_assert(!tick(1040));
  ck_assert_uint_eq(woken, 1067);
  ho_exchange_end(y);
}
END_TEST

/* An upload of the same number is another matter. */
START_TEST(an_upload_is_no_call) {
  ho_http_request req = {0};
  static const char *const fields[][2] = {{":method", "POST"},
                                          {":scheme", "https"},
                                          {":authority", HO_HTTP_AUTHORITY},
                                          {":path", "/upload/5?bytes=10"},
                                          {"handoff-client", "3"},
                                          {"upload-offset", "0"}};
  ho_exchange *x, *y;

  for (size_t i = 0; i < COUNT(fields); i++) {
    ho_http_request_field(&req, (const uint8_t *)fields[i][0],
                          strlen(fields[i][0]), (const uint8_t *)fields[i][1],
                          strlen(fields[i][1]));
  }
  clock_now = 1000;
  x = begin_good(0, 5);
  y = ho_service_begin(service, &req, 1, NULL); /* older, were it the same */
  ck_assert(!ho_exchange_pending(y));
  expect_frames(x, 0, 1);
  ho_exchange_end(y);
  ho_exchange_end(x);
}
END_TEST

START_TEST(nonsense_is_refused) {
  static const ho_http_stream bad[] = {
      {0, DOWN, 20, 50, 0},
      {UP, 0, 20, 50, 0},
      {UP, DOWN, 0, 50, 0},
      {UINT64_C(1) << 27, DOWN, 20, 50, 0},
      {UP, UINT64_C(1) << 27, 20, 50, 0},
  };

  for (size_t i = 0; i < COUNT(bad); i++) {
    ho_exchange *x = begin(&bad[i], 3, 0, 0);
    ck_assert_uint_eq(status_of(x), 400);
    ho_exchange_end(x);
  }
}
END_TEST

START_TEST(without_a_clock_there_is_no_call) {
  ho_exchange *x;

  ho_service_del(service);
  service = ho_service_new(&(ho_service_config){.log = event_log});
  x = begin(&call, 3, 0, 0);
  ck_assert_uint_eq(status_of(x), 400);
  ho_exchange_end(x);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, frames_go_at_their_times);
  tcase_add_test(tc, late_frames_are_left_out);
  tcase_add_test(tc, a_call_is_taken_over);
  tcase_add_test(tc, a_call_from_the_past_is_refused);
  tcase_add_test(tc, frames_up_are_taken);
  tcase_add_test(tc, a_wrong_frame_ends_it);
  tcase_add_test(tc, the_client_hangs_up);
  tcase_add_test(tc, a_pause_captures_nothing);
  tcase_add_test(tc, calls_are_apart);
  tcase_add_test(tc, an_upload_is_no_call);
  tcase_add_test(tc, nonsense_is_refused);
  tcase_add_test(tc, without_a_clock_there_is_no_call);
}

int main(void) {
  return suite_run("service_stream", add);
}
