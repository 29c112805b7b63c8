/* What HTTP/2 and HTTP/3 have in common here: requests as the client makes them
 * and as the server answers them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_HTTP_H
#define HO_STACK_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/event.h"

/* The authority and scheme of every request. */
#define HO_HTTP_AUTHORITY "server.handoff.test"

typedef enum {
  HO_HTTP_DOWNLOAD, /* GET  /download/OBJECT?bytes=N   range: bytes=FROM- */
  HO_HTTP_UPLOAD,   /* POST /upload/OBJECT?bytes=N     upload-offset: FROM */
  HO_HTTP_OFFSET,   /* HEAD /upload/OBJECT?bytes=N  -> upload-offset */
  HO_HTTP_REQUEST,  /* POST /request/OBJECT?bytes=N    body, then N bytes */
  HO_HTTP_ECHO,     /* POST /echo/OBJECT             upload-offset: FROM;
                       both bodies open, bytes come back */
  HO_HTTP_STREAM,   /* POST /stream/OBJECT?up=SIZE&down=SIZE&frame=NS
                       &deadline=NS&begin=NS         stream-from: FROM;
                       both bodies open, frames go both ways */
} ho_http_kind;

/* ho_http_stream is a call: the bytes of each frame, at least 1, and when it is
 * due (stack/http_stream.h).  Times are virtual ones, which both ends share. */
typedef struct {
  uint64_t up, down;
  ho_time frame, deadline, begin;
} ho_http_stream;

/* ho_http_request is a request's head.  |object| is the client's request
 * number (its response body, or its upload, is content of that object; a
 * REQUEST's, ECHO's or STREAM's body is content of object +
 * HO_HTTP_BODY_OBJECT).  |total| is the N above; |from| the first byte of the
 * transfer, or of a STREAM the first frame down that the client has not had
 * whole: what is in time from there on comes.  Frames up tell their numbers
 * themselves.  |client| tells the server whose request it is (header
 * handoff-client), since uploads and streams outlive connections.  Numbers are
 * below 2^62; |read| is kept by ho_http_request_field. */
typedef struct {
  ho_http_kind kind;
  uint64_t object, total, from;
  ho_http_stream stream; /* STREAM */
  int client;
  unsigned read;
} ho_http_request;

#define HO_HTTP_BODY_OBJECT (UINT64_C(1) << 32)

/* ho_http_response is a response's head: 200, 206, 400 or 404.
 * |content_length| and |upload_offset| are UINT64_MAX where absent. */
typedef struct {
  unsigned status;
  uint64_t content_length, upload_offset;
} ho_http_response;

/* Header fields, in the shape that nghttp2_nv and nghttp3_nv share. */
typedef struct {
  char name[20];
  char value[192];
} ho_http_field;

enum { HO_HTTP_FIELDS = 8 };

/* ho_http_request_fields writes the fields of |req| (pseudo-headers first) and
 * returns how many, at most HO_HTTP_FIELDS. */
size_t ho_http_request_fields(ho_http_field fields[HO_HTTP_FIELDS],
                              const ho_http_request *req);
size_t ho_http_response_fields(ho_http_field fields[HO_HTTP_FIELDS],
                               const ho_http_response *resp);

/* ho_http_request_field takes one received field into |req|, which starts
 * zeroed; any bytes are safe.  Unknown fields are ignored.
 * ho_http_request_ok says whether a whole request has been read: nothing
 * malformed, missing, given twice or of another kind.
 * ho_http_request_nowhere says whether all that is wrong is its path. */
void ho_http_request_field(ho_http_request *req, const uint8_t *name,
                           size_t name_len, const uint8_t *value,
                           size_t value_len);
bool ho_http_request_ok(const ho_http_request *req);
bool ho_http_request_nowhere(const ho_http_request *req);
/* The response starts as {0, UINT64_MAX, UINT64_MAX}.  A malformed number
 * counts as absent. */
void ho_http_response_field(ho_http_response *resp, const uint8_t *name,
                            size_t name_len, const uint8_t *value,
                            size_t value_len);

/* ---- client ---- */

/* ho_call is one request on one connection, made by the workload and carried
 * by a transport.  The body it sends is content of |body_object| from
 * |body_from| up to |body_to|; with |body_open| more may be added later (raise
 * body_to and call the transport's resume).  Where |frame| is not 0, body_from
 * and body_to are positions in a sequence of frames of that many bytes each
 * (stack/http_stream.h), and before any of it is handed out |on_read| may raise
 * body_sent to leave some out.  The maker owns it and keeps it until on_end was
 * called or the transport is deleted. */
