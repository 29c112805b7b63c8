/* The section `timeline`: times, repetitions, order. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/actions.h"
#include "sim/scenario/range.h"

#define ACTIONS_MAX 1000000

/* entry is when a line of the timeline happens.  Bounds are those over all
 * seeds, so that no file is right for one seed and wrong for another. */
typedef struct {
  ho_slice text; /* as written */
  ho_drawn at, every, until;
  bool repeated;
  uint64_t count, most; /* of repetitions: here, and over all seeds */
  ho_drawn last;        /* of them */
  bool random;          /* its time depends on a range */
} entry;

/* item is what client 0 made of an entry.  What is shared, or the same for
 * everyone, the other clients take from there. */
typedef struct {
  entry when;
  bool own; /* each client has one of its own */
} item;

/* numbered keeps the order of the file among equal times. */
typedef struct {
  ho_action action;
  size_t order; /* the entry's */
} numbered;

typedef struct {
  ho_loader *l;
  ho_time stop; /* the earliest that it can be */
  entry before;
  bool first;
  numbered *actions;
  size_t count, cap;
  uint64_t most; /* actions, over all seeds */
  item *items;
  size_t index; /* of the entry being read */
  char *path;
} timeline;

/* "1500ms" reads better as "1.5s", but this is always exact. */
char *ho_loader_time(ho_time t) {
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

  e->random = relative && !t->first && t->before.random;
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
    latest = ho_loader_time(t->before.at.hi);
    ho_slice_error(&t->l->doc, e->text,
                   "'%.*s' can precede the entry before, "
                   "which is at %s%s",
                   HO_SLICE(e->text),
                   t->before.at.lo < t->before.at.hi ? "up to " : "", latest);
    free(latest);
    return false;
  }
  if (e->at.hi > t->stop || (e->repeated && e->until.hi > t->stop)) {
    stop = ho_loader_time(t->stop);
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
  e->most = (e->until.hi - e->at.lo) / e->every.lo + 1;
  e->count = (e->until.value - e->at.value) / e->every.value + 1;
  e->last.value = e->at.value + (e->count - 1) * e->every.value;
  e->last.hi = e->until.hi;
  return true;
}

/* TIME, or TIME every DURATION until TIME. */
static bool read_when(timeline *t, ho_slice text, entry *e) {
  ho_slice until = split_at(&text, "until"), every = split_at(&text, "every");
  size_t draws = t->l->draws;
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
  e->count = e->most = 1;
  if (ok && e->repeated) {
    ok = read_part(t, every, "every", &e->every);
    e->until = (ho_drawn){t->stop, t->stop, t->stop, 0};
    if (until.s && !read_part(t, until, "until", &e->until)) {
      ok = false;
    }
  }
  e->last = e->at;
  e->random |= t->l->draws > draws;
  return ok && check_order(t, e) && (!e->repeated || check_repeat(t, e));
}

static void add_actions(timeline *t, const entry *e, const ho_action *action) {
  for (uint64_t i = 0; i < e->count; i++) {
    ho_grow(&t->actions, t->count, &t->cap, sizeof(numbered));
    t->actions[t->count] = (numbered){*action, t->index};
    t->actions[t->count].action.at = e->at.value + i * e->every.value;
    t->count++;
  }
}

/* One client's action, unless it stays where it is. */
static void add_for(timeline *t, const entry *e, const ho_action *action) {
  if (action->client < 0 ||
      ho_scenario_concerns(t->l->out, action, (size_t)action->client)) {
    add_actions(t, e, action);
  }
}

static bool read_action(timeline *t, const yaml_node_t *value,
                        ho_action *action) {
  char *path = ho_format("%s.value", t->path);
  bool ok = ho_action_read(t->l, ho_node_slice(value), path, action);

  free(path);
  return ok;
}

