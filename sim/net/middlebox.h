/* A middlebox that stops UDP or TCP, or slows it down. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_MIDDLEBOX_H
#define HO_NET_MIDDLEBOX_H

#include "sim/net/element.h"
#include "sim/scenario/scenario.h"

/* ho_middlebox passes everything at first.  What it blocks is dropped in both
 * directions without an answer ("blocked"), flows under way as well as new
 * ones.  What it throttles is policed, each direction alone, by a token bucket
 * of the limit's rate, 100 ms deep but never less than ten packets of 1500
 * bytes; what exceeds it is dropped ("throttled").  UDP and TCP share the
 * bucket of HO_BLOCK_ALL, full at first, as every bucket is.
 *
 * Only what reaches the box meets it; what has passed goes on.  The competing
 * load (HO_BACKGROUND), which has no content to look into, passes, as
 * does what is neither UDP nor TCP. */
typedef struct ho_middlebox ho_middlebox;

ho_middlebox *ho_middlebox_new(const ho_env *env, int net);
void ho_middlebox_del(ho_middlebox *box);

/* The middlebox as a stage of a chain; it is part of |box|. */
ho_element *ho_middlebox_element(ho_middlebox *box);

/* ho_middlebox_block adds |what| to what is blocked.  Blocking goes before
 * throttling. */
void ho_middlebox_block(ho_middlebox *box, ho_block what);
/* ho_middlebox_throttle puts |what| under a new limit of |limit_bps|, more than
 * 0, of IP bytes; a limit that it had before is no longer its own. */
void ho_middlebox_throttle(ho_middlebox *box, ho_block what, uint64_t limit_bps,
                           ho_time now);
/* ho_middlebox_unblock ends both for |what|. */
void ho_middlebox_unblock(ho_middlebox *box, ho_block what);

#endif
