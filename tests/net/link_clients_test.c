/* Goal: a client that is plugged out loses its own packets and nobody else's,
 * whose service is that of a link which never had them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/background.h"
#include "tests/net/link_rig.h"

enum { CLIENTS = 4, STEPS = 3000, PACKETS = STEPS + 1 };

typedef enum { SEND, OUT, IN, TOUCH, KINDS } kind;

typedef struct trial trial;

typedef struct {
  trial *of;
  ho_time t;
  kind kind;
  ho_direction dir;
  int client;
  uint32_t len;
} step;

/* What is known of a packet: when it departs, or is dropped. */
typedef struct {
  int client;
  uint32_t len;
  ho_time departs, dropped; /* HO_NEVER: not */
} fate;

/* queue is one direction of a link that takes a microsecond for a byte, or
 * that has opportunities. */
typedef struct {
  uint64_t ids[PACKETS];
  uint32_t left[PACKETS]; /* ns of service, or bytes */
  size_t count;
  ho_time clock;
  size_t next; /* opportunity */
} queue;

struct trial {
  rig r;
  ho_link *link;
  const ho_trace *trace;
  step steps[STEPS];
  fate fates[PACKETS];
  queue queues[2];
  bool out[CLIENTS];
};

static bool model_is_out(const trial *t, int client) {
  bool all = true;

  for (int i = 0; i < CLIENTS; i++) {
    all = all && t->out[i];
  }
  return client == -1 ? all : client >= 0 && t->out[client];
}

static void model_remove(queue *q, size_t i) {
  q->count--;
  memmove(&q->ids[i], &q->ids[i + 1], (q->count - i) * sizeof(q->ids[0]));
  memmove(&q->left[i], &q->left[i + 1], (q->count - i) * sizeof(q->left[0]));
}

static void model_depart(trial *t, queue *q, ho_time at) {
  t->fates[q->ids[0]].departs = at;
  model_remove(q, 0);
}

static ho_time chance(const trial *t, size_t n) {
  return n / t->trace->count * t->trace->period +
         t->trace->rows[n % t->trace->count].at;
}

/* model_advance serves whom it can until |now|. */
static void model_advance(trial *t, queue *q, ho_time now) {
  if (t->trace && t->trace->opportunities) {
    for (; chance(t, q->next) <= now; q->next++) {
      for (uint32_t bytes = 1500; bytes > 0 && q->count > 0;) {
        uint32_t used = q->left[0] < bytes ? q->left[0] : bytes;

        bytes -= used;
        q->left[0] -= used;
        if (q->left[0] == 0) {
          model_depart(t, q, chance(t, q->next));
        }
      }
    }
    return;
  }
  while (q->count > 0 && q->clock + q->left[0] <= now) {
    q->clock += q->left[0];
    model_depart(t, q, q->clock);
  }
  if (q->count > 0) {
    q->left[0] -= (uint32_t)(now - q->clock);
  }
  q->clock = now;
}

static void model_step(trial *t, const step *s, uint64_t id) {
  bool chances = t->trace && t->trace->opportunities;

  for (int dir = 0; dir < 2; dir++) {
    model_advance(t, &t->queues[dir], s->t);
  }
  if (s->kind == SEND) {
    queue *q = &t->queues[s->dir];

    t->fates[id] = (fate){s->client, s->len, HO_NEVER, HO_NEVER};
    if (model_is_out(t, s->client)) {
      t->fates[id].dropped = s->t;
    } else {
      q->ids[q->count] = id;
      q->left[q->count++] = s->len * (chances ? 1 : 1000);
    }
  } else if (s->kind != TOUCH) {
    for (int i = 0; i < CLIENTS; i++) {
      t->out[i] =
          s->client == -1 || s->client == i ? s->kind == OUT : t->out[i];
    }
  }
  for (int dir = 0; dir < 2; dir++) {
    queue *q = &t->queues[dir];

    for (size_t i = 0; i < q->count;) {
      if (model_is_out(t, t->fates[q->ids[i]].client)) {
        t->fates[q->ids[i]].dropped = s->t;
        model_remove(q, i);
      } else {
        i++;
      }
    }
  }
}

