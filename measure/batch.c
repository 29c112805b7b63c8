/* Several plans through the same slots, one after the other and overlapping. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/batch.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "measure/calibration.h"
#include "measure/finisher.h"
#include "measure/progress.h"
#include "measure/results.h"
#include "measure/survey.h"
#include "sim/base/alloc.h"
#include "stack/entropy.h"

typedef enum { WAITING, SURVEYED, RUNNING, FINISHING, THERE, STOPPED } stage;

/* A plan on its way. */
typedef struct {
  stage stage;
  ho_batch_part part;
  bool before; /* an earlier attempt may have left runs */
  bool unread; /* and they could not be read */
  ho_calibration calibration;
  ho_survey *survey; /* while SURVEYED */
  ho_grid *grid;     /* while RUNNING; NULL: it has ended */
  ho_progress progress;
  ho_grid_result result;
  int err; /* errno of what ended the grid early */
  ho_finisher finisher;
} item;

typedef struct {
  const ho_batch_config *config;
  item *items;
  ho_slots slots;
  size_t next;   /* the first that is WAITING */
  size_t told;   /* the first that has not been told */
  size_t turned; /* the first whose turn has not been told */
  size_t end;    /* the first that will not be told */
  int signal, rv;
  bool kept;
} batch;

/* ---- ends of a plan ---- */

static void arrive(batch *b, item *it, stage where) {
  assert(where == THERE || where == STOPPED);
  it->stage = where;
  it->part.plan->calibration = NULL;
  ho_calibration_free(&it->calibration);
  b->kept |= it->result.finished > 0;
}

static void end_processes(item *it) {
  if (it->stage == SURVEYED) {
    ho_survey_end(it->survey);
  } else if (it->stage == RUNNING && it->grid) {
    it->err = ho_grid_end(it->grid, &it->result) != 0 ? errno : 0;
    it->grid = NULL;
  }
}

/* Keeps what there is.  A signal may have come when all was. */
static void settle(batch *b, item *it) {
  const ho_plan *plan = it->part.plan;
  stage where = STOPPED;

  if (it->unread && it->before) {
    errno = it->err;
    ho_results_unread(it->part.folder);
    b->kept = true;
    b->rv = HO_ERR_IO;
  } else if (it->stage == SURVEYED) {
    b->kept |= it->before;
    if (!it->before) {
      ho_results_none(plan);
    }
  } else if (ho_results_finish(plan, it->part.folder, it->result.finished,
                               it->err) != 0) {
    b->kept |= it->before;
    b->rv = HO_ERR_IO;
  } else if (it->result.finished == ho_plan_mine_count(plan)) {
    where = THERE;
  }
  arrive(b, it, where);
}

/* Stops all plans from |first| on, and begins none.  A folder that is being
 * finished is. */
static void stop(batch *b, size_t first) {
  size_t end = first;

  for (size_t i = first; i < b->next; i++) {
    end_processes(&b->items[i]);
  }
  for (size_t i = first; i < b->next; i++) {
    if (b->items[i].stage == SURVEYED || b->items[i].stage == RUNNING) {
      settle(b, &b->items[i]);
    }
  }
  while (end < b->next && b->items[end].stage != STOPPED) {
    end++;
  }
  b->end = end < b->end ? end : b->end;
}

/* ---- from stage to stage ---- */

static void open_grid(batch *b, size_t index) {
  item *it = &b->items[index];
  ho_plan *plan = it->part.plan;
  ho_folder *folder = it->part.folder;

  ho_calibration_distribute(&it->calibration);
  plan->calibration = &it->calibration;
  if (ho_results_begin(plan, folder) != 0) {
    b->rv = HO_ERR_IO;
    b->kept |= it->before;
    arrive(b, it, STOPPED);
    stop(b, index);
    return;
  }
  it->stage = RUNNING;
  it->unread = true;
  if (ho_grid_begin(&it->grid, plan, folder->work, &b->slots) != 0) {
    it->err = errno;
    stop(b, index);
    return;
  }
  it->unread = false;
  ho_progress_start(&it->progress, b->config->progress, plan->scenario->name,
                    ho_plan_mine_count(plan), ho_grid_finished(it->grid));
}

static void finish(item *it, size_t finished) {
  it->stage = FINISHING;
  it->result.finished = finished;
  ho_finisher_start(&it->finisher, it->part.plan, it->part.folder, finished);
}

static void open_next(batch *b) {
  item *it = &b->items[b->next++];
  const ho_plan *plan = it->part.plan;

  b->slots.limit = b->slots.count; /* there may be more room by now */
  if (it->part.whole) {
    it->result.finished = ho_plan_mine_count(plan);
    arrive(b, it, THERE);
  } else if (ho_results_made(it->part.folder)) {
    finish(it, ho_plan_mine_count(plan));
  } else {
    it->stage = SURVEYED;
    ho_calibration_list(plan, &it->calibration);
    it->survey = ho_survey_begin(plan, &it->calibration, &b->slots);
  }
}

static void close_grid(batch *b, size_t index) {
  item *it = &b->items[index];

  end_processes(it);
  if (it->err) {
    stop(b, index);
  } else {
    finish(it, it->result.finished);
  }
}

