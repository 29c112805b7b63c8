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

char *ho_grid_part(const char *work, size_t index) {
  return ho_format("%s/parts/%06zu", work, index);
}

static char *unfinished(const grid *g, size_t index) {
  return ho_format("%s/parts/%06zu.unfinished", g->work, index);
}

static size_t free_place(const grid *g) {
  size_t i = 0;

  while (g->children[i].pid != 0) {
    i++;
    assert(i < g->jobs);
  }
  return i;
}

/* Where the system has no room for one process more, we go on with fewer. */
static void start_next(grid *g) {
  size_t place = free_place(g);
  char *dir = unfinished(g, g->next);

  if (ho_child_start(&g->children[place], g->plan, g->next, dir, &outer_mask,
                     &g->failures[place]) == 0) {
    g->running++;
    g->next++;
  } else if ((errno == EAGAIN || errno == ENOMEM) && g->running > 0) {
    g->limit = g->running;
  } else {
    g->err = errno;
  }
  free(dir);
}

/* From here on the run counts: its rows are on disk under their last name. */
static void keep(grid *g, size_t index) {
  char *from = unfinished(g, index), *to = ho_grid_part(g->work, index);

  if (rename(from, to) == 0) {
    g->result->finished++;
  } else {
    g->err = errno;
  }
  free(from);
  free(to);
}

static void reap(grid *g, ho_child *child, int status,
                 const struct rusage *usage) {
  size_t index = child->index;

  g->running--;
  ho_progress_clear(&g->progress);
  switch (ho_child_finish(child, g->plan, status, usage)) {
  case HO_CHILD_DONE:
    keep(g, index);
    break;
  case HO_CHILD_CRASHED:
    g->result->crashed++;
    keep(g, index);
    break;
  case HO_CHILD_TIMEOUT:
    g->result->timeout++;
    keep(g, index);
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
  while (!g->err && !g->result->signal &&
         (g->next < g->total || g->running > 0)) {
    if (g->next < g->total && g->running < g->limit) {
      start_next(g);
      continue;
    }
    ho_progress_show(&g->progress, g->result->finished);
    wait_some(g);
    reap_all(g);
    kill_overdue(g);
  }
  stop_all(g);
  ho_progress_clear(&g->progress);
}

int ho_grid_run(const ho_plan *plan, const ho_grid_config *config,
                const char *work, ho_grid_result *result) {
  grid g = {.plan = plan, .work = work, .result = result};
  char *parts = ho_format("%s/parts", work);
  size_t shared;

  *result = (ho_grid_result){0};
  g.total = ho_plan_runs(plan);
  g.jobs = config->jobs < g.total ? config->jobs : g.total;
  g.limit = g.jobs;
  shared = g.jobs * sizeof(int);
  g.failures = mmap(NULL, shared, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (g.failures == MAP_FAILED || (mkdir(parts, 0777) != 0)) {
    g.err = errno;
  } else {
    g.children = ho_alloc_array(g.jobs, sizeof(ho_child));
    ho_progress_start(&g.progress, config->progress, plan->scenario->name,
                      g.total);
    run_all(&g);
    free(g.children);
  }
  if (g.failures != MAP_FAILED) {
    munmap(g.failures, shared);
  }
  free(parts);
  errno = g.err;
  return g.err ? HO_ERR_IO : 0;
}
