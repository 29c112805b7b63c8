/* Tests of the server application. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/http.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stack/content.h"
#include "tests/suite.h"

/* What happened, one event a line. */
static char story[4096];
static ho_log *event_log;
static ho_service *service;

static void tell(void *user, const ho_event *e) {
  size_t at = strlen(story);

  (void)user;
  if (e->kind == HO_EV_delivered) {
    const ho_ev_delivered *d = &e->u.delivered;

    ck_assert_int_eq(d->endpoint, HO_SERVER);
    snprintf(story + at, sizeof(story) - at,
             "%llu c%d r%llu n%llu: %llu+%llu again %llu p%llu\n",
             (unsigned long long)e->t, e->client,
             (unsigned long long)d->request, (unsigned long long)d->connection,
             (unsigned long long)d->offset, (unsigned long long)d->bytes,
             (unsigned long long)d->again, (unsigned long long)d->packet);
  } else if (e->kind == HO_EV_byte_wrong) {
    const ho_ev_byte_wrong *w = &e->u.byte_wrong;

    ck_assert_int_eq(w->endpoint, HO_SERVER);
    snprintf(story + at, sizeof(story) - at, "%llu c%d r%llu: %s at %llu\n",
             (unsigned long long)e->t, e->client,
             (unsigned long long)w->request, w->reason,
             (unsigned long long)w->offset);
  } else {
    ck_abort_msg("unexpected event");
  }
}

static void setup(void) {
  story[0] = 0;
  event_log = ho_log_new();
  ho_log_subscribe(event_log, tell, NULL);
  service = ho_service_new(&(ho_service_config){.log = event_log});
}

static void teardown(void) {
  ho_service_del(service);
  ho_log_del(event_log);
}

/* begin sends |req| through its header fields, as a transport does. */
static ho_exchange *begin(ho_http_request req, uint64_t connection) {
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

static ho_exchange *upload(int client, uint64_t object, uint64_t total,
                           uint64_t from, uint64_t connection) {
  return begin((ho_http_request){.kind = HO_HTTP_UPLOAD,
                                 .object = object,
                                 .total = total,
                                 .from = from,
                                 .client = client},
               connection);
}

/* body sends |len| bytes of content of |object| from |offset|. */
static void body(ho_exchange *x, uint64_t object, uint64_t offset, size_t len,
                 uint64_t packet, ho_time now) {
  size_t n = len;
  const uint8_t *p = ho_content_at(object, offset, &n);

  ck_assert_uint_eq(n, len);
  ho_exchange_body(x, p, len, packet, now);
}

/* response expects the head of the response now. */
static ho_http_response response(ho_exchange *x, bool with_body) {
  ho_http_response resp;
  bool has_body;

  ck_assert(ho_exchange_pending(x));
  ck_assert(ho_exchange_response(x, &resp, &has_body));
  ck_assert_int_eq(has_body, with_body);
  ck_assert(!ho_exchange_response(x, &resp, &has_body));
  return resp;
}

static void no_response(ho_exchange *x) {
  ho_http_response resp;
  bool has_body;

  ck_assert(!ho_exchange_pending(x));
  ck_assert(!ho_exchange_response(x, &resp, &has_body));
}

static uint64_t offset_of(int client, uint64_t object, uint64_t total) {
  ho_exchange *x = begin((ho_http_request){.kind = HO_HTTP_OFFSET,
                                           .object = object,
                                           .total = total,
                                           .client = client},
                         0);
  ho_http_response resp = response(x, false);
  size_t len;
  bool eof;

  ck_assert_uint_eq(resp.status, 200);
  ck_assert_uint_eq(resp.content_length, UINT64_MAX);
  ck_assert_ptr_null(ho_exchange_read(x, 100, &len, &eof));
  ck_assert(eof);
  ho_exchange_body_end(x);
  ho_exchange_end(x);
  return resp.upload_offset;
}

/* read_all reads |x| in pieces of |max|, expects content of |object| from
 * |from|, and returns how much there was; |*eof| as last told. */
static uint64_t read_all(ho_exchange *x, uint64_t object, uint64_t from,
                         size_t max, bool *eof) {
  uint64_t got = 0;
  const uint8_t *p;
  size_t len;

  while ((p = ho_exchange_read(x, max, &len, eof))) {
    ck_assert_uint_ge(len, 1);
    ck_assert_uint_le(len, max);
    ck_assert_uint_eq(ho_content_check(object, from + got, p, len), len);
    got += len;
  }
  ck_assert_uint_eq(len, 0);
  return got;
}

/* A download has status 200 from the start and 206 from further on, and its
 * content-length is what is left. */
START_TEST(downloads) {
  static const struct {
    uint64_t total, from;
    unsigned status;
    uint64_t length;
  } rows[] = {
      {0, 0, 200, 0},
      {1, 0, 200, 1},
      {3000000, 0, 200, 3000000},
      {3000000, 1, 206, 2999999},
      {3000000, 2999999, 206, 1},
      {3000000, 3000000, 206, 0},
      {10, 11, 400, 0},
  };

  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    ho_exchange *x = begin((ho_http_request){.kind = HO_HTTP_DOWNLOAD,
                                             .object = 4,
                                             .total = rows[i].total,
                                             .from = rows[i].from},
                           0);
    ho_http_response resp = response(x, rows[i].length > 0);
    bool eof;

    ck_assert_uint_eq(resp.status, rows[i].status);
    ck_assert_uint_eq(resp.content_length, rows[i].length);
    ck_assert_uint_eq(resp.upload_offset, UINT64_MAX);
    ho_exchange_body_end(x);
    ck_assert_uint_eq(read_all(x, 4, rows[i].from, 1111, &eof), rows[i].length);
    ck_assert(eof);
    ck_assert(!ho_exchange_pending(x));
    ck_assert_ptr_eq(ho_exchange_user(x), &service);
    ho_exchange_end(x);
  }
}
END_TEST

