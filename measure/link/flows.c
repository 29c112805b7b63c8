/* The rows of flows.csv: what observers saw, and beside it the truth. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measure/csv.h"
#include "measure/link/vantages.h"
#include "measure/row.h"
#include "sim/base/alloc.h"

/* A flow's part in a handoff. */
typedef struct {
  size_t flow, handoff;
  bool fresh; /* the new flow; else the old one */
} mark;

/* The truth about one vantage point's flows. */
typedef struct {
  const ho_vantages *vantages;
  const ho_observer *observer;
  ho_vantage where;
  size_t count, clients;
  size_t *first, *next; /* flow + 1: of a client, and its next one, in order */
  bool *moves;          /* by client */
  mark *marks;
  size_t marks_count, marks_cap;
} truth;

/* ---- which flow is which ---- */

static ho_time began(const ho_seen_flow *f) {
  return f->up.t_first < f->down.t_first ? f->up.t_first : f->down.t_first;
}

static bool goes_on_at(const ho_seen_flow *f, ho_time t) {
  return (f->up.packets > 0 && f->up.t_last >= t) ||
         (f->down.packets > 0 && f->down.t_last >= t);
}

static void add_mark(truth *t, size_t flow, size_t handoff, bool fresh) {
  ho_grow(&t->marks, t->marks_count, &t->marks_cap, sizeof(*t->marks));
  t->marks[t->marks_count++] = (mark){flow, handoff, fresh};
}

static void mark_flows(truth *t, const ho_meter_move *move) {
  size_t old = 0, fresh = 0; /* flow + 1 */

  for (size_t i = t->first[move->client]; i > 0; i = t->next[i - 1]) {
    const ho_seen_flow *f = ho_observer_flow(t->observer, i - 1);

    if (ho_tuple_eq(&f->tuple, move->from) && began(f) < move->t_loss) {
      old = i;
    }
    if (fresh == 0 && ho_tuple_eq(&f->tuple, move->to) &&
        goes_on_at(f, move->t_loss)) {
      fresh = i;
    }
  }
  if (old > 0) {
    add_mark(t, old - 1, move->handoff, false);
  }
  if (fresh > 0) {
    add_mark(t, fresh - 1, move->handoff, true);
  }
}

static void on_move(void *user, const ho_meter_move *move) {
  truth *t = user;

  t->moves[move->client] = true;
  if (move->from && move->to) {
    mark_flows(t, move);
  }
}

static int compare(const void *a, const void *b) {
  const mark *x = a, *y = b;

  if (x->flow != y->flow) {
    return x->flow < y->flow ? -1 : 1;
  }
  if (x->fresh != y->fresh) {
    return x->fresh ? 1 : -1;
  }
  return (x->handoff > y->handoff) - (x->handoff < y->handoff);
}

static void find_truth(truth *t, const ho_meter *meter) {
  t->first = ho_alloc_array(t->clients, sizeof(*t->first));
  t->next = ho_alloc_array(t->count + 1, sizeof(*t->next));
  t->moves = ho_alloc_array(t->clients, sizeof(*t->moves));
  for (size_t i = t->count; i-- > 0;) {
    int client = ho_vantages_client(t->vantages, t->where, i);

    if (client >= 0) {
      t->next[i] = t->first[client];
      t->first[client] = i + 1;
    }
  }
  ho_meter_moves(meter, on_move, t);
  if (t->marks_count > 0) {
    qsort(t->marks, t->marks_count, sizeof(*t->marks), compare);
  }
}

static void free_truth(truth *t) {
  free(t->first);
  free(t->next);
  free(t->moves);
  free(t->marks);
}

/* ---- rows ---- */

static void write_instant(ho_csv *csv, const ho_seen_way *way, ho_time t) {
  if (way->packets > 0) {
    ho_csv_s(csv, t);
  } else {
    ho_csv_empty(csv);
  }
}

static void write_share(ho_csv *csv, uint64_t part, uint64_t of) {
  if (of > 0) {
    ho_csv_ratio(csv, part, of);
  } else {
    ho_csv_empty(csv);
  }
}

