/* Who sent what in one handoff, drawn. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/report/figures.h"
#include "measure/report/sequence.h"
#include "sim/base/alloc.h"

/* In pixels of the page. */
enum { WIDTH = 480, CLIENT = 78, SERVER = 462, HEAD = 44, ROW = 19, HALF = 11 };

typedef enum { SEND, NOTE, RECEIVE } mark_kind;

/* Everything that has a place of its own from top to bottom. */
typedef struct {
  double t;
  mark_kind kind;
  size_t index, order;
} mark;

typedef struct {
  const ho_sequence *s;
  mark *marks;
  size_t count;
  double *sent, *received; /* of each message: how far down */
  double *noted;           /* of each note */
  double height;
} layout;

static int by_time(const void *left, const void *right) {
  const mark *a = left, *b = right;

  if (a->t != b->t) {
    return a->t < b->t ? -1 : 1;
  }
  if (a->kind != b->kind) {
    /* What arrives causes what is noted, and what is sent. */
    static const int RANK[] = {2, 1, 0};
    return RANK[a->kind] - RANK[b->kind];
  }
  return a->order < b->order ? -1 : 1;
}

static void add_mark(layout *l, double t, mark_kind kind, size_t index) {
  l->marks[l->count] = (mark){t, kind, index, l->count};
  l->count++;
}

static void lay_out(layout *l, const ho_sequence *s) {
  *l = (layout){.s = s, .height = HEAD};
  l->marks = ho_alloc_array(2 * s->count + s->notes_count, sizeof(mark));
  l->sent = ho_alloc_array(s->count, sizeof(double));
  l->received = ho_alloc_array(s->count, sizeof(double));
  l->noted = ho_alloc_array(s->notes_count, sizeof(double));
  for (size_t i = 0; i < s->count; i++) {
    add_mark(l, s->messages[i].sent, SEND, i);
    if (!isnan(s->messages[i].received)) {
      add_mark(l, s->messages[i].received, RECEIVE, i);
    }
  }
  for (size_t i = 0; i < s->notes_count; i++) {
    add_mark(l, s->notes[i].t, NOTE, i);
  }
  qsort(l->marks, l->count, sizeof(mark), by_time);
  for (size_t i = 0; i < l->count; i++) {
    const mark *m = &l->marks[i];
    l->height += m->kind == RECEIVE ? HALF : ROW;
    *(m->kind == SEND      ? &l->sent[m->index]
      : m->kind == RECEIVE ? &l->received[m->index]
                           : &l->noted[m->index]) = l->height;
  }
  l->height += ROW;
}

static void label(FILE *gp, const char *text, double x, double y,
                  const char *side, const char *colour, bool boxed) {
  fputs("set label ", gp);
  ho_plot_text(gp, text);
  fprintf(gp, " at %.0f,%.0f %s font small tc rgb '%s' front%s\n", x, y, side,
          colour, boxed ? " boxed" : "");
}

static void draw_message(const layout *l, size_t i, const ho_plot *plot) {
  const ho_message *m = &l->s->messages[i];
  double x0 = m->from_client ? CLIENT : SERVER;
  double x1 = m->from_client ? SERVER : CLIENT;
  bool lost = isnan(m->received);
  double y1 = lost ? l->sent[i] + HALF : l->received[i];
  const char *colour = m->path ? "#0072B2" : "#555555";
  char *times = m->times > 1 ? ho_format("%zu x ", m->times) : ho_strdup("");
  char *text =
      ho_format("%s%s%s%s%s%s", times, m->label, *m->dcid ? ", DCID " : "",
                m->dcid, m->to_new ? "" : ", old path", lost ? ", lost" : "");

  if (lost) {
    x1 = x0 + (x1 - x0) * 0.6;
  }
  fprintf(plot->gp,
          "set arrow from %.0f,%.0f to %.0f,%.0f head filled size 8,18 lc rgb "
          "'%s' lw 1.3 dt %d\n",
          x0, l->sent[i], x1, y1, m->to_new ? colour : "#999999", lost ? 2 : 1);
  label(plot->gp, text, m->from_client ? CLIENT + 8 : SERVER - 8,
        l->sent[i] - 3, m->from_client ? "left" : "right", colour, true);
  fprintf(plot->data, "%.6f ", m->sent * 1e3);
  if (lost) {
    fputs("NaN", plot->data);
  } else {
    fprintf(plot->data, "%.6f", m->received * 1e3);
  }
  fprintf(plot->data, " %s \"%s\"\n", m->from_client ? "client" : "server",
          text);
  free(text);
  free(times);
}

