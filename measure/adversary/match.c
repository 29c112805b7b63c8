/* Which flows of a vantage point share identifiers. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/adversary/match.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

enum {
  CAP_BITS = 32,
  GUESS_BYTES = 4, /* fewer bytes in common of a guess are chance */
};

typedef struct {
  ho_link_id id;
  size_t flow;
} entry;

/* Flows that share one identifier with a flow: entries [begin, end) but for
 * known ones where only guesses are meant. */
typedef struct {
  ho_link_kind kind;
  size_t begin, end;
  bool guesses_only;
  double bits;
} range;

struct ho_link_match {
  entry *entries; /* in order of kind and value */
  size_t entries_count;
  size_t flows;
  range *ranges; /* those of flow i from |starts|[i] to |starts|[i + 1] */
  size_t ranges_count, ranges_cap, *starts;
  bool guesses[HO_LINK_KINDS];
  double lb_bits;
};

static int compare(const void *left, const void *right) {
  const entry *a = left, *b = right;
  int rv;

  if (a->id.kind != b->id.kind) {
    return a->id.kind < b->id.kind ? -1 : 1;
  }
  rv = strcmp(a->id.hex, b->id.hex);
  if (rv == 0) {
    rv = (a->flow > b->flow) - (a->flow < b->flow);
  }
  return rv;
}

/* The first entry that is not before the first |len| digits of |hex|; with
 * |after|, the first one behind all that begin with them. */
static size_t bound(const ho_link_match *m, ho_link_kind kind, const char *hex,
                    size_t len, bool after) {
  size_t lo = 0, hi = m->entries_count;

  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    const ho_link_id *id = &m->entries[mid].id;
    int rv = id->kind != kind ? (id->kind < kind ? -1 : 1)
                              : strncmp(id->hex, hex, len);
    if (rv < 0 || (rv == 0 && after)) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo;
}

static double worth(ho_link_kind kind, size_t bytes) {
  switch (kind) {
  case HO_LINK_CID_DOWN:
  case HO_LINK_CID_UP:
    return fmin(CAP_BITS, 8.0 * (double)bytes);
  case HO_LINK_LABEL:
    return 20;
  case HO_LINK_PORT:
    return 16;
  case HO_LINK_TICKET:
  case HO_LINK_TOKEN:
  case HO_LINK_TUPLE:
    return 32;
  case HO_LINK_LB:
  case HO_LINK_KINDS:
    break;
  }
  return 0;
}

static void add_range(ho_link_match *m, const range *r) {
  if (r->begin < r->end) {
    ho_grow(&m->ranges, m->ranges_count, &m->ranges_cap, sizeof(range));
    m->ranges[m->ranges_count++] = *r;
  }
}

/* Where those with exactly this value, which stand at |begin|, end. */
static size_t equal_end(const ho_link_match *m, size_t begin, ho_link_kind kind,
                        const char *hex) {
  while (begin < m->entries_count && m->entries[begin].id.kind == kind &&
         strcmp(m->entries[begin].id.hex, hex) == 0) {
    begin++;
  }
  return begin;
}

static void add_exact(ho_link_match *m, const ho_link_id *id) {
  size_t len = strlen(id->hex);
  range r = {.kind = id->kind, .bits = worth(id->kind, len / 2)};

  r.begin = bound(m, id->kind, id->hex, len, false);
  r.end = equal_end(m, r.begin, id->kind, id->hex);
  add_range(m, &r);
}

/* All that |id| is a prefix of, and that are a prefix of it; where it is known,
 * only guesses. */
static void add_prefixes(ho_link_match *m, const ho_link_id *id) {
  size_t len = strlen(id->hex);
  range r = {.kind = id->kind, .guesses_only = !id->guess};

  if (len / 2 < GUESS_BYTES) {
    return;
  }
  r.bits = worth(id->kind, len / 2);
  r.begin = bound(m, id->kind, id->hex, len, false);
  r.end = bound(m, id->kind, id->hex, len, true);
  add_range(m, &r);
  for (size_t n = 2 * GUESS_BYTES; n < len; n += 2) {
    char *prefix = strndup(id->hex, n);
    r.bits = worth(id->kind, n / 2);
    r.begin = bound(m, id->kind, prefix, n, false);
    r.end = equal_end(m, r.begin, id->kind, prefix);
    add_range(m, &r);
    free(prefix);
  }
}

