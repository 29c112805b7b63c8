/* Making a result folder in a process of its own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/finisher.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure/grid_signals.h"
#include "measure/results.h"
#include "sim/base/diag.h"

/* What has begun is finished. */
static void finish_in_child(const ho_finisher *f) {
  _exit(ho_results_finish(f->plan, f->folder, f->finished, 0) == 0 ? 0 : 1);
}

void ho_finisher_start(ho_finisher *finisher, const ho_plan *plan,
                       ho_folder *folder, size_t finished) {
  *finisher =
      (ho_finisher){.plan = plan, .folder = folder, .finished = finished};
  finisher->pid = ho_grid_fork();
  if (finisher->pid == 0) {
    finish_in_child(finisher);
  }
  if (finisher->pid < 0) { /* no room for a process more */
    finisher->pid = 0;
    finisher->rv = ho_results_finish(plan, folder, finished, 0);
  }
}

/* Without any run there was nothing to commit unless all went well, see
 * ho_results_finish. */
static void settle(ho_finisher *f, int status) {
  f->pid = 0;
  f->rv = status == 0 ? 0 : HO_ERR_IO;
  if (WIFSIGNALED(status)) {
    fprintf(stderr, "handoff: cannot write '%s': killed by signal %d\n",
            f->folder->work, WTERMSIG(status));
  }
  if (f->rv == 0 || f->finished > 0) {
    ho_folder_leave(f->folder);
  }
}

bool ho_finisher_look(ho_finisher *finisher, int *rv) {
  int status = 0;
  pid_t pid = 0;

  if (finisher->pid != 0) {
    pid = ho_grid_reap(finisher->pid, &status, WNOHANG);
    if (pid == 0) {
      return false;
    }
    settle(finisher, pid > 0 ? status : -1);
  }
  *rv = finisher->rv;
  return true;
}
