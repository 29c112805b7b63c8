/* Which flows of a vantage point share identifiers, and how many bits' worth.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_LINK_MATCH_H
#define HO_LINK_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "measure/adversary/seen.h"

/* ho_link_match knows all identifiers of the flows of one seed at one vantage
 * point. */
typedef struct ho_link_match ho_link_match;

/* ho_link_match_new makes one for |count| |flows|, each of which stands at its
 * own index, and which must live as long.  ho_link_match_del frees it. */
ho_link_match *ho_link_match_new(const ho_link_seen *const *flows,
                                 size_t count);
void ho_link_match_del(ho_link_match *match);

/* ho_link_match_bits writes to |bits|[i], for every flow i, how many bits speak
 * for its being of the client of |flow|: those of the strongest identifier that
 * both have (tuple, ticket, token 32, label 20, port 16, a CID 8 a byte), then
 * those of a QUIC-LB server ID (-32 for another than |flow|'s, log2 of how many
 * there are for the same), 32 at most.  |flow| itself has 32. */
void ho_link_match_bits(const ho_link_match *match, const ho_link_seen *flow,
                        double *bits);

/* ho_link_match_common tells if |a| and |b| share an identifier of |kind|. */
bool ho_link_match_common(const ho_link_match *match, const ho_link_seen *a,
                          const ho_link_seen *b, ho_link_kind kind);

#endif
