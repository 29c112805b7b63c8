/* What the radios of a scenario carry, measured before its runs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/calibration.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/alloc.h"
#include "stack/calibrate.h"

/* More places than this are sampled in the order of the timeline. */
enum { PLACES_MAX = 8 };

/* A second or so is usual; whatever takes this long hangs. */
enum { MOST_SECONDS = 120 };

static const ho_time SPAN = 500 * HO_MSEC;

static bool is_bulk(const ho_scenario *s) {
  for (size_t i = 0; i < s->clients; i++) {
    ho_work_type type = ho_scenario_work(s, i)->type;
    if (type == HO_WORK_DOWNLOAD || type == HO_WORK_UPLOAD) {
      return true;
    }
  }
  return false;
}

/* ---- which places there are ---- */

/* All that ho_calibrate's answer depends on, of one plan and seed. */
static char *key_of(const ho_net_config *net, int index, ho_position at) {
  const ho_wired *w = &net->wired;
  const ho_wifi_config *f = &net->wifi;
  const ho_lte_config *l = &net->lte;

  return ho_format(
      "%s %d %d %d, %" PRId64 " %" PRId64 ", %" PRIu32 " %" PRIu64 " %" PRIu64
      ", %" PRIu64 " %" PRIu64 " %" PRIu32 ", %d %" PRIu32 " %" PRId32
      " %" PRId64 " %" PRId64 " %" PRIu32 " %d %" PRIu64 ", %" PRIu32
      " %" PRId64 " %" PRId64 " %" PRIu32 " %" PRIu64 " %d %" PRIu32
      " %d %" PRIu64,
      net->name, index, (int)net->type, net->family, at.x_mm, at.y_mm, net->mtu,
      net->background_down_bps, net->background_up_bps, w->down_bps, w->up_bps,
      w->loss_ppm, (int)f->standard, f->channel_width_mhz, f->tx_power_mdbm,
      f->ap.x_mm, f->ap.y_mm, f->stations, (int)f->queue.unit, f->queue.amount,
      l->resource_blocks, l->enb.x_mm, l->enb.y_mm, l->cells,
      l->cell_spacing_mm, (int)l->scheduler, l->ues, (int)l->queue.unit,
      l->queue.amount);
}

static void note_point(ho_calibrated *c, size_t point) {
  if (c->points_count == 0 || c->points[c->points_count - 1] != point) {
    ho_grow(&c->points, c->points_count, &c->points_cap, sizeof(size_t));
    c->points[c->points_count++] = point;
  }
}

/* Returns whether this is a place that |point| did not have yet. */
static bool add(ho_calibration *c, const ho_net_config *net, int index,
                ho_position at, size_t point) {
  char *key = key_of(net, index, at);

  for (size_t i = 0; i < c->count; i++) {
    ho_calibrated *old = &c->places[i];
    if (!strcmp(old->key, key)) {
      size_t before = old->points_count;
      free(key);
      note_point(old, point);
      return old->points_count > before;
    }
  }
  ho_grow(&c->places, c->count, &c->cap, sizeof(ho_calibrated));
  c->places[c->count] = (ho_calibrated){.place = {.net = index, .at = at},
                                        .network = ho_strdup(net->name),
                                        .key = key};
  note_point(&c->places[c->count++], point);
  return true;
}

static void add_network(ho_calibration *c, const ho_scenario *s, int index,
                        size_t point) {
  const ho_net_config *net = &s->nets[index];
  int places = 0;

  places += add(c, net, index, (ho_position){0, 0}, point);
  for (size_t i = 0; i < s->timeline_count; i++) {
    if (s->timeline[i].kind == HO_ACT_MOVE && places < PLACES_MAX) {
      places += add(c, net, index, s->timeline[i].to, point);
    }
  }
}

static void add_point(ho_calibration *c, const ho_plan *plan, size_t point) {
  ho_scenario *s = NULL;
  ho_diag diag = {0};

  if (ho_plan_load(plan, point, plan->seed, &s, &diag) == 0) {
    for (size_t i = 0; i < s->nets_count && is_bulk(s); i++) {
      if (ho_net_is_radio(&s->nets[i])) {
        add_network(c, s, (int)i, point);
      }
    }
    ho_scenario_del(s);
  }
  ho_diag_free(&diag); /* what was good a moment ago; the run will say */
}

