/* What the radios of a scenario carry, measured before its runs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/calibration.h"

#include <errno.h>
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

typedef struct {
  ho_capacity_place *places;
  size_t count, cap;
} list;

static bool is_bulk(const ho_scenario *s) {
  for (size_t i = 0; i < s->clients; i++) {
    ho_work_type type = ho_scenario_work(s, i)->type;
    if (type == HO_WORK_DOWNLOAD || type == HO_WORK_UPLOAD) {
      return true;
    }
  }
  return false;
}

static bool has(const list *l, int net, ho_position at) {
  for (size_t i = 0; i < l->count; i++) {
    const ho_capacity_place *p = &l->places[i];

    if (p->net == net && p->at.x_mm == at.x_mm && p->at.y_mm == at.y_mm) {
      return true;
    }
  }
  return false;
}

static void add(list *l, int net, ho_position at) {
  if (!has(l, net, at)) {
    ho_grow(&l->places, l->count, &l->cap, sizeof(*l->places));
    l->places[l->count++] = (ho_capacity_place){.net = net, .at = at};
  }
}

static void add_network(list *l, const ho_scenario *s, int net) {
  size_t first = l->count;

  add(l, net, (ho_position){0, 0});
  for (size_t i = 0; i < s->timeline_count; i++) {
    if (s->timeline[i].kind == HO_ACT_MOVE && l->count - first < PLACES_MAX) {
      add(l, net, s->timeline[i].to);
    }
  }
}

/* ---- one place, one process ---- */

typedef struct {
  pid_t pid;
  int fd; /* where its two rates come from */
} worker;

static void measure(const ho_plan *plan, const ho_capacity_place *place,
                    int fd) {
  uint64_t rates[2];

  sigset_t none;

  prctl(PR_SET_PDEATHSIG, SIGKILL);
  /* Whoever interrupts ends this at once; the parent sees its own signal as
   * soon as the runs begin. */
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  alarm(MOST_SECONDS);
  ho_calibrate(plan->scenario, place->net, place->at, plan->seed, SPAN,
               &rates[0], &rates[1]);
  _exit(write(fd, rates, sizeof(rates)) == (ssize_t)sizeof(rates) ? 0 : 1);
}

static worker start(const ho_plan *plan, const ho_capacity_place *place) {
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

/* A place of which nothing is known must not count as one without a network. */
static void collect(const ho_plan *plan, worker *w, const ho_capacity_place *p,
                    ho_capacity_place *known, size_t *count) {
  ho_capacity_place place = *p;

  if (finish(w, &place)) {
    known[(*count)++] = place;
  } else {
    fprintf(stderr, "handoff: the capacity of '%s' could not be measured\n",
            plan->scenario->nets[place.net].name);
  }
}

void ho_calibration_make(const ho_plan *plan, size_t jobs,
                         ho_capacity *capacity) {
  const ho_scenario *s = plan->scenario;
  list l = {0};
  worker *workers;
  size_t count = 0; /* <= those finished, so they can share an array */

  *capacity = (ho_capacity){0};
  for (size_t i = 0; i < s->nets_count && is_bulk(s); i++) {
    if (ho_net_is_radio(&s->nets[i])) {
      add_network(&l, s, (int)i);
    }
  }
  if (l.count == 0) {
    return;
  }
  workers = ho_alloc_array(l.count, sizeof(*workers));
  for (size_t i = 0; i < l.count + jobs; i++) {
    if (i >= jobs) {
      collect(plan, &workers[i - jobs], &l.places[i - jobs], l.places, &count);
    }
    if (i < l.count) {
      workers[i] = start(plan, &l.places[i]);
    }
  }
  free(workers);
  capacity->places = l.places;
  capacity->count = count;
}

void ho_calibration_free(ho_capacity *capacity) {
  free((void *)capacity->places);
  *capacity = (ho_capacity){0};
}
