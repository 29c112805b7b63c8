/* The page: one file of HTML that needs no other. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_REPORT_PAGE_H
#define HO_REPORT_PAGE_H

#include <stdio.h>

#include "measure/report/plot.h"
#include "measure/report/found.h"

/* ho_page_text writes |text| with what HTML means escaped. */
void ho_page_text(FILE *out, const char *text);

/* ho_page_number writes the field |text| with so many |decimals|; |na| is how
 * NA reads. */
void ho_page_number(FILE *out, const char *text, int decimals, const char *na);

/* ho_page_begin and ho_page_end write what stands before and after the body. */
void ho_page_begin(FILE *out, const char *title);
void ho_page_end(FILE *out);

/* ho_page_asked writes what was run, ho_page_summary the table of arms,
 * ho_page_all all of summary.csv, and ho_page_linkability its table, if the
 * folder has one. */
void ho_page_asked(FILE *out, const ho_found *found);
void ho_page_summary(FILE *out, const ho_found *found);
void ho_page_all(FILE *out, const ho_found *found);
void ho_page_linkability(FILE *out, const ho_found *found);

/* ho_page_figures writes the figures whose names begin with |prefix|, with
 * their SVG within.  Returns how many. */
size_t ho_page_figures(FILE *out, const ho_figures *figures,
                       const char *prefix);

#endif
