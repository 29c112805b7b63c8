/* Goal: the client's application asks for what its workload says, goes on where
 * it was after a connection is lost, and no wrong byte passes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/work.h"

#include <stdlib.h>
#include <string.h>

#include "stack/content.h"
#include "tests/suite.h"

enum { CALLS = 32 };

/* ---- a transport that only takes notes ---- */

typedef struct {
  ho_transport t; /* first */
  ho_call *calls[CALLS];
  int count, cancelled, resumed;
  bool refuse;
} probe;

static int probe_request(ho_transport *t, ho_call *call, ho_time now) {
  probe *p = (probe *)t;

  (void)now;
  if (p->refuse) {
    return HO_ERR_PROTO;
  }
  ck_assert_int_lt(p->count, CALLS);
  call->body_sent = call->body_from;
  p->calls[p->count++] = call;
  return 0;
}

static void probe_resume(ho_transport *t, ho_call *call, ho_time now) {
  (void)call, (void)now;
  ((probe *)t)->resumed++;
}

static void probe_cancel(ho_transport *t, ho_call *call, ho_time now) {
  (void)call, (void)now;
  ((probe *)t)->cancelled++;
}

static const ho_transport_vtbl vtbl = {.abi = HO_TRANSPORT_ABI,
                                       .name = "probe",
                                       .request = probe_request,
                                       .resume = probe_resume,
                                       .cancel = probe_cancel};

/* ---- an application and what it said ---- */

typedef struct {
  ho_log *log;
  ho_workload_config config;
  ho_work *work;
  probe probe;
  int kicked, done;
  int events[HO_EV_COUNT];
  uint64_t delivered, again, from; /* sums; |from| of the attempts */
  ho_ev_byte_wrong wrong;          /* the first */
  ho_ev_delivered last;
  ho_ev_request_attempt attempt;
} rig;

static ho_time clock_now;

static ho_time now(void) {
  return clock_now;
}

static uint64_t packet(void *user) {
  (void)user;
  return 4711;
}

static void kick(void *user) {
  ((rig *)user)->kicked++;
}

static void done(void *user) {
  ((rig *)user)->done++;
}

static void on_event(void *user, const ho_event *ev) {
  rig *r = user;

  r->events[ev->kind]++;
  ck_assert_int_eq(ev->client, 2);
  if (ev->kind == HO_EV_delivered) {
    r->last = ev->u.delivered;
    r->delivered += r->last.bytes;
    r->again += r->last.again;
  } else if (ev->kind == HO_EV_byte_wrong && !r->wrong.reason) {
    r->wrong = ev->u.byte_wrong;
  } else if (ev->kind == HO_EV_request_attempt) {
    r->attempt = ev->u.request_attempt;
    r->from += r->attempt.from;
  }
}

static void rig_init(rig *r, ho_workload_config config, ho_redo redo) {
  memset(r, 0, sizeof(*r));
  clock_now = 0;
  r->log = ho_log_new();
  ho_log_subscribe(r->log, on_event, r);
  r->config = config;
  r->probe.t.v = &vtbl;
  r->work = ho_work_new(&(ho_work_config){.log = r->log,
                                          .client = 2,
                                          .config = &r->config,
                                          .redo = redo,
                                          .now = now,
                                          .packet = packet,
                                          .kick = kick,
                                          .done = done,
                                          .user = r});
  ho_work_start(r->work, 0);
}

static void rig_free(rig *r) {
  ho_work_del(r->work);
  ho_log_del(r->log);
}

/* Loses the connection, if there is one, and makes the |n|th.  Returns its
 * first call, if there is one. */
static ho_call *connect_again(rig *r, uint64_t n) {
  ho_work_detach(r->work, now());
  r->probe.count = 0;
  ho_work_attach(r->work, &r->probe.t, n, now());
  return r->probe.calls[0];
}

static void respond(ho_call *call, unsigned status, uint64_t offset) {
  ho_http_response resp = {status, UINT64_MAX, offset};

  call->on_response(call, &resp);
}

