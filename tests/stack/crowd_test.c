/* Goal: many clients in one run all get their work done, and a connection that
 * has ended gives its memory back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rig.h"
#include "runs.h"
#include "sim/base/alloc.h"
#include "sim/ns3/ns3.h"
#include "tests/suite.h"

#define SCENARIO                                                               \
  "name: t\nstop: 60s\nnetworks:\n"                                            \
  "  home: {type: wired, down: 1Gbps, up: 1Gbps, delay: 10ms}\n"               \
  "  cell: {type: wired, down: 1Gbps, up: 1Gbps, delay: 10ms}\n"               \
  "workload: {%s}\narms:\n  a: {transport: quic}\n"

static rig *make(const char *work, ho_transport_kind transport, size_t clients,
                 ho_log_fn fn, void *user) {
  rig *r = ho_alloc(sizeof(*r));
  char *text = ho_format(SCENARIO, work);

  rig_load(r, text, transport);
  rig_make(r, clients, fn, user);
  free(text);
  return r;
}

/* ---- many ---- */

static void note_wrong(void *user, const ho_event *ev) {
  size_t *wrong = user;

  *wrong += ev->kind == HO_EV_byte_wrong;
}

static void run_many(void *user) {
  size_t wrong = 0;
  rig *r = make("type: download, bytes: 50KB", *(ho_transport_kind *)user, 100,
                note_wrong, &wrong);

  rig_run(r, NULL, 0);
  if (r->done != 100 || wrong > 0) {
    fprintf(stderr, "%zu done, %zu wrong\n", r->done, wrong);
    _Exit(3);
  }
  rig_free(r);
  free(r);
}

START_TEST(a_hundred_clients_are_served) {
  static const ho_transport_kind kinds[] = {HO_TRANSPORT_QUIC, HO_TRANSPORT_TCP,
                                            HO_TRANSPORT_AUTO};

  ck_assert_int_eq(runs_alone(run_many, (void *)&kinds[_i]), 0);
}
END_TEST

/* ---- one after the other ---- */

typedef struct {
  rig *r;
  int times;
  size_t held[2]; /* when TIME-WAIT is full of them, and 200 later */
} again;

static void move(void *user) {
  again *a = user;

  a->times++;
  if (a->times == 40) {
    a->held[0] = mallinfo2().uordblks;
  } else if (a->times == 240) {
    a->held[1] = mallinfo2().uordblks;
    ho_ns_stop();
    return;
  }
  ho_client_switch(a->r->clients[0], a->times % 2);
  ho_ns_at(ho_ns_now() + 2 * HO_SEC, move, a);
}

static void run_again(void *user) {
  again a = {make("type: request, every: 1s, request: 100B, response: 1KB",
                  *(ho_transport_kind *)user, 1, NULL, NULL)};

  a.r->scenario->stop = 600 * HO_SEC;
  a.r->scenario->arms[0].on_change = HO_CHANGE_RECONNECT;
  ho_ns_at(1500 * HO_MSEC, move, &a);
  rig_run(a.r, NULL, 0);
  /* A connection takes 70 KB; what stays is a binding. */
  if (a.times != 240 || a.held[1] > a.held[0] + 200 * 3000) {
    fprintf(stderr, "%d connections, %zu bytes, then %zu\n", a.times, a.held[0],
            a.held[1]);
    _Exit(3);
  }
  rig_free(a.r);
  free(a.r);
}

START_TEST(what_has_ended_is_freed) {
  static const ho_transport_kind kinds[] = {HO_TRANSPORT_QUIC,
                                            HO_TRANSPORT_TCP};

  ck_assert_int_eq(runs_alone(run_again, (void *)&kinds[_i]), 0);
}
END_TEST

/* ---- a server's second life ---- */

typedef struct {
  ho_cid cids[8]; /* the first of each of the server's connections */
  size_t count;
} issued;

static void note_cid(void *user, const ho_event *ev) {
  issued *i = user;
  const ho_ev_cid_issued *cid = &ev->u.cid_issued;

  if (ev->kind == HO_EV_cid_issued && cid->endpoint == HO_SERVER &&
      cid->sequence == 0 && cid->connection == 0) {
    i->cids[i->count++ % 8] = cid->cid;
  }
}

/* The first server's answer is lost, so that the second accepts the same
 * connection. */
static void run_twice(void *user) {
  static const rig_step steps[] = {{5 * HO_MSEC, RIG_BLOCK_UDP, 0},
                                   {500 * HO_MSEC, RIG_RESTART, 0},
                                   {600 * HO_MSEC, RIG_UNBLOCK, 0}};
  issued i = {.count = 0};
  rig *r =
      make("type: download, bytes: 50KB", HO_TRANSPORT_QUIC, 1, note_cid, &i);

  (void)user;
  rig_run(r, steps, COUNT(steps));
  if (r->done != 1 || i.count != 2 ||
      memcmp(&i.cids[0], &i.cids[1], sizeof(i.cids[0])) == 0) {
    fprintf(stderr, "done: %zu, accepted: %zu\n", r->done, i.count);
    _Exit(3);
  }
  rig_free(r);
  free(r);
}

START_TEST(a_restarted_server_draws_anew) {
  ck_assert_int_eq(runs_alone(run_twice, NULL), 0);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, a_restarted_server_draws_anew);
  tcase_add_loop_test(tc, a_hundred_clients_are_served, 0, 3);
  tcase_add_loop_test(tc, what_has_ended_is_freed, 0, 2);
}

int main(void) {
  return suite_run("clients", add);
}