/* Returns whether plan |index| is at another stage now. */
static bool look_at(batch *b, size_t index) {
  item *it = &b->items[index];
  int rv = 0;

  switch (it->stage) {
  case SURVEYED:
    ho_survey_look(it->survey);
    if (ho_survey_over(it->survey)) {
      ho_survey_end(it->survey);
      open_grid(b, index);
    }
    return it->stage != SURVEYED;
  case RUNNING:
    ho_grid_look(it->grid);
    if (ho_grid_over(it->grid)) {
      close_grid(b, index);
    }
    return it->stage != RUNNING;
  case FINISHING:
    if (ho_finisher_look(&it->finisher, &rv)) {
      arrive(b, it, rv == 0 ? THERE : STOPPED);
    }
    if (rv != 0) {
      b->rv = HO_ERR_IO;
      stop(b, index);
    }
    return it->stage != FINISHING;
  case WAITING:
  case THERE:
  case STOPPED:
    break;
  }
  return false;
}

static bool look(batch *b) {
  bool moved = false;

  for (size_t i = b->told; i < b->next; i++) {
    moved |= look_at(b, i);
  }
  return moved;
}

/* ---- what is started ---- */

static bool is_under_way(const item *it) {
  return it->stage == SURVEYED || it->stage == RUNNING ||
         it->stage == FINISHING;
}

static size_t under_way(const batch *b) {
  size_t count = 0;

  for (size_t i = b->told; i < b->next; i++) {
    count += is_under_way(&b->items[i]);
  }
  return count;
}

/* Whether there are processes that keep rows or make files. */
static bool is_helped(const batch *b) {
  bool helped = false;

  for (size_t i = b->told; i < b->next; i++) {
    const item *it = &b->items[i];
    helped |= it->stage == FINISHING ||
              (it->stage == RUNNING && ho_grid_keeping(it->grid));
  }
  return helped;
}

static bool start_one(item *it) {
  if (it->stage == SURVEYED && ho_survey_more(it->survey)) {
    ho_survey_start(it->survey);
    return true;
  }
  if (it->stage == RUNNING && ho_grid_more(it->grid)) {
    ho_grid_start(it->grid);
    return true;
  }
  return false;
}

/* Takes a free slot, or begins a plan that may take it. */
static bool fill_one(batch *b) {
  for (size_t i = b->told; i < b->next; i++) {
    if (start_one(&b->items[i])) {
      return true;
    }
  }
  if (b->next < b->end && under_way(b) <= b->slots.count) {
    open_next(b);
    return true;
  }
  return false;
}

static bool fill(batch *b) {
  bool moved = false;

  b->slots.full = false;
  while (!b->slots.full && b->slots.taken < b->slots.limit) {
    b->slots.helped = is_helped(b);
    if (!fill_one(b)) {
      break;
    }
    moved |= !b->slots.full;
    look(b);
  }
  return moved;
}

/* ---- what is told ---- */

static void tell_turn(batch *b) {
  if (b->told < b->next && b->turned == b->told) {
    b->config->turn(b->config->user, b->turned++);
  }
}

static bool tell_next(batch *b) {
  item *it = &b->items[b->told];

  if (b->told == b->end) {
    return false;
  }
  tell_turn(b);
  if (b->told == b->next || it->stage != THERE) {
    return false;
  }
  if (b->config->tell(b->config->user, b->told++, &it->result) != 0) {
    b->rv = HO_ERR_IO;
    b->turned = b->told + 1; /* nor is the next one's turn */
    stop(b, b->told);
    b->end = b->told;
  }
  return true;
}

/* What is there and was not told must not be looked for elsewhere. */
static void say_untold(const batch *b) {
  for (size_t i = b->told; i < b->next; i++) {
    const item *it = &b->items[i];
    if (it->stage == THERE && !it->part.whole) {
      ho_results_kept(it->part.plan, it->result.finished, it->part.plan->out);
    }
  }
}

/* ---- all of it ---- */

/* Until a process has ended, a run is overdue, or the progress line is old. */
static void wait_some(batch *b) {
  uint64_t due_ns = ho_entropy_real_ns() + HO_SEC;
  const item *shown = NULL;

  for (size_t i = b->told; i < b->next; i++) {
    const item *it = &b->items[i];
    if (it->stage == RUNNING) {
      uint64_t own_ns = ho_grid_due_ns(it->grid);
      due_ns = own_ns < due_ns ? own_ns : due_ns;
      shown = shown ? shown : it;
    }
  }
  if (shown) {
    ho_progress_show(&shown->progress, ho_grid_finished(shown->grid));
  }
  b->signal = ho_grid_signals_wait(due_ns);
  if (shown) {
    ho_progress_clear(&shown->progress);
  }
}

static void go_on(batch *b) {
  bool moved = look(b);

  moved |= fill(b);
  moved |= tell_next(b);
  if (moved) {
    b->signal = ho_grid_signals_wait(0);
  } else {
    wait_some(b);
  }
}

int ho_batch_run(const ho_batch_part *parts, size_t count,
                 const ho_batch_config *config, ho_batch_result *result) {
  batch b = {.config = config,
             .slots = {.count = config->jobs, .limit = config->jobs},
             .items = ho_alloc_array(count, sizeof(item)),
             .end = count};
  int signal = 0;

  for (size_t i = 0; i < count; i++) {
    b.items[i].part = parts[i];
    b.items[i].before = parts[i].folder->leftover || parts[i].folder->adopt;
  }
  while (b.told < b.end || under_way(&b) > 0) {
    go_on(&b);
    if (b.signal && !signal) {
      signal = b.signal;
      stop(&b, b.told);
    }
  }
  assert(b.slots.taken == 0);
  tell_turn(&b);
  say_untold(&b);
  free(b.items);
  *result =
      (ho_batch_result){.signal = b.told < count ? signal : 0, .kept = b.kept};
  return b.rv;
}