/* Gives |len| bytes of |object| from |from|; byte |bad| of them is changed. */
static void give(ho_call *call, uint64_t object, uint64_t from, size_t len,
                 size_t bad) {
  uint8_t data[2000];

  ck_assert_uint_le(len, sizeof(data));
  for (size_t at = 0, n; at < len; at += n) {
    n = len - at;
    memcpy(data + at, ho_content_at(object, from + at, &n), n);
  }
  if (bad < len) {
    data[bad] ^= 1;
  }
  call->on_data(call, data, len);
}

#define GOOD SIZE_MAX

/* ---- downloads ---- */

#define DOWNLOAD(n)                                                            \
  { .type = HO_WORK_DOWNLOAD, .bytes = 1000, .objects = (n) }

START_TEST(downloads_complete) {
  rig r;

  rig_init(&r, (ho_workload_config)DOWNLOAD(3), HO_REDO_RANGE);
  ck_assert_int_eq(r.events[HO_EV_request_issued], 3);
  ck_assert(ho_work_waiting(r.work));
  connect_again(&r, 0);
  ck_assert_int_eq(r.probe.count, 3);
  for (uint64_t i = 0; i < 3; i++) {
    ho_call *call = r.probe.calls[i];
    ck_assert_int_eq(call->request.kind, HO_HTTP_DOWNLOAD);
    ck_assert_uint_eq(call->request.object, i);
    ck_assert_uint_eq(call->request.total, 1000);
    ck_assert_uint_eq(call->request.from, 0);
    ck_assert_int_eq(call->request.client, 2);
    ck_assert(!ho_work_finished(r.work));
    respond(call, 200, UINT64_MAX);
    give(call, i, 0, 1000, GOOD);
    call->on_end(call, 0);
  }
  ck_assert(ho_work_finished(r.work) && !ho_work_waiting(r.work));
  ck_assert_int_eq(r.done, 1);
  ck_assert_int_eq(r.events[HO_EV_request_done], 3);
  ck_assert_int_eq(r.events[HO_EV_byte_wrong], 0);
  ck_assert_uint_eq(r.delivered, 3000);
  ck_assert_uint_eq(r.last.packet, 4711);
  rig_free(&r);
}
END_TEST

static const struct {
  ho_redo redo;
  uint64_t from, again;
  unsigned status;
} redos[] = {{HO_REDO_RANGE, 400, 0, 206}, {HO_REDO_RESTART, 0, 400, 200}};

START_TEST(a_download_goes_on) {
  ho_call *call;
  rig r;

  rig_init(&r, (ho_workload_config)DOWNLOAD(1), redos[_i].redo);
  call = connect_again(&r, 0);
  respond(call, 200, UINT64_MAX);
  give(call, 0, 0, 400, GOOD);
  connect_again(&r, 1);
  ck_assert_uint_eq(call->request.from, redos[_i].from);
  ck_assert_uint_eq(r.attempt.from, redos[_i].from);
  respond(call, redos[_i].status, UINT64_MAX);
  give(call, 0, redos[_i].from, 300, GOOD);
  give(call, 0, redos[_i].from + 300, 700 - redos[_i].from, GOOD);
  call->on_end(call, 0);
  ck_assert_uint_eq(r.again, redos[_i].again);
  ck_assert_uint_eq(r.delivered - r.again, 1000);
  ck_assert_int_eq(r.done, 1);
  ck_assert_int_eq(r.events[HO_EV_byte_wrong], 0);
  rig_free(&r);
}
END_TEST

/* A call that failed, or that the transport refused, is made again with the
 * next connection. */
START_TEST(what_failed_is_asked_again) {
  rig r;

  rig_init(&r, (ho_workload_config)DOWNLOAD(1), HO_REDO_RANGE);
  r.probe.refuse = true;
  connect_again(&r, 0);
  ck_assert_int_eq(r.events[HO_EV_request_attempt], 0);
  r.probe.refuse = false;
  connect_again(&r, 1);
  r.probe.calls[0]->on_end(r.probe.calls[0], -5);
  ck_assert_int_eq(r.done, 0);
  connect_again(&r, 2);
  ck_assert_int_eq(r.probe.cancelled, 0);
  ck_assert_int_eq(r.probe.count, 1);
  ck_assert_int_eq(r.events[HO_EV_byte_wrong], 0);
  rig_free(&r);
}
END_TEST

