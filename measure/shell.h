/* Command lines that can be pasted into a shell. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_SHELL_H
#define HO_MEASURE_SHELL_H

#include <stdio.h>

/* ho_shell_word writes " word", in single quotes where a shell would read more
 * into it. */
void ho_shell_word(FILE *out, const char *word);

#endif
