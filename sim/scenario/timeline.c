/* The section `timeline`: times, repetitions, order. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/actions.h"
#include "sim/scenario/range.h"

#define ACTIONS_MAX 100000

/* entry is when a line of the timeline happens.  Bounds are those over all
 * seeds, so that no file is right for one seed and wrong for another. */
typedef struct {
  ho_slice text; /* as written */
  ho_drawn at, every, until;
  bool repeated;
  uint64_t count; /* of repetitions */
  ho_drawn last;  /* of them */
} entry;

/* numbered keeps the order of the file among equal times. */
typedef struct {
  ho_action action;
  size_t order;
} numbered;

typedef struct {
  ho_loader *l;
  ho_time stop; /* the earliest that it can be */
  entry before;
  bool first;
  numbered *actions;
  size_t count, cap;
  char *path; /* of the entry being read */
} timeline;

/* "1500ms" reads better as "1.5s", but this is always exact. */
static char *time_text(ho_time t) {
  static const struct {
    const char *name;
    ho_time scale;
  } units[] = {{"s", HO_SEC}, {"ms", HO_MSEC}, {"us", HO_USEC}};

  for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
    if (t % units[i].scale == 0) {
      return ho_format("%llu%s", (unsigned long long)(t / units[i].scale),
                       units[i].name);
    }
  }
  return ho_format("%lluns", (unsigned long long)t);
}

/* Splits |*text| at the word |word|: what follows it is returned, what stands
 * before it stays.  Length 0 and no text when it is not there. */
static ho_slice split_at(ho_slice *text, const char *word) {
  ho_slice rest = *text, part;

  while (rest.len > 0) {
    part = ho_slice_word(&rest);
    if (ho_slice_is(part, word)) {
      *text =
          ho_slice_trim(ho_slice_part(*text, 0, (size_t)(part.s - text->s)));
      return rest.s ? rest : part;
    }
  }
  return (ho_slice){0};
}

static bool read_part(timeline *t, ho_slice text, const char *part,
                      ho_drawn *out) {
  char *path = ho_format("%s.%s", t->path, part);
  int rv = ho_range_read(t->l, text, HO_UNITS_TIME, path, out);

  free(path);
  return rv == 0;
}

static bool read_at(timeline *t, ho_slice text, entry *e) {
  bool relative = text.len > 0 && text.s[0] == '+';

  if (relative) {
    text = ho_slice_trim(ho_slice_part(text, 1, text.len - 1));
  }
  if (!read_part(t, text, "time", &e->at)) {
    return false;
  }
  if (relative && !t->first) {
    e->at.lo += t->before.last.lo;
    e->at.hi += t->before.last.hi;
    e->at.value += t->before.last.value;
  }
  return true;
}

/* Two entries at one variable are at one time, whatever it is drawn from. */
static bool is_same_variable(const entry *a, const entry *b) {
  return a->text.len == b->text.len && a->text.s[0] == '$' &&
         memcmp(a->text.s, b->text.s, a->text.len) == 0;
}

static bool check_order(timeline *t, const entry *e) {
  char *latest, *stop;
  bool always;

  if (!t->first && e->at.lo < t->before.at.hi && e->text.s[0] != '+' &&
      !is_same_variable(e, &t->before)) {
    latest = time_text(t->before.at.hi);
    ho_slice_error(&t->l->doc, e->text,
                   "'%.*s' can precede the entry before, "
                   "which is at %s%s",
                   HO_SLICE(e->text),
                   t->before.at.lo < t->before.at.hi ? "up to " : "", latest);
    free(latest);
    return false;
  }
  if (e->at.hi > t->stop || (e->repeated && e->until.hi > t->stop)) {
    stop = time_text(t->stop);
    always = e->at.lo > t->stop || (e->repeated && e->until.lo > t->stop);
    ho_slice_error(&t->l->doc, e->text, "'%.*s' %s after 'stop' at %s",
                   HO_SLICE(e->text), always ? "is" : "can be", stop);
    free(stop);
    return false;
  }
  return true;
}

static bool check_repeat(timeline *t, entry *e) {
  if (e->every.lo == 0) {
    ho_slice_error(&t->l->doc, e->text,
                   "'%.*s' repeats without end (every "
                   "0s)",
                   HO_SLICE(e->text));
    return false;
  }
  if (e->until.lo < e->at.hi) {
    ho_slice_error(&t->l->doc, e->text, "'%.*s' can end before it begins",
                   HO_SLICE(e->text));
    return false;
  }
  if ((e->until.hi - e->at.lo) / e->every.lo >= ACTIONS_MAX) {
    ho_slice_error(&t->l->doc, e->text, "'%.*s' can repeat more than %d times",
                   HO_SLICE(e->text), ACTIONS_MAX);
    return false;
  }
  e->count = (e->until.value - e->at.value) / e->every.value + 1;
  e->last.value = e->at.value + (e->count - 1) * e->every.value;
  e->last.hi = e->until.hi;
  return true;
}

