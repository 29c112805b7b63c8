/* Goal: a call's frames, over whole runs: each comes at its time while the
 * network lets it, and a handoff costs what its gap costs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runs.h"
#include "stack/world.h"
#include "tests/suite.h"

/* ---- a run, and what became of each frame ---- */

enum { FRAMES = 18000, DOWN = 0, UP = 1 };

typedef struct {
  ho_time issued, done; /* 0: not */
  unsigned attempts;    /* on the newest connection that had it */
  uint64_t connection;
  uint64_t bytes; /* without those that came again */
} frame;

static frame frames[2][FRAMES + 1]; /* request 2k + way, counted from 1 */
static uint64_t issued;
static uint64_t size[2];

/* A violation ends the run's process, which the test sees. */
static void require(bool ok, const char *what, int way, uint64_t k) {
  if (!ok) {
    fprintf(stderr, "frame %llu %s: %s\n", (unsigned long long)k,
            way == UP ? "up" : "down", what);
    _Exit(3);
  }
}

static frame *frame_of(uint64_t request) {
  require(request / 2 < FRAMES, "no such frame", (int)(request % 2),
          request / 2);
  return &frames[request % 2][request / 2];
}

static void on_attempt(const ho_event *ev) {
  const ho_ev_request_attempt *a = &ev->u.request_attempt;
  frame *f = frame_of(a->request);

  require(f->issued != 0, "sent before it was captured", a->request % 2,
          a->request / 2);
  require(f->attempts == 0 || a->connection > f->connection,
          "twice on a connection", a->request % 2, a->request / 2);
  f->attempts++;
  f->connection = a->connection;
}

static void on_event(void *user, const ho_event *ev) {
  uint64_t request;
  frame *f;

  (void)user;
  if (ev->kind == HO_EV_request_issued) {
    request = ev->u.request_issued.request;
    f = frame_of(request);
    require(f->issued == 0, "captured twice", request % 2, request / 2);
    require(strcmp(ev->u.request_issued.what,
                   request % 2 == UP ? "frame-up" : "frame-down") == 0,
            "of the wrong kind", request % 2, request / 2);
    f->issued = ev->t + 1; /* there is one at 0 */
    size[request % 2] = ev->u.request_issued.bytes;
    issued++;
  } else if (ev->kind == HO_EV_request_attempt) {
    on_attempt(ev);
  } else if (ev->kind == HO_EV_delivered) {
    request = ev->u.delivered.request;
    require((ev->u.delivered.endpoint == HO_SERVER) == (request % 2 == UP),
            "at the wrong end", request % 2, request / 2);
    frame_of(request)->bytes += ev->u.delivered.bytes - ev->u.delivered.again;
  } else if (ev->kind == HO_EV_request_done) {
    request = ev->u.request_done.request;
    f = frame_of(request);
    require(f->attempts && !f->done, "whole twice", request % 2, request / 2);
    require(f->bytes == size[request % 2], "of another size", request % 2,
            request / 2);
    f->done = ev->t + 1;
  } else if (ev->kind == HO_EV_byte_wrong) {
    request = ev->u.byte_wrong.request;
    require(false, ev->u.byte_wrong.reason, request % 2, request / 2);
  }
}

typedef struct {
  const char *text;
  const char *arm;
  uint64_t up_bps, down_bps;
  ho_time deadline;
  void (*check)(void);
} plan;

/* Runs the arm of |arg| with a call; the file's own workload is a stand-in. */
static void play(void *arg) {
  const plan *p = arg;
  ho_scenario *s = runs_load(p->text, 3);
  ho_log *log = ho_log_new();
  size_t arm = 0;

  while (strcmp(s->arms[arm].name, p->arm) != 0) {
    arm++;
  }
  s->work =
      (ho_workload_config){.type = HO_WORK_STREAM,
                           .up_bps = p->up_bps,
                           .down_bps = p->down_bps,
                           .frame = 20 * HO_MSEC,
                           .deadline = p->deadline ? p->deadline : HO_SEC / 10};
  ho_log_subscribe(log, on_event, NULL);
  ho_world_run(s, arm, 3, log, NULL);
  p->check();
  ho_log_del(log);
  ho_scenario_del(s);
}

/* The delay of a frame from capture to the last byte; HO_NEVER: lost. */
static ho_time delay_of(int way, uint64_t k) {
  const frame *f = &frames[way][k];

  return f->done ? f->done - f->issued : HO_NEVER;
}

/* Expects each frame from |first| to before |end| within |lo| and |hi|. */
static void expect_delay(int way, uint64_t first, uint64_t end, ho_time lo,
                         ho_time hi) {
  for (uint64_t k = first; k < end; k++) {
    ho_time delay = delay_of(way, k);

    require(frames[way][k].issued == k * 20 * HO_MSEC + 1, "at another time",
            way, k);
    if (delay < lo || delay > hi) {
      fprintf(stderr, "delay %.6f ms\n", (double)delay / 1e6);
    }
    require(delay >= lo, "too early", way, k);
    require(delay <= hi, "too late", way, k);
  }
}

