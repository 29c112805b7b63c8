/* The result folder: checked first, made beside its place, swapped in whole. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_FOLDER_H
#define HO_MEASURE_FOLDER_H

#include <stdbool.h>

#include "sim/base/diag.h"

/* ho_folder is a result folder being made.  |work| is where its files are put
 * together: a sibling ".NAME.partial", or a folder ".partial" inside where the
 * place itself cannot be swapped (a mount point, or a parent that is not
 * ours to write). */
typedef struct {
  char *path, *work;
  char *made;    /* topmost parent that we had to make, or NULL */
  bool inside;   /* |work| lies in |path| */
  bool leftover; /* |work| has runs that must not be lost */
  bool adopt;    /* |path| has some */
  int lock;      /* |work|, open and locked against another handoff; or -1 */
} ho_folder;

/* ho_folder_check finds out, without writing, if results may go to |path|: it
 * must not exist, be empty, or hold results of our own, and be writable.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     It may not; |diag| says why. */
int ho_folder_check(const char *path, ho_diag *diag);

/* ho_folder_open makes |folder|->work and locks it.  What an earlier handoff
 * left there when it was killed is removed; with |keep| it stays, if it has a
 * manifest, and its last processes are waited for.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     It cannot be made, or another handoff is at work on it; |diag| says
 *     why, and nothing is left behind. */
int ho_folder_open(ho_folder *folder, const char *path, bool keep,
                   ho_diag *diag);

/* ho_folder_commit puts |folder|->work in the place of |folder|->path, waits
 * until that is on disk, and ends the use of |folder|.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     That failed, errno says why; what is in |work| stays there. */
int ho_folder_commit(ho_folder *folder);

/* ho_folder_leave ends the use of |folder| and leaves everything as it is:
 * another process has committed it. */
void ho_folder_leave(ho_folder *folder);

/* ho_folder_discard removes all that ho_folder_open made, unless it was
 * committed or is left over.  Of several folders the last opened goes first. */
void ho_folder_discard(ho_folder *folder);

#endif
