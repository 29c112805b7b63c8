/* The child process of one run, and what is left when it dies. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_CHILD_H
#define HO_MEASURE_CHILD_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "measure/plan.h"

/* ho_child is one run in its process. */
typedef struct {
  pid_t pid; /* 0: none */
  size_t index;
  uint64_t start_ns; /* real time */
  bool overdue;      /* it was killed for that */
  char *dir;         /* its rows; owned */
  int *failure;      /* shared with the process: errno of a failed write */
} ho_child;

/* ho_child_start forks the |index|th run of |plan|, which writes its rows, and
 * all that it says, into |dir|.  |failure| is an int in shared memory.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     The folder or the process could not be made; errno says why. */
int ho_child_start(ho_child *child, const ho_plan *plan, size_t index,
                   const char *dir, int *failure);

typedef enum {
  HO_CHILD_DONE,    /* its rows are whole */
  HO_CHILD_CRASHED, /* they were replaced by one that says so */
  HO_CHILD_TIMEOUT, /* the same */
  HO_CHILD_STOPPED, /* writing failed, errno says why; there are none */
} ho_child_end;

/* ho_child_finish looks at what the dead |child| left and how it ended
 * (|status|, |usage| as from wait4), says so on standard error if it is not
 * well, and frees what |child| owns. */
ho_child_end ho_child_finish(ho_child *child, const ho_plan *plan, int status,
                             const struct rusage *usage);

#endif
