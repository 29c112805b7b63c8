/* The grid of runs: one process each, several at once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/grid.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "measure/child.h"
#include "measure/keeper.h"
#include "measure/progress.h"
#include "measure/tree.h"
#include "sim/base/alloc.h"
#include "stack/entropy.h"

typedef struct {
  const ho_plan *plan;
  const char *work;
  ho_grid_result *result;
  ho_child *children; /* |jobs| places; pid 0: free */
  int *failures;      /* one for each place, shared with the processes */
  size_t jobs, limit, running, next, total;
  bool *done; /* which runs were finished before */
  ho_keeper keeper;
  int err; /* errno of a failed write; 0: none */
  ho_progress progress;
} grid;

/* Signals are waited for, not handled, so that none is lost between looking
 * and sleeping; they stay blocked from the first run to the last byte. */
static sigset_t outer_mask;

static void awaited(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, SIGCHLD);
  sigaddset(set, SIGINT);
  sigaddset(set, SIGTERM);
  sigaddset(set, SIGHUP);
}

void ho_grid_signals_block(void) {
  sigset_t set;

  /* A shell may have left these ignored for us, and then children vanish. */
  signal(SIGCHLD, SIG_DFL);
  signal(SIGINT, SIG_DFL);
  signal(SIGXFSZ, SIG_IGN);
  awaited(&set);
  sigprocmask(SIG_BLOCK, &set, &outer_mask);
}

void ho_grid_signals_restore(void) {
  sigprocmask(SIG_SETMASK, &outer_mask, NULL);
}

static size_t free_place(const grid *g) {
  size_t i = 0;

  while (g->children[i].pid != 0) {
    i++;
    assert(i < g->jobs);
  }
  return i;
}

/* Goes on to the first run from |index| on that is ours and not done. */
static void skip_done(grid *g, size_t index) {
  while (index < g->total &&
         (g->done[index] || !ho_plan_mine(g->plan, index))) {
    index++;
  }
  g->next = index;
}

/* Where the system has no room for one process more, we go on with fewer. */
static void start_next(grid *g) {
  size_t place = free_place(g);
  char *dir = ho_keeper_unfinished(g->work, g->next);

  if (ho_child_start(&g->children[place], g->plan, g->next, dir, &outer_mask,
                     &g->failures[place]) == 0) {
    g->running++;
    skip_done(g, g->next + 1);
  } else if ((errno == EAGAIN || errno == ENOMEM) && g->running > 0) {
    g->limit = g->running;
  } else {
    g->err = errno;
  }
  free(dir);
}

static void reap(grid *g, ho_child *child, int status,
                 const struct rusage *usage) {
  size_t index = child->index;

  g->running--;
  ho_progress_clear(&g->progress);
  switch (ho_child_finish(child, g->plan, status, usage)) {
  case HO_CHILD_DONE:
    ho_keeper_add(&g->keeper, index);
    break;
  case HO_CHILD_CRASHED:
    g->result->crashed++;
    ho_keeper_add(&g->keeper, index);
    break;
  case HO_CHILD_TIMEOUT:
    g->result->timeout++;
    ho_keeper_add(&g->keeper, index);
    break;
  case HO_CHILD_STOPPED:
    g->err = errno;
    break;
  }
}

static void reap_all(grid *g) {
  for (size_t i = 0; i < g->jobs; i++) {
    struct rusage usage;
    int status;
    if (g->children[i].pid != 0 &&
        wait4(g->children[i].pid, &status, WNOHANG, &usage) > 0) {
      reap(g, &g->children[i], status, &usage);
    }
  }
}

/* Kills what has run for too long; reap_all finds it dead later. */
static void kill_overdue(grid *g) {
  uint64_t now = ho_entropy_real_ns();

  for (size_t i = 0; i < g->jobs && g->plan->timeout > 0; i++) {
    ho_child *child = &g->children[i];
    if (child->pid != 0 && !child->overdue &&
        now - child->start_ns >= g->plan->timeout) {
      child->overdue = true;
      kill(child->pid, SIGKILL);
    }
  }
}

