/* How a bulk transfer gets back to the rate of its new path: t90, deficit. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/meter_state.h"

/* METRICS: every 200 ms bin for 1 s carries 90 % of the capacity.  What a bin
 * carried is the IP bytes that reached the receiver on the new tuple, since
 * rates count IP bytes. */
static const ho_time BIN = 200 * HO_MSEC;
static const uint64_t GOOD_BINS = 5;

/* A bin in which the path carried nothing, a gap in a recording, is neither
 * good nor bad. */
static void close_bin(const ho_meter *m, ho_meter_client *c,
                      ho_meter_handoff *h) {
  ho_meter_bins *b = &h->bins;
  uint64_t full, missing;

  if (!ho_meter_capacity(m, c, h->to, ho_meter_start(h) + b->index * BIN, BIN,
                         &full)) {
    b->over = true;
    return;
  }
  missing = full > b->bytes ? full - b->bytes : 0;
  if (full > 0 && b->bytes * 10 >= full * 9) {
    b->good_from = b->good == 0 ? b->index : b->good_from;
    b->good++;
    b->good_deficit += missing;
    if (b->good == GOOD_BINS) {
      b->done = true;
      b->t90_index = b->good_from;
    }
  } else if (full > 0) {
    b->deficit += b->good_deficit + missing;
    b->good = b->good_deficit = 0;
  }
  b->index++;
  b->bytes = 0;
}

void ho_meter_bins_advance(ho_meter *m, ho_meter_client *c, ho_meter_handoff *h,
                           ho_time now) {
  ho_meter_bins *b = &h->bins;

  if (h->ended || h->to < 0) {
    return;
  }
  while (!b->done && !b->over &&
         ho_meter_start(h) + (b->index + 1) * BIN <= now) {
    close_bin(m, c, h);
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
  ho_meter_bins_advance(m, c, h, m->now);
  if (h->new_tuple >= 0 && packet->tuple == h->new_tuple &&
      m->now >= ho_meter_start(h)) {
    h->bins.bytes += packet->bytes;
  }
}
