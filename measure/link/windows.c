/* For how long each handoff showed one CID on both tuples. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/link/windows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/csv.h"
#include "sim/base/alloc.h"
#include "sim/base/diag.h"

typedef struct ho_link_window window;

enum { ARM, SEED, CLIENT, HANDOFF, WINDOW, COLUMNS };

static const char *const NAMES[COLUMNS] = {"arm", "seed", "client", "handoff",
                                           "link_window_ms"};

typedef struct {
  ho_link_windows *windows;
  const char *arm;
  int at[COLUMNS];
  size_t fields; /* 0: the header is not yet read */
} reader;

static int find_columns(reader *r, const ho_csv_row *header) {
  r->fields = header->count;
  for (size_t i = 0; i < COLUMNS; i++) {
    r->at[i] = ho_csv_field(header, NAMES[i]);
    if (r->at[i] < 0 && i != WINDOW) {
      return HO_ERR_INPUT;
    }
  }
  return 0;
}

static int number(const char *text, uint64_t *value) {
  char *end;

  *value = strtoull(text, &end, 10);
  return *text < '0' || *text > '9' || *end ? HO_ERR_INPUT : 0;
}

static int on_row(void *user, const ho_csv_row *row) {
  reader *r = user;
  ho_link_windows *w = r->windows;
  window one;
  const char *text;
  char *end;

  if (r->fields == 0) {
    return find_columns(r, row);
  }
  if (row->count != r->fields) {
    return HO_ERR_INPUT;
  }
  text = r->at[WINDOW] < 0 ? "" : row->fields[r->at[WINDOW]];
  if (strcmp(row->fields[r->at[ARM]], r->arm) != 0 || !*text ||
      strcmp(text, "NA") == 0) {
    return 0;
  }
  one.ms = strtod(text, &end);
  if (*end || number(row->fields[r->at[SEED]], &one.query.seed) != 0 ||
      number(row->fields[r->at[CLIENT]], &one.query.client) != 0 ||
      number(row->fields[r->at[HANDOFF]], &one.query.handoff) != 0) {
    return HO_ERR_INPUT;
  }
  ho_grow(&w->windows, w->count, &w->cap, sizeof(window));
  w->windows[w->count++] = one;
  return 0;
}

static int compare(const void *left, const void *right) {
  const ho_link_query *a = &((const window *)left)->query,
                      *b = &((const window *)right)->query;

  if (a->seed != b->seed) {
    return a->seed < b->seed ? -1 : 1;
  }
  if (a->client != b->client) {
    return a->client < b->client ? -1 : 1;
  }
  return (a->handoff > b->handoff) - (a->handoff < b->handoff);
}

int ho_link_windows_read(ho_link_windows *windows, const char *path,
                         const char *arm) {
  reader r = {.windows = windows, .arm = arm};
  int rv;

  *windows = (ho_link_windows){NULL, 0, 0};
  rv = ho_csv_scan(path, on_row, &r);
  if (rv == 0 && windows->count > 0) {
    qsort(windows->windows, windows->count, sizeof(window), compare);
  }
  return rv;
}

void ho_link_windows_free(ho_link_windows *windows) {
  free(windows->windows);
  *windows = (ho_link_windows){NULL, 0, 0};
}

double ho_link_windows_find(const ho_link_windows *windows,
                            const ho_link_query *query) {
  window key = {*query, 0};
  const window *found = windows->count == 0
                            ? NULL
                            : bsearch(&key, windows->windows, windows->count,
                                      sizeof(window), compare);

  return found ? found->ms : NAN;
}
