/* The inside of the server application.  Private to stack/service*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_SERVICE_PRIVATE_H
#define HO_STACK_SERVICE_PRIVATE_H

#include "sim/scenario/scenario.h"
#include "stack/http.h"
#include "stack/http_stream.h"

/* ho_upload is what the server keeps of one client's object, or of what came up
 * of its stream. */
typedef struct {
  int client;
  uint64_t key;       /* the object, or another number for a stream */
  uint64_t total;     /* of an object */
  uint64_t have;      /* in-order bytes it has, over all connections; of a
                         stream see ho_frames_in */
  ho_exchange *owner; /* the one exchange that may add to it, or NULL */
  uint64_t newest;    /* the client's newest connection that asked for it */
} ho_upload;

/* ho_quiet is whether, and when, a client's application is paused. */
typedef struct {
  bool paused;
  ho_pauses pauses;
} ho_quiet;

struct ho_service {
  ho_service_config config;
  ho_upload **slots; /* open addressing; slots_count is a power of two */
  size_t slots_count, uploads;
  size_t live;                         /* exchanges not yet ended */
  ho_quiet *quiet[HO_CLIENTS_MAX + 1]; /* by client, made when asked for */
  ho_exchange *streams;                /* STREAMs that send frames */
  ho_time next_tick;                   /* as told through wake */
};

struct ho_exchange {
  ho_service *service;
  const ho_quiet *quiet; /* its client's */
  ho_http_request request;
  uint64_t connection;
  void *user;
  ho_upload *upload;    /* UPLOAD, STREAM: while it owns it */
  uint64_t body_pos;    /* next byte of the request body */
  uint64_t body_limit;  /* UPLOAD: where it must end */
  uint64_t sent, ready; /* response body: next byte, end of what may go; STREAM:
                           positions of frames */
  bool ended;           /* the request body is over */
  bool failed;          /* 400: take no more of the body */
  bool gap;             /* UPLOAD that starts beyond what we have */
  bool head_ready, head_taken;
  unsigned status;
  ho_frames_in in;                /* STREAM: frames up, and the clock of both */
  ho_exchange *streams_next;      /* STREAM, while it owns its upload */
  ho_exchange **streams_previous; /* what points to it */
};

/* ho_exchange_answer has the head of a response sent. */
void ho_exchange_answer(ho_exchange *x, unsigned status);

/* ho_exchange_fail refuses the rest.  Once a head is out, all that is left is
 * to end the response early. */
void ho_exchange_fail(ho_exchange *x);

/* service_uploads.c: */
ho_upload *ho_upload_find(const ho_service *s, const ho_http_request *req);
ho_upload *ho_upload_get(ho_service *s, const ho_http_request *req);

/* ho_upload_release takes |up| away from the exchange that has it, if any.  Its
 * connection may be dead or only slow; either way its bytes no longer count, or
 * an offset told since would be wrong. */
void ho_upload_release(ho_upload *up);

/* ho_upload_is_stale says that |x| came late, over a connection that the client
 * has given up since for another: what its buffers still held.  It must not
 * take the object from the newer one. */
bool ho_upload_is_stale(const ho_exchange *x, ho_upload *up);

/* service_stream.c: */
void ho_service_stream_begin(ho_exchange *x);
/* ho_service_stream_end stops the frames of |x|; it may be called again. */
void ho_service_stream_end(ho_exchange *x);
void ho_service_stream_body(ho_exchange *x, const uint8_t *data, size_t len,
                            uint64_t packet, ho_time now);
/* ho_service_stream_read is ho_exchange_read, but for eof. */
const uint8_t *ho_service_stream_read(ho_exchange *x, size_t max, size_t *len);
bool ho_service_stream_pending(const ho_exchange *x);

#endif