/* Until the next signal, timeout or second, for the progress line's sake. */
static void wait_some(grid *g) {
  uint64_t now = ho_entropy_real_ns(), wait_ns = HO_SEC;
  struct timespec ts;
  sigset_t set;
  int sig;

  for (size_t i = 0; i < g->jobs && g->plan->timeout > 0; i++) {
    const ho_child *child = &g->children[i];
    uint64_t due = child->start_ns + g->plan->timeout;
    if (child->pid != 0 && !child->overdue && due < now + wait_ns) {
      wait_ns = due > now ? due - now : 0;
    }
  }
  awaited(&set);
  ts.tv_sec = (time_t)(wait_ns / HO_SEC);
  ts.tv_nsec = (long)(wait_ns % HO_SEC);
  sig = sigtimedwait(&set, NULL, &ts);
  if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP) {
    g->result->signal = sig;
  }
}

/* Looks after what has been finished and is to be kept. */
static void keep_on(grid *g) {
  if (ho_keeper_go(&g->keeper) != 0 && !g->err) {
    g->err = errno;
  }
  g->result->finished = g->keeper.kept;
}

/* Ends the runs under way and takes away what they wrote. */
static void stop_all(grid *g) {
  for (size_t i = 0; i < g->jobs; i++) {
    ho_child *child = &g->children[i];
    if (child->pid != 0) {
      kill(child->pid, SIGKILL);
      while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {
      }
      ho_tree_remove(child->dir);
      free(child->dir);
      *child = (ho_child){0};
      g->running--;
    }
  }
}

static void run_all(grid *g) {
  skip_done(g, 0);
  while (!g->err && !g->result->signal &&
         (g->next < g->total || g->running > 0 || ho_keeper_busy(&g->keeper))) {
    if (g->next < g->total && g->running < g->limit) {
      start_next(g);
      continue;
    }
    ho_progress_show(&g->progress, g->result->finished);
    wait_some(g);
    reap_all(g);
    keep_on(g);
    kill_overdue(g);
  }
  stop_all(g);
  if (ho_keeper_end(&g->keeper) != 0 && !g->err) {
    g->err = errno;
  }
  g->result->finished = g->keeper.kept;
  ho_progress_clear(&g->progress);
}

static void prepare(grid *g, const ho_grid_config *config) {
  size_t left;

  g->done = ho_alloc_array(g->total, sizeof(bool));
  if (ho_keeper_begin(&g->keeper, g->work, g->done, g->total) != 0) {
    g->err = errno;
    return;
  }
  left = ho_plan_mine_count(g->plan) - g->keeper.kept;
  g->result->finished = g->keeper.kept;
  g->jobs = config->jobs < left ? config->jobs : left;
  g->limit = g->jobs;
  g->children = ho_alloc_array(g->jobs + 1, sizeof(ho_child));
  ho_progress_start(&g->progress, config->progress, g->plan->scenario->name,
                    ho_plan_mine_count(g->plan), g->keeper.kept);
}

int ho_grid_run(const ho_plan *plan, const ho_grid_config *config,
                const char *work, ho_grid_result *result) {
  grid g = {.plan = plan,
            .work = work,
            .result = result,
            .total = ho_plan_runs(plan)};
  size_t shared = (config->jobs + 1) * sizeof(int);

  *result = (ho_grid_result){0};
  g.failures = mmap(NULL, shared, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (g.failures == MAP_FAILED) {
    return HO_ERR_IO;
  }
  g.keeper.failure = &g.failures[config->jobs];
  prepare(&g, config);
  if (!g.err) {
    run_all(&g);
  }
  ho_keeper_free(&g.keeper);
  free(g.children);
  free(g.done);
  munmap(g.failures, shared);
  errno = g.err;
  return g.err ? HO_ERR_IO : 0;
}
