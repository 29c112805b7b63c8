/* Prose for a terminal of 80 columns. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_WRAP_H
#define HO_MEASURE_WRAP_H

#include <stddef.h>
#include <stdio.h>

/* ho_wrap writes |text| from |column| on, broken between words before column
 * 80; further lines begin at |indent|. */
void ho_wrap(FILE *out, const char *text, size_t column, size_t indent);

#endif