/* ---- bytes that are not what they should be ---- */

static const struct {
  uint64_t had; /* on an earlier connection */
  unsigned status;
  size_t from, len, bad;
  const char *reason; /* NULL: all is well */
  uint64_t offset;
} bytes[] = {
    {0, 200, 0, 1000, GOOD, NULL, 0},
    {0, 200, 0, 1000, 0, "wrong", 0},
    {0, 200, 0, 1000, 999, "wrong", 999},
    {0, 200, 1, 1000, GOOD, "wrong", 0}, /* a byte is missing */
    {0, 200, 0, 999, GOOD, "short", 999},
    {0, 200, 0, 0, GOOD, "short", 0},
    {0, 200, 0, 1001, GOOD, "repeated", 1000},
    {0, 404, 0, 1000, GOOD, "refused", 0},
    {400, 206, 400, 600, GOOD, NULL, 0},
    {400, 200, 400, 600, GOOD, "refused", 400}, /* from the start again? */
    {400, 206, 400, 600, 5, "wrong", 405},
    {400, 206, 399, 600, GOOD, "wrong", 400}, /* one twice */
};

START_TEST(no_wrong_byte_passes) {
  ho_call *call;
  rig r;

  rig_init(&r, (ho_workload_config)DOWNLOAD(1), HO_REDO_RANGE);
  call = connect_again(&r, 0);
  if (bytes[_i].had) {
    give(call, 0, 0, bytes[_i].had, GOOD);
    connect_again(&r, 1);
  }
  respond(call, bytes[_i].status, UINT64_MAX);
  if (bytes[_i].len > 0) {
    give(call, 0, bytes[_i].from, bytes[_i].len, bytes[_i].bad);
  }
  call->on_end(call, 0);
  ck_assert_int_eq(r.events[HO_EV_byte_wrong] > 0, bytes[_i].reason != NULL);
  if (bytes[_i].reason) {
    ck_assert_str_eq(r.wrong.reason, bytes[_i].reason);
    ck_assert_int_eq(r.done, strcmp(bytes[_i].reason, "short") != 0 &&
                                 strcmp(bytes[_i].reason, "repeated") != 0);
    ck_assert_uint_eq(r.wrong.offset, bytes[_i].offset);
    ck_assert_int_eq(r.wrong.endpoint, HO_CLIENT);
  }
  rig_free(&r);
}
END_TEST

/* ---- uploads ---- */

#define UPLOAD(n)                                                              \
  { .type = HO_WORK_UPLOAD, .bytes = 1000, .objects = (n) }

START_TEST(an_upload_asks_how_far_it_got) {
  ho_call *call;
  rig r;

  rig_init(&r, (ho_workload_config)UPLOAD(1), HO_REDO_RANGE);
  call = connect_again(&r, 0);
  ck_assert_int_eq(call->request.kind, HO_HTTP_UPLOAD);
  ck_assert(call->has_body && !call->body_open);
  ck_assert_uint_eq(call->body_to, 1000);
  for (uint64_t n = 1; n <= 2; n++) { /* as often as it is cut off */
    connect_again(&r, n);
    ck_assert_int_eq(call->request.kind, HO_HTTP_OFFSET);
    ck_assert(!call->has_body);
    ck_assert_int_eq(r.events[HO_EV_request_attempt], (int)n);
    respond(call, 200, 300 * n);
    call->on_end(call, 0);
    ck_assert_int_eq(r.probe.count, 1); /* not from within the call */
    ho_work_settle(r.work);
    ck_assert_int_eq(r.probe.count, 2);
    ck_assert_int_eq(call->request.kind, HO_HTTP_UPLOAD);
    ck_assert_uint_eq(call->request.from, 300 * n);
    ck_assert_uint_eq(call->body_from, 300 * n);
    ck_assert_uint_eq(r.attempt.from, 300 * n);
  }
  respond(call, 200, UINT64_MAX);
  call->on_end(call, 0);
  ck_assert_int_eq(r.done, 1);
  ck_assert_int_eq(r.events[HO_EV_byte_wrong], 0);
  rig_free(&r);
}
END_TEST

