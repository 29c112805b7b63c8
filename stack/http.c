/* Requests and responses as lists of header fields, written and read. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/http.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stack/content.h"
#include "stack/http_stream.h"

/* No length or offset in QUIC reaches 2^62 (RFC 9000, 16), so a number that
 * does is hostile or broken; below it, sums of two cannot overflow. */
#define NUMBER_END (UINT64_C(1) << 62)

/* What ho_http_request.read remembers.  Method and path come in any order
 * among the pseudo-headers (RFC 9114, 4.3), and only both tell the kind. */
enum {
  READ_GET = 1 << 0,
  READ_HEAD = 1 << 1,
  READ_POST = 1 << 2,
  READ_METHOD = READ_GET | READ_HEAD | READ_POST,
  READ_DOWNLOAD = 1 << 3,
  READ_UPLOAD = 1 << 4,
  READ_REQUEST = 1 << 5,
  READ_ECHO = 1 << 6,
  READ_STREAM = 1 << 7,
  READ_NOWHERE = 1 << 8, /* a path that leads nowhere */
  READ_PATH = READ_DOWNLOAD | READ_UPLOAD | READ_REQUEST | READ_ECHO |
              READ_STREAM | READ_NOWHERE,
  READ_SCHEME = 1 << 9,
  READ_AUTHORITY = 1 << 10,
  READ_CLIENT = 1 << 11,
  READ_RANGE = 1 << 12,
  READ_OFFSET = 1 << 13,
  READ_FRAME = 1 << 14,
  READ_BAD = 1 << 15, /* malformed, or given twice */
};

/* What follows a path's object. */
typedef enum { QUERY_NONE, QUERY_BYTES, QUERY_STREAM } ho_query;

/* ho_kind_row says how a kind of request looks; indexed by ho_http_kind. */
typedef struct {
  const char *method, *folder;
  unsigned read; /* method and path bits that make this kind */
  unsigned from; /* field that carries |from|, or 0 */
  ho_query query;
} ho_kind_row;