/* Client 0's part of an entry, and what it has to say of it. */
static void read_entry(timeline *t, const yaml_node_t *key,
                       const yaml_node_t *value) {
  ho_loader *l = t->l;
  ho_action action = {.client = -1, .place = ho_loader_place(l, key)};
  entry e = {.text = ho_node_slice(key)};
  item *it = &t->items[t->index];
  size_t draws;
  bool ok;

  if (e.text.len == 0) {
    ho_doc_error(&l->doc, key, "no time (expected one such as 3s)");
    return;
  }
  ok = read_when(t, e.text, &e);
  if (ok) {
    t->before = it->when = e;
    t->first = false;
  }
  draws = l->draws;
  if (!read_action(t, value, &action) || !ok) {
    return;
  }
  it->own = (e.random || l->draws > draws) && !ho_action_is_shared(action.kind);
  t->most += e.most * (it->own ? l->clients_max : 1);
  if (t->most > ACTIONS_MAX) {
    ho_slice_error(&l->doc, e.text, "more than %d actions", ACTIONS_MAX);
    return;
  }
  action.client = it->own && l->out->clients > 1 ? 0 : -1;
  add_for(t, &e, &action);
}

/* The same for every other client.  Nothing can be wrong with it that was not
 * wrong for client 0, whatever is drawn. */
static void repeat_entry(timeline *t, const yaml_node_t *key,
                         const yaml_node_t *value) {
  ho_action action = {.client = (int)t->l->client,
                      .place = ho_loader_place(t->l, key)};
  entry e = {.text = ho_node_slice(key)};
  bool ok;

  if (!t->items[t->index].own) {
    t->before = t->items[t->index].when;
    t->first = false;
    return;
  }
  ok = read_when(t, e.text, &e) && read_action(t, value, &action);
  assert(ok);
  t->before = e;
  t->first = false;
  if (ok) {
    add_for(t, &e, &action);
  }
}

static void read_item(timeline *t, const yaml_node_t *node) {
  const yaml_node_t *key, *value;

  if (!ho_node_is_map(node) || ho_map_count(node) != 1) {
    ho_doc_error(&t->l->doc, node,
                 "an entry is TIME: ACTION, such as '3s: disconnect home'");
    return;
  }
  ho_map_pair(&t->l->doc, node, 0, &key, &value);
  if (!ho_node_text(key) || !ho_node_text(value)) {
    ho_doc_error(&t->l->doc, ho_node_text(key) ? value : key,
                 "an entry is TIME: ACTION, such as '3s: disconnect home'");
    return;
  }
  if (t->l->client == 0) {
    read_entry(t, key, value);
  } else {
    repeat_entry(t, key, value);
  }
}

/* One client's way through the list. */
static void read_list(timeline *t, const yaml_node_t *list) {
  t->first = true;
  for (size_t i = 0; i < ho_list_count(list); i++) {
    t->path = ho_format("timeline.%zu", i);
    t->index = i;
    read_item(t, ho_list_item(&t->l->doc, list, i));
    free(t->path);
  }
}

static int by_time(const void *va, const void *vb) {
  const numbered *a = va, *b = vb;

  if (a->action.at != b->action.at) {
    return a->action.at < b->action.at ? -1 : 1;
  }
  if (a->order != b->order) {
    return a->order < b->order ? -1 : 1;
  }
  return a->action.client - b->action.client;
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

void ho_timeline_read(ho_loader *l, const yaml_node_t *root) {
  const yaml_node_t *list = ho_map_get(&l->doc, root, "timeline");
  size_t problems = l->doc.problems_count;
  timeline t = {.l = l};

  if (!list || ho_node_is_empty(list)) {
    return;
  }
  if (!ho_node_is_list(list)) {
    ho_doc_error(&l->doc, list,
                 "'timeline' must be a list of TIME: ACTION, "
                 "such as '- 3s: disconnect home'");
    return;
  }
  t.stop = ho_loader_stop(l, root);
  t.items = ho_alloc_array(ho_list_count(list), sizeof(item));
  read_list(&t, list);
  for (l->client = 1;
       l->client < l->out->clients && l->doc.problems_count == problems;
       l->client++) {
    read_list(&t, list);
  }
  l->client = 0;
  finish(&t);
  free(t.items);
  free(t.actions);
}
