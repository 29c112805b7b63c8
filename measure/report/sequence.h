/* What was said in one handoff: datagrams, and what came of them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_REPORT_SEQUENCE_H
#define HO_REPORT_SEQUENCE_H

#include "measure/report/found.h"

/* ho_message is a datagram, or |times| alike in a row.  Times are seconds since
 * t_loss, NaN for one that never came. */
typedef struct {
  char *packet, *label, *dcid, *tuple;
  double sent, last, received;
  bool from_client, to_new, path; /* |path|: has a frame of validation */
  size_t times;
} ho_message;

typedef struct {
  double t;
  bool client; /* at the client, else at the server */
  char *text;
} ho_note;

typedef struct {
  ho_message *messages; /* in the order in which they were sent */
  size_t count, cap;
  ho_note *notes; /* in the order of time */
  size_t notes_count, notes_cap;
  char *old_tuple; /* as the server saw it last; NULL: never */
  bool cut;        /* there was more */
} ho_sequence;

/* ho_sequence_read tells the story of |moment| from events.csv.  The caller
 * frees it with ho_sequence_free. */
void ho_sequence_read(ho_sequence *sequence, const ho_found *found,
                      const ho_moment *moment);
void ho_sequence_free(ho_sequence *sequence);

#endif