/* check_queued: what waits behind the one in service. */
static void check_queued(trial *t, ho_direction dir) {
  ho_link_count queued = ho_link_queued(t->link, dir, ho_ns_now());
  const queue *q = &t->queues[dir];
  uint64_t bytes = 0;

  for (size_t i = 1; i < q->count; i++) {
    bytes += t->fates[q->ids[i]].len;
  }
  ck_assert_uint_eq(queued.packets, q->count ? q->count - 1 : 0);
  ck_assert_uint_eq(queued.bytes, bytes);
}

static void run_step(void *user) {
  const step *s = user;
  ho_wired loss = {0};
  trial *t = s->of;
  uint64_t id = 0;

  switch (s->kind) {
  case SEND:
    id = rig_send_of(&t->r, s->client, s->dir, s->len);
    break;
  case OUT:
  case IN:
    ho_link_set_up(t->link, s->client, s->kind == IN, ho_ns_now());
    break;
  case TOUCH:
  case KINDS: /* plans anew, as it was */
    ho_link_set(t->link, HO_SET_LOSS, &loss, ho_ns_now());
    break;
  }
  model_step(t, s, id);
  for (int i = -1; i < CLIENTS; i++) {
    ck_assert_int_eq(ho_link_is_up(t->link, i), !model_is_out(t, i));
  }
  check_queued(t, HO_UP);
  check_queued(t, HO_DOWN);
  ho_link_check(t->link);
}

static void make_steps(trial *t, ho_rng *rng) {
  static const int clients[] = {0, 0, 1, 1, 2, 3, -1, HO_BACKGROUND};
  ho_time now = 0;

  for (int i = 0; i < STEPS; i++) {
    uint64_t what = ho_rng_below(rng, 40);
    step *s = &t->steps[i];

    /* Whole microseconds, so that changes meet departures. */
    now += ho_rng_below(rng, 3) ? ho_rng_below(rng, 900) * HO_USEC : 0;
    s->of = t;
    s->t = now;
    s->kind = what < 34 ? SEND : what < 36 ? OUT : what < 39 ? IN : TOUCH;
    s->client = s->kind == SEND ? clients[ho_rng_below(rng, COUNT(clients))]
                                : (int)ho_rng_below(rng, CLIENTS + 1) - 1;
    s->dir = (ho_direction)ho_rng_below(rng, 2);
    s->len = 1 + (uint32_t)ho_rng_below(rng, 1500);
    ho_ns_at(now, run_step, s);
  }
}

static size_t check_notes(trial *t, const rig_notes *notes, bool arrived) {
  for (size_t i = 0; i < notes->count; i++) {
    const rig_note *note = &notes->notes[i];
    const fate *f = &t->fates[note->id];

    if (arrived) {
      ck_assert_uint_eq(note->t, f->departs + plain.delay);
      ck_assert_uint_eq(f->dropped, HO_NEVER);
    } else {
      ck_assert_str_eq(note->reason, "link-down");
      ck_assert_uint_eq(note->t, f->dropped);
      ck_assert_int_ne(f->client, HO_BACKGROUND);
    }
  }
  return notes->count;
}

/* A wired link of 8 Mbit/s, a recording of it, and opportunities. */
static const ho_trace *trace_of(int i) {
  static ho_trace_row same[] = {{0, 8 * MBPS, 10 * HO_MSEC, 0},
                                {777 * HO_USEC, 8 * MBPS, 10 * HO_MSEC, 0},
                                {778 * HO_USEC, 8 * MBPS, 10 * HO_MSEC, 0}};
  static ho_trace_row chances[] = {
      {.at = 0}, {.at = 0}, {.at = HO_MSEC}, {.at = 4 * HO_MSEC}};
  static const ho_trace traces[] = {
      {.rows = same, .count = 3, .period = 5 * HO_MSEC, .mean_bps = 8 * MBPS},
      {.rows = chances,
       .count = 4,
       .period = 5 * HO_MSEC,
       .mean_bps = 8 * MBPS,
       .opportunities = true}};

  return i ? &traces[i - 1] : NULL;
}

