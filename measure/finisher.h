/* Making a result folder in a process of its own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_FINISHER_H
#define HO_MEASURE_FINISHER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "measure/folder.h"
#include "measure/plan.h"

/* ho_finisher does ho_results_finish beside the runs of other plans, as that
 * mostly waits for the disk.  Its members are its own. */
typedef struct {
  const ho_plan *plan;
  ho_folder *folder;
  size_t finished;
  pid_t pid; /* 0: it has ended */
  int rv;    /* and this is what came of it */
} ho_finisher;

/* ho_finisher_start starts to make |folder| of the |finished| runs that |plan|
 * has; where no process can be had, it does so at once. */
void ho_finisher_start(ho_finisher *finisher, const ho_plan *plan,
                       ho_folder *folder, size_t finished);

/* ho_finisher_look finds out, without waiting, if that is over.  |*rv| is then
 * what ho_results_finish returned, and |folder| as it left it; a process that
 * died has left what is on disk, and is said on standard error. */
bool ho_finisher_look(ho_finisher *finisher, int *rv);

#endif
