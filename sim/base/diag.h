/* What is wrong with a user's input: every message has its place in the file.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_BASE_DIAG_H
#define HO_BASE_DIAG_H

#include <stddef.h>
#include <stdio.h>

/* Return codes of everything that can fail; 0 is success. */
enum {
  HO_ERR_INPUT = -1, /* the user's mistake; a message stands in a ho_diag */
  HO_ERR_IO = -2,    /* reading or writing failed */
  HO_ERR_PROTO = -3, /* a peer or a library broke a connection */
  HO_ERR_FULL = -4,  /* a limited resource is used up */
};

/* ho_place is where in which file something was said.  |line| and |column|
 * count from 1; 0 means "the file as a whole".  |file| is not owned. */
typedef struct {
  const char *file;
  int line, column;
} ho_place;

/* ho_diag collects messages so that all errors of a file come in one go. */
typedef struct {
  char **messages;
  size_t count, cap;
} ho_diag;

void ho_diag_free(ho_diag *diag);

/* ho_diag_add appends "FILE:LINE:COL: message" (without what |place| lacks;
 * |place| may be NULL). */
void ho_diag_add(ho_diag *diag, const ho_place *place, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ho_diag_print writes one message a line. */
void ho_diag_print(const ho_diag *diag, FILE *out);

/* ho_nearest returns the entry of |names| (|count| of them) that |word| is
 * most likely a misspelling of, or NULL when none is close. */
const char *ho_nearest(const char *word, const char *const *names,
                       size_t count);

#endif
