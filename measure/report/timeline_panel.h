/* A part of a timeline: some time of a run, as wide as the picture. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_REPORT_TIMELINE_PANEL_H
#define HO_REPORT_TIMELINE_PANEL_H

#include <stdio.h>

#include "measure/report/timeline_moves.h"
#include "measure/report/timeline_private.h"

/* In pixels.  LEFT is where the names end. */
enum { WIDTH = 1000, LEFT = 210, RIGHT = 980, ROW = 30, BAR = 14, AREA = 70 };

#define INK     "#1a1a1a"
#define FAINT   "#666666"
#define GRID    "#e4e4e4"
#define UP      "#cfe0ee"
#define DEFAULT "#0072B2"
#define EVENT   "#B04000"

/* A path's state: its colour and its name. */
extern const char *const ho_path_states[PATH_FAILED + 1][2];

typedef struct {
  const ho_timeline *tl;
  const ho_moves *moves;
  FILE *out;
  double from, to; /* seconds */
  double y;        /* the upper edge of the next row */
} panel;

/* ho_panel_place is where |t| is, from left to right. */
double ho_panel_place(const panel *p, double t);

/* ho_panel_rows draws all rows, and ho_panel_height is how high they are. */
void ho_panel_rows(panel *p);
double ho_panel_height(const ho_timeline *tl);

#endif