static void draw_note(const layout *l, size_t i, const ho_plot *plot) {
  const ho_note *n = &l->s->notes[i];
  double x = n->client ? CLIENT : SERVER;

  fprintf(plot->gp,
          "set object circle at %.0f,%.0f size 3 fc rgb '#D55E00' fs solid "
          "noborder front\n",
          x, l->noted[i] - 3);
  label(plot->gp, n->text, n->client ? x + 8 : x - 8, l->noted[i] - 3,
        n->client ? "left" : "right", "#B04000", true);
}

/* Milliseconds at the left, once for what happens at once. */
static void draw_times(const layout *l, FILE *gp) {
  double last = -1, y = HEAD;

  for (size_t i = 0; i < l->count; i++) {
    const mark *m = &l->marks[i];
    bool new = i == 0 || m->t - last > 1e-6;
    y += m->kind == RECEIVE ? HALF : ROW;
    if (new && m->kind != RECEIVE) {
      char *text = ho_format("%.1f ms", m->t * 1e3);
      label(gp, text, CLIENT - 10, y - 3, "right", "#555555", false);
      free(text);
      last = m->t;
    }
  }
}

static void draw_frame(const layout *l, FILE *gp) {
  static const struct {
    const char *name;
    int x;
  } ENDS[] = {{"client", CLIENT}, {"server", SERVER}};

  fprintf(gp,
          "small = form eq 'svg' ? ',11' : ',5.5'\n"
          "unset border\nunset tics\nunset grid\nunset key\n"
          "set margins 0,0,0,0\n"
          "set style textbox opaque noborder fillcolor rgb '#ffffff' "
          "margins 0.3,0.1\n"
          "set xrange [0:%d]\nset yrange [%.0f:0]\n",
          WIDTH, l->height);
  for (size_t i = 0; i < 2; i++) {
    fprintf(gp,
            "set label '%s' at %d,16 %s\n"
            "set arrow from %d,30 to %d,%.0f nohead lc rgb '#222222' lw 1.5\n",
            ENDS[i].name, ENDS[i].x, i == 0 ? "center" : "right", ENDS[i].x,
            ENDS[i].x, l->height);
  }
}

static char *caption_of(const ho_found *found, const ho_moment *moment,
                        const ho_sequence *s) {
  const ho_csv_file *file = &found->handoffs_csv;
  char *before = s->old_tuple
                     ? ho_format(" The server saw %.*s before.",
                                 (int)strcspn(s->old_tuple, ">"), s->old_tuple)
                     : ho_strdup("");
  char *text = ho_format(
      "Seed %s, client %s, %s from %s to %s, from the handoff until the first "
      "byte over the new path and its validation. Time is not to scale; "
      "datagrams on the new path, alike ones together.%s%s",
      moment->seed, moment->client, ho_found_cell(file, moment->row, "kind"),
      ho_found_cell(file, moment->row, "from"),
      ho_found_cell(file, moment->row, "to"), before,
      s->cut ? " There were more." : "");

  free(before);
  return text;
}

static void draw_moment(const ho_found *found, ho_figures *figures,
                        const ho_moment *moment, const ho_sequence *s) {
  char *name = ho_format("sequence-%s", moment->arm);
  ho_plot plot;
  layout l;

  lay_out(&l, s);
  ho_plot_open(&plot, figures, name, l.height / WIDTH);
  fputs("# sent and received, ms since t_loss; sender; what\n", plot.data);
  draw_frame(&l, plot.gp);
  draw_times(&l, plot.gp);
  for (size_t i = 0; i < s->count; i++) {
    draw_message(&l, i, &plot);
  }
  for (size_t i = 0; i < s->notes_count; i++) {
    draw_note(&l, i, &plot);
  }
  fputs("plot NaN notitle\n", plot.gp);
  ho_plot_close(&plot, figures, ho_strdup(moment->arm),
                caption_of(found, moment, s));
  free(l.marks);
  free(l.sent);
  free(l.received);
  free(l.noted);
  free(name);
}

/* Where nothing went by a new path there is nothing to show. */
void ho_sequence_draw(const ho_found *found, ho_figures *figures) {
  for (size_t i = 0; found->has_events && i < found->moments_count; i++) {
    ho_sequence s;
    ho_sequence_read(&s, found, &found->moments[i]);
    if (s.count > 0) {
      draw_moment(found, figures, &found->moments[i], &s);
    }
    ho_sequence_free(&s);
  }
}