START_TEST(as_if_never_there) {
  trial *t = ho_alloc(sizeof(*t));
  size_t arrived, dropped;
  ho_rng rng;

  t->trace = trace_of(_i % 3);
  t->link = start_with(&t->r, &plain, CLIENTS, t->trace, 1);
  ho_rng_init(&rng, (uint64_t)_i / 3, "test");
  make_steps(t, &rng);
  ho_ns_run(100 * HO_SEC);
  for (int dir = 0; dir < 2; dir++) {
    model_advance(t, &t->queues[dir], 100 * HO_SEC);
  }
  arrived = check_notes(t, &t->r.arrived[HO_UP], true) +
            check_notes(t, &t->r.arrived[HO_DOWN], true);
  dropped = check_notes(t, &t->r.dropped[HO_UP], false) +
            check_notes(t, &t->r.dropped[HO_DOWN], false);
  ck_assert_uint_eq(arrived + dropped, t->r.pool.last_id);
  ck_assert_uint_gt(arrived, STEPS / 4);
  ck_assert_uint_gt(dropped, STEPS / 10);
  finish(&t->r, t->link);
  free(t);
}
END_TEST

/* Four packets of 1000 bytes at 8 Mbit/s, of clients 0, 1, 0 and 2, and a cut
 * at 500 us, while the first is in service. */
static void cut_at_500us(void *user) {
  const step *s = user;

  ho_link_set_up(s->of->link, s->client, false, ho_ns_now());
}

START_TEST(moving_up) {
  static const struct {
    const char *what;
    int cut;
    ho_time arrive_us[4]; /* 0: dropped */
  } cases[] = {
      {"nobody behind the others", 3, {11000, 12000, 13000, 14000}},
      {"the last", 2, {11000, 12000, 13000, 0}},
      {"the second", 1, {11000, 0, 12000, 13000}},
      {"the one in service and another", 0, {0, 11500, 0, 12500}},
      {"all", -1, {0, 0, 0, 0}},
  };
  static const int clients[] = {0, 1, 0, 2};

  for (size_t i = 0; i < COUNT(cases); i++) {
    trial *t = ho_alloc(sizeof(*t));
    step cut = {.of = t, .client = cases[i].cut};
    size_t n = 0;

    t->link = start_with(&t->r, &plain, CLIENTS, NULL, 1);
    for (size_t p = 0; p < 4; p++) {
      rig_send_of(&t->r, clients[p], HO_DOWN, 1000);
    }
    ho_ns_at(500 * HO_USEC, cut_at_500us, &cut);
    ho_ns_run(HO_SEC);
    for (size_t p = 0; p < 4; p++) {
      if (cases[i].arrive_us[p]) {
        const rig_note *note = &t->r.arrived[HO_DOWN].notes[n++];

        ck_assert_msg(n <= t->r.arrived[HO_DOWN].count && note->id == p + 1 &&
                          note->t == cases[i].arrive_us[p] * HO_USEC,
                      "%s: packet %zu", cases[i].what, p + 1);
      }
    }
    ck_assert_uint_eq(t->r.arrived[HO_DOWN].count, n);
    ck_assert_uint_eq(t->r.dropped[HO_DOWN].count, 4 - n);
    finish(&t->r, t->link);
    free(t);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, moving_up);
  tcase_add_loop_test(tc, as_if_never_there, 0, 30);
}

int main(void) {
  return suite_run("link clients", add);
}