/* An upload over two connections: bytes are counted in order, an offset asked
 * for in between is what arrived, and the end brings a 200. */
START_TEST(upload_resumes) {
  ho_exchange *x = upload(2, 5, 3000, 0, 0), *y;
  ho_http_response resp;

  no_response(x);
  body(x, 5, 0, 1000, 11, 100);
  body(x, 5, 1000, 500, 12, 200);
  no_response(x);
  ck_assert_uint_eq(offset_of(2, 5, 3000), 1500);
  ho_exchange_end(x);
  y = upload(2, 5, 3000, 1500, 1);
  body(y, 5, 1500, 1500, 20, 300);
  resp = response(y, false);
  ck_assert_uint_eq(resp.status, 200);
  ck_assert_uint_eq(resp.content_length, 0);
  ho_exchange_body_end(y);
  no_response(y);
  ho_exchange_end(y);
  ck_assert_uint_eq(offset_of(2, 5, 3000), 3000);
  ck_assert_str_eq(story, "100 c2 r5 n0: 0+1000 again 0 p11\n"
                          "200 c2 r5 n0: 1000+500 again 0 p12\n"
                          "300 c2 r5 n1: 1500+1500 again 0 p20\n");
}
END_TEST

/* redo: restart sends what is there already, which counts as again. */
START_TEST(upload_restarts) {
  ho_exchange *x = upload(0, 0, 3000, 0, 0), *y, *z;

  body(x, 0, 0, 1000, 1, 100);
  ho_exchange_end(x);
  y = upload(0, 0, 3000, 0, 1);
  body(y, 0, 0, 600, 2, 200);
  body(y, 0, 600, 600, 3, 300);
  body(y, 0, 1200, 1800, 4, 400);
  ck_assert_uint_eq(response(y, false).status, 200);
  ho_exchange_end(y);
  z = upload(0, 0, 3000, 0, 2);
  body(z, 0, 0, 3000, 5, 500);
  ck_assert_uint_eq(response(z, false).status, 200);
  ho_exchange_end(z);
  z = upload(0, 0, 3000, 3000, 3);
  ck_assert_uint_eq(response(z, false).status, 200);
  ho_exchange_body_end(z);
  ho_exchange_end(z);
  ck_assert_str_eq(story, "100 c0 r0 n0: 0+1000 again 0 p1\n"
                          "200 c0 r0 n1: 0+600 again 600 p2\n"
                          "300 c0 r0 n1: 600+600 again 400 p3\n"
                          "400 c0 r0 n1: 1200+1800 again 0 p4\n"
                          "500 c0 r0 n2: 0+3000 again 3000 p5\n");
}
END_TEST

