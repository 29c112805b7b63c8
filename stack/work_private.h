/* The inside of the client's application.  Private to stack/work*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_WORK_PRIVATE_H
#define HO_STACK_WORK_PRIVATE_H

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
};

void ho_work_check_done(ho_work *work);
void ho_work_wrong(ho_work *work, uint64_t request, uint64_t offset,
                   const char *reason);

void ho_work_echo_open(ho_work *work);
void ho_work_echo_close(ho_work *work, ho_time now);
void ho_work_echo_type(ho_work *work);

#endif
