/* A call's frames in HTTP bodies: which are due when, how they look on the
 * wire, and how a receiver takes them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/http_stream.h"

#include <stdlib.h>

#include "sim/base/alloc.h"
#include "stack/content.h"

/* ---- when ---- */

void ho_pauses_set(ho_pauses *pauses, bool paused, ho_time now) {
  ho_pause *last = pauses->count ? &pauses->all[pauses->count - 1] : NULL;

  if (paused == (last && last->to == HO_NEVER)) {
    return;
  }
  if (!paused) {
    last->to = now;
    return;
  }
  ho_grow(&pauses->all, pauses->count, &pauses->cap, sizeof(*pauses->all));
  pauses->all[pauses->count++] = (ho_pause){now, HO_NEVER};
}

void ho_pauses_free(ho_pauses *pauses) {
  free(pauses->all);
  *pauses = (ho_pauses){0};
}

ho_time ho_frame_time(const ho_frame_clock *clock, uint64_t k) {
  return clock->begin + k * clock->frame;
}

/* The first frame that is not captured before |at|. */
static uint64_t frame_from(const ho_frame_clock *clock, ho_time at) {
  ho_time past = at > clock->begin ? at - clock->begin : 0;

  return past / clock->frame + (past % clock->frame != 0);
}

uint64_t ho_frames_captured(const ho_frame_clock *clock, ho_time now) {
  return now < clock->begin ? 0 : (now - clock->begin) / clock->frame + 1;
}

uint64_t ho_frames_next(const ho_frame_clock *clock, uint64_t k, ho_time now) {
  const ho_pauses *pauses = clock->pauses;
  uint64_t in_time =
      now > clock->deadline ? frame_from(clock, now - clock->deadline) : 0;
  size_t i = pauses->count;

  k = k > in_time ? k : in_time;
  /* Only the last few pauses can concern what is not late yet. */
  while (i > 0 && pauses->all[i - 1].to > ho_frame_time(clock, k)) {
    i--;
  }
  for (; i < pauses->count && pauses->all[i].from <= ho_frame_time(clock, k);
       i++) {
    if (pauses->all[i].to == HO_NEVER) {
      return UINT64_MAX;
    }
    k = frame_from(clock, pauses->all[i].to);
  }
  return k;
}

/* ---- on the wire ---- */

/* Transports keep pointers until what is there is acknowledged, so a frame's
 * number is put together from halfwords that are always there. */
static const uint8_t *halfword(uint16_t value) {
  static uint8_t all[65536][2];

  all[value][0] = (uint8_t)(value >> 8);
  all[value][1] = (uint8_t)value;
  return all[value];
}

const uint8_t *ho_frame_bytes(uint64_t object, uint64_t size, uint64_t position,
                              size_t *len) {
  uint64_t k = position / ho_frame_wire(size);
  uint64_t within = position % ho_frame_wire(size);
  uint64_t left = ho_frame_wire(size) - within;

  if (within < HO_FRAME_HEAD) {
    size_t odd = within % 2;

    *len = *len < 2 - odd ? *len : 2 - odd;
    return halfword((uint16_t)(k >> (48 - 16 * (within / 2)))) + odd;
  }
  *len = *len < left ? *len : (size_t)left;
  return ho_content_at(object, k * size + within - HO_FRAME_HEAD, len);
}

uint64_t ho_frames_skip(const ho_frame_clock *clock, uint64_t size,
                        uint64_t position, uint64_t end, ho_time now) {
  uint64_t wire = ho_frame_wire(size), k;

  if (position % wire != 0) {
    return position;
  }
  k = ho_frames_next(clock, position / wire, now);
  return k < end / wire ? k * wire : end;
}

/* ---- at the receiver ---- */

static void wrong(ho_frames_in *in, uint64_t offset, const char *reason,
                  ho_time now) {
  in->failed = true;
  HO_EMIT(in->log, byte_wrong, now, in->client,
          .request = ho_frame_request(in->number, in->receiver),
          .endpoint = in->receiver, .offset = offset, .reason = reason);
}

static void take_head(ho_frames_in *in, uint8_t byte, ho_time now) {
  in->number = in->number << 8 | byte;
  if (++in->within < HO_FRAME_HEAD) {
    return;
  }
  if (in->number < in->expect) {
    wrong(in, 0, "repeated", now);
  } else if (in->number >= ho_frames_captured(&in->clock, now)) {
    wrong(in, 0, "wrong", now);
  } else if (in->number > ho_frames_next(&in->clock, in->expect, now)) {
    wrong(in, 0, "gap", now);
  }
}

/* Delivers |len| bytes of the frame under way from |offset| on. */
static void deliver(ho_frames_in *in, uint64_t offset, uint64_t len,
                    uint64_t packet, ho_time now) {
  uint64_t at = in->number * in->size + offset, end = at + len;
  uint64_t again = *in->have > at ? *in->have - at : 0;
  uint64_t request = ho_frame_request(in->number, in->receiver);

  HO_EMIT(in->log, delivered, now, in->client, .request = request,
          .connection = in->connection, .endpoint = in->receiver,
          .offset = offset, .bytes = len, .again = again < len ? again : len,
          .packet = packet);
  if (end <= *in->have) {
    return;
  }
  *in->have = end;
  if (offset + len == in->size) {
    HO_EMIT(in->log, request_done, now, in->client, .request = request,
            .connection = in->connection);
  }
}

/* Returns how many of |len| bytes belong to the frame under way. */
static size_t take_content(ho_frames_in *in, const uint8_t *data, size_t len,
                           uint64_t packet, ho_time now) {
  uint64_t offset = in->within - HO_FRAME_HEAD, left = in->size - offset;
  size_t right;

  len = len < left ? len : (size_t)left;
  right =
      ho_content_check(in->object, in->number * in->size + offset, data, len);
  if (right > 0) {
    deliver(in, offset, right, packet, now);
  }
  if (right < len) {
    wrong(in, offset + right, "wrong", now);
  }
  in->within += len;
  if (in->within == ho_frame_wire(in->size)) {
    in->expect = in->number + 1;
    in->number = in->within = 0;
  }
  return len;
}

bool ho_frames_take(ho_frames_in *in, const uint8_t *data, size_t len,
                    uint64_t packet, ho_time now) {
  while (len > 0 && !in->failed) {
    size_t n = 1;

    if (in->within < HO_FRAME_HEAD) {
      take_head(in, *data, now);
    } else {
      n = take_content(in, data, len, packet, now);
    }
    data += n;
    len -= n;
  }
  return !in->failed;
}