/* A wrong byte is found, what was right before it counts, and no more does. */
START_TEST(upload_wrong_byte) {
  ho_exchange *x = upload(0, 0, 3000, 0, 0);
  uint8_t bytes[1000];
  size_t n = sizeof(bytes);

  memcpy(bytes, ho_content_at(0, 1000, &n), sizeof(bytes));
  bytes[321] ^= 1;
  body(x, 0, 0, 1000, 1, 100);
  ho_exchange_body(x, bytes, sizeof(bytes), 2, 200);
  body(x, 0, 2000, 1000, 3, 300);
  ck_assert_uint_eq(response(x, false).status, 400);
  ho_exchange_body_end(x);
  no_response(x);
  ho_exchange_end(x);
  ck_assert_uint_eq(offset_of(0, 0, 3000), 1321);
  ck_assert_str_eq(story, "100 c0 r0 n0: 0+1000 again 0 p1\n"
                          "200 c0 r0 n0: 1000+321 again 0 p2\n"
                          "200 c0 r0: wrong at 1321\n");
}
END_TEST

/* Starting beyond what is there leaves a gap, before or after bytes came. */
START_TEST(upload_gap) {
  ho_exchange *x = upload(0, 0, 3000, 1, 0);

  ck_assert_uint_eq(response(x, false).status, 400);
  body(x, 0, 1, 100, 1, 100);
  body(x, 0, 101, 100, 2, 200);
  ho_exchange_body_end(x);
  ho_exchange_end(x);
  ck_assert_uint_eq(offset_of(0, 0, 3000), 0);
  x = upload(0, 0, 3000, 0, 0);
  body(x, 0, 0, 100, 3, 300);
  ho_exchange_end(x);
  x = upload(0, 0, 3000, 101, 0);
  body(x, 0, 101, 100, 4, 400);
  ck_assert_uint_eq(response(x, false).status, 400);
  ho_exchange_end(x);
  ck_assert_uint_eq(offset_of(0, 0, 3000), 100);
  ck_assert_str_eq(story, "100 c0 r0: gap at 1\n"
                          "300 c0 r0 n0: 0+100 again 0 p3\n"
                          "400 c0 r0: gap at 101\n");
}
END_TEST

/* More than was announced is wrong even where it would be the right content;
 * less, or another length than before, is refused. */
START_TEST(upload_length) {
  ho_exchange *x = upload(0, 0, 3000, 0, 0);

  body(x, 0, 0, 3001, 1, 100);
  ck_assert_uint_eq(response(x, false).status, 400);
  ho_exchange_end(x);
  x = upload(0, 1, 3000, 0, 0);
  body(x, 1, 0, 2999, 1, 200);
  ho_exchange_body_end(x);
  ck_assert_uint_eq(response(x, false).status, 400);
  ho_exchange_end(x);
  x = upload(0, 1, 3001, 2999, 0);
  ck_assert_uint_eq(response(x, false).status, 400);
  ho_exchange_end(x);
  x = upload(0, 1, 3000, 3001, 0);
  ck_assert_uint_eq(response(x, false).status, 400);
  ho_exchange_end(x);
  ck_assert_str_eq(story, "100 c0 r0 n0: 0+3000 again 0 p1\n"
                          "100 c0 r0: wrong at 3000\n"
                          "200 c0 r1 n0: 0+2999 again 0 p1\n");
}
END_TEST

/* Once an offset was told or another connection took over, late bytes of the
 * old one change nothing. */
START_TEST(upload_is_taken_over) {
  ho_exchange *x = upload(0, 0, 3000, 0, 0), *y;

  body(x, 0, 0, 1000, 1, 100);
  ck_assert_uint_eq(offset_of(0, 0, 3000), 1000);
  body(x, 0, 1000, 700, 2, 200);
  ck_assert_uint_eq(offset_of(0, 0, 3000), 1000);
  y = upload(0, 0, 3000, 1000, 1);
  body(y, 0, 1000, 100, 3, 300);
  body(x, 0, 1700, 700, 4, 400);
  ho_exchange_end(x);
  body(y, 0, 1100, 1900, 5, 500);
  ck_assert_uint_eq(response(y, false).status, 200);
  ho_exchange_end(y);
  ck_assert_str_eq(story, "100 c0 r0 n0: 0+1000 again 0 p1\n"
                          "300 c0 r0 n1: 1000+100 again 0 p3\n"
                          "500 c0 r0 n1: 1100+1900 again 0 p5\n");
}
END_TEST

