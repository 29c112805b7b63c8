/* What a path could have carried in a while: the measure of a recovery. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "measure/meter_state.h"

static const uint64_t OPPORTUNITY_BYTES = 1500;

/* ---- recorded links ---- */

/* row_at returns the number of rows at or before |at|, less one: the row in
 * force; or count where that is the last one of the lap before. */
static size_t rows_until(const ho_trace *trace, ho_time at) {
  size_t low = 0, high = trace->count;

  while (low < high) {
    size_t mid = low + (high - low) / 2;

    if (trace->rows[mid].at < at) {
      low = mid + 1;
    } else {
      high = mid;
    }
  }
  return low;
}

/* Opportunities at |from| <= t < |to|, within one lap. */
static uint64_t opportunities(const ho_trace *trace, ho_time from, ho_time to) {
  return (rows_until(trace, to) - rows_until(trace, from)) * OPPORTUNITY_BYTES;
}

/* The row in force at |at|; before the first one, the last one of the lap
 * before still is. */
static size_t row_in_force(const ho_trace *trace, ho_time at) {
  size_t next = rows_until(trace, at + 1);

  return next == 0 ? trace->count - 1 : next - 1;
}

static uint64_t at_rates(const ho_trace *trace, ho_time from, ho_time to) {
  unsigned __int128 bits = 0; /* x 10^9 */

  while (from < to) {
    size_t next = rows_until(trace, from + 1);
    ho_time end = next < trace->count && trace->rows[next].at < to
                      ? trace->rows[next].at
                      : to;

    bits += (unsigned __int128)trace->rows[row_in_force(trace, from)].bps *
            (end - from);
    from = end;
  }
  return (uint64_t)(bits / HO_SEC / 8);
}

static uint64_t of_trace(const ho_trace *trace, ho_time from, ho_time length) {
  uint64_t bytes = 0;

  while (length > 0) {
    ho_time at = from % trace->period;
    ho_time left = trace->period - at;
    ho_time part = left < length ? left : length;

    bytes += trace->opportunities ? opportunities(trace, at, at + part)
                                  : at_rates(trace, at, at + part);
    from += part;
    length -= part;
  }
  return bytes;
}

/* What arrives in a while left the link a delay earlier. */
static ho_time on_the_way(const ho_meter *m, const ho_meter_client *c,
                          const ho_net_config *net, const ho_trace *trace,
                          ho_time at) {
  ho_time beyond =
      c->sender == HO_CLIENT ? m->config.scenario->server.delay : 0;

  if (trace->opportunities) {
    return net->wired.delay + beyond;
  }
  return trace->rows[row_in_force(trace, at % trace->period)].delay + beyond;
}

/* ---- radios ---- */

static bool is_for(const ho_scenario *s, const ho_action *action,
                   const ho_meter_client *c) {
  return action->kind == HO_ACT_MOVE &&
         ho_scenario_concerns(s, action, (size_t)c->index);
}

static ho_position place_of(const ho_meter_walk *w, ho_time t) {
  double dx = (double)(w->to.x_mm - w->from.x_mm);
  double dy = (double)(w->to.y_mm - w->from.y_mm);
  double way = sqrt(dx * dx + dy * dy), gone;

  if (w->mm_per_s == 0) {
    return w->from;
  }
  gone = (double)(t - w->t) / (double)HO_SEC * (double)w->mm_per_s;
  if (gone >= way) {
    return w->to;
  }
  return (ho_position){w->from.x_mm + (int64_t)(dx * gone / way),
                       w->from.y_mm + (int64_t)(dy * gone / way)};
}

/* Each move goes on from where the one before had come to. */
static ho_position where(const ho_meter *m, ho_meter_client *c, ho_time t) {
  const ho_scenario *s = m->config.scenario;
  ho_meter_walk *w = &c->walk;

  for (; w->entry < s->timeline_count && s->timeline[w->entry].at <= t;
       w->entry++) {
    const ho_action *action = &s->timeline[w->entry];

    if (is_for(s, action, c)) {
      w->from = place_of(w, action->at);
      w->to = action->to;
      w->t = action->at;
      w->mm_per_s = action->mm_per_s;
    }
  }
  return place_of(w, t);
}

static const ho_capacity_place *nearest(const ho_capacity *capacity, int net,
                                        ho_position at) {
  const ho_capacity_place *best = NULL;
  double least = 0;

  for (size_t i = 0; capacity != NULL && i < capacity->count; i++) {
    const ho_capacity_place *place = &capacity->places[i];
    double dx = (double)(place->at.x_mm - at.x_mm);
    double dy = (double)(place->at.y_mm - at.y_mm);

    if (place->net == net && (best == NULL || dx * dx + dy * dy < least)) {
      best = place;
      least = dx * dx + dy * dy;
    }
  }
  return best;
}

/* ---- any link ---- */

/* As the links have it: whole bytes a millisecond would round too much at low
 * rates. */
static uint64_t at_rate(uint64_t bps, ho_time length) {
  return bps / 8 * (length / HO_MSEC) / 1000;
}

bool ho_meter_capacity(const ho_meter *m, ho_meter_client *c, int net,
                       ho_time from, ho_time length, uint64_t *bytes) {
  const ho_net_config *config = &m->nets[net];
  bool down = c->sender == HO_SERVER;
  const ho_trace *trace = down ? &config->trace_down : &config->trace_up;
  uint64_t bps = down ? config->wired.down_bps : config->wired.up_bps;
  const ho_capacity_place *place;
  ho_time delay, rate;

  if (trace->file != NULL) {
    delay = on_the_way(m, c, config, trace, from);
    *bytes = of_trace(trace, from > delay ? from - delay : 0, length);
    return true;
  }
  if (ho_net_is_radio(config)) {
    place = nearest(m->config.capacity, net, where(m, c, from));
    if (place == NULL) {
      return false;
    }
    rate = down ? place->down_bps : place->up_bps;
    bps = rate < bps ? rate : bps;
  }
  *bytes = at_rate(bps, length);
  return true;
}