START_TEST(a_question_that_dies_is_asked_again) {
  ho_call *call;
  rig r;

  rig_init(&r, (ho_workload_config)UPLOAD(1), HO_REDO_RANGE);
  call = connect_again(&r, 0);
  connect_again(&r, 1);
  call->on_end(call, -1);
  ho_work_settle(r.work);
  ck_assert_int_eq(r.probe.count, 1);
  connect_again(&r, 2);
  ck_assert_int_eq(call->request.kind, HO_HTTP_OFFSET);
  respond(call, 200, 300);
  call->on_end(call, 0);
  connect_again(&r, 3); /* the answer is too old by now */
  ck_assert_int_eq(call->request.kind, HO_HTTP_OFFSET);
  rig_free(&r);
}
END_TEST

START_TEST(an_upload_that_restarts_asks_nothing) {
  ho_call *call;
  rig r;

  rig_init(&r, (ho_workload_config)UPLOAD(1), HO_REDO_RESTART);
  connect_again(&r, 0);
  call = connect_again(&r, 1);
  ck_assert_int_eq(call->request.kind, HO_HTTP_UPLOAD);
  ck_assert_uint_eq(call->request.from, 0);
  rig_free(&r);
}
END_TEST

/* ---- requests ---- */

static const ho_workload_config requests = {.type = HO_WORK_REQUEST,
                                            .every = 100 * HO_MSEC,
                                            .request_bytes = 700,
                                            .response_bytes = 1000,
                                            .count = 3};

START_TEST(requests_come_at_their_times) {
  ho_call *call;
  rig r;

  rig_init(&r, requests, HO_REDO_RANGE);
  connect_again(&r, 0);
  ck_assert_uint_eq(ho_work_tick(r.work, 0), 100 * HO_MSEC);
  ck_assert_int_eq(r.probe.count, 1);
  ck_assert_uint_eq(ho_work_tick(r.work, 99 * HO_MSEC), 100 * HO_MSEC);
  ck_assert_uint_eq(ho_work_tick(r.work, 200 * HO_MSEC), HO_NEVER);
  ck_assert_int_eq(r.probe.count, 3); /* both that were due, and no more */
  call = r.probe.calls[2];
  ck_assert_int_eq(call->request.kind, HO_HTTP_REQUEST);
  ck_assert_uint_eq(call->request.total, 1000);
  ck_assert_uint_eq(call->body_to, 700);
  ck_assert_uint_eq(call->body_object, 2 + HO_HTTP_BODY_OBJECT);
  for (uint64_t i = 0; i < 3; i++) {
    ck_assert_int_eq(r.done, 0);
    give(r.probe.calls[i], i, 0, 1000, GOOD);
    r.probe.calls[i]->on_end(r.probe.calls[i], 0);
  }
  ck_assert_int_eq(r.done, 1);
  rig_free(&r);
}
END_TEST

/* A request has no range: it is made again, and what comes again is told. */
START_TEST(a_request_starts_over) {
  ho_call *call;
  rig r;

  rig_init(&r, requests, HO_REDO_RANGE);
  connect_again(&r, 0);
  ho_work_tick(r.work, 0);
  call = r.probe.calls[0];
  give(call, 0, 0, 600, GOOD);
  connect_again(&r, 1);
  ck_assert_uint_eq(call->request.from, 0);
  give(call, 0, 0, 1000, GOOD);
  call->on_end(call, 0);
  ck_assert_uint_eq(r.again, 600);
  ck_assert_int_eq(r.events[HO_EV_byte_wrong], 0);
  ck_assert_int_eq(r.events[HO_EV_request_done], 1);
  rig_free(&r);
}
END_TEST

