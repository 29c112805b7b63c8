/* The rolling hash of a run's events: trace_sha256 in runs.csv. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_BASE_TRACE_H
#define HO_BASE_TRACE_H

#include "sim/base/event.h"

/* ho_trace encodes events and hashes them with SHA-256.  Two runs have the same
 * hash exactly if they had the same events, in all their fields and in the same
 * order.
 *
 * The encoding is for the hash alone, and short, since hashing costs by the
 * byte: events of a kind differ from the one before in few bits, so a number is
 * written as its difference (exclusive or) from the same field of the last
 * event of this kind at this endpoint, without leading zero bytes.  Nothing is
 * lost by that: whoever has read the events before can read the next.
 *
 *   kind       one byte
 *   tags       four bits for each of time, client and fields, low ones first:
 *              how many bytes of a number follow; of a tuple, endpoint or CID,
 *              0: the one of the event before, 1: it follows; else 0
 *   fields     numbers little-endian; strings and CIDs with a length before
 *              them; addresses with their family; tokens as they are */
typedef struct ho_trace ho_trace;

/* ho_trace_new ends the program where GnuTLS has no SHA-256. */
ho_trace *ho_trace_new(void);
void ho_trace_del(ho_trace *trace);

void ho_trace_add(ho_trace *trace, const ho_event *event);

/* ho_trace_digest writes the hash of all events so far as 64 hexadecimal digits
 * and a zero.  More may follow. */
void ho_trace_digest(ho_trace *trace, char hex[65]);

#endif
