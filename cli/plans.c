/* From a command line to plans: everything is checked before anything runs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/plans.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "measure/expect.h"
#include "measure/folder.h"
#include "measure/vary.h"
#include "sim/base/alloc.h"

#define RESULTS "results/out"

static int compare_index(const void *left, const void *right) {
  size_t a = *(const size_t *)left, b = *(const size_t *)right;

  return (a > b) - (a < b);
}

static void report_no_arm(const ho_scenario *scenario, const char *name,
                          ho_diag *diag) {
  const char **names = ho_alloc_array(scenario->arms_count, sizeof(char *));
  const char *near;
  char *list = ho_strdup("");

  for (size_t i = 0; i < scenario->arms_count; i++) {
    char *longer =
        ho_format("%s%s%s", list, i > 0 ? ", " : "", scenario->arms[i].name);
    free(list);
    list = longer;
    names[i] = scenario->arms[i].name;
  }
  near = ho_nearest(name, names, scenario->arms_count);
  if (near) {
    ho_diag_add(diag, &(ho_place){.file = scenario->file},
                "it has no arm '%s' (did you mean '%s'?)", name, near);
  } else {
    ho_diag_add(diag, &(ho_place){.file = scenario->file},
                "it has no arm '%s'; its arms are %s", name, list);
  }
  free(list);
  free(names);
}

static void choose_arms(ho_plan *plan, const ho_options *options,
                        ho_diag *diag) {
  const ho_scenario *scenario = plan->scenario;
  size_t wanted =
      options->arms_count ? options->arms_count : scenario->arms_count;

  plan->arms = ho_alloc_array(wanted, sizeof(size_t));
  for (size_t w = 0; w < wanted; w++) {
    const char *name =
        options->arms_count ? options->arms[w] : scenario->arms[w].name;
    size_t i = 0;
    while (i < scenario->arms_count &&
           strcmp(scenario->arms[i].name, name) != 0) {
      i++;
    }
    if (i == scenario->arms_count) {
      report_no_arm(scenario, name, diag);
    } else {
      plan->arms[plan->arms_count++] = i;
    }
  }
  qsort(plan->arms, plan->arms_count, sizeof(size_t), compare_index);
}

static int read_plan(ho_plan *plan, const ho_options *options, const char *file,
                     ho_diag *diag) {
  struct stat st;

  if (strcmp(file, "-") != 0 && stat(file, &st) == 0 && S_ISDIR(st.st_mode)) {
    ho_diag_add(diag, &(ho_place){.file = file}, "is a folder, not a scenario");
    return HO_ERR_INPUT;
  }
  if (ho_source_read(&plan->source, file, diag) != 0) {
    return HO_ERR_INPUT;
  }
  plan->overrides = options->sets;
  plan->overrides_count = options->sets_count;
  plan->repeat = options->repeat;
  plan->events = options->events;
  plan->pcap = options->pcap;
  plan->qlog = options->qlog;
  plan->timeline = options->timeline;
  plan->failed_only = options->failed_only;
  plan->no_checks = options->no_checks;
  plan->no_crypto = options->no_crypto;
  plan->milestones = options->milestones;
  plan->series = options->series;
  plan->timeout = options->timeout;
  plan->shard = options->shard;
  plan->shards = options->shards;
  return ho_scenario_load(&plan->source, plan->overrides, plan->overrides_count,
                          options->seed, &plan->scenario, diag);
}

/* A shard by that name does not take the place of another. */
static void name_shard(ho_plan *plan) {
  if (plan->shards > 0) {
    char *whole = plan->out;
    plan->out =
        ho_format("%s-shard-%zu-of-%zu", whole, plan->shard, plan->shards);
    free(whole);
  }
}

static void check_plan(ho_plan *plan, const ho_options *options, bool several,
                       ho_diag *diag) {
  size_t before = diag->count;

  plan->seed = options->seed ? options->seed : plan->scenario->seed;
  if (plan->seed > HO_SEED_MAX - plan->repeat + 1) {
    ho_diag_add(diag, &(ho_place){.file = plan->source.file},
                "its seeds end after %lld", (long long)HO_SEED_MAX);
  }
  choose_arms(plan, options, diag);
  ho_vary_choose(plan, options->varies, options->varies_count, diag);
  if (diag->count == before) {
    ho_vary_check(plan, diag);
  } else {
    ho_expect_check(plan->scenario, diag);
  }
  if (options->out && !several) {
    plan->out = ho_strdup(options->out);
  } else {
    plan->out = ho_format("%s/%s", options->out ? options->out : RESULTS,
                          plan->scenario->name);
    name_shard(plan);
  }
}

static void check_distinct(const ho_plans *plans, ho_diag *diag) {
  for (size_t i = 0; i < plans->count; i++) {
    for (size_t k = 0; k < i; k++) {
      if (!strcmp(plans->items[i].out, plans->items[k].out)) {
        ho_diag_add(diag, &(ho_place){.file = plans->items[i].source.file},
                    "has the name '%s' of %s; their results would go to one "
                    "folder",
                    plans->items[i].scenario->name,
                    plans->items[k].source.file);
      }
    }
  }
}

int ho_plans_make(ho_plans *plans, const ho_options *options,
                  char *const *files, size_t files_count, ho_diag *diag) {
  size_t before = diag->count, inputs = 0;

  *plans = (ho_plans){0};
  for (size_t i = 0; i < files_count; i++) {
    ho_plan plan = {0};
    if (!strcmp(files[i], "-") && inputs++ > 0) {
      ho_diag_add(diag, NULL, "standard input (-) can be read only once");
      continue;
    }
    if (read_plan(&plan, options, files[i], diag) != 0) {
      ho_plan_free(&plan);
      continue;
    }
    check_plan(&plan, options, files_count > 1, diag);
    ho_grow(&plans->items, plans->count, &plans->cap, sizeof(ho_plan));
    plans->items[plans->count++] = plan;
  }
  check_distinct(plans, diag);
  return diag->count == before ? 0 : HO_ERR_INPUT;
}

void ho_plans_free(ho_plans *plans) {
  for (size_t i = 0; i < plans->count; i++) {
    ho_plan_free(&plans->items[i]);
  }
  free(plans->items);
  *plans = (ho_plans){0};
}
