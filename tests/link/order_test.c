/* What order flows and clients come in says nothing of who is who. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "measure/link/game.h"
#include "sim/base/alloc.h"
#include "sim/base/rng.h"
#include "tests/link/sheet.h"
#include "tests/suite.h"

/* SEEDS are so many that they are what is resampled, not queries: also of those
 * that A3 is tested with. */
enum { SEEDS = 20, MOVERS = 7, DECOYS = 4, FLOWS = 2 * MOVERS + DECOYS };

typedef struct {
  row rows[SEEDS * FLOWS];
  char ids[SEEDS * FLOWS][64];
  size_t count;
} crowd;

static void add_flow(crowd *c, const row *r, const char *kind, unsigned id,
                     const char *also) {
  row *added = &c->rows[c->count];
  char *ids = c->ids[c->count++];

  *added = *r;
  snprintf(ids, sizeof(c->ids[0]), "%s%s:%08x", also, kind, id);
  added->ids = ids;
}

/* Of seven that move one keeps its CID and one its server ID, three leave and
 * come at the same instants with packets of the same sizes, and so tie; all
 * else is by chance. */
static void make_crowd(crowd *c) {
  ho_rng rng;

  c->count = 0;
  ho_rng_init(&rng, 7, "order");
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    for (int i = 0; i < MOVERS + DECOYS; i++) {
      unsigned id = (unsigned)ho_rng_below(&rng, 1u << 31);
      unsigned size = i < 3 ? 900 : 700 + (unsigned)ho_rng_below(&rng, 600);
      double at = i < 3 ? 500 : 400 + (double)ho_rng_below(&rng, 200);
      row old = {.seed = seed,
                 .client = i,
                 .old_of = "0",
                 .begin_ms = 1,
                 .end_ms = at,
                 .bytes_up = size},
          fresh = {.seed = seed,
                   .client = i,
                   .stays = i >= MOVERS,
                   .new_of = i < MOVERS ? "0" : "",
                   .begin_ms = at + (double)ho_rng_below(&rng, i < 3 ? 1 : 50),
                   .end_ms = 900,
                   .bytes_up = size + (unsigned)ho_rng_below(&rng, 90)};

      if (i < MOVERS) {
        add_flow(c, &old, "cid-up", id, i < 5 ? "lb:01 " : "lb:02 ");
      }
      add_flow(c, &fresh, "cid-up", id + (i != 4), i < 5 ? "lb:01 " : "lb:02 ");
    }
  }
}

/* The file as text, rows in order of |order|, with |relabel| client numbers
 * instead of their own; the caller frees it. */
static char *evaluate(const crowd *c, const size_t *order, const int *relabel) {
  sheet s;
  ho_csv_file f;
  char *text = ho_strdup(""), *longer;

  sheet_open(&s);
  for (size_t i = 0; i < c->count; i++) {
    row r = c->rows[order[i]];
    r.client = relabel[r.client];
    sheet_add(&s, r);
  }
  f = sheet_evaluate(&s, (ho_linkability){.observers = BOTH | 1});
  for (size_t i = 0; i < f.count; i++) {
    for (size_t k = 0; k < f.rows[i].count; k++) {
      longer = ho_format("%s%s%s", text, f.rows[i].fields[k],
                         k + 1 < f.rows[i].count ? "," : "\n");
      free(text);
      text = longer;
    }
  }
  ho_csv_file_free(&f);
  sheet_close(&s);
  return text;
}

/* Line by line: all of it is too long for a message. */
static void check_same(const char *text, const char *expected) {
  while (*text && *expected) {
    size_t a = strcspn(text, "\n"), b = strcspn(expected, "\n");
    ck_assert_msg(a == b && memcmp(text, expected, a) == 0,
                  "'%.*s' in place of '%.*s'", (int)a, text, (int)b, expected);
    text += a + 1;
    expected += b + 1;
  }
  ck_assert(!*text && !*expected);
}

/* Goal: with the flows in any order, and the clients numbered in any, the whole
 * file is the same: neither a candidate's place nor a client's number gives a
 * true pair away, and of those that tie none is preferred. */
START_TEST(any_order) {
  crowd *c = ho_alloc(sizeof(*c));
  size_t order[SEEDS * FLOWS];
  int relabel[MOVERS + DECOYS];
  char *first, *other;
  ho_rng rng;

  make_crowd(c);
  for (size_t i = 0; i < c->count; i++) {
    order[i] = i;
  }
  for (int i = 0; i < MOVERS + DECOYS; i++) {
    relabel[i] = i;
  }
  first = evaluate(c, order, relabel);
  ck_assert_ptr_nonnull(strstr(first, "hand,quic,A3,both,"));
  ho_rng_init(&rng, 1, "shuffle");
  for (int run = 0; run < 6; run++) {
    for (size_t i = c->count; i-- > 1;) {
      size_t k = (size_t)ho_rng_below(&rng, i + 1), t = order[i];
      order[i] = order[k];
      order[k] = t;
    }
    for (size_t i = COUNT(relabel); run > 2 && i-- > 1;) {
      size_t k = (size_t)ho_rng_below(&rng, i + 1);
      int t = relabel[i];
      relabel[i] = relabel[k];
      relabel[k] = t;
    }
    other = evaluate(c, order, relabel);
    check_same(other, first);
    free(other);
  }
  free(first);
  free(c);
}
END_TEST

static const ho_link_flow *new_flow_of(const ho_link_flows *flows,
                                       const ho_link_query *query) {
  for (size_t i = 0; i < flows->count; i++) {
    const ho_link_flow *f = &flows->flows[i];
    if (f->seed == query->seed && f->client == query->client &&
        f->new_count > 0) {
      return f;
    }
  }
  return NULL;
}

/* Goal: the true candidate is what it is said to be, and stands anywhere: not
 * at the place of its query, nor among the first that are not decoys. */
START_TEST(hidden) {
  crowd *c = ho_alloc(sizeof(*c));
  ho_link_flows flows;
  ho_link_handoffs handoffs;
  size_t same = 0, behind = 0;
  sheet s;

  make_crowd(c);
  sheet_open(&s);
  for (size_t i = 0; i < c->count; i++) {
    sheet_add(&s, c->rows[i]);
  }
  fflush(s.out);
  ck_assert_int_eq(ho_link_flows_read(&flows, s.flows, "quic"), 0);
  ho_link_handoffs_init(&handoffs, &flows);
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    ho_link_game game;
    ho_link_game_init(&game, &flows, &handoffs, seed, HO_VANTAGE_BOTH);
    ck_assert_uint_eq(game.rounds_count, 1);
    ck_assert_uint_eq(game.rounds[0].count, MOVERS);
    for (size_t q = 0; q < MOVERS; q++) {
      const ho_link_round *r = &game.rounds[0];
      ck_assert_ptr_eq(r->scene.candidates[r->truth[q]],
                       &new_flow_of(&flows, &r->queries[q])->seen);
      same += r->truth[q] == q;
      behind += r->truth[q] >= MOVERS;
    }
    ho_link_game_free(&game);
  }
  /* Of 140: 14 or so, and 38 or so. */
  ck_assert_uint_lt(same, 30);
  ck_assert_uint_gt(behind, 15);
  ho_link_handoffs_free(&handoffs);
  ho_link_flows_free(&flows);
  fclose(s.out);
  fclose(s.windows);
  sheet_close(&s);
  free(c);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, hidden);
  tcase_add_test(tc, any_order);
}

int main(void) {
  return suite_run("order", add);
}
