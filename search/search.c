/* A search: draws schedules, runs them, keeps what fails, makes it small. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search/search.h"

#include <stdlib.h>
#include <string.h>

#include "search/draw.h"
#include "search/pilot.h"
#include "search/pool.h"
#include "search/shrink.h"
#include "sim/base/alloc.h"
#include "stack/entropy.h"

/* BATCH is part of what a search finds: coverage bears on the draw between
 * batches. */
enum { BATCH = 64, SHRINK_BATCH = 8, SHRINK_RUNS = 400 };

typedef struct {
  const ho_search_options *options;
  ho_search_result *result;
  ho_source base;
  ho_rewrite_entry *entries;
  size_t entries_count;
  ho_draw draw;
  ho_workers *pool;
  ho_known_found known;
} search;

static char *text_of(const search *s, const ho_schedule *schedule) {
  const char *arm = s->options->scenario->arms[schedule->arm].name;
  ho_schedule_words words = {.seed = s->options->seed};
  ho_diag diag = {0};
  char *text = NULL;

  if (ho_schedule_write(schedule, &s->base, arm, &words, &text, &diag) != 0) {
    text = ho_strdup(""); /* refused when it is run */
  }
  ho_diag_free(&diag);
  return text;
}

/* Returns NULL if it was interrupted or there can be no processes. */
static const ho_trial *run(search *s, const ho_schedule *schedules,
                           size_t count) {
  char **texts = ho_alloc_array(count, sizeof(char *));
  const ho_trial *trials;

  for (size_t i = 0; i < count; i++) {
    texts[i] = text_of(s, &schedules[i]);
  }
  trials = ho_workers_run(s->pool, texts, count);
  s->result->signal = ho_workers_signal(s->pool);
  for (size_t i = 0; i < count; i++) {
    free(texts[i]);
  }
  free(texts);
  return trials;
}

/* ---- before ---- */

static int make_base(search *s, ho_diag *diag) {
  ho_rewrite change = {.settings = s->options->overrides,
                       .settings_count = s->options->overrides_count,
                       .expect = "",
                       .seed = s->options->seed};
  int rv =
      ho_scenario_rewrite(s->options->source, &change, &s->result->base, diag);

  if (rv == 0) {
    s->base = (ho_source){s->options->source->file, s->result->base,
                          strlen(s->result->base)};
    rv = ho_scenario_entries(&s->base, &s->entries, &s->entries_count, diag);
  }
  return rv;
}

static void check_scenario(const ho_scenario *sc, ho_diag *diag) {
  ho_place place = {.file = sc->file};

  if (sc->observers) {
    ho_diag_add(diag, &place, "a search has no observers");
  }
  for (size_t i = 0; i < sc->nets_count; i++) {
    if (sc->nets[i].type == HO_NET_TRACE) {
      ho_diag_add(diag, &sc->nets[i].place,
                  "network '%s' is of type trace, whose files a search cannot "
                  "take along",
                  sc->nets[i].name);
    }
  }
}

/* Returns whether |choice| makes a good scenario by itself; else |own| says why
 * not. */
static bool is_good(search *s, size_t arm, const ho_draw_key *key,
                    const char *choice, ho_diag *own) {
  const char *name = s->options->scenario->arms[arm].name;
  ho_schedule one = {.arm = arm};
  ho_scenario *sc = NULL;
  char *text = NULL;
  ho_schedule_words words = {0};
  int rv;

  ho_draw_put(&s->draw, &one, key->key, choice);
  rv = ho_schedule_write(&one, &s->base, name, &words, &text, own);
  if (rv == 0) {
    ho_source source = {key->key, text, strlen(text)};
    rv = ho_scenario_load(&source, NULL, 0, 0, &sc, own);
  }
  ho_scenario_del(sc);
  ho_schedule_free(&one);
  free(text);
  return rv == 0;
}

/* What the file lists must be good; of the default, what is not is left out. */
static void check_choice(search *s, size_t arm, size_t key, size_t choice,
                         ho_diag *diag) {
  const ho_scenario *sc = s->options->scenario;
  const ho_draw_key *k = &s->draw.keys[key];
  ho_diag own = {0};

  if (is_good(s, arm, k, k->choices[choice], &own)) {
    return;
  }
  if (sc->search.values_count == 0) {
    ho_draw_choice_drop(&s->draw, key, choice);
  } else {
    ho_diag_add(diag, &(ho_place){.file = sc->file},
                "search.values: '%s' cannot be '%s': %s", k->key,
                k->choices[choice], own.count > 0 ? own.messages[0] : "");
  }
  ho_diag_free(&own);
}