/* TIME, or TIME every DURATION until TIME. */
static bool read_when(timeline *t, ho_slice text, entry *e) {
  ho_slice until = split_at(&text, "until"), every = split_at(&text, "every");
  bool ok;

  e->repeated = every.s != NULL;
  if (until.s && !every.s) {
    ho_slice_error(&t->l->doc, e->text,
                   "'%.*s' lacks 'every' (expected such "
                   "as '1s every 5s until 20s')",
                   HO_SLICE(e->text));
    return false;
  }
  ok = read_at(t, text, e);
  e->count = 1;
  if (ok && e->repeated) {
    ok = read_part(t, every, "every", &e->every);
    e->until = (ho_drawn){t->stop, t->stop, t->stop, 0};
    if (until.s && !read_part(t, until, "until", &e->until)) {
      ok = false;
    }
  }
  e->last = e->at;
  return ok && check_order(t, e) && (!e->repeated || check_repeat(t, e));
}

static void add_actions(timeline *t, const entry *e, const ho_action *action) {
  for (uint64_t i = 0; i < e->count; i++) {
    ho_grow(&t->actions, t->count, &t->cap, sizeof(numbered));
    t->actions[t->count] = (numbered){*action, t->count};
    t->actions[t->count].action.at = e->at.value + i * e->every.value;
    t->count++;
  }
}

static void read_entry(timeline *t, const yaml_node_t *key,
                       const yaml_node_t *value) {
  ho_loader *l = t->l;
  ho_action action = {.client = -1, .place = ho_loader_place(l, key)};
  entry e = {.text = ho_node_slice(key)};
  char *path;
  bool ok;

  if (e.text.len == 0) {
    ho_doc_error(&l->doc, key, "no time (expected one such as 3s)");
    return;
  }
  ok = read_when(t, e.text, &e);
  if (ok) {
    t->before = e;
    t->first = false;
  }
  path = ho_format("%s.value", t->path);
  ok = ho_action_read(l, ho_node_slice(value), path, &action) && ok;
  free(path);
  if (ok && t->count + e.count > ACTIONS_MAX) {
    ho_slice_error(&l->doc, e.text, "more than %d actions", ACTIONS_MAX);
  } else if (ok) {
    add_actions(t, &e, &action);
  }
}

static void read_item(timeline *t, const yaml_node_t *item) {
  const yaml_node_t *key, *value;

  if (!ho_node_is_map(item) || ho_map_count(item) != 1) {
    ho_doc_error(&t->l->doc, item,
                 "an entry is TIME: ACTION, such as '3s: disconnect home'");
    return;
  }
  ho_map_pair(&t->l->doc, item, 0, &key, &value);
  if (!ho_node_text(key) || !ho_node_text(value)) {
    ho_doc_error(&t->l->doc, ho_node_text(key) ? value : key,
                 "an entry is TIME: ACTION, such as '3s: disconnect home'");
    return;
  }
  read_entry(t, key, value);
}

static int by_time(const void *va, const void *vb) {
  const numbered *a = va, *b = vb;

  if (a->action.at != b->action.at) {
    return a->action.at < b->action.at ? -1 : 1;
  }
  return a->order < b->order ? -1 : a->order > b->order;
}

static void finish(timeline *t) {
  ho_scenario *sc = t->l->out;

  if (t->count == 0) {
    return;
  }
  qsort(t->actions, t->count, sizeof(numbered), by_time);
  sc->timeline = ho_alloc_array(t->count, sizeof(ho_action));
  for (size_t i = 0; i < t->count; i++) {
    sc->timeline[i] = t->actions[i].action;
  }
  sc->timeline_count = t->count;
}

/* A stop that was drawn is read again for its lower bound; one that is wrong
 * has been reported. */
static ho_time earliest_stop(ho_loader *l, const yaml_node_t *root) {
  ho_drawn stop = {.lo = 1000000000 * HO_SEC};

  if (l->out->stop > 0) {
    ho_range_read(l, ho_node_slice(ho_map_get(&l->doc, root, "stop")),
                  HO_UNITS_TIME, "stop", &stop);
  }
  return stop.lo;
}

void ho_timeline_read(ho_loader *l, const yaml_node_t *root) {
  const yaml_node_t *list = ho_map_get(&l->doc, root, "timeline");
  timeline t = {.l = l, .first = true};

  if (!list || ho_node_is_empty(list)) {
    return;
  }
  if (!ho_node_is_list(list)) {
    ho_doc_error(&l->doc, list,
                 "'timeline' must be a list of TIME: ACTION, "
                 "such as '- 3s: disconnect home'");
    return;
  }
  t.stop = earliest_stop(l, root);
  for (size_t i = 0; i < ho_list_count(list); i++) {
    t.path = ho_format("timeline.%zu", i);
    read_item(&t, ho_list_item(&l->doc, list, i));
    free(t.path);
  }
  finish(&t);
  free(t.actions);
}
