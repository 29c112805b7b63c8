/* Calls: frames that are late are lost, and a call that does not come back has
 * failed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/meter_state.h"

/* A call has come back if a frame was in time of those captured in the second
 * that ends this long before the stop. */
static const ho_time SETTLE = HO_SEC;

static ho_time deadline(const ho_meter_client *c, const ho_meter_request *r) {
  return r->t_issued + c->work->deadline;
}

static bool is_in_time(const ho_meter_client *c, const ho_meter_request *r) {
  return r->done && r->t_last <= deadline(c, r);
}

bool ho_meter_is_open(const ho_meter *m, const ho_meter_client *c,
                      const ho_meter_request *r) {
  return c->call && !r->done && deadline(c, r) > m->now;
}

bool ho_meter_is_missed(const ho_meter *m, const ho_meter_client *c,
                        const ho_meter_request *r) {
  return c->call ? !is_in_time(c, r) && !ho_meter_is_open(m, c, r) : !r->done;
}

uint64_t ho_meter_missed(const ho_meter *m, const ho_meter_client *c) {
  uint64_t missed = 0;

  if (!c->call) {
    return c->outstanding;
  }
  for (size_t i = 0; i < c->requests_count; i++) {
    missed +=
        c->requests[i].issued && ho_meter_is_missed(m, c, &c->requests[i]);
  }
  return missed;
}

/* A direction stands still from the deadline of a frame that missed it until
 * the next one that is in time has come; where that was there before, a frame
 * is lost, but nothing stands still. */
static void add_stall(ho_meter_stalls *stalls, ho_time from, ho_time to) {
  if (from != HO_NEVER && to > from) {
    stalls->count++;
    stalls->total += to - from;
  }
}

ho_meter_stalls ho_meter_client_stalls(const ho_meter *m,
                                       const ho_meter_client *c) {
  ho_meter_stalls stalls = {0};
  ho_time since[2] = {HO_NEVER, HO_NEVER};

  for (size_t i = 0; i < c->requests_count; i++) {
    const ho_meter_request *r = &c->requests[i];
    ho_time *from = &since[ho_meter_is_up(r)];

    if (!r->issued) {
      continue;
    }
    if (is_in_time(c, r)) {
      add_stall(&stalls, *from, r->t_last);
      *from = HO_NEVER;
    } else if (*from == HO_NEVER) {
      *from = deadline(c, r);
    }
  }
  add_stall(&stalls, since[0], m->now);
  add_stall(&stalls, since[1], m->now);
  return stalls;
}

void ho_meter_judge_call(const ho_meter *m, ho_meter_client *c) {
  ho_time to = m->now > SETTLE ? m->now - SETTLE : 0;
  ho_time from = to > HO_SEC ? to - HO_SEC : 0;
  uint64_t due[2] = {0}, good[2] = {0};

  for (size_t i = 0; i < c->requests_count; i++) {
    const ho_meter_request *r = &c->requests[i];

    if (r->issued && r->t_issued >= from && r->t_issued < to &&
        !ho_meter_is_open(m, c, r)) {
      due[ho_meter_is_up(r)]++;
      good[ho_meter_is_up(r)] += is_in_time(c, r);
    }
  }
  for (int up = 0; up < 2; up++) {
    if (due[up] > 0 && good[up] == 0) {
      c->missing += due[up];
      c->dead = up ? HO_SERVER : HO_CLIENT;
    }
  }
}