/* ---- a terminal session ---- */

static const ho_workload_config echo = {
    .type = HO_WORK_ECHO, .every = 50 * HO_MSEC, .bytes = 16};

START_TEST(keys_come_back) {
  ho_call *call;
  rig r;

  rig_init(&r, echo, HO_REDO_RANGE);
  connect_again(&r, 0);
  ck_assert_int_eq(r.probe.count, 1); /* one exchange for all */
  call = r.probe.calls[0];
  ck_assert(call->has_body && call->body_open);
  ck_assert_uint_eq(call->body_to, 0);
  ho_work_tick(r.work, 100 * HO_MSEC);
  ck_assert_uint_eq(call->body_to, 48);
  ck_assert_int_eq(r.probe.resumed, 3);
  ck_assert(ho_work_waiting(r.work));
  respond(call, 200, UINT64_MAX);
  give(call, HO_HTTP_BODY_OBJECT, 0, 20, GOOD); /* a key and a bit */
  ck_assert_int_eq(r.events[HO_EV_request_done], 1);
  ck_assert_int_eq(r.events[HO_EV_delivered], 2); /* split where keys end */
  ck_assert(r.last.request == 1 && r.last.bytes == 4);
  give(call, HO_HTTP_BODY_OBJECT, 20, 28, GOOD);
  ck_assert_int_eq(r.events[HO_EV_request_done], 3);
  ck_assert(!ho_work_waiting(r.work) && !ho_work_finished(r.work));
  ck_assert_int_eq(r.events[HO_EV_byte_wrong], 0);
  rig_free(&r);
}
END_TEST

START_TEST(keys_are_typed_again) {
  ho_call *call;
  rig r;

  rig_init(&r, echo, HO_REDO_RANGE);
  call = connect_again(&r, 0);
  ho_work_tick(r.work, 50 * HO_MSEC);
  give(call, HO_HTTP_BODY_OBJECT, 0, 20, GOOD);
  ho_work_detach(r.work, now());
  ck_assert_int_eq(r.probe.cancelled, 1);
  ho_work_tick(r.work, 100 * HO_MSEC); /* typed while there is none */
  ck_assert_int_eq(r.events[HO_EV_request_issued], 3);
  ck_assert_int_eq(r.events[HO_EV_request_attempt], 2);
  connect_again(&r, 1);
  ck_assert_uint_eq(call->request.from, 20);
  ck_assert(call->body_from == 20 && call->body_to == 48);
  ck_assert_int_eq(r.events[HO_EV_request_attempt], 4);
  ck_assert_uint_eq(r.from, 4); /* of the second key's 16 bytes */
  give(call, HO_HTTP_BODY_OBJECT, 20, 28, GOOD);
  ck_assert_int_eq(r.events[HO_EV_request_done], 3);
  ck_assert_int_eq(r.events[HO_EV_byte_wrong], 0);
  rig_free(&r);
}
END_TEST

static const struct {
  unsigned status;
  uint64_t from;
  size_t len, bad;
  const char *reason;
  uint64_t request;
} echoes[] = {{200, 0, 32, GOOD, NULL, 0},
              {200, 0, 32, 17, "wrong", 1},
              {200, 16, 16, GOOD, "wrong", 0},
              {200, 0, 33, GOOD, "repeated", 2},
              {400, 0, 32, GOOD, "refused", 0}};

START_TEST(no_wrong_echo_passes) {
  ho_call *call;
  rig r;

  rig_init(&r, echo, HO_REDO_RANGE);
  call = connect_again(&r, 0);
  ho_work_tick(r.work, 50 * HO_MSEC); /* two keys */
  respond(call, echoes[_i].status, UINT64_MAX);
  give(call, HO_HTTP_BODY_OBJECT, echoes[_i].from, echoes[_i].len,
       echoes[_i].bad);
  ck_assert_int_eq(r.events[HO_EV_byte_wrong], echoes[_i].reason != NULL);
  if (echoes[_i].reason) {
    ck_assert_str_eq(r.wrong.reason, echoes[_i].reason);
    ck_assert_uint_eq(r.wrong.request, echoes[_i].request);
  }
  rig_free(&r);
}
END_TEST

