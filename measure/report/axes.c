/* Varied keys as axes: which of them, and their values in order. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/report/axes.h"

#include <stdlib.h>
#include <string.h>

#include "measure/report/figures.h"
#include "sim/base/alloc.h"

/* Letters that stand side by side below a figure. */
enum { ROOM = 46 };

size_t ho_axis_place(const ho_axis *axis, const char *value) {
  size_t i = 0;

  while (i < axis->count && strcmp(axis->ticks[i], value) != 0) {
    i++;
  }
  return i;
}

static void list_ticks(ho_axis *axis, const ho_sheet *runs, size_t key) {
  *axis = (ho_axis){.key = key};
  axis->ticks = ho_alloc_array(runs->cells_count, sizeof(char *));
  for (size_t i = 0; i < runs->cells_count; i++) {
    char *value = runs->cells[i].labels[key];
    if (ho_axis_place(axis, value) == axis->count) {
      axis->ticks[axis->count++] = value;
    }
  }
}

/* The key with most values, other than |taken|. */
static void choose(ho_axis *axis, const ho_sheet *runs, size_t taken) {
  *axis = (ho_axis){0};
  for (size_t k = 0; k < runs->vary_count; k++) {
    ho_axis other;
    if (k == taken) {
      continue;
    }
    list_ticks(&other, runs, k);
    if (other.count > axis->count) {
      free(axis->ticks);
      *axis = other;
    } else {
      free(other.ticks);
    }
  }
}

void ho_axes_choose(ho_axes *axes, const ho_found *found, bool plane) {
  const ho_sheet *runs = &found->runs;

  *axes = (ho_axes){.found = found, .plane = plane && runs->vary_count > 1};
  choose(&axes->x, runs, runs->vary_count);
  if (axes->plane) {
    choose(&axes->y, runs, axes->x.key);
  }
}

void ho_axes_free(ho_axes *axes) {
  free(axes->x.ticks);
  free(axes->y.ticks);
  *axes = (ho_axes){0};
}

static bool is_rest(const ho_axes *axes, size_t key) {
  return key != axes->x.key && !(axes->plane && key == axes->y.key);
}

bool ho_axes_same(const ho_axes *axes, char *const *one, char *const *other) {
  for (size_t k = 0; k < axes->found->runs.vary_count; k++) {
    if (is_rest(axes, k) && strcmp(one[k], other[k]) != 0) {
      return false;
    }
  }
  return true;
}

char *ho_axes_rest(const ho_axes *axes, char *const *labels) {
  const ho_sheet *runs = &axes->found->runs;
  char *text = ho_strdup("");

  for (size_t k = 0; k < runs->vary_count; k++) {
    if (is_rest(axes, k)) {
      char *longer = ho_format("%s%s%s = %s", text, *text ? ", " : "",
                               runs->vary[k], labels[k]);
      free(text);
      text = longer;
    }
  }
  return text;
}

size_t ho_axes_next(const ho_axes *axes, size_t from) {
  const ho_sheet *runs = &axes->found->runs;

  for (; from < runs->cells_count; from++) {
    size_t i = 0;
    while (i < from && !ho_axes_same(axes, runs->cells[i].labels,
                                     runs->cells[from].labels)) {
      i++;
    }
    if (i == from) {
      break;
    }
  }
  return from;
}

size_t ho_axes_rests(const ho_axes *axes) {
  size_t count = 0, i = ho_axes_next(axes, 0);

  for (; i < axes->found->runs.cells_count; i = ho_axes_next(axes, i + 1)) {
    count++;
  }
  return count;
}

/* " Of 8 combinations of the other keys 2 are drawn." or nothing. */
static char *left_out(const ho_axes *axes, size_t drawn, const char *what) {
  size_t rests = ho_axes_rests(axes);

  return rests > drawn ? ho_format(" Of %zu %s the first %zu are drawn; the "
                                   "Summary has all.",
                                   rests, what, drawn)
                       : ho_strdup("");
}

static char *plane_lead(const ho_found *found) {
  ho_axes axes;
  char *rest, *text;

  ho_axes_choose(&axes, found, true);
  rest = left_out(&axes, HO_REPORT_MAPS, "combinations of the other keys");
  text = ho_format(" Then the same over %s and %s at once, for each arm: the "
                   "number in a cell and its colour are the median.%s",
                   found->runs.vary[axes.x.key], found->runs.vary[axes.y.key],
                   rest);
  free(rest);
  ho_axes_free(&axes);
  return text;
}

char *ho_axes_lead(const ho_found *found) {
  ho_axes axes;
  char *rest, *plane = NULL, *text;

  ho_axes_choose(&axes, found, false);
  rest = left_out(&axes, HO_REPORT_POINTS,
                  found->runs.vary_count > 2 ? "combinations of the other keys"
                                             : "values of the other key");
  if (found->runs.vary_count > 1) {
    plane = plane_lead(found);
  }
  text = ho_format("Lines over the values of %s.%s%s",
                   found->runs.vary[axes.x.key], rest, plane ? plane : "");
  free(rest);
  free(plane);
  ho_axes_free(&axes);
  return text;
}

void ho_axis_write(const ho_found *found, const ho_axis *axis, const char *name,
                   FILE *gp) {
  size_t letters = 0;

  for (size_t i = 0; i < axis->count; i++) {
    letters += strlen(axis->ticks[i]) + 1;
  }
  fprintf(gp, "set %slabel ", name);
  ho_plot_text(gp, found->runs.vary[axis->key]);
  fprintf(gp, "\nset %stics %s(", name,
          *name == 'x' && letters > ROOM ? "rotate by 45 right " : "");
  for (size_t i = 0; i < axis->count; i++) {
    fputs(i > 0 ? ", " : "", gp);
    ho_plot_text(gp, axis->ticks[i]);
    fprintf(gp, " %zu", i);
  }
  fputs(")\n", gp);
}
