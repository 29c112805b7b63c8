/* What was asked for: a scenario, and the arms, seeds and files wanted of it.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/plan.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

void ho_plan_free(ho_plan *plan) {
  ho_source_free(&plan->source);
  if (plan->scenario) {
    ho_scenario_del(plan->scenario);
  }
  free(plan->arms);
  free(plan->out);
  *plan = (ho_plan){0};
}

size_t ho_plan_runs(const ho_plan *plan) {
  return plan->arms_count * (size_t)plan->repeat;
}

void ho_plan_run(const ho_plan *plan, size_t index, size_t *arm,
                 uint64_t *seed) {
  assert(index < ho_plan_runs(plan));
  *arm = plan->arms[index / plan->repeat];
  *seed = plan->seed + index % plan->repeat;
}

bool ho_plan_has(const ho_plan *plan, const char *name) {
  for (size_t i = 0; i < plan->arms_count; i++) {
    if (!strcmp(plan->scenario->arms[plan->arms[i]].name, name)) {
      return true;
    }
  }
  return false;
}

/* Writes " word", in single quotes where a shell would read more into it. */
static void put_word(FILE *out, const char *word) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789-_=./,:%+@";

  if (*word && strspn(word, plain) == strlen(word)) {
    fprintf(out, " %s", word);
    return;
  }
  fputs(" '", out);
  for (; *word; word++) {
    if (*word == '\'') {
      fputs("'\\''", out);
    } else {
      fputc(*word, out);
    }
  }
  fputc('\'', out);
}

char *ho_plan_command(const ho_plan *plan, size_t index) {
  char *text = NULL;
  size_t len, arm;
  uint64_t seed;
  FILE *out = open_memstream(&text, &len);

  if (!out) {
    return ho_strdup("handoff run");
  }
  ho_plan_run(plan, index, &arm, &seed);
  fputs("handoff run", out);
  put_word(out, plan->source.file);
  fputs(" --arm", out);
  put_word(out, plan->scenario->arms[arm].name);
  fprintf(out, " --seed %" PRIu64, seed);
  for (size_t i = 0; i < plan->overrides_count; i++) {
    char *set =
        ho_format("%s=%s", plan->overrides[i].key, plan->overrides[i].value);
    fputs(" --set", out);
    put_word(out, set);
    free(set);
  }
  fclose(out);
  return text;
}