static void write_seen(ho_csv *csv, const ho_seen_flow *f) {
  const ho_seen_way *up = &f->up, *down = &f->down;
  char *ids = ho_ids_text(&f->ids), tuple[HO_TUPLE_TEXT];

  ho_csv_text(csv, ho_tuple_text(tuple, &f->tuple));
  ho_csv_text(csv, f->proto == HO_PROTO_TCP ? "tcp" : "udp");
  write_instant(csv, up, up->t_first);
  write_instant(csv, up, up->t_last);
  write_instant(csv, down, down->t_first);
  write_instant(csv, down, down->t_last);
  ho_csv_u64(csv, up->packets);
  ho_csv_u64(csv, down->packets);
  ho_csv_u64(csv, up->bytes);
  ho_csv_u64(csv, down->bytes);
  ho_csv_u64(csv, up->max_bytes);
  ho_csv_u64(csv, down->max_bytes);
  write_share(csv, up->spins, up->shorts);
  write_share(csv, down->spins, down->shorts);
  write_share(csv, up->ecn, up->packets);
  write_share(csv, down->ecn, down->packets);
  if (up->packets > 0) {
    ho_csv_u64(csv, f->ttl);
  } else {
    ho_csv_empty(csv);
  }
  ho_csv_text(csv, ids);
  free(ids);
}

/* The handoffs of the marks at |*at| that are |fresh| or not, and passes them.
 */
static void write_handoffs(ho_csv *csv, const truth *t, size_t flow, bool fresh,
                           size_t *at) {
  char *text = ho_strdup(""), *longer;

  while (*at < t->marks_count && t->marks[*at].flow == flow &&
         t->marks[*at].fresh == fresh) {
    longer =
        ho_format("%s%s%zu", text, *text ? " " : "", t->marks[*at].handoff);
    free(text);
    text = longer;
    ++*at;
  }
  ho_csv_text(csv, text);
  free(text);
}

static void write_truth(ho_csv *csv, const truth *t, size_t flow, size_t *at) {
  int client = ho_vantages_client(t->vantages, t->where, flow);

  if (client >= 0) {
    ho_csv_u64(csv, (uint64_t)client);
  } else {
    ho_csv_empty(csv);
  }
  ho_csv_u64(csv, client >= 0 && t->moves[client]);
  write_handoffs(csv, t, flow, false, at);
  write_handoffs(csv, t, flow, true, at);
}

static void write_rows(ho_csv *csv, const ho_meter_config *config,
                       const truth *t) {
  size_t at = 0;

  for (size_t i = 0; i < t->count; i++) {
    ho_row_begin(csv, config->scenario, config->arm, config->seed);
    ho_csv_text(csv, ho_vantage_name(t->where));
    ho_csv_u64(csv, i);
    write_seen(csv, ho_observer_flow(t->observer, i));
    write_truth(csv, t, i, &at);
    ho_csv_end(csv);
  }
}

static void write_all(FILE *out, const ho_vantages *vantages,
                      const ho_meter_config *config, const ho_meter *meter) {
  ho_csv csv;

  ho_csv_init(&csv, out);
  for (int i = 0; i < HO_VANTAGE_COUNT; i++) {
    truth t = {.vantages = vantages,
               .observer = ho_vantages_observer(vantages, (ho_vantage)i),
               .where = (ho_vantage)i,
               .clients = config->scenario->clients};

    if (!t.observer) {
      continue;
    }
    t.count = ho_observer_count(t.observer);
    find_truth(&t, meter);
    write_rows(&csv, config, &t);
    free_truth(&t);
  }
}

int ho_vantages_write(const ho_vantages *vantages,
                      const ho_meter_config *config, const ho_meter *meter,
                      const char *dir) {
  char *path = ho_format("%s/flows.csv", dir);
  FILE *out = fopen(path, "w");
  int rv = 0;

  free(path);
  if (!out) {
    return HO_ERR_IO;
  }
  write_all(out, vantages, config, meter);
  if (fflush(out) != 0 || ferror(out)) {
    rv = HO_ERR_IO;
  }
  if (fclose(out) != 0) {
    rv = HO_ERR_IO;
  }
  return rv;
}