static const ho_kind_row kinds[] = {
    [HO_HTTP_DOWNLOAD] = {"GET", "/download/", READ_GET | READ_DOWNLOAD,
                          READ_RANGE, QUERY_BYTES},
    [HO_HTTP_UPLOAD] = {"POST", "/upload/", READ_POST | READ_UPLOAD,
                        READ_OFFSET, QUERY_BYTES},
    [HO_HTTP_OFFSET] = {"HEAD", "/upload/", READ_HEAD | READ_UPLOAD, 0,
                        QUERY_BYTES},
    [HO_HTTP_REQUEST] = {"POST", "/request/", READ_POST | READ_REQUEST, 0,
                         QUERY_BYTES},
    [HO_HTTP_ECHO] = {"POST", "/echo/", READ_POST | READ_ECHO, READ_OFFSET,
                      QUERY_NONE},
    [HO_HTTP_STREAM] = {"POST", "/stream/", READ_POST | READ_STREAM, READ_FRAME,
                        QUERY_STREAM},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* ---- writing ---- */

/* fields_add appends a field to the |*count| there are. */
__attribute__((format(printf, 4, 5))) static void
fields_add(ho_http_field *fields, size_t *count, const char *name,
           const char *fmt, ...) {
  ho_http_field *f = &fields[*count];
  va_list args;
  int n;

  assert(*count < HO_HTTP_FIELDS);
  assert(strlen(name) < sizeof(f->name));
  strcpy(f->name, name);
  va_start(args, fmt);
  n = vsnprintf(f->value, sizeof(f->value), fmt, args);
  va_end(args);
  assert(n >= 0 && (size_t)n < sizeof(f->value));
  (void)n;
  ++*count;
}

static void add_path(ho_http_field *fields, size_t *count,
                     const ho_http_request *req) {
  const ho_kind_row *kind = &kinds[req->kind];
  const ho_http_stream *s = &req->stream;

  switch (kind->query) {
  case QUERY_NONE:
    fields_add(fields, count, ":path", "%s%" PRIu64, kind->folder, req->object);
    break;
  case QUERY_BYTES:
    fields_add(fields, count, ":path", "%s%" PRIu64 "?bytes=%" PRIu64,
               kind->folder, req->object, req->total);
    break;
  case QUERY_STREAM:
    fields_add(fields, count, ":path",
               "%s%" PRIu64 "?up=%" PRIu64 "&down=%" PRIu64 "&frame=%" PRIu64
               "&deadline=%" PRIu64 "&begin=%" PRIu64,
               kind->folder, req->object, s->up, s->down, s->frame, s->deadline,
               s->begin);
    break;
  }
}

size_t ho_http_request_fields(ho_http_field fields[HO_HTTP_FIELDS],
                              const ho_http_request *req) {
  const ho_kind_row *kind = &kinds[req->kind];
  size_t n = 0;

  fields_add(fields, &n, ":method", "%s", kind->method);
  fields_add(fields, &n, ":scheme", "https");
  fields_add(fields, &n, ":authority", "%s", HO_HTTP_AUTHORITY);
  add_path(fields, &n, req);
  fields_add(fields, &n, "handoff-client", "%d", req->client);
  if (kind->from == READ_RANGE && req->from > 0) {
    fields_add(fields, &n, "range", "bytes=%" PRIu64 "-", req->from);
  } else if (kind->from == READ_OFFSET) {
    fields_add(fields, &n, "upload-offset", "%" PRIu64, req->from);
  } else if (kind->from == READ_FRAME) {
    fields_add(fields, &n, "stream-from", "%" PRIu64, req->from);
  }
  if (req->kind == HO_HTTP_UPLOAD && req->from <= req->total) {
    fields_add(fields, &n, "content-length", "%" PRIu64,
               req->total - req->from);
  }
  return n;
}

size_t ho_http_response_fields(ho_http_field fields[HO_HTTP_FIELDS],
                               const ho_http_response *resp) {
  size_t n = 0;

  fields_add(fields, &n, ":status", "%u", resp->status);
  if (resp->content_length != UINT64_MAX) {
    fields_add(fields, &n, "content-length", "%" PRIu64, resp->content_length);
  }
  if (resp->upload_offset != UINT64_MAX) {
    fields_add(fields, &n, "upload-offset", "%" PRIu64, resp->upload_offset);
  }
  return n;
}

/* ---- reading ---- */

/* ho_span is received text: not terminated, any bytes. */
typedef struct {
  const uint8_t *p;
  size_t len;
} ho_span;

static bool span_is(ho_span s, const char *word) {
  size_t len = strlen(word);

  return s.len == len && memcmp(s.p, word, len) == 0;
}

/* span_skip takes |word| off the front of |s|, if it stands there. */
static bool span_skip(ho_span *s, const char *word) {
  size_t len = strlen(word);

  if (s->len < len || memcmp(s->p, word, len) != 0) {
    return false;
  }
  s->p += len;
  s->len -= len;
  return true;
}

/* span_number takes decimal digits off the front of |s|: at least one, and
 * their value below NUMBER_END.  Neither sign nor space is a number's. */
static bool span_number(ho_span *s, uint64_t *value) {
  uint64_t v = 0;
  size_t i = 0;

  for (; i < s->len && s->p[i] >= '0' && s->p[i] <= '9'; i++) {
    uint64_t digit = (uint64_t)(s->p[i] - '0');

    if (v > (NUMBER_END - 1 - digit) / 10) {
      return false;
    }
    v = v * 10 + digit;
  }
  s->p += i;
  s->len -= i;
  *value = v;
  return i > 0;
}

/* span_is_number reads |s| as a number and nothing else. */
static bool span_is_number(ho_span s, uint64_t *value) {
  return span_number(&s, value) && s.len == 0;
}

static unsigned read_method(ho_span s) {
  return span_is(s, "GET")    ? READ_GET
         : span_is(s, "HEAD") ? READ_HEAD
         : span_is(s, "POST") ? READ_POST
                              : READ_BAD;
}

/* span_query takes |name|, such as "?bytes=", and its number. */
static bool span_query(ho_span *s, const char *name, uint64_t *value) {
  return span_skip(s, name) && span_number(s, value);
}

static bool read_query(ho_http_request *req, ho_query query, ho_span *s) {
  ho_http_stream *stream = &req->stream;

  switch (query) {
  case QUERY_NONE:
    return true;
  case QUERY_BYTES:
    return span_query(s, "?bytes=", &req->total);
  case QUERY_STREAM:
    return span_query(s, "?up=", &stream->up) &&
           span_query(s, "&down=", &stream->down) &&
           span_query(s, "&frame=", &stream->frame) &&
           span_query(s, "&deadline=", &stream->deadline) &&
           span_query(s, "&begin=", &stream->begin);
  }
  return false;
}

static unsigned read_path(ho_http_request *req, ho_span s) {
  size_t i = 0;

  while (i < KINDS && !span_skip(&s, kinds[i].folder)) {
    i++;
  }
  if (i == KINDS) {
    return READ_NOWHERE;
  }
  if (!span_number(&s, &req->object) || !read_query(req, kinds[i].query, &s)) {
    return READ_BAD;
  }
  return s.len == 0 ? kinds[i].read & READ_PATH : READ_BAD;
}

/* read_range takes the one form of RFC 9110, 14.1.2, that a client resuming a
 * transfer needs: from a byte to the end. */
static unsigned read_range(ho_http_request *req, ho_span s) {
  return span_skip(&s, "bytes=") && span_number(&s, &req->from) &&
                 span_is(s, "-")
             ? READ_RANGE
             : READ_BAD;
}

static unsigned read_client(ho_http_request *req, ho_span s) {
  uint64_t n;

  if (!span_is_number(s, &n) || n > INT_MAX) {
    return READ_BAD;
  }
  req->client = (int)n;
  return READ_CLIENT;
}

/* read_field returns the bits of one field; 0 for one we do not know. */
static unsigned read_field(ho_http_request *req, ho_span name, ho_span value) {
  if (span_is(name, ":method")) {
    return read_method(value);
  }
  if (span_is(name, ":scheme")) {
    return span_is(value, "https") ? READ_SCHEME : READ_BAD;
  }
  if (span_is(name, ":authority")) {
    return span_is(value, HO_HTTP_AUTHORITY) ? READ_AUTHORITY : READ_BAD;
  }
  if (span_is(name, ":path")) {
    return read_path(req, value);
  }
  if (span_is(name, "handoff-client")) {
    return read_client(req, value);
  }
  if (span_is(name, "range")) {
    return read_range(req, value);
  }
  if (span_is(name, "upload-offset")) {
    return span_is_number(value, &req->from) ? READ_OFFSET : READ_BAD;
  }
  if (span_is(name, "stream-from")) {
    return span_is_number(value, &req->from) ? READ_FRAME : READ_BAD;
  }
  return 0;
}

/* read_group is all bits that fields of the same name as |bits|' set. */
static unsigned read_group(unsigned bits) {
  return bits & READ_METHOD ? READ_METHOD : bits & READ_PATH ? READ_PATH : bits;
}

void ho_http_request_field(ho_http_request *req, const uint8_t *name,
                           size_t name_len, const uint8_t *value,
                           size_t value_len) {
  unsigned bits =
      read_field(req, (ho_span){name, name_len}, (ho_span){value, value_len});

  if (req->read & read_group(bits)) {
    bits |= READ_BAD;
  }
  req->read |= bits;
  for (size_t i = 0; i < KINDS; i++) {
    if ((req->read & (READ_METHOD | READ_PATH)) == kinds[i].read) {
      req->kind = (ho_http_kind)i;
    }
  }
}

bool ho_http_request_ok(const ho_http_request *req) {
  const ho_kind_row *kind = &kinds[req->kind];
  unsigned needed = kind->read | READ_SCHEME | READ_AUTHORITY | READ_CLIENT;
  /* An upload says where it starts; a range may be left out.  A field that
   * belongs to another kind would mean something this kind does not do. */
  unsigned given = req->read | (kind->from & READ_RANGE);

  return given == (needed | kind->from);
}

bool ho_http_request_nowhere(const ho_http_request *req) {
  return (req->read & (READ_NOWHERE | READ_BAD)) == READ_NOWHERE;
}

void ho_http_response_field(ho_http_response *resp, const uint8_t *name,
                            size_t name_len, const uint8_t *value,
                            size_t value_len) {
  ho_span n = {name, name_len}, v = {value, value_len};
  uint64_t number;

  if (!span_is_number(v, &number)) {
    return;
  }
  if (span_is(n, ":status") && value_len == 3) {
    resp->status = (unsigned)number;
  } else if (span_is(n, "content-length")) {
    resp->content_length = number;
  } else if (span_is(n, "upload-offset")) {
    resp->upload_offset = number;
  }
}

/* ---- a request's body ---- */

const uint8_t *ho_call_read(ho_call *call, size_t max, size_t *len, bool *eof) {
  const uint8_t *p = NULL;
  uint64_t left;

  if (call->frame) {
    call->on_read(call);
  }
  left = call->body_to - call->body_sent;
  *len = left < max ? (size_t)left : max;
  if (*len > 0) {
    p = call->frame ? ho_frame_bytes(call->body_object, call->frame,
                                     call->body_sent, len)
                    : ho_content_at(call->body_object, call->body_sent, len);
    call->body_sent += *len;
  }
  *eof = call->body_sent == call->body_to && !call->body_open;
  return p;
}
