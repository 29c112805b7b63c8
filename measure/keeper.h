/* Keeping finished runs: what counts as finished outlives a power cut. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_KEEPER_H
#define HO_MEASURE_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* ho_keeper writes the rows of finished runs into |work|/parts/rows (see
 * measure/parts.h) and waits until they are on disk.  That takes longer than a
 * short run, so a process of its own does it while others run, for all that
 * have finished meanwhile.  Members but |failure| and |kept| are the keeper's
 * own. */
typedef struct {
  const char *work;
  size_t *pending, count, cap; /* finished, not yet kept */
  size_t under_way;            /* the first of |pending| are being kept */
  pid_t pid;                   /* by this process; 0: none */
  bool begun;                  /* something has been kept */
  uint64_t size;               /* of what is kept */
  int *failure;                /* an int that processes share: set before */
  size_t kept;                 /* how many count as finished */
} ho_keeper;

/* ho_keeper_unfinished returns the name of the folder of run |index|, and
 * ho_keeper_part what it is when the run counts, if it has captures;
 * ho_keeper_rows that of the file of rows.  The caller frees them. */
char *ho_keeper_unfinished(const char *work, size_t index);
char *ho_keeper_part(const char *work, size_t index);
char *ho_keeper_rows(const char *work);

/* ho_keeper_begin makes |work|/parts where there is none, marks in |done| which
 * of |total| runs it has, and removes what is unfinished.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     That failed; errno says why. */
int ho_keeper_begin(ho_keeper *keeper, const char *work, bool *done,
                    size_t total);

/* ho_keeper_add hands over a finished run. */
void ho_keeper_add(ho_keeper *keeper, size_t index);

/* ho_keeper_go starts what is to be done and looks how far it is, without
 * waiting; SIGCHLD comes when there is more to see.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Some run could not be kept; errno says why. */
int ho_keeper_go(ho_keeper *keeper);

/* ho_keeper_busy tells if something has been handed over and not been kept. */
bool ho_keeper_busy(const ho_keeper *keeper);

/* ho_keeper_end waits until everything is kept, and removes what cannot be.
 * Returns as ho_keeper_go. */
int ho_keeper_end(ho_keeper *keeper);
void ho_keeper_free(ho_keeper *keeper);

#endif