/* ---- one place, one process ---- */

typedef struct {
  pid_t pid;
  int fd; /* where its two rates come from */
} worker;

static void measure(const ho_plan *plan, const ho_calibrated *c, int fd) {
  ho_scenario *scenario = NULL;
  ho_diag diag = {0};
  uint64_t rates[2];
  sigset_t none;

  prctl(PR_SET_PDEATHSIG, SIGKILL);
  /* Whoever interrupts ends this at once; the parent sees its own signal as
   * soon as the runs begin. */
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  alarm(MOST_SECONDS);
  if (ho_plan_load(plan, c->points[0], plan->seed, &scenario, &diag) != 0) {
    _exit(1);
  }
  ho_calibrate(scenario, c->place.net, c->place.at, plan->seed, SPAN, &rates[0],
               &rates[1]);
  _exit(write(fd, rates, sizeof(rates)) == (ssize_t)sizeof(rates) ? 0 : 1);
}

static worker start(const ho_plan *plan, const ho_calibrated *place) {
  worker w = {-1, -1};
  int ends[2];

  if (pipe(ends) != 0) {
    return w;
  }
  w.pid = fork();
  if (w.pid == 0) {
    close(ends[0]);
    measure(plan, place, ends[1]);
  }
  close(ends[1]);
  if (w.pid < 0) {
    close(ends[0]);
    return w;
  }
  w.fd = ends[0];
  return w;
}

/* Whether it came to an end. */
static bool finish(worker *w, ho_capacity_place *place) {
  uint64_t rates[2];
  ssize_t got;
  bool ok;

  if (w->pid <= 0) {
    return false;
  }
  do {
    got = read(w->fd, rates, sizeof(rates));
  } while (got < 0 && errno == EINTR);
  ok = got == (ssize_t)sizeof(rates);
  if (ok) {
    place->down_bps = rates[0];
    place->up_bps = rates[1];
  }
  close(w->fd);
  while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR) {
  }
  return ok;
}

static void collect(worker *w, ho_calibrated *c) {
  c->known = finish(w, &c->place);
  if (!c->known) {
    fprintf(stderr, "handoff: the capacity of '%s' could not be measured\n",
            c->network);
  }
}

static void measure_all(const ho_plan *plan, size_t jobs, ho_calibration *c) {
  worker *workers = ho_alloc_array(c->count + 1, sizeof(*workers));

  for (size_t i = 0; i < c->count + jobs; i++) {
    if (i >= jobs) {
      collect(&workers[i - jobs], &c->places[i - jobs]);
    }
    if (i < c->count) {
      workers[i] = start(plan, &c->places[i]);
    }
  }
  free(workers);
}

/* A place of which nothing is known must not count as one without a network. */
static void distribute(ho_calibration *c) {
  for (size_t i = 0; i < c->count; i++) {
    for (size_t k = 0; c->places[i].known && k < c->places[i].points_count;
         k++) {
      ho_capacity *point = &c->points[c->places[i].points[k]];
      ho_capacity_place *places =
          ho_alloc_array(point->count + 1, sizeof(ho_capacity_place));
      for (size_t n = 0; n < point->count; n++) {
        places[n] = point->places[n];
      }
      places[point->count] = c->places[i].place;
      free((void *)point->places);
      *point = (ho_capacity){places, point->count + 1};
    }
  }
}

void ho_calibration_make(const ho_plan *plan, size_t jobs,
                         ho_calibration *calibration) {
  size_t points = ho_plan_points(plan);

  *calibration = (ho_calibration){.points_count = points};
  calibration->points = ho_alloc_array(points, sizeof(ho_capacity));
  for (size_t i = 0; i < points; i++) {
    add_point(calibration, plan, i);
  }
  measure_all(plan, jobs, calibration);
  distribute(calibration);
}

void ho_calibration_free(ho_calibration *calibration) {
  for (size_t i = 0; i < calibration->points_count; i++) {
    free((void *)calibration->points[i].places);
  }
  for (size_t i = 0; i < calibration->count; i++) {
    free(calibration->places[i].network);
    free(calibration->places[i].key);
    free(calibration->places[i].points);
  }
  free(calibration->points);
  free(calibration->places);
  *calibration = (ho_calibration){0};
}
