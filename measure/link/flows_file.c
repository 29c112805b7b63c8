/* flows.csv, read in again. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/link/flows_file.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/csv.h"
#include "sim/base/alloc.h"
#include "sim/base/diag.h"

enum {
  ARM,
  SEED,
  VANTAGE,
  FIRST_UP,
  LAST_UP,
  FIRST_DOWN,
  LAST_DOWN,
  PACKETS_UP,
  PACKETS_DOWN,
  BYTES_UP,
  BYTES_DOWN,
  MAX_UP,
  MAX_DOWN,
  SPIN_UP,
  SPIN_DOWN,
  IDENTIFIERS,
  CLIENT,
  MOVES,
  OLD_OF,
  NEW_OF,
  COLUMNS,
};

static const char *const NAMES[COLUMNS] = {
    "arm",
    "seed",
    "vantage",
    "t_first_up_s",
    "t_last_up_s",
    "t_first_down_s",
    "t_last_down_s",
    "packets_up",
    "packets_down",
    "bytes_up",
    "bytes_down",
    "max_up_bytes",
    "max_down_bytes",
    "spin_up",
    "spin_down",
    "identifiers",
    "client",
    "moves",
    "old_of",
    "new_of",
};

static const char *const KINDS[HO_LINK_KINDS] = {
    "cid-down", "cid-up", "label", "lb", "port", "ticket", "token", "tuple"};

typedef struct {
  ho_link_flows *flows;
  const char *arm;
  int at[COLUMNS]; /* where the header has them; at[0] < 0: not yet read */
  size_t fields;
} reader;

static int find_columns(reader *r, const ho_csv_row *header) {
  for (size_t i = 0; i < COLUMNS; i++) {
    r->at[i] = ho_csv_field(header, NAMES[i]);
    if (r->at[i] < 0) {
      return HO_ERR_INPUT;
    }
  }
  r->fields = header->count;
  return 0;
}

static int find_kind(const char *name, size_t len) {
  for (int i = 0; i < HO_LINK_KINDS; i++) {
    if (strlen(KINDS[i]) == len && memcmp(KINDS[i], name, len) == 0) {
      return i;
    }
  }
  return -1;
}

static int parse_vantage(const char *name, ho_vantage *vantage) {
  for (int i = 0; i < HO_VANTAGE_COUNT; i++) {
    if (strcmp(ho_vantage_name((ho_vantage)i), name) == 0) {
      *vantage = (ho_vantage)i;
      return 0;
    }
  }
  return HO_ERR_INPUT;
}

static int parse_u64(const char *text, uint64_t *value) {
  char *end;

  errno = 0;
  *value = strtoull(text, &end, 10);
  return *text < '0' || *text > '9' || *end || errno ? HO_ERR_INPUT : 0;
}

/* Seconds with 9 decimals, exactly; HO_NEVER where there is nothing. */
static int parse_time(const char *text, ho_time *t) {
  uint64_t whole = 0, part = 0;
  const char *point = strchr(text, '.');
  char *end;

  *t = HO_NEVER;
  if (!*text) {
    return 0;
  }
  if (!point || strlen(point) != 10 || text[0] < '0' || text[0] > '9') {
    return HO_ERR_INPUT;
  }
  whole = strtoull(text, &end, 10);
  if (end != point || parse_u64(point + 1, &part) != 0) {
    return HO_ERR_INPUT;
  }
  *t = whole * HO_SEC + part;
  return 0;
}

static int parse_share(const char *text, double *share) {
  char *end;

  *share = 0;
  if (!*text) {
    return 0;
  }
  *share = strtod(text, &end);
  return *end || !(*share >= 0 && *share <= 1) ? HO_ERR_INPUT : 0;
}

/* "kind:hex", or "kind~:hex" of a guess; cut out of |word|. */
static int parse_id(ho_link_id *id, char *word) {
  char *colon = strchr(word, ':');
  size_t len;
  int kind;

  if (!colon || !colon[1]) {
    return HO_ERR_INPUT;
  }
  len = (size_t)(colon - word);
  id->guess = len > 0 && word[len - 1] == '~';
  kind = find_kind(word, len - id->guess);
  id->kind = (ho_link_kind)kind;
  id->hex = colon + 1;
  return kind < 0 ? HO_ERR_INPUT : 0;
}

static int parse_ids(ho_link_flow *flow, const char *text) {
  size_t cap = 0;
  char *rest = NULL;

  flow->text = ho_strdup(text);
  for (char *word = strtok_r(flow->text, " ", &rest); word;
       word = strtok_r(NULL, " ", &rest)) {
    ho_grow(&flow->seen.ids, flow->seen.ids_count, &cap, sizeof(ho_link_id));
    if (parse_id(&flow->seen.ids[flow->seen.ids_count++], word) != 0) {
      return HO_ERR_INPUT;
    }
  }
  return 0;
}

static int parse_numbers(const char *text, uint64_t **numbers, size_t *count) {
  char *copy = ho_strdup(text), *rest = NULL;
  size_t cap = 0;
  int rv = 0;

  for (char *word = strtok_r(copy, " ", &rest); word && rv == 0;
       word = strtok_r(NULL, " ", &rest)) {
    ho_grow(numbers, *count, &cap, sizeof(uint64_t));
    rv = parse_u64(word, &(*numbers)[(*count)++]);
  }
  free(copy);
  return rv;
}

