/* Tests of requests and responses as header fields. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/http.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "tests/suite.h"

#define MAX62 ((UINT64_C(1) << 62) - 1)

static void take(ho_http_request *req, const char *name, const char *value) {
  ho_http_request_field(req, (const uint8_t *)name, strlen(name),
                        (const uint8_t *)value, strlen(value));
}

static const ho_http_request requests[] = {
    {.kind = HO_HTTP_DOWNLOAD, .object = 0, .total = 60000000},
    {.kind = HO_HTTP_DOWNLOAD, .object = 3, .total = 9, .from = 5, .client = 2},
    {.kind = HO_HTTP_UPLOAD, .object = 1, .total = 10},
    {.kind = HO_HTTP_UPLOAD, .object = 1, .total = 10, .from = 10},
    {.kind = HO_HTTP_OFFSET, .object = 1, .total = 10, .client = 7},
    {.kind = HO_HTTP_REQUEST, .object = 12, .total = 0},
    {.kind = HO_HTTP_ECHO, .object = 5, .from = 123456789},
    {.kind = HO_HTTP_STREAM,
     .object = 4,
     .from = 250,
     .stream = {2500, 5000, 20 * HO_MSEC, 150 * HO_MSEC, 3}},
    {.kind = HO_HTTP_STREAM,
     .object = MAX62,
     .from = MAX62 - 1,
     .stream = {MAX62, MAX62 - 1, MAX62 - 2, MAX62 - 3, MAX62 - 4},
     .client = 2147483647},
    {.kind = HO_HTTP_UPLOAD,
     .object = MAX62,
     .total = MAX62,
     .from = MAX62 - 1,
     .client = 2147483647},
    {.kind = HO_HTTP_DOWNLOAD,
     .object = MAX62,
     .total = MAX62,
     .from = MAX62,
     .client = 2147483647},
};

/* What is written is read back, whatever the order of the fields. */
START_TEST(requests_survive) {
  const ho_http_request *want = &requests[_i];
  ho_http_field fields[HO_HTTP_FIELDS];
  size_t n = ho_http_request_fields(fields, want);

  for (size_t first = 0; first < n; first++) {
    ho_http_request got = {0};

    for (size_t i = 0; i < n; i++) {
      const ho_http_field *f = &fields[(first + i) % n];

      take(&got, f->name, f->value);
    }
    take(&got, "user-agent", "somebody");
    ck_assert(ho_http_request_ok(&got));
    ck_assert_int_eq(got.kind, want->kind);
    ck_assert_uint_eq(got.object, want->object);
    ck_assert_uint_eq(got.total, want->total);
    ck_assert_uint_eq(got.from, want->from);
    ck_assert_int_eq(got.client, want->client);
    ck_assert_uint_eq(got.stream.up, want->stream.up);
    ck_assert_uint_eq(got.stream.down, want->stream.down);
    ck_assert_uint_eq(got.stream.frame, want->stream.frame);
    ck_assert_uint_eq(got.stream.deadline, want->stream.deadline);
    ck_assert_uint_eq(got.stream.begin, want->stream.begin);
  }
}
END_TEST

/* The exact fields of a resumed download, pseudo-headers first. */
START_TEST(request_fields_are_these) {
  static const char *const want[][2] = {
      {":method", "GET"},
      {":scheme", "https"},
      {":authority", "server.handoff.test"},
      {":path", "/download/3?bytes=9"},
      {"handoff-client", "2"},
      {"range", "bytes=5-"},
  };
  ho_http_field fields[HO_HTTP_FIELDS];

  ck_assert_uint_eq(ho_http_request_fields(fields, &requests[1]), COUNT(want));
  for (size_t i = 0; i < COUNT(want); i++) {
    ck_assert_str_eq(fields[i].name, want[i][0]);
    ck_assert_str_eq(fields[i].value, want[i][1]);
  }
}
END_TEST

/* take_all reads the fields of a good download, with |name| set to |value|
 * (NULL: left out). */
static ho_http_request take_all(const char *name, const char *value) {
  static const char *const good[][2] = {
      {":method", "GET"},
      {":scheme", "https"},
      {":authority", "server.handoff.test"},
      {":path", "/download/3?bytes=9"},
      {"handoff-client", "2"},
  };
  ho_http_request req = {0};
  int seen = 0;

  for (size_t i = 0; i < COUNT(good); i++) {
    const char *v = good[i][1];

    if (strcmp(good[i][0], name) == 0) {
      v = value;
      seen = 1;
    }
    if (v) {
      take(&req, good[i][0], v);
    }
  }
  if (!seen && value) {
    take(&req, name, value);
  }
  return req;
}

