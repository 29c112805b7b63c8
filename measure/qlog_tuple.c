/* The tuples of one connection in its qlog. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/qlog_tuple.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

static void put_assigned(ho_qlog_tuples *t, size_t id, ho_time now) {
  const ho_tuple *tuple = &t->items[id].tuple;
  bool client = t->side == HO_CLIENT;

  ho_qlog_text_begin(t->out, now, HO_QLOG_NO_TUPLE);
  ho_qlog_text_putf(t->out,
                    ",\"name\":\"quic:tuple_assigned\",\"data\":{"
                    "\"tuple_id\":\"%zu\"",
                    id);
  ho_qlog_text_endpoint(t->out, "tuple_remote",
                        client ? &tuple->server : &tuple->client);
  ho_qlog_text_endpoint(t->out, "tuple_local",
                        client ? &tuple->client : &tuple->server);
  ho_qlog_text_putf(t->out, "}}\n");
}

int ho_qlog_tuples_find(ho_qlog_tuples *tuples, const ho_tuple *tuple,
                        ho_time now) {
  ho_qlog_tuple *added;

  for (size_t i = 0; i < tuples->count; i++) {
    if (ho_tuple_eq(&tuples->items[i].tuple, tuple)) {
      return (int)i;
    }
  }
  ho_grow(&tuples->items, tuples->count, &tuples->cap, sizeof(*tuples->items));
  added = &tuples->items[tuples->count];
  /* The handshake validates the first (RFC 9000, 8.1). */
  *added = (ho_qlog_tuple){.tuple = *tuple, .validated = tuples->count == 0};
  put_assigned(tuples, tuples->count, now);
  return (int)tuples->count++;
}

/* ---- connection IDs ---- */

static bool is_same(const ho_cid *a, const ho_cid *b) {
  return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* That the peer has issued: it is the one whose ID is in use from here on. */
void ho_qlog_tuples_sent(ho_qlog_tuples *tuples, int id, const ho_cid *dcid,
                         ho_time now) {
  ho_qlog_tuple *tuple = &tuples->items[id];

  if (tuple->sent && is_same(&tuple->dcid, dcid)) {
    return;
  }
  if (tuple->sent || (id > 0 && dcid->len > 0)) {
    ho_qlog_text_begin(tuples->out, now, id);
    ho_qlog_text_putf(tuples->out,
                      ",\"name\":\"quic:connection_id_updated\",\"data\":{"
                      "\"initiator\":\"remote\"");
    if (tuple->sent) {
      ho_qlog_text_cid(tuples->out, "old", &tuple->dcid);
    }
    ho_qlog_text_cid(tuples->out, "new", dcid);
    ho_qlog_text_putf(tuples->out, "}}\n");
  }
  tuple->sent = true;
  tuple->dcid = *dcid;
}

/* ---- migration ---- */

static void put_state(ho_qlog_tuples *t, int id, ho_time now,
                      const char *state) {
  ho_qlog_tuple *tuple = &t->items[id];

  ho_qlog_text_begin(t->out, now, id);
  ho_qlog_text_putf(t->out,
                    ",\"name\":\"quic:migration_state_updated\",\"data\":{");
  if (tuple->state) {
    ho_qlog_text_putf(t->out, "\"old\":\"%s\",", tuple->state);
  }
  ho_qlog_text_putf(t->out, "\"new\":\"%s\",\"tuple_id\":\"%d\"}}\n", state,
                    id);
  tuple->state = state;
}

void ho_qlog_tuples_probe(ho_qlog_tuples *tuples, int id, ho_time now) {
  if (!tuples->items[id].probing) {
    tuples->items[id].probing = true;
    put_state(tuples, id, now, "probing_started");
  }
}

void ho_qlog_tuples_use(ho_qlog_tuples *tuples, int id, ho_time now) {
  if ((size_t)id == tuples->in_use) {
    return;
  }
  tuples->in_use = (size_t)id;
  put_state(tuples, id, now, "migration_started");
  if (tuples->items[id].validated) {
    put_state(tuples, id, now, "migration_complete");
  } else {
    tuples->items[id].moved = true;
  }
}

void ho_qlog_tuples_validated(ho_qlog_tuples *tuples, int id, bool good,
                              ho_time now) {
  ho_qlog_tuple *tuple = &tuples->items[id];

  put_state(tuples, id, now, good ? "probing_successful" : "probing_abandoned");
  tuple->probing = false;
  tuple->validated |= good;
  if (tuple->moved) {
    tuple->moved = false;
    put_state(tuples, id, now,
              good ? "migration_complete" : "migration_abandoned");
  }
}

void ho_qlog_tuples_free(ho_qlog_tuples *tuples) {
  free(tuples->items);
  *tuples = (ho_qlog_tuples){0};
}
