/* The rows of a timeline. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/report/svg.h"
#include "measure/report/timeline_panel.h"
#include "sim/base/alloc.h"

const char *const ho_path_states[PATH_FAILED + 1][2] = {
    [PATH_UNKNOWN] = {"#c4c4c4", "not validated"},
    [PATH_PROBED] = {"#E69F00", "being validated"},
    [PATH_VALID] = {"#6fc3a5", "validated"},
    [PATH_FAILED] = {"#D55E00", "validation failed"},
};

static double seconds(ho_time t) {
  return (double)t / 1e9;
}

double ho_panel_place(const panel *p, double t) {
  double share = (t - p->from) / (p->to - p->from);

  return LEFT + (RIGHT - LEFT) * fmin(fmax(share, 0), 1);
}

static bool is_within(const panel *p, double t) {
  return t >= p->from && t <= p->to;
}

/* From |t0| to |t1|, as much of it as is in the panel. */
static void bar(const panel *p, double t0, double t1, double y, double height,
                const char *fill, const char *title) {
  double x0 = ho_panel_place(p, t0), x1 = ho_panel_place(p, t1);

  if (t1 >= p->from && t0 <= p->to && t1 > t0) {
    ho_svg_rect(p->out, x0, y, fmax(x1 - x0, 0.6), height, fill, title);
  }
}

static void name_row(const panel *p, const char *name, const char *below) {
  double middle = p->y + ROW / 2.0;

  ho_svg_text(p->out, LEFT - 10, middle + (below ? -2 : 4), "end", 12, INK,
              name);
  if (below) {
    ho_svg_text(p->out, LEFT - 10, middle + 10, "end", 10, FAINT, below);
  }
}

/* ---- networks ---- */

static bool is_of(const happening *h, int client) {
  return h->client < 0 || h->client == client;
}

/* When it was up: from the scenario's beginning, then as it happened. */
static void draw_up(const panel *p, int client, int net) {
  const ho_timeline *tl = p->tl;
  bool up = tl->config->scenario->nets[net].connected;
  double since = 0;

  for (size_t i = 0; i < tl->happenings_count; i++) {
    const happening *h = &tl->happenings[i];
    if (!is_of(h, client) || h->net != net) {
      continue;
    }
    if (h->kind == HO_EV_network_down && up) {
      bar(p, since, seconds(h->t), p->y + 8, BAR, UP, NULL);
      up = false;
    } else if (h->kind == HO_EV_network_up && !up) {
      since = seconds(h->t);
      up = true;
    }
  }
  if (up) {
    bar(p, since, p->to, p->y + 8, BAR, UP, NULL);
  }
}

static void draw_default(const panel *p, int client, int net) {
  const ho_timeline *tl = p->tl;
  int now = ho_scenario_start(tl->config->scenario, (size_t)client);
  double since = 0;

  for (size_t i = 0; i < tl->happenings_count; i++) {
    const happening *h = &tl->happenings[i];
    if (h->kind != HO_EV_default_network || !is_of(h, client)) {
      continue;
    }
    if (now == net) {
      bar(p, since, seconds(h->t), p->y + 8 + BAR - 4, 4, DEFAULT, NULL);
    }
    now = h->net;
    since = seconds(h->t);
  }
  if (now == net) {
    bar(p, since, p->to, p->y + 8 + BAR - 4, 4, DEFAULT, NULL);
  }
}

/* A stroke for what a NAT does, and for each connection. */
static void draw_strokes(const panel *p, int client, int net) {
  const ho_timeline *tl = p->tl;

  for (size_t i = 0; i < tl->happenings_count; i++) {
    const happening *h = &tl->happenings[i];
    bool nat = h->kind == HO_EV_nat_mapped || h->kind == HO_EV_nat_unmapped;
    double t = seconds(h->t);
    char *title;
    if (h->net != net || !is_of(h, client) || !is_within(p, t) ||
        !(nat || h->kind == HO_EV_connection_started)) {
      continue;
    }
    title = ho_format("%.6f s: %s", t, h->text);
    ho_svg_rect(p->out, ho_panel_place(p, t) - 1, p->y + (nat ? 4 : 8),
                nat ? 2 : 3, nat ? BAR + 8 : BAR, nat ? EVENT : INK, title);
    free(title);
  }
}

