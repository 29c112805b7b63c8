/* The rows of cid_links.csv: connection IDs that tie tuples together. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "measure/meter_state.h"

static const char *cause_of(const ho_meter_client *c, const ho_meter_use *use) {
  switch ((ho_meter_cause)use->cause) {
  case HO_METER_BY_DATA:
    break;
  case HO_METER_BY_CHALLENGE:
    return "PATH_CHALLENGE";
  case HO_METER_BY_RESPONSE:
    return "PATH_RESPONSE";
  case HO_METER_BY_HANDOFF:
    return c->handoffs[use->handoff].kind;
  }
  return "data";
}

static ho_time first_of(const ho_meter_use *use) {
  return use->visits[0].t_first;
}

static ho_time last_of(const ho_meter_use *use) {
  return use->visits[use->visits_count - 1].t_last;
}

static void write_tuple(ho_csv *csv, const ho_meter_client *c,
                        const ho_meter_use *use) {
  char text[HO_TUPLE_TEXT];

  ho_csv_text(csv, ho_tuple_text(text, &c->tuples[use->tuple].tuple));
}

static void write_name(const ho_meter *m, ho_csv *csv, const ho_meter_client *c,
                       const ho_meter_cid *cid) {
  ho_meter_row(&m->config, csv);
  ho_csv_u64(csv, (uint64_t)c->index);
  ho_csv_u64(csv, cid->connection);
  if (cid->issued) {
    ho_csv_text(csv, cid->side == HO_CLIENT ? "client" : "server");
    ho_csv_u64(csv, cid->sequence);
  } else {
    ho_csv_empty(csv);
    ho_csv_empty(csv);
  }
  ho_meter_write_hex(csv, cid->cid.bytes, cid->cid.len);
  ho_csv_text(csv, cid->side == HO_SERVER ? "up" : "down");
}

static void write_link(const ho_meter *m, ho_csv *csv, const ho_meter_client *c,
                       const ho_meter_cid *cid, const ho_meter_use *first,
                       const ho_meter_use *next) {
  ho_time left =
      last_of(first) < last_of(next) ? last_of(first) : last_of(next);
  ho_time from = first_of(next);

  write_name(m, csv, c, cid);
  write_tuple(csv, c, first);
  write_tuple(csv, c, next);
  ho_csv_s(csv, first_of(first));
  ho_csv_s(csv, from);
  ho_csv_s(csv, last_of(first));
  ho_csv_s(csv, last_of(next));
  ho_csv_ms(csv, left > from ? (int64_t)(left - from) : 0);
  ho_csv_u64(csv, next->packets);
  ho_csv_text(csv, cause_of(c, next));
  ho_csv_u64(csv, next->first_packet);
  ho_csv_end(csv);
}

/* An attacker's packet may have been on a tuple before the client's own. */
static const ho_meter_use *first_use(const ho_meter_cid *cid) {
  const ho_meter_use *first = NULL;

  for (size_t i = 0; i < cid->uses_count; i++) {
    const ho_meter_use *use = &cid->uses[i];

    if (use->packets > 0 &&
        (first == NULL || first_of(use) < first_of(first))) {
      first = use;
    }
  }
  return first;
}

static void write_cid(const ho_meter *m, ho_csv *csv, const ho_meter_client *c,
                      const ho_meter_cid *cid) {
  const ho_meter_use *first = first_use(cid);

  for (size_t i = 0; cid->cid.len > 0 && i < cid->uses_count; i++) {
    const ho_meter_use *use = &cid->uses[i];

    if (use != first && use->packets > 0) {
      write_link(m, csv, c, cid, first, use);
    }
  }
}

void ho_meter_write_links(const ho_meter *m, ho_csv *csv) {
  for (size_t i = 0; i < m->clients_count; i++) {
    const ho_meter_client *c = &m->clients[i];
    size_t count;
    size_t *order = ho_meter_cids_in_order(c, true, &count);

    for (size_t k = 0; k < count; k++) {
      write_cid(m, csv, c, &c->cids[order[k]]);
    }
    free(order);
  }
}