/* What an old connection's buffers still held comes after the newer one has
 * begun: it is refused, and the newer goes on. */
START_TEST(upload_from_the_past_is_refused) {
  ho_exchange *y = upload(0, 0, 3000, 0, 2), *x;

  body(y, 0, 0, 1000, 1, 100);
  x = upload(0, 0, 3000, 0, 1);
  ck_assert_uint_eq(response(x, false).status, 400);
  body(x, 0, 0, 1000, 2, 200);
  ho_exchange_end(x);
  body(y, 0, 1000, 2000, 3, 300);
  ck_assert_uint_eq(response(y, false).status, 200);
  ho_exchange_end(y);
  ck_assert_str_eq(story, "100 c0 r0 n2: 0+1000 again 0 p1\n"
                          "300 c0 r0 n2: 1000+2000 again 0 p3\n");
}
END_TEST

/* Uploads of many clients and objects at once do not touch one another. */
START_TEST(uploads_are_apart) {
  enum { CLIENTS = 20, OBJECTS = 30 };
  static ho_exchange *x[CLIENTS][OBJECTS];

  for (int c = 0; c < CLIENTS; c++) {
    for (uint64_t o = 0; o < OBJECTS; o++) {
      x[c][o] = upload(c, o, 1000, 0, 0);
    }
  }
  for (int c = 0; c < CLIENTS; c++) {
    for (uint64_t o = 0; o < OBJECTS; o++) {
      story[0] = 0;
      body(x[c][o], o, 0, (size_t)c * 30 + o + 1, 1, 100);
    }
  }
  for (int c = 0; c < CLIENTS; c++) {
    for (uint64_t o = 0; o < OBJECTS; o++) {
      ck_assert_uint_eq(offset_of(c, o, 1000), (uint64_t)c * 30 + o + 1);
      ho_exchange_end(x[c][o]);
    }
  }
  ck_assert_uint_eq(offset_of(CLIENTS, 0, 1000), 0);
  ck_assert_uint_eq(offset_of(0, OBJECTS, 1000), 0);
}
END_TEST

/* A request is answered when its body is over, with content of its object. */
START_TEST(request_is_answered) {
  ho_exchange *x = begin(
      (ho_http_request){.kind = HO_HTTP_REQUEST, .object = 8, .total = 5000},
      0);
  ho_http_response resp;
  bool eof;

  body(x, 8 + HO_HTTP_BODY_OBJECT, 0, 100, 1, 100);
  body(x, 8 + HO_HTTP_BODY_OBJECT, 100, 100, 2, 200);
  no_response(x);
  ck_assert_uint_eq(read_all(x, 8, 0, 1000, &eof), 0);
  ck_assert(!eof);
  ho_exchange_body_end(x);
  resp = response(x, true);
  ck_assert_uint_eq(resp.status, 200);
  ck_assert_uint_eq(resp.content_length, 5000);
  ck_assert_uint_eq(read_all(x, 8, 0, 1000, &eof), 5000);
  ck_assert(eof);
  ho_exchange_end(x);
  ck_assert_str_eq(story, "");
}
END_TEST

START_TEST(request_wrong_byte) {
  ho_exchange *x = begin(
      (ho_http_request){
          .kind = HO_HTTP_REQUEST, .object = 8, .total = 5000, .client = 3},
      0);
  bool eof;

  body(x, 8 + HO_HTTP_BODY_OBJECT, 0, 100, 1, 100);
  body(x, 8, 100, 100, 2, 200);
  ho_exchange_body_end(x);
  ck_assert_uint_eq(response(x, false).status, 400);
  ck_assert_uint_eq(read_all(x, 8, 0, 1000, &eof), 0);
  ck_assert(eof);
  ho_exchange_end(x);
  ck_assert_str_eq(story, "200 c3 r8: wrong at 100\n");
}
END_TEST

