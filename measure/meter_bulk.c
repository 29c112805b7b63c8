/* How a bulk transfer gets back to the rate of its new path: t90, deficit. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/meter_state.h"

/* METRICS: every 200 ms bin for 1 s carries 90 % of the capacity.  What a bin
 * carried is the IP bytes that reached the receiver on the new tuple, since
 * rates count IP bytes. */
static const ho_time BIN = 200 * HO_MSEC;
static const uint64_t GOOD_BINS = 5;

static uint64_t capacity(const ho_meter *m, const ho_meter_handoff *h) {
  const ho_wired *wired = &m->nets[h->to].wired;
  uint64_t bps = m->sender == HO_SERVER ? wired->down_bps : wired->up_bps;

  return bps / 8 * (BIN / HO_MSEC) / 1000;
}

static void close_bin(const ho_meter *m, ho_meter_handoff *h) {
  ho_meter_bins *b = &h->bins;
  uint64_t full = capacity(m, h);
  uint64_t missing = full > b->bytes ? full - b->bytes : 0;

  if (b->bytes * 10 >= full * 9) {
    b->good++;
    b->good_deficit += missing;
    if (b->good == GOOD_BINS) {
      b->done = true;
      b->t90_index = b->index + 1 - GOOD_BINS;
    }
  } else {
    b->deficit += b->good_deficit + missing;
    b->good = b->good_deficit = 0;
  }
  b->index++;
  b->bytes = 0;
}

void ho_meter_bins_advance(ho_meter *m, ho_meter_handoff *h, ho_time now) {
  ho_meter_bins *b = &h->bins;

  if (h->ended || h->to < 0) {
    return;
  }
  while (!b->done && !b->over &&
         ho_meter_start(h) + (b->index + 1) * BIN <= now) {
    close_bin(m, h);
  }
}

void ho_meter_bins_received(ho_meter *m, ho_meter_client *c,
                            const ho_meter_packet *packet) {
  ho_meter_handoff *h;

  if (c->handoffs_count == 0) {
    return;
  }
  h = &c->handoffs[c->handoffs_count - 1];
  if (h->bins.done || h->bins.over) {
    return;
  }
  ho_meter_bins_advance(m, h, m->now);
  if (h->new_tuple >= 0 && packet->tuple == h->new_tuple &&
      m->now >= ho_meter_start(h)) {
    h->bins.bytes += packet->bytes;
  }
}