/* ---- idle, and quiet ---- */

START_TEST(idle_does_nothing) {
  rig r;

  rig_init(&r, (ho_workload_config){.type = HO_WORK_IDLE}, HO_REDO_RANGE);
  connect_again(&r, 0);
  ck_assert_uint_eq(ho_work_tick(r.work, HO_SEC), HO_NEVER);
  ck_assert(!r.probe.count && !ho_work_waiting(r.work));
  rig_free(&r);
}
END_TEST

/* What falls into a pause is not made up for: 0, 300 and 400 ms remain. */
START_TEST(a_pause_makes_no_requests) {
  const ho_workload_config *config = _i ? &echo : &requests;
  rig r;

  rig_init(&r, *config, HO_REDO_RANGE);
  connect_again(&r, 0);
  ho_work_tick(r.work, 0);
  ho_work_pause(r.work);
  ho_work_tick(r.work, 2 * config->every);
  ck_assert_int_eq(r.events[HO_EV_request_issued], 1);
  ck_assert(ho_work_waiting(r.work)); /* the first still comes */
  ho_work_resume(r.work, now());
  ck_assert_int_eq(r.events[HO_EV_request_issued], 1);
  ho_work_tick(r.work, 4 * config->every);
  ck_assert_int_eq(r.events[HO_EV_request_issued], 3);
  rig_free(&r);
}
END_TEST

START_TEST(a_pause_holds_an_upload) {
  ho_call *call;
  rig r;

  rig_init(&r, (ho_workload_config)UPLOAD(1), HO_REDO_RANGE);
  call = connect_again(&r, 0);
  call->body_sent = 250;
  ho_work_pause(r.work);
  ck_assert(call->body_open);
  ck_assert_uint_eq(call->body_to, 250);
  ck_assert(!ho_work_waiting(r.work)); /* silence is no sign of trouble */
  ho_work_resume(r.work, now());
  ck_assert(!call->body_open);
  ck_assert_uint_eq(call->body_to, 1000);
  ck_assert_int_eq(r.probe.resumed, 1);
  ck_assert(ho_work_waiting(r.work));
  rig_free(&r);
}
END_TEST

/* A connection made during the pause brings nothing forward. */
START_TEST(a_pause_outlives_a_connection) {
  ho_call *call;
  rig r;

  rig_init(&r, (ho_workload_config)UPLOAD(1), HO_REDO_RANGE);
  ho_work_pause(r.work);
  call = connect_again(&r, 0);
  ck_assert(call->body_open);
  ck_assert_uint_eq(call->body_to, 0);
  ho_work_resume(r.work, now());
  ck_assert(!call->body_open);
  ck_assert_uint_eq(call->body_to, 1000);
  rig_free(&r);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, downloads_complete);
  tcase_add_loop_test(tc, a_download_goes_on, 0, (int)COUNT(redos));
  tcase_add_test(tc, what_failed_is_asked_again);
  tcase_add_loop_test(tc, no_wrong_byte_passes, 0, (int)COUNT(bytes));
  tcase_add_test(tc, an_upload_asks_how_far_it_got);
  tcase_add_test(tc, a_question_that_dies_is_asked_again);
  tcase_add_test(tc, an_upload_that_restarts_asks_nothing);
  tcase_add_test(tc, requests_come_at_their_times);
  tcase_add_test(tc, a_request_starts_over);
  tcase_add_test(tc, keys_come_back);
  tcase_add_test(tc, keys_are_typed_again);
  tcase_add_loop_test(tc, no_wrong_echo_passes, 0, (int)COUNT(echoes));
  tcase_add_test(tc, idle_does_nothing);
  tcase_add_loop_test(tc, a_pause_makes_no_requests, 0, 2);
  tcase_add_test(tc, a_pause_holds_an_upload);
  tcase_add_test(tc, a_pause_outlives_a_connection);
}

int main(void) {
  return suite_run("work", add);
}
