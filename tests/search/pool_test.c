/* Goal: trials come back whole and in order from any number of processes, and a
 * process that dies takes nothing but its own schedule with it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "measure/grid.h"
#include "search/pool.h"
#include "search/signature.h"
#include "stack/world.h"
#include "tests/room.h"

enum { TEXTS = 6, PROCESSOR_S = 30, TRIES = 60000 };

#define BASE                                                                   \
  "name: t\nnetworks:\n  home: {type: wired, down: 4Mbps, up: 2Mbps}\n"        \
  "arms: [quic]\n"
#define SHORT BASE "stop: 5s\nworkload: {type: download, bytes: 1KB}\n"
#define MOVES BASE "stop: 5s\nworkload: {type: download, bytes: 200KB}\n"
/* Days of it: nobody waits for its end. */
#define LONG                                                                   \
  BASE "stop: 200000s\nworkload: {type: echo, every: 1ms, bytes: 64B}\n"

/* Each is told from the others by what comes of it. */
static char texts[TEXTS][1000];
static char *list[TEXTS];

static void setup(void) {
  static const char *const all[TEXTS] = {
      SHORT,
      SHORT "wrong-one: 1\n",
      MOVES
      "timeline: [{0s: fault client repeat-challenge}, {100ms: rotate}]\n",
      SHORT "wrong-two: 1\n",
      MOVES "timeline: [{0s: fault server too-many-cids}]\n",
      SHORT "timeline: [{1ms: block home udp}]\n"};

  for (size_t i = 0; i < TEXTS; i++) {
    snprintf(texts[i], sizeof(texts[i]), "%s", all[i]);
    list[i] = texts[i];
  }
  ho_world_preload();
  ho_grid_signals_block();
}

static ho_workers *make(size_t jobs) {
  ho_oracle_config config = {.gap = 4 * HO_SEC};
  ho_workers *pool = ho_workers_new(jobs, TEXTS, &config);

  ck_assert_ptr_nonnull(pool);
  return pool;
}

static bool has(const ho_trial *trial, const char *pattern) {
  for (uint32_t i = 0; i < trial->failures_count; i++) {
    if (ho_signature_fits(trial->failures[i].signature, pattern)) {
      return true;
    }
  }
  return false;
}

static void check_order(const ho_trial *t) {
  for (size_t i = 0; i < TEXTS; i++) {
    ck_assert_msg(t[i].whole, "%zu: %s", i, t[i].error);
    ck_assert_int_eq(t[i].refused, i == 1 || i == 3);
    ck_assert_int_eq(has(&t[i], "check:C2:client:*"), i == 2);
    ck_assert_int_eq(has(&t[i], "closed:ERR_CONNECTION_ID_LIMIT:*:*"), i == 4);
    ck_assert(t[i].refused || t[i].end > 0);
  }
  ck_assert_ptr_nonnull(strstr(t[1].error, "wrong-one"));
  ck_assert_ptr_nonnull(strstr(t[3].error, "wrong-two"));
}

/* The same to the byte, whoever ends first. */
START_TEST(order) {
  static const size_t jobs[] = {2, TEXTS, TEXTS + 3};
  ho_workers *one = make(1), *more = make(jobs[_i]);
  const ho_trial *a = ho_workers_run(one, list, TEXTS), *b;

  ck_assert_ptr_nonnull(a);
  check_order(a);
  b = ho_workers_run(more, list, TEXTS);
  ck_assert_ptr_nonnull(b);
  ck_assert_int_eq(memcmp(a, b, TEXTS * sizeof(*a)), 0);
  ho_workers_del(one);
  ho_workers_del(more);
}
END_TEST

/* Nothing is left of the round before. */
START_TEST(again) {
  char *other[] = {list[0], list[0], list[0]};
  ho_workers *pool = make(2);
  const ho_trial *t;

  ck_assert_ptr_nonnull(ho_workers_run(pool, list, TEXTS));
  t = ho_workers_run(pool, other, 3);
  ck_assert_ptr_nonnull(t);
  for (int i = 0; i < 3; i++) {
    ck_assert(t[i].whole && !t[i].refused && t[i].failures_count == 0);
  }
  ck_assert_ptr_nonnull(ho_workers_run(pool, list, 0));
  ho_workers_del(pool);
}
END_TEST

/* ---- no room for them ---- */

/* Where fewer processes may be started than are asked for, fewer do the work.
 */
START_TEST(little_room) {
  ho_workers *pool = make(4);
  const ho_trial *t;

  room_limit = 1;
  t = ho_workers_run(pool, list, TEXTS);
  ck_assert_uint_gt(room_refused, 0);
  ck_assert_ptr_nonnull(t);
  check_order(t);
  ho_workers_del(pool);
}
END_TEST

