/* A scenario's document with parts of it replaced, as a file again. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SCENARIO_REWRITE_H
#define HO_SCENARIO_REWRITE_H

#include "sim/scenario/scenario.h"

/* ho_rewrite_entry is an entry of a timeline that happens once. */
typedef struct {
  ho_time at;
  char *action; /* "switch cell" */
} ho_rewrite_entry;

/* ho_rewrite is what becomes of a document.  NULL leaves a part as it is;
 * `search` and `vary` are left out, and so are comments. */
typedef struct {
  const char *name, *about;
  uint64_t seed;               /* 0: as it is */
  const char *arm;             /* the only one that is left */
  const char *expect;          /* the only one that is left; "" for none */
  const ho_override *settings; /* as --set; a value that begins with "{" is a
                                  map, for a key without a dot */
  size_t settings_count;
  const ho_rewrite_entry *timeline; /* in order of time; replaces all of it */
  size_t timeline_count;
} ho_rewrite;

/* ho_scenario_rewrite writes |source|, changed by |change|, as a file.
 *
 * Returns 0 and a text in |*text| that the caller frees, or
 *
 * HO_ERR_INPUT
 *     It is no document that could be changed so; |diag| says why.  That the
 *     result is a good scenario is for ho_scenario_load to say. */
int ho_scenario_rewrite(const ho_source *source, const ho_rewrite *change,
                        char **text, ho_diag *diag);

/* ho_scenario_entries returns the timeline of |source| entry by entry, in the
 * words of the file.
 *
 * Returns 0 and an array in |*entries|, for ho_rewrite_entries_free, or
 *
 * HO_ERR_INPUT
 *     It has a time that is relative, drawn, a variable's or repeated; |diag|
 *     has its place. */
int ho_scenario_entries(const ho_source *source, ho_rewrite_entry **entries,
                        size_t *count, ho_diag *diag);
void ho_rewrite_entries_free(ho_rewrite_entry *entries, size_t count);

#endif