/* Fields that must each spoil an otherwise good download. */
static const char *const bad_fields[][2] = {
    {":method", NULL},
    {":method", ""},
    {":method", "get"},
    {":method", "GETT"},
    {":method", "PUT"},
    {":method", "POST"}, /* not for a download */
    {":method", "HEAD"},
    {":scheme", NULL},
    {":scheme", "http"},
    {":authority", NULL},
    {":authority", "server.handoff.tes"},
    {":authority", "other"},
    {":path", NULL},
    {":path", ""},
    {":path", "/"},
    {":path", "/download/"},
    {":path", "/download/3"},
    {":path", "/download/3?bytes="},
    {":path", "/download/3?bytes=-1"},
    {":path", "/download/+3?bytes=9"},
    {":path", "/download/ 3?bytes=9"},
    {":path", "/download/3?bytes=9 "},
    {":path", "/download/3?bytes=9&x=1"},
    {":path", "/download/3?bytes=0x9"},
    {":path", "/download/3?bytes=4611686018427387904"},
    {":path", "/download/3?bytes=18446744073709551616"},
    {":path", "/download/3?bytes=99999999999999999999999999999999999999"},
    {":path", "/download/46116860184273879040?bytes=9"},
    {":path", "/upload/3?bytes=9"}, /* not with GET */
    {":path", "/echo/3"},
    {":path", "/elsewhere/3?bytes=9"},
    {"handoff-client", NULL},
    {"handoff-client", ""},
    {"handoff-client", "-1"},
    {"handoff-client", "2147483648"},
    {"handoff-client", "2 "},
    {"range", ""},
    {"range", "bytes=5"},
    {"range", "bytes=-5"},
    {"range", "bytes=5-8"},
    {"range", "bytes=5-,7-"},
    {"range", "bytes= 5-"},
    {"range", "items=5-"},
    {"range", "bytes=18446744073709551621-"},
    {"upload-offset", "5"}, /* means nothing here */
    {"stream-from", "5"},
};

START_TEST(bad_requests_are_refused) {
  ho_http_request req = take_all(bad_fields[_i][0], bad_fields[_i][1]);

  ck_assert(!ho_http_request_ok(&req));
}
END_TEST

/* The base that bad_requests_are_refused spoils is good. */
START_TEST(good_requests_are_taken) {
  ho_http_request req = take_all("range", NULL);

  ck_assert(ho_http_request_ok(&req));
  req = take_all("range", "bytes=4611686018427387903-");
  ck_assert(ho_http_request_ok(&req));
  ck_assert_uint_eq(req.from, MAX62);
}
END_TEST

/* A path of a stream says all of it, in this order, and nothing else. */
static const char *const bad_streams[] = {
    "/stream/",
    "/stream/0",
    "/stream/0?bytes=9",
    "/stream/0?up=1&down=2&frame=3&deadline=4",
    "/stream/0?up=1&down=2&frame=3&deadline=4&begin=",
    "/stream/0?up=1&down=2&frame=3&deadline=4&begin=5&x=1",
    "/stream/0?down=2&up=1&frame=3&deadline=4&begin=5",
    "/stream/0?up=-1&down=2&frame=3&deadline=4&begin=5",
    "/stream/0?up=1&down=&frame=3&deadline=4&begin=5",
    "/stream/0?up=1&down=2&frame=4611686018427387904&deadline=4&begin=5",
    "/stream/0?up=1&down=2&frame=3&deadline=4&begin=99999999999999999999",
};

START_TEST(bad_streams_are_refused) {
  static const char *const good =
      "/stream/0?up=1&down=2&frame=3&deadline=4&begin=5";

  for (int ok = 0; ok < 2; ok++) {
    ho_http_request req = {0};

    take(&req, ":method", "POST");
    take(&req, ":scheme", "https");
    take(&req, ":authority", "server.handoff.test");
    take(&req, ":path", ok ? good : bad_streams[_i]);
    take(&req, "handoff-client", "2");
    take(&req, "stream-from", "7");
    ck_assert_int_eq(ho_http_request_ok(&req), ok);
  }
}
END_TEST

/* An upload, an echo and a stream must say where they start: a server that
 * guessed would corrupt a resumed one. */
START_TEST(offset_is_needed) {
  static const ho_http_kind with[] = {HO_HTTP_UPLOAD, HO_HTTP_ECHO,
                                      HO_HTTP_STREAM};
  static const char *const names[] = {"upload-offset", "upload-offset",
                                      "stream-from"};

  for (size_t k = 0; k < COUNT(with); k++) {
    ho_http_request sent = {.kind = with[k], .total = 9}, got = {0};
    ho_http_field fields[HO_HTTP_FIELDS];
    size_t n = ho_http_request_fields(fields, &sent);

    for (size_t i = 0; i < n; i++) {
      if (strcmp(fields[i].name, names[k]) != 0) {
        take(&got, fields[i].name, fields[i].value);
      }
    }
    ck_assert(!ho_http_request_ok(&got));
    take(&got, names[k], "4");
    ck_assert(ho_http_request_ok(&got));
    ck_assert_uint_eq(got.from, 4);
  }
}
END_TEST

