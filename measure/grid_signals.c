/* The signals that whoever runs a grid waits for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/grid_signals.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "sim/base/time.h"
#include "stack/entropy.h"

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

void ho_grid_signals_child(void) {
  signal(SIGINT, SIG_IGN);
  ho_grid_signals_restore();
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
  return sig == SIGINT || sig == SIGTERM || sig == SIGHUP ? sig : 0;
}