static void find_ranges(ho_link_match *m, const ho_link_seen *flow) {
  for (size_t i = 0; i < flow->ids_count; i++) {
    const ho_link_id *id = &flow->ids[i];

    if (!id->guess) {
      add_exact(m, id);
    }
    if (m->guesses[id->kind]) {
      add_prefixes(m, id);
    }
  }
}

static void count_lb(ho_link_match *m) {
  const char *last = NULL;
  size_t distinct = 0;

  for (size_t i = 0; i < m->entries_count; i++) {
    const ho_link_id *id = &m->entries[i].id;
    if (id->kind == HO_LINK_LB && (!last || strcmp(last, id->hex) != 0)) {
      distinct++;
      last = id->hex;
    }
  }
  m->lb_bits = distinct > 0 ? log2((double)distinct) : 0;
}

ho_link_match *ho_link_match_new(const ho_link_seen *const *flows,
                                 size_t count) {
  ho_link_match *m = ho_alloc(sizeof(*m));
  size_t cap = 0;

  m->flows = count;
  m->starts = ho_alloc_array(count + 1, sizeof(size_t));
  for (size_t i = 0; i < count; i++) {
    for (size_t k = 0; k < flows[i]->ids_count; k++) {
      ho_grow(&m->entries, m->entries_count, &cap, sizeof(entry));
      m->entries[m->entries_count++] = (entry){flows[i]->ids[k], i};
      m->guesses[flows[i]->ids[k].kind] |= flows[i]->ids[k].guess;
    }
  }
  if (m->entries_count > 0) {
    qsort(m->entries, m->entries_count, sizeof(entry), compare);
  }
  count_lb(m);
  for (size_t i = 0; i < count; i++) {
    find_ranges(m, flows[i]);
    m->starts[i + 1] = m->ranges_count;
  }
  return m;
}

void ho_link_match_del(ho_link_match *m) {
  if (!m) {
    return;
  }
  free(m->entries);
  free(m->ranges);
  free(m->starts);
  free(m);
}

static bool counts(const range *r, const entry *e) {
  return r->guesses_only ? e->id.guess
                         : !e->id.guess || r->bits >= 8 * GUESS_BYTES;
}

/* What server IDs say: nothing where either side shows none. */
static void add_lb(const ho_link_match *m, const ho_link_seen *flow,
                   double *bits) {
  size_t begin = bound(m, HO_LINK_LB, "", 0, false),
         end = bound(m, HO_LINK_LB, "", 0, true);
  bool *same, *has, mine = false;

  for (size_t i = 0; i < flow->ids_count && !mine; i++) {
    mine = flow->ids[i].kind == HO_LINK_LB;
  }
  if (!mine) {
    return;
  }
  same = ho_alloc_array(2 * m->flows, sizeof(bool));
  has = same + m->flows;
  for (size_t i = begin; i < end; i++) {
    has[m->entries[i].flow] = true;
  }
  for (size_t i = m->starts[flow->index]; i < m->starts[flow->index + 1]; i++) {
    const range *r = &m->ranges[i];
    for (size_t k = r->begin; r->kind == HO_LINK_LB && k < r->end; k++) {
      same[m->entries[k].flow] = true;
    }
  }
  for (size_t i = 0; i < m->flows; i++) {
    if (has[i]) {
      bits[i] = fmin(CAP_BITS, bits[i] + (same[i] ? m->lb_bits : -CAP_BITS));
    }
  }
  free(same);
}

void ho_link_match_bits(const ho_link_match *m, const ho_link_seen *flow,
                        double *bits) {
  for (size_t i = 0; i < m->flows; i++) {
    bits[i] = 0;
  }
  for (size_t i = m->starts[flow->index]; i < m->starts[flow->index + 1]; i++) {
    const range *r = &m->ranges[i];
    for (size_t k = r->begin; k < r->end; k++) {
      const entry *e = &m->entries[k];
      if (r->bits > bits[e->flow] && counts(r, e)) {
        bits[e->flow] = r->bits;
      }
    }
  }
  add_lb(m, flow, bits);
  bits[flow->index] = CAP_BITS;
}

bool ho_link_match_common(const ho_link_match *m, const ho_link_seen *a,
                          const ho_link_seen *b, ho_link_kind kind) {
  for (size_t i = m->starts[a->index]; i < m->starts[a->index + 1]; i++) {
    const range *r = &m->ranges[i];
    for (size_t k = r->begin; r->kind == kind && k < r->end; k++) {
      if (m->entries[k].flow == b->index && counts(r, &m->entries[k])) {
        return true;
      }
    }
  }
  return false;
}