/* How many frames of those from |first| to before |end| took longer than
 * |deadline|, or are lost. */
static uint64_t missed(int way, uint64_t first, uint64_t end,
                       ho_time deadline) {
  uint64_t n = 0;

  for (uint64_t k = first; k < end; k++) {
    n += delay_of(way, k) > deadline;
  }
  return n;
}

#define NETWORKS(rest)                                                         \
  "name: t\n"                                                                  \
  "stop: 4000s\n"                                                              \
  "networks:\n"                                                                \
  "  home: {type: wired, down: 20Mbps, up: 10Mbps, delay: 10ms" rest "}\n"     \
  "  cell: {type: wired, down: 20Mbps, up: 10Mbps, delay: 20ms}\n"             \
  "client: {start: home, notice: 30ms}\n"                                      \
  "workload: {type: download, bytes: 1B}\n"                                    \
  "arms: [quic, quic-reconnect, quic-0rtt, tcp-notify, tcp-resume, "           \
  "tcp-timer]\n"

static void with_stop(char *out, size_t cap, const char *text,
                      const char *stop) {
  const char *at = strstr(text, "4000s");

  snprintf(out, cap, "%.*s%s%s", (int)(at - text), text, stop, at + 5);
}

static void run(const char *text, const char *stop, plan p) {
  char buf[1200];

  with_stop(buf, sizeof(buf), text, stop);
  p.text = buf;
  ck_assert_int_eq(runs_alone(play, &p), 0);
}

static const char *const both[] = {"quic", "tcp-notify"};

/* ---- while the network lets it ---- */

/* 5000 bytes down take 2 ms of 20 Mbit/s, 2500 up 2 ms of 10; headers a tenth
 * of that.  The first frames wait for the handshake. */
static void check_steady(void) {
  require(issued == 2 * 500, "not captured", DOWN, issued);
  for (int way = DOWN; way <= UP; way++) {
    expect_delay(way, 0, 10, 12 * HO_MSEC, 70 * HO_MSEC);
    expect_delay(way, 10, 499, 12 * HO_MSEC, 12300 * HO_USEC);
  }
}

START_TEST(frames_come_at_their_times) {
  run(NETWORKS(""), "10s",
      (plan){.arm = both[_i],
             .up_bps = 1000000,
             .down_bps = 2000000,
             .check = check_steady});
}
END_TEST

/* 10 Mbit/s for 30 s are 37 MB: flow control windows of 16 MB open again. */
static void check_long(void) {
  expect_delay(DOWN, 20, 1498, 20 * HO_MSEC, 21 * HO_MSEC);
  expect_delay(UP, 20, 1498, 20 * HO_MSEC, 21 * HO_MSEC);
}

START_TEST(windows_open_again) {
  run(NETWORKS(""), "30s",
      (plan){.arm = both[_i],
             .up_bps = 5000000,
             .down_bps = 10000000,
             .check = check_long});
}
END_TEST

/* Voice for six minutes; an hour only takes longer. */
static void check_voice(void) {
  require(issued == 2 * FRAMES, "not captured", DOWN, issued);
  expect_delay(DOWN, 10, FRAMES - 1, 10 * HO_MSEC, 10500 * HO_USEC);
  expect_delay(UP, 10, FRAMES - 1, 10 * HO_MSEC, 10500 * HO_USEC);
}

START_TEST(it_stays_so) {
  run(NETWORKS(""), "360s",
      (plan){.arm = both[_i],
             .up_bps = 24000,
             .down_bps = 24000,
             .check = check_voice});
}
END_TEST

/* ---- handoffs ---- */

/* Gone at 5 s, told at 5.03 s.  Frames of the gap are late or lost; from the
 * time that the arm needs at most on, all is well again, over a network that is
 * 10 ms longer. */
static void check_handoff(void) {
  for (int way = DOWN; way <= UP; way++) {
    expect_delay(way, 10, 249, 12 * HO_MSEC, 13 * HO_MSEC);
    require(missed(way, 249, 280, 14 * HO_MSEC) > 2, "no gap", way, 249);
    require(missed(way, 249, 280, 100 * HO_MSEC) < 12, "too many", way, 249);
    expect_delay(way, 280, 498, 22 * HO_MSEC, 23 * HO_MSEC);
  }
}

static const char *const movers[] = {"quic", "quic-reconnect", "quic-0rtt",
                                     "tcp-notify", "tcp-resume"};

