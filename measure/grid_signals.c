/* The signals that whoever runs a grid waits for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/grid_signals.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/base/time.h"
#include "stack/entropy.h"

/* Signals are waited for, not handled, so that none is lost between looking
 * and sleeping; they stay blocked from the first run to the last byte. */
static sigset_t outer_mask;

static void awaited(sigset_t *set) {
  struct sigaction hup;

  sigemptyset(set);
  sigaddset(set, SIGCHLD);
  sigaddset(set, SIGINT);
  sigaddset(set, SIGTERM);
  sigaddset(set, SIGPIPE); /* whoever reads what is printed has gone */
  /* What is ignored would be seen all the same while it is blocked. */
  if (sigaction(SIGHUP, NULL, &hup) != 0 || hup.sa_handler != SIG_IGN) {
    sigaddset(set, SIGHUP);
  }
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

pid_t ho_grid_fork(void) {
  pid_t parent = getpid(), pid;

  fflush(NULL);
  pid = fork();
  if (pid != 0) {
    return pid;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    _exit(1);
  }
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  ho_grid_signals_restore();
  return 0;
}

pid_t ho_grid_reap(pid_t pid, int *status, int options) {
  pid_t got;

  assert(pid > 0); /* not the -1 of a failed fork, which stands for all */
  do {
    got = waitpid(pid, status, options);
  } while (got < 0 && errno == EINTR);
  return got;
}

void ho_grid_kill(pid_t pid) {
  assert(pid > 0);
  kill(pid, SIGKILL);
  ho_grid_reap(pid, NULL, 0);
}

int ho_grid_signals_wait(uint64_t due_ns) {
  uint64_t now = ho_entropy_real_ns();
  uint64_t wait_ns = due_ns > now ? due_ns - now : 0;
  struct timespec ts = {.tv_sec = (time_t)(wait_ns / HO_SEC),
                        .tv_nsec = (long)(wait_ns % HO_SEC)};
  sigset_t set;
  int sig;

  awaited(&set);
  sig = sigtimedwait(&set, NULL, &ts);
  return sig > 0 && sig != SIGCHLD ? sig : 0;
}
