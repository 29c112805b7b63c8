/* Signatures: what equal failures have in common. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SEARCH_SIGNATURE_H
#define HO_SEARCH_SIGNATURE_H

#include "search/trial.h"

/* A signature is "ORACLE:WHAT:ENDPOINT:PHASE": which rule was broken (check,
 * closed, reset, stall, bytes, stuck, crash, endless), which clause, error or
 * function, who did it ("-": nobody can say), and what the connection was
 * doing. */

/* ho_trial_fail adds a failure, unless |trial| has that signature.  Words
 * may hold anything: what is not of [A-Za-z0-9_.-] becomes "-". */
void ho_trial_fail(ho_trial *trial, const char *oracle, const char *what,
                   const char *endpoint, const char *phase, ho_time t,
                   const char *detail);

/* ho_trial_died adds what is to be said of a run that did not come to its
 * end: |said| is its standard error, which an assertion of glibc's names its
 * function in. */
void ho_trial_died(ho_trial *trial, const char *said);

/* ho_signature_fits: |signature| is like |pattern|, of which parts may be "*".
 */
bool ho_signature_fits(const char *signature, const char *pattern);

/* ho_signature_part copies part |index| (0 oracle, 1 what, 2 endpoint, 3 phase)
 * to |out|, which has HO_SIGNATURE_MAX bytes, and returns it. */
char *ho_signature_part(const char *signature, int index, char *out);

/* ho_signature_name returns a name for a file, such as
 * "check-c8-server-moved"; the caller frees it. */
char *ho_signature_name(const char *signature);

#endif