/* With the first arm that can have it. */
static void check_key(search *s, size_t key, ho_diag *diag) {
  const ho_draw_key *k = &s->draw.keys[key];

  for (size_t i = 0; i < s->draw.arms_count; i++) {
    if (ho_draw_suits(&s->draw, s->draw.arms[i], k->key)) {
      for (size_t c = k->count; c-- > 0;) {
        check_choice(s, s->draw.arms[i], key, c, diag);
      }
      return;
    }
  }
}

static void check_values(search *s, ho_diag *diag) {
  for (size_t i = s->draw.keys_count; i-- > 0;) {
    check_key(s, i, diag);
  }
}

static void keep_arm(search *s) {
  const char *name = s->options->only_arm;
  size_t kept = 0;

  for (size_t i = 0; i < s->draw.arms_count; i++) {
    size_t arm = s->draw.arms[i];
    if (!name || !strcmp(s->options->scenario->arms[arm].name, name)) {
      s->draw.arms[kept++] = arm;
    }
  }
  s->draw.arms_count = kept;
}

static int prepare(search *s, ho_diag *diag) {
  size_t before = diag->count;

  check_scenario(s->options->scenario, diag);
  if (diag->count > before || make_base(s, diag) != 0) {
    return HO_ERR_INPUT;
  }
  ho_draw_init(&s->draw, s->options->scenario, s->options->seed, s->entries,
               s->entries_count);
  keep_arm(s);
  if (s->draw.arms_count == 0) {
    ho_diag_add(diag, &(ho_place){.file = s->options->scenario->file},
                "a search needs an arm of QUIC");
  } else if (ho_draw_kinds(s->options->scenario) == 0) {
    ho_diag_add(diag, &(ho_place){.file = s->options->scenario->file},
                "search.actions: none of these can be drawn here");
  } else {
    check_values(s, diag);
  }
  return diag->count > before ? HO_ERR_INPUT : 0;
}

static bool pilot(search *s) {
  ho_schedule *pilots;
  size_t count = ho_pilot_make(&s->draw, &pilots);
  const ho_trial *trials = run(s, pilots, count);

  if (trials) {
    ho_pilot_learn(&s->draw, trials, count);
  }
  for (size_t i = 0; i < count; i++) {
    ho_schedule_free(&pilots[i]);
  }
  free(pilots);
  return trials != NULL;
}

/* ---- drawing ---- */

static void take(search *s, const ho_schedule *schedule,
                 const ho_trial *trial) {
  ho_search_result *r = s->result;

  r->runs++;
  if (trial->refused) {
    r->refused++;
    r->refusal = r->refusal ? r->refusal : ho_strdup(trial->error);
    return;
  }
  if (ho_cover_merge(&r->cover, &trial->cover) > 0) {
    r->last_new = schedule->number + 1;
    ho_draw_keep(&s->draw, schedule);
  }
  ho_findings_add(&r->findings, schedule, trial);
}

static bool draw_batch(search *s, size_t count) {
  ho_schedule *schedules = ho_alloc_array(count, sizeof(*schedules));
  const ho_trial *trials;

  for (size_t i = 0; i < count; i++) {
    schedules[i] = ho_draw_schedule(&s->draw, s->result->runs + i);
  }
  trials = run(s, schedules, count);
  for (size_t i = 0; i < count; i++) {
    if (trials) {
      take(s, &schedules[i], &trials[i]);
    }
    ho_schedule_free(&schedules[i]);
  }
  free(schedules);
  return trials != NULL;
}

static bool has_time(const search *s, uint64_t start) {
  const ho_search_options *o = s->options;
  const ho_search_result *r = s->result;

  return (o->runs == 0 || r->runs < o->runs) &&
         (o->wall == 0 || ho_entropy_real_ns() - start < o->wall) &&
         !(o->until_new && ho_findings_new(&r->findings) > 0);
}

