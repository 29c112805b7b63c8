/* Connection IDs: who issued them, and on which tuples they were seen. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/meter_state.h"
#include "sim/base/alloc.h"

static bool is(const ho_meter_cid *cid, ho_side issuer, uint64_t connection,
               const ho_cid *bytes) {
  return cid->side == issuer && cid->connection == connection &&
         cid->cid.len == bytes->len &&
         memcmp(cid->cid.bytes, bytes->bytes, bytes->len) == 0;
}

static int find(const ho_meter_client *c, ho_side issuer, uint64_t connection,
                const ho_cid *bytes) {
  for (size_t i = c->cids_count; i-- > 0;) {
    if (is(&c->cids[i], issuer, connection, bytes)) {
      return (int)i;
    }
  }
  return -1;
}

static int add(ho_meter *m, ho_meter_client *c, ho_side issuer,
               uint64_t connection, const ho_cid *bytes) {
  ho_meter_cid *cid;

  ho_grow(&c->cids, c->cids_count, &c->cids_cap, sizeof(*c->cids));
  cid = &c->cids[c->cids_count];
  *cid = (ho_meter_cid){.connection = connection,
                        .side = (uint8_t)issuer,
                        .cid = *bytes,
                        .t_issued = m->now,
                        .t_retired = HO_NEVER,
                        .local = -1};
  return (int)c->cids_count++;
}

static void on_issued(ho_meter *m, ho_meter_client *c,
                      const ho_ev_cid_issued *u) {
  int i = find(c, u->endpoint, u->connection, &u->cid);
  ho_meter_cid *cid;

  if (i < 0) {
    i = add(m, c, u->endpoint, u->connection, &u->cid);
  }
  cid = &c->cids[i];
  cid->issued = true;
  cid->sequence = u->sequence;
  cid->token = u->token;
  cid->t_issued = m->now;
}

static void on_retired(ho_meter *m, ho_meter_client *c,
                       const ho_ev_cid_retired *u) {
  for (size_t i = 0; i < c->cids_count; i++) {
    ho_meter_cid *cid = &c->cids[i];

    if (cid->issued && cid->side == u->endpoint &&
        cid->connection == u->connection && cid->sequence == u->sequence &&
        cid->t_retired == HO_NEVER) {
      cid->t_retired = m->now;
    }
  }
}

void ho_meter_on_cid(ho_meter *m, const ho_event *ev) {
  ho_meter_client *c = ho_meter_client_at(m, ev->client);

  if (c == NULL) {
    return;
  }
  if (ev->kind == HO_EV_cid_issued) {
    on_issued(m, c, &ev->u.cid_issued);
  } else {
    on_retired(m, c, &ev->u.cid_retired);
  }
}

/* A DCID that nobody issued is the random one of a client's first Initial (RFC
 * 9000, 7.2): an observer sees it, cids.csv does not list it. */
int ho_meter_cid_sent(ho_meter *m, ho_meter_client *c, ho_side side,
                      uint64_t connection, const ho_cid *dcid) {
  ho_side issuer = side == HO_CLIENT ? HO_SERVER : HO_CLIENT;
  int *hint = &c->cid_hint[issuer];

  if (*hint >= 0 && is(&c->cids[*hint], issuer, connection, dcid)) {
    return *hint;
  }
  *hint = find(c, issuer, connection, dcid);
  if (*hint < 0) {
    *hint = add(m, c, issuer, connection, dcid);
  }
  return *hint;
}

uint64_t ho_meter_cids_used(const ho_meter *m, ho_side issuer) {
  uint64_t count = 0;

  for (size_t i = 0; i < m->clients_count; i++) {
    const ho_meter_client *c = &m->clients[i];

    for (size_t k = 0; k < c->cids_count; k++) {
      count += c->cids[k].issued && c->cids[k].side == issuer &&
               c->cids[k].uses_count > 0;
    }
  }
  return count;
}

/* ---- rows ---- */

void ho_meter_write_hex(ho_csv *csv, const uint8_t *bytes, size_t len) {
  char text[2 * 20 + 1] = "";

  for (size_t i = 0; i < len; i++) {
    snprintf(text + 2 * i, 3, "%02x", bytes[i]);
  }
  ho_csv_text(csv, text);
}

static void write_line(const ho_meter *m, ho_csv *csv, const ho_meter_client *c,
                       const ho_meter_cid *cid, const ho_meter_use *use) {
  static const ho_token none;
  char text[HO_TUPLE_TEXT];

  ho_meter_row(&m->config, csv);
  ho_csv_u64(csv, (uint64_t)c->index);
  ho_csv_u64(csv, cid->connection);
  ho_csv_text(csv, cid->side == HO_CLIENT ? "client" : "server");
  ho_csv_u64(csv, cid->sequence);
  ho_meter_write_hex(csv, cid->cid.bytes, cid->cid.len);
  if (memcmp(&cid->token, &none, sizeof(none)) == 0) {
    ho_csv_empty(csv);
  } else {
    ho_meter_write_hex(csv, cid->token.bytes, sizeof(cid->token.bytes));
  }
  ho_csv_s(csv, cid->t_issued);
  if (use == NULL) {
    ho_csv_empty(csv);
    ho_csv_empty(csv);
    ho_csv_empty(csv);
  } else {
    ho_csv_text(csv, ho_tuple_text(text, &c->tuples[use->tuple].tuple));
    ho_csv_s(csv, use->t_first);
    ho_csv_s(csv, use->t_last);
  }
  if (cid->t_retired == HO_NEVER) {
    ho_csv_na(csv);
  } else {
    ho_csv_s(csv, cid->t_retired);
  }
  ho_meter_write_vantages(m, csv, c, use);
  ho_csv_end(csv);
}

static void write_cid(const ho_meter *m, ho_csv *csv, const ho_meter_client *c,
                      const ho_meter_cid *cid) {
  if (cid->uses_count == 0) {
    write_line(m, csv, c, cid, NULL);
  }
  for (size_t i = 0; i < cid->uses_count; i++) {
    write_line(m, csv, c, cid, &cid->uses[i]);
  }
}

/* Rows are in order of connection, issuer, sequence. */
static bool before(const ho_meter_cid *a, const ho_meter_cid *b) {
  if (a->connection != b->connection) {
    return a->connection < b->connection;
  }
  return a->side != b->side ? a->side < b->side : a->sequence < b->sequence;
}

size_t *ho_meter_cids_in_order(const ho_meter_client *c, bool all,
                               size_t *count) {
  size_t *order = ho_alloc_array(c->cids_count, sizeof(*order));
  size_t n = 0;

  for (size_t i = 0; i < c->cids_count; i++) {
    size_t k = n;

    if (!c->cids[i].issued && !all) {
      continue;
    }
    for (; k > 0 && before(&c->cids[i], &c->cids[order[k - 1]]); k--) {
      order[k] = order[k - 1];
    }
    order[k] = i;
    n++;
  }
  *count = n;
  return order;
}

static void write_client(const ho_meter *m, ho_csv *csv,
                         const ho_meter_client *c) {
  size_t count;
  size_t *order = ho_meter_cids_in_order(c, false, &count);

  for (size_t i = 0; i < count; i++) {
    write_cid(m, csv, c, &c->cids[order[i]]);
  }
  free(order);
}

void ho_meter_write_cids(const ho_meter *m, ho_csv *csv) {
  for (size_t i = 0; i < m->clients_count; i++) {
    write_client(m, csv, &m->clients[i]);
  }
}