/* A field given twice is two answers to one question. */
START_TEST(repeated_fields_are_refused) {
  static const char *const twice[][2] = {
      {":method", "GET"},      {":path", "/download/3?bytes=9"},
      {":scheme", "https"},    {":authority", "server.handoff.test"},
      {"handoff-client", "2"}, {"range", "bytes=5-"},
  };

  for (size_t i = 0; i < COUNT(twice); i++) {
    ho_http_request req = take_all("range", "bytes=5-");

    ck_assert(ho_http_request_ok(&req));
    take(&req, twice[i][0], twice[i][1]);
    ck_assert(!ho_http_request_ok(&req));
  }
}
END_TEST

/* Bytes that are no text, and names and values that end early. */
START_TEST(hostile_bytes_are_safe) {
  static const char *const names[] = {
      ":method",       ":path",       "range", "handoff-client",
      "upload-offset", "stream-from", "x"};
  uint8_t value[80];

  for (size_t i = 0; i < COUNT(names); i++) {
    for (size_t len = 0; len <= sizeof(value); len++) {
      ho_http_request req = {0};

      memset(value, (int)(len * 37 + i), sizeof(value));
      ho_http_request_field(&req, (const uint8_t *)names[i], strlen(names[i]),
                            value, len);
      ho_http_request_field(&req, value, len, value, len);
      ck_assert(!ho_http_request_ok(&req));
    }
  }
}
END_TEST

/* A path that leads nowhere is told from a malformed request. */
START_TEST(nowhere_is_not_malformed) {
  ho_http_request req = take_all(":path", "/favicon.ico");

  ck_assert(ho_http_request_nowhere(&req));
  take(&req, "range", "bytes=oops");
  ck_assert(!ho_http_request_nowhere(&req));
  req = take_all(":path", "/download/x");
  ck_assert(!ho_http_request_nowhere(&req));
}
END_TEST

START_TEST(responses_survive) {
  static const ho_http_response responses[] = {
      {200, 60000000, UINT64_MAX},   {206, 0, UINT64_MAX},
      {200, UINT64_MAX, MAX62},      {400, 0, UINT64_MAX},
      {404, UINT64_MAX, UINT64_MAX},
  };

  for (size_t r = 0; r < COUNT(responses); r++) {
    ho_http_response got = {0, UINT64_MAX, UINT64_MAX};
    ho_http_field fields[HO_HTTP_FIELDS];
    size_t n = ho_http_response_fields(fields, &responses[r]);

    ck_assert_str_eq(fields[0].name, ":status");
    for (size_t i = 0; i < n; i++) {
      ho_http_response_field(
          &got, (const uint8_t *)fields[i].name, strlen(fields[i].name),
          (const uint8_t *)fields[i].value, strlen(fields[i].value));
    }
    ck_assert_uint_eq(got.status, responses[r].status);
    ck_assert_uint_eq(got.content_length, responses[r].content_length);
    ck_assert_uint_eq(got.upload_offset, responses[r].upload_offset);
  }
}
END_TEST

START_TEST(bad_responses_are_absent) {
  static const char *const bad[][2] = {
      {":status", ""},
      {":status", "20"},
      {":status", "2000"},
      {":status", "+20"},
      {"content-length", ""},
      {"content-length", "-1"},
      {"content-length", "1,1"},
      {"content-length", "18446744073709551615"},
      {"upload-offset", "4611686018427387904"},
      {"upload-offset", "99999999999999999999999999"},
      {"content-lengt", "5"},
  };

  for (size_t i = 0; i < COUNT(bad); i++) {
    ho_http_response got = {0, UINT64_MAX, UINT64_MAX};

    ho_http_response_field(&got, (const uint8_t *)bad[i][0], strlen(bad[i][0]),
                           (const uint8_t *)bad[i][1], strlen(bad[i][1]));
    ck_assert_uint_eq(got.status, 0);
    ck_assert_uint_eq(got.content_length, UINT64_MAX);
    ck_assert_uint_eq(got.upload_offset, UINT64_MAX);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, requests_survive, 0, COUNT(requests));
  tcase_add_test(tc, request_fields_are_these);
  tcase_add_loop_test(tc, bad_requests_are_refused, 0, COUNT(bad_fields));
  tcase_add_test(tc, good_requests_are_taken);
  tcase_add_loop_test(tc, bad_streams_are_refused, 0, COUNT(bad_streams));
  tcase_add_test(tc, offset_is_needed);
  tcase_add_test(tc, repeated_fields_are_refused);
  tcase_add_test(tc, hostile_bytes_are_safe);
  tcase_add_test(tc, nowhere_is_not_malformed);
  tcase_add_test(tc, responses_survive);
  tcase_add_test(tc, bad_responses_are_absent);
}

int main(void) {
  return suite_run("http", add);
}