START_TEST(a_handoff_costs_its_gap) {
  run(NETWORKS("") "timeline:\n"
                   "  - 5s: disconnect home\n",
      "10s",
      (plan){.arm = movers[_i],
             .up_bps = 1000000,
             .down_bps = 2000000,
             .check = check_handoff});
}
END_TEST

/* Silence of 5 s is found out, since frames are waited for: the call is back
 * soon after 10 s, and of what was captured until 100 ms before the new
 * connection, nothing comes. */
static void check_silence(void) {
  for (int way = DOWN; way <= UP; way++) {
    require(missed(way, 260, 490, HO_NEVER - 1) == 230, "none are lost", way,
            260);
    expect_delay(way, 520, 598, 22 * HO_MSEC, 23 * HO_MSEC);
  }
}

START_TEST(silence_is_noticed) {
  run(NETWORKS("") "timeline:\n"
                   "  - 5s: disconnect home\n",
      "12s",
      (plan){.arm = "tcp-timer",
             .up_bps = 1000000,
             .down_bps = 2000000,
             .check = check_silence});
}
END_TEST

/* ---- too little network ---- */

/* A link of half the rate: senders leave out whole frames, on the connection
 * they have, rather than fall ever further behind. */
static void check_narrow(void) {
  for (int way = DOWN; way <= UP; way++) {
    uint64_t unsent = 0, whole = 0;

    for (uint64_t k = 0; k < 1500; k++) {
      unsent += frames[way][k].attempts == 0;
      whole += frames[way][k].done != 0;
      require(!frames[way][k].done || delay_of(way, k) < 6 * HO_SEC,
              "ever further behind", way, k);
    }
    require(unsent > 500, "not left out", way, unsent);
    require(whole > 300, "hardly any", way, whole);
  }
}

START_TEST(too_much_is_left_out) {
  run("name: t\n"
      "stop: 4000s\n"
      "networks:\n"
      "  home: {type: wired, down: 1Mbps, up: 500kbps, delay: 10ms}\n"
      "client: {start: home}\n"
      "workload: {type: download, bytes: 1B}\n"
      "arms: [quic, tcp-notify]\n",
      "30s",
      (plan){.arm = both[_i],
             .up_bps = 1000000,
             .down_bps = 2000000,
             .check = check_narrow});
}
END_TEST

/* In-order delivery: a lost packet holds back the frames behind it, which
 * then come all at once. */
static void check_loss(void) {
  uint64_t held = 0;

  for (uint64_t k = 10; k < 1490; k++) {
    frame *f = &frames[DOWN][k];
    held += f->done && f[1].done == f->done;
    require(!f->done || !f[1].done || f[1].done >= f->done, "out of order",
            DOWN, k);
  }
  require(held > 0, "nothing is held back", DOWN, 0);
}

START_TEST(a_loss_holds_frames_back) {
  run(NETWORKS(", loss: 1%"), "30s",
      (plan){.arm = both[_i],
             .up_bps = 1000000,
             .down_bps = 2000000,
             .check = check_loss});
}
END_TEST

/* ---- quiet ---- */

/* From 2 s to 3 s nothing is captured, at either end: 50 frames each. */
static void check_pause(void) {
  require(issued == 2 * 250 - 100, "not captured", DOWN, issued);
  for (int way = DOWN; way <= UP; way++) {
    for (uint64_t k = 100; k < 150; k++) {
      require(!frames[way][k].issued && !frames[way][k].attempts,
              "in the pause", way, k);
    }
    expect_delay(way, 10, 100, 12 * HO_MSEC, 13 * HO_MSEC);
    expect_delay(way, 150, 249, 12 * HO_MSEC, 13 * HO_MSEC);
  }
}

START_TEST(a_pause_captures_nothing) {
  run(NETWORKS("") "timeline:\n"
                   "  - 2s: pause\n"
                   "  - 3s: resume\n",
      "5s",
      (plan){.arm = both[_i],
             .up_bps = 1000000,
             .down_bps = 2000000,
             .check = check_pause});
}
END_TEST

static void add(TCase *tc) {
  int n = (int)COUNT(both);

  tcase_add_loop_test(tc, frames_come_at_their_times, 0, n);
  tcase_add_loop_test(tc, windows_open_again, 0, n);
  tcase_add_loop_test(tc, it_stays_so, 0, n);
  tcase_add_loop_test(tc, a_handoff_costs_its_gap, 0, (int)COUNT(movers));
  tcase_add_test(tc, silence_is_noticed);
  tcase_add_loop_test(tc, too_much_is_left_out, 0, n);
  tcase_add_loop_test(tc, a_loss_holds_frames_back, 0, n);
  tcase_add_loop_test(tc, a_pause_captures_nothing, 0, n);
}

int main(void) {
  return suite_run("stream", add);
}
