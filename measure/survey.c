/* Measuring the places of a calibration, each in a process of its own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/survey.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure/grid_signals.h"
#include "sim/base/alloc.h"
#include "stack/calibrate.h"

/* A second or so is usual; whatever takes this long hangs. */
enum { MOST_SECONDS = 120 };

static const ho_time SPAN = 500 * HO_MSEC;

typedef struct {
  pid_t pid; /* 0: none */
  int fd;    /* where its two rates come from */
} worker;

struct ho_survey {
  const ho_plan *plan;
  ho_calibration *calibration;
  ho_slots *slots;
  worker *workers; /* of each place */
  size_t next, running;
};

ho_survey *ho_survey_begin(const ho_plan *plan, ho_calibration *calibration,
                           ho_slots *slots) {
  ho_survey *s = ho_alloc(sizeof(*s));

  *s = (ho_survey){.plan = plan, .calibration = calibration, .slots = slots};
  s->workers = ho_alloc_array(calibration->count + 1, sizeof(worker));
  return s;
}

/* Never returns. */
static void measure(const ho_plan *plan, const ho_calibrated *c, int fd) {
  ho_scenario *scenario = NULL;
  ho_diag diag = {0};
  uint64_t rates[2];

  alarm(MOST_SECONDS);
  if (ho_plan_load(plan, c->points[0], plan->seed, &scenario, &diag) != 0) {
    _exit(1);
  }
  ho_calibrate(scenario, c->place.net, c->place.at, plan->seed, SPAN, &rates[0],
               &rates[1]);
  _exit(write(fd, rates, sizeof(rates)) == (ssize_t)sizeof(rates) ? 0 : 1);
}

static void say_unknown(const ho_calibrated *place) {
  fprintf(stderr, "handoff: the capacity of '%s' could not be measured\n",
          place->network);
}

bool ho_survey_more(const ho_survey *survey) {
  return survey->next < survey->calibration->count;
}

/* Starts the process of a place; 0, or -1. */
static int start(worker *w, const ho_plan *plan, const ho_calibrated *place) {
  int ends[2];
  pid_t pid;

  if (pipe(ends) != 0) {
    return -1;
  }
  pid = ho_grid_fork();
  if (pid == 0) {
    close(ends[0]);
    measure(plan, place, ends[1]);
  }
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return -1;
  }
  *w = (worker){pid, ends[0]};
  return 0;
}

/* Where there is no room for a process more, it waits for one to end. */
void ho_survey_start(ho_survey *survey) {
  const ho_calibrated *place = &survey->calibration->places[survey->next];
  ho_slots *slots = survey->slots;

  assert(slots->taken < slots->count);
  if (start(&survey->workers[survey->next], survey->plan, place) == 0) {
    survey->running++;
    slots->taken++;
    survey->next++;
  } else if (!ho_slots_wait(slots)) {
    say_unknown(place);
    survey->next++;
  }
}

static void release(ho_survey *s, worker *w) {
  close(w->fd);
  *w = (worker){0};
  s->running--;
  s->slots->taken--;
}

/* What the dead process of |place| has left in its pipe. */
static void collect(const worker *w, ho_calibrated *place) {
  uint64_t rates[2];
  ssize_t got;

  do {
    got = read(w->fd, rates, sizeof(rates));
  } while (got < 0 && errno == EINTR);
  place->known = got == (ssize_t)sizeof(rates);
  if (place->known) {
    place->place.down_bps = rates[0];
    place->place.up_bps = rates[1];
  } else {
    say_unknown(place);
  }
}

void ho_survey_look(ho_survey *survey) {
  for (size_t i = 0; i < survey->next; i++) {
    worker *w = &survey->workers[i];
    if (w->pid != 0 && ho_grid_reap(w->pid, NULL, WNOHANG) > 0) {
      collect(w, &survey->calibration->places[i]);
      release(survey, w);
    }
  }
}

bool ho_survey_over(const ho_survey *survey) {
  return !ho_survey_more(survey) && survey->running == 0;
}

void ho_survey_end(ho_survey *survey) {
  for (size_t i = 0; i < survey->next; i++) {
    worker *w = &survey->workers[i];
    if (w->pid != 0) {
      ho_grid_kill(w->pid);
      release(survey, w);
    }
  }
  free(survey->workers);
  free(survey);
}