static int draw_all(search *s) {
  const ho_search_options *o = s->options;
  ho_search_result *r = s->result;
  uint64_t start = ho_entropy_real_ns();
  int rv = 0;

  while (rv == 0 && !r->signal && has_time(s, start)) {
    uint64_t left = o->runs ? o->runs - r->runs : BATCH;
    bool ok = draw_batch(s, left < BATCH ? left : BATCH);
    rv = ok || r->signal ? 0 : HO_ERR_IO;
    ho_findings_mark(&r->findings, &s->known, o->library);
    if (o->progress) {
      o->progress(o->user, r->runs, r->findings.count);
    }
  }
  return rv;
}

/* ---- shrinking ---- */

typedef struct {
  search *s;
  const char *signature;
} target;

static size_t still_fails(void *user, const ho_schedule *candidates,
                          size_t count) {
  const target *t = user;
  const ho_trial *trials = run(t->s, candidates, count);

  if (!trials) {
    return SIZE_MAX;
  }
  for (size_t i = 0; i < count; i++) {
    if (ho_trial_find(&trials[i], t->signature)) {
      return i;
    }
  }
  return count;
}

static uint64_t bytes_of(const ho_workload_config *work) {
  return work->type == HO_WORK_DOWNLOAD || work->type == HO_WORK_UPLOAD
             ? work->bytes
             : 0;
}

/* What the small schedule shows beside needs no file of its own. */
static void claim(search *s, size_t i, const ho_trial *trial) {
  ho_findings *f = &s->result->findings;
  const ho_failure *own = ho_trial_find(trial, f->items[i].signature);

  for (size_t k = 0; k < f->count; k++) {
    if (!f->items[k].known && !f->items[k].shrunk && f->items[k].with == k &&
        k != i && ho_trial_find(trial, f->items[k].signature)) {
      f->items[k].with = i;
    }
  }
  if (own) {
    memcpy(f->items[i].detail, own->detail, sizeof(own->detail));
  }
}

static void shrink_one(search *s, size_t i) {
  ho_found *found = &s->result->findings.items[i];
  target t = {s, found->signature};
  ho_shrink_config config = {.try = still_fails,
                             .user = &t,
                             .batch = SHRINK_BATCH,
                             .runs = SHRINK_RUNS,
                             .bytes = bytes_of(&s->options->scenario->work)};
  const ho_trial *trial;

  s->result->shrink_runs += ho_shrink(&found->schedule, &config);
  trial = s->result->signal ? NULL : run(s, &found->schedule, 1);
  if (trial) {
    found->shrunk = true;
    claim(s, i, trial);
  }
}

static void shrink_all(search *s) {
  ho_findings *f = &s->result->findings;

  for (size_t i = 0; i < f->count && !s->result->signal; i++) {
    if (!f->items[i].known && f->items[i].with == i) {
      shrink_one(s, i);
      if (s->options->until_new) {
        break;
      }
    }
  }
}

/* ---- all ---- */

static int work(search *s) {
  ho_oracle_config config = {.gap = s->options->scenario->search.gap,
                             .should = s->options->scenario->search.should};
  int rv = 0;

  s->pool = ho_workers_new(s->options->jobs, BATCH, &config);
  if (!s->pool) {
    return HO_ERR_IO;
  }
  if (!pilot(s) && !s->result->signal) {
    rv = HO_ERR_IO;
  }
  if (rv == 0) {
    rv = draw_all(s);
  }
  if (rv == 0) {
    shrink_all(s);
  }
  ho_workers_del(s->pool);
  return rv;
}

int ho_search(const ho_search_options *options, ho_search_result *result,
              ho_diag *diag) {
  search s = {.options = options, .result = result};
  int rv;

  *result = (ho_search_result){0};
  rv = options->known ? ho_known_found_read(&s.known, options->known, diag) : 0;
  if (rv == 0) {
    rv = prepare(&s, diag);
  }
  if (rv == 0) {
    rv = work(&s);
  }
  ho_known_found_free(&s.known);
  ho_draw_free(&s.draw);
  ho_rewrite_entries_free(s.entries, s.entries_count);
  return rv;
}

void ho_search_result_free(ho_search_result *result) {
  ho_findings_free(&result->findings);
  free(result->refusal);
  free(result->base);
  *result = (ho_search_result){0};
}
