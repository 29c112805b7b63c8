/* timeline.svg: what was kept of a run, drawn. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/report/svg.h"
#include "measure/report/timeline_panel.h"
#include "sim/base/alloc.h"

/* Above and below a panel's rows, and the key. */
enum { HEAD = 30, FOOT = 46, TITLE = 44, KEY = 112 };

/* A handoff that takes less of the run than this is shown once more, larger. */
#define SMALL 0.4

/* ---- a panel ---- */

/* 1, 2 or 5 times a power of ten: eight or fewer of them. */
static double step_of(double length) {
  static const double STEPS[] = {1, 2, 5};
  double unit = pow(10, floor(log10(length / 8)));

  for (size_t i = 0; i < 3; i++) {
    if (length / (unit * STEPS[i]) <= 8) {
      return unit * STEPS[i];
    }
  }
  return unit * 10;
}

static void draw_grid(const panel *p, double bottom) {
  double step = step_of(p->to - p->from);

  for (double k = ceil(p->from / step); k * step <= p->to; k++) {
    double x = ho_panel_place(p, k * step);
    char *text = ho_format("%.6g s", k * step);
    ho_svg_line(p->out, x, p->y, x, bottom, GRID, 1);
    ho_svg_text(p->out, x, bottom + 14, "middle", 11, FAINT, text);
    free(text);
  }
}

static void draw_panel(panel *p, const char *head) {
  double bottom = p->y + HEAD + ho_panel_height(p->tl);

  ho_svg_text(p->out, 14, p->y + 18, "start", 14, INK, head);
  p->y += HEAD;
  draw_grid(p, bottom);
  ho_panel_rows(p);
  p->y = bottom + FOOT;
}

/* ---- the key ---- */

typedef struct {
  FILE *out;
  double x, y;
} key;

static void end_entry(key *k, const char *text) {
  ho_svg_text(k->out, k->x + 22, k->y + 4, "start", 11, INK, text);
  k->x += 22 + ho_svg_width(text, 11) + 16;
}

static void key_box(key *k, const char *fill, double height, const char *text) {
  ho_svg_rect(k->out, k->x, k->y - height / 2, 16, height, fill, NULL);
  end_entry(k, text);
}

static void key_dot(key *k, const char *colour, int hollow, const char *text) {
  ho_svg_circle(k->out, k->x + 8, k->y, hollow ? 4 : 2, colour, hollow, NULL);
  end_entry(k, text);
}

/* Of a kind of row, on a line of its own. */
static void key_head(key *k, const char *text) {
  k->x = LEFT;
  k->y += 18;
  ho_svg_text(k->out, LEFT - 10, k->y + 4, "end", 11, FAINT, text);
}

static void draw_key(FILE *out, double y) {
  key k = {out, 0, y};

  key_head(&k, "network");
  key_box(&k, UP, 12, "up");
  key_box(&k, DEFAULT, 4, "default route");
  key_box(&k, INK, 12, "new connection");
  key_box(&k, EVENT, 2, "NAT mapping made or lost");
  key_head(&k, "path");
  for (size_t i = 0; i <= PATH_FAILED; i++) {
    key_box(&k, ho_path_states[i][0], 12, ho_path_states[i][1]);
  }
  key_box(&k, INK, 4, "brings data");
  key_head(&k, "above the bar: by the client");
  key_dot(&k, EVENT, 1, "PATH_CHALLENGE sent");
  key_dot(&k, DEFAULT, 0, "PATH_RESPONSE sent");
  key_head(&k, "handoff");
  for (size_t i = 0; i < HO_PHASES; i++) {
    key_box(&k, ho_phases[i].colour, 12, ho_phases[i].name);
  }
  ho_svg_text(out, LEFT, k.y + 24, "start", 11, FAINT,
              "A path's upper half is as the client has it, its lower half as "
              "the server does. Point at something to read more.");
}

/* ---- the picture ---- */

static char *title_of(const ho_timeline *tl) {
  const ho_scenario *scenario = tl->config->scenario;
  char *text =
      ho_format("%s, arm %s, seed %" PRIu64, scenario->name,
                scenario->arms[tl->config->arm].name, tl->config->seed);

  for (size_t i = 0; i < scenario->point_count; i++) {
    char *longer = ho_format("%s, %s = %s", text, scenario->point[i].key,
                             scenario->point[i].value);
    free(text);
    text = longer;
  }
  return text;
}

/* The first handoff with some time about it, if that is little of the run. */
static bool find_small(const ho_moves *moves, double end, panel *p) {
  const ho_move *move = moves->count > 0 ? &moves->items[0] : NULL;
  double length, room;

  if (!move || isinf(move->ends[HO_PHASES - 1])) {
    return false;
  }
  length = fmax(move->ends[0], move->loss);
  for (size_t i = 0; i < HO_PHASES; i++) {
    length = fmax(length, move->ends[i]);
  }
  length = fmax(length - move->loss, 0.01);
  room = length * 0.3;
  p->from = fmax(0, move->loss - room);
  p->to = fmin(end, move->loss + length + room);
  return p->to - p->from < SMALL * end;
}

static void draw(const ho_timeline *tl, const ho_moves *moves, FILE *out) {
  double end = fmax((double)tl->now / 1e9, 0.001);
  panel whole = {tl, moves, out, 0, end, TITLE}, part = whole;
  bool small = find_small(moves, end, &part);
  double height =
      TITLE + (small ? 2 : 1) * (HEAD + ho_panel_height(tl) + FOOT) + KEY;
  char *title = title_of(tl);

  ho_svg_begin(out, WIDTH, height, title);
  ho_svg_text(out, 14, 28, "start", 18, INK, title);
  draw_panel(&whole, tl->cut ? "The whole run (there was more than is drawn)"
                             : "The whole run");
  if (small) {
    part.y = whole.y;
    draw_panel(&part, "The first handoff");
  }
  draw_key(out, height - KEY);
  ho_svg_end(out);
  free(title);
}

int ho_timeline_draw(const ho_timeline *tl) {
  ho_moves moves;
  int rv = ho_moves_read(&moves, tl->config->scenario, tl->dir), err = errno;
  char *path = ho_format("%s/timeline.svg", tl->dir);
  FILE *out = rv == 0 ? fopen(path, "we") : NULL;

  if (rv == 0 && !out) {
    rv = HO_ERR_IO;
    err = errno;
  }
  if (out) {
    draw(tl, &moves, out);
    rv = fflush(out) != 0 || ferror(out) ? HO_ERR_IO : 0;
    err = errno;
    if (fclose(out) != 0 && rv == 0) {
      rv = HO_ERR_IO;
      err = errno;
    }
  }
  ho_moves_free(&moves);
  free(path);
  errno = err;
  return rv;
}