static void limit_descriptors(rlim_t most) {
  struct rlimit limit;

  ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = most;
  ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* A process takes one descriptor: with two or three left, few do the work, and
 * still have them all for themselves, which sanitizers need. */
START_TEST(few_descriptors) {
  static const rlim_t left[] = {0, 2, 3};
  ho_workers *one = make(1), *many;
  const ho_trial *t, *wanted = ho_workers_run(one, list, TEXTS);
  int lowest = dup(STDIN_FILENO);
  struct rlimit before;

  close(lowest);
  getrlimit(RLIMIT_NOFILE, &before);
  limit_descriptors((rlim_t)lowest + left[_i]);
  many = make(16);
  t = ho_workers_run(many, list, TEXTS);
  ck_assert(_i > 0 ? t != NULL : !t && errno == EMFILE);
  limit_descriptors(before.rlim_cur);
  ck_assert(!t || memcmp(t, wanted, TEXTS * sizeof(*t)) == 0);
  ho_workers_del(many);
  ho_workers_del(one);
}
END_TEST

/* ---- somebody who ends processes ---- */

/* A child of |parent|'s that is not this process; 0: none. */
static pid_t sibling(pid_t parent) {
  DIR *proc = opendir("/proc");
  const struct dirent *e;
  pid_t found = 0;

  while (found == 0 && (e = readdir(proc))) {
    pid_t pid = atoi(e->d_name);
    if (pid > 0 && pid != getpid() && room_parent_of(e->d_name) == parent) {
      found = pid;
    }
  }
  closedir(proc);
  return found;
}

/* Waits until the pool has begun a run, under the limit of processor time that
 * it is to have, and sends |sig| to it or to its |parent|. */
static void end_one(pid_t parent, int sig, bool of_parent) {
  for (int i = 0; i < TRIES; i++) {
    struct rlimit limit;
    pid_t pid = sibling(parent);
    if (pid != 0 && prlimit(pid, RLIMIT_CPU, NULL, &limit) == 0 &&
        limit.rlim_cur == PROCESSOR_S) {
      _exit(kill(of_parent ? parent : pid, sig) == 0 ? 0 : 1);
    }
    usleep(1000);
  }
  _exit(1);
}

static pid_t begin_end(int sig, bool of_parent) {
  pid_t parent = getpid(), pid = fork();

  if (pid == 0) {
    end_one(parent, sig, of_parent);
  }
  return pid;
}

static void check_ender(pid_t pid) {
  int status;

  ck_assert_int_eq(waitpid(pid, &status, 0), pid);
  ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* The first dies by a signal, or for having used up its time. */
START_TEST(a_process_dies) {
  char *some[] = {(char *)LONG, list[0], list[2]};
  pid_t ender = begin_end(_i == 0 ? SIGKILL : SIGXCPU, false);
  ho_workers *pool = make(1);
  const ho_trial *t = ho_workers_run(pool, some, 3);

  check_ender(ender);
  ck_assert_ptr_nonnull(t);
  ck_assert(!t[0].whole);
  ck_assert_int_eq(t[0].signal, _i == 0 ? SIGKILL : SIGXCPU);
  ck_assert_int_eq(t[0].overtime, _i == 1);
  ck_assert_uint_eq(t[0].failures_count, 1);
  ck_assert(has(&t[0], _i == 0 ? "crash:signal-9:-:*" : "endless:no-end:-:*"));
  ck_assert(t[1].whole && t[1].failures_count == 0);
  ck_assert(t[2].whole && has(&t[2], "check:C2:client:*"));
  ho_workers_del(pool);
}
END_TEST

/* Whoever is interrupted leaves no process behind. */
START_TEST(an_interrupt) {
  static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
  char *some[] = {(char *)LONG, (char *)LONG, list[0]};
  pid_t ender = begin_end(signals[_i], true);
  ho_workers *pool = make(2);

  ck_assert_ptr_null(ho_workers_run(pool, some, 3));
  ck_assert_int_eq(ho_workers_signal(pool), signals[_i]);
  check_ender(ender);
  ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* no child at all */
  ho_workers_del(pool);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, little_room);
  tcase_add_checked_fixture(tc, setup, NULL);
  tcase_add_loop_test(tc, order, 0, 3);
  tcase_add_loop_test(tc, few_descriptors, 0, 3);
  tcase_add_test(tc, again);
  tcase_add_loop_test(tc, a_process_dies, 0, 2);
  tcase_add_loop_test(tc, an_interrupt, 0, 3);
}

int main(void) {
  return suite_run("search_pool", add);
}