typedef struct ho_call ho_call;
struct ho_call {
  ho_http_request request;
  bool has_body, body_open;
  uint64_t body_object, body_from, body_to;
  uint64_t body_sent; /* next byte to hand out; body_from once submitted */
  uint64_t frame;
  void (*on_read)(ho_call *call); /* with |frame| */
  void (*on_response)(ho_call *call, const ho_http_response *resp);
  void (*on_data)(ho_call *call, const uint8_t *data, size_t len);
  /* |error| 0: complete; else the stream or the connection died. */
  void (*on_end)(ho_call *call, int64_t error);
  void *user;
  int64_t stream; /* the transport's */
  void *stream_user;
};

/* ho_call_read returns up to |max| further bytes of the body, in static memory;
 * NULL when there is nothing now.  |*eof| is set with or after the last byte.
 * For transports. */
const uint8_t *ho_call_read(ho_call *call, size_t max, size_t *len, bool *eof);

/* ---- server ---- */

/* ho_service is the server application, shared by all its connections. */
typedef struct ho_service ho_service;
/* ho_exchange is the server's side of one request. */
typedef struct ho_exchange ho_exchange;

/* |log| gets the delivered and byte_wrong events of uploads, and of streams
 * those, request_attempt and request_done.  A service without a clock (|now|
 * NULL) refuses streams.  |wake| is called when ho_service_tick has become due
 * at |at|, earlier than was known. */
typedef struct {
  ho_log *log;
  ho_time (*now)(void);
  void (*wake)(void *user, ho_time at);
  void *user;
} ho_service_config;

ho_service *ho_service_new(const ho_service_config *config);
/* Every exchange must have ended before. */
void ho_service_del(ho_service *service);

/* ho_service_tick captures the frames that are due, and says through |wake|
 * when it wants to be called again.  Where it returns true, the transports must
 * be told (resume without a call). */
bool ho_service_tick(ho_service *service, ho_time now);

/* ho_service_pause holds back the bodies of |client|'s downloads and captures
 * none of its frames, or lets them go on; then the transports must be told
 * (resume without a call).
 */
void ho_service_pause(ho_service *service, int client, bool paused);

/* ho_service_begin starts answering |req|, which came on the client's
 * |connection|.  A |req| that is not ho_http_request_ok is answered with 404
 * or 400, so transports need not ask.  |user| is the transport's stream.  The
 * caller ends the exchange.
 *
 * An UPLOAD or OFFSET takes an upload over from the exchange that had it: what
 * still arrives there is ignored, so that an offset, once told, is final.  So
 * does a STREAM, and the old exchange sends no more frames. */
ho_exchange *ho_service_begin(ho_service *service, const ho_http_request *req,
                              uint64_t connection, void *user);

/* ho_exchange_user is the |user| of ho_service_begin. */
void *ho_exchange_user(const ho_exchange *x);

/* ho_exchange_body takes bytes of the request body, in order; |packet| is the
 * IP packet that brought them.  ho_exchange_body_end says that it is over.
 * Bytes that are wrong, or beyond what was announced, end in a byte_wrong
 * event and in status 400 (in a short response once the head is out). */
void ho_exchange_body(ho_exchange *x, const uint8_t *data, size_t len,
                      uint64_t packet, ho_time now);
void ho_exchange_body_end(ho_exchange *x);

/* ho_exchange_response returns true once, when the head of the response is
 * ready; ask after begin, body and body_end.  |*has_body| says whether
 * ho_exchange_read will give anything. */
bool ho_exchange_response(ho_exchange *x, ho_http_response *resp,
                          bool *has_body);

/* ho_exchange_read returns up to |max| further bytes of the response body, in
 * static memory; NULL when there is nothing now.  |*eof| is set with or after
 * the last byte.  Where it said "nothing now", ask again after body. */
const uint8_t *ho_exchange_read(ho_exchange *x, size_t max, size_t *len,
                                bool *eof);

/* ho_exchange_pending says whether a head or bytes wait to be sent. */
bool ho_exchange_pending(const ho_exchange *x);

/* ho_exchange_end forgets the exchange; the stream closed, however. */
void ho_exchange_end(ho_exchange *x);

#endif
