/* How a handoff, and a whole run, ended. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "measure/meter_state.h"
#include "sim/base/alloc.h"

/* In an endless workload an answer is due that was asked for this long before
 * the stop (INTERFACE); what is younger is undecided. */
static const ho_time SETTLE = HO_SEC;

void ho_meter_judge_missing(const ho_meter *m, ho_meter_client *c) {
  c->missing = 0;
  if (c->call) {
    ho_meter_judge_call(m, c);
    return;
  }
  /* An endless workload that ends before its stop broke off. */
  if (!c->endless || m->now < m->config.scenario->stop) {
    c->missing = c->outstanding;
    return;
  }
  for (size_t i = 0; i < c->requests_count && c->outstanding > 0; i++) {
    const ho_meter_request *r = &c->requests[i];

    c->missing += r->issued && !r->done && r->t_issued + SETTLE < m->now;
  }
}

ho_meter_presence ho_meter_interruption(const ho_meter_client *c,
                                        const ho_meter_handoff *h,
                                        ho_time *interruption) {
  /* A wait that the run did not see the end of is not known. */
  if (h->waiting && c->missing > 0) {
    return HO_METER_NA;
  }
  if (h->has_interruption) {
    *interruption = h->interruption;
    return HO_METER_VALUE;
  }
  if (!h->due || (h->last_a != HO_NEVER && h->last_a >= h->t_loss)) {
    return HO_METER_EMPTY;
  }
  return HO_METER_NA;
}

/* An unsettled handoff was overtaken by the next, or began too late to tell. */
static const char *unless_unsettled(const ho_meter *m,
                                    const ho_meter_handoff *h,
                                    const char *outcome) {
  if (h->overtaken || ho_meter_start(h) + SETTLE > m->now) {
    return NULL;
  }
  return outcome;
}

static const char *outcome_of_new(const ho_meter *m, const ho_meter_client *c,
                                  const ho_meter_handoff *h) {
  bool was_tcp = h->connection >= 0 && c->conns[h->connection].tcp;
  bool flowed = h->t_first_byte != HO_NEVER || !h->due_at_end;

  if (h->t_connected == HO_NEVER) {
    return unless_unsettled(m, h, "conn-failed");
  }
  if (!flowed) {
    return unless_unsettled(m, h, "app-failed");
  }
  return c->conns[h->done_connection].tcp && !was_tcp ? "fallback"
                                                      : "reconnected";
}

const char *ho_meter_outcome(const ho_meter *m, const ho_meter_client *c,
                             const ho_meter_handoff *h) {
  bool tcp = h->connection >= 0 && c->conns[h->connection].tcp;
  bool flowed = h->t_first_byte != HO_NEVER || !h->due_at_end;
  bool validated, died;

  if (h->new_connection >= 0) {
    return outcome_of_new(m, c, h);
  }
  validated = h->pv[HO_SERVER].t_response != HO_NEVER ||
              (h->new_tuple >= 0 && c->tuples[h->new_tuple].validated);
  if (h->t_first_rx != HO_NEVER && validated && !tcp) {
    if (flowed) {
      return "migrated";
    }
    /* Fed over another path, such as the one it came from. */
    return h->delivered_on ? NULL : unless_unsettled(m, h, "app-failed");
  }
  if (h->t_first_tx == HO_NEVER && (h->delivered_on || !h->due_at_end)) {
    return "unaffected";
  }
  if (!h->due_at_end) {
    return NULL;
  }
  /* To be stalled is not to be dead. */
  died = h->connection >= 0 && c->conns[h->connection].failed;
  return unless_unsettled(m, h, died ? "conn-failed" : "app-failed");
}
