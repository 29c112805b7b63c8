/* Schedules run by processes, several at once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search/pool.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure/grid_signals.h"
#include "search/signature.h"
#include "sim/base/alloc.h"

enum { PROCESSOR_S = 30, SAID_MAX = 4000 };

typedef struct {
  pid_t pid; /* 0: free */
  size_t index;
  int said; /* while it is taken: what its process writes to standard error */
} place;

struct ho_workers {
  ho_oracle_config config;
  ho_trial *trials; /* shared with the processes */
  size_t most, jobs, running;
  size_t limit; /* of |running|: there may be room for no more */
  place *places;
  int signal;
};

static size_t shared_size(const ho_workers *pool) {
  return pool->most * sizeof(ho_trial);
}

ho_workers *ho_workers_new(size_t jobs, size_t most,
                           const ho_oracle_config *config) {
  ho_workers *pool = ho_alloc(sizeof(*pool));

  pool->config = *config;
  pool->most = most;
  pool->jobs = jobs;
  pool->trials = mmap(NULL, shared_size(pool), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (pool->trials == MAP_FAILED) {
    free(pool);
    return NULL;
  }
  pool->places = ho_alloc_array(jobs, sizeof(place));
  return pool;
}

void ho_workers_del(ho_workers *pool) {
  if (!pool) {
    return;
  }
  munmap(pool->trials, shared_size(pool));
  free(pool->places);
  free(pool);
}

int ho_workers_signal(const ho_workers *pool) {
  return pool->signal;
}

/* ---- a process ---- */

/* A run may need as many descriptors as there are without the pool's. */
static void close_all(const ho_workers *pool) {
  for (size_t i = 0; i < pool->jobs; i++) {
    if (pool->places[i].pid != 0) {
      close(pool->places[i].said);
    }
  }
}

/* Never returns. */
static void work(ho_workers *pool, const place *p, char *text) {
  struct rlimit processor = {PROCESSOR_S, PROCESSOR_S + 1};
  struct rlimit core = {0, 0};
  ho_source source = {(char *)"schedule", text, strlen(text)};

  setrlimit(RLIMIT_CPU, &processor);
  setrlimit(RLIMIT_CORE, &core); /* crashes are what we look for */
  dup2(p->said, STDOUT_FILENO);
  dup2(p->said, STDERR_FILENO);
  close(p->said);
  close_all(pool);
  ho_oracle_run(&source, &pool->config, &pool->trials[p->index]);
  _exit(0);
}

static bool start(ho_workers *pool, size_t index, char *text) {
  place *p = pool->places;
  pid_t pid;
  int err;

  while (p->pid != 0) {
    p++;
  }
  memset(&pool->trials[index], 0, sizeof(ho_trial));
  p->said = memfd_create("said", MFD_CLOEXEC);
  if (p->said < 0) {
    return false;
  }
  p->index = index;
  pid = ho_grid_fork();
  if (pid == 0) {
    work(pool, p, text);
  }
  if (pid < 0) {
    err = errno;
    close(p->said);
    errno = err;
    return false;
  }
  p->pid = pid;
  pool->running++;
  return true;
}

static void release(ho_workers *pool, place *p) {
  close(p->said);
  p->pid = 0;
  pool->running--;
}

static void bury(ho_workers *pool, place *p, int status) {
  ho_trial *v = &pool->trials[p->index];
  char said[SAID_MAX];
  ssize_t n;

  if (v->whole && WIFEXITED(status)) {
    return;
  }
  v->whole = false;
  v->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  v->overtime = v->signal == SIGXCPU;
  n = pread(p->said, said, sizeof(said) - 1, 0);
  said[n > 0 ? n : 0] = '\0';
  ho_trial_died(v, said);
}

/* ---- all of them ---- */

static void wait_some(ho_workers *pool) {
  pool->signal = ho_grid_signals_wait(UINT64_MAX);
  for (size_t i = 0; i < pool->jobs; i++) {
    place *p = &pool->places[i];
    int status;
    if (p->pid != 0 && waitpid(p->pid, &status, WNOHANG) == p->pid) {
      bury(pool, p, status);
      release(pool, p);
    }
  }
}

static void stop(ho_workers *pool) {
  for (size_t i = 0; i < pool->jobs; i++) {
    place *p = &pool->places[i];
    if (p->pid != 0) {
      ho_grid_kill(p->pid);
      release(pool, p);
    }
  }
}

static bool is_crowded(void) {
  return errno == EAGAIN || errno == ENOMEM || errno == EMFILE ||
         errno == ENFILE;
}

const ho_trial *ho_workers_run(ho_workers *pool, char *const *texts,
                               size_t count) {
  size_t next = 0;
  bool failed = false;
  int err;

  pool->limit = pool->jobs;
  assert(count <= pool->most);
  while (!pool->signal && !failed && (next < count || pool->running > 0)) {
    if (next == count || pool->running == pool->limit) {
      wait_some(pool);
    } else if (start(pool, next, texts[next])) {
      next++;
    } else if (is_crowded() && pool->running > 0) {
      pool->limit = pool->running; /* it waits for one to end */
    } else {
      failed = true;
    }
  }
  err = errno;
  stop(pool);
  errno = err;
  return failed || pool->signal ? NULL : pool->trials;
}