static void draw_networks(panel *p, int client) {
  const ho_scenario *scenario = p->tl->config->scenario;

  for (size_t i = 0; i < scenario->nets_count; i++) {
    name_row(p, scenario->nets[i].name, "network");
    draw_up(p, client, (int)i);
    draw_default(p, client, (int)i);
    draw_strokes(p, client, (int)i);
    p->y += ROW;
  }
}

/* ---- paths ---- */

/* The upper half of the bar is the client's, the lower the server's. */
static void draw_states(const panel *p, const lane *l, ho_side side) {
  double y = p->y + 8 + (side == HO_SERVER ? BAR / 2.0 : 0);
  double since = seconds(l->first);
  path_state state = PATH_UNKNOWN;

  for (size_t i = 0; i < l->turns_count; i++) {
    const turn *t = &l->turns[i];
    if (t->side == side) {
      bar(p, since, seconds(t->t), y, BAR / 2.0, ho_path_states[state][0],
          NULL);
      since = seconds(t->t);
      state = t->state;
    }
  }
  bar(p, since, seconds(l->last), y, BAR / 2.0, ho_path_states[state][0], NULL);
}

static void draw_busy(const panel *p, const lane *l) {
  double bin = seconds(p->tl->bin);

  for (size_t i = 0; i < HO_TIMELINE_BINS; i++) {
    size_t end = i;
    while (end < HO_TIMELINE_BINS && l->busy[end]) {
      end++;
    }
    if (end > i) {
      bar(p, (double)i * bin, (double)end * bin, p->y + 8 + BAR / 2.0 - 2, 4,
          INK, NULL);
      i = end;
    }
  }
}

/* Of those that would hide each other one is drawn; a challenge is a ring
 * about a response. */
static void draw_frames(const panel *p, const lane *l) {
  double last[2][2] = {{-9, -9}, {-9, -9}};

  for (size_t i = 0; i < l->frames_count; i++) {
    const frame *f = &l->frames[i];
    double t = seconds(f->t), x = ho_panel_place(p, t);
    double *before = &last[f->side][f->challenge];
    char *title;
    if (!is_within(p, t) || x - *before < 2) {
      continue;
    }
    *before = x;
    title = ho_format("%.6f s: the %s sends %s", t,
                      f->side == HO_CLIENT ? "client" : "server",
                      f->challenge ? "PATH_CHALLENGE" : "PATH_RESPONSE");
    ho_svg_circle(p->out, x, p->y + 8 + (f->side == HO_CLIENT ? -2 : BAR + 2),
                  f->challenge ? 4 : 2, f->challenge ? EVENT : DEFAULT,
                  f->challenge, title);
    free(title);
  }
}

static void draw_paths(panel *p, int client) {
  for (size_t i = 0; i < p->tl->lanes_count; i++) {
    const lane *l = p->tl->lanes[i];
    char text[HO_ENDPOINT_TEXT];
    char *name;
    if (l->client != client) {
      continue;
    }
    name = ho_format("%s path over %s", l->tcp ? "TCP" : "UDP",
                     l->net >= 0 ? p->tl->config->scenario->nets[l->net].name
                                 : "none");
    ho_endpoint_text(text,
                     l->outside.addr.family ? &l->outside : &l->inside.client);
    name_row(p, name, text);
    draw_states(p, l, HO_CLIENT);
    draw_states(p, l, HO_SERVER);
    draw_busy(p, l);
    draw_frames(p, l);
    p->y += ROW;
    free(name);
  }
}

/* ---- handoffs ---- */

/* Until |limit|, where the next one begins. */
static void draw_move(const panel *p, const ho_move *move, double limit) {
  double since = move->loss;

  for (size_t i = 0; i < HO_PHASES && since < limit; i++) {
    double end = fmin(move->ends[i], limit);
    if (end > since) {
      bool whole = move->ends[i] <= limit;
      char *title =
          ho_format("%s: %s, %.3f ms%s", move->text, ho_phases[i].name,
                    (end - since) * 1e3, whole ? "" : " and not ended");
      bar(p, since, end, p->y + 8, BAR, ho_phases[i].colour, title);
      free(title);
    }
    since = end;
  }
}

