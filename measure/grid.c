/* The grid of runs: one process each, several at once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/grid.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "measure/child.h"
#include "measure/keeper.h"
#include "measure/tree.h"
#include "sim/base/alloc.h"
#include "stack/entropy.h"

struct ho_grid {
  const ho_plan *plan;
  const char *work;
  ho_slots *slots;
  ho_grid_result result;
  ho_child *children; /* |jobs| places; pid 0: free */
  int *failures;      /* one for each place, shared with the processes */
  size_t jobs, running, next, total;
  bool *done; /* which runs were finished before */
  ho_keeper keeper;
  int err; /* errno of a failed write; 0: none */
};

/* ---- starting runs ---- */

static size_t free_place(const ho_grid *g) {
  size_t i = 0;

  while (g->children[i].pid != 0) {
    i++;
    assert(i < g->jobs);
  }
  return i;
}

/* Goes on to the first run from |index| on that is ours and not done. */
static void skip_done(ho_grid *g, size_t index) {
  while (index < g->total &&
         (g->done[index] || !ho_plan_mine(g->plan, index))) {
    index++;
  }
  g->next = index;
}

bool ho_grid_more(const ho_grid *grid) {
  return !grid->err && grid->next < grid->total;
}

void ho_grid_start(ho_grid *grid) {
  size_t place = free_place(grid);
  char *dir = ho_keeper_unfinished(grid->work, grid->next);
  ho_slots *slots = grid->slots;

  assert(slots->taken < slots->count);
  if (ho_child_start(&grid->children[place], grid->plan, grid->next, dir,
                     &grid->failures[place]) == 0) {
    grid->running++;
    slots->taken++;
    skip_done(grid, grid->next + 1);
  } else if ((errno != EAGAIN && errno != ENOMEM) || !ho_slots_wait(slots)) {
    grid->err = errno;
  }
  free(dir);
}

/* ---- looking after them ---- */

static void release(ho_grid *g) {
  assert(g->running > 0 && g->slots->taken > 0);
  g->running--;
  g->slots->taken--;
}

static void reap(ho_grid *g, ho_child *child, int status,
                 const struct rusage *usage) {
  size_t index = child->index;

  release(g);
  switch (ho_child_finish(child, g->plan, status, usage)) {
  case HO_CHILD_DONE:
    ho_keeper_add(&g->keeper, index);
    break;
  case HO_CHILD_CRASHED:
    g->result.crashed++;
    ho_keeper_add(&g->keeper, index);
    break;
  case HO_CHILD_TIMEOUT:
    g->result.timeout++;
    ho_keeper_add(&g->keeper, index);
    break;
  case HO_CHILD_STOPPED:
    g->err = errno;
    break;
  }
}

static void reap_all(ho_grid *g) {
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
static void kill_overdue(ho_grid *g) {
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

void ho_grid_look(ho_grid *grid) {
  reap_all(grid);
  if (ho_keeper_go(&grid->keeper) != 0 && !grid->err) {
    grid->err = errno;
  }
  kill_overdue(grid);
}

size_t ho_grid_finished(const ho_grid *grid) {
  return grid->keeper.kept;
}

bool ho_grid_keeping(const ho_grid *grid) {
  return grid->keeper.pid != 0;
}

uint64_t ho_grid_due_ns(const ho_grid *grid) {
  uint64_t first = UINT64_MAX;

  for (size_t i = 0; i < grid->jobs && grid->plan->timeout > 0; i++) {
    const ho_child *child = &grid->children[i];
    uint64_t due = child->start_ns + grid->plan->timeout;
    if (child->pid != 0 && !child->overdue && due < first) {
      first = due;
    }
  }
  return first;
}

bool ho_grid_over(const ho_grid *grid) {
  return grid->err || (grid->next >= grid->total && grid->running == 0 &&
                       !ho_keeper_busy(&grid->keeper));
}

/* ---- the beginning and the end ---- */

/* Ends the runs under way and takes away what they wrote. */
static void stop_all(ho_grid *g) {
  for (size_t i = 0; i < g->jobs; i++) {
    ho_child *child = &g->children[i];
    if (child->pid != 0) {
      ho_grid_kill(child->pid);
      ho_tree_remove(child->dir);
      free(child->dir);
      *child = (ho_child){0};
      release(g);
    }
  }
}

static size_t shared_size(const ho_grid *g) {
  return (g->slots->count + 1) * sizeof(int);
}

static void grid_del(ho_grid *g) {
  ho_keeper_free(&g->keeper);
  munmap(g->failures, shared_size(g));
  free(g->children);
  free(g->done);
  free(g);
}

static int prepare(ho_grid *g) {
  size_t left;

  g->keeper.failure = &g->failures[g->slots->count];
  g->done = ho_alloc_array(g->total, sizeof(bool));
  if (ho_keeper_begin(&g->keeper, g->work, g->done, g->total) != 0) {
    return HO_ERR_IO;
  }
  left = ho_plan_mine_count(g->plan) - g->keeper.kept;
  g->jobs = g->slots->count < left ? g->slots->count : left;
  g->children = ho_alloc_array(g->jobs + 1, sizeof(ho_child));
  skip_done(g, 0);
  return 0;
}

int ho_grid_begin(ho_grid **grid, const ho_plan *plan, const char *work,
                  ho_slots *slots) {
  ho_grid *g = ho_alloc(sizeof(*g));
  int err;

  *g = (ho_grid){
      .plan = plan, .work = work, .slots = slots, .total = ho_plan_runs(plan)};
  g->failures = mmap(NULL, shared_size(g), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (g->failures == MAP_FAILED) {
    free(g);
    return HO_ERR_IO;
  }
  if (prepare(g) != 0) {
    err = errno;
    grid_del(g);
    errno = err;
    return HO_ERR_IO;
  }
  *grid = g;
  return 0;
}

int ho_grid_end(ho_grid *grid, ho_grid_result *result) {
  int err;

  stop_all(grid);
  if (ho_keeper_end(&grid->keeper) != 0 && !grid->err) {
    grid->err = errno;
  }
  err = grid->err;
  *result = grid->result;
  result->finished = grid->keeper.kept;
  grid_del(grid);
  errno = err;
  return err ? HO_ERR_IO : 0;
}