/* An echo is open at once, gives back what came, and ends with its body. */
START_TEST(echo_comes_back) {
  const uint64_t object = 6 + HO_HTTP_BODY_OBJECT;
  ho_exchange *x = begin(
      (ho_http_request){.kind = HO_HTTP_ECHO, .object = 6, .from = 700}, 0);
  ho_http_response resp = response(x, true);
  size_t len;
  bool eof;

  ck_assert_uint_eq(resp.status, 200);
  ck_assert_uint_eq(resp.content_length, UINT64_MAX);
  ck_assert_ptr_null(ho_exchange_read(x, 10, &len, &eof));
  ck_assert(!eof);
  body(x, object, 700, 64, 1, 100);
  ck_assert(ho_exchange_pending(x));
  ck_assert_uint_eq(read_all(x, object, 700, 10, &eof), 64);
  ck_assert(!eof);
  body(x, object, 764, 64, 2, 200);
  ho_exchange_body_end(x);
  ck_assert_ptr_nonnull(ho_exchange_read(x, 63, &len, &eof));
  ck_assert_uint_eq(len, 63);
  ck_assert(!eof);
  ck_assert_ptr_nonnull(ho_exchange_read(x, 63, &len, &eof));
  ck_assert_uint_eq(len, 1);
  ck_assert(eof);
  ho_exchange_end(x);
  ck_assert_str_eq(story, "");
}
END_TEST

/* A wrong byte ends the echo after what was right. */
START_TEST(echo_wrong_byte) {
  const uint64_t object = 6 + HO_HTTP_BODY_OBJECT;
  ho_exchange *x =
      begin((ho_http_request){.kind = HO_HTTP_ECHO, .object = 6}, 0);
  bool eof;

  ck_assert_uint_eq(response(x, true).status, 200);
  body(x, object, 0, 64, 1, 100);
  body(x, object, 65, 64, 2, 200);
  ck_assert_uint_eq(read_all(x, object, 0, 1000, &eof), 64);
  ck_assert(eof);
  body(x, object, 64, 64, 3, 300);
  ck_assert(!ho_exchange_pending(x));
  ho_exchange_end(x);
  ck_assert_str_eq(story, "200 c0 r6: wrong at 64\n");
}
END_TEST

/* What is no request of ours is refused, and its body ignored. */
START_TEST(bad_requests) {
  static const struct {
    const char *path;
    unsigned status;
  } rows[] = {{"/favicon.ico", 404}, {"/download/x", 400}, {NULL, 400}};

  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    ho_http_request req = {0};
    ho_exchange *x;
    bool eof;

    if (rows[i].path) {
      ho_http_request_field(&req, (const uint8_t *)":path", 5,
                            (const uint8_t *)rows[i].path,
                            strlen(rows[i].path));
    }
    x = ho_service_begin(service, &req, 0, NULL);
    ck_assert_uint_eq(response(x, false).status, rows[i].status);
    body(x, 0, 0, 100, 1, 100);
    ho_exchange_body_end(x);
    ck_assert_uint_eq(read_all(x, 0, 0, 100, &eof), 0);
    ck_assert(eof);
    ho_exchange_end(x);
  }
  ck_assert_str_eq(story, "");
}
END_TEST

/* A GET has no body. */
START_TEST(download_with_body) {
  ho_exchange *x = begin(
      (ho_http_request){.kind = HO_HTTP_DOWNLOAD, .object = 1, .total = 10}, 0);

  body(x, 1, 0, 5, 1, 100);
  ck_assert_uint_eq(response(x, false).status, 400);
  ho_exchange_end(x);
  ck_assert_str_eq(story, "100 c0 r1: wrong at 0\n");
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, downloads);
  tcase_add_test(tc, upload_resumes);
  tcase_add_test(tc, upload_restarts);
  tcase_add_test(tc, upload_wrong_byte);
  tcase_add_test(tc, upload_gap);
  tcase_add_test(tc, upload_length);
  tcase_add_test(tc, upload_is_taken_over);
  tcase_add_test(tc, upload_from_the_past_is_refused);
  tcase_add_test(tc, uploads_are_apart);
  tcase_add_test(tc, request_is_answered);
  tcase_add_test(tc, request_wrong_byte);
  tcase_add_test(tc, echo_comes_back);
  tcase_add_test(tc, echo_wrong_byte);
  tcase_add_test(tc, bad_requests);
  tcase_add_test(tc, download_with_body);
}

int main(void) {
  return suite_run("service", add);
}