/* When the client's next handoff begins, or the run ends. */
static double next_loss(const panel *p, size_t i) {
  const ho_moves *moves = p->moves;
  double end = seconds(p->tl->now);

  for (size_t k = i + 1; k < moves->count; k++) {
    if (moves->items[k].client == moves->items[i].client) {
      return fmin(moves->items[k].loss, end);
    }
  }
  return end;
}

static void draw_moves(panel *p, int client) {
  name_row(p, "handoffs", "by their phases");
  for (size_t i = 0; i < p->moves->count; i++) {
    if (p->moves->items[i].client == client) {
      draw_move(p, &p->moves->items[i], next_loss(p, i));
    }
  }
  p->y += ROW;
}

/* ---- the whole world ---- */

/* The timeline's entries, named where there is room. */
static void draw_actions(panel *p) {
  double free_from = 0;

  for (size_t i = 0; i < p->tl->happenings_count; i++) {
    const happening *h = &p->tl->happenings[i];
    double t = seconds(h->t), x = ho_panel_place(p, t), width;
    if (h->kind != HO_EV_action || !is_within(p, t)) {
      continue;
    }
    ho_svg_line(p->out, x, p->y + 16, x, p->y + ROW, EVENT, 1);
    width = ho_svg_width(h->text, 11);
    if (x - width / 2 > free_from && x + width / 2 < WIDTH) {
      ho_svg_text(p->out, x, p->y + 12, "middle", 11, EVENT, h->text);
      free_from = x + width / 2;
    }
  }
  name_row(p, "scenario", NULL);
  p->y += ROW;
}

/* Bytes until |t|, as if they came evenly within a bin. */
static double delivered_until(const ho_timeline *tl, double t) {
  double bin = seconds(tl->bin), sum = 0;

  for (size_t i = 0; i < HO_TIMELINE_BINS && (double)i * bin < t; i++) {
    double share = fmin(t / bin - (double)i, 1);
    sum += share * (double)tl->delivered[i];
  }
  return sum;
}

static void draw_delivered(panel *p) {
  const ho_timeline *tl = p->tl;
  double base = p->y + AREA - 4, pixel = (p->to - p->from) / (RIGHT - LEFT);
  double first = delivered_until(tl, p->from), sum = first;
  double gain = delivered_until(tl, p->to) - first;
  char *text = ho_format("%.3g MB in this time", gain / 1e6);

  name_row(p, "delivered", text);
  free(text);
  fprintf(p->out, "<polygon fill=\"#b8b8b8\" points=\"%d,%.2f", LEFT, base);
  for (double t = p->from; t < p->to && gain > 0; t += pixel) {
    sum = delivered_until(tl, t) - first;
    fprintf(p->out, " %.2f,%.2f", ho_panel_place(p, t),
            base - (AREA - 12) * sum / gain);
  }
  fprintf(p->out, " %d,%.2f %d,%.2f\"/>\n", RIGHT, gain > 0 ? p->y + 8 : base,
          RIGHT, base);
  p->y += AREA;
}

/* ---- all of them ---- */

static size_t clients_of(const ho_timeline *tl) {
  size_t clients = tl->config->scenario->clients;

  return clients < CLIENTS ? clients : CLIENTS;
}

double ho_panel_height(const ho_timeline *tl) {
  size_t clients = clients_of(tl), heads = clients > 1 ? clients : 0;
  size_t rows = 1 + tl->lanes_count + heads +
                clients * (tl->config->scenario->nets_count + 1);

  return (double)(rows * ROW + AREA);
}

void ho_panel_rows(panel *p) {
  size_t clients = clients_of(p->tl);

  draw_actions(p);
  for (size_t i = 0; i < clients; i++) {
    if (clients > 1) {
      char *head = ho_format("client %zu", i);
      ho_svg_text(p->out, 14, p->y + 20, "start", 13, INK, head);
      p->y += ROW;
      free(head);
    }
    draw_networks(p, (int)i);
    draw_paths(p, (int)i);
    draw_moves(p, (int)i);
  }
  draw_delivered(p);
}
