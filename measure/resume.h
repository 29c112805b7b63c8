/* Going on with a grid that was interrupted. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_RESUME_H
#define HO_MEASURE_RESUME_H

#include "measure/folder.h"
#include "measure/plan.h"

typedef enum {
  HO_RESUME_FRESH, /* there is nothing to go on with */
  HO_RESUME_PART,  /* some runs may be there */
  HO_RESUME_WHOLE  /* the result folder is complete */
} ho_resume;

/* ho_resume_find looks what |folder|, opened to be kept, has of |plan|'s runs:
 * in its work folder, if the program was killed, or in the result folder, if it
 * ended early.  Nothing is changed but |folder|'s own members.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     What is there was asked for in another way, or is damaged; |diag| says
 *     how. */
int ho_resume_find(const ho_plan *plan, ho_folder *folder, ho_resume *found,
                   ho_diag *diag);

/* ho_resume_adopt moves the runs of a result folder that ended early into the
 * work folder, which has its manifest.  Killed on the way, it can be done
 * again.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     That failed; errno says why. */
int ho_resume_adopt(ho_folder *folder);

#endif
