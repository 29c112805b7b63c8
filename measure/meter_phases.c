/* The phases of a handoff, each from where the one before ends: what does not
 * apply is empty and takes no time, so that they add up from t_loss to the
 * first byte. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/meter_state.h"

static ho_time later(ho_time a, ho_time b) {
  return b != HO_NEVER && b > a ? b : a;
}

static void optional(ho_csv *csv, ho_time t) {
  if (t == HO_NEVER) {
    ho_csv_empty(csv);
  } else {
    ho_csv_s(csv, t);
  }
}

/* phase writes the time from |*at| to |to|, and goes on there. */
static void phase(ho_csv *csv, bool applies, ho_time *at, ho_time to) {
  if (!applies) {
    ho_csv_empty(csv);
    return;
  }
  if (*at == HO_NEVER || to == HO_NEVER) {
    ho_csv_na(csv);
  } else {
    ho_csv_ms(csv, (int64_t)(to - *at));
  }
  *at = to;
}

void ho_meter_write_phases(ho_csv *csv, const ho_meter_phases *p) {
  const ho_meter_handoff *h = p->h;
  bool breaks = p->breaks && p->moved;
  ho_time at = h->t_loss;

  optional(csv, h->t_down);
  optional(csv, h->t_associated);
  phase(csv, breaks && h->t_down != HO_NEVER, &at, later(at, h->t_down));
  phase(csv, breaks && p->is_radio, &at, later(at, h->t_associated));
  phase(csv, breaks, &at, later(at, h->t_up));
  phase(csv, p->moved && p->told, &at, h->t_notice);
  phase(csv, p->moved, &at, h->t_first_tx);
  phase(csv, p->validation_due, &at, p->t_validated);
  phase(csv, p->moved && p->due, &at, h->t_first_byte);
}
