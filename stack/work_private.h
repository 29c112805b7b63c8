/* The inside of the client's application.  Private to stack/work*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_WORK_PRIVATE_H
#define HO_STACK_WORK_PRIVATE_H

#include "stack/http_stream.h"
#include "stack/work.h"

/* One request: an object to load or store, or a question. */
typedef struct work_item {
  struct work_item *next; /* in order of id */
  ho_work *work;
  uint64_t id;
  ho_work_type type;
  uint64_t total;    /* bytes to move to the receiver */
  uint64_t expected; /* bytes of response body */
  uint64_t have;     /* of the response, contiguous, over all attempts */
  uint64_t at;       /* position of the attempt under way */
  uint64_t offset;   /* upload: what the server said it has */
  unsigned status;
  unsigned attempts;
  bool known;  /* |offset| is good for the next attempt */
  bool asking; /* the call under way asks for it */
  bool active; /* a call is under way */
  bool done;
  ho_call call;
} work_item;

/* A terminal session: one exchange, both bodies open; a keystroke is |bytes|
 * long and is a request of its own, from |every| to echo. */
typedef struct {
  ho_call call;
  bool active;
  uint64_t typed;  /* keystrokes so far */
  uint64_t echoed; /* bytes that came back */
} work_echo;

/* A call: one exchange, both bodies open; each frame is a request of its own.
 * All of it is constant in size, however long the call. */
typedef struct {
  ho_call call;
  bool active;
  bool refused;
  uint64_t up;       /* bytes of a frame up */
  uint64_t captured; /* up to here frames have been captured */
  uint64_t have;     /* see ho_frames_in */
  ho_frames_in in;   /* frames down, and the clock of both */
  ho_pauses pauses;
} work_stream;

struct ho_work {
  ho_work_config config;
  work_item *items, *last;
  uint64_t made; /* requests so far */
  uint64_t open; /* of these, not done */
  ho_transport *transport;
  uint64_t connection;
  ho_time next_tick;
  bool paused, done;
  bool restart; /* an upload knows where to go on; see ho_work_settle */
  work_echo echo;
  work_stream stream;
};

void ho_work_check_done(ho_work *work);
void ho_work_wrong(ho_work *work, uint64_t request, uint64_t offset,
                   const char *reason);

void ho_work_echo_open(ho_work *work);
void ho_work_echo_close(ho_work *work, ho_time now);
void ho_work_echo_type(ho_work *work);

void ho_work_stream_start(ho_work *work, ho_time now);
void ho_work_stream_open(ho_work *work);
void ho_work_stream_close(ho_work *work, ho_time now);
/* ho_work_stream_capture captures the frame that is due at |due|, both ways. */
void ho_work_stream_capture(ho_work *work, ho_time due);
bool ho_work_stream_waiting(const ho_work *work);

#endif