/* The numbers of one direction, as the file has them. */
typedef struct {
  ho_time first, last;
  uint64_t packets, bytes, max;
  double spin;
} direction;

static int parse_direction(const reader *r, const ho_csv_row *row, bool down,
                           direction *d) {
  int rv = 0;

#define FIELD(column) row->fields[r->at[(column)]]
  rv |= parse_time(FIELD(down ? FIRST_DOWN : FIRST_UP), &d->first);
  rv |= parse_time(FIELD(down ? LAST_DOWN : LAST_UP), &d->last);
  rv |= parse_u64(FIELD(down ? PACKETS_DOWN : PACKETS_UP), &d->packets);
  rv |= parse_u64(FIELD(down ? BYTES_DOWN : BYTES_UP), &d->bytes);
  if (*FIELD(down ? MAX_DOWN : MAX_UP)) {
    rv |= parse_u64(FIELD(down ? MAX_DOWN : MAX_UP), &d->max);
  }
  rv |= parse_share(FIELD(down ? SPIN_DOWN : SPIN_UP), &d->spin);
  if ((d->first == HO_NEVER) != (d->packets == 0) ||
      (d->last == HO_NEVER) != (d->packets == 0) || d->last < d->first) {
    return HO_ERR_INPUT;
  }
  return rv ? HO_ERR_INPUT : 0;
}

static double rate(const direction *d) {
  double s = d->packets == 0 ? 0 : (double)(d->last - d->first) / HO_SEC;

  return log1p((double)d->bytes / fmax(s, 1e-3));
}

static double mean_size(const direction *d) {
  return d->packets == 0 ? 0 : (double)d->bytes / (double)d->packets;
}

static void fill_seen(ho_link_seen *seen, const direction *up,
                      const direction *down) {
  const direction *clock = up->packets > 0 ? up : down;

  seen->begin = clock->first;
  seen->end = clock->last;
  seen->first = up->first < down->first ? up->first : down->first;
  seen->bytes = up->bytes + down->bytes;
  seen->shape[HO_LINK_RATE_DOWN] = rate(down);
  seen->shape[HO_LINK_RATE_UP] = rate(up);
  seen->shape[HO_LINK_MEAN_UP] = mean_size(up);
  seen->shape[HO_LINK_MEAN_DOWN] = mean_size(down);
  seen->shape[HO_LINK_MAX_UP] = (double)up->max;
  seen->shape[HO_LINK_MAX_DOWN] = (double)down->max;
  seen->shape[HO_LINK_SPIN_UP] = up->spin;
  seen->shape[HO_LINK_SPIN_DOWN] = down->spin;
}

static int parse_row(const reader *r, const ho_csv_row *row,
                     ho_link_flow *flow) {
  direction up = {0}, down = {0};
  uint64_t moves = 0;
  int rv = 0;

  rv |= parse_vantage(FIELD(VANTAGE), &flow->vantage);
  rv |= parse_u64(FIELD(SEED), &flow->seed);
  rv |= parse_direction(r, row, false, &up);
  rv |= parse_direction(r, row, true, &down);
  rv |= up.packets + down.packets == 0;
  rv |= parse_ids(flow, FIELD(IDENTIFIERS));
  flow->client = UINT64_MAX;
  if (*FIELD(CLIENT)) {
    rv |= parse_u64(FIELD(CLIENT), &flow->client);
  }
  rv |= parse_u64(FIELD(MOVES), &moves);
  rv |= parse_numbers(FIELD(OLD_OF), &flow->old_of, &flow->old_count);
  rv |= parse_numbers(FIELD(NEW_OF), &flow->new_of, &flow->new_count);
  flow->moves = moves != 0;
  fill_seen(&flow->seen, &up, &down);
  return rv ? HO_ERR_INPUT : 0;
#undef FIELD
}

static int on_row(void *user, const ho_csv_row *row) {
  reader *r = user;
  ho_link_flows *flows = r->flows;

  if (r->at[0] < 0) {
    return find_columns(r, row);
  }
  if (row->count != r->fields) {
    return HO_ERR_INPUT;
  }
  if (strcmp(row->fields[r->at[ARM]], r->arm) != 0) {
    return 0;
  }
  ho_grow(&flows->flows, flows->count, &flows->cap, sizeof(ho_link_flow));
  return parse_row(r, row, &flows->flows[flows->count++]);
}

int ho_link_flows_read(ho_link_flows *flows, const char *path,
                       const char *arm) {
  reader r = {.flows = flows, .arm = arm, .at = {-1}};
  int rv;

  *flows = (ho_link_flows){NULL, 0, 0};
  rv = ho_csv_scan(path, on_row, &r);
  return rv == 0 && r.at[0] < 0 ? HO_ERR_INPUT : rv;
}

void ho_link_flows_free(ho_link_flows *flows) {
  for (size_t i = 0; i < flows->count; i++) {
    free(flows->flows[i].seen.ids);
    free(flows->flows[i].old_of);
    free(flows->flows[i].new_of);
    free(flows->flows[i].text);
  }
  free(flows->flows);
  *flows = (ho_link_flows){NULL, 0, 0};
}
