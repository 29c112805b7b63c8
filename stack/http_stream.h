/* A call's frames in HTTP bodies: which are due when, how they look on the
 * wire, and how a receiver takes them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_HTTP_STREAM_H
#define HO_STACK_HTTP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/event.h"

/* ---- when ---- */

/* ho_pauses is when the application was quiet, in order: from each |from| on
 * until before its |to|, which is HO_NEVER while it still is. */
typedef struct {
  ho_time from, to;
} ho_pause;

typedef struct {
  ho_pause *all;
  size_t count, cap;
} ho_pauses;

/* ho_pauses_set starts (or ends) a pause at |now|, if none (one) is under way.
 * ho_pauses_free frees what it holds. */
void ho_pauses_set(ho_pauses *pauses, bool paused, ho_time now);
void ho_pauses_free(ho_pauses *pauses);

/* ho_frame_clock says when the frames of both directions are captured: frame k,
 * counted from 0, at |begin| + k * |frame|, unless that is in a pause, where
 * there is none.  It is late when it is not whole |deadline| after that.  Both
 * ends have the same, so each knows what the other should be doing. */
typedef struct {
  ho_time begin, frame, deadline; /* frame: more than 0 */
  const ho_pauses *pauses;        /* not owned */
} ho_frame_clock;

/* ho_frame_time is when frame |k| is captured.
 * ho_frames_captured is how many numbers are used up at |now|.
 * ho_frames_next is the first frame from |k| on that was captured, or will be,
 * and whose deadline has not passed at |now|. */
ho_time ho_frame_time(const ho_frame_clock *clock, uint64_t k);
uint64_t ho_frames_captured(const ho_frame_clock *clock, ho_time now);
uint64_t ho_frames_next(const ho_frame_clock *clock, uint64_t k, ho_time now);

/* ---- on the wire ---- */

/* A frame travels as its number, in 8 bytes of network order, and its |size|
 * bytes: those of the object from number * size on.  A sender leaves out what
 * is late, so numbers may jump; they never go back.
 *
 * All frames one after another, none left out, make up the sequence in which a
 * sender's position counts; frame k begins at k * ho_frame_wire(size). */
enum { HO_FRAME_HEAD = 8 };

static inline uint64_t ho_frame_wire(uint64_t size) {
  return HO_FRAME_HEAD + size;
}

/* ho_frame_bytes returns the bytes at |position|, in static memory, and sets
 * |*len| to how many follow contiguously: at least 1, at most the |*len| asked
 * for, and all of one frame. */
const uint8_t *ho_frame_bytes(uint64_t object, uint64_t size, uint64_t position,
                              size_t *len);

/* ho_frames_skip is where a sender at |position| goes on, who may send what is
 * before |end|: there if it is within a frame, else at the start of the next
 * frame that is not late at |now|, or at |end|. */
uint64_t ho_frames_skip(const ho_frame_clock *clock, uint64_t size,
                        uint64_t position, uint64_t end, ho_time now);

/* ho_frame_request is the number of frame |k| as a request, by its receiver:
 * those of both directions alternate. */
static inline uint64_t ho_frame_request(uint64_t k, ho_side receiver) {
  return 2 * k + (receiver == HO_SERVER);
}

/* ---- at the receiver ---- */

/* ho_frames_in takes a body of frames apart, on one connection.  The maker
 * fills in the first group and zeroes the rest. */
typedef struct {
  ho_log *log;
  int client;
  uint64_t connection;
  ho_side receiver;
  ho_frame_clock clock;
  uint64_t object, size;
  uint64_t *have;  /* over all connections: bytes up to the end of the last
                      one delivered, counted without heads or gaps left out */
  uint64_t expect; /* no frame before this one may come */

  uint64_t number; /* of the frame under way */
  uint64_t within; /* bytes of it so far, head and all */
  bool failed;
} ho_frames_in;

/* ho_frames_take takes the next |len| bytes, which |packet| brought: delivered
 * and request_done events, or a byte_wrong event where a byte is wrong, or a
 * number comes from the future ("wrong"), has been before ("repeated") or
 * leaves out a frame that is not late ("gap").  Nothing is taken after that.
 * Returns false once it has failed. */
bool ho_frames_take(ho_frames_in *in, const uint8_t *data, size_t len,
                    uint64_t packet, ho_time now);

#endif
