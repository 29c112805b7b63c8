/* Varied keys as axes: which of them, and their values in order. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_REPORT_AXES_H
#define HO_REPORT_AXES_H

#include "measure/report/found.h"

/* ho_axis is a varied key; |ticks| are its values in the order of the rows,
 * borrowed from the cells of |found|. */
typedef struct {
  size_t key;
  char **ticks;
  size_t count;
} ho_axis;

typedef struct {
  const ho_found *found;
  ho_axis x, y;
  bool plane; /* there is |y|: two keys are varied, or more */
} ho_axes;

/* ho_axes_choose takes the key with most values for x and, if |plane| and
 * there is another, the one with most of the others for y; of several the
 * first.  The caller frees |axes| with ho_axes_free. */
void ho_axes_choose(ho_axes *axes, const ho_found *found, bool plane);
void ho_axes_free(ho_axes *axes);

/* ho_axis_place is the index of |value|, |count| if it is not there. */
size_t ho_axis_place(const ho_axis *axis, const char *value);

/* ho_axes_same tells if the keys that are no axes have the same values in
 * |one| as in |other|; ho_axes_rest is "key = value, ..." of them, which the
 * caller frees. */
bool ho_axes_same(const ho_axes *axes, char *const *one, char *const *other);
char *ho_axes_rest(const ho_axes *axes, char *const *labels);

/* ho_axes_next is the first cell from |from| on whose rest no cell before it
 * has, the number of cells if there is none; ho_axes_rests is how many there
 * are. */
size_t ho_axes_next(const ho_axes *axes, size_t from);
size_t ho_axes_rests(const ho_axes *axes);

/* ho_axes_lead says which combinations the figures over varied values show, in
 * words that the caller frees. */
char *ho_axes_lead(const ho_found *found);

/* ho_axis_write labels gnuplot's axis |name|, "x" or "y"; its values stand at
 * 0, 1, ... */
void ho_axis_write(const ho_found *found, const ho_axis *axis, const char *name,
                   FILE *gp);

#endif
